"""Charts of a report, drawn to be read in black and white: numbers on the bars, patterns instead of colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

from casework.reports.figures import Breakdown, Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: width of a chart on paper, mm
WIDTH = 160
#: dots per inch: sharp in print, and a file still small enough to send
_DPI = 160
_MM_PER_INCH = 25.4
#: bars of a chart; the rest goes into one bar more
_MOST_BARS = 12
_LABEL = 30
_INK = "#222222"
_DONE: dict[str, Any] = {"facecolor": "#555555"}
_OPEN: dict[str, Any] = {"facecolor": "white", "hatch": "////"}
#: patterns of the timeliness bars: answered in time dark, late ones striking, waiting ones light
_TIMELINESS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("on_time", "Trả lời đúng hạn", {"facecolor": "#555555"}),
    ("met_extended", "Trả lời trong hạn đã gia hạn", {"facecolor": "#999999"}),
    ("met_promised", "Trả lời trong ngày đã hẹn", {"facecolor": "#bbbbbb"}),
    ("late", "Trả lời trễ hạn", {"facecolor": "white", "hatch": "xxxx"}),
    ("in_time", "Đang chờ, còn trong hạn", {"facecolor": "#dddddd"}),
    ("extended_open", "Đang chờ, đã gia hạn", {"facecolor": "white", "hatch": "...."}),
    ("promised_open", "Đang chờ, đã hẹn ngày", {"facecolor": "white", "hatch": "oo"}),
    ("overdue", "Quá hạn, chưa trả lời", {"facecolor": "#222222"}),
    ("no_due_answered", "Đã trả lời, không có hạn", {"facecolor": "white", "hatch": "----"}),
    ("no_due_open", "Đang chờ, chưa có hạn", {"facecolor": "white"}),
)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A picture with the words that say the same."""

    path: Path
    caption: str
    alt: str


def topics_chart(report: Report, path: Path) -> Chart | None:
    """How many opinions each topic has, settled and not, the most frequent on top; None when there are none."""
    rows = report.by_topic
    if not rows:
        return None
    bars = [(row.name, len(row.resolved.opinions), len(row.unresolved.opinions)) for row in rows[:_MOST_BARS]]
    if len(rows) > _MOST_BARS:
        bars.append(_rest(rows[_MOST_BARS:]))
    axes, save = _sheet(len(bars), legend=True)
    names = [fill(name, _LABEL) for name, _, _ in bars]
    done, waiting = [bar[1] for bar in bars], [bar[2] for bar in bars]
    axes.barh(names, done, label="Đã giải quyết", edgecolor=_INK, **_DONE)
    axes.barh(names, waiting, left=done, label="Chưa giải quyết", edgecolor=_INK, **_OPEN)
    _numbers(axes, [left + right for left, right in zip(done, waiting, strict=True)])
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.02), ncols=2, frameon=False, fontsize=9)
    save(path)
    words = "; ".join(f"{name} {left + right} (đã giải quyết {left})" for name, left, right in bars)
    caption = "Số ý kiến theo lĩnh vực"
    return Chart(path=path, caption=caption, alt=f"{caption}: {words}.")


def timeliness_chart(report: Report, path: Path) -> Chart | None:
    """How the written answers stand to their due dates; None when none is owed."""
    # A report that was sent earlier keeps the figures of its time.
    bars = [
        (name, len(report[key].opinions), style)
        for key, name, style in _TIMELINESS
        if key in report.figures and report[key].opinions
    ]
    if not bars:
        return None
    axes, save = _sheet(len(bars), legend=False)
    for name, value, style in bars:
        axes.barh([fill(name, _LABEL)], [value], edgecolor=_INK, **style)
    _numbers(axes, [value for _, value, _ in bars])
    save(path)
    caption = "Tình hình trả lời bằng văn bản so với hạn"
    return Chart(path=path, caption=caption, alt=f"{caption}: {'; '.join(f'{name} {n}' for name, n, _ in bars)}.")


def _rest(rows: Sequence[Breakdown]) -> tuple[str, int, int]:
    return (
        f"{len(rows)} lĩnh vực còn lại",
        sum(len(row.resolved.opinions) for row in rows),
        sum(len(row.unresolved.opinions) for row in rows),
    )


def _sheet(bars: int, *, legend: bool) -> tuple[Axes, Any]:
    """Axes without frame for so many horizontal bars, and what writes them to a file."""
    # Loading it takes half a second: only who draws pays.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Sheet

    height = 8 + 8.5 * bars + (9 if legend else 0)
    sheet = Sheet(figsize=(WIDTH / _MM_PER_INCH, height / _MM_PER_INCH), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(sheet)
    axes = sheet.add_subplot()
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0, labelsize=9)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)

    def save(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # No date and no program name: the same figures give the same file.
        sheet.savefig(path, format="png", metadata={"Software": None})

    return axes, save


def _numbers(axes: Axes, totals: Sequence[int]) -> None:
    """The total at the end of each bar."""
    highest = max(totals)
    axes.set_xlim(0, highest * 1.12)
    for place, total in enumerate(totals):
        axes.text(total + highest * 0.015, place, str(total), va="center", ha="left", fontsize=10, fontweight="bold")
