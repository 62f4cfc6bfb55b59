"""Danger in any words at any step: the number to call at once, and staff told at once."""

from __future__ import annotations

from bot.conversation.turn import Turn
from casework.effects import AlertStaff, OpinionFact
from casework.wording import keys, say


def warn_at_once(turn: Turn, text: str) -> bool:
    """Say what number to call, without waiting for the sender to finish. Whether there is danger."""
    emergency = turn.facts.understand(text).emergency
    if emergency is None:
        return False
    key = f"emergency.{emergency}"
    turn.say(say(key if key in keys() else "emergency.general"), say("emergency.not_this_channel"))
    return True


def guidance_of_danger(turn: Turn, text: str, opinion: OpinionFact | None) -> None:
    """Words for an opinion that is already with us speak of danger: warn, and tell staff now."""
    if warn_at_once(turn, text) and opinion is not None:
        turn.do(AlertStaff(reason="emergency", opinion_id=opinion.id))
