"""The page of one written answer: its secret address, when a message should name it, and what it shows.

The address holds a secret of 130 bits, of which only the hash is kept; asking by hash tells nothing by its timing. What
a page may show is judged each time it is opened: a seal, an erasure or a correction closes it at once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import col, select

from casework.public_words import name_free, without_names
from casework.usecases.work import Services, Work
from storage.records import (
    Answer,
    AnswerFile,
    AnswerLink,
    AnswerState,
    Citizen,
    Delivery,
    DeliveryState,
    Office,
    Opinion,
    OpinionState,
    Verdict,
)

#: where the pages lie under the public address
PATH = "/a/"
#: base32 letters (RFC 4648) in lower case: nothing to confuse, nothing a chat breaks a link at
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
#: 26 symbols of 5 bits
SECRET_LENGTH = 26

#: longest answer that is comfortable to read in a chat, code points
COMFORTABLE = 1500
#: what two messages of the narrowest channel (1,900 each) hold beside greeting and link, code points
TWO_MESSAGES = 3300
#: how much of a longer answer stands in the message, code points
BEGINNING = 900

_SECRET = re.compile(rf"[{ALPHABET}]{{{SECRET_LENGTH}}}")
_SENTENCE_END = re.compile(r"(?<=[.!?…;])\s")


@dataclass(frozen=True, kw_only=True)
class PageFile:
    """A document that belongs to the answer; `number` counts from 1."""

    number: int
    name: str
    mime: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class AnswerPage:
    """What the page of one answer shows. No name of an asker, and nothing an asker wrote."""

    office: str
    contact: str
    #: receipt code of the asker's opinion
    code: str
    final: bool
    agency: str
    document_number: str
    document_date: dt.date
    told_by: str | None
    text: str
    promised_on: dt.date | None
    forwarded_to: str | None
    #: what the asker said of it; None = nothing yet
    settled: bool | None
    files: tuple[PageFile, ...]


# --------------------------------------------------------------------------- in messages


def needs_page(text: str, files: int) -> bool:
    """Whether an answer is better read on its page than in the chat: longer than one comfortable message, or with
    files."""
    return files > 0 or len(text) > COMFORTABLE


def fitting(text: str) -> str:
    """What of a text stands in the message that names its page: all of it where two messages hold it, else the
    beginning, cut at a sentence or word."""
    if len(text) <= TWO_MESSAGES:
        return text
    beginning = text[: BEGINNING + 1]
    ends = [gap.start() for gap in _SENTENCE_END.finditer(beginning) if gap.start() > BEGINNING // 2]
    cut = beginning[: ends[-1]] if ends else beginning[:BEGINNING].rpartition(" ")[0] or beginning[:BEGINNING]
    return f"{cut.rstrip()} (…)"


def answer_link(work: Work, *, answer_id: int, opinion_id: int) -> str | None:
    """A fresh address of the page of this answer for this asker; earlier ones stay good. None when the office has no
    public address."""
    base = work.services.policy.public_url
    if base is None:
        return None
    secret = "".join(work.services.random.choice(ALPHABET) for _ in range(SECRET_LENGTH))
    work.add(
        AnswerLink(secret_hash=secret_hash(secret), answer_id=answer_id, opinion_id=opinion_id, created_at=work.now)
    )
    return f"{base.rstrip('/')}{PATH}{secret}"


def link_where_needed(work: Work, answer: Answer, opinion: Opinion) -> str | None:
    """The address a message about this answer should name; None when the message says it all, or no page can."""
    if answer.id is None or opinion.id is None or not needs_page(answer.text, len(files_of(work, answer.id))):
        return None
    return answer_link(work, answer_id=answer.id, opinion_id=opinion.id)


def files_of(work: Work, answer_id: int) -> list[AnswerFile]:
    """Documents of an answer, in the order they were added."""
    statement = select(AnswerFile).where(AnswerFile.answer_id == answer_id).order_by(col(AnswerFile.id))
    return list(work.session.exec(statement))


def revoke_links(work: Work, *, opinion_id: int, answer_id: int | None = None) -> int:
    """Close the pages of an opinion, of one answer or of all: sealed, erased, or the answer taken back.
    Returns how many."""
    statement = select(AnswerLink).where(AnswerLink.opinion_id == opinion_id, col(AnswerLink.revoked_at).is_(None))
    if answer_id is not None:
        statement = statement.where(AnswerLink.answer_id == answer_id)
    rows = work.session.exec(statement).all()
    for row in rows:
        row.revoked_at = work.now
        work.session.add(row)
    return len(rows)


def reopen_links(work: Work, *, opinion_id: int, revoked_at: dt.datetime) -> None:
    """The seal that closed these pages was a mistake and is undone: the addresses people have work again."""
    statement = select(AnswerLink).where(AnswerLink.opinion_id == opinion_id, AnswerLink.revoked_at == revoked_at)
    for row in work.session.exec(statement):
        row.revoked_at = None
        work.session.add(row)


# --------------------------------------------------------------------------- opened


def secret_hash(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_page(services: Services, secret: str) -> AnswerPage | None:
    """The page behind a secret; None for one never given out and for one that is closed. The first opening is noted."""
    with services.reading() as work:
        found = _behind(work, secret)
        if found is None:
            return None
        link, answer, opinion = found
        page, link_id, unseen = _page(work, answer, opinion), link.id, link.opened_at is None
    if unseen:
        with services.writing() as work:
            row = work.session.get_one(AnswerLink, link_id)
            row.opened_at = row.opened_at or work.now
            work.session.add(row)
            work.commit()
    return page


def open_file(services: Services, secret: str, number: int) -> PageFile | None:
    """The document of this number of the answer behind a secret; None as for `open_page`."""
    with services.reading() as work:
        found = _behind(work, secret)
        if found is None:
            return None
        return next((file for file in _files(work, found[1]) if file.number == number), None)


def _behind(work: Work, secret: str) -> tuple[AnswerLink, Answer, Opinion] | None:
    # A phone may begin a typed address with a capital.
    normal = secret.lower()
    if not _SECRET.fullmatch(normal):
        return None
    row = work.session.exec(
        select(AnswerLink, Answer, Opinion)
        .join(Answer, col(Answer.id) == col(AnswerLink.answer_id))
        .join(Opinion, col(Opinion.id) == col(AnswerLink.opinion_id))
        .where(AnswerLink.secret_hash == secret_hash(normal), col(AnswerLink.revoked_at).is_(None))
    ).first()
    return row if row is not None and _is_open(work, row[1], row[2]) else None


def _is_open(work: Work, answer: Answer, opinion: Opinion) -> bool:
    if answer.state != AnswerState.PUBLISHED or opinion.sealed or opinion.code is None:
        return False
    if opinion.state == OpinionState.WITHDRAWN:
        return False
    person = work.session.get(Citizen, opinion.citizen_id) if opinion.citizen_id is not None else None
    if person is not None and person.erased_at is not None:
        return False
    return answer.group_id == opinion.group_id or _was_told(work, answer, opinion)


def _was_told(work: Work, answer: Answer, opinion: Opinion) -> bool:
    """The opinion has left the issue since; who had the answer before keeps it, who had not does not get it."""
    told = select(Delivery.id).where(
        Delivery.answer_id == answer.id,
        Delivery.opinion_id == opinion.id,
        Delivery.state != DeliveryState.CANCELLED,
    )
    return work.session.exec(told).first() is not None


def _page(work: Work, answer: Answer, opinion: Opinion) -> AnswerPage:
    office, contact = office_words(work)
    verdict = work.session.exec(
        select(Verdict.settled).where(Verdict.answer_id == answer.id, Verdict.opinion_id == opinion.id)
    ).first()
    return AnswerPage(
        office=office,
        contact=contact,
        code=opinion.code or "",
        final=answer.final,
        agency=answer.agency,
        document_number=answer.document_number,
        document_date=answer.document_date,
        told_by=answer.told_by,
        text=shown_words(work, answer),
        promised_on=answer.promised_on,
        forwarded_to=answer.forwarded_to,
        settled=verdict,
        files=tuple(_files(work, answer)),
    )


def shown_words(work: Work, answer: Answer, *, keep: str | None = None) -> str:
    """What staff wrote in an answer, as others than its author may read it: nobody's name, number or address, but for
    the one name to `keep`. Askers whose name is known are found wherever they stand; of everybody else, who never let
    us keep it or took that back, only what looks like personal data is found."""
    return _bare(answer.text, asker_names(work, [answer.group_id]), keep=keep)


def _bare(text: str, names: frozenset[str], *, keep: str | None = None) -> str:
    return name_free(without_names(text, names, keep=keep), keep=keep)


def _files(work: Work, answer: Answer) -> list[PageFile]:
    rows = files_of(work, answer.id) if answer.id is not None else []
    names = asker_names(work, [answer.group_id]) if rows else frozenset()
    return [
        PageFile(number=number, name=_bare(row.name, names), mime=row.mime, size=row.size, sha256=row.sha256)
        for number, row in enumerate(rows, start=1)
    ]


def office_words(work: Work) -> tuple[str, str]:
    """Name of the office, and how people reach it."""
    name, profile = work.session.exec(
        select(Office.name, Office.profile).where(Office.id == work.services.office_id)
    ).one()
    return name, str(profile.get("contact", ""))


def asker_names(work: Work, group_ids: Iterable[int]) -> frozenset[str]:
    """Names of everybody who asked on these issues, as far as they are kept: no page shows one."""
    statement = (
        select(Citizen.display_name)
        .join(Opinion, col(Opinion.citizen_id) == col(Citizen.id))
        .where(col(Opinion.group_id).in_(list(group_ids)), col(Citizen.display_name).is_not(None))
    )
    return frozenset(name for name in work.session.exec(statement) if name)
