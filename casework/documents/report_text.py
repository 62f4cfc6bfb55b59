"""What the templates of a report are filled with: sentences, tables and charts of its figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.clock import vietnamese_date
from casework.document_head import DocumentHead
from casework.documents.charts import WIDTH, Chart
from casework.documents.fill import Picture, letterhead
from casework.documents.pen import BLANK, BLANK_LINE
from casework.documents.report_outline import Section, outline
from casework.names import CONFERENCE_KINDS, OUTCOMES
from casework.reports.figures import UNIT_NAMES, Breakdown, Figure, Meeting, Report, Unit, definitions
from casework.reports.periods import ReportKind

ANNEX_COLUMNS = (
    *("Tên ĐVHC xã", "Ngày tổ chức", "Tổng số đại biểu mời", "Tổng số đại biểu dự"),
    *("Ý kiến đã giải quyết", "Ý kiến chưa giải quyết", "Ghi chú"),
)
STANDINGS = {
    "resolved": "đã giải quyết",
    "unresolved": "chưa giải quyết",
    "referred": "đã chuyển cấp trên, chờ trả lời",
    "declined": "không đối thoại, có căn cứ",
    "none": "chưa rõ",
}
#: nobody recorded it, or there is nothing to measure
UNKNOWN = "chưa ghi"

_VOLUME = (
    *("received", "people", "taken_up", "issues", "from_floor", "late_opinions", "declined", "redirected"),
    *("complaints", "denunciations", "guided_elsewhere", "sealed_waiting", "under_review", "withdrawn"),
)
_OUTCOME = (
    *("resolved", "answered_at_conference", "hall_and_writing", "answered_in_writing", "given_by_hand"),
    *("unresolved", "waiting", "referred", "interim"),
)
_TIMELINESS = (
    *(
        "owed_in_writing",
        "on_time",
        "met_extended",
        "met_promised",
        "late",
        "no_due_answered",
        "in_time",
        "extended_open",
    ),
    *(
        "promised_open",
        "overdue",
        "no_due_open",
        "extended",
        "late_acknowledgement",
        "response_median",
        "response_longest",
    ),
)
_ATTENDANCE = ("conferences", "failed_conferences", "invited", "attendance", "registered_speakers", "speakers")
#: figures whose parts are shown indented below them
_WITH_PARTS = ("redirected", "resolved", "unresolved", "owed_in_writing")
#: others that are counted in a figure above them
_OF_WHICH = frozenset({"interim", "hall_and_writing", "given_by_hand", "extended"})
#: shown only when there is something to show
_IF_ANY = frozenset(
    {
        *("guided_elsewhere", "withdrawn", "late_opinions", "from_floor", "failed_conferences", "interim"),
        *("no_due_answered", "met_extended", "extended_open", "extended", "late_acknowledgement"),
        *("met_promised", "promised_open", "sealed_waiting", "hall_and_writing", "given_by_hand"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """Everything a report document is made of beside its figures."""

    head: DocumentHead
    office_name: str
    #: "Hướng dẫn ... (mục V.2)"
    basis: str
    sections: Sequence[str]
    recipients: Sequence[str]
    #: headings of the annex table, as the regulation fixes them
    columns: Sequence[str]
    #: what was issued and done, each in a sentence
    directions: Sequence[str] = ()
    preparations: Sequence[str] = ()
    charts: Mapping[str, Chart | None] | None = None
    number: str | None = None
    signed_on: dt.date | None = None


def context(report: Report, paper: Paper) -> dict[str, Any]:
    """All a template of `drawing/reports.py` asks for. Raises `InvalidInput` when only number or day is given."""
    letter = letterhead(paper.head, paper.number, paper.signed_on)
    blocks = _Blocks(report, paper)
    with_annex = bool(paper.columns) or report.kind != ReportKind.CONFERENCE
    return {
        **letter,
        "recipients": [*paper.recipients] or letter["recipients"],
        "about": _about(report, paper),
        "basis": paper.basis,
        "covers": _covers(report),
        "sections": [*blocks.of_previous(), *(blocks.of(one) for one in outline(paper.sections))],
        "closing": f"Trên đây là báo cáo kết quả đối thoại của {paper.office_name}",
        "belongs_to": "(Kèm theo báo cáo cùng số, cùng ngày)",
        "annex": _annex(report, paper) if with_annex else None,
        "definitions": {"number": 2 if with_annex else 1, "rows": _definition_rows(report)},
    }


def value_of(figure: Figure) -> str:
    """The number as people read it: "12", "4,5"."""
    if figure.value is None:
        return UNKNOWN if figure.unit is not Unit.WORKING_DAY else "chưa có"
    return str(figure.value).removesuffix(".0").replace(".", ",")


def name_of(figure: Figure) -> str:
    """What it is called, with the unit where that is not plain."""
    return f"{figure.name} ({UNIT_NAMES[figure.unit]})" if figure.unit is Unit.WORKING_DAY else figure.name


def period_words(report: Report) -> str:
    """What stretch of time it is about, in words."""
    first, last = (vietnamese_date(dt.date.fromisoformat(day)) for day in (report.first, report.last))
    return f"từ ngày {first} đến hết ngày {last}"


# --------------------------------------------------------------------------- head


def _about(report: Report, paper: Paper) -> str:
    match report.kind:
        case ReportKind.CONFERENCE:
            meeting = report.meetings[0]
            return f"Kết quả {_lower(meeting.title)} ngày {meeting.held_on}"
        case ReportKind.HALF_YEAR:
            return f"Kết quả tổ chức đối thoại với Nhân dân 6 tháng đầu năm {report.label[:4]}"
        case ReportKind.ON_DEMAND:
            return f"Kết quả tổ chức đối thoại với Nhân dân {period_words(report)}"
    return f"Kết quả tổ chức đối thoại với Nhân dân năm {report.label[:4]}"


def _covers(report: Report) -> str:
    on = vietnamese_date(dt.date.fromisoformat(report.on))
    return (
        f"Số liệu về các ý kiến nhận {period_words(report)}, kết quả tính đến ngày {on}. "
        "Cách tính từng số liệu ghi ở phụ lục cuối báo cáo."
    )


def _lower(title: str) -> str:
    """A title inside a sentence; what is written in capitals stays."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


# --------------------------------------------------------------------------- sections


class _Blocks:
    """Makes the blocks of a section by their names."""

    def __init__(self, report: Report, paper: Paper) -> None:
        self._report, self._paper = report, paper

    def of(self, section: Section) -> dict[str, Any]:
        blocks = [block for name in section.blocks for block in getattr(self, f"_{name}")()]
        if section.pen or (section.blocks and not blocks):
            blocks.append({"kind": "pen", "text": BLANK_LINE})
        return {"heading": section.heading, "level": section.level, "blocks": blocks}

    def of_previous(self) -> list[dict[str, Any]]:
        """The round before comes first."""
        previous = self._report.previous
        if previous is None:
            return []
        rows = [
            {
                "position": line.position,
                "title": line.title,
                "people": line.people,
                "outcome": OUTCOMES[line.outcome],
                "standing": f"{STANDINGS[line.standing]}{f' ({line.agency})' if line.agency else ''}",
            }
            for line in self._report.previous_lines
        ]
        done = sum(line.standing == "resolved" for line in self._report.previous_lines)
        text = (
            f"Hội nghị trước họp ngày {previous.held_on}"
            f"{f', thông báo kết luận số {previous.conclusion}' if previous.conclusion else ''}. "
            f"Trong {len(rows)} vấn đề của hội nghị đó, đến nay đã giải quyết xong {done} vấn đề."
        )
        table = {"kind": "previous", "caption": "Kết quả từng vấn đề của hội nghị trước:", "rows": rows}
        blocks = [_text(text), *([table] if rows else [])]
        return [{"heading": "Kết quả thực hiện kết luận của hội nghị trước", "level": 1, "blocks": blocks}]

    def _organisation(self) -> list[dict[str, Any]]:
        if not self._report.meetings:
            return [_text("Trong kỳ chưa tổ chức hội nghị đối thoại nào.")]
        return [_text(_meeting_words(meeting)) for meeting in self._report.meetings]

    def _direction(self) -> list[dict[str, Any]]:
        return [_text(one) for one in self._paper.directions]

    def _preparation(self) -> list[dict[str, Any]]:
        return [_text(one) for one in self._paper.preparations]

    def _attendance(self) -> list[dict[str, Any]]:
        return [_figures(self._report, "Số liệu tổ chức hội nghị:", _ATTENDANCE)]

    def _volume(self) -> list[dict[str, Any]]:
        return [_figures(self._report, "Số ý kiến tiếp nhận và phân loại:", _VOLUME, whole="received")]

    def _level(self) -> list[dict[str, Any]]:
        return [_breakdown(self._report, "Ý kiến thuộc diện trả lời, theo thẩm quyền:", "Cấp", self._report.by_level)]

    def _topics(self) -> list[dict[str, Any]]:
        table = _breakdown(self._report, "Ý kiến thuộc diện trả lời, theo lĩnh vực:", "Lĩnh vực", self._report.by_topic)
        return [*self._chart("topics"), table]

    def _villages(self) -> list[dict[str, Any]]:
        rows = self._report.by_village
        return [_breakdown(self._report, "Ý kiến thuộc diện trả lời, theo thôn, tổ dân phố:", "Thôn, tổ dân phố", rows)]

    def _officials(self) -> list[dict[str, Any]]:
        figure = self._report.figures.get("complained_officials")
        if figure is None:
            return []
        return [
            _text(
                f"Số cán bộ bị phản ánh: {value_of(figure)}. Danh sách và kết quả xử lý do người có thẩm quyền giữ "
                "riêng, không kèm báo cáo này."
            )
        ]

    def _outcome(self) -> list[dict[str, Any]]:
        blocks = [_figures(self._report, "Kết quả giải quyết:", _OUTCOME, whole="taken_up")]
        if self._report.by_ground:
            rows = [_row(figure, None) for figure in self._report.by_ground]
            blocks.append({"kind": "figures", "caption": "Không đưa vào đối thoại, theo căn cứ:", "rows": rows})
        return blocks

    def _timeliness(self) -> list[dict[str, Any]]:
        table = _figures(self._report, "Việc trả lời bằng văn bản so với hạn:", _TIMELINESS, whole="owed_in_writing")
        return [*self._chart("timeliness"), table]

    def _upward(self) -> list[dict[str, Any]]:
        ever, open_ones = self._report["referred_ever"], self._report["referred"]
        if not ever.value:
            return [_text("Không có ý kiến nào phải chuyển cấp trên.")]
        return [_text(f"Đã chuyển cấp trên {ever.value} ý kiến, trong đó {open_ones.value} ý kiến chưa có trả lời.")]

    def _satisfaction(self) -> list[dict[str, Any]]:
        said = (self._report["satisfied"].value or 0) + (self._report["not_satisfied"].value or 0)
        rows = [_row(self._report[key], said) for key in ("satisfied", "not_satisfied")]
        rows.append(_row(self._report["no_verdict"], None))
        caption = "Ý kiến của người hỏi về câu trả lời (tỷ lệ trong số người đã cho ý kiến):"
        return [{"kind": "figures", "caption": caption, "rows": rows}]

    def _chart(self, name: str) -> list[dict[str, Any]]:
        chart = (self._paper.charts or {}).get(name)
        if chart is None:
            return []
        picture = Picture(path=chart.path, width=WIDTH, alt=chart.alt)
        return [{"kind": "chart", "picture": picture, "caption": chart.caption}]


def _meeting_words(meeting: Meeting) -> str:
    kind = CONFERENCE_KINDS.get(meeting.kind, meeting.kind)
    if not meeting.took_place:
        why = f" Lý do: {meeting.stopped_why}." if meeting.stopped_why else ""
        return f"Hội nghị {kind} ngày {meeting.held_on}: đối thoại không thành.{why}"
    there = f"; {meeting.attendance} người dự" if meeting.attendance is not None else ""
    notice = f". Thông báo kết luận số {meeting.conclusion}" if meeting.conclusion else ". Chưa có thông báo kết luận"
    return f"Hội nghị {kind} ngày {meeting.held_on} tại {meeting.place}; chủ trì: {meeting.chair}{there}{notice}."


# --------------------------------------------------------------------------- tables


def _text(text: str) -> dict[str, Any]:
    return {"kind": "text", "text": text}


def _figures(report: Report, caption: str, keys: Sequence[str], *, whole: str | None = None) -> dict[str, Any]:
    total = report[whole].value if whole is not None else None
    shown = [report[key] for key in keys if key in report.figures and (key not in _IF_ANY or report[key].value)]
    return {"kind": "figures", "caption": caption, "rows": [_row(figure, total) for figure in shown]}


def _row(figure: Figure, total: float | None) -> dict[str, str]:
    indented = figure.key in _OF_WHICH or any(figure.key in definitions()[one].parts for one in _WITH_PARTS)
    indent = "\u2003- " if indented else ""
    counts = figure.unit is Unit.OPINION and bool(total) and figure.value is not None
    return {
        "name": f"{indent}{name_of(figure)}",
        "value": value_of(figure),
        "share": _percent(figure.value or 0, total or 1) if counts else "",
    }


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f}%".replace(".", ",")


def _breakdown(report: Report, caption: str, heading: str, rows: Sequence[Breakdown]) -> dict[str, Any]:
    parts = ("opinions", "people", "issues", "resolved", "unresolved")
    behind = frozenset().union(*(row.opinions.opinions for row in rows)) if rows else frozenset()
    total = {
        "opinions": len(behind),
        # Somebody may ask about two topics, an issue touch two villages: these columns do not add up, and get no total.
        "people": "x",
        "issues": "x",
        "resolved": report["resolved"].value if rows else 0,
        "unresolved": report["unresolved"].value if rows else 0,
    }
    return {
        "kind": "breakdown",
        "caption": caption,
        "heading": heading,
        "rows": [{"name": row.name, **{part: value_of(getattr(row, part)) for part in parts}} for row in rows],
        "total": total,
    }


def _annex(report: Report, paper: Paper) -> dict[str, Any]:
    rows = [
        {
            "unit_name": row.unit_name,
            "held_on": row.held_on,
            "invited": UNKNOWN if row.invited is None else row.invited,
            "attendance": UNKNOWN if row.attendance is None else row.attendance,
            "resolved": row.resolved.value,
            "unresolved": row.unresolved.value,
            "note": row.note,
        }
        for row in report.annex
    ]
    own = tuple(paper.columns)
    return {
        "columns": list(own if len(own) == len(ANNEX_COLUMNS) else ANNEX_COLUMNS),
        "rows": rows,
        "total": {
            "conferences": len(rows),
            "invited": value_of(report["invited"]),
            "attendance": value_of(report["attendance"]),
            "resolved": sum(row.resolved.value or 0 for row in report.annex),
            "unresolved": sum(row.unresolved.value or 0 for row in report.annex),
        },
        "note": "Bảng này chỉ tính ý kiến có trong nội dung của từng hội nghị, dù gửi đến ngày nào; các ý kiến khác "
        "của kỳ báo cáo xem ở phần số liệu.",
        "compiler": BLANK,
    }


def _definition_rows(report: Report) -> list[dict[str, str]]:
    return [{"name": figure.name, "definition": figure.definition} for figure in report.figures.values()]
