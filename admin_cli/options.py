"""Options that several commands share, each defined once, and the shape every noun has."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def parse_date(text: str) -> dt.date:
    """A day as people write it, for any date option: `typer.Option(parser=parse_date, metavar="NGÀY")`."""
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            # Only the calendar day is kept, so there is no zone to lose.
            return dt.datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise typer.BadParameter(f"«{text}» không phải ngày. Viết như 2026-11-05 hoặc 05/11/2026.")


FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="table: bảng để đọc; json, csv: cho máy khác (mặc định json khi không ra màn hình)"),
]
AsOfOption = Annotated[
    dt.date | None,
    typer.Option(
        "--as-of", parser=parse_date, metavar="NGÀY", help="làm như hôm đó là hôm nay, 8 giờ sáng (diễn tập, tra lại)"
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option("--db", metavar="URL", help="cơ sở dữ liệu (mặc định: DOITHOAI_DATABASE_URL hoặc doithoai.toml)"),
]
StaffOption = Annotated[
    str | None,
    typer.Option(
        "--staff", envvar="DOITHOAI_STAFF", metavar="TÊN", help="ai làm việc này: số hoặc tên trong staff list"
    ),
]


def noun(help_text: str) -> typer.Typer:
    """The command group of one noun: `app = noun("...")` at the top of `admin_cli/<noun>.py`."""
    return typer.Typer(
        help=help_text,
        no_args_is_help=True,
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
