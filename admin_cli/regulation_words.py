"""Each rule of a regulation in a sentence a clerk can read, and the way its source is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casework.deadlines.explain import UNITS
from casework.grounds import ground
from casework.names import CONFERENCE_FORMS, CONFERENCE_KINDS, DUTIES, PARTIES, STEP_NAMES
from casework.regulations.model import (
    AttendanceRule,
    ChairRule,
    ConferenceKind,
    Direction,
    DutyRule,
    EligibilityRule,
    FormsRule,
    FrequencyRule,
    GroundRule,
    InterimRule,
    LateOpinionsRule,
    PlainRule,
    ProgrammeItem,
    Regulation,
    ReportRule,
    Rule,
    SecretariesRule,
    StepRule,
    TaskRule,
    Trigger,
)

#: tables of a text, in the order in which people read them
SECTIONS = {
    "duties": "Thời hạn",
    "frequency": "Số kỳ, thời điểm",
    "steps": "Các bước",
    "programme": "Chương trình hội nghị",
    "chair": "Chủ trì",
    "secretaries": "Thư ký",
    "eligibility": "Điều kiện dự",
    "attendance": "Thành phần",
    "forms": "Hình thức",
    "topics": "Nội dung đối thoại",
    "intake": "Tiếp nhận, phân loại ý kiến",
    "late_opinions": "Ý kiến đến muộn",
    "interim": "Báo trước khi chưa trả lời được",
    "grounds": "Căn cứ từ chối, hoãn, hướng dẫn",
    "excluded": "Việc không thuộc đối thoại",
    "confidentiality": "Giữ kín",
    "conduct": "Cách làm, trách nhiệm",
    "tasks": "Việc thường xuyên",
    "reports": "Báo cáo",
}
LATE = {"written_answer": "trả lời bằng văn bản", "next_conference": "để kỳ sau"}
DEPUTIES = {
    "silent": "không nói về cấp phó",
    "authorised": "được ủy quyền cho cấp phó khi ốm, bận đột xuất",
    "vacancy": "cấp phó chỉ khi khuyết cấp trưởng",
}
_EVENTS = {
    Trigger.CONFERENCE: "hội nghị",
    Trigger.CONCLUSION_NOTICE: "thông báo kết luận",
    Trigger.ASSIGNMENT_RECEIVED: "nhận giao việc",
    Trigger.OPINION_RECEIVED: "nhận ý kiến",
    Trigger.FILE_CLOSED: "đóng hồ sơ",
}
_FORMS = {"written": "bằng văn bản", "spoken_or_written": "trực tiếp hoặc bằng văn bản", "public": "công khai"}
_CAUSES = {"complex": "việc phức tạp", "beyond_competence": "việc vượt thẩm quyền"}
_SAYS = {"expected_date": "ngày dự kiến", "responsible_agency": "cơ quan giải quyết", "progress": "tiến độ"}
EFFECTS = {"refuse": "từ chối", "defer": "trả lời sau", "redirect": "hướng dẫn nơi khác"}
_REPORTS = {"conference": "từng hội nghị", "half_year": "6 tháng", "annual": "năm", "on_demand": "khi có yêu cầu"}
_OTHERS = {"secretary": "thư ký", "speakers": "Nhân dân", "master_of_ceremonies": "người dẫn chương trình"}


@dataclass(frozen=True, kw_only=True)
class RuleRow:
    """One rule, with where it stands."""

    section: str
    id: str
    says: str
    place: str
    quote: str
    assumed: bool
    reason: str
    note: str


def rule_rows(text: Regulation) -> list[RuleRow]:
    """Every rule of a text in the order people read it."""
    return [
        RuleRow(
            section=heading,
            id=rule.id,
            says=says(rule),
            place=rule.place,
            quote=rule.quote,
            assumed=rule.assumed,
            reason=rule.reason,
            note=rule.note,
        )
        for table, heading in SECTIONS.items()
        for rule in getattr(text, table)
        if not rule.borrowed
    ]


def says(rule: Rule) -> str:
    """What one rule says, without its source."""
    match rule:
        case DutyRule():
            return _duty(rule)
        case FrequencyRule():
            return _frequency(rule)
        case StepRule():
            parts = f": {joined(rule.parts)}" if rule.parts else ""
            when_needed = "" if rule.required else " (khi có)"
            kinds = kinds_in_brackets(rule.kinds)
            return f"{capital(STEP_NAMES[rule.step])}{kinds}{when_needed} - {PARTIES[rule.holder]}{parts}"
        case ProgrammeItem():
            limit = f", không quá {rule.at_most_minutes} phút" if rule.at_most_minutes else ""
            by = _OTHERS.get(rule.by) or PARTIES[rule.by]
            return f"{rule.text} ({by}{limit}){kinds_in_brackets(rule.kinds)}"
        case ChairRule():
            beside = f"; đồng chủ trì: {', '.join(rule.co_chairs)}" if rule.co_chairs else ""
            return f"{' / '.join(rule.chairs)}{beside}; {DEPUTIES[rule.deputy]}"
        case SecretariesRule():
            number = "không định số" if rule.count is None else f"{rule.count} người"
            return f"{capital(number)}: {joined(rule.tasks)}"
        case EligibilityRule():
            return joined(eligibility_parts(rule))
        case AttendanceRule():
            return joined(rule.groups) + ("; không hạn chế số người" if rule.unlimited else "")
        case FormsRule():
            return ", ".join(CONFERENCE_FORMS[form] for form in rule.forms)
    return _says_of_opinions(rule)


def _says_of_opinions(rule: Rule) -> str:
    match rule:
        case LateOpinionsRule():
            too = "; cả ý kiến nảy ra tại hội nghị" if rule.arising_at_conference else ""
            return f"Vẫn nhận, {LATE[rule.treatment]}{too}"
        case InterimRule():
            causes, told = (_CAUSES[one] for one in rule.causes), (_SAYS[one] for one in rule.says)
            form = f", {_FORMS[rule.form]}" if rule.form else ""
            return f"{capital(', '.join(causes))}: báo {', '.join(told)}{form}"
        case GroundRule():
            used_by = ", ".join(PARTIES[one] for one in rule.used_by)
            return f"{ground(rule.ground).name}: {EFFECTS[rule.effect]} - {used_by}"
        case TaskRule():
            return f"{rule.text} ({PARTIES[rule.holder]})"
        case PlainRule():
            return f"{rule.text}{kinds_in_brackets(rule.kinds)}"
        case ReportRule():
            sealed = "; phụ lục kín về cán bộ bị phản ánh" if rule.officials_annex else ""
            parts = f": {joined(rule.sections)}" if rule.sections else ""
            columns = f"; cột phụ lục: {', '.join(rule.columns)}" if rule.columns else ""
            to = ", ".join(PARTIES[one] for one in rule.recipients)
            return f"Báo cáo {_REPORTS[rule.report]} gửi {to}{parts}{columns}{sealed}"
    raise TypeError(rule)


def _duty(rule: DutyRule) -> str:
    to = f"; gửi {', '.join(PARTIES[one] for one in rule.recipients)}" if rule.recipients else ""
    extras = [
        _FORMS[rule.form] if rule.form else "",
        "trừ việc đã xong tại hội nghị" if rule.not_if_settled_at_conference else "",
        "được báo trước ngày dự kiến" if rule.interim_allowed else "",
        "" if "xa" in rule.levels else "hội nghị cấp trên xã",
    ]
    said = joined(extras)
    more = f" ({said})" if said else ""
    kinds = kinds_in_brackets(rule.kinds)
    return f"{capital(DUTIES[rule.duty])}: {period(rule)}{kinds} - {PARTIES[rule.holder]}{to}{more}"


def _frequency(rule: FrequencyRule) -> str:
    windows = ", ".join(f"{day_of_year(first)}-{day_of_year(last)}" for first, last in rule.windows)
    extras = [
        f"ít nhất {rule.min_per_year} kỳ mỗi năm" if rule.min_per_year else "",
        f"trong khoảng {windows}" if windows else "",
        "mỗi kỳ một buổi" if rule.half_day else "",
        f"hoặc khi {rule.voters_percent}% cử tri yêu cầu" if rule.voters_percent else "",
        "khi cần" if rule.when_needed else "",
        "" if "xa" in rule.levels else "hội nghị cấp trên xã",
    ]
    return f"{capital(CONFERENCE_KINDS[rule.kind])}: {joined(extras)}"


def period(rule: DutyRule) -> str:
    """A period in words: "7 ngày làm việc trước hội nghị", "trước 20/6"."""
    if rule.on is not None:
        # A day before the fixed day is what the texts mean by "trước"; none is the day itself at the latest.
        word = "trước" if rule.count else "chậm nhất"
        return f"{word} {day_of_year(rule.on)}" + (" năm sau" if rule.year_offset else "")
    side = "trước" if rule.direction is Direction.BEFORE else "sau"
    return f"{rule.count} {UNITS[rule.unit]} {side} {_EVENTS[rule.trigger]}"


def eligibility_parts(rule: EligibilityRule) -> list[str]:
    """What a person declares of himself, part by part."""
    age = [] if rule.min_age is None else [f"đủ {rule.min_age} tuổi"]
    return [*age, *rule.conditions, *(f"không phải người {one}" for one in rule.excluded)]


def kinds_in_brackets(kinds: Sequence[ConferenceKind]) -> str:
    """The kinds of conference a rule is limited to, in brackets; nothing when it holds for all."""
    if set(kinds) == set(ConferenceKind):
        return ""
    return f" ({', '.join(CONFERENCE_KINDS[kind] for kind in kinds)})"


def assumed_mark(rule: Rule) -> str:
    """What marks a rule the text does not say."""
    return " [tạm hiểu]" if rule.assumed else ""


def day_of_year(month_day: str) -> str:
    """ "06-20" as people write it: 20/6."""
    month, day = month_day.split("-")
    return f"{int(day)}/{int(month)}"


def joined(parts: Iterable[str]) -> str:
    """Parts in one line, each once, empty ones left out."""
    return "; ".join(dict.fromkeys(part for part in parts if part))


def capital(words: str) -> str:
    """With a capital first letter."""
    return words[:1].upper() + words[1:]
