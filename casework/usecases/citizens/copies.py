"""Use cases: our own copies of what people sent over platforms whose addresses expire, and staff's way to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from casework.files import FileStore, Kind, clean_name
from casework.usecases.access import VIEWERS, find_opinion, key_of, require
from casework.usecases.work import Services, Work, staff_member
from storage.records import AnswerFile, Attachment, Citizen, InboxEntry, Opinion

#: channels that hand out addresses which stop working after a while
EXPIRING = ("zalo-oa", "zalo-bot")
#: what is older than this cannot be fetched any more: the addresses are dead by then
FETCHED_WITHIN = dt.timedelta(days=7)
#: kinds of attachments that are no evidence of anything
NOT_KEPT = ("sticker", "location", "contact")
#: a write that has not ended after this time was cut off
CUT_OFF_AFTER = dt.timedelta(hours=1)
#: a kept file that nothing names after this time belongs to nobody
UNNAMED_AFTER = dt.timedelta(days=1)
#: files asked for in one question
NAMES_AT_ONCE = 500
#: reason of inbox entries whose words their sender had erased
ERASED = "erased_by_sender"


class FetchProblem(StrEnum):
    """Why there is no copy of an attachment, for good."""

    BAD_ADDRESS = "bad_address"
    HOST_NOT_ALLOWED = "host_not_allowed"
    GONE = "gone"
    TOO_LARGE = "too_large"
    UNKNOWN_KIND = "unknown_kind"
    UNREADABLE_IMAGE = "unreadable_image"
    UNREACHABLE = "unreachable"
    FAULT = "fault"


PROBLEM_WORDS: dict[str, str] = {
    FetchProblem.BAD_ADDRESS: "địa chỉ tệp không đúng",
    FetchProblem.HOST_NOT_ALLOWED: "tệp nằm ở máy chủ không được phép tải",
    FetchProblem.GONE: "nền tảng đã xóa tệp",
    FetchProblem.TOO_LARGE: "tệp quá lớn",
    FetchProblem.UNKNOWN_KIND: "không phải loại tệp được giữ",
    FetchProblem.UNREADABLE_IMAGE: "ảnh bị hỏng hoặc quá lớn",
    FetchProblem.UNREACHABLE: "thử nhiều lần không tải được",
    FetchProblem.FAULT: "thử nhiều lần đều gặp lỗi lạ khi lưu, báo người phụ trách kỹ thuật",
}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An attachment of which there is no copy yet."""

    attachment_id: int
    url: str


@dataclass(frozen=True, kw_only=True)
class SentFile:
    """A file that came with an opinion. `data` None: there is no copy, `problem` says why in Vietnamese."""

    number: int
    kind: str
    name: str
    size: int | None
    received_at: dt.datetime
    problem: str | None
    data: bytes | None


# --------------------------------------------------------------------------- fetching


def to_fetch(services: Services, *, after: int = 0, limit: int = 1000) -> list[Wanted]:
    """Attachments with a number above `after` that are still to be fetched, oldest first."""
    with services.reading() as work:
        rows = work.session.exec(
            select(Attachment.id, Attachment.file_ref)
            .join(InboxEntry, col(InboxEntry.id) == col(Attachment.inbox_entry_id))
            .where(
                col(Attachment.id) > after,
                col(Attachment.sha256).is_(None),
                col(Attachment.fetch_problem).is_(None),
                col(Attachment.too_large).is_(False),
                col(Attachment.kind).not_in(NOT_KEPT),
                col(Attachment.file_ref).like("http%"),
                col(InboxEntry.channel).in_(EXPIRING),
                col(InboxEntry.received_at) > work.now - FETCHED_WITHIN,
                _not_erased(),
            )
            .order_by(col(Attachment.id))
            .limit(limit)
        )
        return [Wanted(attachment_id=key, url=url) for key, url in rows if key is not None and url is not None]


def try_refused_hosts_again(services: Services) -> int:
    """Let what lay on a host the settings did not allow be fetched after all, while its address may still live: the
    settings may have changed. Returns how many."""
    with services.writing() as work:
        rows = work.session.exec(
            select(Attachment)
            .join(InboxEntry, col(InboxEntry.id) == col(Attachment.inbox_entry_id))
            .where(
                Attachment.fetch_problem == FetchProblem.HOST_NOT_ALLOWED,
                col(InboxEntry.received_at) > work.now - FETCHED_WITHIN,
            )
        ).all()
        for attachment in rows:
            attachment.fetch_problem = None
            work.session.add(attachment)
        work.commit()
        return len(rows)


def copy_kept(services: Services, attachment_id: int, *, sha256: str, kind: Kind, size: int) -> bool:
    """There is a copy now: `kind` and `size` as they are in it. False when the message was erased meanwhile: then it
    belongs to nobody."""
    with services.writing() as work:
        attachment = work.session.get(Attachment, attachment_id)
        if attachment is None or attachment.file_ref is None:
            return False
        if work.session.get_one(InboxEntry, attachment.inbox_entry_id).reason == ERASED:
            return False
        attachment.sha256, attachment.stored_at, attachment.fetch_problem = sha256, work.now, None
        attachment.mime, attachment.size = kind.mime, size
        work.session.add(attachment)
        work.commit()
        return True


def no_copy(services: Services, attachment_id: int, problem: FetchProblem) -> None:
    """There will be no copy, and why."""
    with services.writing() as work:
        attachment = work.session.get(Attachment, attachment_id)
        if attachment is None or attachment.sha256 is not None:
            return
        attachment.fetch_problem = problem
        work.session.add(attachment)
        work.commit()


def forget_erased(services: Services) -> int:
    """Remove the copies and addresses of files whose senders had their words or themselves erased. Returns how many
    attachments that were."""
    store = FileStore(services.files_dir)
    with services.reading() as work:
        store.clean(before=work.now - CUT_OFF_AFTER)
        if work.session.exec(_of_the_erased().limit(1)).first() is None:
            return 0
    with services.writing() as work:
        rows = work.session.exec(_of_the_erased()).all()
        kept = {row.sha256 for row in rows if row.sha256 is not None}
        for row in rows:
            row.sha256, row.file_ref, row.file_name, row.latitude, row.longitude = None, None, None, None, None
            work.session.add(row)
        work.session.flush()
        # Removed before the rows forget them: whoever is cut off in between begins anew.
        for sha256 in kept:
            if not _is_named(work, sha256):
                store.remove(sha256)
        work.commit()
    return len(rows)


def sweep_unnamed(services: Services) -> int:
    """The job of every day: remove the files that nothing names and that nobody has kept for a day: of answers whose
    files were refused, of messages whose rows are gone. Returns how many."""
    store = FileStore(services.files_dir)
    before = services.clock.now() - UNNAMED_AFTER
    swept = 0
    names = store.untouched(before=before)
    while batch := list(islice(names, NAMES_AT_ONCE)):
        with services.reading() as work:
            named = _named_of(work, batch)
        swept += sum(store.remove_untouched(name, before=before) for name in batch if name not in named)
    return swept


def _named_of(work: Work, names: Sequence[str]) -> set[str]:
    sent = select(Attachment.sha256).where(col(Attachment.sha256).in_(names))
    answered = select(AnswerFile.sha256).where(col(AnswerFile.sha256).in_(names))
    return {name for name in (*work.session.exec(sent), *work.session.exec(answered)) if name is not None}


def drop_unnamed(services: Services, sha256: str) -> None:
    """Remove a kept file unless something names it."""
    with services.reading() as work:
        if not _is_named(work, sha256):
            FileStore(services.files_dir).remove(sha256)


def _is_named(work: Work, sha256: str) -> bool:
    """Whether an attachment or an answer has this file; the same photo may have been sent twice."""
    sent = select(Attachment.id).where(Attachment.sha256 == sha256)
    answered = select(AnswerFile.id).where(AnswerFile.sha256 == sha256)
    return any(work.session.exec(statement).first() is not None for statement in (sent, answered))


def _not_erased() -> ColumnElement[bool]:
    return or_(col(InboxEntry.reason).is_(None), col(InboxEntry.reason) != ERASED)


def _of_the_erased() -> SelectOfScalar[Attachment]:
    """Attachments of messages their sender threw away, and of people who were erased."""
    return (
        select(Attachment)
        .join(InboxEntry, col(InboxEntry.id) == col(Attachment.inbox_entry_id))
        .join(Opinion, col(Opinion.id) == col(Attachment.opinion_id), isouter=True)
        .join(Citizen, col(Citizen.id) == col(Opinion.citizen_id), isouter=True)
        .where(
            or_(InboxEntry.reason == ERASED, col(Citizen.erased_at).is_not(None)),
            or_(
                col(Attachment.sha256).is_not(None),
                col(Attachment.file_ref).is_not(None),
                col(Attachment.latitude).is_not(None),
            ),
        )
    )


# --------------------------------------------------------------------------- reading


def files_of_opinion(services: Services, staff_id: int, ref: str, *, with_data: bool = False) -> list[SentFile]:
    """What came with an opinion, in order; `with_data` reads the copies, and that is recorded.

    Raises `NotFound`, `Forbidden`: who may not read the opinion may not see its files.
    """
    with services.reading() as work:
        opinion = find_opinion(work, ref)
        require(work, staff_id, *VIEWERS, opinion=opinion)
        opinion_id, rows = key_of(opinion), _attachments(work, key_of(opinion))
    store = FileStore(services.files_dir)
    files = [_sent(store, number, row, at, with_data=with_data) for number, (row, at) in enumerate(rows, start=1)]
    given = [row.sha256 for (row, _), file in zip(rows, files, strict=True) if file.data is not None]
    if given:
        with services.writing() as work:
            work.record(staff_member(staff_id), "files_read", "opinion", opinion_id, files=given)
            work.commit()
    return files


def _attachments(work: Work, opinion_id: int) -> list[tuple[Attachment, dt.datetime]]:
    rows = work.session.exec(
        select(Attachment, InboxEntry.received_at)
        .join(InboxEntry, col(InboxEntry.id) == col(Attachment.inbox_entry_id))
        .where(Attachment.opinion_id == opinion_id, col(Attachment.kind).not_in(NOT_KEPT))
        .order_by(col(Attachment.id))
    )
    return [(row, at) for row, at in rows]


def _sent(store: FileStore, number: int, row: Attachment, received_at: dt.datetime, *, with_data: bool) -> SentFile:
    there = row.sha256 is not None and store.path(row.sha256) is not None
    kind = next((kind for kind in Kind if kind.mime == row.mime), None)
    name = row.file_name or f"{row.kind}-{number}"
    return SentFile(
        number=number,
        kind=row.kind,
        # A name of the sender's making goes on a disk only when it has been cleaned.
        name=clean_name(name, kind) if there and kind is not None else name,
        size=row.size,
        received_at=received_at,
        problem=None if there else _why(row),
        data=store.open(row.sha256) if with_data and there and row.sha256 is not None else None,
    )


def _why(row: Attachment) -> str:
    if row.fetch_problem is not None:
        return PROBLEM_WORDS.get(row.fetch_problem, row.fetch_problem)
    if row.too_large:
        return PROBLEM_WORDS[FetchProblem.TOO_LARGE]
    return (
        "bản sao không còn trong thư mục tệp" if row.sha256 is not None else "chưa có bản sao, mở trong ứng dụng chat"
    )
