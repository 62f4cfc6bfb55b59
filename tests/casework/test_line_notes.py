"""Keeping the line open: only useful news, only inside the window, at most twice, never for state agencies unasked."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casework.clock import ManualClock
from casework.ladder import Policy
from casework.usecases.delivery.line_notes import invitation, keep_lines_open
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Conference, ConferenceState, Delivery, Opinion, ZaloGrant
from tests.casework.factories import make_citizen, make_opinion

ON = Policy(keep_line_open="on")


def asked_on_zalo(services: Services, channel: str = "zalo-oa", **more: object) -> Opinion:
    citizen = make_citizen(services, channel=channel, **more)  # type: ignore[arg-type]
    opinion = make_opinion(services, citizen=citizen)
    with services.writing() as work:
        identity = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.citizen_id == citizen)).one()
        identity.last_inbound_at = work.now
        work.session.add(identity)
        work.commit()
    return opinion


def plan(services: Services, number: int = 1) -> None:
    with services.writing() as work:
        work.add(
            Conference(
                office_id=services.office_id,
                code=f"DT-2026-0{number}",
                title="Hội nghị đối thoại",
                chair="Chủ tịch UBND xã",
                state=ConferenceState.PLANNED,
                held_on=dt.date(2026, 11, 20 + number),
                place="nhà văn hóa xã",
                regulation="thanh-hoa",
                created_at=work.now,
            )
        )
        work.commit()


def lines(services: Services) -> list[Delivery]:
    with services.reading() as work:
        return list(work.session.exec(select(Delivery).where(Delivery.purpose == "line")))


def test_who_was_taken_up_before_there_was_a_day_hears_of_it_once_while_the_window_is_open(services: Services) -> None:
    services.policy = ON
    opinion = asked_on_zalo(services)
    assert keep_lines_open(services) == 0
    plan(services)
    assert keep_lines_open(services) == 1
    assert keep_lines_open(services) == 0
    (note,) = lines(services)
    assert "21/11/2026" in note.text
    assert note.buttons == [[{"label": "1. Xem ý kiến của tôi đang ở bước nào", "token": f"st:{opinion.code}"}]]


@pytest.mark.parametrize("channel", ["telegram", "zalo-bot"])
def test_a_platform_that_never_closes_its_chats_needs_no_such_note(services: Services, channel: str) -> None:
    services.policy = ON
    asked_on_zalo(services, channel)
    plan(services)
    assert keep_lines_open(services) == 0


def test_nothing_is_sent_after_the_window_at_night_or_to_who_declined_news(
    services: Services, clock: ManualClock
) -> None:
    services.policy = ON
    asked_on_zalo(services, push=False)
    asked_on_zalo(services)
    plan(services)
    clock.advance(14 * 3600)
    assert keep_lines_open(services) == 0
    clock.advance(48 * 3600)
    assert keep_lines_open(services) == 0


@pytest.mark.parametrize(
    ("setting", "oa_type", "wanted"),
    [("off", 2, False), ("on", 4, True), ("auto", 2, True), ("auto", 4, False), ("auto", None, False)],
)
def test_a_state_agencys_account_sends_none_unless_told_to(
    services: Services, setting: str, oa_type: int | None, wanted: bool
) -> None:
    services.policy = Policy(keep_line_open=setting)
    with services.writing() as work:
        work.add(ZaloGrant(account="app", oa_type=oa_type))
        work.commit()
    asked_on_zalo(services)
    plan(services)
    assert keep_lines_open(services) == (1 if wanted else 0)


def test_an_opinion_invites_at_most_twice(services: Services) -> None:
    services.policy = ON
    opinion = asked_on_zalo(services)
    for number in range(2):
        with services.writing() as work:
            assert invitation(work, opinion)
            work.add(
                Delivery(
                    key=f"line:{number}",
                    purpose="line",
                    opinion_id=opinion.id,
                    text="Tin",
                    buttons=[[{"label": "1. Xem", "token": "st:x"}]],
                    not_before=work.now,
                    created_at=work.now,
                )
            )
            work.commit()
    with services.writing() as work:
        assert invitation(work, opinion) == ()
