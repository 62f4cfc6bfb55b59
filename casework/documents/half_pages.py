"""How much text goes on half a page: slips are cut apart, so what is long is parted before Word sees it.

Word could flow a text over pages, but not over halves that are cut apart and each need their own head. Widths are
those of Times New Roman (Adobe's metrics of Times-Roman); a letter with accents is as wide as its base.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

#: thousandths of the type size -> symbols
_WIDTHS = {
    250: " .,",
    278: "ijlt/:;",
    333: "fr!()-I'[]",
    389: "sJ",
    444: 'aceyz?“”"',
    500: "bdghknopquvx0123456789#$*_–",
    556: "FPS+=<>",
    611: "ELTZ",
    667: "BCR",
    722: "ADGHKNOQUVXYw",
    778: "m&",
    944: "MW%@",
    1000: "…—",
}
_WIDTH = {symbol: width for width, symbols in _WIDTHS.items() for symbol in symbols}
#: a symbol that is not in the table: as wide as any of another script
_UNKNOWN = 1000
#: the horn of ơ and ư
_HORN, _HORN_WIDTH = "\u031b", 60
_POINT = 25.4 / 72
#: Word breaks a line a little earlier than arithmetic does
_SAFETY = 0.97


def text_width(text: str, size: float) -> float:
    """Width of a line of text in `size` points, mm."""
    total = 0
    for symbol in unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")):
        if symbol == _HORN:
            total += _HORN_WIDTH
        elif not unicodedata.combining(symbol):
            total += _WIDTH.get(symbol, _UNKNOWN)
    return total * size / 1000 * _POINT


def wrapped(paragraph: str, *, size: float, width: float) -> list[str]:
    """The lines one paragraph takes in a column of `width` mm, none for a blank one; words too long for a line are
    broken."""
    room = width * _SAFETY
    lines: list[str] = []
    line = ""
    for word in paragraph.split():
        longer = f"{line} {word}" if line else word
        if text_width(longer, size) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        pieces = _broken(word, size, room)
        lines += pieces[:-1]
        line = pieces[-1]
    return [*lines, line] if line else lines


def _broken(word: str, size: float, room: float) -> list[str]:
    pieces, piece = [], ""
    for symbol in word:
        if piece and text_width(piece + symbol, size) > room:
            pieces.append(piece)
            piece = ""
        piece += symbol
    return [*pieces, piece]


def parted(
    paragraphs: Iterable[str], *, rooms: Sequence[float], size: float, width: float, gap: float = 0.0
) -> list[list[str]]:
    """Paragraphs dealt out over papers: `rooms` lines on the first, the second, ..., the last number for all further
    ones; `gap` is the white above a paragraph, in lines. Every word comes out exactly once and in its order; there is
    always at least one paper, and at least one line on each."""
    papers: list[list[str]] = [[]]
    left = rooms[0]
    for paragraph in paragraphs:
        lines = wrapped(paragraph, size=size, width=width)
        while lines:
            if left < 1 + gap and papers[-1]:
                papers.append([])
                left = rooms[min(len(papers), len(rooms)) - 1]
            fitting = max(1, int(left - gap))
            taken, lines = lines[:fitting], lines[fitting:]
            papers[-1].append(" ".join(taken))
            left -= len(taken) + gap
    return papers
