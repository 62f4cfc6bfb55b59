"""Why this date: one Vietnamese sentence a clerk can check with a wall calendar."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence

from casework.clock import vietnamese_date
from casework.deadlines.calendar import weekday_name
from casework.deadlines.values import Counted, Skipped, WorkingCalendar
from casework.names import DUTIES
from casework.regulations.model import NATIONAL, Direction, Duty, DutyRule, Regulation, Trigger, Unit

#: more holidays than this are summed up
_MOST_HOLIDAYS = 4
EVENTS = {
    Trigger.CONFERENCE: "ngày họp hội nghị",
    Trigger.CONCLUSION_NOTICE: "ngày ban hành thông báo kết luận",
    Trigger.ASSIGNMENT_RECEIVED: "ngày cơ quan nhận văn bản giao việc",
    Trigger.OPINION_RECEIVED: "ngày nhận ý kiến",
    Trigger.FILE_CLOSED: "ngày đóng hồ sơ",
}
_STARTS = {
    Trigger.CONFERENCE: "khi đã định ngày họp hội nghị",
    Trigger.CONCLUSION_NOTICE: "khi có thông báo kết luận",
    Trigger.ASSIGNMENT_RECEIVED: "khi cơ quan nhận được văn bản giao việc",
    Trigger.OPINION_RECEIVED: "khi nhận được ý kiến",
    Trigger.FILE_CLOSED: "khi hồ sơ hội nghị được đóng",
    Trigger.CALENDAR: "khi biết năm báo cáo",
}
UNITS = {Unit.WORKING_DAY: "ngày làm việc", Unit.CALENDAR_DAY: "ngày liền", Unit.YEAR: "năm"}


def explain(
    rule: DutyRule,
    text: Regulation,
    trigger_on: dt.date | None,
    counted: Counted | None,
    calendar: WorkingCalendar,
    *,
    beside: str = "",
) -> str:
    """The sentence of one due date; without a date, what its clock waits for. `beside`: what another text says of
    the duty."""
    name = DUTIES[rule.duty]
    if trigger_on is None or counted is None:
        how = f"{rule.count} {UNITS[rule.unit]} chỉ bắt đầu đếm {_STARTS[rule.trigger]}"
        return f"Chưa có hạn {name}: {how}; {_source(rule, text, beside)}."
    due = f"{weekday_name(counted.due_on)} {vietnamese_date(counted.due_on)}"
    head = f"{name[0].upper()}{name[1:]} {'ít nhất đến hết' if rule.duty is Duty.RETENTION else 'chậm nhất'} {due}"
    parts = [_count(rule, trigger_on, counted, calendar), _source(rule, text, beside)]
    if rule.unit is not Unit.YEAR:
        parts += _provisional(trigger_on, counted.due_on, calendar)
    return f"{head}: {'; '.join(parts)}."


def _count(rule: DutyRule, start: dt.date, counted: Counted, calendar: WorkingCalendar) -> str:
    if rule.trigger is Trigger.CALENDAR:
        return _fixed_day(rule, start, counted)
    event = f"{EVENTS[rule.trigger]} {vietnamese_date(start)}"
    after = rule.direction is Direction.AFTER
    if rule.unit is Unit.YEAR:
        return f"{rule.count} năm {'sau' if after else 'trước'} {event}"
    if rule.unit is Unit.CALENDAR_DAY:
        end = _landed(_plain_end(rule, start), counted, after=after)
        if not rule.rolls and calendar.day_off(counted.due_on) is not None:
            end = ", ngày ấy nghỉ nhưng không lùi vì chỉ tính ngày ý kiến đến"
        return f"{rule.count} ngày liền, tính cả ngày nghỉ, {'sau' if after else 'trước'} {event}{end}"
    said = f"ngày làm việc thứ {rule.count} {'sau' if after else 'đếm ngược từ'} {event} (không tính ngày này)"
    if counted.skipped:
        said += f", bỏ qua {skipped_in_words(counted.skipped, counted.due_on.year)}"
    if worked := [day for day in _days(start, counted.due_on) if _is_make_up(day, calendar)]:
        said += f", tính cả ngày làm bù {_listed([_short(day, counted.due_on.year) for day in worked])}"
    return said


def _fixed_day(rule: DutyRule, day: dt.date, counted: Counted) -> str:
    last = _plain_end(rule, day)
    moved = _moved(counted, after=rule.direction is Direction.AFTER) if last != counted.due_on else ""
    if not rule.count:
        return f"mốc là ngày {vietnamese_date(day)}" + (f", ngày ấy {moved}" if moved else "")
    said = f"văn bản ghi trước ngày {vietnamese_date(day)}"
    return f"{said}, nên ngày cuối là {vietnamese_date(last)}; ngày ấy {moved}" if moved else said


def _plain_end(rule: DutyRule, start: dt.date) -> dt.date:
    """Where a period of calendar days ends before days off are looked at."""
    return start + dt.timedelta(days=rule.count if rule.direction is Direction.AFTER else -rule.count)


def _landed(end: dt.date, counted: Counted, *, after: bool) -> str:
    if end == counted.due_on:
        return ""
    return f", ngày {vietnamese_date(end)} {_moved(counted, after=after)}"


def _moved(counted: Counted, *, after: bool) -> str:
    """That the last day is a day off, and where the period ends instead."""
    moved = "được kéo tới ngày làm việc kế tiếp" if after else "phải làm sớm hơn, vào ngày làm việc liền trước"
    return f"nghỉ ({counted.skipped[0].reason}) nên {moved}"


def skipped_in_words(skipped: Sequence[Skipped], year: int) -> str:
    """Weekends as numbers, holidays by day and reason; the year is said where it is not `year`."""
    weekends = Counter(one.reason for one in skipped if one.reason == weekday_name(one.date))
    said = [f"{number} {name}" for name, number in sorted(weekends.items(), reverse=True)]
    holidays = list(_runs([one for one in skipped if one.reason not in weekends]))
    for first, last, reason in holidays[:_MOST_HOLIDAYS]:
        days = _short(first, year) if first == last else f"{_short(first, year)}-{_short(last, year)}"
        said.append(f"{days} ({reason})")
    if rest := holidays[_MOST_HOLIDAYS:]:
        said.append(f"{sum((last - first).days + 1 for first, last, _ in rest)} ngày nghỉ khác")
    return _listed(said)


def _runs(skipped: Sequence[Skipped]) -> Iterator[tuple[dt.date, dt.date, str]]:
    """Days in a row with one reason, as first day, last day, reason."""
    run: tuple[dt.date, dt.date, str] | None = None
    for one in sorted(skipped, key=lambda one: one.date):
        if run is not None and run[2] == one.reason and (one.date - run[1]).days == 1:
            run = (run[0], one.date, one.reason)
            continue
        if run is not None:
            yield run
        run = (one.date, one.date, one.reason)
    if run is not None:
        yield run


def _source(rule: DutyRule, text: Regulation, beside: str) -> str:
    said = f"theo {text.citation(rule)}"
    if text.code == NATIONAL:
        said = f"{said} (pháp luật chung của cả nước)"
    # One sentence is promised, whatever marks the reason was written with.
    why = rule.reason.rstrip(". ").replace(". ", "; ")
    parts = [said, "căn cứ tạm áp dụng" if rule.assumed else "", beside]
    if why:
        parts[1] = f"{parts[1] or 'lưu ý'}: {why[:1].lower()}{why[1:]}"
    return "; ".join(part for part in parts if part)


def _provisional(start: dt.date, end: dt.date, calendar: WorkingCalendar) -> list[str]:
    years = range(min(start, end).year, max(start, end).year + 1)
    open_years = [str(year) for year in years if calendar.provisional(year)]
    return [f"ngày tạm tính vì chưa có thông báo lịch nghỉ năm {_listed(open_years)}"] if open_years else []


def _days(start: dt.date, end: dt.date) -> list[dt.date]:
    """The days that were looked at between the event and the end: without the first, with the last."""
    step = dt.timedelta(days=1 if end >= start else -1)
    return [start + step * number for number in range(1, abs((end - start).days) + 1)]


def _is_make_up(day: dt.date, calendar: WorkingCalendar) -> bool:
    return weekday_name(day) in ("thứ Bảy", "Chủ nhật") and calendar.day_off(day) is None


def _short(day: dt.date, year: int) -> str:
    return f"{day:%d/%m}" if day.year == year else vietnamese_date(day)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} và {words[-1]}"
