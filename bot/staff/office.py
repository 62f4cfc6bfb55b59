"""The office's work at a staff member's word: why a date is that date, reports, the conference, one's village."""

from __future__ import annotations

from bot.staff.actor import Desk
from casework.clock import vietnamese_date
from casework.conference_life.checklist import SETTLED, Item, ItemState
from casework.errors import InvalidInput, NotFound
from casework.names import OUTCOMES
from casework.public_words import name_free, one_line
from casework.reports.periods import KIND_NAMES
from casework.talk import Reply
from casework.usecases.conference.agenda_views import agenda_view
from casework.usecases.conference.closing import checklist
from casework.usecases.conference.conferences import ConferenceRow, list_conferences
from casework.usecases.deadlines.listing import why as why_due
from casework.usecases.reminders.due_list import due_list
from casework.usecases.reports.due import DueReport, list_reports
from casework.wording import say
from storage.records import AgendaOutcome, ConferenceState, ResidentialGroup, Role

#: lines in one message
SHOWN = 20
_OVER = (ConferenceState.HELD, ConferenceState.CONCLUDED)
_GONE = (ConferenceState.CANCELLED, ConferenceState.FAILED)


def why(desk: Desk, words: str) -> Reply:
    """`/visao 12`: one duty's date explained in a sentence, with its source. Raises `NotFound`, `Forbidden`."""
    number = words.strip().lstrip("#")
    if not (number.isascii() and number.isdigit() and len(number) <= 15):
        raise InvalidInput(say("office_list.why_which"))
    if desk.in_group:
        _check_hearing(desk, int(number))
    row = why_due(desk.services, desk.who.id, int(number)).row
    told = name_free(row.explanation) if desk.in_group else row.explanation
    place = say("office_list.why_place", place=row.citation) if row.citation and row.citation not in told else ""
    return Reply(text=say("office_list.why", ref=row.ref, explanation=told, source=row.source, place=place))


def _check_hearing(desk: Desk, number: int) -> None:
    """In a group nobody hears of a duty about a sealed opinion."""
    whole = desk.who.has(Role.MODERATOR, Role.APPROVER, Role.ADMIN)
    lines = due_list(desk.services, desk.who.id, whole_office=whole, sealed_too=False)
    if all(line.id != number for line in lines):
        raise NotFound(f"Không có việc số {number}.", todo="Xem số của việc: /han")


def reports(desk: Desk) -> Reply:
    """`/baocao`: reports that are still to be sent. Raises `Forbidden`."""
    rows = [row for row in list_reports(desk.services, desk.who.id) if row.sent_on is None]
    if not rows:
        return Reply(text=say("office_list.reports_none"))
    return Reply(text="\n".join([say("office_list.reports"), *(_report(row) for row in rows)]))


def _report(row: DueReport) -> str:
    state = say("office_list.report_no_date")
    if row.due_on is not None:
        key = "office_list.report_late" if row.state == "late" else "office_list.report_due"
        state = say(key, date=vietnamese_date(row.due_on))
    return say("office_list.report", kind=KIND_NAMES[row.kind], period=row.period, state=state)


def conference(desk: Desk) -> Reply:
    """`/hoinghi`: what the coming conference, else the last one, still lacks. Raises `Forbidden`."""
    chosen = _at_hand(desk)
    if chosen is None:
        return Reply(text=say("office_list.conference_none"))
    fields = {"code": chosen.code, "date": vietnamese_date(chosen.held_on)}
    items = checklist(desk.services, desk.who.id, chosen.code).items
    missing = [item for item in items if item.state not in SETTLED]
    if not missing:
        return Reply(text=say("office_list.conference_ready", **fields))
    text = [say("office_list.conference", count=len(missing), **fields)]
    text += [_item(number, item) for number, item in enumerate(missing[:SHOWN], start=1)]
    if len(missing) > SHOWN:
        text.append(say("office_list.more", count=len(missing) - SHOWN))
    return Reply(text="\n".join(text))


def _item(number: int, item: Item) -> str:
    due = ""
    if item.due_on is not None:
        key = "office_list.item_late" if item.state is ItemState.LATE else "office_list.item_due"
        due = say(key, date=vietnamese_date(item.due_on))
    what = one_line(name_free(item.what), 140)
    return say("office_list.item", number=number, what=_capital(what), holder=item.holder, due=due)


def _at_hand(desk: Desk) -> ConferenceRow | None:
    """The next conference to come, else the last that was to be."""
    rows = [row for row in list_conferences(desk.services, desk.who.id) if row.state not in _GONE]
    coming = [row for row in rows if row.state not in _OVER]
    if coming:
        return min(coming, key=lambda row: row.held_on)
    return max(rows, key=lambda row: row.held_on, default=None)


def village(desk: Desk) -> Reply:
    """`/ketqua`: what became of the lines of one's village at the last conference; nobody is named."""
    held = [row for row in list_conferences(desk.services, desk.who.id) if row.state in _OVER]
    last = max(held, key=lambda row: row.held_on, default=None)
    own = _villages(desk)
    text: list[str] = []
    if last is not None:
        view = agenda_view(desk.services, None, last.code)
        for name in sorted({row.village for row in view.rows if row.village}):
            if own is not None and name not in own:
                continue
            lines = [row for row in view.rows if row.village == name]
            text.append(say("office_list.village", date=vietnamese_date(last.held_on), village=name))
            text += [
                say(
                    "office_list.village_line",
                    number=row.position,
                    title=one_line(name_free(row.title), 120),
                    outcome=OUTCOMES[AgendaOutcome(row.outcome)],
                )
                for row in lines
            ]
    return Reply(text="\n".join(text) or say("office_list.village_none"))


def _villages(desk: Desk) -> frozenset[str] | None:
    """Names of the villages the member looks after; None: of the whole office."""
    keys = [grant.residential_group_id for grant in desk.who.grants]
    if None in keys:
        return None
    with desk.services.reading() as work:
        found = [work.session.get(ResidentialGroup, key) for key in keys]
        return frozenset(group.name for group in found if group is not None)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
