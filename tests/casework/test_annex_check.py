"""The annex of a conclusion notice held against the agenda: what is answered, what is missing, what is no such file."""

from __future__ import annotations

import contextlib
import io
import random
import tracemalloc
import zipfile
from collections.abc import Sequence

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from casework.annex_check.matching import Checked, Finding, How, WantedLine, check
from casework.annex_check.package import MAX_FILE, sniff
from casework.annex_check.reading import AnnexRow, read_annex
from casework.clock import ManualClock
from casework.errors import Forbidden, IllegalMove, InvalidInput
from casework.usecases.conference import conferences
from casework.usecases.conference.annex import check_annex
from casework.usecases.work import Services
from storage.records import Opinion, Role
from tests.casework.conference_factories import held_one, plan_one
from tests.casework.factories import make_staff

GOOD = "UBND xã đã thay 5 bóng đèn ngày 20/11/2026, kiểm tra lại trước ngày 15/12/2026 và báo bà con thôn 4."
LINES = [
    WantedLine(position=1, title="Đèn đường trục thôn 4 không sáng", words=("den duong thon 4 tat ca thang",)),
    WantedLine(position=2, title="Rác ùn ứ ở ngõ 12 thôn 3", codes=frozenset({"XJ2UGC"})),
    WantedLine(position=3, title="Cống thoát nước đường 217 bị tắc"),
    WantedLine(position=4, title="Giá nước sạch tăng mà không báo trước"),
]
HEAD = ("STT", "Ý kiến, kiến nghị của cử tri", "Cơ quan trả lời", "Kết quả giải quyết, trả lời")


def word(*tables: Sequence[Sequence[str]]) -> bytes:
    document = Document()
    document.add_paragraph("PHỤ LỤC kèm theo Thông báo kết luận")
    for rows in tables:
        table = document.add_table(rows=0, cols=max(len(row) for row in rows))
        for row in rows:
            cells = table.add_row().cells
            for place, text in enumerate(row):
                cells[place].text = text
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def excel(**sheets: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def package(**parts: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return kept.getvalue()


def findings(checked: Checked) -> list[tuple[Finding, int | None]]:
    return [(one.finding, one.line) for one in checked.remarks]


def rows(*pairs: tuple[str, str]) -> list[AnnexRow]:
    return [
        AnnexRow(where=f"hàng {number}", numbers=(), question=question, answer=answer, text=f"{question} | {answer}")
        for number, (question, answer) in enumerate(pairs, start=1)
    ]


# --------------------------------------------------------------------------- matching


def test_an_annex_that_answers_every_line_has_no_remark() -> None:
    body = [
        ("1", "Đèn đường trục thôn 4 không sáng", "UBND xã", GOOD),
        ("2", "Rác ùn ứ ở ngõ 12, thôn 3", "UBND xã", GOOD),
        ("3", "Cống thoát nước đường 217 bị tắc", "UBND xã", GOOD),
        ("4", "Giá nước sạch tăng không báo trước", "Công ty nước", GOOD),
    ]
    checked = check(LINES, read_annex(word([HEAD, *body])))
    assert findings(checked) == []
    assert {match.how for match in checked.matches} == {How.NUMBER}


def test_a_line_nobody_answered_an_empty_cell_empty_words_and_a_stray_row_are_each_found() -> None:
    annex = read_annex(
        word(
            [
                HEAD,
                ("1", "Đèn đường trục thôn 4 không sáng", "UBND xã", ""),
                ("2", "Rác ùn ứ ở ngõ 12 thôn 3", "UBND xã", "Ghi nhận, tiếp thu ý kiến của bà con."),
                ("3", "Sân bóng của trường tiểu học", "UBND xã", GOOD),
                ("4", "Cống thoát nước đường 217 bị tắc", "UBND xã", GOOD),
            ]
        )
    )
    checked = check(LINES, annex)
    assert findings(checked) == [
        (Finding.EMPTY, 1),
        (Finding.EVASIVE, 2),
        (Finding.UNANSWERED, 4),
        (Finding.STRAY, None),
    ]
    assert checked.unanswered == (1, 4)
    assert checked.remarks[-1].where == "bảng 1, hàng 4"


def test_columns_may_stand_in_any_order_and_accents_may_be_missing() -> None:
    mixed = [
        ("Nội dung trả lời", "Ghi chú", "Nội dung kiến nghị"),
        (GOOD, "", "DEN DUONG TRUC THON 4 KHONG SANG"),
        (GOOD, "", "Cong thoat nuoc duong 217 bi tac"),
    ]
    checked = check(LINES, read_annex(word(mixed)))
    assert {match.line for match in checked.matches if match.sure} == {1, 3}


def test_a_receipt_code_decides_whatever_the_words_say() -> None:
    (match,) = check(LINES, rows(("Việc bà con hỏi (mã XJ2-UGC)", GOOD))).matches
    assert (match.line, match.how) == (2, How.CODE)


def test_the_same_matter_in_another_village_is_not_surely_the_same() -> None:
    checked = check(LINES, rows(("Đèn đường trục thôn 5 không sáng", GOOD)))
    assert (Finding.UNSURE, 1) in findings(checked)
    assert 1 in checked.unanswered
    assert next(one.score for one in checked.remarks if one.finding is Finding.UNSURE)


def test_the_number_of_another_numbering_does_not_beat_clear_words() -> None:
    row = AnnexRow(where="hàng 1", numbers=(1,), question="Cống thoát nước đường 217 bị tắc", answer=GOOD, text="")
    assert [match.line for match in check(LINES, [row]).matches] == [3]


def test_one_row_may_answer_two_lines_by_their_numbers() -> None:
    lines = [
        WantedLine(position=1, title="Đèn đường thôn 4 tắt"),
        WantedLine(position=2, title="Đèn đường thôn 4 nhấp nháy"),
    ]
    (table,) = [[HEAD, ("1, 2", "Đèn đường thôn 4 tắt, nhấp nháy", "UBND xã", GOOD)]]
    assert check(lines, read_annex(word(table))).unanswered == ()


@given(st.permutations(range(4)))
def test_the_findings_do_not_depend_on_the_order_of_the_rows(order: Sequence[int]) -> None:
    annex = rows(
        ("Đèn đường trục thôn 4 không sáng", ""),
        ("Rác ùn ứ ở ngõ 12 thôn 3", GOOD),
        ("Cống thoát nước đường 217 bị tắc", "Tiếp thu, nghiên cứu, xem xét."),
        ("Hội làng năm nay", GOOD),
    )
    expected = {(one.finding, one.line, one.where) for one in check(LINES, annex).remarks}
    again = check(LINES, [annex[place] for place in order])
    assert {(one.finding, one.line, one.where) for one in again.remarks} == expected


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60)), max_size=6))
def test_every_row_is_matched_or_stray_and_every_line_answered_or_remarked(pairs: list[tuple[str, str]]) -> None:
    annex = rows(*pairs)
    checked = check(LINES, annex)
    stray = [one.where for one in checked.remarks if one.finding is Finding.STRAY]
    assert sorted({match.row.where for match in checked.matches} | set(stray)) == sorted(row.where for row in annex)
    surely = {match.line for match in checked.matches if match.sure}
    assert surely | set(checked.unanswered) == {1, 2, 3, 4}


# --------------------------------------------------------------------------- reading


def test_every_table_and_every_sheet_is_read_and_formulas_are_nobodys_words() -> None:
    twice = word([HEAD, ("1", "Đèn tắt", "UBND", GOOD)], [HEAD, ("1", "Rác ngõ 12", "UBND", GOOD)])
    assert [row.where for row in read_annex(twice)] == ["bảng 1, hàng 2", "bảng 2, hàng 2"]
    book = excel(A=[HEAD, (1, "Đèn tắt", "UBND", '=HYPERLINK("x")')], B=[HEAD, (2.0, "Rác ngõ 12", None, GOOD)])
    first, second = read_annex(book)
    assert (first.answer, second.numbers, second.where) == ("", (2,), "trang «B», hàng 2")


def test_a_merged_cell_is_read_once_and_a_row_of_column_numbers_is_skipped() -> None:
    document = Document()
    table = document.add_table(rows=3, cols=4)
    for place, text in enumerate(HEAD):
        table.cell(0, place).text = text
        table.cell(1, place).text = f"({place + 1})"
    table.cell(2, 1).merge(table.cell(2, 2)).text = "Đèn tắt"
    table.cell(2, 3).text = GOOD
    kept = io.BytesIO()
    document.save(kept)
    (row,) = read_annex(kept.getvalue())
    assert row.question == "Đèn tắt"


def test_without_headings_the_first_words_ask_and_the_last_ones_answer() -> None:
    (row,) = read_annex(word([("1", "Đèn đường thôn 4 không sáng", "UBND xã", GOOD)]))
    assert (row.numbers, row.question, row.answer) == ((1,), "Đèn đường thôn 4 không sáng", GOOD)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a file",
        b"PK\x03\x04 broken",
        package(readme=b"hello"),
        package(word__document_xml=b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
        package(word__document_xml=b"<w/>"),
        package(xl__workbook_xml=b"<workbook/>"),
        package(word__document_xml=b"0" * 30_000_000),
        package(**{f"part{number}": b"x" for number in range(2001)}),
        b"PK\x03\x04" + bytes(MAX_FILE),
        word([HEAD]),
    ],
    ids=["empty", "text", "cut", "zip", "entities", "no-word", "no-excel", "bomb", "parts", "huge", "no-rows"],
)
def test_what_is_no_annex_is_refused_in_words_and_never_crashes(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_annex(data)
    assert refused.value.todo


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_a_damaged_file_is_read_or_refused_but_never_crashes(seed: int, flips: int) -> None:
    data = bytearray(sound(seed))
    chance = random.Random(seed)
    for _ in range(flips):
        data[chance.randrange(len(data))] = chance.randrange(256)
    with contextlib.suppress(InvalidInput):
        read_annex(bytes(data))


def sound(seed: int) -> bytes:
    return _SOUND if seed % 2 else _SOUND_WORD


_SOUND_WORD = word([HEAD, ("1", "Đèn tắt", "UBND", GOOD)])
_SOUND = excel(A=[HEAD, (1, "Đèn tắt", "UBND", GOOD)])


def test_the_sort_is_told_by_content_not_by_name() -> None:
    assert (sniff(word([HEAD])), sniff(_SOUND)) == ("docx", "xlsx")


# --------------------------------------------------------------------------- on live data


def test_a_real_agenda_is_held_against_its_annex(services: Services, clock: ManualClock) -> None:
    staff = make_staff(services, Role.MODERATOR)
    code = held_one(services, clock, staff, ["Đèn đường trục thôn 4 không sáng", "Rác ngõ 12", "Karaoke ồn"])
    conferences.record_outcome(services, staff, code, 3, "declined", ground_code="2", note="đang xác minh")
    with services.reading() as work:
        receipt = work.session.get_one(Opinion, 2).code
    annex = word([HEAD, ("7", "Việc vệ sinh môi trường", "UBND xã", f"Trả lời mã {receipt}: {GOOD}")])
    checked = check_annex(services, staff, code, annex)
    assert checked.unanswered == (1,)


def test_an_annex_needs_an_agenda_and_somebody_of_the_whole_office(services: Services) -> None:
    staff = make_staff(services, Role.MODERATOR)
    code = plan_one(services, staff)
    with pytest.raises(IllegalMove):
        check_annex(services, staff, code, _SOUND)
    with pytest.raises(Forbidden):
        check_annex(services, make_staff(services, Role.VILLAGE_OFFICER, village="t4"), code, _SOUND)


def test_a_cell_that_claims_a_billion_columns_costs_nothing_and_merged_cells_are_read_once() -> None:
    document = Document()
    table = document.add_table(rows=3, cols=3)
    for place, text in enumerate(("STT", "Nội dung", "Trả lời")):
        table.cell(0, place).text = text
    table.cell(1, 0).text, table.cell(1, 1).text, table.cell(1, 2).text = "1", "Đèn đường thôn 4", GOOD
    table.cell(2, 0).text, table.cell(2, 1).text = "2", "Rác ùn ứ ở ngõ 12"
    table.cell(1, 2).merge(table.cell(2, 2))
    span = OxmlElement("w:gridSpan")
    span.set(qn("w:val"), "1000000000")
    table.rows[2]._tr.tc_lst[1].get_or_add_tcPr().append(span)
    kept = io.BytesIO()
    document.save(kept)

    tracemalloc.start()
    rows = read_annex(kept.getvalue())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert rows[0].answer == GOOD
    assert peak < 20_000_000
