from __future__ import annotations

import datetime as dt

import pytest

from nlp.pieces import Piece, runs_of
from nlp.similar import group
from tests.nlp.conftest import rows

NOON = dt.datetime(2026, 11, 3, 12, 0, tzinfo=dt.UTC)


def piece(text: str, minutes: float, sender: str | None = "a") -> Piece:
    return Piece(text=text, sender=sender, sent_at=NOON + dt.timedelta(minutes=minutes))


def test_what_one_sender_writes_in_one_go_is_one_run_in_the_order_of_sending() -> None:
    assert runs_of([piece("hai", 2), piece("đèn", 1, "b"), piece("một", 0), piece("ba", 11)]) == [(2, 0, 3)]


def test_what_comes_later_or_lacks_sender_or_time_stands_alone() -> None:
    alone = [piece("một", 0), piece("hai", 11), Piece(text="ba", sender="a"), piece("bốn", 0, None), Piece(text="năm")]
    assert runs_of(alone) == []


def test_a_whole_run_takes_twenty_minutes_and_what_comes_then_begins_another() -> None:
    sent = [piece(str(minutes), minutes) for minutes in (0, 8, 16, 24, 30)]
    assert runs_of(sent) == [(0, 1, 2), (3, 4)]


def test_a_message_that_does_not_go_on_begins_a_run_of_its_own() -> None:
    sent = [piece(str(minutes), minutes) for minutes in range(4)]
    assert runs_of(sent, lambda _run, number: number != 2) == [(0, 1), (2, 3)]


def test_times_without_zone_are_compared_with_each_other_alone() -> None:
    said = [
        Piece(text="một", sender="a", sent_at=NOON.replace(tzinfo=None)),
        Piece(text="hai", sender="a", sent_at=NOON),
        Piece(text="ba", sender="a", sent_at=NOON.replace(tzinfo=None) + dt.timedelta(minutes=9)),
    ]
    assert runs_of(said) == [(0, 2)]


def groups(said: list[Piece]) -> list[str]:
    return [line.group for line in group(enumerated(said), senders=said)]


def enumerated(said: list[Piece]) -> list[tuple[str, str]]:
    return [(str(number), each.text) for number, each in enumerate(said)]


def test_pieces_of_one_thought_are_one_issue_and_what_is_mere_talk_stays_alone() -> None:
    said = [
        piece("Nước máy thôn Hạ", 0),
        piece("ba hôm nay rồi mà chưa thấy ai xuống xem giúp", 1),
        piece("Dạ em cảm ơn ạ", 2),
        piece("Nước máy thôn Hạ đục ngầu mấy hôm nay", 3, "b"),
    ]
    apart = [line.group for line in group(enumerated(said))]
    a, b, c, d = groups(said)
    assert a == b == d != c
    assert apart[1] != apart[3]


def test_several_matters_of_one_sender_stay_apart_and_find_those_of_others() -> None:
    lamp, school, price, dump, lamp_again, dump_again = groups(
        [
            piece("Đèn đường thôn 4 tắt cả tháng nay, đề nghị sửa", 0),
            piece("Trường tiểu học thôn 2 thu tiền sai quy định, đề nghị kiểm tra", 2),
            piece("Giá điện tăng quá, dân chịu sao nổi", 9),
            piece("Bãi rác thôn 6 bốc mùi hôi thối", 18),
            piece("Đèn đường thôn 4 hỏng, đêm tối om", 78, "b"),
            piece("Bãi rác thôn 6 mùi hôi không chịu nổi", 138, "c"),
        ]
    )
    assert lamp == lamp_again
    assert dump == dump_again
    assert len({lamp, school, price, dump}) == 4


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Đèn đường thôn 4 hỏng", "Đèn đường thôn 5 hỏng"),
        ("Thôn 6 hôm qua", "Đèn đường thôn 4 hỏng, đêm tối om"),
        ("Đường thôn 6 nát hết cả rồi", "Mà trường mầm non thôn 2 dột khắp các lớp"),
        ("Rác ngõ chợ không ai lấy", "Nước máy đục ngầu"),
        ("Đường thôn 6 nát hết cả rồi", "Nhân tiện cho hỏi bao giờ trạm y tế có thuốc huyết áp"),
    ],
)
def test_two_places_or_two_things_of_one_sender_are_two_matters(first: str, second: str) -> None:
    one, other = groups([piece(first, 0), piece(second, 1)])
    assert one != other


def test_who_types_in_what_others_bring_joins_nothing_that_would_not_be_one_anyway() -> None:
    brought = [
        "Đèn đường thôn 1 tắt mấy hôm nay",
        "Chó thả rông cắn người ở thôn 3",
        "Cống thôn 2 tắc, hễ mưa là ngập",
        "Đèn đường thôn 1 không sáng, tối quá",
        "Chợ thôn 5 thu tiền chỗ ngồi không có vé",
        "Loa phường mở to quá, trẻ con không ngủ được",
        "Xin hỏi thủ tục cấp lại sổ đỏ bị mất",
        "Loa karaoke nhà bên thôn 4 hát tới khuya",
    ]
    typed_in = [piece(text, number) for number, text in enumerate(brought)]
    assert groups(typed_in) == [line.group for line in group(enumerated(typed_in))]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Dạ chào các bác, cho em phản ánh việc này", "Đèn đường thôn 4 hỏng, đêm tối om"),
        ("Cho em hỏi về cái đèn đường", "ở thôn 4 ấy ạ, cả tuần nay tối om"),
        ("Đường vào thôn 6 nát hết cả rồi", "mà hỏi mãi chẳng ai trả lời"),
        ("Đèn đường thôn 4 hỏng, đêm tối om", "Đèn đường thôn 4 hỏng, đêm tối om"),
    ],
)
def test_what_cannot_stand_alone_or_says_the_same_thing_again_is_one(first: str, second: str) -> None:
    read = [piece(first, 0), piece(second, 1), piece(f"{first}\n{second}", 2, "b")]
    assert groups(read)[1] == groups(read)[2]


def test_behind_a_long_first_piece_nothing_is_lost() -> None:
    long = "Con mương thôn 7 bị lấp, ruộng không có nước tưới. " + "Bà con mong xã xuống xem giúp. " * 130
    said = [piece(long, 0), piece("Đèn đường thôn 4 hỏng, đêm tối om", 1), piece("tối lắm các bác ạ, hai cột liền", 2)]
    said.append(piece("Đèn đường thôn 4 tắt, tối om", 90, "b"))
    ditch, lamp, darkness, lamp_again = groups(said)
    assert lamp == darkness == lamp_again != ditch


def test_the_pieces_of_a_real_size_intake_are_one_with_what_they_continue() -> None:
    listed = rows("tan_minh_intake.jsonl")
    senders = [
        Piece(text=row["text"], sender=row["sender"], sent_at=dt.datetime.fromisoformat(row["sent_at"]))
        for row in listed
    ]
    found = {line.id: line.group for line in group([(row["id"], row["text"]) for row in listed], senders=senders)}
    labels = {row["id"]: row for row in rows("tan_minh_labels.jsonl")}
    kinds = {key: label["kind"] for key, label in labels.items()}
    calling_out = "T006"  # holds no matter, so it stays alone
    for key, label in labels.items():
        before = label["continues"]
        if before and before != calling_out and "khong-phai-y-kien" not in (kinds[key], kinds[before]):
            assert found[key] == found[before], (key, before)
