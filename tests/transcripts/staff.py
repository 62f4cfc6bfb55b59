"""What staff do between two messages of a transcript: the real use cases, by a staff with all roles."""

from __future__ import annotations

import datetime as dt

from sqlmodel import col, select

from bot.rehearsal import Rehearsal
from casework.regulations.model import Step
from casework.usecases.answers import answering
from casework.usecases.citizens.linking import new_link_code
from casework.usecases.conference import conferences, speakers, steps
from casework.usecases.moderation import triage
from casework.usecases.office import enrolment
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Conference, Office, Opinion, OpinionState, Role, Staff
from tests.casework.factories import make_citizen, make_opinion


def act(rehearsal: Rehearsal, chat: str, text: str) -> None:
    """Do what a "! verb argument" entry says, to the newest opinion of the talk."""
    services = rehearsal.services
    verb, _, argument = text.partition(" ")
    boss = _boss(services)
    match verb:
        case "plan":
            conferences.plan(
                services,
                boss,
                title="Hội nghị đối thoại năm 2026",
                held_on=dt.date.fromisoformat(argument),
                starts_at="8 giờ 00",
                place="hội trường Ủy ban nhân dân xã",
                chair="Bí thư Đảng ủy xã",
            )
        case "approve":
            triage.approve(services, boss, _newest(services))
        case "decline":
            triage.decline(services, boss, _newest(services), argument)
        case "refer":
            triage.refer_up(services, boss, _newest(services), argument, why="việc của cấp trên")
        case "ask_back":
            triage.ask_back(services, boss, _newest(services), argument)
        case "answer":
            _answer(services, boss, argument)
        case "regulation":
            _use_regulation(services, argument)
        case "agenda":
            conferences.build_agenda(services, boss, _conference(services))
        case "list_speakers_done":
            steps.record_step(services, boss, _conference(services), Step.SPEAKERS_LISTED)
        case "confirm":
            speakers.confirm(services, boss, _conference(services), argument)
        case "decline_speaker":
            number, _, reason = argument.partition(" ")
            speakers.decline(services, boss, _conference(services), number, reason=reason)
        case "other_chat" | "paper":
            _somebody_known(services, argument, paper=verb == "paper")
        case "employ":
            _employ(rehearsal, chat, argument)
        case _:
            raise ValueError(f"no staff act {verb!r}")


def _somebody_known(services: Services, words: str, *, paper: bool) -> None:
    """The same person under another chat, or on paper, with an opinion and a one-time code."""
    citizen = make_citizen(
        services, channel=None if paper else "telegram", push=None if paper else True, publish=paper or None
    )
    state = OpinionState.RECEIVED
    opinion = make_opinion(services, citizen=citizen, text=words, state=state, source="proxy" if paper else "chat")
    with services.writing() as work:
        new_link_code(work, citizen, opinion.id if paper else None)
        work.commit()


def _answer(services: Services, boss: int, words: str) -> None:
    answer_id = answering.write_answer(
        services,
        boss,
        _newest(services),
        text=words,
        agency="UBND xã Tân Minh",
        document_number="109/UBND-KT",
        document_date=dt.date(2026, 11, 20),
    )
    answering.approve_answer(services, boss, answer_id)
    answering.publish_answer(services, boss, answer_id)


def _employ(rehearsal: Rehearsal, chat: str, village: str) -> None:
    """The person in the chat becomes the officer of a village."""
    services, boss = rehearsal.services, _boss(rehearsal.services)
    added = enrolment.add_staff(services, boss, name="Anh Tư", roles=[Role.VILLAGE_OFFICER], village=village)
    with services.writing() as work:
        identity = work.add(
            ChannelIdentity(channel=rehearsal.channel.name, account=rehearsal.channel.account, external_id=chat)
        )
        staff = work.session.get_one(Staff, added.staff_id)
        staff.channel_identity_id = identity.id
        work.session.add(staff)
        work.commit()


def _conference(services: Services) -> str:
    with services.reading() as work:
        return work.session.exec(select(Conference.code).order_by(col(Conference.id).desc())).first() or ""


def _use_regulation(services: Services, code: str) -> None:
    with services.writing() as work:
        office = work.session.get_one(Office, services.office_id)
        office.regulation = code
        work.session.add(office)
        work.commit()


def _newest(services: Services) -> str:
    with services.reading() as work:
        code = work.session.exec(
            select(Opinion.code).where(col(Opinion.code).is_not(None)).order_by(col(Opinion.id).desc())
        ).first()
    if code is None:
        raise ValueError("no opinion to act on")
    return code


def _boss(services: Services) -> int:
    with services.reading() as work:
        known = work.session.exec(select(Staff.id)).first()
    if known is not None:
        return known
    return enrolment.add_staff(services, None, name="Cán bộ Mặt trận", roles=list(Role), first=True).staff_id
