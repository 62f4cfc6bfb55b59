"""All texts of some folders together: finding one by code, day and version, and refusing two in force on one day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from casework.errors import InvalidInput
from casework.regulations.loader import read_text
from casework.regulations.model import NATIONAL, Regulation


def shipped_folder() -> Path:
    """Where the texts of the program are."""
    return Path(__file__).parent / "texts"


@dataclass(frozen=True, kw_only=True)
class Library:
    """Texts by code, versions of one code in order of validity."""

    texts: tuple[Regulation, ...]

    def choices(self) -> tuple[Regulation, ...]:
        """The newest version of each text an office may choose, in the order in which people are asked."""
        newest = {text.code: text for text in self.texts if text.code != NATIONAL}
        return tuple(sorted(newest.values(), key=lambda text: (text.listed, text.name)))

    def find(self, code: str, *, on: dt.date | None = None, version: str | None = None) -> Regulation:
        """This version, or the version in force on a day, or the newest.

        Raises `InvalidInput` naming the codes or versions there are, or the days on which some version holds.
        """
        versions = self._versions(code)
        if version is not None:
            return _of_version(code, versions, version)
        if on is None:
            return versions[-1]
        for text in versions:
            if text.in_force(on):
                return text
        spans = "; ".join(f"bản {text.version}: {validity(text)}" for text in versions)
        raise InvalidInput(
            f"Ngày {on:%d/%m/%Y} không có bản nào của quy định «{code}» có hiệu lực.",
            todo=f"Các bản đang có: {spans}. Xem lại ngày, hoặc thêm văn bản của thời gian đó.",
        )

    def oldest(self, code: str) -> Regulation:
        """The version that was the first in force. Raises `InvalidInput` for an unknown code."""
        return self._versions(code)[0]

    def _versions(self, code: str) -> list[Regulation]:
        versions = [text for text in self.texts if text.code == code]
        if not versions:
            codes = ", ".join(text.code for text in self.choices())
            raise InvalidInput(f"Không có quy định mã «{code}».", todo=f"Chọn một trong: {codes}.")
        return versions

    def applicable(self, code: str, *, on: dt.date, version: str | None = None) -> tuple[Regulation, ...]:
        """The office's own text, then the national one if one is in force that day."""
        own = self.find(code, on=on, version=version)
        return own, *(text for text in self.texts if text.code == NATIONAL != code and text.in_force(on))


def _of_version(code: str, versions: list[Regulation], version: str) -> Regulation:
    for text in versions:
        if text.version == version:
            return text
    known = ", ".join(text.version for text in versions)
    raise InvalidInput(
        f"Quy định «{code}» không có bản «{version}».",
        todo=f"Các bản đang có: {known}. Bản cũ của một hội nghị phải còn trong thư mục văn bản.",
    )


def validity(text: Regulation) -> str:
    """The days on which a version holds, in words."""
    start = f"từ {text.valid_from:%d/%m/%Y}"
    # Validity is half-open; people are told the last day that still counts.
    return start if text.valid_to is None else f"{start} đến hết {text.valid_to - dt.timedelta(days=1):%d/%m/%Y}"


@cache
def library(*folders: Path) -> Library:
    """The shipped texts and those of further folders.

    Raises `InvalidInput` naming the file for a text that cannot be used, or both files when two versions of one code
    hold on one day.
    """
    files = [file for folder in (shipped_folder(), *folders) for file in text_files(folder)]
    return gather({file: read_text(file) for file in files})


def text_files(folder: Path) -> list[Path]:
    """The TOML files of a folder, in order of name. Raises `InvalidInput` when there is no such folder."""
    if not folder.is_dir():
        raise InvalidInput(f"Không có thư mục văn bản {folder}.", todo="Xem lại đường dẫn.")
    return sorted(folder.glob("*.toml"))


def gather(texts: Mapping[Path, Regulation]) -> Library:
    """A library of texts by file.

    A text that `replaces` a version ends it on its own first day. Raises `InvalidInput` when two versions of one code
    still clash, naming both files, or when there is no version to replace.
    """
    ordered = sorted(_ended(texts).items(), key=lambda item: (item[1].code, item[1].valid_from, item[1].version))
    for (first_file, first), (second_file, second) in pairwise(ordered):
        if first.code != second.code:
            continue
        if first.version == second.version or first.valid_to is None or second.valid_from < first.valid_to:
            raise InvalidInput(
                f"Hai văn bản mã «{first.code}» chồng lên nhau: {first_file.name} (bản {first.version}, "
                f"{validity(first)}) và {second_file.name} (bản {second.version}, {validity(second)}).",
                todo="Mỗi bản một version riêng; bản sau thay bản trước thì ghi vào tệp của bản sau: "
                f'replaces = "{first.version}".',
            )
    return Library(texts=tuple(text for _, text in ordered))


def _ended(texts: Mapping[Path, Regulation]) -> dict[Path, Regulation]:
    """The texts, with versions that others replace ended on the day these begin."""
    ended = dict(texts)
    for file, newer in texts.items():
        if newer.replaces is None:
            continue
        older_file = next((one for one, text in texts.items() if _is(text, newer.code, newer.replaces)), None)
        if older_file is None or texts[older_file].valid_from >= newer.valid_from:
            raise InvalidInput(
                f"{file.name}: không có bản «{newer.replaces}» của «{newer.code}» có hiệu lực trước "
                f"{newer.valid_from:%d/%m/%Y} để thay.",
                todo="Xem các bản: doithoai regulations list",
            )
        older = texts[older_file]
        ends = newer.valid_from if older.valid_to is None else min(older.valid_to, newer.valid_from)
        ended[older_file] = older.model_copy(update={"valid_to": ends})
    return ended


def _is(text: Regulation, code: str, version: str) -> bool:
    return (text.code, text.version) == (code, version)
