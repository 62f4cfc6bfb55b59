"""Updates as Telegram sends them, and as it never should, against what the talk gets to see."""

from __future__ import annotations

import copy
import datetime as dt
import json
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channel import UnreadablePayload
from bot.channels.telegram.envelope import envelope_of
from bot.channels.telegram.parse import parse_update
from casework.talk import InboundMessage, MessageKind

NOW = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)
SENT = 1_793_581_200
ACCOUNT = "110201543"
PERSON = {"id": 5_123_456_789, "is_bot": False, "first_name": "Hoa", "last_name": "Bưởi", "language_code": "vi"}
PRIVATE = {"id": 5_123_456_789, "first_name": "Hoa", "type": "private"}
GROUP = {"id": -1_001_987_654_321, "title": "Cán bộ Mặt trận", "type": "supergroup"}


def message(**parts: Any) -> dict[str, Any]:
    base = {"message_id": 17, "date": SENT, "chat": PRIVATE, "from": PERSON}
    return {"update_id": 800_000_001, "message": base | parts}


def edited(**parts: Any) -> dict[str, Any]:
    return {"update_id": 800_000_002, "edited_message": message(edit_date=SENT + 60, **parts)["message"]}


def press(**parts: Any) -> dict[str, Any]:
    base = {"id": "4382bfdwdsb323b2d9", "from": PERSON, "chat_instance": "-42", "data": "send:1"}
    return {"update_id": 800_000_003, "callback_query": base | parts}


def member(old: str, new: str, *, chat: dict[str, Any] = PRIVATE, **more: Any) -> dict[str, Any]:
    bot = {"id": int(ACCOUNT), "is_bot": True, "first_name": "Đối thoại"}
    extra = {"kicked": {"until_date": 0}}
    return {
        "update_id": 800_000_004,
        "my_chat_member": {
            "chat": chat,
            "from": PERSON,
            "date": SENT,
            "old_chat_member": {"user": bot, "status": old} | extra.get(old, {}),
            "new_chat_member": {"user": bot, "status": new} | extra.get(new, {}) | more,
        },
    }


def size(width: int, file_size: int | None, file_id: str) -> dict[str, Any]:
    found = {"file_id": file_id, "file_unique_id": f"u{file_id}", "width": width, "height": width}
    return found if file_size is None else found | {"file_size": file_size}


def document(**parts: Any) -> dict[str, Any]:
    return {"file_id": "D1", "file_unique_id": "uD1"} | parts


@dataclass(frozen=True)
class Case:
    name: str
    update: dict[str, Any]
    expect: dict[str, Any] = field(default_factory=dict)
    #: of the only file
    file: dict[str, Any] = field(default_factory=dict)


K = MessageKind
CASES = [
    Case(
        "plain text",
        message(text="Đèn đường hỏng"),
        {
            "kind": K.TEXT,
            "text": "Đèn đường hỏng",
            "chat_id": "5123456789",
            "sender_id": "5123456789",
            "sender_name": "Hoa Bưởi",
            "language": "vi",
            "message_ref": "17",
            "is_group": False,
            "sender_is_bot": False,
            "sent_at": dt.datetime.fromtimestamp(SENT, dt.UTC),
            "note": None,
        },
    ),
    Case(
        "decomposed letters are put together",
        message(text=unicodedata.normalize("NFD", "thôn Hạ")),
        {"text": "thôn Hạ"},
    ),
    Case("NUL and half characters cannot break the database", message(text="a\x00b\ud83dc"), {"text": "ab\ufffdc"}),
    Case("emoji only is text", message(text="🙏🙏"), {"kind": K.TEXT, "text": "🙏🙏"}),
    Case(
        "a name that turns the text around is shown without its marks",
        message(text="x", **{"from": PERSON | {"first_name": "\u202eaoH\u202c\u200b", "last_name": "\n\n"}}),
        {"sender_name": "aoH"},
    ),
    Case(
        "a name of marks only is no name",
        message(text="x", **{"from": PERSON | {"first_name": "\u200f", "last_name": ""}}),
        {"sender_name": None},
    ),
    Case(
        "a chat id beyond 53 bits stays exact",
        message(text="x", chat=PRIVATE | {"id": 2**60 + 1}),
        {"chat_id": str(2**60 + 1)},
    ),
    Case(
        "a reply names its target",
        message(text="x", reply_to_message=message(text="cũ")["message"] | {"message_id": 9}),
        {"reply_to_ref": "9"},
    ),
    Case(
        "a reply to something unreadable is read",
        message(
            text="x",
            reply_to_message={"message_id": 9, "date": SENT, "chat": PRIVATE, "gift": {"nonsense": []}, "from": 5},
        ),
        {"reply_to_ref": "9"},
    ),
    Case("fields of a newer Bot API do no harm", message(text="x", hologram={"a": [1]}), {"kind": K.TEXT}),
    Case("start without hint", message(text="/start"), {"kind": K.START, "payload": None, "text": ""}),
    Case("deep link", message(text="/start t4_ben-do"), {"kind": K.START, "payload": "t4_ben-do", "text": ""}),
    Case(
        "words behind start are words, not a hint",
        message(text="/start đèn hỏng rồi"),
        {"kind": K.START, "payload": None, "text": "đèn hỏng rồi"},
    ),
    Case("a command stays text", message(text="/tracuu AB2C3D"), {"kind": K.TEXT, "text": "/tracuu AB2C3D"}),
    Case(
        "a command to us loses our name",
        message(text="/hangdoi@Doi_Thoai_Bot 5", chat=GROUP),
        {"kind": K.TEXT, "text": "/hangdoi 5", "is_group": True, "chat_id": "-1001987654321"},
    ),
    Case(
        "start addressed to us", message(text="/start@doi_thoai_bot ha", chat=GROUP), {"kind": K.START, "payload": "ha"}
    ),
    Case(
        "an address inside a sentence is left alone",
        message(text="gửi /x@OtherBot nhé"),
        {"text": "gửi /x@OtherBot nhé"},
    ),
    Case("another bot is marked", message(text="x", **{"from": PERSON | {"is_bot": True}}), {"sender_is_bot": True}),
    Case(
        "forwarded words are marked",
        message(text="x", forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "ai đó"}),
        {"kind": K.TEXT, "note": "forwarded"},
    ),
    Case(
        "an anonymous administrator is the group, and no bot",
        message(
            text="/duyet 5",
            chat=GROUP,
            sender_chat=GROUP,
            **{"from": {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}},
        ),
        {"note": "anonymous_admin", "sender_id": "-1001987654321", "sender_is_bot": False, "sender_name": None},
    ),
    Case(
        "someone posting as a channel is that channel",
        message(text="x", chat=GROUP, sender_chat={"id": -1005, "title": "Kênh", "type": "channel"}),
        {"note": "posted_as_chat", "sender_id": "-1005"},
    ),
    Case(
        "photo with caption: the best size that can be fetched",
        message(caption="Ổ gà", photo=[size(90, 1000, "S"), size(800, 90_000, "M"), size(4000, 25_000_000, "L")]),
        {"kind": K.MEDIA, "text": "Ổ gà"},
        {"kind": "photo", "file_ref": "M", "unique_ref": "uM", "size": 90_000, "too_large": False},
    ),
    Case(
        "photo of an album",
        message(photo=[size(90, None, "S")], media_group_id="13579"),
        {"album": "13579"},
        {"size": None},
    ),
    Case(
        "voice",
        message(voice=document(duration=12, mime_type="audio/ogg", file_size=34_567)),
        {"kind": K.MEDIA, "text": ""},
        {"kind": "voice", "duration_seconds": 12, "mime": "audio/ogg", "size": 34_567},
    ),
    Case(
        "video", message(video=document(duration=3, width=10, height=10)), {}, {"kind": "video", "duration_seconds": 3}
    ),
    Case("round video", message(video_note=document(duration=3, length=240)), {}, {"kind": "video"}),
    Case(
        "audio",
        message(audio=document(duration=180, file_name="ghi âm.mp3")),
        {},
        {"kind": "audio", "file_name": "ghi âm.mp3"},
    ),
    Case(
        "document of 25 MB",
        message(document=document(file_name="đơn.pdf", file_size=25_000_000)),
        {"kind": K.MEDIA},
        {"kind": "document", "file_name": "đơn.pdf", "too_large": True, "file_ref": "D1"},
    ),
    Case(
        "hostile file name",
        message(document=document(file_name="../../\u202efdp.exe\x00")),
        {},
        {"file_name": "_.._fdp.exe"},
    ),
    Case("absurd file size", message(document=document(file_size=2**80)), {}, {"size": None}),
    Case(
        "animation, which also comes as document",
        message(animation=document(duration=1, width=1, height=1), document=document()),
        {"kind": K.MEDIA},
        {"kind": "video"},
    ),
    Case(
        "sticker",
        message(sticker=document(type="regular", width=1, height=1, is_animated=False, is_video=False, emoji="👍")),
        {"kind": K.MEDIA},
        {"kind": "sticker"},
    ),
    Case(
        "location",
        message(location={"latitude": 19.8, "longitude": 105.7}),
        {"kind": K.MEDIA},
        {"kind": "location", "latitude": 19.8, "longitude": 105.7, "file_ref": None},
    ),
    Case(
        "venue",
        message(
            location={"latitude": 19.8, "longitude": 105.7},
            venue={"title": "Chợ Minh", "address": "thôn Hạ", "location": {"latitude": 19.8, "longitude": 105.7}},
        ),
        {"text": "Chợ Minh, thôn Hạ"},
        {"kind": "location"},
    ),
    Case(
        "own contact card",
        message(contact={"phone_number": "0950000001", "first_name": "H", "user_id": 5_123_456_789}),
        {"note": "own_contact"},
        {"kind": "contact"},
    ),
    Case(
        "somebody else's contact card",
        message(contact={"phone_number": "0950000001", "first_name": "H"}),
        {"note": "other_contact"},
        {"kind": "contact"},
    ),
    Case("poll", message(poll={"id": "1"}), {"kind": K.OTHER, "note": "poll"}),
    Case("dice", message(dice={"emoji": "🎲", "value": 3}), {"kind": K.OTHER, "note": "dice"}),
    Case("story", message(story={"chat": PRIVATE, "id": 1}), {"kind": K.OTHER, "note": "story"}),
    Case(
        "paid media", message(paid_media={"star_count": 1, "paid_media": []}), {"kind": K.OTHER, "note": "paid_media"}
    ),
    Case("something Telegram has not invented yet", message(hologram={}), {"kind": K.OTHER, "note": "unknown_content"}),
    Case(
        "edited text",
        edited(text="mới"),
        {"kind": K.EDIT, "text": "mới", "message_ref": "17", "sent_at": dt.datetime.fromtimestamp(SENT + 60, dt.UTC)},
    ),
    Case(
        "edited caption",
        edited(caption="mới", photo=[size(90, 1, "S")]),
        {"kind": K.EDIT, "text": "mới"},
        {"kind": "photo"},
    ),
    Case(
        "press",
        press(message=message(text="thẻ")["message"]),
        {
            "kind": K.PRESS,
            "token": "send:1",
            "chat_id": "5123456789",
            "press_ref": "4382bfdwdsb323b2d9",
            "message_ref": "17",
            "sent_at": NOW,
        },
    ),
    Case(
        "press in a group",
        press(message=message(text="thẻ", chat=GROUP)["message"]),
        {"kind": K.PRESS, "chat_id": "-1001987654321", "sender_id": "5123456789", "is_group": True},
    ),
    Case(
        "press on a card too old to be shown",
        press(message={"chat": PRIVATE, "message_id": 3, "date": 0}),
        {"kind": K.PRESS, "token": "send:1", "message_ref": "3"},
    ),
    Case("press without any card", press(), {"kind": K.PRESS, "chat_id": "5123456789", "message_ref": None}),
    Case("press on a card nobody can read", press(message=message(gift=[[]], poll=7)["message"]), {"kind": K.PRESS}),
    Case(
        "a game's button still gets its answer",
        {"update_id": 1, "callback_query": {"id": "q", "from": PERSON, "chat_instance": "1", "game_short_name": "g"}},
        {"kind": K.OTHER, "press_ref": "q", "token": None},
    ),
    Case("blocked", member("member", "kicked"), {"kind": K.BLOCKED, "chat_id": "5123456789", "is_group": False}),
    Case("unblocked", member("kicked", "member"), {"kind": K.UNBLOCKED}),
    Case(
        "invited into a group",
        member("left", "member", chat=GROUP),
        {"kind": K.UNBLOCKED, "is_group": True, "note": "group_joined"},
    ),
    Case("invited as administrator", member("left", "administrator", chat=GROUP), {"note": "group_joined"}),
    Case(
        "thrown out of a group",
        member("member", "kicked", chat=GROUP),
        {"kind": K.BLOCKED, "is_group": True, "note": "group_left"},
    ),
    Case(
        "group becomes a supergroup, told in the old chat",
        message(chat=GROUP | {"id": -77}, migrate_to_chat_id=-1001),
        {"kind": K.MIGRATED, "chat_id": "-77", "payload": "-1001"},
    ),
    Case(
        "group becomes a supergroup, told in the new chat",
        message(chat=GROUP | {"id": -1001}, migrate_from_chat_id=-77),
        {"kind": K.MIGRATED, "chat_id": "-77", "payload": "-1001"},
    ),
]

IGNORED = {
    "command to another bot": message(text="/duyet@Other_Bot 5", chat=GROUP),
    "step of a live location": edited(location={"latitude": 1.0, "longitude": 2.0, "live_period": 60}),
    "edit that left nothing": edited(),
    "post in a channel": {"update_id": 1, "channel_post": message(text="x")["message"]},
    "message in a channel": message(text="x", chat={"id": -1, "type": "channel", "title": "K"}),
    "somebody joined": message(chat=GROUP, new_chat_members=[PERSON]),
    "promoted in a group": member("member", "administrator", chat=GROUP),
    "an unknown kind of update": {"update_id": 1, "telepathy": {"from": PERSON, "thought": "…"}},
    "a malformed update of a kind nobody asked for": {"update_id": 1, "poll_answer": 7, "inline_query": []},
}

UNREADABLE: dict[str, dict[str, Any]] = {
    "empty": {},
    "no update_id": {"message": message(text="x")["message"]},
    "update_id is no number": message(text="x") | {"update_id": "x"},
    "message is no object": {"update_id": 1, "message": [1]},
    "message is null": {"update_id": 1, "message": None},
    "message without chat": {"update_id": 1, "message": {"message_id": 1, "date": SENT, "text": "x"}},
    "message without date": {"update_id": 1, "message": {"message_id": 1, "chat": PRIVATE, "text": "x"}},
    "date is null": message(text="x", date=None),
    "date beyond time": message(text="x", date=10**18),
    "date is a word": message(text="x", date="hôm qua"),
    "chat is a number": message(text="x", chat=5),
    "chat id is a word": message(text="x", chat=PRIVATE | {"id": "abc"}),
    "chat id is true": message(text="x", chat=PRIVATE | {"id": True}),
    "text is a number": message(text=5),
    "text is an object": message(text={"a": 1}),
    "photo without file id": message(photo=[{"width": 1, "height": 1, "file_unique_id": "u"}]),
    "voice without file id": message(voice={"file_unique_id": "u", "duration": 1}),
    "photo is a word": message(photo="ảnh"),
    "reply is no object": message(text="x", reply_to_message=5),
    "press without sender": {"update_id": 1, "callback_query": {"id": "q", "chat_instance": "1", "data": "x"}},
    "membership without state": {"update_id": 1, "my_chat_member": {"chat": PRIVATE, "from": PERSON, "date": SENT}},
}


def parse(update: dict[str, Any], username: str | None = "doi_thoai_bot") -> list[InboundMessage]:
    return parse_update(update, account=ACCOUNT, username=username, now=NOW)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_update_becomes_one_neutral_message(case: Case) -> None:
    before = copy.deepcopy(case.update)
    (found,) = parse(case.update)
    assert (found.channel, found.account) == ("telegram", ACCOUNT)
    assert {name: getattr(found, name) for name in case.expect} == case.expect
    if case.file:
        (file,) = found.files
        assert {name: getattr(file, name) for name in case.file} == case.file
    assert case.update == before, "the payload must stay as it came"


@pytest.mark.parametrize("name", IGNORED)
def test_what_concerns_nobody_gives_nothing(name: str) -> None:
    assert parse(IGNORED[name]) == []


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_malformed_is_refused_with_a_reason_and_still_has_an_envelope(name: str) -> None:
    with pytest.raises(UnreadablePayload) as caught:
        parse(UNREADABLE[name])
    assert str(caught.value)
    assert "hôm qua" not in str(caught.value)
    assert envelope_of(UNREADABLE[name], account=ACCOUNT).external_id


def test_while_our_name_is_unknown_only_private_chats_can_mean_us() -> None:
    (found,) = parse(message(text="/tracuu@Some_Bot X"), username=None)
    assert found.text == "/tracuu X"
    assert parse(message(text="/duyet@Some_Bot 5", chat=GROUP), username=None) == []


def test_everything_of_one_private_chat_shares_one_order_key() -> None:
    updates = [
        message(text="x"),
        edited(text="y"),
        press(),
        press(message=message(text="thẻ")["message"]),
        press(message={"chat": PRIVATE, "message_id": 3, "date": 0}),
        member("member", "kicked"),
    ]
    keys = {envelope_of(update, account=ACCOUNT).conversation_key for update in updates}
    assert keys == {"telegram:110201543:5123456789"}


def test_a_press_in_a_group_is_ordered_with_the_group() -> None:
    update = press(message=message(text="thẻ", chat=GROUP)["message"])
    assert envelope_of(update, account=ACCOUNT).conversation_key == "telegram:110201543:-1001987654321"


def test_the_update_id_is_the_identity_and_odd_payloads_get_a_fingerprint_of_their_own() -> None:
    assert envelope_of(message(text="x"), account=ACCOUNT).external_id == "800000001"
    odd = {"update_id": 1.5, "b": 1, "a": 2}
    same = {"a": 2, "b": 1, "update_id": 1.5}
    other = {"update_id": 1.5, "b": 2, "a": 2}
    first, second, third = (envelope_of(payload, account=ACCOUNT) for payload in (odd, same, other))
    assert first == second
    assert first.external_id != third.external_id
    assert first.conversation_key != third.conversation_key, "payloads without a chat must not hold each other up"


def test_nesting_too_deep_to_write_down_still_gets_an_envelope_and_is_refused() -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"a": deep}
    payload = {"message": deep}
    assert envelope_of(payload, account=ACCOUNT).external_id.startswith("odd:")
    with pytest.raises(UnreadablePayload):
        parse(payload | {"update_id": 1})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = sorted(
    {
        *message()["message"],
        *press()["callback_query"],
        "text",
        "photo",
        "voice",
        "contact",
        "document",
        "venue",
        "sticker",
        "reply_to_message",
        "sender_chat",
        "migrate_to_chat_id",
        "edit_date",
        "old_chat_member",
    }
)


@st.composite
def damaged_updates(draw: st.DrawFn) -> dict[str, Any]:
    """A real update with one to three of its fields replaced by anything at all."""
    update = copy.deepcopy(draw(st.sampled_from([case.update for case in CASES])))
    (kind,) = (key for key in update if key != "update_id")
    for _ in range(draw(st.integers(1, 3))):
        update[kind][draw(st.sampled_from(FIELDS))] = draw(JSON)
    return update


@given(st.dictionaries(st.text(max_size=12), JSON, max_size=5) | damaged_updates())
@settings(max_examples=400, deadline=None)
def test_any_json_object_is_read_or_refused_and_what_is_read_can_be_stored(payload: dict[str, Any]) -> None:
    envelope = envelope_of(payload, account=ACCOUNT)
    assert envelope.external_id
    assert envelope.conversation_key.startswith("telegram:110201543:")
    try:
        found = parse(payload)
    except UnreadablePayload:
        return
    for inbound in found:
        assert inbound.sent_at.tzinfo is not None
        assert "\x00" not in inbound.text
        for value in (inbound.text, inbound.sender_name, inbound.token, inbound.payload, inbound.album, inbound.note):
            json.dumps(value, ensure_ascii=False).encode()
