"""Names of people who agreed to be named: asked of Zalo once, and never of anybody else."""

from __future__ import annotations

import pytest

from bot.channels.posting import NotSent
from bot.channels.zalo_oa.channel import ZaloOaChannel
from bot.channels.zalo_oa.names import ShownNames
from bot.standins.zalo_faults import Fault
from bot.standins.zalo_oa import ZaloOaStandin
from casework.talk import InboundMessage, MessageKind
from casework.usecases.citizens import people
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Citizen, ConsentPurpose

PERSON, OTHER = "4521893670011223344", "4521893670055667788"


@pytest.fixture
def names(channel: ZaloOaChannel, services: Services) -> ShownNames:
    return ShownNames(channel, services)


def answers(services: Services, channel: ZaloOaChannel, chat: str, *, granted: bool) -> int:
    """They answer the question about their name; returns the number of the chat."""
    message = InboundMessage(
        channel="zalo-oa",
        account=channel.account,
        chat_id=chat,
        sender_id=chat,
        kind=MessageKind.TEXT,
        sent_at=services.clock.now(),
    )
    with services.writing() as work:
        identity = people.meet(work, message).identity
        person = people.citizen_of(work, identity)
        people.record_consent(
            work,
            person,
            identity,
            purpose=ConsentPurpose.PROCESS,
            granted=granted,
            sentence_hash="0" * 64,
            wording_version="1",
            shown_name=None,
        )
        work.commit()
        assert identity.id is not None
        return identity.id


def name_of(services: Services, identity_id: int) -> str | None:
    with services.reading() as work:
        identity = work.session.get_one(ChannelIdentity, identity_id)
        assert identity.citizen_id is not None
        person = work.session.get_one(Citizen, identity.citizen_id)
        assert person.display_name == identity.display_name
        return person.display_name


async def test_the_name_of_somebody_who_agreed_is_asked_once_and_kept(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, services: Services, names: ShownNames
) -> None:
    await zalo.says(PERSON, "Đèn hỏng")
    identity = answers(services, channel, PERSON, granted=True)
    assert await names.look() == 1
    assert name_of(services, identity) == "Bà con 3344"
    assert await names.look() == 0
    assert len(zalo.calls) == 1


async def test_nobody_who_refused_or_took_it_back_is_asked_about(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, services: Services, names: ShownNames
) -> None:
    for chat in (PERSON, OTHER):
        await zalo.says(chat, "Đèn hỏng")
    refused = answers(services, channel, PERSON, granted=False)
    answers(services, channel, OTHER, granted=True)
    took_back = answers(services, channel, OTHER, granted=False)
    assert await names.look() == 0
    assert zalo.calls == []
    assert name_of(services, refused) is name_of(services, took_back) is None


async def test_an_outage_is_waited_for_and_a_silence_of_zalo_is_not(
    zalo: ZaloOaStandin, channel: ZaloOaChannel, services: Services, names: ShownNames
) -> None:
    await zalo.says(OTHER, "Đèn hỏng")
    answers(services, channel, PERSON, granted=True)
    later = answers(services, channel, OTHER, granted=True)
    await zalo.go_down()
    with pytest.raises(NotSent):
        await names.look()
    await zalo.come_up()
    zalo.faults.inject(Fault.code(-213), recipient=PERSON)
    assert await names.look() == 1
    assert name_of(services, later) == "Bà con 7788"
    assert await names.look() == 0
