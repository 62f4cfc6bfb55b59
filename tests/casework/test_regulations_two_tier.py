from __future__ import annotations

import datetime as dt

import pytest

from casework.errors import InvalidInput
from casework.regulations.two_tier import Level, Task, level_on, standing, two_tier_since

LAST = dt.date(2025, 6, 30)
FIRST = dt.date(2025, 7, 1)


def test_two_tier_government_begins_on_1_july_2025() -> None:
    assert two_tier_since() == FIRST


@pytest.mark.parametrize(
    ("name", "before", "now"),
    [
        ("UBND huyện", Level.DISTRICT, "UBND tỉnh"),
        ("quận", Level.DISTRICT, "tỉnh"),
        ("thị trấn", Level.COMMUNE, "xã"),
        ("Ban Dân vận", Level.PROVINCE, "Ban Tuyên giáo và Dân vận"),
        ("Ban Thường trực Ủy ban MTTQ huyện", Level.DISTRICT, "Ban Thường trực Ủy ban MTTQ tỉnh"),
    ],
)
def test_an_old_name_stands_until_the_last_day_and_has_a_cited_successor_the_day_after(
    name: str, before: Level, now: str
) -> None:
    assert (standing(name, on=LAST).name, standing(name, on=LAST).level) == (name, before)
    assert standing(name, on=LAST).citation == ""
    assert standing(name, on=FIRST).name == now
    assert standing(name, on=FIRST).citation


def test_the_city_level_is_a_district_in_sam_son_and_a_province_in_ha_noi() -> None:
    assert standing("cấp thành phố", on=LAST, regulation="thanh-hoa").level is Level.DISTRICT
    assert standing("cấp thành phố", on=FIRST, regulation="thanh-hoa").name == "cấp tỉnh"
    assert standing("cấp thành phố", on=LAST, regulation="ha-noi").level is Level.PROVINCE
    assert standing("cấp thành phố", on=FIRST, regulation="ha-noi").name == "cấp thành phố"
    with pytest.raises(InvalidInput, match="mã quy định"):
        standing("cấp thành phố", on=FIRST)


def test_work_of_the_district_goes_to_the_commune_when_it_serves_people_and_to_the_province_when_it_oversees() -> None:
    assert level_on(Level.DISTRICT, Task.SERVE, LAST) is Level.DISTRICT
    assert level_on(Level.DISTRICT, Task.SERVE, FIRST) is Level.COMMUNE
    assert level_on(Level.DISTRICT, Task.OVERSEE, FIRST) is Level.PROVINCE
    assert level_on(Level.COMMUNE, Task.OVERSEE, FIRST) is Level.COMMUNE
