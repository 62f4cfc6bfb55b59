"""`doithoai delivery forecast|counts`: before a send, who will be reached how; after it, how the tries ended."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any

import typer

from admin_cli.choices import purpose as purpose_named
from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, parse_date
from admin_cli.output import chosen, emit, note, show
from admin_cli.session import open_as_staff
from bot import settings
from bot.channels.zalo_oa.channel import TEXT_LIMIT
from bot.policy import caps_of
from bot.split import split
from casework.clock import VIETNAM
from casework.ladder.data import BY_HAND
from casework.ladder.values import Rung
from casework.ladder.words import RUNG_NAMES
from casework.names import CHANNELS, PURPOSES, SEND_OUTCOMES
from casework.talk import Reply
from casework.usecases.delivery import caps, counting
from casework.usecases.delivery import forecast as forecasts

#: hour of the day a send is imagined at
MORNING = dt.time(8)


def forecast(
    answer: Annotated[
        int | None, typer.Option("--answer", metavar="SỐ", help="người hỏi của văn bản trả lời này (answers list)")
    ] = None,
    conference: Annotated[
        str | None, typer.Option("--conference", metavar="MÃ", help="người hỏi của hội nghị này")
    ] = None,
    purpose: Annotated[
        str,
        typer.Option(
            "--purpose",
            parser=purpose_named,
            metavar="LOẠI",
            help="loại tin: answer, conclusion… hoặc lời ở cột Loại tin",
        ),
    ] = "answer",
    on: Annotated[
        dt.date | None,
        typer.Option("--on", parser=parse_date, metavar="NGÀY", help="dự báo cho ngày này, nếu chưa ai nhắn thêm"),
    ] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Trước khi gửi: bao nhiêu người nhận được bằng cách nào, bao nhiêu chỉ trao tay được, tốn bao nhiêu.

    Không gửi gì cả. Không nêu gì thêm thì tính cho mọi ý kiến còn mở. Nêu --answer thì tính cả lời dài thành mấy tin.

    \b
    Ví dụ:
      doithoai delivery forecast --answer 12
      doithoai delivery forecast --conference DT-2026-01 --on 20/12/2026
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    at = dt.datetime.combine(on, MORNING, VIETNAM) if on is not None else None
    found = forecasts.forecast(
        services, staff_id, answer=answer, conference=conference, purpose=purpose, at=at, messages=_messages
    )
    if chosen(format) != "table":
        show(asdict(found), format)
        return
    emit([_way(one) for one in found.ways], format, columns=_WAYS)
    later = f" (sau {found.slips_after_days} ngày: in phiếu {found.slips_later})" if found.slips_later else ""
    note(
        f"{found.askers} người hỏi, loại tin: {PURPOSES.get(purpose, purpose)}. Nhận ngay {found.at_once}; được báo "
        f"để nhắn lại {found.by_form}; chờ họ tự nhắn {found.waiting}{later}; chỉ người trao được {found.by_person}: "
        f"cán bộ gõ tay {found.by_console}, trao phiếu {found.by_slip}."
    )
    counted = "" if found.text_known else " (tính mỗi người một tin; nêu --answer thì tính theo lời thật)"
    note(f"Chi phí dự kiến {dong(found.price_vnd)}{counted}.")


def _messages(said: Reply) -> int:
    """How many messages Zalo bills for this: it is the one platform that bills ordinary ones."""
    return len(split(said.text, limit=TEXT_LIMIT, unit="codepoint"))


_WAYS = {
    "name": "Cách",
    "then": "Không nhắn thì",
    "channel": "Kênh",
    "askers": "Người",
    "cost": "Chi phí",
    "where": "Thôn",
}


def _way(one: forecasts.ForecastWay) -> dict[str, Any]:
    carried = one.rung in BY_HAND
    return asdict(one) | {
        "channel": CHANNELS.get(one.channel or "", one.channel or ""),
        "cost": dong(one.price_vnd) if one.price_vnd else "",
        "where": ", ".join(f"{name} {count}" for name, count in one.villages.items()) if carried else "",
    }


def dong(amount: int) -> str:
    """An amount in Vietnamese dong, as people write it."""
    return f"{amount:,} đồng".replace(",", ".")


def counts(
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="trong bấy nhiêu ngày qua")] = 30,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Các lần gửi đã kết thúc ra sao, theo kênh và cách gửi; số tin đã dùng trong tháng.

    \b
    Ví dụ:
      doithoai delivery counts --days 7
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    rows = counting.count_outcomes(services, staff_id, days=days)
    emit([asdict(row) | _in_words(row) for row in rows], format, columns=_COUNTS)
    for use in counting.month_use(services, staff_id):
        note(f"Tháng {use.month}: {CHANNELS.get(use.channel, use.channel)} đã gửi {use.sent} tin.")
    for cap in caps.list_uses(services, staff_id, caps_of(settings.load())):
        note(caps.standing(cap))


_COUNTS = {"channel_name": "Kênh", "rung_name": "Cách", "outcome_name": "Kết quả", "count": "Số lần", "cost": "Chi phí"}


def _in_words(row: counting.OutcomeCount) -> dict[str, Any]:
    kind, _, code = row.outcome.partition(":")
    return {
        "channel_name": CHANNELS.get(row.channel, row.channel),
        "rung_name": RUNG_NAMES[Rung(row.rung)],
        "outcome_name": SEND_OUTCOMES.get(kind, kind) + (f" (mã {code})" if code else ""),
        "cost": dong(row.price_vnd) if row.price_vnd else "",
    }
