"""When something happened, as people say it: "hôm 12/10", "tuần trước", "3 tháng nay", "từ hồi bão số 3"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from nlp.normalise import clean, fold


class TimeKind(StrEnum):
    """How a time is said."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    #: so long until the day of the message ("3 tháng nay")
    DURATION = "duration"
    #: an event that stands for a time ("bão số 3", "Tết")
    EVENT = "event"


@dataclass(frozen=True, kw_only=True)
class TimeMention:
    """Words `start` to `end` of the text as received. They mean the days `from_` to `to`, both counted in; None when
    the words alone do not tell ("bão số 3")."""

    start: int
    end: int
    kind: TimeKind
    from_: dt.date | None
    to: dt.date | None


_Days = tuple[dt.date, dt.date]
_COUNTS = {
    "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9,
    "muoi": 10, "chuc": 10, "ca": 1, "nua": 0.5, "vai": 3, "may": 5, "gan": 1, "hon": 1,
}  # fmt: skip
_UNIT_DAYS = {
    "ngay": 1, "hom": 1, "bua": 1, "dem": 1, "tuan": 7, "thang": 30, "quy": 91, "vu": 120, "nam": 365,
}  # fmt: skip
_PERIODS = {"tuan": TimeKind.WEEK, "thang": TimeKind.MONTH, "quy": TimeKind.MONTH, "nam": TimeKind.YEAR}
_MONTHS = {"gieng": 1, "chap": 12, "mot": 1, "hai": 2, "ba": 3, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8,
           "chin": 9, "muoi": 10, "muoi mot": 11, "muoi hai": 12}  # fmt: skip
_DAYS_AGO = {"nay": 0, "qua": 1, "kia": 2, "kien": 3, "mai": -1, "mot": -2}
#: first days of the lunar year (Tết Nguyên đán)
_TET = tuple(
    dt.date.fromisoformat(day)
    for day in ("2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26",
                "2029-02-13", "2030-02-02", "2031-01-23", "2032-02-11")
)  # fmt: skip
#: "từ 12/10": what began then and goes on
_SINCE = re.compile(r"(?:tu|ke tu|sau|tinh tu)(?: (?:hoi|hom|ngay|dot|khi|luc|thang|nam|dau|cuoi|giua))?\s$")
_LONGEST_SINCE = 16
#: the day has yet to come
_AHEAD = re.compile(r"(?:truoc|den|toi|het|han|vao|sap)(?: (?:ngay|hom|thang))?\s$")
_DATE = re.compile(
    r"(?:(?<=hom )|(?<=ngay )|(?<=sang )|(?<=chieu )|(?<=toi )|(?<=dem )|(?<=mung )|(?<=tu )|(?<=den ))"
    r"(?P<d>[0-3]?\d)\s?[/.-]\s?(?P<m>[01]?\d)(?:\s?[/.-]\s?(?P<y>(?:20)?\d{2}))?(?![\d/])"
    r"|(?<![\d/.-])(?P<d2>[0-3]?\d)[/.-](?P<m2>[01]?\d)[/.-](?P<y2>20\d{2})(?![\d/])"
    r"|(?:ngay|mung|hom) (?P<d3>[0-3]?\d) thang (?P<m3>[01]?\d)(?: nam (?P<y3>20\d{2}))?(?!\d)"
)
_RELATIVE_DAY = re.compile(r"\b(?:(?:hom|bua|ngay|sang|trua|chieu|toi|dem) (?P<ago>nay|qua|kia|mai|mot))\b")
_PERIOD = re.compile(
    r"\b(?P<unit>tuan|thang|nam|quy) (?P<which>truoc|ngoai|kia|nay|vua roi|roi|qua|toi|sau|tiep theo)\b"
)
_DURATION = re.compile(
    r"\b(?:(?P<n>\d{1,3}|ca|nua|vai|may|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi|chuc)"
    r"(?: (?P<n2>hai|ba|bon|nam|sau|bay|muoi))?(?: chuc)? )(?P<unit>ngay|hom|bua|dem|tuan|thang|quy|vu|nam)"
    r"(?: (?:troi|lien|tuong))? (?:nay|qua|roi|ngoai)\b"
)
_MONTH = re.compile(
    r"\bthang (?P<m>1[0-2]|0?[1-9]|gieng|chap|hai|ba|tu|nam|sau|bay|tam|chin|muoi(?: mot| hai)?)\b"
    r"(?! (?:nay|roi|lien|troi|qua))(?:(?: nam |/|-)(?P<y>20\d{2}))?"
)
_YEAR = re.compile(r"\bnam (?P<y>(?:19|20)\d{2})\b")
_EVENT = re.compile(
    r"\b(?:(?:tran |dot |con )?(?:bao so \d{1,2}|bao yagi|bao lich su|lu lich su|tran lu|dot lu|tran bao|"
    r"dot bao|sap nhap|mua mua|mua kho|mua bao|bau cu|dich covid|covid))\b"
)
_TET_SAID = re.compile(
    r"\b(?:hoi |truoc |sau |tu |dip |ngay )?(?:tet(?: nguyen dan| am lich)?)\b(?! (?:tay|duong|trung thu|doan ngo))"
)


def mentions(text: str, said_on: dt.date) -> list[TimeMention]:
    """Times said in a text, in reading order, without overlaps; a day without a year is the last one before
    `said_on`, unless the words look ahead."""
    readable = clean(text)
    folded = fold(readable.text)
    found: list[TimeMention] = []
    taken = bytearray(len(folded))
    for pattern, kind, reading in _READINGS:
        for match in pattern.finditer(folded):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            known, days = reading(match, folded, said_on)
            if not known:
                continue
            taken[start:end] = b"\x01" * (end - start)
            if days is not None and kind is not TimeKind.DURATION and _since(folded, start) and days[0] <= said_on:
                days = (days[0], max(days[1], said_on))
            first, last = readable.original(start, end)
            from_, to = days or (None, None)
            found.append(TimeMention(start=first, end=last, kind=_kind(kind, match), from_=from_, to=to))
    return sorted(found, key=lambda one: one.start)


def _kind(kind: TimeKind, match: re.Match[str]) -> TimeKind:
    return _PERIODS[match["unit"]] if match.re is _PERIOD else kind


def _since(folded: str, start: int) -> bool:
    return _SINCE.search(folded[max(0, start - _LONGEST_SINCE) : start]) is not None


_Reading = Callable[[re.Match[str], str, dt.date], tuple[bool, _Days | None]]


def _date(match: re.Match[str], folded: str, said_on: dt.date) -> tuple[bool, _Days | None]:
    groups = match.groupdict()
    day, month, year = next(
        (groups[f"d{n}"], groups[f"m{n}"], groups[f"y{n}"]) for n in ("", "2", "3") if groups[f"d{n}"] is not None
    )
    ahead = _AHEAD.search(folded[max(0, match.start() - _LONGEST_SINCE) : match.start()]) is not None
    found = _day_of(int(day), int(month), None if year is None else int(year) % 100 + 2000, said_on, ahead=ahead)
    return found is not None, None if found is None else (found, found)


def _day_of(day: int, month: int, year: int | None, said_on: dt.date, *, ahead: bool) -> dt.date | None:
    """None for what is no day; without a year the nearest before `said_on`, or after it when looking ahead."""
    years = (
        (year,)
        if year is not None
        else tuple(said_on.year + step for step in ((0, 1, 2, 3) if ahead else (0, -1, -2, -3)))
    )
    for candidate in years:
        try:
            found = dt.date(candidate, month, day)
        except ValueError:
            continue
        if year is not None or (found >= said_on if ahead else found <= said_on):
            return found
    return None


def _relative(match: re.Match[str], folded: str, said_on: dt.date) -> tuple[bool, _Days | None]:
    day = said_on - dt.timedelta(days=_DAYS_AGO[match["ago"]])
    return True, (day, day)


def _period(match: re.Match[str], folded: str, said_on: dt.date) -> tuple[bool, _Days | None]:
    which = match["which"]
    shift = {"truoc": -1, "ngoai": -1, "kia": -2, "vua roi": -1, "roi": -1, "qua": -1, "toi": 1, "sau": 1}.get(which, 0)
    shift = 1 if which == "tiep theo" else shift
    match match["unit"]:
        case "tuan":
            monday = said_on - dt.timedelta(days=said_on.weekday()) + dt.timedelta(weeks=shift)
            return True, (monday, monday + dt.timedelta(days=6))
        case "thang":
            return True, _month_days(said_on.year, said_on.month + shift)
        case "quy":
            return True, (
                _month_days(said_on.year, (said_on.month - 1) // 3 * 3 + 1 + 3 * shift)[0],
                _month_days(said_on.year, (said_on.month - 1) // 3 * 3 + 3 + 3 * shift)[1],
            )
    return True, (dt.date(said_on.year + shift, 1, 1), dt.date(said_on.year + shift, 12, 31))


def _month_days(year: int, month: int) -> _Days:
    """First and last day; months below 1 and above 12 belong to the years beside."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return dt.date(year, month, 1), following - dt.timedelta(days=1)


def _duration(match: re.Match[str], folded: str, said_on: dt.date) -> tuple[bool, _Days | None]:
    said, second = match["n"], match["n2"]
    count = float(said) if said.isdigit() else float(_COUNTS[said])
    if second is not None:
        # "hai ba hôm nay", "hai mươi ngày nay"
        count = count * 10 if second == "muoi" else float(_COUNTS[second])
    days = round(count * _UNIT_DAYS[match["unit"]])
    if days <= 0 or days > 60_000:
        return False, None
    return True, (said_on - dt.timedelta(days=days), said_on)


def _month(match: re.Match[str], folded: str, said_on: dt.date) -> tuple[bool, _Days | None]:
    said = match["m"]
    month = int(said) if said.isdigit() else _MONTHS[said]
    if match["y"] is not None:
        return True, _month_days(int(match["y"]), month)
    ahead = _AHEAD.search(folded[max(0, match.start() - _LONGEST_SINCE) : match.start()]) is not None
    year = said_on.year
    if ahead and month < said_on.month:
        year += 1
    elif not ahead and month > said_on.month:
        year -= 1
    return True, _month_days(year, month)


def _year(match: re.Match[str], folded: str, said_on: dt.date) -> tuple[bool, _Days | None]:
    year = int(match["y"])
    return True, (dt.date(year, 1, 1), dt.date(year, 12, 31))


def _event(match: re.Match[str], folded: str, said_on: dt.date) -> tuple[bool, _Days | None]:
    return True, None


def _tet(match: re.Match[str], folded: str, said_on: dt.date) -> tuple[bool, _Days | None]:
    last = max((day for day in _TET if day <= said_on), default=None)
    if last is None or said_on - last > dt.timedelta(days=400):
        return True, None
    end = said_on if match.group().startswith(("tu ", "sau ", "hoi ")) else last + dt.timedelta(days=6)
    return True, (last, max(last, end))


#: tried in this order; the first to read some words keeps them
_READINGS: tuple[tuple[re.Pattern[str], TimeKind, _Reading], ...] = (
    (_DATE, TimeKind.DAY, _date),
    (_DURATION, TimeKind.DURATION, _duration),
    (_RELATIVE_DAY, TimeKind.DAY, _relative),
    (_PERIOD, TimeKind.MONTH, _period),
    (_MONTH, TimeKind.MONTH, _month),
    (_YEAR, TimeKind.YEAR, _year),
    (_EVENT, TimeKind.EVENT, _event),
    (_TET_SAID, TimeKind.EVENT, _tet),
)
