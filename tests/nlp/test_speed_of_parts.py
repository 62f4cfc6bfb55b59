"""What is read beside the labels must not be felt: places, personal data and separate matters of one message."""

from __future__ import annotations

import time

from nlp.normalise import clean
from nlp.personal_data import find
from nlp.places import Gazetteer
from nlp.split import count_issues
from nlp.vocabulary import read

MESSAGE = (
    "Kính gửi ủy ban xã, tôi là Nguyễn Văn Bình ở thôn {}. Con đường liên thôn từ chợ ra đê hỏng nặng đã ba tháng nay, "
    "mưa xuống là ngập, trẻ con đi học hay bị ngã. Đề nghị xã sớm sửa, tôi cảm ơn."
)
#: ten times what was measured on one core: an old PC, and other tests running beside this one
MOST_SECONDS = 0.003


def test_places_personal_data_and_parts_of_a_message_take_a_fraction_of_a_millisecond(gazetteer: Gazetteer) -> None:
    texts = [MESSAGE.format(number) for number in range(60)]
    best = 1.0
    for _ in range(3):
        spent = 0.0
        for text in texts:
            # The analysis has read the text by then.
            read(clean(text).text)
            began = time.process_time()
            gazetteer.find(text)
            find(text, gazetteer.names)
            spent += time.process_time() - began
        counted = time.process_time()
        for text in texts[:32]:
            count_issues(text)
        counted = time.process_time() - counted
        best = min(best, spent / len(texts) + counted / 32)
    assert best < MOST_SECONDS
