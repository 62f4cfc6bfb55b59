"""Use case: how far a conference is, which says what papers make sense."""

from __future__ import annotations

from casework.usecases.access import VIEWERS, require
from casework.usecases.conference.issues import find_conference
from casework.usecases.work import Services
from storage.records import ConferenceState


def stage_of(services: Services, staff_id: int, conference_code: str) -> ConferenceState:
    """The state of the conference. Raises `NotFound`, `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        return ConferenceState(find_conference(work, conference_code).state)
