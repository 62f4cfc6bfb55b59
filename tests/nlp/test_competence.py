"""Who settles what: the map of the program, an office's own file over it, days before and after the district level."""

from __future__ import annotations

import datetime as dt
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.analysis import Kind, Level, Topic
from nlp.competence import Competence, CompetenceMap, MapRefused, Mark, settle_judged, shipped, with_own
from nlp.competence_file import read_with_faults
from nlp.understand import Understander
from nlp.vocabulary import read, vocabulary

DISTRICT_DAYS = dt.date(2025, 6, 30)
TWO_TIER_DAYS = dt.date(2025, 7, 1)
TINH, XA, TW = "tinh", "xa", "trung-uong"


def settled(
    text: str,
    topic: str,
    level: str,
    *,
    map: CompetenceMap | None = None,
    on: dt.date | None = None,
    kind: str = "y-kien",
) -> Competence:
    analysis = Understander(rules_only=True).analyse(text)
    found = settle_judged(map or shipped(), text, analysis, kind=kind, topic=topic, level=level, on=on)
    assert found is not None
    return found


SITUATIONS = [
    # the same object at three levels
    ("đường thôn Hạ đầy ổ gà, mưa là ngập bánh xe", "giao-thong", XA, "ubnd-xa"),
    ("tỉnh lộ 391 đoạn qua chợ nát như tương", "giao-thong", TINH, "so-xay-dung"),
    ("quốc lộ 37 đoạn qua xã mình xe lật hoài", "giao-thong", TW, "bo-xay-dung"),
    ("đèn đường xóm tôi tối om ba tháng rồi", "dien-chieu-sang", XA, "ubnd-xa"),
    ("đèn đường trên tỉnh lộ hỏng cả dãy", "dien-chieu-sang", TINH, "so-xay-dung"),
    ("giá điện bậc thang cao quá dân chịu không nổi", "dien-chieu-sang", TW, "bo-cong-thuong"),
    ("trường mầm non thiếu chỗ, mái dột", "giao-duc", XA, "ubnd-xa"),
    ("trường cấp 3 xa quá, xin mở thêm lớp", "giao-duc", TINH, "so-gddt"),
    ("sách giáo khoa năm nào cũng đổi", "giao-duc", TW, "bo-gddt"),
    ("trạm y tế không có bác sĩ", "y-te", XA, "tram-y-te"),
    ("bệnh viện tỉnh bắt chờ cả ngày", "y-te", TINH, "benh-vien"),
    ("bảo hiểm y tế nên chi trả thêm thuốc cho người bệnh", "y-te", TW, "bo-y-te"),
    ("làm sổ đỏ lần đầu mấy năm chưa xong", "dat-dai", XA, "ubnd-xa"),
    ("sang tên tách thửa cho con chậm quá", "dat-dai", TINH, "vpdkdd"),
    ("luật đất đai nên sửa cho dân dễ", "dat-dai", TW, "quoc-hoi"),
    ("cống trong ngõ tắc, nước không thoát", "nuoc-thoat-nuoc", XA, "ubnd-xa"),
    ("trạm bơm chống ngập không chạy, cả khu ngập", "nuoc-thoat-nuoc", TINH, "so-xay-dung"),
    ("kênh mương nội đồng bồi lấp, ruộng khô", "nong-nghiep", XA, "ubnd-xa"),
    ("kênh mương chính không có nước về", "nong-nghiep", TINH, "cong-ty-thuy-loi"),
    # land, clearance, building
    ("hàng xóm lấn ranh đất nhà tôi, tranh chấp mãi", "dat-dai", XA, "ubnd-xa"),
    ("bảng giá đất năm nay tính cao quá", "dat-dai", TINH, "ubnd-tinh"),
    ("mất sổ đỏ xin cấp lại sổ", "dat-dai", TINH, "vpdkdd"),
    ("nộp hồ sơ làm sổ ở đâu, giờ nộp hồ sơ đất ở đâu", "dat-dai", XA, None),
    ("giá đền bù đất ruộng rẻ mạt", "giai-phong-mat-bang", TINH, "ubnd-tinh"),
    ("khu tái định cư chưa xong mà đã bắt dọn đi", "giai-phong-mat-bang", XA, "ubnd-xa"),
    ("xin giấy phép xây dựng nhà ở chờ hai tháng", "xay-dung-quy-hoach", XA, "ubnd-xa"),
    ("quy hoạch treo hai mươi năm", "xay-dung-quy-hoach", TINH, "so-xay-dung"),
    ("chung cư thu phí bảo trì không công khai", "xay-dung-quy-hoach", TINH, None),
    ("đặt tên đường mới trong phường", "xay-dung-quy-hoach", TINH, "hdnd-tinh"),
    # power, water, environment
    ("mất điện cả đêm không ai báo", "dien-chieu-sang", TINH, "dien-luc"),
    ("điện yếu quạt không quay nổi", "dien-chieu-sang", TINH, "dien-luc"),
    ("có người câu trộm điện", "dien-chieu-sang", XA, "cong-an-xa"),
    ("nước máy đục như nước gạo", "nuoc-thoat-nuoc", TINH, "cong-ty-nuoc"),
    ("rác đầy đầu xóm không ai thu gom", "moi-truong", XA, "ubnd-xa"),
    ("nhà máy xả khói đen cả làng ho", "moi-truong", TINH, "so-nnmt"),
    ("karaoke loa kẹo kéo hát tới nửa đêm", "moi-truong", XA, "cong-an-xa"),
    ("bờ sông sạt lở vào tới sân", "nong-nghiep", TINH, "so-nnmt"),
    ("dịch tả lợn chết cả đàn", "nong-nghiep", XA, "ubnd-xa"),
    # trade, labour, culture
    ("chợ dột nát, tiểu thương ngồi giữa nước", "kinh-doanh-thue", XA, "ubnd-xa"),
    ("thuế khoán hộ kinh doanh giờ kê khai sao", "kinh-doanh-thue", TINH, "thue"),
    ("bán hàng giả tràn lan", "kinh-doanh-thue", TINH, "chi-cuc-qltt"),
    ("công ty nợ lương ba tháng", "lao-dong-viec-lam", TINH, "so-noi-vu"),
    ("lương tối thiểu nên tăng", "lao-dong-viec-lam", TW, "bo-noi-vu"),
    ("nhà văn hóa thôn khóa cửa quanh năm", "van-hoa-the-thao", XA, None),
    ("sóng điện thoại chập chờn không gọi được", "van-hoa-the-thao", TINH, "so-khcn"),
    ("di tích đình làng xuống cấp", "van-hoa-the-thao", TINH, "so-vhttdl"),
    # welfare and health
    ("bình xét hộ nghèo không công bằng", "an-sinh", XA, "ubnd-xa"),
    ("lương hưu tháng này chưa về", "an-sinh", TINH, "bhxh"),
    ("hồ sơ chất độc da cam của bố tôi", "an-sinh", TINH, "so-noi-vu"),
    ("mức trợ cấp người cao tuổi thấp quá", "an-sinh", TW, "chinh-phu"),
    ("thẻ bảo hiểm y tế sai tên", "y-te", TINH, "bhxh"),
    ("tiêm chủng cho cháu hết vắc xin", "y-te", XA, "tram-y-te"),
    ("an toàn thực phẩm hàng quán trước cổng trường", "y-te", XA, "ubnd-xa"),
    # order, army, papers
    ("trộm chó trộm gà hoài", "an-ninh-trat-tu", XA, "cong-an-xa"),
    ("đăng ký thường trú cho con", "an-ninh-trat-tu", XA, "cong-an-xa"),
    ("bằng lái hết hạn đổi ở đâu", "an-ninh-trat-tu", TINH, "cong-an-tinh"),
    ("mức phạt nồng độ cồn cao quá", "an-ninh-trat-tu", TW, "quoc-hoi"),
    ("khám nghĩa vụ quân sự cháu bị gọi sai", "quan-su", XA, "bchqs-xa"),
    ("bom mìn còn sót trong nương", "quan-su", TINH, "bchqs-tinh"),
    ("làm khai sinh cho cháu", "thu-tuc-hanh-chinh", XA, "ubnd-xa"),
    ("chứng thực bản sao chờ lâu", "thu-tuc-hanh-chinh", XA, "ubnd-xa"),
    ("một cửa đông quá, lấy số cả buổi", "thu-tuc-hanh-chinh", XA, "ttpvhcc-xa"),
    ("căn cước làm ba tháng chưa có", "thu-tuc-hanh-chinh", TINH, "cong-an-tinh"),
    # staff, Party, Front
    ("cán bộ thái độ hách dịch", "can-bo-cong-chuc", XA, "ubnd-xa"),
    ("phụ cấp trưởng thôn thấp quá", "dang-chinh-quyen-doan-the", TINH, "hdnd-tinh"),
    ("chi bộ sinh hoạt hình thức", "dang-chinh-quyen-doan-the", XA, "dang-uy-xa"),
    ("hội phụ nữ xã mấy năm không sinh hoạt", "dang-chinh-quyen-doan-the", XA, "mttq-xa"),
    ("tên xã mới nghe lạ quá", "dang-chinh-quyen-doan-the", TW, "quoc-hoi"),
]


@pytest.mark.parametrize(("text", "topic", "level", "body"), SITUATIONS)
def test_a_matter_at_its_level_names_who_settles_it(text: str, topic: str, level: str, body: str | None) -> None:
    found = settled(text, topic, level)
    assert found.level == level
    assert found.body == (body or found.body)
    assert found.body_name
    assert found.reason
    assert found.basis
    assert level in shipped().bodies[found.body].levels


def test_there_are_enough_situations() -> None:
    assert len(SITUATIONS) >= 60
    assert {topic for _, topic, _, _ in SITUATIONS} == set(Topic) - {Topic.OTHER}


def test_every_matter_of_the_catalogue_names_a_known_body_at_its_level() -> None:
    """Whoever adds a matter gives it a body; where that stands at another level, the map needs a row."""
    unknown = {
        matter: issue.body for matter, issue in vocabulary().issues.items() if issue.body not in shipped().bodies
    }
    assert unknown == {}
    elsewhere = {
        matter: (issue.level, issue.body)
        for matter, issue in vocabulary().issues.items()
        if (usual := shipped().usual(matter)) is None or usual[0] != issue.level
    }
    assert elsewhere == {}


def test_every_matter_of_the_catalogue_is_settled_as_usual_and_on_some_basis() -> None:
    wrong = []
    for matter, issue in vocabulary().issues.items():
        found = shipped().settle(topic=issue.topic, level_shares={issue.level: 1.0}, matters=[(matter, 1.0)])
        if found is None or (found.level, found.body) != shipped().usual(matter) or not found.basis:
            wrong.append((matter, found))
    assert wrong == []


@pytest.mark.parametrize("topic", list(Topic))
@pytest.mark.parametrize("level", [Level.COMMUNE, Level.PROVINCE, Level.CENTRAL])
@pytest.mark.parametrize("kind", [Kind.OPINION, Kind.COMPLAINT, Kind.DENUNCIATION])
def test_every_topic_has_an_answer_at_every_level_and_for_every_kind(topic: str, level: str, kind: str) -> None:
    found = shipped().settle(topic=topic, level_shares={level: 1.0}, kind=kind)
    assert found is not None
    assert found.level == level
    assert found.basis


BEFORE = [
    ("làm sổ đỏ lần đầu mấy năm chưa xong", "dat-dai", XA, "huyen", "ubnd-huyen"),
    ("đường liên xã, huyện lộ hỏng nặng", "giao-thong", XA, "huyen", "ubnd-huyen"),
    ("đường thôn Hạ đầy ổ gà", "giao-thong", XA, "xa", "ubnd-xa"),
    ("tỉnh lộ 391 nát", "giao-thong", TINH, "tinh", "so-gtvt"),
    ("quốc lộ 37 nát", "giao-thong", TW, "trung-uong", "bo-gtvt"),
    ("trạm y tế không có bác sĩ", "y-te", XA, "huyen", "ttyt-huyen"),
    ("trường mầm non thu nhiều khoản, lạm thu", "giao-duc", XA, "huyen", "phong-gddt"),
    ("rác đầy đầu xóm không ai thu gom", "moi-truong", XA, "huyen", "ubnd-huyen"),
    ("công ty nợ lương ba tháng", "lao-dong-viec-lam", TINH, "tinh", "so-ldtbxh"),
    ("trộm chó trộm gà hoài", "an-ninh-trat-tu", XA, "xa", "cong-an-xa"),
    ("bình xét hộ nghèo không công bằng", "an-sinh", XA, "xa", "ubnd-xa"),
    ("mất điện cả đêm", "dien-chieu-sang", TINH, "tinh", "dien-luc"),
]


@pytest.mark.parametrize(("text", "topic", "level", "then", "body"), BEFORE)
def test_before_july_2025_the_district_settled_what_was_its_own(
    text: str, topic: str, level: str, then: str, body: str
) -> None:
    found = settled(text, topic, level, on=DISTRICT_DAYS)
    assert (found.level, found.body) == (then, body)
    assert "/2025/" not in found.basis, "no text of 2025 was in force then"
    assert settled(text, topic, level, on=TWO_TIER_DAYS).level == level


def test_no_matter_is_left_with_the_district_after_its_end() -> None:
    left = []
    for matter, issue in vocabulary().issues.items():
        for level in (XA, TINH, TW):
            found = shipped().settle(
                topic=issue.topic, level_shares={level: 1.0}, matters=[(matter, 1.0)], on=TWO_TIER_DAYS
            )
            if found is None or found.level != level:
                left.append(matter)
    assert left == []


def test_words_that_only_say_where_do_not_choose_the_body() -> None:
    near = shipped().settle(
        topic="giao-thong", level_shares={TW: 1.0}, reading=read("nhà em gần quốc lộ 37, hố to giữa đường")
    )
    said = shipped().settle(topic="giao-thong", level_shares={TW: 1.0}, reading=read("quốc lộ 37 hố to giữa đường"))
    assert near is not None
    assert said is not None
    assert "nói rõ" in said.reason
    assert "nói rõ" not in near.reason


def test_the_level_of_the_model_stands_against_words_and_usual_level() -> None:
    found = shipped().settle(
        topic="giao-thong",
        level_shares={XA: 0.3, TINH: 0.7},
        matters=[("giao-thong/pothole", 0.9)],
        reading=read("đường thôn đầy ổ gà"),
    )
    assert found is not None
    assert found.level == TINH


def test_undecided_between_commune_and_province_in_a_village_it_is_the_communes() -> None:
    def level(commune: float, *, in_village: bool) -> str:
        shares = {XA: commune, TINH: 1.0 - commune}
        found = shipped().settle(topic="giao-thong", level_shares=shares, in_village=in_village)
        assert found is not None
        return found.level

    assert level(0.46, in_village=True) == XA
    assert level(0.46, in_village=False) == TINH
    assert level(0.40, in_village=True) == TINH


def test_complaints_and_denunciations_go_their_own_way() -> None:
    complaint = settled("tôi không đồng ý quyết định thu hồi đất", "giai-phong-mat-bang", XA, kind=Kind.COMPLAINT)
    assert complaint.body == "ubnd-xa"
    assert "Luật Khiếu nại" in complaint.basis
    assert (
        settled("phó giám đốc sở nhận hối lộ", "can-bo-cong-chuc", TINH, kind=Kind.DENUNCIATION).body
        == "thanh-tra-tinh"
    )
    relief = settled("trưởng thôn ăn chặn hàng cứu trợ", "an-sinh", XA, kind=Kind.DENUNCIATION)
    assert relief.body == "ubnd-xa"
    assert "Luật Tố cáo" in relief.basis
    assert settled("thằng ấy bán ma túy", "an-ninh-trat-tu", XA, kind=Kind.DENUNCIATION).body == "cong-an-xa"


def test_what_is_no_opinion_is_settled_by_nobody() -> None:
    understander = Understander(rules_only=True)
    analysis = understander.analyse("chào anh chị ạ")
    assert (analysis.body, analysis.basis) == (None, "")
    assert settle_judged(shipped(), "chào", analysis, kind=Kind.NOT_AN_OPINION, topic="khac", level=XA) is None


def test_an_analysis_names_body_and_basis() -> None:
    analysis = Understander(rules_only=True).analyse("Quốc lộ 37 đoạn qua xã đầy ổ gà, đề nghị sửa")
    assert (analysis.level.value, analysis.body) == (TW, "bo-xay-dung")
    assert "Luật Đường bộ" in analysis.basis


# ---------------------------------------------------------------------- an office's own file

OWN = """
[[body]]
code = "to-den"
name = "Đội quản lý đô thị phường"
levels = ["xa"]

[[row]]
matters = ["giao-thong"]
words = ["^đường đh 05"]
level = "tinh"
body = "so-xay-dung"
basis = "Quyết định phân cấp của tỉnh"
mark = "sure"
since = 2025-07-01
until = 2027-02-28

[[row]]
matters = ["giao-thong/traffic-light"]
level = "xa"
body = "to-den"
basis = "Quyết định giao đèn tín hiệu"
mark = "sure"
"""


def own() -> CompetenceMap:
    return with_own(OWN.encode(), "rieng.toml")


def test_a_line_of_the_office_lies_over_the_programs() -> None:
    light = own().settle(
        topic="giao-thong", level_shares={XA: 1.0}, matters=[("giao-thong/traffic-light", 0.9)], level_is_listed=True
    )
    assert light is not None
    assert (light.body, light.body_name, light.mark) == ("to-den", "Đội quản lý đô thị phường", Mark.SURE)
    assert light.by_office


def test_what_the_office_wrote_down_decides_the_level_too() -> None:
    shares = {XA: 0.05, TINH: 0.95}
    sure = own().settle(topic="giao-thong", level_shares=shares, matters=[("giao-thong/traffic-light", 0.9)])
    doubtful = own().settle(topic="giao-thong", level_shares=shares, matters=[("giao-thong/traffic-light", 0.3)])
    assert sure is not None
    assert sure.level == XA
    assert doubtful is not None
    assert doubtful.level == TINH


@pytest.mark.parametrize(("level", "body"), [(XA, "ubnd-xa"), (TINH, "so-xay-dung")])
def test_a_level_the_office_wrote_down_is_no_guess_even_where_the_guess_was_the_same(level: str, body: str) -> None:
    written = OWN.replace('level = "tinh"\nbody = "so-xay-dung"', f'level = "{level}"\nbody = "{body}"').replace(
        "until", "# until"
    )
    text = "đường ĐH 05 đi lại khó khăn quá đề nghị xem xét"
    plain = Understander(rules_only=True).analyse(text)
    analysis = Understander(rules_only=True, map=with_own(written.encode(), "rieng.toml")).analyse(text)
    assert plain.level.confidence < 1.0
    assert "level" in plain.unsure
    assert (analysis.level.value, analysis.level.confidence) == (level, 1.0)
    assert "level" not in analysis.unsure


def test_a_body_the_office_named_does_not_make_the_level_certain() -> None:
    shares = {XA: 0.55, TINH: 0.45}
    light = own().settle(topic="giao-thong", level_shares=shares, matters=[("giao-thong/traffic-light", 0.3)])
    assert light is not None
    assert (light.by_office, light.level_by_office) == (True, False)


@pytest.mark.parametrize("typed", ["đường ĐH.05 nát", "đường ĐH 05 nát", "duong dh 05 nat het roi sua giup"])
def test_the_number_of_a_road_is_known_with_and_without_its_dot(typed: str) -> None:
    map = with_own(OWN.replace("^đường đh 05", "đường ĐH.05").encode(), "rieng.toml")
    assert settled(typed, "giao-thong", TINH, map=map, on=dt.date(2026, 11, 21)).by_office


def test_a_line_of_the_office_holds_from_its_first_to_its_last_day() -> None:
    days = iter([dt.date(2027, 2, 28), dt.date(2027, 3, 1)])
    # One reader, as in a bot that runs for months.
    reader = Understander(rules_only=True, map=own(), today=lambda: next(days))
    analysis = reader.analyse("đường ĐH 05 đầy ổ gà")
    assert (analysis.level.value, analysis.body) == (TINH, "so-xay-dung")
    late = reader.analyse("đường ĐH 05 đầy ổ gà")
    assert (late.level.value, late.body) == (XA, "ubnd-xa")
    last = settled("đường ĐH 05 đầy ổ gà", "giao-thong", TINH, map=own(), on=dt.date(2027, 2, 28))
    after = settled("đường ĐH 05 đầy ổ gà", "giao-thong", TINH, map=own(), on=dt.date(2027, 3, 1))
    assert (last.by_office, after.by_office) == (True, False)


ROW = 'matters = ["giao-thong"]\nlevel = "xa"\nbody = "ubnd-xa"\nbasis = "x"\nmark = "sure"\n'
FAULTS = [
    ("[[row]]\n" + ROW.replace('"ubnd-xa"', '"ubnd-xom"'), ("[[row]] thứ 1", "ubnd-xom")),
    ("[[row]]\n" + ROW + "[[row]]\n" + ROW.replace('"xa"\n', '"huyen"\n', 1), ("[[row]] thứ 2", "huyen")),
    ("[[row]]\n" + ROW.replace("giao-thong", "giao-thong/khong-co"), ("[[row]] thứ 1", "giao-thong/khong-co")),
    ("[[row]]\n" + ROW.replace('mark = "sure"\n', ""), ("[[row]] thứ 1", "thiếu «mark»")),
    ("[[row]]\n" + ROW.replace('"sure"', '"chac"'), ("[[row]] thứ 1", "chac", "unsure")),
    ("[[row]]\n" + ROW.replace('level = "xa"', 'level = "tinh"'), ("[[row]] thứ 1", "không ở cấp tinh")),
    ("[[row]]\n" + ROW + "until = 2025-01-01\nsince = 2026-01-01\n", ("[[row]] thứ 1", "until trước since")),
    ("[[row]]\n" + ROW + 'since = "2025"\n', ("[[row]] thứ 1", "since", "ngày")),
    ("[[row]]\n" + ROW + 'cap = "xa"\n', ("[[row]] thứ 1", "không có mục «cap»")),
    ("[[row]]\n" + ROW + 'words = ["^"]\n', ("[[row]] thứ 1", "words")),
    ("[[row]]\n" + ROW.replace('["giao-thong"]', '"giao-thong"'), ("[[row]] thứ 1", "danh sách")),
    ("[[row]]\n" + ROW + 'kind = "ban-khoan"\n', ("[[row]] thứ 1", "ban-khoan")),
    ("[row]\n" + ROW, ("[[row]]",)),
    ('[[body]]\ncode = "a"\nname = "A"\nlevels = ["phuong"]\n', ("[[body]] thứ 1", "phuong")),
    ('[[body]]\ncode = "a"\nname = "A"\nlevels = ["xa"]\nbefore = "b"\n', ("«a»", "«b»")),
    ("[[dong]]\n", ("dong",)),
    ("[[row]\n", ("TOML",)),
]


@pytest.mark.parametrize(("written", "said"), FAULTS)
def test_a_fault_is_named_with_file_and_row(written: str, said: tuple[str, ...]) -> None:
    with pytest.raises(MapRefused) as refused:
        with_own(written.encode(), "rieng.toml")
    for word in ("rieng.toml", "doithoai competence check", *said):
        assert word in str(refused.value)


@given(st.recursive(st.none() | st.text(max_size=5) | st.integers(), lambda inner: st.lists(inner, max_size=3)))
def test_no_value_in_a_row_is_more_than_a_fault(value: object) -> None:
    written = f"[[row]]\n{ROW}note = {toml_of(value)}\n"
    faults, found = read_with_faults(written.encode("utf-8", "replace"), shipped().bodies, is_own=True)
    assert (found is None) == bool(faults)


def toml_of(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_of, value)) + "]"
    if isinstance(value, str):
        escaped = "".join(f"\\U{ord(sign):08X}" for sign in value if not 0xD800 <= ord(sign) <= 0xDFFF)
        return f'"{escaped}"'
    return "true" if value is None else str(value)


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(MapRefused, match="UTF-8"):
        with_own(b"\xff\xfe\x00", "rieng.toml")


def test_the_shipped_file_says_of_every_line_how_sure_it_is() -> None:
    assert {row.mark for row in shipped().rows} == set(Mark)
    assert all(row.note for row in shipped().rows if row.mark is Mark.UNSURE and "/" in "".join(row.matters))
    assert tomllib.loads(OWN)["row"]
