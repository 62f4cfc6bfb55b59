"""Whoever follows the account, or opens its chat, and never wrote is told once how to ask."""

from __future__ import annotations

from sqlmodel import select

from bot.conversation.engine import advance
from casework.talk import InboundMessage, MessageKind
from casework.usecases.citizens import intake
from casework.usecases.work import Services
from storage.records import Delivery, InboxEntry


def comes(
    services: Services, number: int, *, note: str = "followed", kind: MessageKind = MessageKind.UNBLOCKED
) -> None:
    with services.writing() as work:
        entry = work.add(
            InboxEntry(
                channel="zalo-oa",
                account="1",
                external_id=str(number),
                conversation_key="zalo-oa:1:7",
                raw="{}",
                received_at=work.now,
            )
        )
        work.commit()
        assert entry.id is not None
    message = InboundMessage(
        channel="zalo-oa", account="1", chat_id="7", sender_id="7", kind=kind, note=note, sent_at=services.clock.now()
    )
    intake.change_reachability(services, entry_id=entry.id, message=message, engine=advance, buttons=True)


def replies(services: Services) -> list[str]:
    with services.reading() as work:
        return list(work.session.exec(select(Delivery.text).where(Delivery.purpose == "reply")))


def test_who_follows_is_welcomed_once_and_never_again(services: Services) -> None:
    comes(services, 1)
    comes(services, 2, note="chatnow")
    comes(services, 3, kind=MessageKind.BLOCKED, note="unfollowed")
    comes(services, 4)
    (welcome,) = replies(services)
    assert "cứ viết điều muốn hỏi" in welcome


def test_a_chat_that_can_merely_be_reached_again_is_not_written_to(services: Services) -> None:
    comes(services, 1, note="")
    assert replies(services) == []
