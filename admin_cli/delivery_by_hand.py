"""`doithoai delivery slips | handed | typed`: answers on paper, and saying that they were given by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, parse_date
from admin_cli.output import emit, note
from admin_cli.session import open_as_staff, template_folder
from casework.clock import local_date
from casework.codes import parse_code, spoken
from casework.errors import InvalidInput
from casework.usecases.delivery import by_hand
from casework.usecases.delivery.by_hand import HandedOver, WaitingSlip
from casework.usecases.delivery.delivery import STATE_NAMES
from casework.usecases.work import Services
from storage.records import DeliveryState

VillageOption = Annotated[str | None, typer.Option("--village", metavar="THÔN", help="chỉ một thôn: mã hoặc tên")]

_LIST = {"ref": "Mã", "village": "Thôn", "about": "Việc", "since_on": "Chờ từ", "printed": "Đã in"}
_PRINTED = {"village": "Thôn", "slips": "Số phiếu", "path": "Phiếu", "sign_off": "Danh sách ký nhận"}
_HANDED = {"ref": "Mã", "delivery_id": "Tin số", "state_name": "Trạng thái", "on": "Ngày"}


def slips(
    out: Annotated[
        Path | None,
        typer.Option(metavar="THƯ_MỤC", help="nơi ghi các tệp Word; không ghi thì chỉ kể ra"),
    ] = None,
    village: VillageOption = None,
    again: Annotated[bool, typer.Option("--again", help="in lại cả phiếu đã in mà chưa trao")] = False,
    sealed: Annotated[bool, typer.Option("--sealed", help="riêng nội dung giữ kín (chỉ người giữ việc mật)")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """In phiếu trả lời cho người mà không kênh nào gửi tới được: mỗi thôn một tệp phiếu và một danh sách ký nhận.

    Mỗi tờ A4 hai phiếu, cắt đôi. Danh sách ký nhận có tên người: giấy nội bộ.

    \b
    Ví dụ:
      doithoai delivery slips
      doithoai delivery slips --out phieu
      doithoai delivery slips --village "Thôn Đông" --out phieu --again
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    if out is None:
        rows = by_hand.waiting_slips(services, staff_id, village, sealed=sealed)
        emit([_waiting(row) for row in rows], format, columns=_LIST)
        return
    from casework.usecases.documents.slips import print_slips

    printed = print_slips(
        services,
        staff_id,
        out,
        village=village,
        again=again,
        sealed=sealed,
        templates=template_folder(None),
    )
    emit(printed, format, columns=_PRINTED)
    if not printed:
        note("Không có phiếu nào chờ in." + ("" if again else " Muốn in lại phiếu đã in: thêm --again."))
    else:
        note("In một mặt, cắt theo đường đứt. Trao xong, ghi lại: doithoai delivery handed MÃ, hoặc nhắn /datrao MÃ.")


def handed(
    codes: Annotated[list[str] | None, typer.Argument(metavar="MÃ", help="một hay nhiều mã ý kiến")] = None,
    every: Annotated[bool, typer.Option("--all", help="mọi phiếu đã in đang chờ trao (có hỏi lại)")] = False,
    village: VillageOption = None,
    on: Annotated[
        dt.date | None, typer.Option("--on", parser=parse_date, metavar="NGÀY", help="ngày đã trao (mặc định hôm nay)")
    ] = None,
    why: Annotated[str | None, typer.Option("--note", metavar="LỜI", help="ghi thêm vào nhật ký")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="vừa ghi nhầm: bỏ ghi")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="không hỏi lại")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ghi đã trao tận tay. Mã nào không còn chờ trao thì nói rõ vì sao; các mã khác vẫn được ghi.

    \b
    Ví dụ:
      doithoai delivery handed K7P-4MX TER-JN8
      doithoai delivery handed K7P-4MX --on 20/11/2026 --note "đưa tại nhà"
      doithoai delivery handed --all --village "Thôn Đông"
      doithoai delivery handed K7P-4MX --undo
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    if bool(codes) == every:
        raise InvalidInput("Ghi các mã, hoặc --all.", todo="Ví dụ: doithoai delivery handed K7P-4MX")
    if undo:
        rows = [row for code in codes or [] for row in by_hand.take_back(services, staff_id, code)]
        _report(HandedOver(done=tuple(rows)), format)
    elif every:
        _report(_all(services, staff_id, village, on, yes=yes), format)
    else:
        _report(by_hand.hand_over(services, staff_id, codes or [], on=on, note=why), format)


def typed(
    code: Annotated[str, typer.Argument(metavar="MÃ", help="mã ý kiến")],
    why: Annotated[str | None, typer.Option("--note", metavar="LỜI", help="ghi thêm vào nhật ký")] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ghi đã gõ tay trong trang quản trị Zalo OA: tính là đã gửi.

    Chỉ cần khi máy không tự thấy tin anh/chị gõ.

    \b
    Ví dụ:
      doithoai delivery typed K7P-4MX
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _report(by_hand.typed(services, staff_id, code, note=why), format)


def _all(services: Services, staff_id: int, village: str | None, on: dt.date | None, *, yes: bool) -> HandedOver:
    waiting = by_hand.waiting_slips(services, staff_id, village)
    count = sum(row.printed_at is not None for row in waiting)
    if not count:
        raise InvalidInput("Không có phiếu nào đã in mà còn chờ trao.", todo="Xem: doithoai delivery slips")
    if not yes and not typer.confirm(f"Đã trao hết {count} phiếu đã in?", default=False, err=True):
        raise typer.Abort
    return by_hand.hand_over_all(services, staff_id, expected=count, village=village, on=on)


def _report(result: HandedOver, format: FormatOption) -> None:
    rows = [
        {**asdict(row), "ref": _said(row.ref), "state_name": STATE_NAMES[DeliveryState(row.state)]}
        for row in result.done
    ]
    emit(rows, format, columns=_HANDED)
    for refused in result.refused:
        note(f"{_said(refused.ref)}: {refused.why}")
    if result.refused:
        raise typer.Exit(1)


def _waiting(row: WaitingSlip) -> dict[str, Any]:
    """One line of the list; names stand only on the paper to be signed."""
    fields = asdict(row)
    del fields["name"]
    since, printed = local_date(row.since), row.printed_at is not None
    return {**fields, "ref": _said(row.ref), "since_on": since, "printed": printed}


def _said(ref: str) -> str:
    return spoken(ref) if parse_code(ref) == ref else ref
