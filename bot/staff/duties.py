"""What is due, at a staff member's word: the own duties or the office's, and the receipt of an assignment."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from bot.staff.actor import Desk
from casework.clock import local_date, vietnamese_date
from casework.deadlines.values import DueState
from casework.errors import InvalidInput
from casework.talk import Reply
from casework.usecases.deadlines.receipts import record_receipt
from casework.usecases.reminders.due_list import DueLine, due_list
from casework.wording import say
from nlp.normalise import fold

#: duties written out in one message
SHOWN = 20
_SECTIONS: tuple[tuple[str, frozenset[DueState]], ...] = (
    ("late", frozenset({DueState.LATE, DueState.VERY_LATE})),
    ("soon", frozenset({DueState.DUE_SOON})),
    ("extended", frozenset({DueState.EXTENDED})),
    ("open", frozenset({DueState.OPEN})),
)
_ALL = frozenset({"tatca", "tat ca", "ca xa", "het"})
_PAGED = re.compile(r"(.*?) ?(?:trang )?([1-9]\d{0,3})?")
_DAY = re.compile(r"(.*\S)\s+(?:ngay\s+|ngày\s+)?(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", re.DOTALL | re.IGNORECASE)


def due(desk: Desk, words: str) -> Reply:
    """`/han`: what is due for me; `/han tatca`: for the whole office; a number is the page. Raises `Forbidden`."""
    match = _PAGED.fullmatch(" ".join(fold(words).split()))
    said, page = (match[1], int(match[2] or 1)) if match else ("", 1)
    if match is None or (said and said not in _ALL):
        raise InvalidInput(f"Không hiểu «{words}».")
    office = bool(said)
    lines = due_list(desk.services, desk.who.id, whole_office=office, sealed_too=not desk.in_group)
    if not lines:
        return Reply(text=say("due_list.none_office" if office else "due_list.none_mine"))
    placed = [(section, line) for section, states in _SECTIONS for line in _by_holder(lines, states)]
    shown = placed[(page - 1) * SHOWN : page * SHOWN]
    command = "/han tatca" if office else "/han"
    if not shown:
        return Reply(text=say("due_list.no_page", page=page, command=command))
    text = [say("due_list.office" if office else "due_list.mine")]
    text += _page(placed, shown)
    if len(placed) > page * SHOWN:
        text.append(say("due_list.more", count=len(placed) - page * SHOWN, command=f"{command} {page + 1}"))
    text.append(say("due_list.ask_why", number=shown[0][1].id))
    nobody = sorted({line.holder for line in lines if line.nobody_set})
    if office and nobody:
        text.append(say("due_list.not_set", names=", ".join(nobody)))
    return Reply(text="\n".join(text))


def _by_holder(lines: Sequence[DueLine], states: frozenset[DueState]) -> list[DueLine]:
    """The lines in one of these states, those of one holder together; who is first by date comes first."""
    found: dict[str, list[DueLine]] = {}
    for line in lines:
        if line.state in states:
            found.setdefault(line.holder, []).append(line)
    return [line for of_one in found.values() for line in of_one]


def _page(placed: Sequence[tuple[str, DueLine]], shown: Sequence[tuple[str, DueLine]]) -> list[str]:
    """The lines of a page under their headings: how they stand, who owes them."""
    text: list[str] = []
    heading: tuple[str, str] | None = None
    for section, line in shown:
        if heading is None or heading[0] != section:
            text.append(say(f"due_list.{section}", count=sum(one == section for one, _ in placed)))
        if heading != (section, line.holder):
            text.append(say("due_list.holder", name=line.holder))
        heading = (section, line.holder)
        text.append(say("due_list.line", number=line.id, what=line.what, standing=line.standing))
    return text


def received(desk: Desk, words: str) -> Reply:
    """`/danhan HN-20261128/3 5/12`: the agency has its assignment since that day, or today.

    Raises what `record_receipt` raises, and `InvalidInput` for a day that is none.
    """
    if not words.strip():
        raise InvalidInput(say("receipt_note.missing"))
    match = _DAY.fullmatch(words.strip())
    issue = match[1] if match else words.strip()
    on = _day(match, desk) if match else None
    done = record_receipt(desk.services, desk.who.id, issue, on=on)
    said = [say("receipt_note.done", agency=done.agency, date=vietnamese_date(done.received_on))]
    if done.due_on is not None:
        said.append(say("receipt_note.due", due=vietnamese_date(done.due_on)))
    return Reply(text="\n".join(said))


def _day(match: re.Match[str], desk: Desk) -> dt.date:
    """The day as typed; without a year the last such day that is not to come."""
    today = local_date(desk.services.clock.now())
    try:
        day = dt.date(int(match[4] or today.year), int(match[3]), int(match[2]))
        return day.replace(year=day.year - 1) if match[4] is None and day > today else day
    except ValueError as error:
        raise InvalidInput(f"Không có ngày {match[2]}/{match[3]}.", todo="Viết như 5/12 hoặc 05/12/2026.") from error
