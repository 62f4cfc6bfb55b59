"""What is set aside, and what becomes of our own messages, keeps nobody's name or number and makes nobody known."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import col, select

from bot.channels.zalo_oa.channel import ZaloOaChannel
from bot.inbox import Inbox
from bot.turn import handle_entry
from casework.ladder.values import PHONE_CHANNEL
from casework.usecases.citizens import phones
from casework.usecases.work import Services
from storage.records import (
    ChannelIdentity,
    Citizen,
    Consent,
    ConsentPurpose,
    DeliveryAttempt,
    InboxEntry,
    InboxStatus,
)
from tests.casework.factories import make_citizen

ACCOUNT, PERSON, OA = "2918400771122334455", "4521893670011223344", "4318657068771012646"
STAMP = "1793581200123"
INFO = {"name": "Nguyễn Thị Bí Mật", "phone": "0950000002", "address": "Số 5 xóm Trại"}


def arrives(services: Services, event: str, **fields: Any) -> InboxEntry:
    """An event of the official account, handled; returns its row."""
    channel: Any = ZaloOaChannel(SimpleNamespace(), account=ACCOUNT)  # type: ignore[arg-type]
    Inbox(services).store_payload(channel, {"app_id": ACCOUNT, "event_name": event, "timestamp": STAMP, **fields})
    with services.reading() as work:
        entry = work.session.exec(select(InboxEntry).order_by(col(InboxEntry.id).desc())).first()
    assert entry is not None
    handle_entry(services, {(channel.name, channel.account): channel}, entry.id or 0)
    with services.reading() as work:
        return work.session.get_one(InboxEntry, entry.id)


@pytest.mark.parametrize(
    ("event", "fields", "status"),
    [
        ("update_user_info", {"user_id": PERSON, "info": INFO}, InboxStatus.IGNORED),
        ("user_submit_info", {"sender": {"id": PERSON}, "info": INFO, "timestamp": "?"}, InboxStatus.QUARANTINED),
    ],
)
def test_what_is_set_aside_keeps_no_name_and_no_number(services: Services, event, fields, status) -> None:
    entry = arrives(services, event, **fields)
    assert entry.status == status
    assert entry.reason
    assert event in entry.raw
    for personal in ("Bí Mật", json.dumps("Bí Mật")[1:-1], "0950000002", "xóm Trại"):
        assert personal not in entry.raw


def receipt(number: str) -> dict[str, Any]:
    message = {"msg_id": "q1", "tracking_id": "77", "delivery_time": STAMP}
    return {"sender": {"id": OA}, "recipient": {"id": number}, "message": message}


def with_phone(services: Services, number: str) -> int:
    """A person whose number is kept; returns its identity."""
    services.policy = replace(services.policy, phone_account=ACCOUNT)
    citizen = make_citizen(services, channel="zalo-oa")
    with services.writing() as work:
        work.add(
            Consent(
                citizen_id=citizen,
                purpose=ConsentPurpose.PHONE,
                granted=True,
                wording_version="1",
                wording_hash="x",
                at=work.now,
            )
        )
        work.session.flush()
        phones.keep_phone(work, work.session.get_one(Citizen, citizen), number)
        work.commit()
    with services.reading() as work:
        key = work.session.exec(select(ChannelIdentity.id).where(ChannelIdentity.channel == PHONE_CHANNEL)).one()
    assert key is not None
    return key


def test_a_number_its_owner_had_forgotten_does_not_come_back_with_a_late_receipt(services: Services) -> None:
    with_phone(services, "0950000002")
    with services.writing() as work:
        phones.forget_phone(work, work.session.exec(select(Citizen)).one())
        work.commit()
    entry = arrives(services, "user_received_message", **receipt("84950000002"))
    assert entry.status == InboxStatus.IGNORED
    with services.reading() as work:
        kept = [row.model_dump_json() for row in work.session.exec(select(InboxEntry))]
        kept += [row.model_dump_json() for row in work.session.exec(select(ChannelIdentity))]
    assert "950000002" not in "".join(kept)


def test_the_receipt_of_a_form_sent_to_a_kept_number_finds_it_and_is_not_ordered_by_it(services: Services) -> None:
    identity = with_phone(services, "0950000002")
    entry = arrives(services, "user_received_message", **receipt("84950000002"))
    assert (entry.status, entry.channel_identity_id) == (InboxStatus.HANDLED, identity)
    assert "950000002" not in entry.conversation_key + entry.raw + entry.external_id


def test_an_echo_to_somebody_who_never_wrote_makes_nobody_known(services: Services) -> None:
    entry = arrives(
        services,
        "oa_send_text",
        sender={"id": OA, "admin_id": "1"},
        recipient={"id": PERSON},
        message={"msg_id": "e1", "text": "Chào bác"},
    )
    assert (entry.status, entry.reason) == (InboxStatus.IGNORED, "about a chat we do not know")
    with services.reading() as work:
        assert work.session.exec(select(ChannelIdentity)).first() is None
        assert work.session.exec(select(DeliveryAttempt)).first() is None
