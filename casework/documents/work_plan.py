"""The table of work of a plan: what the texts demand, who does it, by when the regulation says.

No date is made up: work without one in the texts leaves its cell to the pen.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from casework.clock import vietnamese_date
from casework.conference_life.notice_periods import step_of
from casework.deadlines.explain import EVENTS, UNITS
from casework.deadlines.values import Due
from casework.documents.pen import BLANK_LINE, Pen
from casework.names import DUTIES, PARTIES, STEP_NAMES
from casework.regulations.model import Direction, Duty, Party, Rule, Step
from casework.usecases.documents.before_facts import BeforeFile

#: duties that are work of their own, and the step they stand next to
_BESIDE = {
    Duty.OPINION_CUTOFF: Step.COLLECTION_ANNOUNCED,
    Duty.QUICK_ANSWER: Step.ASSIGNMENTS_SENT,
    Duty.FINAL_ANSWER: Step.ASSIGNMENTS_SENT,
}
#: parts a plan may have to contain, by a word of their name: the template has them
_PLAN_HAS = (
    "mục đích",
    "yêu cầu",
    "nội dung",
    "hình thức",
    "thời gian",
    "địa điểm",
    "chủ trì",
    "thành phần",
    "chương trình",
    "tuyên truyền",
    "truyền thông",
    "tiến độ",
    "phân công",
    "quy mô",
    "số lượng",
    "tổ chức thực hiện",
)


def due_of(file: BeforeFile, duty: Duty) -> Due | None:
    """The date that drives: the earliest of those the texts give; else a duty whose clock has not started."""
    dues = [due for due in file.dues if due.duty is duty]
    dated = [due for due in dues if due.due_on is not None]
    return min(dated, key=lambda due: due.due_on or file.conference.held_on) if dated else next(iter(dues), None)


def parts_of_plan(file: BeforeFile, pen: Pen) -> list[tuple[str, str]]:
    """Parts the texts demand of a plan and the template does not have: each gets a heading and room for the pen."""
    demanded = dict.fromkeys(part.strip() for rule in file.step_rules(Step.PLAN) for part in rule.parts)
    missing = [part for part in demanded if not any(word in part.lower() for word in _PLAN_HAS)]
    for part in missing:
        pen.left(f"phần «{part}» của kế hoạch")
    return [(part, BLANK_LINE) for part in missing]


def work_plan(file: BeforeFile, pen: Pen) -> list[dict[str, Any]]:
    """Rows of the table, in the order of a conference's life."""
    _warn_of_late_cutoff(file, pen)
    rows: list[tuple[int, int, dict[str, Any]]] = []
    dated = _by_step(file)
    for step, who, parts, source in _steps(file):
        due = dated.pop(step, None)
        work = _work(step, parts)
        on = file.conference.held_on if step is Step.HELD else due.due_on if due is not None else None
        when = vietnamese_date(on) if on is not None else _by(due)
        if due is not None:
            # Two texts may put one step on two bodies: the one whose date drives must act by it.
            who, source = _who(due.holder), _source(due.rule)
        rows.append((_place(step), 0, _row(work, who, when, source, on)))
    rows += [(_place(step), 1, _row_of(file, due)) for step, due in dated.items()]
    beside = ((due_of(file, duty), step) for duty, step in _BESIDE.items())
    rows += [(_place(step), 1, _row_of(file, due)) for due, step in beside if due is not None]
    ordered = _dates_in_order([row for _, _, row in sorted(rows, key=lambda one: one[:2])])
    if any(not row["by_when"] for row in ordered):
        pen.left("ngày làm những việc quy định không định hạn, trong bảng tiến độ")
    return [{"number": number, **row} for number, row in enumerate(ordered, start=1)]


def _dates_in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with a date follow each other by it; those without keep their place in a conference's life."""
    dated = iter(sorted((row for row in rows if row["on"] is not None), key=lambda row: row["on"]))
    return [next(dated) if row["on"] is not None else row for row in rows]


def _warn_of_late_cutoff(file: BeforeFile, pen: Pen) -> None:
    summary, cutoff = due_of(file, Duty.FRONT_SUMMARY), file.conference.cutoff_on
    if summary is None or summary.due_on is None or cutoff is None or cutoff <= summary.due_on:
        return
    pen.look(
        f"ngày chốt nhận ý kiến {vietnamese_date(cutoff)} sau ngày phải gửi bản tổng hợp "
        f"{vietnamese_date(summary.due_on)}"
    )


def roman(number: int) -> str:
    """VII for 7; up to 39."""
    return "X" * (number // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number % 10]


def _by_step(file: BeforeFile) -> dict[Step, Due]:
    """The date of each step that has one: the earliest, where two texts give one."""
    found: dict[Step, Due] = {}
    for due in sorted(file.dues, key=lambda due: (due.due_on is None, due.due_on or file.conference.held_on)):
        step = step_of(due)
        if step is not None:
            found.setdefault(step, due)
    return found


def _row_of(file: BeforeFile, due: Due) -> dict[str, Any]:
    """A row for a duty the texts list as no step."""
    when, source, on = _by(due), _source(due.rule), due.due_on
    if due.duty is Duty.OPINION_CUTOFF and file.conference.cutoff_on is not None:
        on = file.conference.cutoff_on
        when, source = vietnamese_date(on), "ngày chốt của hội nghị này"
    return _row(DUTIES[due.duty], _who(due.holder), when, source, on)


def _steps(file: BeforeFile) -> list[tuple[Step, str, tuple[str, ...], str]]:
    """Step, who, parts and source; a step two texts demand is listed once, as the office's own text has it."""
    found: dict[Step, tuple[Step, str, tuple[str, ...], str]] = {}
    for text in file.texts:
        for rule in text.steps:
            if file.kind in rule.kinds and rule.step not in found:
                found[rule.step] = (rule.step, _who(rule.holder), rule.parts, _source(rule))
    if Step.HELD not in found:
        found[Step.HELD] = (Step.HELD, _who(Party.CHAIR), (), "")
    return list(found.values())


def _who(party: Party) -> str:
    name = PARTIES[party]
    return name[0].upper() + name[1:]


def _by(due: Due | None) -> str:
    if due is None:
        return ""
    if due.due_on is not None:
        return vietnamese_date(due.due_on)
    side = "sau" if due.direction is Direction.AFTER else "trước"
    return f"{due.count} {UNITS[due.unit]} {side} {EVENTS[due.trigger]}"


def _source(rule: Rule) -> str:
    """The place alone: the paper names the text once, above the table."""
    return f"{rule.place} (tạm áp dụng)" if rule.assumed else rule.place


def _work(step: Step, parts: tuple[str, ...]) -> str:
    name = "tổ chức hội nghị" if step is Step.HELD else STEP_NAMES[step]
    # What a plan must contain is the plan itself.
    return f"{name} (gồm: {'; '.join(parts)})" if parts and step is not Step.PLAN else name


def _row(work: str, who: str, by_when: str, source: str, on: dt.date | None) -> dict[str, Any]:
    return {"work": work[0].upper() + work[1:], "who": who, "by_when": by_when, "source": source, "on": on}


def _place(step: Step) -> int:
    return list(Step).index(step)
