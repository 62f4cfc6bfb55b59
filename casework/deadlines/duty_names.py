"""What a duty is called where its rule says more than its name."""

from __future__ import annotations

from casework.names import DUTIES
from casework.regulations.model import Duty, DutyRule

#: where the text lets agencies choose
_TOLD_OR_WRITTEN = "trả lời (trực tiếp hoặc bằng văn bản)"


def duty_name(duty: str, rule: DutyRule | None = None) -> str:
    """The duty as people call it under its rule, where one is known."""
    if rule is not None and duty == Duty.FINAL_ANSWER and rule.form == "spoken_or_written":
        return _TOLD_OR_WRITTEN
    return DUTIES[duty]
