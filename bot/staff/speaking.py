"""The list of speakers at a staff member's word: looked at, decided, ordered, marked in the hall."""

from __future__ import annotations

from collections.abc import Callable

from bot.staff.actor import Desk
from casework.errors import InvalidInput
from casework.names import SPEAKER_STATES
from casework.public_words import name_free, one_line
from casework.talk import Reply
from casework.usecases.conference import speakers
from casework.usecases.conference.speakers import SpeakerRow
from casework.wording import say
from nlp.normalise import fold

#: speakers in one message
SHOWN = 30


def run(desk: Desk, words: str) -> Reply:
    """`/phatbieu`, `/phatbieu duyet 3`, ...: of the conference that is being held, else of the next one.

    Raises what the use cases raise, and `InvalidInput` for words that are none of these.
    """
    code = speakers.current_conference(desk.services, desk.who.id)
    if not words.strip():
        return _list(desk, code)
    verb, _, rest = words.strip().partition(" ")
    act = _ACTS.get(fold(verb))
    if act is None:
        raise InvalidInput(f"Không hiểu «{verb}».", todo=say("speakers_list.usage"))
    return act(desk, code, rest.strip())


def _list(desk: Desk, code: str) -> Reply:
    rows = speakers.list_speakers(desk.services, desk.who.id, code)
    if not rows:
        return Reply(text=say("speakers_list.none", code=code))
    text = [say("speakers_list.head", code=code, count=sum(row.number is not None for row in rows))]
    text += [_line(row, in_group=desk.in_group) for row in rows[:SHOWN]]
    if len(rows) > SHOWN:
        text.append(say("speakers_list.more", count=len(rows) - SHOWN))
    return Reply(text="\n".join([*text, say("speakers_list.usage")]))


def _line(row: SpeakerRow, *, in_group: bool) -> str:
    """In a group nobody hears names."""
    matter = one_line(name_free(row.matter) if in_group else row.matter, 80)
    parts = [
        str(row.number) if row.number is not None else row.ref,
        *((row.name,) if row.name and not in_group else ()),
        row.village or say("speakers_list.no_village"),
        SPEAKER_STATES[row.state],
    ]
    if row.same_matter_as is not None:
        parts.append(say("speakers_list.same", number=row.same_matter_as))
    return f"{' · '.join(parts)}\n  {matter}"


def _ref(rest: str) -> tuple[str, str]:
    ref, _, more = rest.partition(" ")
    if not ref:
        raise InvalidInput(say("speakers_list.which"), todo=say("speakers_list.usage"))
    return ref, more.strip()


def _done(desk: Desk, key: str, row: SpeakerRow) -> Reply:
    where = str(row.number) if row.number is not None else row.ref
    by_hand = key in {"confirmed", "declined"} and row.source != "chat"
    return Reply(text=say(f"speakers_list.{key}", ref=where) + (f" {say('speakers_list.by_hand')}" if by_hand else ""))


def _confirm(desk: Desk, code: str, rest: str) -> Reply:
    ref, more = _ref(rest)
    declared = fold(more) in {"du", "du dieu kien"}
    return _done(desk, "confirmed", speakers.confirm(desk.services, desk.who.id, code, ref, eligible=declared))


def _decline(desk: Desk, code: str, rest: str) -> Reply:
    ref, reason = _ref(rest)
    if fold(reason) == "ly do":
        raise InvalidInput("Đây vẫn là chữ mẫu, anh/chị thay bằng lý do thật.")
    return _done(desk, "declined", speakers.decline(desk.services, desk.who.id, code, ref, reason=reason))


def _withdraw(desk: Desk, code: str, rest: str) -> Reply:
    ref, _ = _ref(rest)
    return _done(desk, "withdrawn", speakers.withdraw(desk.services, desk.who.id, code, ref))


def _spoken(desk: Desk, code: str, rest: str) -> Reply:
    ref, _ = _ref(rest)
    return _done(desk, "spoken", speakers.mark(desk.services, desk.who.id, code, ref, spoken=True))


def _absent(desk: Desk, code: str, rest: str) -> Reply:
    ref, _ = _ref(rest)
    return _done(desk, "absent", speakers.mark(desk.services, desk.who.id, code, ref, spoken=False))


def _order(desk: Desk, code: str, rest: str) -> Reply:
    ref, place = _ref(rest)
    if not (place.isascii() and place.isdigit() and len(place) <= 4):
        raise InvalidInput("Chưa ghi thứ tự mới.", todo=say("speakers_list.usage"))
    speakers.reorder(desk.services, desk.who.id, code, ref, int(place))
    return _list(desk, code)


def _add(desk: Desk, code: str, rest: str) -> Reply:
    row = speakers.register(desk.services, desk.who.id, code, matter=rest)
    return _done(desk, "added", row)


_ACTS: dict[str, Callable[[Desk, str, str], Reply]] = {
    "duyet": _confirm,
    "xep": _confirm,
    "tuchoi": _decline,
    "rut": _withdraw,
    "xong": _spoken,
    "vang": _absent,
    "chuyen": _order,
    "them": _add,
}
