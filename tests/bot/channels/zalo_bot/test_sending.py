"""How sends over the Zalo Bot Platform end: each number of its error table, lost answers, and what logs may hold."""

from __future__ import annotations

import logging
import traceback

import pytest
import structlog

from bot.channels.posting import NotSent, Poster
from bot.channels.zalo_bot.channel import ZaloBotChannel
from bot.channels.zalo_bot.client import Client, Refused
from bot.channels.zalo_bot.outcomes import TABLE, outcome_of
from bot.channels.zalo_bot.refusals import LONGEST_WAIT, QUOTA_AFTER, TRIES, Refusals
from bot.standins.zalo_faults import Fault
from casework.errors import SetupNeeded
from casework.talk import Button, OutboundMessage, OutcomeKind, TemplateMessage

K = OutcomeKind
CHAT = "3f1e8a90c7"


def _message(text: str = "Đèn thôn 4 đã sửa", **more: object) -> OutboundMessage:
    return OutboundMessage(chat_id=CHAT, text=text, **more)  # type: ignore[arg-type]


async def test_a_message_goes_out_as_plain_text_with_the_platforms_number(channel, zalo) -> None:
    outcome = await channel.send(_message("<b>1</b> *2* [3](4)"))
    assert outcome.kind is K.SENT
    (shown,) = zalo.messages_of(CHAT)
    assert (shown.text, outcome.external_id) == ("<b>1</b> *2* [3](4)", shown.message_id)
    assert shown.params == {"chat_id": CHAT, "text": "<b>1</b> *2* [3](4)"}
    assert int(shown.message_id) > 2**53


@pytest.mark.parametrize("with_200", [True, False])
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, K.REJECTED),
        (401, K.CHANNEL_DOWN),
        (403, K.RETRY_LATER),
        (404, K.CHANNEL_DOWN),
        (408, K.UNKNOWN),
        (426, K.REJECTED),
        (429, K.THROTTLED),
        # none of the table
        (418, K.REJECTED),
        (499, K.REJECTED),
        (500, K.UNKNOWN),
    ],
)
async def test_each_number_ends_in_its_outcome_whatever_the_http_status(channel, zalo, code, kind, with_200) -> None:
    zalo.refuses_with_200 = with_200
    zalo.inject(Fault.code(code, "no words"), method="sendMessage")
    outcome = await channel.send(_message())
    assert (outcome.kind, outcome.code) == (kind, str(code))
    assert str(code) in outcome.detail
    assert zalo.texts_to(CHAT) == []


def test_every_row_of_the_table_is_tried_above() -> None:
    assert set(TABLE) == {400, 401, 403, 404, 408, 426, 429}


async def test_a_number_nobody_knows_says_that_a_person_must_look_and_quotes_zalo(channel, zalo) -> None:
    zalo.inject(Fault.code(477, f"chat {CHAT} is odd, bot {zalo.token}"))
    outcome = await channel.send(_message())
    assert "cần người xem" in outcome.detail
    assert "is odd" in outcome.detail
    assert CHAT not in outcome.detail
    assert zalo.token.partition(":")[2] not in outcome.detail


@pytest.mark.parametrize(
    ("fault", "kind", "arrived"),
    [
        (Fault.lost_reply(), K.UNKNOWN, 1),
        (Fault.cut_before(), K.UNKNOWN, 0),
        (Fault.garbage(), K.UNKNOWN, 1),
        (Fault.page(502), K.UNKNOWN, 0),
        (Fault.page(503), K.RETRY_LATER, 0),
        (Fault.page(429), K.THROTTLED, 0),
        (Fault.page(407), K.CHANNEL_DOWN, 0),
        (Fault.page(404), K.CHANNEL_DOWN, 0),
    ],
)
async def test_an_answer_that_is_lost_or_not_zalos_is_never_taken_for_more_than_it_says(
    channel, zalo, fault, kind, arrived
) -> None:
    zalo.inject(fault)
    assert (await channel.send(_message())).kind is kind
    assert len(zalo.texts_to(CHAT)) == arrived


@pytest.mark.parametrize("patience", [0.3])
async def test_what_is_answered_too_late_may_have_arrived(channel, zalo) -> None:
    zalo.inject(Fault.silent())
    assert (await channel.send(_message())).kind is K.UNKNOWN
    assert len(zalo.texts_to(CHAT)) == 1


async def test_with_nobody_listening_nothing_was_sent(channel, zalo) -> None:
    await zalo.go_down()
    assert (await channel.send(_message())).kind is K.RETRY_LATER


async def test_a_result_without_number_is_sent_all_the_same(channel, zalo) -> None:
    zalo.inject(Fault.garbage('{"ok": true}'))
    outcome = await channel.send(_message())
    assert (outcome.kind, outcome.external_id) == (K.SENT, None)


async def test_what_zalo_would_refuse_is_refused_without_a_call(channel, zalo) -> None:
    for message in (
        _message(""),
        _message("x" * 2001),
        _message("\ud83d"),
        OutboundMessage(chat_id="có dấu", text="x"),
        _message(template=TemplateMessage(template_id="1", data={})),
    ):
        assert (await channel.send(message)).kind is K.REJECTED
    assert zalo.calls == []


async def test_buttons_are_left_away_because_the_text_spells_them_out(channel, zalo) -> None:
    button = Button(label="1. Có", token="c:1:1")
    assert (await channel.send(_message("Đúng không?\n1. Có", buttons=((button,),)))).kind is K.SENT
    assert zalo.texts_to(CHAT) == ["Đúng không?\n1. Có"]
    assert channel.capabilities.buttons is False


async def test_a_refused_token_is_shown_as_trouble_until_something_goes_out(channel, zalo) -> None:
    zalo.inject(Fault.code(401, "Unauthorized"))
    await channel.send(_message())
    assert "DOITHOAI_ZALO_BOT_TOKEN" in (channel.trouble or "")
    await channel.send(_message())
    assert channel.trouble is None


@pytest.mark.parametrize("token", ["", "abc", "123", ":x", "123:", "12a:x", "1:x y", "1:x/../y"])
def test_a_token_that_cannot_be_one_is_refused(token: str) -> None:
    with pytest.raises(SetupNeeded):
        ZaloBotChannel(token)


def test_the_account_is_the_number_before_the_colon() -> None:
    assert ZaloBotChannel("2345678901234567890:x").account == "2345678901234567890"


# ---------------------------------------------------------------------- what a run of refusals means


async def test_the_third_403_for_one_person_means_that_this_person_cannot_be_reached(channel, zalo) -> None:
    zalo.blocks(CHAT)
    kinds = [(await channel.send(_message())).kind for _ in range(TRIES)]
    assert kinds == [K.RETRY_LATER] * (TRIES - 1) + [K.RECIPIENT_STOPPED]


async def test_when_nobody_can_be_reached_it_is_the_platform_and_only_one_person_is_given_up(channel, zalo) -> None:
    zalo.inject(Fault.code(403, "Internal server error"), times=None)
    kinds = [
        (await channel.send(OutboundMessage(chat_id=chat, text="x"))).kind for chat in "abcd" for _ in range(TRIES + 2)
    ]
    assert kinds.count(K.RECIPIENT_STOPPED) == 1
    zalo.heal()
    assert (await channel.send(OutboundMessage(chat_id="e", text="x"))).kind is K.SENT
    zalo.blocks("b")
    assert (await channel.send(OutboundMessage(chat_id="b", text="x"))).kind is K.RECIPIENT_STOPPED


async def test_a_message_that_got_through_ends_the_row(channel, zalo) -> None:
    for _ in range(3):
        zalo.inject(Fault.code(403, "Internal server error"), times=TRIES - 1)
        kinds = [(await channel.send(_message())).kind for _ in range(TRIES)]
        assert kinds[-1] is K.SENT


async def test_used_up_quota_closes_this_way_and_a_rate_only_slows_down(channel, zalo) -> None:
    zalo.inject(Fault.code(429, "Monthly quota exceeded"))
    spent = await channel.send(_message())
    assert (spent.kind, spent.code) == (K.WINDOW_CLOSED, "429")
    assert "trong tháng" in (channel.trouble or "")
    zalo.inject(Fault.code(429, "Quota exceeded: rate limit"))
    slow = await channel.send(_message())
    assert slow.kind is K.THROTTLED
    assert (slow.retry_after or 0) >= 5


def test_waits_double_up_to_an_hour_and_half_an_hour_of_nothing_else_is_the_months_end() -> None:
    now = 0.0
    refusals = Refusals(monotonic=lambda: now)
    waits = [refusals.wait("", None) for _ in range(12)]
    assert waits[:4] == [5, 10, 20, 40]
    assert max(wait or 0 for wait in waits) == LONGEST_WAIT
    assert refusals.wait("quota", 7.0) == 7.0
    now = QUOTA_AFTER
    assert refusals.wait("", None) is None
    refusals.delivered("x")
    assert refusals.wait("", None) == 5


def test_a_refusal_without_number_is_looked_at_by_a_person() -> None:
    outcome = outcome_of(Refused(None, "?"), chat=CHAT, refusals=Refusals())
    assert (outcome.kind, outcome.code) == (K.REJECTED, "?")


# ---------------------------------------------------------------------- secrets


async def test_the_token_is_in_no_log_and_no_error(channel, zalo, caplog) -> None:
    secret = zalo.token.partition(":")[2]
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logged:
        for fault in (
            Fault.code(404, f"no /bot{zalo.token}/x"),
            Fault.lost_reply(),
            Fault.page(500),
            Fault.garbage("[]"),
        ):
            zalo.inject(fault)
            outcome = await channel.send(_message())
            assert secret not in repr(outcome)
        await zalo.go_down()
        await channel.send(_message())
    assert secret not in caplog.text
    assert secret not in repr(logged)
    assert secret not in repr(channel) + repr(channel.client)
    client = Client(zalo.token, base_url="http://127.0.0.1:1", poster=Poster())
    with pytest.raises(NotSent) as caught:
        await client.call("getMe")
    assert secret not in "".join(traceback.format_exception(caught.value))


async def test_who_is_refused_with_403_again_and_again_while_nobody_is_reached_is_tried_a_while_and_then_otherwise(
    zalo, clock
) -> None:
    channel = ZaloBotChannel(zalo.token, base_url=zalo.base_url, clock=clock)
    await channel.open()
    zalo.inject(Fault.code(403, "Internal server error"), times=None)
    for chat in "ab":
        await channel.send(OutboundMessage(chat_id=chat, text="x"))
    for _ in range(8):
        assert (await channel.send(OutboundMessage(chat_id="b", text="x"))).kind is K.RETRY_LATER
    clock.advance(601)
    given_up = await channel.send(OutboundMessage(chat_id="b", text="x"))
    assert (given_up.kind, given_up.code) == (K.WINDOW_CLOSED, "403")
    assert channel.trouble is None, "it is not the month's quota"
    await channel.close()
