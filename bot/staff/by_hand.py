"""What waits to be handed over in one's village, read out and marked as given: in words and digits alone."""

from __future__ import annotations

import re

from bot.staff import buttons
from bot.staff.actor import Desk
from bot.staff.commands import all_refs
from casework.cards import say_ref
from casework.codes import parse_code
from casework.errors import InvalidInput, NotFound
from casework.public_words import one_line
from casework.talk import Reply
from casework.usecases.delivery import by_hand
from casework.usecases.delivery.by_hand import HandedOver, WaitingSlip
from casework.usecases.delivery.last_said import last_list
from casework.usecases.moderation.bringing import bring_answer
from casework.wording import say
from nlp.normalise import fold
from storage.records import Staff

#: slips in one message
SHOWN = 20
_ALL = re.compile(r"(?:tat ca|tatca|het)(?: (\d{1,4}))?")
_NUMBERS = re.compile(r"\d{1,2}(?:[\s,;]+\d{1,2})*", re.ASCII)
#: how the token of a line of the list begins
_IN_LIST = f"s:{buttons.Tap.SLIPS.value}:"
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
        return show(desk, _listed(desk).get(int(said)) or _at(desk, int(said)).ref)
    if said.startswith("#") or parse_code(said):
        return show(desk, parse_code(said) or said)
    raise InvalidInput(say("handed.not_a_code", word=one_line(said, 40)))


def handed(desk: Desk, words: str) -> Reply:
    """`/datrao 1`, `/datrao K7P-4MX TER-JN8`: given; `/datrao bo 1`: that was a mistake; `/datrao tatca`: all that is
    printed, after the number was said once more. A number is that of the list shown last. Raises as `waiting`."""
    said = " ".join(fold(words).split())
    if not said:
        raise InvalidInput(say("handed.which"))
    if (every := _ALL.fullmatch(said)) is not None:
        return _all(desk, int(every[1]) if every[1] else None)
    if (mistake := _UNDO.fullmatch(said)) is not None:
        codes = _heard(desk, _codes(desk, mistake[1]))
        for code in codes:
            by_hand.take_back(desk.services, desk.who.id, code)
        return Reply(text="\n".join(say("handed.taken_back", code=say_ref(code)) for code in codes))
    return _report(desk, by_hand.hand_over(desk.services, desk.who.id, _heard(desk, _codes(desk, words))))


def show(desk: Desk, ref: str) -> Reply:
    """One slip to be read out, and what to choose then. Raises what `by_hand.read_out` raises."""
    texts = by_hand.read_out(desk.services, desk.who.id, ref)
    code = say_ref(ref)
    hint = [say("bring.how", code=code)] if _asks(desk, ref) else []
    text = [say("slips_list.text", code=code), *texts, *hint, say("slips_list.read_done", code=code)]
    return Reply(text="\n\n".join(text), buttons=buttons.for_slip(ref, len(texts)))


def given(desk: Desk, ref: str, count: int | None) -> Reply:
    """The slip that was read out is with its person. What came in since was not read out: it is shown first."""
    texts = by_hand.read_out(desk.services, desk.who.id, ref)
    if count is not None and len(texts) != count:
        again = show(desk, ref)
        return Reply(text="\n".join([say("slips_list.more_since"), again.text]), buttons=again.buttons)
    return _report(desk, by_hand.hand_over(desk.services, desk.who.id, [ref]))


def not_given(desk: Desk, ref: str) -> Reply:
    """That was a mistake: it waits again. Raises `NotFound` when it was not marked by this colleague lately."""
    by_hand.take_back(desk.services, desk.who.id, ref)
    return Reply(text=say("handed.taken_back", code=say_ref(ref)))


def bring(desk: Desk, ref: str, words: str) -> Reply:
    """`/bosung K7P-4MX lời`: what the person said to a question that was asked back. Raises as `bring_answer`."""
    if desk.in_group:
        return Reply(text=say("bring.private"))
    kind, _, number = desk.request.partition(":")
    entries = (int(number),) if kind == "inbox" and number.isdecimal() else ()
    said = bring_answer(desk.services, desk.who.id, ref, words, entry_ids=entries, request=desk.request)
    return Reply(text=say("bring.done", code=say_ref(said)))


def _asks(desk: Desk, ref: str) -> bool:
    """Whether what waits for this person is a question."""
    slips = by_hand.waiting_slips(desk.services, desk.who.id)
    return any(slip.ref == ref and slip.purpose == "asked_back" for slip in slips)


def _list(desk: Desk) -> Reply:
    slips = by_hand.waiting_slips(desk.services, desk.who.id)
    if not slips:
        return Reply(text=say("slips_list.none"))
    text = [say("slips_list.head", count=len(slips))]
    for number, slip in enumerate(slips[:SHOWN], start=1):
        text += _lines(slip, number, in_group=desk.in_group)
    if len(slips) > SHOWN:
        text.append(say("slips_list.more", count=len(slips) - SHOWN))
    if desk.in_group:
        return Reply(text="\n".join([*text, say("slips_list.how_in_group")]))
    refs = [slip.ref for slip in slips[:SHOWN]]
    return Reply(text="\n".join([*text, say("slips_list.how")]), buttons=buttons.for_slips(refs))


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


def _listed(desk: Desk) -> dict[int, str]:
    """The numbers of the list this colleague was shown last, in the own chat."""
    with desk.services.reading() as work:
        chat = work.session.get_one(Staff, desk.who.id).channel_identity_id
        shown = last_list(work, chat, _IN_LIST) if chat is not None and not desk.in_group else ()
    found: dict[int, str] = {}
    for button in shown:
        press = buttons.parse_token(button.token)
        number = button.label.partition(".")[0]
        if press is not None and press.ref is not None and number.isdigit():
            found[int(number)] = press.ref
    return found


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
    refs = {one.ref for one in result.done}
    alone = next(iter(refs)) if len(refs) == 1 and not desk.in_group else None
    return Reply(text="\n".join(text), buttons=buttons.after_handing(alone) if alone else ())


def _heard(desk: Desk, codes: list[str]) -> list[str]:
    """In a group there is no number of a sealed opinion, whoever says it."""
    hidden = [code for code in codes if desk.in_group and code.startswith("#")]
    if hidden:
        raise InvalidInput(say("handed.not_a_code", word=hidden[0]))
    return codes


def _codes(desk: Desk, words: str) -> list[str]:
    """The codes in the order typed, or those of the numbers of the list shown last. Raises `InvalidInput` naming the
    first word that is none, `NotFound` for a number that was not shown."""
    if _NUMBERS.fullmatch(words.strip()):
        listed = _listed(desk)
        numbers = [int(number) for number in re.findall(r"\d+", words)]
        for number in numbers:
            if number not in listed:
                raise NotFound(say("slips_list.no_such", number=number))
        return [listed[number] for number in numbers]
    refs, wrong = all_refs(words)
    if wrong is not None:
        raise InvalidInput(say("handed.not_a_code", word=one_line(wrong, 40)))
    return refs
