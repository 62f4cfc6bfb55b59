from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from casework.agenda import AgendaRow, AgendaView, AskerRow, Audience
from casework.document_head import DocumentHead
from casework.documents import agenda_document, agenda_spreadsheet, shipped_templates, summary_document
from casework.documents.build_templates import build_all
from casework.documents.fill import harmless
from casework.errors import InvalidInput, NotFound
from casework.topics import FIELD_OF_TOPIC, TOPIC_NAMES
from nlp.analysis import Topic

HOSTILE = '<b>&amp; "x" </w:t></w:r> {{ 7*7 }} {% raw %} {{ head }} \x00\x07\x0c\x1b[31m =1+1 \u202eabc\nhai\tba 😀'


def asker(**changes: Any) -> AskerRow:
    plain = AskerRow(
        code="K7P4MX",
        words="Đèn đường thôn 4 tắt cả tháng nay",
        name="Lò Thị Tưởng",
        village="thôn 4",
        submitted_on=dt.date(2026, 11, 3),
        late=False,
    )
    return replace(plain, **changes)


def row(position: int = 1, topic: Topic = Topic.ELECTRICITY, **changes: Any) -> AgendaRow:
    plain = AgendaRow(
        position=position,
        group_id=position,
        title=f"Vấn đề {position}",
        people=2,
        urgent=False,
        topic=topic,
        topic_name=TOPIC_NAMES[topic],
        field_name=FIELD_OF_TOPIC[topic],
        level="xa",
        level_name="Cấp xã",
        village="thôn 4",
        outcome="pending",
    )
    return replace(plain, **changes)


def view(*rows: AgendaRow, audience: Audience = Audience.PUBLIC, **changes: Any) -> AgendaView:
    plain = AgendaView(
        audience=audience,
        office_name="xã Tân Minh",
        head=DocumentHead.of("xã Tân Minh", {}),
        conference="HN-20261128",
        title="Hội nghị đối thoại năm 2026",
        kind="periodic",
        state="agenda_set",
        held_on=dt.date(2026, 11, 28),
        starts_at="8 giờ 00",
        place="hội trường xã",
        chair="Bí thư Đảng ủy xã",
        cutoff_on=dt.date(2026, 11, 23),
        attendance=None,
        conclusion_number=None,
        conclusion_on=None,
        rows=rows,
        late=3,
    )
    return replace(plain, **changes)


def body(path: Path) -> str:
    """All text outside tables."""
    return "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)


def head(path: Path) -> str:
    return "\n".join(cell.text for cell in Document(str(path)).tables[0].rows[0].cells)


def lines(path: Path) -> list[list[str]]:
    """Rows of the agenda's table, merged cells once."""
    rows = []
    for line in Document(str(path)).tables[1].rows:
        cells = {id(cell._tc): cell.text for cell in line.cells}
        rows.append(list(cells.values()))
    return rows


def test_the_public_document_says_exactly_what_the_view_says(tmp_path: Path) -> None:
    path = tmp_path / "new" / "agenda.docx"
    agenda_document(view(row(1, Topic.HEALTH, urgent=True), row(2), row(3, village=None, people=7)), path)
    assert lines(path) == [
        ["STT", "Vấn đề", "Thôn, tổ dân phố", "Số người nêu"],
        ["Kinh tế"],
        ["2", "Vấn đề 2", "thôn 4", "2"],
        ["3", "Vấn đề 3", "", "7"],
        ["Văn hóa - xã hội"],
        ["1", "Vấn đề 1 (khẩn)", "thôn 4", "2"],
    ]
    text = body(path)
    for part in (
        "CHƯƠNG TRÌNH",
        "Hội nghị đối thoại năm 2026",
        "8 giờ 00, ngày 28/11/2026",
        "hội trường xã",
        "3 vấn đề do 11 lượt người",
        "sau ngày 23/11/2026 (đến nay có 3 ý kiến) được trả lời bằng văn bản./.",
    ):
        assert part in text


def test_a_document_is_a_draft_without_number_and_date_until_both_are_given(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    agenda_document(view(row()), path)
    blank = "\u00a0" * 6
    assert "DỰ THẢO" in head(path)
    assert f"Số: {blank}/CTr-MTTQ-BTT" in head(path)
    assert f"Tân Minh, ngày {blank} tháng {blank} năm {blank}" in head(path)
    agenda_document(view(row()), path, number="05", signed_on=dt.date(2027, 2, 5))
    assert "DỰ THẢO" not in head(path)
    assert "Số: 05/CTr-MTTQ-BTT" in head(path)
    assert "ngày 05 tháng 02 năm 2027" in head(path)
    agenda_document(view(row()), path, number="12", signed_on=dt.date(2026, 3, 15))
    assert "ngày 15 tháng 3 năm 2026" in head(path)
    with pytest.raises(InvalidInput):
        agenda_document(view(row()), path, number="05")


def test_the_internal_document_lists_every_opinion_under_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    internal = view(row(4, askers=(asker(), asker(code=None, name=None, late=True))), audience=Audience.INTERNAL)
    agenda_document(internal, path)
    assert lines(path)[2:] == [
        ["4", "Vấn đề 4 (Điện, chiếu sáng; Cấp xã; 2 người nêu; thôn 4)"],
        ["", "K7P-4MX", "thôn 4", "Lò Thị Tưởng", "03/11/2026", "Đèn đường thôn 4 tắt cả tháng nay"],
        ["", "", "thôn 4", "", "03/11/2026 (đến sau ngày chốt)", "Đèn đường thôn 4 tắt cả tháng nay"],
    ]
    assert "KHÔNG PHỔ BIẾN" in body(path)


def test_the_summary_counts_by_level_and_shows_codes_and_outcomes(tmp_path: Path) -> None:
    path = tmp_path / "s.docx"
    spoken = row(
        1,
        outcome="answered",
        answered_by="Chủ tịch UBND xã",
        outcome_note="Thay 5 bóng trước 25/11.",
        askers=(asker(), asker(code="M3N8RT")),
    )
    refused = row(2, outcome="declined", outcome_ground="BI_MAT_NHA_NUOC")
    upper = row(3, Topic.TRANSPORT, level="tinh", level_name="Cấp tỉnh", outcome="deferred")
    summary_document(view(spoken, refused, upper, audience=Audience.INTERNAL), path)
    assert "3 vấn đề, 6 lượt người nêu; cấp xã 2, cấp tỉnh 1, trung ương 0 vấn đề" in body(path)
    table = lines(path)
    assert [line[4] for line in table[2:5]] == ["K7P-4MX, M3N-8RT", "", ""]
    assert [line[7] for line in table[2:5]] == [
        "Đã trả lời tại hội nghị (Chủ tịch UBND xã): Thay 5 bóng trước 25/11.",
        "Không đối thoại: Liên quan bí mật nhà nước",
        "Trả lời bằng văn bản",
    ]
    assert table[5][:2] == ["Tổng số: 3 vấn đề", "6"]


def test_an_empty_agenda_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    agenda_document(view(), path)
    assert lines(path)[1:] == [["Chưa có vấn đề nào."]]
    assert "0 vấn đề" not in body(path)


@pytest.mark.parametrize("audience", list(Audience))
def test_hostile_words_are_printed_as_words_and_break_nothing(tmp_path: Path, audience: Audience) -> None:
    path = tmp_path / "a.docx"
    bad = asker(words=HOSTILE, name=HOSTILE, village=HOSTILE)
    agenda_document(view(row(title=HOSTILE, village=HOSTILE, askers=(bad,)), audience=audience, title=HOSTILE), path)
    everything = body(path) + repr(lines(path))
    assert '<b>&amp; "x" </w:t></w:r> {{ 7*7 }} {% raw %} {{ head }}' in everything
    assert "49" not in everything
    assert not set(everything) & set("\x00\x07\x0c\x1b\u202e")


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_at_all_gives_a_document_that_opens(tmp_path: Path, words: str) -> None:
    path = tmp_path / "a.docx"
    agenda_document(view(row(title=words, askers=(asker(words=words, name=words),)), audience=Audience.INTERNAL), path)
    assert len(lines(path)) == 4
    assert harmless(harmless(words)) == harmless(words)


def test_the_layout_is_the_one_of_the_decree(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    agenda_document(view(*(row(number) for number in range(1, 61))), path)
    document = Document(str(path))
    section = document.sections[0]
    measured = [
        round(length.mm)
        for length in (
            section.page_width,
            section.page_height,
            section.left_margin,
            section.right_margin,
            section.top_margin,
            section.bottom_margin,
        )
    ]
    assert measured == [210, 297, 30, 15, 20, 20]
    assert section.different_first_page_header_footer
    with zipfile.ZipFile(path) as package:
        xml = package.read("word/document.xml").decode()
        headers = "".join(package.read(name).decode() for name in package.namelist() if "word/header" in name)
    assert xml.count("<w:tblHeader/>") == 1
    assert xml.count("<w:cantSplit/>") >= 60
    assert 'w:instr="PAGE"' in headers
    assert "<w:u " not in xml
    assert document.styles["Normal"].font.name == "Times New Roman"


def test_an_office_prints_its_own_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    own = {
        "document": {
            "superior": "MTTQ VIỆT NAM TỈNH MINH GIANG",
            "signer": "Phan Văn Thử",
            "recipients": ["HĐND xã"],
            "colour": "red",
        }
    }
    agenda_document(view(row(), head=DocumentHead.of("xã Tân Minh", own)), path)
    assert "MTTQ VIỆT NAM TỈNH MINH GIANG" in head(path)
    foot = "\n".join(cell.text for cell in Document(str(path)).tables[2].rows[0].cells)
    assert "Phan Văn Thử" in foot
    assert "- HĐND xã;" in foot


def test_an_office_may_edit_its_templates_and_is_told_what_it_spoilt(tmp_path: Path) -> None:
    own = tmp_path / "mau"
    own.mkdir()
    source = next(one for one in shipped_templates() if one.name == "agenda_public.docx")
    edited = Document(str(source))
    edited.add_paragraph("Ghi chú của xã: {{ chair }}")
    edited.save(str(own / source.name))
    path = tmp_path / "a.docx"
    agenda_document(view(row()), path, templates=own)
    assert "Ghi chú của xã: Bí thư Đảng ủy xã" in body(path)
    for spoilt in ("{{ chủ_trì }}", "{{ chair", "{{ ''.__class__.__mro__ }}"):
        shutil.copy(source, own / source.name)
        edited = Document(str(own / source.name))
        edited.add_paragraph(spoilt)
        edited.save(str(own / source.name))
        with pytest.raises(InvalidInput, match=r"agenda_public\.docx"):
            agenda_document(view(row()), path, templates=own)
    with pytest.raises(NotFound):
        agenda_document(view(row()), path, templates=tmp_path / "khong-co")


def test_the_shipped_templates_are_those_the_builder_draws(tmp_path: Path) -> None:
    drawn = {path.name: zipfile.ZipFile(path).read("word/document.xml") for path in build_all(tmp_path)}
    shipped = {path.name: zipfile.ZipFile(path).read("word/document.xml") for path in shipped_templates()}
    assert drawn == shipped


# --------------------------------------------------------------------------- spreadsheet


def cells(path: Path) -> list[list[object]]:
    sheet = load_workbook(path).active
    assert sheet is not None
    return [[one.value for one in line] for line in sheet.iter_rows()]


def test_no_cell_of_the_spreadsheet_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    bad = [f"{start}cmd|' /C calc'!A0" for start in ("=", "+", "-", "@", "\t=", "\r=", "\x00=", "＝")]
    rows = [
        row(number, title=words, village=words, askers=(asker(words=words, name=words),))
        for number, words in enumerate(bad, start=1)
    ]
    agenda_spreadsheet(view(*rows, audience=Audience.INTERNAL), path)
    sheet = load_workbook(path).active
    assert sheet is not None
    assert "f" not in {one.data_type for line in sheet.iter_rows() for one in line}
    assert all(str(line[1]).startswith("'") for line in cells(path)[1:-1])


def test_the_public_spreadsheet_has_lines_and_no_names_the_internal_one_a_row_per_opinion(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    line = row(askers=(asker(), asker(code="M3N8RT", words="dài " * 20_000)))
    agenda_spreadsheet(view(row()), path)
    assert [line[:2] for line in cells(path)[1:]] == [[1, "Vấn đề 1"], [None, "Cộng: 1 vấn đề"]]
    assert "Người nêu" not in cells(path)[0]
    agenda_spreadsheet(view(line, audience=Audience.INTERNAL), path)
    table = cells(path)
    assert [one[8] for one in table] == ["Mã ý kiến", "K7P-4MX", "M3N-8RT", None]
    assert table[1][9] == "Lò Thị Tưởng"
    assert len(str(table[2][12])) <= 32_767
