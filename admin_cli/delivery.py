"""`doithoai delivery`: notices to people, where each stands, and settling those whose outcome nobody knows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from admin_cli import delivery_by_hand, delivery_forecast, delivery_switch
from admin_cli.choices import choice
from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, noun
from admin_cli.output import emit, note, show
from admin_cli.session import acting_staff, open_services
from casework.codes import spoken
from casework.errors import InvalidInput
from casework.names import PURPOSES
from casework.usecases.delivery import delivery as deliveries
from casework.usecases.delivery.delivery import STATE_NAMES, DeliveryRow
from storage.records import DeliveryState

app = noun("Tin gửi cho người dân và cán bộ: đã gửi, chưa rõ kết quả, chờ trao tận tay.")

Number = Annotated[int, typer.Argument(metavar="SỐ", help="số của tin trong delivery list")]

_COLUMNS = {
    "id": "Số",
    "state_name": "Trạng thái",
    "purpose_name": "Loại tin",
    "opinion": "Ý kiến",
    "why": "Vì sao",
    "next_step": "Bước tiếp",
    "next_at": "Khi nào",
}
_LABELS = {
    **_COLUMNS,
    "channel": "Kênh",
    "detail": "Ghi chú",
    "created_at": "Lập lúc",
    "delivered_at": "Tới máy lúc",
    "seen_at": "Đã xem lúc",
    "parts_sent": "Số phần đã gửi",
    "attempts": "Số lần thử",
    "not_before": "Gửi từ",
    "finished_at": "Xong lúc",
    "reachable": "Còn liên lạc được",
    "text": "Nội dung",
}


@app.command("list")
def list_all(
    state: Annotated[
        DeliveryState | None,
        typer.Option(
            "--state",
            parser=choice(DeliveryState, STATE_NAMES),
            metavar="TRẠNG_THÁI",
            help="chỉ các tin ở trạng thái này: unknown, waiting_pickup..., hoặc lời ở cột Trạng thái",
        ),
    ] = None,
    opinion: Annotated[
        str | None, typer.Option("--opinion", metavar="MÃ", help="chỉ các tin về ý kiến này: mã, hoặc #số")
    ] = None,
    replies: Annotated[
        bool, typer.Option("--all", help="kể cả lời đáp trong lúc nhắn tin (không ghi thì chỉ lời đáp phải xem lại)")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="nhiều nhất bấy nhiêu tin, mới nhất trước")] = 200,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Các tin, mới nhất trước; không in nội dung.

    Bảng có các cột Số, Trạng thái, Loại tin, Ý kiến, Vì sao, Bước tiếp, Khi nào. Kênh, lời nền tảng nói và giờ giấc:
    xem từng tin bằng delivery show, hoặc --format csv.

    \b
    Ví dụ:
      doithoai delivery list --opinion K7P-4MX
      doithoai delivery list --state unknown
      doithoai delivery list --state waiting_pickup --format csv
    """
    services = open_services(db, as_of)
    rows = deliveries.list_deliveries(
        services, acting_staff(services, staff), state=state, opinion=opinion, replies=replies, limit=limit
    )
    emit([_row(row) for row in rows], format, columns=_COLUMNS)


@app.command("show")
def show_one(
    number: Number,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Một tin với nội dung và chuyện đã xảy ra khi gửi.

    \b
    Ví dụ:
      doithoai delivery show 12
    """
    services = open_services(db, as_of)
    show(_row(deliveries.show_delivery(services, acting_staff(services, staff), number)), format, labels=_LABELS)


@app.command()
def resolve(
    number: Number,
    delivered: Annotated[bool, typer.Option("--delivered", help="người nhận đã có tin này")] = False,
    resend: Annotated[bool, typer.Option("--resend", help="người nhận chưa có: gửi lại")] = False,
    why: Annotated[str, typer.Option("--why", metavar="LÝ DO", help="vì sao biết, ghi vào nhật ký")] = "",
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Xác nhận một tin chưa rõ kết quả: đã tới, hoặc phải gửi lại.

    Hãy hỏi người nhận hoặc xem trong cuộc trò chuyện trước; gửi lại mà tin đã tới thì người dân nhận hai lần.

    \b
    Ví dụ:
      doithoai delivery resolve 12 --delivered --why "đã gọi điện, bà nói đã đọc"
      doithoai delivery resolve 12 --resend --why "đã hỏi, chưa nhận được"
    """
    if delivered == resend:
        raise InvalidInput("Cần chọn đúng một trong hai.", todo="Ghi --delivered (đã tới) hoặc --resend (gửi lại).")
    services = open_services(db, as_of)
    row = deliveries.resolve(services, acting_staff(services, staff), number, delivered=delivered, why=why)
    show(_row(row), format, labels=_COLUMNS)
    note(f"Đã ghi: tin số {row.id} {STATE_NAMES[DeliveryState(row.state)]}.")


@app.command()
def summary(
    staff: StaffOption = None, db: DatabaseOption = None, as_of: AsOfOption = None, format: FormatOption = None
) -> None:
    """Bao nhiêu tin ở mỗi trạng thái, và tin cũ nhất từ bao giờ.

    \b
    Ví dụ:
      doithoai delivery summary --format table
    """
    services = open_services(db, as_of)
    counts = deliveries.summary(services, acting_staff(services, staff))
    emit(counts, format, columns={"name": "Trạng thái", "count": "Số tin", "oldest": "Cũ nhất"})


def _row(row: DeliveryRow) -> dict[str, Any]:
    fields = asdict(row)
    if row.opinion is not None and not row.opinion.startswith("#"):
        fields["opinion"] = spoken(row.opinion)
    return fields | {
        "state_name": STATE_NAMES[DeliveryState(row.state)],
        "purpose_name": PURPOSES.get(row.purpose, row.purpose),
    }


app.command()(delivery_forecast.forecast)
app.command()(delivery_forecast.counts)
app.command()(delivery_switch.switch)
for _verb in (delivery_by_hand.slips, delivery_by_hand.handed, delivery_by_hand.typed):
    app.command()(_verb)
