"""Papers before the day of a conference, opened again as Word documents."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from casework.codes import spoken
from casework.documents.build_templates import drawings
from casework.documents.fill import shipped_templates
from casework.documents.registry import DocumentKind, Made, Order, Readers, fitting_kinds, kind, kinds
from casework.documents.summary_words import pieces
from casework.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from casework.regulations import regulation, regulations
from casework.regulations.model import ConferenceKind, Step
from casework.usecases.conference import conferences
from casework.usecases.documents import before
from casework.usecases.work import Services
from storage.records import (
    Assignment,
    Conference,
    ConferenceState,
    Opinion,
    OpinionState,
    Role,
    SpeakingRegistration,
)
from tests.casework.conference_day import make_referral
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

HELD_ON = dt.date(2026, 11, 20)
CODE = "HN-20261120"
HOSTILE = "<b>&amp; </w:t></w:r> {{ 7*7 }} {% raw %} {{ head }} \x00\x1b[31m =1+1 \u202eabc"
NAME = "Lò Thị Tưởng"


@pytest.fixture
def staff(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, name="Bà Mai")


def plan(
    services: Services,
    staff: int,
    *,
    title: str = "Hội nghị đối thoại năm 2026",
    place: str = "Hội trường xã",
    chair: str = "Bí thư Đảng ủy xã",
) -> None:
    conferences.plan(services, staff, title=title, place=place, chair=chair, starts_at="8:00", held_on=HELD_ON)


def ask(
    services: Services, title: str, *, level: str = "xa", words: str = "Đèn tắt cả tháng nay", people: int = 1
) -> int:
    group = make_group(services, title, level=level, village="t4")
    for _ in range(people):
        person = make_citizen(services, name=NAME, village="t4")
        make_opinion(services, citizen=person, group=group, text=words, village="t4", level=level)
    return group


def make(
    services: Services, staff: int, name: str, folder: Path, readers: Readers | None = None, **more: object
) -> Made:
    order = Order(target=CODE, out=folder, **more)  # type: ignore[arg-type]
    return kind(name, readers).make(services, staff, order)


def text_of(path: Path) -> str:
    """All words of a document, in and outside of tables."""
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def rows_of(path: Path, table: int) -> list[list[str]]:
    rows = []
    for line in Document(str(path)).tables[table].rows:
        rows.append(list({id(cell._tc): cell.text for cell in line.cells}.values()))
    return rows


def one(made: Made) -> Path:
    (path,) = made.paths
    return path


BEFORE = list(before.KINDS)


@pytest.mark.parametrize("wanted", BEFORE, ids=lambda one: f"{one.name}-{one.readers}")
def test_without_any_data_every_paper_is_a_draft_that_says_what_is_blank(
    services: Services, staff: int, tmp_path: Path, wanted: DocumentKind
) -> None:
    plan(services, staff)
    made = make(services, staff, wanted.name, tmp_path, wanted.readers)
    if wanted.readers is Readers.UPPER_FRONT:
        assert made.paths == ()
        return
    text = text_of(one(made))
    assert "DỰ THẢO" in text
    assert "Hội nghị đối thoại năm 2026" in text
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    if wanted.name != "agenda":
        assert "họ tên người ký" in made.blanks


def test_the_plan_takes_its_dates_from_the_regulation(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff)
    ask(services, "Đèn trục thôn 4 không sáng")
    conferences.build_agenda(services, staff, CODE)
    path = one(make(services, staff, "plan", tmp_path))
    schedule = {row[1].partition(" (gồm")[0]: row[3] for row in rows_of(path, 1)[1:]}
    assert schedule["Gửi bản tổng hợp ý kiến cho lãnh đạo"] == "11/11/2026"
    assert schedule["Thông báo công khai cho Nhân dân"] == "13/11/2026"
    assert schedule["Tổ chức hội nghị"] == "20/11/2026"
    assert schedule["Công khai kết quả"] == "30/11/2026"
    assert schedule["Trả lời bằng văn bản"] == "20 ngày làm việc sau ngày ban hành thông báo kết luận"
    who = {row[1].partition(" (gồm")[0]: (row[2], row[4]) for row in rows_of(path, 1)[1:]}
    assert who["Công khai kết quả"] == ("Ủy ban nhân dân", "Luật Tổ chức chính quyền địa phương 2025, Điều 43")
    text = text_of(path)
    assert "1. Đèn trục thôn 4 không sáng." in text
    assert "Căn cứ Luật Tổ chức chính quyền địa phương 2025." in text


#: a word of a part a text may demand, and where the plan has it
SECTIONS = {
    "chương trình": "V. CHƯƠNG TRÌNH HỘI NGHỊ",
    "nội dung": "II. NỘI DUNG ĐỐI THOẠI",
    "hình thức": "1. Hình thức: trực tiếp",
    "thời gian": "2. Thời gian: 8 giờ 00, ngày 20/11/2026",
    "địa điểm": "3. Địa điểm: Hội trường xã",
    "chủ trì": "1. Chủ trì: Bí thư Đảng ủy xã",
    "thành phần": "4. Thành phần: đại biểu được mời",
    "số lượng": "5. Số đại biểu dự kiến",
    "tuyên truyền": "VI. CÔNG TÁC TUYÊN TRUYỀN",
    "phân công": "TIẾN ĐỘ THỰC HIỆN",
}


@pytest.mark.parametrize("code", [text.code for text in regulations()])
@pytest.mark.parametrize("sort", [ConferenceKind.PERIODIC, ConferenceKind.AD_HOC])
def test_the_plan_has_every_part_its_regulation_demands(
    services: Services, staff: int, tmp_path: Path, code: str, sort: ConferenceKind
) -> None:
    plan(services, staff)
    with services.writing() as work:
        conference = work.session.exec(select(Conference)).one()
        conference.regulation, conference.regulation_version, conference.kind = code, None, sort
        work.commit()
    made = make(services, staff, "plan", tmp_path)
    text = text_of(one(made))
    rules = [rule for rule in regulation(code).steps if rule.step is Step.PLAN and sort in rule.kinds]
    for part in (part for rule in rules for part in rule.parts):
        sections = [section for word, section in SECTIONS.items() if word in part]
        assert all(section in text for section in sections), part
        # What the layout does not have gets a heading of its own and room for the pen.
        assert sections or (part.upper() in text and f"phần «{part}» của kế hoạch" in made.blanks), part


def test_a_paper_is_signed_when_number_and_day_are_given_together(
    services: Services, staff: int, tmp_path: Path
) -> None:
    plan(services, staff)
    path = one(make(services, staff, "plan", tmp_path, number="05", signed_on=dt.date(2026, 11, 5)))
    text = text_of(path)
    assert "DỰ THẢO" not in text
    assert "Số: 05/KH-MTTQ-BTT" in text
    assert "ngày 05 tháng 11 năm 2026" in text
    with pytest.raises(InvalidInput, match="đi cùng nhau"):
        make(services, staff, "plan", tmp_path, number="05")


def test_who_must_issue_a_paper_by_law_stands_in_its_head(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff)
    notice = text_of(one(make(services, staff, "public-notice", tmp_path)))
    assert "TB-UBND" in notice
    assert "TM. ỦY BAN NHÂN DÂN" in notice
    assert "KH-MTTQ-BTT" in text_of(one(make(services, staff, "plan", tmp_path)))


def test_leaders_read_names_codes_and_every_word(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff)
    words = " ".join(f"câu{number}" for number in range(2_000))
    ask(services, "Đèn trục thôn 4 không sáng", words=words)
    path = one(make(services, staff, "summary", tmp_path, Readers.LEADERS))
    rows = rows_of(path, 2)
    with services.reading() as work:
        code = work.session.exec(select(Opinion.code)).one()
    said = [row[-1] for row in rows if len(row) == 6][1:]
    assert " ".join(said) == words
    assert any(spoken(code or "") in row and NAME in row for row in rows)
    assert "KHÔNG PHỔ BIẾN" in text_of(path)


def test_the_upper_front_gets_only_what_is_beyond_the_commune(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff)
    ask(services, "Đèn trục thôn 4 không sáng")
    referred = ask(services, "Mở rộng tỉnh lộ qua xã", level="tinh", people=2)
    make_referral(services, referred, "Sở Xây dựng")
    ask(services, "Giá điện sinh hoạt", level="trung-uong")
    burst = ask(services, "Đê vỡ ở bản Nà Pán", level="tinh")
    with services.writing() as work:
        work.add(Assignment(office_id=services.office_id, group_id=burst, agency="Công an xã", assigned_on=HELD_ON))
        work.commit()
    text = text_of(one(make(services, staff, "summary", tmp_path, Readers.UPPER_FRONT)))
    assert "Mở rộng tỉnh lộ qua xã" in text
    for other in ("Đèn trục", "Giá điện", "Đê vỡ", NAME):
        assert other not in text
    assert "1 vấn đề do 2 lượt người" in text


@pytest.mark.parametrize(
    ("sent_on", "shown"), [(None, True), (dt.date(2026, 11, 11), True), (dt.date(2026, 11, 25), False)]
)
def test_the_upper_front_gets_what_was_sent_while_the_conference_was_prepared(
    services: Services, staff: int, tmp_path: Path, sent_on: dt.date | None, shown: bool
) -> None:
    plan(services, staff)
    make_referral(services, ask(services, "Mở rộng tỉnh lộ", level="tinh"), "Sở Xây dựng", sent_on=sent_on)
    assert bool(make(services, staff, "summary", tmp_path, Readers.UPPER_FRONT).paths) is shown


def test_what_is_only_classed_above_the_commune_goes_up_as_a_question_where_staff_ask(
    services: Services, staff: int, tmp_path: Path
) -> None:
    plan(services, staff)
    ask(services, "Giá điện sinh hoạt", level="trung-uong")
    referred = ask(services, "Mở rộng tỉnh lộ qua xã", level="tinh")
    make_referral(services, referred, "Sở Xây dựng")
    text = text_of(one(make(services, staff, "upper-consult", tmp_path)))
    assert "Xin ý kiến về thẩm quyền" in text
    assert "Giá điện sinh hoạt" in text
    assert "Mở rộng tỉnh lộ" not in text
    assert all(kind("upper-consult") not in fitting_kinds(state) for state in ConferenceState)


def test_the_summary_counts_late_and_referred_issues_beside_the_agenda(
    services: Services, staff: int, tmp_path: Path
) -> None:
    plan(services, staff)
    on_agenda = ask(services, "Đèn trục thôn 4 không sáng")
    conferences.build_agenda(services, staff, CODE)
    late = make_group(services, "Cống thôn 5 tắc")
    make_opinion(services, group=late, late=True, village="t5")
    referred = make_group(services, "Quốc lộ nhiều ổ gà", level="trung-uong")
    make_opinion(services, group=referred, state=OpinionState.REFERRED)
    make_referral(services, referred, "Bộ Xây dựng")
    path = one(make(services, staff, "summary", tmp_path, Readers.LEADERS))
    text = text_of(path)
    assert "có 3 ý kiến, gộp thành 3 vấn đề do 3 lượt người" in text
    assert "1 vấn đề đã đưa vào nội dung đối thoại, 1 vấn đề vượt thẩm quyền cấp xã, 1 vấn đề chỉ có ý kiến đến" in text
    assert "(đến sau ngày chốt)" in text
    assert on_agenda


def test_what_is_sealed_or_held_is_on_no_paper(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff)
    group = ask(services, "Đèn trục thôn 4 không sáng")
    make_opinion(services, group=group, sealed=True, text="ông Bùi Văn Kín nhận tiền")
    held = make_opinion(services, group=group, state=OpinionState.HELD, text="tố ông Bùi Văn Kín")
    with services.writing() as work:
        work.add(
            SpeakingRegistration(
                conference_id=1, opinion_id=held.id, matter="nói về ông Bùi Văn Kín", created_at=work.now
            )
        )
        work.commit()
    for wanted in BEFORE:
        for path in make(services, staff, wanted.name, tmp_path, wanted.readers).paths:
            assert "Bùi Văn Kín" not in text_of(path), wanted


def test_public_forms_name_nobody_and_quote_nobody(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff)
    group = ask(services, "Đèn trục thôn 4 không sáng", words="Tôi là Hoàng Văn Lời, nhà ở ngõ 3")
    conferences.build_agenda(services, staff, CODE)
    with services.writing() as work:
        opinion = work.session.exec(select(Opinion).where(Opinion.group_id == group)).one()
        for position, (matter, about) in enumerate((("Tôi hỏi đèn", opinion.id), (f"{NAME}, 0950 000 999 hỏi", None))):
            work.add(
                SpeakingRegistration(
                    conference_id=1, opinion_id=about, name=NAME, matter=matter, position=position, created_at=work.now
                )
            )
        work.commit()
    public = [wanted for wanted in BEFORE if wanted.readers is Readers.PUBLIC]
    assert len(public) >= 6
    for wanted in public:
        made = make(services, staff, wanted.name, tmp_path, Readers.PUBLIC)
        text = text_of(one(made))
        for private in (NAME, "Hoàng Văn Lời", "ngõ 3", spoken(opinion.code or ""), "0950 000 999", "Tôi hỏi đèn"):
            assert private not in text, (wanted.name, private)
        if wanted.name == "speakers":
            assert "Đèn trục thôn 4 không sáng" in text
            assert any("đọc lại" in blank for blank in made.blanks)
    assert NAME in text_of(one(make(services, staff, "speakers", tmp_path, Readers.INTERNAL)))


def test_hostile_words_stay_words_in_every_paper(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff, title=HOSTILE, place=HOSTILE, chair=HOSTILE)
    make_referral(services, ask(services, HOSTILE, words=HOSTILE, level="tinh"), HOSTILE)
    conferences.build_agenda(services, staff, CODE)
    with services.writing() as work:
        work.add(SpeakingRegistration(conference_id=1, name=HOSTILE, matter=HOSTILE, created_at=work.now))
        work.commit()
    for wanted in BEFORE:
        if wanted.name == "upper-consult":
            # What was decided to go up is no question any more.
            continue
        text = text_of(one(make(services, staff, wanted.name, tmp_path, wanted.readers)))
        assert "{{ 7*7 }} {% raw %} {{ head }}" in text
        assert "49" not in text
        assert not set(text) & set("\x00\x1b\u202e")


def test_long_tables_repeat_their_heading_and_keep_rows_whole(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff)
    for number in range(60):
        ask(services, f"Việc số {number} ở thôn 4")
    conferences.build_agenda(services, staff, CODE)
    for wanted in BEFORE:
        for path in make(services, staff, wanted.name, tmp_path, wanted.readers).paths:
            xml = zipfile.ZipFile(path).read("word/document.xml").decode()
            tables = len(Document(str(path)).tables) - 2
            assert xml.count("<w:tblHeader/>") == tables, wanted
            assert xml.count("<w:cantSplit/>") >= sum(len(rows_of(path, n + 1)) for n in range(tables))
    assert "theo danh mục kèm theo" in text_of(tmp_path / f"ke-hoach-{CODE}.docx")


def test_names_and_own_words_are_for_those_who_decide(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff)
    officer = make_staff(services, Role.VILLAGE_OFFICER)
    assert make(services, officer, "public-notice", tmp_path).paths
    for name, readers in (
        ("summary", Readers.LEADERS),
        ("summary", Readers.UPPER_FRONT),
        ("speakers", Readers.INTERNAL),
    ):
        with pytest.raises(Forbidden):
            make(services, officer, name, tmp_path, readers)
    of_one_village = make_staff(services, Role.MODERATOR, village="t4")
    with pytest.raises(Forbidden):
        make(services, of_one_village, "summary", tmp_path, Readers.LEADERS)
    with pytest.raises(Forbidden):
        kind("plan").make(services, None, Order(target=CODE, out=tmp_path))


def test_a_paper_somebody_edited_is_not_replaced_unless_forced(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff)
    path = one(make(services, staff, "plan", tmp_path))
    assert make(services, staff, "plan", tmp_path).paths == (path,)
    edited = Document(str(path))
    edited.add_paragraph("Thêm một ý của Ban Thường trực")
    edited.save(str(path))
    with pytest.raises(IllegalMove, match="đã có người sửa"):
        make(services, staff, "plan", tmp_path)
    assert "Thêm một ý" in text_of(path)
    make(services, staff, "plan", tmp_path, force=True)
    assert "Thêm một ý" not in text_of(path)
    path.write_bytes(b"khong phai Word")
    with pytest.raises(IllegalMove):
        make(services, staff, "plan", tmp_path)


def test_an_office_edits_any_template(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff)
    own = tmp_path / "mau"
    own.mkdir()
    source = next(one for one in shipped_templates() if one.name == "invitation.docx")
    edited = Document(str(source))
    edited.add_paragraph("Xin mang theo giấy mời. Chủ trì: {{ chair }}")
    edited.save(str(own / source.name))
    path = one(make(services, staff, "invitation", tmp_path / "ra", templates=own))
    assert "Xin mang theo giấy mời. Chủ trì: Bí thư Đảng ủy xã" in text_of(path)
    (own / source.name).write_bytes(b"hong")
    with pytest.raises(InvalidInput, match=r"invitation\.docx"):
        make(services, staff, "invitation", tmp_path / "ra2", templates=own)


def test_where_a_file_cannot_be_written_people_are_told(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff)
    (tmp_path / "ho-so").write_text("một tệp, không phải thư mục")
    with pytest.raises(InvalidInput, match="Không ghi được"):
        make(services, staff, "plan", tmp_path / "ho-so")
    with pytest.raises(InvalidInput, match="Đổi đuôi tệp"):
        make(services, staff, "plan", tmp_path / "ke-hoach.xlsx")
    # A folder may have a dot in its name.
    assert one(make(services, staff, "plan", tmp_path / "nam.2026")).parent.name == "nam.2026"


def test_a_cancelled_conference_needs_no_papers(services: Services, staff: int, tmp_path: Path) -> None:
    plan(services, staff)
    with services.writing() as work:
        work.session.exec(select(Conference)).one().state = ConferenceState.CANCELLED
        work.commit()
    with pytest.raises(IllegalMove, match="đã hủy"):
        make(services, staff, "plan", tmp_path)
    assert fitting_kinds(ConferenceState.CANCELLED) == ()


def test_every_kind_is_filled_from_templates_that_are_drawn_and_every_drawing_is_used() -> None:
    used = {template for one in kinds() for template in one.templates}
    assert used - set(drawings()) == set()
    assert len({(one.name, one.readers) for one in kinds()}) == len(kinds())
    with pytest.raises(NotFound):
        kind("thiep-cuoi")
    for words in ("Giấy mời", "giay moi", "GIẤY MỜI", "invitation", "giay_moi"):
        assert kind(words).name == "invitation"
    assert kind("bien ban").name == "minutes"
    assert kind("bao cao tong hop y kien", Readers.PUBLIC).name == "summary"
    with pytest.raises(InvalidInput, match="leaders"):
        kind("summary")


@given(st.text(max_size=400), st.integers(min_value=5, max_value=60))
def test_cutting_words_into_rows_loses_nothing(words: str, limit: int) -> None:
    cut = pieces(words, limit)
    assert all(len(piece) <= limit for piece in cut)
    assert "".join(" ".join(cut).split()) == "".join(words.split())
