"""What an asker reads of conferences and answers: plain words around what staff and agencies wrote."""

from __future__ import annotations

import datetime as dt

from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.grounds import ground
from casework.public_words import name_free, one_line
from casework.talk import Button, Reply
from casework.usecases.answers.pages import fitting
from casework.wording import say
from storage.records import AgendaItem, AgendaOutcome, Answer, Assignment, Conference, Opinion, OpinionGroup

#: code points of the asker's own words repeated in an answer
EXCERPT = 120


def line_words(group: OpinionGroup, opinion: Opinion) -> str:
    """What an asker reads as the name of the line: as a person titled it, else the asker's own words. A title the
    program made may be somebody else's words."""
    return group.title if group.titled_by_staff else one_line(name_free(opinion.original_text), EXCERPT)


def verdict_buttons(answer: Answer, opinion: Opinion) -> tuple[tuple[Button, ...], ...]:
    """One tap, or the digit, says whether the answer settles the matter."""
    stem = f"v:{answer.id}:{opinion.code}"
    return (
        (Button(label=say("written_answer.settled"), token=f"{stem}:1"),),
        (Button(label=say("written_answer.not_settled"), token=f"{stem}:0"),),
    )


def answer_words(answer: Answer, *, text: str | None = None) -> str:
    """The answer with agency, document number and date, or who told it in person when, and what it promises. `text`:
    the part of it that is repeated here, if not all of it is."""
    fields = {
        "text": answer.text if text is None else text,
        "agency": answer.agency,
        "date": vietnamese_date(answer.document_date),
    }
    if answer.told_by:
        parts = [say("written_answer.body_told", by=answer.told_by, **fields)]
    else:
        parts = [say("written_answer.body", number=answer.document_number, **fields)]
    if answer.forwarded_to:
        parts.append(say("written_answer.forwarded", to=answer.forwarded_to))
    if answer.promised_on is not None:
        key = "written_answer.promised" if answer.final else "written_answer.promised_interim"
        parts.append(say(key, date=vietnamese_date(answer.promised_on)))
    elif not answer.final:
        parts.append(say("written_answer.interim"))
    return "\n".join(parts)


def answer_message(answer: Answer, opinion: Opinion, *, link: str | None = None) -> Reply:
    """A published answer as one asker receives it; a final one asks whether it settles the matter. With the `link` of
    its page, a very long one is only begun here.

    Whoever holds the code can read it, so the words it quotes carry no personal data.
    """
    final = "greeting_told" if answer.told_by else "greeting"
    parts = [
        say(f"written_answer.{final if answer.final else 'greeting_interim'}", code=spoken(opinion.code or "")),
        say("written_answer.asked", words=one_line(name_free(opinion.original_text), EXCERPT)),
        answer_words(answer, text=answer.text if link is None else fitting(answer.text)),
    ]
    if link is not None:
        parts.append(say("answer_link.whole", link=link))
    if not answer.final:
        return Reply(text="\n".join(parts))
    return Reply(text="\n".join([*parts, say("written_answer.ask_verdict")]), buttons=verdict_buttons(answer, opinion))


def assignment_message(assignment: Assignment, opinion: Opinion, *, pushed: bool, due_on: dt.date | None) -> Reply:
    """Who owes the written answer, and by when (None while its clock has not started); only who agreed to be sent
    messages (`pushed`) is promised one."""
    code = spoken(opinion.code or "")
    promise = say("assignment_notice.promise_push") if pushed else say("assignment_notice.promise_pickup", code=code)
    fields = {"code": code, "agency": assignment.agency, "promise": promise}
    if due_on is None:
        return Reply(text=say("assignment_notice.assigned", **fields))
    due = vietnamese_date(due_on)
    return Reply(text=say("assignment_notice.assigned_until", due=due, **fields))


def conclusion_message(
    conference: Conference,
    office_name: str,
    group: OpinionGroup,
    line: AgendaItem,
    opinion: Opinion,
    *,
    assignment: Assignment | None,
    due_on: dt.date | None,
    answer: Answer | None,
) -> Reply:
    """What the conclusion notice says of this asker's line, with the day (`due_on`) the written answer is due by;
    with a final answer, whether it settles the matter."""
    head = say(
        "conclusion_notice.head",
        office=office_name,
        number=conference.conclusion_number or "",
        date=vietnamese_date(conference.conclusion_on) if conference.conclusion_on else "",
        held=vietnamese_date(conference.held_on),
        code=spoken(opinion.code or ""),
        title=line_words(group, opinion),
    )
    text = f"{head}\n{_outcome_words(line, assignment, due_on)}"
    if answer is None:
        return Reply(text=text)
    return Reply(text=f"{text}\n{say('written_answer.ask_verdict')}", buttons=verdict_buttons(answer, opinion))


def _outcome_words(line: AgendaItem, assignment: Assignment | None, due_on: dt.date | None) -> str:
    note = (line.outcome_note or "").strip()
    by = line.answered_by or say("conclusion_notice.unknown_speaker")
    match AgendaOutcome(line.outcome):
        case AgendaOutcome.ANSWERED if note:
            return say("conclusion_notice.answered", by=by, text=note)
        case AgendaOutcome.ANSWERED:
            return say("conclusion_notice.answered_no_text", by=by)
        case AgendaOutcome.DECLINED:
            chosen = ground(line.outcome_ground or "")
            words = say("conclusion_notice.declined", why=chosen.text, instead=chosen.instead)
        case _:
            words = _deferred_words(assignment, due_on)
    return f"{words}\n{say('conclusion_notice.note', text=note)}" if note else words


def _deferred_words(assignment: Assignment | None, due_on: dt.date | None) -> str:
    if assignment is None:
        return say("conclusion_notice.deferred")
    if due_on is None:
        return say("conclusion_notice.deferred_to", agency=assignment.agency)
    due = vietnamese_date(due_on)
    return say("conclusion_notice.deferred_until", agency=assignment.agency, due=due)
