"""Who settles an opinion, as staff read it before they refer or assign it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from casework.cards import opinion_card
from casework.clock import ManualClock, local_date
from casework.usecases.access import key_of
from casework.usecases.moderation.queue import show
from casework.usecases.work import Services
from nlp.analysis import Kind
from storage.records import OpinionState, Role
from tests.casework.factories import make_opinion, make_staff

OWN = """
[[row]]
matters = ["giao-thong"]
words = ["huyện lộ"]
level = "tinh"
body = "so-xay-dung"
basis = "Quyết định phân cấp đường bộ của tỉnh"
mark = "sure"
"""


def card(services: Services, text: str, **labels: Any) -> str:
    opinion = make_opinion(services, state=OpinionState.RECEIVED, text=text, **labels)
    return opinion_card(show(services, make_staff(services, Role.MODERATOR), key_of(opinion)), in_group=False)


def test_the_card_says_who_settles_it_why_and_on_what_basis(services: Services) -> None:
    said = card(services, "Tỉnh lộ 391 nát như tương", topic="giao-thong", level="tinh")
    assert "Nơi giải quyết: Sở Xây dựng, vì tin nhắn nói rõ: tỉnh lộ." in said
    assert "Căn cứ: Luật Đường bộ 35/2024/QH15" in said


def test_what_is_unsure_is_said_in_words(services: Services) -> None:
    said = card(services, "Huyện lộ 5 nát như tương", topic="giao-thong", level="xa")
    assert "CHƯA CHẮC" in said
    sure = card(services, "Làm sổ đỏ lần đầu ở đâu", topic="dat-dai", level="xa")
    assert "Điều 5" in sure
    assert "CHƯA CHẮC" not in sure


def test_it_follows_the_labels_a_person_gave(services: Services) -> None:
    said = card(services, "Đèn đường hỏng cả dãy", topic="dien-chieu-sang", level="tinh")
    assert "Nơi giải quyết: Sở Xây dựng" in said


def test_what_is_no_opinion_has_no_such_line(services: Services) -> None:
    assert "Nơi giải quyết" not in card(services, "chào cả nhà", kind=Kind.NOT_AN_OPINION, topic="khac", level="xa")


@pytest.fixture
def with_own_file(services: Services, tmp_path: Path) -> Services:
    services.competence_file = tmp_path / "rieng.toml"
    services.competence_file.write_text(OWN, encoding="utf-8")
    return services


def test_the_offices_own_file_is_followed(with_own_file: Services) -> None:
    assert with_own_file.competence_refused == ""
    analysis = with_own_file.understander.analyse("Huyện lộ 5 nát như tương")
    assert (analysis.level.value, analysis.body) == ("tinh", "so-xay-dung")
    said = card(with_own_file, "Huyện lộ 5 nát như tương", topic="giao-thong", level="tinh")
    assert "Quyết định phân cấp đường bộ của tỉnh" in said


def test_a_line_that_has_ended_is_not_followed_by_a_program_that_runs_on(with_own_file: Services) -> None:
    assert with_own_file.competence_file is not None
    last_day = local_date(with_own_file.clock.now())
    with_own_file.competence_file.write_text(f"{OWN}until = {last_day}\n", encoding="utf-8")
    assert with_own_file.understander.analyse("Huyện lộ 5 nát như tương").level.value == "tinh"
    with_own_file.clock = ManualClock(with_own_file.clock.now() + dt.timedelta(days=1))
    assert with_own_file.understander.analyse("Huyện lộ 5 nát như tương").level.value == "xa"


def test_a_faulty_file_is_told_and_the_programs_map_serves(with_own_file: Services) -> None:
    assert with_own_file.competence_file is not None
    with_own_file.competence_file.write_text(OWN.replace("so-xay-dung", "so-nao-do"), encoding="utf-8")
    assert "[[row]] thứ 1" in with_own_file.competence_refused
    assert with_own_file.understander.analyse("Huyện lộ 5 nát như tương").body == "ubnd-xa"


def test_a_missing_file_is_told_and_the_programs_map_serves(services: Services, tmp_path: Path) -> None:
    services.competence_file = tmp_path / "khong-co.toml"
    assert "khong-co.toml: không đọc được" in services.competence_refused
    assert services.understander.analyse("Tỉnh lộ 391 nát").body == "so-xay-dung"
