"""The command reference in docs/lenh.md, made from the help texts themselves: `python -m admin_cli.reference`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from admin_cli.app import app

PAGE = Path(__file__).parents[1] / "docs" / "lenh.md"
#: columns of a help text, so that the page does not depend on who makes it
WIDTH = 88

_HEAD = """# Các lệnh

Trang này được làm ra từ chính lời `--help` của chương trình (`make docs`); đừng sửa bằng tay.
/ Made from the `--help` texts by `make docs`; do not edit.
"""


def commands() -> Iterator[tuple[str, str]]:
    """Every command as it is typed, with its help text."""
    root = typer.main.get_command(app)
    context = root.make_context("doithoai", [], resilient_parsing=True, terminal_width=WIDTH, max_content_width=WIDTH)
    yield from _walk(root, context)


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for path, help_text in commands():
        level = "#" * (path.count(" ") + 2)
        parts.append(f"{level} {path}\n\n```text\n{help_text.rstrip()}\n```\n")
    return "\n".join(parts)


def _walk(command: Any, context: Any) -> Iterator[tuple[str, str]]:
    yield context.command_path, command.get_help(context)
    for name in command.list_commands(context) if hasattr(command, "list_commands") else ():
        child = command.get_command(context, name)
        yield from _walk(child, child.make_context(name, [], parent=context, resilient_parsing=True))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
