from __future__ import annotations

import datetime as dt

from nlp.pieces import Piece, whole_texts

NOON = dt.datetime(2026, 11, 3, 12, 0, tzinfo=dt.UTC)


def piece(text: str, minutes: float, sender: str | None = "a") -> Piece:
    return Piece(text=text, sender=sender, sent_at=NOON + dt.timedelta(minutes=minutes))


def test_what_one_sender_writes_in_one_go_is_one_text_for_each_of_its_messages() -> None:
    said = [piece("nước máy thôn Hạ", 0), piece("đèn hỏng", 1, "b"), piece("đục ba hôm nay", 2)]
    assert whole_texts(said) == ["nước máy thôn Hạ\nđục ba hôm nay", "đèn hỏng", "nước máy thôn Hạ\nđục ba hôm nay"]


def test_what_comes_later_is_another_message() -> None:
    assert whole_texts([piece("một", 0), piece("hai", 9), piece("ba", 20)]) == ["một\nhai", "một\nhai", "ba"]


def test_the_order_of_sending_counts_and_what_is_sent_twice_is_said_once() -> None:
    assert whole_texts([piece("hai", 1), piece("một", 0), piece("hai", 2)]) == ["một\nhai"] * 3


def test_without_sender_or_time_every_message_stands_alone() -> None:
    said = [Piece(text="một"), Piece(text="hai"), Piece(text="ba", sender="a"), piece("bốn", 0, None)]
    assert whole_texts(said) == ["một", "hai", "ba", "bốn"]
