"""A staff group that became another chat, and a code sent twice: nobody has to begin anew."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casework import notices
from casework.talk import InboundMessage, MessageKind, Outcome, OutcomeKind, Reply
from casework.usecases.citizens import intake
from casework.usecases.delivery import sending
from casework.usecases.office import enrolment
from casework.usecases.office.enrolment import Redeemed
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Delivery, InboxEntry, Role
from tests.casework.factories import make_staff


def chat(services: Services, external_id: str, *, is_group: bool = True) -> int:
    with services.writing() as work:
        identity = work.add(
            ChannelIdentity(channel="telegram", account="x", external_id=external_id, is_group=is_group)
        )
        work.commit()
        assert identity.id is not None
        return identity.id


@pytest.fixture
def group(services: Services) -> int:
    """A staff group, known as -1."""
    identity_id = chat(services, "-1")
    code = enrolment.issue_group_code(services, make_staff(services, Role.ADMIN)).code
    enrolment.redeem(services, identity_id=identity_id, code=code)
    return identity_id


def is_staff(services: Services, identity_id: int) -> bool:
    with services.reading() as work:
        return enrolment.is_staff_group(work, identity_id)


@pytest.mark.parametrize("met_before", [True, False])
@pytest.mark.parametrize("heard_by", ["a message", "a send"])
def test_a_staff_group_stays_one_when_its_chat_has_moved(
    services: Services, group: int, met_before: bool, heard_by: str
) -> None:
    new = chat(services, "-1001") if met_before else group
    if heard_by == "a message":
        with services.writing() as work:
            entry = work.add(
                InboxEntry(
                    channel="telegram",
                    account="x",
                    external_id="9",
                    conversation_key="telegram:x:-1",
                    raw="{}",
                    received_at=work.now,
                )
            )
            work.commit()
            assert entry.id is not None
        message = InboundMessage(
            channel="telegram",
            account="x",
            chat_id="-1",
            sender_id="-1",
            is_group=True,
            kind=MessageKind.MIGRATED,
            payload="-1001",
            sent_at=services.clock.now(),
        )
        intake.change_reachability(services, entry_id=entry.id, message=message)
    else:
        with services.writing() as work:
            for key in ("one", "two"):
                notices.reply(work, key=key, identity_id=group, message=Reply(text="Việc mới"), purpose="alert")
            work.commit()
        lease = dt.timedelta(seconds=60)
        (claim,) = sending.claim_due(services, channel="telegram", account="x", limit=5, lease=lease)
        moved = Outcome(kind=OutcomeKind.MIGRATED, new_chat_id="-1001")
        sending.record(services, [sending.SendResult(claim=claim, outcome=moved)])
        with services.reading() as work:
            assert set(work.session.exec(select(Delivery.channel_identity_id))) == {new}
    assert is_staff(services, new)
    with services.reading() as work:
        assert work.session.get_one(ChannelIdentity, new).external_id == "-1001"


def test_the_same_code_from_the_chat_it_linked_is_the_same_success(services: Services) -> None:
    admin = make_staff(services, Role.ADMIN)
    added = enrolment.add_staff(services, admin, name="Chị Hoa", roles=[Role.MODERATOR])
    mine, other = chat(services, "1", is_group=False), chat(services, "2", is_group=False)
    for _ in range(2):
        assert enrolment.redeem(services, identity_id=mine, code=added.code.code) is Redeemed.STAFF_LINKED
    assert enrolment.redeem(services, identity_id=other, code=added.code.code) is Redeemed.REFUSED
    enrolment.remove_staff(services, admin, added.staff_id)
    assert enrolment.redeem(services, identity_id=mine, code=added.code.code) is Redeemed.REFUSED


def test_the_same_code_from_the_group_it_enrolled_is_the_same_success(services: Services) -> None:
    code = enrolment.issue_group_code(services, make_staff(services, Role.ADMIN)).code
    group, other = chat(services, "-1"), chat(services, "-2")
    for _ in range(2):
        assert enrolment.redeem(services, identity_id=group, code=code) is Redeemed.GROUP_LINKED
    assert enrolment.redeem(services, identity_id=other, code=code) is Redeemed.REFUSED
