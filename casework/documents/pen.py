"""What the case file does not know stays blank on paper, and is named to whoever prints it."""

from __future__ import annotations

from dataclasses import dataclass, field

#: room for a few words
BLANK = "." * 30
#: room for a number
FEW = "." * 10
#: room for a whole line
BLANK_LINE = "." * 90


#: in a list of names, who gave none
UNNAMED = "không ghi tên"


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
