"""The outbox: every way a send can end, order per chat, long texts in parts, two senders, and outages."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Callable

import pytest
from sqlmodel import col, select

from bot.outbox import Outbox, no_waiting
from bot.pacing import Pacer
from casework.clock import SystemClock
from casework.talk import Capabilities, OutboundMessage, Outcome, OutcomeKind
from casework.usecases.delivery import sending
from casework.usecases.work import Services
from storage.database import Database
from storage.records import (
    Act,
    ChannelIdentity,
    Citizen,
    Consent,
    ConsentPurpose,
    Delivery,
    DeliveryState,
    Opinion,
)

K = OutcomeKind
SENT = Outcome(kind=K.SENT, external_id="77")


@pytest.fixture
def outbox(services, channels) -> Outbox:
    return Outbox(services, channels, pace=no_waiting, random=lambda: 0.0)


@pytest.fixture
def write(services) -> Callable[..., int]:
    """Write one delivery to a chat of the recording channel; returns its id."""
    identities: dict[str, int] = {}
    written = iter(range(1, 100_000))

    def to_chat(chat: str, text: str = "Kính chào ông/bà", **more: object) -> int:
        with services.writing() as work:
            if chat not in identities:
                identity = work.add(ChannelIdentity(channel="thu", account="kenh-1", external_id=chat))
                identities[chat] = identity.id or 0
            fields = {"purpose": "reply", "not_before": work.now, "created_at": work.now} | more
            row = Delivery(key=f"k{next(written)}", channel_identity_id=identities[chat], text=text, **fields)
            work.add(row)
            work.commit()
        assert row.id is not None
        return row.id

    return to_chat


@pytest.fixture
def ask(services, write) -> Callable[[str], int]:
    """An opinion of the person in this chat, who agreed to be sent news; returns its id."""

    def of(chat: str) -> int:
        write(chat, "đã nhận ý kiến", state=DeliveryState.SENT)
        with services.writing() as work:
            known = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.external_id == chat)).one()
            person = work.add(Citizen(office_id=services.office_id, created_at=work.now))
            known.citizen_id = person.id
            agreed = {"granted": True, "wording_version": "test", "wording_hash": "test", "at": work.now}
            work.add(Consent(citizen_id=person.id, purpose=ConsentPurpose.PUSH, **agreed))
            opinion = work.add(
                Opinion(
                    office_id=services.office_id,
                    citizen_id=person.id,
                    channel_identity_id=known.id,
                    kind="y-kien",
                    topic="giao-thong",
                    level="xa",
                    original_text="Đường hỏng",
                    submitted_at=work.now,
                )
            )
            work.commit()
        assert opinion.id is not None
        return opinion.id

    return of


def row(services: Services, delivery_id: int) -> Delivery:
    with services.reading() as work:
        return work.session.get_one(Delivery, delivery_id)


def identity(services: Services, chat: str) -> ChannelIdentity:
    with services.reading() as work:
        return work.session.exec(select(ChannelIdentity).where(ChannelIdentity.external_id == chat)).one()


def ending_in(*outcomes: Outcome) -> Callable[[OutboundMessage], Outcome]:
    """Sends end in these, one after the other; then all is well."""
    left = list(outcomes)
    return lambda message: left.pop(0) if left else SENT


# ---------------------------------------------------------------------- what is sent


async def test_what_is_due_is_sent_once_and_what_is_not_due_waits(services, channel, outbox, write, clock) -> None:
    now_id = write("1", "bây giờ")
    later_id = write("2", "sau", not_before=clock.now() + dt.timedelta(minutes=2))
    assert await outbox.flush() == {DeliveryState.SENT: 1}
    assert await outbox.flush() == {}
    assert [message.text for message in channel.sent] == ["bây giờ"]
    assert row(services, now_id).external_ids == ["1"]
    assert row(services, now_id).finished_at == clock.now()
    clock.advance(120)
    await outbox.flush()
    assert row(services, later_id).state == DeliveryState.SENT


async def test_messages_of_one_chat_go_in_the_order_they_were_written(channel, outbox, write) -> None:
    for number in range(20):
        write(str(number % 3), f"tin {number}")
    await outbox.flush()
    for chat in range(3):
        assert channel.texts_to(str(chat)) == [f"tin {number}" for number in range(20) if number % 3 == chat]


async def test_a_notice_in_its_undo_grace_does_not_hold_up_a_reply(channel, outbox, write, clock) -> None:
    write("1", "quyết định", purpose="approved", not_before=clock.now() + dt.timedelta(minutes=2))
    write("1", "trả lời ngay")
    await outbox.flush()
    assert channel.texts_to("1") == ["trả lời ngay"]


async def test_replies_go_before_a_mass_of_notices_but_not_before_their_own_chats_earlier_ones(
    channel, outbox, write
) -> None:
    for number in range(200):
        write(str(number), "thông báo", purpose="answer")
    write("199", "trả lời")
    write("900", "trả lời người khác")
    await outbox.flush()
    order = [(message.chat_id, message.text) for message in channel.sent]
    assert order.index(("900", "trả lời người khác")) < 64
    assert order.index(("199", "thông báo")) < 64
    assert order.index(("199", "thông báo")) < order.index(("199", "trả lời"))


async def test_a_channel_that_is_off_keeps_its_messages_waiting(services, channels, outbox, write) -> None:
    waiting = write("1")
    assert await Outbox(services, {}, pace=no_waiting).flush() == {}
    assert row(services, waiting).state == DeliveryState.PENDING


# ---------------------------------------------------------------------- long texts


async def test_a_long_text_goes_in_parts_with_the_buttons_on_the_last_and_the_quote_on_the_first(
    services, channel, outbox, write
) -> None:
    channel.capabilities = Capabilities(text_limit=40)
    buttons = [[{"label": "1. Được", "token": "ok"}]]
    delivery = write("1", "Đoạn một của câu trả lời.\n\n" * 5, buttons=buttons, reply_to="12")
    await outbox.flush()
    assert len(channel.sent) == 5
    assert [bool(message.buttons) for message in channel.sent] == [False] * 4 + [True]
    assert [message.reply_to for message in channel.sent] == ["12", None, None, None, None]
    assert row(services, delivery).parts_sent == 5
    assert len(row(services, delivery).external_ids) == 5


async def test_a_hundred_thousand_characters_arrive_completely(channel, outbox, write) -> None:
    text = " ".join(f"câu số {number}." for number in range(9_000))
    assert len(text) > 100_000
    write("1", text)
    await outbox.flush()
    assert " ".join(message.text for message in channel.sent) == text


async def test_after_a_fault_between_two_parts_the_next_part_follows_and_none_is_repeated(
    services, channel, channels, write, clock
) -> None:
    channel.capabilities = Capabilities(text_limit=20)
    channel.script = ending_in(SENT, Outcome(kind=K.RETRY_LATER))
    delivery = write("1", "Phần thứ nhất đây. Phần thứ hai đây. Phần thứ ba đây.")
    write("1", "Tin sau")
    await Outbox(services, channels, pace=no_waiting, random=lambda: 0.0).flush()
    assert row(services, delivery).parts_sent == 1
    clock.advance(2)
    restarted = Outbox(services, channels, pace=no_waiting)
    await restarted.flush()
    assert channel.texts_to("1") == ["Phần thứ nhất đây.", "Phần thứ hai đây.", "Phần thứ ba đây.", "Tin sau"]


async def test_when_staff_found_the_last_part_to_have_arrived_nothing_more_is_sent(
    services, channel, outbox, write
) -> None:
    channel.capabilities = Capabilities(text_limit=20)
    settled = write("1", "Phần thứ nhất đây. Phần thứ hai đây.", parts_sent=2)
    await outbox.flush()
    assert channel.tried == []
    assert row(services, settled).state == DeliveryState.SENT


# ---------------------------------------------------------------------- how sends end


async def test_throttling_holds_back_later_messages_of_that_chat_only(services, channel, outbox, write, clock) -> None:
    channel.script = lambda message: (
        Outcome(kind=K.THROTTLED, retry_after=30.0)
        if message.chat_id == "1" and clock.now() < started + dt.timedelta(seconds=30)
        else SENT
    )
    started = clock.now()
    first = write("1", "một")
    write("1", "hai")
    write("2", "ba")
    await outbox.flush()
    assert [message.text for message in channel.sent] == ["ba"]
    assert row(services, first).not_before == started + dt.timedelta(seconds=30)
    clock.advance(29)
    assert await outbox.flush() == {}
    clock.advance(1)
    await outbox.flush()
    assert channel.texts_to("1") == ["một", "hai"]


async def test_many_throttled_chats_in_a_row_let_the_whole_channel_rest(channel, outbox, write) -> None:
    channel.script = lambda message: Outcome(kind=K.THROTTLED, retry_after=30.0)
    for chat in range(100):
        write(str(chat))
    await outbox.flush()
    # Those claimed together before the third answer came are not called back.
    assert len(channel.tried) < 64


async def test_a_passing_fault_is_tried_again_with_growing_waits_and_then_shown_to_staff(
    services, channel, outbox, write, clock
) -> None:
    channel.script = lambda message: Outcome(kind=K.RETRY_LATER) if message.chat_id == "1" else SENT
    delivery = write("1")
    waits = []
    for number in range(sending.MAX_ATTEMPTS):
        write(f"other {number}")
        await outbox.flush()
        waits.append((row(services, delivery).not_before - clock.now()).total_seconds())
        clock.advance(400)
    assert waits[:9] == [2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert row(services, delivery).state == DeliveryState.REJECTED
    assert row(services, delivery).attempts == sending.MAX_ATTEMPTS


async def test_an_unknown_outcome_is_marked_and_never_sent_again_by_itself(
    services, channel, outbox, write, clock
) -> None:
    channel.script = ending_in(Outcome(kind=K.UNKNOWN, detail="mất trả lời"))
    delivery = write("1", "một")
    write("1", "hai")
    await outbox.flush()
    clock.advance(100_000)
    await outbox.flush()
    assert row(services, delivery).state == DeliveryState.UNKNOWN
    assert row(services, delivery).outcome_detail == "mất trả lời"
    assert channel.texts_to("1") == ["hai"]


async def test_a_citizen_who_blocked_us_between_question_and_answer_keeps_it_for_pick_up(
    services, channel, outbox, write, ask
) -> None:
    opinion_id = ask("1")
    channel.script = lambda message: Outcome(kind=K.RECIPIENT_STOPPED, detail="đã chặn")
    answer = write("1", "trả lời bằng văn bản", purpose="answer", opinion_id=opinion_id)
    second = write("1", "thông báo khác", purpose="notice", opinion_id=opinion_id)
    greeting = write("1", "chào")
    await outbox.flush()
    assert row(services, answer).state == row(services, second).state == DeliveryState.WAITING_PICKUP
    assert row(services, greeting).state == DeliveryState.RECIPIENT_STOPPED
    assert len(channel.tried) == 1
    assert not identity(services, "1").reachable
    with services.reading() as work:
        verbs = [act.verb for act in work.session.exec(select(Act).order_by(col(Act.id)))]
    assert verbs[-1] == "became_unreachable"


async def test_a_notice_to_somebody_who_is_known_to_have_blocked_us_is_not_even_tried(
    services, channel, outbox, write, ask
) -> None:
    opinion_id = ask("1")
    notice = write("1", "trả lời", purpose="answer", opinion_id=opinion_id)
    with services.writing() as work:
        person = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.external_id == "1")).one()
        person.reachable = False
        work.session.add(person)
        work.commit()
    await outbox.flush()
    assert channel.tried == []
    assert row(services, notice).state == DeliveryState.WAITING_PICKUP
    assert row(services, notice).outcome == "unreachable"


async def test_notices_that_may_no_longer_be_sent_hold_up_nobody_behind_them(
    services, channel, channels, write, ask
) -> None:
    for chat in range(8):
        write(str(chat), purpose="answer", opinion_id=ask(str(chat)))
    with services.writing() as work:
        for person in work.session.exec(select(ChannelIdentity)).all():
            person.reachable = False
            work.session.add(person)
        work.commit()
    write("900", "trả lời người khác", purpose="notice")
    await Outbox(services, channels, pace=no_waiting, in_flight=3).flush()
    assert [message.chat_id for message in channel.sent] == ["900"]


async def test_a_migrated_group_gets_the_message_under_its_new_number_once(services, channel, outbox, write) -> None:
    channel.script = ending_in(Outcome(kind=K.MIGRATED, new_chat_id="-100500"))
    delivery = write("-500", "bản tin")
    await outbox.flush()
    assert [message.chat_id for message in channel.tried] == ["-500", "-100500"]
    assert row(services, delivery).state == DeliveryState.SENT
    assert identity(services, "-100500").id == row(services, delivery).channel_identity_id


async def test_a_group_that_migrates_to_a_chat_we_know_hands_its_messages_over(
    services, channel, outbox, write
) -> None:
    write("-100500", "cũ")
    await outbox.flush()
    channel.script = ending_in(Outcome(kind=K.MIGRATED, new_chat_id="-100500"))
    write("-500", "một")
    write("-500", "hai")
    await outbox.flush()
    assert channel.texts_to("-100500") == ["cũ", "một", "hai"]


async def test_a_group_that_migrates_again_and_again_is_given_up(services, channel, outbox, write) -> None:
    channel.script = lambda message: Outcome(kind=K.MIGRATED, new_chat_id="-9" + message.chat_id[1:])
    delivery = write("-500", "bản tin")
    await outbox.flush()
    assert row(services, delivery).state == DeliveryState.REJECTED
    assert len(channel.tried) == 2


@pytest.mark.parametrize(
    ("kind", "state"),
    [(K.REJECTED, DeliveryState.REJECTED), (K.WINDOW_CLOSED, DeliveryState.WAITING_PICKUP)],
)
async def test_a_message_the_platform_refuses_is_put_where_staff_see_it(
    services, channel, outbox, write, kind, state
) -> None:
    channel.script = ending_in(Outcome(kind=kind, detail="không nhận"))
    delivery = write("1")
    await outbox.flush()
    assert row(services, delivery).state == state
    assert row(services, delivery).outcome_detail == "không nhận"


async def test_a_channel_that_is_down_keeps_all_its_messages_and_uses_up_no_attempts(
    services, channel, outbox, write
) -> None:
    channel.script = lambda message: Outcome(kind=K.CHANNEL_DOWN, detail="mã bot sai")
    ids = [write(str(chat)) for chat in range(200)]
    await outbox.flush()
    assert len(channel.tried) < 70
    assert {row(services, one).state for one in ids} == {DeliveryState.PENDING}
    assert {row(services, one).attempts for one in ids} == {0}
    channel.script = lambda message: SENT
    assert (await outbox.flush())[DeliveryState.SENT] == 200


async def test_a_channel_that_raises_against_its_contract_leaves_the_outcome_unknown(
    services, channel, outbox, write
) -> None:
    def broken(message: OutboundMessage) -> Outcome:
        raise ZeroDivisionError

    channel.script = broken
    delivery = write("1")
    await outbox.flush()
    assert row(services, delivery).state == DeliveryState.UNKNOWN


async def test_a_send_without_an_answer_in_time_is_unknown(services, channel, channels, write) -> None:
    channel.latency = 5.0
    delivery = write("1")
    await Outbox(services, channels, pace=no_waiting, send_timeout=0.05).flush()
    assert row(services, delivery).state == DeliveryState.UNKNOWN


# ---------------------------------------------------------------------- crashes and several processes


def claim(services: Services, **more: object) -> list[sending.ClaimedSend]:
    options: dict[str, object] = {"limit": 10, "lease": dt.timedelta(seconds=60)} | more
    return sending.claim_due(services, channel="thu", account="kenh-1", **options)


def test_a_send_cut_short_by_a_kill_becomes_unknown_when_its_claim_has_run_out(services, write, clock) -> None:
    delivery = write("1")
    assert len(claim(services)) == 1
    clock.advance(59)
    assert sending.expire_claims(services) == 0
    clock.advance(2)
    assert sending.expire_claims(services) == 1
    assert sending.expire_claims(services) == 0
    assert row(services, delivery).state == DeliveryState.UNKNOWN
    assert claim(services) == []


def test_a_slow_sender_may_still_say_that_its_message_arrived_but_not_after_staff_decided(
    services, write, clock
) -> None:
    first, second = write("1"), write("2")
    claims = claim(services)
    clock.advance(61)
    sending.expire_claims(services)
    assert sending.record(services, [sending.SendResult(claim=claims[0], outcome=SENT)]) == [DeliveryState.SENT]
    assert row(services, first).state == DeliveryState.SENT
    with services.writing() as work:
        decided = work.session.get_one(Delivery, second)
        decided.state, decided.claimed_until = DeliveryState.PENDING, None
        work.session.add(decided)
        work.commit()
    assert sending.record(services, [sending.SendResult(claim=claims[1], outcome=SENT)]) == [DeliveryState.PENDING]


def test_nothing_of_a_chat_can_be_claimed_while_one_of_its_messages_is_under_way(services, write) -> None:
    write("1", "một")
    write("1", "hai")
    assert [one.text for one in claim(services)] == ["một"]
    assert claim(services) == []


async def test_two_senders_on_one_database_never_send_the_same_message_twice(
    services, channel, channels, write, database
) -> None:
    for number in range(300):
        write(str(number % 60), f"tin {number}")
    databases = [Database(database.url) for _ in range(2)]

    def one_process(each: Database) -> None:
        alone = Services(database=each, clock=services.clock)
        asyncio.run(Outbox(alone, channels, pace=no_waiting).flush())

    threads = [threading.Thread(target=one_process, args=(each,)) for each in databases]
    for thread in threads:
        thread.start()
    await asyncio.to_thread(lambda: [thread.join() for thread in threads])
    await Outbox(services, channels, pace=no_waiting).flush()
    for each in databases:
        each.close()
    texts = [message.text for message in channel.sent]
    assert len(texts) == len(set(texts)) == 300
    for chat in range(60):
        numbers = [int(text.split()[1]) for text in channel.texts_to(str(chat))]
        assert numbers == sorted(numbers)


async def test_an_outcome_the_database_does_not_take_at_once_is_recorded_when_it_does(
    services, channel, outbox, write
) -> None:
    delivery = write("1")

    def rename(old: str, new: str) -> None:
        with services.database.engine.connect() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")
            connection.commit()

    def sent_while_the_database_fails(message: OutboundMessage) -> Outcome:
        rename("delivery", "hidden")
        asyncio.get_running_loop().call_later(0.2, rename, "hidden", "delivery")
        return SENT

    channel.script = sent_while_the_database_fails
    await outbox.flush()
    assert row(services, delivery).state == DeliveryState.SENT
    assert len(channel.sent) == 1


# ---------------------------------------------------------------------- the running service


def quick_pace(capabilities: Capabilities) -> Pacer:
    return Pacer(rate_per_second=500.0, seconds_per_chat=0.02)


async def test_a_running_outbox_sends_at_once_when_it_is_told_and_stops_between_sends(
    database, channel, channels, write
) -> None:
    live = Services(database=database, clock=SystemClock())
    channel.latency = 0.02
    outbox = Outbox(live, channels, pace=quick_pace, poll_seconds=30.0)
    stop = asyncio.Event()
    running = asyncio.create_task(outbox.run(stop))
    await asyncio.sleep(0.1)
    for number in range(40):
        write(str(number % 8), f"tin {number}")
    outbox.notify()
    async with asyncio.timeout(60):
        while len(channel.sent) < 40:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    write("1", "đang gửi thì dừng")
    outbox.notify()
    await asyncio.sleep(0.01)
    stop.set()
    await running
    with live.reading() as work:
        states = set(work.session.exec(select(Delivery.state)))
    assert states <= {DeliveryState.SENT, DeliveryState.PENDING}


async def test_while_nothing_gets_through_one_probe_at_a_time_asks_and_then_all_goes_out(
    database, channel, channels, write
) -> None:
    live = Services(database=database, clock=SystemClock())
    channel.script = lambda message: Outcome(kind=K.CHANNEL_DOWN)
    for number in range(50):
        write(str(number))
    outbox = Outbox(live, channels, pace=quick_pace, poll_seconds=0.05, first_rest=0.05)
    stop = asyncio.Event()
    running = asyncio.create_task(outbox.run(stop))
    await asyncio.sleep(0.5)
    probes = len(channel.tried)
    assert probes < 50
    channel.script = lambda message: SENT
    async with asyncio.timeout(60):
        while len(channel.sent) < 50:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    stop.set()
    await running
    assert {message.chat_id for message in channel.sent} == {str(number) for number in range(50)}


async def test_a_lane_that_fails_ends_the_outbox_loudly_instead_of_falling_silent(database, channels, write) -> None:
    class Broken(Pacer):
        def free_slots(self, horizon: float) -> int:
            raise ZeroDivisionError

    def broken(capabilities: Capabilities) -> Pacer:
        return Broken(rate_per_second=1.0, seconds_per_chat=0.0)

    outbox = Outbox(Services(database=database, clock=SystemClock()), channels, pace=broken)
    async with asyncio.timeout(60):
        with pytest.raises(ExceptionGroup):
            await outbox.run(asyncio.Event())
