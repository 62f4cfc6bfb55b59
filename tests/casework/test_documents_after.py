from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from casework.documents.fill import BLANK
from casework.documents.registry import Order, Readers, kind
from casework.errors import Forbidden, IllegalMove
from casework.usecases.work import Services
from storage.records import ConferenceStep, OpinionState, Role
from tests.casework.conference_day import (
    CODE,
    make_answer,
    make_assignment,
    make_conference,
    make_line,
)
from tests.casework.factories import make_opinion, make_staff
from tests.casework.papers import FLOWING, HOSTILE, NATION, make, table, words


@pytest.fixture
def clerk(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


# --------------------------------------------------------------------------- minutes


def test_the_minutes_keep_every_askers_words_as_they_were_said(services: Services, clerk: int, tmp_path: Path) -> None:
    long = "Đường thôn 4 lầy lội lắm. " * 400
    conference = make_conference(services)
    make_line(services, conference, 1, ("Lò Thị Tưởng", long), (None, "đèn đường\ntắt cả tháng"))
    make_line(services, conference, 2, ("Vàng A Súa", HOSTILE), source="floor", village=None)
    path = tmp_path / "m.docx"
    make(services, clerk, "minutes", path)
    text = words(path)
    for said in (long, "đèn đường tắt cả tháng", FLOWING):
        assert f"Nguyên văn: “{said}”" in text
    assert "Lò Thị Tưởng, thôn 4" in text
    assert text.index("V. Ý KIẾN NÊU THÊM TẠI HỘI TRƯỜNG") < text.index("Vàng A Súa")
    assert text.count("(nêu tại hội trường)") == 1


def test_minutes_say_who_presided_wrote_and_came_and_what_became_of_each_line(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(
        services,
        attendance=132,
        invited=150,
        officials={"co_chairs": ["Chủ tịch HĐND xã"], "secretaries": ["Trần Thị Huệ", "Phạm Văn Đông"]},
        conclusion_text="Làm đúng hẹn.\nBáo cáo lại.",
        stopped_why="mất điện",
    )
    make_line(
        services,
        conference,
        1,
        ("Lò Thị Tưởng", "Bao giờ sửa đường?"),
        outcome="answered",
        answered_by="Chủ tịch UBND xã",
        outcome_note="Quý I năm sau.",
    )
    path = tmp_path / "m.docx"
    made = make(services, clerk, "minutes", path)
    text = words(path)
    for part in (
        "Chủ trì: Chủ tịch UBND xã Lê Văn Bằng.",
        "Đồng chủ trì: Chủ tịch HĐND xã.",
        "Thư ký ghi biên bản: Trần Thị Huệ; Phạm Văn Đông.",
        "Số người được mời: 150; số người dự: 132.",
        "Người trả lời: Chủ tịch UBND xã. Nội dung trả lời: Quý I năm sau.",
        "Kết quả: Đã trả lời tại hội nghị (Chủ tịch UBND xã)",
        "Báo cáo lại.",
        "Lý do: mất điện.",
        "NGƯỜI CHỦ TRÌ",
    ):
        assert part in text
    assert made.blanks == ("giờ kết thúc",)


def test_what_nobody_recorded_stays_blank_in_the_minutes_and_is_listed(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services)
    make_line(services, conference, 1, (None, "Bao giờ sửa đường?"))
    made = make(services, clerk, "minutes", tmp_path / "m.docx")
    assert "kết quả mục 1" in made.blanks
    assert "thư ký" in made.blanks
    assert "kết luận của người chủ trì" in made.blanks
    text = words(tmp_path / "m.docx")
    assert f"Số: {BLANK}/BB-MTTQ-BTT" in text
    assert f"ngày {BLANK} tháng {BLANK} năm {BLANK}" in text
    assert "DỰ THẢO" in text
    assert "Kết quả: ......" in text


def test_sealed_words_and_what_waits_as_a_complaint_stand_in_no_paper(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services)
    line = make_line(services, conference, 1, (None, "Bao giờ sửa đường?"))
    make_opinion(services, group=line.group, sealed=True, text="tố cáo ông X", state=OpinionState.HELD)
    make_opinion(
        services, state=OpinionState.HELD, text="khiếu nại quyết định", conference_id=conference, source="floor"
    )
    for name in ("minutes", "conclusion", "public-result", "case-file"):
        make(services, clerk, name, tmp_path / f"{name}.docx")
        text = words(tmp_path / f"{name}.docx")
        assert "tố cáo ông X" not in text
        assert "khiếu nại quyết định" not in text
    assert "1 ý kiến được tiếp nhận để xem xét theo quy định" in words(tmp_path / "minutes.docx")


def test_a_line_whose_only_words_were_sealed_since_is_spoken_of_nowhere(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services, state="concluded")
    make_line(services, conference, 1, (None, "x"), title="Đường thôn")
    make_line(services, conference, 2, title="Ông X nhận tiền")
    held = make_line(services, conference, 3, (None, "khiếu nại của tôi"), title="Quyết định 5", state="held")
    for name in ("minutes", "conclusion", "public-result"):
        make(services, clerk, name, tmp_path / f"{name}.docx")
        text = words(tmp_path / f"{name}.docx")
        assert "Đường thôn" in text
        assert "Ông X" not in text
        assert "Quyết định 5" not in text
        assert "khiếu nại của tôi" not in text
    assert held.opinions


def test_whose_territory_is_one_village_makes_no_minutes(services: Services, tmp_path: Path) -> None:
    make_conference(services)
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    with pytest.raises(Forbidden):
        make(services, officer, "minutes", tmp_path / "m.docx")
    with pytest.raises(Forbidden):
        make(services, None, "minutes", tmp_path / "m.docx")
    assert not [*tmp_path.rglob("*.docx"), *tmp_path.glob("out")]


# --------------------------------------------------------------------------- conclusion


def test_the_annex_of_the_conclusion_has_every_line_and_names_no_asker(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(
        services, state="concluded", conclusion_number="12/TB-UBND", conclusion_on=dt.date(2026, 12, 7)
    )
    for position in range(1, 61):
        make_line(services, conference, position, ("Lò Thị Tưởng", "riêng tư"), outcome="answered")
    told = make_line(
        services,
        conference,
        61,
        (None, "x"),
        outcome="answered",
        answered_by="Chủ tịch UBND xã",
        outcome_note="Đã nói với bà Lò Thị Tưởng rồi.",
    )
    owed = make_line(services, conference, 62, (None, "y"), outcome="deferred", state="assigned")
    make_assignment(services, owed, "Công an xã")
    path = tmp_path / "c.docx"
    make(services, clerk, "conclusion", path)
    annex = table(path, "STT")
    assert [row[0] for row in annex[1:-1]] == [str(number) for number in range(1, 63)]
    assert annex[61][2] == "Đã trả lời tại hội nghị (Chủ tịch UBND xã): Đã nói với bà (…) rồi"
    assert annex[62][3:] == ["Công an xã", "05/01/2027"]
    assert annex[63][0] == "Cộng: 62 vấn đề"
    text = words(path)
    assert "Lò Thị Tưởng" not in text
    assert "riêng tư" not in text
    assert "Số: 12/TB-UBND" in text
    assert "ngày 07 tháng 12 năm 2026" in text
    assert "DỰ THẢO" not in text
    assert told.group


def test_headings_of_long_tables_repeat_on_every_page_and_rows_stay_whole(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services)
    make_line(services, conference, 1, (None, "x"))
    for name in ("conclusion", "public-result", "case-file", "minutes"):
        make(services, clerk, name, tmp_path / f"{name}.docx")
        for one in Document(str(tmp_path / f"{name}.docx")).tables:
            if one.style is not None and one.style.name == "Table Grid":
                assert one.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
                assert all(row._tr.find(f".//{qn('w:cantSplit')}") is not None for row in one.rows)


def test_a_conclusion_can_be_drafted_before_anything_is_known(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services, state="agenda_set")
    make_line(services, conference, 1, (None, "x"), title="Sửa đường thôn 4")
    made = make(services, clerk, "conclusion", tmp_path / "c.docx")
    text = words(tmp_path / "c.docx")
    assert "DỰ THẢO" in text
    assert "Đã trả lời tại hội nghị" not in text
    assert table(tmp_path / "c.docx", "STT")[1] == ["1", "Sửa đường thôn 4 (thôn 4)", "", "", ""]
    assert "kết quả mục 1" in made.blanks


@pytest.mark.parametrize(
    ("issued", "ordered", "printed"),
    [("12/TB-HĐND", None, "12/TB-HĐND"), ("12", None, "12/TB-UBND"), (None, "09", "09/TB-UBND")],
)
def test_the_conclusion_carries_the_number_it_was_issued_under(
    services: Services, clerk: int, tmp_path: Path, issued: str | None, ordered: str | None, printed: str
) -> None:
    day = dt.date(2026, 12, 7)
    make_conference(services, conclusion_number=issued, conclusion_on=day if issued else None)
    order = Order(target=CODE, out=tmp_path / "c.docx", number=ordered, signed_on=day if ordered else None)
    kind("conclusion").make(services, clerk, order)
    text = words(tmp_path / "c.docx")
    assert f"Số: {printed}" in text
    assert f"(Kèm theo Thông báo số {printed} ngày 07/12/2026)" in text


@pytest.mark.parametrize(
    ("issued", "party", "printed"),
    [
        (None, True, f"Số {BLANK}-TB/ĐU"),
        ("15-TB/ĐU", True, "(Kèm theo Thông báo số 15-TB/ĐU ngày 07/12/2026)"),
        ("12/TB-UBND", False, "(Kèm theo Thông báo số 12/TB-UBND ngày 07/12/2026)"),
    ],
)
def test_what_a_party_secretary_concludes_has_the_head_of_the_body_in_its_number(
    services: Services, clerk: int, tmp_path: Path, issued: str | None, party: bool, printed: str
) -> None:
    make_conference(
        services,
        chair="Bí thư Đảng ủy xã",
        state="concluded",
        conclusion_number=issued,
        conclusion_on=dt.date(2026, 12, 7) if issued else None,
    )
    make(services, clerk, "conclusion", tmp_path / "c.docx")
    text = words(tmp_path / "c.docx")
    assert ("ĐẢNG CỘNG SẢN VIỆT NAM" in text) is party
    assert (NATION in text) is not party
    assert printed in text
    assert ("DỰ THẢO" in text) is (issued is None)


# --------------------------------------------------------------------------- public result, case file


def test_the_public_result_names_and_quotes_nobody(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services, state="concluded")
    line = make_line(
        services,
        conference,
        1,
        ("Lò Thị Tưởng", "nguyên văn của tôi"),
        title="Sửa đường nhà bà Lò Thị Tưởng",
        outcome="answered",
        outcome_note="Gọi bà Lò Thị Tưởng theo số 0912 345 678.",
        state="answered",
    )
    make_answer(services, line.group, "Trả lời Lò Thị Tưởng: đã sửa.")
    path = tmp_path / "p.docx"
    made = kind("public-result").make(services, None, Order(target=CODE, out=path))
    text = words(made.paths[0])
    for private in ("Lò Thị Tưởng", "nguyên văn của tôi", "0912", line.opinions[0].code or "?"):
        assert private not in text
    assert "Sửa đường nhà bà (…)" in text
    assert "ỦY BAN NHÂN DÂN" in text


def test_each_village_head_gets_the_villages_results_with_the_common_ones(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services, state="concluded")
    make_line(services, conference, 1, (None, "x"), title="Việc thôn 4", village="t4")
    make_line(services, conference, 2, (None, "x"), title="Việc thôn 5", village="t5")
    make_line(services, conference, 3, (None, "x"), title="Việc cả xã", village=None)
    made = make(services, clerk, "public-result", tmp_path / "out")
    found = {path.name: words(path) for path in made.paths}
    assert set(found) == {
        f"ket-qua-cong-khai-{CODE}.docx",
        f"ket-qua-cong-khai-{CODE}-thon-4.docx",
        f"ket-qua-cong-khai-{CODE}-thon-5.docx",
    }
    assert all(
        title in found[f"ket-qua-cong-khai-{CODE}.docx"] for title in ("Việc thôn 4", "Việc thôn 5", "Việc cả xã")
    )
    assert "Việc thôn 5" not in found[f"ket-qua-cong-khai-{CODE}-thon-4.docx"]
    assert "Việc cả xã" in found[f"ket-qua-cong-khai-{CODE}-thon-4.docx"]


def test_no_result_is_published_before_the_conference_was_held(services: Services, clerk: int, tmp_path: Path) -> None:
    make_conference(services, state="agenda_set")
    with pytest.raises(IllegalMove, match="chưa họp"):
        make(services, clerk, "public-result", tmp_path / "p.docx")


def test_the_case_file_lists_the_papers_that_exist_and_no_other(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(
        services, state="concluded", conclusion_number="12/TB-UBND", conclusion_on=dt.date(2026, 12, 7)
    )
    line = make_line(services, conference, 1, (None, "x"), state="answered")
    make_answer(services, line.group, "Đã sửa.")
    make_answer(services, line.group, "đang soạn", state="draft", document_number="99/KT")
    with services.writing() as work:
        for step, number, void in (("plan", "3/KH-MTTQ-BTT", None), ("invitations_sent", "9/GM-UBND", work.now)):
            work.add(
                ConferenceStep(
                    conference_id=conference,
                    step=step,
                    done_on=dt.date(2026, 11, 5),
                    document_number=number,
                    at=work.now,
                    void_at=void,
                )
            )
        work.commit()
    make(services, clerk, "case-file", tmp_path / "h.docx")
    assert [row[1:4] for row in table(tmp_path / "h.docx", "STT")[1:]] == [
        ["05/11/2026", "3/KH-MTTQ-BTT", "Ban hành kế hoạch"],
        ["07/12/2026", "12/TB-UBND", "Thông báo kết luận"],
        ["10/12/2026", "45/UBND-KT", "Văn bản trả lời của Phòng Kinh tế, mục 1"],
    ]


def test_hostile_words_stay_words_in_every_paper(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services, chair=HOSTILE, place=HOSTILE, conclusion_text=HOSTILE, stopped_why=HOSTILE)
    line = make_line(
        services,
        conference,
        1,
        (HOSTILE, HOSTILE),
        title=HOSTILE,
        outcome="deferred",
        outcome_note=HOSTILE,
        state="assigned",
    )
    make_assignment(services, line, HOSTILE)
    make_answer(services, line.group, HOSTILE, agency=HOSTILE, document_number=HOSTILE)
    for name in ("minutes", "conclusion", "assignments", "answers", "public-result", "case-file"):
        path = tmp_path / f"{name}.docx"
        make(services, clerk, name, path)
        assert "{{ 7*7 }}" in words(path)
        assert "49" not in words(path).replace(line.opinions[0].code or "", "")


def test_filling_tells_how_far_it_is(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services)
    for position in range(1, 31):
        make_line(services, conference, position, (None, "x"))
    told: list[tuple[int, int]] = []
    order = Order(target=CODE, out=tmp_path / "m.docx", progress=lambda done, total: told.append((done, total)))
    kind("minutes", Readers.INTERNAL).make(services, clerk, order)
    filling = [one for one in told if one[1] != 30]
    assert filling
    assert filling == sorted(filling)
    assert filling[-1][0] == filling[-1][1] == 60
