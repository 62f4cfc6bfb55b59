"""Use cases: an issue beyond competence is put on the way up, sent with a document, answered or given back.

One issue has at most one open referral. Its askers keep their codes; what the upper level answers is entered and
published as any other written answer and closes the referral with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import local_date, vietnamese_date
from casework.codes import spoken
from casework.errors import AlreadyDecided, IllegalMove, InvalidInput, NotFound
from casework.notices import consents_of, tell_asker
from casework.regulations.model import Step
from casework.usecases.access import DECIDERS
from casework.usecases.conference.issues import (
    OPEN,
    find_conference,
    find_group,
    find_issue,
    key_of,
    move,
    opinions_of,
    owed_by,
    require_over,
)
from casework.usecases.conference.steps import check_step, put_step
from casework.usecases.deadlines.obligations import refresh_conference, refresh_issue
from casework.usecases.work import Actor, Services, Work, staff_member
from casework.wording import say
from nlp.analysis import Level
from storage.records import (
    Act,
    AgendaItem,
    Answer,
    Conference,
    ConferenceState,
    ConsentPurpose,
    Opinion,
    OpinionState,
    Referral,
)

#: an issue may go up from these: taken up, put off at the conference, or found beyond competence by its agency
TO_REFER = (OpinionState.APPROVED, OpinionState.SCHEDULED, OpinionState.ASSIGNED)


@dataclass(frozen=True, kw_only=True)
class SentUp:
    """What one letter upwards carried."""

    number: str
    #: referrals by their number, in the order of the letter
    referrals: tuple[int, ...]
    #: notices written to askers
    told: int


# --------------------------------------------------------------------------- on the way up


def refer_issue(
    services: Services,
    staff_id: int,
    issue: str,
    body: str,
    *,
    why: str | None = None,
    report_on: dt.date | None = None,
    conference_code: str | None = None,
) -> int:
    """Put an issue that was taken up, put off at the conference or assigned on the way to the upper level.

    `issue` as in `find_issue`. What the office itself classed as the commune's own business goes up only with a reason
    (`why`): matters of the commune are not to be pushed up. An agency that owed the answer no longer does. Askers are
    told. Returns the referral's number. Raises `NotFound`, `Forbidden`, `InvalidInput`, `AlreadyDecided` when it is on
    its way already, `IllegalMove` while its conference has yet to deal with it.
    """
    place = " ".join(body.split())
    if not place:
        raise InvalidInput("Chưa ghi nơi nhận.", todo="Ghi cơ quan cấp trên sẽ nhận, ví dụ: Sở Xây dựng tỉnh.")
    with services.writing() as work:
        ref = find_issue(work, issue)
        group = find_group(work, ref.group_id, lock=True)
        require_over(work, staff_id, *DECIDERS, village=group.residential_group_id)
        actor = staff_member(staff_id)
        if report_on is not None and report_on < local_date(work.now):
            raise InvalidInput("Ngày hẹn báo lại đã qua.", todo="Chọn một ngày từ hôm nay trở đi.")
        if open_referral(work, ref.group_id) is not None:
            raise AlreadyDecided("Việc này đã chuyển lên cấp trên.", todo="Xem: doithoai referrals list")
        check_reason(group.level, why)
        askers = opinions_of(work, ref.group_id, states=TO_REFER, lock=True)
        if not askers:
            raise IllegalMove(
                "Việc này không có ý kiến nào đang chờ giải quyết để chuyển lên.",
                todo="Xem lại: doithoai opinions show MÃ",
            )
        _check_dealt_with(work, askers)
        earlier = owed_by(work, ref.group_id)
        if earlier is not None:
            earlier.cancelled_at = work.now
            work.add(earlier)
        conference = _named(work, conference_code) if conference_code else _conference_of(work, ref.group_id)
        referral = note_referral(
            work,
            actor,
            group_id=ref.group_id,
            level=upper_level(group.level),
            body=place,
            report_on=report_on,
            conference_id=conference.id if conference else None,
            why=why,
        )
        for opinion in askers:
            move(work, actor, opinion, OpinionState.REFERRED, "opinion_referred", referral=referral.id)
            opinion.decision_note = place
            work.add(opinion)
            words = say("referral.issue", code=spoken(opinion.code or ""), body=place, next=_next(work, opinion))
            tell_asker(work, opinion, purpose="referral", occasion=key_of(referral), text=words)
        refresh_issue(work, ref.group_id)
        work.commit()
        return key_of(referral)


def check_reason(level: str, why: str | None) -> None:
    """Raise `InvalidInput` when a matter of the commune would be pushed up without a reason (Điện Biên, I.2: the
    commune must not shift its own responsibility upwards; sound practice everywhere)."""
    if level == Level.COMMUNE and not (why or "").strip():
        raise InvalidInput(
            "Việc này đang phân loại thuộc thẩm quyền cấp xã nên không chuyển lên cấp trên khi chưa nêu lý do.",
            todo="Phân loại lại nếu máy xếp sai, hoặc ghi lý do chuyển (--why; trong chat: sau dấu | thứ hai).",
        )


def upper_level(level: str) -> str:
    """The level an issue goes to: one step up from the commune, else the one it was classed for."""
    return Level.PROVINCE if level == Level.COMMUNE else level


def note_referral(
    work: Work,
    actor: Actor,
    *,
    group_id: int,
    level: str,
    body: str,
    document: str | None = None,
    report_on: dt.date | None = None,
    conference_id: int | None = None,
    why: str | None = None,
) -> Referral:
    """Write down that the issue goes up; with a document number it has gone today, else it waits for the next letter.

    For use inside the unit of work that moves the opinions.
    """
    referral = work.add(
        Referral(
            office_id=work.services.office_id,
            group_id=group_id,
            conference_id=conference_id,
            level=level,
            body=body,
            document_number=document,
            sent_on=local_date(work.now) if document else None,
            report_on=report_on,
            created_at=work.now,
        )
    )
    work.record(actor, "referral_opened", "referral", key_of(referral), why=why, group=group_id, level=level)
    return referral


def send_up(
    services: Services,
    staff_id: int,
    *,
    number: str,
    sent_on: dt.date | None = None,
    body: str | None = None,
    referrals: Collection[int] | None = None,
    conference_code: str | None = None,
) -> SentUp:
    """One letter carried the waiting referrals (all, those to `body`, or those named) to the upper level; every asker
    is told its number and day. With `conference_code` it also is that conference's step: the summary sent upwards
    before the day, or the report after it.

    Raises `Forbidden`, `NotFound` for a referral that is not there, `AlreadyDecided` for one that is not waiting,
    `InvalidInput` when nothing waits, the number is missing or the day lies ahead.
    """
    if not number.strip():
        raise InvalidInput("Chưa ghi số văn bản.", todo="Ghi số văn bản đã gửi, ví dụ 15/BC-MTTQ-BTT.")
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        day = sent_on or local_date(work.now)
        if day > local_date(work.now):
            raise InvalidInput(f"Ngày gửi {day:%d/%m/%Y} chưa tới.", todo="Ghi khi văn bản đã gửi đi.")
        chosen = _waiting(work, body=body, numbers=referrals)
        if not chosen:
            raise InvalidInput("Không có việc nào đang chờ gửi lên.", todo="Xem: doithoai referrals list")
        if early := next((one for one in chosen if day < local_date(one.created_at)), None):
            raise InvalidInput(
                f"Việc số {early.id} được chuyển ngày {local_date(early.created_at):%d/%m/%Y}, sau ngày gửi.",
                todo="Xem lại ngày gửi.",
            )
        told = sum(_mark_sent(work, staff_member(staff_id), one, number.strip(), day) for one in chosen)
        if conference_code is not None:
            conference = find_conference(work, conference_code, lock=True)
            step = Step.UPWARD_SENT if conference.state in OPEN else Step.UPWARD_REPORTED
            check_step(conference, step, day, today=local_date(work.now))
            put_step(work, staff_id, conference, step, done_on=day, number=number)
            refresh_conference(work, conference)
        work.commit()
        return SentUp(number=number.strip(), referrals=tuple(key_of(one) for one in chosen), told=told)


# --------------------------------------------------------------------------- back


def give_back(services: Services, staff_id: int, referral_id: int, *, why: str) -> int:
    """The upper level says the matter is the commune's: its opinions are approved again and their askers told.

    Returns how many askers. Raises `NotFound`, `Forbidden`, `InvalidInput` without a reason, `AlreadyDecided` when the
    referral is no longer open.
    """
    if not why.strip():
        raise InvalidInput("Chưa ghi lý do cấp trên trả lại.", todo="Ghi ngắn gọn lý do.")
    with services.writing() as work:
        referral = _find(work, referral_id)
        group = find_group(work, referral.group_id, lock=True)
        require_over(work, staff_id, *DECIDERS, village=group.residential_group_id)
        _check_open(referral)
        actor = staff_member(staff_id)
        referral.cancelled_at = work.now
        work.add(referral)
        askers = opinions_of(work, referral.group_id, states=[OpinionState.REFERRED], lock=True)
        for opinion in askers:
            move(work, actor, opinion, OpinionState.APPROVED, "referral_returned", referral=referral.id)
            opinion.conference_id = None
            opinion.decision_note = None
            work.add(opinion)
            words = say("referral.returned", body=referral.body, code=spoken(opinion.code or ""))
            tell_asker(work, opinion, purpose="referral_returned", occasion=referral_id, text=words)
        work.record(actor, "referral_given_back", "referral", referral_id, why=why.strip(), group=referral.group_id)
        refresh_issue(work, referral.group_id)
        work.commit()
        return len(askers)


def close_with(work: Work, actor: Actor, answer: Answer) -> None:
    """A final answer to the issue was published: its referral has come back. Inside the unit of work that publishes."""
    referral = open_referral(work, answer.group_id)
    if referral is None or not answer.final:
        return
    referral.answered_on = local_date(work.now)
    referral.answer_id = answer.id
    work.add(referral)
    work.record(actor, "referral_answered", "referral", key_of(referral), group=answer.group_id, answer=answer.id)


def cancel_open(work: Work, actor: Actor, group_id: int, *, why: str) -> None:
    """The decision to refer the issue was taken back. Inside the unit of work that takes it back."""
    referral = open_referral(work, group_id)
    if referral is None:
        return
    referral.cancelled_at = work.now
    work.add(referral)
    work.record(actor, "referral_cancelled", "referral", key_of(referral), why=why, group=group_id)


def check_not_sent(work: Work, group_id: int) -> None:
    """Raise `IllegalMove` when a letter carried the issue upwards: people were told its number, an answer is on its
    way."""
    referral = open_referral(work, group_id)
    if referral is None:
        return
    letter = select(Act.id).where(Act.subject == "referral", Act.subject_id == referral.id, Act.verb == "referral_sent")
    if work.session.exec(letter).first() is not None:
        raise IllegalMove(
            f"Việc này đã gửi lên cấp trên theo văn bản {referral.document_number}, không hoàn tác được.",
            todo=f'Khi cấp trên trả lại, ghi: doithoai referrals return {referral.id} --why "lý do"',
        )


def follow(work: Work, actor: Actor, opinion: Opinion, *, left: int | None) -> None:
    """A decision took `opinion` out of an issue, or out of the way upwards (`left`: the issue it was in).

    A referral nobody stands behind any more is taken off the list, so that no letter carries it; an opinion that is
    still on its way takes the referral along into its new issue. Inside the unit of work of the decision.
    """
    if left is None:
        return
    referral = open_referral(work, left)
    if referral is None or opinions_of(work, left, states=[OpinionState.REFERRED]):
        return
    now = opinion.group_id
    goes_along = opinion.state == OpinionState.REFERRED and not opinion.sealed and now is not None and now != left
    if goes_along and now is not None and open_referral(work, now) is None:
        referral.group_id = now
        work.add(referral)
        work.record(actor, "referral_followed", "referral", key_of(referral), group=now, left=left)
    else:
        cancel_open(work, actor, left, why="không còn ý kiến nào đi cùng")


def open_referral(work: Work, group_id: int) -> Referral | None:
    """The referral under which the issue is with the upper level, or on its way there."""
    return work.session.exec(
        select(Referral)
        .where(
            Referral.group_id == group_id,
            col(Referral.answered_on).is_(None),
            col(Referral.cancelled_at).is_(None),
        )
        .order_by(col(Referral.id).desc())
    ).first()


# --------------------------------------------------------------------------- shared


def _waiting(work: Work, *, body: str | None, numbers: Collection[int] | None) -> list[Referral]:
    if numbers is not None:
        chosen = [_find(work, number) for number in dict.fromkeys(numbers)]
        for referral in chosen:
            _check_open(referral)
            if referral.sent_on is not None:
                raise AlreadyDecided(
                    f"Việc số {referral.id} đã gửi theo văn bản {referral.document_number}.",
                    todo="Bỏ số đó ra rồi làm lại.",
                )
        return chosen
    statement = (
        select(Referral)
        .where(
            Referral.office_id == work.services.office_id,
            col(Referral.sent_on).is_(None),
            col(Referral.answered_on).is_(None),
            col(Referral.cancelled_at).is_(None),
        )
        .order_by(col(Referral.id))
        .with_for_update()
    )
    found: Sequence[Referral] = work.session.exec(statement).all()
    wanted = " ".join(body.split()).casefold() if body else None
    return [one for one in found if wanted is None or one.body.casefold() == wanted]


def _mark_sent(work: Work, actor: Actor, referral: Referral, number: str, day: dt.date) -> int:
    referral.document_number, referral.sent_on = number, day
    work.add(referral)
    told = 0
    for opinion in opinions_of(work, referral.group_id, states=[OpinionState.REFERRED]):
        code = spoken(opinion.code or "")
        words = say(
            "referral.sent",
            code=code,
            body=referral.body,
            number=number,
            date=vietnamese_date(day),
            promise=_promise(work, opinion),
        )
        told += tell_asker(work, opinion, purpose="referral_sent", occasion=key_of(referral), text=words) is not None
    day_sent = day.isoformat()
    work.record(
        actor, "referral_sent", "referral", key_of(referral), group=referral.group_id, sent_on=day_sent, told=told
    )
    return told


def _promise(work: Work, opinion: Opinion) -> str:
    """Only who agreed to be sent messages is promised one."""
    if consents_of(work, opinion.citizen_id).get(ConsentPurpose.PUSH, False):
        return say("referral.promise_push")
    return say("referral.promise_pickup", code=spoken(opinion.code or ""))


def _next(work: Work, opinion: Opinion) -> str:
    if consents_of(work, opinion.citizen_id).get(ConsentPurpose.PUSH, False):
        return say("referral.next_letter")
    return say("referral.promise_pickup", code=spoken(opinion.code or ""))


def _check_dealt_with(work: Work, askers: Sequence[Opinion]) -> None:
    ahead = {opinion.conference_id for opinion in askers if opinion.state == OpinionState.SCHEDULED} - {None}
    for conference_id in ahead:
        conference = work.session.get_one(Conference, conference_id)
        if conference.state in (ConferenceState.PLANNED, ConferenceState.AGENDA_SET):
            raise IllegalMove(
                f"Việc này đang trong nội dung hội nghị {conference.code} chưa họp.",
                todo=f"Bỏ dòng ra trước (doithoai agenda drop {conference.code} SỐ), hoặc chuyển sau khi họp.",
            )


def _named(work: Work, code: str) -> Conference:
    conference = find_conference(work, code)
    if conference.state in (ConferenceState.CANCELLED, ConferenceState.FAILED):
        raise IllegalMove(
            f"Hội nghị {conference.code} đã hủy hoặc không thành.", todo="Bỏ --conference, hoặc chọn hội nghị khác."
        )
    return conference


def _conference_of(work: Work, group_id: int) -> Conference | None:
    return work.session.exec(
        select(Conference)
        .join(AgendaItem, col(AgendaItem.conference_id) == col(Conference.id))
        .where(
            AgendaItem.group_id == group_id,
            col(Conference.state).not_in([ConferenceState.CANCELLED, ConferenceState.FAILED]),
        )
        .order_by(col(Conference.held_on).desc())
    ).first()


def _find(work: Work, referral_id: int) -> Referral:
    statement = select(Referral).where(Referral.id == referral_id, Referral.office_id == work.services.office_id)
    referral = work.session.exec(statement.with_for_update()).first()
    if referral is None:
        raise NotFound(f"Không có việc chuyển lên số {referral_id}.", todo="Xem: doithoai referrals list")
    return referral


def _check_open(referral: Referral) -> None:
    if referral.answered_on is not None or referral.cancelled_at is not None:
        raise AlreadyDecided(f"Việc chuyển lên số {referral.id} đã xong.", todo="Xem: doithoai referrals list --all")
