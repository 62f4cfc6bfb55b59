"""Use case: a conference gets another day. Its dates follow, what was announced is owed again, askers are told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import local_date
from casework.codes import spoken
from casework.conference_life.notice_periods import Missed
from casework.errors import IllegalMove, InvalidInput
from casework.notices import cancel_pending, tell_asker
from casework.regulations.model import Step
from casework.usecases.access import DECIDERS
from casework.usecases.answers.asker_view import line_words
from casework.usecases.conference.agenda_notices import tell, was_told
from casework.usecases.conference.agendas import scheduled_for
from casework.usecases.conference.binding import cutoff_of, missed_of
from casework.usecases.conference.issues import OPEN, find_conference, key_of, require_over, when_of
from casework.usecases.conference.planning import read_hour
from casework.usecases.conference.speakers import tell_speakers
from casework.usecases.conference.steps import void_steps
from casework.usecases.deadlines.obligations import refresh_conference
from casework.usecases.work import Services, Work, staff_member
from casework.wording import say
from storage.records import Conference, Delivery, Office, Opinion, OpinionGroup, OpinionState

#: what told people the old day, and must be done again for the new one
ANNOUNCED = frozenset({Step.INVITATIONS_SENT, Step.PUBLIC_NOTICE, Step.COLLECTION_ANNOUNCED})


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What moving a conference did."""

    old: dt.date
    new: dt.date
    cutoff_on: dt.date | None
    #: steps to be done again
    again: tuple[Step, ...]
    #: askers and speakers told of the new day
    told: int
    #: duties before the conference the new day leaves no time for; accepted with `force`
    broken: tuple[Missed, ...]


def move_conference(
    services: Services,
    staff_id: int,
    conference_code: str,
    new_date: dt.date,
    *,
    why: str,
    starts_at: str | None = None,
    place: str | None = None,
    cutoff_on: dt.date | None = None,
    force: str | None = None,
) -> Moved:
    """Give a conference another day (hour, place); dates are computed anew, notices that went out count no more.

    Askers and registered speakers who were told the old day are told the new one, once. Without a reason in `force`
    a day that breaks a period of the law is refused, naming the rule. Raises `NotFound`, `Forbidden`, `InvalidInput`,
    `IllegalMove` once held.
    """
    if not why.strip():
        raise InvalidInput("Dời hội nghị cần ghi lý do.", todo="Ghi thêm lý do.")
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        conference = find_conference(work, conference_code, lock=True)
        today = local_date(work.now)
        _check(conference, new_date, today, cutoff_on)
        told = _told_the_day(work, conference)
        old = conference.held_on
        given_cutoff = _given_cutoff(work, conference)
        conference.held_on = new_date
        conference.starts_at = read_hour(starts_at) or conference.starts_at
        conference.place = (place or "").strip() or conference.place
        again = void_steps(work, staff_id, conference, set(ANNOUNCED), why=f"hội nghị dời ngày: {why.strip()}")
        _set_cutoff(work, conference, cutoff_on or given_cutoff)
        broken = missed_of(work, conference, today)
        _check_lawful(broken, force)
        conference.version += 1
        work.add(conference)
        count = sum(_tell_moved(work, conference, opinion) for opinion in told)
        count += tell_speakers(work, conference, "speaker_notice.moved", occasion=conference.version)
        work.record(
            staff_member(staff_id),
            "conference_moved",
            "conference",
            key_of(conference),
            why=why.strip(),
            old=old.isoformat(),
            new=new_date.isoformat(),
            told=count,
        )
        if broken:
            work.record(
                staff_member(staff_id),
                "notice_period_broken",
                "conference",
                key_of(conference),
                why=(force or "").strip(),
                steps=[one.step for one in broken],
            )
        refresh_conference(work, conference)
        work.commit()
        return Moved(
            old=old, new=new_date, cutoff_on=conference.cutoff_on, again=tuple(again), told=count, broken=broken
        )


# --------------------------------------------------------------------------- dates


def _check(conference: Conference, new_date: dt.date, today: dt.date, cutoff_on: dt.date | None) -> None:
    if conference.state not in OPEN:
        raise IllegalMove(
            f"Hội nghị {conference.code} đã họp hoặc đã hủy nên không dời ngày được.",
            todo="Cần họp nữa thì lập hội nghị khác: doithoai conferences plan",
        )
    if new_date < today:
        raise InvalidInput(f"Ngày mới {new_date:%d/%m/%Y} đã qua.", todo="Xem lại ngày, tháng, năm.")
    if new_date == conference.held_on:
        raise InvalidInput(f"Hội nghị {conference.code} đã định đúng ngày này.", todo="Chọn ngày khác.")
    if cutoff_on is not None and cutoff_on > new_date:
        raise InvalidInput("Ngày chốt nội dung sau ngày họp.", todo="Chọn ngày chốt trước ngày họp.")


def _given_cutoff(work: Work, conference: Conference) -> dt.date | None:
    """The last day for opinions if a person chose it; None when it followed from the texts."""
    computed = cutoff_of(work, conference)
    return None if computed is not None and computed.due_on == conference.cutoff_on else conference.cutoff_on


def _set_cutoff(work: Work, conference: Conference, wanted: dt.date | None) -> None:
    """The day somebody chose stays as long as it still lies before the conference; else the texts set it."""
    if wanted is not None and wanted <= conference.held_on:
        conference.cutoff_on = wanted
    else:
        computed = cutoff_of(work, conference)
        conference.cutoff_on = computed.due_on if computed else None


def _check_lawful(broken: tuple[Missed, ...], force: str | None) -> None:
    binding = [one for one in broken if not one.assumed]
    if binding and not (force or "").strip():
        raise IllegalMove(
            "Ngày mới không kịp hạn của quy định:\n" + "\n".join(f"- {one.in_words()}" for one in binding),
            todo="Chọn ngày xa hơn, hoặc ghi lý do vẫn dời: --force ...",
        )


# --------------------------------------------------------------------------- telling


def _told_the_day(work: Work, conference: Conference) -> list[Opinion]:
    """Everybody who was told the day of this conference: on its agenda, or told that they came too late for it."""
    on_agenda = [one for one in scheduled_for(work, conference) if was_told(work, one, conference)]
    late = work.session.exec(
        select(Opinion)
        .join(Delivery, col(Delivery.opinion_id) == col(Opinion.id))
        .where(
            col(Delivery.purpose) == "agenda_late",
            col(Delivery.key).like(f"agenda_late:%:{conference.id}"),
            Opinion.state == OpinionState.APPROVED,
        )
    )
    everybody = {key_of(one): one for one in (*on_agenda, *late)}
    return [one for one in everybody.values() if not one.sealed]


def _tell_moved(work: Work, conference: Conference, opinion: Opinion) -> bool:
    """One message per asker: in place of a notice that has not gone out, or after the one that has."""
    unsent = cancel_pending(work, opinion_id=key_of(opinion), purposes=["agenda", "conference_moved"])
    if "agenda" in unsent:
        return _tell_agenda(work, conference, opinion)
    text = say(
        "conference_life.moved",
        when=when_of(conference),
        place=conference.place,
        code=spoken(opinion.code or ""),
    )
    # The version tells one move from the next, also back to a day that was set before.
    occasion = f"{conference.id}.{conference.version}"
    return tell_asker(work, opinion, purpose="conference_moved", occasion=occasion, text=text) is not None


def _tell_agenda(work: Work, conference: Conference, opinion: Opinion) -> bool:
    group = work.session.get_one(OpinionGroup, opinion.group_id)
    text = say(
        "agenda_notice.scheduled",
        code=spoken(opinion.code or ""),
        office=work.session.get_one(Office, conference.office_id).name,
        title=line_words(group, opinion),
        when=when_of(conference),
        place=conference.place,
    )
    return tell(work, opinion, conference, "agenda", text)
