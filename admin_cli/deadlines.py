"""`doithoai deadlines`: which date each duty is due on, and why exactly that day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from admin_cli.calendar import calendar_in_use
from admin_cli.options import AsOfOption, DatabaseOption, Format, FormatOption, noun, parse_date
from admin_cli.output import chosen, emit, note
from casework.clock import vietnamese_date
from casework.deadlines.calendar import Calendar
from casework.deadlines.explain import UNITS
from casework.deadlines.rules import duties, in_days
from casework.deadlines.values import ConferenceFacts, Due
from casework.errors import InvalidInput
from casework.names import DUTIES
from casework.regulations import applicable
from casework.regulations.model import ConferenceKind, Direction, Duty, Trigger

app = noun("Hạn của từng việc trong một kỳ đối thoại: ngày nào, vì sao là ngày ấy.")

#: duties other programs read; the rest is shown when asked for
_INTERFACE = tuple(Duty)[: tuple(Duty).index(Duty.RETENTION) + 1]
_COLUMNS = {"due_on": "Hạn", "duty": "Việc", "how": "Cách tính", "source": "Theo"}
_EVENTS = {
    Trigger.CONFERENCE: "ngày họp",
    Trigger.CONCLUSION_NOTICE: "thông báo kết luận",
    Trigger.ASSIGNMENT_RECEIVED: "ngày nhận giao việc",
    Trigger.OPINION_RECEIVED: "ngày nhận ý kiến",
    Trigger.FILE_CLOSED: "ngày đóng hồ sơ",
}


def _legal_date(text: str) -> dt.date:
    """A day; one that is written like a date and is none is refused, anything else is wrong usage."""
    try:
        return parse_date(text)
    except typer.BadParameter as fault:
        if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{4}", text.strip()):
            raise InvalidInput(f"Không có ngày «{text}» trong lịch.", todo="Xem lại ngày, tháng đã ghi.") from fault
        raise


@app.command()
def show(
    regulation: Annotated[str, typer.Option(metavar="MÃ", help="mã quy định; xem: doithoai regulations list")],
    conference: Annotated[
        dt.date, typer.Option(parser=_legal_date, metavar="NGÀY", help="ngày họp (ngày cuối, nếu họp nhiều ngày)")
    ],
    ad_hoc: Annotated[bool, typer.Option("--ad-hoc", help="đối thoại đột xuất")] = False,
    conclusion_notice: Annotated[
        dt.date | None, typer.Option(parser=_legal_date, metavar="NGÀY", help="ngày ban hành thông báo kết luận")
    ] = None,
    assignment_received: Annotated[
        dt.date | None, typer.Option(parser=_legal_date, metavar="NGÀY", help="ngày cơ quan nhận văn bản giao việc")
    ] = None,
    file_closed: Annotated[
        dt.date | None, typer.Option(parser=_legal_date, metavar="NGÀY", help="ngày đóng hồ sơ hội nghị")
    ] = None,
    level: Annotated[str, typer.Option(metavar="CẤP", help="xa hoặc tinh")] = "xa",
    every: Annotated[bool, typer.Option("--all", help="cả việc tính ngoài lịch hội nghị (chuyển lên trên...)")] = False,
    why: Annotated[Duty | None, typer.Option(metavar="VIỆC", help="chỉ một việc, ví dụ final_answer")] = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Mọi hạn của một hội nghị, theo quy định của tỉnh và pháp luật chung; không cần cơ sở dữ liệu.

    \b
    Ví dụ:
      doithoai deadlines show --regulation thanh-hoa --conference 22/12/2026
      doithoai deadlines show --regulation ha-noi --conference 22/12/2026 \\
        --conclusion-notice 6/1/2027 --why final_answer
    """
    if level not in ("xa", "tinh"):
        raise typer.BadParameter(f"«{level}» không phải cấp. Ghi xa hoặc tinh.", param_hint="--level")
    facts = ConferenceFacts(
        held_on=conference,
        kind=ConferenceKind.AD_HOC if ad_hoc else ConferenceKind.PERIODIC,
        conclusion_on=conclusion_notice,
        assignment_received_on=assignment_received,
        file_closed_on=file_closed,
    )
    calendar = calendar_in_use(db, as_of)
    found = duties(applicable(regulation, on=conference), facts, calendar, level=level)
    wanted = [one for one in found if (one.duty is why if why else every or one.duty in _INTERFACE)]
    _print(wanted, conference, chosen(format), in_full=why is not None)
    _tell_proposals(calendar, wanted)


def _print(found: Sequence[Due], conference: dt.date, format: Format, *, in_full: bool) -> None:
    if format is not Format.TABLE:
        emit([_row(one, conference) for one in found], format)
        return
    emit([_line(one) for one in found], format, columns=_COLUMNS)
    if in_full:
        for one in found:
            typer.echo(f"\n{one.explanation}")
    elif found:
        note("«tạm»: căn cứ tạm áp dụng. Vì sao là ngày ấy: thêm --why VIỆC, ví dụ --why " + found[0].duty.value)


def _row(one: Due, conference: dt.date) -> dict[str, Any]:
    """One duty as other programs read it; new keys go to the end."""
    count, unit = in_days(one, conference)
    return {
        "duty": one.duty,
        "due_on": one.due_on,
        "count": count,
        "unit": unit,
        "direction": one.direction,
        "trigger": one.trigger,
        "trigger_on": one.trigger_on,
        "citation": one.citation,
        "quote": one.quote,
        "assumed": one.assumed,
        "skipped": [{"date": day.date, "reason": day.reason} for day in one.skipped],
        "explanation": one.explanation,
        "regulation": one.regulation,
        "regulation_version": one.regulation_version,
        "rule": one.rule.id,
        "holder": one.holder,
        "source": one.source,
    }


def _line(one: Due) -> dict[str, Any]:
    return {
        "due_on": one.due_on or "chưa có",
        "duty": DUTIES[one.duty],
        "how": _how(one),
        "source": f"{one.source}, tạm" if one.assumed else one.source,
    }


def _how(one: Due) -> str:
    if one.trigger is Trigger.CALENDAR:
        return f"{'trước ' if one.count else ''}{one.trigger_on:%d/%m}"
    side = "sau" if one.direction is Direction.AFTER else "trước"
    return f"{one.count} {UNITS[one.unit]} {side} {_EVENTS[one.trigger]}"


def _tell_proposals(calendar: Calendar, found: Sequence[Due]) -> None:
    """Days that are proposed to be off or worked within a counted period: if they are decided, dates move."""
    spans = [sorted((one.trigger_on, one.due_on)) for one in found if one.trigger_on and one.due_on]
    for day in calendar.proposed:
        if any(first <= day.day <= last for first, last in spans):
            sort = "làm việc" if day.working else "nghỉ"
            note(f"Chưa tính: {vietnamese_date(day.day)} mới được đề xuất là ngày {sort} ({day.citation}).")
