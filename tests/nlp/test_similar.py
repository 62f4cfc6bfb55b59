from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.places import Gazetteer
from nlp.similar import Signature, group, relate, signature

LAMP = "Đèn đường trục thôn 4 tắt từ hôm bão, tối om"


@pytest.mark.parametrize(
    "other",
    [
        "den duong xom trai mat may toi nay roi, nho xa sua giup",
        "Trục chính thôn Bốn vẫn tối, đề nghị thay bóng",
        "ad ơi đèn đg thôn 4 hư hết trơn r, hk có bóng nào sáng",
        LAMP + "!",
    ],
)
def test_other_words_for_one_issue_are_the_same(gazetteer: Gazetteer, other: str) -> None:
    (match,) = relate(signature(other, gazetteer), {"a": signature(LAMP, gazetteer)})
    assert match.same
    assert match.reasons


@pytest.mark.parametrize(
    "other",
    [
        "Đèn đường trục thôn 5 tắt từ hôm bão, tối om",
        "Đèn đường thôn Hạ tắt từ hôm bão, tối om",
        "Đường trục thôn 4 đầy ổ gà từ hôm bão",
        "Nước máy thôn 4 đục từ hôm bão",
        "Chó thả rông ở thôn 4",
    ],
)
def test_another_place_or_another_matter_is_never_the_same(gazetteer: Gazetteer, other: str) -> None:
    assert not any(m.same for m in relate(signature(other, gazetteer), {"a": signature(LAMP, gazetteer)}))


def test_reasons_are_words_for_a_clerk(gazetteer: Gazetteer) -> None:
    earlier = {"a": signature(LAMP, gazetteer), "b": signature("Đèn đường thôn Hạ tắt hết", gazetteer)}
    same, other = relate(signature("Đèn đường trục thôn 4 hỏng, tối thui", gazetteer), earlier)
    assert (same.id, same.same, other.id, other.same) == ("a", True, "b", False)
    assert same.reasons == ("cùng đường trục thôn 4", "cùng việc đèn đường không sáng")
    assert other.reasons[0].startswith("khác nơi: ")
    assert "thôn Hạ" in other.reasons[0]


def test_a_shared_project_is_one_issue_for_all_villages(gazetteer: Gazetteer) -> None:
    one = signature("Bảng giá đất áp cho dự án đường nối ở thôn Trung thấp quá, đền bù không đủ mua", gazetteer)
    other = signature("Bà con đội 4 có ruộng ở dự án đường nối thấy giá đền bù thấp", gazetteer)
    assert [match.same for match in relate(one, {"a": other})] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "Ông trưởng thôn 4 ăn chặn tiền đèn đường",
        "Tôi không đồng ý quyết định xử phạt của xã đối với nhà tôi, đề nghị xem xét lại",
        "Xin chào",
    ],
)
def test_denunciations_complaints_and_chat_are_never_compared_in_the_live_system(
    gazetteer: Gazetteer, text: str
) -> None:
    one = signature(text, gazetteer)
    assert not one.comparable
    assert relate(one, {"a": one, "b": signature(LAMP, gazetteer)}) == []
    assert relate(signature(LAMP, gazetteer), {"a": one}) == []


def test_a_file_is_grouped_with_denunciations_of_one_deed_together_and_away_from_opinions(gazetteer: Gazetteer) -> None:
    lines = group(
        [
            ("1", "Ông trưởng thôn 4 ăn chặn tiền cứu trợ bão, phát cho họ hàng"),
            ("2", "toi to cao ong truong thon 4 an chan tien cuu tro bao, chia cho ho hang, xin giau ten"),
            ("3", "Thôn 4 chưa nhận được tiền cứu trợ bão"),
            ("4", "Tôi không đồng ý quyết định xử phạt của xã đối với nhà tôi, đề nghị xem xét lại"),
            ("5", "Nhà tôi cũng không đồng ý quyết định xử phạt của xã, yêu cầu hủy"),
            ("6", "Xin chào"),
            ("7", "Xin chào"),
        ],
        gazetteer,
    )
    groups = [line.group for line in lines]
    assert groups[0] == groups[1]
    assert len(set(groups)) == 6


@given(st.text())
@settings(deadline=None)
def test_signatures_survive_storage(text: str) -> None:
    made = signature(text)
    assert Signature.from_json(made.to_json()) == made


@pytest.mark.parametrize("stored", ["{}", "[]", "null", "x", "[" * 100_000, '{"version":4}'])
def test_what_is_no_signature_is_refused(stored: str) -> None:
    with pytest.raises(ValueError, match="Không phải chữ ký hợp lệ"):
        Signature.from_json(stored)


def test_a_signature_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="Chữ ký phiên bản 0 không so được"):
        Signature.from_json('{"version": 0}')


@pytest.mark.parametrize(
    ("part", "damaged"),
    [
        ("sense", "A" * 216),
        ("bare_sense", "AAAA"),
        ("sense", 5),
        ("sense", []),
        ("issues", [["lamp", "much"]]),
        ("topics", [["lamp", None]]),
        ("topics", [["lamp"]]),
        ("echoes", "lamp"),
        ("keys", ["lamp"]),
        ("keys", [1e400]),
        ("keys", 5),
        ("groups", None),
    ],
)
def test_a_signature_with_a_damaged_part_is_refused(part: str, damaged: object) -> None:
    stored = json.loads(signature(LAMP).to_json()) | {part: damaged}
    with pytest.raises(ValueError, match="Không phải chữ ký hợp lệ"):
        Signature.from_json(json.dumps(stored))


TEXTS = st.sampled_from(
    [
        LAMP, "den duong thon 4 toi om", "Đèn đường thôn 5 tắt", "Rác ngõ 12 thôn Hạ không ai lấy",
        "rac ngo 12 lang ha hoi",
        "Xin chào", "Ông trưởng thôn ăn chặn tiền của dân", "Nước máy thôn Bến đục", "", "nuoc may xom ben duc ngau",
    ]
)  # fmt: skip


@given(st.lists(TEXTS, max_size=12), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_groups_are_a_partition_whatever_the_order(gazetteer: Gazetteer, texts: list[str], rnd: random.Random) -> None:
    items = [(str(number), text) for number, text in enumerate(texts)]
    lines = group(items, gazetteer)
    assert [line.id for line in lines] == [key for key, _ in items]
    home = {line.id: line.group for line in lines}
    assert all(home[other] != line.group for line in lines for other in line.related)
    shuffled = list(items)
    rnd.shuffle(shuffled)
    assert blocks(group(shuffled, gazetteer)) == blocks(lines)


def blocks(lines: list[object]) -> set[frozenset[str]]:
    gathered: dict[str, set[str]] = {}
    for line in lines:
        gathered.setdefault(line.group, set()).add(line.id)  # type: ignore[attr-defined]
    return {frozenset(ids) for ids in gathered.values()}


def test_any_commune_is_grouped_without_a_gazetteer() -> None:
    lines = group(
        [
            ("1", "Cầu ván ấp 3 gãy mấy tấm rồi, xã sửa giùm"),
            ("2", "cau van ap 3 muc het roi, xin xa lam lai cau"),
            ("3", "Cầu ván ấp 5 lung lay, xin sửa lại"),
        ]
    )
    assert lines[0].group == lines[1].group != lines[2].group
    assert "3" in lines[0].related
