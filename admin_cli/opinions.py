"""`doithoai opinions`: the queue and every decision of moderation, as a named staff member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from admin_cli import opinions_files
from admin_cli.choices import choice
from admin_cli.opinion_rows import LIST_COLUMNS, QUEUE_COLUMNS, ground_row, queue_row, sheet, table_row
from admin_cli.options import AsOfOption, DatabaseOption, Format, FormatOption, StaffOption, noun, parse_date
from admin_cli.output import emit, note, show
from admin_cli.session import open_as_staff, open_services
from casework import cards
from casework.errors import InvalidInput
from casework.grounds import grounds
from casework.lifecycle import STATE_NAMES
from casework.topics import TOPIC_NAMES
from casework.usecases.moderation import labels, merging, queue, triage, undo
from casework.usecases.moderation.decisions import Decided
from casework.usecases.moderation.labels import Labels, parse_label
from casework.usecases.moderation.queue import Filters, QueueLine
from nlp.analysis import Kind, Level, Topic
from storage.records import Office, OpinionState

app = noun("Xem, duyệt, gộp, tách, chuyển các ý kiến. MÃ là mã ý kiến (K7P-4MX) hoặc số (#12).")

_STATE = choice(OpinionState, STATE_NAMES)
_KIND = choice(Kind, cards.KIND_NAMES)
KindOption = Annotated[
    Kind | None, typer.Option(parser=_KIND, metavar="LOẠI", help=", ".join(cards.KIND_NAMES.values()))
]
TopicOption = Annotated[
    Topic | None,
    typer.Option(parser=choice(Topic, TOPIC_NAMES), metavar="LĨNH_VỰC", help="lĩnh vực, ví dụ giao thông, đất đai"),
]
Ref = Annotated[str, typer.Argument(metavar="MÃ", help="mã ý kiến K7P-4MX, hoặc số #12")]
VersionOption = Annotated[
    int | None,
    typer.Option("--expected-version", metavar="SỐ", help="chỉ làm nếu ý kiến vẫn là bản này (xem bằng opinions show)"),
]


# ---------------------------------------------------------------------- looking


@app.command("queue")
def show_queue(
    urgent: Annotated[bool, typer.Option("--urgent", help="chỉ việc khẩn")] = False,
    village: Annotated[str | None, typer.Option(metavar="THÔN", help="mã hoặc tên thôn")] = None,
    limit: Annotated[int | None, typer.Option(metavar="SỐ", help="nhiều nhất bấy nhiêu dòng", min=1)] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Các ý kiến chờ quyết định: khẩn trước, rồi cũ trước; giữ lại và giữ kín ở cuối.

    \b
    Ví dụ:
      doithoai opinions queue --urgent
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    lines = queue.queue(services, staff_id, Filters(urgent=urgent or None, village=village, limit=limit))
    emit(_rows(lines, format), format, columns=QUEUE_COLUMNS)


@app.command("list")
def list_all(
    state: Annotated[
        list[OpinionState] | None,
        typer.Option("--state", parser=_STATE, metavar="TRẠNG_THÁI", help="mã hoặc lời ở cột Hiện; ghi nhiều lần được"),
    ] = None,
    village: Annotated[str | None, typer.Option(metavar="THÔN", help="mã hoặc tên thôn")] = None,
    topic: TopicOption = None,
    kind: KindOption = None,
    group: Annotated[int | None, typer.Option(metavar="SỐ", help="chỉ một nội dung")] = None,
    limit: Annotated[int | None, typer.Option(metavar="SỐ", help="nhiều nhất bấy nhiêu dòng", min=1)] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Mọi ý kiến theo thứ tự nhận, trừ nội dung giữ kín.

    \b
    Ví dụ:
      doithoai opinions list --state approved --format csv
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    filters = Filters(
        states=state, village=village, topic=topic, kind=kind, group_id=group, limit=limit, sealed_too=False
    )
    lines = queue.list_opinions(services, staff_id, filters)
    emit(_rows(lines, format), format, columns=LIST_COLUMNS)


@app.command("show")
def show_one(
    ref: Ref,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Một ý kiến đầy đủ: lời gốc, nhãn, ý kiến giống, ai đã làm gì.

    \b
    Ví dụ:
      doithoai opinions show K7P-4MX
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    view = queue.show(services, staff_id, ref)
    if _is_table(format):
        show(sheet(view), format)
    else:
        show(view, format)


@app.command("grounds")
def list_grounds(db: DatabaseOption = None, format: FormatOption = None) -> None:
    """Danh sách căn cứ và chỗ dựa của từng căn cứ trong quy định đang áp dụng.

    \b
    Ví dụ:
      doithoai opinions grounds --format table
    """
    services = open_services(db)
    with services.reading() as work:
        regulation = work.session.get_one(Office, services.office_id).regulation
    emit(
        [ground_row(ground, regulation) for ground in grounds()],
        format,
        columns={"number": "Số", "code": "Mã", "name": "Căn cứ", "basis": "Chỗ dựa", "assumed": "Giả định"},
    )


# ---------------------------------------------------------------------- deciding


@app.command()
def approve(
    ref: Ref,
    group: Annotated[int | None, typer.Option(metavar="SỐ", help="gộp vào nội dung này")] = None,
    title: Annotated[str | None, typer.Option(metavar="CÂU", help="tên nội dung, không có tên ai")] = None,
    version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Duyệt một ý kiến: thành nội dung riêng, hoặc vào một nội dung đã có.

    \b
    Ví dụ:
      doithoai opinions approve K7P-4MX --group 12
    """
    if group is not None and title is not None:
        raise InvalidInput("Nội dung đã có thì đã có tên.", todo="Chỉ dùng một trong --group và --title.")
    services, staff_id = open_as_staff(db, as_of, staff)
    _done(triage.approve(services, staff_id, ref, group_id=group, title=title, expected_version=version), format)


@app.command()
def decline(
    ref: Ref,
    ground: Annotated[str, typer.Argument(metavar="CĂN_CỨ", help="mã hoặc số trong opinions grounds")],
    note_text: Annotated[str, typer.Option("--note", metavar="LỜI", help="lời ghi thêm cho người gửi")] = "",
    by: Annotated[
        str | None, typer.Option(metavar="AI", help="người chủ trì đã quyết định, khi quy định đòi người chủ trì")
    ] = None,
    version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Không đưa vào hội nghị, theo một căn cứ trong danh sách; người gửi được báo lý do và cách làm tiếp.

    \b
    Ví dụ:
      doithoai opinions decline K7P-4MX DA_GIAI_QUYET_BANG_VAN_BAN --note "văn bản 112/UBND-KT ngày 26/11/2026"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    done = triage.decline(services, staff_id, ref, ground, note=note_text, by=by, expected_version=version)
    _done(done, format)


@app.command()
def merge(
    refs: Annotated[list[str], typer.Argument(metavar="MÃ MÃ...", help="các ý kiến cùng một việc")],
    why: Annotated[str, typer.Option(metavar="LÝ_DO", help="vì sao là một việc")] = "",
    title: Annotated[str | None, typer.Option(metavar="CÂU", help="tên nội dung, nếu lập mới")] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Gộp các ý kiến về cùng một việc cụ thể; ý kiến chưa duyệt được duyệt luôn.

    \b
    Ví dụ:
      doithoai opinions merge K7P-4MX M3N-8RT --why "cùng bốn cột đèn"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _done(merging.merge(services, staff_id, refs, why=why, title=title), format)


@app.command()
def split(
    ref: Ref,
    title: Annotated[str | None, typer.Option(metavar="CÂU", help="tên nội dung mới")] = None,
    why: Annotated[str, typer.Option(metavar="LÝ_DO", help="vì sao là việc khác")] = "",
    version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Tách một ý kiến khỏi nội dung chung thành nội dung riêng.

    \b
    Ví dụ:
      doithoai opinions split K7P-4MX --why "đèn ở thôn khác"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _done(merging.split(services, staff_id, ref, title=title, why=why, expected_version=version), format)


@app.command()
def reclassify(
    ref: Ref,
    kind: KindOption = None,
    topic: TopicOption = None,
    level: Annotated[str | None, typer.Option(metavar="xa|tinh|trung-uong", help="cấp giải quyết")] = None,
    urgent: Annotated[bool | None, typer.Option("--urgent/--not-urgent", help="khẩn hay không")] = None,
    village: Annotated[str | None, typer.Option(metavar="THÔN", help="mã hoặc tên thôn; để trống: chưa rõ")] = None,
    sealed: Annotated[bool | None, typer.Option("--sealed/--not-sealed", help="giữ kín hay không")] = None,
    version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Sửa loại, lĩnh vực, cấp, độ khẩn, thôn. Xếp là tố cáo thì ý kiến được giữ kín.

    \b
    Ví dụ:
      doithoai opinions reclassify K7P-4MX --topic giao-thong --level tinh
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    wanted = Labels(
        kind=kind,
        topic=topic,
        level=parse_label(Level, level) if level is not None else None,
        urgent=urgent,
        village=village,
        sealed=sealed,
    )
    _done(labels.reclassify(services, staff_id, ref, wanted, expected_version=version), format)


@app.command()
def refer(
    ref: Ref,
    body: Annotated[str, typer.Argument(metavar="NƠI_NHẬN", help="cơ quan cấp trên")],
    document: Annotated[str | None, typer.Option(metavar="SỐ", help="số văn bản chuyển")] = None,
    report_on: Annotated[
        dt.date | None, typer.Option(parser=parse_date, metavar="NGÀY", help="hẹn báo lại người gửi chậm nhất ngày này")
    ] = None,
    why: Annotated[
        str | None, typer.Option(metavar="LÝ_DO", help="cần ghi khi việc đang xếp thuộc thẩm quyền cấp xã")
    ] = None,
    version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Vượt thẩm quyền của xã: chuyển cấp trên cùng mọi người đã nêu việc này.

    \b
    Ví dụ:
      doithoai opinions refer K7P-4MX "Sở Xây dựng tỉnh" --document 12/MTTQ --report-on 15/12/2026
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _done(
        triage.refer_up(
            services, staff_id, ref, body, document=document, report_on=report_on, why=why, expected_version=version
        ),
        format,
    )


@app.command("ask-back")
def ask_back(
    ref: Ref,
    question: Annotated[str, typer.Argument(metavar="CÂU_HỎI")],
    version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Hỏi lại người gửi trước khi quyết định.

    \b
    Ví dụ:
      doithoai opinions ask-back K7P-4MX "Đèn hỏng ở đoạn nào ạ?"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _done(triage.ask_back(services, staff_id, ref, question, expected_version=version), format)


@app.command()
def edit(
    ref: Ref,
    text: Annotated[str, typer.Argument(metavar="LỜI_MỚI")],
    version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Viết lời biên tập cho hội nghị; lời gốc của người gửi giữ nguyên.

    \b
    Ví dụ:
      doithoai opinions edit K7P-4MX "Đèn đường trục thôn 4 hỏng từ tháng 9"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _done(labels.edit_wording(services, staff_id, ref, text, expected_version=version), format)


@app.command()
def redact(
    ref: Ref,
    version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Che tên, số điện thoại và thông tin riêng máy thấy trong lời; lời gốc giữ nguyên.

    \b
    Ví dụ:
      doithoai opinions redact K7P-4MX
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _done(labels.redact(services, staff_id, ref, expected_version=version), format)


@app.command()
def redirect(
    ref: Ref,
    kind: Annotated[
        Kind | None,
        typer.Option(parser=_KIND, metavar="LOẠI", help="khiếu nại hoặc tố cáo; mặc định là loại đang ghi"),
    ] = None,
    version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Xác nhận là khiếu nại hoặc tố cáo: hướng dẫn người gửi đến nơi giải quyết; tố cáo được giữ kín.

    \b
    Ví dụ:
      doithoai opinions redirect K7P-4MX --kind khieu-nai
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _done(triage.redirect(services, staff_id, ref, kind=kind, expected_version=version), format)


@app.command()
def release(
    ref: Ref,
    version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ý kiến bị giữ lại thật ra là ý kiến thường: trả về hàng đợi.

    \b
    Ví dụ:
      doithoai opinions release K7P-4MX
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _done(triage.release(services, staff_id, ref, expected_version=version), format)


@app.command("undo")
def take_back(
    ref: Ref,
    version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Hoàn tác quyết định gần nhất; tin chưa gửi được hủy, tin đã gửi được đính chính.

    \b
    Ví dụ:
      doithoai opinions undo K7P-4MX
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _done(undo.undo(services, staff_id, ref, expected_version=version), format)


opinions_files.register(app)


# ---------------------------------------------------------------------- shared


def _is_table(format: Format | None) -> bool:
    from admin_cli.output import chosen

    return chosen(format) is Format.TABLE


def _rows(lines: Iterable[QueueLine], format: Format | None) -> list[dict[str, Any]]:
    row = table_row if _is_table(format) else queue_row
    return [row(line) for line in lines]


def _done(decided: Decided, format: Format | None) -> None:
    """The result for programs on stdout, the sentence for people on stderr."""
    if not _is_table(format):
        show(decided, format)
    note(cards.decided_card(decided))
