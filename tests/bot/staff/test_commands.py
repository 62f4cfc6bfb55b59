from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.staff.buttons import Press, Tap, parse_token
from bot.staff.commands import (
    GRAMMAR,
    Command,
    Misuse,
    Verb,
    did_you_mean,
    greeting,
    help_text,
    menu,
    parse,
    parse_fields,
)
from casework.codes import new_code, spoken
from casework.grounds import grounds
from casework.usecases.access import Grant, Member
from storage.records import Role

codes = st.integers().map(lambda seed: new_code(random.Random(seed)))
words = st.text(alphabet="abcđêôơư ạếộ0123,.?!", max_size=40).map(str.strip)
#: how people write the same code
SPELLINGS: list[Callable[[str], str]] = [
    str,
    spoken,
    str.lower,
    lambda code: f"{code[:3]} {code[3:]}",
    lambda code: spoken(code).lower(),
]
spellings = st.sampled_from(SPELLINGS)


@given(st.text(max_size=400), st.booleans())
def test_no_text_makes_the_parser_fail(text: str, slash_only: bool) -> None:
    parse(text, slash_only=slash_only)
    parse("/" + text, slash_only=slash_only)
    parse_fields(text)


@given(st.text(max_size=80))
def test_no_token_makes_the_parser_fail(token: str) -> None:
    parse_token(token)
    parse_token("s:" + token)


@given(st.sampled_from(list(Verb)), st.lists(codes, min_size=3, max_size=3), words, spellings, st.booleans())
def test_a_command_reads_the_same_however_code_case_and_bot_name_are_typed(
    verb: Verb, three: list[str], rest: str, spell: Callable[[str], str], named: bool
) -> None:
    grammar = GRAMMAR[verb]
    refs = three[: grammar.refs]
    typed = [spell(ref) for ref in refs]
    at = "@doithoai_bot" if named else ""
    # A letter first: digits could continue a code.
    tail = f"ạ {rest}".strip() if grammar.words else ""
    text = f"/{verb.value.upper() if named else verb.value}{at} {' '.join(typed)} {tail}"
    assert parse(text, slash_only=True) == Command(verb=verb, refs=tuple(refs), words=tail)


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("hàng đợi", Verb.QUEUE),
        ("Hôm nay", Verb.TODAY),
        ("HANGDOI", Verb.QUEUE),
        (unicodedata.normalize("NFD", "Hàng Đợi"), Verb.QUEUE),
        ("/hàngđợi", Verb.QUEUE),
        ("trợ giúp", Verb.HELP),
    ],
)
def test_accents_and_slash_do_not_matter_for_a_command_alone(text: str, verb: Verb) -> None:
    assert parse(text, slash_only=False) == Command(verb=verb)


CODE = new_code(random.Random(7))


def test_without_a_slash_only_a_valid_code_makes_a_command() -> None:
    assert parse(f"duyệt {spoken(CODE)}", slash_only=False) == Command(verb=Verb.APPROVE, refs=(CODE,))
    assert parse(f"hỏi lại {CODE} ở đâu ạ?", slash_only=False) == Command(
        verb=Verb.ASK_BACK, refs=(CODE,), words="ở đâu ạ?"
    )


@pytest.mark.parametrize(
    "text",
    [
        "xem lại đường thôn 4 giúp tôi",
        "Đề nghị duyệt kinh phí sửa đường",
        "sửa đường đi ạ",
        "gộp chung hai thôn lại",
        "hôm nay mất điện cả ngày",
        "khẩn trương sửa cầu",
        f"duyệt {CODE} nhé chị",
        "xem abc def",
        "tách thửa đất cho con",
        "",
        "   ",
    ],
)
def test_ordinary_words_are_no_command(text: str) -> None:
    assert parse(text, slash_only=False) is None


def test_in_a_group_only_a_slash_makes_a_command() -> None:
    assert parse(f"duyệt {CODE}", slash_only=True) is None
    assert parse(f"/duyet {CODE}", slash_only=True) == Command(verb=Verb.APPROVE, refs=(CODE,))


def test_misuse_names_what_is_wrong() -> None:
    assert parse("/abc", slash_only=True) == Misuse(verb=None)
    assert parse("/xem", slash_only=True) == Misuse(verb=Verb.SHOW)
    assert parse("/xem K7P4MZ", slash_only=True) == Misuse(verb=Verb.SHOW, wrong_code="K7P4MZ")
    assert parse(f"/gop {CODE}", slash_only=True) == Misuse(verb=Verb.MERGE)


def test_merging_takes_as_many_codes_as_are_there_then_the_reason() -> None:
    three = [new_code(random.Random(seed)) for seed in range(3)]
    asked = parse(f"/gop {three[0]}, {spoken(three[1])} {three[2]} cùng cột đèn", slash_only=True)
    assert asked == Command(verb=Verb.MERGE, refs=tuple(three), words="cùng cột đèn")


def test_sealed_opinions_are_named_by_number() -> None:
    assert parse("/xem #12", slash_only=True) == Command(verb=Verb.SHOW, refs=("#12",))
    assert isinstance(parse("/xem #" + "9" * 30, slash_only=True), Misuse)


def test_fields_hold_spaces_and_loose_names() -> None:
    assert parse_fields("loại=y-kien  THON = thôn Hạ cap=tinh") == {"loai": "y-kien", "thon": "thôn Hạ", "cap": "tinh"}
    assert parse_fields("linh tinh") == {}


@given(
    st.sampled_from(list(Tap)),
    st.one_of(codes, st.integers(min_value=1, max_value=10**9).map(lambda n: f"#{n}")),
    st.integers(min_value=0, max_value=10**6),
    st.sampled_from([None, *(ground.code for ground in grounds()), "khieu-nai", "12", "#34"]),
)
def test_a_token_carries_all_a_press_needs_in_64_ascii_bytes(tap: Tap, ref: str, version: int, arg: str | None) -> None:
    press = Press(tap=tap, ref=ref, version=version, arg=arg)
    assert parse_token(press.token()) == press
    assert len(press.token().encode("ascii")) <= 64


def test_every_command_is_in_help_and_menu_within_the_platforms_limits() -> None:
    everything = help_text(holding(Role.MODERATOR))
    for verb in Verb:
        assert f"/{verb.value}" in everything
    assert sorted(name for name, _ in menu()) == sorted(verb.value for verb in Verb)
    assert all(name.isascii() and name.isalnum() and len(name) <= 32 and 1 <= len(text) <= 256 for name, text in menu())
    assert len(everything.encode("utf-16-le")) // 2 <= 4096


def holding(*roles: Role) -> Member:
    grants = tuple(Grant(role=role, residential_group_id=None) for role in roles)
    return Member(id=1, office_id=1, name="Ông Tư", grants=grants)


def test_an_officer_of_a_village_is_told_of_what_is_his_and_of_nothing_else() -> None:
    text = help_text(holding(Role.VILLAGE_OFFICER))
    assert text.splitlines()[1].startswith("/phieu")
    assert len(text) < 700
    assert not [verb for verb in (Verb.APPROVE, Verb.DECLINE, Verb.MERGE, Verb.REFER) if f"/{verb.value} " in text]
    assert len(greeting(holding(Role.VILLAGE_OFFICER))) < 300
    assert "/duyet" in help_text(holding(Role.VILLAGE_OFFICER, Role.APPROVER))
    assert "/baocao" in help_text(holding(Role.VILLAGE_OFFICER, Role.ADMIN))
    assert "/hangdoi" not in help_text(holding(Role.ADMIN))


@pytest.mark.parametrize(
    ("typed", "role", "near"),
    [
        ("/phieuu", Role.VILLAGE_OFFICER, "/phieu "),
        ("/datroa 1", Role.VILLAGE_OFFICER, "/datrao "),
        ("/duyett K7P-4MX", Role.MODERATOR, "/duyet "),
        ("/giup", Role.VILLAGE_OFFICER, "/trogiup"),
        ("/zzz", Role.MODERATOR, "/trogiup"),
    ],
)
def test_a_mistyped_command_is_answered_with_the_nearest_one_alone(typed: str, role: Role, near: str) -> None:
    misuse = parse(typed, slash_only=True)
    assert isinstance(misuse, Misuse)
    said = did_you_mean(misuse.typed, holding(role))
    assert near in said
    assert said.endswith("/trogiup")
    assert len(said.splitlines()) <= 3
