"""The seal, whoever puts it on: nothing compares it, nothing repeats it, and its author is told."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from bot.rehearsal import Rehearsal
from casework.clock import ManualClock
from casework.doctor.secrecy import sealed_words_are_sent_to_nobody_else
from casework.effects import AddWords
from casework.usecases.answers import answering
from casework.usecases.citizens import applying
from casework.usecases.moderation import labels, queue, triage, undo
from casework.usecases.moderation.labels import Labels
from casework.usecases.work import Services
from nlp.analysis import Kind
from storage.records import (
    ChannelIdentity,
    Citizen,
    Delivery,
    DeliveryState,
    GroupSuggestion,
    Opinion,
    OpinionState,
    Role,
    Staff,
)
from tests.casework.factories import make_citizen, make_opinion, make_staff, notices_of, reload

DENUNCIATION = "Tôi tố cáo ông Nguyễn Văn B cán bộ địa chính xã nhận hối lộ 20 triệu đồng để làm sổ đỏ cho người nhà"


@pytest.fixture
def stage(services: Services, clock: ManualClock) -> Rehearsal:
    return Rehearsal(services=services, clock=clock)


@pytest.fixture
def confidential(services: Services) -> int:
    return make_staff(services, Role.CONFIDENTIAL, Role.MODERATOR, Role.APPROVER)


def likened(services: Services, opinion: Opinion) -> None:
    """The program proposes that another opinion is the same issue, from both sides."""
    other = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED)
    with services.writing() as work:
        assert opinion.id is not None
        assert other.id is not None
        for one, two in ((opinion.id, other.id), (other.id, opinion.id)):
            work.add(GroupSuggestion(opinion_id=one, other_opinion_id=two, score=1.0, same=True, at=work.now))
        work.session.get_one(Opinion, opinion.id).signature = "{}"
        work.commit()


def suggestions(services: Services) -> int:
    with services.reading() as work:
        return len(work.session.exec(select(GroupSuggestion)).all())


def add_words(services: Services, opinion: Opinion, text: str) -> Opinion:
    with services.writing() as work:
        person = work.session.get_one(Citizen, opinion.citizen_id)
        assert opinion.id is not None
        applying._add_words(work, person, AddWords(opinion_id=opinion.id, text=text))
        work.commit()
    return reload(services, opinion)


def linked(services: Services, staff_id: int, chat: str) -> None:
    with services.writing() as work:
        identity = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.external_id == chat)).one()
        work.session.get_one(Staff, staff_id).channel_identity_id = identity.id
        work.commit()


@pytest.mark.parametrize("way", ["reclassify", "seal", "redirect", "added words"])
def test_whoever_seals_an_opinion_it_is_compared_with_nothing_any_more(
    services: Services, confidential: int, way: str
) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED)
    likened(services, opinion)
    assert opinion.code is not None
    match way:
        case "reclassify":
            labels.reclassify(services, confidential, opinion.code, Labels(kind=Kind.DENUNCIATION))
        case "seal":
            labels.reclassify(services, confidential, opinion.code, Labels(sealed=True))
        case "redirect":
            triage.redirect(services, confidential, opinion.code, kind=Kind.DENUNCIATION)
        case _:
            add_words(services, opinion, DENUNCIATION)
    sealed = reload(services, opinion)
    assert (sealed.sealed, sealed.code, sealed.signature) == (True, None, None)
    assert suggestions(services) == 0


@pytest.mark.parametrize("state", [OpinionState.RECEIVED, OpinionState.HELD, OpinionState.CLARIFYING])
def test_words_of_a_denunciation_added_to_a_complaint_seal_it(services: Services, state: OpinionState) -> None:
    complaint = make_opinion(
        services,
        citizen=make_citizen(services),
        state=state,
        kind=Kind.COMPLAINT.value,
        text="Tôi khiếu nại quyết định thu hồi đất số 45/QĐ-UBND của chủ tịch xã, đề nghị xem xét lại",
    )
    opinion = add_words(services, complaint, DENUNCIATION)
    assert (opinion.sealed, opinion.code, opinion.state, opinion.kind) == (
        True,
        None,
        OpinionState.HELD,
        Kind.DENUNCIATION,
    )


def test_an_answered_opinion_that_proves_a_denunciation_waits_for_the_confidential_role(
    services: Services, confidential: int
) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED)
    assert opinion.code is not None
    triage.approve(services, confidential, opinion.code, title="Làm sổ đỏ chậm ở thôn 4")
    answer = answering.write_answer(
        services,
        confidential,
        opinion.code,
        text="Đã trả lời",
        agency="Ủy ban nhân dân xã",
        document_number="1",
        document_date=dt.date(2026, 11, 2),
    )
    answering.approve_answer(services, confidential, answer)
    answering.publish_answer(services, confidential, answer)
    decided = labels.reclassify(services, confidential, opinion.code, Labels(kind=Kind.DENUNCIATION))
    assert decided.state == OpinionState.HELD
    assert [line.opinion_id for line in queue.queue(services, confidential)] == [decided.opinion_id]
    assert undo.undo(services, confidential, decided.opinion_id).state == OpinionState.ANSWERED


async def test_a_denouncer_is_told_in_the_same_chat_when_they_write_again(
    stage: Rehearsal, services: Services, confidential: int
) -> None:
    await stage.write("a", DENUNCIATION)
    await stage.wait(10)
    with services.reading() as work:
        opinion = work.session.exec(select(Opinion).where(Opinion.sealed)).one()
        person = work.session.get_one(Citizen, opinion.citizen_id)
    assert opinion.id is not None
    triage.redirect(services, confidential, opinion.id)
    await stage.wait(300)
    (notice,) = notices_of(services, "redirected")
    assert notice.state == DeliveryState.WAITING_PICKUP
    with services.writing() as work:
        # The same person on another phone: a chat that others may read.
        work.add(
            ChannelIdentity(channel="terminal", account=stage.channel.account, external_id="b", citizen_id=person.id)
        )
        work.commit()
    await stage.write("b", "danh sách")
    assert notice.text not in [message.text for message in stage.seen("b")]
    for _ in range(2):
        await stage.write("a", "danh sách")
    assert [message.text for message in stage.seen("a")].count(notice.text) == 1
    assert notices_of(services, "redirected")[0].state == DeliveryState.PICKED_UP


async def test_the_confidential_role_may_read_it_in_private_and_the_doctor_reports_every_other_chat(
    stage: Rehearsal, services: Services, confidential: int
) -> None:
    sealed = make_opinion(services, citizen=make_citizen(services), sealed=True, text=DENUNCIATION)
    for chat in ("boss", "other"):
        await stage.write(chat, "xin chào")
    linked(services, confidential, "boss")
    await stage.write("boss", f"/xem #{sealed.id}")
    assert any(DENUNCIATION in message.text for message in stage.seen("boss"))
    with services.reading() as work:
        assert list(sealed_words_are_sent_to_nobody_else(work)) == []
    with services.writing() as work:
        other = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.external_id == "other")).one()
        work.add(
            Delivery(
                key="leak",
                purpose="reply",
                channel_identity_id=other.id,
                text=DENUNCIATION,
                not_before=work.now,
                created_at=work.now,
            )
        )
        work.commit()
        assert len(list(sealed_words_are_sent_to_nobody_else(work))) == 1
