"""Whose turn it is: conversations with something to do are claimed by one worker at a time, for a limited time.

A claim is a lease on the conversation's row. A worker that dies takes nothing with it: its leases expire and another
worker goes on at the first entry that is not handled.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, and_, col, or_, select, update

from casework.usecases.work import Services
from storage.records import Conversation, InboxEntry, InboxStatus
from storage.upsert import insert_missing

#: entries of one conversation handled before others are looked at again
MOST_ENTRIES = 50


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A conversation that is ours until `until`."""

    conversation_id: int
    key: str
    until: dt.datetime


class Claims:
    """Claims of one holder. `channels`: (name, account) of the channels this process can read."""

    def __init__(
        self, services: Services, *, holder: str, channels: Collection[tuple[str, str]], lease: dt.timedelta
    ) -> None:
        self._services = services
        self._holder = holder
        self._channels = list(channels)
        self._lease = lease

    def swap(self, *, done: Collection[Claim], limit: int) -> list[Claim]:
        """Give finished conversations back and claim up to `limit` others, in one transaction.

        Oldest entries first, then talks that asked to be woken.
        """
        if not done and not self._keys_with_work(limit):
            return []
        with self._services.writing() as work:
            if done:
                self._release(work.session, done)
            claims = self._claim(work.session, work.now, limit)
            work.commit()
        return claims

    def renewed(self, claim: Claim) -> Claim | None:
        """The claim, prolonged when more than half of it is over; None when it was lost to another worker."""
        if claim.until - self._services.clock.now() > self._lease / 2:
            return claim
        with self._services.writing() as work:
            until = work.now + self._lease
            result = work.session.execute(
                update(Conversation)
                .where(col(Conversation.id) == claim.conversation_id, col(Conversation.claimed_by) == self._holder)
                .values(claimed_until=until)
            )
            work.commit()
        lost = getattr(result, "rowcount", 0) == 0
        return None if lost else Claim(conversation_id=claim.conversation_id, key=claim.key, until=until)

    def look(self, claim: Claim) -> tuple[list[int], bool]:
        """The conversation's entries still to be handled, in order, and whether the talk asked to be woken by now."""
        with self._services.reading() as work:
            entries = work.session.exec(
                select(InboxEntry.id)
                .where(InboxEntry.status == InboxStatus.RECEIVED, InboxEntry.conversation_key == claim.key)
                .order_by(col(InboxEntry.id))
                .limit(MOST_ENTRIES)
            )
            found = [entry_id for entry_id in entries if entry_id is not None]
            wake_at = work.session.exec(
                select(Conversation.wake_at).where(Conversation.id == claim.conversation_id)
            ).one()
            return found, wake_at is not None and wake_at <= work.now

    def _keys_with_work(self, limit: int) -> list[str]:
        with self._services.reading() as work:
            entries = self._keys_with_entries(work.session, work.now, limit)
            return entries or self._keys_to_wake(work.session, work.now, limit)

    def _keys_with_entries(self, session: Session, now: dt.datetime, limit: int) -> list[str]:
        readable = [and_(InboxEntry.channel == name, InboxEntry.account == acc) for name, acc in self._channels]
        rows = session.exec(
            select(InboxEntry.conversation_key)
            .outerjoin(Conversation, col(Conversation.key) == col(InboxEntry.conversation_key))
            .where(InboxEntry.status == InboxStatus.RECEIVED, or_(*readable), _is_free(now))
            .group_by(col(InboxEntry.conversation_key))
            .order_by(func.min(col(InboxEntry.id)))
            .limit(limit)
        )
        return list(rows)

    def _keys_to_wake(self, session: Session, now: dt.datetime, limit: int) -> list[str]:
        rows = session.exec(
            select(Conversation.key)
            .where(col(Conversation.wake_at) <= now, _is_free(now))
            .order_by(col(Conversation.wake_at))
            .limit(limit)
        )
        return list(rows)

    def _claim(self, session: Session, now: dt.datetime, limit: int) -> list[Claim]:
        keys = self._keys_with_entries(session, now, limit)
        if len(keys) < limit:
            keys += [key for key in self._keys_to_wake(session, now, limit - len(keys)) if key not in keys]
        insert_missing(session, Conversation, [{"key": key, "updated_at": now} for key in keys])
        rows = session.exec(
            select(Conversation).where(col(Conversation.key).in_(keys), _is_free(now)).with_for_update(skip_locked=True)
        ).all()
        found = {row.key: row for row in rows}
        claims = []
        for key in keys:
            row = found.get(key)
            if row is not None and row.id is not None:
                row.claimed_by, row.claimed_until = self._holder, now + self._lease
                session.add(row)
                claims.append(Claim(conversation_id=row.id, key=key, until=now + self._lease))
        return claims

    def _release(self, session: Session, done: Collection[Claim]) -> None:
        session.execute(
            update(Conversation)
            .where(
                col(Conversation.id).in_([claim.conversation_id for claim in done]),
                col(Conversation.claimed_by) == self._holder,
            )
            .values(claimed_by=None, claimed_until=None)
        )


def _is_free(now: dt.datetime) -> ColumnElement[bool]:
    return or_(col(Conversation.claimed_until).is_(None), col(Conversation.claimed_until) <= now)
