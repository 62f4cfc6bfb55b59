"""`doithoai run`: all configured channels, web server, workers and schedule in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from admin_cli.options import DatabaseOption
from admin_cli.output import note
from casework.errors import InvalidInput

if TYPE_CHECKING:
    from bot.run import Part


def run(
    only: Annotated[
        str | None,
        typer.Option(
            "--only",
            metavar="PHẦN,PHẦN",
            help="chỉ chạy các phần này: web, polling, worker, outbox, schedule (mặc định: tất cả)",
        ),
    ] = None,
    db: DatabaseOption = None,
) -> None:
    """Chạy các kênh nhận và gửi tin, cho đến khi dừng bằng Ctrl-C.

    Cài đặt lấy từ biến môi trường DOITHOAI_... hoặc tệp doithoai.toml. Một máy chỉ cần một lệnh này; nhiều máy thì
    chia bằng --only, nhưng chỉ để một nơi chạy phần outbox, vì nhịp gửi được giữ trong từng tiến trình.

    \b
    Ví dụ:
      doithoai run
      doithoai run --only web,worker
    """
    import asyncio

    from bot import logs
    from bot.run import run as run_program
    from bot.settings import load
    from bot.wiring import channel_states, secrets_of

    parts = _parts(only)
    settings = load()
    if db is not None:
        settings = settings.model_copy(update={"database_url": db})
    logs.configure(settings.log_level, secrets_of(settings))
    for state in channel_states(settings):
        note(f"Kênh {state.name}: {'bật' if state.on else 'tắt'}{f' ({state.why})' if state.why else ''}")
    asyncio.run(run_program(settings, only=parts))


def _parts(only: str | None) -> set[Part]:
    from bot.run import Part

    names = [name.strip() for name in (only or "").split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Part)]
    if unknown:
        raise InvalidInput(f"Không có phần «{unknown[0]}».", todo=f"Chọn trong: {', '.join(Part)}.")
    return {Part(name) for name in names}
