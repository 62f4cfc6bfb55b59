"""`doithoai answers attach|detach|files`: documents that belong to an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from admin_cli.options import AsOfOption, DatabaseOption, Format, FormatOption, StaffOption
from admin_cli.output import emit, note
from admin_cli.session import open_as_staff
from admin_cli.words import why_not
from casework.errors import InvalidInput
from casework.usecases.answers import attachments
from casework.usecases.answers.attachments import FileRow, GivenFile

Number = Annotated[int, typer.Argument(metavar="SỐ", help="số của văn bản trả lời trong answers list", min=1)]
_COLUMNS = {"number": "Tệp", "name": "Tên", "size": "Byte", "added_at": "Thêm lúc"}


def register(app: typer.Typer) -> None:
    """Add these verbs to the noun."""
    app.command("attach")(attach)
    app.command("detach")(detach)
    app.command("files")(list_files)


def attach(
    number: Number,
    files: Annotated[list[Path], typer.Argument(metavar="TỆP", help="PDF, doc, docx, jpg, png; mỗi tệp đến 10 MB")],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Kèm tệp (văn bản đã ký) vào một văn bản trả lời chưa gửi; văn bản đã duyệt trở lại thành nháp.

    \b
    Ví dụ:
      doithoai answers attach 4 112-UBND-KT.pdf
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    rows = attachments.attach(services, staff_id, number, [_read(file) for file in files])
    _print(rows, format)
    note(f"Văn bản trả lời số {number} nay có {len(rows)} tệp. Duyệt: doithoai answers approve {number}")


def detach(
    number: Number,
    file: Annotated[int, typer.Argument(metavar="TỆP", help="số của tệp trong answers files", min=1)],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Bỏ một tệp khỏi văn bản trả lời chưa gửi; các tệp còn lại được đánh số lại.

    \b
    Ví dụ:
      doithoai answers detach 4 2
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    rows = attachments.detach(services, staff_id, number, file)
    _print(rows, format)
    note(f"Đã bỏ tệp, còn {len(rows)} tệp. Duyệt: doithoai answers approve {number}")


def list_files(
    number: Number,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Các tệp kèm theo một văn bản trả lời, theo thứ tự bà con thấy.

    \b
    Ví dụ:
      doithoai answers files 4
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _print(attachments.list_files(services, staff_id, number), format)


def _print(rows: list[FileRow], format: Format | None) -> None:
    emit(rows, format, columns=_COLUMNS)


def _read(file: Path) -> GivenFile:
    try:
        size = file.stat().st_size
        # Larger ones are refused by their size; nobody has to wait for them to be read.
        data = file.read_bytes() if size <= attachments.LARGEST else b"\0" * (attachments.LARGEST + 1)
    except OSError as error:
        raise InvalidInput(
            f"Không đọc được tệp «{file}» ({why_not(error)}).", todo="Xem lại đường dẫn và quyền đọc tệp."
        ) from error
    return GivenFile(name=file.name, data=data)
