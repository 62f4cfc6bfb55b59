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
            lines += [answer.text] if answer.page is None else [answer.text, say("answer_link.whole", link=answer.page)]
    if opinion.mine:
        turn.do(Fetched(opinion_id=opinion.id))
    options = _options(opinion)
    if options and not turn.talk.unfinished:
        turn.ask(StepName.ABOUT, "\n".join(lines), options)
        turn.talk.about = opinion.code
    else:
        turn.say(*lines)
        if turn.talk.unfinished and turn.talk.options:
            turn.ask_again()


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
    if not turn.facts.my_opinions and fact is not None and fact.mine:
        turn.next = Next.STANDING
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
    turn.do(AlertStaff(reason="wants_withdraw", opinion_id=wanted.id))
    turn.say(say("withdraw.too_late", code=spoken(wanted.code), status=wanted.status))


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
        turn.do(AlertStaff(reason="wants_withdraw", opinion_id=opinion.id))
        turn.say(say("withdraw.too_late", code=spoken(opinion.code), status=opinion.status))
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


def newest_unjudged(turn: Turn, *, since: dt.datetime | None = None) -> tuple[AnswerFact, OpinionFact] | None:
    """The newest final answer its asker has not judged yet, if it is not older than `since`."""
    waiting = [
        (answer, opinion)
        for opinion in turn.facts.my_opinions
        for answer in opinion.answers
        if answer.final and answer.settled is None and (since is None or answer.published_at >= since)
    ]
    return max(waiting, key=lambda pair: pair[0].id, default=None)


def judged_by_digit(turn: Turn, text: str) -> bool:
    """A bare 1 or 2 is about the newest answer not judged yet, unless something was asked after that came."""
    talk = turn.talk
    since = parse_instant(talk.asked_at) if talk.options and talk.asked_at is not None else None
    found = newest_unjudged(turn, since=since)
    if found is None:
        return False
    question_open = bool(talk.options) and talk.has_draft
    _judge(turn, found[1], found[0], settled=read_digit(text) == "1")
    if question_open:
        turn.ask_again()
    return True


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
