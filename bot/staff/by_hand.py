"""What waits to be handed over in one's village, read out and marked as given: in words and digits alone."""

from __future__ import annotations

import re

from bot.staff.actor import Desk
from bot.staff.commands import all_refs
from casework.cards import say_ref
from casework.codes import parse_code
from casework.errors import InvalidInput, NotFound
from casework.public_words import one_line
from casework.talk import Reply
from casework.usecases.delivery import by_hand
from casework.usecases.delivery.by_hand import HandedOver, WaitingSlip
from casework.wording import say
from nlp.normalise import fold

#: slips in one message
SHOWN = 20
_ALL = re.compile(r"(?:tat ca|tatca|het)(?: (\d{1,4}))?")
_UNDO = re.compile(r"(?:bo|huy|nham)\s+(.+)", re.DOTALL)


def waiting(desk: Desk, words: str) -> Reply:
    """`/phieu`: what waits where I work; `/phieu 2` or `/phieu K7P-4MX`: the words to read out.

    Raises what the use cases raise, and `InvalidInput` for words that are neither.
    """
    said = words.strip()
    if not said:
        return _list(desk)
    if desk.in_group:
        return Reply(text=say("slips_list.not_in_group"))
    if said.isascii() and said.isdigit() and len(said) <= 4:
        return _text(desk, _at(desk, int(said)).ref)
    if said.startswith("#") or parse_code(said):
        return _text(desk, said)
    raise InvalidInput(say("handed.not_a_code", word=one_line(said, 40)))


def handed(desk: Desk, words: str) -> Reply:
    """`/datrao K7P-4MX TER-JN8`: given; `/datrao bo K7P-4MX`: that was a mistake; `/datrao tatca`: all that is printed,
    after the number was said once more. Raises as `waiting`."""
    said = " ".join(fold(words).split())
    if not said:
        raise InvalidInput(say("handed.which"))
    if (every := _ALL.fullmatch(said)) is not None:
        return _all(desk, int(every[1]) if every[1] else None)
    if (mistake := _UNDO.fullmatch(said)) is not None:
        codes = _heard(desk, _codes(mistake[1]))
        for code in codes:
            by_hand.take_back(desk.services, desk.who.id, code)
        return Reply(text="\n".join(say("handed.taken_back", code=say_ref(code)) for code in codes))
    return _report(desk, by_hand.hand_over(desk.services, desk.who.id, _heard(desk, _codes(words))))


def _list(desk: Desk) -> Reply:
    slips = by_hand.waiting_slips(desk.services, desk.who.id)
    if not slips:
        return Reply(text=say("slips_list.none"))
    text = [say("slips_list.head", count=len(slips))]
    for number, slip in enumerate(slips[:SHOWN], start=1):
        text += _lines(slip, number, in_group=desk.in_group)
    if len(slips) > SHOWN:
        text.append(say("slips_list.more", count=len(slips) - SHOWN))
    return Reply(text="\n".join([*text, say("slips_list.how", number=1, code=say_ref(slips[0].ref))]))


def _lines(slip: WaitingSlip, number: int, *, in_group: bool) -> list[str]:
    """In a group nobody hears names."""
    name = say("slips_list.name", name=slip.name) if slip.name and not in_group else ""
    line = say(
        "slips_list.line",
        number=number,
        code=say_ref(slip.ref),
        village=slip.village or say("slips_list.no_village"),
        name=name,
        printed=say("slips_list.printed") if slip.printed_at is not None else "",
    )
    return [line, say("slips_list.about", about=one_line(slip.about, 80))] if slip.about else [line]


def _at(desk: Desk, number: int) -> WaitingSlip:
    slips = by_hand.waiting_slips(desk.services, desk.who.id)
    if not 1 <= number <= len(slips):
        raise NotFound(say("slips_list.no_such", number=number))
    return slips[number - 1]


def _text(desk: Desk, ref: str) -> Reply:
    texts = by_hand.read_out(desk.services, desk.who.id, ref)
    code = say_ref(parse_code(ref) or ref)
    text = [say("slips_list.text", code=code), *texts, say("slips_list.read_done", code=code)]
    return Reply(text="\n\n".join(text))


def _all(desk: Desk, expected: int | None) -> Reply:
    if expected is None:
        slips = by_hand.waiting_slips(desk.services, desk.who.id)
        count = sum(slip.printed_at is not None for slip in slips)
        return Reply(text=say("handed.all", count=count) if count else say("handed.all_none"))
    return _report(desk, by_hand.hand_over_all(desk.services, desk.who.id, expected=expected))


def _report(desk: Desk, result: HandedOver) -> Reply:
    text = []
    if result.done:
        codes = list(dict.fromkeys(say_ref(one.ref) for one in result.done))
        text.append(say("handed.done", codes=", ".join(codes)))
    text += [say("handed.refused", code=refused.ref, why=refused.why) for refused in result.refused]
    if result.done:
        minutes = max(1, round(desk.services.undo_grace.total_seconds() / 60))
        text.append(say("handed.take_back", minutes=minutes, code=say_ref(result.done[0].ref)))
    return Reply(text="\n".join(text))


def _heard(desk: Desk, codes: list[str]) -> list[str]:
    """In a group there is no number of a sealed opinion, whoever says it."""
    hidden = [code for code in codes if desk.in_group and code.startswith("#")]
    if hidden:
        raise InvalidInput(say("handed.not_a_code", word=hidden[0]))
    return codes


def _codes(words: str) -> list[str]:
    """The codes in the order typed. Raises `InvalidInput` naming the first word that is none."""
    refs, wrong = all_refs(words)
    if wrong is not None:
        raise InvalidInput(say("handed.not_a_code", word=one_line(wrong, 40)))
    return refs
