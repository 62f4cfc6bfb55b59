"""Slips, lists to sign, receipts and posters as they come out of the printer: opened again, codes read by a scanner."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from docx import Document
from PIL import Image

from casework.codes import spoken
from casework.documents.drawing.slips import make_receipt
from casework.doors import Entrances
from casework.errors import Forbidden, IllegalMove, InvalidInput, SetupNeeded
from casework.notices import tell_asker
from casework.usecases.answers.pages import open_page
from casework.usecases.delivery.by_hand import hand_over, waiting_slips
from casework.usecases.documents.posters import make_posters
from casework.usecases.documents.slips import print_slips
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.factories import make_citizen, make_opinion, make_staff
from tests.casework.papers import HOSTILE, table, words
from tests.casework.slips import ANSWER, notice_of, waiting_slip

OA = "2834567890123456789"
LONG = "Qua kiểm tra thực tế, tuyến đường trục thôn dài 1.250 m, trong đó 430 m mặt đường đã bong tróc, nước đọng. " * 4


def codes_on(path: Path) -> list[str]:
    """What a phone reads off the pictures of a paper, in the order of their names."""
    with zipfile.ZipFile(path) as package:
        names = sorted(name for name in package.namelist() if name.startswith("word/media/"))
        pictures = [Image.open(io.BytesIO(package.read(name))) for name in names]
    return [str(found.text) for picture in pictures for found in zxingcpp.read_barcodes(picture)]


def widths_on(path: Path) -> list[float]:
    """Widths of the pictures of a paper, cm."""
    return [shape.width.cm for shape in Document(str(path)).inline_shapes]


@pytest.fixture
def lan(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, name="Chị Lan")


def test_a_slip_whose_words_quote_the_matter_says_it_once(services, lan, tmp_path: Path) -> None:
    matter = "Đèn đường trục thôn Hạ tắt cả tháng nay, tối đi lại sợ lắm."
    opinion = make_opinion(services, citizen=make_citizen(services, channel=None), village="ha", text=matter)
    with services.writing() as work:
        tell_asker(work, opinion, purpose="answer", text=f"Về việc «{matter}»: đã thay bóng ngày 20/11.")
        work.commit()
    (printed,) = print_slips(services, lan, tmp_path)
    assert words(printed.path).count("Đèn đường trục thôn Hạ") == 1


def test_each_village_gets_its_slips_and_a_list_to_sign(services, lan, tmp_path: Path) -> None:
    above, _ = waiting_slip(services, village="thuong", name="Bà Tư Hoa")
    below, _ = waiting_slip(services, village="ha")
    first, second = print_slips(services, lan, tmp_path)
    assert (first.village, first.slips, second.village) == ("thôn Thượng", 1, "thôn Hạ")
    slip = words(first.path)
    assert spoken(above.code or "") in slip
    assert ANSWER in slip
    assert "UBND xã Tân Minh, văn bản số 15/UBND ngày 01/11/2026" in slip
    assert "0950 000 001" in slip
    assert spoken(below.code or "") not in slip
    assert "Bà Tư Hoa" not in slip
    assert first.sign_off is not None
    [_, row] = table(first.sign_off, "STT")
    assert row == ["1", spoken(above.code or ""), "Bà Tư Hoa", "thôn Thượng", "", ""]
    assert "NỘI BỘ" in words(first.sign_off)


def test_what_was_printed_is_not_printed_twice_unless_asked_and_never_over_another(
    services: Services, lan: int, tmp_path: Path
) -> None:
    _, notice = waiting_slip(services)
    [first] = print_slips(services, lan, tmp_path)
    assert notice_of(services, notice).printed_at == services.clock.now()
    assert print_slips(services, lan, tmp_path) == []
    later, _ = waiting_slip(services)
    [second] = print_slips(services, lan, tmp_path)
    assert second.path != first.path
    assert first.path.exists()
    assert words(second.path).count("Mã:") == 1
    [both] = print_slips(services, lan, tmp_path, again=True)
    assert both.slips == 2
    hand_over(services, lan, [later.code or ""])
    [left] = print_slips(services, lan, tmp_path, again=True)
    assert left.slips == 1


def test_a_long_answer_goes_on_over_several_halves_and_no_word_is_lost(services, lan, tmp_path: Path) -> None:
    text = "\n".join(f"{number}. {LONG}" for number in range(1, 9))
    opinion, _ = waiting_slip(services, text=text)
    [printed] = print_slips(services, lan, tmp_path)
    paper = words(printed.path)
    halves = paper.count(f"Mã: {spoken(opinion.code or '')}")
    assert halves > 2
    assert f"(tờ 1 trong {halves})" in paper
    assert f"(tờ {halves} trong {halves})" in paper
    assert paper.count("(còn tiếp ở tờ sau)") == halves - 1
    assert paper.count("tuyến đường trục") == text.count("tuyến đường trục")
    assert all(f"{number}. Qua kiểm tra" in paper for number in range(1, 9))
    assert printed.slips == 1
    assert printed.sign_off is not None
    assert len(table(printed.sign_off, "STT")) == 2


def test_the_code_on_a_slip_opens_the_page_of_this_answer(services, lan, tmp_path: Path) -> None:
    services.policy = replace(services.policy, public_url="https://tanminh.example.vn")
    opinion, _ = waiting_slip(services)
    [printed] = print_slips(services, lan, tmp_path)
    [url] = codes_on(printed.path)
    assert url.startswith("https://tanminh.example.vn/a/")
    assert f"Đọc trên mạng: {url}" in words(printed.path)
    page = open_page(services, url.rpartition("/")[2])
    assert page is not None
    assert page.code == opinion.code


def test_without_a_public_address_a_slip_has_no_code_to_scan(services, lan, tmp_path: Path) -> None:
    waiting_slip(services)
    [printed] = print_slips(services, lan, tmp_path)
    assert codes_on(printed.path) == []
    assert "Quét" not in words(printed.path)


def test_other_peoples_names_are_masked_in_an_answer_and_ones_own_stays(services, lan, tmp_path: Path) -> None:
    opinion, _ = waiting_slip(services, name="Bà Tư Hoa", text="Hộ Bà Tư Hoa và hộ Ông Sáu Lành được đo lại đất.")
    make_opinion(services, citizen=make_citizen(services, name="Ông Sáu Lành"), group=opinion.group_id)
    [printed] = print_slips(services, lan, tmp_path)
    assert "Hộ Bà Tư Hoa và hộ (…) được đo lại đất." in words(printed.path)


def test_who_is_named_in_an_answer_without_having_allowed_it_is_masked_on_paper_too(
    services, lan, tmp_path: Path
) -> None:
    waiting_slip(services, name=None, text="Đã đo lại đất của bà Bùi Thị Lựu ngày 25/11/2026.")
    [printed] = print_slips(services, lan, tmp_path)
    assert "Đã đo lại đất của bà (…) ngày 25/11/2026." in words(printed.path)


def test_what_people_wrote_neither_breaks_nor_runs_in_the_paper(services, lan, tmp_path: Path) -> None:
    waiting_slip(services, text=HOSTILE, title=HOSTILE, name=HOSTILE)
    [printed] = print_slips(services, lan, tmp_path)
    assert printed.sign_off is not None
    assert "{{ 7*7 }}" in words(printed.path)
    assert all("49" not in words(path) for path in (printed.path, printed.sign_off))


def test_a_village_officer_prints_for_the_own_village_only(services, tmp_path: Path) -> None:
    waiting_slip(services, village="thuong")
    mine, _ = waiting_slip(services, village="ha")
    bay = make_staff(services, Role.VILLAGE_OFFICER, village="ha")
    [printed] = print_slips(services, bay, tmp_path)
    assert printed.village == "thôn Hạ"
    assert spoken(mine.code or "") in words(printed.path)


def test_what_is_sealed_is_printed_apart_without_a_list_and_without_its_content(
    services: Services, lan: int, tmp_path: Path
) -> None:
    keeper = make_staff(services, Role.CONFIDENTIAL, Role.MODERATOR)
    person = make_citizen(services, channel=None, push=None, name="Bà Kín", village="ha")
    sealed = make_opinion(services, citizen=person, village="ha", sealed=True, text="Ông phó nhận phong bì")
    with services.writing() as work:
        tell_asker(work, sealed, purpose="declined", text="Nội dung ông/bà gửi ngày 2/11 đã được xem.")
        work.commit()
    assert print_slips(services, keeper, tmp_path) == []
    with pytest.raises(Forbidden):
        print_slips(services, lan, tmp_path, sealed=True)
    [printed] = print_slips(services, keeper, tmp_path, sealed=True)
    assert (printed.village, printed.sign_off) == (None, None)
    assert f"#{sealed.id}" in words(printed.path)
    for secret in ("phong bì", "Bà Kín", "thôn Hạ"):
        assert secret not in words(printed.path)


def test_sixty_slips_are_thirty_sheets(services, lan, tmp_path: Path) -> None:
    for _ in range(60):
        waiting_slip(services)
    [printed] = print_slips(services, lan, tmp_path)
    [halves] = Document(str(printed.path)).tables
    # Two rows a half: head and words.
    assert len(halves.rows) == 120
    assert printed.sign_off is not None
    assert len(table(printed.sign_off, "STT")) == 61


def test_two_notices_under_one_code_are_one_line_to_sign(services, lan, tmp_path: Path) -> None:
    opinion, _ = waiting_slip(services)
    with services.writing() as work:
        tell_asker(work, opinion, purpose="conclusion", text="Đã có thông báo kết luận.")
        work.commit()
    [printed] = print_slips(services, lan, tmp_path)
    assert printed.sign_off is not None
    [_, row] = table(printed.sign_off, "STT")
    assert row[1] == f"{spoken(opinion.code or '')} (2 phiếu)"
    assert "THÔNG BÁO GỬI ÔNG/BÀ" in words(printed.path)


def test_nothing_waiting_makes_no_paper(services, lan, tmp_path: Path) -> None:
    assert print_slips(services, lan, tmp_path / "phieu") == []
    assert waiting_slips(services, lan) == []


def test_what_could_not_be_written_does_not_count_as_printed(services, lan, tmp_path: Path) -> None:
    _, notice = waiting_slip(services)
    (tmp_path / "phieu").write_text("tệp, không phải thư mục", encoding="utf-8")
    with pytest.raises(InvalidInput):
        print_slips(services, lan, tmp_path / "phieu")
    assert notice_of(services, notice).printed_at is None


# --------------------------------------------------------------------------- receipt


def test_a_receipt_tells_the_code_twice_and_its_picture_opens_the_chat(tmp_path: Path) -> None:
    path = make_receipt(
        tmp_path / "giay-hen.docx",
        office="Ủy ban MTTQ Việt Nam xã Tân Minh",
        code="K7P4MX",
        date=dt.date(2026, 11, 3),
        consents=["Ghi tên cùng ý kiến: đồng ý", "Nhận tin qua số điện thoại: không"],
        contact="điện thoại 0950 000 001",
        next_steps=["Có trả lời, cán bộ thôn trao tận tay."],
        about="Đèn đường không sáng",
        village="thôn Hạ",
        link_url=f"https://zalo.me/{OA}",
        link_name="Zalo",
        link_code="7KQ2MXP4RT",
    )
    paper = words(path)
    assert paper.count("K7P-4MX") == 2
    assert "ca, bảy, pê – bốn, em-mờ, ích-xì" in paper
    assert paper.count("7KQ2MXP4RT") == 1
    assert "Quét để mở Zalo" in paper
    assert "mã ở giấy cũ hết dùng" in paper
    assert paper.count("Nhận tin qua số điện thoại: không") == 2
    assert codes_on(path) == [f"https://zalo.me/{OA}"]


def test_a_receipt_without_a_chat_to_open_has_no_picture(tmp_path: Path) -> None:
    path = make_receipt(
        tmp_path / "g.docx", office="x", code="K7P4MX", date=dt.date(2026, 11, 3), consents=[], contact="y"
    )
    assert codes_on(path) == []
    assert "Quét" not in words(path)


# --------------------------------------------------------------------------- posters


def test_a_poster_opens_zalo_first_and_is_readable_from_a_metre_away(services, lan, tmp_path: Path) -> None:
    entrances = Entrances(zalo_oa_id=OA, telegram_bot="TanMinhBot")
    [poster] = make_posters(services, lan, entrances, tmp_path, village="ha")
    assert sorted(codes_on(poster.path)) == ["https://t.me/TanMinhBot?start=v_ha", f"https://zalo.me/{OA}"]
    assert [door.name for door in poster.doors] == ["Zalo", "Telegram"]
    assert all(width >= 5 for width in widths_on(poster.path))
    paper = words(poster.path)
    assert "Nhắn tên nơi mình ở" in paper
    assert "Thôn Hạ" in paper
    assert "0950 000 001" in paper
    assert "TELEGRAM" not in paper


def test_every_village_gets_a_poster_and_telegram_is_left_out_when_not_set_up(services, lan, tmp_path: Path) -> None:
    posters = make_posters(services, lan, Entrances(zalo_oa_id=OA), tmp_path)
    assert len(posters) == 7
    assert len({poster.path for poster in posters}) == 7
    assert codes_on(posters[0].path) == [f"https://zalo.me/{OA}"]
    assert "Telegram" not in words(posters[0].path)


def test_where_the_link_carries_the_village_nobody_is_asked_to_write_it(services, lan, tmp_path: Path) -> None:
    [poster] = make_posters(services, lan, Entrances(telegram_bot="TanMinhBot"), tmp_path, village="ha")
    assert "Nhắn tên nơi mình ở" not in words(poster.path)
    assert "Thôn Hạ" in words(poster.path)


def test_without_any_chat_of_ours_there_is_no_poster(services, lan, tmp_path: Path) -> None:
    with pytest.raises(SetupNeeded):
        make_posters(services, lan, Entrances(), tmp_path)


def test_a_poster_somebody_changed_is_not_replaced(services, lan, tmp_path: Path) -> None:
    entrances = Entrances(zalo_oa_id=OA)
    [poster] = make_posters(services, lan, entrances, tmp_path, village="ha")
    make_posters(services, lan, entrances, tmp_path, village="ha")
    document = Document(str(poster.path))
    document.add_paragraph("Nhà văn hóa thôn")
    document.save(str(poster.path))
    with pytest.raises(IllegalMove):
        make_posters(services, lan, entrances, tmp_path, village="ha")


@pytest.mark.parametrize("kind", ["khieu-nai", "to-cao"])
def test_of_a_complaint_the_villages_sheet_says_only_that_there_is_a_letter(
    services, lan, tmp_path: Path, kind: str
) -> None:
    person = make_citizen(services, village="ha", channel=None, push=None)
    text = "Tôi khiếu nại quyết định thu hồi đất của ông trưởng thôn."
    complaint = make_opinion(services, citizen=person, village="ha", kind=kind, text=text)
    with services.writing() as work:
        told = "Nội dung là khiếu nại, ông/bà gửi tới Chủ tịch UBND xã."
        tell_asker(work, complaint, purpose="redirected", text=told)
        work.commit()
    [printed] = print_slips(services, lan, tmp_path)
    said = words(printed.path)
    assert "CÓ GIẤY TRẢ LỜI RIÊNG" in said
    assert spoken(complaint.code or "") in said
    for hidden in ("hiếu nại", "ố cáo", "thu hồi", "trưởng thôn"):
        assert hidden not in said
