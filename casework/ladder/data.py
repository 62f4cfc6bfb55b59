"""The ladders as data: read once, checked when read."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from casework.ladder.values import Rung

#: rungs on which a person acts
BY_HAND = (Rung.CONSOLE, Rung.SLIP)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChannelLadder(_Strict):
    """The rungs of one channel, and its windows after the person's last act; None = always open."""

    rungs: tuple[Rung, ...] = Field(min_length=1)
    free_hours: float | None = Field(default=None, gt=0)
    paid_hours: float | None = Field(default=None, gt=0)
    console_days: float | None = Field(default=None, gt=0)


class PurposeRule(_Strict):
    """How far notices of one purpose climb, and how long they are news, days."""

    reach: Literal["free", "sent", "called", "by_hand"]
    expires_days: float | None = Field(default=None, gt=0)

    def allows(self, rung: Rung) -> bool:
        """Whether a notice of this purpose may stand on a rung."""
        match rung:
            case Rung.FREE | Rung.PICKUP | Rung.ASKED:
                return True
            case Rung.CONSOLE | Rung.SLIP:
                return self.reach == "by_hand"
            case Rung.TEMPLATE:
                return self.reach in ("called", "by_hand")
            case _:
                return self.reach != "free"

    @property
    def life(self) -> dt.timedelta | None:
        return None if self.expires_days is None else dt.timedelta(days=self.expires_days)


class Waits(_Strict):
    """Days a rung is waited on."""

    pickup: float = Field(gt=0)
    console: float = Field(gt=0)


class FormRule(_Strict):
    """How often approved forms may call the same person for the same opinion before they write."""

    per_case: int = Field(ge=1)


class Ladders(_Strict):
    """All of `ladders.toml`."""

    channels: dict[str, ChannelLadder]
    waits: Waits
    forms: FormRule
    purposes: dict[str, PurposeRule]

    @model_validator(mode="after")
    def _has_what_others_fall_back_on(self) -> Ladders:
        for name in ("none", "not_to_phone", "telegram"):
            if name not in self.channels:
                raise ValueError(f"channels.{name} is missing")
        if "default" not in self.purposes:
            raise ValueError("purposes.default is missing")
        return self

    def channel(self, name: str | None) -> ChannelLadder:
        """The ladder of a channel; an unknown one has no windows, as most have none."""
        return self.channels.get(name or "none", self.channels["telegram"])

    def purpose(self, name: str) -> PurposeRule:
        """The rule of a purpose."""
        return self.purposes.get(name, self.purposes["default"])


@cache
def ladders() -> Ladders:
    """The ladders this program ships with. Raises `ValueError` when the file is damaged."""
    text = resources.files("casework.ladder").joinpath("ladders.toml").read_text(encoding="utf-8")
    return Ladders.model_validate(tomllib.loads(text))
