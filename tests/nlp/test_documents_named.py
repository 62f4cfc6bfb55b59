"""Documents named in a message."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.documents_named import documents


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("theo QĐ 123/QĐ-UBND thì sai", "decision", "123/QĐ-UBND"),
        ("bien ban so 45/BB-VPHC lap hom qua", "minutes", "45/BB-VPHC"),
        ("Nghị định 168/2024/NĐ-CP", "decree", "168/2024/NĐ-CP"),
        ("công văn 112/UBND-KT", "letter", "112/UBND-KT"),
        ("quyết định số 112 của xã", "decision", "112"),
        ("biên lai thu tiền số 0001234", "receipt", "0001234"),
        ("mã hồ sơ: 000.12.34.H10-261110-0007", "file", "000.12.34.H10-261110-0007"),
        ("mã K7P-4MX đến đâu rồi", "opinion", "K7P-4MX"),
        ("ý kiến K7P4MX đến đâu rồi", "opinion", "K7P4MX"),
    ],
)
def test_documents_are_found_with_their_number(text: str, kind: str, number: str) -> None:
    assert [(one.kind, one.number, text[one.start : one.end]) for one in documents(text)] == [(kind, number, number)]


@pytest.mark.parametrize(
    "text", ["50000/ngày", "xe 30A 123.45", "hẻm 45/7", "hôm 12/10", "ĐT 0951234567", "3/4 số hộ", ""]
)
def test_prices_lanes_and_dates_are_no_documents(text: str) -> None:
    assert documents(text) == []


@given(st.text(alphabet="0123456789/-QĐBUND quyếtđịnhsố", max_size=100))
def test_documents_lie_in_the_text_in_order(text: str) -> None:
    last = 0
    for one in documents(text):
        assert last <= one.start < one.end <= len(text)
        last = one.end


@pytest.mark.parametrize("piece", ["1.1.1.", "1/qd-", "a a a ", "quyết định số ", "K7P-"])
def test_a_message_made_to_slow_us_down_takes_no_longer_than_its_length(piece: str) -> None:
    began = time.process_time()
    documents((piece * 4_096)[:4_096])
    assert time.process_time() - began < 0.5
