"""Tables for people: as wide as the terminal, each row a few lines at most, long texts cut with «…»."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence

#: lines a row of a list takes at most; whole texts are in JSON, CSV and `show`
LINES = 3
#: columns whose cells are this short are never broken, characters
SHORT_CELL = 14
#: characters between two columns, and at both edges together
GAP = 2
#: narrowest a column with long texts gets, characters
NARROWEST = 9


def widths(columns: Mapping[str, str], cells: Mapping[str, Sequence[str]], total: int) -> dict[str, int]:
    """How many characters each column gets (name -> heading, name -> its cells) in a table `total` wide.

    Short columns keep their line. The long ones share the rest so that their longest cell fits into `LINES` lines;
    where that is impossible the longest give way.
    """
    longest = {name: max((len(cell) for cell in cells[name]), default=0) for name in columns}
    whole = {name: max(length, len(columns[name])) for name, length in longest.items()}
    room = total - GAP * len(columns)
    if sum(whole.values()) <= room:
        return whole
    words = {name: max(map(len, heading.split()), default=1) for name, heading in columns.items()}
    found = {name: max(length, words[name]) for name, length in longest.items() if length <= SHORT_CELL}
    room -= sum(found.values())
    # A line breaks between words, so a text needs a little more than its share of the lines.
    need = {
        name: max(min(length, math.ceil(length / LINES) + 3), words[name])
        for name, length in longest.items()
        if name not in found
    }
    given = _shared(need, room)
    for name in sorted(given, key=lambda one: -longest[one]):
        more = min(room - sum(given.values()), longest[name] - given[name])
        given[name] += max(0, more)
    return {name: found[name] if name in found else given[name] for name in columns}


def _shared(need: Mapping[str, int], room: int) -> dict[str, int]:
    """Each what it needs, the most demanding ones an equal share of what is left."""
    given: dict[str, int] = {}
    rest = sorted(need, key=lambda name: need[name])
    while rest:
        share = max(room // len(rest), NARROWEST)
        name = rest.pop(0)
        given[name] = min(need[name], share)
        room -= given[name]
    return given


def cut(text: str, width: int) -> str:
    """The text in at most `LINES` lines of `width` characters."""
    lines = textwrap.wrap(text, max(width, 1), break_on_hyphens=False)
    if len(lines) <= LINES:
        return "\n".join(lines)
    kept, last = lines[: LINES - 1], lines[LINES - 1]
    if len(last) >= width:
        last = last.rsplit(" ", 1)[0] if " " in last else last[: width - 1]
    return "\n".join([*kept, f"{last}…"])
