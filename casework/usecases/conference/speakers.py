"""Use cases: who speaks at a conference, in which order, and who did - as staff keep the list.

Two lists come of it: the internal one with the names people agreed to give, and one for the hall with numbers and
villages only. Residents register in chat (`casework.usecases.citizens.speaking`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import local_date
from casework.codes import parse_code
from casework.errors import IllegalMove, InvalidInput, NotFound
from casework.usecases.access import DECIDERS, VIEWERS, Member, require
from casework.usecases.citizens.applying import village_id
from casework.usecases.conference.issues import find_conference, key_of, require_over
from casework.usecases.conference.speaking import (
    NAME_LIMIT,
    REASON_LIMIT,
    SEE,
    TAKES_SPEAKERS,
    NewSpeaker,
    become,
    check_takes_speakers,
    conditions_of,
    enrol,
    find_registration,
    forget_names,
    matter_of,
    number,
    placed,
    registrations,
    tell_speaker,
    tell_speakers,
    together,
)
from casework.usecases.work import Services, Work, staff_member
from storage.records import (
    Conference,
    ConferenceState,
    Opinion,
    OpinionState,
    ResidentialGroup,
    SpeakerState,
    SpeakingRegistration,
)

__all__ = [
    "PublicSpeaker",
    "SpeakerRow",
    "confirm",
    "current_conference",
    "decline",
    "forget_names_called_off",
    "list_speakers",
    "mark",
    "public_list",
    "register",
    "reorder",
    "tell_speakers",
    "withdraw",
]

S = SpeakerState


@dataclass(frozen=True, kw_only=True)
class SpeakerRow:
    """One registration for staff. `name` is what the person agreed to give."""

    #: place in the order; None once declined or withdrawn
    number: int | None
    #: stays the same whatever the order: "#12"
    ref: str
    name: str | None
    village: str | None
    matter: str
    state: SpeakerState
    #: number of the first speaker on the same matter: one may speak for all of them
    same_matter_as: int | None
    #: receipt code of the opinion it is about
    opinion: str | None
    source: str
    eligible_declared: bool
    decline_reason: str | None


@dataclass(frozen=True, kw_only=True)
class PublicSpeaker:
    """One line of the list that hangs in the hall: nobody can be recognised by it."""

    number: int
    village: str | None


# --------------------------------------------------------------------------- staff


def register(
    services: Services,
    staff_id: int,
    conference_code: str,
    *,
    matter: str = "",
    name: str | None = None,
    village: str | None = None,
    opinion: str | None = None,
    eligible: bool = False,
) -> SpeakerRow:
    """Put somebody on the list who asked for it in person or by phone.

    `name` only when the person agreed to have it written down; it is gone once the file is closed. `opinion` is the
    receipt code of the matter, else `matter` says it; `village` a gazetteer code; `eligible` that the person declared
    to fulfil what the regulation asks. From the day of the conference on it counts as registered in the hall. Raises
    `NotFound`, `Forbidden`, `InvalidInput`, `IllegalMove`.
    """
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        conference = find_conference(work, conference_code, lock=True)
        about = _opinion_of(work, conference, opinion) if opinion else None
        if len((name or "").strip()) > NAME_LIMIT:
            raise InvalidInput(f"Họ tên dài quá {NAME_LIMIT} ký tự.", todo="Chỉ ghi họ tên, việc ghi ở --matter.")
        village_key = village_id(work, village)
        if village is not None and village_key is None:
            raise InvalidInput(f"Không có thôn mã «{village}».", todo="Dùng mã thôn trong danh mục địa danh.")
        new = NewSpeaker(
            matter=matter or (about.edited_text or about.original_text if about else ""),
            source="hall" if conference.held_on <= local_date(work.now) else "staff",
            name=name,
            residential_group_id=village_key or (about.residential_group_id if about else None),
            eligible_declared=eligible,
            opinion=about,
        )
        registration = enrol(work, staff_member(staff_id), conference, new)
        row = _row_of(work, conference, registration)
        work.commit()
    return row


def confirm(
    services: Services, staff_id: int, conference_code: str, ref: str, *, eligible: bool | None = None
) -> SpeakerRow:
    """The person will be called; whoever registered in chat is told number, day and place.

    `eligible=True` notes a declaration the person made to staff. Raises `NotFound`, `Forbidden`, `IllegalMove`, or
    `InvalidInput` while the declaration the regulation asks for is missing.
    """

    def check(work: Work, conference: Conference, registration: SpeakingRegistration) -> None:
        check_takes_speakers(conference)
        registration.eligible_declared = registration.eligible_declared or bool(eligible)
        registration.decline_reason = None
        conditions = conditions_of(conference)
        if conditions and not registration.eligible_declared:
            raise InvalidInput(
                f"Người này chưa tự khai đủ điều kiện dự hội nghị ({'; '.join(conditions)}).",
                todo="Hỏi lại người đăng ký; người ấy khai đủ thì làm lại với --eligible.",
            )

    return _decide(services, staff_id, conference_code, ref, S.CONFIRMED, check=check, tell="confirmed")


def decline(services: Services, staff_id: int, conference_code: str, ref: str, *, reason: str) -> SpeakerRow:
    """The person will not be called; whoever registered in chat is told why.

    Raises `NotFound`, `Forbidden`, `IllegalMove`, `InvalidInput` without a reason or with one that is too long.
    """
    words = " ".join(reason.split())
    if not words:
        raise InvalidInput("Chưa ghi lý do không xếp phát biểu.", todo="Ghi lý do: người đăng ký sẽ đọc lời này.")
    if len(words) > REASON_LIMIT:
        raise InvalidInput(
            f"Lý do dài {len(words)} ký tự, quá {REASON_LIMIT}.",
            todo="Ghi ngắn lại: người đăng ký đọc trên điện thoại.",
        )

    def write(work: Work, conference: Conference, registration: SpeakingRegistration) -> None:
        check_takes_speakers(conference)
        registration.decline_reason = words

    return _decide(services, staff_id, conference_code, ref, S.DECLINED, check=write, tell="declined")


def withdraw(services: Services, staff_id: int, conference_code: str, ref: str) -> SpeakerRow:
    """The person told us not to want to speak any more; the name leaves the list.

    Raises `NotFound`, `Forbidden`, `IllegalMove`.
    """

    def forget(work: Work, conference: Conference, registration: SpeakingRegistration) -> None:
        registration.name = None

    return _decide(services, staff_id, conference_code, ref, S.WITHDRAWN, check=forget)


def mark(services: Services, staff_id: int, conference_code: str, ref: str, *, spoken: bool) -> SpeakerRow:
    """At the conference: the person has spoken, or was called and absent. May be corrected.

    Raises `NotFound`, `Forbidden`, or `IllegalMove` before the conference is held.
    """

    def check(work: Work, conference: Conference, registration: SpeakingRegistration) -> None:
        if conference.state not in (ConferenceState.HELD, ConferenceState.CONCLUDED, ConferenceState.FAILED):
            raise IllegalMove(
                f"Hội nghị {conference.code} chưa họp.",
                todo=f"Ghi hội nghị đã họp trước: doithoai conferences hold {conference.code}",
            )

    new = S.SPOKEN if spoken else S.ABSENT
    return _decide(services, staff_id, conference_code, ref, new, check=check)


def reorder(services: Services, staff_id: int, conference_code: str, ref: str, place: int) -> list[SpeakerRow]:
    """Let somebody speak at this place; those on the same matter move along. Returns the list in its new order.

    Raises `NotFound`, `Forbidden`, `InvalidInput` for a place outside of the list, `IllegalMove` for somebody who
    has no place, or once nobody can speak any more.
    """
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        conference = find_conference(work, conference_code, lock=True)
        check_takes_speakers(conference)
        moved = find_registration(work, conference, ref)
        matter = matter_of(work, conference)
        rows = placed(work, conference)
        if moved not in rows:
            raise IllegalMove("Người này không còn trong danh sách phát biểu.", todo=SEE.format(conference.code))
        if not 1 <= place <= len(rows):
            raise InvalidInput(f"Không có thứ tự {place}.", todo=f"Chọn từ 1 đến {len(rows)}.")
        block = [row for row in rows if matter(row) == matter(moved)]
        others = [row for row in rows if row not in block]
        at = min(place - 1, len(others))
        number(work, together([*others[:at], *block, *others[at:]], matter))
        work.record(
            staff_member(staff_id),
            "speakers_reordered",
            "conference",
            key_of(conference),
            ref=ref,
            place=moved.position,
        )
        listed = _rows(work, conference, placed(work, conference))
        work.commit()
    return listed


def list_speakers(services: Services, staff_id: int, conference_code: str) -> list[SpeakerRow]:
    """The internal list with the names people gave, in order, those without a place last; a village officer sees
    the own village. Raises `Forbidden`, `NotFound`."""
    with services.reading() as work:
        who = require(work, staff_id, *VIEWERS)
        conference = find_conference(work, conference_code)
        rows = [row for row in registrations(work, conference) if _may_see(who, row)]
        return _rows(work, conference, rows)


def public_list(services: Services, staff_id: int, conference_code: str) -> list[PublicSpeaker]:
    """The list for the hall: whoever is to speak, by number and village. Raises `Forbidden`, `NotFound`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        conference = find_conference(work, conference_code)
        villages = _villages(work)
        return [
            PublicSpeaker(number=row.position, village=villages.get(row.residential_group_id or 0))
            for row in placed(work, conference)
            if row.position is not None and row.state != S.REGISTERED
        ]


def current_conference(services: Services, staff_id: int) -> str:
    """Code of the conference whose list is at hand: the one being held, else the next one to come.

    Raises `Forbidden`, or `NotFound` when there is none.
    """
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        today = local_date(work.now)
        open_ones = work.session.exec(
            select(Conference)
            .where(
                Conference.office_id == services.office_id,
                col(Conference.state).in_([str(state) for state in TAKES_SPEAKERS]),
            )
            .order_by(col(Conference.held_on), col(Conference.id))
        ).all()
        held = [one for one in open_ones if one.state == ConferenceState.HELD]
        coming = [one for one in open_ones if one.state != ConferenceState.HELD and one.held_on >= today]
        found = [*reversed(held), *coming]
        if not found:
            raise NotFound("Chưa có hội nghị nào sắp tới.", todo="Lập hội nghị: doithoai conferences plan")
        return found[0].code


def forget_names_called_off(services: Services) -> int:
    """The job of every day: names leave the lists of conferences that were called off once their day is past, for no
    file of theirs is ever closed; until then staff may still have to tell somebody. Returns of how many conferences."""
    with services.writing() as work:
        past = work.session.exec(
            select(Conference).where(
                Conference.office_id == services.office_id,
                Conference.state == ConferenceState.CANCELLED,
                col(Conference.held_on) < local_date(work.now),
                col(Conference.id).in_(
                    select(SpeakingRegistration.conference_id).where(col(SpeakingRegistration.name).is_not(None))
                ),
            )
        ).all()
        for conference in past:
            forget_names(work, conference)
        work.commit()
    return len(past)


# --------------------------------------------------------------------------- helpers


def _decide(
    services: Services,
    staff_id: int,
    conference_code: str,
    ref: str,
    new: SpeakerState,
    *,
    check: Callable[[Work, Conference, SpeakingRegistration], None],
    tell: str | None = None,
) -> SpeakerRow:
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        conference = find_conference(work, conference_code, lock=True)
        registration = find_registration(work, conference, ref)
        check(work, conference, registration)
        become(work, staff_member(staff_id), conference, registration, new)
        if tell is not None:
            tell_speaker(work, conference, registration, f"speaker_notice.{tell}", occasion=registration.version)
        row = _row_of(work, conference, registration)
        work.commit()
    return row


def _opinion_of(work: Work, conference: Conference, code: str) -> Opinion:
    parsed = parse_code(code)
    opinion = work.session.exec(
        select(Opinion).where(
            Opinion.code == parsed, Opinion.office_id == conference.office_id, col(Opinion.sealed).is_(False)
        )
    ).first()
    if parsed is None or opinion is None:
        raise NotFound("Không tìm thấy ý kiến này.", todo="Xem lại mã từng ký tự, hoặc ghi việc bằng lời.")
    if opinion.state != OpinionState.SCHEDULED or opinion.conference_id != conference.id:
        raise InvalidInput(
            f"Ý kiến này không nằm trong nội dung hội nghị {conference.code}.",
            todo=f"Xem nội dung: doithoai agenda show {conference.code}, hoặc ghi việc bằng lời.",
        )
    return opinion


def _rows(work: Work, conference: Conference, rows: Sequence[SpeakingRegistration]) -> list[SpeakerRow]:
    matter, villages = matter_of(work, conference), _villages(work)
    first: dict[Hashable, int] = {}
    for row in placed(work, conference):
        if row.position is not None:
            first.setdefault(matter(row), row.position)
    keys = [row.opinion_id for row in rows if row.opinion_id is not None]
    codes = dict(work.session.exec(select(Opinion.id, Opinion.code).where(col(Opinion.id).in_(keys))).all())
    return [
        SpeakerRow(
            number=row.position,
            ref=f"#{row.id}",
            name=row.name,
            village=villages.get(row.residential_group_id or 0),
            matter=row.matter,
            state=S(row.state),
            same_matter_as=None if first.get(matter(row)) in (None, row.position) else first[matter(row)],
            opinion=codes.get(row.opinion_id),
            source=row.source,
            eligible_declared=row.eligible_declared,
            decline_reason=row.decline_reason,
        )
        for row in rows
    ]


def _row_of(work: Work, conference: Conference, registration: SpeakingRegistration) -> SpeakerRow:
    (row,) = _rows(work, conference, [registration])
    return row


def _villages(work: Work) -> dict[int, str]:
    rows = work.session.exec(
        select(ResidentialGroup.id, ResidentialGroup.name).where(ResidentialGroup.office_id == work.services.office_id)
    )
    return {key: name for key, name in rows if key is not None}


def _may_see(who: Member, row: SpeakingRegistration) -> bool:
    return any(grant.role in VIEWERS and grant.covers(row.residential_group_id) for grant in who.grants)
