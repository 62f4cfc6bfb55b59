"""The append-only, chained history of every act.

Each row carries a hash over its content and the hash before it; `HistoryHead` remembers length and last hash, so a
changed, removed or truncated row shows (`verify`). The head row is locked while appending: histories of concurrent
transactions queue behind each other and the chain stays one line.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from storage.records import Act, HistoryHead


def append(
    session: Session,
    *,
    at: dt.datetime,
    actor: str,
    actor_id: int | None,
    verb: str,
    subject: str,
    subject_id: int,
    why: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Act:
    """Add one act inside the caller's transaction. `details` must be JSON and free of personal words."""
    head = session.exec(select(HistoryHead).where(HistoryHead.id == 1).with_for_update()).one()
    act = Act(
        at=at,
        actor=actor,
        actor_id=actor_id,
        verb=verb,
        subject=subject,
        subject_id=subject_id,
        why=why,
        details=dict(details or {}),
        previous_hash=head.last_hash,
        hash="",
    )
    act.hash = _digest(act)
    head.last_hash = act.hash
    head.length += 1
    session.add(act)
    session.add(head)
    session.flush()
    return act


def verify(session: Session) -> list[str]:
    """Check the whole chain; returns one English line per breach, none when it is intact."""
    breaches: list[str] = []
    previous, length = "", 0
    for act in session.exec(select(Act).order_by(col(Act.id))):
        length += 1
        if act.previous_hash != previous:
            breaches.append(f"act {act.id}: does not follow the act before it")
        if act.hash != _digest(act):
            breaches.append(f"act {act.id}: content does not match its hash")
        previous = act.hash
    head = session.exec(select(HistoryHead).where(HistoryHead.id == 1)).one()
    if (head.length, head.last_hash) != (length, previous):
        breaches.append(f"history ends after {length} acts, its head says {head.length}")
    return breaches


def _digest(act: Act) -> str:
    content = [
        act.previous_hash,
        act.at.astimezone(dt.UTC).isoformat(),
        act.actor,
        act.actor_id,
        act.verb,
        act.subject,
        act.subject_id,
        act.why,
        act.details,
    ]
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
