"""One root, one class per cause. Each error says what happened and what to do, in the Vietnamese people read.

`code` is stable and searchable (docs, logs, reports); the text is for the person at the screen.
"""

from __future__ import annotations


class DoithoaiError(Exception):
    """Root of all errors the program raises on purpose."""

    code = "D000"

    def __init__(self, what: str, *, todo: str = "") -> None:
        super().__init__(f"{what} {todo}".strip())
        self.what = what
        self.todo = todo


class NotFound(DoithoaiError):
    """What was asked for is not there, or the asker may not know that it is."""

    code = "D010"


class Forbidden(DoithoaiError):
    """The actor lacks the role or the territory for this act."""

    code = "D020"


class IllegalMove(DoithoaiError):
    """The state of the thing does not allow this act."""

    code = "D030"


class AlreadyDecided(IllegalMove):
    """Somebody else was faster; nothing was changed."""

    code = "D031"


class InvalidInput(DoithoaiError):
    """A value given by a person is not one of those allowed."""

    code = "D040"


class SetupNeeded(DoithoaiError):
    """The database or the configuration is not ready for this."""

    code = "D050"
