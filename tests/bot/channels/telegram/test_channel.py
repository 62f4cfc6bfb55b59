"""What the channel tells Telegram, seen from Telegram's side."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

import pytest
import structlog
from telegram.error import TelegramError

from bot.channel import Channel
from bot.channels.telegram.channel import Command, TelegramChannel
from bot.channels.telegram.menu import citizen_commands, deep_link, descriptions
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.webhook import SECRET_HEADER, check_secret
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram_faults import Fault
from casework.errors import InvalidInput, SetupNeeded
from casework.talk import Button, OutboundMessage, OutcomeKind

STAFF = (Command(name="hangdoi", description="Ý kiến đang chờ"),)
SECRET = "bi-mat_2026"
CITIZENS = ["batdau", "huongdan", "tracuu", "danhsach", "hoinghi", "lienket", "dulieu"]


async def test_a_message_is_plain_text_without_preview_and_with_its_buttons(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    text = "Xem <b>https://example.vn</b> & *thế*"
    message = OutboundMessage(
        chat_id="42", text=text, buttons=((Button(label="1. Gửi", token="send:1"),),), reply_to="7"
    )
    outcome = await channel.send(message)
    (sent,) = telegram.delivered["42"]
    assert (outcome.kind, outcome.external_id) == (OutcomeKind.SENT, str(sent.message_id))
    assert sent.text == text
    assert sent.buttons == [[{"text": "1. Gửi", "callback_data": "send:1"}]]
    assert sent.params["link_preview_options"] == {"is_disabled": True}
    assert sent.params["reply_parameters"] == {"message_id": 7, "allow_sending_without_reply": True}
    assert "parse_mode" not in sent.params


async def test_when_the_message_replied_to_is_gone_the_answer_comes_without_it(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    telegram.inject(Fault.refused(400, "Bad Request: message to be replied not found"))
    outcome = await channel.send(OutboundMessage(chat_id="42", text="Trả lời", reply_to="7"))
    assert outcome.kind is OutcomeKind.SENT
    (sent,) = telegram.delivered["42"]
    assert "reply_parameters" not in sent.params


async def test_an_answer_nobody_can_read_is_a_send_all_the_same(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    strange = (
        '{"ok": true, "result": {"message_id": 5, "date": 1, "chat": {"id": 42, "type": "private"}, "gift": [[7]]}}'
    )
    telegram.inject(Fault.page(200, strange, delivers=True))
    outcome = await channel.send(OutboundMessage(chat_id="42", text="Trả lời"))
    assert (outcome.kind, outcome.external_id) == (OutcomeKind.SENT, "5")


@pytest.mark.parametrize(
    "message",
    [
        OutboundMessage(chat_id="42", text=" \n"),
        OutboundMessage(chat_id="42", text="😀" * 2049),
        OutboundMessage(chat_id="@ten_kenh", text="x"),
        OutboundMessage(chat_id="", text="x"),
        OutboundMessage(chat_id="42", text="nửa chữ \ud83d"),
        OutboundMessage(chat_id="42", text="x", buttons=((Button(label="1. Có", token="ế" * 30),),)),
        OutboundMessage(chat_id="42", text="x", buttons=((Button(label="1. Có", token=""),),)),
        OutboundMessage(chat_id="42", text="x", buttons=((Button(label=" ", token="a"),),)),
    ],
    ids=["empty", "too long in UTF-16", "name", "no chat", "half a character", "fat token", "no token", "no label"],
)
async def test_what_telegram_would_refuse_is_refused_without_asking(
    message: OutboundMessage, telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    outcome = await channel.send(message)
    assert outcome.kind is OutcomeKind.REJECTED
    assert outcome.detail
    assert telegram.calls == []


async def test_the_longest_text_allowed_goes_through(telegram: TelegramStandin, channel: TelegramChannel) -> None:
    assert (await channel.send(OutboundMessage(chat_id="42", text="😀" * 2048))).kind is OutcomeKind.SENT
    unit = {"utf16": 4096}[channel.capabilities.text_unit]
    assert channel.capabilities.text_limit <= unit


async def test_a_press_is_acknowledged_once_and_a_late_one_is_no_error(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    await channel.acknowledge_press("q1")
    await channel.acknowledge_press("q1")
    await channel.acknowledge_press("q2", "Ý kiến này vừa được người khác duyệt. " * 20)
    assert telegram.answered_presses["q1"] == ""
    assert len(telegram.answered_presses["q2"]) == 200
    (shown,) = [call for call in telegram.calls if call.params["callback_query_id"] == "q2"]
    assert shown.params["show_alert"] is True


async def test_prepare_sets_webhook_menu_and_texts_and_may_be_repeated(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    telegram.push({"message": {}})
    for _ in range(2):
        problems = await channel.prepare(
            office_name="xã Tân Minh",
            webhook_url="https://tanminh.example.vn/webhook/telegram",
            webhook_secret=SECRET,
            staff_chats=["77", "-1001"],
            staff_commands=STAFF,
        )
        assert problems == []
    assert telegram.webhook["url"] == "https://tanminh.example.vn/webhook/telegram"
    assert telegram.webhook["secret_token"] == SECRET
    assert telegram.webhook["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert telegram.webhook["drop_pending_updates"] is False
    assert len(telegram.queue) == 1, "what citizens wrote meanwhile must still be there"
    assert channel.username == telegram.username
    everybody, one, group = (
        '{"type": "all_private_chats"}',
        '{"chat_id": 77, "type": "chat"}',
        '{"chat_id": -1001, "type": "chat"}',
    )
    expected = {('{"type": "default"}', ""): CITIZENS, ('{"type": "default"}', "vi"): CITIZENS}
    expected |= {(everybody, ""): CITIZENS, (everybody, "vi"): CITIZENS}
    expected |= {(scope, language): ["hangdoi"] for scope in (one, group) for language in ("", "vi")}
    assert telegram.commands == expected
    assert "xã Tân Minh" in telegram.texts["setMyDescription", ""]
    assert telegram.texts["setMyShortDescription", "vi"] == telegram.texts["setMyShortDescription", ""]
    status = await channel.queue_status()
    assert status is not None
    assert (status.webhook_set, status.pending) == (True, 1)


async def test_prepare_reports_what_failed_and_does_the_rest(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    telegram.inject(Fault.page(502), method="setMyCommands")
    telegram.unknown_chats.add("77")
    problems = await channel.prepare(office_name="xã Tân Minh", staff_chats=["77"], staff_commands=STAFF)
    assert [problem.step for problem in problems] == ["setMyCommands", "setMyCommands for staff"]
    assert telegram.texts["setMyDescription", "vi"]
    assert telegram.webhook == {}


async def test_prepare_against_a_dead_platform_returns_problems_instead_of_failing(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    await telegram.go_down()
    problems = await channel.prepare(office_name="xã Tân Minh")
    assert [problem.step for problem in problems] == ["getMe", "setMyCommands", "setMyDescription"]
    assert {problem.outcome.kind for problem in problems} == {OutcomeKind.RETRY_LATER}
    assert await channel.queue_status() is None


async def test_a_webhook_secret_telegram_refuses_is_refused_in_words(channel: TelegramChannel) -> None:
    for secret in (None, "có dấu", "a" * 257):
        with pytest.raises(InvalidInput, match="DOITHOAI_TELEGRAM_WEBHOOK_SECRET"):
            await channel.prepare(office_name="x", webhook_url="https://example.vn/x", webhook_secret=secret)


async def test_staff_commands_come_with_enrolment_and_go_with_leaving(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    assert (await channel.set_staff_commands("77", STAFF)).kind is OutcomeKind.SENT
    assert len(telegram.commands) == 2
    assert (await channel.clear_staff_commands("77")).kind is OutcomeKind.SENT
    assert telegram.commands == {}
    telegram.unknown_chats.add("78")
    assert (await channel.set_staff_commands("78", STAFF)).kind is OutcomeKind.REJECTED
    assert (await channel.set_staff_commands("none", STAFF)).kind is not OutcomeKind.SENT


def test_the_citizens_menu_keeps_telegrams_limits() -> None:
    assert [command.name for command in citizen_commands()] == CITIZENS
    for name in ("xã Tân Minh", "đặc khu " + "rất dài " * 60):
        description, short = descriptions(name)
        assert 0 < len(description) <= 512
        assert 0 < len(short) <= 120
    with pytest.raises(InvalidInput):
        Command(name="câuhỏi", description="x")


def test_a_deep_link_carries_the_village_and_only_what_telegram_can_carry() -> None:
    assert deep_link("doi_thoai_bot", "t4-ben_do") == "https://t.me/doi_thoai_bot?start=t4-ben_do"
    for code in ("", "thôn-4", "a b", "x" * 65):
        with pytest.raises(InvalidInput):
            deep_link("doi_thoai_bot", code)


async def test_opening_asks_telegram_nothing(telegram: TelegramStandin) -> None:
    channel: Channel = TelegramChannel("42:abc", base_url="http://127.0.0.1:9/bot")
    await channel.open()
    assert channel.account == "42"
    await channel.close()


@pytest.mark.parametrize("token", ["", "abc", "abc:def", "42:", "42:a b", "42:abc/../x"])
def test_a_token_that_cannot_be_one_is_refused_without_repeating_it(token: str) -> None:
    with pytest.raises(SetupNeeded) as caught:
        TelegramChannel(token)
    assert not token or token not in str(caught.value)


def test_a_proxy_of_another_kind_is_refused_without_repeating_its_password() -> None:
    with pytest.raises(SetupNeeded, match="http://") as caught:
        TelegramChannel("42:abc", proxy="socks5://nguoi:mat-khau@127.0.0.1:1080")
    assert "mat-khau" not in str(caught.value)


def test_the_webhook_secret_opens_only_to_itself() -> None:
    assert check_secret({SECRET_HEADER: SECRET}, SECRET)
    for headers in ({}, {SECRET_HEADER: ""}, {SECRET_HEADER: SECRET + "x"}, {SECRET_HEADER: "\udce9"}):
        assert not check_secret(headers, SECRET)
    assert not check_secret({}, "")
    assert not check_secret({SECRET_HEADER: ""}, "")


FAULTS: dict[str, Callable[[str], Fault]] = {
    "blocked": lambda token: Fault.blocked(),
    "server fault": lambda token: Fault.page(500),
    "lost reply": lambda token: Fault.lost_reply(),
    "silent": lambda token: Fault.silent(),
    "gateway page that quotes the address": lambda token: Fault.page(
        502, f"<p>no route to /bot{token}/sendMessage</p>"
    ),
    "200 page that quotes the address": lambda token: Fault.page(200, f"<p>/bot{token}/sendMessage</p>"),
    "refusal that quotes the address": lambda token: Fault.refused(400, f"Bad Request: bad url /bot{token}/x"),
    "refusal that quotes it in parts": lambda token: Fault.refused(403, f"Forbidden: {token.partition(':')[2]}"),
    "unauthorised": lambda token: Fault.refused(401, f"Unauthorized {token}"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_the_token_and_the_secret_are_nowhere_to_be_read(
    name: str, telegram: TelegramStandin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    patience = 0.3 if name == "silent" else 30.0
    channel = TelegramChannel(
        telegram.token, base_url=telegram.base_url, request=AiohttpRequest(read_timeout=patience, proxy=None)
    )
    await channel.open()
    written = [repr(channel), repr(channel.client), str(channel.client)]
    with structlog.testing.capture_logs() as logs:
        telegram.inject(FAULTS[name](telegram.token), times=None)
        written.append(repr(await channel.send(OutboundMessage(chat_id="42", text="lời của dân"))))
        written.append(
            repr(await channel.prepare(office_name="x", webhook_url="https://example.vn/x", webhook_secret=SECRET))
        )
        with pytest.raises(TelegramError) as caught:
            await channel.client.set_webhook("https://example.vn/x", secret_token=SECRET)
        written.append("".join(traceback.format_exception(caught.value)))
        hidden = caught.value.__context__
        written.append(repr(hidden) if hidden is not None else "")
        await channel.acknowledge_press("q1", "x")
    await channel.close()
    everything = "\n".join([*written, repr(logs), *(record.getMessage() for record in caplog.records)])
    for secret in (telegram.token.partition(":")[2], SECRET, "lời của dân"):
        assert secret.lower() not in everything.lower()
