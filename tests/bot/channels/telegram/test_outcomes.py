"""Each way Telegram can answer, said by the stand-in over real HTTP, against the outcome the outbox gets to see."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass

import pytest
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut
from telegram.warnings import PTBDeprecationWarning

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.outcomes import TABLE, outcome_of
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram_faults import Fault
from casework.talk import OutboundMessage, Outcome
from casework.talk import OutcomeKind as K

ANSWER = OutboundMessage(chat_id="42", text="Đèn đường ngõ 3 đã sửa xong.")


@dataclass(frozen=True)
class Case:
    name: str
    fault: Fault
    expect: K
    #: what staff read about it
    says: str = ""
    #: whether the person got the message
    delivered: bool = False


def no(status: int, description: str) -> Fault:
    return Fault.refused(status, description)


CASES = [
    Case("blocked", Fault.blocked(), K.RECIPIENT_STOPPED, "đã chặn"),
    Case("account gone", no(403, "Forbidden: user is deactivated"), K.RECIPIENT_STOPPED, "không còn"),
    Case(
        "never started",
        no(403, "Forbidden: bot can't initiate conversation with a user"),
        K.RECIPIENT_STOPPED,
        "Bắt đầu",
    ),
    Case("kicked", no(403, "Forbidden: bot was kicked from the supergroup chat"), K.RECIPIENT_STOPPED, "mời bot"),
    Case("not a member", no(403, "Forbidden: bot is not a member of the group chat"), K.RECIPIENT_STOPPED, "mời bot"),
    Case("another 403", no(403, "Forbidden: bots can't send messages to bots"), K.RECIPIENT_STOPPED, "to bots"),
    Case("chat not found", no(400, "Bad Request: chat not found"), K.REJECTED, "không biết cuộc trò chuyện"),
    Case("a code in capitals", no(400, "Bad Request: PEER_ID_INVALID"), K.REJECTED, "không biết cuộc trò chuyện"),
    Case("no right to write", no(400, "Bad Request: CHAT_WRITE_FORBIDDEN"), K.RECIPIENT_STOPPED, "quyền"),
    Case(
        "rights taken",
        no(400, "Bad Request: not enough rights to send text messages to the chat"),
        K.RECIPIENT_STOPPED,
        "quyền",
    ),
    Case("topic closed", no(400, "Bad Request: TOPIC_CLOSED"), K.REJECTED, "Chủ đề"),
    Case("too long after all", no(400, "Bad Request: message is too long"), K.REJECTED, "too long"),
    Case("bad button", no(400, "Bad Request: BUTTON_DATA_INVALID"), K.REJECTED, "utton_data_invalid"),
    Case("too large for the server", no(413, "Request Entity Too Large"), K.REJECTED, "too large"),
    Case("token revoked", no(401, "Unauthorized"), K.CHANNEL_DOWN, "DOITHOAI_TELEGRAM_TOKEN"),
    Case("malformed token", no(404, "Not Found"), K.CHANNEL_DOWN, "DOITHOAI_TELEGRAM_TOKEN"),
    Case("second consumer", Fault.conflict(), K.CHANNEL_DOWN, "chương trình khác"),
    Case("429 with its wait", Fault.flood(7), K.THROTTLED),
    Case("429 without a wait", no(429, "Too Many Requests"), K.THROTTLED),
    Case("429 of a gateway", Fault.page(429), K.THROTTLED),
    Case("500", no(500, "Internal Server Error: restart"), K.UNKNOWN, "HTTP 500"),
    Case("502 in HTML", Fault.page(502), K.UNKNOWN, "HTTP 502"),
    Case("502 in HTML, delivered", Fault.page(502, delivers=True), K.UNKNOWN, "HTTP 502", delivered=True),
    Case("504", Fault.page(504), K.UNKNOWN, "HTTP 504"),
    Case("503 is turned away at the door", Fault.page(503), K.RETRY_LATER, "503"),
    Case("lost reply", Fault.lost_reply(), K.UNKNOWN, "có thể đã tới", delivered=True),
    Case("cut before", Fault.cut_before(), K.UNKNOWN, "có thể đã tới"),
    Case("200 with a page that is not Telegram's", Fault.page(200, delivers=True), K.UNKNOWN, delivered=True),
    Case("200 with half an answer", Fault.page(200, '{"ok": true', delivers=True), K.UNKNOWN, delivered=True),
    Case("200 with a list", Fault.page(200, "[]", delivers=True), K.UNKNOWN, delivered=True),
    Case("a blocking page must not look like a block by the citizen", Fault.page(403), K.CHANNEL_DOWN, "chặn đường"),
    Case("a proxy wants a password", Fault.page(407), K.CHANNEL_DOWN, "proxy"),
    Case("a redirect is not followed", Fault.page(302), K.CHANNEL_DOWN, "chặn đường"),
    Case("a JSON error that is not Telegram's", Fault.page(400, '{"error": "x"}'), K.CHANNEL_DOWN, "chặn đường"),
    Case("error parameters of a wrong shape", Fault.page(400, '{"description": "x", "parameters": 5}'), K.CHANNEL_DOWN),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_each_answer_ends_in_its_outcome(case: Case, telegram: TelegramStandin, channel: TelegramChannel) -> None:
    telegram.inject(case.fault)
    outcome = await channel.send(ANSWER)
    assert outcome.kind is case.expect
    assert case.says in outcome.detail
    assert telegram.texts_to(42) == ([ANSWER.text] if case.delivered else [])


@pytest.mark.parametrize("patience", [0.3])
async def test_what_is_answered_too_late_may_have_arrived(telegram: TelegramStandin, channel: TelegramChannel) -> None:
    telegram.inject(Fault.silent())
    outcome = await channel.send(ANSWER)
    assert outcome.kind is K.UNKNOWN
    assert "không trả lời kịp" in outcome.detail
    assert telegram.texts_to(42) == [ANSWER.text]


async def test_throttled_says_how_long_to_wait(telegram: TelegramStandin, channel: TelegramChannel) -> None:
    telegram.inject(Fault.flood(7))
    assert (await channel.send(ANSWER)).retry_after == 7.0
    for nonsense in ("soon", -1, 10**400, [], 1e9):
        telegram.inject(Fault.refused(429, "Too Many Requests", retry_after=nonsense))
        assert (await channel.send(ANSWER)).retry_after == 5.0


async def test_a_migrated_group_gives_its_new_id(telegram: TelegramStandin, channel: TelegramChannel) -> None:
    telegram.inject(Fault.migrated(-1001234567890123))
    outcome = await channel.send(ANSWER)
    assert (outcome.kind, outcome.new_chat_id) == (K.MIGRATED, "-1001234567890123")


async def test_nothing_listening_means_surely_not_delivered(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    await telegram.go_down()
    assert (await channel.send(ANSWER)).kind is K.RETRY_LATER
    await telegram.come_up()
    assert (await channel.send(ANSWER)).kind is K.SENT
    assert telegram.texts_to(42) == [ANSWER.text]


async def test_setting_the_same_keyboard_again_counts_as_done(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    sent = await channel.send(ANSWER)
    assert sent.external_id is not None
    outcome = await channel.remove_buttons("42", sent.external_id)
    assert (outcome.kind, outcome.detail) == (K.SENT, "Tin đã đúng như vậy từ trước.")
    assert (await channel.remove_buttons("42", "999")).kind is K.REJECTED


@pytest.mark.parametrize("as_timedelta", [False, True])
def test_the_librarys_own_flood_error_is_understood_in_both_its_forms(
    as_timedelta: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true" if as_timedelta else "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PTBDeprecationWarning)
        error = RetryAfter(dt.timedelta(seconds=9))
    assert outcome_of(error) == Outcome(kind=K.THROTTLED, retry_after=9.0, detail="Telegram yêu cầu gửi chậm lại.")


def test_a_bad_request_is_permanent_although_the_library_counts_it_as_a_network_error() -> None:
    assert outcome_of(BadRequest("whatever comes")).kind is K.REJECTED
    assert outcome_of(NetworkError("whatever comes")).kind is K.UNKNOWN
    assert outcome_of(TimedOut()).kind is K.UNKNOWN


def test_no_row_of_the_table_is_shadowed_by_one_before_it() -> None:
    for index, row in enumerate(TABLE):
        for earlier in TABLE[:index]:
            assert not (issubclass(row.error, earlier.error) and not earlier.texts), (row, earlier)
