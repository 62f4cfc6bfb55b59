"""What every channel owes inbox and outbox, whatever its platform. A new channel adds one line to `CHANNELS`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channel import Channel, Envelope, UnreadablePayload
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.zalo_bot.channel import ZaloBotChannel
from bot.channels.zalo_oa.channel import ZaloOaChannel
from bot.channels.zalo_oa.client import Client as ZaloOaClient
from bot.channels.zalo_zbs.channel import ZaloZbsChannel
from bot.standins.telegram import TelegramStandin
from bot.standins.zalo_bot import ZaloBotStandin
from bot.standins.zalo_oa import ZaloOaStandin
from bot.standins.zalo_zbs import ZaloZbsStandin
from casework.talk import Button, InboundMessage, OutboundMessage, Outcome, OutcomeKind


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A channel with what the suite must know of its platform."""

    channel: Channel
    #: a chat that exists, and a payload in which a person writes `text` there
    chat_id: str
    written: Callable[[str], dict[str, Any]]
    #: texts the platform has shown in `chat_id`
    shown: Callable[[], list[str]]
    #: takes the platform off the net
    cut: Callable[[], Any]


@asynccontextmanager
async def telegram() -> AsyncIterator[Bench]:
    async with TelegramStandin() as standin:
        person = {"id": 42, "is_bot": False, "first_name": "Hoa"}

        def written(text: str) -> dict[str, Any]:
            chat = {"id": 42, "type": "private"}
            message = {"message_id": 1, "date": 1_793_581_200, "chat": chat, "from": person, "text": text}
            return {"update_id": standin.next_update_id(), "message": message}

        yield Bench(
            channel=TelegramChannel(standin.token, base_url=standin.base_url),
            chat_id="42",
            written=written,
            shown=lambda: standin.texts_to(42),
            cut=standin.go_down,
        )


@asynccontextmanager
async def zalo_bot() -> AsyncIterator[Bench]:
    async with ZaloBotStandin() as standin:

        def written(text: str) -> dict[str, Any]:
            person = {"id": "42", "display_name": "Hoa", "is_bot": False}
            message = {"from": person, "chat": {"id": "42", "chat_type": "PRIVATE"}, "text": text}
            more = {"message_id": standin.numbers.next(), "date": 1_793_581_200_000}
            return {"ok": True, "result": {"event_name": "message.text.received", "message": message | more}}

        yield Bench(
            channel=ZaloBotChannel(standin.token, base_url=standin.base_url),
            chat_id="42",
            written=written,
            shown=lambda: standin.texts_to("42"),
            cut=standin.go_down,
        )


class OneToken:
    """The access token the stand-in has granted, for good."""

    send_path: str | None = None
    oa_type: int | None = None

    def __init__(self, token: str) -> None:
        self._token = token

    async def current(self) -> str:
        return self._token

    async def renewed(self, dead: str) -> str:
        return self._token

    async def pin(self, path: str) -> None:
        self.send_path = path


@asynccontextmanager
async def zalo_oa() -> AsyncIterator[Bench]:
    async with ZaloOaStandin() as standin:
        tokens = OneToken(standin.oauth.grant().access_token)

        def written(text: str) -> dict[str, Any]:
            return standin.text_event("42", text) | {"sender": {"id": "42", "display_name": "Hoa"}}

        written("Xin chào")
        yield Bench(
            channel=ZaloOaChannel(ZaloOaClient(tokens, base_url=standin.base_url), account=standin.APP_ID),
            chat_id="42",
            written=written,
            shown=lambda: standin.texts_to("42"),
            cut=standin.go_down,
        )


@asynccontextmanager
async def zalo_zbs() -> AsyncIterator[Bench]:
    async with ZaloOaStandin() as account, ZaloZbsStandin(account) as standin:
        tokens = OneToken(account.oauth.grant().access_token)
        channel = ZaloZbsChannel(ZaloOaClient(tokens, base_url=standin.base_url), account=account.APP_ID)
        phone = "84950000001"
        yield Bench(
            channel=channel,
            chat_id=phone,
            # Nothing comes in from a phone number.
            written=lambda text: {"text": text},
            shown=lambda: standin.texts_to(phone),
            cut=standin.go_down,
        )


CHANNELS = [
    pytest.param(telegram, id="telegram"),
    pytest.param(zalo_oa, id="zalo-oa"),
    pytest.param(zalo_bot, id="zalo-bot"),
]
Opened = Callable[[], AbstractAsyncContextManager[Bench]]
every_channel = pytest.mark.parametrize("bench", CHANNELS)
#: also those that only send, and only forms
every_way_out = pytest.mark.parametrize("bench", [*CHANNELS, pytest.param(zalo_zbs, id="zalo-zbs")])

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@every_way_out
@given(payload=st.dictionaries(st.text(max_size=10), JSON, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_json_object_has_an_envelope_and_is_read_or_refused(bench: Opened, payload: dict[str, Any]) -> None:
    async with bench() as it:
        assert isinstance(it.channel.envelope(payload), Envelope)
        assert it.channel.envelope(payload).external_id
        try:
            found = it.channel.parse(payload)
        except UnreadablePayload:
            return
        assert all(isinstance(message, InboundMessage) for message in found)


@every_channel
async def test_a_payload_has_one_identity_however_often_it_comes(bench: Opened) -> None:
    async with bench() as it:
        payload = it.written("Đèn hỏng")
        again = json.loads(json.dumps(payload))
        assert it.channel.envelope(payload) == it.channel.envelope(again)
        assert it.channel.envelope(payload).external_id != it.channel.envelope(it.written("Đèn hỏng")).external_id


@every_channel
async def test_messages_of_one_chat_share_their_order_key_and_name_channel_and_account(bench: Opened) -> None:
    async with bench() as it:
        first, second = it.written("một"), it.written("hai")
        key = it.channel.envelope(first).conversation_key
        assert key == it.channel.envelope(second).conversation_key
        assert key.startswith(f"{it.channel.name}:{it.channel.account}:")
        (message,) = it.channel.parse(first)
        assert (message.channel, message.account) == (it.channel.name, it.channel.account)
        assert (message.chat_id, message.text) == (it.chat_id, "một")
        assert message.sent_at.tzinfo is not None


@every_channel
async def test_what_is_sent_is_shown_once_and_words_are_never_markup(bench: Opened) -> None:
    text = "<b>Đèn</b> *ngõ 3* _hỏng_ & [x](y) \\ `z`"
    async with bench() as it:
        await it.channel.open()
        outcome = await it.channel.send(OutboundMessage(chat_id=it.chat_id, text=text))
        assert outcome.kind is OutcomeKind.SENT
        assert it.shown() == [text]
        await it.channel.close()


@every_way_out
@pytest.mark.parametrize(
    "message",
    [
        OutboundMessage(chat_id="", text="x"),
        OutboundMessage(chat_id="không có", text="x"),
        OutboundMessage(chat_id="9" * 400, text="x"),
        OutboundMessage(chat_id="42", text=""),
        OutboundMessage(chat_id="42", text="\ud83d"),
        OutboundMessage(chat_id="42", text="x" * 200_000),
        OutboundMessage(chat_id="42", text="x", reply_to="không phải số"),
        OutboundMessage(chat_id="42", text="x", buttons=((), (Button(label="", token="\ud83d" * 90),))),
    ],
    ids=["no chat", "odd chat", "endless chat", "empty", "half a character", "endless", "odd reply", "odd buttons"],
)
async def test_sending_nonsense_ends_in_an_outcome(bench: Opened, message: OutboundMessage) -> None:
    async with bench() as it:
        await it.channel.open()
        assert isinstance(await it.channel.send(message), Outcome)
        await it.channel.close()


@every_channel
async def test_without_its_platform_a_channel_opens_and_sends_end_in_outcomes(bench: Opened) -> None:
    async with bench() as it:
        await it.cut()
        await it.channel.open()
        outcome = await it.channel.send(OutboundMessage(chat_id=it.chat_id, text="x"))
        assert outcome.kind in {OutcomeKind.RETRY_LATER, OutcomeKind.CHANNEL_DOWN, OutcomeKind.UNKNOWN}
        await it.channel.acknowledge_press("nothing", "x")
        await it.channel.close()
        await it.channel.close()


@every_way_out
async def test_a_closed_channel_says_that_nothing_was_sent(bench: Opened) -> None:
    async with bench() as it:
        await it.channel.open()
        await it.channel.close()
        outcome = await it.channel.send(OutboundMessage(chat_id=it.chat_id, text="x"))
        assert outcome.kind is not OutcomeKind.SENT
        assert it.shown() == []


@every_channel
async def test_what_is_kept_of_a_payload_names_nobody_and_loses_no_words(bench: Opened) -> None:
    async with bench() as opened:
        payload = opened.written("Đèn đường hỏng")
        kept = json.dumps(opened.channel.without_names(payload), ensure_ascii=False)
        assert "Hoa" in json.dumps(payload, ensure_ascii=False)
        assert "Hoa" not in kept
        assert "Đèn đường hỏng" in kept


@every_way_out
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=st.dictionaries(st.text(max_size=10), JSON, max_size=4))
async def test_any_object_can_be_kept_without_names(bench: Opened, payload: dict[str, Any]) -> None:
    async with bench() as opened:
        opened.channel.without_names(payload)
