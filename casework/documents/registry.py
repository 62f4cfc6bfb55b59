"""The kinds of documents the program makes: name, title, for whom, and how each is made.

A family of documents is a module of `casework/usecases/documents/` with `KINDS`, a tuple of `DocumentKind`; it is
found by itself.
"""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from casework.errors import InvalidInput, NotFound
from casework.plain_words import plain
from casework.usecases import documents as families
from casework.usecases.work import Services
from storage.records import ConferenceState

#: sorts of files the program makes
_SUFFIXES = frozenset({".docx", ".xlsx"})


#: the family that comes before the day; the names of the others are already in the order of a conference's life
_FIRST = "before"


class Readers(StrEnum):
    """Who will read a document. Only the public form may leave the office as it is: it names nobody."""

    PUBLIC = "public"
    LEADERS = "leaders"  # those who chair and answer: names and the askers' own words
    UPPER_FRONT = "upper_front"  # the Front of the level above
    INTERNAL = "internal"  # the Front and the organising office
    AGENCY = "agency"  # whoever was assigned a matter
    ASKER = "asker"


#: as commands say it
READER_NAMES: dict[Readers, str] = {
    Readers.PUBLIC: "công khai",
    Readers.LEADERS: "lãnh đạo",
    Readers.UPPER_FRONT: "Mặt trận cấp trên",
    Readers.INTERNAL: "nội bộ",
    Readers.AGENCY: "cơ quan",
    Readers.ASKER: "người gửi",
}


class Subject(StrEnum):
    """What a document is about: what stands after its kind on the command line."""

    CONFERENCE = "conference"  # HN-20261128
    OPINION = "opinion"  # K7P-4MX
    ISSUE = "issue"  # number of an issue
    PERIOD = "period"  # 2026, 2026-H1


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody asked to be made, and where it goes."""

    #: code of the subject
    target: str
    #: a file, or a folder for the usual names
    out: Path
    number: str | None = None
    signed_on: dt.date | None = None
    #: the office's own templates
    templates: Path | None = None
    #: write also over what somebody edited
    force: bool = False
    #: told after each file or step of a long work: done, of how many
    progress: Callable[[int, int], None] | None = None

    def place(self, name: str, suffix: str = ".docx") -> Path:
        """Where the one file of a kind goes. Raises `InvalidInput` when a file of another sort was named."""
        if self.out.suffix.lower() in _SUFFIXES - {suffix}:
            raise InvalidInput(f"Loại này là tệp {suffix}, không phải {self.out.suffix}.", todo="Đổi đuôi tệp.")
        return self.out if self.out.suffix.lower() == suffix else self.out / f"{name}{suffix}"

    def folder(self) -> Path:
        """Where several files go. Raises `InvalidInput` when a file was named."""
        if self.out.suffix.lower() in _SUFFIXES:
            raise InvalidInput("Loại này có thể gồm nhiều tệp.", todo="Ghi --out là tên một thư mục.")
        return self.out


@dataclass(frozen=True, kw_only=True)
class Made:
    """The files made, what a pen still has to fill in, in words ("ngày họp chuẩn bị"), and what to look at again."""

    paths: tuple[Path, ...]
    blanks: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DocumentKind:
    """One kind of document."""

    #: what is typed: "plan", "minutes"
    name: str
    #: what people call it: "Kế hoạch tổ chức đối thoại"
    title: str
    subject: Subject = Subject.CONFERENCE
    readers: Readers
    #: shipped templates it is filled from
    templates: tuple[str, ...] = ()
    #: states of the conference at which `make all` makes it
    stages: frozenset[ConferenceState] = frozenset()
    #: checks the role of the staff member; None = nobody in particular, for public forms only
    make: Callable[[Services, int | None, Order], Made]


def kinds() -> tuple[DocumentKind, ...]:
    """Every kind of every family, in the order in which a conference needs them."""
    found: list[DocumentKind] = []
    modules = (one.name for one in pkgutil.iter_modules(families.__path__, f"{families.__name__}."))
    for module in sorted(modules, key=lambda name: (not name.rpartition(".")[2].startswith(_FIRST), name)):
        found += getattr(importlib.import_module(module), "KINDS", ())
    return tuple(found)


def kind(name: str, readers: Readers | None = None) -> DocumentKind:
    """The kind called `name`, in the form for `readers` where it has several.

    The name as typed in commands or as the lists print it, accents and case as they come: "invitation", "Giấy mời",
    "bien ban". Raises `NotFound`, or `InvalidInput` naming the forms when none or another was asked for.
    """
    forms = [one for one in kinds() if one.name == name] or _called(name)
    if not forms:
        raise NotFound(f"Không có loại văn bản «{name}».", todo="Xem các loại: doithoai documents list")
    fitting = [one for one in forms if readers in (None, one.readers)]
    if len(fitting) != 1:
        known = ", ".join(f"{one.readers} ({READER_NAMES[one.readers]})" for one in forms)
        raise InvalidInput(
            f"Loại «{name}» có bản cho: {known}.", todo=f"Ghi rõ --audience, ví dụ --audience {forms[0].readers}."
        )
    return fitting[0]


def _called(words: str) -> list[DocumentKind]:
    """Kinds whose name or title is `words`; else those of the one name whose titles begin with them."""
    wanted = plain(words.replace("_", " "))
    named = [one for one in kinds() if wanted in (plain(one.name), plain(one.title), plain(_title_alone(one)))]
    begun = [one for one in kinds() if wanted and plain(one.title).startswith(wanted)]
    # A table has the name of its kind and an ending: the paper is meant.
    found = named or [one for one in begun if not one.name.endswith("-sheet")] or begun
    return found if len({one.name for one in found}) == 1 else []


def _title_alone(one: DocumentKind) -> str:
    """The title without for whom it is: "Báo cáo tổng hợp ý kiến"."""
    return one.title.partition(":")[0]


def fitting_kinds(state: ConferenceState) -> tuple[DocumentKind, ...]:
    """What makes sense for a conference in this state."""
    return tuple(one for one in kinds() if one.subject is Subject.CONFERENCE and state in one.stages)
