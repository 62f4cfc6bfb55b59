"""Two chats of one person become one person on file: everything moves, nothing is lost, nobody gains what is not
theirs."""

from __future__ import annotations

import datetime as dt
from itertools import permutations

import pytest
from sqlmodel import col, select

from bot.rehearsal import Rehearsal
from casework import link_codes, notices
from casework.clock import ManualClock
from casework.effects import LinkStanding
from casework.usecases.answers import answering
from casework.usecases.citizens import linking, people
from casework.usecases.moderation import triage
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage import history
from storage.records import (
    Act,
    ChannelIdentity,
    Citizen,
    Consent,
    ConsentPurpose,
    Delivery,
    DeliveryState,
    LinkCode,
    Opinion,
    OpinionState,
    Role,
    Staff,
)
from tests.casework.factories import make_citizen, make_opinion, make_staff, notices_of, reload, village_key
from tests.casework.test_intake import submit
from tests.casework.test_races import statements

S = DeliveryState


def chat_of(services: Services, citizen: int) -> int:
    with services.reading() as work:
        found = work.session.exec(
            select(ChannelIdentity.id).where(ChannelIdentity.citizen_id == citizen).order_by(col(ChannelIdentity.id))
        ).first()
    assert found is not None
    return found


def code_for(services: Services, citizen: int, opinion_id: int | None = None) -> str:
    with services.writing() as work:
        code = linking.new_link_code(work, citizen, opinion_id)
        work.commit()
    return code


def hash_of(code: str) -> str:
    found = link_codes.find(code)
    assert found is not None
    return link_codes.hash_of(found)


def link(services: Services, identity_id: int, code: str) -> int:
    """Use a code from a chat; returns who the chat belongs to then."""
    with services.writing() as work:
        kept = linking.link(work, work.session.get_one(ChannelIdentity, identity_id), hash_of(code))
        work.commit()
        assert kept.id is not None
        return kept.id


def standing(services: Services, citizen: int, code: str) -> LinkStanding:
    with services.writing() as work:
        return linking.standing(work, work.session.get_one(Citizen, citizen), hash_of(code)).standing


def say_consent(services: Services, citizen: int, purpose: ConsentPurpose, *, granted: bool) -> None:
    identity_id = chat_of(services, citizen)
    with services.writing() as work:
        people.record_consent(
            work,
            work.session.get_one(Citizen, citizen),
            work.session.get_one(ChannelIdentity, identity_id),
            purpose=purpose,
            granted=granted,
            sentence_hash="x",
            wording_version="1",
            shown_name=f"Tên {citizen}",
        )
        work.commit()


@pytest.fixture
def pair(services: Services, clock: ManualClock) -> tuple[int, int]:
    """One person known as two: on Telegram, and a day later on Zalo."""
    first = make_citizen(services, channel="telegram", village="t4")
    clock.advance(86400)
    return first, make_citizen(services, channel="zalo-oa")


def test_everything_of_the_younger_one_moves_to_the_older(services: Services, pair: tuple[int, int]) -> None:
    old, young = pair
    theirs = make_opinion(services, citizen=young, state=OpinionState.RECEIVED)
    with services.writing() as work:
        notices.tell_asker(work, work.session.get_one(Opinion, theirs.id), purpose="answer", text="Đã trả lời")
        work.commit()
    old_chat = chat_of(services, old)
    assert link(services, old_chat, code_for(services, young)) == old
    with services.reading() as work:
        for table in (Opinion, ChannelIdentity, Consent, Delivery, LinkCode):
            assert set(work.session.exec(select(table.citizen_id))) <= {old, None}, table
        lost = work.session.get_one(Citizen, young)
        assert (lost.merged_into_id, lost.display_name) == (old, None)
        assert work.session.get_one(Citizen, old).residential_group_id is not None
        acts = {(act.verb, act.subject_id) for act in work.session.exec(select(Act).where(Act.subject == "citizen"))}
        assert {("channels_linked", old), ("merged", young)} <= acts
        assert history.verify(work.session) == []
    # The opinion stays with the chat it came from; its answer, for which that chat's window is closed, is given here.
    assert reload(services, theirs).channel_identity_id == theirs.channel_identity_id
    (answer,) = notices_of(services, "answer")
    assert (answer.state, answer.channel_identity_id) == (S.PENDING, old_chat)


def test_it_does_not_matter_from_which_side_the_code_is_used(services: Services, pair: tuple[int, int]) -> None:
    old, young = pair
    assert link(services, chat_of(services, young), code_for(services, old)) == old


def test_the_village_is_kept_where_only_one_has_it(services: Services, clock: ManualClock) -> None:
    old = make_citizen(services, channel="telegram")
    clock.advance(60)
    young = make_citizen(services, channel="zalo-oa", village="ha")
    link(services, chat_of(services, old), code_for(services, young))
    with services.reading() as work:
        assert work.session.get_one(Citizen, old).residential_group_id == village_key(services, "ha")


@pytest.mark.parametrize("order", list(permutations(["old yes", "young no", "young yes"])))
def test_the_latest_word_counts_from_whichever_chat_it_came(
    services: Services, pair: tuple[int, int], order: tuple[str, ...]
) -> None:
    for one in order:
        who, word = one.split()
        say_consent(services, pair[who == "young"], ConsentPurpose.PUBLISH, granted=word == "yes")
    link(services, chat_of(services, pair[0]), code_for(services, pair[1]))
    with services.reading() as work:
        assert notices.consents_of(work, pair[0])["publish"] is (not order[-1].endswith("no"))


def test_an_older_yes_never_overrides_a_later_withdrawal(services: Services, pair: tuple[int, int]) -> None:
    old, young = pair
    opinion = make_opinion(services, citizen=old, state=OpinionState.RECEIVED)
    with services.writing() as work:
        notices.tell_asker(work, work.session.get_one(Opinion, opinion.id), purpose="answer", text="Đã trả lời")
        work.commit()
    assert notices_of(services)[0].state == S.PENDING
    say_consent(services, old, ConsentPurpose.PROCESS, granted=True)
    for purpose in (ConsentPurpose.PUSH, ConsentPurpose.PROCESS):
        say_consent(services, young, purpose, granted=False)
    link(services, chat_of(services, young), code_for(services, old))
    assert notices_of(services, "answer")[0].state == S.WAITING_PICKUP
    with services.reading() as work:
        assert work.session.get_one(Citizen, old).display_name is None
        assert set(work.session.exec(select(ChannelIdentity.display_name))) == {None}


def test_a_name_is_kept_with_the_consent_it_was_given_with(services: Services, pair: tuple[int, int]) -> None:
    old, young = pair
    say_consent(services, young, ConsentPurpose.PROCESS, granted=True)
    link(services, chat_of(services, old), code_for(services, young))
    with services.reading() as work:
        assert work.session.get_one(Citizen, old).display_name == f"Tên {young}"


# ---------------------------------------------------------------------- the code


def test_a_code_works_once_and_repeating_it_changes_nothing(services: Services, pair: tuple[int, int]) -> None:
    code = code_for(services, pair[1])
    third = make_citizen(services, channel="zalo-bot")
    assert [link(services, chat_of(services, pair[0]), code) for _ in range(2)] == [pair[0]] * 2
    assert link(services, chat_of(services, third), code) == third
    assert standing(services, third, code) is LinkStanding.UNUSABLE
    assert standing(services, pair[0], code) is LinkStanding.OWN
    with services.reading() as work:
        assert len(work.session.exec(select(Act).where(Act.verb == "channels_linked")).all()) == 1


@pytest.mark.parametrize(
    ("paper", "works", "no_more"),
    [
        (False, dt.timedelta(minutes=29), dt.timedelta(minutes=30)),
        (True, dt.timedelta(days=364), dt.timedelta(days=365)),
    ],
)
def test_a_code_lives_as_long_as_it_says(
    services: Services, clock: ManualClock, paper: bool, works: dt.timedelta, no_more: dt.timedelta
) -> None:
    owner, other = make_citizen(services, channel=None if paper else "telegram"), make_citizen(services)
    opinion = make_opinion(services, citizen=owner)
    code = code_for(services, owner, opinion.id if paper else None)
    made = clock.now()
    clock.move_to(made + works)
    assert standing(services, other, code) is LinkStanding.USABLE
    clock.move_to(made + no_more)
    assert standing(services, other, code) is LinkStanding.UNUSABLE
    assert link(services, chat_of(services, other), code) == other


def test_only_the_newest_code_works_and_only_its_hash_is_stored(services: Services, pair: tuple[int, int]) -> None:
    first, second = code_for(services, pair[0]), code_for(services, pair[0])
    assert standing(services, pair[1], first) is LinkStanding.UNUSABLE
    assert standing(services, pair[1], second) is LinkStanding.USABLE
    with services.reading() as work:
        stored = " ".join(str(row.model_dump()) for row in work.session.exec(select(LinkCode)))
        stored += " ".join(str(row.model_dump()) for row in work.session.exec(select(Act)))
    assert second.replace("-", "")[2:] not in stored.replace("-", "")


def test_a_new_code_for_the_chat_leaves_the_one_on_paper_alive(services: Services) -> None:
    owner, other = make_citizen(services), make_citizen(services)
    paper = code_for(services, owner, make_opinion(services, citizen=owner).id)
    code_for(services, owner)
    assert standing(services, other, paper) is LinkStanding.USABLE


def test_two_codes_used_at_once_end_as_one_person(services: Services, pair: tuple[int, int]) -> None:
    codes = code_for(services, pair[0]), code_for(services, pair[1])
    # What the second one read before the first was through no longer holds.
    assert link(services, chat_of(services, pair[1]), codes[0]) == pair[0]
    assert link(services, chat_of(services, pair[0]), codes[1]) == pair[0]
    with services.reading() as work:
        assert work.session.get_one(Citizen, pair[0]).merged_into_id is None


def test_code_persons_talks_and_opinions_are_held_in_this_order(services: Services, pair: tuple[int, int]) -> None:
    code = code_for(services, pair[1])
    identity_id = chat_of(services, pair[0])
    with services.writing() as work:
        identity = work.session.get_one(ChannelIdentity, identity_id)
        with statements(work.session) as asked:
            linking.link(work, identity, hash_of(code))
    locked = [one.partition("FROM ")[2].split()[0] for one in asked if one.endswith("FOR UPDATE")]
    order = ["link_code", "citizen", "conversation", "opinion", "delivery", "history_head"]
    assert list(dict.fromkeys(locked)) == order
    assert [one for one in asked if "FROM citizen" in one and "ORDER BY citizen.id" in one] != []


def test_a_message_that_waited_while_its_person_was_joined_belongs_to_who_stays(
    services: Services, pair: tuple[int, int]
) -> None:
    own_chat = chat_of(services, pair[1])
    with services.writing() as work:
        identity = work.session.get_one(ChannelIdentity, own_chat)
        assert work.session.get_one(Citizen, pair[1]).merged_into_id is None
        # Behind this session's back, as another process would while this one waits for the talk.
        connection = work.session.connection()
        connection.exec_driver_sql(f"UPDATE citizen SET merged_into_id = {pair[0]} WHERE id = {pair[1]}")
        connection.exec_driver_sql(f"UPDATE channel_identity SET citizen_id = {pair[0]} WHERE id = {own_chat}")
        assert people.citizen_of(work, identity).id == pair[0]


def test_what_was_sent_with_consent_before_is_no_breach_after_the_other_chats_no(
    services: Services, pair: tuple[int, int], clock: ManualClock
) -> None:
    old, young = pair
    opinion = make_opinion(services, citizen=old)
    say_consent(services, old, ConsentPurpose.PUSH, granted=True)
    say_consent(services, young, ConsentPurpose.PUSH, granted=False)
    clock.advance(60)
    with services.writing() as work:
        notice = notices.tell_asker(work, work.session.get_one(Opinion, opinion.id), purpose="answer", text="Trả lời")
        assert notice is not None
        notice.state, notice.finished_at = S.SENT, work.now
        work.commit()
    link(services, chat_of(services, old), code_for(services, young))
    assert examine(services, ["push-agreed", "merged-own-nothing", "link-codes-short"]) == []


def test_a_third_chat_joins_the_one_who_stays(services: Services, pair: tuple[int, int], clock: ManualClock) -> None:
    clock.advance(60)
    third = make_citizen(services, channel="zalo-bot")
    chats = [chat_of(services, one) for one in (*pair, third)]
    from_middle = code_for(services, pair[1])
    link(services, chats[1], code_for(services, third))
    # A code handed out before its person was found to be one with another leads to both.
    assert link(services, chats[0], from_middle) == pair[0]
    with services.reading() as work:
        assert set(work.session.exec(select(ChannelIdentity.citizen_id))) == {pair[0]}


async def test_the_chat_that_asked_for_the_code_hears_that_it_was_used(services: Services, clock: ManualClock) -> None:
    stage = Rehearsal(services=services, clock=clock)
    make_staff(services, *Role)
    await submit(stage, chat="a")
    await stage.write("a", "liên kết zalo")
    code = link_codes.find(stage.seen("a")[-1].text)
    assert code is not None
    clock.advance(60)
    for text in (code, "1", "1"):
        await stage.write("b", text)
    assert "vừa được nối" in stage.seen("a")[-1].text
    assert not any("vừa được nối" in message.text for message in stage.seen("b"))
    await stage.write("b", "danh sách")
    assert "Đèn đường" in stage.seen("b")[-1].text
    with services.reading() as work:
        assert notices.consents_of(work, work.session.exec(select(Citizen.id)).first())["fallback"] is True
        fallback = work.session.exec(select(Consent).where(Consent.purpose == ConsentPurpose.FALLBACK)).one()
    assert len(fallback.wording_hash) == 16
    assert [finding for finding in examine(services) if finding.severity == "breach"] == []


# ---------------------------------------------------------------------- paper


def test_a_paper_receipt_makes_the_chat_the_persons_own_way(services: Services, clock: ManualClock) -> None:
    boss = make_staff(services, *Role)
    grandmother = make_citizen(services, channel=None, push=None, village="t4")
    asked = make_opinion(services, citizen=grandmother, state=OpinionState.RECEIVED, source="proxy", village="t4")
    assert asked.code is not None
    code = code_for(services, grandmother, asked.id)
    triage.approve(services, boss, asked.code, title="Đèn đường thôn 4")
    answer = answering.write_answer(
        services, boss, asked.code, text="Đèn đã thay.", agency="UBND xã", document_number="1/UB",
        document_date=dt.date(2026, 11, 2),
    )  # fmt: skip
    answering.approve_answer(services, boss, answer)
    answering.publish_answer(services, boss, answer)
    assert {one.state for one in notices_of(services, "answer")} == {S.WITH_STAFF}
    clock.advance(3600)
    chat = make_citizen(services, channel="zalo-oa", push=None)
    assert link(services, chat_of(services, chat), code) == grandmother
    (given,) = notices_of(services, "answer")
    assert (given.state, given.channel_identity_id) == (S.PENDING, chat_of(services, grandmother))
    assert "Đèn đã thay." in given.text
    assert reload(services, asked).channel_identity_id == chat_of(services, grandmother)


def test_a_sealed_paper_stays_without_a_chat(services: Services) -> None:
    person = make_citizen(services, channel=None)
    sealed = make_opinion(services, citizen=person, sealed=True, state=OpinionState.HELD)
    other = make_opinion(services, citizen=person, state=OpinionState.RECEIVED)
    with services.writing() as work:
        notices.tell_asker(work, work.session.get_one(Opinion, sealed.id), purpose="sealed", text="Đang được xem xét")
        work.commit()
    link(services, chat_of(services, make_citizen(services)), code_for(services, person, other.id))
    assert reload(services, sealed).channel_identity_id is None
    assert reload(services, other).channel_identity_id is not None
    assert {one.state for one in notices_of(services, "sealed")} <= {S.WAITING_PICKUP, S.WITH_STAFF}


# ---------------------------------------------------------------------- what must not move


@pytest.mark.parametrize("waits_for", ["no_consent", "unreachable", "window_closed"])
async def test_what_belongs_to_a_denunciation_is_told_only_in_the_chat_it_was_made_in(
    services: Services, clock: ManualClock, waits_for: str
) -> None:
    stage = Rehearsal(services=services, clock=clock)
    await submit(stage, chat="a")
    await stage.write("b", "chào")
    with services.writing() as work:
        opinion = work.session.exec(select(Opinion)).one()
        opinion.sealed, opinion.code, opinion.state = True, None, OpinionState.HELD
        work.add(opinion)
        notices.tell_asker(work, opinion, purpose="sealed", text="Việc ông/bà tố cáo đang được xem.")
        person = opinion.citizen_id
        for notice in work.session.exec(select(Delivery).where(Delivery.purpose == "sealed")):
            notice.state, notice.outcome = S.WAITING_PICKUP, waits_for
            work.add(notice)
        assert person is not None
        code = linking.new_link_code(work, person)
        work.commit()
    for text in (code, "1", "1", "danh sách", "/dulieu", "việc của tôi đến đâu rồi"):
        await stage.write("b", text)
    heard = "\n".join(message.text for message in stage.seen("b"))
    assert "tố cáo" not in heard
    assert "Đèn đường" not in heard
    before = len(stage.seen("a"))
    await stage.write("a", "chào")
    assert any("tố cáo đang được xem" in message.text for message in stage.seen("a")[before:])


def test_linking_gives_nobody_staff_rights_and_takes_none(services: Services, pair: tuple[int, int]) -> None:
    officer = make_staff(services, Role.ADMIN)
    own_chat = chat_of(services, pair[0])
    with services.writing() as work:
        staff = work.session.get_one(Staff, officer)
        staff.channel_identity_id = own_chat
        work.add(staff)
        work.commit()
    link(services, chat_of(services, pair[1]), code_for(services, pair[0]))
    with services.reading() as work:
        assert work.session.exec(select(Staff.channel_identity_id)).all() == [own_chat]
