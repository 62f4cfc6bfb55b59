"""How a template message to a phone number can end: the table is `outcomes.toml`, read once and checked when read."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from casework.clock import VIETNAM
from casework.talk import Outcome, OutcomeKind

#: templates go out from this local time on
MORNING: Final = dt.time(6, 5)


class Row(BaseModel):
    """What a group of error numbers means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    codes: tuple[int, ...] = Field(min_length=1)
    kind: OutcomeKind
    again: Literal["minute", "morning", "tomorrow"] | None = None
    #: something of ours or of the account, not of this message, is wrong
    fault: bool = False
    #: money or a link of the account is missing, or an allowance is used up: whoever looks after the program is told
    short: bool = False
    means: str = Field(min_length=1)
    todo: str = Field(min_length=1)


@cache
def table() -> Mapping[int, Row]:
    """Error number -> row. Raises `ValueError` when the file is damaged or a number stands in it twice."""
    text = resources.files("bot.channels.zalo_zbs").joinpath("outcomes.toml").read_text(encoding="utf-8")
    found: dict[int, Row] = {}
    for row in (Row.model_validate(each) for each in tomllib.loads(text)["row"]):
        for code in row.codes:
            if code in found:
                raise ValueError(f"outcomes.toml: {code} stands there twice")
            found[code] = row
    return found


def shortages() -> frozenset[str]:
    """Numbers that mean: forms wait for money, for a link of the account or for another day."""
    return frozenset(str(code) for code, row in table().items() if row.short)


def outcome_of(code: int, *, now: dt.datetime) -> Outcome:
    """The outcome a send ends in that the platform refused with this number."""
    row = table().get(code)
    if row is None:
        detail = f"Zalo từ chối mẫu tin với mã lỗi {code} chưa biết: cần người xem."
        return Outcome(kind=OutcomeKind.REJECTED, detail=detail, code=str(code))
    wait = _wait(row, now)
    return Outcome(kind=row.kind, detail=f"{row.means} {row.todo}", code=str(code), retry_after=wait)


def _wait(row: Row, now: dt.datetime) -> float | None:
    match row.again:
        case None:
            return None
        case "minute":
            return 61.0 - now.second
        case again:
            return until_morning(now, tomorrow=again == "tomorrow")


def until_morning(now: dt.datetime, *, tomorrow: bool) -> float:
    """Seconds until the next 06:05 in Viet Nam; until that of another day where today's allowance is used up."""
    local = now.astimezone(VIETNAM)
    day = local.date()
    if tomorrow or local.time() >= MORNING:
        day += dt.timedelta(days=1)
    return (dt.datetime.combine(day, MORNING, VIETNAM) - local).total_seconds()
