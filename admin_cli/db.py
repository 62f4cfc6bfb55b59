"""`doithoai db`: bring the schema up to date, look at the database, copy it away and back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import func, inspect, select, table
from sqlmodel import col

from admin_cli.options import DatabaseOption, FormatOption, noun
from admin_cli.output import note, show
from admin_cli.refreshing import refresh_with_bar, tell
from admin_cli.session import connect, database_url, missing_file
from bot import settings
from casework.clock import VIETNAM, SystemClock
from casework.errors import InvalidInput, SetupNeeded
from casework.usecases.citizens.grouping import index_earlier
from casework.usecases.work import Services
from storage import backup as copies
from storage.database import Database
from storage.migrate import current_revision, newest_revision, upgrade
from storage.records import Office

app = noun("Nâng cấp, xem, sao lưu và lấy lại cơ sở dữ liệu.")

#: field of `db status` -> table it counts
_COUNTED = {"offices": "office", "citizens": "citizen", "opinions": "opinion", "acts": "act"}


@app.command("upgrade")
def upgrade_schema(db: DatabaseOption = None) -> None:
    """Tạo hoặc nâng cấp các bảng cho vừa phiên bản chương trình; chạy lại nhiều lần không sao.

    \b
    Ví dụ:
      doithoai db backup truoc-nang-cap.db && doithoai db upgrade
    """
    database = connect(db)
    try:
        before = current_revision(database)
        if before == newest_revision():
            note(f"Cơ sở dữ liệu đã ở bản mới nhất ({before}).")
            return
        if before is None and (file := copies.file_of(database)) is not None:
            # A new one, as `init` makes it; nothing is in it yet.
            file.chmod(copies.OWNER_ONLY)
        upgrade(database)
        note(f"Đã nâng cấp cơ sở dữ liệu từ bản {before or 'trống'} lên {newest_revision()}.")
        if before is not None:
            _fill_duties(Services(database=database, clock=SystemClock()))
    finally:
        database.close()


def _fill_duties(services: Services) -> None:
    """What an older version did not keep yet: who owes what by when. Nothing to do before there is an office."""
    with services.reading() as work:
        if work.session.execute(select(col(Office.id))).first() is None:
            return
    tell(refresh_with_bar(services))
    while index_earlier(services):
        # Each portion is kept: broken off, the rest follows while the program runs.
        pass


@app.command()
def status(db: DatabaseOption = None, format: FormatOption = None) -> None:
    """Cho biết cơ sở dữ liệu ở đâu, bản nào, có bao nhiêu dòng. Thoát mã 1 khi cần nâng cấp.

    \b
    Ví dụ:
      doithoai db status --format json
    """
    database = _existing(db)
    try:
        revision = current_revision(database)
        file = copies.file_of(database)
        current = revision == newest_revision()
        facts: dict[str, object] = {
            "database": database.engine.url.render_as_string(hide_password=True),
            "revision": revision,
            "newest_revision": newest_revision(),
            "up_to_date": current,
            "bytes": file.stat().st_size if file else None,
            **_counts(database),
        }
    finally:
        database.close()
    show(facts, format, labels=_LABELS)
    if not current:
        note("Cần nâng cấp: doithoai db upgrade")
        raise typer.Exit(1)


_LABELS = {
    "database": "Cơ sở dữ liệu",
    "revision": "Bản hiện tại",
    "newest_revision": "Bản mới nhất",
    "up_to_date": "Đã mới nhất",
    "bytes": "Dung lượng (byte)",
    "offices": "Đơn vị",
    "citizens": "Người dân",
    "opinions": "Ý kiến",
    "acts": "Việc đã ghi sổ",
}


@app.command()
def backup(path: Annotated[Path, typer.Argument(metavar="TỆP", help="tệp mới")], db: DatabaseOption = None) -> None:
    """Sao lưu trọn vẹn vào TỆP, trong lúc chương trình vẫn chạy. Không ghi đè tệp đã có.

    \b
    Ví dụ:
      doithoai db backup /mnt/usb/doithoai-2026-11-05.db
    """
    source = _sqlite_file(db, "pg_dump --format=custom")
    try:
        copies.copy_to(source, path)
    except FileExistsError as error:
        raise InvalidInput(f"Đã có tệp {path}; không ghi đè bản sao lưu.", todo="Chọn tên tệp khác.") from error
    except OSError as error:
        raise InvalidInput(
            f"Không ghi được {path}: {error.strerror}.", todo="Kiểm tra thư mục và chỗ trống."
        ) from error
    note(f"Đã sao lưu vào {path} ({path.stat().st_size} byte), đã kiểm tra bản sao. Tệp chứa dữ liệu cá nhân: cất kỹ.")
    files = settings.load().files_dir
    if files.is_dir():
        note(f"Ảnh, tệp đính kèm nằm ở thư mục {files}, không nằm trong tệp này: sao chép thư mục ấy cùng.")


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(metavar="TỆP", exists=True, dir_okay=False, help="bản sao lưu")],
    db: DatabaseOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="không hỏi lại")] = False,
) -> None:
    """Lấy lại toàn bộ dữ liệu từ bản sao lưu; dữ liệu hiện tại được cất riêng trước. Dừng doithoai run trước đã.

    \b
    Ví dụ:
      doithoai db restore /mnt/usb/doithoai-2026-11-05.db
    """
    target = _sqlite_file(db, "pg_restore", may_be_missing=True)
    try:
        copies.check(path)
        if target.exists():
            question = f"Thay toàn bộ dữ liệu trong {target} bằng bản {path}?"
            if not yes and not typer.confirm(question, err=True):
                raise typer.Exit(1)
            stamp = dt.datetime.now(VIETNAM).strftime("%Y%m%d-%H%M%S")
            kept = target.with_name(f"{target.name}.truoc-{stamp}")
            copies.copy_to(target, kept)
            note(f"Dữ liệu đang dùng được cất ở {kept}.")
        copies.restore_from(path, target)
    except copies.UnsoundCopy as error:
        raise InvalidInput(f"{path} không phải bản sao lưu nguyên vẹn.", todo="Chọn bản sao lưu khác.") from error
    target.chmod(copies.OWNER_ONLY)
    note("Đã lấy lại dữ liệu. Chạy tiếp: doithoai db upgrade rồi doithoai doctor")


def _existing(db: str | None) -> Database:
    if missing_file(database_url(db)):
        raise SetupNeeded("Chưa có cơ sở dữ liệu.", todo="Lập đơn vị lần đầu bằng lệnh: doithoai init")
    return connect(db)


def _sqlite_file(db: str | None, instead: str, *, may_be_missing: bool = False) -> Path:
    database = connect(db) if may_be_missing else _existing(db)
    file = copies.file_of(database)
    database.close()
    if file is None:
        raise InvalidInput(
            f"Lệnh này chỉ dành cho SQLite; cơ sở dữ liệu đang dùng là {database.engine.dialect.name}.",
            todo=f"Dùng công cụ của chính nó, ví dụ: {instead}",
        )
    return file


def _counts(database: Database) -> dict[str, int | None]:
    """Rows per table; None for a table that an older schema does not have yet."""
    present = set(inspect(database.engine).get_table_names())
    with database.engine.connect() as connection:
        return {
            field: connection.scalar(select(func.count()).select_from(table(name))) if name in present else None
            for field, name in _COUNTED.items()
        }
