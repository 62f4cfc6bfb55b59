"""Whether a plan fits the regulation: what it forbids is refused, what it only advises is remarked. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from casework.deadlines.values import Due
from casework.errors import InvalidInput
from casework.names import CONFERENCE_FORMS, CONFERENCE_KINDS
from casework.plain_words import plain
from casework.regulations.model import NATIONAL, ChairRule, ConferenceKind, FrequencyRule, Regulation, Rule
from casework.regulations.reading import frequency_rules

_ASSUMED = " (chương trình tạm hiểu)"


@dataclass(frozen=True, kw_only=True)
class Officials:
    """Who leads a conference and who writes it down; `deputy` presides in the chair's place."""

    co_chairs: tuple[str, ...] = ()
    secretaries: tuple[str, ...] = ()
    deputy: str | None = None
    deputy_reason: str | None = None
    #: the chair's post is vacant
    vacant: bool = False
    #: the unit that gathers opinions and answers
    unit: str | None = None

    def as_json(self) -> dict[str, object]:
        """As `Conference.officials` keeps it: only what was said."""
        said: dict[str, object] = {
            "co_chairs": list(self.co_chairs),
            "secretaries": list(self.secretaries),
            "deputy": self.deputy,
            "deputy_reason": self.deputy_reason,
            "vacant": self.vacant,
            "unit": self.unit,
        }
        return {name: value for name, value in said.items() if value}

    @classmethod
    def of(cls, stored: dict[str, object]) -> Officials:
        """Read back what `as_json` wrote."""

        def names(key: str) -> tuple[str, ...]:
            value = stored.get(key)
            return tuple(str(one) for one in value) if isinstance(value, list) else ()

        def words(key: str) -> str | None:
            value = stored.get(key)
            return str(value) if value else None

        return cls(
            co_chairs=names("co_chairs"),
            secretaries=names("secretaries"),
            deputy=words("deputy"),
            deputy_reason=words("deputy_reason"),
            vacant=bool(stored.get("vacant")),
            unit=words("unit"),
        )


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan as somebody gives it."""

    kind: ConferenceKind
    form: str
    topic: str | None
    chair: str
    officials: Officials
    held_on: dt.date


def check_plan(texts: Sequence[Regulation], planned: Planned) -> tuple[str, ...]:
    """Remarks on a plan under these texts (the office's own first), in words.

    Raises `InvalidInput` for what they do not allow: the form, the number of secretaries, a deputy without cause, an
    ad hoc conference without its one matter.
    """
    check_form(texts, planned.form)
    if planned.kind is ConferenceKind.AD_HOC and not (planned.topic or "").strip():
        raise InvalidInput(
            "Đối thoại đột xuất phải nêu một nội dung được báo trước.", todo="Ghi nội dung đó: --topic ..."
        )
    return (*check_officials(texts, planned.chair, planned.officials), *window_remarks(texts, planned))


def check_form(texts: Sequence[Regulation], form: str) -> None:
    """Raise `InvalidInput` unless every text that names forms of conference allows this one."""
    if form not in CONFERENCE_FORMS:
        raise InvalidInput(f"«{form}» không phải hình thức hội nghị.", todo=f"Chọn: {', '.join(CONFERENCE_FORMS)}.")
    for text in texts:
        for rule in text.forms:
            if form not in rule.forms:
                allowed = ", ".join(f"{one} ({CONFERENCE_FORMS[one]})" for one in rule.forms)
                raise InvalidInput(
                    f"{source(text, rule)} không cho họp hình thức {CONFERENCE_FORMS[form]}.",
                    todo=f"Chọn: {allowed}.",
                )


def check_officials(texts: Sequence[Regulation], chair: str, officials: Officials) -> tuple[str, ...]:
    """Remarks on who leads and writes. Raises `InvalidInput` for a wrong number of secretaries or a deputy the text
    does not allow."""
    for text in texts:
        for rule in text.secretaries:
            given = len(officials.secretaries)
            if given and rule.count is not None and given != rule.count:
                raise InvalidInput(
                    f"{source(text, rule)} đòi đúng {rule.count} thư ký, ở đây ghi {given}.",
                    todo="Ghi đủ số thư ký, mỗi người một lần --secretary.",
                )
    remarks: list[str] = []
    # Who may chair is the office's own text; the national law speaks of the government's side only.
    for text in texts[:1]:
        for chair_rule in text.chair:
            remarks += _chair_remarks(text, chair_rule, chair, officials)
    if officials.deputy and not officials.deputy_reason:
        raise InvalidInput("Cấp phó chủ trì thay thì phải ghi vì sao.", todo="Ghi thêm: --deputy-reason ...")
    return tuple(dict.fromkeys(remarks))


def window_remarks(texts: Sequence[Regulation], planned: Planned) -> tuple[str, ...]:
    """A periodic conference outside the season a text names: remarked, never refused."""
    return tuple(
        f"{source(text, rule)}: mùa đối thoại là {_seasons(rule)}; ngày {planned.held_on:%d/%m/%Y} nằm ngoài."
        for text in texts
        for rule in frequency_rules(text)
        if rule.kind is planned.kind and rule.windows and not _within(rule, planned.held_on)
    )


def frequency_remarks(
    texts: Sequence[Regulation], kind: ConferenceKind, year: int, planned_in_year: int
) -> tuple[str, ...]:
    """A year with fewer conferences than a text asks for: remarked, never refused."""
    return tuple(
        f"{source(text, rule)}: mỗi năm ít nhất {rule.min_per_year} hội nghị {CONFERENCE_KINDS[kind]}; "
        f"năm {year} mới lập {planned_in_year}."
        for text in texts
        for rule in frequency_rules(text)
        if rule.kind is kind and planned_in_year < rule.min_per_year
    )


def demanded_parts(texts: Sequence[Regulation], step: str, kind: ConferenceKind) -> tuple[str, ...]:
    """What the texts say a step (a plan, a notice, the file) must contain, each part once."""
    parts = (
        part for text in texts for rule in text.steps if rule.step == step and kind in rule.kinds for part in rule.parts
    )
    return tuple(dict.fromkeys(parts))


def source(text: Regulation, rule: Rule) -> str:
    """Where a rule stands, for people: "Sơn La, Điều 6 khoản 1"; an assumed one says so."""
    where = text.citation(rule) if text.code == NATIONAL else f"{text.name}, {rule.place}"
    return where + (_ASSUMED if rule.assumed else "")


def source_of(due: Due) -> str:
    """The same for a duty with its date."""
    where = due.citation if due.regulation == NATIONAL else f"{due.source}, {due.rule.place}"
    return where + (_ASSUMED if due.assumed else "")


def _chair_remarks(text: Regulation, rule: ChairRule, chair: str, officials: Officials) -> list[str]:
    remarks = []
    if officials.deputy is not None:
        remarks += _deputy_remarks(text, rule, officials)
    elif not any(_is_post(chair, post) for post in rule.chairs):
        remarks.append(f"{source(text, rule)}: người chủ trì là {' hoặc '.join(rule.chairs)}; ở đây ghi «{chair}».")
    missing = [post for post in rule.co_chairs if not any(_is_post(one, post) for one in officials.co_chairs)]
    if missing:
        remarks.append(f"{source(text, rule)}: cùng chủ trì còn có {', '.join(missing)}.")
    return remarks


def _deputy_remarks(text: Regulation, rule: ChairRule, officials: Officials) -> list[str]:
    match rule.deputy:
        case "vacancy" if not officials.vacant:
            raise InvalidInput(
                f"{source(text, rule)} chỉ cho cấp phó chủ trì khi khuyết cấp trưởng.",
                todo="Nếu đúng là khuyết, thêm --vacant; nếu không, mời cấp trưởng chủ trì hoặc dời ngày.",
            )
        case "silent":
            return [f"{source(text, rule)} không nói về việc cấp phó chủ trì thay; nên hỏi ý kiến cấp ủy trước."]
    return []


def _is_post(name: str, post: str) -> bool:
    """Whether the words somebody wrote name this post: "Bí thư Đảng ủy xã Tân Minh" is the "Bí thư Đảng ủy"."""
    written, wanted = _post(name), _post(post)
    # A deputy's title contains the title of whom he or she stands in for.
    return wanted in written and f"pho {wanted}" not in written


def _post(text: str) -> str:
    return plain(text).replace("ubnd", "uy ban nhan dan").replace("hdnd", "hoi dong nhan dan")


def _within(rule: FrequencyRule, day: dt.date) -> bool:
    return any(start <= f"{day:%m-%d}" <= end for start, end in rule.windows)


def _seasons(rule: FrequencyRule) -> str:
    return ", ".join(f"{start[3:]}/{start[:2]} đến {end[3:]}/{end[:2]}" for start, end in rule.windows)
