"""What askers are told while an agenda is built: each step once, the later notice in place of one not sent yet."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select

from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.notices import Buttons, cancel, tell_asker
from casework.usecases.answers.asker_view import line_words
from casework.usecases.conference.issues import key_of, when_of
from casework.usecases.deadlines.obligations import texts_of
from casework.usecases.delivery.line_notes import invitation
from casework.usecases.work import Work
from casework.wording import say
from storage.records import Conference, Delivery, DeliveryState, Office, Opinion, OpinionGroup

#: purposes of the notices that tell an asker for the first time that the matter was taken up
_TAKEN_UP = ("approved", "merged")


def was_promised(work: Work, opinion: Opinion) -> bool:
    """Whether the asker was told that the matter is taken up, or would have been but for the agenda's own notice."""
    statement = select(Delivery.id).where(Delivery.opinion_id == opinion.id, col(Delivery.purpose).in_(_TAKEN_UP))
    return work.session.exec(statement).first() is not None


def hush_approval(work: Work, opinion_id: int) -> list[int]:
    """Take back the news of an approval that has not gone out; returns the keys of what was cancelled."""
    rows = work.session.exec(
        select(Delivery.id).where(Delivery.opinion_id == opinion_id, col(Delivery.purpose).in_(_TAKEN_UP))
    ).all()
    return [key_of(row) for row in cancel(work, [key for key in rows if key is not None])]


def tell_late(work: Work, conference: Conference, late: Sequence[Opinion], on_agenda: set[int]) -> int:
    """Tell the late ones whose issue is not on the agenda what becomes of it by the text of the conference: a written
    answer, or the next conference. Returns notices written."""
    treatments = {rule.treatment for text in texts_of(conference) for rule in text.late_opinions}
    sentence = "conference_life.late_next" if treatments == {"next_conference"} else "agenda_notice.late"
    # Somebody whose issue others brought in time hears of it with the conclusion; "too late" would only alarm.
    return sum(
        tell(
            work,
            opinion,
            conference,
            "agenda_late",
            say(
                sentence,
                code=spoken(opinion.code or ""),
                cutoff=vietnamese_date(conference.cutoff_on) if conference.cutoff_on else "",
                when=when_of(conference),
            ),
        )
        for opinion in late
        if opinion.group_id not in on_agenda
    )


def tell(
    work: Work, opinion: Opinion, conference: Conference, purpose: str, text: str, *, buttons: Buttons = ()
) -> bool:
    """Tell once per conference; after a drop was told, the next scheduling is news again."""
    occasion = _occasion(work, opinion, conference)
    return tell_asker(work, opinion, purpose=purpose, occasion=occasion, text=text, buttons=buttons) is not None


def _occasion(work: Work, opinion: Opinion, conference: Conference) -> str:
    drops = _count(work, opinion, conference, "agenda_dropped")
    return f"{conference.id}.{drops}" if drops else str(conference.id)


def _is_written(work: Work, opinion: Opinion, conference: Conference) -> bool:
    """Whether the notice of this scheduling was written before."""
    key = f"agenda:{opinion.id}:{_occasion(work, opinion, conference)}"
    return work.session.exec(select(Delivery.id).where(Delivery.key == key)).first() is not None


def tell_scheduled(work: Work, conference: Conference, group: OpinionGroup, opinions: Sequence[Opinion]) -> int:
    """Tell the askers of one line that it stands on the agenda: one message per person, naming all codes of that
    person that were not told of yet. Returns messages written."""
    office = work.session.get_one(Office, conference.office_id).name
    untold = [one for one in opinions if not _is_written(work, one, conference)]
    told = 0
    for mine in _by_person(untold):
        text = say(
            "agenda_notice.scheduled",
            code=", ".join(spoken(one.code or "") for one in mine),
            office=office,
            title=line_words(group, mine[0]),
            when=when_of(conference),
            place=conference.place,
        )
        told += tell(work, mine[0], conference, "agenda", text, buttons=invitation(work, mine[0]))
        for also in mine[1:]:
            _told_with(work, also, conference, text)
    return told


def _by_person(opinions: Sequence[Opinion]) -> list[list[Opinion]]:
    """The opinions of each person and chat together; those of nobody known, and those that are sealed, alone."""
    found: dict[tuple[object, ...], list[Opinion]] = {}
    for one in opinions:
        alone = one.citizen_id is None or one.sealed
        key = ("alone", one.id) if alone else ("person", one.citizen_id, one.channel_identity_id)
        found.setdefault(key, []).append(one)
    return list(found.values())


def _told_with(work: Work, opinion: Opinion, conference: Conference, text: str) -> None:
    """The message about another opinion of the same person speaks of this one too: it is kept here as told, and where
    it waits to be fetched, it waits under each code."""
    tell(work, opinion, conference, "agenda", text)
    row = work.session.exec(
        select(Delivery)
        .where(Delivery.opinion_id == opinion.id, Delivery.purpose == "agenda", Delivery.state == DeliveryState.PENDING)
        .order_by(col(Delivery.id).desc())
    ).first()
    if row is not None:
        row.state, row.outcome, row.finished_at = DeliveryState.PICKED_UP, "told_with_another", work.now
        work.session.add(row)


def _count(work: Work, opinion: Opinion, conference: Conference, purpose: str) -> int:
    keys = work.session.exec(
        select(Delivery.key).where(Delivery.opinion_id == opinion.id, Delivery.purpose == purpose)
    ).all()
    plain = f"{purpose}:{opinion.id}:{conference.id}"
    return sum(key == plain or key.startswith(f"{plain}.") for key in keys)


def was_told(work: Work, opinion: Opinion, conference: Conference) -> bool:
    """Whether the asker was told that the matter stands on this agenda, and not since that it went off."""
    return _count(work, opinion, conference, "agenda") > _count(work, opinion, conference, "agenda_dropped")
