"""`doithoai conferences`: plan one, record its day line by line, issue the conclusion, as a named staff member."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from admin_cli import conferences_file, conferences_life, speakers
from admin_cli.choices import choice
from admin_cli.options import AsOfOption, DatabaseOption, Format, FormatOption, StaffOption, noun, parse_date
from admin_cli.output import emit, note, show
from admin_cli.session import open_as_staff
from admin_cli.words import text_or_file
from casework.codes import spoken
from casework.conference_life.planning import Officials
from casework.names import CONFERENCE_FORMS, CONFERENCE_KINDS, CONFERENCE_STATES, OUTCOMES
from casework.regulations.model import ConferenceKind
from casework.usecases.conference import conferences, planning
from casework.usecases.work import Services
from storage.records import AgendaOutcome

app = noun("Lập hội nghị đối thoại, ghi kết quả từng dòng, ý kiến tại hội trường, thông báo kết luận.")
app.add_typer(speakers.app, name="speakers")

Code = Annotated[str, typer.Argument(metavar="HỘI_NGHỊ", help="mã hội nghị, ví dụ HN-20261128")]
_COLUMNS = {
    "code": "Mã",
    "title": "Tên",
    "held_on": "Ngày",
    "state": "Hiện",
    "lines": "Dòng",
    "pending": "Chưa ghi",
}
_NAMES = {
    "state": CONFERENCE_STATES,
    "kind": CONFERENCE_KINDS,
    "form": CONFERENCE_FORMS,
}
_LABELS = {
    "code": "Mã",
    "title": "Tên",
    "kind": "Loại",
    "form": "Hình thức",
    "topic": "Nội dung báo trước",
    "regulation": "Quy định",
    "state": "Hiện",
    "held_on": "Ngày họp",
    "starts_at": "Giờ",
    "place": "Địa điểm",
    "chair": "Chủ trì",
    "co_chairs": "Cùng chủ trì",
    "deputy": "Cấp phó chủ trì thay",
    "deputy_reason": "Lý do thay",
    "secretaries": "Thư ký",
    "unit": "Nơi tổng hợp",
    "cutoff_on": "Ngày chốt nội dung",
    "lines": "Số dòng",
    "pending": "Dòng chưa ghi kết quả",
    "invited": "Số người được mời",
    "attendance": "Số người dự",
    "attendance_by_group": "Người dự theo nhóm",
    "stopped_why": "Lý do dừng, không thành",
    "conclusion_number": "Số thông báo kết luận",
    "conclusion_on": "Ngày thông báo kết luận",
    "closed_on": "Ngày đóng hồ sơ",
    "retain_until": "Lưu hồ sơ tới",
}


@app.command()
def plan(
    title: Annotated[str, typer.Option(metavar="TÊN", help="tên hội nghị")],
    date: Annotated[dt.date, typer.Option("--date", "--on", parser=parse_date, metavar="NGÀY", help="ngày họp")],
    place: Annotated[str, typer.Option(metavar="NƠI", help="địa điểm")],
    chair: Annotated[str, typer.Option(metavar="AI", help="người chủ trì, ghi chức vụ")],
    time: Annotated[str | None, typer.Option(metavar="GIỜ", help="giờ bắt đầu, ví dụ 8:00")] = None,
    kind: Annotated[
        ConferenceKind,
        typer.Option(
            parser=choice(ConferenceKind, CONFERENCE_KINDS), metavar="LOẠI", help="định kỳ, thường xuyên hoặc đột xuất"
        ),
    ] = ConferenceKind.PERIODIC,
    cutoff: Annotated[
        dt.date | None, typer.Option(parser=parse_date, metavar="NGÀY", help="ngày cuối nhận ý kiến đưa ra hội nghị")
    ] = None,
    code: Annotated[str | None, typer.Option(metavar="MÃ", help="mã riêng; không ghi thì lấy theo ngày")] = None,
    form: Annotated[
        str, typer.Option(metavar="HÌNH_THỨC", help="in_person: trực tiếp; online: trực tuyến; social_network")
    ] = "in_person",
    topic: Annotated[
        str | None, typer.Option(metavar="NỘI_DUNG", help="một nội dung báo trước; bắt buộc với đối thoại đột xuất")
    ] = None,
    co_chair: Annotated[
        list[str] | None, typer.Option(metavar="AI", help="người cùng chủ trì; ghi nhiều lần được")
    ] = None,
    secretary: Annotated[list[str] | None, typer.Option(metavar="AI", help="thư ký; ghi nhiều lần được")] = None,
    deputy: Annotated[str | None, typer.Option(metavar="AI", help="cấp phó chủ trì thay cấp trưởng")] = None,
    deputy_reason: Annotated[str | None, typer.Option(metavar="LÝ_DO", help="vì sao cấp phó chủ trì")] = None,
    vacant: Annotated[bool, typer.Option("--vacant", help="đang khuyết cấp trưởng")] = False,
    unit: Annotated[str | None, typer.Option(metavar="NƠI", help="nơi tổng hợp ý kiến và phương án trả lời")] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Lập một hội nghị theo quy định đang áp dụng của xã; in ra mã hội nghị.

    \b
    Ví dụ:
      doithoai conferences plan --title "Đối thoại cuối năm" --date 28/11/2026 \\
        --time 8:00 --place "Hội trường xã" --chair "Bí thư Đảng ủy xã" --cutoff 23/11/2026
      doithoai conferences plan --title "Đối thoại về bãi rác" --date 20/11/2026 --kind ad_hoc \\
        --topic "Di dời bãi rác Đồng Trũng" --place "Nhà văn hóa" --chair "Chủ tịch UBND xã"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    made = conferences.plan(
        services,
        staff_id,
        title=title,
        held_on=date,
        place=place,
        chair=chair,
        code=code,
        starts_at=time,
        kind=kind,
        cutoff_on=cutoff,
        form=form,
        topic=topic,
        officials=Officials(
            co_chairs=tuple(co_chair or ()),
            secretaries=tuple(secretary or ()),
            deputy=deputy,
            deputy_reason=deputy_reason,
            vacant=vacant,
            unit=unit,
        ),
    )
    _show(services, staff_id, made, format)
    said = planning.plan_remarks(services, staff_id, made)
    for remark in said.remarks:
        note(f"Lưu ý: {remark}")
    if said.cutoff:
        note(f"Ngày chốt: {said.cutoff}")
    if said.parts:
        note(f"Kế hoạch phải có: {'; '.join(said.parts)}.")
    note(f"Đã lập hội nghị {made}. Việc phải làm, hạn nào: doithoai conferences checklist {made}")
    note(f"Lập nội dung: doithoai agenda build {made}")


@app.command("list")
def list_all(
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Các hội nghị, mới nhất trước.

    \b
    Ví dụ:
      doithoai conferences list --format json
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    emit(conferences.list_conferences(services, staff_id), format, columns=_COLUMNS, names=_NAMES)


@app.command("show")
def show_one(
    code: Code,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Một hội nghị: ngày, nơi, chủ trì, còn bao nhiêu dòng chưa ghi kết quả.

    \b
    Ví dụ:
      doithoai conferences show HN-20261128
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _show(services, staff_id, code, format)


@app.command()
def hold(
    code: Code,
    attendance: Annotated[int | None, typer.Option(metavar="SỐ", help="số người dự", min=0)] = None,
    invited: Annotated[int | None, typer.Option(metavar="SỐ", help="số người được mời", min=0)] = None,
    group: Annotated[
        list[str] | None, typer.Option(metavar="NHÓM=SỐ", help='người dự theo nhóm, ví dụ "thôn 4=30"')
    ] = None,
    chair: Annotated[str | None, typer.Option(metavar="AI", help="người thực sự chủ trì, nếu khác")] = None,
    date: Annotated[
        dt.date | None,
        typer.Option("--date", "--on", parser=parse_date, metavar="NGÀY", help="ngày họp thật, nếu khác"),
    ] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Hội nghị bắt đầu: khóa nội dung, từ đây ghi kết quả. Chạy lại được để thêm số người dự.

    \b
    Ví dụ:
      doithoai conferences hold HN-20261128 --attendance 142 --invited 160 --group "thôn 4=30"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    held = conferences.hold(
        services,
        staff_id,
        code,
        attendance=attendance,
        chair=chair,
        held_on=date,
        invited=invited,
        groups=dict(_counted(one) for one in group or ()),
    )
    for one in held.missed:
        note(f"Chưa đúng quy định: {one.in_words()}.")
    for remark in held.remarks:
        note(f"Lưu ý: {remark}")
    note(f"Đã ghi hội nghị {code} họp. Ghi từng dòng: doithoai conferences outcome {code} 1 answered --note ...")


@app.command()
def outcome(
    code: Code,
    line: Annotated[int, typer.Argument(metavar="DÒNG", help="số dòng trong nội dung", min=1)],
    result: Annotated[
        AgendaOutcome,
        typer.Argument(
            parser=choice(AgendaOutcome, OUTCOMES),
            metavar="KẾT_QUẢ",
            help="answered: đã trả lời; deferred: trả lời bằng văn bản; declined: từ chối; pending: ghi lại sau",
        ),
    ],
    by: Annotated[str | None, typer.Option(metavar="AI", help="ai trả lời, ghi chức vụ")] = None,
    words: Annotated[
        str | None, typer.Option("--note", metavar="LỜI", help="điều đã trả lời; người hỏi nhận được lời này")
    ] = None,
    ground: Annotated[
        str | None, typer.Option(metavar="CĂN_CỨ", help="bắt buộc khi declined; xem: doithoai opinions grounds")
    ] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Ghi kết quả một dòng; ghi lại được cho tới khi có thông báo kết luận.

    \b
    Ví dụ:
      doithoai conferences outcome HN-20261128 1 answered --by "Chủ tịch UBND xã" \\
        --note "Thay 5 bóng đèn trước ngày 25/11."
      doithoai conferences outcome HN-20261128 2 deferred
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    remarks = conferences.record_outcome(services, staff_id, code, line, result, by=by, note=words, ground_code=ground)
    for remark in remarks:
        note(f"Lưu ý: {remark}")
    (row,) = conferences.list_conferences(services, staff_id, code)
    note(f"Đã ghi dòng {line}. Còn {row.pending} dòng chưa ghi kết quả.")


@app.command()
def floor(
    code: Code,
    text: Annotated[str, typer.Argument(metavar="LỜI", help="lời người phát biểu")],
    name: Annotated[
        str | None, typer.Option(metavar="TÊN", help="họ tên, chỉ ghi khi người phát biểu đồng ý cho lưu")
    ] = None,
    village: Annotated[str | None, typer.Option(metavar="THÔN", help="mã thôn trong danh mục")] = None,
    title: Annotated[str | None, typer.Option(metavar="TÊN_VIỆC", help="tên việc không nêu tên ai")] = None,
    line: Annotated[int | None, typer.Option(metavar="DÒNG", help="cùng việc với dòng này", min=1)] = None,
    deferred: Annotated[bool, typer.Option("--deferred", help="trả lời bằng văn bản")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ý kiến nêu tại hội trường: được một mã ghi ra giấy cho người nêu, và một dòng.

    \b
    Ví dụ:
      doithoai conferences floor HN-20261128 "Cống ngõ 5 tắc, mưa là ngập" --village moi
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    raised = conferences.add_floor_opinion(
        services, staff_id, code, text, name=name, village=village, title=title, line=line, deferred=deferred
    )
    show(raised, format, labels={"code": "Mã", "position": "Dòng"})
    if raised.position is None:
        note(
            "Nội dung có dấu hiệu khiếu nại hoặc tố cáo nên được giữ lại cho người có thẩm quyền xem, không thành dòng."
        )
    elif raised.code is not None:
        note(f"Ghi mã {spoken(raised.code)} ra giấy đưa người phát biểu.")


@app.command()
def conclude(
    code: Code,
    number: Annotated[str, typer.Option(metavar="SỐ", help="số thông báo kết luận, ví dụ 05/TB-UBND")],
    date: Annotated[
        dt.date, typer.Option("--date", "--on", parser=parse_date, metavar="NGÀY", help="ngày của thông báo")
    ],
    text: Annotated[str | None, typer.Option(metavar="LỜI", help="nội dung thông báo, không nêu tên riêng ai")] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="TỆP", help="lấy nội dung thông báo từ tệp chữ", exists=True, dir_okay=False)
    ] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Đã có thông báo kết luận: báo cho từng người hỏi kết quả việc của họ. Cần mọi dòng đã ghi kết quả.

    \b
    Ví dụ:
      doithoai conferences conclude HN-20261128 --number 05/TB-UBND --date 03/12/2026
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    words = text_or_file(text, file) or ""
    done = conferences.conclude(services, staff_id, code, number=number, date=date, text=words)
    show(
        done,
        format,
        labels={
            "answered": "Đã trả lời",
            "deferred": "Trả lời bằng văn bản",
            "declined": "Không đối thoại",
            "told": "Tin báo người hỏi",
            "unassigned": "Dòng chưa giao cơ quan nào",
        },
    )
    for remark in done.remarks:
        note(remark)
    if done.unassigned:
        note(f"Còn dòng chưa giao ai trả lời. Giao: doithoai answers assign {code}/{done.unassigned[0]} --agency ...")


@app.command()
def cancel(
    code: Code,
    why: Annotated[str, typer.Option(metavar="LÝ_DO", help="vì sao không họp")],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Hủy một hội nghị chưa họp: ý kiến trở lại danh sách đã duyệt, người đã được báo thì được báo lại.

    \b
    Ví dụ:
      doithoai conferences cancel HN-20261128 --why "hoãn vì bão"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    told = conferences.cancel(services, staff_id, code, why=why)
    note(f"Đã hủy hội nghị {code}, báo lại cho {told} người.")


def _show(services: Services, staff_id: int, code: str, format: Format | None) -> None:
    """One conference; a table leaves out what nobody has said."""
    (row,) = conferences.list_conferences(services, staff_id, code)
    said = {name: label for name, label in _LABELS.items() if getattr(row, name) not in (None, (), {})}
    show(row, format, labels=said, names=_NAMES)


def _counted(text: str) -> tuple[str, int]:
    name, equals, number = text.rpartition("=")
    if not equals or not name.strip() or not number.strip().isdecimal():
        raise typer.BadParameter(f"«{text}» không đúng. Viết như: thôn 4=30")
    return name.strip(), int(number)


# Commands of the same noun with modules of their own; they add themselves to `app`.
conferences_life.add_to(app)
conferences_file.add_to(app)
