"""The file from which an office is set up: commune, regulation, contact, places, first admin.

[office]
name = "xã Tân Minh"
regulation = "thanh-hoa"
contact = "Văn phòng Mặt trận xã, điện thoại 0950 000 001"    # optional
code = "tan-minh"                                              # optional
places = "places.toml"      # beside this file; or [[group]] tables right here

[admin]
name = "Bà Mai"

[document]    # optional: head and foot of the Front's documents; [people_committee_document] and
              # [party_committee_document] likewise, for drafts those two sign
superior = "MTTQ VIỆT NAM TỈNH MINH GIANG"
signer = "Phan Văn Thử"
recipients = ["Thường trực Đảng ủy xã (b/c)", "HĐND xã"]
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from casework.document_head import Body, DocumentHead
from casework.errors import InvalidInput
from casework.regulations import regulation
from nlp.places import Gazetteer

#: tables of a gazetteer, here or in the file `places` names
PLACE_TABLES = ("commune", "group", "road", "object", "project")
_OFFICE_KEYS = ("name", "regulation", "contact", "code", "places")


@dataclass(frozen=True, kw_only=True)
class OfficePlan:
    """Everything needed to set an office up."""

    code: str
    name: str
    regulation: str
    contact: str
    gazetteer: Mapping[str, Any]
    #: name of the first admin; None when somebody works here already
    admin: str | None
    #: lines of the heads of documents, by the profile's key
    heads: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for what, value in (("tên xã", self.name), ("mã đơn vị", self.code), ("tên người quản trị", self.admin)):
            if value is not None and not value.strip():
                raise InvalidInput(f"Còn thiếu {what}.", todo="Ghi thêm rồi chạy lại.")
        regulation(self.regulation)
        _check_places(self.gazetteer)


def read_office_file(path: Path) -> OfficePlan:
    """Read a set-up file. Raises `InvalidInput` naming what is wrong and where."""
    tables = _toml(path)
    _known_only(path, "tệp", tables, ("office", "admin", *Body, *PLACE_TABLES))
    office, admin = _table(path, tables, "office"), _table(path, tables, "admin")
    _known_only(path, "[office]", office, _OFFICE_KEYS)
    _known_only(path, "[admin]", admin, ("name",))
    name = _text(path, office, "office", "name")
    places = {key: tables[key] for key in PLACE_TABLES if key in tables}
    if "places" in office:
        if "group" in places:
            raise InvalidInput(
                f"{path}: vừa có places vừa có [[group]].",
                todo="Giữ một trong hai: tệp địa danh riêng, hoặc ghi tại đây.",
            )
        places = read_places(path.parent / _text(path, office, "office", "places"))
    return OfficePlan(
        code=_text(path, office, "office", "code", slug(name)),
        name=name,
        regulation=_text(path, office, "office", "regulation"),
        contact=_text(path, office, "office", "contact", ""),
        gazetteer=places,
        heads={body.value: _head(path, tables[body]) for body in Body if body in tables},
        admin=_text(path, admin, "admin", "name"),
    )


def read_places(path: Path) -> dict[str, Any]:
    """The gazetteer of a commune, as its file gives it. Raises `InvalidInput` when it cannot be used."""
    places = _toml(path)
    _check_places(places)
    return places


def places_of(commune: str, villages: Sequence[str]) -> dict[str, Any]:
    """The smallest gazetteer: a commune and the names of its villages."""
    return {
        "commune": {"name": commune},
        "group": [{"id": slug(village), "name": village} for village in villages],
    }


def slug(name: str) -> str:
    """An ASCII code out of a Vietnamese name, without the word for the sort of place: "xã Tân Minh" -> "tan-minh"."""
    plain = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    words = re.findall(r"[a-z0-9]+", "".join(letter for letter in plain if not unicodedata.combining(letter)))
    return "-".join(words[1:] if len(words) > 1 and words[0] in ("xa", "phuong", "thon") else words)


def _head(path: Path, table: Any) -> dict[str, Any]:
    """The lines one body prints above and below its documents."""
    if not isinstance(table, dict):
        raise InvalidInput(f"{path}: phần đầu văn bản phải là một bảng.", todo="Viết như [document] trong mẫu.")
    _known_only(path, "đầu văn bản", table, [one.name for one in fields(DocumentHead)])
    for key, value in table.items():
        lines = value if key == "recipients" else [value]
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise InvalidInput(
                f"{path}, đầu văn bản: «{key}» không phải chữ.",
                todo='Ghi trong ngoặc kép; recipients là danh sách ["...", "..."].',
            )
    return dict(table)


def _check_places(places: Mapping[str, Any]) -> None:
    villages = places.get("group", [])
    if not villages:
        raise InvalidInput("Chưa có thôn nào.", todo="Ghi ít nhất một thôn ([[group]] có id và name).")
    try:
        Gazetteer.from_toml(places)
    except ValueError as error:
        raise InvalidInput(str(error)) from error
    codes = [village["id"] for village in villages]
    double = next((code for code in codes if codes.count(code) > 1), None)
    if double is not None:
        raise InvalidInput(f"Hai thôn cùng mã «{double}».", todo="Đặt cho mỗi thôn một id riêng.")


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise InvalidInput(f"Không có tệp {path}.", todo="Xem lại đường dẫn.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"Không đọc được {path}.", todo="Lưu tệp ở dạng văn bản UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path} sai cú pháp TOML: {error}.", todo="Sửa chỗ đó rồi chạy lại.") from error


def _known_only(path: Path, where: str, table: Mapping[str, Any], allowed: Sequence[str]) -> None:
    surplus = [key for key in table if key not in allowed]
    if surplus:
        raise InvalidInput(f"{path}, {where}: không có mục «{surplus[0]}».", todo=f"Các mục: {', '.join(allowed)}.")


def _table(path: Path, tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = tables.get(name)
    if not isinstance(table, dict):
        raise InvalidInput(f"{path}: thiếu bảng [{name}].", todo=f"Thêm [{name}] như mẫu trong docs/cai-dat.md.")
    return table


def _text(path: Path, table: Mapping[str, Any], where: str, key: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise InvalidInput(f"{path}, [{where}]: thiếu «{key}» hoặc không phải chữ.", todo=f'Ghi {key} = "...".')
    return " ".join(value.split())
