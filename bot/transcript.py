"""Talks as text: written by `doithoai chat --transcript`, read back and replayed as tests.

# a title, in one line
> what the citizen writes
> [2]                 presses the button that begins with "2."
> {photo}             sends a file: photo, voice, document, location, sticker (several: {photo photo})
> {photo} the caption
> /edit 3 new words   changes the third thing the citizen sent
~ 10                  ten seconds pass
! approve             something staff does (the replaying test knows how)
< what the bot says, the first line
  and the following ones
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.rehearsal import Rehearsal
from casework.talk import OutboundMessage

_FILES = re.compile(r"\{([a-z ]+?)(?: (\d+))?\}\s*(.*)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry: `sort` is ">", "<", "~", "!" or "#"."""

    sort: str
    text: str


def parse(text: str) -> list[Line]:
    """Entries of a transcript. Raises `ValueError` naming the line that is not one."""
    lines: list[Line] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip():
            continue
        if raw.startswith("  ") and lines:
            lines[-1] = Line(sort=lines[-1].sort, text=f"{lines[-1].text}\n{raw[2:]}")
        elif raw[0] in "><~!#" and raw[1:2] in (" ", ""):
            lines.append(Line(sort=raw[0], text=raw[2:]))
        else:
            raise ValueError(f"line {number}: begins with none of > < ~ ! # and is no continuation: {raw!r}")
    return lines


def render(lines: Iterable[Line]) -> str:
    """The text form of entries; `parse(render(x)) == x`."""
    return "\n".join(_render(lines)) + "\n"


def _render(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        first, *rest = line.text.split("\n")
        yield f"{line.sort} {first}".rstrip()
        for more in rest:
            yield f"  {more}"


def said(message: OutboundMessage) -> Line:
    """What the bot said, without empty lines; buttons repeat the numbered lines, so the text is enough."""
    return Line(sort="<", text="\n".join(part.rstrip() for part in message.text.split("\n") if part.strip()))


def files_in(text: str) -> tuple[list[dict[str, object]], str] | None:
    """Files and caption of "{photo photo} caption" or "{voice 35}"; None when the text is no such thing."""
    match = _FILES.fullmatch(text)
    if match is None:
        return None
    files: list[dict[str, object]] = [{"kind": kind, "file_ref": f"ref-{kind}"} for kind in match[1].split()]
    if match[2] and files:
        files[-1]["duration_seconds"] = int(match[2])
    return files, match[3]


async def perform(line: Line, rehearsal: Rehearsal, chat: str, *, name: str | None = None) -> None:
    """Do what an entry says a citizen does, or let its time pass. Entries of the bot and of staff are not for here."""
    text = line.text
    if line.sort == "~":
        await rehearsal.wait(float(text or 10))
    elif text.startswith("[") and text.endswith("]"):
        await rehearsal.press(chat, _token(rehearsal, chat, text[1:-1].strip()))
    elif text.startswith("/start"):
        await rehearsal.start(chat, text.removeprefix("/start").strip())
    elif text.startswith("/edit ") and len(text.split(" ", 2)) == 3:
        _, ref, words = text.split(" ", 2)
        await rehearsal.edit(chat, ref, words)
    elif (files := files_in(text)) is not None:
        album = "album" if len(files[0]) > 1 else None
        await rehearsal.send_files(chat, files[0], text=files[1], album=album)
    else:
        await rehearsal.write(chat, text, name=name)


def _token(rehearsal: Rehearsal, chat: str, number: str) -> str:
    """Token of the button that begins with this number; one of no prompt when there is none such."""
    buttons = rehearsal.buttons_of(chat)
    return next((button.token for button in buttons if button.label.startswith(f"{number}.")), "c:0:0")
