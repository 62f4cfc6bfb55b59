"""Noticing that a machine talks to us: another bot that loops with ours, or somebody flooding the channel."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

from bot.conversation.state import parse_instant
from bot.conversation.turn import Turn
from casework.effects import AlertStaff
from casework.wording import say


def is_flooding(turn: Turn) -> bool:
    """Whether to stay silent. The message is stored either way; the first time, sender and staff are told."""
    talk, now, pace = turn.talk, turn.now, turn.pace
    minute_ago = now - dt.timedelta(minutes=1)
    talk.recent = [instant for instant in talk.recent if parse_instant(instant) > minute_ago]
    if turn.message.album is None or turn.message.text:
        # The pictures of one album are one thing.
        talk.recent.append(now.isoformat())
    # Albums and file bursts carry no words: only words repeat like a machine.
    words = sha256(turn.message.text.encode()).hexdigest()[:16] if turn.message.text else ""
    talk.repeats = talk.repeats + 1 if words and words == talk.last_words else 0
    talk.last_words = words
    if talk.muted_until is not None and now < parse_instant(talk.muted_until):
        return True
    talk.muted_until = None
    if len(talk.recent) <= pace.loop_messages and talk.repeats < pace.loop_repeats:
        return False
    talk.muted_until = (now + pace.mute).isoformat()
    turn.do(AlertStaff(reason="loop"))
    turn.say(say("chat.loop"))
    return True
