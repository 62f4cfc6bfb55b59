"""The pages over real HTTP: what they show, what they keep to themselves, how much guessing they bear."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select
from structlog.testing import capture_logs

from bot.channels.telegram.channel import TelegramChannel
from bot.inbox import Inbox
from bot.metrics import Metrics
from bot.pages import server as page_server
from bot.pages.rendering import paragraphs, render, size_words, unbroken
from bot.pages.server import HEADERS, Pages
from bot.standins.telegram import TelegramStandin
from bot.web import Web, Webhook
from casework.answer_check import AnswerWarning
from casework.codes import new_code, spoken
from casework.ladder import Policy
from casework.usecases.answers.answering import approve_answer, publish_answer, write_answer
from casework.usecases.answers.attachments import GivenFile, attach
from casework.usecases.answers.pages import answer_link, revoke_links
from casework.usecases.work import Services, Work
from storage.records import Office, Opinion, OpinionState, Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

NAME = "Bùi Thị Lựu"
WORDS = "Đèn đường thôn 4 tắt cả tháng nay <b>tối</b>."
ANSWER = (
    "Đã thay 5 bóng LED ngày 25/11/2026.\n- bóng <script>alert('x')</script> & tủ điện\n\nĐoạn hai \"trong ngoặc\"."
)
#: more than is sent in one piece
PDF = b"%PDF-1.4 van ban da ky" + bytes(range(256)) * 2500
WEBHOOK = "/webhook/telegram"


@pytest.fixture
def asked(services: Services, tmp_path: Path) -> SimpleNamespace:
    """A published answer with a document, and the address of its page."""
    services.policy = Policy(public_url="https://doithoai.example.vn")
    services.files_dir = tmp_path / "files"
    moderator, approver = make_staff(services, Role.MODERATOR), make_staff(services, Role.APPROVER)
    group = make_group(services)
    opinion = make_opinion(
        services, citizen=make_citizen(services, name=NAME, village="t4"), group=group, text=WORDS, village="t4"
    )
    answer_id = write_answer(
        services,
        moderator,
        f"nhom:{group}",
        text=ANSWER,
        agency="Phòng Kinh tế xã Tân Minh",
        document_number="112/UBND-KT",
        document_date=dt.date(2026, 11, 26),
        promised_on=dt.date(2026, 12, 15),
        forwarded_to="Điện lực",
    )
    attach(services, moderator, answer_id, [GivenFile(name="Trả lời «đèn».pdf", data=PDF)])
    approve_answer(services, approver, answer_id)
    publish_answer(services, approver, answer_id)
    with services.writing() as work:
        link = answer_link(work, answer_id=answer_id, opinion_id=opinion.id or 0)
        work.commit()
    path = (link or "").removeprefix("https://doithoai.example.vn")
    return SimpleNamespace(path=path, opinion=opinion, answer_id=answer_id, code=opinion.code)


@pytest.fixture
def pages(services: Services, asked: SimpleNamespace) -> Pages:
    return Pages(services, trusted_proxies=["127.0.0.1"])


def web_server(services: Services, pages: Pages) -> Web:
    return Web(
        services,
        Inbox(services),
        webhooks=[Webhook(path=WEBHOOK, channel=TelegramChannel(TelegramStandin.TOKEN))],
        channels=list,
        metrics=Metrics(),
        pages=[pages.register],
    )


@pytest.fixture
async def client(services: Services, pages: Pages) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(web_server(services, pages).app)) as client:
        yield client


def behind(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def get(client: TestClient, path: str, address: str = "203.0.113.7") -> tuple[ClientResponse, str]:
    async with client.get(path, headers=behind(address)) as response:
        return response, await response.text()


class Outline(HTMLParser):
    """What a reader and a keyboard meet, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in tags]


# --------------------------------------------------------------------------- what is shown


async def test_the_page_of_an_answer_shows_all_of_it_and_nobody(client, asked) -> None:
    response, page = await get(client, asked.path)
    assert response.status == 200
    for said in (
        *("Phòng Kinh tế xã Tân Minh", "số 112/UBND-KT ngày 26/11/2026", "Đã thay 5 bóng LED", "Đoạn hai"),
        *("chậm nhất ngày 15/12/2026", "chuyển tới Điện lực", "Trả lời «đèn».pdf", "tệp PDF"),
        *(spoken(asked.code), "nhắn số\N{NO-BREAK SPACE}1", "điện thoại 0950 000 001"),
    ):
        assert said in page, said
    assert "Lựu" not in page
    assert "cả tháng nay" not in page


async def test_whoever_never_let_their_name_be_kept_or_took_that_back_is_not_named_in_the_answer_either(
    client, services
) -> None:
    services.policy = Policy(public_url="https://doithoai.example.vn")
    moderator, approver = make_staff(services, Role.MODERATOR), make_staff(services, Role.APPROVER)
    group = make_group(services, title="Đèn tắt")
    opinion = make_opinion(services, citizen=make_citizen(services), group=group, village="t4")
    answer_id = write_answer(
        services,
        moderator,
        f"nhom:{group}",
        text=f"Trả lời ý kiến của bà {NAME}, số máy 0912345678: đã thay 5 bóng đèn ngày 25/11/2026.",
        agency="UBND xã",
        document_number="113",
        document_date=dt.date(2026, 11, 26),
    )
    attach(services, moderator, answer_id, [GivenFile(name=f"Trả lời bà {NAME}.pdf", data=PDF)])
    assert AnswerWarning.NAMES in approve_answer(services, approver, answer_id)
    publish_answer(services, approver, answer_id)
    with services.writing() as work:
        link = answer_link(work, answer_id=answer_id, opinion_id=opinion.id or 0)
        work.commit()
    for path in ((link or "").removeprefix("https://doithoai.example.vn"), f"/tra-cuu?ma={opinion.code}"):
        response, text = await get(client, path)
        assert response.status == 200
        assert "đã thay 5 bóng đèn ngày 25/11/2026" in text
        assert NAME not in text
        assert "0912345678" not in text


async def test_what_staff_wrote_is_text_and_never_markup(client, asked) -> None:
    _, page = await get(client, asked.path)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "&amp; tủ điện" in page


async def test_an_interim_answer_says_that_more_will_come_and_asks_for_no_verdict(client, services) -> None:
    staff = [make_staff(services, Role.MODERATOR), make_staff(services, Role.APPROVER)]
    group = make_group(services, "Đường 391")
    opinion = make_opinion(services, citizen=make_citizen(services), group=group)
    answer_id = write_answer(
        services,
        staff[0],
        f"nhom:{group}",
        text="Đang đo lại mốc.",
        agency="UBND xã",
        document_number="7/UBND",
        document_date=dt.date(2026, 11, 26),
        final=False,
        cause="complex",
        promised_on=dt.date(2027, 1, 20),
    )
    approve_answer(services, staff[1], answer_id)
    publish_answer(services, staff[1], answer_id)
    with services.writing() as work:
        link = answer_link(work, answer_id=answer_id, opinion_id=opinion.id or 0) or ""
        work.commit()
    _, page = await get(client, link.removeprefix("https://doithoai.example.vn"))
    assert "Trả lời bước đầu" in page
    assert "20/01/2027" in page
    assert "Việc đã xong chưa" not in page


async def test_a_code_shows_where_it_stands_without_words_name_or_village(client, asked) -> None:
    for typed in (asked.code, f"%20{asked.code[:3].lower()}-{asked.code[3:].lower()}"):
        response, page = await get(client, f"/tra-cuu?ma={typed}")
        assert response.status == 200
        assert "đã có văn bản trả lời" in page
        assert "112/UBND-KT" in page
        assert "02/11/2026" in page
        for secret in ("Lựu", "cả tháng nay", "/tep/", asked.path):
            assert secret not in page


async def test_an_opinion_of_a_known_village_does_not_show_it(client, services) -> None:
    opinion = make_opinion(
        services, citizen=make_citizen(services, village="t5"), group=make_group(services), village="t5"
    )
    _, page = await get(client, f"/tra-cuu?ma={opinion.code}")
    assert "Chưa có văn bản trả lời" in page
    assert "thôn 5" not in page.lower()


async def test_unknown_and_sealed_codes_get_the_very_same_page(client, services, asked) -> None:
    unknown = new_code(services.random)
    with services.writing() as work:
        opinion = work.session.get_one(Opinion, asked.opinion.id)
        opinion.sealed = True
        work.session.add(opinion)
        work.commit()
    first, sealed = await get(client, f"/tra-cuu?ma={asked.code}", "198.51.100.1")
    second, nobody = await get(client, f"/tra-cuu?ma={unknown}", "198.51.100.2")
    assert first.status == second.status == 404
    assert sealed.replace(asked.code, "?") == nobody.replace(unknown, "?")
    assert "Không tìm thấy" in sealed
    kept = ("Date", "Content-Length")
    assert {k: v for k, v in first.headers.items() if k not in kept} == {
        k: v for k, v in second.headers.items() if k not in kept
    }


async def test_the_form_works_without_script_and_asks_again_when_it_is_empty(client) -> None:
    _, page = await get(client, "/tra-cuu")
    outline = Outline(page)
    (form,) = outline.all("form")
    assert (form["action"], form["method"]) == ("/tra-cuu", "get")
    assert [one["name"] for one in outline.all("input")] == ["ma"]
    assert [one["for"] for one in outline.all("label")] == ["ma"]
    _, empty = await get(client, "/tra-cuu?ma=%20")
    assert "chưa nhập mã" in empty


async def test_what_was_typed_comes_back_harmless(client) -> None:
    response, page = await get(client, "/tra-cuu?ma=%22%3E%3Cscript%3E&co=lon")
    assert response.status == 404
    assert "<script" not in page
    assert all("<" not in (link["href"] or "") for link in Outline(page).all("a"))


# --------------------------------------------------------------------------- refused alike


@pytest.mark.parametrize("kind", ["revoked", "short", "unknown", "upper", "file", "number"])
async def test_whatever_leads_nowhere_ends_in_one_friendly_page(client, services, asked, kind) -> None:
    unknown = "/a/" + "a" * 26
    path = {
        "revoked": asked.path,
        "short": "/a/abc",
        "unknown": unknown,
        "upper": "/a/%C4%90%C3%A8n",
        "file": f"{unknown}/tep/1",
        "number": f"{asked.path}/tep/2",
    }[kind]
    if kind == "revoked":
        with services.writing() as work:
            revoke_links(work, opinion_id=asked.opinion.id)
            work.commit()
    response, page = await get(client, path)
    reference, lost = await get(client, "/a/khong-co", "198.51.100.9")
    assert response.status == reference.status == 404
    assert page == lost
    assert "Ông/bà xem lại địa chỉ" in page


@pytest.mark.parametrize("number", ["0", "-1", "1.0", "x", "²", "99999999999999999999", "%0a1"])
async def test_only_numbers_of_files_lead_to_files(client, asked, number) -> None:
    response, _ = await get(client, f"{asked.path}/tep/{number}")
    assert response.status == 404


async def test_a_withdrawn_opinion_has_no_page(client, services, asked) -> None:
    with services.writing() as work:
        opinion = work.session.get_one(Opinion, asked.opinion.id)
        opinion.state = OpinionState.WITHDRAWN
        work.session.add(opinion)
        work.commit()
    assert (await get(client, asked.path))[0].status == 404
    assert (await get(client, f"{asked.path}/tep/1"))[0].status == 404


# --------------------------------------------------------------------------- files


async def test_a_document_is_downloaded_under_its_name_and_never_opened_as_a_page(client, asked) -> None:
    _, page = await get(client, asked.path)
    (link,) = [one["href"] for one in Outline(page).all("a") if "/tep/" in (one["href"] or "")]
    async with client.get(link, headers=behind("203.0.113.7")) as response:
        assert await response.read() == PDF
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/pdf"
        assert response.headers["Content-Disposition"].startswith("attachment; filename=")
        assert "filename*=UTF-8''Tr%E1%BA%A3%20l%E1%BB%9Di" in response.headers["Content-Disposition"]
        for name, value in HEADERS.items():
            assert response.headers[name] == value


async def test_a_document_whose_bytes_are_lost_is_said_to_be_lost(client, services, asked) -> None:
    for path in services.files_dir.rglob("*"):
        if path.is_file():
            path.unlink()
    response, _ = await get(client, f"{asked.path}/tep/1")
    assert response.status == 404


# --------------------------------------------------------------------------- headers and form


async def test_every_page_is_private_to_the_reader_and_needs_nothing_from_elsewhere(client, asked) -> None:
    paths = (asked.path, "/tra-cuu", f"/tra-cuu?ma={asked.code}", "/a/abc", f"{asked.path}?co=lon")
    for path in paths:
        response, page = await get(client, path)
        for name, value in HEADERS.items():
            assert response.headers[name] == value, path
        assert "Set-Cookie" not in response.headers
        outline = Outline(page)
        assert '<meta name="robots" content="noindex, nofollow">' in page
        assert '<meta name="referrer" content="no-referrer">' in page
        assert outline.all("html") == [{"lang": "vi"}]
        assert outline.all("script", "img", "iframe", "object", "style") == []
        assert not any("style" in attributes or "onclick" in attributes for _, attributes in outline.tags)
        targets = [one.get("href") or one.get("action") for one in outline.all("a", "link", "form")]
        assert all((target or "").startswith(("/", "#")) and not (target or "").startswith("//") for target in targets)
        assert len(outline.all("h1")) == len(outline.all("main")) == 1
        assert len(re.findall(r"<title>[^<]+</title>", page)) == 1
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script" not in policy


async def test_the_style_sheet_is_kept_by_the_phone_and_comes_from_us(client) -> None:
    _, page = await get(client, "/tra-cuu")
    (link,) = Outline(page).all("link")
    response, css = await get(client, link["href"] or "")
    assert response.status == 200
    assert response.content_type == "text/css"
    assert "immutable" in response.headers["Cache-Control"]
    assert "18px" in css
    assert "url(" not in css
    assert "@import" not in css
    # What browsers of 2013 do not know.
    assert not re.search(r"var\(|display:\s*(grid|flex)|calc\(|clamp\(", css)


async def test_large_type_is_kept_from_page_to_page(client, asked) -> None:
    for path in (asked.path, f"/tra-cuu?ma={asked.code}", "/tra-cuu"):
        _, page = await get(client, path)
        assert "<body>" in page
        (larger,) = [one["href"] for one in Outline(page).all("a") if "co=lon" in (one["href"] or "")]
        _, large = await get(client, larger or "")
        assert '<body class="lon">' in large
        links = [one["href"] or "" for one in Outline(large).all("a")]
        assert path in links
        assert all("co=lon" in link for link in links if link.startswith("/tra-cuu") and link != path)
    _, form = await get(client, "/tra-cuu?co=lon")
    assert {"type": "hidden", "name": "co", "value": "lon"} in Outline(form).all("input")


async def test_the_keyboard_meets_the_way_past_the_menu_first(client, asked) -> None:
    _, page = await get(client, asked.path)
    reachable = [
        attributes.get("href") or attributes.get("name")
        for tag, attributes in Outline(page).tags
        if tag in {"a", "input", "button"}
    ]
    assert reachable == ["#noi-dung", f"{asked.path}?co=lon", "/tra-cuu", f"{asked.path}/tep/1"]
    assert 'id="noi-dung"' in page
    assert "tabindex" not in page


# --------------------------------------------------------------------------- guessing


async def test_wrong_addresses_cost_more_than_right_ones(client, asked, services) -> None:
    for _ in range(60):
        assert (await get(client, asked.path))[0].status == 200
    # Six slips cost little, whatever comes then costs much.
    statuses = [(await get(client, "/a/abc"))[0].status for _ in range(10)]
    assert statuses == [404] * 9 + [429]
    response, page = await get(client, asked.path)
    assert response.status == 429
    assert int(response.headers["Retry-After"]) > 0
    assert "phút nữa" in page
    # Somebody else reads on, and the guesser may again later.
    assert (await get(client, asked.path, "203.0.113.8"))[0].status == 200
    services.clock.advance(int(response.headers["Retry-After"]))
    assert (await get(client, asked.path))[0].status == 200


async def test_wrong_codes_of_everybody_together_are_bounded(client, asked, services) -> None:
    statuses = []
    for number in range(130):
        response, _ = await get(client, f"/tra-cuu?ma={new_code(services.random)}", f"198.51.{number}.1")
        statuses.append(response.status)
    assert statuses[:100] == [404] * 100
    assert statuses[-1] == 429
    # Right or wrong, who has to wait learns nothing; the page of an answer is still there for who has its address.
    assert (await get(client, f"/tra-cuu?ma={asked.code}", "192.0.2.1"))[0].status == 429
    assert (await get(client, asked.path, "192.0.2.1"))[0].status == 200
    assert (await get(client, "/tra-cuu", "192.0.2.1"))[0].status == 200
    services.clock.advance(6)
    assert (await get(client, f"/tra-cuu?ma={asked.code}", "192.0.2.1"))[0].status == 200


async def test_honest_slips_lock_nobody_out(client, services, asked) -> None:
    for _ in range(30):
        # Its check symbol is wrong: it cannot be anybody's.
        assert (await get(client, "/tra-cuu?ma=ABC-234"))[0].status == 404
    for _ in range(4):
        assert (await get(client, f"/tra-cuu?ma={new_code(services.random)}"))[0].status == 404
    assert (await get(client, f"/tra-cuu?ma={asked.code}"))[0].status == 200


async def test_who_has_to_wait_or_is_lost_reads_whom_to_call(client, asked, services) -> None:
    with services.writing() as work:
        office = work.session.exec(select(Office)).one()
        office.profile = {**office.profile, "contact": "Văn phòng Mặt trận xã, điện thoại 0950 000 001"}
        work.add(office)
        work.commit()
    seen = [await get(client, "/a/abc") for _ in range(12)]
    assert {response.status for response, _ in seen} == {404, 429}
    for _, page in seen:
        assert "0950 000 001" in page
        assert "<header>" in page


async def test_the_bare_address_leads_to_the_look_up(client) -> None:
    response, page = await get(client, "/")
    assert response.status == 200
    assert "/tra-cuu" in [one["href"] for one in Outline(page).all("a")]
    assert all(response.headers[name] == value for name, value in HEADERS.items())


async def test_slips_of_the_finger_are_not_held_against_everybody(client, asked) -> None:
    for number in range(130):
        assert (await get(client, "/tra-cuu?ma=ABC", f"198.51.{number}.1"))[0].status == 404
    assert (await get(client, f"/tra-cuu?ma={asked.code}", "192.0.2.1"))[0].status == 200


async def test_wrong_secrets_of_everybody_together_are_bounded_and_right_ones_still_open(client, asked) -> None:
    statuses = [(await get(client, "/a/abc", f"198.51.{number}.1"))[0].status for number in range(120)]
    assert statuses[:100] == [404] * 100
    assert statuses[-1] == 429
    assert (await get(client, asked.path, "192.0.2.1"))[0].status == 200


async def test_a_made_up_forwarded_address_does_not_help_a_guesser(services, asked) -> None:
    app = web.Application()
    Pages(services, trusted_proxies=[]).register(app)
    async with TestClient(TestServer(app)) as client:
        statuses = [(await get(client, "/a/abc", f"198.51.100.{number}"))[0].status for number in range(14)]
    assert statuses[-1] == 429


# --------------------------------------------------------------------------- a flood


class HeldUp(Services):
    """Services whose database takes its time, until it is let go."""

    let_go = threading.Event()
    inside = 0

    @contextmanager
    def reading(self) -> Iterator[Work]:
        HeldUp.inside += 1
        self.let_go.wait(60)
        with super().reading() as work:
            yield work


async def test_a_flood_of_pages_is_answered_kindly_and_webhooks_are_heard(services, asked) -> None:
    held_up = HeldUp(database=services.database, clock=services.clock, files_dir=services.files_dir)
    server = web_server(services, Pages(held_up, trusted_proxies=["127.0.0.1"]))
    async with TestClient(TestServer(server.app)) as client:
        reading = [asyncio.create_task(get(client, asked.path, f"198.51.{n}.1")) for n in range(200)]
        turned_away = 200 - page_server.MAKING - page_server.WAITING
        async with asyncio.timeout(60):
            while sum(task.done() for task in reading) < turned_away or HeldUp.inside < page_server.MAKING:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert HeldUp.inside == page_server.MAKING
        async with asyncio.timeout(60):
            for number in range(20):
                body = {"update_id": number, "message": {"chat": {"id": 1, "type": "private"}, "text": "Chào"}}
                async with client.post(WEBHOOK, json=body) as response:
                    assert response.status == 200
        HeldUp.let_go.set()
        answers = await asyncio.gather(*reading)
    statuses = [response.status for response, _ in answers]
    assert (statuses.count(503), statuses.count(200)) == (turned_away, 200 - turned_away)
    response, page = next((r, p) for r, p in answers if r.status == 503)
    assert int(response.headers["Retry-After"]) > 0
    assert "Đang đông người xem" in page


class Broken(Services):
    """Services with a fault of ours."""

    @contextmanager
    def reading(self) -> Iterator[Work]:
        raise ZeroDivisionError("lời của bà con")
        yield


async def test_a_fault_of_ours_is_told_kindly_and_logged_by_its_place_alone(services, asked) -> None:
    app = web.Application()
    Pages(Broken(database=services.database, clock=services.clock)).register(app)
    with capture_logs() as events:
        async with TestClient(TestServer(app)) as client:
            response, page = await get(client, asked.path)
    assert response.status == 500
    assert "mở lại trang này" in page
    assert [event["event"] for event in events] == ["page_fault"]
    assert "bà con" not in str(events)
    assert asked.path not in str(events)


async def test_when_the_database_does_not_answer_the_reader_is_asked_to_come_again(client, services, asked) -> None:
    with services.database.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE answer_link RENAME TO hidden")
        connection.commit()
    response, page = await get(client, asked.path)
    assert response.status == 503
    assert "mở lại trang này" in page


async def test_only_reading_is_possible(client, asked) -> None:
    for path in (asked.path, "/tra-cuu", f"{asked.path}/tep/1"):
        async with client.post(path, data={"ma": asked.code}) as response:
            assert response.status == 405
        async with client.head(path) as response:
            assert response.status == 200
            assert await response.read() == b""


async def test_pages_are_counted_by_how_they_ended_and_without_addresses(services, asked) -> None:
    metrics = Metrics()
    app = web.Application()
    Pages(services, metrics=metrics).register(app)
    async with TestClient(TestServer(app)) as client:
        await get(client, asked.path)
        await get(client, f"/tra-cuu?ma={asked.code}")
        await get(client, "/a/abc")
    said = metrics.exposition().decode()
    assert 'doithoai_pages_total{page="answer",status="200"} 1.0' in said
    assert 'doithoai_pages_total{page="answer",status="404"} 1.0' in said
    assert 'doithoai_pages_total{page="look_up",status="200"} 1.0' in said
    assert asked.path not in said
    assert asked.code not in said


# --------------------------------------------------------------------------- small parts


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_a_page_is_given_can_become_markup(office: str, typed: str) -> None:
    values = {"contact": "", "empty": False, "unknown": True, "standing": None}
    page = render("lookup.html", large=False, here="/tra-cuu", office=office, typed=typed, **values)
    bare = render("lookup.html", large=False, here="/tra-cuu", office="x", typed="x", **values)

    def shape(page: str) -> list[tuple[str, list[str]]]:
        return [(tag, sorted(attributes)) for tag, attributes in Outline(page).tags]

    if office:
        assert shape(page) == shape(bare)


def test_a_code_is_not_torn_apart_at_the_end_of_a_line_and_the_rest_is_escaped() -> None:
    assert unbroken("Nhắn mã K7P-4MX, rồi số 1 <b>", "K7P4MX") == (
        'Nhắn mã <span class="code">K7P-4MX</span>, rồi số\N{NO-BREAK SPACE}1 &lt;b&gt;'
    )


@pytest.mark.parametrize(
    ("size", "said"), [(0, "1 KB"), (900, "1 KB"), (2048, "2 KB"), (2_500_000, "2,4 MB"), (10 * 1024 * 1024, "10,0 MB")]
)
def test_sizes_are_said_as_people_say_them(size: int, said: str) -> None:
    assert size_words(size) == said


def test_blank_lines_part_paragraphs_and_line_breaks_stay() -> None:
    assert paragraphs("một\r\nhai\r\n\r\n\r\nba\n") == ["một\nhai", "ba"]
