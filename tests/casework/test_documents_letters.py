"""Letters after the conference: to agencies, askers and other bodies."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from casework.errors import Forbidden, IllegalMove, NotFound
from casework.usecases.work import Services
from storage.records import OpinionState, Role
from tests.casework.conference_day import (
    CODE,
    make_answer,
    make_assignment,
    make_conference,
    make_line,
    make_referral,
)
from tests.casework.factories import make_citizen, make_opinion, make_staff
from tests.casework.papers import FLOWING, HOSTILE, NATION, make, table, words


@pytest.fixture
def clerk(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


def test_each_agency_gets_its_own_lines_with_the_date_and_how_it_is_counted(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(
        services, state="concluded", conclusion_number="12/TB-UBND", conclusion_on=dt.date(2026, 12, 7)
    )
    for position, agency in ((1, "Công an xã"), (2, "Phòng Kinh tế"), (3, "Công an xã")):
        line = make_line(
            services, conference, position, ("Lò Thị Tưởng", "riêng"), outcome="deferred", state="assigned"
        )
        make_assignment(services, line, agency)
    made = make(services, clerk, "assignments", tmp_path / "out")
    assert [path.name for path in made.paths] == [
        f"giao-viec-{CODE}-cong-an-xa.docx",
        f"giao-viec-{CODE}-phong-kinh-te.docx",
    ]
    assert [row[0] for row in table(made.paths[0], "Mục")[1:]] == ["1", "3"]
    text = words(made.paths[0])
    assert "Kính gửi: Công an xã" in text
    assert "Phòng Kinh tế" not in text
    assert "Mục 1, 3: " in text
    assert "ngày làm việc thứ 20 sau ngày ban hành thông báo kết luận 07/12/2026" in text
    assert "Lò Thị Tưởng" not in text
    assert table(made.paths[1], "Mục")[1][5] == "05/01/2027"


def test_agencies_whose_long_names_begin_alike_get_a_file_each(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services, state="concluded")
    for position in (1, 2):
        line = make_line(services, conference, position, (None, "x"), outcome="deferred", state="assigned")
        make_assignment(services, line, f"Trung tâm Phục vụ hành chính công xã Tân Minh, bộ phận {position}")
    made = make(services, clerk, "assignments", tmp_path / "out")
    assert len(set(made.paths)) == 2
    assert ["bộ phận 1" in words(path) for path in made.paths] == [True, False]


def test_every_asker_gets_one_letter_that_names_nobody_else(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services, state="concluded")
    line = make_line(
        services,
        conference,
        1,
        ("Lò Thị Tưởng", "Lời của bà Tưởng"),
        ("Vàng A Súa", "Lời của ông Súa"),
        (None, HOSTILE),
        state="answered",
    )
    make_answer(services, line.group, "Đã gặp bà Lò Thị Tưởng và ông VÀNG A SÚA.\nSẽ sửa trong quý I.")
    made = make(services, clerk, "answers", tmp_path / "out")
    assert len(made.paths) == len(line.opinions) == 3
    first, second, third = (words(path) for path in made.paths)
    assert "Kính gửi: Ông/Bà Lò Thị Tưởng" in first
    assert "“Lời của bà Tưởng”" in first
    assert "Đã gặp bà Lò Thị Tưởng và ông (…)." in first
    assert "Súa" not in first
    assert "SÚA" not in first
    assert "Đã gặp bà (…) và ông VÀNG A SÚA." in second
    assert "Tưởng" not in second
    assert "Phòng Kinh tế trả lời tại Văn bản số 45/UBND-KT ngày 10/12/2026" in second
    assert f"“{FLOWING}”" in third
    assert "Kính gửi: Người gửi ý kiến mã" in third


def test_all_letters_fit_into_one_file_each_on_pages_of_its_own(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services, state="concluded")
    line = make_line(services, conference, 1, *[(f"Lò Thị Số {n}", f"lời {n}") for n in range(5)], state="answered")
    make_answer(services, line.group, "Đã sửa.")
    path = tmp_path / "all.docx"
    assert make(services, clerk, "answers", path).paths == (path,)
    document = Document(str(path))
    assert len(document.sections) == 5
    assert words(path).count(NATION) == 5
    starts = [section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) for section in document.sections]
    assert starts == ["1"] * 5


def test_one_code_makes_one_letter_and_a_draft_answer_none(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services, state="concluded")
    line = make_line(services, conference, 1, ("Lò Thị Tưởng", "a"), ("Vàng A Súa", "b"), state="assigned")
    code = line.opinions[1].code or ""
    make_answer(services, line.group, "đang soạn", state="draft")
    with pytest.raises(NotFound):
        make(services, clerk, "answers", tmp_path / "out", target=code)
    make_answer(services, line.group, "Hẹn báo lại.", final=False, promised_on=dt.date(2027, 1, 20), state="approved")
    made = make(services, clerk, "answers", tmp_path / "out", target=code)
    (path,) = made.paths
    text = words(path)
    assert "Vàng A Súa" in text
    assert "trả lời bước đầu" in text
    assert "20/01/2027" in text


def test_a_village_officer_makes_the_letters_of_the_own_village_only(services: Services, tmp_path: Path) -> None:
    conference = make_conference(services, state="concluded")
    line = make_line(services, conference, 1, ("Lò Thị Tưởng", "a"), state="answered", village="t4")
    elsewhere = make_opinion(services, group=line.group, state=OpinionState.ANSWERED, text="b", village="t5")
    make_answer(services, line.group, "Đã sửa.")
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    made = make(services, officer, "answers", tmp_path / "out", target=f"{CODE}/1")
    assert len(made.paths) == 1
    assert (elsewhere.code or "?")[:3] not in made.paths[0].name
    with pytest.raises(Forbidden):
        make(services, officer, "answers", tmp_path / "all")


def test_a_transfer_slip_goes_where_somebody_decided_and_the_rest_is_only_named(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services)
    sent = make_line(services, conference, 1, ("Lò Thị Tưởng", "riêng"), title="Quốc lộ xuống cấp", level="tinh")
    make_referral(services, sent.group, "Sở Xây dựng")
    make_line(services, conference, 2, (None, "x"), title="Giá điện", level="trung-uong")
    make_line(services, conference, 3, (None, "x"), title="Đường thôn")
    made = make(services, clerk, "transfers", tmp_path / "out")
    assert [path.name for path in made.paths] == [f"phieu-chuyen-{CODE}-so-xay-dung.docx"]
    assert table(made.paths[0], "STT")[1][1] == "Quốc lộ xuống cấp"
    assert "Kính gửi: Sở Xây dựng" in words(made.paths[0])
    assert "Lò Thị Tưởng" not in words(made.paths[0])
    assert "Giá điện" not in words(made.paths[0])
    assert "mục 2 xếp trên cấp xã mà chưa ai quyết định chuyển đi đâu" in made.reviews


def test_nothing_to_assign_or_transfer_makes_no_paper(services: Services, clerk: int, tmp_path: Path) -> None:
    make_conference(services)
    assert make(services, clerk, "assignments", tmp_path / "out").paths == ()
    assert make(services, clerk, "transfers", tmp_path / "x.docx").paths == ()
    assert not [*tmp_path.rglob("*.docx"), *tmp_path.glob("out")]


def test_only_the_confidential_role_makes_a_guidance_slip_and_it_says_nothing_of_the_matter(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    keeper = make_staff(services, Role.CONFIDENTIAL)
    person = make_citizen(services, name="Lò Thị Tưởng", village="t4")
    sealed = make_opinion(
        services, citizen=person, sealed=True, state=OpinionState.REDIRECTED, kind="to-cao", text="ông X nhận tiền"
    )
    complaint = make_opinion(services, state=OpinionState.REDIRECTED, kind="khieu-nai", text="quyết định 5 sai")
    for target, error in ((f"#{sealed.id}", NotFound), (complaint.code or "", Forbidden)):
        with pytest.raises(error):
            make(services, clerk, "redirect", tmp_path / "r.docx", target=target)
        make(services, keeper, "redirect", tmp_path / "r.docx", target=target)
        text = words(tmp_path / "r.docx")
        assert "nhận tiền" not in text
        assert "quyết định 5" not in text
    make(services, keeper, "redirect", tmp_path / "r.docx", target=f"#{sealed.id}")
    assert "Lò Thị Tưởng" in words(tmp_path / "r.docx")


def test_no_guidance_slip_leaves_before_a_person_confirmed_what_it_is(services: Services, tmp_path: Path) -> None:
    keeper = make_staff(services, Role.CONFIDENTIAL)
    held = make_opinion(services, sealed=True, state=OpinionState.HELD, kind="to-cao", text="ông X nhận tiền")
    with pytest.raises(IllegalMove, match="Chưa có người xác nhận"):
        make(services, keeper, "redirect", tmp_path / "r.docx", target=f"#{held.id}")
    assert not (tmp_path / "r.docx").exists()
