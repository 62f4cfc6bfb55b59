"""Which communes and districts a commune of today was made of, from the table that comes with underthesea.

The table maps the 10,602 wards of before 1 July 2025 to the new communes. Only its file is read: importing underthesea
takes most of a second and 90 MB, and nothing here needs its code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from nlp.normalise import fold

#: where the table lies inside the package
_TABLE = Path("address") / "data" / "mapping.json"
#: an old commune of which only a part came here
_DIVIDED = "divided"


class TableMissing(Exception):
    """underthesea is not installed here, or it has no table of old addresses."""


@dataclass(frozen=True, kw_only=True)
class OldUnit:
    """An old commune that lies in the new one, in whole or in part."""

    commune: str
    district: str
    province: str
    #: the new commune and its province, as written in the table
    now: str
    now_province: str
    whole: bool


def table_path() -> Path:
    """The file of the table. Raises `TableMissing`."""
    package = find_spec("underthesea")
    if package is None or package.origin is None:
        raise TableMissing
    path = Path(package.origin).parent / _TABLE
    if not path.exists():
        raise TableMissing
    return path


def old_units(commune: str, province: str | None = None, *, table: Path | None = None) -> tuple[OldUnit, ...]:
    """Old communes now in `commune` ("xã Minh An", with or without accents), of every province that has a commune of
    this name unless one is given; a name without its sort ("Minh An") fits xã, phường and đặc khu alike."""
    records = json.loads((table or table_path()).read_text(encoding="utf-8"))["ward_mapping"]
    wanted, where = _key(commune), None if province is None else _bare(province)
    return tuple(
        _unit(record)
        for record in records
        if wanted in (_key(record["new_ward"]), _bare(record["new_ward"]))
        and (where is None or where == _bare(record["new_province"]))
    )


def provinces(units: Iterable[OldUnit]) -> tuple[str, ...]:
    """Provinces of today the new communes lie in, each once."""
    return tuple(dict.fromkeys(unit.now_province for unit in units))


def gazetteer_lines(units: Iterable[OldUnit]) -> str:
    """Lines for the table [commune] of the office's file of places."""
    found = list(units)
    communes = ", ".join(f'"{_small(unit.commune)}"' for unit in found)
    districts = list(dict.fromkeys(_small(unit.district) for unit in found))
    lines = [f"merged_from = [{communes}]", f'old_district = "{districts[0]}"' if districts else ""]
    if len(districts) > 1:
        listed = ", ".join(f'"{name}"' for name in districts[1:])
        lines.append(f"old_districts = [{listed}]")
    return "\n".join(line for line in lines if line)


def _unit(record: Mapping[str, str]) -> OldUnit:
    return OldUnit(
        commune=record["old_ward"],
        district=record["old_district"],
        province=record["old_province"],
        now=record["new_ward"],
        now_province=record["new_province"],
        whole=record["mapping_type"] != _DIVIDED,
    )


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _key(name: str) -> str:
    return " ".join(fold(name).split())


def _bare(name: str) -> str:
    """A folded name without the sort of place before it."""
    key = _key(name)
    for sort in ("thanh pho ", "dac khu ", "phuong ", "tinh ", "xa ", "tp ", "tp. "):
        if key.startswith(sort):
            return key.removeprefix(sort)
    return key
