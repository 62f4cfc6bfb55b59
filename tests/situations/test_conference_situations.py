"""Situations of a conference's life, on both sides of each border day, told as a jurist would tell them.

The conference is on Thursday 10 December 2026, in the imaginary xã Tân Minh, unless a situation says otherwise.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from casework.clock import ManualClock
from casework.errors import IllegalMove, InvalidInput
from casework.regulations import shipped_folder, use_folders
from casework.regulations.model import Step
from casework.usecases.conference import conferences
from casework.usecases.conference.closing import checklist
from casework.usecases.conference.moving import move_conference
from casework.usecases.conference.planning import plan_remarks
from casework.usecases.conference.steps import record_step
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.conference_factories import add_issue, conference_of, on, plan_one, under
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of, reload

HELD_ON = dt.date(2026, 12, 10)


@pytest.fixture
def staff(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


def missed_when(services: Services, clock: ManualClock, staff: int, step: Step, day: dt.date) -> bool:
    """Whether the conference says on its day that this step, done on `day`, came too late."""
    code = plan_one(services, staff)
    add_issue(services)
    conferences.build_agenda(services, staff, code)
    on(clock, HELD_ON)
    record_step(services, staff, code, step, done_on=day)
    return step in {one.step for one in conferences.hold(services, staff, code).missed}


# Law of the whole country and the texts that say the same: the notice goes out seven days before.
@pytest.mark.parametrize("regulation", ["thanh-hoa", "ha-noi", "dien-bien", "son-la", "hai-phong"])
@pytest.mark.parametrize(("day", "too_late"), [(dt.date(2026, 12, 3), False), (dt.date(2026, 12, 4), True)])
def test_a_public_notice_on_the_seventh_day_before_is_in_time_and_on_the_sixth_too_late(
    services: Services, clock: ManualClock, staff: int, regulation: str, day: dt.date, too_late: bool
) -> None:
    under(services, regulation)
    assert missed_when(services, clock, staff, Step.PUBLIC_NOTICE, day) is too_late


# Thanh Hóa: the summary goes to the leaders seven working days before; Monday 30/11 and Tuesday 1/12 around it.
@pytest.mark.parametrize(("day", "too_late"), [(dt.date(2026, 12, 1), False), (dt.date(2026, 12, 2), True)])
def test_in_thanh_hoa_the_summary_is_due_on_the_seventh_working_day_before(
    services: Services, clock: ManualClock, staff: int, day: dt.date, too_late: bool
) -> None:
    assert missed_when(services, clock, staff, Step.SUMMARY_SENT, day) is too_late


# Sơn La: invitations five working days before: Thursday 3/12.
@pytest.mark.parametrize(("day", "too_late"), [(dt.date(2026, 12, 3), False), (dt.date(2026, 12, 4), True)])
def test_in_son_la_invitations_are_due_on_the_fifth_working_day_before(
    services: Services, clock: ManualClock, staff: int, day: dt.date, too_late: bool
) -> None:
    under(services, "son-la")
    assert missed_when(services, clock, staff, Step.INVITATIONS_SENT, day) is too_late


# Sơn La: an opinion fewer than five days before is not refused, it is answered in writing. The fifth day before is a
# Saturday, and still in time.
@pytest.mark.parametrize(("day", "late"), [(dt.date(2026, 12, 5), False), (dt.date(2026, 12, 6), True)])
def test_in_son_la_an_opinion_after_the_last_day_is_answered_in_writing(
    services: Services, clock: ManualClock, staff: int, day: dt.date, late: bool
) -> None:
    under(services, "son-la")
    code = plan_one(services, staff)
    on(clock, day)
    opinion = make_opinion(services, citizen=make_citizen(services), group=make_group(services))
    on(clock, dt.date(2026, 12, 7))
    built = conferences.build_agenda(services, staff, code)
    assert (reload(services, opinion).late, built.lines) == (late, 0 if late else 1)
    assert [("trả lời bằng văn bản" in one.text) for one in notices_of(services, "agenda_late")] == [True] * late


# Sơn La: a conference on the Monday after Tết 2027; five days before is a day of the holidays.
@pytest.mark.parametrize(
    ("day", "late"), [(dt.date(2027, 2, 4), False), (dt.date(2027, 2, 10), False), (dt.date(2027, 2, 11), True)]
)
def test_in_son_la_the_days_off_of_tet_make_no_opinion_late(
    services: Services, clock: ManualClock, staff: int, day: dt.date, late: bool
) -> None:
    under(services, "son-la")
    code = plan_one(services, staff, held_on=dt.date(2027, 2, 15))
    on(clock, day)
    opinion = make_opinion(services, citizen=make_citizen(services), group=make_group(services))
    on(clock, dt.date(2027, 2, 12))
    conferences.build_agenda(services, staff, code)
    assert reload(services, opinion).late is late


# Điện Biên: once a year, in the fourth quarter. Remarked, never refused.
@pytest.mark.parametrize(
    ("day", "outside"),
    [
        (dt.date(2027, 9, 30), True),
        (dt.date(2027, 10, 1), False),
        (dt.date(2026, 12, 31), False),
        (dt.date(2027, 1, 4), True),
    ],
)
def test_in_dien_bien_the_season_is_the_fourth_quarter(
    services: Services, staff: int, day: dt.date, outside: bool
) -> None:
    under(services, "dien-bien")
    code = plan_one(services, staff, held_on=day)
    assert any("mùa đối thoại" in one for one in plan_remarks(services, staff, code).remarks) is outside


# Thanh Hóa: the end of June and the end of December, read as their second halves.
@pytest.mark.parametrize(
    ("day", "outside"),
    [
        (dt.date(2026, 12, 14), True),
        (dt.date(2026, 12, 15), False),
        (dt.date(2026, 12, 31), False),
        (dt.date(2027, 6, 14), True),
        (dt.date(2027, 6, 15), False),
        (dt.date(2027, 6, 30), False),
        (dt.date(2027, 7, 1), True),
    ],
)
def test_in_thanh_hoa_the_seasons_are_the_ends_of_june_and_december(
    services: Services, staff: int, day: dt.date, outside: bool
) -> None:
    code = plan_one(services, staff, held_on=day)
    assert any("mùa đối thoại" in one for one in plan_remarks(services, staff, code).remarks) is outside


# Moving: on 2/11 the seventh day before is still ahead for 9/11, and over for 8/11.
@pytest.mark.parametrize("regulation", ["ha-noi", "dien-bien", "hai-phong"])
def test_a_move_needs_a_reason_as_soon_as_the_seventh_day_before_is_over(
    services: Services, staff: int, regulation: str
) -> None:
    under(services, regulation)
    code = plan_one(services, staff)
    with pytest.raises(IllegalMove, match="thông báo công khai"):
        move_conference(services, staff, code, dt.date(2026, 11, 8), why="khẩn")
    move_conference(services, staff, code, dt.date(2026, 11, 9), why="sớm hơn được")
    assert conference_of(services, code).held_on == dt.date(2026, 11, 9)


# Điện Biên: the conclusion five days after the day: Tuesday 15/12; the result public ten days after: 20/12 is a Sunday.
@pytest.mark.parametrize(
    ("step", "last_day"),
    [(Step.CONCLUSION_ISSUED, dt.date(2026, 12, 15)), (Step.RESULT_PUBLISHED, dt.date(2026, 12, 21))],
)
def test_in_dien_bien_what_follows_the_day_is_late_one_day_after_its_last_day(
    services: Services, clock: ManualClock, staff: int, step: Step, last_day: dt.date
) -> None:
    under(services, "dien-bien")
    code = plan_one(services, staff)
    conferences.build_agenda(services, staff, code)
    on(clock, HELD_ON)
    conferences.hold(services, staff, code)

    def state() -> str:
        return next(item.state for item in checklist(services, staff, code).items if item.step is step)

    on(clock, last_day)
    assert state() == "owed"
    on(clock, last_day + dt.timedelta(days=1))
    assert state() == "late"


# Hà Nội: no advance public notice by its own text for an ad hoc dialogue.
def test_in_ha_noi_only_the_country_asks_for_a_public_notice_of_an_ad_hoc_dialogue(
    services: Services, staff: int
) -> None:
    under(services, "ha-noi")

    def sources(**more: object) -> str:
        code = plan_one(services, staff, **more)
        notice = next(one for one in checklist(services, staff, code).items if one.step is Step.PUBLIC_NOTICE)
        return " ".join([notice.source, *(other.source for other in notice.also)])

    assert "Hà Nội" in sources()
    assert "Hà Nội" not in sources(kind="ad_hoc", topic="Di dời bãi rác")


# Sơn La: an ad hoc dialogue has one matter or one field.
@pytest.mark.parametrize("regulation", ["thanh-hoa", "ha-noi", "son-la"])
def test_an_ad_hoc_dialogue_announces_its_one_matter(services: Services, staff: int, regulation: str) -> None:
    under(services, regulation)
    with pytest.raises(InvalidInput, match="một nội dung"):
        plan_one(services, staff, kind="ad_hoc", topic=" ")
    plan_one(services, staff, kind="ad_hoc", topic="Di dời bãi rác Đồng Trũng")


# An imaginary sixth province whose text keeps late opinions for the next conference: one file, no code.
def test_where_a_text_says_so_a_late_opinion_waits_for_the_next_conference(
    services: Services, clock: ManualClock, staff: int, tmp_path: Path
) -> None:
    text = (shipped_folder() / "son-la.toml").read_text(encoding="utf-8")
    text = text.replace('code = "son-la"', 'code = "tinh-sau"').replace("written_answer", "next_conference")
    (tmp_path / "tinh-sau.toml").write_text(text, encoding="utf-8")
    use_folders([tmp_path])
    try:
        under(services, "tinh-sau")
        code = plan_one(services, staff)
        on(clock, dt.date(2026, 12, 7))
        make_opinion(services, citizen=make_citizen(services), group=make_group(services))
        conferences.build_agenda(services, staff, code)
        (notice,) = notices_of(services, "agenda_late")
        assert "đưa ra lần đối thoại sau" in notice.text
        following = plan_one(services, staff, held_on=dt.date(2026, 12, 24))
        assert conferences.build_agenda(services, staff, following).lines == 1
    finally:
        use_folders([])
