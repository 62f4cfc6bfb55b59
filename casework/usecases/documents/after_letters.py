"""Use cases: gather what goes to single askers - the written answer as a letter, guidance to the lawful channel."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import select

from casework.clock import local_date
from casework.codes import parse_code
from casework.document_head import DocumentHead
from casework.errors import IllegalMove, InvalidInput, NotFound
from casework.grounds import ground
from casework.public_words import without_names
from casework.usecases.access import VIEWERS, find_opinion, require
from casework.usecases.conference.issues import (
    TAKEN_UP,
    find_conference,
    find_group,
    find_issue,
    key_of,
    lines_of,
    require_over,
)
from casework.usecases.documents.after import Progress, answer_file, in_parts
from casework.usecases.documents.after_values import AnswerFile
from casework.usecases.work import Services, Work
from nlp.analysis import Kind
from storage.records import (
    Answer,
    AnswerState,
    Citizen,
    Office,
    Opinion,
    OpinionState,
    ResidentialGroup,
    Role,
)

#: what a person is told of a matter that has its own procedure
_GROUNDS = {Kind.COMPLAINT: "KHIEU_NAI", Kind.DENUNCIATION: "TO_CAO"}


@dataclass(frozen=True, kw_only=True)
class AnswerLetter:
    """One written answer as one asker gets it on paper."""

    opinion_id: int
    code: str
    #: None when the asker gave none or did not agree to keep it: the letter is addressed by the code
    name: str | None
    village: str | None
    submitted_on: dt.date
    #: the asker's own words
    words: str
    answer: AnswerFile
    #: how to reach the office; empty when the office gave none
    contact: str


@dataclass(frozen=True, kw_only=True)
class RedirectLetter:
    """Guidance for somebody whose matter belongs to another procedure. Nothing of its content is in it."""

    opinion_id: int
    code: str | None
    name: str | None
    village: str | None
    received_on: dt.date
    #: why it is no matter of a conference, and where to go instead
    reason: str
    guidance: str


@dataclass(frozen=True, kw_only=True)
class Letters:
    """Letters with the head they go out under."""

    head: DocumentHead
    letters: tuple[AnswerLetter, ...]


def answer_letters(services: Services, staff_id: int, target: str, *, progress: Progress | None = None) -> Letters:
    """The letters for one asker (a receipt code), one issue ("HN-20261128/3", "nhom:12") or all lines of a
    conference: the newest approved or published answer to each asker.

    Raises `NotFound` when there is no such answer, `Forbidden`, `InvalidInput`.
    """
    with services.reading() as work:
        office = work.session.get_one(Office, services.office_id)
        pairs = _pairs(work, staff_id, target)
        villages = {
            key_of(group): group.name
            for group in work.session.exec(
                select(ResidentialGroup).where(ResidentialGroup.office_id == services.office_id)
            )
        }
        contact = str(office.profile.get("contact") or "")
        names = _names(work, [opinion for opinion, _ in pairs])
        everybody = frozenset(names.values())
        made = []
        for done, (opinion, answer) in enumerate(pairs, start=1):
            made.append(_letter(opinion, answer, names, everybody, villages, contact))
            if progress is not None:
                progress(done, len(pairs))
        if not made:
            raise NotFound(
                f"Chưa có văn bản trả lời nào đã duyệt cho «{target}».",
                todo="Soạn và duyệt trước: doithoai answers write, rồi doithoai answers approve",
            )
        return Letters(head=DocumentHead.of(office.name, office.profile), letters=tuple(made))


def redirect_letter(services: Services, staff_id: int, ref: str) -> RedirectLetter:
    """Guidance for one complaint or denunciation, for the confidential role only.

    Raises `NotFound` for a matter the reader may not know of, `Forbidden`, `InvalidInput` when it is neither,
    `IllegalMove` while no person has confirmed what it is.
    """
    with services.reading() as work:
        opinion = find_opinion(work, ref)
        if not opinion.sealed:
            require(work, staff_id, Role.CONFIDENTIAL)
        require(work, staff_id, Role.CONFIDENTIAL, opinion=opinion)
        kind = Kind(opinion.kind)
        if kind not in _GROUNDS:
            raise InvalidInput(
                "Ý kiến này không phải khiếu nại hay tố cáo.", todo="Chuyển cơ quan khác: doithoai referrals"
            )
        if opinion.state != OpinionState.REDIRECTED:
            raise IllegalMove(
                "Chưa có người xác nhận đây là khiếu nại hay tố cáo, nên chưa lập phiếu hướng dẫn.",
                todo="Xác nhận trước: doithoai opinions redirect",
            )
        person = work.session.get(Citizen, opinion.citizen_id) if opinion.citizen_id is not None else None
        village = (
            work.session.get(ResidentialGroup, opinion.residential_group_id)
            if opinion.residential_group_id is not None
            else None
        )
        guide = ground(_GROUNDS[kind])
        return RedirectLetter(
            opinion_id=key_of(opinion),
            code=opinion.code,
            name=person.display_name if person else None,
            village=village.name if village else None,
            received_on=local_date(opinion.submitted_at),
            reason=guide.text,
            guidance=guide.instead,
        )


# --------------------------------------------------------------------------- who gets which answer


def _pairs(work: Work, staff_id: int, target: str) -> list[tuple[Opinion, Answer]]:
    text = target.strip()
    if not ("/" in text or ":" in text or parse_code(text)):
        require_over(work, staff_id, *VIEWERS)
        return _pairs_of(work, [line.group_id for line in lines_of(work, find_conference(work, text))])
    ref = find_issue(work, text)
    group = find_group(work, ref.group_id)
    reader = require_over(work, staff_id, *VIEWERS, village=group.residential_group_id)
    # Somebody from another village may have asked the same.
    pairs = [pair for pair in _pairs_of(work, [ref.group_id]) if reader.may(pair[0], *VIEWERS)]
    code = parse_code(text)
    return pairs if code is None else [pair for pair in pairs if pair[0].code == code]


def _pairs_of(work: Work, groups: Sequence[int]) -> list[tuple[Opinion, Answer]]:
    """Everybody who asked, issue by issue, each with the newest answer ready to be given; one that was told in person
    needs no letter."""
    newest = {
        answer.group_id: answer
        for answer in sorted(in_parts(work, Answer, "group_id", groups), key=key_of)
        if answer.state != AnswerState.DRAFT
    }
    asked: dict[int, list[Opinion]] = defaultdict(list)
    for one in sorted(in_parts(work, Opinion, "group_id", newest), key=lambda one: (one.submitted_at, one.id)):
        if one.code is not None and not one.sealed and one.state in TAKEN_UP:
            asked[one.group_id or 0].append(one)
    written = [group for group in groups if group in newest and newest[group].told_by is None]
    return [(one, newest[group]) for group in written for one in asked[group]]


def _names(work: Work, opinions: list[Opinion]) -> dict[int, str]:
    """Names of the askers who gave one, by key of the person."""
    keys = sorted({one.citizen_id for one in opinions if one.citizen_id is not None})
    return {key_of(one): one.display_name for one in in_parts(work, Citizen, "id", keys) if one.display_name}


def _letter(
    opinion: Opinion,
    answer: Answer,
    names: dict[int, str],
    everybody: frozenset[str],
    villages: dict[int, str],
    contact: str,
) -> AnswerLetter:
    """The letter to one asker; the names of the others are masked in what the agency wrote."""
    given, own = answer_file(answer), names.get(opinion.citizen_id or 0)
    return AnswerLetter(
        opinion_id=key_of(opinion),
        code=opinion.code or "",
        name=own,
        village=villages.get(opinion.residential_group_id or 0),
        submitted_on=local_date(opinion.submitted_at),
        words=opinion.original_text,
        answer=replace(given, text=without_names(given.text, everybody, keep=own)),
        contact=contact,
    )
