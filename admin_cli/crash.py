"""What is kept of an unexpected error: where it happened, never what the data was."""

from __future__ import annotations

import datetime as dt
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import typer


def report(error: BaseException) -> str:
    """Append the places of `error` to the error log; returns the sentence for the person at the screen."""
    lines = [f"{dt.datetime.now(dt.UTC).isoformat(timespec='seconds')}"]
    for link in _chain(error):
        # Messages of errors can quote people's words or a database row: only type and place are written down.
        lines.append(f"  {type(link).__module__}.{type(link).__qualname__}")
        lines += [f"    {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(link.__traceback__)]
    path = _append("\n".join(lines) + "\n")
    return (
        "Chương trình gặp lỗi ngoài dự tính nên dừng lại; việc đang làm dở không được ghi.\n"
        f"Anh/chị thử lại; nếu vẫn lỗi, báo người vận hành kèm tệp {path}\n"
        "(người vận hành: thêm --debug ngay sau chữ doithoai để xem đầy đủ)."
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _append(text: str) -> Path:
    for folder in (Path(typer.get_app_dir("doithoai")), Path(tempfile.gettempdir())):
        path = folder / "doithoai-loi.log"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as log:
                log.write(text)
        except OSError:
            continue
        return path
    return Path("(không ghi được tệp nào)")
