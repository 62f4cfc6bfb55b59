"""The page of an answer: when a message names it, what its address is worth, when it closes, and its files."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlmodel import select

from casework.codes import new_code
from casework.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from casework.files import FileStore
from casework.ladder import Policy
from casework.usecases.answers import pages
from casework.usecases.answers.answer_lists import show_answer
from casework.usecases.answers.answering import approve_answer, publish_answer, record_verdict, write_answer
from casework.usecases.answers.attachments import LARGEST, MOST, FileRow, GivenFile, attach, detach, list_files
from casework.usecases.answers.looking_up import look_up
from casework.usecases.answers.pages import answer_link, fitting, needs_page, open_file, open_page, revoke_links
from casework.usecases.moderation.labels import Labels, reclassify
from casework.usecases.moderation.undo import undo
from casework.usecases.work import Services
from nlp.analysis import Kind as OpinionKind
from storage.records import Act, Answer, AnswerLink, AnswerState, Citizen, Opinion, OpinionState, Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of

URL = "https://doithoai.example.vn"
SHORT = "Ngày 24/11/2026 đã thay 5 bóng LED; đèn sáng từ tối 25/11."
PARAGRAPH = "Ngày 24/11/2026 Phòng Kinh tế đã kiểm tra 23 cột đèn đường trục thôn và thay 9 bóng hỏng. "
PDF = GivenFile(name="112-UBND-KT.pdf", data=b"%PDF-1.4 van ban da ky")


@pytest.fixture
def moderator(services: Services) -> int:
    return make_staff(services, Role.MODERATOR)


@pytest.fixture
def approver(services: Services) -> int:
    return make_staff(services, Role.APPROVER)


@pytest.fixture
def online(services: Services, tmp_path: Path) -> Services:
    """The office with a public address, and a folder for files."""
    services.policy = Policy(public_url=URL)
    services.files_dir = tmp_path / "files"
    return services


@pytest.fixture
def asked(online: Services) -> Opinion:
    person = make_citizen(online, name="Bùi Thị Lựu", village=None)
    return make_opinion(online, citizen=person, group=make_group(online))


def draft(services: Services, moderator: int, opinion: Opinion, text: str = SHORT, **more: object) -> int:
    values: dict[str, object] = {
        "agency": "Phòng Kinh tế xã Tân Minh",
        "document_number": "112/UBND-KT",
        "document_date": dt.date(2026, 11, 26),
    } | more
    return write_answer(services, moderator, f"nhom:{opinion.group_id}", text=text, **values)  # type: ignore[arg-type]


def publish(services: Services, approver: int, answer_id: int) -> int:
    approve_answer(services, approver, answer_id)
    publish_answer(services, approver, answer_id)
    return answer_id


def link_of(services: Services, answer_id: int, opinion: Opinion) -> str:
    """The secret of a fresh address."""
    with services.writing() as work:
        link = answer_link(work, answer_id=answer_id, opinion_id=opinion.id or 0)
        work.commit()
    assert link is not None
    return link.removeprefix(f"{URL}/a/")


def letter(services: Services) -> str:
    (notice,) = notices_of(services, "answer")
    return notice.text


# --------------------------------------------------------------------------- messages


@pytest.mark.parametrize("length", [0, pages.COMFORTABLE, pages.COMFORTABLE + 1])
@pytest.mark.parametrize("files", [0, 1])
def test_a_page_is_needed_for_files_and_for_what_is_long(length: int, files: int) -> None:
    assert needs_page("x" * length, files) is (files > 0 or length > pages.COMFORTABLE)


def test_a_short_answer_is_sent_whole_and_names_no_page(
    online: Services, asked: Opinion, moderator: int, approver: int
) -> None:
    publish(online, approver, draft(online, moderator, asked))
    assert "http" not in letter(online)


def test_without_a_public_address_a_long_answer_is_sent_as_ever(
    services: Services, moderator: int, approver: int
) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), group=make_group(services))
    text = PARAGRAPH.strip() * 60
    publish(services, approver, draft(services, moderator, opinion, text))
    assert text in letter(services)
    assert "http" not in letter(services)
    with services.reading() as work:
        assert work.session.exec(select(AnswerLink)).all() == []


@pytest.mark.parametrize(("repeats", "whole"), [(20, True), (60, False)])
def test_a_long_answer_names_its_page_and_is_cut_only_when_two_messages_cannot_hold_it(
    online: Services, asked: Opinion, moderator: int, approver: int, repeats: int, whole: bool
) -> None:
    text = (PARAGRAPH * repeats).strip()
    publish(online, approver, draft(online, moderator, asked, text))
    said = letter(online)
    assert (text in said) is whole
    assert said.count(PARAGRAPH.strip()) >= 8
    assert len(said) < 4000
    (link,) = re.findall(rf"^{URL}/a/([a-z2-7]{{26}})$", said, re.MULTILINE)
    assert said.index(link) < said.index("1. Đã giải quyết được")
    page = open_page(online, link)
    assert page is not None
    assert page.text == text


def test_an_answer_with_a_document_names_its_page_however_short(
    online: Services, asked: Opinion, moderator: int, approver: int
) -> None:
    answer_id = draft(online, moderator, asked)
    attach(online, moderator, answer_id, [PDF])
    publish(online, approver, answer_id)
    assert SHORT in letter(online)
    assert f"{URL}/a/" in letter(online)


def test_each_asker_gets_an_address_of_their_own(
    online: Services, asked: Opinion, moderator: int, approver: int
) -> None:
    make_opinion(online, citizen=make_citizen(online), group=asked.group_id)
    publish(online, approver, draft(online, moderator, asked, PARAGRAPH * 30))
    links = {link for notice in notices_of(online, "answer") for link in re.findall(r"/a/(\w+)", notice.text)}
    assert len(links) == 2


@given(st.text(min_size=pages.TWO_MESSAGES + 1, max_size=pages.TWO_MESSAGES + 400))
def test_what_stands_in_the_message_is_the_beginning_of_the_answer_and_short(text: str) -> None:
    said = fitting(text)
    assert said.endswith(" (…)")
    assert text.startswith(said.removesuffix(" (…)"))
    assert len(said) <= pages.BEGINNING + 5


def test_a_text_is_cut_at_the_end_of_a_sentence() -> None:
    assert fitting(PARAGRAPH * 60).endswith("bóng hỏng. (…)")


# --------------------------------------------------------------------------- the address


def test_the_secret_has_130_bits_and_only_its_hash_is_kept(
    online: Services, asked: Opinion, moderator: int, approver: int
) -> None:
    answer_id = publish(online, approver, draft(online, moderator, asked))
    secrets = {link_of(online, answer_id, asked) for _ in range(50)}
    assert len(secrets) == 50
    assert all(re.fullmatch(r"[a-z2-7]{26}", secret) for secret in secrets)
    with online.reading() as work:
        rows = work.session.exec(select(AnswerLink)).all()
    assert not any(secret in str(row.model_dump()) for row in rows for secret in secrets)
    assert all(open_page(online, secret) is not None for secret in secrets)


def test_the_page_holds_the_answer_and_nothing_of_who_asked(
    online: Services, asked: Opinion, moderator: int, approver: int
) -> None:
    answer_id = publish(
        online,
        approver,
        draft(
            online,
            moderator,
            asked,
            f"Theo ý kiến của bà Bùi  Thị Lựu: {SHORT}",
            promised_on=dt.date(2026, 12, 15),
            forwarded_to="Điện lực",
        ),
    )
    secret = link_of(online, answer_id, asked)
    page = open_page(online, secret)
    assert page is not None
    assert (page.code, page.agency, page.document_number) == (asked.code, "Phòng Kinh tế xã Tân Minh", "112/UBND-KT")
    assert (page.promised_on, page.forwarded_to, page.settled) == (dt.date(2026, 12, 15), "Điện lực", None)
    assert page.contact.startswith("Văn phòng Mặt trận xã Tân Minh")
    everything = str(dataclasses.asdict(page))
    assert "Lựu" not in everything
    assert asked.original_text not in everything
    with online.writing() as work:
        record_verdict(work, answer_id=answer_id, opinion_id=asked.id or 0, settled=False)
        work.commit()
    again = open_page(online, secret.upper())
    assert again is not None
    assert again.settled is False


def test_the_first_opening_is_noted_and_stays(online: Services, asked: Opinion, moderator: int, approver: int) -> None:
    secret = link_of(online, publish(online, approver, draft(online, moderator, asked)), asked)
    first = online.clock.now()
    open_page(online, secret)
    online.clock.advance(3600)  # type: ignore[attr-defined]
    open_page(online, secret)
    with online.reading() as work:
        assert [row.opened_at for row in work.session.exec(select(AnswerLink))] == [first]


@given(st.text(max_size=40))
def test_what_is_no_secret_opens_nothing(text: str) -> None:
    # No database is asked for what cannot be one.
    assert pages._SECRET.fullmatch(text.lower()) or pages._behind(None, text) is None  # type: ignore[arg-type]


def test_an_answer_that_is_not_published_has_no_page_yet(online: Services, asked: Opinion, moderator: int) -> None:
    secret = link_of(online, draft(online, moderator, asked), asked)
    assert open_page(online, secret) is None
    assert open_file(online, secret, 1) is None


def test_a_seal_closes_the_page_and_undoing_it_opens_it_again_but_not_one_closed_for_another_reason(
    online: Services, asked: Opinion, moderator: int, approver: int
) -> None:
    keeper = make_staff(online, Role.CONFIDENTIAL, Role.MODERATOR)
    answer_id = publish(online, approver, draft(online, moderator, asked))
    dead, secret = link_of(online, answer_id, asked), link_of(online, answer_id, asked)
    with online.writing() as work:
        row = work.session.exec(select(AnswerLink).where(AnswerLink.secret_hash == pages.secret_hash(dead))).one()
        row.revoked_at = work.now - dt.timedelta(days=1)
        opinion = work.session.get_one(Opinion, asked.id)
        # Only what is not closed yet may be taken for a denunciation.
        opinion.state = OpinionState.APPROVED
        work.session.add_all([row, opinion])
        work.commit()
    reclassify(online, keeper, asked.code or "", Labels(kind=OpinionKind.DENUNCIATION))
    assert open_page(online, secret) is None
    with online.reading() as work:
        assert None not in work.session.exec(select(AnswerLink.revoked_at)).all()
    undo(online, keeper, f"#{asked.id}")
    assert open_page(online, secret) is not None
    assert open_page(online, dead) is None


@pytest.mark.parametrize("why", ["sealed", "withdrawn", "erased", "revoked", "revoked_answer", "taken_back"])
def test_a_page_closes_at_once_when_it_must(
    online: Services, asked: Opinion, moderator: int, approver: int, why: str
) -> None:
    answer_id = publish(online, approver, draft(online, moderator, asked))
    secret = link_of(online, answer_id, asked)
    assert open_page(online, secret) is not None
    with online.writing() as work:
        opinion = work.session.get_one(Opinion, asked.id)
        match why:
            case "sealed":
                opinion.sealed = True
            case "withdrawn":
                opinion.state = OpinionState.WITHDRAWN
            case "erased":
                person = work.session.get_one(Citizen, opinion.citizen_id)
                person.erased_at = work.now
                work.session.add(person)
            case "revoked":
                assert revoke_links(work, opinion_id=asked.id or 0) == 1
            case "revoked_answer":
                assert revoke_links(work, opinion_id=asked.id or 0, answer_id=answer_id + 1) == 0
                assert revoke_links(work, opinion_id=asked.id or 0, answer_id=answer_id) == 1
            case _:
                answer = work.session.get_one(Answer, answer_id)
                answer.state = AnswerState.DRAFT
                work.session.add(answer)
        work.session.add(opinion)
        work.commit()
    assert open_page(online, secret) is None


def test_whoever_was_told_keeps_the_page_when_the_opinion_moves_to_another_issue(
    online: Services, asked: Opinion, moderator: int, approver: int
) -> None:
    answer_id = publish(online, approver, draft(online, moderator, asked))
    newcomer = make_opinion(online, citizen=make_citizen(online), group=asked.group_id)
    secrets = {one.id: link_of(online, answer_id, one) for one in (asked, newcomer)}
    other = make_group(online, title="Việc khác")
    with online.writing() as work:
        for one in (asked, newcomer):
            opinion = work.session.get_one(Opinion, one.id)
            opinion.group_id = other
            work.session.add(opinion)
        work.commit()
    assert open_page(online, secrets[asked.id]) is not None
    assert open_page(online, secrets[newcomer.id]) is None


# --------------------------------------------------------------------------- by code


def test_a_code_tells_state_date_and_answers_and_neither_words_nor_name(
    online: Services, asked: Opinion, moderator: int, approver: int
) -> None:
    code = asked.code or ""
    before = look_up(online, f" {code[:3].lower()} {code[3:]}")
    assert before is not None
    assert before.answers == ()
    publish(online, approver, draft(online, moderator, asked))
    found = look_up(online, code)
    assert found is not None
    assert SHORT in found.answers[0]
    assert "112/UBND-KT" in found.answers[0]
    assert found.submitted_on == dt.date(2026, 11, 2)
    assert "Lựu" not in str(found)
    assert asked.original_text not in str(found)


def test_unknown_sealed_and_impossible_codes_look_alike(online: Services, asked: Opinion) -> None:
    with online.writing() as work:
        opinion = work.session.get_one(Opinion, asked.id)
        # Even if a sealed one had kept its code.
        opinion.sealed = True
        work.session.add(opinion)
        work.commit()
    assert look_up(online, asked.code or "") is None
    assert look_up(online, new_code(online.random)) is None
    assert look_up(online, "K7P-4MY") is None


@given(st.text(max_size=30))
def test_nobody_can_look_up_what_is_no_code(text: str) -> None:
    from casework.codes import parse_code

    if parse_code(text) is None:
        assert look_up(None, text) is None  # type: ignore[arg-type]


# --------------------------------------------------------------------------- files of an answer


def test_documents_are_added_before_publishing_and_the_answer_must_be_approved_again(
    online: Services, asked: Opinion, moderator: int, approver: int
) -> None:
    answer_id = draft(online, moderator, asked)
    approve_answer(online, approver, answer_id)
    rows = attach(online, moderator, answer_id, [PDF, dataclasses.replace(PDF, name="cùng tệp.pdf")])
    assert [(row.number, row.name, row.mime, row.size) for row in rows] == [
        (1, "112-UBND-KT.pdf", "application/pdf", len(PDF.data))
    ]
    shown = show_answer(online, moderator, answer_id)
    assert (shown.state, shown.files) == (AnswerState.DRAFT, ("112-UBND-KT.pdf",))
    assert attach(online, moderator, answer_id, [PDF]) == rows
    publish(online, approver, answer_id)
    for act in (
        lambda: attach(online, moderator, answer_id, [dataclasses.replace(PDF, data=b"%PDF-2")]),
        lambda: detach(online, moderator, answer_id, 1),
    ):
        with pytest.raises(IllegalMove):
            act()
    assert list_files(online, moderator, answer_id) == rows
    with online.reading() as work:
        verbs = work.session.exec(select(Act.verb).where(Act.subject == "answer")).all()
    assert verbs.count("answer_files_added") == 1


def test_a_file_taken_off_is_gone_from_the_disk_and_the_others_move_up(
    online: Services, asked: Opinion, moderator: int
) -> None:
    answer_id = draft(online, moderator, asked)
    second = GivenFile(name="hai.pdf", data=b"%PDF-1.4 hai")
    first, other = attach(online, moderator, answer_id, [PDF, second])
    assert [(row.number, row.name) for row in detach(online, moderator, answer_id, 1)] == [(1, "hai.pdf")]
    store = FileStore(online.files_dir)
    assert (store.path(first.sha256), store.open(other.sha256)) == (None, second.data)
    with pytest.raises(NotFound):
        detach(online, moderator, answer_id, 2)


def test_a_photo_attached_to_an_answer_does_not_tell_where_it_was_taken(
    online: Services, asked: Opinion, moderator: int
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "MayAnhCuaToi"
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "JPEG", exif=exif)
    given_file = GivenFile(name="anh.png", data=out.getvalue())
    (row,) = attach(online, moderator, draft(online, moderator, asked), [given_file])
    assert (row.name, row.mime) == ("anh.jpg", "image/jpeg")
    assert b"MayAnhCuaToi" not in FileStore(online.files_dir).open(row.sha256)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("trang.pdf", b"<!doctype html><script>alert(1)</script>"),
        ("bang.pdf", b"PK\x03\x04"),
        ("tieng.pdf", b"OggS"),
        ("anh.jpg", b"\xff\xd8\xff\xe0 hong"),
        ("rong.pdf", b""),
        ("to.pdf", b"%PDF-" + b"0" * LARGEST),
    ],
)
def test_what_is_not_a_document_is_refused_and_nothing_of_the_others_is_kept(
    online: Services, asked: Opinion, moderator: int, name: str, data: bytes
) -> None:
    answer_id = draft(online, moderator, asked)
    with pytest.raises(InvalidInput) as refused:
        attach(online, moderator, answer_id, [PDF, GivenFile(name=name, data=data)])
    assert name in refused.value.what
    assert refused.value.todo
    assert list_files(online, moderator, answer_id) == []


def test_an_answer_has_so_many_files_and_no_more(online: Services, asked: Opinion, moderator: int) -> None:
    answer_id = draft(online, moderator, asked)
    many = [GivenFile(name=f"{number}.pdf", data=b"%PDF-" + bytes([number])) for number in range(MOST)]
    attach(online, moderator, answer_id, many)
    with pytest.raises(InvalidInput):
        attach(online, moderator, answer_id, [PDF])
    assert len(list_files(online, moderator, answer_id)) == MOST


def test_only_who_may_write_the_answer_may_add_to_it(online: Services, moderator: int) -> None:
    group = make_group(online, village="t4")
    opinion = make_opinion(online, citizen=make_citizen(online), group=group, village="t4")
    answer_id = draft(online, moderator, opinion)
    officer = make_staff(online, Role.VILLAGE_OFFICER, village="t4")
    elsewhere = make_staff(online, Role.MODERATOR, village="t5")
    for staff in (officer, elsewhere):
        with pytest.raises(Forbidden):
            attach(online, staff, answer_id, [PDF])
    assert not online.files_dir.exists()
    assert list_files(online, officer, answer_id) == []
    here = make_staff(online, Role.MODERATOR, village="t4")
    (row,) = attach(online, here, answer_id, [PDF])
    assert isinstance(row, FileRow)
    with pytest.raises(NotFound):
        attach(online, moderator, 999, [PDF])
