from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.analysis import PersonalData
from nlp.personal_data import find, redact
from nlp.places import Gazetteer
from nlp.training.spans import annotated, masked, scores
from nlp.understand import Understander


@pytest.mark.parametrize(
    ("text", "sort", "found"),
    [
        ("gọi 0951234087 nhé", "phone", "0951234087"),
        ("số 0958.204.116.", "phone", "0958.204.116"),
        ("so +84952217640", "phone", "+84952217640"),
        ("đt 095 221 76 40 k gọi được", "phone", "095 221 76 40"),
        ("(024) 3825 1234", "phone", "(024) 3825 1234"),
        ("CCCD 099151000427", "id_number", "099151000427"),
        ("cmnd 123456789", "id_number", "123456789"),
        ("mã thẻ GD4999912340567", "insurance_number", "GD4999912340567"),
        ("thư về an.binh@example.vn nhé", "email", "an.binh@example.vn"),
        ("stk 19034567890123 ngân hàng", "bank_account", "19034567890123"),
        ("sinh ngày 14/02/1951", "birth_date", "14/02/1951"),
        ("sinh năm 1962", "birth_date", "1962"),
        ("xe 30A-123.45", "plate", "30A-123.45"),
        ("nhà số 12 ngõ 5 đường Lê Lợi, phường 3", "address", "12 ngõ 5 đường Lê Lợi"),
        ("Tôi là Đoàn Văn Ngấn, ở xóm trên", "name", "Đoàn Văn Ngấn"),
        ("lien he Hoang Dinh Thuoc", "name", "Hoang Dinh Thuoc"),
        ("bà Bảy Lúa ở cuối xóm", "name", "Bảy Lúa"),
        ("Tôi tên Tơ, ở thôn trên", "name", "Tơ"),
    ],
)
def test_finds_and_masks(text: str, sort: str, found: str) -> None:
    spans = find(text)
    assert [(span.type, text[span.start : span.end]) for span in spans] == [(sort, found)]
    assert found not in redact(text, spans)
    assert "[…]" in redact(text, spans)


@pytest.mark.parametrize(
    "text",
    [
        "Công văn 112/UBND-KT ngày 3/4/2025",
        "thu 15.000.000 đồng, còn 120000000đ",
        "2500000000 đồng",
        "quốc lộ 37, ĐT.391, nghị định 168/2024/NĐ-CP",
        "gặp Ủy ban xã, Trường Tiểu học",
        "đường 391 rộng 12 mét, 46 m2",
        "tổng đài 19001234",
        "năm 2019 đến 2026",
        "",
    ],
)
def test_leaves_money_documents_and_roads_alone(text: str) -> None:
    assert find(text) == ()


@pytest.mark.parametrize(
    ("text", "sort", "found"),
    [
        ("sdt e la o9512 34 567 a", "phone", "o9512 34 567"),
        ("gọi không chín năm một hai ba bốn năm sáu bảy nhé", "phone", "không chín năm một hai ba bốn năm sáu bảy"),
        ("thửa đất số 123, tờ bản đồ 15 cấp sai", "parcel_number", "123, tờ bản đồ 15"),
        ("truong thon dang dinh mao thu tien", "name", "dang dinh mao"),
        ("Nguyễn Văn A và dân làng", "name", "Nguyễn Văn A"),
        ("anh T. địa chính", "name", "T"),
        ("ong tu ro hat karaoke", "name", "tu ro"),
    ],
)
def test_finds_what_is_typed_carelessly_or_said_of_others(text: str, sort: str, found: str) -> None:
    assert [(span.type, text[span.start : span.end]) for span in find(text)] == [(sort, found)]


@pytest.mark.parametrize(
    "text",
    [
        "Bà con Xuân Hải mong có nước",
        "ông bà để lại đất",
        "chợ Bà Chiểu bẩn",
        "Trưởng thôn Tây Cồn họp dân",
        "Trường THPT Trần Phú thu tiền",
        "đường Nguyễn Thị Minh Khai ngập",
        "tôi không nhất trí",
        "Ngã ba Gò tối om",
        "ở chung cư Lò Gạch",
    ],
)
def test_streets_schools_villages_and_people_in_general_are_nobody(text: str) -> None:
    assert find(text) == ()


@pytest.mark.parametrize("name", ["Nguyễn Văn Linh", "Phan Đình Phùng", "Phan Chu Trinh", "Trần Hưng Đạo"])
def test_whom_streets_are_named_after_is_masked_only_where_somebody_is_introduced_by_the_name(name: str) -> None:
    assert find(f"đoạn {name} ngập nặng") == ()
    assert [span.type for span in find(f"Tôi là {name}, ở xóm trên")] == ["name"]


def test_most_personal_data_of_the_annotated_messages_is_found_and_little_else() -> None:
    messages = annotated(
        (Path(__file__).parent / "data" / "personal_data.txt").read_text(encoding="utf-8").splitlines()
    )
    table = scores(messages)
    assert len(messages) >= 200
    assert table["all"].precision >= 0.95
    assert table["all"].recall >= 0.93
    assert table["name"].precision >= 0.93
    assert table["name"].recall >= 0.90
    assert all(score.recall >= 0.85 for score in table.values())
    assert masked(messages) >= 0.96


@pytest.mark.parametrize(
    "piece", ["1.1.1.", "((((", "a a a ", "Ba Ba ", "0 9 ", "o9", "a@a.", "khong khong ", "thua so "]
)
def test_a_message_made_to_slow_us_down_takes_no_longer_than_its_length(piece: str) -> None:
    find(piece)
    began = time.process_time()
    find((piece * 4_096)[:4_096])
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "đường của Minh Thượng hỏng",
        "trụ sở cũ của Minh Hạ bỏ không",
        "gặp Minh Hạ thì rẽ trái",
        "cô bác Minh Hạ mong xã sửa",
        "duong cua Minh Thuong hong",
    ],
)
def test_places_of_the_gazetteer_and_old_communes_are_nobody(text: str, gazetteer: Gazetteer) -> None:
    assert find(text, gazetteer.names) == ()
    assert Understander(gazetteer).analyse(text).personal_data == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Tôi tên Minh Hạ, ở thôn trên", "Minh Hạ"),
        ("bà Minh Hạ ở cuối xóm", "Minh Hạ"),
        ("gặp Minh Hải ở xã Minh Hạ", "Minh Hải"),
        ("của Nguyễn Minh Hạ", "Nguyễn Minh Hạ"),
    ],
)
def test_a_person_who_bears_the_name_of_a_place_is_still_masked(text: str, found: str, gazetteer: Gazetteer) -> None:
    assert [text[span.start : span.end] for span in find(text, gazetteer.names)] == [found]


def test_spans_are_offsets_of_the_text_as_received() -> None:
    text = "To\u0302i te\u0302n Tri\u0323nh Thi\u0323 To\u031b, so\u0302\u0301 \u200b0951234087"
    phone = next(span for span in find(text) if span.type == "phone")
    assert text[phone.start : phone.end] == "0951234087"
    name = next(span for span in find(text) if span.type == "name")
    assert text[name.start : name.end].startswith("Tri")


def test_redact_takes_overlapping_spans_in_any_order() -> None:
    spans = [PersonalData(type="name", start=4, end=8), PersonalData(type="phone", start=2, end=6)]
    assert redact("0123456789", spans, mask="#") == "01#89"


@given(st.text())
def test_spans_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    last = 0
    for span in find(text):
        assert last <= span.start < span.end <= len(text)
        last = span.end


@given(st.text(alphabet="0123456789 .-+()ABCabc@/đồngsố", max_size=200))
def test_nothing_is_found_twice_after_masking(text: str) -> None:
    masked = redact(text, find(text), mask="")
    assert len(masked) <= len(text)
