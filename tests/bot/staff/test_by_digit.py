"""A number stands for a press exactly where the buttons could not be shown as buttons."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.staff.buttons import Press, Tap, for_slips
from bot.staff.by_digit import pressed_by_digit
from casework import notices
from casework.talk import Button, Capabilities, InboundMessage, MessageKind, Reply
from casework.usecases.citizens import people
from casework.usecases.work import Services

FIVE_AT_MOST = Capabilities(text_limit=1900, most_buttons=5)
ANY_NUMBER = Capabilities(text_limit=4000)
NONE = Capabilities(text_limit=1900, buttons=False)


@pytest.fixture
def typed(services: Services) -> InboundMessage:
    """A colleague answers "2"."""
    return InboundMessage(
        channel="zalo-oa",
        account="oa",
        chat_id="7",
        sender_id="7",
        kind=MessageKind.TEXT,
        text="2",
        sent_at=services.clock.now(),
    )


@pytest.fixture
def shown_to(services: Services, typed: InboundMessage) -> Callable[[int], int]:
    """The last card had so many buttons; returns the number of the chat."""

    def shown(count: int) -> int:
        buttons = [
            Button(label=f"Xem {n}", token=Press(tap=Tap.VIEW, ref=f"#{n}").token()) for n in range(1, count + 1)
        ]
        with services.writing() as work:
            identity = people.meet(work, typed).identity
            identity.last_inbound_at = work.now
            work.session.add(identity)
            assert identity.id is not None
            card = Reply(text="Hàng đợi", buttons=tuple((one,) for one in buttons))
            notices.reply(work, key=f"card:{count}", identity_id=identity.id, message=card)
            work.commit()
            return identity.id

    return shown


def test_a_number_that_stands_in_the_text_counts_even_where_buttons_are_shown(
    services: Services, typed: InboundMessage
) -> None:
    with services.writing() as work:
        identity = people.meet(work, typed).identity
        identity.last_inbound_at = work.now
        assert identity.id is not None
        card = Reply(text="1. ABC-DEF\n2. GHK-LMN", buttons=for_slips(["ABCDEF", "GHKLMN"]))
        notices.reply(work, key="slips", identity_id=identity.id, message=card)
        work.commit()
    found = pressed_by_digit(services, identity.id, typed, shows=ANY_NUMBER.shows)
    assert isinstance(found, InboundMessage)
    assert found.token == "s:sl:GHKLMN"


@pytest.mark.parametrize(
    ("capabilities", "buttons", "presses"),
    [(FIVE_AT_MOST, 6, True), (FIVE_AT_MOST, 5, False), (ANY_NUMBER, 6, False), (NONE, 1, False), (NONE, 2, True)],
    ids=["too many to show", "shown", "all are shown", "no such number", "none can be shown"],
)
def test_a_number_presses_only_what_could_not_be_shown(
    capabilities: Capabilities,
    buttons: int,
    presses: bool,
    services: Services,
    typed: InboundMessage,
    shown_to: Callable[[int], int],
) -> None:
    found = pressed_by_digit(services, shown_to(buttons), typed, shows=capabilities.shows)
    assert isinstance(found, InboundMessage) is presses
    if isinstance(found, InboundMessage):
        assert (found.kind, found.token) == (MessageKind.PRESS, Press(tap=Tap.VIEW, ref="#2").token())
