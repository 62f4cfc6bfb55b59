"""The office's own work in the play: the steps the regulation asks for, letters, speakers, reminders, and the papers
they leave. Every date comes from the use cases, nothing is made up here but the office's letter numbers."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from admin_cli.demo.staff import Team
from casework.documents.registry import Made, Order, Readers, fitting_kinds
from casework.errors import DoithoaiError
from casework.regulations.model import Step
from casework.usecases.conference import speakers, steps
from casework.usecases.deadlines.receipts import record_receipt
from casework.usecases.deadlines.refreshing import refresh_all
from casework.usecases.documents.stage import stage_of
from casework.usecases.referrals.listing import list_referrals
from casework.usecases.referrals.referring import send_up
from casework.usecases.reminders import reminding
from casework.usecases.work import Services

#: day of the play -> steps done that day, with the number of the letter where there is one
_STEPS: dict[dt.date, tuple[tuple[Step, str | None], ...]] = {
    dt.date(2026, 11, 3): ((Step.PLAN, "08/KH-MTTQ-BTT"), (Step.PLAN_AGREED, None)),
    dt.date(2026, 11, 5): ((Step.PLAN_APPROVED, "21-CV/ĐU"), (Step.COLLECTION_ANNOUNCED, None)),
    dt.date(2026, 11, 18): ((Step.SUMMARY_SENT, "21/BC-MTTQ-BTT"),),
    dt.date(2026, 11, 19): ((Step.PUBLIC_NOTICE, "46/TB-UBND"), (Step.INVITATIONS_SENT, "47/GM-UBND")),
    dt.date(2026, 11, 23): ((Step.ANSWERS_PREPARED, None), (Step.PROGRAMME, None), (Step.HOUSE_RULES, None)),
    dt.date(2026, 11, 28): ((Step.MINUTES_SIGNED, None),),
    dt.date(2026, 12, 3): (
        (Step.DEBRIEF, None),
        (Step.ASSIGNMENTS_SENT, "05/TB-UBND"),
        (Step.RESULT_PUBLISHED, "48/TB-UBND"),
    ),
}
#: when the summary goes to the leaders, what is beyond the commune goes to the upper Front
_LETTER_UP = (dt.date(2026, 11, 18), "22/BC-MTTQ-BTT")

_FOLDERS = {
    Readers.PUBLIC: "cong-khai",
    Readers.LEADERS: "lanh-dao",
    Readers.UPPER_FRONT: "mat-tran-cap-tren",
    Readers.INTERNAL: "noi-bo",
    Readers.AGENCY: "co-quan",
    Readers.ASKER: "nguoi-hoi",
}


@dataclass(kw_only=True)
class Paperwork:
    """What the office does beside the talk. `out`: where the papers go."""

    services: Services
    team: Team
    out: Path
    tally: Counter[str] = field(default_factory=Counter)
    #: papers that could not be made, and why
    refused: list[str] = field(default_factory=list)

    def do(self, conference: str, day: dt.date) -> None:
        """The day's steps and letters, then what the schedule does every day: due dates afresh, reminders."""
        for step, number in _STEPS.get(day, ()):
            steps.record_step(self.services, self.team.moderator, conference, step, done_on=day, number=number)
            self.tally["steps"] += 1
        if day == _LETTER_UP[0] and list_referrals(self.services, self.team.moderator):
            sent = send_up(
                self.services, self.team.moderator, number=_LETTER_UP[1], sent_on=day, conference_code=conference
            )
            self.tally["sent_up"] += len(sent.referrals)
        refresh_all(self.services)
        self.tally["reminders"] += reminding.send(self.services)

    def list_speakers(self, conference: str, codes: Iterable[str]) -> None:
        """The askers of these opinions came to the office: they want to say it themselves."""
        for code in codes:
            row = speakers.register(self.services, self.team.moderator, conference, opinion=code)
            speakers.confirm(self.services, self.team.moderator, conference, row.ref)
            self.tally["speakers"] += 1
        steps.record_step(self.services, self.team.moderator, conference, Step.SPEAKERS_LISTED)

    def speakers_spoke(self, conference: str) -> None:
        for number in range(1, self.tally["speakers"] + 1):
            speakers.mark(self.services, self.team.moderator, conference, str(number), spoken=True)

    def agencies_confirm(self, conference: str, positions: Iterable[int], day: dt.date) -> None:
        """Every agency writes back that it has its assignment."""
        for position in positions:
            record_receipt(self.services, self.team.moderator, f"{conference}/{position}", on=day)

    def make_papers(self, conference: str) -> None:
        """Every paper that makes sense at the conference's stage, as drafts, in a folder for each circle of readers."""
        for kind in fitting_kinds(stage_of(self.services, self.team.approver, conference)):
            order = Order(target=conference, out=self.out / _FOLDERS[kind.readers], force=True)
            try:
                made: Made = kind.make(self.services, self.team.approver, order)
            except DoithoaiError as error:
                self.refused.append(f"{kind.title}: {error.what}")
            else:
                self.tally["papers"] += len(made.paths)
