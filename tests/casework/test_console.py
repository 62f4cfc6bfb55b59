"""What a colleague typed in the platform's console stands in the history, without its words."""

from __future__ import annotations

from sqlmodel import col, select

from casework.clock import ManualClock
from casework.usecases.moderation.console import WRITTEN, written_by_hand
from casework.usecases.moderation.queue import show
from casework.usecases.work import Services
from storage.records import Act, ChannelIdentity, OpinionState, Role
from tests.casework.factories import make_citizen, make_opinion, make_staff

S = OpinionState


def is_written_to(services: Services, citizen_id: int) -> list[int | None]:
    """Somebody types to this person; the opinions that tell so, in order."""
    with services.writing() as work:
        identity = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.citizen_id == citizen_id)).one()
        written_by_hand(work, identity)
        work.commit()
    with services.reading() as work:
        return list(work.session.exec(select(Act.subject_id).where(Act.verb == WRITTEN).order_by(col(Act.id))))


def test_staff_see_on_the_newest_open_opinion_that_somebody_wrote_by_hand(services: Services) -> None:
    person = make_citizen(services, channel="zalo-oa")
    make_opinion(services, citizen=person)
    newest = make_opinion(services, citizen=person, state=S.RECEIVED)
    make_opinion(services, citizen=person, state=S.WITHDRAWN)
    assert is_written_to(services, person) == [newest.id]
    last = show(services, make_staff(services, Role.MODERATOR), newest.id).history[-1]
    assert (last.who, last.what) == ("Máy", "thấy cán bộ gõ tin cho người gửi trên Zalo")


def test_a_talk_by_hand_is_noted_once_a_day(services: Services, clock: ManualClock) -> None:
    person = make_citizen(services, channel="zalo-oa")
    opinion = make_opinion(services, citizen=person)
    is_written_to(services, person)
    assert is_written_to(services, person) == [opinion.id]
    clock.advance(24 * 3600)
    assert is_written_to(services, person) == [opinion.id, opinion.id]


def test_nothing_is_noted_where_nothing_is_open(services: Services) -> None:
    person = make_citizen(services, channel="zalo-oa")
    make_opinion(services, citizen=person, state=S.ANSWERED)
    assert is_written_to(services, person) == []
