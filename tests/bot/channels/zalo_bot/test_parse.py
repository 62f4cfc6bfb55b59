"""Events of the Zalo Bot Platform as neutral messages: a table of payloads in both body forms, and any JSON at all."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import UnreadablePayload
from bot.channels.zalo_bot.envelope import envelope_of, nameless
from bot.channels.zalo_bot.parse import parse_event
from bot.channels.zalo_bot.webhook import check_secret, is_usable_secret
from casework.talk import WITHHELD, AttachedFile, InboundMessage, MessageKind

NOW = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)
#: 2 November 2026, 08:30:15.250 in Viet Nam, in milliseconds
DATE = 1_793_583_015_250


def _event(name: str = "message.text.received", *, group: bool = False, **content: Any) -> dict[str, Any]:
    return {
        "event_name": name,
        "message": {
            "from": {"id": "9007199254740993001", "display_name": "Bà Hoa", "is_bot": False},
            "chat": {"id": "g-77" if group else "9007199254740993001", "chat_type": "GROUP" if group else "PRIVATE"},
            "message_id": "4600000000000000007",
            "date": DATE,
            **content,
        },
    }


def _wrapped(event: dict[str, Any]) -> dict[str, Any]:
    return {"ok": True, "result": event}


def _read(payload: dict[str, Any]) -> InboundMessage:
    (message,) = parse_event(payload, account="77", now=NOW)
    return message


PHOTO = AttachedFile(kind="photo", file_ref="https://photo.zdn.vn/1.jpg")
VOICE = AttachedFile(kind="voice", file_ref="https://voice.zdn.vn/1.aac")
STICKER = AttachedFile(kind="sticker", file_ref="https://zalo-api.zadn.vn/s.webp", unique_ref="bfe4")
CASES = [
    pytest.param(_event(text="Đèn hỏng"), MessageKind.TEXT, "Đèn hỏng", (), None, id="text"),
    pytest.param(_event(text="/start"), MessageKind.START, "", (), None, id="start"),
    pytest.param(
        _event("message.image.received", photo="https://photo.zdn.vn/1.jpg", caption="Ổ gà"),
        *(MessageKind.MEDIA, "Ổ gà", (PHOTO,), None),
        id="photo",
    ),
    pytest.param(
        _event("message.image.received", photo="javascript:1"),
        *(MessageKind.MEDIA, "", (AttachedFile(kind="photo"),), None),
        id="photo at an odd address",
    ),
    pytest.param(
        _event("message.voice.received", voice_url="https://voice.zdn.vn/1.aac"),
        *(MessageKind.MEDIA, "", (VOICE,), None),
        id="voice",
    ),
    pytest.param(
        _event("message.sticker.received", sticker="bfe4", url="https://zalo-api.zadn.vn/s.webp"),
        *(MessageKind.MEDIA, "", (STICKER,), None),
        id="sticker",
    ),
    pytest.param(_event("message.unsupported.received"), MessageKind.OTHER, "", (), WITHHELD, id="unsupported"),
    pytest.param(
        _event("message.link.received", text="xem https://a.vn"),
        MessageKind.TEXT,
        "xem https://a.vn",
        (),
        None,
        id="link",
    ),
    pytest.param(_event("message.link.received"), MessageKind.OTHER, "", (), "link", id="link without text"),
    pytest.param(_event("message.poll.received"), MessageKind.OTHER, "", (), "poll", id="something new"),
    pytest.param(_event(text="  "), MessageKind.OTHER, "", (), "text", id="blank"),
    pytest.param(_event(), MessageKind.OTHER, "", (), "text", id="text without text"),
]


@pytest.mark.parametrize(("event", "kind", "text", "files", "note"), CASES)
def test_both_body_forms_are_read_alike(event, kind, text, files, note) -> None:
    flat, wrapped = _read(event), _read(_wrapped(event))
    assert flat == wrapped
    assert (flat.kind, flat.text, flat.files, flat.note) == (kind, text, files, note)
    assert (flat.channel, flat.account, flat.chat_id) == ("zalo-bot", "77", "9007199254740993001")
    assert (flat.sender_id, flat.message_ref, flat.is_group) == (flat.chat_id, "4600000000000000007", False)
    assert flat.sent_at == dt.datetime(2026, 11, 2, 1, 30, 15, 250_000, tzinfo=dt.UTC)
    assert envelope_of(event, account="77") == envelope_of(_wrapped(event), account="77")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("@Bot Tân Minh /hangdoi 2", "/hangdoi 2"),
        ("@Bot /xem K7P-4MX", "/xem K7P-4MX"),
        ("/hangdoi", "/hangdoi"),
        ("@Bot 2", "2"),
        ("chào @Bot /x", "chào @Bot /x"),
    ],
)
def test_in_a_group_the_mention_of_our_name_is_no_part_of_the_words(text: str, read: str) -> None:
    message = _read(_event(group=True, text=text))
    assert (message.text, message.is_group, message.chat_id) == (read, True, "g-77")
    assert message.sender_id == "9007199254740993001"


def test_ids_and_dates_come_as_numbers_or_text_in_seconds_or_milliseconds() -> None:
    event = _event(text="x", message_id=4600000000000000007, date=str(DATE))
    assert _read(event).message_ref == "4600000000000000007"
    assert _read(event).sent_at == _read(_event(text="x")).sent_at
    assert _read(_event(text="x", date=DATE // 1000)).sent_at == dt.datetime(2026, 11, 2, 1, 30, 15, tzinfo=dt.UTC)
    assert _read(_event(text="x", date="hôm qua")).sent_at == NOW


def test_another_bot_says_that_it_is_one() -> None:
    event = _event(text="x")
    event["message"]["from"]["is_bot"] = True
    assert _read(event).sender_is_bot


@pytest.mark.parametrize("name", ["user.joined", "message.reaction.received", "bot.updated", "message.text.seen"])
def test_what_wants_no_answer_concerns_nobody(name: str) -> None:
    assert parse_event(_event(name, text="x"), account="77", now=NOW) == []


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"ok": True, "result": 7},
        {"event_name": "message.text.received"},
        {"event_name": "message.text.received", "message": {"chat": "x"}},
        {"event_name": "message.text.received", "message": {"chat": {"id": None}}},
    ],
)
def test_what_cannot_be_read_says_why_without_quoting(payload: dict[str, Any]) -> None:
    with pytest.raises(UnreadablePayload):
        parse_event(payload, account="77", now=NOW)


def test_two_events_without_number_are_two_and_a_repeat_is_one() -> None:
    first, second = _event("message.unsupported.received"), _event("message.unsupported.received", date=DATE + 1)
    for event in (first, second):
        del event["message"]["message_id"]
    one, other = envelope_of(first, account="77"), envelope_of(second, account="77")
    assert one.external_id != other.external_id
    assert one.conversation_key == other.conversation_key == "zalo-bot:77:9007199254740993001"
    assert envelope_of(json.loads(json.dumps(_wrapped(first))), account="77") == one


def test_nobodys_name_is_kept() -> None:
    assert "Hoa" not in json.dumps(nameless(_wrapped(_event(text="Đèn hỏng"))), ensure_ascii=False)


PARTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "from": st.fixed_dictionaries({}, optional={"id": PARTS, "display_name": PARTS, "is_bot": PARTS}) | PARTS,
        "chat": st.fixed_dictionaries({}, optional={"id": PARTS, "chat_type": PARTS}) | PARTS,
        **dict.fromkeys(("message_id", "date", "text", "photo", "caption", "voice_url", "url", "sticker"), PARTS),
    },
)
NAMES = st.sampled_from(["message.text.received", "message.image.received", "message.unsupported.received"]) | PARTS


@given(name=NAMES, message=MESSAGES | PARTS, wrapped=st.booleans())
def test_any_event_is_read_or_refused_and_what_is_read_can_be_stored(name: Any, message: Any, wrapped: bool) -> None:
    payload: dict[str, Any] = {"event_name": name, "message": message}
    payload = _wrapped(payload) if wrapped else payload
    assert envelope_of(payload, account="77").external_id
    nameless(payload)
    try:
        found = parse_event(payload, account="77", now=NOW)
    except UnreadablePayload:
        return
    for one in found:
        assert one.sent_at.tzinfo is not None
        assert one.chat_id
        assert "\x00" not in one.text
        one.text.encode()


# ---------------------------------------------------------------------- the way in


def test_only_our_secret_lets_a_request_in() -> None:
    secret = "mat-khau-2026"
    assert check_secret({"X-Bot-Api-Secret-Token": secret}, secret)
    for headers in ({}, {"X-Bot-Api-Secret-Token": "mat-khau-2027"}, {"X-Bot-Api-Secret-Token": "\udcff"}):
        assert not check_secret(headers, secret)
    assert not check_secret({"X-Bot-Api-Secret-Token": ""}, "")


def test_a_secret_has_8_to_256_characters_a_header_can_carry() -> None:
    assert is_usable_secret("12345678")
    assert is_usable_secret("x" * 256)
    assert not any(is_usable_secret(one) for one in ("1234567", "x" * 257, "mật khẩu 2026", "mat khau 2026"))
