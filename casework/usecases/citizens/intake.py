"""Use case: one turn of a citizen's talk. Load the state, let the engine advance, apply its effects, commit once.

Opinion, state, history and replies are one transaction: a process killed at any moment leaves the turn undone, to be
done again, or done, never to be repeated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import bindparam
from sqlmodel import col, select

from casework import notices
from casework.effects import AddWords, Engine, Facts, Say, Step, Submit
from casework.talk import InboundMessage, MessageKind, Reply
from casework.usecases.citizens import people
from casework.usecases.citizens.applying import apply
from casework.usecases.citizens.copies import ERASED
from casework.usecases.citizens.facts import gather
from casework.usecases.delivery import receipts
from casework.usecases.work import Services, Work
from storage.records import (
    Attachment,
    ChannelIdentity,
    Citizen,
    Conversation,
    InboxEntry,
    InboxStatus,
)

#: longest text kept with a handled message; more is in the raw payload
TEXT_LIMIT = 200_000
#: notes of an unblocking by which a person has come to us: both open the platform's free window
_COMES_TO_US = ("followed", "chatnow")

# Each message asks these: they are built once.
_ARRIVED = select(InboxEntry.status, InboxEntry.raw, InboxEntry.channel, InboxEntry.account).where(
    InboxEntry.id == bindparam("entry")
)
_LOCKED_ENTRY = select(InboxEntry).where(InboxEntry.id == bindparam("entry")).with_for_update()
_LOCKED_TALK = (
    select(Conversation)
    .where(Conversation.key == bindparam("key"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A stored payload, as it came."""

    status: str
    raw: str
    channel: str
    account: str


def arrived(work: Work, entry_id: int) -> Arrived:
    """What the inbox holds under this number."""
    status, raw, channel, account = work.session.exec(_ARRIVED, params={"entry": entry_id}).one()
    return Arrived(status=status, raw=raw, channel=channel, account=account)


def take_turn(
    services: Services,
    engine: Engine,
    *,
    entry_id: int,
    messages: Sequence[InboundMessage],
    buttons: bool,
    kept: str | None = None,
) -> bool:
    """Handle one stored inbox entry; whether an opinion came in or got other words. Repeating it changes nothing.
    `kept`: the payload as it may be kept, without anybody's name; None keeps it as it came."""
    with services.writing() as work:
        entry = _open_entry(work, entry_id)
        if entry is None:
            return False
        new_words = False
        for index, message in enumerate(messages):
            met = people.meet(work, message)
            people.heard_from(work, met)
            thought = _think(work, engine, met.identity, message, entry, buttons=buttons)
            met.identity.last_inbound_at = work.now
            # Written down only now, and closed before the replies: no query in between has to bring half of it to
            # the database first.
            _describe(work, entry, met.identity, message, kept)
            _close(work, entry, InboxStatus.HANDLED)
            new_words |= _act(work, met.identity, message, thought, key=f"reply:{entry_id}:{index}")
        entry.reason = None
        work.commit()
    return new_words


def wake(services: Services, engine: Engine, *, conversation_id: int, buttons: bool) -> bool:
    """Wake a talk that asked for it; False when there is nothing to do (any more)."""
    with services.writing() as work:
        conversation = work.session.exec(
            select(Conversation).where(Conversation.id == conversation_id).with_for_update()
        ).one()
        due = conversation.wake_at
        if due is None or due > work.now or conversation.channel_identity_id is None:
            return False
        identity = work.session.get_one(ChannelIdentity, conversation.channel_identity_id)
        message = InboundMessage(
            channel=identity.channel,
            account=identity.account,
            chat_id=identity.external_id,
            sender_id=identity.external_id,
            kind=MessageKind.WAKE,
            sent_at=work.now,
        )
        key = f"wake:{conversation_id}:{due.isoformat()}"
        _act(work, identity, message, _think(work, engine, identity, message, None, buttons=buttons), key=key)
        work.commit()
    return True


@dataclass(frozen=True, kw_only=True)
class _Thought:
    """What the engine made of a message, and of what."""

    person: Citizen
    facts: Facts
    step: Step


def _think(
    work: Work,
    engine: Engine,
    identity: ChannelIdentity,
    message: InboundMessage,
    entry: InboxEntry | None,
    *,
    buttons: bool,
) -> _Thought:
    """One step of the talk; nothing of what it causes is done yet."""
    # The talk is held first: whoever joins this person with another waits for it, or has been waited for.
    conversation = conversation_of(work, identity)
    person = people.citizen_of(work, identity)
    facts = gather(work, person, message, entry, identity_id=identity.id, buttons=buttons)
    step: Step = engine(conversation.state, message, entry.id if entry else None, facts, work.now)
    conversation.state, conversation.wake_at = step.state, step.wake_at
    conversation.updated_at = work.now
    work.session.add(conversation)
    return _Thought(person=person, facts=facts, step=step)


def _act(work: Work, identity: ChannelIdentity, message: InboundMessage, thought: _Thought, *, key: str) -> bool:
    """Do all that a step of the talk causes; whether there are new words to look for alike ones."""
    effects = thought.step.effects
    replies = [effect.reply for effect in effects if isinstance(effect, Say)]
    others = [effect for effect in effects if not isinstance(effect, Say)]
    apply(work, thought.person, identity, message, thought.facts, others)
    _reply(work, identity, replies, key=key)
    return any(isinstance(effect, Submit | AddWords) for effect in effects)


def _reply(work: Work, identity: ChannelIdentity, replies: Sequence[Reply], *, key: str) -> None:
    if identity.id is None:
        raise ValueError("an identity that is not stored")
    for number, reply in enumerate(replies):
        notices.reply(work, key=f"{key}:{number}", identity_id=identity.id, message=reply)


def conversation_of(work: Work, identity: ChannelIdentity) -> Conversation:
    """The talk of a chat, locked and as it is now (a wake may be under way); its key is the order key of the inbox."""
    key = conversation_key(identity.channel, identity.account, identity.external_id)
    conversation = work.session.exec(_LOCKED_TALK, params={"key": key}).first()
    if conversation is None:
        return work.add(Conversation(key=key, channel_identity_id=identity.id, updated_at=work.now))
    if conversation.channel_identity_id is None:
        conversation.channel_identity_id = identity.id
    return conversation


def conversation_key(channel: str, account: str, chat_id: str) -> str:
    """The one spelling of "this chat": messages of one key are handled strictly in order."""
    return f"{channel}:{account}:{chat_id}"


# ---------------------------------------------------------------------- inbox entries


def finish_with_replies(
    services: Services,
    *,
    entry_id: int,
    message: InboundMessage,
    replies: Sequence[Reply],
    kept: str | None = None,
) -> None:
    """Close an entry that staff work has handled, with its replies, in one transaction; `kept` as in `take_turn`."""
    with services.writing() as work:
        entry = _open_entry(work, entry_id)
        if entry is None:
            return
        identity = people.meet(work, message).identity
        people.window_opened(work, identity)
        _describe(work, entry, identity, message, kept)
        _reply(work, identity, replies, key=f"reply:{entry_id}:0")
        _close(work, entry, InboxStatus.HANDLED)
        work.commit()


def _changes_what_was_erased(work: Work, identity: ChannelIdentity, message: InboundMessage) -> bool:
    """Whether a colleague's message is the new form of one whose words are not kept (somebody's name, once it stands
    where it belongs); then neither are these. A resident's new words may be a new draft of theirs."""
    if message.kind is not MessageKind.EDIT or message.message_ref is None:
        return False
    if people.known_chat(work, message).staff_id is None:
        return False
    erased = select(InboxEntry.id).where(
        InboxEntry.channel_identity_id == identity.id,
        InboxEntry.message_ref == message.message_ref,
        InboxEntry.reason == ERASED,
    )
    return work.session.exec(erased.limit(1)).first() is not None


def set_aside(services: Services, *, entry_id: int, status: InboxStatus, reason: str, kept: str | None = None) -> None:
    """Close an entry that leads to nothing: ignored (concerns nobody) or quarantined (cannot be understood); `kept` as
    in `take_turn`."""
    with services.writing() as work:
        entry = _open_entry(work, entry_id)
        if entry is not None:
            entry.raw = kept or entry.raw
            _close(work, entry, status, reason)
            work.commit()


def change_reachability(
    services: Services,
    *,
    entry_id: int,
    message: InboundMessage,
    kept: str | None = None,
    engine: Engine | None = None,
    buttons: bool = False,
) -> None:
    """The person blocked or unblocked us, or the chat has moved to a new id. With an `engine`, somebody who comes to us
    (follows, opens the chat) and never wrote is welcomed, once."""
    with services.writing() as work:
        entry = _open_entry(work, entry_id)
        if entry is None:
            return
        identity = people.meet(work, message).identity
        _describe(work, entry, identity, message, kept)
        if message.kind is MessageKind.MIGRATED:
            _move(work, identity, message.payload or "")
        else:
            reachable = message.kind is MessageKind.UNBLOCKED
            comes = reachable and message.note in _COMES_TO_US and identity.last_inbound_at is None
            reason = None if reachable else message.note or "blocked"
            people.set_reachable(work, identity, reachable=reachable, reason=reason)
            if reachable:
                people.window_opened(work, identity)
            if comes and engine is not None and people.known_chat(work, message).staff_id is None:
                hello = replace(message, kind=MessageKind.START)
                thought = _think(work, engine, identity, hello, None, buttons=buttons)
                _act(work, identity, hello, thought, key=f"welcome:{identity.id}")
        _close(work, entry, InboxStatus.HANDLED)
        work.commit()


def take_notice(services: Services, *, entry_id: int, message: InboundMessage, kept: str | None = None) -> None:
    """The platform tells us something about our own messages, or about what the person did outside the talk."""
    with services.writing() as work:
        entry = _open_entry(work, entry_id)
        if entry is None:
            return
        if message.kind is MessageKind.WITHDRAWN:
            identity = people.meet(work, message).identity
        else:
            # What became of a message of ours makes nobody known: a number its owner had forgotten would come back.
            known = people.known_chat(work, message).identity_id
            if known is None:
                entry.raw = kept or entry.raw
                _close(work, entry, InboxStatus.IGNORED, "about a chat we do not know")
                work.commit()
                return
            identity = work.session.get_one(ChannelIdentity, known)
        _describe(work, entry, identity, message, kept)
        match message.kind:
            case MessageKind.RECEIPT:
                receipts.confirmed(work, identity, message)
            case MessageKind.ECHO:
                receipts.echoed(work, identity, message)
            case MessageKind.WITHDRAWN:
                from casework.usecases.citizens.withdrawal import platform_withdrawal

                platform_withdrawal(work, identity)
            case _:
                raise ValueError(f"{message.kind} belongs to the talk")
        _close(work, entry, InboxStatus.HANDLED, receipts.BY_HAND if message.by_hand else None)
        work.commit()


def _move(work: Work, identity: ChannelIdentity, new_id: str) -> None:
    if new_id:
        people.move_chat(work, identity, new_id)


def _open_entry(work: Work, entry_id: int) -> InboxEntry | None:
    entry = work.session.exec(_LOCKED_ENTRY, params={"entry": entry_id}).one()
    return entry if entry.status == InboxStatus.RECEIVED else None


def _describe(
    work: Work, entry: InboxEntry, identity: ChannelIdentity, message: InboundMessage, kept: str | None
) -> None:
    entry.raw = kept or entry.raw
    entry.kind, entry.message_ref, entry.sent_at = message.kind, message.message_ref, message.sent_at
    entry.text = message.text[:TEXT_LIMIT] or None
    entry.channel_identity_id = identity.id
    if _changes_what_was_erased(work, identity, message):
        entry.raw, entry.text = "{}", None
    if entry.id is None:
        raise ValueError("an entry that is not stored")
    for file in message.files:
        work.session.add(
            Attachment(
                inbox_entry_id=entry.id,
                kind=file.kind,
                file_ref=file.file_ref,
                unique_ref=file.unique_ref,
                file_name=file.file_name,
                mime=file.mime,
                size=file.size,
                duration_seconds=file.duration_seconds,
                latitude=file.latitude,
                longitude=file.longitude,
                album=message.album,
                too_large=file.too_large,
            )
        )


def _close(work: Work, entry: InboxEntry, status: InboxStatus, reason: str | None = None) -> None:
    entry.status, entry.reason, entry.handled_at = status, reason, work.now
    work.session.add(entry)


def met_now(services: Services, message: InboundMessage) -> int:
    """The id of a chat that never wrote before, met now."""
    with services.writing() as work:
        identity = people.meet(work, message).identity
        work.commit()
    if identity.id is None:
        raise ValueError("an identity that is not stored")
    return identity.id


def channel_of(services: Services, conversation_id: int) -> tuple[str, str] | None:
    """Channel and account a talk runs on."""
    with services.reading() as work:
        row = work.session.exec(
            select(ChannelIdentity.channel, ChannelIdentity.account)
            .join(Conversation, col(Conversation.channel_identity_id) == col(ChannelIdentity.id))
            .where(Conversation.id == conversation_id)
        ).first()
        return None if row is None else (row[0], row[1])


def due_wakes(services: Services, limit: int = 100) -> list[int]:
    """Talks whose time to be woken has come, oldest first."""
    with services.reading() as work:
        rows = work.session.exec(
            select(Conversation.id)
            .where(col(Conversation.wake_at) <= work.now)
            .order_by(col(Conversation.wake_at))
            .limit(limit)
        )
        return [row for row in rows if row is not None]


def wake_of(services: Services, key: str) -> dt.datetime | None:
    """When one talk wants to be woken."""
    with services.reading() as work:
        return work.session.exec(select(Conversation.wake_at).where(Conversation.key == key)).first()


def next_wake(services: Services) -> dt.datetime | None:
    """When the next talk wants to be woken."""
    with services.reading() as work:
        return work.session.exec(
            select(Conversation.wake_at)
            .where(col(Conversation.wake_at).is_not(None))
            .order_by(col(Conversation.wake_at))
        ).first()
