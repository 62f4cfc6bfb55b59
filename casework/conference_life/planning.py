"""Whether a plan fits the regulation: what it forbids is refused, what it only advises is remarked. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from casework.deadlines.values import Due
from casework.errors import InvalidInput
from casework.names import CONFERENCE_FORMS, CONFERENCE_KINDS
from casework.plain_words import plain
from casework.regulations.model import NATIONAL, ChairRule, ConferenceKind, FrequencyRule, Regulation, Rule
from casework.regulations.reading import frequency_rules

_ASSUMED = " (chương trình tạm hiểu)"
#: as `plain` writes them
_ORGANS = ("hoi dong nhan dan", "uy ban nhan dan")
_DEPUTIES = {
    "authorised": "cấp phó chỉ chủ trì thay khi cấp trưởng vướng sức khỏe hoặc nhiệm vụ đột xuất",
    "vacancy": "cấp phó chỉ chủ trì khi khuyết cấp trưởng",
    "silent": "văn bản không nói về việc cấp phó chủ trì thay",
}
_SPECIAL_CASES = (
    *("om", "benh", "suc khoe", "nam vien", "mo", "phau thuat", "dieu tri", "tai nan", "thai san", "sinh con"),
    *("nhiem vu", "cong tac", "dot xuat", "trieu tap", "duoc goi", "du hop", "hop cap tren", "chi dao", "ung pho"),
)


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

    Raises `InvalidInput` for what they do not allow: a form none of them knows, the number of secretaries, a deputy
    without cause, an ad hoc conference without its one matter.
    """
    check_form(texts, planned.form)
    if planned.kind is ConferenceKind.AD_HOC and not (planned.topic or "").strip():
        raise InvalidInput(
            "Đối thoại đột xuất phải nêu một nội dung được báo trước.", todo="Ghi nội dung đó: --topic ..."
        )
    check_officials(texts, planned.chair, planned.officials)
    return plan_advice(texts, planned)


def plan_advice(texts: Sequence[Regulation], planned: Planned) -> tuple[str, ...]:
    """What the texts say against a plan that stands, in words. Raises `InvalidInput` for a form none of them knows."""
    return (
        *check_form(texts, planned.form),
        *kind_remarks(texts, planned.kind),
        *officials_remarks(texts, planned.chair, planned.officials),
        *window_remarks(texts, planned),
    )


def check_form(texts: Sequence[Regulation], form: str) -> tuple[str, ...]:
    """Remarks where one text excludes this form and another knows it: the law and a stricter text of the province.

    Raises `InvalidInput` when every text that names forms of conference excludes it.
    """
    if form not in CONFERENCE_FORMS:
        raise InvalidInput(f"«{form}» không phải hình thức hội nghị.", todo=f"Chọn: {', '.join(CONFERENCE_FORMS)}.")
    rules = [(text, rule) for text in texts for rule in text.forms]
    against = [(text, rule) for text, rule in rules if form not in rule.forms]
    knowing = [source(text, rule) for text, rule in rules if form in rule.forms]
    if against and not knowing:
        allowed = dict.fromkeys(f"{one} ({CONFERENCE_FORMS[one]})" for _, rule in against for one in rule.forms)
        raise InvalidInput(
            f"{source(*against[0])} không cho họp hình thức {CONFERENCE_FORMS[form]}.",
            todo=f"Chọn: {', '.join(allowed)}.",
        )
    return tuple(
        f"{source(text, rule)} chỉ nói họp {_in_a_row(rule.forms)}, không có hình thức {CONFERENCE_FORMS[form]}; "
        f"{', '.join(knowing)} thì cho. Nên hỏi ý kiến cấp ủy trước khi quyết."
        for text, rule in against
    )


def kind_remarks(texts: Sequence[Regulation], kind: ConferenceKind) -> tuple[str, ...]:
    """A kind of conference none of the texts speaks of: remarked, never refused."""
    # A text that holds conferences whenever there is need speaks of ad hoc ones by that.
    known = {
        sort
        for text in texts
        for rule in text.frequency
        for sort in (rule.kind, ConferenceKind.AD_HOC if rule.when_needed else rule.kind)
    }
    if kind is ConferenceKind.PERIODIC or kind in known or not texts:
        return ()
    return (
        f"Quy định của {texts[0].name} không nói đến hội nghị {CONFERENCE_KINDS[kind]}; các hạn chỉ là tạm hiểu. "
        f"Nếu đúng hơn, lập là hội nghị {CONFERENCE_KINDS[ConferenceKind.PERIODIC]} "
        f"hoặc {CONFERENCE_KINDS[ConferenceKind.AD_HOC]}.",
    )


def check_officials(texts: Sequence[Regulation], chair: str, officials: Officials) -> tuple[str, ...]:
    """Remarks of the texts on who leads and writes. Raises `InvalidInput` for a wrong number of secretaries or a
    deputy the text does not allow."""
    refusal = next(_refusals(texts, officials), None)
    if refusal is not None:
        raise refusal
    return _own_remarks(texts, chair, officials)


def officials_remarks(texts: Sequence[Regulation], chair: str, officials: Officials) -> tuple[str, ...]:
    """Everything the texts say against who led and wrote, as remarks: of a conference already held nothing can be
    refused any more."""
    refused = (refusal.what for refusal in _refusals(texts, officials))
    return tuple(
        dict.fromkeys((*refused, *_own_remarks(texts, chair, officials), *joint_chair_remarks(texts, chair, officials)))
    )


def joint_chair_remarks(texts: Sequence[Regulation], chair: str, officials: Officials) -> tuple[str, ...]:
    """The law of the country has two organs of the commune chair together; where one is missing it is remarked."""
    people = (chair, *officials.co_chairs, *((officials.deputy,) if officials.deputy else ()))
    remarks = []
    for text in texts:
        for rule in text.chair if text.code == NATIONAL else ():
            missing = [side for side in (*rule.chairs, *rule.co_chairs) if not _sits_for(side, people)]
            if missing:
                remarks.append(
                    f"{source(text, rule)}: hội nghị cấp xã do {' và '.join((*rule.chairs, *rule.co_chairs))} "
                    f"cùng chủ trì; ở đây chưa có {', '.join(missing)}."
                )
    return tuple(remarks)


def _refusals(texts: Sequence[Regulation], officials: Officials) -> Iterator[InvalidInput]:
    for text in texts:
        for rule in text.secretaries:
            given = len(officials.secretaries)
            if given and rule.count is not None and given != rule.count:
                yield InvalidInput(
                    f"{source(text, rule)} đòi đúng {rule.count} thư ký, ở đây ghi {given}.",
                    todo="Ghi đủ số thư ký, mỗi người một lần --secretary.",
                )
    if officials.deputy is None:
        return
    for text, chair_rule in _own_chair(texts):
        if chair_rule.deputy == "vacancy" and not officials.vacant:
            yield InvalidInput(
                f"{source(text, chair_rule)} chỉ cho cấp phó chủ trì khi khuyết cấp trưởng.",
                todo="Nếu đúng là khuyết, thêm --vacant; nếu không, mời cấp trưởng chủ trì hoặc dời ngày.",
            )
    if not officials.deputy_reason:
        yield InvalidInput("Cấp phó chủ trì thay thì phải ghi vì sao.", todo="Ghi thêm: --deputy-reason ...")


def _own_chair(texts: Sequence[Regulation]) -> Iterator[tuple[Regulation, ChairRule]]:
    # Who may chair is the office's own text; the national law speaks of the government's side only.
    return ((text, rule) for text in texts[:1] for rule in text.chair)


def _own_remarks(texts: Sequence[Regulation], chair: str, officials: Officials) -> tuple[str, ...]:
    remarks = [one for text, rule in _own_chair(texts) for one in _chair_remarks(text, rule, chair, officials)]
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
        tail = f"; {_DEPUTIES[rule.deputy]}" if any(_is_deputy(chair, post) for post in rule.chairs) else ""
        remarks.append(
            f"{source(text, rule)}: người chủ trì là {' hoặc '.join(rule.chairs)}; ở đây ghi «{chair}»{tail}."
        )
    missing = [post for post in rule.co_chairs if not any(_is_post(one, post) for one in officials.co_chairs)]
    if missing:
        remarks.append(f"{source(text, rule)}: cùng chủ trì còn có {', '.join(missing)}.")
    return remarks


def _deputy_remarks(text: Regulation, rule: ChairRule, officials: Officials) -> list[str]:
    match rule.deputy:
        case "authorised" if officials.deputy_reason and not _is_special(officials.deputy_reason):
            return [f"{source(text, rule)}: {_DEPUTIES['authorised']}; ở đây ghi «{officials.deputy_reason}»."]
        case "silent":
            return [f"{source(text, rule)} không nói về việc cấp phó chủ trì thay; nên hỏi ý kiến cấp ủy trước."]
    return []


def _is_special(reason: str) -> bool:
    """Whether the words name the health of the chair or a sudden duty. Words not foreseen only bring a remark."""
    said = plain(reason)
    return any(re.search(rf"\b{words}\b", said) for words in _SPECIAL_CASES)


def _sits_for(side: str, people: Sequence[str]) -> bool:
    """Whether one of these people belongs to this organ: the chairman of a council is one of its standing body."""
    organ = next(organ for organ in (*_ORGANS, _post(side)) if organ in _post(side))
    return any(organ in _post(one) for one in people)


def _in_a_row(forms: Sequence[str]) -> str:
    return ", ".join(CONFERENCE_FORMS[one] for one in forms)


def _is_post(name: str, post: str) -> bool:
    """Whether the words somebody wrote name this post: "Bí thư Đảng ủy xã Tân Minh" is the "Bí thư Đảng ủy"."""
    written, wanted = _post(name), _post(post)
    # A deputy's title contains the title of whom he or she stands in for.
    return wanted in written and f"pho {wanted}" not in written


def _is_deputy(name: str, post: str) -> bool:
    return f"pho {_post(post)}" in _post(name)


def _post(text: str) -> str:
    return plain(text).replace("ubnd", "uy ban nhan dan").replace("hdnd", "hoi dong nhan dan")


def _within(rule: FrequencyRule, day: dt.date) -> bool:
    return any(start <= f"{day:%m-%d}" <= end for start, end in rule.windows)


def _seasons(rule: FrequencyRule) -> str:
    return ", ".join(f"{start[3:]}/{start[:2]} đến {end[3:]}/{end[:2]}" for start, end in rule.windows)
