"""`doithoai opinions files`: photos, voices and documents that came with an opinion."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption
from admin_cli.output import emit, note
from admin_cli.session import open_as_staff
from admin_cli.words import why_not
from casework.cards import FILE_NAMES
from casework.errors import InvalidInput
from casework.usecases.citizens import copies
from casework.usecases.citizens.copies import SentFile

_COLUMNS = {"number": "Tệp", "kind": "Loại", "name": "Tên", "size": "Byte", "problem": "Vì sao không có"}


def register(app: typer.Typer) -> None:
    """Add this verb to the noun."""
    app.command("files")(list_files)


def list_files(
    ref: Annotated[str, typer.Argument(metavar="MÃ", help="mã ý kiến K7P-4MX, hoặc số #12")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="THƯ_MỤC", help="chép các tệp có bản sao vào thư mục này")
    ] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ảnh, tin thoại, tệp người gửi kèm theo ý kiến; với --out thì chép ra (việc này được ghi vào lịch sử).

    \b
    Ví dụ:
      doithoai opinions files K7P-4MX --out anh-k7p
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    files = copies.files_of_opinion(services, staff_id, ref, with_data=out is not None)
    emit([_row(file) for file in files], format, columns=_COLUMNS, names={"kind": FILE_NAMES})
    if out is not None:
        note(f"Đã chép {_copy(files, out)} tệp vào {out}. Ảnh của bà con là dữ liệu cá nhân: dùng xong thì xóa.")


def _row(file: SentFile) -> dict[str, object]:
    return {
        "number": file.number,
        "kind": file.kind,
        "name": file.name,
        "size": file.size,
        "received_at": file.received_at,
        "problem": file.problem,
    }


def _copy(files: list[SentFile], folder: Path) -> int:
    there = [(file, file.data) for file in files if file.data is not None]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, data in there:
            (folder / f"{file.number:02d}-{file.name}").write_bytes(data)
    except OSError as error:
        raise InvalidInput(
            f"Không ghi được vào «{folder}» ({why_not(error)}).", todo="Chọn thư mục khác có quyền ghi."
        ) from error
    return len(there)
