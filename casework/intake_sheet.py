"""Paper opinions typed into a spreadsheet, row by row. Pure: bytes in; rows to take, and what is wrong with others.

Any file leads to a report or to a refusal that says what to do; never to half a row. Formulas are not computed: what
somebody copied from elsewhere is refused by cell.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from openpyxl.utils.datetime import from_excel

from casework.errors import InvalidInput
from casework.intake_file import HEADER_DEPTH, Formula, Row, filled, read_table
from casework.mobile import mobile_number
from casework.plain_words import plain

#: longest opinion, form number and name, characters
TEXT_LIMIT, NUMBER_LIMIT, NAME_LIMIT = 10_000, 40, 100
#: an older paper is most likely a year typed wrongly, days
OLDEST = 730
#: serial numbers of days a spreadsheet may give for a date: 1990 to 2100
_SERIALS = range(32_874, 73_051)


class Column(StrEnum):
    """A column of the form; the value is its heading."""

    NUMBER = "Số phiếu"
    RECEIVED = "Ngày nhận"
    VILLAGE = "Thôn"
    NAME = "Họ tên"
    PHONE = "Số điện thoại"
    TEXT = "Nội dung"
    PROCESS = "Đồng ý ghi họ tên"
    PUBLISH = "Đồng ý công bố"
    BY_PHONE = "Đồng ý nhận tin qua số điện thoại"
    WRITTEN_BY = "Người nhập"


#: without these columns no row can be taken
NEEDED = (Column.NUMBER, Column.RECEIVED, Column.VILLAGE, Column.TEXT, Column.PROCESS, Column.PUBLISH)

# Asked in this order: «đồng ý nhận tin qua số điện thoại» names a telephone, too.
_HEADINGS: tuple[tuple[Column, re.Pattern[str]], ...] = (
    (Column.BY_PHONE, re.compile(r"dong y.*(dien thoai|nhan tin|sdt)")),
    (Column.PUBLISH, re.compile(r"dong y.*(cong bo|cong khai)")),
    (Column.PROCESS, re.compile(r"dong y.*(xu ly|ghi (ho )?ten|giai quyet|luu)")),
    (Column.NUMBER, re.compile(r"^(so|ma)( thu tu)? phieu\b")),
    (Column.RECEIVED, re.compile(r"^ngay\b")),
    (Column.PHONE, re.compile(r"^(so )?(dien thoai|dt|sdt|dtdd)\b")),
    (Column.NAME, re.compile(r"^(ho( va)? ten|ten nguoi|nguoi (neu|gui|co y kien))\b")),
    (Column.WRITTEN_BY, re.compile(r"^(nguoi|can bo) (nhap|ghi|nhan)\b")),
    (Column.TEXT, re.compile(r"^(noi dung|y kien|kien nghi|loi)\b")),
    (Column.VILLAGE, re.compile(r"^(thon|ban|xom|ap|khu pho|khu dan cu|to dan pho|tdp)\b")),
)
_YES = frozenset({"co", "x", "v", "dong y", "1", "yes", "y", "true", "dung", "✓", "✔", "√"})
_NO = frozenset({"khong", "ko", "k", "0", "no", "n", "false", "khong dong y"})
_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})|(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with one cell; says nothing of what stands in it."""

    column: str
    what: str
    todo: str


@dataclass(frozen=True, kw_only=True)
class PaperOpinion:
    """One complete row. `village` and `written_by` are as written: the office's list knows them."""

    number: str
    received_on: dt.date
    village: str
    name: str | None
    #: "84…"
    phone: str | None
    text: str
    process: bool
    publish: bool
    by_phone: bool
    written_by: str | None


@dataclass(frozen=True, kw_only=True)
class ReadRow:
    """One row of the sheet, counted as the spreadsheet counts: a complete opinion, or what keeps it from being one."""

    row: int
    #: as far as it could be read
    number: str
    paper: PaperOpinion | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReadSheet:
    """All rows with content, and what of the file was not read."""

    rows: tuple[ReadRow, ...]
    notes: tuple[str, ...] = ()


def read_sheet(data: bytes, *, today: dt.date) -> ReadSheet:
    """Every row with content below the heading, of an .xlsx or a text table (.csv).

    Raises `InvalidInput` for a file that cannot be read, is too large, or has no heading we know.
    """
    table, notes = read_table(data, _has_header)
    header, columns = _header(table)
    reader = _Reader(columns=columns, today=today)
    rows = tuple(reader.row(number, cells) for number, cells in table if number > header and any(map(filled, cells)))
    if not rows:
        raise InvalidInput("Bảng không có dòng ý kiến nào.", todo="Ghi mỗi phiếu một dòng dưới dòng tiêu đề.")
    return ReadSheet(rows=rows, notes=tuple(notes))


# --------------------------------------------------------------------------- heading


def _header(table: Sequence[Row]) -> tuple[int, Mapping[Column, int]]:
    best: Mapping[Column, int] = {}
    for number, cells in table[:HEADER_DEPTH]:
        columns, twice = _named(cells)
        if len(columns) > len(best):
            best = columns
        if not set(NEEDED) <= set(columns):
            continue
        if twice is not None:
            raise InvalidInput(f"Có hai cột «{twice.value}».", todo="Bỏ bớt một cột rồi nhập lại.")
        return number, columns
    missing = ", ".join(f"«{column.value}»" for column in NEEDED if column not in best)
    raise InvalidInput(
        f"Không thấy dòng tiêu đề của bảng; còn thiếu cột {missing}.",
        todo="Lấy bảng mẫu: doithoai intake form --out mau.xlsx",
    )


def _has_header(table: Sequence[Row]) -> bool:
    return any(set(NEEDED) <= set(_named(cells)[0]) for _, cells in table)


def _named(cells: Sequence[Any]) -> tuple[dict[Column, int], Column | None]:
    """Which column stands where, and one that is there twice."""
    found: dict[Column, int] = {}
    twice: Column | None = None
    for place, cell in enumerate(cells):
        text = plain(cell) if isinstance(cell, str) and len(cell) <= NAME_LIMIT else ""
        column = next((one for one, pattern in _HEADINGS if pattern.search(text)), None)
        if column in found:
            twice = column
        elif column is not None:
            found[column] = place
    return found, twice


# --------------------------------------------------------------------------- rows


class _Refused(Exception):
    """One cell cannot be used: what, and what to do."""

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(what)
        self.what, self.todo = what, todo


@dataclass(kw_only=True)
class _Reader:
    """Reads rows one after the other; remembers which form numbers there were."""

    columns: Mapping[Column, int]
    today: dt.date

    def __post_init__(self) -> None:
        self._seen: dict[str, int] = {}

    def row(self, number: int, cells: Sequence[Any]) -> ReadRow:
        problems: list[Problem] = []

        def read(column: Column, how: Any) -> Any:
            try:
                return how(self._cell(column, cells))
            except _Refused as refused:
                problems.append(Problem(column=column.value, what=refused.what, todo=refused.todo))
                return None

        ref = read(Column.NUMBER, lambda cell: self._new_number(cell, number))
        values = {
            "received_on": read(Column.RECEIVED, self._day),
            "village": read(Column.VILLAGE, lambda cell: _needed(_text(cell, NAME_LIMIT), "Chưa ghi thôn.")),
            "name": read(Column.NAME, _name),
            "phone": read(Column.PHONE, _phone),
            "text": read(Column.TEXT, lambda cell: _needed(_text(cell, TEXT_LIMIT), "Chưa ghi nội dung.")),
            "process": read(Column.PROCESS, lambda cell: _answered(_agreed(cell))),
            "publish": read(Column.PUBLISH, lambda cell: _answered(_agreed(cell))),
            "by_phone": bool(read(Column.BY_PHONE, _agreed)),
            "written_by": read(Column.WRITTEN_BY, lambda cell: _text(cell, NAME_LIMIT) or None),
        }
        problems += _unlawful(values)
        paper = None if problems else PaperOpinion(number=ref, **values)
        said = ref if isinstance(ref, str) else _shown_number(self._cell(Column.NUMBER, cells))
        return ReadRow(row=number, number=said, paper=paper, problems=tuple(problems))

    def _cell(self, column: Column, cells: Sequence[Any]) -> Any:
        place = self.columns.get(column)
        return cells[place] if place is not None and place < len(cells) else None

    def _new_number(self, cell: Any, row: int) -> str:
        number = _needed(_number(cell), "Chưa ghi số phiếu.")
        first = self._seen.setdefault(number.upper(), row)
        if first != row:
            raise _Refused(f"Số phiếu này đã có ở dòng {first}.", "Ghi số khác, hoặc xóa dòng nhập lặp.")
        return number

    def _day(self, cell: Any) -> dt.date:
        day = _date(cell)
        if day > self.today:
            raise _Refused("Ngày nhận ở sau hôm nay.", "Sửa ngày, tháng, năm.")
        if (self.today - day).days > OLDEST:
            raise _Refused("Ngày nhận đã quá hai năm.", "Xem lại năm.")
        return day


def _unlawful(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Nothing is kept that the person did not agree to, and a row is never taken without it in silence."""
    if values["process"] is False:
        for column, key in ((Column.NAME, "name"), (Column.PHONE, "phone")):
            if values[key] is not None:
                yield Problem(
                    column=column.value,
                    what="Người này không đồng ý cho ghi tên, mà dòng này vẫn ghi.",
                    todo="Xóa ô này (và xóa trên tệp gốc), rồi nhập lại dòng này.",
                )
    elif values["phone"] is not None and not values["by_phone"]:
        yield Problem(
            column=Column.BY_PHONE.value,
            what="Có số điện thoại mà chưa đồng ý nhận tin qua số ấy.",
            todo="Hỏi lại người ấy rồi ghi Có, hoặc xóa số điện thoại.",
        )


def _needed(text: str, what: str) -> str:
    if not text:
        raise _Refused(what, "Ghi vào ô này; ô gộp chung với ô trên thì bỏ gộp, ghi từng dòng.")
    return text


def _text(cell: Any, limit: int) -> str:
    if isinstance(cell, Formula):
        raise _Refused("Ô này là công thức, không phải chữ.", "Chép lại bằng «Dán giá trị», rồi nhập lại dòng này.")
    text = cell if isinstance(cell, str) else _plain_number(cell)
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Half of a pair and control characters are nobody's words; no database or document takes them.
    text = "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in {"Cc", "Cs", "Cf", "Cn"})
    if len(text.strip()) > limit:
        raise _Refused(f"Ô này dài quá {limit} chữ cái.", "Tách thành nhiều phiếu, mỗi việc một phiếu.")
    return text.strip()


def _plain_number(cell: Any) -> str:
    match cell:
        case None | bool():
            return ""
        case float() if cell.is_integer():
            return str(int(cell))
        case dt.datetime() | dt.date():
            return f"{cell:%d/%m/%Y}"
    return str(cell)


def _number(cell: Any) -> str:
    """A form number; a spreadsheet makes 1 of "001", so zeros in front of digits do not count."""
    text = " ".join(_text(cell, NUMBER_LIMIT).split())
    return text.lstrip("0") or "0" if text.isascii() and text.isdigit() else text


def _shown_number(cell: Any) -> str:
    try:
        return _number(cell)
    except _Refused:
        return ""


def _name(cell: Any) -> str | None:
    name = " ".join(_text(cell, NAME_LIMIT).split())
    if re.search(r"\d", name):
        raise _Refused("Họ tên có chữ số.", "Xem lại có ghi nhầm cột không.")
    return name or None


def _phone(cell: Any) -> str | None:
    text = _text(cell, NAME_LIMIT)
    if not text:
        return None
    found = mobile_number(text)
    if found is None:
        raise _Refused("Số điện thoại chưa đúng.", "Số di động có 10 chữ số, bắt đầu bằng 0; không có thì để trống.")
    return found


def _agreed(cell: Any) -> bool | None:
    if isinstance(cell, bool):
        return cell
    text = _text(cell, NAME_LIMIT)
    said = plain(text) or text
    if not said:
        return None
    if said in _YES or said in _NO:
        return said in _YES
    raise _Refused("Không rõ là có hay không.", "Ghi Có hoặc Không.")


def _answered(agreed: bool | None) -> bool:
    if agreed is None:
        raise _Refused("Chưa ghi người ấy có đồng ý không.", "Hỏi lại người ấy rồi ghi Có hoặc Không.")
    return agreed


def _date(cell: Any) -> dt.date:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = _text(cell, NAME_LIMIT)
    wrong = _Refused("Ngày nhận chưa đúng.", "Ghi như 05/11/2026 (ngày/tháng/năm, đủ bốn số năm).")
    if not text:
        raise _Refused("Chưa ghi ngày nhận.", "Ghi như 05/11/2026.")
    if text.isascii() and text.isdigit() and len(text) == 5 and int(text) in _SERIALS:
        serial = from_excel(int(text))
        return serial.date() if isinstance(serial, dt.datetime) else serial
    match = _DAY.fullmatch(text)
    if match is None:
        raise wrong
    day, month, year = (match[1], match[2], match[3]) if match[3] else (match[6], match[5], match[4])
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise wrong from None
