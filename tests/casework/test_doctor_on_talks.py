"""The doctor finds nothing wrong after real talks: what the program does and what the checks expect are one thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.rehearsal import Rehearsal
from bot.transcript import parse
from casework.clock import ManualClock
from casework.usecases.office.doctor import examine
from casework.usecases.office.enrolment import add_staff
from casework.usecases.work import Services
from storage.records import Role
from tests.transcripts.test_transcripts import replay

#: one talk for every end an opinion can come to
TALKS = (
    "after_decision",
    "answer_and_verdict",
    "complaint_guided",
    "denunciation_erased",
    "denunciation_sealed",
    "edit_and_withdraw",
    "emergency_false_alarm",
    "no_push_fetches_answer",
    "photo_voice_album",
    "question_asked_back",
)
FOLDER = Path(__file__).parents[1] / "transcripts"


@pytest.mark.parametrize("talk", TALKS)
async def test_a_talk_keeps_every_promise(talk: str, services: Services, clock: ManualClock) -> None:
    add_staff(services, None, name="Bà Mai", roles=list(Role), first=True)
    lines = parse((FOLDER / f"{talk}.txt").read_text(encoding="utf-8"))
    await replay(lines, Rehearsal(services=services, clock=clock))
    assert examine(services) == []
