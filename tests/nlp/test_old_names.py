"""Names of old communes and districts: from the table to the file of places, and from there into texts."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from nlp.places import Gazetteer
from nlp.training.old_names import gazetteer_lines, old_units, provinces


def _record(old: str, district: str, now: str, province: str, kind: str = "merged") -> dict[str, str]:
    return {
        "old_ward": old, "old_district": district, "old_province": "Tỉnh Cũ", "new_ward": now,
        "new_province": province, "mapping_type": kind,
    }  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.json"
    records = [
        _record("Xã Mai Thượng", "Huyện Mai Giang", "Xã Mai An", "Tỉnh Bắc Hà"),
        _record("Xã Mai Hạ", "Huyện Mai Lâm", "Xã Mai An", "Tỉnh Bắc Hà", "divided"),
        _record("Xã Cồn Cát", "Huyện Cồn", "Phường Mai An", "Tỉnh Nam Cồn"),
        _record("Xã Khác", "Huyện Khác", "Xã Khác", "Tỉnh Bắc Hà"),
    ]
    path.write_text(json.dumps({"ward_mapping": records}), encoding="utf-8")
    return path


def test_old_communes_are_found_by_the_name_of_today_with_and_without_accents(table: Path) -> None:
    units = old_units("xa mai an", table=table)
    assert [(unit.commune, unit.district, unit.whole) for unit in units] == [
        ("Xã Mai Thượng", "Huyện Mai Giang", True),
        ("Xã Mai Hạ", "Huyện Mai Lâm", False),
    ]


def test_one_name_in_two_provinces_is_told_apart_by_the_province(table: Path) -> None:
    assert provinces(old_units("Mai An", table=table)) == ("Tỉnh Bắc Hà", "Tỉnh Nam Cồn")
    assert [unit.commune for unit in old_units("Mai An", "nam cồn", table=table)] == ["Xã Cồn Cát"]


def test_the_lines_for_the_file_of_places_make_the_gazetteer_know_the_old_names(table: Path) -> None:
    lines = gazetteer_lines(old_units("xã Mai An", table=table))
    commune = {"name": "xã Mai An", **tomllib.loads(lines)}
    built = Gazetteer.from_toml({"commune": commune, "group": [{"id": "ha", "name": "thôn Hạ"}]})
    assert [place.name for place in built.find("đường bên Mai Thượng cũ sang huyện Mai Lâm hỏng")] == [
        "xã Mai Thượng",
        "huyện Mai Lâm",
    ]
    assert [place.id for place in built.find("duong thon ha xa mai ha")] == ["ha", "cu:xa mai ha"]


def test_an_old_commune_never_takes_the_name_of_a_village_or_of_the_commune() -> None:
    built = Gazetteer.from_toml(
        {
            "commune": {"name": "xã Mai An", "merged_from": ["xã Mai An", "xã Đông Lĩnh"]},
            "group": [{"id": "dl", "name": "thôn Đông Lĩnh"}],
        }
    )
    assert [place.id for place in built.find("cống ở Đông Lĩnh tắc")] == ["dl"]
    assert [place.id for place in built.find("trụ sở xã Đông Lĩnh cũ bỏ không")] == ["cu:xa dong linh"]
    assert built.find("xã Mai An nhiều rác") == ()
    assert built.village_of("Đông Lĩnh") is not None
