"""`doithoai intake`: opinions of people without a phone, entered for them or typed from paper."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admin_cli import intake_asking as asking
from admin_cli.intake_asking import Asked, Said, said
from admin_cli.options import AsOfOption, DatabaseOption, Format, FormatOption, StaffOption, noun
from admin_cli.output import chosen, emit, note, show
from admin_cli.session import open_as_staff, template_folder

if TYPE_CHECKING:
    from casework.usecases.citizens.proxy_import import Imported
    from casework.usecases.work import Services

app = noun("Ý kiến của người không có điện thoại: nhập hộ, in giấy hẹn, nhập từ bảng tính.")

Force = Annotated[bool, typer.Option("--force", help="thay tệp cũ dù đã có người sửa")]
#: opinions compared with earlier ones before the command ends; a running program does the rest
_COMPARED = 5
_LABELS = {"code": "Mã", "village_name": "Thôn", "held": "Giữ lại để cán bộ xem", "sealed": "Giữ kín"}
_COLUMNS = {
    "row": "Dòng",
    "number": "Số phiếu",
    "village": "Thôn",
    "result": "Kết quả",
    "code": "Mã",
    "why": "Vì sao, làm gì",
}


@app.command()
def add(
    text: Annotated[str | None, typer.Argument(metavar="LỜI", help="đúng lời người ấy nói")] = None,
    village: Annotated[str | None, typer.Option(metavar="THÔN", help="tên hoặc mã thôn")] = None,
    process: Annotated[
        Said | None,
        typer.Option(parser=said, metavar="CÓ|KHÔNG", help="nghe đọc rồi, người ấy đồng ý cho ghi họ tên không"),
    ] = None,
    publish: Annotated[
        Said | None, typer.Option(parser=said, metavar="CÓ|KHÔNG", help="đồng ý nêu công khai, không tên, không")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="TÊN", help="họ tên, chỉ khi đồng ý ghi")] = None,
    by_phone: Annotated[
        Said | None,
        typer.Option(parser=said, metavar="CÓ|KHÔNG", help="đồng ý nhận tin ngắn qua số điện thoại không"),
    ] = None,
    phone: Annotated[str | None, typer.Option(metavar="SỐ", help="số điện thoại, chỉ khi đồng ý nhận tin")] = None,
    again: Annotated[bool, typer.Option("--again", help="lời giống hệt lời vừa nhập, nhưng là của người khác")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Nhập hộ một ý kiến. Thiếu gì thì hỏi từng bước; câu đồng ý hiện ra để đọc to cho người ấy nghe.

    Người ấy không đồng ý ghi tên thì ý kiến vẫn được nhận, chỉ ghi thôn.

    \b
    Ví dụ:
      doithoai intake add
      doithoai intake add "Đèn đường đầu ngõ hỏng" --village t4 \\
        --process có --publish có --name "Bà Sáu"
    """
    from casework.usecases.citizens import grouping, proxy
    from casework.wording import say

    services, staff_id = open_as_staff(db, as_of, staff)
    given = Asked(
        text=text, village=village, process=process, publish=publish, name=name, by_phone=by_phone, phone=phone
    )
    new = asking.complete(services, staff_id, given)
    try:
        entered = proxy.enter(services, staff_id, new, again=again)
    except proxy.SameWords as same:
        if not asking.may_ask() or not asking.confirmed(same.what):
            raise
        entered = proxy.enter(services, staff_id, new, again=True)
    grouping.suggest_pending(services, limit=_COMPARED)
    if entered.alerted:
        note(say("proxy_guide.emergency_told"))
    if entered.phone_kept is False:
        note(say("proxy.phone_known"))
    sealed = entered.code is None
    named = asking.village_name(services, staff_id, new.village)
    row = {"code": entered.code, "village": new.village, "village_name": named, "held": entered.held, "sealed": sealed}
    show(row | {"code": asking.shown(entered.code)}, format, labels=_LABELS)
    if entered.code is not None:
        note(f"In giấy hẹn: doithoai intake receipt {asking.shown(entered.code)} --out giay-hen.docx")


@app.command()
def receipt(
    code: Annotated[str, typer.Argument(metavar="MÃ", help="mã ý kiến, ví dụ K7P-4MX")],
    out: Annotated[Path, typer.Option(metavar="TỆP", help="tệp Word để in")],
    force: Force = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """In giấy hẹn khổ A5 cho người ấy mang về: mã, mã QR mở kênh, mã nối máy dùng một lần.

    In lại thì mã nối máy cũ hết dùng.

    \b
    Ví dụ:
      doithoai intake receipt K7P-4MX --out giay-hen.docx
    """
    from casework.usecases.citizens import proxy_receipt

    services, staff_id = open_as_staff(db, as_of, staff)
    door = asking.door_of(services, proxy_receipt.village_of(services, staff_id, code))
    path = proxy_receipt.print_receipt(
        services,
        staff_id,
        code,
        out,
        door=door.url if door is not None else None,
        door_name=door.name if door is not None else "kênh",
        templates=template_folder(None),
        force=force,
    )
    if door is None:
        note("Chưa nối Zalo, Telegram nên giấy không có mã QR; giấy ghi cách gặp Mặt trận xã.")
    note("Mã nối máy (LK-…) trên giấy này là mã mới: mã nối máy trên giấy hẹn in lần trước, nếu có, hết dùng.")
    typer.echo(str(path))


@app.command()
def form(
    out: Annotated[Path, typer.Option(metavar="TỆP", help="tệp .xlsx để ghi")],
    force: Force = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Lập bảng tính trống để nhập phiếu giấy: có danh sách thôn, ghi chú từng cột, trang ví dụ.

    \b
    Ví dụ:
      doithoai intake form --out phieu.xlsx
    """
    from casework.clock import local_date
    from casework.intake_form import write_form
    from casework.usecases.citizens import proxy

    if out.suffix.lower() != ".xlsx":
        raise typer.BadParameter("Tệp phải có đuôi .xlsx.", param_hint="--out")
    services, staff_id = open_as_staff(db, as_of, staff)
    villages = [village.name for village in proxy.villages_of(services, staff_id)]
    sentences = [one.sentence for one in proxy.to_read(services, with_phone=True)]
    today = local_date(services.clock.now())
    typer.echo(str(write_form(out, villages=villages, sentences=sentences, today=today, force=force)))


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="TỆP", exists=True, dir_okay=False, help="tệp .xlsx hoặc .csv")],
    check: Annotated[bool, typer.Option("--check", help="chỉ xem trước, chưa ghi gì")] = False,
    report: Annotated[Path | None, typer.Option(metavar="TỆP", help="ghi kết quả từng dòng ra tệp .xlsx")] = None,
    force: Force = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Nhập phiếu giấy đã ghi vào bảng tính. Dòng sai bị bỏ lại kèm lý do; dòng đúng vẫn được nhận.

    Nhập lại cùng một tệp thì phiếu đã nhập không bị ghi lần nữa. Còn dòng chưa nhận thì lệnh kết thúc với mã 1.

    \b
    Ví dụ:
      doithoai intake import phieu.xlsx --check
      doithoai intake import phieu.xlsx --report ket-qua.xlsx
    """
    from casework.errors import InvalidInput
    from casework.intake_file import MAX_FILE
    from casework.intake_form import RESULT_NAMES, write_report
    from casework.usecases.citizens.proxy_import import Result

    if report is not None and report.suffix.lower() != ".xlsx":
        raise typer.BadParameter("Tệp phải có đuôi .xlsx.", param_hint="--report")
    services, staff_id = open_as_staff(db, as_of, staff)
    if file.stat().st_size > MAX_FILE:
        raise InvalidInput(f"Tệp lớn quá {MAX_FILE // (1024 * 1024)} MB.", todo="Chia thành nhiều tệp nhỏ hơn.")
    done = _imported(services, staff_id, file.read_bytes(), check=check)
    rows = [asking.row_of(one, why=chosen(format) is Format.TABLE) for one in done.rows]
    emit(rows, format, columns=_COLUMNS, names={"result": RESULT_NAMES})
    for line in done.notes:
        note(line)
    counts = [f"{RESULT_NAMES[result]} {done.count(result)}" for result in Result if done.count(result)]
    note(f"Tổng cộng: {'; '.join(counts)}.{' Mới xem trước, chưa ghi gì.' if check else ''}")
    if report is not None:
        typer.echo(str(write_report(report, done, force=force)), err=True)
    if done.count(Result.REFUSED):
        raise typer.Exit(1)


def _imported(services: Services, staff_id: int, data: bytes, *, check: bool) -> Imported:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from casework.usecases.citizens.proxy_import import import_sheet

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("Xem từng dòng" if check else "Nhập từng dòng", total=None)
        return import_sheet(
            services,
            staff_id,
            data,
            check=check,
            progress=lambda count, total: bar.update(task, completed=count, total=total),
        )
