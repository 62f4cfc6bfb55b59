"""The charts of a report are real pictures that say the same as their words, and absent without data."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from casework.deadlines.calendar import official_calendar
from casework.documents.charts import timeliness_chart, topics_chart
from casework.reports.compute import compute
from casework.reports.facts import Facts, OpinionFact
from casework.reports.figures import Report
from casework.reports.periods import whole_year
from nlp.analysis import Topic


def a_report(*rows: tuple[str, str]) -> Report:
    """One opinion per (topic, state)."""
    opinions = tuple(
        OpinionFact(
            id=number,
            citizen_id=number,
            group_id=number,
            village_id=None,
            conference_id=None,
            topic=topic,
            level="xa",
            kind="y-kien",
            state=state,
            source="chat",
            sealed=False,
            late=False,
            decline_ground=None,
            received_on=dt.date(2026, 11, 2),
        )
        for number, (topic, state) in enumerate(rows, start=1)
    )
    return compute(
        Facts(
            scope=whole_year(2026, annual=None),
            office_name="xã Tân Minh",
            on=dt.date(2026, 12, 1),
            calendar=official_calendar(),
            opinions=opinions,
        )
    )


def test_the_topics_are_drawn_with_their_numbers_the_most_frequent_first(tmp_path: Path) -> None:
    report = a_report(("y-te", "answered"), ("giao-thong", "answered"), ("giao-thong", "assigned"))
    chart = topics_chart(report, tmp_path / "topics.png")
    assert chart is not None
    assert chart.alt == "Số ý kiến theo lĩnh vực: Giao thông 2 (đã giải quyết 1); Y tế 1 (đã giải quyết 1)."
    assert _shades(chart.path) > 2


def test_timeliness_is_drawn_for_what_is_owed_in_writing(tmp_path: Path) -> None:
    chart = timeliness_chart(a_report(("y-te", "assigned"), ("y-te", "answered")), tmp_path / "time.png")
    assert chart is not None
    assert "Đang chờ, chưa có hạn 1" in chart.alt
    assert _shades(chart.path) > 2


def test_many_topics_are_drawn_as_twelve_bars_and_the_rest(tmp_path: Path) -> None:
    report = a_report(*((str(topic), "answered") for topic in Topic))
    chart = topics_chart(report, tmp_path / "topics.png")
    assert chart is not None
    assert f"{len(Topic) - 12} lĩnh vực còn lại {len(Topic) - 12}" in chart.alt


@pytest.mark.parametrize("rows", [(), (("y-te", "declined"),), (("y-te", "withdrawn"),)])
def test_there_is_no_chart_without_data(tmp_path: Path, rows: tuple[tuple[str, str], ...]) -> None:
    report = a_report(*rows)
    assert topics_chart(report, tmp_path / "a.png") is None
    assert timeliness_chart(report, tmp_path / "b.png") is None
    assert list(tmp_path.iterdir()) == []


def test_the_same_figures_give_the_same_picture(tmp_path: Path) -> None:
    report = a_report(("y-te", "answered"))
    first, second = topics_chart(report, tmp_path / "1.png"), topics_chart(report, tmp_path / "2.png")
    assert first is not None
    assert second is not None
    assert first.path.read_bytes() == second.path.read_bytes()


def _shades(path: Path) -> int:
    """How many shades a picture has: an empty sheet has one."""
    from matplotlib.image import imread

    assert path.read_bytes().startswith(b"\x89PNG")
    pixels = imread(path)
    assert pixels.shape[1] > 800
    # Black and white print: every pixel is grey.
    assert (pixels[..., 0] == pixels[..., 1]).all()
    return len({float(value) for value in pixels[..., 0].ravel()[::7]})
