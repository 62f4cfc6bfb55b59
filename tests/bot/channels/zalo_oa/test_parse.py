"""Every event of the official account's webhook against the neutral message it becomes. Invented people."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channel import UnreadablePayload
from bot.channels.zalo_oa.envelope import envelope_of
from bot.channels.zalo_oa.nameless import nameless
from bot.channels.zalo_oa.parse import parse_event
from bot.channels.zalo_oa.press import payload_of, token_of
from casework.talk import AttachedFile, InboundMessage
from casework.talk import MessageKind as K

ACCOUNT = "2918400771122334455"
OA = "4318657068771012646"
PERSON = "4521893670011223344"
MSG = "a1b2c3d4e5f6a7b8c9"
URL = "https://photo-stal-1.zdn.vn/anh.jpg"
STAMP = "1793581200123"
AT = dt.datetime(2026, 11, 2, 1, 0, 0, 123000, tzinfo=dt.UTC)


def user(event: str, message: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Something a person did."""
    whole = {
        "app_id": ACCOUNT,
        "event_name": event,
        "timestamp": STAMP,
        "sender": {"id": PERSON},
        "recipient": {"id": OA},
        "user_id_by_app": "552177279717587730",
    }
    return whole | ({"message": {"msg_id": MSG, **message}} if message is not None else {}) | fields


def ours(event: str, message: Mapping[str, Any], **sender: Any) -> dict[str, Any]:
    """Something about what our account sent."""
    return user(event) | {"sender": {"id": OA, **sender}, "recipient": {"id": PERSON}, "message": dict(message)}


def attached(event: str, kind: str, text: str | None = None, **payload: Any) -> dict[str, Any]:
    message: dict[str, Any] = {"attachments": [{"type": kind, "payload": payload}]}
    return user(event, message | ({"text": text} if text is not None else {}))


def flat(event: str, **fields: Any) -> dict[str, Any]:
    return {"app_id": ACCOUNT, "event_name": event, "timestamp": STAMP, **fields}


def said(kind: K, *, message_ref: str | None = MSG, chat_id: str = PERSON, **what: Any) -> InboundMessage:
    what = {"channel": "zalo-oa"} | what
    return InboundMessage(
        account=ACCOUNT, chat_id=chat_id, sender_id=chat_id, kind=kind, message_ref=message_ref, sent_at=AT, **what
    )


def did(kind: K, **what: Any) -> InboundMessage:
    return said(kind, message_ref=None, **what)


CARD = json.dumps({"phone": "84950000002", "qrCodeUrl": "https://qr.zdn.vn/x.jpg"})
PLACE = {"latitude": "20.8561", "longitude": "106.6822"}
FOLLOWED = {"oa_id": OA, "follower": {"id": PERSON}, "user_id_by_app": "552177279717587730", "source": "oa_profile"}
INFO = {"name": "Trần Thị Hoa", "phone": "0950000002", "address": "ngõ 3", "city": "Hải Phòng"}


@dataclass(frozen=True)
class Case:
    name: str
    payload: dict[str, Any]
    expect: InboundMessage | None


CASES = [
    Case("text", user("user_send_text", {"text": "Đèn hỏng"}), said(K.TEXT, text="Đèn hỏng")),
    Case("text written in parts", user("user_send_text", {"text": "De\u0300n"}), said(K.TEXT, text="Dèn")),
    Case(
        "answer to our message",
        user("user_send_text", {"text": "2", "quote_msg_id": "ff00aa"}),
        said(K.TEXT, text="2", reply_to_ref="ff00aa"),
    ),
    Case("time as a number", user("user_send_text", {"text": "x"}) | {"timestamp": int(STAMP)}, said(K.TEXT, text="x")),
    Case("id as a number", user("user_send_text", {"text": "x"}, sender={"id": int(PERSON)}), said(K.TEXT, text="x")),
    Case("tapped button", user("user_send_text", {"text": "#dt:c:4:1"}), said(K.PRESS, token="c:4:1")),
    Case("a mark without token", user("user_send_text", {"text": "#dt: x"}), said(K.TEXT, text="#dt: x")),
    Case("empty text", user("user_send_text", {"text": " "}), said(K.OTHER, note="unknown_content")),
    Case(
        "photo with words",
        attached("user_send_image", "image", "Chỗ này", thumbnail="https://t.zdn.vn/a.jpg", url=URL),
        said(K.MEDIA, text="Chỗ này", files=(AttachedFile(kind="photo", file_ref=URL),)),
    ),
    Case(
        "two photos",
        user("user_send_image", {"attachments": [{"type": "image", "payload": {"url": URL}}] * 2}),
        said(K.MEDIA, files=(AttachedFile(kind="photo", file_ref=URL),) * 2),
    ),
    Case(
        "gif",
        attached("user_send_gif", "gif", url=URL),
        said(K.MEDIA, files=(AttachedFile(kind="photo", file_ref=URL),)),
    ),
    Case("photo whose picture is missing", user("user_send_image", {"text": "Ảnh"}), said(K.TEXT, text="Ảnh")),
    Case("photo with nothing", user("user_send_image", {}), said(K.OTHER, note="unknown_content")),
    Case(
        "link",
        attached("user_send_link", "link", "Xem giúp", description="Cầu sập", url="https://bao.example.vn/1"),
        said(K.TEXT, text="Xem giúp\nCầu sập\nhttps://bao.example.vn/1"),
    ),
    Case(
        "link whose address is its text",
        attached("user_send_link", "link", "https://bao.example.vn/1", url="https://bao.example.vn/1"),
        said(K.TEXT, text="https://bao.example.vn/1"),
    ),
    Case(
        "voice",
        attached("user_send_audio", "audio", url="https://voice.zdn.vn/1.amr"),
        said(K.MEDIA, files=(AttachedFile(kind="voice", file_ref="https://voice.zdn.vn/1.amr"),)),
    ),
    Case(
        "video",
        attached("user_send_video", "video", url="https://v.zdn.vn/1.mp4", thumbnail="x", description=""),
        said(K.MEDIA, files=(AttachedFile(kind="video", file_ref="https://v.zdn.vn/1.mp4"),)),
    ),
    Case(
        "sticker",
        attached("user_send_sticker", "sticker", url="https://s.zdn.vn/1.png", id="24123"),
        said(K.MEDIA, files=(AttachedFile(kind="sticker", file_ref="https://s.zdn.vn/1.png", unique_ref="24123"),)),
    ),
    Case(
        "location in an attachment",
        attached("user_send_location", "location", coordinates=PLACE),
        said(K.MEDIA, files=(AttachedFile(kind="location", latitude=20.8561, longitude=106.6822),)),
    ),
    Case(
        "location in the message",
        user("user_send_location", {"location": PLACE}),
        said(K.MEDIA, files=(AttachedFile(kind="location", latitude=20.8561, longitude=106.6822),)),
    ),
    Case(
        "location nobody could be at",
        attached("user_send_location", "location", coordinates={"latitude": "nan", "longitude": "5"}),
        said(K.OTHER, note="unknown_content"),
    ),
    Case(
        "file",
        attached(
            "user_send_file",
            "file",
            url="https://f.zdn.vn/1",
            name="../Đơn đề nghị.pdf",
            size="20481",
            type="pdf",
            checksum="9e107d9d372bb6826bd81d3542a419d6",
        ),
        said(
            K.MEDIA,
            files=(
                AttachedFile(
                    kind="document",
                    file_ref="https://f.zdn.vn/1",
                    unique_ref="9e107d9d372bb6826bd81d3542a419d6",
                    file_name="_Đơn đề nghị.pdf",
                    size=20481,
                ),
            ),
        ),
    ),
    Case(
        "contact card",
        attached("user_send_business_card", "link", description=CARD, thumbnail="https://a.zdn.vn/1.jpg"),
        said(K.MEDIA, files=(AttachedFile(kind="contact"),), note="other_contact"),
    ),
    Case(
        "contact card that comes as a link",
        attached("user_send_link", "link", description=CARD),
        said(K.MEDIA, files=(AttachedFile(kind="contact"),), note="other_contact"),
    ),
    Case("something new", user("user_send_hologram", {}), said(K.OTHER, note="unknown_content")),
    Case("follow", flat("follow", **FOLLOWED), did(K.UNBLOCKED, note="followed")),
    Case("unfollow", flat("unfollow", **FOLLOWED), did(K.BLOCKED, note="unfollowed")),
    Case("chat now", flat("user_click_chatnow", oa_id=OA, user_id=PERSON), did(K.UNBLOCKED, note="chatnow")),
    Case("withdraw", flat("user_withdraw", user_id=PERSON, user_id_by_app="55"), did(K.WITHDRAWN)),
    Case("contact form", user("user_submit_info", info=INFO), did(K.CONTACT, phone="84950000002")),
    Case(
        "contact form without a usable number",
        user("user_submit_info", info=INFO | {"phone": "không có"}),
        did(K.OTHER, note="contact_without_phone"),
    ),
    Case(
        "received",
        ours("user_received_message", {"msg_id": MSG}),
        did(K.RECEIPT, receipt_refs=(MSG,), note="delivered"),
    ),
    Case(
        "seen",
        ours("user_seen_message", {"msg_ids": ["m1", "m2", "m1"]}),
        did(K.RECEIPT, receipt_refs=("m1", "m2"), note="seen"),
    ),
    Case(
        "a form received at a phone number",
        ours("user_received_message", {"msg_id": MSG, "tracking_id": "dt-17", "delivery_time": STAMP})
        | {"recipient": {"id": "84950000002"}},
        did(
            K.RECEIPT,
            channel="zalo-zbs",
            chat_id="84950000002",
            receipt_refs=(MSG,),
            note="delivered",
        ),
    ),
    Case(
        "echo of what we sent",
        ours("oa_send_text", {"text": "Đã nhận", "msg_id": MSG}),
        said(K.ECHO, text="Đã nhận"),
    ),
    Case(
        "typed by a colleague in the console",
        ours("oa_send_text", {"text": "Chào bà", "msg_id": MSG}, admin_id="7788"),
        said(K.ECHO, text="Chào bà", by_hand=True),
    ),
    Case("echo of a picture", ours("oa_send_image", {"msg_id": MSG}, admin_id=""), said(K.ECHO)),
    Case(
        "visitor without Zalo",
        user("anonymous_send_text", {"text": "Xin chào", "conversation_id": "c1"}),
        did(
            K.OTHER,
            chat_id=f"account-{ACCOUNT}",
            is_group=True,
            note="anonymous visitor: no address to answer to",
        ),
    ),
    Case(
        "state of a form changed",
        flat("change_template_status", oa_id=OA, template_id=321, status={"prev_status": "ENABLE"}),
        did(K.NEWS, chat_id=f"account-{ACCOUNT}", note="template_status", payload="321"),
    ),
    Case(
        "daily quota changed",
        flat("change_oa_daily_quota", oa_id=OA, quota={"new": 1}),
        did(K.NEWS, chat_id=f"account-{ACCOUNT}", note="daily_quota"),
    ),
    *(
        Case(name, payload, None)
        for name, payload in {
            "reaction": user("user_reacted_message", {"react_icon": "/-heart"}),
            "tag": flat("add_user_to_tag", oa_id=OA, user_id=PERSON, tag_name="x"),
            "profile changed": flat("update_user_info", user_id=PERSON, info=INFO),
            "group message": user("user_send_group_text", {"text": "x"}),
            "own group message": ours("oa_send_group_text", {"text": "x", "msg_id": MSG}),
            "call": user("user_call_oa"),
            "rating of a form": flat("user_feedback", message={"rate": 5, "msg_id": MSG}, oa_id=OA),
            "button of a form": flat("user_click_response_button", message={"data": "x"}, msg_id=MSG, oa_id=OA),
            "shop": user("shop_has_order"),
        }.items()
    ),
]


def parse(payload: Mapping[str, Any]) -> list[InboundMessage]:
    return parse_event(payload, account=ACCOUNT)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_event_becomes_its_neutral_message(case: Case) -> None:
    assert parse(case.payload) == ([case.expect] if case.expect is not None else [])


UNREADABLE = {
    "no event": {"timestamp": STAMP},
    "event that is no text": {"event_name": 5, "timestamp": STAMP},
    "nobody": user("user_send_text", {"text": "hôm qua"}) | {"sender": {}},
    "no time": {key: value for key, value in user("user_send_text", {"text": "hôm qua"}).items() if key != "timestamp"},
    "a time beyond all calendars": user("user_send_text", {"text": "hôm qua"}) | {"timestamp": "999999999999999"},
    "text that is none": user("user_send_text", {"text": {"x": "hôm qua"}}),
    "receipt of nothing": ours("user_received_message", {}),
    "follower who is a list": flat("follow", oa_id=OA, follower=[PERSON]),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_malformed_is_refused_with_a_reason_and_still_has_an_envelope(name: str) -> None:
    with pytest.raises(UnreadablePayload) as caught:
        parse(UNREADABLE[name])
    assert str(caught.value)
    assert "hôm qua" not in str(caught.value)
    assert envelope_of(UNREADABLE[name], account=ACCOUNT).external_id


def test_everything_between_one_person_and_us_shares_one_order_key() -> None:
    of_person = [case for case in CASES if case.expect is not None and case.expect.chat_id == PERSON]
    keys = {envelope_of(case.payload, account=ACCOUNT).conversation_key for case in of_person}
    assert keys == {f"zalo-oa:{ACCOUNT}:{PERSON}"}


def test_events_without_a_person_hold_up_nobody() -> None:
    first = flat("change_oa_daily_quota", quota=1)
    second = flat("change_oa_daily_quota", quota=2)
    keys = [envelope_of(event, account=ACCOUNT).conversation_key for event in (first, second)]
    assert keys[0] != keys[1]
    assert all(key.startswith(f"zalo-oa:{ACCOUNT}:event:") for key in keys)


def test_writing_arriving_and_being_seen_are_three_events_about_one_message_id() -> None:
    events = [
        user("user_send_text", {"text": "x"}),
        ours("oa_send_text", {"text": "x", "msg_id": MSG}),
        ours("user_received_message", {"msg_id": MSG}),
        ours("user_seen_message", {"msg_ids": [MSG]}),
        user("user_reacted_message", {"react_icon": "/-heart"}),
    ]
    assert len({envelope_of(event, account=ACCOUNT).external_id for event in events}) == len(events)


def test_a_repeat_has_the_same_identity_even_where_it_carries_no_message_id() -> None:
    again = {"num_retry": 2, **flat("follow", **FOLLOWED)}
    once = envelope_of(flat("follow", **FOLLOWED), account=ACCOUNT)
    assert envelope_of(again, account=ACCOUNT) == once
    later = flat("follow", **FOLLOWED) | {"timestamp": "1793581299999"}
    assert envelope_of(later, account=ACCOUNT).external_id != once.external_id
    seen = ours("user_seen_message", {"msg_ids": ["m1", "m2"]})
    turned = ours("user_seen_message", {"msg_ids": ["m2", "m1"]})
    assert envelope_of(seen, account=ACCOUNT) == envelope_of(turned, account=ACCOUNT)
    more = ours("user_seen_message", {"msg_ids": ["m1", "m3"]})
    assert envelope_of(seen, account=ACCOUNT) != envelope_of(more, account=ACCOUNT)


@pytest.mark.parametrize("written", ["0950000002", "84950000002", "+84 950 000 002", 84950000002])
def test_the_number_of_a_contact_form_is_digits_with_country_code(written: object) -> None:
    (found,) = parse(user("user_submit_info", info=INFO | {"phone": written}))
    assert (found.kind, found.phone) == (K.CONTACT, "84950000002")


@pytest.mark.parametrize("written", ["12345", "", None, True, [], "một hai ba"])
def test_a_contact_form_without_a_usable_number_asks_again(written: object) -> None:
    (found,) = parse(user("user_submit_info", info=INFO | {"phone": written}))
    assert (found.kind, found.note) == (K.OTHER, "contact_without_phone")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64))
def test_every_token_survives_the_way_through_a_button(token: str) -> None:
    assert token_of(payload_of(token)) == token


# ---------------------------------------------------------------------- without names


def test_what_is_kept_names_nobody_and_loses_no_words() -> None:
    form = user("user_submit_info", info=INFO)
    named = user("user_send_text", {"text": "Đèn hỏng"}, sender={"id": PERSON, "display_name": "Hoa", "avatar": URL})
    card = attached("user_send_business_card", "link", "Số của bác", description=CARD, thumbnail=URL)
    by_phone = ours("user_received_message", {"msg_id": MSG, "tracking_id": "7"}) | {"recipient": {"id": "84950000002"}}
    kept = json.dumps([nameless(each) for each in (form, named, card, by_phone)], ensure_ascii=False)
    for personal in ("Hoa", "0950000002", "84950000002", "qr.zdn.vn", URL, "ngõ 3"):
        assert personal not in kept
    for needed in ("Đèn hỏng", "Số của bác", PERSON, MSG):
        assert needed in kept


def test_the_name_of_a_file_stays_because_it_says_what_was_sent() -> None:
    sent = attached("user_send_file", "file", url="https://f.zdn.vn/1", name="don.pdf")
    assert nameless(sent) == sent


# ---------------------------------------------------------------------- anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Every object of a JSON value that has something in it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [each for part in inner for each in objects_in(part)]
    return [value, *found] if isinstance(value, dict) and value else found


@st.composite
def damaged_events(draw: st.DrawFn) -> dict[str, Any]:
    """A real event with one to three places replaced by anything at all."""
    event = copy.deepcopy(draw(st.sampled_from([case.payload for case in CASES])))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(objects_in(event)))
        place[draw(st.sampled_from(sorted(place)))] = draw(JSON)
    return event


@given(st.dictionaries(st.text(max_size=12), JSON, max_size=5) | damaged_events())
@settings(max_examples=400, deadline=None)
def test_any_json_object_is_read_or_refused_and_what_is_read_can_be_stored(payload: dict[str, Any]) -> None:
    envelope = envelope_of(payload, account=ACCOUNT)
    assert envelope.external_id
    assert envelope.conversation_key.startswith(f"zalo-oa:{ACCOUNT}:")
    json.dumps([envelope.external_id, envelope.conversation_key], ensure_ascii=False).encode()
    nameless(payload)
    try:
        found = parse(payload)
    except UnreadablePayload:
        return
    for inbound in found:
        assert inbound.sent_at.tzinfo is not None
        assert "\x00" not in inbound.text
        values = (inbound.text, inbound.token, inbound.note, inbound.phone, inbound.message_ref, *inbound.receipt_refs)
        refs = [(file.file_ref, file.file_name, file.unique_ref) for file in inbound.files]
        json.dumps([values, refs], ensure_ascii=False).encode()


def test_nesting_too_deep_to_write_down_still_gets_an_envelope_and_can_be_kept() -> None:
    deep: Any = {}
    for _ in range(50_000):
        deep = {"a": deep}
    assert envelope_of({"message": deep}, account=ACCOUNT).external_id.startswith("odd:")
    assert nameless({"event_name": "follow", "x": deep})["event_name"] == "follow"
