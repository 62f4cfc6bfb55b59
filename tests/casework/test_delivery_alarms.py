"""Alarms of the ways to people: each once a local day, of one channel, and saying what to do."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.clock import ManualClock
from casework.usecases.delivery.alarms import watch_shortages, way_in_troubled
from casework.usecases.delivery.counting import watch_failures
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Delivery, DeliveryAttempt, Role, Staff
from tests.casework.factories import make_staff, notices_of

NO_MONEY = "Tài khoản ZBS hết tiền. Anh/chị nạp tiền vào tài khoản ZBS."


@pytest.fixture(autouse=True)
def chat(services: Services) -> int:
    """Of an administrator."""
    admin = make_staff(services, Role.ADMIN)
    with services.writing() as work:
        found = work.add(ChannelIdentity(channel="telegram", account="1", external_id="9"))
        work.session.get_one(Staff, admin).channel_identity_id = found.id
        work.commit()
        return found.id or 0


def tried(services: Services, chat: int, channel: str, outcome: str, times: int = 1, detail: str | None = None) -> None:
    with services.writing() as work:
        row = work.add(
            Delivery(
                key=f"{channel}:{outcome}:{work.now}",
                purpose="answer",
                channel_identity_id=chat,
                text="Kính chào",
                not_before=work.now + dt.timedelta(days=99),
                created_at=work.now,
            )
        )
        for _ in range(times):
            work.add(
                DeliveryAttempt(
                    delivery_id=row.id or 0, channel=channel, rung="free", outcome=outcome, detail=detail, at=work.now
                )
            )
        work.commit()


def alerts(services: Services) -> list[str]:
    return [row.text for row in notices_of(services, "alert")]


def test_a_channel_that_fails_wholly_is_heard_of_beside_a_busy_one(services: Services, chat: int) -> None:
    tried(services, chat, "telegram", "sent", 1300)
    tried(services, chat, "zalo-oa", "rejected:-201", 60)
    assert watch_failures(services) == 1
    (text,) = alerts(services)
    assert "60 trên 60 tin qua Zalo OA" in text


def test_tries_that_are_repeated_do_not_hide_those_that_failed(services: Services, chat: int) -> None:
    tried(services, chat, "zalo-oa", "throttled:-32", 300)
    tried(services, chat, "zalo-oa", "retry_later:-200", 300)
    tried(services, chat, "zalo-oa", "rejected:-201", 12)
    assert watch_failures(services) == 1
    assert "12 trên 12" in alerts(services)[0]


def test_the_day_of_an_alarm_is_the_local_one(services: Services, chat: int, clock: ManualClock) -> None:
    # The clock stands at 08:00 in Viet Nam; 16:00 later it is past midnight there and still the same day in London.
    tried(services, chat, "zalo-oa", "rejected:-201", 12)
    assert watch_failures(services) == 1
    clock.advance(15 * 3600)
    assert watch_failures(services) == 0
    clock.advance(1.5 * 3600)
    assert watch_failures(services) == 1


def test_what_an_account_lacks_is_told_once_a_day_with_what_to_do(
    services: Services, chat: int, clock: ManualClock
) -> None:
    look = {"channel": "zalo-oa", "codes": frozenset({"-115", "-321"})}
    assert watch_shortages(services, **look) == 0
    tried(services, chat, "zalo-zbs", "channel_down:-115", 5, NO_MONEY)
    tried(services, chat, "zalo-oa", "window_closed:-230", 5, "Quá 7 ngày.")
    assert watch_shortages(services, **look) == 0, "another channel, another number"
    tried(services, chat, "zalo-oa", "throttled:-115", 500, NO_MONEY)
    assert [watch_shortages(services, **look) for _ in range(3)] == [1, 0, 0]
    (text,) = alerts(services)
    assert "nạp tiền" in text
    clock.advance(23 * 3600)
    assert watch_shortages(services, **look) == 1
    clock.advance(24 * 3600)
    assert watch_shortages(services, **look) == 0, "nothing was refused for a day"


def test_trouble_at_the_way_in_is_told_once_a_day_and_nothing_else_is(services: Services, clock: ManualClock) -> None:
    assert way_in_troubled(services, channel="zalo-oa", trouble="") == 0
    told = [way_in_troubled(services, channel="zalo-oa", trouble="Đồng hồ sai.") for _ in range(3)]
    assert told == [1, 0, 0]
    assert "Zalo OA" in alerts(services)[0]
    assert "Đồng hồ sai." in alerts(services)[0]
