"""A staff member's number where buttons could not be shown: it presses what the last message offered under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.conversation.choices import read_digit
from bot.digits import Rows, numbered
from bot.staff.buttons import Tap, is_staff_token, parse_token
from casework.talk import InboundMessage, MessageKind, Reply
from casework.usecases.delivery.last_said import last_buttons
from casework.usecases.work import Services
from casework.wording import say

#: in a group several people are shown cards at once: only looking is done by number there, nothing is decided
_ONLY_LOOKS = frozenset({Tap.QUEUE, Tap.URGENT, Tap.VIEW, Tap.HISTORY, Tap.MORE})


def pressed_by_digit(
    services: Services, identity_id: int, message: InboundMessage, *, shows: Callable[[Rows], bool]
) -> InboundMessage | Reply | None:
    """The press a lone number stands for; a reply where it may not be done by number; None when the message is no
    number or the last message of this chat offered nothing to staff, or offered it as buttons (which `shows` tells)
    that bear no number of their own."""
    digit = read_digit(message.text) if message.kind is MessageKind.TEXT else None
    if digit is None:
        return None
    with services.reading() as work:
        rows = last_buttons(work, identity_id)
    offered = numbered(rows)
    spoken_of = any(button.label.startswith(f"{number}.") for number, button in offered.items())
    if (shows(rows) and not spoken_of) or not any(is_staff_token(button.token) for button in offered.values()):
        return None
    button = offered.get(digit)
    if button is None:
        slips = any(press.tap is Tap.SLIPS for one in offered.values() if (press := parse_token(one.token)) is not None)
        return Reply(text=say("slips_list.no_such", number=digit) if slips else say("chat_digits.no_such_number"))
    press = parse_token(button.token)
    if message.is_group and press is not None and press.tap not in _ONLY_LOOKS:
        return Reply(text=say("chat_digits.type_it"))
    return replace(message, kind=MessageKind.PRESS, token=button.token)
