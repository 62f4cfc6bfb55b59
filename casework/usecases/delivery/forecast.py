"""Before anything is sent: how many askers will be reached by which way, how many only by a person, at what cost."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from casework.errors import InvalidInput, NotFound
from casework.ladder.climbing import Step, StepKind, mark, next_step
from casework.ladder.data import BY_HAND
from casework.ladder.values import PHONE_CHANNEL, Rung
from casework.ladder.words import RUNG_NAMES, WHYS
from casework.lifecycle import CLOSED
from casework.reaching import Known
from casework.usecases.access import VIEWERS, Member, require
from casework.usecases.work import Services, Work
from storage.records import Answer, Conference, Delivery, Opinion, ResidentialGroup, Role

#: askers looked at together
BATCH = 500


@dataclass(frozen=True, kw_only=True)
class ForecastWay:
    """One way and those it will reach."""

    #: rung, with the channel it goes over
    rung: str
    channel: str | None
    name: str
    askers: int
    price_vnd: int
    #: residential groups, for what a person has to carry
    villages: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What would happen to one notice to each of these askers, sent at `at`."""

    at: dt.datetime
    askers: int
    ways: tuple[ForecastWay, ...]
    #: reached by a message at once, told by a short form to come, waiting without being told, only by a person
    at_once: int
    by_form: int
    waiting: int
    by_person: int
    price_vnd: int


@dataclass(frozen=True, kw_only=True)
class _Asker:
    step: Step
    village: str


def forecast(
    services: Services,
    staff_id: int,
    *,
    answer: int | None = None,
    conference: str | None = None,
    purpose: str = "answer",
    at: dt.datetime | None = None,
) -> Forecast:
    """The ways a notice of `purpose` would take to the askers of one answer, of one conference's agenda, or of every
    open opinion; `at`: as if it were then (nobody writes until then). Sealed opinions are not counted.

    Raises `Forbidden`, `NotFound`, `InvalidInput` for an instant that has passed or two choices at once.
    """
    if answer is not None and conference is not None:
        raise InvalidInput("Chỉ chọn một: câu trả lời, hoặc hội nghị.", todo="Bỏ bớt --answer hay --conference.")
    with services.reading() as work:
        who = require(work, staff_id, *VIEWERS, Role.ADMIN)
        moment = at or work.now
        if moment < work.now:
            raise InvalidInput("Thời điểm dự báo đã qua.", todo="Chọn một ngày từ hôm nay trở đi.")
        villages = {row.id: row.name for row in work.session.exec(select(ResidentialGroup))}
        opinions = [one for one in _opinions(work, answer, conference) if _may_count(who, one)]
        found: list[_Asker] = []
        for start in range(0, len(opinions), BATCH):
            found += _askers(work, opinions[start : start + BATCH], purpose, moment, villages)
        return _summed(found, moment)


def _may_count(who: Member, opinion: Opinion) -> bool:
    return who.may(opinion, *VIEWERS) or who.has(Role.ADMIN)


def _opinions(work: Work, answer: int | None, conference: str | None) -> Sequence[Opinion]:
    statement = select(Opinion).where(col(Opinion.sealed).is_(False)).order_by(col(Opinion.id))
    if answer is not None:
        row = work.session.get(Answer, answer)
        if row is None:
            raise NotFound(f"Không có văn bản trả lời số {answer}.", todo="Xem: doithoai answers list")
        return work.session.exec(statement.where(Opinion.group_id == row.group_id)).all()
    if conference is not None:
        held = work.session.exec(select(Conference).where(Conference.code == conference)).first()
        if held is None:
            raise NotFound(f"Không có hội nghị {conference}.", todo="Xem: doithoai conferences list")
        return work.session.exec(statement.where(Opinion.conference_id == held.id)).all()
    return work.session.exec(statement.where(col(Opinion.state).not_in(CLOSED))).all()


def _askers(
    work: Work, opinions: Sequence[Opinion], purpose: str, at: dt.datetime, villages: dict[int | None, str]
) -> list[_Asker]:
    # Notices that are never stored: the ladder is asked, nothing is written.
    imagined = [
        Delivery(
            key="",
            purpose=purpose,
            opinion_id=one.id,
            citizen_id=one.citizen_id,
            channel_identity_id=one.channel_identity_id,
            text="",
            not_before=at,
            created_at=at,
        )
        for one in opinions
    ]
    known = Known(work, imagined)
    policy = work.services.policy
    found = []
    for opinion, notice in zip(opinions, imagined, strict=True):
        condition = replace(known.condition(notice), now=at)
        step = next_step(condition, policy)
        if step.kind is StepKind.WAIT and step.why in ("no_consent",):
            # They said so themselves; what follows the wait is for later.
            step = replace(step, until=None)
        elif step.kind is StepKind.WAIT and step.until is not None:
            later = next_step(
                replace(condition, now=step.until, passed=(*condition.passed, mark(Rung.PICKUP, condition.own))), policy
            )
            step = later if later.rung in BY_HAND else step
        found.append(_Asker(step=step, village=villages.get(opinion.residential_group_id, "chưa rõ thôn")))
    return found


def _summed(found: Sequence[_Asker], at: dt.datetime) -> Forecast:
    keys: dict[tuple[str, str | None, str], list[_Asker]] = {}
    for one in found:
        channel = one.step.way.channel if one.step.way is not None and one.step.kind is StepKind.SEND else None
        keys.setdefault((one.step.rung, channel, _name(one.step)), []).append(one)
    order = list(Rung)
    ways = tuple(
        ForecastWay(
            rung=rung,
            channel=channel,
            name=name,
            askers=len(those),
            price_vnd=sum(one.step.price_vnd for one in those),
            villages=dict(sorted(Counter(one.village for one in those).items())),
        )
        for (rung, channel, name), those in sorted(
            keys.items(), key=lambda item: (order.index(Rung(item[0][0])), item[0][1] or "", item[0][2])
        )
    )
    return Forecast(
        at=at,
        askers=len(found),
        ways=ways,
        at_once=sum(way.askers for way in ways if way.rung in (Rung.FREE, Rung.PAID)),
        by_form=sum(way.askers for way in ways if way.rung == Rung.TEMPLATE),
        waiting=sum(way.askers for way in ways if way.rung == Rung.PICKUP),
        by_person=sum(way.askers for way in ways if way.rung in BY_HAND),
        price_vnd=sum(way.price_vnd for way in ways),
    )


def _name(step: Step) -> str:
    if step.kind is StepKind.SEND and step.way is not None:
        to_phone = " qua số điện thoại" if step.way.channel == PHONE_CHANNEL else ""
        return f"{RUNG_NAMES[step.rung]}{to_phone}"
    if step.rung is Rung.PICKUP:
        return f"{RUNG_NAMES[step.rung]}: {WHYS.get(step.why, step.why)}"
    return RUNG_NAMES[step.rung]
