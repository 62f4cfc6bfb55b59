"""Reads a file of the competence map; what is wrong is said with file, row, key and what is allowed."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nlp.analysis import Kind, Level, Topic
from nlp.vocabulary import vocabulary

#: faults named in one message; a file with more is read again after these are mended
_SAID = 5
_LEVELS = tuple(level.value for level in Level)
#: a row says where a matter is settled today; the level that ended is told by `before`
_ROW_LEVELS = (Level.COMMUNE.value, Level.PROVINCE.value, Level.CENTRAL.value)
_KINDS = (Kind.COMPLAINT.value, Kind.DENUNCIATION.value)


class Mark(StrEnum):
    """How sure a row is."""

    SURE = "sure"
    LIKELY = "likely"
    UNSURE = "unsure"


class MapRefused(ValueError):
    """A file of the competence map that must not be used; the message says where it is wrong and what to do."""


@dataclass(frozen=True, kw_only=True)
class Body:
    """Who settles matters: `levels` it stands on, the usual one first; `before` the code of who did so until
    2025-06-30 where a row says nothing else; `formerly` what people called it; `basis` of its powers."""

    code: str
    name: str
    levels: tuple[str, ...]
    before: str | None = None
    formerly: str = ""
    basis: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the map: topics ("giao-thong") or matters ("giao-thong/pothole") x words x dates -> who settles it.

    `kind` None: opinions. `level` None: any; `body` None: as for an opinion on the matter. `is_own`: written by the
    office, not by this program."""

    number: int
    matters: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    level: str | None = None
    body: str | None = None
    basis: str = ""
    mark: Mark = Mark.LIKELY
    before: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    kind: str | None = None
    note: str = ""
    is_own: bool = False

    def holds(self, on: dt.date | None) -> bool:
        """Whether the row is in force on a day; None: now, that is without an end."""
        if on is None:
            return self.until is None
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, kw_only=True)
class MapFile:
    """The parsed content of one file."""

    bodies: tuple[Body, ...]
    rows: tuple[Row, ...]


def read_file(written: bytes, name: str, known: Mapping[str, Body] | None = None, *, is_own: bool) -> MapFile:
    """The file's bodies and rows; `known` are bodies of the map it is laid over. Raises `MapRefused`."""
    faults, found = read_with_faults(written, known, is_own=is_own)
    if found is None:
        more = f" (và {len(faults) - _SAID} chỗ khác)" if len(faults) > _SAID else ""
        said = "; ".join(faults[:_SAID])
        raise MapRefused(f"{name}: {said}{more}. Sửa tệp rồi chạy: doithoai competence check TỆP")
    return found


def read_with_faults(
    written: bytes, known: Mapping[str, Body] | None = None, *, is_own: bool
) -> tuple[list[str], MapFile | None]:
    """Every fault of a file in words, and its content when there is none."""
    try:
        table = tomllib.loads(written.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return ["không đọc được, cần lưu ở dạng văn bản UTF-8"], None
    except tomllib.TOMLDecodeError as error:
        return [f"sai cú pháp TOML ({error})"], None
    faults = [f"không có mục «{key}»; các mục: [[body]], [[row]]" for key in sorted(table.keys() - {"body", "row"})]
    bodies: list[Body] = []
    for place, entry in _entries(table, "body", faults):
        wrong = list(_faults(place, entry, _BODY_KEYS, ("code", "name", "levels")))
        wrong = wrong or list(_faults_of_levels(place, entry["levels"]))
        faults += wrong
        if not wrong:
            bodies.append(Body(**{**entry, "levels": tuple(entry["levels"])}))
    codes = {**(known or {}), **{body.code: body for body in bodies}}
    faults += [
        f"[[body]] «{body.code}»: before không có cơ quan «{body.before}»"
        for body in bodies
        if body.before is not None and body.before not in codes
    ]
    rows: list[Row] = []
    for number, (place, entry) in enumerate(_entries(table, "row", faults), start=1):
        wrong = list(_faults(place, entry, _ROW_KEYS, ("basis", "mark"))) or list(_faults_of_row(place, entry, codes))
        faults += wrong
        if not wrong:
            rows.append(_row(number, entry, is_own=is_own))
    return faults, None if faults else MapFile(bodies=tuple(bodies), rows=tuple(rows))


_BODY_KEYS: Mapping[str, type] = {
    "code": str, "name": str, "levels": list, "before": str, "formerly": str, "basis": str,
}  # fmt: skip
_ROW_KEYS: Mapping[str, type] = {
    "matters": list, "words": list, "level": str, "body": str, "basis": str, "mark": str, "before": str,
    "since": dt.date, "until": dt.date, "kind": str, "note": str,
}  # fmt: skip
_EXPECTED = {str: "một chuỗi chữ trong dấu nháy", list: "danh sách chữ trong ngoặc vuông", dt.date: "ngày 2025-07-01"}


def _entries(table: Mapping[str, Any], name: str, faults: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    listed = table.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        faults.append(f"«{name}» phải viết [[{name}]], mỗi mục một bảng")
        return
    for number, entry in enumerate(listed, start=1):
        yield f"[[{name}]] thứ {number}", entry


def _faults(place: str, entry: Mapping[str, Any], keys: Mapping[str, type], needed: Sequence[str]) -> Iterator[str]:
    for key in sorted(entry.keys() - keys.keys()):
        yield f"{place}: không có mục «{key}»; các mục: {', '.join(keys)}"
    for key in needed:
        if not entry.get(key):
            yield f"{place}: thiếu «{key}»"
    for key in sorted(entry.keys() & keys.keys()):
        value, wanted = entry[key], keys[key]
        is_list = isinstance(value, list)
        texts = value if is_list else [value] if wanted is str else []
        right = isinstance(value, wanted) and not isinstance(value, dt.datetime)
        if not right or not all(isinstance(text, str) and text.strip() for text in texts):
            yield f"{place}: «{key}» cần {_EXPECTED[wanted]}"


def _faults_of_levels(place: str, levels: Sequence[str]) -> Iterator[str]:
    for level in levels:
        if level not in _LEVELS:
            yield f"{place}: levels không nhận «{level}»; một trong: {', '.join(_LEVELS)}"


def _faults_of_row(place: str, entry: Mapping[str, Any], bodies: Mapping[str, Body]) -> Iterator[str]:
    kind, level, body = entry.get("kind"), entry.get("level"), entry.get("body")
    if kind is None:
        for key in ("matters", "level", "body"):
            if not entry.get(key):
                yield f"{place}: thiếu «{key}»"
    for key, value, allowed in (
        ("mark", entry["mark"], tuple(Mark)),
        ("kind", kind, _KINDS),
        ("level", level, _ROW_LEVELS),
    ):
        if value is not None and value not in allowed:
            yield f"{place}: {key} không nhận «{value}»; một trong: {', '.join(allowed)}"
    topics, issues = set(Topic), vocabulary().issues
    for matter in entry.get("matters", ()):
        if matter not in topics and matter not in issues:
            yield f"{place}: matters không có «{matter}»; viết mã lĩnh vực (giao-thong) hoặc việc (giao-thong/pothole)"
    for key in ("body", "before"):
        if entry.get(key) is not None and entry[key] not in bodies:
            yield f"{place}: {key} không có cơ quan «{entry[key]}»; khai thêm [[body]] hoặc xem: competence bodies"
    if isinstance(body, str) and body in bodies and level in _ROW_LEVELS and level not in bodies[body].levels:
        yield f"{place}: cơ quan «{body}» không ở cấp {level}"
    if "since" in entry and "until" in entry and entry["until"] < entry["since"]:
        yield f"{place}: until trước since"
    for word in entry.get("words", ()):
        if not word.strip("!^?~ "):
            yield f"{place}: words có cụm từ trống"


def _row(number: int, entry: Mapping[str, Any], *, is_own: bool) -> Row:
    values = dict(entry)
    values["mark"] = Mark(values["mark"])
    for key in ("matters", "words"):
        values[key] = tuple(values.get(key, ()))
    return Row(number=number, is_own=is_own, **values)
