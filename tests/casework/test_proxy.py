"""Opinions entered for people without a phone, and typed from paper: consent, territory, once, whole or not at all."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook
from sqlmodel import col, select

from casework.clock import ManualClock, local_date
from casework.doctor.checks import CHECKS
from casework.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from casework.intake_form import write_form, write_report
from casework.intake_sheet import Column, read_sheet
from casework.usecases.citizens import proxy
from casework.usecases.citizens.proxy import ProxyOpinion, SameWords
from casework.usecases.citizens.proxy_import import BATCH, Imported, Result, import_sheet
from casework.usecases.citizens.proxy_receipt import print_receipt
from casework.usecases.moderation import triage
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Citizen, Consent, ConsentPurpose, LinkCode, Obligation, Opinion, Role
from tests.casework.factories import make_citizen, make_opinion, make_staff, notices_of

P = ConsentPurpose
LAMP = "Đèn đường đầu ngõ hỏng cả tháng nay, tối đi lại sợ lắm."
BRIBE = "Tôi tố cáo ông trưởng thôn nhận tiền của hộ nghèo, lấy tiền hỗ trợ bão lụt chia nhau."
HEADING = [column.value for column in Column]


@pytest.fixture
def tu(services: Services) -> int:
    return make_staff(services, Role.VILLAGE_OFFICER, name="Anh Tư", village="t4")


@pytest.fixture
def lan(services: Services) -> int:
    return make_staff(services, *Role, name="Chị Lan")


def _new(**changes: Any) -> ProxyOpinion:
    values: dict[str, Any] = {"text": LAMP, "village": "t4", "consents": {P.PROCESS: True, P.PUBLISH: True}}
    return ProxyOpinion(**(values | changes))


def _opinions(services: Services) -> list[Opinion]:
    with services.reading() as work:
        return list(work.session.exec(select(Opinion).order_by(col(Opinion.id))))


# ---------------------------------------------------------------------- one opinion


def test_an_opinion_is_owed_what_every_opinion_is_owed(services: Services, tu: int) -> None:
    entered = proxy.enter(services, tu, _new(name="Bà Sáu"))
    (opinion,) = _opinions(services)
    assert (opinion.code, opinion.state, opinion.source) == (entered.code, "received", "proxy")
    with services.reading() as work:
        owed = work.session.exec(select(Obligation).where(Obligation.subject_id == opinion.id)).all()
    assert owed, "the acknowledgement the law asks for"


def test_news_for_somebody_without_a_chat_waits_for_paper(services: Services, tu: int, lan: int) -> None:
    entered = proxy.enter(services, tu, _new())
    triage.approve(services, lan, entered.code or "", title="Đèn đường thôn 4")
    (notice,) = notices_of(services, "approved")
    assert notice.channel_identity_id is None
    assert notice.state in {"waiting_pickup", "with_staff"}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"text": " \n"}, "Chưa có lời"),
        ({"text": "x" * 10_001}, "dài quá"),
        ({"village": "khong-co"}, "Chưa rõ thôn"),
        ({"consents": {}}, "Chưa ghi người ấy trả lời"),
        ({"consents": {P.PROCESS: True}}, "Chưa ghi người ấy trả lời"),
        ({"consents": {P.PROCESS: False, P.PUBLISH: True}, "name": "Bà Sáu"}, "không được giữ họ tên"),
        ({"phone": "84912345678"}, "chưa đồng ý nhận tin"),
        (
            {"consents": {P.PROCESS: False, P.PUBLISH: True, P.PHONE: True}, "phone": "84912345678"},
            "không được giữ họ tên hay số điện thoại",
        ),
    ],
)
def test_what_is_missing_or_was_not_agreed_to_is_refused_whole(
    services: Services, tu: int, changes: dict[str, Any], what: str
) -> None:
    with pytest.raises(InvalidInput, match=what):
        proxy.enter(services, tu, _new(**changes))
    with services.reading() as work:
        assert work.session.exec(select(Citizen)).all() == []
        assert work.session.exec(select(Consent)).all() == []


def test_an_officer_writes_for_the_own_village_and_moderators_for_all(services: Services, tu: int, lan: int) -> None:
    with pytest.raises(Forbidden):
        proxy.enter(services, tu, _new(village="ha"))
    with pytest.raises(Forbidden):
        proxy.enter(services, make_staff(services, Role.ADMIN), _new())
    assert proxy.enter(services, lan, _new(village="ha")).code is not None
    assert [one.code for one in proxy.villages_of(services, tu)] == ["t4"]
    assert len(proxy.villages_of(services, lan)) == 7


def test_the_same_words_a_moment_later_are_asked_about(services: Services, tu: int, clock: ManualClock) -> None:
    first = proxy.enter(services, tu, _new())
    with pytest.raises(SameWords, match="một người khác"):
        proxy.enter(services, tu, _new(text=LAMP.upper()))
    assert proxy.enter(services, tu, _new(), again=True).code != first.code
    clock.advance(16 * 60)
    proxy.enter(services, tu, _new())
    assert len(_opinions(services)) == 3


def test_a_denunciation_is_sealed_and_a_second_time_says_no_code(services: Services, tu: int) -> None:
    entered = proxy.enter(services, tu, _new(text=BRIBE, consents={P.PROCESS: False}))
    assert entered.code is None
    (opinion,) = _opinions(services)
    assert (opinion.sealed, opinion.state) == (True, "held")
    with pytest.raises(SameWords) as asked:
        proxy.enter(services, tu, _new(text=BRIBE, consents={P.PROCESS: False}))
    assert "mã" not in asked.value.what


@pytest.mark.parametrize(
    ("said", "village"), [("t4", "t4"), ("Thôn Hạ", "ha"), ("xom trai", "t4"), ("số 3", "trung"), ("thôn 99", None)]
)
def test_a_village_is_known_by_code_name_number_or_another_name(
    services: Services, said: str, village: str | None
) -> None:
    assert proxy.village_named(services, said) == village


# ---------------------------------------------------------------------- the paper receipt


def _words(path: Path) -> str:
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def test_the_receipt_carries_code_answers_and_a_link_code_and_no_name(
    services: Services, tu: int, tmp_path: Path
) -> None:
    text = f"Tôi là Trần Thị Sáu, số 0912 345 678. {LAMP}"
    entered = proxy.enter(services, tu, _new(text=text, name="Trần Thị Sáu"))
    door = "https://zalo.me/1234"
    path = print_receipt(services, tu, entered.code or "", tmp_path / "r.docx", door=door)
    words = _words(path)
    assert (entered.code or "")[:3] in words
    assert "LK-" in words
    assert "đồng ý" in words
    assert "Sáu" not in words.split("PHẦN LƯU")[0]
    assert "0912" not in words
    with services.reading() as work:
        (link,) = work.session.exec(select(LinkCode)).all()
    assert (link.citizen_id, link.opinion_id) == (entered.citizen_id, entered.opinion_id)


def test_a_second_print_makes_the_first_link_code_useless(services: Services, tu: int, tmp_path: Path) -> None:
    entered = proxy.enter(services, tu, _new())
    for name in ("a.docx", "b.docx"):
        print_receipt(services, tu, entered.code or "", tmp_path / name)
    with services.reading() as work:
        valid = [one for one in work.session.exec(select(LinkCode)) if one.expires_at > work.now]
    assert len(valid) == 1


def test_who_wrote_in_a_chat_gets_no_paper_that_could_take_the_chat_over(
    services: Services, tu: int, tmp_path: Path
) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services, village="t4"), village="t4")
    with pytest.raises(IllegalMove):
        print_receipt(services, tu, opinion.code or "", tmp_path / "r.docx")
    other = make_opinion(services, citizen=make_citizen(services, channel=None), village="ha")
    with pytest.raises(Forbidden):
        print_receipt(services, tu, other.code or "", tmp_path / "r.docx")
    with pytest.raises(NotFound):
        print_receipt(services, tu, "K7P-4MX", tmp_path / "r.docx")
    entered = proxy.enter(services, tu, _new())
    with services.writing() as work:
        work.add(ChannelIdentity(channel="zalo-oa", account="1", external_id="later", citizen_id=entered.citizen_id))
        work.commit()
    with pytest.raises(IllegalMove):
        print_receipt(services, tu, entered.code or "", tmp_path / "r.docx")
    assert list(tmp_path.glob("*.docx")) == []


# ---------------------------------------------------------------------- from a spreadsheet


def _sheet(*rows: Sequence[Any]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(HEADING)
    for row in rows:
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _row(number: str, **changes: Any) -> list[Any]:
    values: dict[Column, Any] = {
        Column.NUMBER: number,
        Column.RECEIVED: "01/11/2026",
        Column.VILLAGE: "thôn 4",
        Column.TEXT: f"Đường ngõ {number} hỏng nặng, mưa là lầy lội.",
        Column.PROCESS: "Có",
        Column.PUBLISH: "Không",
    }
    return [(values | {Column[key]: value for key, value in changes.items()}).get(column) for column in Column]


def _by_row(imported: Imported) -> dict[int, tuple[Result, str]]:
    return {one.row: (one.result, one.what) for one in imported.rows}


def test_rows_become_opinions_with_the_day_they_were_received(services: Services, lan: int) -> None:
    tu = make_staff(services, Role.VILLAGE_OFFICER, name="Anh Tư", village="t4")
    data = _sheet(
        _row("12", NAME="Bà Trần Thị Sáu", PHONE="0912345678", BY_PHONE="Có", WRITTEN_BY="anh tư"),
        _row("13", PROCESS="Không"),
    )
    imported = import_sheet(services, lan, data)
    assert [one.result for one in imported.rows] == [Result.TAKEN, Result.TAKEN]
    first, second = _opinions(services)
    assert (first.source, first.source_ref, first.entered_by_staff_id) == ("paper", "tan-minh:12", tu)
    assert second.entered_by_staff_id == lan
    assert local_date(first.submitted_at) == dt.date(2026, 11, 1)
    with services.reading() as work:
        people = [work.session.get_one(Citizen, one.citizen_id).display_name for one in (first, second)]
        answers = [(one.purpose, one.granted) for one in work.session.exec(select(Consent).order_by(col(Consent.id)))]
    assert people == ["Bà Trần Thị Sáu", None]
    assert answers == [("process", True), ("publish", False), ("phone", True), ("process", False), ("publish", False)]


def test_a_paper_received_today_is_not_received_in_the_future(services: Services, lan: int) -> None:
    import_sheet(services, lan, _sheet(_row("1", RECEIVED="02/11/2026")))
    (opinion,) = _opinions(services)
    assert opinion.submitted_at <= services.clock.now()


def test_a_form_is_taken_once_however_often_the_file_comes(services: Services, lan: int, clock: ManualClock) -> None:
    data = _sheet(_row("A-1"), _row("002"))
    first = import_sheet(services, lan, data)
    clock.advance(3 * 86_400)
    second = import_sheet(services, lan, _sheet(_row("a-1", TEXT="Lời khác hẳn, nhưng cùng số phiếu."), _row("2")))
    assert [one.result for one in second.rows] == [Result.KNOWN, Result.KNOWN]
    assert [one.code for one in second.rows] == [one.code for one in first.rows]
    assert "02/11/2026" in second.rows[0].what, "the day it was entered, not today"
    assert len(_opinions(services)) == 2


def test_a_stop_half_way_is_made_up_for_by_running_again(services: Services, lan: int) -> None:
    data = _sheet(*(_row(str(number)) for number in range(1, 2 * BATCH + 4)))

    def stop(done: int, total: int) -> None:
        if done > BATCH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_sheet(services, lan, data, progress=stop)
    assert len(_opinions(services)) == 2 * BATCH
    again = import_sheet(services, lan, data)
    assert again.count(Result.KNOWN) == 2 * BATCH
    assert again.count(Result.TAKEN) == 3
    refs = [one.source_ref for one in _opinions(services)]
    assert len(refs) == len(set(refs)) == 2 * BATCH + 3


def test_one_bad_row_stops_no_other_and_is_explained(services: Services, tu: int) -> None:
    data = _sheet(_row("1", VILLAGE="thôn 99"), _row("2", VILLAGE="thôn Hạ"), _row("3"), _row("4", TEXT=None))
    said = _by_row(import_sheet(services, tu, data))
    assert "danh mục" in said[2][1]
    assert "không phụ trách" in said[3][1]
    assert said[4] == (Result.TAKEN, "")
    assert said[5] == (Result.REFUSED, "Chưa ghi nội dung.")
    assert len(_opinions(services)) == 1


def test_equal_words_are_taken_with_a_warning(services: Services, lan: int) -> None:
    proxy.enter(services, lan, _new())
    data = _sheet(
        _row("1", TEXT=LAMP.upper()), _row("2", TEXT=LAMP, VILLAGE="thôn 5"), _row("3", TEXT=LAMP, VILLAGE="t5")
    )
    first, second, third = import_sheet(services, lan, data).rows
    assert "giống hệt" in first.what
    assert second.what == ""
    assert "giống hệt" in third.what
    assert {first.result, second.result, third.result} == {Result.TAKEN}


def test_what_must_be_looked_at_first_is_held_and_the_report_says_no_more_than_it_must(
    services: Services, lan: int
) -> None:
    wronged = "Tôi khiếu nại quyết định thu hồi đất số 15 của xã với nhà tôi, thu sai diện tích."
    sealed, held = import_sheet(services, lan, _sheet(_row("1", TEXT=BRIBE), _row("2", TEXT=wronged))).rows
    assert (sealed.result, sealed.code) == (Result.SEALED, None)
    assert "tố cáo" not in sealed.what
    assert held.code is not None
    assert [one.state for one in _opinions(services)] == ["held", "held"]
    (again, _) = import_sheet(services, lan, _sheet(_row("1", TEXT=BRIBE), _row("2", TEXT=wronged))).rows
    assert (again.result, again.code) == (Result.KNOWN, None)


def test_a_look_beforehand_changes_nothing(services: Services, lan: int) -> None:
    imported = import_sheet(services, lan, _sheet(_row("1", VILLAGE="xóm Trại"), _row("2", PUBLISH="?")), check=True)
    assert [one.result for one in imported.rows] == [Result.WOULD_BE_TAKEN, Result.REFUSED]
    assert imported.rows[0].village == "thôn 4", "what «xóm Trại» was understood as"
    assert _opinions(services) == []


def test_others_may_not_import(services: Services) -> None:
    with pytest.raises(Forbidden):
        import_sheet(services, make_staff(services, Role.ADMIN), _sheet(_row("1")))


def test_the_database_stays_as_promised(services: Services, lan: int) -> None:
    proxy.enter(services, lan, _new(name="Bà Trần Thị Sáu"))
    proxy.enter(services, lan, _new(text=BRIBE, consents={P.PROCESS: False}))
    import_sheet(services, lan, _sheet(*(_row(str(number)) for number in range(5))))
    with services.reading() as work:
        found = [finding.what for check in CHECKS for finding in check.look(work)]
    assert found == []


# ---------------------------------------------------------------------- form and report


def test_the_form_that_is_given_out_can_be_filled_in_and_read(services: Services, lan: int, tmp_path: Path) -> None:
    names = [village.name for village in proxy.villages_of(services, lan)]
    path = write_form(
        tmp_path / "f.xlsx", villages=names, sentences=["Câu một?"], today=dt.date(2026, 11, 2), force=False
    )
    with pytest.raises(InvalidInput, match="không có dòng"):
        read_sheet(path.read_bytes(), today=dt.date(2026, 11, 2))
    book = load_workbook(path)
    page = book.worksheets[0]
    assert page.protection.sheet
    assert page["A1"].protection.locked
    assert not page.column_dimensions["A"].protection.locked
    lists = [rule.formula1 for rule in page.data_validations.dataValidation]
    assert any("Danh mục thôn" in formula for formula in lists)
    assert '"Có,Không"' in lists
    for place, value in enumerate(_row("1"), start=1):
        page.cell(row=2, column=place, value=value)
    out = io.BytesIO()
    book.save(out)
    assert import_sheet(services, lan, out.getvalue()).count(Result.TAKEN) == 1
    with pytest.raises(IllegalMove):
        path.write_bytes(out.getvalue())
        write_form(path, villages=names, sentences=[], today=dt.date(2026, 11, 2), force=False)


def test_the_example_of_the_form_would_be_taken_as_it_stands(tmp_path: Path) -> None:
    path = write_form(tmp_path / "f.xlsx", villages=["thôn 4"], sentences=[], today=dt.date(2026, 11, 2), force=False)
    book = load_workbook(path)
    book["Ví dụ"].title = "Phiếu"
    book.remove(book["Nhập phiếu"])
    out = io.BytesIO()
    book.save(out)
    rows = read_sheet(out.getvalue(), today=dt.date(2026, 11, 2)).rows
    assert [row.paper is not None for row in rows] == [True, True]


def test_the_report_names_nobody_and_runs_nothing(services: Services, lan: int, tmp_path: Path) -> None:
    data = _sheet(_row("+SUM(1)", NAME="Trần Thị Sáu"), _row("2", NAME="Lê Văn Ba", PROCESS="Không"))
    path = write_report(tmp_path / "kq.xlsx", import_sheet(services, lan, data), force=False)
    cells = [str(cell.value) for row in load_workbook(path).worksheets[0].iter_rows() for cell in row]
    assert "'+SUM(1)" in cells
    assert not any("Sáu" in cell or "Ba" in cell.split() for cell in cells)


def test_a_form_number_says_nothing_of_papers_one_may_not_see(services: Services, tu: int, lan: int) -> None:
    import_sheet(services, lan, _sheet(_row("1", TEXT=BRIBE), _row("2", VILLAGE="thôn Hạ"), _row("3")))
    rows = [_row("1"), _row("2"), _row("3"), _row("2", VILLAGE="thôn Hạ"), _row("1", VILLAGE="thôn Hạ")]
    for check in (True, False):
        reports = [import_sheet(services, tu, _sheet(row), check=check).rows[0] for row in rows]
        sealed, foreign, own, foreign_named, sealed_named = reports
        assert [one.result for one in (sealed, foreign, own)] == [Result.KNOWN] * 3
        assert (sealed.what, sealed.code) == (foreign.what, foreign.code) == ("Số phiếu này đã nhập từ trước.", None)
        assert own.code is not None
        assert [one.result for one in (foreign_named, sealed_named)] == [Result.REFUSED] * 2
        assert {one.column for one in (foreign_named, sealed_named)} == {Column.VILLAGE.value}


def test_whoever_is_named_as_the_writer_must_be_able_to_write_for_that_village(
    services: Services, tu: int, lan: int
) -> None:
    data = _sheet(
        _row("1", WRITTEN_BY="anh tư"),
        _row("2", WRITTEN_BY="Bà Không Có"),
        _row("3", WRITTEN_BY="anh tư", VILLAGE="thôn Hạ"),
    )
    for check in (True, False):
        taken, nobody, elsewhere = import_sheet(services, lan, data, check=check).rows
        assert taken.result in (Result.TAKEN, Result.WOULD_BE_TAKEN)
        assert [one.result for one in (nobody, elsewhere)] == [Result.REFUSED] * 2
        assert {one.column for one in (nobody, elsewhere)} == {Column.WRITTEN_BY.value}
        data = _sheet(_row("4", WRITTEN_BY="anh tư"), *(_row(n, WRITTEN_BY=w, VILLAGE=v) for n, w, v in _WRONG_WRITERS))


_WRONG_WRITERS = (("2", "Bà Không Có", "thôn 4"), ("3", "anh tư", "thôn Hạ"))
