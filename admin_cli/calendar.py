"""`doithoai calendar`: days off and make-up days with their source, days the office adds, due dates after a change."""

from __future__ import annotations

import calendar as months
import datetime as dt
import re
from typing import Annotated

import typer

from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, noun, parse_date
from admin_cli.output import emit, note
from admin_cli.session import clock_at, database_url, missing_file, open_as_staff, open_services
from casework.clock import local_date, vietnamese_date
from casework.deadlines.calendar import Calendar, DayKind, official_calendar, weekday_name
from casework.errors import InvalidInput, SetupNeeded
from casework.names import DUTIES
from casework.usecases.deadlines import calendars
from casework.usecases.deadlines.replay import Replayed
from casework.usecases.deadlines.replay import replay as compute_again
from casework.usecases.work import Services

app = noun("Ngày nghỉ, ngày làm bù kèm căn cứ; ghi thêm ngày; tính lại hạn khi lịch đổi.")

Day = Annotated[dt.date, typer.Argument(parser=parse_date, metavar="NGÀY", help="ví dụ 23/11/2026")]
Citation = Annotated[str, typer.Option(metavar="VĂN_BẢN", help="số, ngày của văn bản quyết định hoặc đề xuất")]
_SHOWN = {"day": "Ngày", "weekday": "Thứ", "kind": "Là", "reason": "Vì", "source": "Căn cứ"}
_KINDS: dict[str, str] = {
    DayKind.OFF: "nghỉ",
    DayKind.MAKE_UP: "làm bù",
    DayKind.PROPOSED_OFF: "đề xuất nghỉ",
    DayKind.PROPOSED_WORKING: "đề xuất làm bù",
}
_MOVED = {
    "conference": "Hội nghị",
    "duty": "Việc",
    "cases": "Số việc",
    "was": "Hạn cũ",
    "now": "Hạn mới",
    "why": "Vì",
}


def calendar_in_use(db: str | None, as_of: dt.date | None = None) -> Calendar:
    """The office's calendar when its database can be used; else the shipped one, which is said on stderr.

    Raises `SetupNeeded` when a database was named and cannot be used.
    """
    if db is None and missing_file(database_url(None)):
        return official_calendar()
    try:
        with open_services(db, as_of).reading() as work:
            return calendars.calendar_of(work)
    except SetupNeeded as error:
        if db is not None:
            raise
        note(f"{error.what} Tính theo lịch chung, chưa có ngày đơn vị tự ghi thêm.")
        return official_calendar()


@app.command()
def show(
    period: Annotated[
        str | None, typer.Argument(metavar="NĂM|THÁNG", help="2026, 11/2026 hoặc 2026-11; không ghi thì năm nay")
    ] = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ngày nghỉ, ngày làm bù, ngày mới được đề xuất, kèm căn cứ. Thứ Bảy, Chủ nhật thường thì không kể.

    \b
    Ví dụ:
      doithoai calendar show 2026
      doithoai calendar show 11/2026
    """
    first, last = _span(period, local_date(clock_at(as_of).now()))
    calendar = calendar_in_use(db, as_of)
    rows = [
        {
            "day": one.day,
            "weekday": weekday_name(one.day),
            "kind": one.kind,
            "reason": one.reason,
            "source": one.source,
            "provisional": calendar.provisional(one.day.year),
        }
        for one in calendar.listing(first, last)
    ]
    emit(rows, format, columns=_SHOWN, names={"kind": _KINDS})
    if calendar.provisional(first.year):
        note(
            f"Năm {first.year} chưa có thông báo lịch nghỉ: các ngày trên tính theo luật, có thể đổi. "
            "Khi có thông báo, ghi ngày khác đi bằng: doithoai calendar add"
        )
    if any(first <= one.day <= last for one in calendar.proposed):
        note("Ngày đề xuất chưa được tính. Khi có quyết định: doithoai calendar confirm NGÀY --citation ...")


@app.command()
def add(
    day: Day,
    reason: Annotated[str, typer.Option(metavar="LÝ_DO", help="vì sao nghỉ hoặc làm việc")],
    citation: Citation,
    off: Annotated[bool, typer.Option("--off", help="ngày này nghỉ")] = False,
    working: Annotated[bool, typer.Option("--working", help="ngày này làm việc (làm bù)")] = False,
    proposed: Annotated[bool, typer.Option("--proposed", help="mới là đề xuất: hiện ra, chưa tính")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Ghi một ngày nghỉ hoặc làm việc khác lịch, kèm căn cứ. Cần quyền quản trị hoặc phê duyệt.

    \b
    Ví dụ:
      doithoai calendar add 4/1/2027 --off --reason "nghỉ hoán đổi" --citation "12/TB-BNV"
      doithoai calendar add 9/1/2027 --working --reason "làm bù" --citation "12/TB-BNV"
    """
    if off == working:
        raise typer.BadParameter("Ghi một trong hai: --off (nghỉ) hoặc --working (làm việc).")
    services, staff_id = open_as_staff(db, as_of, staff)
    calendars.add_day(services, staff_id, day, working=working, reason=reason, citation=citation, proposed=proposed)
    note(f"Đã ghi {weekday_name(day)} {vietnamese_date(day)} {_sort(working=working, proposed=proposed)}.")
    if not proposed:
        _remind_to_replay()


@app.command()
def remove(
    day: Day,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Gỡ một ngày đơn vị đã ghi thêm; lịch chung của ngày ấy lại có hiệu lực.

    \b
    Ví dụ:
      doithoai calendar remove 4/1/2027
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    gone = calendars.remove_day(services, staff_id, day)
    note(f"Đã gỡ ngày {vietnamese_date(day)} ({_sort(working=gone.working, proposed=gone.proposed)}).")
    if not gone.proposed:
        _remind_to_replay()


@app.command()
def confirm(
    days: Annotated[
        list[dt.date], typer.Argument(parser=parse_date, metavar="NGÀY...", help="một hoặc nhiều ngày đang đề xuất")
    ],
    citation: Citation,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Ngày đề xuất đã được quyết định: từ nay được tính, theo văn bản quyết định.

    \b
    Ví dụ:
      doithoai calendar confirm 23/11/2026 28/11/2026 --citation "11000/VPCP-KGVX"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    for one in calendars.confirm_days(services, staff_id, days, citation=citation):
        note(f"Từ nay {weekday_name(one.day)} {vietnamese_date(one.day)} {_sort(working=one.working)}.")
    _remind_to_replay()


@app.command()
def replay(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="chỉ xem hạn nào sẽ đổi, không ghi")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Tính lại mọi hạn còn mở theo lịch hiện nay; in ra hạn nào đổi, từ ngày nào sang ngày nào, vì sao.

    \b
    Ví dụ:
      doithoai calendar replay --dry-run
      doithoai calendar replay
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    done = _with_progress(services, staff_id, dry_run=dry_run)
    emit(done.moved, format, columns=_MOVED, names={"duty": DUTIES})
    cases = sum(one.cases for one in done.moved)
    note(f"Đã xem {done.checked} hạn còn mở, {cases} hạn {'sẽ đổi (chưa ghi)' if dry_run else 'đã đổi'}.")
    for words in done.remarks:
        note(f"{words}.")
    for words in done.left:
        note(f"Để nguyên, chưa tính lại được: {words}")
    if done.left:
        raise typer.Exit(1)


def _with_progress(services: Services, staff_id: int, *, dry_run: bool) -> Replayed:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Tính lại hạn", total=None)
        return compute_again(
            services,
            staff_id,
            dry_run=dry_run,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _span(period: str | None, today: dt.date) -> tuple[dt.date, dt.date]:
    if period is None:
        return dt.date(today.year, 1, 1), dt.date(today.year, 12, 31)
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?|(\d{1,2})/(\d{4})", period.strip())
    if found is None:
        raise typer.BadParameter(f"«{period}» không phải năm hay tháng. Viết như 2026, 11/2026 hoặc 2026-11.")
    year, month = int(found[1] or found[4]), int(found[2] or found[3] or 0)
    if not 1 <= year <= dt.MAXYEAR or month > 12:
        raise InvalidInput(f"Không có tháng hay năm «{period}».", todo="Viết như 2026, 11/2026 hoặc 2026-11.")
    if month:
        return dt.date(year, month, 1), dt.date(year, month, months.monthrange(year, month)[1])
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def _sort(*, working: bool, proposed: bool = False) -> str:
    return f"{'mới đề xuất ' if proposed else ''}{'làm việc' if working else 'nghỉ'}"


def _remind_to_replay() -> None:
    note("Hạn đã tính trước đây chưa đổi theo. Xem trước: doithoai calendar replay --dry-run")
