"""Who settles an opinion, for whoever refers, assigns or redirects it: a proposal out of the competence map."""

from __future__ import annotations

from casework.clock import local_date
from casework.usecases.work import Work
from nlp.competence import Competence, settle_judged
from storage.records import Opinion


def who_settles(work: Work, opinion: Opinion, *, level: str | None = None) -> Competence | None:
    """Under the labels the opinion bears now, corrected or not, by the rows in force today; `level` that of its issue
    when it differs."""
    services = work.services
    return settle_judged(
        services.competence,
        opinion.original_text,
        services.understander.analyse(opinion.original_text),
        kind=opinion.kind,
        topic=opinion.topic,
        level=level or opinion.level,
        on=local_date(work.now),
    )
