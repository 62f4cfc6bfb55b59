"""What an officer has noted so far of somebody's opinion, kept in the database between two messages.

One row per officer, whatever channel they write on. A message that comes a second time gets the same reply again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select

from casework import notices
from casework.talk import Reply
from casework.usecases.citizens import proxy
from casework.usecases.citizens.applying import ERASED, QUOTED, attach
from casework.usecases.citizens.proxy import Entered, ProxyOpinion
from casework.usecases.citizens.submitting import Source
from casework.usecases.work import Services, Work, staff_member
from casework.wording import say
from nlp.analysis import Analysis
from storage.records import Conversation, Delivery, InboxEntry, Staff

State = dict[str, Any]

_PREFIX = "proxy:"
#: a talk left open so long is reminded of, and one left open for so long is erased
REMIND_AFTER, KEPT = dt.timedelta(hours=12), dt.timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """The officer says: take it. `again`: equal words are another person's."""

    new: ProxyOpinion
    analysis: Analysis
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One step of the talk: what is to be kept of it, and what is said."""

    state: State
    reply: str
    submission: Submission | None = None
    #: what to say after the submission
    say_done: Callable[[Entered], str] | None = None
    #: what to keep and say when the same words were entered a moment ago
    say_twice: Callable[[proxy.SameWords], Moved] | None = None
    #: messages whose words are no longer needed, and words our own messages must not repeat any more
    erase_entries: tuple[int, ...] = ()
    erase_quotes: tuple[str, ...] = ()
    #: messages the opinion was written in
    entries: tuple[int, ...] = field(default=())


def state_of(services: Services, staff_id: int) -> State:
    """What this officer has noted so far; empty when nothing is open."""
    with services.reading() as work:
        row = work.session.exec(select(Conversation).where(Conversation.key == _key(staff_id))).first()
        return {} if row is None else dict(row.state)


def move(services: Services, staff_id: int, entry_id: int, advance: Callable[[State], Moved]) -> str:
    """Take one step with the message `entry_id` and keep it, with all it causes, in one transaction; returns the reply.
    The same message again changes nothing. Raises what entering an opinion raises; then nothing is kept."""
    with services.writing() as work:
        row = _row(work, staff_id)
        if row.state.get("entry") == entry_id:
            return str(row.state["reply"])
        moved = advance(dict(row.state))
        if moved.submission is not None:
            moved = _submitted(work, staff_id, moved)
        _erase(work, staff_id, moved)
        row.state = {**moved.state, "entry": entry_id, "reply": moved.reply}
        row.updated_at = work.now
        work.session.add(row)
        work.commit()
    return moved.reply


def look_after_drafts(services: Services) -> int:
    """Officers who left a talk open hear of it the next day; after a week what they noted is erased, and they are told
    that, too. Returns how many were told."""
    told = 0
    with services.writing() as work:
        rows = work.session.exec(
            select(Conversation)
            .where(col(Conversation.key).startswith(_PREFIX), col(Conversation.updated_at) <= work.now - REMIND_AFTER)
            .with_for_update()
        )
        for row in rows.all():
            told += is_open(row.state) and _look_after(work, row)
        work.commit()
    return told


def _look_after(work: Work, row: Conversation) -> bool:
    """Whether the officer is told something."""
    staff_id = int(row.key.removeprefix(_PREFIX))
    over = work.now - row.updated_at >= KEPT
    if not over and row.state.get("reminded"):
        return False
    chat = work.session.get_one(Staff, staff_id).channel_identity_id
    if chat is not None:
        text = say("proxy.forgotten" if over else "proxy.remind", days=KEPT.days)
        key = f"{row.key}:{row.updated_at.isoformat()}:{'over' if over else 'open'}"
        notices.reply(work, key=key, identity_id=chat, message=Reply(text=text), purpose="reminder")
    if over:
        entries = (*row.state.get("words", ()), *row.state.get("private", ()))
        quotes = [str(row.state[name]) for name in ("text", "name") if row.state.get(name)]
        quotes += row.state.get("replaced", ())
        _erase(work, staff_id, Moved(state={}, reply="", erase_entries=entries, erase_quotes=tuple(quotes)))
        row.state = {}
    else:
        row.state = {**row.state, "reminded": True}
    work.session.add(row)
    return chat is not None


def _submitted(work: Work, staff_id: int, moved: Moved) -> Moved:
    wanted = moved.submission
    if wanted is None or moved.say_done is None or moved.say_twice is None:
        return moved
    if not wanted.again:
        try:
            proxy.check_twice(work, staff_id, wanted.new)
        except proxy.SameWords as same:
            return moved.say_twice(same)
    source = Source(name=proxy.PROXY, staff_id=staff_id)
    entered = proxy.take(work, staff_id, wanted.new, wanted.analysis, source)
    attach(work, entered.opinion_id, moved.entries)
    return Moved(
        state=moved.state,
        reply=moved.say_done(entered),
        erase_entries=moved.erase_entries,
        erase_quotes=moved.erase_quotes,
    )


def _row(work: Work, staff_id: int) -> Conversation:
    key = _key(staff_id)
    row = work.session.exec(
        select(Conversation).where(Conversation.key == key).with_for_update().execution_options(populate_existing=True)
    ).first()
    if row is not None:
        return row
    # Bound to no chat: the officer's own talk as a resident is another row.
    return work.add(Conversation(key=key, updated_at=work.now))


def _key(staff_id: int) -> str:
    return f"{_PREFIX}{staff_id}"


def _erase(work: Work, staff_id: int, moved: Moved) -> None:
    """Words that led to nothing, or are kept where they belong, go from the stored messages and from our replies."""
    if moved.erase_entries:
        rows = work.session.exec(select(InboxEntry).where(col(InboxEntry.id).in_(moved.erase_entries)))
        for entry in rows:
            entry.raw, entry.text, entry.reason = "{}", None, "erased_by_sender"
            work.session.add(entry)
            if entry.id is not None:
                work.record(staff_member(staff_id), "draft_erased", "inbox_entry", entry.id)
    _erase_quotes(work, staff_id, moved.erase_quotes)


def _erase_quotes(work: Work, staff_id: int, words: Iterable[str]) -> None:
    samples = [one.strip()[:QUOTED] for one in words if one.strip()]
    chat = work.session.get_one(Staff, staff_id).channel_identity_id
    if not samples or chat is None:
        return
    # However far they have got: one that was never sent, or whose fate is unknown, repeats the words as well.
    replies = work.session.exec(
        select(Delivery).where(Delivery.channel_identity_id == chat, Delivery.purpose == "reply")
    )
    for reply in replies:
        if any(sample in reply.text for sample in samples):
            reply.text = ERASED
            work.session.add(reply)


def is_open(state: Mapping[str, Any]) -> bool:
    """Whether a talk stands there that is not finished."""
    return bool(state.get("step"))
