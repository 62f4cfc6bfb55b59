"""What the gazetteer says of who manages a road or owns a project decides the level, where the message is about it."""

from __future__ import annotations

import pytest

from nlp.managed import is_by_manager
from nlp.places import Gazetteer
from nlp.understand import Understander

TINH, XA, TW = "tinh", "xa", "trung-uong"
PLACES = {
    "group": [{"id": "ap-mieu", "name": "ấp Miễu"}, {"id": "ap-2", "name": "ấp 2"}],
    "road": [
        {"id": "ql64b", "name": "quốc lộ 64B", "aliases": ["QL64B", "lộ 64B"], "manager": TW},
        {"id": "dt985", "name": "ĐT.985", "aliases": ["tỉnh lộ 985", "lộ 985", "đường 985"], "manager": TINH},
        {"id": "lo-cho", "name": "lộ chợ", "aliases": ["lo cho"], "manager": XA},
    ],
    "project": [
        {"id": "cau", "name": "cầu Cái Nứa", "aliases": ["dự án cầu Cái Nứa"], "owner": TINH},
        {"id": "de", "name": "tuyến đê bao Bưng Lớn", "aliases": ["đê bao Bưng Lớn", "đê bao"], "owner": TINH},
        {"id": "cao-toc", "name": "cao tốc Trà Lung", "aliases": ["cao tốc"], "owner": TW},
        {"id": "khu", "name": "khu đô thị Nam Long", "owner": TINH},
    ],
}
GAZETTEER = Gazetteer.from_toml(PLACES)


@pytest.fixture(scope="module")
def local() -> Understander:
    return Understander(GAZETTEER)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("ĐT.985 khúc ấp Miễu ổ gà", TINH),
        ("DT985 o ga", TINH),
        ("lộ 985 khúc ấp Miễu ổ gà", TINH),
        ("tỉnh lộ 985 ổ gà quá trời", TINH),
        ("đường QL64B qua ấp 2 ngập", TW),
        ("duong QL64B qua ap 2 ngap", TW),
        ("lộ chợ ổ gà tùm lum", XA),
        ("đường ĐT.985 đèn đường tắt cả tuần", TINH),
        ("cầu Cái Nứa chừng nào khởi công", TINH),
        ("dự án cầu Cái Nứa chừng nào khởi công", TINH),
        ("cau cai nua chung nao khoi cong", TINH),
        ("tiền đền bù dự án cầu Cái Nứa thấp quá", TINH),
        ("đê bao Bưng Lớn bị lún", TINH),
    ],
)
def test_the_body_that_manages_the_thing_decides_the_level(local: Understander, text: str, level: str) -> None:
    analysis = local.analyse(text)
    assert (analysis.level.value, is_by_manager(analysis.level)) == (level, True)


@pytest.mark.parametrize(
    "text",
    [
        "nhà tôi gần QL64B rác không ai gom",
        "nhà tôi gần ĐT.985, đường trong xóm ổ gà",
        "hộ nghèo ở dọc ĐT.985 chưa được xét",
        "gần cầu Cái Nứa có bãi rác hôi thúi",
        "rác đổ đầy đê bao Bưng Lớn",
        "đám ruộng sau đê bao bị ngập",
        "ruộng ngập vì cao tốc bít mương",
        "đường từ ấp 2 ra QL64B lầy lội",
        "xe chở đất vô khu đô thị Nam Long cày nát đường xóm",
        "quoc lo cho cay xang nhieu o ga",
        "quốc lộ cắt lộ chợ đèn đỏ hư",
        "tiền đền bù làm cao tốc thấp quá",
    ],
)
def test_a_thing_that_only_says_where_or_why_does_not_decide(local: Understander, text: str) -> None:
    assert not is_by_manager(local.analyse(text).level)


def test_of_two_roads_the_one_that_is_no_landmark_decides(local: Understander) -> None:
    analysis = local.analyse("nhà tôi gần ĐT.985, lộ chợ ổ gà")
    assert (analysis.level.value, is_by_manager(analysis.level)) == (XA, True)


def test_without_a_model_the_gazetteer_decides_as_well() -> None:
    analysis = Understander(GAZETTEER, rules_only=True).analyse("ĐT.985 khúc ấp Miễu ổ gà")
    assert (analysis.level.value, is_by_manager(analysis.level)) == (TINH, True)


def test_an_accusation_follows_the_accused_not_the_road(local: Understander) -> None:
    analysis = local.analyse("trưởng ấp ăn tiền làm lộ 985, ép dân đóng 50 triệu bỏ túi riêng")
    assert not is_by_manager(analysis.level)
