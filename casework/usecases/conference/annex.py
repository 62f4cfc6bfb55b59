"""Use case: hold the annex of a conclusion notice against the agenda of its conference."""

from __future__ import annotations

from casework.annex_check.matching import Checked, WantedLine, check
from casework.annex_check.reading import read_annex
from casework.errors import IllegalMove
from casework.usecases.documents.after import conference_file
from casework.usecases.documents.after_values import LineFile
from casework.usecases.work import Services
from storage.records import AgendaOutcome


def check_annex(services: Services, staff_id: int, conference_code: str, data: bytes) -> Checked:
    """Which lines the annex answers, and what to look at. `data`: the Word or Excel file as it is.

    Lines the chair declined on a ground want no answer. Raises `NotFound`, `Forbidden`, `InvalidInput` for a file that
    cannot be read, `IllegalMove` for a conference without lines.
    """
    file = conference_file(services, staff_id, conference_code)
    wanted = [_wanted(line) for line in file.lines if line.outcome != AgendaOutcome.DECLINED]
    if not wanted:
        raise IllegalMove(
            f"Hội nghị {file.conference.code} chưa có dòng nào để đối chiếu.",
            todo=f"Lập nội dung trước: doithoai agenda build {file.conference.code}",
        )
    return check(wanted, read_annex(data))


def _wanted(line: LineFile) -> WantedLine:
    return WantedLine(
        position=line.position,
        title=line.title,
        words=tuple(dict.fromkeys(asker.words for asker in line.askers)),
        codes=frozenset(asker.code for asker in line.askers if asker.code),
    )
