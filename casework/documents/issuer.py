"""Whose paper it is: one rule for all papers of a conference that the Front or the People's Committee may issue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from casework.document_head import Body, body_of_chair, body_of_number
from casework.regulations import Regulation
from casework.regulations.model import ConferenceKind, Party, Step

#: by these one sees who organises a conference, the most telling first
_ORGANISING = (Step.PLAN, Step.INVITATIONS_SENT, Step.PROGRAMME, Step.MINUTES_SIGNED)


def issuer_of(
    texts: Sequence[Regulation],
    kind: ConferenceKind,
    step: Step | None,
    *,
    chair: str,
    numbers: Mapping[Step, str],
    holder: Party | None = None,
) -> Body:
    """The body in the number recorded for the step; else who must do it by the texts; else who organises by them.

    `numbers`: of the papers recorded; `holder`: who owes the paper, where a duty says it. The Front where nothing says
    otherwise: it is the Front's program.
    """
    by_number = body_of_number(numbers.get(step)) if step is not None else None
    named = (by_number, _body(holder, chair), *(_of_step(texts, kind, one, chair) for one in (step, *_ORGANISING)))
    return next((body for body in named if body in (Body.FRONT, Body.PEOPLE_COMMITTEE)), Body.FRONT)


def _of_step(texts: Iterable[Regulation], kind: ConferenceKind, step: Step | None, chair: str) -> Body | None:
    rules = (rule for text in texts for rule in text.steps if rule.step is step and kind in rule.kinds)
    return next((body for rule in rules if (body := _body(rule.holder, chair)) is not None), None)


def _body(party: Party | None, chair: str) -> Body | None:
    match party:
        case Party.FRONT:
            return Body.FRONT
        case Party.PEOPLE_COMMITTEE:
            return Body.PEOPLE_COMMITTEE
        case Party.CHAIR:
            return body_of_chair(chair)
        case _:
            return None
