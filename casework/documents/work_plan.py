"""The table of work of a plan: what the texts demand, who does it, by when the regulation says.

No date is made up: work without one in the texts leaves its cell to the pen.
"""

from __future__ import annotations

from typing import Any

from casework.clock import vietnamese_date
from casework.deadlines.explain import EVENTS, UNITS
from casework.deadlines.values import Due
from casework.documents.pen import BLANK_LINE, Pen
from casework.names import DUTIES, PARTIES, STEP_NAMES
from casework.regulations.model import Direction, Duty, Party, Rule, Step
from casework.usecases.documents.before_facts import BeforeFile

#: the step a duty puts a date on
STEP_OF_DUTY = {
    Duty.OPINION_CUTOFF: Step.COLLECTION_ANNOUNCED,
    Duty.FRONT_SUMMARY: Step.SUMMARY_SENT,
    Duty.UPWARD_SUMMARY: Step.UPWARD_SENT,
    Duty.PREPARATORY_MEETING: Step.PREPARATORY_MEETING,
    Duty.INVITATION: Step.INVITATIONS_SENT,
    Duty.PUBLIC_NOTICE: Step.PUBLIC_NOTICE,
    Duty.CONCLUSION_NOTICE: Step.CONCLUSION_ISSUED,
    Duty.ASSIGNMENT: Step.ASSIGNMENTS_SENT,
    Duty.QUICK_ANSWER: Step.ASSIGNMENTS_SENT,
    Duty.FINAL_ANSWER: Step.ASSIGNMENTS_SENT,
    Duty.PUBLISH_RESULT: Step.RESULT_PUBLISHED,
}
#: duties that are work of their own beside the step they stand next to
_OWN_ROW = (Duty.OPINION_CUTOFF, Duty.QUICK_ANSWER, Duty.FINAL_ANSWER)
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
    rows: list[tuple[int, int, dict[str, Any]]] = []
    dated = {STEP_OF_DUTY[due.duty]: due for due in reversed(_driving(file)) if due.duty not in _OWN_ROW}
    for step, who, parts, source in _steps(file):
        due = dated.pop(step, None)
        work = _work(step, parts)
        when = vietnamese_date(file.conference.held_on) if step is Step.HELD else _by(due)
        rows.append((_place(step), 0, _row(work, who, when, _source(due.rule) if due else source)))
    for due in [*dated.values(), *(due for due in _driving(file) if due.duty in _OWN_ROW)]:
        step = STEP_OF_DUTY[due.duty]
        if due.duty is Duty.OPINION_CUTOFF and file.conference.cutoff_on is not None:
            when, source = vietnamese_date(file.conference.cutoff_on), "ngày chốt của hội nghị này"
        else:
            when, source = _by(due), _source(due.rule)
        rows.append((_place(step), 1, _row(DUTIES[due.duty], _who(due.holder), when, source)))
    ordered = [row for _, _, row in sorted(rows, key=lambda one: one[:2])]
    if any(not row["by_when"] for row in ordered):
        pen.left("ngày làm những việc quy định không định hạn, trong bảng tiến độ")
    return [{"number": number, **row} for number, row in enumerate(ordered, start=1)]


def roman(number: int) -> str:
    """VII for 7; up to 39."""
    return "X" * (number // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number % 10]


def _driving(file: BeforeFile) -> list[Due]:
    found = (due_of(file, duty) for duty in STEP_OF_DUTY)
    return [due for due in found if due is not None]


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


def _row(work: str, who: str, by_when: str, source: str) -> dict[str, Any]:
    return {"work": work[0].upper() + work[1:], "who": who, "by_when": by_when, "source": source}


def _place(step: Step) -> int:
    return list(Step).index(step)
