"""Greeting, introduction and signature of a message."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.asides import set_aside


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (
            "Kính gửi Mặt trận xã. Tôi tên Nguyễn Thị Hoa, ở thôn 4. Đèn đường tắt cả tuần. Xin cảm ơn.",
            "Đèn đường tắt cả tuần.",
        ),
        ("kinh gui uy ban, toi la tran van bay o thon 4, duong lay loi qua. cam on xa", "duong lay loi qua."),
        ("Em chào các anh chị ạ, nước máy đục cả tuần nay", "nước máy đục cả tuần nay"),
        ("xin chao cac anh chi nuoc may duc ca tuan nay", "nuoc may duc ca tuan nay"),
        ("Dạ thưa bác, cống trước nhà cháu tắc ạ", "cống trước nhà cháu tắc ạ"),
        ("Tôi là cựu chiến binh, xin hỏi chế độ tiền tàu xe", "xin hỏi chế độ tiền tàu xe"),
        ("Rác không ai thu. Trân trọng, Mai Xuân Thưởng", "Rác không ai thu."),
        ("Chợ bẩn quá, mong xã dọn. Người gửi: Lê Văn Tám, xóm 5, sđt 0951234567", "Chợ bẩn quá, mong xã dọn."),
        ("Xã ơi, cây đổ chắn đường rồi", "cây đổ chắn đường rồi"),
        ("Tôi là người bị thu hồi đất mà chưa được bồi thường", "Tôi là người bị thu hồi đất mà chưa được bồi thường"),
        ("Đường thôn 3 hỏng, xã sửa giúp", "Đường thôn 3 hỏng, xã sửa giúp"),
        ("Cảm ơn xã đã sửa đèn nhưng cống vẫn tắc mấy hôm nay chưa ai thông giúp bà con trong xóm",) * 2,
        ("thửa 45, tờ bản đồ 7 nhà tôi cấp sai", "thửa 45, tờ bản đồ 7 nhà tôi cấp sai"),
        ("xin chao", "xin chao"),
        ("", ""),
    ],
)
def test_what_is_left_is_the_matter(text: str, rest: str) -> None:
    assert set_aside(text).rest == rest


def test_the_asides_are_told_apart_by_offsets_of_the_text_as_received() -> None:
    text = "Ki\u0301nh gu\u031b\u0309i xa\u0303. Tôi tên Lê Văn Tám, xóm 5. Chợ bẩn quá. Xin cảm ơn!"
    aside = set_aside(text)
    assert [text[start:end] for start, end in aside.introductions] == ["Tôi tên Lê Văn Tám, xóm 5."]
    assert [text[start:end] for start, end in aside.signatures] == ["Xin cảm ơn!"]
    assert aside.greetings[0][0] == 0


@given(st.text(alphabet="kính gửi tôi tên là cảm ơn xã.,!\n4", max_size=200))
def test_spans_lie_in_the_text_in_order_without_overlaps(text: str) -> None:
    last = 0
    for start, end in set_aside(text).spans:
        assert last <= start < end <= len(text)
        last = end


@pytest.mark.parametrize("piece", ["a ", "1.1.1.", "((((", "tôi tên là ", "kính gửi xã ", "cảm ơn, "])
def test_a_message_made_to_slow_us_down_takes_no_longer_than_its_length(piece: str) -> None:
    set_aside(piece)
    began = time.process_time()
    set_aside((piece * 4_096)[:4_096])
    assert time.process_time() - began < 0.5
