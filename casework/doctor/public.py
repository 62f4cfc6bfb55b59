"""Promise 7: public words name no private person; original words stay as they were sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import col, select

from casework.doctor.finding import Finding, breach, warning
from casework.usecases.work import Work
from nlp import personal_data
from storage.records import (
    AgendaItem,
    Answer,
    AnswerState,
    Citizen,
    Conference,
    Office,
    Opinion,
    OpinionGroup,
    Wording,
)

#: numbers of people; names and addresses found may be an official's or a street's, so a person looks at those
_NEVER_PUBLIC = frozenset({"phone", "id_number", "insurance_number", "email", "bank_account", "birth_date"})


@dataclass(frozen=True, kw_only=True)
class _PublicText:
    subject: str
    subject_id: int | None
    text: str
    #: whose askers it could give away; None = those of every issue
    group_id: int | None


def public_words_name_nobody(work: Work) -> Iterator[Finding]:
    """Agenda lines, conclusions and published answers hold no personal data and no asker's name."""
    names = _names_of_askers(work)
    for public in _public_texts(work):
        kinds = {span.type for span in personal_data.find(public.text)}
        if kinds & _NEVER_PUBLIC:
            yield breach(
                public.subject, public.subject_id, f"lời công khai có {', '.join(sorted(kinds & _NEVER_PUBLIC))}"
            )
        elif kinds:
            yield warning(
                public.subject, public.subject_id, f"lời công khai có thể có {', '.join(sorted(kinds))}: cần xem lại"
            )
        text = _folded(public.text)
        concerned = [name for group, name in names if public.group_id in (None, group)]
        if any(name in text for name in concerned):
            yield breach(public.subject, public.subject_id, "lời công khai có tên người gửi ý kiến")


def _public_texts(work: Work) -> Iterator[_PublicText]:
    on_agenda = select(OpinionGroup).where(col(OpinionGroup.id).in_(select(AgendaItem.group_id)))
    for group in work.session.exec(on_agenda):
        yield _PublicText(subject="opinion_group", subject_id=group.id, text=group.title, group_id=group.id)
    for answer in work.session.exec(select(Answer).where(Answer.state == AnswerState.PUBLISHED)):
        yield _PublicText(subject="answer", subject_id=answer.id, text=answer.text, group_id=answer.group_id)
    for conference in work.session.exec(select(Conference).where(col(Conference.conclusion_text).is_not(None))):
        text = conference.conclusion_text or ""
        yield _PublicText(subject="conference", subject_id=conference.id, text=text, group_id=None)


def _names_of_askers(work: Work) -> set[tuple[int | None, str]]:
    """Full names only: a single word is too often an ordinary one; not those that are the place's own."""
    places = " ".join(_folded(name) for name in work.session.exec(select(Office.name)))
    rows = work.session.exec(
        select(Opinion.group_id, Citizen.display_name)
        .join(Citizen, col(Citizen.id) == col(Opinion.citizen_id))
        .where(col(Citizen.display_name).is_not(None))
    )
    names = {(group, _folded(name or "")) for group, name in rows}
    return {(group, name) for group, name in names if " " in name and name not in places}


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def original_words_are_kept(work: Work) -> Iterator[Finding]:
    """The original is the citizen's last wording, the edited text one that staff wrote."""
    wordings: dict[int, list[Wording]] = {}
    for wording in work.session.exec(select(Wording).order_by(col(Wording.id))):
        wordings.setdefault(wording.opinion_id, []).append(wording)
    for opinion in work.session.exec(select(Opinion).order_by(col(Opinion.id))):
        mine = wordings.get(opinion.id or 0, [])
        theirs = [wording.text for wording in mine if wording.author == "citizen"]
        staffs = [wording.text for wording in mine if wording.author == "staff"]
        if theirs and theirs[-1] != opinion.original_text:
            yield breach("opinion", opinion.id, "lời gốc khác với lời người dân đã gửi")
        if opinion.edited_text is not None and opinion.edited_text not in staffs:
            yield breach("opinion", opinion.id, "lời biên tập không do cán bộ nào ghi")
