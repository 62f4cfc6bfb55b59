"""`doithoai agenda`: build the agenda of a conference, put it in order, show and export it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from admin_cli.options import AsOfOption, DatabaseOption, Format, FormatOption, StaffOption, noun, parse_date
from admin_cli.output import chosen, emit, note, show
from admin_cli.session import acting_staff, open_services
from casework.agenda import AgendaView, Audience
from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.errors import InvalidInput
from casework.names import OUTCOMES
from casework.usecases.conference import conferences
from casework.usecases.work import Services

app = noun("Nội dung đối thoại của một hội nghị: lập, sắp xếp, xem, xuất Word và bảng tính.")

Code = Annotated[str, typer.Argument(metavar="HỘI_NGHỊ", help="mã hội nghị, ví dụ HN-20261128")]
Line = Annotated[int, typer.Argument(metavar="DÒNG", help="số dòng trong nội dung", min=1)]
AudienceOption = Annotated[
    Audience, typer.Option(help="public: không tên ai, không nguyên văn; internal: cho cán bộ, đủ mã, tên, nguyên văn")
]
_COLUMNS = {
    "position": "Dòng",
    "title": "Vấn đề",
    "topic_name": "Lĩnh vực",
    "village": "Thôn",
    "people": "Người",
    "urgent": "Khẩn",
    "outcome": "Kết quả",
}
_INTERNAL_COLUMNS = {
    "position": "Dòng",
    "title": "Vấn đề",
    "people": "Người",
    "code": "Mã",
    "name": "Người nêu",
    "words": "Nguyên văn",
}


@app.command()
def build(
    code: Code,
    max_lines: Annotated[int | None, typer.Option(metavar="SỐ", help="nhiều nhất bấy nhiêu dòng", min=1)] = None,
    rerank: Annotated[bool, typer.Option("--rerank", help="xếp lại cả những dòng đã có")] = False,
    restore: Annotated[bool, typer.Option("--restore-dropped", help="đưa lại cả những dòng đã bỏ")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Lập nội dung từ các ý kiến đã duyệt, khẩn trước rồi nhiều người hỏi trước; báo người hỏi, mỗi người một lần.

    Chạy lại được trước ngày họp: dòng cũ giữ nguyên thứ tự, dòng mới xếp sau.

    \b
    Ví dụ:
      doithoai agenda build HN-20261128 --max-lines 20
    """
    services = open_services(db, as_of)
    built = conferences.build_agenda(
        services,
        acting_staff(services, staff),
        code,
        max_lines=max_lines,
        rerank=rerank,
        restore_dropped=restore,
    )
    show(
        built,
        format,
        labels={
            "lines": "Số dòng",
            "people": "Lượt người hỏi",
            "added": "Dòng mới",
            "removed": "Dòng bỏ đi",
            "left_out": "Để lại kỳ sau",
            "late": "Đến sau ngày chốt",
            "told": "Tin báo người hỏi",
        },
    )


@app.command("show")
def show_one(
    code: Code,
    audience: AudienceOption = Audience.PUBLIC,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Xem nội dung. Bản nội bộ có mỗi ý kiến một dòng ở dạng bảng và csv; json có đủ cả.

    \b
    Ví dụ:
      doithoai agenda show HN-20261128
      doithoai agenda show HN-20261128 --audience internal --format json
    """
    view = _view(open_services(db, as_of), staff, code, audience)
    if chosen(format) is Format.JSON:
        show(view, format)
        return
    columns = _COLUMNS if audience is Audience.PUBLIC else _INTERNAL_COLUMNS
    note(f"{view.title}, ngày {vietnamese_date(view.held_on)}, {view.place}")
    emit(_flat(view), format, columns=columns, names={"outcome": OUTCOMES})
    if view.late:
        note(f"{view.late} ý kiến đến sau ngày chốt, trả lời bằng văn bản.")
    _note_machine_titles(view)


@app.command()
def export(
    code: Code,
    out: Annotated[Path, typer.Option(metavar="TỆP", help="tệp kết quả; đuôi .docx hoặc .xlsx cho biết dạng")],
    docx: Annotated[bool, typer.Option("--docx", help="văn bản Word")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="bảng tính")] = False,
    summary: Annotated[bool, typer.Option("--summary", help="bảng tổng hợp ý kiến, kiến nghị (Word)")] = False,
    audience: AudienceOption = Audience.PUBLIC,
    number: Annotated[str | None, typer.Option(metavar="SỐ", help="số văn bản; không ghi thì là dự thảo")] = None,
    date: Annotated[
        dt.date | None, typer.Option(parser=parse_date, metavar="NGÀY", help="ngày văn bản, đi cùng số")
    ] = None,
    templates: Annotated[
        Path | None, typer.Option(metavar="THƯ_MỤC", help="mẫu Word của riêng xã", exists=True, file_okay=False)
    ] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Xuất nội dung ra văn bản Word (dự thảo, tới khi có số và ngày) hoặc bảng tính.

    \b
    Ví dụ:
      doithoai agenda export HN-20261128 --out noi-dung.docx
      doithoai agenda export HN-20261128 --audience internal --out noi-bo.xlsx
      doithoai agenda export HN-20261128 --audience internal --summary --out tong-hop.docx
    """
    # Word and spreadsheet libraries are slow to load: only this command pays for them.
    from casework.documents import agenda_document, agenda_spreadsheet, summary_document

    as_sheet = _as_sheet(out, docx=docx, xlsx=xlsx)
    if as_sheet and (summary or number or date or templates):
        raise InvalidInput("Bảng tính không có số, ngày, mẫu hay dạng tổng hợp.", todo="Xuất ra tệp .docx.")
    view = _view(open_services(db, as_of), staff, code, audience)
    if as_sheet:
        write: Callable[..., None] = agenda_spreadsheet
        options: dict[str, Any] = {}
    else:
        write = summary_document if summary else agenda_document
        options = {"number": number, "signed_on": date, "templates": templates}
    try:
        write(view, out, **options)
    except OSError as error:
        raise InvalidInput(
            f"Không ghi được tệp {out}.", todo="Đóng tệp nếu đang mở trong Word, Excel, hoặc chọn chỗ khác."
        ) from error
    note(f"Đã ghi {out} ({len(view.rows)} dòng, bản {'công khai' if audience is Audience.PUBLIC else 'nội bộ'}).")
    _note_machine_titles(view)


@app.command()
def move(
    code: Code,
    line: Line,
    to: Annotated[int, typer.Argument(metavar="CHỖ", help="chỗ mới", min=1)],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Chuyển một dòng tới chỗ khác; các dòng kia dồn lại.

    \b
    Ví dụ:
      doithoai agenda move HN-20261128 5 1
    """
    services = open_services(db, as_of)
    conferences.move_line(services, acting_staff(services, staff), code, line, to)
    note(f"Dòng {line} nay ở chỗ {to}.")


@app.command("title")
def name_line(
    code: Code,
    line: Line,
    title: Annotated[str, typer.Argument(metavar="TÊN", help="tên nội dung, không có tên ai")],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Đặt tên cho một dòng bằng lời của cán bộ, thay tên máy lấy từ lời người hỏi.

    \b
    Ví dụ:
      doithoai agenda title HN-20261128 3 "Sửa đèn đường trục thôn 4"
    """
    services = open_services(db, as_of)
    conferences.name_line(services, acting_staff(services, staff), code, line, title)
    note(f"Đã đặt tên cho dòng {line}.")


@app.command()
def drop(
    code: Code,
    line: Line,
    why: Annotated[str, typer.Option(metavar="LÝ_DO", help="vì sao bỏ")],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Bỏ một dòng: ý kiến vẫn giữ ở trạng thái đã duyệt, người hỏi được báo.

    \b
    Ví dụ:
      doithoai agenda drop HN-20261128 7 --why "chủ trì yêu cầu làm việc riêng"
    """
    services = open_services(db, as_of)
    conferences.drop_line(services, acting_staff(services, staff), code, line, why=why)
    note(f"Đã bỏ dòng {line}. Đưa lại: doithoai agenda build {code} --restore-dropped")


def _view(services: Services, staff: str | None, code: str, audience: Audience) -> AgendaView:
    staff_id = acting_staff(services, staff) if audience is Audience.INTERNAL else None
    return conferences.agenda_view(services, staff_id, code, audience)


def _note_machine_titles(view: AgendaView) -> None:
    """A remark, no refusal: what becomes public should have been read by a person."""
    if view.audience is Audience.PUBLIC and view.machine_titled:
        lines = ", ".join(map(str, view.machine_titled))
        note(
            f"Còn {len(view.machine_titled)} dòng mang tên máy đặt, chưa ai đọc lại: {lines}.\n"
            f'Đặt tên: doithoai agenda title {view.conference} DÒNG "tên việc"'
        )


def _flat(view: AgendaView) -> list[dict[str, Any]]:
    """Lines, or in the internal form one row per opinion behind them."""
    rows: list[dict[str, Any]] = []
    for line in view.rows:
        common: dict[str, Any] = {name: getattr(line, name) for name in _COLUMNS}
        if view.audience is Audience.PUBLIC:
            rows.append(common)
            continue
        rows += [
            {
                **common,
                "code": spoken(asker.code) if asker.code else None,
                "name": asker.name,
                "asker_village": asker.village,
                "submitted_on": asker.submitted_on,
                "late": asker.late,
                "words": asker.words,
            }
            for asker in line.askers
        ]
    return rows


def _as_sheet(out: Path, *, docx: bool, xlsx: bool) -> bool:
    suffix = out.suffix.lower()
    if docx and xlsx:
        raise typer.BadParameter("chỉ chọn một trong --docx và --xlsx.")
    if not docx and not xlsx and suffix not in (".docx", ".xlsx"):
        raise typer.BadParameter("tệp kết quả cần đuôi .docx hoặc .xlsx.")
    return xlsx or (suffix == ".xlsx" and not docx)
