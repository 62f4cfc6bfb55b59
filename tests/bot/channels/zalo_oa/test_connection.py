"""The official account put together from its settings, with the platform's own webhook calls over real HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from sqlmodel import select

from bot.channels.zalo_oa.connection import connect
from bot.connection import Connection
from bot.health import ChannelState
from bot.inbox import Inbox
from bot.metrics import Metrics
from bot.schedule import Schedule
from bot.settings import Settings
from bot.standins.zalo_caller import SIGNATURE
from bot.standins.zalo_oa import ZaloOaStandin
from bot.standins.zalo_templates import Template
from bot.turn import handle_entry
from bot.web import Web
from casework.clock import ManualClock
from casework.ladder import Policy, TemplateForm
from casework.talk import OutboundMessage, OutcomeKind, TemplateMessage
from casework.usecases.office import zalo_grant
from casework.usecases.office.zalo_grant import Pair
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Citizen, InboxEntry, InboxStatus, Role, Staff
from tests.casework.factories import make_staff, notices_of

PERSON = "4521893670011223344"


@pytest.fixture
def settings(zalo: ZaloOaStandin) -> Settings:
    return Settings(
        zalo_oa_app_id=zalo.APP_ID,
        zalo_oa_app_secret=SecretStr(zalo.APP_SECRET),
        zalo_oa_secret_key=SecretStr(zalo.SECRET_KEY),
        zalo_oa_id=zalo.OA_ID,
        zalo_oa_base_url=zalo.base_url,
        zalo_oa_oauth_url=zalo.oauth_url,
        public_url="https://doithoai.example.vn",
    )


@pytest.fixture
def connection(settings: Settings, services: Services) -> Connection:
    found = connect(settings, services)
    assert found is not None
    return found


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def webhook(
    connection: Connection, services: Services, zalo: ZaloOaStandin, metrics: Metrics
) -> AsyncIterator[None]:
    """The stand-in calls our real web server."""
    assert connection.webhook is not None
    web = Web(
        services,
        Inbox(services),
        webhooks=[connection.webhook],
        channels=lambda: [ChannelState(name="zalo-oa", on=True, why=connection.trouble())],
        metrics=metrics,
    )
    async with TestServer(web.app) as server:
        zalo.caller.url = str(server.make_url("/webhook/zalo-oa"))
        yield


def stored(services: Services) -> list[InboxEntry]:
    with services.reading() as work:
        return list(work.session.exec(select(InboxEntry)))


def administrator_with_chat(services: Services) -> int:
    admin = make_staff(services, Role.ADMIN)
    with services.writing() as work:
        chat = work.add(ChannelIdentity(channel="telegram", account="1", external_id="9"))
        work.session.get_one(Staff, admin).channel_identity_id = chat.id
        work.commit()
        assert chat.id is not None
        return chat.id


def way_in(services: Services, connection: Connection) -> Schedule:
    return Schedule(services, [job for job in connection.jobs if job.name == "zalo_oa_way_in"])


def connected(services: Services, zalo: ZaloOaStandin) -> None:
    """An administrator has agreed."""
    pair = zalo.oauth.grant()
    zalo_grant.keep_consented(
        services,
        zalo.APP_ID,
        Pair(access_token=pair.access_token, refresh_token=pair.refresh_token, life=dt.timedelta(hours=25)),
    )


def test_without_its_app_the_account_is_off(settings: Settings, services: Services) -> None:
    for missing in ("zalo_oa_app_id", "zalo_oa_app_secret", "zalo_oa_secret_key"):
        assert connect(settings.model_copy(update={missing: None}), services) is None


async def test_until_somebody_agrees_sends_say_what_to_do(connection: Connection) -> None:
    await connection.channel.open()
    outcome = await connection.channel.send(OutboundMessage(chat_id=PERSON, text="Chào"))
    await connection.channel.close()
    assert outcome.kind is OutcomeKind.CHANNEL_DOWN
    assert outcome.detail
    assert connection.trouble()


async def test_a_question_comes_in_once_and_its_answer_goes_out(
    connection: Connection, webhook: None, services: Services, zalo: ZaloOaStandin, clock: ManualClock
) -> None:
    connected(services, zalo)
    zalo.caller.duplicates = 2
    await zalo.says(PERSON, "Đèn đường ngõ 3 hỏng")
    (entry,) = stored(services)
    assert entry.conversation_key == f"zalo-oa:{zalo.APP_ID}:{PERSON}"
    (message,) = connection.channel.parse(zalo.text_event(PERSON, "x"))
    assert (message.channel, message.account, message.sent_at) == ("zalo-oa", zalo.APP_ID, clock.now())
    await connection.channel.open()
    outcome = await connection.channel.send(OutboundMessage(chat_id=PERSON, text="Đã nhận", check_window=True))
    await connection.channel.close()
    assert outcome.kind is OutcomeKind.SENT
    assert zalo.texts_to(PERSON) == ["Đã nhận"]
    assert connection.trouble() == ""


@pytest.mark.parametrize("first", ["app", "oa"])
@pytest.mark.parametrize("prefix", [True, False])
async def test_every_variant_of_the_signature_is_let_in(
    first: str, prefix: bool, webhook: None, services: Services, zalo: ZaloOaStandin
) -> None:
    zalo.caller.signs_with, zalo.caller.mac_prefix = first, prefix
    await zalo.says(PERSON, "Đèn hỏng")
    assert len(stored(services)) == 1


async def test_a_wrong_signature_is_answered_200_dropped_and_counted(
    webhook: None, services: Services, zalo: ZaloOaStandin, metrics: Metrics
) -> None:
    event = zalo.text_event(PERSON, "Đèn hỏng")
    for body, headers in (
        zalo.caller.signed(event, secret_key="khóa khác"),
        (zalo.caller.signed(event)[0], {}),
        (b"{}", {SIGNATURE: "mac=00"}),
    ):
        assert await zalo.caller.post(body, headers) == 200
    assert stored(services) == []
    assert 'doithoai_arrivals_total{channel="zalo-oa",result="unsigned"} 3.0' in metrics.exposition().decode()


async def test_what_looks_too_old_is_kept_set_aside_once_and_told_to_administrators_once_a_day(
    webhook: None, connection: Connection, services: Services, zalo: ZaloOaStandin, clock: ManualClock
) -> None:
    retried, late = (
        zalo.caller.signed(zalo.text_event(PERSON, "một")),
        zalo.caller.signed(zalo.text_event(PERSON, "hai")),
    )
    clock.advance(111 * 60)
    assert await zalo.caller.post(*retried) == 200
    assert [entry.status for entry in stored(services)] == [InboxStatus.RECEIVED]
    chat = administrator_with_chat(services)
    schedule = way_in(services, connection)
    schedule.run_due()
    assert notices_of(services, "alert") == []
    clock.advance(60 * 60)
    for _ in range(2):
        assert await zalo.caller.post(*late) == 200
        schedule.run_due()
        clock.advance(120)
    kept = stored(services)[-1]
    assert (len(stored(services)), kept.status) == (2, InboxStatus.QUARANTINED)
    assert str(kept.reason).startswith("too old")
    assert "hai" in kept.raw
    (alert,) = notices_of(services, "alert")
    assert alert.channel_identity_id == chat
    assert "đồng hồ" in alert.text
    assert "đồng hồ" in connection.trouble()
    clock.advance(24 * 3600)
    schedule.run_due()
    assert len(notices_of(services, "alert")) == 2


async def test_a_key_that_was_reset_on_zalos_side_is_told_to_administrators(
    webhook: None, connection: Connection, services: Services, zalo: ZaloOaStandin
) -> None:
    administrator_with_chat(services)
    await zalo.says(PERSON, "một")
    for text in ("hai", "ba", "bốn"):
        body, headers = zalo.caller.signed(zalo.text_event(PERSON, text))
        assert await zalo.caller.post(body, {**headers, SIGNATURE: f"mac={'0' * 64}"}) == 200
    assert "SECRET_KEY" in connection.trouble()
    way_in(services, connection).run_due()
    (alert,) = notices_of(services, "alert")
    assert "DOITHOAI_ZALO_OA_SECRET_KEY" in alert.text


async def test_a_body_larger_than_any_event_is_turned_away(
    webhook: None, connection: Connection, services: Services, zalo: ZaloOaStandin
) -> None:
    body, headers = zalo.caller.signed(zalo.text_event(PERSON, "x" * 130 * 1024))
    assert await zalo.caller.post(body, headers) == 413
    assert stored(services) == []


async def test_every_kind_of_event_is_taken_within_the_platforms_patience(
    webhook: None, services: Services, zalo: ZaloOaStandin, connection: Connection
) -> None:
    await zalo.follows(PERSON)
    await zalo.chats_now(PERSON)
    await zalo.says(PERSON, "Đèn hỏng")
    await zalo.sends_image(PERSON, b"\xff\xd8", text="Chỗ này")
    await zalo.sends_file(PERSON, "don.pdf", b"%PDF")
    await zalo.sends_audio(PERSON, b"#!AMR")
    await zalo.sends_sticker(PERSON)
    await zalo.shares_location(PERSON, 20.85, 106.68)
    await zalo.submits_info(PERSON, name="Trần Thị Hoa", phone="84950000002")
    await zalo.console_types(PERSON, "Chào bà")
    await zalo.deliver()
    await zalo.unfollows(PERSON)
    await zalo.withdraws(PERSON)
    entries = stored(services)
    assert {status for status, _ in zalo.caller.statuses} == {200}
    assert len(entries) == len(zalo.caller.statuses) == 12
    assert {entry.conversation_key for entry in entries} == {f"zalo-oa:{zalo.APP_ID}:{PERSON}"}


async def test_a_form_costs_what_the_office_wrote_down_for_it(
    settings: Settings, services: Services, zalo: ZaloOaStandin
) -> None:
    form = TemplateForm(template_id="321", parameters={"ma": "code"}, price_vnd=170)
    priced = replace(services, policy=Policy(forms={"answer": form}))
    connected(priced, zalo)
    connection = connect(settings, priced)
    assert connection is not None
    zalo.person(PERSON)
    zalo.templates["321"] = Template(template_id="321", text="Mã <ma>", params={"ma": 30})
    await connection.channel.open()
    outcome = await connection.channel.send(
        OutboundMessage(chat_id=PERSON, text="", template=TemplateMessage(template_id="321", data={"ma": "K7M2QX"}))
    )
    await connection.channel.close()
    assert (outcome.kind, outcome.price_vnd) == (OutcomeKind.SENT, 170)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"event_name": "change_template_status", "template_id": 321}, "mẫu tin 321"),
        ({"event_name": "change_template_quality"}, "mẫu tin chưa rõ số"),
        ({"event_name": "change_oa_daily_quota"}, "mỗi ngày"),
    ],
    ids=["status", "quality", "quota"],
)
async def test_what_zalo_says_about_the_offices_forms_reaches_administrators_once_and_no_citizen(
    event: dict[str, object],
    says: str,
    connection: Connection,
    webhook: None,
    services: Services,
    zalo: ZaloOaStandin,
    clock: ManualClock,
) -> None:
    admin = make_staff(services, Role.ADMIN, name="Anh Quản")
    with services.writing() as work:
        chat = work.add(ChannelIdentity(channel="telegram", account="bot", external_id="7"))
        work.session.get_one(Staff, admin).channel_identity_id = chat.id
        work.commit()
    stamp = str(int(clock.now().timestamp() * 1000))
    await zalo.caller.emit({"app_id": zalo.APP_ID, "oa_id": zalo.OA_ID, "timestamp": stamp, **event})
    (entry,) = stored(services)
    assert entry.id is not None
    channels = {(connection.channel.name, connection.channel.account): connection.channel}
    for _ in range(2):
        handle_entry(services, channels, entry.id)
    (notice,) = notices_of(services)
    assert says in notice.text
    assert [each.status for each in stored(services)] == [InboxStatus.HANDLED]
    with services.reading() as work:
        assert work.session.exec(select(Citizen)).all() == []
