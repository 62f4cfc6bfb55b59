"""What was signed stays as it was; minutes, conclusion, assignments, results and case file say the same of a line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlmodel import select

from casework.documents.pen import FEW, unread
from casework.documents.registry import Made, Order, Readers, kind
from casework.usecases.conference.issues import find_conference
from casework.usecases.deadlines.obligations import refresh_conference
from casework.usecases.work import Services
from storage.records import (
    Assignment,
    Conference,
    ConferenceStep,
    Extension,
    Obligation,
    OpinionGroup,
    Role,
    SpeakingRegistration,
)
from tests.casework.conference_day import CODE, Line, make_answer, make_assignment, make_conference, make_line
from tests.casework.factories import make_staff
from tests.casework.papers import table, words

ISSUED = dt.date(2026, 12, 7)
SIGNED = {"state": "concluded", "conclusion_number": "12/TB-UBND", "conclusion_on": ISSUED}


@pytest.fixture
def clerk(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


def make(services: Services, staff: int, name: str, out: Path, readers: Readers | None = None) -> Made:
    return kind(name, readers).make(services, staff, Order(target=CODE, out=out))


def put_off(services: Services, position: int = 1, *, agency: str = "Công an xã", **given: object) -> Line:
    line = make_line(
        services,
        find(services),
        position,
        ("Lò Thị Tưởng", "x"),
        outcome="deferred",
        answered_by="Phó Chủ tịch xã",
        outcome_note="Sẽ kiểm tra.",
        state="assigned",
    )
    make_assignment(services, line, agency, **given)
    return line


def find(services: Services) -> int:
    with services.reading() as work:
        return find_conference(work, CODE).id or 0


def later(services: Services, line: Line) -> None:
    """After the notice: the agency confirms receipt, promises a later day, answers; another gets a new letter."""
    at = dt.datetime(2026, 12, 20, 3, tzinfo=dt.UTC)
    with services.writing() as work:
        given = work.session.exec(select(Assignment).where(Assignment.group_id == line.group)).one()
        given.received_on = dt.date(2026, 12, 15)
        row = work.session.exec(select(Obligation).where(Obligation.subject == "assignment")).first()
        assert row is not None
        row.extended_to = dt.date(2027, 2, 1)
        work.add(
            Extension(obligation_id=row.id or 0, to_on=dt.date(2027, 2, 1), reason="chờ vốn", body="Công an xã", at=at)
        )
        work.commit()
    make_answer(
        services,
        line.group,
        "Đang xin vốn.",
        final=False,
        promised_on=dt.date(2027, 2, 1),
        document_date=dt.date(2026, 12, 18),
        published_at=at,
    )
    make_answer(services, line.group, "Đã làm xong.", document_date=dt.date(2026, 12, 22), published_at=at)


@pytest.mark.parametrize("regulation", ["thanh-hoa", "dien-bien"])
def test_a_signed_notice_and_its_letters_say_later_what_they_said_when_signed(
    services: Services, clerk: int, tmp_path: Path, regulation: str
) -> None:
    make_conference(services, regulation=regulation, **SIGNED)
    line = put_off(services, document_number="13/TB-UBND")
    first = {name: make(services, clerk, name, tmp_path / f"{name}.docx") for name in ("conclusion", "assignments")}
    said = {name: words(made.paths[0]) for name, made in first.items()}
    later(services, line)
    for name in first:
        made = make(services, clerk, name, tmp_path / f"{name}-again.docx")
        assert words(made.paths[0]) == said[name]
    result = words(make(services, clerk, "public-result", tmp_path / "p.docx").paths[0])
    assert "Đã làm xong" in result
    assert "01/02/2027" not in said["conclusion"]
    assert "Số: 13/TB-UBND" in said["assignments"]
    assert "DỰ THẢO" not in said["assignments"]


def test_an_agency_given_the_matter_after_the_notice_is_not_in_the_notice(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    make_conference(services, **SIGNED)
    line = put_off(services)
    with services.writing() as work:
        first = work.session.exec(select(Assignment)).one()
        first.cancelled_at = dt.datetime(2026, 12, 20, 3, tzinfo=dt.UTC)
        work.add(
            Assignment(
                office_id=services.office_id,
                group_id=line.group,
                agenda_item_id=line.item,
                agency="Phòng Kinh tế",
                assigned_on=dt.date(2026, 12, 20),
            )
        )
        work.session.flush()
        refresh_conference(work, find_conference(work, CODE))
        work.commit()
    make(services, clerk, "conclusion", tmp_path / "c.docx")
    assert table(tmp_path / "c.docx", "STT")[1][3] == "Công an xã"
    made = make(services, clerk, "assignments", tmp_path / "out")
    assert [path.name for path in made.paths] == [f"giao-viec-{CODE}-phong-kinh-te.docx"]


def test_letters_sent_under_one_number_carry_it(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services, **SIGNED)
    put_off(services)
    with services.writing() as work:
        work.add(
            ConferenceStep(
                conference_id=conference,
                step="assignments_sent",
                done_on=dt.date(2026, 12, 8),
                document_number="14/TB-UBND",
                at=work.now,
            )
        )
        work.commit()
    text = words(make(services, clerk, "assignments", tmp_path / "a.docx").paths[0])
    assert "Số: 14/TB-UBND" in text
    assert "ngày 08 tháng 12 năm 2026" in text
    assert "DỰ THẢO" not in text


def test_the_minutes_hold_what_was_said_and_no_due_date_set_afterwards(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    make_conference(services, **SIGNED)
    line = put_off(services)
    make_answer(services, line.group, "Đã làm xong.")
    make(services, clerk, "minutes", tmp_path / "m.docx")
    text = words(tmp_path / "m.docx")
    assert "Ghi nhận: Sẽ kiểm tra." in text
    assert "Kết quả: Trả lời bằng văn bản" in text
    for after in ("hạn", "05/01/2027", "Công an xã", "Đã làm xong", "Người trả lời: Phó"):
        assert after not in text


def test_a_line_has_one_agency_in_every_paper_and_who_took_note_has_not_answered(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    make_conference(services, **SIGNED)
    put_off(services)
    for name, heading, column in (("conclusion", "STT", 3), ("public-result", "STT", 4)):
        make(services, clerk, name, tmp_path / f"{name}.docx")
        rows = table(tmp_path / f"{name}.docx", heading)
        row = next(row for row in rows if row[0] == "1")
        assert row[column].startswith("Công an xã")
        assert "Trả lời bằng văn bản. Ghi nhận: Sẽ kiểm tra" in row[column - 1]
        assert "Phó Chủ tịch" not in words(tmp_path / f"{name}.docx")


def test_what_was_answered_in_the_hall_stands_apart_and_goes_to_no_agency(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services, **SIGNED)
    line = make_line(
        services,
        conference,
        1,
        (None, "x"),
        outcome="answered",
        answered_by="Chủ tịch UBND xã",
        outcome_note="Đã sửa xong.",
        state="answered",
    )
    make_answer(services, line.group, "Đã sửa xong.", document_number="12/TB-UBND", document_date=ISSUED)
    make_assignment(services, line, "Phòng Kinh tế")
    put_off(services, 33)
    make(services, clerk, "conclusion", tmp_path / "c.docx")
    text = words(tmp_path / "c.docx")
    assert "2. Đã trả lời tại hội nghị\nMục 1 của Phụ lục." in text
    assert "3. Giao việc\nCông an xã: trả lời mục 33 của Phụ lục" in text
    assert table(tmp_path / "c.docx", "STT")[1][3:] == ["Chủ tịch UBND xã", ""]
    made = make(services, clerk, "assignments", tmp_path / "out")
    assert [path.name for path in made.paths] == [f"giao-viec-{CODE}-cong-an-xa.docx"]
    assert "không đối thoại 0" not in text
    assert "Đã trả lời tại hội nghị 1 vấn đề; giao trả lời bằng văn bản 1 vấn đề." in text


def test_an_answer_still_owed_for_a_line_spoken_of_in_the_hall_goes_to_the_agency(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services, **SIGNED)
    line = make_line(services, conference, 1, (None, "x"), outcome="answered", state="assigned")
    make_assignment(services, line, "Phòng Kinh tế")
    made = make(services, clerk, "assignments", tmp_path / "out")
    assert [path.name for path in made.paths] == [f"giao-viec-{CODE}-phong-kinh-te.docx"]


def test_a_conclusion_cites_the_law_by_its_name_and_the_offices_text_with_its_issuer(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    make_conference(services)
    make(services, clerk, "conclusion", tmp_path / "c.docx")
    bases = [line for line in words(tmp_path / "c.docx").splitlines() if line.startswith("Căn cứ")]
    assert " của " in bases[0]
    assert any(line.startswith("Căn cứ Luật Tổ chức chính quyền địa phương 2025") for line in bases)
    assert not any("Pháp luật và quy định của Trung ương" in line for line in bases)


def test_an_interim_answer_is_shown_as_one_with_the_day_it_promises(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    make_conference(services, state="concluded")
    line = put_off(services)
    make_answer(services, line.group, "Đang xin vốn.", final=False, promised_on=dt.date(2027, 1, 20))
    shown = "Trả lời bước đầu (văn bản số 45/UBND-KT ngày 10/12/2026), hẹn trả lời tiếp ngày 20/01/2027: Đang xin vốn"
    for name in ("conclusion", "public-result"):
        make(services, clerk, name, tmp_path / f"{name}.docx")
        assert shown in words(tmp_path / f"{name}.docx")
    make(services, clerk, "case-file", tmp_path / "h.docx")
    listed = words(tmp_path / "h.docx")
    assert "Văn bản trả lời bước đầu của Phòng Kinh tế, mục 1, hẹn trả lời tiếp ngày 20/01/2027" in listed


def test_names_keep_their_capitals_in_the_case_file(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services, state="concluded")
    with services.writing() as work:
        for step in ("plan_agreed", "public_notice", "upward_sent"):
            work.add(ConferenceStep(conference_id=conference, step=step, done_on=ISSUED, at=work.now))
        work.commit()
    make(services, clerk, "case-file", tmp_path / "h.docx")
    listed = words(tmp_path / "h.docx")
    assert "nhân dân" not in listed.replace("ủy ban nhân dân", "")
    assert "Thông báo công khai cho Nhân dân" in listed


@pytest.mark.parametrize(
    ("regulation", "number", "symbol"),
    [
        ("thanh-hoa", None, "BB-MTTQ-BTT"),
        ("thanh-hoa", "51/BB-UBND", "BB-UBND"),
        ("dien-bien", None, "BB-UBND"),
        ("dien-bien", "9/BB-MTTQ-BTT", "BB-MTTQ-BTT"),
    ],
)
def test_minutes_carry_the_head_of_whoever_the_text_or_the_recorded_number_names(
    services: Services, clerk: int, tmp_path: Path, regulation: str, number: str | None, symbol: str
) -> None:
    conference = make_conference(services, regulation=regulation)
    if number:
        with services.writing() as work:
            work.add(
                ConferenceStep(
                    conference_id=conference,
                    step="minutes_signed",
                    done_on=dt.date(2026, 11, 28),
                    document_number=number,
                    at=work.now,
                )
            )
            work.commit()
    make(services, clerk, "minutes", tmp_path / "m.docx")
    assert f"/{symbol}" in words(tmp_path / "m.docx")


def test_a_recorded_number_decides_whose_invitation_it_is(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services, state="agenda_set")
    make(services, clerk, "invitation", tmp_path / "a.docx")
    with services.writing() as work:
        work.add(
            ConferenceStep(
                conference_id=conference,
                step="invitations_sent",
                done_on=dt.date(2026, 11, 19),
                document_number="47/GM-UBND",
                at=work.now,
            )
        )
        work.commit()
    make(services, clerk, "invitation", tmp_path / "b.docx")
    assert "GM-UBND" in words(tmp_path / "b.docx")
    assert "TM. ỦY BAN NHÂN DÂN" in words(tmp_path / "b.docx")


def test_numbers_for_the_pen_are_dots_and_who_gave_no_name_is_said(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services)
    with services.writing() as work:
        work.add(SpeakingRegistration(conference_id=conference, matter="đèn đường", created_at=work.now))
        work.commit()
    make(services, clerk, "conclusion", tmp_path / "c.docx")
    assert f"với {FEW} người dự" in words(tmp_path / "c.docx")
    make(services, clerk, "minutes", tmp_path / "m.docx")
    assert f"số người dự: {FEW}." in words(tmp_path / "m.docx")
    assert table(tmp_path / "m.docx", "Thứ tự")[1][1] == "không ghi tên"
    make(services, clerk, "speakers", tmp_path / "s.docx", Readers.INTERNAL)
    assert table(tmp_path / "s.docx", "Thứ tự")[1][1] == "không ghi tên"


def test_a_village_reads_how_many_matters_there_were_and_how_many_were_its_own(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services, state="concluded")
    for position, village in ((1, "t4"), (2, "t5"), (3, None)):
        make_line(services, conference, position, (None, "x"), village=village, outcome="answered")
    make(services, clerk, "public-result", tmp_path / "out")
    text = words(tmp_path / "out" / f"ket-qua-cong-khai-{CODE}-thon-4.docx")
    assert "đã xem xét 3 vấn đề bà con nêu, trong đó 1 vấn đề của thôn 4" in text
    assert "Bản này dành cho thôn 4, kèm 1 việc chung." in text
    assert "Đã trả lời tại hội nghị 2 vấn đề." in text


def test_a_plan_lists_its_dates_in_order_and_warns_of_a_cut_off_after_the_summary(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services, state="planned")
    early = make(services, clerk, "plan", tmp_path / "a.docx")
    assert not any("ngày chốt" in one for one in early.reviews)
    with services.writing() as work:
        work.session.get_one(Conference, conference).cutoff_on = dt.date(2026, 11, 25)
        work.commit()
    made = make(services, clerk, "plan", tmp_path / "p.docx")
    rows = [row[3] for row in table(tmp_path / "p.docx", "STT")[1:]]
    days = [tuple(reversed(day.split("/"))) for day in rows if day.count("/") == 2]
    assert len(days) > 3
    assert days == sorted(days)
    assert any(one.startswith("ngày chốt nhận ý kiến 25/11/2026 sau ngày") for one in made.reviews)


@pytest.mark.parametrize("lines", [0, 2, 25])
def test_a_paper_speaks_of_an_annexed_list_only_when_the_list_is_there(
    services: Services, clerk: int, tmp_path: Path, lines: int
) -> None:
    conference = make_conference(services, state="agenda_set")
    for position in range(1, lines + 1):
        make_line(services, conference, position, (None, "x"), title=f"Việc số {position}")
    for name in ("programme", "plan", "public-notice"):
        make(services, clerk, name, tmp_path / f"{name}.docx")
        text = words(tmp_path / f"{name}.docx")
        assert ("theo danh mục kèm theo" in text) is ("DANH MỤC NỘI DUNG ĐỐI THOẠI" in text)
        assert lines == 0 or f"Việc số {lines}" in text
    notice = words(tmp_path / "public-notice.docx")
    assert lines != 2 or ("- Việc số 1 (thôn 4);" in notice and "- Việc số 2 (thôn 4)." in notice)


def test_neighbouring_lines_are_named_as_a_range() -> None:
    assert unread([9, 1, 2, 4, 5, 6, 7]).endswith(": 1, 2, 4-7, 9")


def test_lines_whose_title_nobody_has_read_are_named_with_every_paper_that_prints_them(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services, state="agenda_set")
    for position in (1, 2):
        make_line(services, conference, position, (None, "x"))
    read = make_line(services, conference, 3, (None, "x"))
    with services.writing() as work:
        work.session.get_one(OpinionGroup, read.group).titled_by_staff = True
        work.commit()
    for name, readers in (("programme", None), ("conclusion", None), ("agenda", Readers.PUBLIC), ("minutes", None)):
        made = make(services, clerk, name, tmp_path / f"{name}.docx", readers)
        assert "dòng mang tên máy đặt, chưa ai đọc lại: 1, 2" in made.reviews, name
