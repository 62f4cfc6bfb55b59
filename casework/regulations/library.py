"""All texts of some folders together: finding one by code, day and version, and refusing two in force on one day."""

from __future__ import annotations

import datetime as dt
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
        versions = [text for text in self.texts if text.code == code]
        if not versions:
            codes = ", ".join(text.code for text in self.choices())
            raise InvalidInput(f"Không có quy định mã «{code}».", todo=f"Chọn một trong: {codes}.")
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


def gather(texts: dict[Path, Regulation]) -> Library:
    """A library of texts by file. Raises `InvalidInput` when two versions of one code clash, naming both files."""
    ordered = sorted(texts.items(), key=lambda item: (item[1].code, item[1].valid_from, item[1].version))
    for (first_file, first), (second_file, second) in pairwise(ordered):
        if first.code != second.code:
            continue
        if first.valid_to is None or second.valid_from < first.valid_to or first.version == second.version:
            raise InvalidInput(
                f"Hai văn bản mã «{first.code}» chồng lên nhau: {first_file.name} (bản {first.version}, "
                f"{validity(first)}) và {second_file.name} (bản {second.version}, {validity(second)}).",
                todo=f"Ghi valid_to = {second.valid_from} vào {first_file.name}, và đặt version khác nhau.",
            )
    return Library(texts=tuple(text for _, text in ordered))
