"""Each way Zalo can answer, said by the stand-in over real HTTP, against the outcome the outbox gets to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from bot.channels.zalo_oa.channel import ZaloOaChannel
from bot.channels.zalo_oa.outcomes import shortages, table
from bot.channels.zalo_zbs import outcomes as forms
from bot.standins.zalo_faults import Fault
from bot.standins.zalo_oa import ZaloOaStandin
from casework.clock import ManualClock
from casework.talk import OutboundMessage, TemplateMessage
from casework.talk import OutcomeKind as K

PERSON = "4521893670011223344"
ANSWER = OutboundMessage(chat_id=PERSON, text="Đèn đường ngõ 3 đã sửa xong.")
FORM = OutboundMessage(chat_id=PERSON, text="", template=TemplateMessage(template_id="321", data={"ma": "K7M2QX"}))

#: error number -> how a message ends, and how a form ends where that differs
EXPECTED: Mapping[int, tuple[K, K | None]] = {
    -32: (K.THROTTLED, None),
    -100: (K.REJECTED, K.RETRY_LATER),
    -200: (K.RETRY_LATER, None),
    -201: (K.REJECTED, None),
    -204: (K.CHANNEL_DOWN, None),
    -205: (K.CHANNEL_DOWN, None),
    -209: (K.CHANNEL_DOWN, None),
    -210: (K.REJECTED, None),
    -211: (K.THROTTLED, None),
    -212: (K.CHANNEL_DOWN, None),
    -213: (K.RECIPIENT_STOPPED, None),
    -214: (K.RETRY_LATER, None),
    -216: (K.CHANNEL_DOWN, None),
    -217: (K.RECIPIENT_STOPPED, None),
    -218: (K.WINDOW_CLOSED, None),
    -219: (K.CHANNEL_DOWN, None),
    -220: (K.CHANNEL_DOWN, None),
    -221: (K.CHANNEL_DOWN, K.WINDOW_CLOSED),
    -223: (K.CHANNEL_DOWN, None),
    -224: (K.CHANNEL_DOWN, K.WINDOW_CLOSED),
    -227: (K.RECIPIENT_STOPPED, None),
    -230: (K.WINDOW_CLOSED, None),
    -232: (K.WINDOW_CLOSED, None),
    -233: (K.REJECTED, None),
    -234: (K.THROTTLED, None),
    -235: (K.CHANNEL_DOWN, K.WINDOW_CLOSED),
    -237: (K.REJECTED, None),
    -238: (K.REJECTED, None),
    -240: (K.CHANNEL_DOWN, None),
    -241: (K.REJECTED, None),
    -242: (K.CHANNEL_DOWN, None),
    -244: (K.RECIPIENT_STOPPED, None),
    -248: (K.REJECTED, None),
    -249: (K.REJECTED, K.WINDOW_CLOSED),
    -320: (K.WINDOW_CLOSED, K.THROTTLED),
    -321: (K.WINDOW_CLOSED, K.THROTTLED),
    -401: (K.CHANNEL_DOWN, None),
    -403: (K.REJECTED, None),
    216: (K.CHANNEL_DOWN, None),
    401: (K.CHANNEL_DOWN, None),
}
#: numbers of the forms' own appendix, which a form sent to an account may get: nothing of it stops ordinary messages
OF_FORMS: Mapping[int, K] = {
    -133: K.THROTTLED,
    -124: K.CHANNEL_DOWN,
    **dict.fromkeys((-101, -102, -103, -104, -105, -1241), K.WINDOW_CLOSED),
    **dict.fromkeys((-115, -137, -136, -144, -147, -1441, -1471, -1472), K.THROTTLED),
    **dict.fromkeys((-108, -109, -1091, -117, -131, -145, -146), K.REJECTED),
    **dict.fromkeys((-111, -112, -1121, -1122, -1124, -132, -153, -113, -1131, -116, -130), K.REJECTED),
    **dict.fromkeys((-120, -1201, -1202, -125, -135, -1351, -138, -1381, -126, -127), K.REJECTED),
    **dict.fromkeys((-121, -122, -161, -162, -123, -142, -143), K.REJECTED),
    **dict.fromkeys((-148, -149, -150, -151, -152, -158, -159, -160), K.REJECTED),
    **dict.fromkeys((-110, -114, -118, -119, -139, -140, -141), K.RECIPIENT_STOPPED),
}


@pytest.fixture
async def reachable(zalo: ZaloOaStandin) -> None:
    await zalo.says(PERSON, "Đèn đường ngõ 3 hỏng")


@pytest.mark.parametrize("code", EXPECTED)
@pytest.mark.usefixtures("reachable")
async def test_each_error_number_of_the_account_ends_in_its_outcome(
    code: int, zalo: ZaloOaStandin, channel: ZaloOaChannel
) -> None:
    zalo.faults.inject(Fault.code(code), times=None)
    outcome = await channel.send(ANSWER)
    assert (outcome.kind, outcome.code) == (EXPECTED[code][0], str(code))
    assert outcome.detail, "staff are told what it means"
    assert zalo.texts_to(PERSON) == []


@pytest.mark.parametrize("code", [*EXPECTED, *OF_FORMS])
@pytest.mark.usefixtures("reachable")
async def test_each_error_number_of_a_form_ends_in_its_outcome(
    code: int, zalo: ZaloOaStandin, channel: ZaloOaChannel
) -> None:
    zalo.faults.inject(Fault.code(code), times=None)
    outcome = await channel.send(FORM)
    wanted = OF_FORMS[code] if code in OF_FORMS else EXPECTED[code][1] or EXPECTED[code][0]
    assert (outcome.kind, outcome.code) == (wanted, str(code))


def test_no_row_of_the_table_goes_untested_and_each_tells_staff_what_to_do() -> None:
    assert set(table()) == set(EXPECTED) | {-124}
    assert set(forms.table()) <= set(EXPECTED) | set(OF_FORMS)
    for row in table().values():
        assert row.means.endswith(".")
        assert row.todo.endswith(".")


@pytest.mark.usefixtures("reachable")
@pytest.mark.parametrize("code", [-999, -14014, 7])
async def test_an_unknown_number_is_rejected_for_a_person_to_look_at(
    code: int, zalo: ZaloOaStandin, channel: ZaloOaChannel
) -> None:
    zalo.faults.inject(Fault.code(code, "Bà Hoa không nhận"))
    outcome = await channel.send(ANSWER)
    assert (outcome.kind, outcome.code) == (K.REJECTED, str(code))
    assert str(code) in outcome.detail
    assert "Hoa" not in outcome.detail, "the platform's own words can quote people"


@dataclass(frozen=True)
class Case:
    name: str
    fault: Fault
    expect: K
    #: whether the person got the message
    delivered: bool = False


WAYS = [
    Case("the number as text", Fault(body='{"error": "-230", "message": "x"}'), K.WINDOW_CLOSED),
    Case("a refusal with HTTP 400", Fault.code(-230, status=400), K.WINDOW_CLOSED),
    Case("a refusal with HTTP 500", Fault.code(-232, status=500), K.WINDOW_CLOSED),
    Case("429 of a gateway", Fault.page(429), K.THROTTLED),
    Case("500", Fault.page(500), K.UNKNOWN),
    Case("502", Fault.page(502), K.UNKNOWN),
    Case("502, delivered", Fault.page(502, delivers=True), K.UNKNOWN, delivered=True),
    Case("503", Fault.page(503), K.UNKNOWN),
    Case("half an answer", Fault.garbage(), K.UNKNOWN, delivered=True),
    Case("a list", Fault.garbage("[]"), K.UNKNOWN, delivered=True),
    Case("an answer without a number", Fault.garbage("{}"), K.UNKNOWN, delivered=True),
    Case("an error that is no number", Fault.garbage('{"error": true}'), K.UNKNOWN, delivered=True),
    Case("success said with HTTP 500", Fault(status=500, body='{"error": 0}', carries_out=True), K.UNKNOWN, True),
    Case("lost reply", Fault.lost_reply(), K.UNKNOWN, delivered=True),
    Case("cut before", Fault.cut_before(), K.UNKNOWN),
    Case("a blocking page", Fault.page(403), K.CHANNEL_DOWN),
    Case("a wrong base address", Fault.page(404), K.CHANNEL_DOWN),
    Case("a redirect is not followed", Fault.page(302), K.CHANNEL_DOWN),
    Case("success without an id", Fault(body='{"error": 0}'), K.SENT),
]


@pytest.mark.parametrize("case", WAYS, ids=lambda case: case.name)
@pytest.mark.usefixtures("reachable")
async def test_each_kind_of_answer_ends_in_its_outcome(case: Case, zalo: ZaloOaStandin, channel: ZaloOaChannel) -> None:
    zalo.faults.inject(case.fault)
    outcome = await channel.send(ANSWER)
    assert outcome.kind is case.expect
    assert zalo.texts_to(PERSON) == ([ANSWER.text] if case.delivered else [])


@pytest.mark.parametrize("patience", [0.3])
@pytest.mark.usefixtures("reachable")
async def test_what_is_answered_too_late_may_have_arrived(zalo: ZaloOaStandin, channel: ZaloOaChannel) -> None:
    zalo.faults.inject(Fault.silent())
    assert (await channel.send(ANSWER)).kind is K.UNKNOWN
    assert zalo.texts_to(PERSON) == [ANSWER.text]


@pytest.mark.usefixtures("reachable")
async def test_nothing_listening_means_surely_not_delivered(zalo: ZaloOaStandin, channel: ZaloOaChannel) -> None:
    await zalo.go_down()
    assert (await channel.send(ANSWER)).kind is K.RETRY_LATER
    await zalo.come_up()


@pytest.mark.usefixtures("reachable")
async def test_a_rate_limit_waits_for_the_next_minute(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, clock: ManualClock
) -> None:
    clock.advance(48.5)
    zalo.faults.inject(Fault.code(-32))
    assert (await channel.send(ANSWER)).retry_after == pytest.approx(12.5)


@pytest.mark.usefixtures("reachable")
@pytest.mark.parametrize(
    ("hours_after_eight", "wait_hours"),
    [pytest.param(14, 8 + 5 / 60, id="at 22:00 of the evening"), pytest.param(21.5, 0.5 + 5 / 60, id="at 05:30")],
)
async def test_not_at_night_waits_until_five_past_six(
    hours_after_eight: float, wait_hours: float, zalo: ZaloOaStandin, channel: ZaloOaChannel, clock: ManualClock
) -> None:
    clock.advance(hours_after_eight * 3600)
    zalo.faults.inject(Fault.code(-234))
    assert (await channel.send(ANSWER)).retry_after == pytest.approx(wait_hours * 3600)


@pytest.mark.usefixtures("reachable")
@pytest.mark.parametrize("code", sorted(shortages()))
async def test_what_an_account_lacks_holds_a_form_until_the_next_morning_and_then_takes_the_next_way(
    code: str, zalo: ZaloOaStandin, channel: ZaloOaChannel, clock: ManualClock
) -> None:
    zalo.faults.inject(Fault.code(int(code)), times=None)
    held = await channel.send(FORM)
    assert (held.kind, held.retry_after) == (K.THROTTLED, pytest.approx((22 + 5 / 60) * 3600))
    assert "06:05 ngày mai" in held.detail
    for _ in range(2):
        clock.advance(24 * 3600)
        assert (await channel.send(FORM)).kind is K.THROTTLED
    clock.advance(24 * 3600)
    last = await channel.send(FORM)
    assert (last.kind, last.code, last.retry_after) == (K.WINDOW_CLOSED, code, None)
    assert last.detail.endswith("chuyển sang cách khác.")


@pytest.mark.usefixtures("reachable")
@pytest.mark.parametrize("code", [-200, -214])
async def test_a_message_that_is_never_taken_goes_another_way_after_a_while_and_a_hiccup_changes_nothing(
    code: int, zalo: ZaloOaStandin, channel: ZaloOaChannel, clock: ManualClock
) -> None:
    zalo.faults.inject(Fault.code(code), times=None)
    for _ in range(8):
        assert (await channel.send(ANSWER)).kind is K.RETRY_LATER
    clock.advance(601)
    assert (await channel.send(OutboundMessage(chat_id="1", text="Khác"))).kind is K.RETRY_LATER
    assert (await channel.send(ANSWER)).kind is K.WINDOW_CLOSED


@pytest.mark.usefixtures("reachable")
async def test_no_outcome_shows_who_it_was_about_or_what_we_know_them_by(
    zalo: ZaloOaStandin, channel: ZaloOaChannel
) -> None:
    details: list[Any] = []
    for fault in (Fault.code(-230), Fault.lost_reply(), Fault.page(502), Fault.code(-999)):
        zalo.faults.inject(fault)
        details.append((await channel.send(ANSWER)).detail)
    await zalo.go_down()
    details.append((await channel.send(ANSWER)).detail)
    await zalo.come_up()
    current = zalo.oauth.current
    assert current is not None
    for detail in details:
        assert detail
        assert PERSON not in detail
        assert current.access_token not in detail
        assert "127.0.0.1" not in detail
