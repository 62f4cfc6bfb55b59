"""Use cases: what a conference still owes, and its file is closed once nothing is; reopened with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casework.clock import local_date
from casework.conference_life.checklist import Item, Life, LineFacts, blocking, owed, retention_of
from casework.conference_life.planning import source_of
from casework.errors import IllegalMove, InvalidInput
from casework.regulations.model import ConferenceKind, Step
from casework.usecases.access import VIEWERS, require
from casework.usecases.conference.binding import done_of, dues_of
from casework.usecases.conference.issues import find_conference, key_of, lines_of, opinions_of, owed_by, require_over
from casework.usecases.conference.late import (
    answered_since,
    body_of,
    due_of,
    late_issues,
    referral_of,
)
from casework.usecases.conference.speaking import forget_names
from casework.usecases.conference.steps import (
    check_file_open,
    put_step,
    read_step,
    void_steps,
    waive_steps,
    waived_of,
)
from casework.usecases.deadlines.facts import is_beyond_commune
from casework.usecases.deadlines.obligations import refresh_conference, texts_of
from casework.usecases.work import Services, Work, staff_member
from storage.records import AgendaItem, AgendaOutcome, Conference, ConferenceState, OpinionGroup, Role


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """Everything a conference owes, with how it stands today."""

    conference: str
    state: str
    items: tuple[Item, ...]
    #: how many of them keep the file from being closed
    blocking: int


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A closed file and how long it is kept."""

    closed_on: dt.date
    #: None: no text sets a term
    retain_until: dt.date | None
    #: where the term stands
    source: str | None
    #: what other levels still owe; it did not keep the file open
    still_owed: tuple[str, ...]
    #: steps that were never done, each with its reason
    waived: tuple[str, ...] = ()


def checklist(services: Services, staff_id: int, conference_code: str) -> Checklist:
    """What is owed of a conference under the texts it keeps. Raises `NotFound`, `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        conference = find_conference(work, conference_code)
        items = items_of(work, conference)
        return Checklist(
            conference=conference.code,
            state=conference.state,
            items=tuple(items),
            blocking=len(blocking(items)),
        )


def close(
    services: Services,
    staff_id: int,
    conference_code: str,
    *,
    closed_on: dt.date | None = None,
    waive: Mapping[str, str] | None = None,
) -> Closed:
    """Close the file: nothing may be missing any more. Sets the day until which it is kept, by the texts. The names of
    speakers leave the list: the minutes are signed.

    A step that was never done and cannot be any more is waived with its reason (`waive`: step to reason): better a
    breach on record than a false date. A line or a late opinion is never waived: somebody waits for the answer.

    Raises `NotFound`, `Forbidden`, `InvalidInput` for a day that cannot be or a waiver of nothing, `IllegalMove`
    naming each line and step that is missing, or that the file is closed already.
    """
    with services.writing() as work:
        require_over(work, staff_id, Role.APPROVER)
        conference = find_conference(work, conference_code, lock=True)
        check_file_open(conference)
        _check_has_ended(conference)
        day = closed_on or local_date(work.now)
        _check_day(conference, day, local_date(work.now))
        waive_steps(work, staff_id, conference, _read_waivers(waive or {}), blocking(items_of(work, conference)))
        items = items_of(work, conference)
        _check_nothing_missing(conference, blocking(items))
        conference.closed_on = day
        kept = retention_of(dues_of(work, conference))
        conference.retain_until = kept.due_on if kept else None
        conference.version += 1
        work.add(conference)
        put_step(work, staff_id, conference, Step.FILE_CLOSED, done_on=day)
        forget_names(work, conference)
        work.record(
            staff_member(staff_id),
            "conference_closed",
            "conference",
            key_of(conference),
            closed_on=day.isoformat(),
            retain_until=conference.retain_until.isoformat() if conference.retain_until else None,
            waived=[item.step for item in items if item.waived is not None],
        )
        refresh_conference(work, conference)
        work.commit()
        return Closed(
            closed_on=day,
            retain_until=conference.retain_until,
            source=source_of(kept) if kept else None,
            still_owed=tuple(
                item.what for item in items if not item.required and item.done_on is None and (item.line or item.issue)
            ),
            waived=tuple(f"{item.what}: {item.waived}" for item in items if item.waived is not None),
        )


def reopen(services: Services, staff_id: int, conference_code: str, *, why: str) -> None:
    """Open a closed file again. Raises `NotFound`, `Forbidden`, `InvalidInput` without a reason, `IllegalMove` when it
    is open."""
    if not why.strip():
        raise InvalidInput("Mở lại hồ sơ cần ghi lý do.", todo="Ghi thêm lý do.")
    with services.writing() as work:
        require_over(work, staff_id, Role.APPROVER)
        conference = find_conference(work, conference_code, lock=True)
        if conference.closed_on is None:
            raise IllegalMove(f"Hồ sơ hội nghị {conference.code} đang mở.", todo="Không cần mở lại.")
        conference.closed_on = conference.retain_until = None
        conference.version += 1
        work.add(conference)
        void_steps(work, staff_id, conference, {Step.FILE_CLOSED}, why=why)
        work.record(staff_member(staff_id), "conference_reopened", "conference", key_of(conference), why=why.strip())
        refresh_conference(work, conference)
        work.commit()


# --------------------------------------------------------------------------- facts


def items_of(work: Work, conference: Conference) -> list[Item]:
    """What this conference owes, within an open transaction."""
    life = Life(
        kind=ConferenceKind(conference.kind),
        state=ConferenceState(conference.state),
        held_on=conference.held_on,
        done=done_of(work, conference),
        lines=tuple(_line_facts(work, conference, line) for line in lines_of(work, conference)),
        late=late_issues(work, conference),
        waived=waived_of(work, conference),
    )
    return owed(texts_of(conference), dues_of(work, conference), life, local_date(work.now))


def _line_facts(work: Work, conference: Conference, line: AgendaItem) -> LineFacts:
    group = work.session.get_one(OpinionGroup, line.group_id)
    assignment = owed_by(work, line.group_id)
    referral = referral_of(work, line.group_id)
    outcome = AgendaOutcome(line.outcome)
    answered_on = answered_since(work, line.group_id, conference.held_on)
    if outcome is AgendaOutcome.ANSWERED and line.outcome_note:
        # Said in the hall and written down: the conclusion notice carries it to the askers.
        answered_on = answered_on or conference.held_on
    return LineFacts(
        position=line.position,
        title=group.title,
        outcome=outcome,
        agency=assignment.agency if assignment else None,
        due_on=due_of(work, assignment),
        answered_on=answered_on,
        referred_to=body_of(referral),
        referral_sent_on=referral.sent_on if referral else None,
        beyond=is_beyond_commune(group.level),
        asked=bool(opinions_of(work, line.group_id)),
        grounded=outcome is AgendaOutcome.DEFERRED and line.outcome_ground is not None,
    )


def _read_waivers(waive: Mapping[str, str]) -> dict[Step, str]:
    return {read_step(name): why for name, why in waive.items()}


def _check_nothing_missing(conference: Conference, missing: Sequence[Item]) -> None:
    if not missing:
        return
    steps = [item.step for item in missing if item.step is not None]
    more = f'; bước đúng là không làm: thêm --waive {steps[0]}="lý do"' if steps else ""
    raise IllegalMove(
        f"Chưa đóng được hồ sơ hội nghị {conference.code}, còn {len(missing)} việc:\n"
        + "\n".join(f"- {item.what}" for item in missing),
        todo=f"Xem đủ: doithoai conferences checklist {conference.code}{more}",
    )


def _check_has_ended(conference: Conference) -> None:
    if conference.state not in (ConferenceState.CONCLUDED, ConferenceState.FAILED):
        raise IllegalMove(
            f"Hội nghị {conference.code} chưa có thông báo kết luận nên chưa đóng hồ sơ được.",
            todo=f"Xem còn thiếu gì: doithoai conferences checklist {conference.code}",
        )


def _check_day(conference: Conference, day: dt.date, today: dt.date) -> None:
    if day > today:
        raise InvalidInput(f"Ngày đóng hồ sơ {day:%d/%m/%Y} chưa tới.", todo="Xem lại ngày.")
    earliest = max(conference.held_on, conference.conclusion_on or conference.held_on)
    if day < earliest:
        raise InvalidInput(
            f"Ngày đóng hồ sơ {day:%d/%m/%Y} lại trước ngày kết thúc hội nghị {earliest:%d/%m/%Y}.",
            todo="Xem lại ngày.",
        )
