"""What is still owed of a conference under its texts: steps with their dates, lines with their answers. Pure.

`owed` says how everything stands; `blocking` picks what keeps the file from being closed. What the program assumed
where a text is silent is shown and never blocks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from casework.conference_life.notice_periods import lapses, step_of
from casework.conference_life.planning import source, source_of
from casework.deadlines.values import Due
from casework.names import PARTIES, STEP_NAMES
from casework.regulations.model import ConferenceKind, Direction, Duty, Party, Regulation, Step
from storage.records import AgendaOutcome, ConferenceState


class ItemState(StrEnum):
    """How one item stands on a day."""

    DONE = "done"
    DONE_LATE = "done_late"
    OWED = "owed"
    LATE = "late"
    #: was to be done before the day of the conference, which is over
    MISSED = "missed"
    #: nothing in this conference calls for it
    NOT_NEEDED = "not_needed"
    #: was not done, and somebody entitled said why: a breach that stays on record
    WAIVED = "waived"


SETTLED = frozenset({ItemState.DONE, ItemState.DONE_LATE, ItemState.NOT_NEEDED, ItemState.WAIVED})


class LineNeed(StrEnum):
    """What a line still lacks; the first that holds."""

    NOTHING = "nothing"
    OUTCOME = "outcome"
    ASSIGNMENT = "assignment"
    ANSWER = "answer"
    #: sent to the upper level, not answered from there: owed, but not by this office
    UPPER_LEVEL = "upper_level"


@dataclass(frozen=True, kw_only=True)
class LineFacts:
    """What is known of one agenda line."""

    position: int
    title: str
    outcome: AgendaOutcome
    #: agency that owes the written answer, with its date
    agency: str | None = None
    due_on: dt.date | None = None
    #: its final answer is published, on this day
    answered_on: dt.date | None = None
    referred_to: str | None = None
    referral_sent_on: dt.date | None = None
    #: beyond the competence of this office
    beyond: bool = False
    #: somebody who asked still stands behind it
    asked: bool = True
    #: put off on a ground the text knows: the answer comes when its cause is over
    grounded: bool = False


@dataclass(frozen=True, kw_only=True)
class LateFacts:
    """What is known of an issue that came after the cut-off and stands on no line of this conference."""

    #: as `answers assign` takes it: "nhom:12"
    ref: str
    title: str
    agency: str | None = None
    due_on: dt.date | None = None
    answered_on: dt.date | None = None
    referred_to: str | None = None
    referral_sent_on: dt.date | None = None
    #: code of the later conference it was put on
    elsewhere: str | None = None


@dataclass(frozen=True, kw_only=True)
class Life:
    """What is known of a conference when somebody asks what is owed."""

    kind: ConferenceKind
    state: ConferenceState
    held_on: dt.date
    done: Mapping[Step, dt.date]
    lines: tuple[LineFacts, ...] = ()
    late: tuple[LateFacts, ...] = ()
    #: steps that were not done, with the reason somebody gave
    waived: Mapping[Step, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OtherDate:
    """A later date another text sets for the same thing."""

    due_on: dt.date
    source: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing the texts or the agenda ask for; `step`, `line` or `issue` says which."""

    what: str
    step: Step | None
    line: int | None
    holder: str
    #: the earliest date the texts set; None without one, or while its event has not happened
    due_on: dt.date | None
    done_on: dt.date | None
    state: ItemState
    #: without it the file stays open
    required: bool
    source: str
    also: tuple[OtherDate, ...] = ()
    #: an opinion that came late: its issue, as `answers assign` takes it
    issue: str | None = None
    #: why it was not done, where somebody said so
    waived: str | None = None


#: what a dialogue that came to nothing still asks for
_AFTER_FAILURE = (Step.MINUTES_SIGNED, Step.UPWARD_REPORTED)


def owed(texts: Sequence[Regulation], dues: Sequence[Due], life: Life, today: dt.date) -> list[Item]:
    """Everything this conference owes under `texts` and `dues` (its duties with dates), steps first, then lines.

    Every step the texts demand or date appears exactly once, in the order of a conference's life; every line exactly
    once, and so does every late issue where a text promises it a written answer.
    """
    if life.state is ConferenceState.CANCELLED:
        return []
    if life.state is ConferenceState.FAILED:
        return [_failure_item(texts, life, step) for step in _AFTER_FAILURE]
    demanded = _demanded(texts, life.kind)
    dated = _dated(dues)
    steps = [step for step in Step if (step in demanded or step in dated) and step is not Step.FILE_CLOSED]
    return [
        *(_step_item(life, step, demanded.get(step, ()), dated.get(step, ()), today) for step in steps),
        *(_line_item(life, line, today) for line in life.lines),
        *_late_items(texts, life, today),
    ]


def blocking(items: Iterable[Item]) -> list[Item]:
    """What keeps the file from being closed."""
    return [item for item in items if item.required and item.state not in SETTLED]


def need_of(line: LineFacts) -> LineNeed:
    """What a line lacks. A line without outcome needs one first, whatever else is known of it."""
    if line.outcome is AgendaOutcome.PENDING:
        return LineNeed.OUTCOME
    if line.outcome is AgendaOutcome.DECLINED or line.answered_on is not None or not line.asked:
        return LineNeed.NOTHING
    if line.referral_sent_on is not None:
        return LineNeed.UPPER_LEVEL
    if line.agency is None and line.referred_to is None:
        return LineNeed.ASSIGNMENT
    return LineNeed.ANSWER


# --------------------------------------------------------------------------- steps


@dataclass(frozen=True, kw_only=True)
class _Demand:
    holder: Party
    source: str
    required: bool


def _demanded(texts: Sequence[Regulation], kind: ConferenceKind) -> dict[Step, tuple[_Demand, ...]]:
    found: dict[Step, tuple[_Demand, ...]] = {}
    for text in texts:
        for rule in text.steps:
            if kind in rule.kinds:
                demand = _Demand(
                    holder=rule.holder, source=source(text, rule), required=rule.required and not rule.assumed
                )
                found[rule.step] = (*found.get(rule.step, ()), demand)
    return found


def _dated(dues: Sequence[Due]) -> dict[Step, tuple[Due, ...]]:
    found: dict[Step, tuple[Due, ...]] = {}
    for due in dues:
        step = step_of(due)
        if step is not None:
            found[step] = (*found.get(step, ()), due)
    return {step: tuple(sorted(all_of, key=_by_date)) for step, all_of in found.items()}


def _by_date(due: Due) -> tuple[bool, dt.date, bool]:
    return (due.due_on is None, due.due_on or dt.date.max, due.assumed)


def _step_item(life: Life, step: Step, demands: Sequence[_Demand], dues: Sequence[Due], today: dt.date) -> Item:
    done_on = life.done.get(step)
    due_on = dues[0].due_on if dues else None
    sources = [*(source_of(due) for due in dues[:1]), *(demand.source for demand in demands)]
    state = _state(done_on, due_on, today)
    if state is ItemState.LATE and today > life.held_on and lapses(dues[0].rule):
        state = ItemState.MISSED
    if done_on is None and not _called_for(life, step):
        state = ItemState.NOT_NEEDED
    elif done_on is None and step in life.waived:
        state = ItemState.WAIVED
    return Item(
        what=STEP_NAMES[step],
        step=step,
        line=None,
        holder=PARTIES[dues[0].holder if dues else demands[0].holder],
        due_on=due_on,
        done_on=done_on,
        state=state,
        required=any(demand.required for demand in demands) or any(not due.assumed for due in dues),
        source="; ".join(dict.fromkeys(sources)),
        waived=life.waived.get(step) if state is ItemState.WAIVED else None,
        also=tuple(OtherDate(due_on=due.due_on, source=source_of(due)) for due in dues[1:] if due.due_on is not None),
    )


def _called_for(life: Life, step: Step) -> bool:
    """Whether anything in this conference calls for the step."""
    match step:
        case Step.UPWARD_SENT | Step.UPWARD_REPORTED:
            return any(line.beyond or line.referred_to for line in life.lines)
        case Step.ASSIGNMENTS_SENT:
            # Before the day nobody knows whether something will be put off to writing.
            return not life.lines or any(
                line.outcome in (AgendaOutcome.PENDING, AgendaOutcome.DEFERRED) for line in life.lines
            )
    return True


def _state(done_on: dt.date | None, due_on: dt.date | None, today: dt.date) -> ItemState:
    if done_on is not None:
        return ItemState.DONE_LATE if due_on is not None and done_on > due_on else ItemState.DONE
    return ItemState.LATE if due_on is not None and today > due_on else ItemState.OWED


def _failure_item(texts: Sequence[Regulation], life: Life, step: Step) -> Item:
    """What is left of a dialogue that came to nothing: owed where a text says so of this kind, else good advice."""
    done_on = life.done.get(step)
    where = failure_sources(texts, life.kind)
    state = ItemState.DONE if done_on is not None else ItemState.OWED
    if done_on is None and step in life.waived:
        state = ItemState.WAIVED
    return Item(
        what="báo cáo cấp trên trực tiếp, xin ý kiến" if step is Step.UPWARD_REPORTED else STEP_NAMES[step],
        step=step,
        line=None,
        holder=PARTIES[Party.CHAIR],
        due_on=None,
        done_on=done_on,
        state=state,
        required=bool(where),
        source="; ".join(where) or "nên làm; văn bản áp dụng không nói đến",
        waived=life.waived.get(step) if state is ItemState.WAIVED else None,
    )


def failure_sources(texts: Sequence[Regulation], kind: ConferenceKind) -> tuple[str, ...]:
    """Where the texts demand minutes and a report upwards of a dialogue of this kind that came to nothing."""
    return tuple(
        source(text, rule)
        for text in texts
        for rule in text.conduct
        if kind in rule.kinds and "không thành" in rule.text and not rule.assumed
    )


# --------------------------------------------------------------------------- lines


def _line_item(life: Life, line: LineFacts, today: dt.date) -> Item:
    need = need_of(line)
    what, holder = _said(line, need)
    took_place = life.state in (ConferenceState.HELD, ConferenceState.CONCLUDED)
    if need is LineNeed.NOTHING:
        done_on = line.answered_on or life.held_on
        state = ItemState.DONE_LATE if line.due_on and done_on > line.due_on else ItemState.DONE
    else:
        done_on = None
        state = ItemState.LATE if need is LineNeed.ANSWER and line.due_on and today > line.due_on else ItemState.OWED
    return Item(
        what=f"dòng {line.position} «{line.title}»: {what}" if took_place else f"dòng {line.position} «{line.title}»",
        step=None,
        line=line.position,
        holder=holder,
        due_on=line.due_on if need in (LineNeed.ANSWER, LineNeed.NOTHING) else None,
        done_on=done_on,
        state=state,
        required=need is not LineNeed.UPPER_LEVEL and not (need is LineNeed.ANSWER and line.grounded and line.agency),
        source="nội dung hội nghị",
    )


def _said(line: LineFacts, need: LineNeed) -> tuple[str, str]:
    chair, front = PARTIES[Party.CHAIR], PARTIES[Party.FRONT]
    match need:
        case LineNeed.OUTCOME:
            return "chưa ghi kết quả tại hội nghị", chair
        case LineNeed.ASSIGNMENT if line.outcome is AgendaOutcome.ANSWERED:
            return "đã trả lời miệng, chưa có lời hoặc văn bản trả lời gửi người hỏi", chair
        case LineNeed.ASSIGNMENT:
            return "hẹn trả lời bằng văn bản, chưa giao cơ quan nào", chair
        case LineNeed.ANSWER if line.referred_to and not line.agency:
            return f"vượt thẩm quyền, chưa chuyển {line.referred_to}", front
        case LineNeed.ANSWER if line.grounded:
            return "trả lời sau, có căn cứ", line.agency or chair
        case LineNeed.ANSWER:
            return "chưa có văn bản trả lời cuối cùng", line.agency or chair
        case LineNeed.UPPER_LEVEL:
            return f"đã chuyển {line.referred_to or 'cấp trên'}, chưa có trả lời", line.referred_to or "cấp trên"
    if line.outcome is AgendaOutcome.DECLINED:
        return "không đối thoại, có căn cứ", chair
    if line.answered_on is None:
        return "không còn ai chờ trả lời", chair
    return "đã có trả lời", line.agency or chair


# --------------------------------------------------------------------------- what came late


def _late_items(texts: Sequence[Regulation], life: Life, today: dt.date) -> list[Item]:
    rules = [(text, rule) for text in texts for rule in text.late_opinions if rule.treatment == "written_answer"]
    if not rules or life.state is ConferenceState.PLANNED:
        return []
    where = "; ".join(source(text, rule) for text, rule in rules)
    promised = any(not rule.assumed for _, rule in rules)
    return [_late_item(late, where, today, required=promised) for late in life.late]


def _late_item(late: LateFacts, where: str, today: dt.date, *, required: bool) -> Item:
    said, holder, state = "đã có trả lời", late.agency or PARTIES[Party.CHAIR], ItemState.OWED
    if late.answered_on is not None:
        state = ItemState.DONE
        if late.due_on is not None and late.answered_on > late.due_on:
            state = ItemState.DONE_LATE
    elif late.referral_sent_on is not None:
        said, holder = f"đã chuyển {late.referred_to or 'cấp trên'}, chưa có trả lời", late.referred_to or "cấp trên"
    elif late.agency is not None:
        said = "chưa có văn bản trả lời cuối cùng"
        state = ItemState.LATE if late.due_on is not None and today > late.due_on else ItemState.OWED
    elif late.referred_to is not None:
        said, holder = f"vượt thẩm quyền, chưa chuyển {late.referred_to}", PARTIES[Party.FRONT]
    elif late.elsewhere is not None:
        said = f"chờ trả lời tại hội nghị {late.elsewhere}"
    else:
        said = "phải trả lời bằng văn bản, chưa giao cơ quan nào"
    return Item(
        what=f"ý kiến đến muộn «{late.title}» ({late.ref}): {said}",
        step=None,
        line=None,
        holder=holder,
        due_on=late.due_on,
        done_on=late.answered_on,
        state=state,
        required=required and late.referral_sent_on is None,
        source=where,
        issue=late.ref,
    )


def retention_of(dues: Sequence[Due]) -> Due | None:
    """The retention date with its source: the latest, since every text wants its years kept."""
    dated = [due for due in dues if due.duty is Duty.RETENTION and due.due_on and due.direction is Direction.AFTER]
    return max(dated, key=lambda due: due.due_on or dt.date.min, default=None)
