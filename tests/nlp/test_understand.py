from __future__ import annotations

import subprocess
import sys
import time
import unicodedata
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import vocabulary as vocabulary_module
from nlp.analysis import Analysis, Chat, Kind, Level, MadeBy, Topic
from nlp.understand import Understander
from tests.nlp.conftest import rows


@pytest.mark.parametrize(
    ("text", "chat"),
    [
        ("Xin chào", Chat.GREETING),
        ("alo alo", Chat.GREETING),
        ("Dạ vâng em cảm ơn ạ", Chat.THANKS),
        ("test 1 2 3", Chat.TEST),
        ("Vay tiêu dùng giải ngân trong ngày, quan tâm nhắn em", Chat.ADVERT),
        ("Hội nghị đối thoại kỳ tới tổ chức ngày nào ạ?", Chat.ASKS_CONFERENCE),
        ("Ý kiến của tôi đến đâu rồi, cho xin mã tra cứu", Chat.ASKS_STATUS),
        ("Cho tôi xin rút ý kiến gửi hôm trước", Chat.WANTS_WITHDRAW),
        ("Có người thật nào đọc không hay máy?", Chat.ABOUT_CHANNEL),
        ("Làm sao để gửi ý kiến vậy?", Chat.ASKS_HELP),
        ("toàn một lũ ăn hại", Chat.INSULT),
        ("Mẹ ơi chiều đón cu Bin hộ con nhé", Chat.OTHER),
        ("", Chat.OTHER),
        ("😣😣😣", Chat.OTHER),
    ],
)
def test_what_is_no_opinion_says_what_the_sender_is_after(understander: Understander, text: str, chat: Chat) -> None:
    analysis = understander.analyse(text)
    assert (analysis.kind.value, analysis.chat) == (Kind.NOT_AN_OPINION, chat)
    assert (analysis.topic.value, analysis.level.value, analysis.issues) == (Topic.OTHER, Level.COMMUNE, 0)


@pytest.mark.parametrize(
    "text",
    [
        "Tôi khiếu nại việc mất điện liên tục ở xóm",
        "tố cáo cái loa phường kêu to quá",
        "Đề nghị sửa luật để dân đỡ khổ",
        "Em không đồng ý kiểu thu quỹ lớp, nhờ xã nhắc trường",
        "Nhà hàng xóm nuôi lợn mùi hôi quá, nhờ xã xuống kiểm tra",
    ],
)
def test_the_word_alone_makes_no_complaint_or_denunciation(understander: Understander, text: str) -> None:
    assert understander.analyse(text).kind.value == Kind.OPINION


@pytest.mark.parametrize(
    "text",
    [
        "Ông trưởng thôn ăn chặn tiền hỗ trợ bão của bà con",
        "ong chu tich xa nhan hoi lo 50 trieu de cap dat",
        "Nghe nói bà kế toán trường lập khống danh sách, các bác xem có đúng không?",
        "Thằng H. đầu xóm bán ma túy cho học sinh",
        "Công ty X làm giả giấy tờ lừa tiền công nhân",
    ],
)
def test_somebody_recognisable_and_an_offence_make_a_denunciation(understander: Understander, text: str) -> None:
    assert understander.analyse(text).kind.value == Kind.DENUNCIATION


def test_an_offence_by_nobody_in_particular_is_an_opinion_that_a_person_reads(understander: Understander) -> None:
    analysis = understander.analyse("Nghe đâu có tham ô tiền làm đường liên thôn")
    assert analysis.kind.value == Kind.OPINION
    assert "kind" in analysis.unsure


def test_words_about_somebody_in_particular_are_never_waved_through(understander: Understander) -> None:
    analysis = understander.analyse("Ông Ba Rê ở cuối xóm dạo này giàu lên lạ lắm, bà con xì xào")
    assert analysis.kind.value == Kind.DENUNCIATION or "kind" in analysis.unsure


def test_a_phrase_does_not_run_on_across_a_comma(understander: Understander) -> None:
    analysis = understander.analyse("cho toi xin lai ma tra cuu, toi lo xoa tin")
    assert analysis.emergency is None


def test_a_contested_decision_about_oneself_is_a_complaint(understander: Understander) -> None:
    text = "Xã ra quyết định xử phạt nhà tôi 8 triệu, tôi không đồng ý, đề nghị xem xét lại"
    analysis = understander.analyse(text)
    assert (analysis.kind.value, analysis.level.value) == (Kind.COMPLAINT, Level.COMMUNE)


@pytest.mark.parametrize(
    ("text", "topic", "level"),
    [
        ("Bóng đèn đường ngõ 7 cháy cả tuần", Topic.ELECTRICITY, Level.COMMUNE),
        ("Đèn đỏ ngã tư trên quốc lộ 5 hỏng", Topic.TRANSPORT, Level.CENTRAL),
        ("Tỉnh lộ 12 đầy ổ gà", Topic.TRANSPORT, Level.PROVINCE),
        ("Đường thôn đầy ổ gà, gần tỉnh lộ 12", Topic.TRANSPORT, Level.COMMUNE),
        ("Mưa là ngập đường vì cống tắc", Topic.WATER, Level.COMMUNE),
        ("mua lon ruong lua ngap ung het", Topic.AGRICULTURE, Level.COMMUNE),
        ("Đăng ký tạm trú cho người thuê trọ làm ở đâu", Topic.ORDER, Level.COMMUNE),
        ("Đăng ký khai sinh cho cháu cần giấy gì", Topic.PROCEDURES, Level.COMMUNE),
        ("Cán bộ một cửa quát dân, thái độ hách dịch", Topic.OFFICIALS, Level.COMMUNE),
        ("Quán karaoke hát tới nửa đêm ồn quá", Topic.ENVIRONMENT, Level.COMMUNE),
        ("Chó thả rông cắn người", Topic.ORDER, Level.COMMUNE),
        ("Giá đền bù đất ruộng thấp quá", Topic.SITE_CLEARANCE, Level.PROVINCE),
        ("Trường thu quỹ lớp cao quá", Topic.EDUCATION, Level.COMMUNE),
        ("Thôn thu quỹ thôn mỗi khẩu 100 nghìn mà không công khai", Topic.PARTY_GOVERNMENT, Level.COMMUNE),
        ("Đề nghị Chính phủ nâng lương hưu", Topic.SOCIAL_PROTECTION, Level.CENTRAL),
    ],
)
def test_boundaries_between_topics_and_levels(
    understander: Understander, text: str, topic: Topic, level: Level
) -> None:
    analysis = understander.analyse(text)
    assert (analysis.topic.value, analysis.level.value) == (topic, level)
    assert analysis.topic.reason


@pytest.mark.parametrize(
    ("text", "emergency"),
    [
        ("Dây điện đứt vắt ngang đường còn tóe lửa", "power"),
        ("kho doi binh gas bi xi gas tu chieu, trong nha con nguoi", "gas"),
        ("Chân đê đang phun nước đục, sắp vỡ", "flood"),
        ("Nhà bên đang cháy, còn người trong nhà", "fire"),
        ("Bố dượng đánh cháu bé bầm tím, nhốt cháu ngoài sân", "child"),
        ("Hơn ba chục người bị ngộ độc đang cấp cứu", "medical"),
    ],
)
def test_a_present_danger_is_urgent_and_names_whom_to_call(
    understander: Understander, text: str, emergency: str
) -> None:
    analysis = understander.analyse(text)
    assert analysis.is_urgent
    assert analysis.emergency == emergency


@pytest.mark.parametrize(
    "text",
    [
        "ĐƯỜNG HỎNG CẢ NĂM NAY RỒI CÁC ÔNG CÓ LÀM KHÔNG!!!",
        "Chờ sổ đỏ mười năm rồi, quá bức xúc",
        "Năm ngoái sạt lở đã khắc phục xong, nay xin trồng cây chắn",
        "Cao tốc mở rộng làn dừng khẩn cấp bao giờ xong",
    ],
)
def test_anger_and_waiting_are_not_urgent(understander: Understander, text: str) -> None:
    assert not understander.analyse(text).is_urgent


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        ("Đèn đường hỏng. Với lại nước máy đục quá.", 2),
        ("Kênh bị lấp. Nhân tiện phản ánh luôn đò ngang không có áo phao.", 2),
        ("1. Đường hỏng nặng. 2. Cống tắc. 3. Rác không ai lấy.", 3),
        ("Đèn đường hỏng cả tháng, còn ai quản lý nữa không", 1),
    ],
)
def test_counts_separate_issues(understander: Understander, text: str, issues: int) -> None:
    assert understander.analyse(text).issues == issues


def is_valid(analysis: Analysis, text: str) -> bool:
    judged = (analysis.kind, analysis.topic, analysis.level, analysis.urgent)
    return (
        all(0 <= judgement.confidence <= 1 and judgement.made_by is not MadeBy.PERSON for judgement in judged)
        and analysis.kind.value in set(Kind)
        and analysis.topic.value in set(Topic)
        and analysis.level.value in set(Level) - {Level.DISTRICT}
        and analysis.urgent.value in ("true", "false")
        and all(0 <= span.start < span.end <= len(text) for span in analysis.personal_data)
        and (analysis.chat is not None) == (analysis.kind.value == Kind.NOT_AN_OPINION)
    )


@given(st.text())
@settings(deadline=None)
def test_any_text_gets_a_valid_analysis(text: str) -> None:
    assert is_valid(Understander().analyse(text), text)


@pytest.mark.parametrize("text", ["a" * 100_000, "1." * 50_000, "\x00\u202e\u200b" * 1_000, "😣" * 5_000, "\ud83d"])
def test_hostile_texts_are_quick(understander: Understander, text: str) -> None:
    understander.analyse("")
    start = time.process_time()
    assert is_valid(understander.analyse(text), text)
    assert time.process_time() - start < 2


def test_composed_and_decomposed_text_are_judged_alike(understander: Understander) -> None:
    for row in rows("held_out.jsonl"):
        composed = understander.analyse(unicodedata.normalize("NFC", row["text"]))
        decomposed = understander.analyse(unicodedata.normalize("NFD", row["text"]))
        assert (composed.kind, composed.topic, composed.level) == (decomposed.kind, decomposed.topic, decomposed.level)


def test_importing_loads_no_heavy_library() -> None:
    code = (
        "import nlp.understand, sys; print([m for m in ('scipy','sklearn','underthesea','typer') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_compiled_lexicon_is_that_of_the_files() -> None:
    shipped = (files("nlp") / "lexicon" / vocabulary_module.COMPILED).read_bytes()
    assert shipped == vocabulary_module.compiled(), "run: python -m nlp.training.lexicon"


@pytest.mark.parametrize(
    "text",
    ["đường làng bị hỏng nặng đề nghị sửa", "rác để lâu không ai thu gom", "trưởng thôn đánh tôi, nhận của tôi tiền"],
)
def test_a_reason_shows_no_notation_of_the_lexicon(text: str) -> None:
    analysis = Understander(rules_only=True).analyse(text)
    assert "~" not in " ".join((analysis.kind.reason, analysis.topic.reason, analysis.level.reason))


@pytest.mark.parametrize(
    ("text", "emergency"),
    [
        ("thằng say cầm dao rượt người ngoài chợ", "police"),
        ("đường ngập điện giật chết người ở ấp 2", "power"),
        ("có đứa nhỏ đuối nước ở bến phà", "rescue"),
        ("tường trường học sắp đổ tụi nhỏ còn học", "collapse"),
        ("bình ga nhà hàng xóm kêu xì xì hôi quá con nít đang ngủ trong nhà", "general"),
    ],
)
def test_who_is_told_to_call_for_help_is_urgent_for_the_staff_and_the_other_way_round(
    understander: Understander, text: str, emergency: str
) -> None:
    analysis = understander.analyse(text)
    assert (analysis.is_urgent, analysis.emergency) == (True, emergency)


@pytest.mark.parametrize(
    "text",
    [
        "Đường ra bến đò không có bóng đèn nào, con gái đi làm về khuya sợ muốn chết, xã gắn giùm vài cái.",
        "Bản đồ quy hoạch của tỉnh treo trên mạng mờ tịt, phóng to là vỡ.",
    ],
)
def test_words_of_danger_about_something_else_call_nobody(understander: Understander, text: str) -> None:
    analysis = understander.analyse(text)
    assert (analysis.is_urgent, analysis.emergency) == (False, None)


@pytest.mark.parametrize(
    "text",
    [
        "Công ty cấp nước ra văn bản bắt tôi đóng 12 triệu vì ống vỡ trước đồng hồ. Tôi yêu cầu rút lại văn bản.",
        "Xã ký quyết định thu hồi sổ của mẹ tôi, nói là cấp nhầm. Đề nghị rút lại quyết định ấy.",
    ],
)
def test_asking_to_take_back_a_decision_is_no_withdrawal(understander: Understander, text: str) -> None:
    analysis = understander.analyse(text)
    assert (analysis.kind.value, analysis.chat) == (Kind.COMPLAINT, None)


@pytest.mark.parametrize(
    "text",
    ["cho tôi rút lại ý kiến", "thôi tôi không gửi nữa, cho tôi rút lại ý kiến", "bỏ cái ý kiến đó đi", "rút tố cáo"],
)
def test_taking_back_what_one_wrote_is_heard(understander: Understander, text: str) -> None:
    assert understander.analyse(text).chat is Chat.WANTS_WITHDRAW


@pytest.mark.parametrize(
    "text",
    ["Cảm ơn xã đã làm đường, nhưng cái cống ngay đó lại nghẹt", "cam on nhieu nha, ma cai cau van sao roi"],
)
def test_thanks_that_go_on_are_not_simply_waved_off(understander: Understander, text: str) -> None:
    analysis = understander.analyse(text)
    assert analysis.kind.value == Kind.OPINION or "kind" in analysis.unsure


@pytest.mark.parametrize("text", ["thầy giáo dạy toán sờ mó học sinh lớp con tôi", "công an xã đánh con tôi gãy tay"])
def test_abuse_by_somebody_known_is_read_by_a_person_as_a_denunciation(understander: Understander, text: str) -> None:
    analysis = understander.analyse(text)
    assert analysis.kind.value == Kind.DENUNCIATION or "kind" in analysis.unsure
