"""`doithoai reports`: what is due, the figures and what stands behind each, the documents, what was sent."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from admin_cli.options import AsOfOption, DatabaseOption, Format, FormatOption, StaffOption, noun, parse_date
from admin_cli.output import chosen, emit, note, show
from admin_cli.session import open_as_staff
from casework.clock import vietnamese_date
from casework.errors import InvalidInput
from casework.reports.figures import UNIT_NAMES, Figure, definitions
from casework.reports.frozen import freeze
from casework.reports.periods import KIND_NAMES, ReportKind
from casework.usecases.reports import due, reports

app = noun("Báo cáo hội nghị, 6 tháng, năm: việc phải gửi, số liệu và cách tính, văn bản, đã gửi ngày nào.")
officials_app = noun("Danh sách mật cán bộ bị phản ánh; chỉ dành cho người giữ việc mật.")
app.add_typer(officials_app, name="officials")

Kind = Annotated[
    ReportKind,
    typer.Argument(metavar="LOẠI", help="conference: hội nghị; half_year: 6 tháng; annual: năm; on_demand: đột xuất"),
]
PeriodOption = Annotated[
    str | None,
    typer.Option("--period", metavar="KỲ", help="năm báo cáo (không ghi: năm nay); đột xuất: 2026-01-01..2026-03-31"),
]
ConferenceOption = Annotated[
    str | None, typer.Option("--conference", metavar="MÃ", help="mã hội nghị, cho báo cáo hội nghị")
]
LiveOption = Annotated[bool, typer.Option("--live", help="tính lại theo hôm nay, dù báo cáo đã gửi")]
TemplatesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="THƯ_MỤC", envvar="DOITHOAI_TEMPLATES", help="mẫu Word của riêng xã", exists=True, file_okay=False
    ),
]

_STATES = {
    "due": "chưa gửi",
    "late": "trễ, chưa gửi",
    "sent": "đã gửi",
    "sent_late": "đã gửi, trễ",
    "no_date": "không có hạn",
}
_KINDS = {
    ReportKind.CONFERENCE.value: "hội nghị",
    ReportKind.HALF_YEAR.value: "6 tháng",
    ReportKind.ANNUAL.value: "năm",
    ReportKind.ON_DEMAND.value: "đột xuất",
}
_UNITS = {unit.value: name for unit, name in UNIT_NAMES.items()}


@app.command("list")
def list_all(
    year: Annotated[int | None, typer.Option(metavar="NĂM", help="năm báo cáo", min=2000, max=2099)] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Báo cáo phải gửi theo quy định của xã: kỳ nào, hạn ngày nào, đã gửi chưa. Vì sao ngày ấy: dạng json.

    \b
    Ví dụ:
      doithoai reports list
      doithoai reports list --year 2026 --format json
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    emit(
        due.list_reports(services, staff_id, year=year),
        format,
        columns={"kind": "Báo cáo", "period": "Kỳ", "last": "Số liệu đến", "due_on": "Hạn gửi", "state": "Hiện"},
        names={"kind": _KINDS, "state": _STATES},
    )


@app.command("show")
def show_one(
    kind: Kind,
    period: PeriodOption = None,
    conference: ConferenceOption = None,
    explain: Annotated[
        str | None, typer.Option(metavar="SỐ_LIỆU", help="mã một số liệu: cách tính và các ý kiến đứng sau")
    ] = None,
    tables: Annotated[bool, typer.Option("--tables", help="cả số liệu theo cấp, lĩnh vực, thôn, căn cứ")] = False,
    live: LiveOption = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Số liệu của một báo cáo. Báo cáo đã gửi giữ nguyên số liệu ngày gửi.

    \b
    Ví dụ:
      doithoai reports show annual --period 2026
      doithoai reports show conference --conference HN-20261128 --tables
      doithoai reports show annual --period 2026 --explain resolved
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    target = _target(kind, period, conference)
    if explain is not None:
        _explain(reports.explain_figure(services, staff_id, kind, target, explain, live=live), format)
        return
    shown = reports.show_report(services, staff_id, kind, target, live=live)
    figures = shown.report.everything() if tables else tuple(shown.report.figures.values())
    first, last = (vietnamese_date(day) for day in (shown.scope.first, shown.scope.last))
    on = vietnamese_date(dt.date.fromisoformat(shown.report.on))
    note(f"{KIND_NAMES[kind].capitalize()} {shown.scope.label}: ý kiến nhận từ {first} đến {last}, tính ngày {on}.")
    if shown.sent is not None:
        note(f"Số liệu đã gửi: số {shown.sent.number}, ngày {vietnamese_date(shown.sent.sent_on)}. Tính lại: --live")
    emit(
        [_figure(figure) for figure in figures],
        format,
        columns={"name": "Chỉ tiêu", "value": "Số lượng", "unit": "Đơn vị", "key": "Mã"},
        names={"unit": _UNITS},
    )


@app.command()
def make(
    kind: Kind,
    out: Annotated[Path, typer.Option(metavar="TỆP", help="thư mục, hoặc tên tệp .docx; bảng tính nằm cạnh")],
    period: PeriodOption = None,
    conference: ConferenceOption = None,
    number: Annotated[str | None, typer.Option(metavar="SỐ", help="số văn bản; không ghi thì là dự thảo")] = None,
    date: Annotated[
        dt.date | None,
        typer.Option("--date", "--on", parser=parse_date, metavar="NGÀY", help="ngày văn bản, đi cùng số"),
    ] = None,
    sealed: Annotated[bool, typer.Option("--sealed", help="phụ lục niêm phong, cho người giữ việc mật")] = False,
    live: LiveOption = False,
    templates: TemplatesOption = None,
    force: Annotated[bool, typer.Option("--force", help="ghi đè cả tệp đã có người sửa")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Lập báo cáo: văn bản Word (dự thảo tới khi có số và ngày) và bảng tính của cùng các bảng.

    \b
    Ví dụ:
      doithoai reports make annual --period 2026 --out bao-cao
      doithoai reports make conference --conference HN-20261128 --out bao-cao.docx
    """
    # Word and spreadsheet libraries are slow to load: only this command pays for them.
    from casework.documents.registry import Order
    from casework.usecases.documents.reports import make_officials, make_report

    services, staff_id = open_as_staff(db, as_of, staff)
    order = Order(
        target=_target(kind, period, conference) or "",
        out=out,
        number=number,
        signed_on=date,
        templates=templates,
        force=force,
    )
    made = (
        make_officials(services, staff_id, kind, order)
        if sealed
        else make_report(services, staff_id, kind, order, live=live)
    )
    for path in made.paths:
        typer.echo(path)
    if made.blanks:
        note("Còn phần để anh/chị viết: " + "; ".join(made.blanks) + ".")


@app.command()
def sent(
    kind: Kind,
    number: Annotated[str, typer.Option(metavar="SỐ", help="số báo cáo, ví dụ 12/BC-MTTQ-BTT")],
    on: Annotated[dt.date, typer.Option("--on", "--date", parser=parse_date, metavar="NGÀY", help="ngày gửi")],
    period: PeriodOption = None,
    conference: ConferenceOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Ghi báo cáo đã gửi: số liệu được giữ nguyên như lúc này, việc báo cáo được tính là xong.

    \b
    Ví dụ:
      doithoai reports sent annual --period 2026 --number 12/BC-MTTQ-BTT --on 08/12/2026
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    report = reports.send_report(services, staff_id, kind, _target(kind, period, conference), number=number, sent_on=on)
    note(f"Đã ghi {KIND_NAMES[kind]} {report.label} gửi ngày {vietnamese_date(on)}; số liệu từ nay không đổi.")


@app.command()
def export(
    kind: Kind,
    period: PeriodOption = None,
    conference: ConferenceOption = None,
    live: LiveOption = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Xuất mọi số liệu và các bảng cho máy khác: json đủ các bảng, csv mỗi dòng một số liệu. Không có mã ý kiến nào.

    \b
    Ví dụ:
      doithoai reports export annual --period 2026 --format json > bao-cao-2026.json
      doithoai reports export half_year --period 2026 --format csv > so-lieu.csv
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    report = reports.show_report(services, staff_id, kind, _target(kind, period, conference), live=live).report
    if chosen(format) is Format.JSON:
        show(_without_ids(freeze(report)), Format.JSON)
        return
    emit([_figure(figure) for figure in report.everything()], Format.CSV)


# --------------------------------------------------------------------------- the sealed list


@officials_app.command("add")
def add_official(
    name: Annotated[str, typer.Option(metavar="TÊN", help="họ tên cán bộ bị phản ánh")],
    post: Annotated[str, typer.Option(metavar="CHỨC_VỤ", help="chức vụ, đơn vị")],
    matter: Annotated[str, typer.Option(metavar="LỜI", help="nội dung phản ánh")],
    result: Annotated[str | None, typer.Option(metavar="LỜI", help="kết quả xử lý, nếu có")] = None,
    opinion: Annotated[str | None, typer.Option(metavar="SỐ", help="ý kiến liên quan, ví dụ #12")] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Thêm một dòng vào danh sách mật.

    \b
    Ví dụ:
      doithoai reports officials add --name "…" --post "cán bộ thôn" --matter "thu tiền không biên lai"
    """
    from casework.usecases.reports import officials

    services, staff_id = open_as_staff(db, as_of, staff)
    row = officials.add_official(
        services, staff_id, name=name, post=post, matter=matter, result=result, opinion=opinion
    )
    note(f"Đã thêm dòng {row}.")


@officials_app.command("list")
def list_officials(
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Xem danh sách mật.

    \b
    Ví dụ:
      doithoai reports officials list
    """
    from casework.usecases.reports import officials

    services, staff_id = open_as_staff(db, as_of, staff)
    emit(
        officials.list_officials(services, staff_id),
        format,
        columns={"id": "Số", "name": "Họ tên", "post": "Chức vụ", "matter": "Nội dung", "result": "Kết quả"},
    )


@officials_app.command("erase")
def erase_official(
    row: Annotated[int, typer.Argument(metavar="SỐ", help="số dòng trong danh sách", min=1)],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Xóa một dòng và mọi lời trong đó; chỉ còn dấu vết là đã xóa.

    \b
    Ví dụ:
      doithoai reports officials erase 3
    """
    from casework.usecases.reports import officials

    services, staff_id = open_as_staff(db, as_of, staff)
    officials.erase_official(services, staff_id, row)
    note(f"Đã xóa dòng {row}.")


# --------------------------------------------------------------------------- shared


def _target(kind: ReportKind, period: str | None, conference: str | None) -> str | None:
    """What the report is about, as typed. Raises `InvalidInput` for the option of another kind."""
    if kind is ReportKind.CONFERENCE:
        if period is not None:
            raise InvalidInput("Báo cáo hội nghị không có kỳ.", todo="Dùng --conference MÃ.")
        return conference
    if conference is not None:
        raise InvalidInput("Báo cáo này không theo hội nghị.", todo="Dùng --period NĂM, hoặc loại conference.")
    return period


def _explain(found: reports.Explanation, format: Format | None) -> None:
    """What one figure counts; for people with the names of its parts, and without lines that say nothing."""
    if chosen(format) is not Format.TABLE:
        show(found, format)
        return
    parts = [f"{definitions()[key].name} ({key})" for key in found.parts]
    lines = {
        "Số liệu": found.name,
        "Số lượng": "chưa ghi" if found.value is None else found.value,
        "Đơn vị": _UNITS[found.unit],
        "Cách tính": found.definition,
        "Gồm": "\n".join(parts),
        "Mã ý kiến": list(found.codes),
        "Chỉ được đếm": found.counted_only or None,
        "Hội nghị": list(found.conferences),
    }
    show({name: value for name, value in lines.items() if value not in (None, "", [])}, format)


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "key": figure.key,
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit.value,
        "definition": figure.definition,
        "parts": list(figure.parts),
    }


def _without_ids(value: Any) -> Any:
    """The JSON without the keys of opinions, which mean nothing outside and name sealed ones inside."""
    if isinstance(value, dict):
        return {
            name: _without_ids(item) for name, item in value.items() if name != "opinions" or isinstance(item, dict)
        }
    return [_without_ids(item) for item in value] if isinstance(value, list) else value
