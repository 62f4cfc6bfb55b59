"""What the asker is told of a decision: kindly, without anybody's name, once, a little later (so that an undo can
still catch it). Of a sealed opinion not a word of its content, for others may glance at the phone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, or_, select

from casework import notices
from casework.cards import say_ref
from casework.clock import local_date, vietnamese_date
from casework.codes import spoken
from casework.grounds import Ground
from casework.ladder.values import PHONE_CHANNEL
from casework.lifecycle import STATE_NAMES
from casework.public_words import name_free, one_line
from casework.reaching import cancel_one
from casework.talk import Button
from casework.usecases.access import ref_of
from casework.usecases.delivery.slip_list import home_of
from casework.usecases.moderation import sealing
from casework.usecases.moderation.decisions import Case, acts_on, contact_of, sent_on
from casework.usecases.work import Work
from casework.wording import say
from storage.records import (
    Act,
    ChannelIdentity,
    Citizen,
    Conference,
    ConferenceState,
    ConsentPurpose,
    Delivery,
    DeliveryState,
    Office,
    Opinion,
    OpinionState,
    Role,
)

#: characters of their own words by which people recognise an opinion
WORDS_SHOWN = 70
#: a notice in one of these states has been or may have been read
SEEN = frozenset(
    {
        *(DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN),
        *(DeliveryState.PICKED_UP, DeliveryState.HANDED_OVER),
    }
)
#: why a notice waits whose person was called by a form: they know that there is something
_CALLED = "notified"

Notice = tuple[int | None, str]


def tell(case: Case, purpose: str, text: str, *, buttons: notices.Buttons = ()) -> Notice | None:
    """Write the notice of this decision; key and state of it, None when nobody is to be told."""
    delivery = notices.tell_asker(
        case.work,
        case.opinion,
        purpose=purpose,
        text=text,
        # The version is this decision's own: a decision made again after an undo is told again.
        occasion=case.opinion.version,
        buttons=buttons,
        grace=True,
    )
    return None if delivery is None else (delivery.id, delivery.state)


def about(opinion: Opinion) -> str:
    """How the asker recognises the opinion: own words, code."""
    words = one_line(name_free(opinion.original_text), WORDS_SHOWN)
    return say("about.words", words=words, code=spoken(opinion.code or ""))


def approved(case: Case, *, others: int) -> str:
    more = say("decision.others", count=others) if others else ""
    return _lines(say("decision.approved", about=about(case.opinion), next=_next_step(case)), more)


def _next_step(case: Case) -> str:
    if case.opinion.state != OpinionState.APPROVED:
        return say(
            "decision.next_follows", status=STATE_NAMES[OpinionState(case.opinion.state)], promise=_promise(case)
        )
    conference = _next_conference(case.work)
    if conference is None:
        return say("decision.next_unknown", promise=_promise(case))
    where = say("decision.next_conference", date=vietnamese_date(conference.held_on), place=conference.place)
    return f"{where} {_promise(case)}"


def _promise(case: Case) -> str:
    """How the asker hears on: by a message only who agreed to be sent any, by hand who has no chat, by the code
    everybody else."""
    if _is_pushed(case):
        return say("decision.promise_push")
    if not _has_chat(case):
        return say("decision.promise_by_hand", code=spoken(case.opinion.code or ""))
    return say("decision.promise_pickup", code=spoken(case.opinion.code or ""))


def _is_pushed(case: Case) -> bool:
    agreed = notices.consents_of(case.work, case.opinion.citizen_id).get(ConsentPurpose.PUSH, False)
    return agreed and case.opinion.channel_identity_id is not None


def _has_chat(case: Case) -> bool:
    """Whether the asker writes to us at all: asked from a chat, or has linked one since."""
    if case.opinion.channel_identity_id is not None:
        return True
    linked = select(ChannelIdentity.id).where(
        ChannelIdentity.citizen_id == case.opinion.citizen_id,
        col(ChannelIdentity.citizen_id).is_not(None),
        ChannelIdentity.channel != PHONE_CHANNEL,
    )
    return case.work.session.exec(linked.limit(1)).first() is not None


def _next_conference(work: Work) -> Conference | None:
    statement = (
        select(Conference)
        .where(
            Conference.office_id == work.services.office_id,
            Conference.state == ConferenceState.PLANNED,
            Conference.held_on >= local_date(work.now),
        )
        .order_by(col(Conference.held_on))
    )
    return work.session.exec(statement).first()


def merged(case: Case, *, others: int) -> str:
    if others:
        return say("decision.merged", about=about(case.opinion), count=others, promise=_promise(case))
    return say("decision.merged_alone", about=about(case.opinion), promise=_promise(case))


def split(case: Case) -> str:
    return say("decision.split", about=about(case.opinion))


def declined(case: Case, ground: Ground, note: str) -> str:
    if case.opinion.sealed:
        return _lines(say("decision.declined_sealed", date=sent_on(case.opinion)), _contact(case.work))
    why = say(
        "decision.declined",
        about=about(case.opinion),
        reason=ground.text,
        basis=_basis(case, ground),
    )
    return _lines(why, say("decision.note", note=note) if note else "", ground.instead, _contact(case.work))


def put_off(case: Case, ground: Ground, note: str) -> str:
    why = say(
        "decision.put_off",
        about=about(case.opinion),
        reason=ground.text,
        basis=_basis(case, ground),
        promise=_promise(case),
    )
    return _lines(why, say("decision.note", note=note) if note else "", _contact(case.work))


def redirected(case: Case, ground: Ground) -> str:
    if case.opinion.sealed:
        return say("decision.redirected_sealed", date=sent_on(case.opinion))
    why = say(
        "decision.redirected",
        about=about(case.opinion),
        reason=ground.text,
        basis=_basis(case, ground),
    )
    return _lines(why, ground.instead, _contact(case.work))


def _basis(case: Case, ground: Ground) -> str:
    """The place of the law in brackets; nothing where the office's regulation is silent and there is none to cite."""
    basis = ground.basis(_office(case.work).regulation, on=local_date(case.work.now))
    return "" if basis.assumed else say("decision.basis", basis=basis.text)


def released(case: Case) -> str:
    return say("decision.released", code=spoken(case.opinion.code or ""))


def referred(case: Case, *, body: str, document: str | None, report_on: dt.date | None) -> str:
    words = about(case.opinion)
    if document:
        where = say("decision.referred_with", about=words, body=body, document=document)
    else:
        where = say("decision.referred", about=words, body=body)
    if report_on is None:
        return _lines(where, _promise(case))
    if _is_pushed(case):
        return _lines(where, say("decision.report_on", date=vietnamese_date(report_on)))
    return _lines(where, say("decision.report_on_pickup", date=vietnamese_date(report_on)), _promise(case))


def asked_back(case: Case, question: str) -> str:
    code = spoken(case.opinion.code or "")
    if not _has_chat(case):
        return say("decision.asked_back_by_hand", about=about(case.opinion), question=question)
    return say("decision.asked_back", about=about(case.opinion), question=question, code=code)


def answer_button(case: Case) -> notices.Buttons:
    """The way to answer staff's question; the conversation engine knows the token. On paper there is none."""
    if not _has_chat(case):
        return ()
    return ((Button(label=say("status.answer_question"), token=f"ans:{case.opinion.code}"),),)


def sealed(case: Case) -> str:
    return _lines(say("decision.sealed", date=sent_on(case.opinion)), _contact(case.work))


def held(case: Case) -> str:
    return say("decision.held", about=about(case.opinion), promise=_promise(case))


def corrected(case: Case, *, was_sealed: bool) -> str:
    if case.opinion.sealed or was_sealed:
        return say("decision.corrected_sealed", date=sent_on(case.opinion))
    return say("decision.corrected", about=about(case.opinion), status=STATE_NAMES[OpinionState(case.opinion.state)])


@dataclass(frozen=True, kw_only=True)
class TakenBack:
    """What an undo did about what the asker had been told."""

    #: what the asker hears now, or the notice that was cancelled
    notice: Notice | None = None
    #: for whoever undid it: paper somebody has to fetch
    remark: str = ""


def take_back(case: Case, act: Act, *, was_sealed: bool) -> TakenBack:
    """Cancel what a decision that is undone told the asker (an answer given on joining an issue, too); what may have
    been read is corrected instead. Of what was put on paper the officers of the village hear."""
    told = case.work.session.exec(
        select(Delivery).where(
            Delivery.opinion_id == case.id,
            or_(
                col(Delivery.id) == act.details.get("notice"),
                (col(Delivery.purpose) == "answer") & (col(Delivery.created_at) == act.at),
            ),
        )
    ).all()
    read = [row for row in told if _may_have_been_read(row)]
    notices.cancel(case.work, [row.id for row in told if row.id is not None])
    for row in told:
        if row.state == DeliveryState.REJECTED and row.parts_sent == 0:
            # Nobody has it, and nobody is to send it again.
            cancel_one(case.work, row)
    remark = _fetch_paper(case, read, was_sealed=was_sealed)
    if read:
        return TakenBack(notice=tell(case, "corrected", corrected(case, was_sealed=was_sealed)), remark=remark)
    return TakenBack(notice=(told[0].id, told[0].state) if told else None)


def _may_have_been_read(row: Delivery) -> bool:
    return row.state in SEEN or bool(row.parts_sent) or row.printed_at is not None or row.outcome == _CALLED


def is_taken_back(work: Work, delivery: Delivery) -> bool:
    """Whether the decision a notice told of was undone since: then nobody is to be told it any more."""
    if delivery.opinion_id is None:
        return False
    acts = acts_on(work.session, delivery.opinion_id)
    undone = {act.details.get("undoes") for act in acts if act.verb == "undone"}
    return any(act.id in undone and _was_told_by(delivery, act) for act in acts)


def _was_told_by(delivery: Delivery, act: Act) -> bool:
    if delivery.id == act.details.get("notice"):
        return True
    return delivery.purpose == "answer" and delivery.created_at == act.at


def _fetch_paper(case: Case, read: Sequence[Delivery], *, was_sealed: bool) -> str:
    """Tell the officers of the village what lies printed with them or was given out; the same words for whoever undid
    it when none of them has a chat."""
    paper = [row for row in read if row.printed_at is not None or row.state == DeliveryState.HANDED_OVER]
    if not paper:
        return ""
    opinion = case.opinion
    given = any(row.state == DeliveryState.HANDED_OVER for row in paper)
    text = say("paper.given" if given else "paper.printed", code=say_ref(ref_of(opinion)))
    person = case.work.session.get(Citizen, opinion.citizen_id) if opinion.citizen_id is not None else None
    hidden = opinion.sealed or was_sealed
    heard = notices.tell_staff(
        case.work,
        key=f"paper:{paper[-1].id}",
        purpose="alert",
        text=text,
        role=Role.CONFIDENTIAL if hidden else Role.VILLAGE_OFFICER,
        residential_group_id=None if hidden else home_of(opinion, person),
    )
    return "" if heard else text


def hush(case: Case) -> list[int]:
    """Keep back what has not been sent about an opinion that is now sealed. Returns the keys of the notices, for an
    undo to let them speak again (`notices.reopen`)."""
    return sealing.hush(case.work, case.opinion)


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _office(work: Work) -> Office:
    return work.session.get_one(Office, work.services.office_id)


def _contact(work: Work) -> str:
    contact = contact_of(_office(work).profile)
    return say("decision.contact", contact=contact) if contact else ""
