"""What the citizen has with us: status by code, own list, adding, rewriting, withdrawing, answering, judging."""

from __future__ import annotations

import datetime as dt
import re

from bot.conversation.choices import read_digit, words_of
from bot.conversation.danger import guidance_of_danger
from bot.conversation.state import StepName, parse_instant
from bot.conversation.turn import Next, Option, Turn, contact, excerpt
from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.effects import AddWords, AlertStaff, AnswerFact, Fetched, GiveVerdict, OpinionFact, Withdraw
from casework.wording import say
from nlp.normalise import fold
from storage.records import OpinionState

#: lines of a list that still fit a small screen
LIST_LIMIT = 8
#: six letters and digits in a code's shape, but not a word with a number ("ngo 123")
_LOOKS_LIKE_CODE = re.compile(r"(?=.*\d)(?![A-Za-z]{3}\s\d{3}$)[0-9A-Za-z]{3}[\s.\-–]?[0-9A-Za-z]{3}")


# ---------------------------------------------------------------------- status


def is_code(turn: Turn, text: str) -> bool:
    """Whether a message is there to look something up: a code with few words around it."""
    if turn.facts.named_opinion is not None or turn.facts.unknown_code:
        return len(text) <= 60
    return _LOOKS_LIKE_CODE.fullmatch(text.strip()) is not None


def by_code(turn: Turn) -> None:
    """Status, words and answers behind a code; the words only for their author."""
    opinion = turn.facts.named_opinion
    if guessing(turn, found=opinion is not None):
        turn.say(say("status.too_many", contact=contact(turn.facts)))
    elif opinion is not None:
        show(turn, opinion)
    else:
        turn.say(say("status.unknown" if turn.facts.unknown_code else "status.bad_code"))


def guessing(turn: Turn, *, found: bool) -> bool:
    """Whether this chat has tried too many codes that lead nowhere; one more such try is counted."""
    talk, pace = turn.talk, turn.pace
    talk.misses = [miss for miss in talk.misses if turn.now - parse_instant(miss) < pace.guess_window]
    if len(talk.misses) >= pace.guesses:
        return True
    if not found:
        talk.misses.append(turn.now.isoformat())
    return False


def show(turn: Turn, opinion: OpinionFact) -> None:
    """Where an opinion stands, with all that was written about it; a final answer asks what its asker thinks of it.
    Silent when the answer itself goes out just before this reply: that says it all."""
    if opinion.mine and any(answer.going_out for answer in opinion.answers):
        if turn.talk.unfinished and turn.talk.options:
            turn.ask_again()
        return
    lines = [
        say(
            "status.one",
            code=spoken(opinion.code),
            date=vietnamese_date(opinion.submitted_on),
            status=opinion.status,
        )
    ]
    if opinion.mine and opinion.text is not None:
        lines.append(say("status.words", text=excerpt(opinion.text, 300)))
    question = opinion.question
    told = (*opinion.waiting, *opinion.going_out)
    if question is not None and opinion.mine and not any(question in text for text in told):
        lines.append(say("status.question", question=question))
    lines += opinion.waiting
    for answer in opinion.answers:
        if not any(answer.text in text for text in told):
            lines += _words_of_answer(answer)
    if opinion.mine:
        turn.do(Fetched(opinion_id=opinion.id))
    options = _options(opinion)
    open_answer = _open_answer(opinion)
    if turn.talk.unfinished:
        turn.say(*lines)
        if turn.talk.options:
            turn.ask_again()
    elif options:
        turn.ask(StepName.ABOUT, "\n".join(lines), options)
        turn.talk.about = opinion.code
    elif open_answer is not None:
        choices = [
            (f"settled:{open_answer.id}", say("verdict.yes")),
            (f"not_settled:{open_answer.id}", say("verdict.no")),
        ]
        turn.ask(StepName.VERDICT, "\n".join([*lines, say("verdict.ask")]), choices)
        turn.talk.about = opinion.code
    else:
        turn.say(*lines)


def _words_of_answer(answer: AnswerFact) -> list[str]:
    return [answer.text] if answer.page is None else [answer.text, say("answer_link.whole", link=answer.page)]


def _open_answer(opinion: OpinionFact) -> AnswerFact | None:
    """The newest final answer to one's own opinion that was not judged yet."""
    waiting = [answer for answer in opinion.answers if answer.final and answer.settled is None]
    return waiting[-1] if waiting and opinion.mine else None


def _options(opinion: OpinionFact) -> list[Option]:
    if not opinion.mine:
        return []
    options: list[Option] = []
    if opinion.state == OpinionState.CLARIFYING:
        options.append(("answer", say("status.answer_question")))
    if opinion.editable:
        options += [(name, say(f"status.{name}")) for name in ("add", "rewrite", "withdraw")]
    return [*options, ("ok", say("status.ok"))] if options else []


def chosen(turn: Turn, choice: str) -> None:
    opinion = turn.opinion(turn.talk.about)
    if choice == "ok" or opinion is None:
        turn.talk.rest()
        turn.say(say("status.done"))
    elif choice == "withdraw":
        ask_withdrawal(turn, opinion)
    elif choice == "answer":
        start_answering(turn, opinion)
    else:
        _start_writing(turn, opinion, StepName.REWRITING if choice == "rewrite" else StepName.ADDING)


def standing(turn: Turn) -> None:
    """Somebody asks what became of a matter without naming it: the own opinions, else the registration to speak."""
    fact = turn.facts.speaking
    unread = unread_answer(turn)
    if answer_goes_out(turn):
        return
    if not turn.facts.my_opinions and fact is not None and fact.mine:
        turn.next = Next.STANDING
    elif unread is not None:
        show(turn, unread[1])
    elif turn.facts.my_opinions:
        mine(turn)
    else:
        turn.say(say("status.none_asked"))


def mine(turn: Turn) -> None:
    """The citizen's own opinions with their codes; one alone is shown in full."""
    opinions = turn.facts.my_opinions[:LIST_LIMIT]
    if not opinions:
        turn.say(say("status.none_mine"))
    elif len(opinions) == 1:
        show(turn, opinions[0])
    else:
        turn.say(say("status.mine"), *(_line(opinion) for opinion in opinions), say("status.more"))


def _line(opinion: OpinionFact) -> str:
    return say(
        "status.line",
        code=spoken(opinion.code),
        date=vietnamese_date(opinion.submitted_on),
        status=opinion.status,
        text=excerpt(opinion.text or "", 70),
    )


# ---------------------------------------------------------------------- adding, rewriting, answering


def start_answering(turn: Turn, opinion: OpinionFact) -> None:
    """Staff asked back; the next words answer them."""
    if not opinion.mine or opinion.question is None:
        turn.say(say("answering.gone", code=spoken(opinion.code), status=opinion.status))
        return
    turn.talk.step, turn.talk.options, turn.talk.about = StepName.ANSWERING, {}, opinion.code
    turn.say(say("answering.now", code=spoken(opinion.code), question=opinion.question))


def _start_writing(turn: Turn, opinion: OpinionFact, step: StepName) -> None:
    if not opinion.editable:
        turn.talk.rest()
        turn.say(say("answering.too_late", code=spoken(opinion.code), status=opinion.status))
        return
    turn.talk.step, turn.talk.options, turn.talk.about = step, {}, opinion.code
    sentence = "answering.rewrite_now" if step is StepName.REWRITING else "answering.add_now"
    turn.say(say(sentence, code=spoken(opinion.code)))


def take_words(turn: Turn, text: str) -> None:
    """Words for an opinion that is already with us: more, instead, or the answer to a question."""
    talk = turn.talk
    step, opinion = talk.step, turn.opinion(talk.about)
    talk.rest()
    guidance_of_danger(turn, text, opinion)
    if opinion is None or not opinion.editable:
        if opinion is not None:
            turn.say(say("answering.too_late", code=spoken(opinion.code), status=opinion.status))
        turn.next = Next.NEW_THOUGHT
        return
    entries = () if turn.entry_id is None else (turn.entry_id,)
    replace = step == StepName.REWRITING
    turn.do(AddWords(opinion_id=opinion.id, text=text, entry_ids=entries, replace=replace))
    sentence = {
        StepName.REWRITING: "receipt.rewritten",
        StepName.ANSWERING: "receipt.replied",
    }.get(StepName(step), "receipt.joined")
    turn.say(say(sentence, code=spoken(opinion.code)))


# ---------------------------------------------------------------------- withdrawing


_WITHDRAWS = re.compile(r"(xin |muon |cho |de nghi |hay )*(rut|huy|xoa)\b")


def names_withdrawal(turn: Turn, text: str) -> bool:
    """Whether a message asks to take back the own opinion whose code it names: "rút ý kiến K7P-4MX"."""
    opinion = turn.facts.named_opinion
    wished = opinion is not None and opinion.mine and is_code(turn, text)
    return wished and _WITHDRAWS.match(words_of(text)) is not None


def withdraw_named(turn: Turn) -> None:
    """Take back the opinion that was named, or say why that is no longer possible and what is."""
    opinion = turn.facts.named_opinion
    if opinion is not None and opinion.editable:
        ask_withdrawal(turn, opinion)
    elif opinion is not None:
        _too_late(turn, opinion)


def _too_late(turn: Turn, opinion: OpinionFact) -> None:
    code = spoken(opinion.code)
    if opinion.state == OpinionState.ANSWERED:
        turn.say(say("withdraw.answered", code=code))
        return
    if opinion.state in _AT_REST:
        turn.say(say("withdraw.at_rest", code=code, status=opinion.status))
        return
    turn.do(AlertStaff(reason="wants_withdraw", opinion_id=opinion.id))
    turn.say(say("withdraw.too_late", code=code, status=opinion.status))


def withdraw(turn: Turn) -> None:
    """Take an opinion back: name it, or choose among those that still can be."""
    open_ones = [opinion for opinion in turn.facts.my_opinions if opinion.editable]
    if not open_ones:
        _cannot_withdraw(turn)
    elif len(open_ones) == 1:
        ask_withdrawal(turn, open_ones[0])
    else:
        best = sorted(open_ones, key=lambda one: -_overlap(turn.message.text, one.text or ""))[:LIST_LIMIT]
        options = [(f"pick:{one.code}", f"{spoken(one.code)} «{excerpt(one.text or '', 50)}»") for one in best]
        turn.ask(StepName.PICKING, say("withdraw.which"), [*options, ("ok", say("status.ok"))])


def _cannot_withdraw(turn: Turn) -> None:
    moving = [one for one in turn.facts.my_opinions if one.state not in _AT_REST]
    if not moving:
        turn.say(say("withdraw.none"))
        return
    wanted = max(moving, key=lambda one: _overlap(turn.message.text, one.text or ""))
    _too_late(turn, wanted)


_AT_REST = frozenset({OpinionState.WITHDRAWN, OpinionState.DECLINED, OpinionState.ANSWERED, OpinionState.REDIRECTED})


def _overlap(request: str, text: str) -> int:
    return len(set(words_of(request).split()) & set(fold(text).split()))


def picked(turn: Turn, choice: str) -> None:
    name, _, code = choice.partition(":")
    opinion = turn.opinion(code) if name == "pick" else None
    if opinion is None:
        turn.talk.rest()
        turn.say(say("status.done"))
    else:
        ask_withdrawal(turn, opinion)


def ask_withdrawal(turn: Turn, opinion: OpinionFact) -> None:
    question = say("withdraw.sure", code=spoken(opinion.code), text=excerpt(opinion.text or "", 120))
    turn.ask(StepName.WITHDRAWING, question, [("withdraw", say("withdraw.yes")), ("no", say("withdraw.no"))], columns=2)
    turn.talk.about = opinion.code


def chosen_withdrawal(turn: Turn, choice: str) -> None:
    opinion = turn.opinion(turn.talk.about)
    turn.talk.rest()
    if opinion is None:
        turn.say(say("withdraw.none"))
    elif choice != "withdraw":
        turn.say(say("withdraw.kept", code=spoken(opinion.code)))
    elif not opinion.editable:
        _too_late(turn, opinion)
    else:
        turn.do(Withdraw(opinion_id=opinion.id))
        turn.say(say("withdraw.done", code=spoken(opinion.code)))


# ---------------------------------------------------------------------- verdicts


def judge(turn: Turn, token: str) -> bool:
    """A pressed verdict, "answer:CODE:1"; False when it fits nothing of this citizen."""
    answer_id, _, rest = token.partition(":")
    code, _, settled = rest.partition(":")
    opinion = turn.opinion(code)
    if opinion is None or settled not in {"0", "1"}:
        return False
    for answer in opinion.answers:
        if str(answer.id) == answer_id:
            _judge(turn, opinion, answer, settled=settled == "1")
            return True
    return False


def _unjudged(turn: Turn) -> list[tuple[AnswerFact, OpinionFact]]:
    """Final answers their asker has not judged yet, oldest first."""
    pairs = [
        (answer, opinion)
        for opinion in turn.facts.my_opinions
        for answer in opinion.answers
        if answer.final and answer.settled is None
    ]
    return sorted(pairs, key=lambda pair: pair[0].id)


def question_after(turn: Turn, since: dt.datetime | None) -> tuple[AnswerFact, OpinionFact] | None:
    """The answer about which this chat was asked, after `since`, whether it settles the matter."""
    for pair in _unjudged(turn):
        asked_at = pair[0].asked_at
        if asked_at is not None and (since is None or asked_at > since):
            return pair
    return None


def freshly_read(turn: Turn) -> tuple[AnswerFact, OpinionFact] | None:
    """The newest answer its asker had before they began to write what is being collected, and not long before."""
    begun = turn.talk.begun_at
    until = parse_instant(begun) if begun is not None else turn.now
    since = turn.now - turn.pace.answer_echo
    read = [pair for pair in _unjudged(turn) if pair[0].shown_at is not None and since <= pair[0].shown_at <= until]
    return max(read, key=lambda pair: (pair[0].shown_at, pair[0].id), default=None)


def unread_answer(turn: Turn) -> tuple[AnswerFact, OpinionFact] | None:
    """The newest answer that waits for its asker and was never shown to them."""
    unread = [pair for pair in _unjudged(turn) if pair[0].waits and pair[0].shown_at is None]
    return unread[-1] if unread else None


def answer_goes_out(turn: Turn) -> bool:
    """Whether an answer goes out just before this reply, because the person has written."""
    return any(answer.going_out for opinion in turn.facts.my_opinions for answer in opinion.answers)


def tell_unread(turn: Turn) -> None:
    """Somebody writes on without having seen the answer that waits for them: they are shown it first."""
    found = unread_answer(turn)
    if found is not None:
        answer, opinion = found
        turn.do(Fetched(opinion_id=opinion.id))
        words = [say("status.words", text=excerpt(opinion.text or "", 120)), *_words_of_answer(answer)]
        turn.say(say("verdict.unread", code=spoken(opinion.code)), *words)


def judged_by_digit(turn: Turn, text: str) -> bool:
    """A bare 1 or 2 is a verdict only when that is the last thing this chat asked, and had asked before."""
    talk = turn.talk
    last = talk.last_asked_at or talk.asked_at or talk.last_submitted_at
    found = question_after(turn, parse_instant(last) if last is not None else None)
    if found is None:
        return False
    question_open = bool(talk.options) and talk.has_draft
    _judge(turn, found[1], found[0], settled=read_digit(text) == "1")
    if question_open:
        turn.ask_again()
    return True


def chosen_verdict(turn: Turn, choice: str) -> None:
    """What the asker says of the answer they have just been shown."""
    name, _, key = choice.partition(":")
    code = turn.talk.about
    turn.talk.rest()
    if not judge(turn, f"{key}:{code}:{1 if name == 'settled' else 0}"):
        turn.say(say("verdict.unknown"))


def _judge(turn: Turn, opinion: OpinionFact, answer: AnswerFact, *, settled: bool) -> None:
    talk = turn.talk
    turn.do(GiveVerdict(answer_id=answer.id, opinion_id=opinion.id, settled=settled))
    if settled:
        turn.say(say("verdict.settled"))
        return
    if not talk.has_draft:
        talk.rest()
        talk.follows = opinion.code
    turn.say(say("verdict.not_settled"))
