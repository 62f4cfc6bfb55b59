"""Use case: print what waits on paper: slips of half a page per village, and a list to sign off.

A slip names nobody, and of a complaint or denunciation it says only that there is a letter. The list names, for the
colleague alone, and only who agreed to have the name kept. What is sealed is printed apart, without a list, for the
confidential role.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlmodel import col, select

from casework.clock import local_date
from casework.document_head import DocumentHead
from casework.documents.fill import fill
from casework.documents.slips_out import SignOffRow, SlipPaper, sign_off_context, slips_context
from casework.errors import InvalidInput
from casework.qr import png
from casework.usecases.answers.pages import answer_link
from casework.usecases.delivery.slip_list import WaitingSlip, list_slips, words_in_full
from casework.usecases.work import Services, Work, staff_member
from casework.wording import say
from nlp.analysis import Kind
from storage.records import Answer, Delivery, Office, Opinion

#: file name of the slips of people whose village nobody knows, and of what is sealed
_NO_VILLAGE, _SEALED = "chua-ro-thon", "kin"
#: what others must not read over somebody's shoulder, sealed or not
_APART = (Kind.COMPLAINT, Kind.DENUNCIATION)

#: so many code points of a matter are enough to tell that a text repeats it
RECOGNISED_BY = 40


@dataclass(frozen=True, kw_only=True)
class PrintedVillage:
    """The papers of one village."""

    village: str | None
    slips: int
    #: to cut apart and hand over
    path: Path
    #: to be signed; None for what is sealed
    sign_off: Path | None


@dataclass(frozen=True, kw_only=True)
class _Paper:
    slip: WaitingSlip
    #: of the sentences of slips: answer | interim | notice | apart
    heading: str
    paragraphs: tuple[str, ...]
    #: address of the answer's page
    url: str | None


def print_slips(
    services: Services,
    staff_id: int,
    out: Path,
    *,
    village: str | None = None,
    again: bool = False,
    sealed: bool = False,
    templates: Path | None = None,
) -> list[PrintedVillage]:
    """Write one file of slips and one list to sign per village into the folder `out`, and note that they were printed.

    Only what was not printed before, or with `again` all that still waits. A file that is there already is left alone:
    a slip that was marked as printed must not vanish under a later one. Raises `Forbidden`, `InvalidInput`.
    """
    with services.writing() as work:
        waiting = [
            slip for slip in list_slips(work, staff_id, village, sealed=sealed) if again or slip.printed_at is None
        ]
        office = work.session.get_one(Office, services.office_id)
        head = DocumentHead.of(office.name, office.profile)
        contact = str(office.profile.get("contact") or "").strip()
        ask = say("slip.contact", contact=contact) if contact else say("slip.no_contact", office=office.name)
        papers = [_paper(work, slip) for slip in waiting]
        today = local_date(work.now)
        work.commit()
    by_village: dict[str | None, list[_Paper]] = defaultdict(list)
    for paper in papers:
        by_village[None if sealed else paper.slip.village_code].append(paper)
    printed = []
    for code, of_one in by_village.items():
        name = f"{_SEALED if sealed else code or _NO_VILLAGE}-{today.isoformat()}"
        path = _free(out, f"phieu-{name}")
        _write_slips(head, of_one, ask, path, templates)
        sign_off = None
        if not sealed:
            sign_off = _free(out, f"ky-nhan-{name}")
            rows = _sign_off_rows(of_one)
            where = of_one[0].slip.village or "Chưa rõ thôn, tổ dân phố"
            fill("sign_off_list.docx", sign_off_context(rows, village=where, made_on=today), sign_off, templates)
        _note_printed(services, staff_id, [paper.slip.delivery_id for paper in of_one])
        where_printed = None if sealed else of_one[0].slip.village
        printed.append(PrintedVillage(village=where_printed, slips=len(of_one), path=path, sign_off=sign_off))
    return printed


def _paper(work: Work, slip: WaitingSlip) -> _Paper:
    if not slip.sealed and work.session.get_one(Opinion, slip.opinion_id).kind in _APART:
        # The paper passes through the village's hands: it names neither the matter nor what sort it is.
        paragraphs = (say("slip.apart_text"),)
        return _Paper(slip=replace(slip, about=""), heading="apart", paragraphs=paragraphs, url=None)
    words = words_in_full(work, work.session.get_one(Delivery, slip.delivery_id), name=slip.name)
    answer = work.session.get(Answer, slip.answer_id) if slip.answer_id is not None and not slip.sealed else None
    heading = "notice"
    if answer is not None and slip.purpose == "answer":
        heading = "answer" if answer.final else "interim"
    url = answer_link(work, answer_id=answer.id, opinion_id=slip.opinion_id) if answer and answer.id else None
    if _beginning(slip.about) in " ".join(words.split()):
        # The words themselves say what it is about: once is enough on half a page.
        slip = replace(slip, about="")
    return _Paper(
        slip=slip, heading=heading, paragraphs=tuple(line for line in words.split("\n") if line.strip()), url=url
    )


def _beginning(about: str) -> str:
    return " ".join(about.split()).rstrip("…")[:RECOGNISED_BY]


def _write_slips(head: DocumentHead, papers: Sequence[_Paper], ask: str, path: Path, templates: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        slips = []
        for number, paper in enumerate(papers):
            qr = None
            if paper.url is not None:
                qr = Path(folder) / f"{number}.png"
                qr.write_bytes(png(paper.url))
            foot = [ask]
            if paper.heading == "answer":
                foot.insert(0, say("slip.not_settled"))
            if paper.url is not None:
                foot.append(say("slip.page", url=paper.url))
            slips.append(
                SlipPaper(
                    heading=say(f"slip.{paper.heading}"),
                    ref=paper.slip.ref,
                    village=None if paper.slip.sealed else paper.slip.village,
                    about=paper.slip.about,
                    paragraphs=paper.paragraphs,
                    foot=foot,
                    qr=qr,
                )
            )
        fill("answer_slips.docx", slips_context(head, slips), path, templates)


def _sign_off_rows(papers: Sequence[_Paper]) -> list[SignOffRow]:
    by_ref: dict[str, list[WaitingSlip]] = defaultdict(list)
    for paper in papers:
        by_ref[paper.slip.ref].append(paper.slip)
    return [
        SignOffRow(ref=ref, name=slips[0].name, village=slips[0].village, slips=len(slips))
        for ref, slips in by_ref.items()
    ]


def _note_printed(services: Services, staff_id: int, ids: Sequence[int]) -> None:
    with services.writing() as work:
        for row in work.session.exec(select(Delivery).where(col(Delivery.id).in_(ids))):
            row.printed_at = work.now
            work.session.add(row)
        work.record(staff_member(staff_id), "slips_printed", "office", services.office_id, slips=list(ids))
        work.commit()


def _free(folder: Path, name: str) -> Path:
    """A file of that name that is not there yet: "phieu-ha-2026-11-21.docx", then "...-2.docx". Raises `InvalidInput`
    for what can be no folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"Không ghi được vào {folder}.", todo="Chọn một thư mục khác.") from error
    number, path = 1, folder / f"{name}.docx"
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.docx"
    return path
