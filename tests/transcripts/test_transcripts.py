"""Every transcript beside this file is a talk that must go exactly so, from payload to delivered words.

The talk's state lives in the database between all steps. `DOITHOAI_UPDATE_TRANSCRIPTS=1 pytest tests/transcripts`
rewrites them from what the bot says now: read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlmodel import select

from bot.rehearsal import Rehearsal
from bot.transcript import Line, parse, perform, render, said
from casework.clock import ManualClock
from casework.usecases.work import Services
from storage.records import Delivery, DeliveryState
from tests.transcripts.staff import act

HERE = Path(__file__).parent
CHAT = "talk"
UPDATE = bool(os.environ.get("DOITHOAI_UPDATE_TRANSCRIPTS"))


async def replay(lines: list[Line], rehearsal: Rehearsal) -> list[Line]:
    """The transcript as it goes today: what the citizen does is taken over, what the bot says is heard anew."""
    played: list[Line] = []
    heard = 0
    for line in lines:
        if line.sort == "<":
            continue
        played.append(line)
        if line.sort == "!":
            act(rehearsal, CHAT, line.text)
            await rehearsal.settle()
        elif line.sort in "~>":
            await perform(line, rehearsal, CHAT, name="Bà Sáu")
        news = rehearsal.seen(CHAT)[heard:]
        heard += len(news)
        played += [said(message) for message in news]
    return played


@pytest.mark.parametrize("path", sorted(HERE.glob("*.txt")), ids=lambda path: path.stem)
async def test_the_talk_goes_as_written(path: Path, services: Services, clock: ManualClock) -> None:
    expected = parse(path.read_text(encoding="utf-8"))
    rehearsal = Rehearsal(services=services, clock=clock)
    played = await replay(expected, rehearsal)
    if UPDATE:
        path.write_text(render(played), encoding="utf-8")
    else:
        assert render(played) == render(expected)
    with services.reading() as work:
        stuck = work.session.exec(select(Delivery.id).where(Delivery.state == DeliveryState.SENDING)).all()
    assert stuck == []


@pytest.mark.parametrize("path", sorted(HERE.glob("*.txt")), ids=lambda path: path.stem)
def test_a_transcript_survives_reading_and_writing(path: Path) -> None:
    lines = parse(path.read_text(encoding="utf-8"))
    assert parse(render(lines)) == lines
