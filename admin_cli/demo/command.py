"""`doithoai demo`: the main job on the sample commune, without any credentials, in one go."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from admin_cli.demo.play import Play

#: every performance is the same
SEED = 2026
#: folder of the office's papers
PAPERS = "van-ban"


def demo(
    out: Annotated[Path, typer.Option(help="Thư mục ghi kết quả (được làm lại từ đầu).")] = Path("demo-output"),
) -> None:
    """Diễn trọn một kỳ đối thoại bằng số liệu mẫu: nhắn tin, gộp, duyệt, hội nghị, kết luận, trả lời.

    Ví dụ: doithoai demo --out demo-output
    """
    from rich.console import Console

    from admin_cli.demo.results import report

    _make_room(out)
    console = Console(stderr=True)
    with console.status("Chuẩn bị") as status:
        play = asyncio.run(_perform(out, status.update))
    raise typer.Exit(report(play, out))


def _make_room(out: Path) -> None:
    """Only what a former demo left is removed; anything else in the folder stays."""
    out.mkdir(parents=True, exist_ok=True)
    for name in ("demo.db", "demo.db-wal", "demo.db-shm"):
        (out / name).unlink(missing_ok=True)
    for folder in ("talks", PAPERS):
        shutil.rmtree(out / folder, ignore_errors=True)


async def _perform(out: Path, progress: Callable[[str], None]) -> Play:
    import datetime as dt

    from admin_cli.demo.paperwork import Paperwork
    from admin_cli.demo.phones import Phones
    from admin_cli.demo.platforms import POLICY, platforms
    from admin_cli.demo.play import Play, prepare
    from admin_cli.demo.staff import Desk
    from bot.rehearsal import Rehearsal
    from casework.clock import VIETNAM, ManualClock
    from casework.usecases.work import Services
    from storage.database import Database
    from storage.migrate import upgrade

    database = Database(f"sqlite:///{out / 'demo.db'}")
    upgrade(database)
    clock = ManualClock(dt.datetime(2026, 11, 2, 7, 30, tzinfo=VIETNAM))
    services = Services(
        database=database,
        clock=clock,
        random=random.Random(SEED),  # noqa: S311 - a play, no secrets
        policy=POLICY,
        files_dir=out / "files",
    )
    team, sample = prepare(services)
    async with platforms(services, clock) as far:
        rehearsal = Rehearsal(services=services, clock=clock, more=far.channels)
        phones = Phones.of(sample, rehearsal, far)
        desk = Desk(services=services, team=team, records=sample)
        office = Paperwork(services=services, team=team, out=out / PAPERS)
        play = Play(services=services, phones=phones, progress=progress, team=team, desk=desk, office=office)
        await play.perform()
    return play
