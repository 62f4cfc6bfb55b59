"""Kinds of documents from the conference day on: minutes, conclusion, letters, public result, case file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from casework.codes import spoken
from casework.document_head import Body, DocumentHead
from casework.documents.conclusion import conclusion_context
from casework.documents.fill import fill
from casework.documents.letters_out import answer_context, assignment_context, redirect_context, transfer_context
from casework.documents.line_words import places
from casework.documents.minutes import minutes_context
from casework.documents.pen import unread
from casework.documents.registry import DocumentKind, Made, Order, Readers, Subject
from casework.documents.results_out import Notice, case_file_context, for_village, public_result_context, villages_of
from casework.errors import Forbidden, IllegalMove
from casework.usecases.documents.after import conference_file, public_file
from casework.usecases.documents.after_letters import answer_letters, redirect_letter
from casework.usecases.documents.after_values import (
    ConferenceFile,
    LineFile,
    as_it_stood,
    line_as_it_stood,
    masked,
    without_askers,
)
from casework.usecases.work import Services
from nlp.analysis import Level
from nlp.normalise import fold
from storage.records import AgendaOutcome, ConferenceState, Office

_WORD = ".docx"
#: longest part of a file name made of somebody's name
_NAME_LIMIT = 40
_HELD = frozenset({ConferenceState.HELD, ConferenceState.CONCLUDED, ConferenceState.FAILED})
_CONCLUDED = frozenset({ConferenceState.CONCLUDED})

_Letter = TypeVar("_Letter")
#: context of some letters together, or of one alone
_Context = Callable[[Sequence[Any]], Mapping[str, Any]]


def _minutes(services: Services, staff_id: int | None, order: Order) -> Made:
    file = _file(services, staff_id, order)
    # What was assigned, answered or promised after the day is not what was said on it.
    file = as_it_stood(file, file.conference.held_on)
    context = minutes_context(file, order.number, order.signed_on)
    made = fill(
        "minutes.docx",
        context,
        order.place(f"bien-ban-{file.conference.code}"),
        order.templates,
        force=order.force,
        progress=order.progress,
    )
    return Made(paths=(made,), blanks=_missing_in_minutes(file), reviews=_unread(file))


def _conclusion(services: Services, staff_id: int | None, order: Order) -> Made:
    file = without_askers(_file(services, staff_id, order))
    conference = file.conference
    issued_on = conference.conclusion_on if conference.conclusion_number else order.signed_on
    if issued_on is not None:
        # Made again, a notice says what it said when it was signed.
        file = as_it_stood(file, issued_on)
    context = conclusion_context(file, order.number, order.signed_on)
    made = fill(
        "conclusion_notice.docx",
        context,
        order.place(f"thong-bao-ket-luan-{file.conference.code}"),
        order.templates,
        force=order.force,
        progress=order.progress,
    )
    return Made(paths=(made,), blanks=_missing_in_conclusion(file), reviews=_unread(file))


def _assignments(services: Services, staff_id: int | None, order: Order) -> Made:
    file = masked(_file(services, staff_id, order))
    found: dict[tuple[str, tuple[str, dt.date] | None], list[LineFile]] = {}
    for line in (_when_assigned(line, file) for line in file.lines):
        if line.assignment is not None:
            found.setdefault((line.assignment.agency, file.letter_of(line.assignment)), []).append(line)
    letters = [(agency, lines) for (agency, _), lines in found.items()]
    return _letters(
        order,
        "assignment_notice.docx",
        _named(f"giao-viec-{file.conference.code}", letters),
        lambda some: assignment_context(file, some, order.number, order.signed_on),
        blanks=_undated([line for _, lines in letters for line in lines]),
        reviews=_unread(file),
    )


def _when_assigned(line: LineFile, file: ConferenceFile) -> LineFile:
    """The line as the letter that was numbered and sent has it; today's where no number is recorded."""
    letter = file.letter_of(line.assignment) if line.assignment is not None else None
    if letter is None:
        return line
    return line_as_it_stood(line, max(letter[1], file.conference.conclusion_on or letter[1]))


def _answers(services: Services, staff_id: int | None, order: Order) -> Made:
    found = answer_letters(services, _staff(staff_id), order.target, progress=order.progress)
    return _letters(
        order,
        "answer_letter.docx",
        [(f"tra-loi-{spoken(letter.code)}", letter) for letter in found.letters],
        lambda some: answer_context(found.head, some, order.number, order.signed_on),
    )


def _transfers(services: Services, staff_id: int | None, order: Order) -> Made:
    file = masked(_file(services, staff_id, order))
    found: dict[str, list[LineFile]] = {}
    for line in file.lines:
        if line.referral is not None:
            found.setdefault(line.referral.body, []).append(line)
    return _letters(
        order,
        "transfer_slip.docx",
        _named(f"phieu-chuyen-{file.conference.code}", list(found.items())),
        lambda some: transfer_context(file, some, order.number, order.signed_on),
        reviews=_perhaps_beyond(file),
    )


def _redirect(services: Services, staff_id: int | None, order: Order) -> Made:
    letter = redirect_letter(services, _staff(staff_id), order.target)
    with services.reading() as work:
        office = work.session.get_one(Office, services.office_id)
        head = DocumentHead.of(office.name, office.profile, Body.FRONT)
    context = redirect_context(head, letter, order.number, order.signed_on)
    place = order.place(f"phieu-huong-dan-{letter.opinion_id}")
    made = fill("redirect_slip.docx", context, place, order.templates, force=order.force)
    blanks = ("cơ quan có thẩm quyền", *(() if letter.name else ("tên người gửi",)))
    return Made(paths=(made,), blanks=blanks)


def _public_result(services: Services, staff_id: int | None, order: Order) -> Made:
    """One notice for the board; into a folder also one per village, for its head."""
    file = public_file(services, order.target, progress=order.progress)
    if file.conference.state not in _HELD:
        raise IllegalMove(
            f"Hội nghị {file.conference.code} chưa họp nên chưa có kết quả để công khai.",
            todo=f"Ghi hội nghị đã họp trước: doithoai conferences hold {file.conference.code}",
        )
    villages = villages_of(file)
    stem = f"ket-qua-cong-khai-{file.conference.code}"
    sheets = [(stem, Notice(village="", parts=villages))]
    if order.out.suffix.lower() != _WORD:
        with_lines = [name for name in file.villages if any(village == name for village, _ in villages)]
        own = [(name, Notice(village=name, parts=for_village(villages, name))) for name in with_lines]
        sheets += [(name, notice) for name, (_, notice) in _named(stem, own)]
    return _letters(
        order,
        "public_result.docx",
        sheets,
        lambda some: public_result_context(file, some, order.number, order.signed_on),
        blanks=("kết quả của một số mục",) if _pending(file) else (),
        reviews=_unread(file),
    )


def _case_file(services: Services, staff_id: int | None, order: Order) -> Made:
    file = _file(services, staff_id, order)
    context = case_file_context(file, order.number, order.signed_on)
    made = fill(
        "case_file.docx",
        context,
        order.place(f"muc-luc-ho-so-{file.conference.code}"),
        order.templates,
        force=order.force,
        progress=order.progress,
    )
    open_still = file.conference.closed_on is None
    return Made(paths=(made,), blanks=("ngày đóng hồ sơ", "thời hạn lưu") if open_still else ())


# --------------------------------------------------------------------------- shared


def _file(services: Services, staff_id: int | None, order: Order) -> ConferenceFile:
    return conference_file(services, _staff(staff_id), order.target, progress=order.progress)


def _staff(staff_id: int | None) -> int:
    if staff_id is None:
        raise Forbidden("Văn bản này chỉ dành cho cán bộ.", todo="Ghi rõ ai đang làm: --staff SỐ.")
    return staff_id


def _letters(
    order: Order,
    template: str,
    letters: Sequence[tuple[str, Any]],
    context: _Context,
    *,
    blanks: tuple[str, ...] = (),
    reviews: tuple[str, ...] = (),
) -> Made:
    """All letters in one file when a Word file was named, each on pages of its own; else a file for each."""
    if not letters:
        return Made(paths=(), reviews=reviews)
    if order.out.suffix.lower() == _WORD:
        everything = context([one for _, one in letters])
        return Made(
            paths=(fill(template, everything, order.out, order.templates, force=order.force, progress=order.progress),),
            blanks=blanks,
            reviews=reviews,
        )
    folder = order.folder()
    made: list[Path] = []
    for done, (name, one) in enumerate(letters, start=1):
        place = folder / f"{name}{_WORD}"
        made.append(fill(template, context([one]), place, order.templates, force=order.force))
        if order.progress is not None:
            order.progress(done, len(letters))
    return Made(paths=tuple(made), blanks=blanks, reviews=reviews)


def _named(stem: str, letters: Sequence[tuple[str, _Letter]]) -> list[tuple[str, tuple[str, _Letter]]]:
    """A file name of its own for each letter, made of its addressee."""
    named: dict[str, tuple[str, _Letter]] = {}
    for addressee, letter in letters:
        name = f"{stem}-{_in_file_name(addressee) or 'chua-ro-noi-nhan'}"
        # Two long names may begin alike.
        named[f"{name}-{len(named) + 1}" if name in named else name] = (addressee, letter)
    return list(named.items())


def _in_file_name(name: str) -> str:
    """A name as part of a file name any computer takes: "ubnd-xa"."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name))[:_NAME_LIMIT].strip("-")


def _pending(file: ConferenceFile) -> list[int]:
    return [line.position for line in file.lines if line.outcome == AgendaOutcome.PENDING]


def _missing_in_minutes(file: ConferenceFile) -> tuple[str, ...]:
    conference = file.conference
    missing = {
        "thư ký": not conference.officials.get("secretaries"),
        "số người được mời": conference.invited is None,
        "số người dự": conference.attendance is None,
        f"kết quả {places(_pending(file))}": bool(_pending(file)),
        "kết luận của người chủ trì": not conference.conclusion_text,
        "giờ kết thúc": True,
    }
    return tuple(what for what, is_missing in missing.items() if is_missing)


def _missing_in_conclusion(file: ConferenceFile) -> tuple[str, ...]:
    missing = {
        "số người dự": file.conference.attendance is None,
        "kết luận chung": not file.conference.conclusion_text,
        f"kết quả {places(_pending(file))}": bool(_pending(file)),
    }
    return (*(what for what, is_missing in missing.items() if is_missing), *_undated(file.lines))


def _undated(lines: Sequence[LineFile]) -> tuple[str, ...]:
    known = [line.position for line in lines if line.assignment is not None and line.assignment.due_on is None]
    return (f"hạn trả lời của {places(known)}",) if known else ()


def _unread(file: ConferenceFile) -> tuple[str, ...]:
    lines = [line.position for line in file.lines if line.machine_titled]
    return (unread(lines),) if lines else ()


def _perhaps_beyond(file: ConferenceFile) -> tuple[str, ...]:
    """What is classed above the commune, still waits, and nobody has decided to send anywhere."""
    lines = [
        line.position
        for line in file.lines
        if line.level != Level.COMMUNE
        and not line.answers
        and line.referral is None
        and line.assignment is None
        and line.outcome in (AgendaOutcome.PENDING, AgendaOutcome.DEFERRED)
    ]
    return (f"{places(lines)} xếp trên cấp xã mà chưa ai quyết định chuyển đi đâu",) if lines else ()


KINDS = (
    DocumentKind(
        name="minutes",
        title="Biên bản hội nghị",
        readers=Readers.INTERNAL,
        templates=("minutes.docx",),
        stages=_HELD,
        make=_minutes,
    ),
    DocumentKind(
        name="conclusion",
        title="Thông báo kết luận và phụ lục",
        readers=Readers.LEADERS,
        templates=("conclusion_notice.docx",),
        stages=frozenset({ConferenceState.AGENDA_SET, ConferenceState.HELD, ConferenceState.CONCLUDED}),
        make=_conclusion,
    ),
    DocumentKind(
        name="assignments",
        title="Văn bản giao việc cho từng cơ quan",
        readers=Readers.AGENCY,
        templates=("assignment_notice.docx",),
        stages=_CONCLUDED,
        make=_assignments,
    ),
    DocumentKind(
        name="answers",
        title="Văn bản trả lời từng người",
        readers=Readers.ASKER,
        templates=("answer_letter.docx",),
        make=_answers,
    ),
    DocumentKind(
        name="transfers",
        title="Phiếu chuyển cơ quan khác, cấp trên",
        readers=Readers.AGENCY,
        templates=("transfer_slip.docx",),
        stages=_CONCLUDED,
        make=_transfers,
    ),
    DocumentKind(
        name="redirect",
        title="Phiếu hướng dẫn khiếu nại, tố cáo",
        subject=Subject.OPINION,
        readers=Readers.ASKER,
        templates=("redirect_slip.docx",),
        make=_redirect,
    ),
    DocumentKind(
        name="public-result",
        title="Thông báo công khai kết quả",
        readers=Readers.PUBLIC,
        templates=("public_result.docx",),
        stages=_CONCLUDED,
        make=_public_result,
    ),
    DocumentKind(
        name="case-file",
        title="Mục lục hồ sơ hội nghị",
        readers=Readers.INTERNAL,
        templates=("case_file.docx",),
        stages=_CONCLUDED,
        make=_case_file,
    ),
)
