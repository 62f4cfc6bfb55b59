"""Two regulations side by side: one row per parameter, each side in a few words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from admin_cli.regulation_words import (
    DEPUTIES,
    EFFECTS,
    LATE,
    assumed_mark,
    capital,
    day_of_year,
    eligibility_parts,
    joined,
    kinds_in_brackets,
    period,
)
from casework.grounds import Ground, grounds
from casework.names import CONFERENCE_FORMS, CONFERENCE_KINDS, DUTIES, PARTIES, STEP_NAMES
from casework.regulations.model import ConferenceKind, Duty, Regulation, Step
from casework.regulations.reading import frequency_rules

#: said where a text has no such rule
SILENT = "không nói"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter under two regulations; `same` when both say the same."""

    parameter: str
    first: str
    second: str
    same: bool


def compare(first: Regulation, second: Regulation, level: str = "xa") -> tuple[Parameter, ...]:
    """Every parameter at least one of the two texts speaks of, due dates first."""
    sides: list[tuple[str, Callable[[Regulation], str]]] = [
        *((capital(DUTIES[duty]), _duty(duty, level)) for duty in Duty),
        ("Số kỳ mỗi năm", lambda text: _frequency(text, level)),
        ("Người chủ trì", lambda text: joined(", ".join(rule.chairs) for rule in text.chair)),
        ("Đồng chủ trì", lambda text: joined(", ".join(rule.co_chairs) for rule in text.chair)),
        ("Cấp phó chủ trì thay", lambda text: joined(DEPUTIES[rule.deputy] for rule in text.chair)),
        ("Thư ký", lambda text: joined(_secretaries(rule.count) for rule in text.secretaries)),
        ("Hình thức", lambda text: joined(CONFERENCE_FORMS[form] for rule in text.forms for form in rule.forms)),
        ("Điều kiện người dự", _eligibility),
        (
            "Ý kiến đến muộn",
            lambda text: joined(LATE[rule.treatment] + assumed_mark(rule) for rule in text.late_opinions),
        ),
        ("Việc loại ra", lambda text: joined(rule.text for rule in text.excluded)),
        ("Giữ kín", lambda text: joined(rule.text for rule in text.confidentiality)),
        ("Số mục chương trình", _programme),
        *((f"Bước {STEP_NAMES[step]}", _step(step)) for step in Step),
        *((f"Căn cứ «{one.name}»", _ground(one)) for one in grounds()),
    ]
    rows = []
    for name, said in sides:
        one, other = said(first), said(second)
        if one or other:
            rows.append(Parameter(parameter=name, first=one or SILENT, second=other or SILENT, same=one == other))
    return tuple(rows)


def _duty(duty: Duty, level: str) -> Callable[[Regulation], str]:
    def said(text: Regulation) -> str:
        rules = [rule for rule in text.duties if rule.duty is duty and level in rule.levels]
        periods: dict[str, list[ConferenceKind]] = {}
        for kind in ConferenceKind if rules else ():
            rule = next((rule for rule in rules if kind in rule.kinds), None)
            periods.setdefault(SILENT if rule is None else period(rule), []).append(kind)
        marks = {period(rule): assumed_mark(rule) for rule in reversed(rules)}
        return joined(f"{words}{kinds_in_brackets(kinds)}{marks.get(words, '')}" for words, kinds in periods.items())

    return said


def _frequency(text: Regulation, level: str) -> str:
    said = []
    for rule in frequency_rules(text, level):
        if rule.kind is not ConferenceKind.PERIODIC:
            continue
        windows = ", ".join(f"{day_of_year(first)}-{day_of_year(last)}" for first, last in rule.windows)
        extra = [windows, f"{rule.voters_percent}% cử tri yêu cầu" if rule.voters_percent else ""]
        number = f"ít nhất {rule.min_per_year}" if rule.min_per_year else ""
        said.append("; ".join(filter(None, [number, *extra])) + assumed_mark(rule))
    return joined(said)


def _eligibility(text: Regulation) -> str:
    return joined(part for rule in text.eligibility for part in eligibility_parts(rule))


def _step(step: Step) -> Callable[[Regulation], str]:
    def said(text: Regulation) -> str:
        rules = [rule for rule in text.steps if rule.step is step and not rule.borrowed]
        words = [("cần" if rule.required else "khi có") + kinds_in_brackets(rule.kinds) for rule in rules]
        return joined(word + assumed_mark(rule) for word, rule in zip(words, rules, strict=True))

    return said


def _ground(one: Ground) -> Callable[[Regulation], str]:
    def said(text: Regulation) -> str:
        rule = one.rule_in(text)
        return "" if rule is None else f"{EFFECTS[rule.effect]}: {', '.join(PARTIES[who] for who in rule.used_by)}"

    return said


def _programme(text: Regulation) -> str:
    counts = {CONFERENCE_KINDS[kind]: sum(kind in item.kinds for item in text.programme) for kind in ConferenceKind}
    if len(set(counts.values())) == 1:
        count = next(iter(counts.values()))
        return f"{count} mục" if count else ""
    return joined(f"{name}: {count} mục" for name, count in counts.items())


def _secretaries(count: int | None) -> str:
    return "có, không định số" if count is None else f"{count} người"
