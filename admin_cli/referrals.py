"""`doithoai referrals ...`: matters beyond the commune's competence, up to the next level and back."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, noun, parse_date
from admin_cli.output import emit, note, show
from admin_cli.session import open_as_staff
from casework.codes import spoken
from casework.topics import LEVEL_NAMES
from casework.usecases.referrals import listing, referring

app = noun("Việc vượt thẩm quyền của xã: chuyển lên cấp trên, theo dõi, nhận trả lời về.")

_STATES: dict[str, str] = {
    listing.ReferralState.WAITING: "chờ gửi",
    listing.ReferralState.SENT: "đã gửi",
    listing.ReferralState.ANSWERED: "đã trả lời",
    listing.ReferralState.CANCELLED: "đã thôi",
}


@app.command("list")
def list_(
    all_: Annotated[bool, typer.Option("--all", help="kể cả việc đã có trả lời hoặc bị trả lại")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Việc đang chờ gửi lên và đang ở cấp trên, chờ lâu nhất đứng đầu.

    \b
    Ví dụ:
      doithoai referrals list
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    rows = listing.list_referrals(services, staff_id, finished=all_)
    emit(
        rows,
        format,
        columns={
            "id": "Số",
            "title": "Việc",
            "body": "Nơi nhận",
            "state": "Tình trạng",
            "document_number": "Văn bản",
            "days_waiting": "Số ngày",
        },
        names={"state": _STATES},
    )
    overdue = [str(row.id) for row in rows if row.report_overdue]
    if overdue:
        note(f"Đã quá ngày hẹn báo lại người hỏi ở việc số: {', '.join(overdue)}.")


@app.command()
def candidates(
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Việc đã duyệt, được xếp vượt thẩm quyền xã mà chưa ai chuyển lên.

    \b
    Ví dụ:
      doithoai referrals candidates
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    emit(
        listing.beyond_competence(services, staff_id),
        format,
        columns={
            "group_id": "Nhóm",
            "title": "Việc",
            "level": "Cấp",
            "body": "Nơi giải quyết",
            "days_waiting": "Số ngày",
        },
        names={"level": {level.value: name for level, name in LEVEL_NAMES.items()}},
    )


@app.command()
def add(
    issue: Annotated[str, typer.Argument(metavar="VẤN_ĐỀ", help="HN-20261128/3, mã ý kiến, hoặc nhom:12")],
    body: Annotated[str, typer.Argument(metavar="NƠI_NHẬN", help="cơ quan cấp trên")],
    why: Annotated[
        str | None, typer.Option(metavar="LÝ_DO", help="cần ghi khi việc đang xếp thuộc thẩm quyền cấp xã")
    ] = None,
    report_on: Annotated[
        dt.date | None, typer.Option(parser=parse_date, metavar="NGÀY", help="hẹn báo lại người hỏi chậm nhất ngày này")
    ] = None,
    conference: Annotated[str | None, typer.Option(metavar="MÃ", help="nhân hội nghị nào")] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Chuyển một việc đã duyệt, đã hoãn tại hội nghị hoặc đã giao mà vượt thẩm quyền.

    \b
    Ví dụ:
      doithoai referrals add HN-20261128/3 "Sở Xây dựng tỉnh" --report-on 15/01/2027
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    number = referring.refer_issue(
        services, staff_id, issue, body, why=why, report_on=report_on, conference_code=conference
    )
    note(f"Đã ghi việc chuyển lên số {number}. Khi có văn bản: doithoai referrals send --number SỐ")


@app.command()
def send(
    number: Annotated[str, typer.Option(metavar="SỐ", help="số văn bản gửi lên, ví dụ 15/BC-MTTQ-BTT")],
    on: Annotated[
        dt.date | None, typer.Option("--on", parser=parse_date, metavar="NGÀY", help="ngày gửi; mặc định nay")
    ] = None,
    body: Annotated[str | None, typer.Option(metavar="NƠI_NHẬN", help="chỉ các việc gửi nơi này")] = None,
    only: Annotated[list[int] | None, typer.Option(metavar="SỐ", help="chỉ việc số này; ghi được nhiều lần")] = None,
    conference: Annotated[str | None, typer.Option(metavar="MÃ", help="ghi luôn bước này cho hội nghị")] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Một văn bản đã mang các việc đang chờ lên cấp trên: báo số và ngày cho từng người hỏi.

    \b
    Ví dụ:
      doithoai referrals send --number 15/BC-MTTQ-BTT --on 10/12/2026
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    sent = referring.send_up(
        services, staff_id, number=number, sent_on=on, body=body, referrals=only or None, conference_code=conference
    )
    show(sent, format, labels={"number": "Văn bản", "referrals": "Các việc số", "told": "Tin báo người hỏi"})


@app.command("return")
def return_(
    referral: Annotated[int, typer.Argument(metavar="SỐ", help="số việc chuyển lên (xem: referrals list)")],
    why: Annotated[str, typer.Option(metavar="LÝ_DO", help="cấp trên trả lại vì sao")],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Cấp trên báo việc thuộc thẩm quyền xã: ý kiến trở lại danh sách đã duyệt, người hỏi được báo.

    \b
    Ví dụ:
      doithoai referrals return 4 --why "đường đã giao xã quản lý từ 2025"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    told = referring.give_back(services, staff_id, referral, why=why)
    note(f"Đã nhận lại việc số {referral}; {told} ý kiến trở lại danh sách đã duyệt.")


@app.command()
def codes(
    referral: Annotated[int, typer.Argument(metavar="SỐ", help="số việc chuyển lên")],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Mã của những ý kiến đi cùng một việc chuyển lên.

    \b
    Ví dụ:
      doithoai referrals codes 4
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    rows = listing.list_referrals(services, staff_id, finished=True)
    found = [code for row in rows if row.id == referral for code in row.codes]
    emit([{"code": spoken(code)} for code in found], format, columns={"code": "Mã"})
