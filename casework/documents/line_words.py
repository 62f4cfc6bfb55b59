"""What became of a line, in the words documents and tables share: result, who answers, by when."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.grounds import ground
from casework.names import OUTCOMES
from casework.public_words import name_free, one_line
from casework.usecases.documents.after_values import AnswerFile, AskerFile, LineFile
from storage.records import AgendaOutcome

#: code points of an answer in a table cell of a paper form; the letter has all of it
CELL_LIMIT = 600
#: codes listed in one cell of a paper form
CODES_LIMIT = 20


def result_words(line: LineFile, *, public: bool = False) -> str:
    """The outcome at the conference and what was written since; empty while nothing was recorded.

    The public form leaves out personal data in what people said.
    """
    noted = f"Ghi nhận: {_note(line)}" if line.outcome == AgendaOutcome.DEFERRED and _note(line) else _note(line)
    parts = [part for part in (outcome_words(line), noted) if part]
    words = (". " if line.outcome == AgendaOutcome.DEFERRED else ": ").join(parts)
    final, first = final_answer(line), interim_answer(line)
    later = [words] if words else []
    if final is not None and final.text != (line.outcome_note or ""):
        number = f"Văn bản số {final.document_number}" if final.document_number else "Trả lời trực tiếp"
        later.append(f"{number} ngày {vietnamese_date(final.document_date)}: {final.text}")
    elif first is not None:
        later.append(_interim_words(first))
    elif line.referral is not None and line.referral.answered_on is None:
        later.append(referral_words(line))
    text = ". ".join(one.rstrip(". ") for one in later)
    return name_free(text) if public else text


def short_result(line: LineFile, *, public: bool = False) -> str:
    """`result_words` on one line, short enough for a row of a page."""
    return one_line(result_words(line, public=public), CELL_LIMIT)


def form_of_answer(line: LineFile) -> str:
    """How the answer is given: in the hall or in writing; empty while unknown."""
    if line.outcome == AgendaOutcome.ANSWERED:
        return "tại hội nghị"
    if line.outcome == AgendaOutcome.DEFERRED or line.assignment is not None or line.answers:
        return "bằng văn bản"
    return ""


def standing(line: LineFile) -> str:
    """Where the matter stands, in the closed list of the case file; empty while nothing was recorded."""
    if final_answer(line) is not None or line.outcome == AgendaOutcome.ANSWERED:
        return "đã trả lời"
    if line.referral is not None:
        return "chuyển cấp trên" if line.level != "xa" else "chuyển cơ quan khác"
    if line.outcome == AgendaOutcome.DECLINED:
        return "không đối thoại"
    return "đang giải quyết" if line.outcome == AgendaOutcome.DEFERRED or line.assignment is not None else ""


def who_answers(line: LineFile) -> str:
    """The agency made to answer, else who answered, else where it went; empty while unknown. Who spoke of a line that
    was put off has not answered it."""
    if line.assignment is not None:
        return line.assignment.agency
    if line.outcome == AgendaOutcome.ANSWERED and line.answered_by:
        return line.answered_by
    final = final_answer(line)
    if final is not None:
        return final.agency
    if line.referral is not None:
        return line.referral.body
    return line.answered_by or "" if line.outcome != AgendaOutcome.DEFERRED else ""


def deadline(line: LineFile) -> str:
    """The day the written answer is owed by; empty when none is owed or no date is known."""
    due = line.assignment.due_on if line.assignment is not None else None
    return vietnamese_date(due) if due is not None else ""


def final_answer(line: LineFile) -> AnswerFile | None:
    """The newest final answer people have read."""
    return next((one for one in reversed(line.answers) if one.final and one.published), None)


def interim_answer(line: LineFile) -> AnswerFile | None:
    """The newest answer people have read that promises another; None once there is a final one."""
    if final_answer(line) is not None:
        return None
    return next((one for one in reversed(line.answers) if not one.final and one.published), None)


def _interim_words(answer: AnswerFile) -> str:
    promised = f", hẹn trả lời tiếp ngày {vietnamese_date(answer.promised_on)}" if answer.promised_on else ""
    document = f" (văn bản số {answer.document_number} ngày {vietnamese_date(answer.document_date)})"
    return f"Trả lời bước đầu{document if answer.document_number else ''}{promised}: {answer.text}"


def flowing(words: str) -> str:
    """Somebody's own words without line breaks, as they stand inside quotation marks; nothing else is changed."""
    return re.sub(r"\s*\n\s*", " ", words.replace("\r", "\n"))


def places(positions: Iterable[int]) -> str:
    """ "mục 33", "các mục 1, 3"."""
    known = [str(one) for one in positions]
    return f"{'mục' if len(known) == 1 else 'các mục'} {', '.join(known)}"


def tally(lines: Sequence[LineFile]) -> str:
    """How many lines were answered in the hall, put off, declined; what there was none of is not spoken of."""
    counts = Counter(line.outcome for line in lines)
    said = (
        (AgendaOutcome.ANSWERED, "đã trả lời tại hội nghị {} vấn đề"),
        (AgendaOutcome.DEFERRED, "giao trả lời bằng văn bản {} vấn đề"),
        (AgendaOutcome.DECLINED, "không đối thoại {} vấn đề, có ghi rõ căn cứ"),
    )
    words = "; ".join(text.format(counts[outcome]) for outcome, text in said if counts[outcome])
    return words[:1].upper() + words[1:]


def referral_words(line: LineFile) -> str:
    """Where the line went, with number and date of the letter when it has left."""
    if line.referral is None:
        return ""
    words = f"Đã chuyển {line.referral.body}" if line.referral.sent_on else f"Chuyển {line.referral.body} xem xét"
    if line.referral.document_number and line.referral.sent_on:
        words += f" (số {line.referral.document_number} ngày {vietnamese_date(line.referral.sent_on)})"
    return words


def codes(askers: tuple[AskerFile, ...], limit: int | None = CODES_LIMIT) -> str:
    """The receipt codes behind a line, as people read them; those beyond `limit` are counted."""
    known = [spoken(asker.code) for asker in askers if asker.code]
    more = len(known) - limit if limit is not None else 0
    return ", ".join(known[:limit]) + (f" và {more} mã khác" if more > 0 else "")


def asked_by(asker: AskerFile) -> str:
    """Who asked, for staff: name, village and code, as far as known."""
    parts = (asker.name, asker.village, f"mã {spoken(asker.code)}" if asker.code else None)
    return ", ".join(part for part in parts if part) or "không rõ người nêu"


def outcome_words(line: LineFile) -> str:
    """What was decided at the conference, by whom and on which ground; empty while nothing was recorded."""
    if line.outcome == AgendaOutcome.PENDING:
        return ""
    words = OUTCOMES[line.outcome].capitalize()
    if line.outcome_ground:
        words = f"{words}: {ground(line.outcome_ground).name}"
    by = line.answered_by if line.outcome != AgendaOutcome.DEFERRED else None
    return f"{words} ({by})" if by else words


def _note(line: LineFile) -> str:
    return (line.outcome_note or "").strip()
