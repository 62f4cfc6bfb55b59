"""Use cases: files that belong to an answer, as a rule the signed document. They are added before it is published:
what people have received does not change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import select

from casework.errors import IllegalMove, InvalidInput, NotFound
from casework.files import FileStore, Kind, UnreadableImage, clean_name, sniff, without_metadata
from casework.usecases.access import DECIDERS, VIEWERS, require
from casework.usecases.answers.pages import files_of
from casework.usecases.citizens.copies import drop_unnamed
from casework.usecases.conference.issues import find_group, key_of, require_over
from casework.usecases.work import Services, Work, staff_member
from storage.records import Answer, AnswerFile, AnswerState

#: what an old phone and an old PC can open
ALLOWED = (Kind.PDF, Kind.DOC, Kind.DOCX, Kind.JPG, Kind.PNG)
#: bytes of one file, and files of one answer
LARGEST = 10 * 1024 * 1024
MOST = 10

_ALLOWED_WORDS = "Chỉ nhận PDF, Word (doc, docx) không có macro, và ảnh JPG, PNG; lưu lại thành PDF là chắc nhất."


@dataclass(frozen=True, kw_only=True)
class GivenFile:
    """A file as a person gives it."""

    name: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """A file of an answer; `number` counts from 1, as on the answer's page."""

    number: int
    name: str
    mime: str
    #: bytes
    size: int
    sha256: str
    added_at: dt.datetime


def attach(services: Services, staff_id: int, answer_id: int, files: Sequence[GivenFile]) -> list[FileRow]:
    """Add files to an answer that is not published yet; an approved one becomes a draft again. The same file twice is
    one. Returns all files the answer has now.

    Raises `NotFound`, `Forbidden`, `IllegalMove` once published, `InvalidInput` for a file that cannot be taken: then
    none is.
    """
    with services.reading() as work:
        _changeable(work, staff_id, answer_id, lock=False)
    checked = [_checked(file) for file in files]
    store = FileStore(services.files_dir)
    # Kept before the transaction: disks are slow. What no row names in the end is swept away a day later.
    kept = [(name, kind, len(data), store.keep(data)) for name, kind, data in checked]
    with services.writing() as work:
        answer = _changeable(work, staff_id, answer_id)
        there = [row.sha256 for row in files_of(work, answer_id)]
        new: list[str] = []
        for name, kind, size, sha256 in kept:
            if sha256 in there or sha256 in new:
                continue
            new.append(sha256)
            work.add(
                AnswerFile(
                    answer_id=answer_id,
                    name=name,
                    mime=kind.mime,
                    size=size,
                    sha256=sha256,
                    added_by_staff_id=staff_id,
                    at=work.now,
                )
            )
        if len(there) + len(new) > MOST:
            raise InvalidInput(
                f"Một văn bản trả lời có nhiều nhất {MOST} tệp.", todo="Gộp các trang thành một tệp PDF."
            )
        if new:
            _changed(work, staff_id, answer, "answer_files_added", new)
        rows = _rows(work, answer_id)
        work.commit()
    return rows


def detach(services: Services, staff_id: int, answer_id: int, number: int) -> list[FileRow]:
    """Take a file off an answer that is not published yet. Returns the files that are left, numbered anew.

    Raises `NotFound`, `Forbidden`, `IllegalMove` once published.
    """
    with services.writing() as work:
        answer = _changeable(work, staff_id, answer_id)
        rows = files_of(work, answer_id)
        if not 1 <= number <= len(rows):
            raise NotFound(
                f"Văn bản trả lời số {answer_id} không có tệp số {number}.",
                todo=f"Xem: doithoai answers files {answer_id}",
            )
        sha256 = rows[number - 1].sha256
        work.session.delete(rows[number - 1])
        work.session.flush()
        _changed(work, staff_id, answer, "answer_file_removed", [sha256])
        left = _rows(work, answer_id)
        work.commit()
    drop_unnamed(services, sha256)
    return left


def list_files(services: Services, staff_id: int, answer_id: int) -> list[FileRow]:
    """The files of an answer. Raises `NotFound`, `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        _find(work, answer_id)
        return _rows(work, answer_id)


def _checked(file: GivenFile) -> tuple[str, Kind, bytes]:
    shown = f"«{file.name}»"
    if len(file.data) > LARGEST:
        raise InvalidInput(
            f"Tệp {shown} lớn hơn {LARGEST // 1024 // 1024} MB.", todo="Quét lại ở độ phân giải thấp hơn hoặc tách ra."
        )
    kind = sniff(file.data)
    if kind not in ALLOWED:
        raise InvalidInput(f"Tệp {shown} không dùng được.", todo=_ALLOWED_WORDS)
    try:
        data = without_metadata(file.data, kind)
    except UnreadableImage as error:
        raise InvalidInput(f"Ảnh {shown} bị hỏng hoặc quá lớn.", todo="Chụp hoặc quét lại rồi thử lại.") from error
    return clean_name(file.name, kind), kind, data


def _find(work: Work, answer_id: int, *, lock: bool = False) -> Answer:
    statement = select(Answer).where(Answer.id == answer_id, Answer.office_id == work.services.office_id)
    answer = work.session.exec(statement.with_for_update() if lock else statement).first()
    if answer is None:
        raise NotFound(f"Không có văn bản trả lời số {answer_id}.", todo="Xem: doithoai answers list")
    return answer


def _changeable(work: Work, staff_id: int, answer_id: int, *, lock: bool = True) -> Answer:
    answer = _find(work, answer_id, lock=lock)
    group = find_group(work, answer.group_id)
    require_over(work, staff_id, *DECIDERS, village=group.residential_group_id)
    if answer.state == AnswerState.PUBLISHED:
        raise IllegalMove(
            "Văn bản trả lời này đã gửi tới bà con nên không thêm bớt tệp được nữa.",
            todo="Soạn một văn bản trả lời mới kèm tệp đó.",
        )
    return answer


def _changed(work: Work, staff_id: int, answer: Answer, verb: str, files: list[str]) -> None:
    answer.state, answer.approved_by_staff_id = AnswerState.DRAFT, None
    answer.version += 1
    work.add(answer)
    work.record(staff_member(staff_id), verb, "answer", key_of(answer), files=files)


def _rows(work: Work, answer_id: int) -> list[FileRow]:
    return [
        FileRow(number=number, name=row.name, mime=row.mime, size=row.size, sha256=row.sha256, added_at=row.at)
        for number, row in enumerate(files_of(work, answer_id), start=1)
    ]
