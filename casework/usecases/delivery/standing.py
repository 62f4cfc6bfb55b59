"""Where a notice stands on its ladder, why, what comes next and when: for people."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from casework.ladder.climbing import after_quiet, mark, next_step
from casework.ladder.values import Policy, Rung
from casework.ladder.words import RUNG_NAMES, WHYS
from casework.reaching import Known
from storage.records import Delivery, DeliveryState

S = DeliveryState


@dataclass(frozen=True, kw_only=True)
class Standing:
    """In words; None where there is nothing to say."""

    why: str | None = None
    next_step: str | None = None
    next_at: dt.datetime | None = None


def standing_of(delivery: Delivery, known: Known, policy: Policy, now: dt.datetime) -> Standing:
    """What staff read of one notice beside its state."""
    why = WHYS.get(delivery.outcome or "")
    match S(delivery.state):
        case S.PENDING:
            at = max(delivery.not_before, now)
            way = RUNG_NAMES[Rung(delivery.rung)] if delivery.rung else RUNG_NAMES[Rung.FREE]
            return Standing(why=why, next_step=way, next_at=at if delivery.rung is None else after_quiet(at, policy))
        case S.UNKNOWN:
            return Standing(
                why="kênh không cho biết tin đã tới hay chưa",
                next_step="chờ tin báo của kênh, hoặc hỏi người nhận rồi ghi: doithoai delivery resolve",
            )
        case S.REJECTED:
            return Standing(why="kênh không nhận nội dung này", next_step="cán bộ xem lại, gửi lại hoặc trao tận tay")
        case S.WAITING_PICKUP:
            return Standing(why=why, next_step=_after_waiting(delivery, known, policy), next_at=delivery.step_at)
        case S.WITH_STAFF:
            name = RUNG_NAMES[Rung(delivery.rung)] if delivery.rung else RUNG_NAMES[Rung.SLIP]
            return Standing(why=why, next_step=name, next_at=delivery.step_at)
        case _:
            return Standing(why=why)


def _after_waiting(delivery: Delivery, known: Known, policy: Policy) -> str:
    if delivery.step_at is None:
        return RUNG_NAMES[Rung.PICKUP]
    condition = known.condition(delivery)
    passed = (*condition.passed, mark(Rung.PICKUP, condition.own))
    step = next_step(replace(condition, now=delivery.step_at, passed=passed), policy)
    return RUNG_NAMES[step.rung]
