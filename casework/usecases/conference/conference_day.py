"""Use cases of the conference day: it opens, each line gets its outcome, people in the hall raise new matters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import col, func, select

from casework.clock import local_date
from casework.conference_life.notice_periods import Missed
from casework.conference_life.planning import Officials, officials_remarks
from casework.errors import AlreadyDecided, IllegalMove, InvalidInput
from casework.grounds import Basis, Ground, GroundUse, ground
from casework.plain_words import plain
from casework.usecases.access import DECIDERS
from casework.usecases.citizens.applying import village_id
from casework.usecases.citizens.facts import fresh_code
from casework.usecases.citizens.submitting import record_predictions
from casework.usecases.conference.agenda_notices import tell_late
from casework.usecases.conference.agendas import mark_late, refresh_lines
from casework.usecases.conference.binding import missed_of
from casework.usecases.conference.issues import find_conference, find_line, key_of, lines_of, require_over
from casework.usecases.deadlines.obligations import refresh_conference, refresh_opinion, texts_of
from casework.usecases.moderation.merging import new_group
from casework.usecases.work import Services, Work, staff_member
from casework.wording import VERSION, sentence_hash
from nlp.analysis import Analysis, Kind
from storage.records import (
    AgendaItem,
    AgendaOutcome,
    Citizen,
    Conference,
    ConferenceState,
    Consent,
    ConsentPurpose,
    Opinion,
    OpinionState,
    Wording,
)

#: how an opinion raised in the hall is marked
FLOOR = "floor"


@dataclass(frozen=True, kw_only=True)
class FloorOpinion:
    """What became of a matter raised in the hall. The speaker takes the code home on paper."""

    opinion_id: int
    #: None: it looks like a denunciation and was sealed
    code: str | None
    #: place of its line; None when a moderator must look first
    position: int | None


@dataclass(frozen=True, kw_only=True)
class Held:
    """What the texts say against a conference that opened. Nothing of it ever stops one."""

    #: duties before the day that were not kept
    missed: tuple[Missed, ...]
    #: what they say of who really chaired and wrote
    remarks: tuple[str, ...]


def hold(
    services: Services,
    staff_id: int,
    conference_code: str,
    *,
    attendance: int | None = None,
    chair: str | None = None,
    held_on: dt.date | None = None,
    invited: int | None = None,
    groups: Mapping[str, int] | None = None,
) -> Held:
    """The conference opens (or has taken place): the agenda is closed, outcomes can be recorded.

    `held_on` corrects the day, `chair` names who really presided, `groups` counts persons present by group. May be
    repeated to add the attendance. Returns what was not as the texts have it, for people to know.
    Raises `NotFound`, `Forbidden`, `InvalidInput`, or `IllegalMove` before an agenda was built or the day has come.
    """
    _check_counts(attendance, invited, groups or {})
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        actor = staff_member(staff_id)
        conference = find_conference(work, conference_code, lock=True)
        if conference.state not in (ConferenceState.AGENDA_SET, ConferenceState.HELD):
            raise IllegalMove(
                f"Hội nghị {conference.code} chưa có nội dung, hoặc đã kết thúc.",
                todo=f"Lập nội dung trước: doithoai agenda build {conference.code}",
            )
        conference.held_on = held_on or conference.held_on
        if conference.held_on > local_date(work.now):
            raise IllegalMove(
                f"Chưa tới ngày họp ({conference.held_on:%d/%m/%Y}).",
                todo="Ghi khi hội nghị bắt đầu; nếu họp sớm hơn, ghi kèm ngày họp thật.",
            )
        if conference.held_on < local_date(conference.created_at):
            raise InvalidInput(
                f"Ngày họp {conference.held_on:%d/%m/%Y} lại trước ngày lập hội nghị.", todo="Xem lại ngày, tháng, năm."
            )
        if conference.state == ConferenceState.AGENDA_SET:
            late = mark_late(work, conference)
            refresh_lines(work, actor, conference)
            tell_late(work, conference, late, {line.group_id for line in lines_of(work, conference)})
        conference.state = ConferenceState.HELD
        conference.attendance = attendance if attendance is not None else conference.attendance
        conference.invited = invited if invited is not None else conference.invited
        if groups:
            conference.officials = {**conference.officials, "attendance": dict(groups)}
        conference.chair = (chair or "").strip() or conference.chair
        conference.version += 1
        work.add(conference)
        work.record(actor, "conference_held", "conference", key_of(conference), attendance=conference.attendance)
        refresh_conference(work, conference)
        held = Held(
            missed=missed_of(work, conference, conference.held_on),
            remarks=officials_remarks(texts_of(conference), conference.chair, _who_led(conference, chair)),
        )
        work.commit()
        return held


def _who_led(conference: Conference, chair: str | None) -> Officials:
    """The officials as they were on the day: somebody else than the deputy planned may have presided after all."""
    named = Officials.of(conference.officials)
    presided = (chair or "").strip()
    if not presided or presided == named.deputy:
        return named
    return replace(named, deputy=None, deputy_reason=None)


def record_outcome(
    services: Services,
    staff_id: int,
    conference_code: str,
    position: int,
    outcome: AgendaOutcome | str,
    *,
    by: str | None = None,
    note: str | None = None,
    ground_code: str | None = None,
) -> tuple[str, ...]:
    """What became of one line: answered (by whom, `note` = what was said), deferred to writing, or declined.

    A line may only be declined on a ground of the list, by whom (`by`) the text of the conference lets use it; where
    that text only puts the answer off, the line is deferred with the reason. Recording again corrects, until the
    conference is concluded; `pending` takes an outcome back. Returns remarks for staff. Raises `NotFound`,
    `Forbidden`, `InvalidInput`, `IllegalMove`.
    """
    wanted = _outcome(outcome)
    chosen = None
    if wanted is AgendaOutcome.DECLINED:
        if not (ground_code or "").strip():
            raise InvalidInput("Chưa ghi căn cứ: thêm --ground SỐ.", todo="Xem các căn cứ: doithoai opinions grounds")
        chosen = ground(ground_code or "", uses=(GroundUse.OPINION, GroundUse.HALL))
        chosen.check_note(note or "")
    elif ground_code:
        raise InvalidInput("Căn cứ chỉ dùng khi từ chối đối thoại.", todo="Bỏ căn cứ, hoặc chọn kết quả declined.")
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        conference = find_conference(work, conference_code, lock=True)
        check_held(conference)
        line = find_line(work, conference, position)
        refusal = _refusal(conference, chosen, by) if chosen else None
        words = (note or "").strip() or None
        if chosen and refusal and refusal.kept_open:
            wanted, words = AgendaOutcome.DEFERRED, words or chosen.text
        line.outcome = wanted
        line.outcome_ground = chosen.code if chosen else None
        line.outcome_note = words
        line.answered_by = (by or "").strip() or None
        work.add(line)
        work.record(
            staff_member(staff_id),
            "outcome_recorded",
            "agenda_item",
            key_of(line),
            conference=conference.code,
            group=line.group_id,
            outcome=wanted,
            ground=line.outcome_ground,
            basis=refusal.basis.text if refusal else None,
            assumed=refusal.basis.assumed if refusal else None,
        )
        refresh_conference(work, conference)
        work.commit()
    return refusal.remarks if refusal else ()


@dataclass(frozen=True, kw_only=True)
class _Refusal:
    """What the texts of a conference make of a ground."""

    basis: Basis
    #: the answer is put off, the opinion stays open
    kept_open: bool
    remarks: tuple[str, ...]


def _refusal(conference: Conference, chosen: Ground, by: str | None) -> _Refusal:
    texts = texts_of(conference)
    chosen.check_by(texts, by, todo='Ghi người chủ trì đã quyết định: --by "Chủ tịch UBND xã".')
    basis, kept_open = chosen.basis_in(texts), chosen.keeps_open(texts)
    officials = Officials.of(conference.officials)
    chairs = [one for one in (conference.chair, *officials.co_chairs, officials.deputy) if one]
    remarks = [chosen.remark_on(basis)]
    if chosen.chair_only(texts) and not any(_same_person(by or "", one) for one in chairs):
        remarks.append(f"Người quyết định ghi «{by}», không phải người chủ trì đã ghi («{', '.join(chairs)}»).")
    if kept_open:
        remarks.append(
            f"{basis.text}: việc này được trả lời sau, không từ chối hẳn; dòng ghi là trả lời sau, ý kiến vẫn mở."
        )
    return _Refusal(basis=basis, kept_open=kept_open, remarks=tuple(remark for remark in remarks if remark))


def _same_person(said: str, known: str) -> bool:
    one, other = plain(said), plain(known)
    return bool(one) and (one in other or other in one)


def add_floor_opinion(
    services: Services,
    staff_id: int,
    conference_code: str,
    text: str,
    *,
    name: str | None = None,
    village: str | None = None,
    title: str | None = None,
    line: int | None = None,
    deferred: bool = False,
) -> FloorOpinion:
    """A person in the hall raises something: it gets a code and its own line (or joins `line`).

    With `deferred` it is to be answered in writing. `name` is given only when the speaker agreed to have it kept,
    asked with the sentence `floor.consent`. `village` is a gazetteer code; `title` the name-free wording, without it
    the spoken words with personal data left out. What looks like a complaint or denunciation makes no line: it is
    held for a person, as everywhere. Raises `NotFound`, `Forbidden`, `InvalidInput`, `IllegalMove`.
    """
    words = text.strip()
    if not words:
        raise InvalidInput("Chưa có nội dung ý kiến.", todo="Ghi lại lời người phát biểu.")
    # Understanding reads the gazetteer: it happens before the unit of work.
    analysis = services.understander.analyse(words)
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        actor = staff_member(staff_id)
        conference = find_conference(work, conference_code, lock=True)
        check_held(conference)
        village_key = village_id(work, village)
        if village is not None and village_key is None:
            raise InvalidInput(f"Không có thôn mã «{village}».", todo="Dùng mã thôn trong danh mục địa danh.")
        joined = find_line(work, conference, line) if line is not None else None
        speaker = _speaker(work, name, village_key)
        opinion = _floor_record(work, conference, words, analysis, speaker, village_key)
        work.record(actor, "floor_opinion", "opinion", key_of(opinion), conference=conference.code, state=opinion.state)
        position: int | None = None
        if opinion.state == OpinionState.SCHEDULED:
            item = joined or _new_line(work, conference, opinion, title)
            opinion.group_id = item.group_id
            work.add(opinion)
            if joined is not None:
                item.people += 1
            elif deferred:
                item.outcome = AgendaOutcome.DEFERRED
            work.add(item)
            position = item.position
        refresh_opinion(work, opinion)
        refresh_conference(work, conference)
        work.commit()
        return FloorOpinion(opinion_id=key_of(opinion), code=opinion.code, position=position)


def check_held(conference: Conference) -> None:
    """Raise unless the conference is open for its record: held and not yet concluded."""
    if conference.state == ConferenceState.CONCLUDED:
        raise AlreadyDecided(
            f"Hội nghị {conference.code} đã có thông báo kết luận số {conference.conclusion_number}.",
            todo="Việc còn lại theo dõi bằng: doithoai answers list",
        )
    if conference.state != ConferenceState.HELD:
        raise IllegalMove(
            f"Hội nghị {conference.code} chưa họp.",
            todo=f"Ghi hội nghị đã họp trước: doithoai conferences hold {conference.code}",
        )


def _check_counts(attendance: int | None, invited: int | None, groups: Mapping[str, int]) -> None:
    if min(attendance or 0, invited or 0, *groups.values(), 0) < 0:
        raise InvalidInput("Số người dự, số người được mời không thể âm.", todo="Ghi lại các con số.")
    if attendance is not None and sum(groups.values()) > attendance:
        raise InvalidInput(
            f"Cộng theo nhóm được {sum(groups.values())} người, nhiều hơn số người dự {attendance}.",
            todo="Ghi lại các con số.",
        )


# --------------------------------------------------------------------------- the floor


def _speaker(work: Work, name: str | None, village_key: int | None) -> Citizen:
    agreed = (name or "").strip() or None
    speaker = work.add(
        Citizen(
            office_id=work.services.office_id,
            display_name=agreed,
            residential_group_id=village_key,
            created_at=work.now,
        )
    )
    if agreed is not None:
        work.add(
            Consent(
                citizen_id=key_of(speaker),
                purpose=ConsentPurpose.PROCESS,
                granted=True,
                wording_version=VERSION,
                wording_hash=sentence_hash("floor.consent"),
                at=work.now,
            )
        )
    return speaker


def _floor_record(
    work: Work, conference: Conference, words: str, analysis: Analysis, speaker: Citizen, village_key: int | None
) -> Opinion:
    held = analysis.kind.value in (Kind.COMPLAINT, Kind.DENUNCIATION)
    sealed = analysis.kind.value == Kind.DENUNCIATION
    opinion = work.add(
        Opinion(
            code=None if sealed else fresh_code(work),
            office_id=conference.office_id,
            citizen_id=speaker.id,
            residential_group_id=village_key,
            # A clerk heard a public matter in a public hall: that is its moderation, unless the program doubts it.
            state=OpinionState.HELD if held else OpinionState.SCHEDULED,
            source=FLOOR,
            kind=analysis.kind.value if held else Kind.OPINION,
            topic=analysis.topic.value,
            level=analysis.level.value,
            urgent=analysis.is_urgent,
            sealed=sealed,
            original_text=words,
            conference_id=conference.id,
            issues=max(analysis.issues, 1),
            submitted_at=work.now,
            decided_at=None if held else work.now,
        )
    )
    work.add(Wording(opinion_id=key_of(opinion), author="citizen", text=words, at=work.now))
    record_predictions(work, key_of(opinion), analysis)
    return opinion


def _new_line(work: Work, conference: Conference, opinion: Opinion, title: str | None) -> AgendaItem:
    group = new_group(work, opinion, title)
    last = work.session.exec(
        select(func.max(col(AgendaItem.position))).where(AgendaItem.conference_id == conference.id)
    ).one()
    return work.add(
        AgendaItem(conference_id=key_of(conference), group_id=key_of(group), position=(last or 0) + 1, people=1)
    )


def _outcome(value: AgendaOutcome | str) -> AgendaOutcome:
    try:
        return AgendaOutcome(value)
    except ValueError as error:
        raise InvalidInput(
            f"«{value}» không phải kết quả của một dòng.",
            todo="Chọn answered (đã trả lời), deferred (trả lời bằng văn bản), declined (từ chối) hoặc pending.",
        ) from error
