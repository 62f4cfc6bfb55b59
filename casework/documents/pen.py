"""What the case file does not know stays blank on paper, and is named to whoever prints it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

#: room for a few words
BLANK = "." * 30
#: room for a number
FEW = "." * 10
#: room for a whole line
BLANK_LINE = "." * 90


#: in a list of names, who gave none
UNNAMED = "không ghi tên"


def unread(positions: Iterable[int]) -> str:
    """What to say of lines whose title is the program's and nobody is known to have read; neighbours as a range."""
    runs: list[list[int]] = []
    for one in sorted(positions):
        if runs and runs[-1][-1] == one - 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    said = (f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)
    return f"dòng mang tên máy đặt, chưa ai đọc lại: {', '.join(said)}"


@dataclass(kw_only=True)
class Pen:
    """Collects what a pen has to fill in, in the order of the document."""

    blanks: list[str] = field(default_factory=list)
    #: what a person should look at again
    reviews: list[str] = field(default_factory=list)

    def given(self, value: str | None, what: str, blank: str = BLANK) -> str:
        """The value, or dots; `what` says in words what is missing."""
        if value is not None and value.strip():
            return value
        self.left(what)
        return blank

    def left(self, what: str) -> None:
        """Something else is left to the pen."""
        if what not in self.blanks:
            self.blanks.append(what)

    def look(self, what: str) -> None:
        """A person should look at something again before the paper leaves."""
        if what not in self.reviews:
            self.reviews.append(what)
