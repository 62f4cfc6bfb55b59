"""Use case: look whether the data keep what the program promises. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from casework.doctor.checks import CHECKS
from casework.doctor.finding import Severity
from casework.errors import InvalidInput
from casework.usecases.work import Services


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """One finding with the check that made it."""

    promise: int
    check: str
    severity: Severity
    #: table and id of what is wrong; None when it is the database or the record as a whole
    subject: str
    subject_id: int | None
    what: str
    #: the words of the promise
    quote: str


def examine(services: Services, only: Collection[str] = ()) -> list[Diagnosis]:
    """All findings on one snapshot of the database, in the order of the checks.

    `only` names checks to make. Raises `InvalidInput` for a name that is no check.
    """
    names = [check.name for check in CHECKS]
    unknown = [name for name in only if name not in names]
    if unknown:
        raise InvalidInput(f"Không có phép kiểm tra «{unknown[0]}».", todo=f"Chọn trong: {', '.join(names)}.")
    with services.reading() as work:
        return [
            Diagnosis(
                promise=check.promise,
                check=check.name,
                severity=finding.severity,
                subject=finding.subject,
                subject_id=finding.subject_id,
                what=finding.what,
                quote=check.quote,
            )
            for check in CHECKS
            if not only or check.name in only
            for finding in check.look(work)
        ]
