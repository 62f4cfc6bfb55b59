"""`doithoai chat`: talk to the bot in the terminal. Same engine, same database, same rules as on a phone."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admin_cli.options import AsOfOption, DatabaseOption
from admin_cli.output import note

if TYPE_CHECKING:
    from bot.rehearsal import Rehearsal
    from bot.transcript import Line

HELP = (
    "Gõ như đang nhắn tin. [2] bấm nút số 2 · {photo} gửi ảnh · /edit 1 lời mới sửa tin thứ nhất · "
    "~ 10 cho trôi qua 10 giây · Ctrl-D để thôi."
)


def chat(
    name: Annotated[str, typer.Option("--as", help="Tên người nhắn; mỗi tên là một cuộc trò chuyện riêng.")] = "ban",
    transcript: Annotated[
        Path | None, typer.Option(help="Ghi cuộc trò chuyện thành tệp kiểm thử (đọc lại được bằng tests/transcripts).")
    ] = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Nói chuyện với máy trả lời ngay trong cửa sổ dòng lệnh.

    Ví dụ: doithoai chat --as ba-sau --transcript ba-sau.txt
    """
    from admin_cli.session import clock_at, open_services
    from bot.rehearsal import Rehearsal
    from bot.transcript import render
    from casework.clock import ManualClock, SystemClock

    services = open_services(db)
    # On another day the clock runs on from that morning as fast as the real one.
    ahead = clock_at(as_of).now() - SystemClock().now() if as_of is not None else dt.timedelta()
    clock = ManualClock(SystemClock().now() + ahead)
    services.clock = clock
    rehearsal = Rehearsal(services=services, clock=clock)
    note(HELP)
    lines = asyncio.run(_talk(rehearsal, name, ahead))
    if transcript is not None:
        transcript.write_text(render(lines), encoding="utf-8")
        note(f"Đã ghi {transcript}")


async def _talk(rehearsal: Rehearsal, name: str, ahead: dt.timedelta) -> list[Line]:
    from bot.transcript import Line, perform, said
    from casework.clock import SystemClock

    lines = [Line(sort="#", text=f"Cuộc trò chuyện của {name}")]
    heard = 0
    while True:
        try:
            text = (await asyncio.to_thread(input, "> ")).strip()
        except EOFError:
            return lines
        if not text:
            continue
        rehearsal.clock.move_to(SystemClock().now() + ahead)
        line = Line(sort="~", text=text[1:].strip()) if text.startswith("~") else Line(sort=">", text=text)
        lines.append(line)
        await perform(line, rehearsal, name, name=name)
        if line.sort == ">" and rehearsal.listens(name):
            # On a phone the bot waits until the sender stops writing; at a keyboard nobody wants to watch that.
            silence = Line(sort="~", text="10")
            lines.append(silence)
            await perform(silence, rehearsal, name)
        news = rehearsal.seen(name)[heard:]
        heard += len(news)
        for message in news:
            typer.echo("\n".join(f"  {part}" for part in message.text.split("\n")) + "\n")
            lines.append(said(message))
