"""How template messages to phone numbers end: each number of the platform's table, lost answers, tokens, nights."""

from __future__ import annotations

import datetime as dt
import logging

import pytest

from bot.channels.posting import Poster
from bot.channels.zalo_oa.client import Client
from bot.channels.zalo_zbs.channel import TRIES, ZaloZbsChannel
from bot.channels.zalo_zbs.connection import connect
from bot.channels.zalo_zbs.outcomes import outcome_of, table
from bot.settings import Settings
from bot.standins.zalo_faults import Fault
from casework.clock import VIETNAM
from casework.talk import OutboundMessage, OutcomeKind, TemplateMessage

K = OutcomeKind
PHONE = "84950000001"
FORM = TemplateMessage(template_id="301", data={"ma": "K7P4MX"})
#: number -> outcome, as the platform's sheet asks: never again, later, change channel, fix first
TABLE = (
    dict.fromkeys((-108, -109, -1091, -111, -112, -1121, -1122, -1124, -132, -153, -113, -1131), K.REJECTED)
    | dict.fromkeys((-116, -130, -117, -131, -145, -146, -121, -122, -161, -162, -123, -142, -143), K.REJECTED)
    | dict.fromkeys((-120, -1201, -1202, -125, -135, -1351, -138, -1381, -126, -127, -136), K.REJECTED)
    | dict.fromkeys((-148, -149, -150, -151, -152, -158, -159, -160), K.REJECTED)
    | dict.fromkeys((-110, -114, -118, -119, -139, -140, -141), K.RECIPIENT_STOPPED)
    | dict.fromkeys((-101, -102, -103, -104, -105, -115, -137, -1241), K.CHANNEL_DOWN)
    | dict.fromkeys((-133, -144, -147, -1441, -1471, -1472, -32), K.THROTTLED)
    | {-100: K.RETRY_LATER}
)
#: tokens: renewed once, then down
TOKENS = (-124, -216, -220, 401, -401, 216)


def _message(phone: str = PHONE, **more: object) -> OutboundMessage:
    fields = {"chat_id": phone, "text": "toàn văn trả lời", "template": FORM, "reference": "dt-12"} | more
    return OutboundMessage(**fields)  # type: ignore[arg-type]


async def test_a_form_goes_out_with_our_own_number_and_its_price(channel, zbs) -> None:
    outcome = await channel.send(_message())
    assert (outcome.kind, outcome.price_vnd) == (K.SENT, 300)
    (shown,) = zbs.delivered[PHONE]
    assert (shown.text, shown.tracking_id) == ("Kiến nghị K7P4MX đã có kết quả", "dt-12")
    assert outcome.external_id == shown.message_id


@pytest.mark.parametrize(("code", "kind"), TABLE.items())
async def test_each_number_ends_in_its_outcome(channel, zbs, code: int, kind: OutcomeKind) -> None:
    zbs.inject(Fault.code(code, "no words"))
    outcome = await channel.send(_message())
    assert (outcome.kind, outcome.code) == (kind, str(code))
    assert outcome.detail
    assert zbs.texts_to(PHONE) == []


def test_every_row_of_the_table_is_tried_above() -> None:
    assert set(table()) == set(TABLE) | set(TOKENS)


async def test_a_number_nobody_knows_wants_a_person_to_look(channel, zbs) -> None:
    zbs.inject(Fault.code(-9999, "?"))
    outcome = await channel.send(_message())
    assert (outcome.kind, outcome.code) == (K.REJECTED, "-9999")
    assert "cần người xem" in outcome.detail


async def test_a_refused_token_is_renewed_once_and_the_form_goes_out(channel, zbs, tokens) -> None:
    zbs.inject(Fault.code(-124, "Access token invalid"))
    assert (await channel.send(_message())).kind is K.SENT
    assert tokens.renewals == 1
    zbs.inject(Fault.code(-124, "Access token invalid"), times=None)
    assert (await channel.send(_message())).kind is K.CHANNEL_DOWN
    assert "doithoai zalo connect" in (channel.trouble or "")


async def test_without_leave_of_the_account_nothing_is_sent_and_it_says_why(channel, tokens, zbs) -> None:
    tokens.gone = True
    outcome = await channel.send(_message())
    assert (outcome.kind, outcome.detail) == (K.CHANNEL_DOWN, "Zalo OA chưa cấp quyền.")
    assert zbs.calls == []


@pytest.mark.parametrize(
    ("fault", "kind", "arrived"),
    [
        (Fault.lost_reply(), K.UNKNOWN, 1),
        (Fault.cut_before(), K.UNKNOWN, 0),
        (Fault.garbage(), K.UNKNOWN, 1),
        (Fault.page(502), K.UNKNOWN, 0),
        (Fault.page(407), K.CHANNEL_DOWN, 0),
    ],
)
async def test_a_lost_answer_is_unknown_and_never_sent_again_by_itself(channel, zbs, fault, kind, arrived) -> None:
    zbs.inject(fault)
    assert (await channel.send(_message())).kind is kind
    assert len(zbs.texts_to(PHONE)) == arrived
    assert len(zbs.calls_of("template")) == 1


@pytest.mark.parametrize("patience", [0.3])
async def test_what_is_answered_too_late_is_unknown_as_well(channel, zbs) -> None:
    zbs.inject(Fault.silent())
    assert (await channel.send(_message())).kind is K.UNKNOWN
    assert len(zbs.texts_to(PHONE)) == 1


async def test_with_nobody_listening_nothing_was_sent(channel, zbs) -> None:
    await zbs.go_down()
    assert (await channel.send(_message())).kind is K.RETRY_LATER


@pytest.mark.parametrize(
    "message",
    [
        _message(template=None),
        _message("0950000001"),
        _message("+84950000001"),
        _message(""),
        _message(reference=""),
        _message(reference="x" * 49),
    ],
    ids=["free text", "local number", "plus", "no number", "no reference", "long reference"],
)
async def test_what_can_only_be_a_mistake_of_ours_is_refused_without_a_call(channel, zbs, message) -> None:
    assert (await channel.send(message)).kind is K.REJECTED
    assert zbs.calls == []


async def test_a_general_error_is_tried_a_few_times_and_then_the_ladder_goes_on(channel, zbs) -> None:
    zbs.inject(Fault.code(-100, "Unknown error"), times=None)
    kinds = [(await channel.send(_message())).kind for _ in range(TRIES)]
    assert kinds == [K.RETRY_LATER] * (TRIES - 1) + [K.REJECTED]


async def test_what_is_wrong_with_the_account_is_shown_until_a_form_goes_out(channel, zbs) -> None:
    zbs.inject(Fault.code(-115, "Out of balance"))
    await channel.send(_message())
    assert "hết tiền" in (channel.trouble or "")
    zbs.numbers_refused["84950000002"] = -118
    await channel.send(_message("84950000002"))
    assert channel.trouble is not None
    await channel.send(_message())
    assert channel.trouble is None


@pytest.mark.parametrize(
    ("code", "local", "hours"),
    [
        (-133, "2026-11-02T22:05", 8),
        (-133, "2026-11-02T05:05", 1),
        (-133, "2026-11-02T07:05", 23),
        (-144, "2026-11-02T05:05", 25),
        (-144, "2026-11-02T12:05", 18),
        (-1471, "2026-11-02T23:05", 7),
    ],
)
def test_nights_and_used_up_days_wait_until_five_past_six(code: int, local: str, hours: int) -> None:
    now = dt.datetime.fromisoformat(local).replace(tzinfo=VIETNAM)
    assert outcome_of(code, now=now).retry_after == hours * 3600


async def test_neither_number_nor_token_is_in_what_staff_read_or_logs_keep(channel, zbs, tokens, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    secret = await tokens.current()
    for fault in (Fault.code(-9999, f"{PHONE} {secret}"), Fault.lost_reply(), Fault.page(500)):
        zbs.inject(fault)
        outcome = await channel.send(_message())
        assert PHONE not in outcome.detail
        assert secret not in repr(outcome)
    assert PHONE not in caplog.text
    assert secret not in caplog.text


async def test_the_proof_goes_along_where_the_app_asks_for_it(oa, zbs, tokens, clock) -> None:
    oa.wants_proof = True
    client = Client(tokens, base_url=zbs.base_url, poster=Poster(), app_secret=oa.APP_SECRET)
    channel = ZaloZbsChannel(client, account="77", clock=clock)
    await channel.open()
    assert (await channel.send(_message())).kind is K.SENT
    await channel.close()


def test_the_channel_is_on_only_with_app_templates_and_leave_to_use_numbers(services, tmp_path) -> None:
    assert connect(Settings(), services) is None
    more = {
        "zalo_oa_app_id": "77",
        "zalo_oa_app_secret": "x",
        "zalo_oa_secret_key": "y",
        "zalo_zbs_templates": tmp_path / "zbs.toml",
    }
    assert connect(Settings(**more), services) is None
    connection = connect(Settings(**more, zalo_zbs_by_phone=True), services)
    assert connection is not None
    assert (connection.channel.name, connection.channel.account) == ("zalo-zbs", "77")
    assert connection.webhook is None
