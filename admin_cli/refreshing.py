"""Bringing all duties to the facts, with a bar for whoever waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from admin_cli.output import note

if TYPE_CHECKING:
    from casework.usecases.deadlines.refreshing import Refreshed
    from casework.usecases.work import Services


def refresh_with_bar(services: Services) -> Refreshed:
    """Every open duty as facts, regulation and calendar say now. The bar goes to stderr and leaves nothing behind."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from casework.usecases.deadlines.refreshing import refresh_all

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Tính lại việc phải làm", total=None)
        return refresh_all(services, lambda count, total: bar.update(task, completed=count, total=total))


def tell(done: Refreshed) -> None:
    """Say what was done, and what could not be computed."""
    note(f"Đã xem {done.looked_at} hội nghị, việc giao, ý kiến; sửa {done.changed} dòng trong sổ hạn.")
    for words in done.left:
        note(f"Chưa tính được: {words}")
