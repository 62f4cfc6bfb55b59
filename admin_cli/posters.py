"""`doithoai posters`: a page per village with the QR codes that open our chats."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from admin_cli.options import AsOfOption, DatabaseOption, StaffOption
from admin_cli.output import note
from admin_cli.session import open_as_staff, template_folder
from casework.errors import SetupNeeded

#: a page takes LibreOffice a few seconds, its first start longer
_PATIENCE_SECONDS = 180


class PosterFormat(StrEnum):
    """Sorts of files a poster can be."""

    DOCX = "docx"
    PDF = "pdf"


def posters(
    out: Annotated[Path, typer.Option(metavar="THƯ_MỤC", help="nơi ghi các tệp")] = Path(),
    village: Annotated[str | None, typer.Option("--village", metavar="THÔN", help="chỉ một thôn: mã hoặc tên")] = None,
    telegram: Annotated[
        str | None, typer.Option(metavar="TÊN_BOT", help="tên bot Telegram của xã (@...bot); ghi một lần, máy nhớ")
    ] = None,
    format: Annotated[
        PosterFormat, typer.Option("--format", help="docx: Word, sửa được; pdf: cần LibreOffice trên máy")
    ] = PosterFormat.DOCX,
    force: Annotated[bool, typer.Option("--force", help="thay cả tệp đã có người sửa")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Tờ mã QR khổ A4 cho từng thôn: quét là mở Zalo (và Telegram nếu có), kèm ba bước bằng chữ to.

    Zalo lấy theo tài khoản OA đã nối. In ra dán ở nhà văn hóa, chợ, trạm y tế.

    \b
    Ví dụ:
      doithoai posters --out to-ma-qr
      doithoai posters --village "Thôn Đông" --out to-ma-qr --format pdf
      doithoai posters --telegram @TanMinhBot --out to-ma-qr
    """
    from bot import settings
    from bot.entrances import entrances_of
    from casework.usecases.documents.posters import make_posters
    from casework.usecases.office.entrances import remember_telegram_bot

    services, staff_id = open_as_staff(db, as_of, staff)
    office_suite = _office_suite() if format is PosterFormat.PDF else None
    if telegram is not None:
        note(f"Đã ghi bot Telegram của xã: @{remember_telegram_bot(services, staff_id, telegram)}.")
    entrances = entrances_of(settings.load(), services)
    made = make_posters(
        services, staff_id, entrances, out, village=village, templates=template_folder(None), force=force
    )
    for poster in made:
        path = poster.path if office_suite is None else _as_pdf(office_suite, poster.path)
        typer.echo(str(path))
    first = made[0].doors[0]
    note(f"Mã thứ nhất mở {first.name}. Quét thử một tờ bằng điện thoại trước khi in nhiều.")
    if not first.knows_village:
        note("Kênh này chưa tự biết thôn: tờ giấy nhắc bà con nhắn tên thôn làm tin đầu tiên.")


def _office_suite() -> str:
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        raise SetupNeeded("Máy này chưa có LibreOffice để làm PDF.", todo="Dùng --format docx rồi in từ Word.")
    return found


def _as_pdf(office_suite: str, path: Path) -> Path:
    """The page as PDF beside its Word file, which goes. Raises `SetupNeeded` when LibreOffice cannot do it."""
    with tempfile.TemporaryDirectory() as profile:
        # A profile of its own: one that somebody has open is locked.
        command = [office_suite, f"-env:UserInstallation={Path(profile).as_uri()}", "--headless"]
        done = subprocess.run(  # noqa: S603 - the program found on the path, our own file
            [*command, "--convert-to", "pdf", "--outdir", str(path.parent), str(path)],
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    pdf = path.with_suffix(".pdf")
    if done.returncode or not pdf.exists():
        raise SetupNeeded("LibreOffice không làm được PDF.", todo="Dùng --format docx rồi in từ Word.")
    path.unlink()
    return pdf
