"""Use cases: what no channel can carry and a colleague hands over on paper, village by village."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import col, func, or_, select

from casework.errors import InvalidInput
from casework.ladder import Rung
from casework.ladder.values import PHONE_CHANNEL
from casework.public_words import name_free, one_line
from casework.reaching import WITHDRAWN
from casework.usecases.access import VIEWERS, Member, key_of, ref_of, require
from casework.usecases.answers.asker_view import EXCERPT, answer_words, line_words
from casework.usecases.answers.pages import shown_words
from casework.usecases.work import Services, Work
from casework.wording import say
from nlp.normalise import fold
from storage.records import (
    Answer,
    ChannelIdentity,
    Citizen,
    Consent,
    ConsentPurpose,
    Delivery,
    DeliveryState,
    Opinion,
    OpinionGroup,
    ResidentialGroup,
    Role,
)


@dataclass(frozen=True, kw_only=True)
class WaitingSlip:
    """One notice that waits to be printed and handed over."""

    delivery_id: int
    opinion_id: int
    #: receipt code, or "#number" while the opinion is sealed
    ref: str
    #: what it is about, without names; empty while sealed
    about: str
    purpose: str
    answer_id: int | None
    #: where the person lives, else where the matter is; None when neither is known
    village_code: str | None
    village: str | None
    #: the person's name, for the colleague alone; None without consent to keep it
    name: str | None
    since: dt.datetime
    printed_at: dt.datetime | None
    sealed: bool


def waiting_slips(
    services: Services, staff_id: int, village: str | None = None, *, sealed: bool = False
) -> list[WaitingSlip]:
    """What waits to be handed over on paper where the staff member works (or in one village: its code or name), in
    the order of villages and then of age.

    What is sealed stands in no list with others: with `sealed` only that, and only for the confidential role. Raises
    `Forbidden`, `InvalidInput` for a village there is none of.
    """
    with services.reading() as work:
        return list_slips(work, staff_id, village, sealed=sealed)


def list_slips(work: Work, staff_id: int, village: str | None = None, *, sealed: bool = False) -> list[WaitingSlip]:
    """As `waiting_slips`, within a unit of work."""
    who = require(work, staff_id, *((Role.CONFIDENTIAL,) if sealed else VIEWERS))
    wanted = find_village(work, village) if village is not None else None
    villages = _villages(work)
    rows = work.session.exec(
        select(Delivery, Opinion, Citizen, OpinionGroup)
        .join(Opinion, col(Opinion.id) == col(Delivery.opinion_id))
        .outerjoin(Citizen, col(Citizen.id) == col(Opinion.citizen_id))
        .outerjoin(OpinionGroup, col(OpinionGroup.id) == col(Opinion.group_id))
        .where(
            Delivery.state == DeliveryState.WITH_STAFF,
            Delivery.rung == Rung.SLIP,
            col(Opinion.sealed) == sealed,
            Opinion.office_id == who.office_id,
            _wanted(),
        )
        .order_by(col(Delivery.id))
    ).all()
    nameless = _not_to_be_named(work, (person.id for _, _, person, _ in rows if person is not None))
    found = []
    for delivery, opinion, person, group in rows:
        home = home_of(opinion, person)
        if may_give(who, opinion, home) and (wanted is None or home == wanted.id):
            named = person if person is not None and person.id not in nameless else None
            found.append(_slip(delivery, opinion, named, group, villages.get(home or 0)))
    order = {group.code: place for place, group in enumerate(villages.values())}
    return sorted(found, key=lambda slip: (order.get(slip.village_code or "", len(order)), slip.delivery_id))


def count_waiting(work: Work, who: Member) -> int:
    """How many slips wait where this person works; what is sealed is not counted."""
    reach = {grant.residential_group_id for grant in who.grants if grant.role in VIEWERS}
    home = func.coalesce(col(Citizen.residential_group_id), col(Opinion.residential_group_id))
    statement = (
        select(func.count())
        .select_from(Delivery)
        .join(Opinion, col(Opinion.id) == col(Delivery.opinion_id))
        .outerjoin(Citizen, col(Citizen.id) == col(Opinion.citizen_id))
        .where(
            Delivery.state == DeliveryState.WITH_STAFF,
            Delivery.rung == Rung.SLIP,
            ~col(Opinion.sealed),
            Opinion.office_id == who.office_id,
            _wanted(),
            or_(None in reach, home.in_([one for one in reach if one is not None])),
        )
    )
    return work.session.exec(statement).one()


def _wanted() -> ColumnElement[bool]:
    """Nobody who took their consent back through the platform is sought out at home; it waits until they ask."""
    gone = select(ChannelIdentity.id).where(
        ChannelIdentity.citizen_id == col(Opinion.citizen_id),
        ChannelIdentity.channel != PHONE_CHANNEL,
        ChannelIdentity.unreachable_reason == WITHDRAWN,
    )
    return ~gone.exists()


def may_give(who: Member, opinion: Opinion, home: int | None) -> bool:
    """Whether this person may hand something over: the officer of the village where its person lives, and those of the
    whole office; of what is sealed only the confidential role."""
    if opinion.sealed:
        return who.may(opinion)
    return opinion.office_id == who.office_id and any(
        grant.role in VIEWERS and grant.covers(home) for grant in who.grants
    )


def home_of(opinion: Opinion, person: Citizen | None) -> int | None:
    """The village where the asker lives as far as we know, else that of the matter."""
    home = person.residential_group_id if person is not None else None
    return home or opinion.residential_group_id


def find_village(work: Work, wanted: str) -> ResidentialGroup:
    """A village by its code or its name, accents and case as they come. Raises `InvalidInput` naming all there are."""
    said = fold(wanted).strip()
    groups = list(_villages(work).values())
    for group in groups:
        if said in (fold(group.code), fold(group.name)):
            return group
    known = ", ".join(f"{group.code} ({group.name})" for group in groups)
    raise InvalidInput(f"Không có thôn «{wanted}».", todo=f"Các thôn: {known}.")


def words_in_full(work: Work, delivery: Delivery, *, name: str | None = None) -> str:
    """All a notice has to say, to be read out or printed: a written answer in full, whatever the message said of it,
    with nobody's name but `name`; else the message without what only a chat can do (numbered choices, the question
    before them)."""
    answer = work.session.get(Answer, delivery.answer_id) if delivery.answer_id is not None else None
    if answer is not None and delivery.purpose == "answer" and not delivery.content_free:
        return answer_words(answer, text=shown_words(work, answer, keep=name))
    labels = {button["label"] for row in delivery.buttons for button in row}
    unwanted = labels | {say("written_answer.ask_verdict")} if labels else labels
    return "\n".join(line for line in delivery.text.split("\n") if line.strip() not in unwanted)


def _villages(work: Work) -> dict[int, ResidentialGroup]:
    rows = work.session.exec(
        select(ResidentialGroup)
        .where(ResidentialGroup.office_id == work.services.office_id)
        .order_by(col(ResidentialGroup.position), col(ResidentialGroup.id))
    )
    return {row.id: row for row in rows if row.id is not None}


def _not_to_be_named(work: Work, people: Iterable[int | None]) -> set[int]:
    """Who has taken back the consent to keep the name."""
    latest: dict[int, bool] = {}
    rows = work.session.exec(
        select(Consent)
        .where(Consent.purpose == ConsentPurpose.PROCESS, col(Consent.citizen_id).in_(set(people)))
        .order_by(col(Consent.id))
    )
    for row in rows:
        latest[row.citizen_id] = row.granted
    return {person for person, granted in latest.items() if not granted}


def _slip(
    delivery: Delivery,
    opinion: Opinion,
    person: Citizen | None,
    group: OpinionGroup | None,
    village: ResidentialGroup | None,
) -> WaitingSlip:
    if delivery.id is None:
        raise ValueError("a delivery that is not stored")
    words = line_words(group, opinion) if group is not None else one_line(name_free(opinion.original_text), EXCERPT)
    return WaitingSlip(
        delivery_id=delivery.id,
        opinion_id=key_of(opinion),
        ref=ref_of(opinion),
        about="" if opinion.sealed else words,
        purpose=delivery.purpose,
        answer_id=delivery.answer_id,
        village_code=village.code if village is not None else None,
        village=village.name if village is not None else None,
        name=person.display_name if person is not None and not opinion.sealed else None,
        since=delivery.created_at,
        printed_at=delivery.printed_at,
        sealed=opinion.sealed,
    )
