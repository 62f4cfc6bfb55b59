"""Why two reports are the same issue, or alike and yet two, in words a clerk reads."""

from __future__ import annotations

from nlp.compared import Compared
from nlp.concepts import concept_names
from nlp.likeness import Difference, Likeness, PlaceRelation
from nlp.vocabulary import vocabulary

_LABEL_NAMES = {
    "lane": "ngõ, hẻm", "km": "km", "block": "tòa nhà", "plot": "thửa", "line": "tuyến", "house": "số nhà",
    "file": "số hồ sơ", "station": "trạm", "lot": "lô", "street": "đường số",
}  # fmt: skip


def reasons(one: Compared, other: Compared, likeness: Likeness) -> tuple[str, ...]:
    """What is the same first, then what differs."""
    if likeness.resent:
        return ("nội dung gần như trùng nguyên văn",)
    matter = _shared_matter(one, other)
    same_matter = f"cùng việc {matter}" if matter else "việc gần giống nhau"
    match likeness.difference:
        case Difference.PLACE:
            return (f"khác nơi: {_place_names(one)} và {_place_names(other)}", same_matter)
        case Difference.NUMBER:
            return (same_matter, f"khác số: {_numbers(one, other)}")
        case Difference.ASK:
            return (same_matter, "điều xin trái ngược nhau")
        case Difference.TIME:
            return (same_matter, _times(one, other))
        case Difference.KIND:
            return (same_matter, "một bên là phản ánh chung, một bên là đơn thư hoặc không phải ý kiến")
        case None:
            return _open(one, other, likeness, same_matter)


def _open(one: Compared, other: Compared, likeness: Likeness, same_matter: str) -> tuple[str, ...]:
    where = _where(one, other, likeness.place)
    if likeness.same:
        return (where, same_matter)
    if likeness.place in (PlaceRelation.SAME, PlaceRelation.VILLAGE, PlaceRelation.NEAR):
        return (where, f"chưa chắc cùng việc: {_matters(one)} và {_matters(other)}")
    return (where, same_matter)


def _where(one: Compared, other: Compared, place: PlaceRelation) -> str:
    if place is PlaceRelation.UNKNOWN:
        return "chưa rõ có cùng một nơi không"
    for sort in ("objects", "projects", "roads", "groups"):
        for key in sorted(getattr(one, sort) & getattr(other, sort)):
            if key in one.names or key in other.names:
                return f"cùng {one.names.get(key) or other.names[key]}"
    return "cùng một nơi"


def _shared_matter(one: Compared, other: Compared) -> str | None:
    """The sub-issue both speak of, else the thing."""
    issues = one.issues.keys() & other.issues.keys()
    if issues:
        best = max(issues, key=lambda issue: (one.issues[issue] * other.issues[issue], issue))
        known = vocabulary().issues.get(best)
        if known:
            return known.name
    shared = one.concepts.keys() & other.concepts.keys()
    if shared:
        best = max(shared, key=lambda code: (one.concepts[code] * other.concepts[code], code))
        return concept_names().get(best)
    return None


def _matters(one: Compared) -> str:
    for issue in sorted(one.issues, key=lambda key: (-one.issues[key], key)):
        known = vocabulary().issues.get(issue)
        if known:
            return known.name
    for code in sorted(one.concepts, key=lambda key: (-one.concepts[key], key)):
        return concept_names().get(code, code)
    return "việc chưa rõ"


def _numbers(one: Compared, other: Compared) -> str:
    for label in sorted(one.numbers.keys() & other.numbers.keys()):
        mine, theirs = one.numbers[label], other.numbers[label]
        if label in _LABEL_NAMES and not mine & theirs:
            return f"{_LABEL_NAMES[label]} {', '.join(sorted(mine))} và {', '.join(sorted(theirs))}"
    return "khác nhau"


def _times(one: Compared, other: Compared) -> str:
    if one.over != other.over:
        return "một bên báo đã xong, một bên đang xảy ra"
    return f"khác thời gian: tháng {', '.join(sorted(one.months))} và tháng {', '.join(sorted(other.months))}"


def _place_names(compared: Compared) -> str:
    return ", ".join(dict.fromkeys(compared.names.values())) or "nơi chưa rõ"
