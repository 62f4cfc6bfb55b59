"""`doithoai conferences file|check-annex`: the index of the case file, and the annex held against the agenda."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption
from admin_cli.output import emit, note
from admin_cli.session import acting_staff, open_services
from casework.annex_check.matching import Finding
from casework.annex_check.package import MAX_FILE
from casework.usecases.conference import annex, case_file

Code = Annotated[str, typer.Argument(metavar="HỘI_NGHỊ", help="mã hội nghị, ví dụ HN-20261128")]
_FINDINGS: dict[str, str] = {
    Finding.UNANSWERED: "thiếu trả lời",
    Finding.EMPTY: "ô trả lời trống",
    Finding.UNSURE: "chưa chắc, xem lại",
    Finding.EVASIVE: "trả lời chung chung",
    Finding.STRAY: "không khớp dòng nào",
}


def add_to(app: typer.Typer) -> None:
    """Put the commands of this module under the noun."""
    app.command("file")(show_file)
    app.command("check-annex")(check_annex)


def show_file(
    code: Code,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Mục lục hồ sơ: từng ý kiến, ai nêu, trả lời thế nào, kết quả, ngày và cấp giải quyết. Bản nội bộ.

    \b
    Ví dụ:
      doithoai conferences file HN-20261128 --format csv > ho-so.csv
    """
    services = open_services(db, as_of)
    rows = case_file.case_file(services, acting_staff(services, staff), code)
    columns = {"line": "Dòng", "code": "Mã", "request": "Nội dung", "result": "Kết quả", "settled_on": "Ngày"}
    emit(rows, format, columns=columns)


def check_annex(
    code: Code,
    path: Annotated[
        Path,
        typer.Argument(metavar="TỆP", help="phụ lục thông báo kết luận: .docx hoặc .xlsx", exists=True, dir_okay=False),
    ],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Đối chiếu phụ lục với nội dung hội nghị: dòng nào chưa ai trả lời, hàng nào không khớp, trả lời nào chung chung.

    \b
    Ví dụ:
      doithoai conferences check-annex HN-20261128 phu-luc.docx
    """
    services = open_services(db, as_of)
    with path.open("rb") as file:
        # One byte more than is taken: the check says that it is too large, and never more is read.
        data = file.read(MAX_FILE + 1)
    checked = annex.check_annex(services, acting_staff(services, staff), code, data)
    columns = {"finding": "Thấy", "line": "Dòng", "title": "Việc", "where": "Chỗ", "words": "Ghi chú", "score": "Giống"}
    emit(checked.remarks, format, columns=columns, names={"finding": _FINDINGS})
    answered = len({match.line for match in checked.matches if match.sure} - set(checked.unanswered))
    note(f"Phụ lục trả lời {answered} dòng; {len(checked.unanswered)} dòng chưa có trả lời chắc chắn.")
    if checked.unanswered:
        raise typer.Exit(1)
