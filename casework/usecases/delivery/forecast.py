"""Before anything is sent: how many askers will be reached by which way, how many only by a person, at what cost."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from casework.errors import InvalidInput, NotFound
from casework.ladder.climbing import Condition, Step, StepKind, mark, next_step
from casework.ladder.data import BY_HAND
from casework.ladder.values import PHONE_CHANNEL, Policy, Rung
from casework.ladder.words import RUNG_NAMES, WHYS
from casework.lifecycle import CLOSED
from casework.reaching import Known
from casework.talk import Reply
from casework.usecases.access import VIEWERS, Member, require
from casework.usecases.answers.asker_view import answer_message
from casework.usecases.answers.pages import PATH, SECRET_LENGTH, files_of, needs_page
from casework.usecases.conference.issues import TAKEN_UP
from casework.usecases.delivery.slip_list import home_of
from casework.usecases.work import Services, Work
from storage.records import Answer, Citizen, Conference, Delivery, Opinion, ResidentialGroup, Role

#: askers looked at together
BATCH = 500
#: how many messages a platform bills for what somebody is sent
CountMessages = Callable[[Reply], int]


@dataclass(frozen=True, kw_only=True)
class ForecastWay:
    """One way and those it will reach."""

    #: rung, with the channel it goes over
    rung: str
    channel: str | None
    name: str
    #: what follows when the person does not write, "sau 5 ngày: in phiếu"
    then: str
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
    #: of those only by a person: typed in the platform's console, given on paper
    by_console: int
    by_slip: int
    #: of those waiting: who is given paper in the end, after so many days
    slips_later: int
    slips_after_days: int
    price_vnd: int
    #: the text is known, so its messages are counted; else one message each
    text_known: bool


@dataclass(frozen=True, kw_only=True)
class _Next:
    """One step of the ladder, so many days after the send."""

    days: int
    step: Step


@dataclass(frozen=True, kw_only=True)
class _Asker:
    step: Step
    #: when it is taken, and what follows when the person does not write
    days: int
    then: tuple[_Next, ...]
    price_vnd: int
    village: str


def forecast(
    services: Services,
    staff_id: int,
    *,
    answer: int | None = None,
    conference: str | None = None,
    purpose: str = "answer",
    at: dt.datetime | None = None,
    messages: CountMessages | None = None,
) -> Forecast:
    """The ways a notice of `purpose` would take to the askers of one answer, of one conference's agenda, or of every
    open opinion; `at`: as if it were then (nobody writes until then). Sealed opinions are not counted. `messages`: how
    many messages a text makes; asked for an answer, whose text is known.

    Raises `Forbidden`, `NotFound`, `InvalidInput` for an instant that has passed or two choices at once.
    """
    if answer is not None and conference is not None:
        raise InvalidInput("Chỉ chọn một: câu trả lời, hoặc hội nghị.", todo="Bỏ bớt --answer hay --conference.")
    with services.reading() as work:
        who = require(work, staff_id, *VIEWERS, Role.ADMIN)
        moment = at or work.now
        if moment < work.now:
            raise InvalidInput("Thời điểm dự báo đã qua.", todo="Chọn một ngày từ hôm nay trở đi.")
        text = _answer(work, who, answer) if answer is not None else None
        opinions = [one for one in _opinions(work, who, text, conference) if _may_count(who, one)]
        look = _Look(work, purpose, moment, text, messages)
        found: list[_Asker] = []
        for start in range(0, len(opinions), BATCH):
            found += look.askers(opinions[start : start + BATCH])
        return _summed(found, moment, text_known=text is not None and messages is not None)


def _may_count(who: Member, opinion: Opinion) -> bool:
    return who.may(opinion, *VIEWERS) or who.has(Role.ADMIN)


def _answer(work: Work, who: Member, number: int) -> Answer:
    row = work.session.get(Answer, number)
    if row is None or row.office_id != who.office_id:
        raise NotFound(f"Không có văn bản trả lời số {number}.", todo="Xem: doithoai answers list")
    return row


def _opinions(work: Work, who: Member, answer: Answer | None, conference: str | None) -> Sequence[Opinion]:
    statement = (
        select(Opinion)
        .where(col(Opinion.sealed).is_(False), Opinion.office_id == who.office_id)
        .order_by(col(Opinion.id))
    )
    # As when it is sent: who withdrew, or was declined, is told nothing of the issue.
    taken_up = statement.where(col(Opinion.state).in_([str(state) for state in TAKEN_UP]))
    if answer is not None:
        return work.session.exec(taken_up.where(Opinion.group_id == answer.group_id)).all()
    if conference is not None:
        held = work.session.exec(
            select(Conference).where(Conference.code == conference, Conference.office_id == who.office_id)
        ).first()
        if held is None:
            raise NotFound(f"Không có hội nghị {conference}.", todo="Xem: doithoai conferences list")
        return work.session.exec(taken_up.where(Opinion.conference_id == held.id)).all()
    return work.session.exec(statement.where(col(Opinion.state).not_in(CLOSED))).all()


class _Look:
    """Asks the ladder about notices that are never stored."""

    def __init__(
        self, work: Work, purpose: str, at: dt.datetime, answer: Answer | None, messages: CountMessages | None
    ) -> None:
        self._work, self._purpose, self._at, self._answer, self._messages = work, purpose, at, answer, messages
        self._villages: Mapping[int | None, str] = {
            row.id: row.name for row in work.session.exec(select(ResidentialGroup))
        }
        self._link = _a_link(work, answer) if answer is not None else None

    def askers(self, opinions: Sequence[Opinion]) -> list[_Asker]:
        imagined = [
            Delivery(
                key="",
                purpose=self._purpose,
                opinion_id=one.id,
                citizen_id=one.citizen_id,
                channel_identity_id=one.channel_identity_id,
                text="",
                not_before=self._at,
                created_at=self._at,
            )
            for one in opinions
        ]
        known = Known(self._work, imagined)
        ids = [one.citizen_id for one in opinions if one.citizen_id is not None]
        people = {one.id: one for one in self._work.session.exec(select(Citizen).where(col(Citizen.id).in_(ids)))}
        found = []
        for opinion, notice in zip(opinions, imagined, strict=True):
            path = _climb(replace(known.condition(notice), now=self._at), self._work.services.policy, self._at)
            first = _counted_as(path)
            home = home_of(opinion, people.get(opinion.citizen_id))
            found.append(
                _Asker(
                    step=path[first].step,
                    days=path[first].days,
                    then=tuple(path[first + 1 :]),
                    price_vnd=self._price(path[first].step, opinion),
                    village=self._villages.get(home, "chưa rõ thôn"),
                )
            )
        return found

    def _price(self, step: Step, opinion: Opinion) -> int:
        """A form is one message whatever it calls to; of an ordinary one each message is billed."""
        if step.rung is not Rung.PAID or self._answer is None or self._messages is None:
            return step.price_vnd
        return step.price_vnd * self._messages(answer_message(self._answer, opinion, link=self._link))


def _a_link(work: Work, answer: Answer) -> str | None:
    """An address as long as the one the message would hold; None when it needs none."""
    base = work.services.policy.public_url
    if base is None or not needs_page(answer.text, len(files_of(work, answer.id or 0))):
        return None
    return f"{base.rstrip('/')}{PATH}{'a' * SECRET_LENGTH}"


def _climb(condition: Condition, policy: Policy, at: dt.datetime) -> list[_Next]:
    """What the ladder does when the person never writes: now, and after each wait."""
    path = [_Next(days=0, step=next_step(condition, policy))]
    while (until := path[-1].step.until) is not None:
        tried = mark(path[-1].step.rung, condition.own)
        condition = replace(condition, now=until, passed=(*condition.passed, tried))
        step = next_step(condition, policy)
        if step.rung is path[-1].step.rung:
            break
        path.append(_Next(days=(until - at).days, step=step))
    return path


def _counted_as(path: Sequence[_Next]) -> int:
    """Which step an asker is counted under: the first, or the hand it ends in when waiting brings nothing else. Who
    wants no messages said so, and is counted as waiting."""
    first = path[0].step
    if first.kind is StepKind.WAIT and first.why != "no_consent" and len(path) > 1 and path[1].step.rung in BY_HAND:
        return 1
    return 0


def _summed(found: Sequence[_Asker], at: dt.datetime, *, text_known: bool) -> Forecast:
    keys: dict[tuple[str, str | None, str, str], list[_Asker]] = {}
    for one in found:
        channel = one.step.way.channel if one.step.way is not None and one.step.kind is StepKind.SEND else None
        keys.setdefault((one.step.rung, channel, _name(one), _then(one)), []).append(one)
    order = list(Rung)
    ways = tuple(
        ForecastWay(
            rung=rung,
            channel=channel,
            name=name,
            then=then,
            askers=len(those),
            price_vnd=sum(one.price_vnd for one in those),
            villages=dict(sorted(Counter(one.village for one in those).items())),
        )
        for (rung, channel, name, then), those in sorted(
            keys.items(), key=lambda item: (order.index(Rung(item[0][0])), item[0][1] or "", *item[0][2:])
        )
    )
    slips = [
        after.days
        for one in found
        if one.step.rung is Rung.PICKUP
        for after in one.then
        if after.step.rung is Rung.SLIP
    ]

    def askers(*rungs: Rung) -> int:
        return sum(way.askers for way in ways if way.rung in rungs)

    return Forecast(
        at=at,
        askers=len(found),
        ways=ways,
        at_once=askers(Rung.FREE, Rung.PAID),
        by_form=askers(Rung.TEMPLATE),
        waiting=askers(Rung.PICKUP),
        by_person=askers(*BY_HAND),
        by_console=askers(Rung.CONSOLE),
        by_slip=askers(Rung.SLIP),
        slips_later=len(slips),
        slips_after_days=max(slips, default=0),
        price_vnd=sum(way.price_vnd for way in ways),
        text_known=text_known,
    )


#: rungs as they are named where one follows another
_SHORT = {Rung.PICKUP: "chờ nhắn tới", Rung.CONSOLE: "gõ tay", Rung.SLIP: "in phiếu"}


def _name(one: _Asker) -> str:
    step = one.step
    if step.kind is StepKind.SEND and step.way is not None:
        to_phone = " qua số điện thoại" if step.way.channel == PHONE_CHANNEL else ""
        return f"{RUNG_NAMES[step.rung]}{to_phone}"
    if step.rung is Rung.PICKUP:
        return f"{RUNG_NAMES[step.rung]}: {WHYS.get(step.why, step.why)}"
    return RUNG_NAMES[step.rung] + (f", sau {one.days} ngày chờ" if one.days else "")


def _then(one: _Asker) -> str:
    said = [f"sau {after.days} ngày: {_SHORT.get(after.step.rung, RUNG_NAMES[after.step.rung])}" for after in one.then]
    return "; ".join(said)
