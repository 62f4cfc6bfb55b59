"""A platform is lost and comes back: three hundred askers, nobody lost, nobody told twice."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import col, select

from casework import notices
from casework.clock import ManualClock
from casework.codes import new_code
from casework.doctor.channels import lost_channels_are_closed
from casework.doctor.telling import notices_move_on
from casework.errors import AlreadyDecided, Forbidden, IllegalMove, InvalidInput
from casework.ladder import Policy, TemplateForm
from casework.talk import InboundMessage, MessageKind, Outcome, OutcomeKind, Reply
from casework.usecases.citizens import people
from casework.usecases.delivery import sending, switch_notice, switch_plan, switching
from casework.usecases.delivery.switch_plan import NextWay, OwedPerson
from casework.usecases.office.setup import install_office
from casework.usecases.work import Services, Work
from storage import history
from storage.database import Database
from storage.records import (
    Act,
    ChannelIdentity,
    Citizen,
    Consent,
    ConsentPurpose,
    Delivery,
    DeliveryState,
    Office,
    Opinion,
    OpinionState,
    Role,
    Staff,
    StaffRole,
)
from tests.casework.factories import make_staff, village_key
from tests.conftest import DATA, START

S = DeliveryState
LEASE = dt.timedelta(seconds=60)
FORM = TemplateForm(template_id="302259", parameters={"ma": "code", "ngay": "date"}, price_vnd=210)
WHY = "Telegram bị chặn từ sáng nay"

#: how many people of each sort; all asked on Telegram
LINKED, LINKED_NO_CONSENT, PHONE, ALONE, REFUSED_NEWS, SEALED, UNKNOWN, TOLD = 60, 40, 50, 100, 20, 10, 5, 15


@dataclass(frozen=True, kw_only=True)
class Sort:
    """People alike."""

    name: str
    count: int
    other: str | None = None
    consents: tuple[tuple[ConsentPurpose, bool], ...] = ((ConsentPurpose.PUSH, True),)


YES, NO = (ConsentPurpose.PUSH, True), (ConsentPurpose.PUSH, False)
SORTS = (
    Sort(name="linked", count=LINKED, other="zalo-bot", consents=(YES, (ConsentPurpose.FALLBACK, True))),
    Sort(name="apart", count=LINKED_NO_CONSENT, other="zalo-bot", consents=(YES, (ConsentPurpose.FALLBACK, False))),
    Sort(name="phone", count=PHONE, other="zalo-zbs", consents=(YES, (ConsentPurpose.PHONE, True))),
    Sort(name="alone", count=ALONE),
    Sort(name="refused", count=REFUSED_NEWS, consents=(NO,)),
    Sort(name="sealed", count=SEALED),
    Sort(name="unknown", count=UNKNOWN),
    Sort(name="told", count=TOLD),
)


@pytest.fixture(scope="module")
def populated(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hundred askers on Telegram; an answer is out to some, on its way to most, of unknown outcome to a few."""
    path = tmp_path_factory.mktemp("switching") / "commune.db"
    shutil.copy(template_database, path)
    services = _services(path, ManualClock(START))
    install_office(
        services,
        code="tan-minh",
        name="xã Tân Minh",
        regulation="thanh-hoa",
        gazetteer=tomllib.loads((DATA / "places.toml").read_text(encoding="utf-8")),
    )
    villages = [village_key(services, code) for code in ("t4", "ha", None)]
    people_of_all_sorts = [sort for sort in SORTS for _ in range(sort.count)]
    with services.writing() as work:
        for number, sort in enumerate(people_of_all_sorts, start=1):
            _asker(services, work, sort, number, villages[number % 3])
        for number in range(3):
            _staff_chat(services, work, number)
        work.commit()
    with services.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    services.database.close()
    return path


def _services(path: Path, clock: ManualClock) -> Services:
    policy = Policy(phone_forms={"*": FORM})
    return Services(database=Database(f"sqlite:///{path}"), clock=clock, random=random.Random(2026), policy=policy)


@pytest.fixture
def commune(populated: Path, tmp_path: Path, clock: ManualClock) -> Iterator[Services]:
    path = tmp_path / "commune.db"
    shutil.copy(populated, path)
    services = _services(path, clock)
    yield services
    services.database.close()


def _asker(services: Services, work: Work, sort: Sort, number: int, village: int | None) -> None:
    person = work.add(Citizen(office_id=services.office_id, residential_group_id=village, created_at=work.now))
    assert person.id is not None
    own = work.add(
        ChannelIdentity(
            channel="telegram",
            account="test",
            external_id=f"{sort.name}-{number}",
            citizen_id=person.id,
            last_inbound_at=work.now,
        )
    )
    if sort.other is not None:
        external = f"8490{number:07d}" if sort.other == "zalo-zbs" else f"z-{number}"
        work.add(
            ChannelIdentity(
                channel=sort.other,
                account="test",
                external_id=external,
                citizen_id=person.id,
                last_inbound_at=work.now,
            )
        )
    for purpose, granted in sort.consents:
        work.add(
            Consent(
                citizen_id=person.id,
                purpose=purpose,
                granted=granted,
                wording_version="1",
                wording_hash="x",
                channel_identity_id=own.id,
                at=work.now,
            )
        )
    sealed = sort.name == "sealed"
    opinion = work.add(
        Opinion(
            code=None if sealed else new_code(services.random),
            office_id=services.office_id,
            citizen_id=person.id,
            channel_identity_id=own.id,
            residential_group_id=village,
            state=OpinionState.HELD if sealed else OpinionState.ANSWERED,
            sealed=sealed,
            kind="to-cao" if sealed else "y-kien",
            topic="giao-thong",
            level="xa",
            original_text="Đường trục thôn hỏng nặng.",
            submitted_at=work.now,
        )
    )
    notice = notices.tell_asker(work, opinion, purpose="answer", text=f"Trả lời của xã cho ý kiến {opinion.id}.")
    assert notice is not None
    if sort.name == "told":
        notice.state, notice.finished_at = S.SENT, work.now
    if sort.name == "unknown":
        notice.state = S.UNKNOWN


def _staff_chat(services: Services, work: Work, number: int) -> None:
    chat = work.add(ChannelIdentity(channel="telegram", account="test", external_id=f"staff-{number}"))
    work.add(
        Staff(
            office_id=services.office_id, name=f"Cán bộ kênh {number}", channel_identity_id=chat.id, created_at=work.now
        )
    )


def send_all(services: Services) -> Counter[tuple[str, str]]:
    """What the outbox of every channel sends until nothing is due: (channel, text) -> times."""
    sent: Counter[tuple[str, str]] = Counter()
    for channel in ("telegram", "zalo-bot", "zalo-zbs"):
        while claims := sending.claim_due(services, channel=channel, account="test", limit=500, lease=LEASE):
            sent.update((channel, claim.text) for claim in claims)
            outcome = Outcome(kind=OutcomeKind.SENT)
            sending.record(services, [sending.SendResult(claim=claim, outcome=outcome) for claim in claims])
    return sent


def states(services: Services) -> Counter[str]:
    with services.reading() as work:
        return Counter(work.session.exec(select(Delivery.state).where(Delivery.purpose == "answer")))


@pytest.fixture
def boss(commune: Services) -> int:
    return make_staff(commune, Role.ADMIN, Role.APPROVER)


@pytest.fixture
def keeper(commune: Services) -> int:
    return make_staff(commune, Role.CONFIDENTIAL)


# ---------------------------------------------------------------------- looking


def test_the_list_says_for_each_person_what_is_owed_and_the_next_way(commune: Services, boss: int) -> None:
    plan = switch_plan.plan_switch(commune, boss, "telegram")
    assert plan.ways == {
        "other_channel:zalo-bot": LINKED,
        "phone": PHONE,
        "slip": LINKED_NO_CONSENT + ALONE + REFUSED_NEWS + UNKNOWN,
    }
    assert plan.by_person == plan.ways["slip"]
    assert plan.staff == 3
    assert len(plan.people) == sum(plan.ways.values())
    assert all(len(one.codes) == 1 and one.waiting == 1 for one in plan.people)
    assert sum(one.unknown for one in plan.people) == UNKNOWN
    assert {one.village for one in plan.people} == {"thôn 4", "thôn Hạ", None}


def test_looking_changes_nothing(commune: Services, boss: int) -> None:
    before = states(commune)
    switch_plan.plan_switch(commune, boss, "telegram")
    with commune.reading() as work:
        assert work.session.exec(select(Act).where(Act.verb == "channel_lost")).all() == []
        assert not work.session.exec(select(ChannelIdentity.id).where(~col(ChannelIdentity.reachable))).all()
    assert states(commune) == before


def test_an_open_opinion_without_any_notice_is_owed_too(commune: Services, boss: int) -> None:
    with commune.writing() as work:
        told = work.session.exec(
            select(Opinion).join(ChannelIdentity).where(ChannelIdentity.external_id.startswith("told"))
        ).all()
        told[0].state = OpinionState.ASSIGNED
        work.add(told[0])
        code = told[0].code
        work.commit()
    (found,) = [one for one in switch_plan.plan_switch(commune, boss, "telegram").people if code in one.codes]
    assert (found.waiting, found.way) == (0, NextWay.SLIP)


def test_what_is_sealed_is_listed_for_the_confidential_role_alone(commune: Services, boss: int, keeper: int) -> None:
    def sealed(people: tuple[OwedPerson, ...]) -> list[OwedPerson]:
        return [one for one in people if one.sealed]

    assert sealed(switch_plan.plan_switch(commune, boss, "telegram").people) == []
    found = sealed(switch_plan.plan_switch(commune, keeper, "telegram").people)
    assert len(found) == SEALED
    assert all(one.codes[0].startswith("#") and one.way is NextWay.SLIP for one in found)


def test_only_the_named_other_channel_counts_when_one_is_named(commune: Services, boss: int) -> None:
    ways = switch_plan.plan_switch(commune, boss, "telegram", to="zalo-oa").ways
    assert "other_channel:zalo-bot" not in ways
    assert ways["phone"] == PHONE


def test_the_printed_lists_carry_codes_by_village_and_nothing_else(commune: Services, boss: int) -> None:
    printed = switch_notice.announcement(commune, boss, "telegram", to="zalo-oa")
    assert [one.village for one in printed.villages] == ["thôn 4", "thôn Hạ", None]
    codes = [code for one in printed.villages for code in one.codes]
    assert len(codes) == len(set(codes)) == LINKED + LINKED_NO_CONSENT + PHONE + ALONE + REFUSED_NEWS + UNKNOWN
    assert all(len(code) == 7 for code in codes)
    assert "Telegram" in printed.loudspeaker
    assert "Ai có Zalo thì" in printed.loudspeaker
    assert not any(code in printed.loudspeaker for code in codes)


# ---------------------------------------------------------------------- the drill


def test_the_drill_nobody_is_lost_and_nobody_told_twice(commune: Services, boss: int, clock: ManualClock) -> None:
    plan, done = switching.give_up(commune, boss, "telegram", why=WHY)
    assert done.chats == sum(sort.count for sort in SORTS) + 3
    assert (done.sent_on, done.unknown) == (LINKED + PHONE, UNKNOWN)
    # What is sealed moves, too, but is counted for the confidential role alone.
    assert done.with_staff == LINKED_NO_CONSENT + ALONE + REFUSED_NEWS
    assert len(plan.people) == LINKED + LINKED_NO_CONSENT + PHONE + ALONE + REFUSED_NEWS + UNKNOWN
    first = send_all(commune)
    assert Counter(channel for channel, _ in first.elements()) == {"zalo-bot": LINKED, "zalo-zbs": PHONE}
    # Somebody is given the paper, for somebody else it is printed: neither is told again.
    with commune.writing() as work:
        slips = work.session.exec(select(Delivery).where(Delivery.state == S.WITH_STAFF).order_by(col(Delivery.id)))
        handed, printed, *_rest = slips.all()
        handed.state, handed.finished_at, printed.printed_at = S.HANDED_OVER, work.now, work.now
        work.add(handed)
        work.add(printed)
        assert list(lost_channels_are_closed(work)) == []
        work.commit()
    clock.advance(86400)
    back = switching.take_back(commune, boss, "telegram", why="dùng lại được")
    second = send_all(commune)
    assert back.sent_on == sum(second.values()) - SEALED == LINKED_NO_CONSENT + ALONE - 2
    assert set(second.values()) == {1}
    assert {channel for channel, _ in second} == {"telegram"}
    assert {text for _, text in first} & {text for _, text in second} == set()
    assert send_all(commune) == {}
    with commune.reading() as work:
        every = work.session.exec(select(Delivery).where(Delivery.purpose == "answer")).all()
        assert len(every) == sum(sort.count for sort in SORTS)
        left = Counter(one.state for one in every)
        assert left[S.UNKNOWN] == UNKNOWN
        # The phone notice asks them to come; who wants no news to the phone fetches it; both as before the loss.
        assert left[S.WAITING_PICKUP] == PHONE + REFUSED_NEWS
        assert (left[S.HANDED_OVER], left[S.WITH_STAFF]) == (1, 1)
        assert left[S.PENDING] == 0
        assert [one for one in notices_move_on(work) if one.severity == "breach"] == []
        assert history.verify(work.session) == []
        verbs = work.session.exec(select(Act).where(col(Act.verb).in_(["channel_lost", "channel_back"]))).all()
        assert [(one.verb, one.actor_id, one.details["channel"]) for one in verbs] == [
            ("channel_lost", boss, "telegram"),
            ("channel_back", boss, "telegram"),
        ]


def test_the_running_outbox_claims_nothing_more_for_a_lost_channel(commune: Services, boss: int) -> None:
    switching.give_up(commune, boss, "telegram", why=WHY)
    with commune.writing() as work:
        opinion = work.session.exec(select(Opinion).where(~col(Opinion.sealed))).first()
        assert opinion is not None
        notices.tell_asker(work, opinion, purpose="conclusion", text="Kết luận mới")
        notices.tell_staff(work, key="k", purpose="alert", text="Việc gấp", role=Role.ADMIN)
        work.commit()
    assert sending.claim_due(commune, channel="telegram", account="test", limit=500, lease=LEASE) == []


def test_what_is_being_handed_to_the_platform_ends_first(commune: Services, boss: int) -> None:
    (claim,) = sending.claim_due(commune, channel="telegram", account="test", limit=1, lease=LEASE)
    switching.give_up(commune, boss, "telegram", why=WHY)
    outcome = Outcome(kind=OutcomeKind.SENT, external_id="7")
    assert sending.record(commune, [sending.SendResult(claim=claim, outcome=outcome)]) == [S.SENT]
    assert claim.text not in {text for _, text in send_all(commune)}


def test_a_reply_caught_by_the_loss_goes_out_once_when_the_channel_is_back(commune: Services, boss: int) -> None:
    with commune.writing() as work:
        chat = work.session.exec(select(ChannelIdentity.id).where(ChannelIdentity.channel == "telegram")).first()
        assert chat is not None
        notices.reply(work, key="r", identity_id=chat, message=Reply(text="Đã nhận ý kiến của ông/bà."))
        work.commit()
    switching.give_up(commune, boss, "telegram", why=WHY)
    switching.take_back(commune, boss, "telegram", why="dùng lại được")
    assert send_all(commune)[("telegram", "Đã nhận ý kiến của ông/bà.")] == 1


def test_half_a_message_is_told_from_the_beginning_on_the_other_channel(commune: Services, boss: int) -> None:
    with commune.writing() as work:
        row = work.session.exec(
            select(Delivery).join(ChannelIdentity).where(ChannelIdentity.external_id.startswith("linked"))
        ).first()
        assert row is not None
        row.parts_sent, row.external_ids = 1, ["5"]
        work.add(row)
        key = row.id
        work.commit()
    switching.give_up(commune, boss, "telegram", why=WHY)
    claims = sending.claim_due(commune, channel="zalo-bot", account="test", limit=500, lease=LEASE)
    assert [claim.parts_sent for claim in claims if claim.delivery_id == key] == [0]


def test_who_writes_from_the_lost_channel_after_all_is_reachable_again_alone(commune: Services, boss: int) -> None:
    switching.give_up(commune, boss, "telegram", why=WHY)
    message = InboundMessage(
        channel="telegram",
        account="test",
        chat_id="alone-151",
        sender_id="alone-151",
        kind=MessageKind.TEXT,
        text="còn ai ở đây không",
        sent_at=commune.clock.now(),
    )
    with commune.writing() as work:
        people.heard_from(work, people.meet(work, message))
        work.commit()
    with commune.reading() as work:
        reachable = work.session.exec(
            select(ChannelIdentity.external_id).where(
                ChannelIdentity.channel == "telegram", col(ChannelIdentity.reachable)
            )
        ).all()
        assert reachable == ["alone-151"]
        assert list(lost_channels_are_closed(work)) == []
    assert sum(count for (channel, _), count in send_all(commune).items() if channel == "telegram") == 1


def test_chats_out_of_reach_for_another_reason_stay_so(commune: Services, boss: int) -> None:
    with commune.writing() as work:
        chat = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.channel == "telegram")).first()
        assert chat is not None
        chat.reachable, chat.unreachable_reason = False, "blocked"
        work.add(chat)
        key = chat.id
        work.commit()
    switching.give_up(commune, boss, "telegram", why=WHY)
    switching.take_back(commune, boss, "telegram", why="dùng lại được")
    with commune.reading() as work:
        still = work.session.get_one(ChannelIdentity, key)
        assert (still.reachable, still.unreachable_reason) == (False, "blocked")


def test_who_may_and_what_is_asked(commune: Services, boss: int) -> None:
    moderator = make_staff(commune, Role.MODERATOR)
    with pytest.raises(Forbidden):
        switching.give_up(commune, moderator, "telegram", why=WHY)
    with pytest.raises(InvalidInput, match="lý do"):
        switching.give_up(commune, boss, "telegram", why="  ")
    with pytest.raises(InvalidInput, match="Không có kênh"):
        switching.give_up(commune, boss, "bồ câu", why=WHY)
    with pytest.raises(IllegalMove):
        switching.take_back(commune, boss, "telegram", why=WHY)
    switching.give_up(commune, boss, "telegram", why=WHY)
    with pytest.raises(AlreadyDecided):
        switching.give_up(commune, boss, "telegram", why=WHY)
    switching.take_back(commune, boss, "telegram", why=WHY)
    # Lost a second time, it is a new loss.
    switching.give_up(commune, boss, "telegram", why=WHY)


def test_what_is_sealed_is_counted_for_the_confidential_role_when_the_channel_is_given_up(commune: Services) -> None:
    both = make_staff(commune, Role.ADMIN, Role.CONFIDENTIAL)
    _plan, done = switching.give_up(commune, both, "telegram", why=WHY)
    assert done.with_staff == LINKED_NO_CONSENT + ALONE + REFUSED_NEWS + SEALED


def test_nothing_goes_to_another_channel_than_the_named_one(commune: Services, boss: int) -> None:
    plan, done = switching.give_up(commune, boss, "telegram", why=WHY, to="zalo-oa")
    assert "other_channel:zalo-bot" not in plan.ways
    assert done.sent_on == plan.ways["phone"] == PHONE
    sent = send_all(commune)
    assert {channel for channel, _ in sent} == {"zalo-zbs"}


def test_the_plan_holds_what_belongs_to_ones_own_villages(commune: Services, boss: int) -> None:
    everybody = switch_plan.plan_switch(commune, boss, "telegram").people
    of_t4 = make_staff(commune, Role.MODERATOR, village="t4")
    found = switch_plan.plan_switch(commune, of_t4, "telegram").people
    assert {one.village for one in found} == {"thôn 4"}
    assert len(found) == sum(one.village == "thôn 4" for one in everybody)


def test_another_office_neither_sees_nor_moves_anything_of_this_one(commune: Services) -> None:
    places = tomllib.loads((DATA / "places.toml").read_text(encoding="utf-8"))
    install_office(commune, code="xa-khac", name="xã Khác", regulation="thanh-hoa", gazetteer=places)
    with commune.writing() as work:
        second = work.session.exec(select(Office.id).where(Office.code == "xa-khac")).one()
        stranger = work.add(Staff(office_id=second or 0, name="Ông Khác", created_at=work.now))
        work.add(StaffRole(staff_id=stranger.id or 0, role=Role.ADMIN))
        work.commit()
        key = stranger.id or 0
    before = states(commune)
    plan, done = switching.give_up(commune, key, "telegram", why=WHY)
    assert (plan.people, done.sent_on, done.with_staff, done.unknown) == ((), 0, 0, 0)
    assert states(commune) == before


@pytest.mark.parametrize(("typed", "meant"), [("zalo", "zalo-oa"), ("telegam", "telegram")])
def test_a_channel_that_is_none_is_answered_with_the_near_one(
    commune: Services, boss: int, typed: str, meant: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        switch_plan.plan_switch(commune, boss, typed)
    assert f"Có phải anh/chị muốn: {meant}?" in refused.value.todo
