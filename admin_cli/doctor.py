"""`doithoai doctor`: are the promises kept, in this very database?"""

from __future__ import annotations

from typing import Annotated

import typer

from admin_cli.options import AsOfOption, DatabaseOption, Format, FormatOption
from admin_cli.output import chosen, emit, note
from admin_cli.session import open_services
from casework.doctor.checks import CHECKS
from casework.doctor.finding import Severity
from casework.usecases.office.doctor import examine

_COLUMNS = {
    "severity": "Mức",
    "promise": "Hứa",
    "check": "Kiểm tra",
    "subject": "Bảng",
    "subject_id": "Số",
    "what": "Thấy gì",
}
_LIST_COLUMNS = {"severity": "Mức", "promise": "Hứa", "check": "Kiểm tra", "quote": "Lời hứa"}


def doctor(
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="TÊN", help="chỉ làm phép kiểm tra này (dùng được nhiều lần)")
    ] = None,
    list_checks: Annotated[bool, typer.Option("--list", help="kể tên các phép kiểm tra rồi thôi")] = False,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Kiểm tra trên dữ liệu thật xem các lời hứa có được giữ không; mỗi chỗ sai nêu rõ bảng và số.

    \b
    Thoát mã 1 khi có lời hứa bị vi phạm. Dòng «warning» là việc cần người xem, chưa phải vi phạm.

    \b
    Ví dụ:
      doithoai doctor
      doithoai doctor --only history-whole --format json
    """
    if list_checks:
        emit(
            [{"promise": check.promise, "check": check.name, "quote": check.quote} for check in CHECKS],
            format,
            columns=_LIST_COLUMNS,
        )
        return
    found = examine(open_services(db, as_of), only or ())
    breaches = [one for one in found if one.severity is Severity.BREACH]
    warnings = [one for one in found if one.severity is Severity.WARNING]
    if found or chosen(format) is not Format.TABLE:
        emit([*breaches, *warnings], format, columns=_COLUMNS)
    made = len(only or CHECKS)
    note(f"Đã làm {made} phép kiểm tra: {len(breaches)} chỗ vi phạm, {len(warnings)} chỗ cần người xem.")
    if breaches:
        raise typer.Exit(1)
