"""`doithoai deadlines`: which date each duty is due on, and why exactly that day."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from admin_cli import reminders
from admin_cli.calendar import calendar_in_use
from admin_cli.choices import choice
from admin_cli.options import AsOfOption, DatabaseOption, Format, FormatOption, StaffOption, noun, parse_date
from admin_cli.output import chosen, emit, note
from admin_cli.output import show as show_one
from admin_cli.refreshing import refresh_with_bar, tell
from admin_cli.session import acting_staff, open_services, read_office_texts
from casework.clock import vietnamese_date
from casework.deadlines.calendar import Calendar
from casework.deadlines.explain import UNITS
from casework.deadlines.rules import duties, in_days
from casework.deadlines.standing import OPEN_STATES, STATE_WORDS
from casework.deadlines.values import ConferenceFacts, Due, DueState
from casework.errors import InvalidInput
from casework.names import DUTIES
from casework.regulations import applicable
from casework.regulations.model import ConferenceKind, Direction, Duty, Trigger
from casework.usecases.deadlines.extending import extend
from casework.usecases.deadlines.listing import ObligationRow, Wish, list_obligations
from casework.usecases.deadlines.listing import why as explain_why

app = noun("Hạn của từng việc trong một kỳ đối thoại: ngày nào, vì sao là ngày ấy.")
app.command("remind")(reminders.remind)
app.add_typer(reminders.contacts, name="contacts")

#: duties other programs read; the rest is shown when asked for
_INTERFACE = tuple(Duty)[: tuple(Duty).index(Duty.RETENTION) + 1]
_COLUMNS = {"due_on": "Hạn", "duty": "Việc", "how": "Cách tính", "source": "Theo"}
#: characters of a title in a list
_TITLE = 40
_LIST_COLUMNS = {
    "id": "Số",
    "due": "Hạn",
    "standing": "Tình trạng",
    "ref": "Về",
    "duty": "Việc",
    "holder": "Ai",
}
_EVENTS = {
    Trigger.CONFERENCE: "ngày họp",
    Trigger.CONCLUSION_NOTICE: "thông báo kết luận",
    Trigger.ASSIGNMENT_RECEIVED: "ngày nhận giao việc",
    Trigger.OPINION_RECEIVED: "ngày nhận ý kiến",
    Trigger.FILE_CLOSED: "ngày đóng hồ sơ",
}


_STATE = choice(DueState, STATE_WORDS)
DutyOption = Annotated[
    Duty | None,
    typer.Option(parser=choice(Duty, DUTIES), metavar="VIỆC", help='chỉ một việc: "báo cáo năm", hoặc final_answer...'),
]


def _legal_date(text: str) -> dt.date:
    """A day; one that is written like a date and is none is refused, anything else is wrong usage."""
    try:
        return parse_date(text)
    except typer.BadParameter as fault:
        if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{4}", text.strip()):
            raise InvalidInput(f"Không có ngày «{text}» trong lịch.", todo="Xem lại ngày, tháng đã ghi.") from fault
        raise


def _day_of_conference(text: str) -> dt.date:
    """The day of a conference that need not be planned yet; the code of a planned one belongs to the list."""
    if text.strip().upper().startswith("HN-"):
        raise InvalidInput(
            f"«{text}» là mã hội nghị; lệnh này tính theo ngày họp.",
            todo=f"Hạn của hội nghị đã lập: doithoai deadlines list --conference {text.strip().upper()}",
        )
    return _legal_date(text)


@app.command()
def show(
    regulation: Annotated[str, typer.Option(metavar="MÃ", help="mã quy định; xem: doithoai regulations list")],
    conference: Annotated[
        dt.date,
        typer.Option(parser=_day_of_conference, metavar="NGÀY", help="ngày họp (ngày cuối, nếu họp nhiều ngày)"),
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
    why: DutyOption = None,
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
    read_office_texts()
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


# ---------------------------------------------------------------------- on live data


@app.command("list")
def list_all(
    holder: Annotated[
        str | None, typer.Option(metavar="AI", help="chỉ việc của người hoặc cơ quan này, ghi một phần tên cũng được")
    ] = None,
    state: Annotated[
        list[DueState] | None,
        typer.Option(
            parser=_STATE,
            metavar="TÌNH_TRẠNG",
            help="lời ở cột Tình trạng, hoặc open, due_soon, late, very_late, extended, waiting, met, met_late",
        ),
    ] = None,
    duty: DutyOption = None,
    conference: Annotated[str | None, typer.Option(metavar="HỘI_NGHỊ", help="chỉ việc của hội nghị này")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="chỉ việc tôi phải lo")] = False,
    every: Annotated[bool, typer.Option("--all", help="cả việc đã xong hoặc không còn phải làm")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Việc nào ai còn nợ, hạn ngày nào; hạn sớm trước.

    \b
    Ví dụ:
      doithoai deadlines list
      doithoai deadlines list --state late --state very_late
      doithoai deadlines list --conference HN-20261222 --all --format json
    """
    if every and state:
        raise typer.BadParameter("Đã chọn --all thì không chọn thêm --state.", param_hint="--state")
    states = frozenset(DueState) if every else frozenset(state) if state else OPEN_STATES
    services = open_services(db, as_of)
    wish = Wish(holder=holder, states=states, duty=duty, conference=conference, mine=mine)
    rows = list_obligations(services, acting_staff(services, staff), wish)
    if chosen(format) is not Format.TABLE:
        emit(rows, format)
        return
    emit([_listed(row) for row in rows], format, columns=_LIST_COLUMNS)
    if any(not row.drives and row.state in OPEN_STATES for row in rows):
        note("Hạn trong ngoặc: một quy định khác đặt cho cùng việc đó hạn sớm hơn, hãy theo hạn sớm.")
    if example := next((row.id for row in rows if row.id), None):
        note(f"Vì sao là ngày ấy: doithoai deadlines why SỐ, ví dụ doithoai deadlines why {example}")
    if any(row.subject == "referral" for row in rows):
        note("Dòng không có số là lời hẹn với người hỏi khi chuyển việc lên trên: doithoai referrals list")


@app.command()
def why(
    number: Annotated[int, typer.Argument(metavar="SỐ", help="số của việc trong deadlines list", min=1)],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Vì sao một việc phải xong vào đúng ngày ấy: một câu, nguồn, các ngày đã bỏ qua.

    \b
    Ví dụ:
      doithoai deadlines why 12
    """
    services = open_services(db, as_of)
    found = explain_why(services, acting_staff(services, staff), number)
    if chosen(format) is not Format.TABLE:
        plain = {**_fields(found.row), "skipped": found.skipped, "moved": found.moved, "others": found.others}
        show_one(plain, format)
        return
    row = found.row
    typer.echo(f"{_words_of_duty(row)}: {row.holder}; {_standing(row)}.")
    typer.echo(row.explanation)
    if row.quote:
        typer.echo(f"Nguồn: {row.citation}: «{row.quote}»")
    if found.skipped:
        days = "; ".join(f"{vietnamese_date(day.date)} ({day.reason})" for day in found.skipped)
        typer.echo(f"Các ngày không tính: {days}.")
    for moved in found.moved:
        sort = "Hẹn lại theo trả lời bước đầu" if moved.by_interim_answer else "Gia hạn"
        old = f"từ {vietnamese_date(moved.was)} " if moved.was else ""
        typer.echo(f"{sort}: {old}tới {vietnamese_date(moved.now)}, theo {moved.body}, vì {moved.reason}.")
    for other in found.others:
        first = "hạn này sớm hơn, hãy theo hạn này" if other.drives else "hạn này muộn hơn"
        typer.echo(f"Cùng việc đó, theo {other.source}: {_date(other.due_on)} ({first}).")


@app.command("extend")
def move_due_date(
    number: Annotated[int, typer.Argument(metavar="SỐ", help="số của việc trong deadlines list", min=1)],
    to: Annotated[dt.date, typer.Option(parser=_legal_date, metavar="NGÀY", help="hạn mới, sau hạn hiện nay")],
    reason: Annotated[str, typer.Option(metavar="LÝ_DO", help="vì sao; người hỏi đọc được câu này")],
    body: Annotated[str, typer.Option(metavar="CƠ_QUAN", help="cơ quan xin gia hạn, chịu trách nhiệm làm xong")],
    document: Annotated[str | None, typer.Option(metavar="SỐ_VB", help="số văn bản xin gia hạn, nếu có")] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Gia hạn một việc: ghi lý do, hạn mới, cơ quan; người hỏi được báo. Tính riêng, không lẫn với quá hạn.

    \b
    Ví dụ:
      doithoai deadlines extend 12 --to 20/1/2027 --body "Phòng Kinh tế" \
        --reason "phải đo lại diện tích ngoài đồng"
    """
    services = open_services(db, as_of)
    done = extend(
        services, acting_staff(services, staff), number, to=to, reason=reason, body=body, document_number=document
    )
    if chosen(format) is not Format.TABLE:
        show_one(done, format)
    times = "" if done.times == 1 else f" Đây là lần gia hạn thứ {done.times}."
    note(
        f"Đã lùi hạn từ {vietnamese_date(done.was)} tới {vietnamese_date(done.now)}, báo {done.told} người hỏi.{times}"
    )
    if done.still_due_on is not None:
        note(
            f"Một quy định khác vẫn đòi việc này xong ngày {vietnamese_date(done.still_due_on)}: deadlines why {number}"
        )


@app.command()
def refresh(db: DatabaseOption = None, as_of: AsOfOption = None, format: FormatOption = None) -> None:
    """Tính lại mọi việc phải làm theo thực tế, quy định và lịch; doithoai run tự làm mỗi đêm.

    \b
    Ví dụ:
      doithoai deadlines refresh
    """
    done = refresh_with_bar(open_services(db, as_of))
    if chosen(format) is not Format.TABLE:
        show_one(done, format)
    tell(done)


def _fields(row: ObligationRow) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}


def _listed(row: ObligationRow) -> dict[str, Any]:
    due = _date(row.due_on)
    return {
        "id": row.id or "",
        "due": due if row.drives or row.state not in OPEN_STATES else f"({due})",
        "standing": _standing(row),
        "ref": row.ref,
        "duty": _what(row),
        "holder": row.holder,
    }


def _words_of_duty(row: ObligationRow) -> str:
    return f"{row.duty_name[0].upper()}{row.duty_name[1:]} ({row.ref} {row.title})"


def _standing(row: ObligationRow) -> str:
    """How it stands, with the calendar days people count."""
    left = row.days_left
    if left is None or row.state is DueState.WAITING:
        return row.state_name
    days = "hết hôm nay" if left == 0 else f"còn {left} ngày" if left > 0 else f"{-left} ngày"
    return days if row.state is DueState.OPEN else f"{row.state_name}: {days}"


def _what(row: ObligationRow) -> str:
    """The duty; with the title where the reference alone says little."""
    if row.subject in ("conference", "report"):
        return row.duty_name
    title = row.title if len(row.title) <= _TITLE else f"{row.title[:_TITLE].rsplit(' ', 1)[0]}…"
    return f"{row.duty_name}: {title}"


def _date(day: dt.date | None) -> str:
    return vietnamese_date(day) if day is not None else "chưa có"
