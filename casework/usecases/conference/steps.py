"""Use cases: the steps of a conference's life are written down, taken back with a reason, and listed.

A step is a fact somebody reports: on this day, under this number. What the program knows by itself - that the
conference was held, its conclusion, its closed file - has its own command and is not reported here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import local_date
from casework.conference_life.checklist import Item
from casework.errors import IllegalMove, InvalidInput, NotFound
from casework.names import STEP_NAMES
from casework.plain_words import plain
from casework.regulations.model import Step
from casework.usecases.access import DECIDERS, VIEWERS, require
from casework.usecases.conference.issues import find_conference, key_of, require_over
from casework.usecases.deadlines.obligations import refresh_conference
from casework.usecases.work import Services, Work, staff_member
from storage.records import Act, Conference, ConferenceState, ConferenceStep, Staff

#: what is known from the conference itself, and the command that makes it known
OWN_COMMAND = {
    Step.HELD: "hold",
    Step.CONCLUSION_ISSUED: "conclude",
    Step.FILE_CLOSED: "close",
    Step.SECRETARIES_NAMED: "officials",
}
#: what can only follow the conference
AFTERWARDS = frozenset(
    {
        Step.MINUTES_SIGNED,
        Step.DEBRIEF,
        Step.ASSIGNMENTS_SENT,
        Step.RESULT_PUBLISHED,
        Step.UPWARD_REPORTED,
        Step.RESULT_REPORTED,
    }
)
_TOOK_PLACE = (ConferenceState.HELD, ConferenceState.CONCLUDED, ConferenceState.FAILED)


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """One step as somebody wrote it down; `void_why` says why it no longer counts."""

    step: Step
    name: str
    done_on: dt.date
    document_number: str | None
    note: str | None
    by: str | None
    void_why: str | None


def record_step(
    services: Services,
    staff_id: int,
    conference_code: str,
    step: Step | str,
    *,
    done_on: dt.date | None = None,
    number: str | None = None,
    note: str | None = None,
) -> StepRow:
    """Write down that a step was done: on `done_on` (today when not said), under the document `number`.

    Writing it down again corrects it; the newest counts. Raises `NotFound`, `Forbidden`, `InvalidInput` for a day in
    the future or on the wrong side of the conference, `IllegalMove` when the conference cannot have this step now.
    """
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        conference = find_conference(work, conference_code, lock=True)
        wanted = read_step(step)
        if wanted in OWN_COMMAND:
            raise InvalidInput(
                f"Bước «{STEP_NAMES[wanted]}» được ghi bằng lệnh riêng.",
                todo=f"Dùng: doithoai conferences {OWN_COMMAND[wanted]} {conference.code}",
            )
        day = done_on or local_date(work.now)
        check_step(conference, wanted, day, today=local_date(work.now))
        row = put_step(work, staff_id, conference, wanted, done_on=day, number=number, note=note)
        refresh_conference(work, conference)
        work.commit()
    return row


def void_step(services: Services, staff_id: int, conference_code: str, step: Step | str, *, why: str) -> None:
    """The step no longer counts: it was written down by mistake, or its document was withdrawn.

    Raises `NotFound` when it was never done, `Forbidden`, `InvalidInput` without a reason, `IllegalMove` once the
    file is closed.
    """
    if not why.strip():
        raise InvalidInput("Bỏ một bước đã ghi cần nêu lý do.", todo="Ghi thêm lý do.")
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        conference = find_conference(work, conference_code, lock=True)
        check_file_open(conference)
        wanted = read_step(step)
        if not void_steps(work, staff_id, conference, {wanted}, why=why):
            raise NotFound(
                f"Hội nghị {conference.code} chưa ghi bước «{STEP_NAMES[wanted]}».",
                todo=f"Xem các bước: doithoai conferences steps {conference.code}",
            )
        refresh_conference(work, conference)
        work.commit()


def list_steps(services: Services, staff_id: int, conference_code: str) -> list[StepRow]:
    """Everything that was written down, voided steps too, in the order of the days. Raises `Forbidden`, `NotFound`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        conference = find_conference(work, conference_code)
        rows = work.session.exec(
            select(ConferenceStep)
            .where(ConferenceStep.conference_id == conference.id)
            .order_by(col(ConferenceStep.done_on), col(ConferenceStep.id))
        )
        return [_row(work, row) for row in rows]


# --------------------------------------------------------------------------- inside a unit of work


def steps_of(work: Work, conference: Conference) -> dict[Step, ConferenceStep]:
    """The steps that count: the newest not voided one of each."""
    rows = work.session.exec(
        select(ConferenceStep)
        .where(ConferenceStep.conference_id == conference.id, col(ConferenceStep.void_at).is_(None))
        .order_by(col(ConferenceStep.id))
    )
    return {Step(row.step): row for row in rows}


def put_step(
    work: Work,
    staff_id: int,
    conference: Conference,
    step: Step,
    *,
    done_on: dt.date,
    number: str | None = None,
    note: str | None = None,
) -> StepRow:
    """Write a step down within an open transaction, and in the history."""
    row = work.add(
        ConferenceStep(
            conference_id=key_of(conference),
            step=step,
            done_on=done_on,
            document_number=(number or "").strip() or None,
            note=(note or "").strip() or None,
            staff_id=staff_id,
            at=work.now,
        )
    )
    work.record(
        staff_member(staff_id),
        "step_done",
        "conference",
        key_of(conference),
        step=step,
        done_on=done_on.isoformat(),
        number=row.document_number,
    )
    return _row(work, row)


def void_steps(work: Work, staff_id: int, conference: Conference, steps: set[Step], *, why: str) -> list[Step]:
    """These steps no longer count, within an open transaction; returns those that had counted."""
    rows = work.session.exec(
        select(ConferenceStep).where(
            ConferenceStep.conference_id == conference.id,
            col(ConferenceStep.step).in_([str(step) for step in steps]),
            col(ConferenceStep.void_at).is_(None),
        )
    ).all()
    for row in rows:
        row.void_at, row.void_why = work.now, why.strip()
        work.session.add(row)
    gone = sorted({Step(row.step) for row in rows}, key=list(Step).index)
    for step in gone:
        work.record(staff_member(staff_id), "step_voided", "conference", key_of(conference), why=why.strip(), step=step)
    return gone


def waive_steps(
    work: Work, staff_id: int, conference: Conference, waived: Mapping[Step, str], missing: Sequence[Item]
) -> None:
    """Put on record, within an open transaction, that these steps were not done and why: a breach, not a date.

    Raises `InvalidInput` for a step that is not among those `missing`, or without a reason.
    """
    open_steps = {item.step for item in missing}
    for step, why in waived.items():
        if step not in open_steps:
            raise InvalidInput(
                f"Bước «{STEP_NAMES[step]}» không phải bước còn thiếu, không cần ghi lý do không làm.",
                todo=f"Xem còn thiếu gì: doithoai conferences checklist {conference.code} --open",
            )
        if not why.strip():
            raise InvalidInput(
                f"Chưa ghi vì sao không làm bước «{STEP_NAMES[step]}».", todo=f'Ghi: --waive {step}="lý do"'
            )
        work.record(staff_member(staff_id), "step_waived", "conference", key_of(conference), why=why.strip(), step=step)


def waived_of(work: Work, conference: Conference) -> dict[Step, str]:
    """The steps somebody put on record as not done, with the newest reason of each."""
    acts = work.session.exec(
        select(Act)
        .where(Act.subject == "conference", Act.subject_id == conference.id, Act.verb == "step_waived")
        .order_by(col(Act.id))
    )
    return {Step(act.details["step"]): act.why or "" for act in acts}


def read_step(value: Step | str) -> Step:
    """The step somebody names: by its code, or by the words of a list, accents or not, as far as they are clear.

    Raises `InvalidInput` listing those there are.
    """
    wanted = plain(value.replace("_", " "))
    named = [step for step in Step if wanted in (plain(step.replace("_", " ")), plain(STEP_NAMES[step]))]
    found = named or [step for step in Step if wanted and plain(STEP_NAMES[step]).startswith(wanted)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{step} ({STEP_NAMES[step]})" for step in Step if step not in OWN_COMMAND)
    raise InvalidInput(f"«{value}» không phải một bước của hội nghị.", todo=f"Chọn: {known}.")


def check_file_open(conference: Conference) -> None:
    """Raise `IllegalMove` once the file of the conference is closed."""
    if conference.closed_on is not None:
        raise IllegalMove(
            f"Hồ sơ hội nghị {conference.code} đã đóng ngày {conference.closed_on:%d/%m/%Y}.",
            todo=f"Cần sửa thì mở lại: doithoai conferences reopen {conference.code} --why ...",
        )


def check_step(conference: Conference, step: Step, day: dt.date, *, today: dt.date) -> None:
    """Raise unless this step of this conference can have been done on `day`."""
    check_file_open(conference)
    name = STEP_NAMES[step]
    if conference.state == ConferenceState.CANCELLED:
        raise IllegalMove(f"Hội nghị {conference.code} đã hủy.", todo="Xem: doithoai conferences list")
    if day > today:
        raise InvalidInput(
            f"Ngày {day:%d/%m/%Y} chưa tới, chưa ghi «{name}» được.", todo="Ghi khi đã làm xong, hoặc xem lại ngày."
        )
    if step in AFTERWARDS:
        if conference.state not in _TOOK_PLACE:
            raise IllegalMove(
                f"Hội nghị {conference.code} chưa họp nên chưa có bước «{name}».",
                todo=f"Ghi hội nghị đã họp trước: doithoai conferences hold {conference.code}",
            )
        if day < conference.held_on:
            raise InvalidInput(
                f"«{name}» ngày {day:%d/%m/%Y} lại trước ngày họp {conference.held_on:%d/%m/%Y}.",
                todo="Xem lại ngày.",
            )
    elif day > conference.held_on:
        raise InvalidInput(
            f"«{name}» ngày {day:%d/%m/%Y} lại sau ngày họp {conference.held_on:%d/%m/%Y}.",
            todo="Ghi đúng ngày đã làm: --done-on NGÀY. Nếu đúng là không làm trước khi họp, khi đóng hồ sơ ghi lý do: "
            f'doithoai conferences close {conference.code} --waive {step}="lý do"',
        )


def _row(work: Work, row: ConferenceStep) -> StepRow:
    staff = work.session.get(Staff, row.staff_id) if row.staff_id is not None else None
    step = Step(row.step)
    return StepRow(
        step=step,
        name=STEP_NAMES[step],
        done_on=row.done_on,
        document_number=row.document_number,
        note=row.note,
        by=staff.name if staff else None,
        void_why=row.void_why,
    )
