"""Times as people say them."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.dates import TimeKind, mentions

SAID_ON = dt.date(2026, 11, 18)


@pytest.mark.parametrize(
    ("text", "said", "kind", "first", "last"),
    [
        ("hôm 12/10 mất điện", "12/10", "day", "2026-10-12", "2026-10-12"),
        ("ngày 20/12 xã hứa", "20/12", "day", "2025-12-20", "2025-12-20"),
        ("trước ngày 20/12 phải xong", "20/12", "day", "2026-12-20", "2026-12-20"),
        ("từ ngày 1/7/2025 bỏ cấp huyện", "1/7/2025", "day", "2025-07-01", "2026-11-18"),
        ("ngay 3 thang 4 nam 2025 nop don", "ngay 3 thang 4 nam 2025", "day", "2025-04-03", "2025-04-03"),
        ("hom qua cay do", "hom qua", "day", "2026-11-17", "2026-11-17"),
        ("tối kia nghe nổ", "tối kia", "day", "2026-11-16", "2026-11-16"),
        ("tuần trước họp", "tuần trước", "week", "2026-11-09", "2026-11-15"),
        ("tháng trước thu tiền", "tháng trước", "month", "2026-10-01", "2026-10-31"),
        ("năm ngoái hứa", "năm ngoái", "year", "2025-01-01", "2025-12-31"),
        ("3 tháng nay không có nước", "3 tháng nay", "duration", "2026-08-20", "2026-11-18"),
        ("may hom nay mat dien", "may hom nay", "duration", "2026-11-13", "2026-11-18"),
        ("cả tuần nay tối om", "cả tuần nay", "duration", "2026-11-11", "2026-11-18"),
        ("hai năm rồi chưa làm", "hai năm rồi", "duration", "2024-11-18", "2026-11-18"),
        ("từ tháng 9 tới giờ", "tháng 9", "month", "2026-09-01", "2026-11-18"),
        ("tháng 12/2025 nghiệm thu", "tháng 12/2025", "month", "2025-12-01", "2025-12-31"),
        ("năm 2023 đã hứa", "năm 2023", "year", "2023-01-01", "2023-12-31"),
        ("từ hồi bão số 3 đến giờ", "bão số 3", "event", None, None),
        ("hỏng từ Tết", "từ Tết", "event", "2026-02-17", "2026-11-18"),
    ],
)
def test_days_are_read_from_the_day_of_the_message(
    text: str, said: str, kind: str, first: str | None, last: str | None
) -> None:
    found = mentions(text, SAID_ON)
    assert [text[one.start : one.end] for one in found] == [said]
    (only,) = found
    assert only.kind == kind
    assert (only.from_, only.to) == tuple(day and dt.date.fromisoformat(day) for day in (first, last))


@pytest.mark.parametrize(
    "text", ["đường 30/4 ngập", "ngày 32/13", "3/4 số hộ", "lớp 5 tháng nào học", "quốc lộ 37", ""]
)
def test_what_is_no_time_is_left_alone(text: str) -> None:
    assert mentions(text, SAID_ON) == []


@given(
    st.text(alphabet="0123456789/ .-ngàyhômthángnămtuầntrướcnaytừ", max_size=120),
    st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)),
)
def test_mentions_lie_in_the_text_in_order_and_never_end_before_they_begin(text: str, said_on: dt.date) -> None:
    last = 0
    for one in mentions(text, said_on):
        assert last <= one.start < one.end <= len(text)
        last = one.end
        assert (one.from_ is None) == (one.to is None)
        if one.from_ is not None and one.to is not None:
            assert one.from_ <= one.to
        if one.kind is TimeKind.DURATION:
            assert one.to == said_on


@given(st.dates(dt.date(2000, 1, 1), dt.date(2030, 12, 31)), st.integers(0, 300))
def test_a_day_without_its_year_is_found_again_within_a_year(day: dt.date, later: int) -> None:
    if (day.month, day.day) == (2, 29):
        return
    (one,) = mentions(f"hôm {day.day}/{day.month} mất nước", day + dt.timedelta(days=later))
    assert one.from_ == day


@pytest.mark.parametrize("piece", ["1.1.1.", "1/1/", "a a a ", "tháng ", "hai ba ", "ngày 1/"])
def test_a_message_made_to_slow_us_down_takes_no_longer_than_its_length(piece: str) -> None:
    began = time.process_time()
    mentions((piece * 4_096)[:4_096], SAID_ON)
    assert time.process_time() - began < 0.5
