"""`doithoai conferences ...`: the steps of a conference's life, a new day, an early end, what is owed, the file."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, parse_date
from admin_cli.output import chosen, emit, note, show
from admin_cli.session import open_as_staff
from casework.conference_life.checklist import ItemState
from casework.names import CONFERENCE_STATES, STEP_NAMES
from casework.usecases.conference import breaking_off, closing, moving, planning, programme, steps
from casework.usecases.conference.breaking_off import Rest

Code = Annotated[str, typer.Argument(metavar="HỘI_NGHỊ", help="mã hội nghị, ví dụ HN-20261128")]
StepName = Annotated[str, typer.Argument(metavar="BƯỚC", help="tên bước như trong checklist, hoặc mã của bước")]
Why = Annotated[str, typer.Option(metavar="LÝ_DO", help="vì sao")]
_STATES: dict[str, str] = {
    ItemState.DONE: "đã xong",
    ItemState.DONE_LATE: "xong trễ",
    ItemState.OWED: "còn nợ",
    ItemState.LATE: "quá hạn",
    ItemState.MISSED: "lỡ hạn",
    ItemState.NOT_NEEDED: "không cần",
    ItemState.WAIVED: "không làm",
}
_OPEN_ITEMS = frozenset({ItemState.OWED, ItemState.LATE, ItemState.MISSED})


def add_to(app: typer.Typer) -> None:
    """Put the commands of this module under the noun."""
    for command in (step, move, officials, stop, fail, checklist, close, reopen):
        app.command()(command)
    app.command("steps")(list_steps)
    app.command("void-step")(void_step)
    app.command("programme")(show_programme)


def step(
    code: Code,
    name: StepName,
    done_on: Annotated[
        dt.date | None,
        typer.Option("--done-on", "--on", parser=parse_date, metavar="NGÀY", help="ngày làm; không ghi là hôm nay"),
    ] = None,
    number: Annotated[str | None, typer.Option(metavar="SỐ", help="số văn bản")] = None,
    words: Annotated[str | None, typer.Option("--note", metavar="LỜI", help="ghi chú, ví dụ ý rút kinh nghiệm")] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ghi một bước đã làm: gửi giấy mời, thông báo công khai, họp chuẩn bị, ký biên bản... Ghi lại là sửa.

    \b
    Ví dụ:
      doithoai conferences step HN-20261128 "gửi giấy mời" --number 12/GM-UBND
      doithoai conferences step HN-20261128 preparatory_meeting --done-on 20/11/2026
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    row = steps.record_step(services, staff_id, code, name, done_on=done_on, number=number, note=words)
    show(row, format, labels={"name": "Bước", "done_on": "Ngày", "document_number": "Số văn bản", "note": "Ghi chú"})


def void_step(
    code: Code,
    name: StepName,
    why: Why,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Bỏ một bước đã ghi nhầm, hoặc văn bản đã thu hồi.

    \b
    Ví dụ:
      doithoai conferences void-step HN-20261128 invitations_sent --why "in sai giờ họp, thu hồi"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    steps.void_step(services, staff_id, code, name, why=why)
    note(f"Đã bỏ bước {STEP_NAMES[steps.read_step(name)]}; bước này lại là việc còn nợ.")


def list_steps(
    code: Code,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Các bước đã ghi của một hội nghị, kể cả bước đã bỏ.

    \b
    Ví dụ:
      doithoai conferences steps HN-20261128
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    columns = {"done_on": "Ngày", "name": "Bước", "document_number": "Số", "by": "Người ghi", "void_why": "Bỏ vì"}
    emit(steps.list_steps(services, staff_id, code), format, columns=columns)


def move(
    code: Code,
    new_date: Annotated[dt.date, typer.Argument(parser=parse_date, metavar="NGÀY", help="ngày họp mới")],
    why: Why,
    time: Annotated[str | None, typer.Option(metavar="GIỜ", help="giờ mới, nếu đổi")] = None,
    place: Annotated[str | None, typer.Option(metavar="NƠI", help="nơi mới, nếu đổi")] = None,
    cutoff: Annotated[
        dt.date | None, typer.Option(parser=parse_date, metavar="NGÀY", help="ngày chốt mới; không ghi thì máy tính")
    ] = None,
    force: Annotated[
        str | None, typer.Option(metavar="LÝ_DO", help="vẫn dời dù không kịp hạn của quy định, ghi lý do")
    ] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Dời ngày họp: tính lại các hạn, giấy mời và thông báo phải gửi lại, người đã được báo thì được báo lại.

    \b
    Ví dụ:
      doithoai conferences move HN-20261128 5/12/2026 --why "trùng ngày bầu cử"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    moved = moving.move_conference(
        services, staff_id, code, new_date, why=why, starts_at=time, place=place, cutoff_on=cutoff, force=force
    )
    labels = {"old": "Ngày cũ", "new": "Ngày mới", "cutoff_on": "Ngày chốt nội dung", "told": "Tin báo người dân"}
    show(moved, format, labels=labels)
    for one in moved.again:
        note(f"Phải làm lại: {STEP_NAMES[one]}.")
    for late in moved.broken:
        note(f"Không kịp hạn: {late.in_words()}.")


def officials(
    code: Code,
    chair: Annotated[str | None, typer.Option(metavar="AI", help="người chủ trì")] = None,
    co_chair: Annotated[list[str] | None, typer.Option(metavar="AI", help="cùng chủ trì; ghi nhiều lần được")] = None,
    secretary: Annotated[list[str] | None, typer.Option(metavar="AI", help="thư ký; ghi nhiều lần được")] = None,
    deputy: Annotated[str | None, typer.Option(metavar="AI", help="cấp phó chủ trì thay; để trống là bỏ")] = None,
    deputy_reason: Annotated[str | None, typer.Option(metavar="LÝ_DO", help="vì sao cấp phó chủ trì")] = None,
    vacant: Annotated[bool, typer.Option("--vacant", help="đang khuyết cấp trưởng")] = False,
    unit: Annotated[str | None, typer.Option(metavar="NƠI", help="nơi tổng hợp ý kiến")] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Cử hoặc đổi người chủ trì, cùng chủ trì, thư ký, cấp phó chủ trì thay, nơi tổng hợp.

    \b
    Ví dụ:
      doithoai conferences officials HN-20261128 --secretary "Công chức A" --secretary "Công chức B"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    remarks = planning.name_officials(
        services,
        staff_id,
        code,
        chair=chair,
        co_chairs=co_chair,
        secretaries=secretary,
        deputy=deputy,
        deputy_reason=deputy_reason,
        vacant=vacant,
        unit=unit,
    )
    note(f"Đã ghi. Xem: doithoai conferences show {code}")
    for remark in remarks:
        note(f"Lưu ý: {remark}")


def stop(
    code: Code,
    why: Why,
    rest: Annotated[
        Rest, typer.Option(help="dòng chưa tới lượt: writing - trả lời bằng văn bản; next_time - để lần sau")
    ] = Rest.WRITING,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Người chủ trì dừng hội nghị giữa chừng: việc chưa tới lượt không mất, người hỏi được báo.

    \b
    Ví dụ:
      doithoai conferences stop HN-20261128 --why "mất trật tự trong hội trường"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    done = breaking_off.stop(services, staff_id, code, why=why, rest=rest)
    note(f"Đã ghi dừng hội nghị {code}: {done.lines} dòng chưa tới lượt, báo {done.told} người.")


def fail(
    code: Code,
    why: Why,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Đối thoại không thành: ý kiến giữ lại cho lần sau, người hỏi được báo; nên lập biên bản, báo cáo cấp trên.

    \b
    Ví dụ:
      doithoai conferences fail HN-20261128 --why "các bên không thống nhất được nội dung"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    done = breaking_off.fail(services, staff_id, code, why=why)
    note(f"Đã ghi hội nghị {code} không thành, báo {done.told} người.")
    if done.report_by:
        note(f"Còn nợ biên bản và báo cáo cấp trên, theo {'; '.join(done.report_by)}.")
    else:
        note("Văn bản áp dụng không nói đến đối thoại không thành; nên lập biên bản và báo cáo cấp trên.")


def checklist(
    code: Code,
    open_only: Annotated[bool, typer.Option("--open", help="chỉ xem việc còn nợ")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Mọi việc quy định và pháp luật đòi của hội nghị này: việc gì, ai, hạn nào, xong chưa, theo đâu.

    \b
    Ví dụ:
      doithoai conferences checklist HN-20261128 --open
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    found = closing.checklist(services, staff_id, code)
    items = [one for one in found.items if not open_only or one.state in _OPEN_ITEMS]
    columns = {"what": "Việc", "holder": "Ai", "due_on": "Hạn", "state": "Hiện", "source": "Theo"}
    names = {"state": _STATES}
    emit(items, format, columns=columns, names=names)
    if chosen(format) == "table":
        for item in items:
            if item.waived is not None:
                note(f"Không làm, đã ghi lý do: {item.what}, vì {item.waived}.")
        note(f"Hội nghị {code} {CONFERENCE_STATES[found.state]}; {found.blocking} việc phải xong mới đóng được hồ sơ.")


def close(
    code: Code,
    date: Annotated[
        dt.date | None,
        typer.Option("--date", "--on", parser=parse_date, metavar="NGÀY", help="ngày đóng; không ghi là hôm nay"),
    ] = None,
    waive: Annotated[
        list[str] | None,
        typer.Option(metavar='BƯỚC="LÝ_DO"', help="bước đúng là không làm, và vì sao; ghi nhiều lần được"),
    ] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Đóng hồ sơ hội nghị; từ chối khi còn dòng chưa trả lời, chưa giao, hoặc còn bước bắt buộc chưa làm.

    Bước đã qua mà đúng là không làm thì ghi lý do (--waive), không ghi một ngày không có thật; lý do ở lại hồ sơ.

    \b
    Ví dụ:
      doithoai conferences close HN-20261128
      doithoai conferences close HN-20261128 --waive preparatory_meeting="người chủ trì đi chống bão"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    waived = dict(_reasoned(one) for one in waive or ())
    done = closing.close(services, staff_id, code, closed_on=date, waive=waived)
    show(done, format, labels={"closed_on": "Đóng hồ sơ ngày", "retain_until": "Lưu tới", "source": "Theo"})
    if done.retain_until is None:
        note("Quy định của hội nghị này không nói hồ sơ phải lưu tới bao giờ; lưu theo quy định chung về lưu trữ.")
    for what in done.waived:
        note(f"Không làm, đã ghi lý do: {what}.")
    for what in done.still_owed:
        note(f"Còn theo dõi: {what}.")


def reopen(
    code: Code,
    why: Why,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Mở lại hồ sơ đã đóng để sửa.

    \b
    Ví dụ:
      doithoai conferences reopen HN-20261128 --why "thiếu biên bản bản ký"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    closing.reopen(services, staff_id, code, why=why)
    note(f"Đã mở lại hồ sơ hội nghị {code}.")


def show_programme(
    code: Code,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Trình tự hội nghị theo quy định, kèm giờ khi quy định có định thời lượng.

    \b
    Ví dụ:
      doithoai conferences programme HN-20261128
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    columns = {"number": "Thứ tự", "starts_at": "Giờ", "text": "Nội dung", "by": "Ai", "source": "Theo"}
    emit(programme.programme_of(services, staff_id, code), format, columns=columns)


def _reasoned(text: str) -> tuple[str, str]:
    name, equals, why = text.partition("=")
    if not equals or not name.strip() or not why.strip():
        raise typer.BadParameter(f'«{text}» không đúng. Viết như: preparatory_meeting="lý do"')
    return name.strip(), why.strip()
