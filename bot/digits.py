"""Buttons as numbered lines: on a platform without buttons the number does what the press would do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from casework.talk import Button
from casework.wording import say

Rows = Sequence[Sequence[Button]]

#: a label that brings its own number: "1. Có", "0. Không, cảm ơn"
_OWN_NUMBER = re.compile(r"(\d{1,2})[.)]?\s")


def numbered(rows: Rows) -> dict[str, Button]:
    """Each button under its number: the one its label begins with, else the next that is free."""
    buttons = [button for row in rows for button in row]
    own = {match[1]: one for one in buttons if (match := _OWN_NUMBER.match(one.label))}
    found = dict(own)
    number = 0
    for button in buttons:
        if button in own.values():
            continue
        number += 1
        while str(number) in found:
            number += 1
        found[str(number)] = button
    return found


def spelled_out(text: str, rows: Rows) -> str:
    """The text with the choices it does not list itself as numbered lines below it."""
    lines = text.splitlines()
    missing = []
    for number, button in numbered(rows).items():
        brings_its_own = _OWN_NUMBER.match(button.label) is not None
        if brings_its_own and any(line.startswith((f"{number}.", f"{number})", f"{number} ")) for line in lines):
            continue
        missing.append(button.label if brings_its_own else f"{number}. {button.label}")
    return "\n".join([text, say("chat_digits.choose"), *missing]) if missing else text
