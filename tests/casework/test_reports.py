"""Figures of reports against situations whose numbers were counted by hand; and what always holds of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.deadlines.calendar import official_calendar
from casework.documents.report_outline import outline
from casework.errors import InvalidInput
from casework.regulations import regulation, regulations
from casework.regulations.model import Duty, DutyRule
from casework.reports.compute import compute
from casework.reports.facts import AnswerFact, ConferenceFact, DebtFact, Facts, LineFact, OpinionFact
from casework.reports.figures import Report, Unit, definitions
from casework.reports.frozen import freeze, thaw
from casework.reports.periods import Scope, half_year, read_year, whole_year
from nlp.analysis import Topic
from storage.records import OpinionState

YEAR = whole_year(2026, annual=None)
TODAY = dt.date(2026, 12, 8)
HELD = ConferenceFact(
    id=1,
    code="HN-20261120",
    title="Hội nghị đối thoại cuối năm",
    kind="periodic",
    state="concluded",
    held_on=dt.date(2026, 11, 20),
    place="Hội trường xã",
    chair="Bí thư Đảng ủy xã",
    invited=150,
    attendance=142,
    registered=12,
    spoken=9,
    conclusion_number="05/TB-UBND",
    conclusion_on=dt.date(2026, 11, 27),
)


def an_opinion(number: int, **more: Any) -> OpinionFact:
    values: dict[str, Any] = {
        "citizen_id": number,
        "group_id": number,
        "village_id": 1,
        "conference_id": None,
        "topic": "giao-thong",
        "level": "xa",
        "kind": "y-kien",
        "state": "answered",
        "source": "chat",
        "sealed": False,
        "late": False,
        "decline_ground": None,
        "received_on": dt.date(2026, 11, 2),
        **more,
    }
    return OpinionFact(id=number, **values)


def a_line(group: int, outcome: str, *, conference: int = 1) -> LineFact:
    return LineFact(
        conference_id=conference, group_id=group, position=group, title=f"Việc {group}", outcome=outcome, people=1
    )


def a_debt(group: int, due_on: dt.date | None, *, extended_to: dt.date | None = None) -> DebtFact:
    return DebtFact(
        group_id=group,
        agency="Phòng Kinh tế",
        assigned_on=dt.date(2026, 11, 23),
        due_on=due_on,
        extended_to=extended_to,
    )


def facts_of(opinions: Iterable[OpinionFact], **more: Any) -> Facts:
    listed = tuple(opinions)
    values: dict[str, Any] = {
        "scope": YEAR,
        "office_name": "xã Tân Minh",
        "on": TODAY,
        "calendar": official_calendar(),
        "opinions": listed,
        "on_agendas": tuple(one for one in listed if one.conference_id is not None),
        "held_on": {1: HELD.held_on},
        "villages": {1: ("thon-1", "Thôn 1"), 2: ("thon-2", "Thôn 2")},
        **more,
    }
    return Facts(**values)


def values(report: Report, *keys: str) -> list[int | float | None]:
    return [report[key].value for key in keys]


# --------------------------------------------------------------------------- results


def test_each_opinion_has_one_result_and_the_totals_follow() -> None:
    opinions = [
        an_opinion(1, conference_id=1, group_id=10),  # answered in the hall
        an_opinion(2, conference_id=1, group_id=11),  # its line was put off, then answered in writing
        an_opinion(3, conference_id=1, group_id=10, state="scheduled"),  # said in the hall, no text yet
        an_opinion(4, conference_id=1, group_id=12, state="scheduled"),  # put off, nobody assigned
        an_opinion(5, state="assigned"),
        an_opinion(6, state="approved", late=True),
        an_opinion(7, state="referred"),
        an_opinion(8, state="declined", decline_ground="DA_GIAI_QUYET_BANG_VAN_BAN"),
        an_opinion(9, state="redirected", kind="khieu-nai"),
        an_opinion(10, state="held", sealed=True, kind="to-cao"),
        an_opinion(11, state="clarifying"),
        an_opinion(12, state="withdrawn"),
    ]
    lines = (a_line(10, "answered"), a_line(11, "deferred"), a_line(12, "deferred"))
    report = compute(facts_of(opinions, conferences=(HELD,), lines=lines))
    assert values(report, "answered_at_conference", "answered_in_writing", "waiting", "referred") == [2, 1, 3, 1]
    assert values(report, "resolved", "unresolved", "taken_up") == [3, 4, 7]
    assert values(report, "declined", "complaints", "sealed_waiting", "under_review", "withdrawn") == [1, 1, 1, 1, 1]
    assert values(report, "denunciations", "redirected") == [0, 1]
    assert values(report, "received", "late_opinions") == [12, 1]
    assert report["answered_at_conference"].opinions == {1, 3}


def test_a_matter_given_back_to_an_agency_after_the_hall_waits_again() -> None:
    again = an_opinion(1, conference_id=1, group_id=10, state="assigned")
    facts = facts_of([again], lines=(a_line(10, "answered"),), verdicts={1: False})
    report = compute(facts)
    assert values(report, "answered_at_conference", "waiting", "not_satisfied", "resolved") == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("published", "in_hall"),
    [
        ([], True),  # said, no text yet
        (["2026-11-20"], True),  # the words of the hall, carried out by an agency assigned on the 23rd
        (["2026-11-30"], True),  # what was said in the hall was written down by the agency
        (["2026-11-20", "2026-11-30"], False),  # given back on the 23rd, answered anew
    ],
)
def test_what_was_given_back_and_answered_anew_counts_as_answered_in_writing(
    published: list[str], in_hall: bool
) -> None:
    answers = tuple(AnswerFact(group_id=10, final=True, published_on=dt.date.fromisoformat(day)) for day in published)
    facts = facts_of(
        [an_opinion(1, conference_id=1, group_id=10)],
        lines=(a_line(10, "answered"),),
        debts={10: a_debt(10, dt.date(2026, 12, 1))},
        answers={10: answers},
    )
    assert values(compute(facts), "answered_at_conference", "answered_in_writing") == [in_hall, not in_hall]


def test_a_sealed_opinion_nobody_has_opened_is_not_counted_as_guided_but_its_lateness_is() -> None:
    opinions = [an_opinion(1, sealed=True, state="held"), an_opinion(2, sealed=True, state="redirected")]
    report = compute(facts_of(opinions, late_acknowledged=frozenset({1})))
    assert values(report, "received", "redirected", "denunciations", "sealed_waiting") == [2, 1, 1, 1]
    assert report["late_acknowledgement"].opinions == {1}


def test_what_was_answered_in_the_hall_and_in_writing_too_is_said_apart_and_counted_once() -> None:
    spoken = [an_opinion(number, conference_id=1, group_id=10 + number) for number in (1, 2)]
    written = {11: (AnswerFact(group_id=11, final=True, published_on=dt.date(2026, 11, 25)),)}
    facts = facts_of(spoken, lines=(a_line(11, "answered"), a_line(12, "answered")), answers=written)
    report = compute(facts)
    assert values(report, "answered_at_conference", "hall_and_writing", "answered_in_writing") == [2, 1, 0]


@pytest.mark.parametrize(
    ("promised", "keys"), [(True, ("promised_open", "met_promised")), (False, ("extended_open", "met_extended"))]
)
def test_a_day_promised_by_an_interim_answer_is_not_counted_as_an_extension(
    promised: bool, keys: tuple[str, str]
) -> None:
    debt = replace(a_debt(1, dt.date(2026, 12, 1), extended_to=dt.date(2026, 12, 20)), promised=promised)
    final = (AnswerFact(group_id=2, final=True, published_on=dt.date(2026, 12, 7)),)
    opinions = [an_opinion(1, state="assigned"), an_opinion(2)]
    report = compute(facts_of(opinions, debts={1: debt, 2: replace(debt, group_id=2)}, answers={2: final}))
    assert values(report, *keys) == [1, 1]
    assert report["extended"].value == (0 if promised else 2)


def test_a_median_of_whole_days_is_a_whole_number() -> None:
    final = (AnswerFact(group_id=1, final=True, published_on=dt.date(2026, 11, 12)),)
    answers = {1: final, 2: (replace(final[0], group_id=2),)}
    report = compute(facts_of([an_opinion(1), an_opinion(2)], answers=answers))
    assert str(report["response_median"].value) == "8"


def test_the_sealed_are_counted_apart_whatever_their_state_and_never_by_village_or_topic() -> None:
    sealed = [an_opinion(number, sealed=True, state=state) for number, state in enumerate(OpinionState, start=1)]
    report = compute(facts_of(sealed))
    assert len(report["denunciations"].opinions | report["sealed_waiting"].opinions) == len(sealed)
    assert report["received"].value == len(sealed)
    assert report["taken_up"].value == 0
    assert (report.by_topic, report.by_village, report.by_level, report.by_ground) == ((), (), (), ())


def test_people_are_counted_once_and_whoever_is_unknown_each_time() -> None:
    opinions = [an_opinion(1, citizen_id=7), an_opinion(2, citizen_id=7), an_opinion(3, citizen_id=None)]
    opinions.append(an_opinion(4, citizen_id=None))
    report = compute(facts_of(opinions))
    assert values(report, "received", "people") == [4, 3]


def test_merged_opinions_are_one_issue() -> None:
    report = compute(facts_of([an_opinion(1, group_id=5), an_opinion(2, group_id=5), an_opinion(3, group_id=6)]))
    assert values(report, "taken_up", "issues") == [3, 2]


def test_levels_split_what_was_taken_up_and_name_what_is_outside_the_state() -> None:
    opinions = [
        an_opinion(1, level="xa"),
        an_opinion(2, level="xa", state="assigned"),
        an_opinion(3, level="tinh"),
        an_opinion(4, level="trung-uong", state="referred"),
        an_opinion(5, level="ngoai-nha-nuoc"),
        an_opinion(6, level="xa", state="declined"),
    ]
    report = compute(facts_of(opinions))
    rows = {row.name: (row.opinions.value, row.resolved.value, row.unresolved.value) for row in report.by_level}
    assert rows == {
        "Cấp xã": (2, 1, 1),
        "Cấp tỉnh": (1, 1, 0),
        "Trung ương": (1, 0, 1),
        "Ngoài nhà nước, chưa rõ cấp": (1, 1, 0),
    }


def test_declined_ones_are_counted_by_their_ground() -> None:
    grounds = ["BI_MAT_NHA_NUOC", "DA_GIAI_QUYET_BANG_VAN_BAN", "DA_GIAI_QUYET_BANG_VAN_BAN"]
    opinions = [an_opinion(n, state="declined", decline_ground=code) for n, code in enumerate(grounds, start=1)]
    report = compute(facts_of(opinions))
    assert [(one.key, one.value) for one in report.by_ground] == [
        ("ground:DA_GIAI_QUYET_BANG_VAN_BAN", 2),
        ("ground:BI_MAT_NHA_NUOC", 1),
    ]


# --------------------------------------------------------------------------- written answers and time


@pytest.mark.parametrize(
    ("answered_on", "due_on", "extended_to", "key"),
    [
        (dt.date(2026, 12, 1), dt.date(2026, 12, 1), None, "on_time"),  # on the last day
        (dt.date(2026, 12, 2), dt.date(2026, 12, 1), None, "late"),  # one day after
        (dt.date(2026, 12, 2), dt.date(2026, 12, 1), dt.date(2026, 12, 4), "met_extended"),
        (dt.date(2026, 12, 5), dt.date(2026, 12, 1), dt.date(2026, 12, 4), "late"),
        (dt.date(2026, 12, 1), None, None, "no_due_answered"),
        (None, TODAY, None, "in_time"),  # the last day is not over
        (None, TODAY - dt.timedelta(days=1), None, "overdue"),
        (None, TODAY - dt.timedelta(days=1), TODAY, "extended_open"),
        (None, dt.date(2026, 12, 1), dt.date(2026, 12, 4), "overdue"),
        (None, None, None, "no_due_open"),
    ],
)
def test_a_written_answer_is_judged_by_its_due_date_on_both_sides_of_the_border_day(
    answered_on: dt.date | None, due_on: dt.date | None, extended_to: dt.date | None, key: str
) -> None:
    opinion = an_opinion(1, state="answered" if answered_on else "assigned")
    answers = {1: (AnswerFact(group_id=1, final=True, published_on=answered_on),)} if answered_on else {}
    report = compute(facts_of([opinion], debts={1: a_debt(1, due_on, extended_to=extended_to)}, answers=answers))
    judged = {part: report[part].value for part in definitions()["owed_in_writing"].parts}
    assert judged == dict.fromkeys(judged, 0) | {key: 1}
    assert report["extended"].value == (extended_to is not None)


@pytest.mark.parametrize(
    ("answered_on", "missed", "key"),
    [
        (dt.date(2026, 12, 4), False, "met_extended"),
        (dt.date(2026, 12, 4), True, "late"),
        (None, False, "extended_open"),
        (None, True, "overdue"),
    ],
)
def test_what_was_extended_after_its_day_had_passed_is_late_all_the_same(
    answered_on: dt.date | None, missed: bool, key: str
) -> None:
    opinion = an_opinion(1, state="answered" if answered_on else "assigned")
    answers = {1: (AnswerFact(group_id=1, final=True, published_on=answered_on),)} if answered_on else {}
    debt = replace(a_debt(1, dt.date(2026, 12, 1), extended_to=TODAY), missed=missed)
    report = compute(facts_of([opinion], debts={1: debt}, answers=answers))
    assert values(report, key, "extended", "owed_in_writing") == [1, 1, 1]


def test_an_interim_answer_leaves_the_matter_unsettled_and_is_counted() -> None:
    interim = AnswerFact(group_id=1, final=False, published_on=dt.date(2026, 12, 1))
    report = compute(facts_of([an_opinion(1, state="assigned")], answers={1: (interim,)}))
    assert values(report, "resolved", "waiting", "interim") == [0, 1, 1]


def test_a_correction_does_not_make_a_timely_answer_late() -> None:
    given_twice = tuple(
        AnswerFact(group_id=1, final=True, published_on=day) for day in (dt.date(2026, 11, 30), dt.date(2026, 12, 7))
    )
    debts = {1: a_debt(1, dt.date(2026, 12, 1))}
    report = compute(facts_of([an_opinion(1)], debts=debts, answers={1: given_twice}))
    assert values(report, "on_time", "late") == [1, 0]


def test_response_times_count_working_days_from_the_day_after_receipt() -> None:
    # Received on Monday 2 November 2026. Answered the same day: 0; on Friday 6: 4; on Monday 9: 5 (no weekend).
    days = [dt.date(2026, 11, 2), dt.date(2026, 11, 6), dt.date(2026, 11, 9)]
    opinions = [an_opinion(number) for number in (1, 2, 3)]
    answers = {n: (AnswerFact(group_id=n, final=True, published_on=day),) for n, day in enumerate(days, start=1)}
    report = compute(facts_of(opinions, answers=answers))
    assert values(report, "response_median", "response_longest") == [4, 5]
    assert report["response_longest"].opinions == {3}


def test_an_answer_in_the_hall_ends_the_response_time_on_the_day_of_the_conference() -> None:
    # 2 to 20 November 2026 are 14 working days after the first (no holiday before the 24th).
    report = compute(facts_of([an_opinion(1, conference_id=1)], lines=(a_line(1, "answered"),)))
    assert report["response_longest"].value == 14


def test_nothing_answered_leaves_the_response_time_open() -> None:
    report = compute(facts_of([an_opinion(1, state="assigned")]))
    assert values(report, "response_median", "response_longest") == [None, None]


# --------------------------------------------------------------------------- conferences and the annex


def test_the_annex_counts_each_conference_and_the_report_adds_them_up() -> None:
    second = ConferenceFact(**{**vars_of(HELD), "id": 2, "code": "HN-20260625", "attendance": 58, "invited": None})
    failed = ConferenceFact(**{**vars_of(HELD), "id": 3, "code": "HN-20260901", "state": "failed", "attendance": 9})
    opinions = [
        an_opinion(1, conference_id=1, group_id=1),
        an_opinion(2, conference_id=1, group_id=2, state="assigned"),
        an_opinion(3, conference_id=1, group_id=3, state="declined", decline_ground="BI_MAT_NHA_NUOC"),
        an_opinion(4, conference_id=2, group_id=4),
        an_opinion(5, conference_id=1, group_id=5, sealed=True),
    ]
    report = compute(facts_of(opinions, conferences=(HELD, second, failed), held_on={1: HELD.held_on, 2: TODAY}))
    assert [(row.resolved.value, row.unresolved.value, row.note) for row in report.annex] == [
        (1, 1, "không đối thoại, có căn cứ 1"),
        (1, 0, ""),
    ]
    assert values(report, "conferences", "failed_conferences", "attendance", "invited") == [2, 1, 200, 150]
    assert values(report, "speakers", "registered_speakers") == [18, 24]


def test_the_second_round_begins_with_what_became_of_the_first() -> None:
    before = ConferenceFact(**{**vars_of(HELD), "id": 9, "code": "HN-20260620", "held_on": dt.date(2026, 6, 20)})
    opinions = (
        an_opinion(1, group_id=1, conference_id=9),
        an_opinion(2, group_id=2, conference_id=9),
        an_opinion(3, group_id=2, conference_id=9, state="assigned"),
        an_opinion(4, group_id=3, conference_id=9, state="referred"),
    )
    lines = tuple(a_line(group, "deferred", conference=9) for group in (1, 2, 3))
    report = compute(
        facts_of([], previous=before, previous_lines=lines, previous_opinions=opinions, debts={2: a_debt(2, None)})
    )
    assert [(line.position, line.standing, line.agency) for line in report.previous_lines] == [
        (1, "resolved", None),
        (2, "unresolved", "Phòng Kinh tế"),
        (3, "referred", None),
    ]
    assert report.previous is not None
    assert report.previous.held_on == "20/06/2026"
    assert report["received"].value == 0


def vars_of(conference: ConferenceFact) -> dict[str, Any]:
    return {name: getattr(conference, name) for name in ConferenceFact.__dataclass_fields__}


# --------------------------------------------------------------------------- what always holds

_STATES = st.sampled_from([str(state) for state in OpinionState])
_OPINIONS = st.lists(
    st.builds(
        dict,
        state=_STATES,
        sealed=st.booleans(),
        group_id=st.none() | st.integers(1, 4),
        citizen_id=st.none() | st.integers(1, 5),
        village_id=st.none() | st.integers(1, 3),
        conference_id=st.none() | st.just(1),
        topic=st.sampled_from([str(topic) for topic in Topic]),
        level=st.sampled_from(["xa", "huyen", "tinh", "trung-uong", "khac"]),
        kind=st.sampled_from(["y-kien", "khieu-nai", "to-cao"]),
        decline_ground=st.none() | st.just("BI_MAT_NHA_NUOC"),
        late=st.booleans(),
    ),
    max_size=25,
)
_DAYS = st.none() | st.dates(dt.date(2026, 11, 23), dt.date(2026, 12, 31))


@given(
    rows=_OPINIONS,
    outcomes=st.lists(st.sampled_from(["pending", "answered", "deferred", "declined"]), min_size=4, max_size=4),
    dues=st.lists(st.tuples(_DAYS, _DAYS, _DAYS), min_size=4, max_size=4),
    verdicts=st.dictionaries(st.integers(1, 25), st.booleans()),
)
def test_parts_are_disjoint_and_make_up_their_totals_exactly(
    rows: list[dict[str, Any]],
    outcomes: list[str],
    dues: list[tuple[dt.date | None, ...]],
    verdicts: dict[int, bool],
) -> None:
    opinions = [an_opinion(number, **row) for number, row in enumerate(rows, start=1)]
    debts = {n: a_debt(n, due, extended_to=ext) for n, (due, ext, _) in enumerate(dues, start=1)}
    answers = {
        n: (AnswerFact(group_id=n, final=True, published_on=day),) for n, (_, _, day) in enumerate(dues, start=1) if day
    }
    report = compute(
        facts_of(
            opinions,
            conferences=(HELD,),
            lines=tuple(a_line(group, outcome) for group, outcome in enumerate(outcomes, start=1)),
            debts=debts,
            answers=answers,
            verdicts=verdicts,
        )
    )
    assert report["received"].opinions == {opinion.id for opinion in opinions}
    for figure in report.figures.values():
        if figure.parts:
            parts = [report[part].opinions for part in figure.parts]
            assert figure.opinions == frozenset().union(*parts)
            assert figure.value == sum(len(part) for part in parts)
    assert report["owed_in_writing"].opinions == (report["waiting"].opinions | report["answered_in_writing"].opinions)
    for table in (report.by_level, report.by_topic, report.by_village):
        assert sum(row.opinions.value or 0 for row in table) == report["taken_up"].value
        assert sum(row.resolved.value or 0 for row in table) == report["resolved"].value
        assert sum(row.unresolved.value or 0 for row in table) == report["unresolved"].value
    assert sum(figure.value or 0 for figure in report.by_ground) == report["declined"].value
    sealed = {opinion.id for opinion in opinions if opinion.sealed}
    quiet = {"received", "redirected", "denunciations", "sealed_waiting", "late_acknowledgement", "people"}
    assert all(not figure.opinions & sealed for figure in report.everything() if figure.key not in quiet)
    assert all(one.value == len(one.opinions) for one in report.figures.values() if one.unit is Unit.OPINION)
    assert thaw(json.loads(json.dumps(freeze(report)))) == report


def test_every_total_names_parts_that_are_defined() -> None:
    known = definitions()
    assert [part for one in known.values() for part in one.parts if part not in known] == []
    assert all(one.definition.endswith(".") for one in known.values())


# --------------------------------------------------------------------------- the outline


def test_every_outline_gives_each_block_of_figures_one_place_and_ends_with_what_a_person_writes() -> None:
    outlines = [report.sections for one in regulations() for report in one.reports]
    for sections in (*outlines, (), ("Chỉ một mục",)):
        made = outline(sections)
        blocks = [block for section in made for block in section.blocks]
        assert sorted(blocks) == sorted(set(blocks))
        assert {"volume", "outcome", "timeliness", "topics", "organisation"} <= set(blocks)
        assert made[-1].pen
        assert "xuất, kiến nghị" in made[-1].heading


def test_the_outline_of_dien_bien_keeps_its_order_and_numbers_what_it_numbers_twice() -> None:
    report = next(one for one in regulation("dien-bien").reports if one.sections)
    headings = [section.heading for section in outline(report.sections)]
    assert [heading.split(".")[0] for heading in headings if heading[0] in "IVX"] == ["I", "II", "III", "IV"]
    assert headings[3].startswith("1. Công tác chuẩn bị")
    assert headings[4].startswith("2.1. Ngày tổ chức")
    by_block = {block: section.heading for section in outline(report.sections) for block in section.blocks}
    assert "thẩm quyền" in by_block["level"]
    assert "đã trả lời tại hội nghị" in by_block["outcome"]
    assert "cấp trên" in by_block["upward"]


# --------------------------------------------------------------------------- periods


def _rule(code: str, duty: Duty) -> DutyRule:
    return next(rule for rule in regulation(code).duties if rule.duty is duty and rule.on is not None)


def _son_la() -> tuple[Scope, Scope]:
    half, annual = _rule("son-la", Duty.HALF_YEAR_REPORT), _rule("son-la", Duty.ANNUAL_REPORT)
    return half_year(2026, half=half, annual=annual), whole_year(2026, annual=annual)


def test_a_half_year_report_due_before_20_june_counts_up_to_the_end_of_may() -> None:
    half, _ = _son_la()
    assert half.covers(dt.date(2026, 5, 31))
    assert not half.covers(dt.date(2026, 6, 1))


def test_an_annual_report_due_before_10_december_counts_from_december_to_november() -> None:
    _, annual = _son_la()
    assert not annual.covers(dt.date(2025, 11, 30))
    assert annual.covers(dt.date(2025, 12, 1))
    assert annual.covers(dt.date(2026, 11, 30))
    assert not annual.covers(dt.date(2026, 12, 1))


def test_a_report_due_in_the_following_year_is_on_the_calendar_year() -> None:
    annual = whole_year(2026, annual=_rule("dien-bien", Duty.ANNUAL_REPORT))
    assert (annual.first, annual.last) == (dt.date(2026, 1, 1), dt.date(2026, 12, 31))


def test_without_a_rule_the_halves_of_the_calendar_count() -> None:
    half = half_year(2026, half=None, annual=None)
    assert (half.first, half.last) == (dt.date(2026, 1, 1), dt.date(2026, 6, 30))


@given(year=st.integers(2020, 2060), code=st.sampled_from(["son-la", "thanh-hoa", "ha-noi", "dien-bien"]))
def test_no_day_falls_between_two_annual_reports_or_into_both(year: int, code: str) -> None:
    rule = _rule(code, Duty.ANNUAL_REPORT)
    before, after = whole_year(year, annual=rule), whole_year(year + 1, annual=rule)
    assert after.first == before.last + dt.timedelta(days=1)


@pytest.mark.parametrize("text", ["2026", "2026-H1", "2026-1", " 2026 "])
def test_a_period_is_read_as_people_write_it(text: str) -> None:
    assert read_year(text) == 2026


@pytest.mark.parametrize("text", ["", "26", "2026-H2", "1999", "năm nay", "2026-13"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_year(text)
