"""How each way a send can end counts: the table is `outcomes.toml`, read once and checked when read."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.channels.zalo_zbs import outcomes as forms
from casework.talk import Outcome, OutcomeKind

#: the platform refused the access token: surely not delivered, worth one more try with a renewed one
DEAD_TOKEN: Final = frozenset({-216, -220, 401, -401, 216, -124})
#: the number of an endpoint this kind of account may not use
WRONG_ACCOUNT_TYPE: Final = -235
#: the older sending endpoint is shut down for this account
OLD_PATH_CLOSED: Final = -240
INVALID_PARAMETER: Final = -201
RATE_LIMIT: Final = -32


class Row(BaseModel):
    """What a group of error numbers means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    codes: tuple[int, ...] = Field(min_length=1)
    kind: OutcomeKind
    template: OutcomeKind | None = None
    #: the same for an ordinary message that we meant to pay for
    paid: OutcomeKind | None = None
    again: Literal["minute", "morning", "tomorrow"] | None = None
    #: money or a link of the account is missing, or an allowance is used up: whoever looks after the program is told
    short: bool = False
    means: str = Field(min_length=1)
    todo: str = Field(min_length=1)
    #: what is said instead of `todo` when the message waits
    while_waiting: str | None = None

    def kind_for(self, *, template: bool, paid: bool) -> OutcomeKind:
        """How the send of a form, or of an ordinary message, ends."""
        other = self.template if template else self.paid if paid else None
        return other or self.kind


@cache
def table() -> Mapping[int, Row]:
    """Error number -> row. Raises `ValueError` when the file is damaged or a number stands in it twice."""
    text = resources.files("bot.channels.zalo_oa").joinpath("outcomes.toml").read_text(encoding="utf-8")
    rows = [Row.model_validate(each) for each in tomllib.loads(text)["row"]]
    found: dict[int, Row] = {}
    for row in rows:
        for code in row.codes:
            if code in found:
                raise ValueError(f"outcomes.toml: {code} stands there twice")
            found[code] = row
    return found


def shortages() -> frozenset[str]:
    """Numbers that mean: messages wait for money, for a link of the account or for another day."""
    return frozenset(str(code) for code, row in table().items() if row.short) | forms.shortages()


def outcome_of(code: int, *, now: dt.datetime, template: bool = False, paid: bool = False) -> Outcome:
    """The outcome a send ends in that the platform refused with this number. `paid`: we meant to pay for it."""
    row = table().get(code)
    if row is None and template and code in forms.table():
        return _of_form(code, now)
    if row is None:
        detail = (
            f"Zalo từ chối với mã lỗi {code} mà chương trình chưa biết. Anh/chị xem tin này và báo người phụ trách "
            "kỹ thuật mã lỗi ấy."
        )
        return Outcome(kind=OutcomeKind.REJECTED, detail=detail, code=str(code))
    kind = row.kind_for(template=template, paid=paid)
    waits = kind is OutcomeKind.THROTTLED
    todo = row.while_waiting if waits and row.while_waiting is not None else row.todo
    wait = _wait(row, now) if waits else None
    return Outcome(kind=kind, detail=f"{row.means} {todo}", code=str(code), retry_after=wait)


def _of_form(code: int, now: dt.datetime) -> Outcome:
    """A number of the forms' own appendix. What money or a link can heal waits for the next morning. What stops all
    forms until somebody acts otherwise only closes this way to the person: ordinary messages still go, and so does the
    next rung of the ladder."""
    outcome, row = forms.outcome_of(code, now=now), forms.table()[code]
    if row.short and outcome.kind is not OutcomeKind.THROTTLED:
        detail = f"{row.means} Chương trình tự thử lại sau 06:05 ngày mai. {row.todo}"
        wait = forms.until_morning(now, tomorrow=True)
        return Outcome(kind=OutcomeKind.THROTTLED, detail=detail, code=str(code), retry_after=wait)
    if outcome.kind is OutcomeKind.CHANNEL_DOWN:
        return replace(outcome, kind=OutcomeKind.WINDOW_CLOSED, retry_after=None)
    return outcome


def _wait(row: Row, now: dt.datetime) -> float | None:
    match row.again:
        case None:
            return None
        case "minute":
            # Until the next full minute and a second more, because clocks differ.
            return 61.0 - now.second - now.microsecond / 1_000_000
        case again:
            return forms.until_morning(now, tomorrow=again == "tomorrow")
