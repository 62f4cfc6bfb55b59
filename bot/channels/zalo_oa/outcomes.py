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
from casework.clock import VIETNAM
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
    again: Literal["minute", "morning"] | None = None
    means: str = Field(min_length=1)
    todo: str = Field(min_length=1)

    def kind_for(self, *, template: bool) -> OutcomeKind:
        """How the send of a form, or of an ordinary message, ends."""
        return self.template or self.kind if template else self.kind


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


def outcome_of(code: int, *, now: dt.datetime, template: bool = False) -> Outcome:
    """The outcome a send ends in that the platform refused with this number."""
    row = table().get(code)
    if row is None and template and code in forms.table():
        return _of_form(code, now)
    if row is None:
        detail = (
            f"Zalo từ chối với mã lỗi {code} mà chương trình chưa biết. Anh/chị xem tin này và báo người phụ trách "
            "kỹ thuật mã lỗi ấy."
        )
        return Outcome(kind=OutcomeKind.REJECTED, detail=detail, code=str(code))
    wait = None if row.again is None else _seconds_until_minute(now) if row.again == "minute" else _until_morning(now)
    kind = row.kind_for(template=template)
    return Outcome(kind=kind, detail=f"{row.means} {row.todo}", code=str(code), retry_after=wait)


def _of_form(code: int, now: dt.datetime) -> Outcome:
    """A number of the forms' own appendix. What stops all forms, for today or until somebody acts, only closes this
    way to the person: ordinary messages still go, and so does the next rung of the ladder."""
    outcome = forms.outcome_of(code, now=now)
    if outcome.kind is OutcomeKind.CHANNEL_DOWN or forms.table()[code].again == "tomorrow":
        return replace(outcome, kind=OutcomeKind.WINDOW_CLOSED, retry_after=None)
    return outcome


def _seconds_until_minute(now: dt.datetime) -> float:
    """Until the next full minute and a second more, because clocks differ."""
    return 61.0 - now.second - now.microsecond / 1_000_000


def _until_morning(now: dt.datetime) -> float:
    local = now.astimezone(VIETNAM)
    morning = dt.datetime.combine(local.date(), forms.MORNING, VIETNAM)
    return ((morning if morning > local else morning + dt.timedelta(days=1)) - local).total_seconds()
