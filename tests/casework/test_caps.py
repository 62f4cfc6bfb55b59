"""What a platform allows in a month: staff are warned at 80 and 100 per cent, once a month; nobody is turned away."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from typer.testing import CliRunner

from admin_cli.app import app
from bot.channels.zalo_bot.connection import connect
from bot.policy import caps_of
from bot.settings import Settings
from bot.standins.zalo_bot import ZaloBotStandin
from casework.clock import ManualClock
from casework.errors import Forbidden
from casework.usecases.delivery import caps
from casework.usecases.delivery.attempts import month_of
from casework.usecases.delivery.caps import Cap
from casework.usecases.work import Services
from storage.records import ChannelIdentity, ChannelUsage, Role, Staff, StaffChat
from tests.casework.factories import make_staff, notices_of

CAP = Cap(channel="zalo-bot", account="7", people=5, messages_per_month=10)


@pytest.fixture
def admin(services: Services) -> int:
    """An administrator with a chat, and a staff group."""
    staff_id = make_staff(services, Role.ADMIN)
    with services.writing() as work:
        chat = work.add(ChannelIdentity(channel="telegram", account="bot", external_id="900"))
        group = work.add(ChannelIdentity(channel="telegram", account="bot", external_id="-9", is_group=True))
        staff = work.session.get_one(Staff, staff_id)
        staff.channel_identity_id = chat.id
        work.session.add(staff)
        work.add(StaffChat(office_id=services.office_id, channel_identity_id=group.id))
        work.commit()
    return staff_id


def _people(services: Services, count: int, *, start: int = 0) -> None:
    with services.writing() as work:
        for number in range(start, start + count):
            work.add(ChannelIdentity(channel="zalo-bot", account="7", external_id=f"c{number}"))
        work.commit()


def _sent(services: Services, count: int) -> None:
    with services.writing() as work:
        work.add(ChannelUsage(channel="zalo-bot", account="7", month=month_of(work.now), sent=count))
        work.commit()


def test_below_80_per_cent_nobody_is_told(services: Services, admin: int) -> None:
    _people(services, 3)
    _sent(services, 7)
    with services.writing() as work:
        work.add(ChannelIdentity(channel="zalo-bot", account="7", external_id="g", is_group=True))
        work.add(ChannelIdentity(channel="zalo-bot", account="8", external_id="other"))
        work.commit()
    assert caps.warn(services, [CAP])[1] == 0
    assert [(use.what, use.used, use.allowed) for use in caps.list_uses(services, admin, [CAP])] == [
        ("people", 3, 5),
        ("messages", 7, 10),
    ]


def test_at_80_and_at_100_per_cent_administrators_and_groups_are_told_once(services: Services, admin: int) -> None:
    _people(services, 4)
    assert caps.warn(services, [CAP])[1] == 2
    assert caps.warn(services, [CAP])[1] == 0
    _people(services, 1, start=4)
    assert caps.warn(services, [CAP])[1] == 2
    texts = [row.text for row in notices_of(services, "alert")]
    assert "Zalo Bot: đã có 4 người nhắn tới trên mức 5" in texts[0]
    assert "đã đủ 5 người" in texts[-1]


def test_the_next_month_counts_and_warns_anew(services: Services, admin: int, clock: ManualClock) -> None:
    _sent(services, 8)
    assert caps.warn(services, [CAP])[1] == 2
    clock.move_to(dt.datetime(2026, 12, 1, 1, 0, tzinfo=dt.UTC))
    assert caps.warn(services, [CAP])[1] == 0
    _sent(services, 9)
    assert caps.warn(services, [CAP])[1] == 2


def test_the_end_of_a_month_is_that_of_viet_nam(services: Services, admin: int, clock: ManualClock) -> None:
    clock.move_to(dt.datetime(2026, 11, 30, 16, 59, tzinfo=dt.UTC))
    _sent(services, 9)
    assert caps.warn(services, [CAP])[1] == 2
    clock.move_to(dt.datetime(2026, 11, 30, 17, 1, tzinfo=dt.UTC))
    assert caps.list_uses(services, admin, [CAP])[1].used == 0


def test_only_staff_may_look(services: Services) -> None:
    with pytest.raises(Forbidden):
        caps.list_uses(services, 999, [CAP])


def test_the_job_of_the_bot_warns_and_shows_it_as_trouble(services: Services, admin: int) -> None:
    settings = Settings(
        zalo_bot_token=ZaloBotStandin.TOKEN, zalo_bot_mode="polling", zalo_bot_people=1, zalo_bot_messages_per_month=9
    )
    (cap,) = caps_of(settings)
    assert (cap.people, cap.messages_per_month) == (1, 9)
    connection = connect(settings, services)
    assert connection is not None
    (job,) = connection.jobs
    assert job.act(services) == 0
    assert connection.trouble() == ""
    with services.writing() as work:
        work.add(ChannelIdentity(channel="zalo-bot", account=cap.account, external_id="c1"))
        work.commit()
    assert job.act(services) == 2
    assert "đã đủ 1 người" in connection.trouble()


def test_the_delivery_counts_say_how_far_the_caps_are_used(
    services: Services, admin: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOITHOAI_ZALO_BOT_TOKEN", "7:x")
    _people(services, 3)
    _sent(services, 120)
    shown = CliRunner().invoke(app, ["delivery", "counts", "--db", services.database.url])
    assert shown.exit_code == 0
    assert "Zalo Bot: 3 trên mức 50 người." in shown.stderr
    assert "Zalo Bot: tháng này 120 trên mức 3000 tin." in shown.stderr
