"""Registrations to speak inside a unit of work: written down, put in order, moved along, told.

First registered, first to speak, unless staff order otherwise; those on one matter stand side by side, so that one
may speak for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlmodel import col, select

from casework.errors import IllegalMove, InvalidInput, NotFound
from casework.names import SPEAKER_STATES
from casework.notices import tell_citizen
from casework.public_words import one_line
from casework.usecases.conference.issues import key_of, when_of
from casework.usecases.deadlines.obligations import texts_of
from casework.usecases.work import Actor, Work
from casework.wording import say
from storage.records import Conference, ConferenceState, Opinion, SpeakerState, SpeakingRegistration

S = SpeakerState
T = TypeVar("T")

#: wants to speak and has not been told no
ACTIVE = (S.REGISTERED, S.CONFIRMED)
#: has a place in the order
PLACED = (*ACTIVE, S.SPOKEN, S.ABSENT)
#: what a registration may become
_MOVES: dict[SpeakerState, tuple[SpeakerState, ...]] = {
    S.REGISTERED: (S.CONFIRMED, S.DECLINED, S.WITHDRAWN, S.SPOKEN, S.ABSENT),
    S.CONFIRMED: (S.DECLINED, S.WITHDRAWN, S.SPOKEN, S.ABSENT),
    S.DECLINED: (S.CONFIRMED,),
    S.SPOKEN: (S.ABSENT,),
    S.ABSENT: (S.SPOKEN,),
    S.WITHDRAWN: (),
}
#: conference states in which somebody may still be put on the list
TAKES_SPEAKERS = (ConferenceState.PLANNED, ConferenceState.AGENDA_SET, ConferenceState.HELD)
#: longest matter kept, characters: a line of a list, not a speech
MATTER_LIMIT = 300
#: longest name kept, characters
NAME_LIMIT = 80
#: longest reason for a decline, characters: the person reads it on a phone
REASON_LIMIT = 300
#: purpose of every notice about speaking
PURPOSE = "speaking"
_FIELDS = {
    "speaker_notice.confirmed": ("matter", "number", "when", "place"),
    "speaker_notice.declined": ("matter", "why"),
    "speaker_notice.moved": ("matter", "when", "place"),
    "speaker_notice.cancelled": ("matter", "when"),
    "speaker_notice.failed": ("matter", "when"),
}
SEE = "Xem danh sách: doithoai conferences speakers list {}"


@dataclass(frozen=True, kw_only=True)
class NewSpeaker:
    """What is known of somebody who wants to speak."""

    matter: str
    source: str  # chat | staff | hall
    name: str | None = None
    residential_group_id: int | None = None
    eligible_declared: bool = False
    opinion: Opinion | None = None
    citizen_id: int | None = None
    channel_identity_id: int | None = None


def enrol(work: Work, actor: Actor, conference: Conference, new: NewSpeaker) -> SpeakingRegistration:
    """Write a registration down at the end of the order, or beside those on the same matter.

    Raises `InvalidInput` without a matter, `IllegalMove` when the conference takes no speakers any more.
    """
    matter = one_line(new.matter, MATTER_LIMIT)
    if not matter:
        raise InvalidInput("Chưa ghi việc muốn phát biểu.", todo="Ghi việc muốn nói, hoặc mã ý kiến đã gửi.")
    check_takes_speakers(conference)
    registration = work.add(
        SpeakingRegistration(
            conference_id=key_of(conference),
            citizen_id=new.citizen_id,
            channel_identity_id=new.channel_identity_id,
            opinion_id=new.opinion.id if new.opinion else None,
            residential_group_id=new.residential_group_id,
            name=one_line(new.name or "", NAME_LIMIT) or None,
            matter=matter,
            eligible_declared=new.eligible_declared,
            source=new.source,
            created_at=work.now,
        )
    )
    arrange(work, conference)
    work.record(
        actor,
        "speaking_registered",
        "speaking_registration",
        key_of(registration),
        conference=conference.code,
        source=new.source,
        opinion=registration.opinion_id,
    )
    return registration


def check_takes_speakers(conference: Conference) -> None:
    """Raises `IllegalMove` when nobody can speak at this conference any more."""
    if conference.state not in TAKES_SPEAKERS:
        raise IllegalMove(
            f"Hội nghị {conference.code} không còn nhận hay xếp người phát biểu.", todo="Xem: doithoai conferences list"
        )


def become(work: Work, actor: Actor, conference: Conference, row: SpeakingRegistration, new: SpeakerState) -> None:
    """Move a registration to another state and put the order right. Raises `IllegalMove`."""
    if new not in _MOVES[S(row.state)]:
        raise IllegalMove(
            f"Đăng ký này hiện {SPEAKER_STATES[row.state]}, không chuyển sang {SPEAKER_STATES[new]} được.",
            todo=SEE.format(conference.code),
        )
    before, row.state, row.version = row.state, new, row.version + 1
    work.add(row)
    arrange(work, conference)
    work.record(
        actor,
        f"speaking_{new}",
        "speaking_registration",
        key_of(row),
        conference=conference.code,
        before=before,
    )


def placed(work: Work, conference: Conference) -> list[SpeakingRegistration]:
    """Whoever has a place, in order: first registered, first to speak, unless staff ordered otherwise."""
    return [row for row in registrations(work, conference) if S(row.state) in PLACED]


def arrange(work: Work, conference: Conference) -> None:
    """Give everybody who wants to speak a number from 1 on, those on one matter side by side; nobody else has one."""
    rows = registrations(work, conference)
    number(work, together([row for row in rows if S(row.state) in PLACED], matter_of(work, conference)))
    for row in rows:
        if S(row.state) not in PLACED and row.position is not None:
            row.position = None
            work.add(row)


def together(rows: Sequence[T], matter: Callable[[T], Hashable]) -> list[T]:
    """The rows in their order, but those on one matter stand side by side, where the first of them stood."""
    blocks: dict[Hashable, list[T]] = {}
    for row in rows:
        blocks.setdefault(matter(row), []).append(row)
    return [row for block in blocks.values() for row in block]


def find_registration(work: Work, conference: Conference, ref: str) -> SpeakingRegistration:
    """The registration somebody names: its number in the order ("3"), or its own number ("#12").

    Raises `NotFound`.
    """
    text = ref.strip()
    digits = text.removeprefix("#")
    rows = registrations(work, conference)
    if digits.isascii() and digits.isdigit():
        wanted = int(digits)
        for row in rows:
            if (row.id if text.startswith("#") else row.position) == wanted:
                return row
    raise NotFound(f"Không có người đăng ký phát biểu «{ref}».", todo=SEE.format(conference.code))


def conditions_of(conference: Conference) -> tuple[str, ...]:
    """What the regulation of this conference asks of those who attend, in words; empty when it asks nothing."""
    conditions: dict[str, None] = {}
    try:
        texts = texts_of(conference)
    except InvalidInput:
        # No text is known for that day, so none asks anything; a resident's talk must not end over it.
        return ()
    for text in texts:
        for rule in text.eligibility:
            if rule.min_age is not None:
                conditions[say("speak.age", years=rule.min_age)] = None
            conditions.update(dict.fromkeys(rule.conditions))
            if rule.excluded:
                # The person says once that no such case applies; which cases there are is never asked of anybody.
                conditions[say("speak.not_excluded")] = None
    return tuple(conditions)


def tell_speakers(work: Work, conference: Conference, key: str, *, occasion: str | int = "", **fields: object) -> int:
    """Tell everybody who registered in chat and still wants to speak something about the conference, once per
    occasion; returns how many notices were written.

    `key` is a sentence; those of `speaker_notice` ("moved", "cancelled", "failed") get their fields from the
    conference.
    """
    told = 0
    for row in placed(work, conference):
        if S(row.state) in ACTIVE:
            told += tell_speaker(work, conference, row, key, occasion=occasion, **fields)
    return told


def tell_speaker(
    work: Work,
    conference: Conference,
    row: SpeakingRegistration,
    key: str,
    *,
    occasion: str | int = "",
    **fields: object,
) -> bool:
    """Tell one person who registered in chat; whoever registered with staff is told by staff."""
    if row.citizen_id is None:
        return False
    known: dict[str, object] = {
        "matter": one_line(row.matter, 120),
        "when": when_of(conference),
        "place": conference.place,
        "number": row.position,
        "why": row.decline_reason,
    }
    wanted = _FIELDS.get(key, ())
    notice = tell_citizen(
        work,
        citizen_id=row.citizen_id,
        identity_id=row.channel_identity_id,
        key=f"speaking:{row.id}:{key}:{occasion}",
        purpose=PURPOSE,
        text=say(key, **{name: known[name] for name in wanted}, **fields),
    )
    return notice is not None


def registrations(work: Work, conference: Conference) -> list[SpeakingRegistration]:
    """All of a conference in the order of the list. One on an opinion that was sealed since is not there."""
    rows = work.session.exec(
        select(SpeakingRegistration)
        .join(Opinion, col(Opinion.id) == col(SpeakingRegistration.opinion_id), isouter=True)
        .where(
            SpeakingRegistration.conference_id == conference.id,
            col(Opinion.sealed).is_not(True),
        )
    ).all()
    return sorted(rows, key=lambda row: (row.position is None, row.position or 0, row.id or 0))


def leave_speaking(work: Work, opinion: Opinion) -> None:
    """Whoever was to speak on an opinion that is now sealed leaves the list, and the others close up."""
    mine = work.session.exec(select(SpeakingRegistration).where(SpeakingRegistration.opinion_id == opinion.id)).all()
    for row in mine:
        row.position = None
        work.add(row)
    for key in sorted({row.conference_id for row in mine}):
        others = placed(work, work.session.get_one(Conference, key))
        number(work, [row for row in others if row.opinion_id != opinion.id])


def return_to_speaking(work: Work, opinion: Opinion) -> None:
    """The seal is lifted: whoever was to speak on the opinion stands at the end of the list again."""
    conferences = select(SpeakingRegistration.conference_id).where(SpeakingRegistration.opinion_id == opinion.id)
    for key in sorted(set(work.session.exec(conferences))):
        arrange(work, work.session.get_one(Conference, key))


def forget_names(work: Work, conference: Conference) -> None:
    """Take the names off the list of a conference. They are there to call people up and to write the minutes; the
    signed minutes in the file name whoever spoke, and no text wants a second list kept."""
    rows = work.session.exec(
        select(SpeakingRegistration).where(
            SpeakingRegistration.conference_id == conference.id, col(SpeakingRegistration.name).is_not(None)
        )
    )
    for row in rows:
        row.name = None
        work.add(row)


def matter_of(work: Work, conference: Conference) -> Callable[[SpeakingRegistration], Hashable]:
    groups = dict(
        work.session.exec(
            select(SpeakingRegistration.id, Opinion.group_id)
            .join(Opinion, col(Opinion.id) == col(SpeakingRegistration.opinion_id))
            .where(SpeakingRegistration.conference_id == conference.id, col(Opinion.group_id).is_not(None))
        ).all()
    )

    def matter(row: SpeakingRegistration) -> Hashable:
        group = groups.get(row.id)
        return ("group", group) if group is not None else ("own", row.id)

    return matter


def number(work: Work, rows: Sequence[SpeakingRegistration]) -> None:
    for place, row in enumerate(rows, start=1):
        if row.position != place:
            row.position = place
            work.add(row)
