from __future__ import annotations

import datetime as dt

from nlp.pieces import Piece, runs_of
from nlp.similar import group

NOON = dt.datetime(2026, 11, 3, 12, 0, tzinfo=dt.UTC)


def piece(text: str, minutes: float, sender: str | None = "a") -> Piece:
    return Piece(text=text, sender=sender, sent_at=NOON + dt.timedelta(minutes=minutes))


def test_what_one_sender_writes_in_one_go_is_one_run_in_the_order_of_sending() -> None:
    assert runs_of([piece("hai", 2), piece("đèn", 1, "b"), piece("một", 0), piece("ba", 11)]) == [(2, 0, 3)]


def test_what_comes_later_or_lacks_sender_or_time_stands_alone() -> None:
    alone = [piece("một", 0), piece("hai", 11), Piece(text="ba", sender="a"), piece("bốn", 0, None), Piece(text="năm")]
    assert runs_of(alone) == []


def test_pieces_of_one_thought_are_one_issue_and_what_is_mere_talk_stays_alone() -> None:
    said = [
        ("a", "Nước máy thôn Hạ"),
        ("b", "ba hôm nay rồi mà chưa thấy ai xuống xem giúp"),
        ("c", "Dạ em cảm ơn ạ"),
        ("d", "Nước máy thôn Hạ đục ngầu mấy hôm nay"),
    ]
    apart = [line.group for line in group(said)]
    a, b, c, d = (line.group for line in group(said, runs=[(0, 1, 2)]))
    assert a == b == d != c
    assert apart[1] != apart[3]
