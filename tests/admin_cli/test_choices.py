"""What the screen shows in Vietnamese can be typed in Vietnamese."""

from __future__ import annotations

import pytest
import typer

from admin_cli.choices import choice
from admin_cli.opinion_rows import LIST_COLUMNS, queue_row
from casework.documents.registry import READER_NAMES, Readers
from casework.documents.registry import kind as document_kind
from casework.errors import InvalidInput
from casework.lifecycle import STATE_NAMES
from casework.names import DUTIES, OUTCOMES, PURPOSES
from casework.regulations.model import Duty
from casework.usecases.moderation import queue
from casework.usecases.moderation.decisions import VERB_NAMES
from casework.usecases.work import Services
from storage.records import AgendaOutcome, OpinionState, Role
from tests.casework.factories import make_opinion, make_staff


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("answered", AgendaOutcome.ANSWERED),
        ("đã trả lời", AgendaOutcome.ANSWERED),
        ("DA TRA LOI TAI HOI NGHI", AgendaOutcome.ANSWERED),
        ("trả lời bằng văn bản", AgendaOutcome.DEFERRED),
        ("chưa ghi", AgendaOutcome.PENDING),
    ],
)
def test_an_outcome_is_typed_by_code_or_as_the_screen_says_it(text: str, expected: AgendaOutcome) -> None:
    assert choice(AgendaOutcome, OUTCOMES)(text) is expected


def test_words_that_begin_several_names_or_none_are_refused_with_the_list() -> None:
    for text in ("trả lời", "xyz", ""):
        with pytest.raises(typer.BadParameter, match="final_answer"):
            choice(Duty, DUTIES)(text)


def test_codes_with_an_underscore_may_be_typed_with_a_hyphen() -> None:
    assert choice(Duty, DUTIES)("final-answer") is Duty.FINAL_ANSWER


def test_the_part_of_the_queue_is_named_only_for_what_is_in_the_queue(services: Services) -> None:
    staff = make_staff(services, Role.MODERATOR)
    for state in (OpinionState.RECEIVED, OpinionState.ASSIGNED):
        make_opinion(services, state=state)
    rows = [queue_row(line) for line in queue.list_opinions(services, staff)]
    assert {row["state"]: row["queue_part"] for row in rows} == {"received": "chờ duyệt", "assigned": ""}
    assert "queue_part" in LIST_COLUMNS
    assert {row["state_name"] for row in rows} == {STATE_NAMES[OpinionState(row["state"])] for row in rows}


def test_the_forms_of_a_document_are_named_in_vietnamese() -> None:
    assert set(READER_NAMES) == set(Readers)
    with pytest.raises(InvalidInput, match=r"internal \(nội bộ\), public \(công khai\)"):
        document_kind("agenda")


def test_history_and_messages_are_told_in_vietnamese() -> None:
    assert {"opinion_assigned", "opinion_referred", "verdict_given", "staff_alerted"} <= set(VERB_NAMES)
    assert {"referred", "referral_sent", "agenda", "answer"} <= set(PURPOSES)
