"""`doithoai answers`: who owes a written answer; write, approve and publish it; whom it did not satisfy."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from admin_cli import answers_files
from admin_cli.choices import choice
from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, noun, parse_date
from admin_cli.output import Names, emit, note, show
from admin_cli.session import open_as_staff
from admin_cli.words import text_or_file
from casework.answer_check import AnswerWarning
from casework.clock import vietnamese_date
from casework.deadlines.standing import STATE_WORDS
from casework.errors import InvalidInput
from casework.names import ANSWER_STATES
from casework.usecases.answers import answer_lists, answering
from casework.usecases.answers.answer_lists import Owing
from casework.usecases.answers.completeness import CAUSES
from casework.usecases.deadlines.receipts import record_receipt
from storage.records import AnswerState

app = noun(
    "Giao cơ quan trả lời, soạn, duyệt và gửi văn bản trả lời. VIỆC là dòng (HN-20261128/3), mã ý kiến hoặc nhom:12."
)

Issue = Annotated[str, typer.Argument(metavar="VIỆC", help="dòng HN-20261128/3, mã ý kiến K7P-4MX, hoặc nhom:12")]
Number = Annotated[int, typer.Argument(metavar="SỐ", help="số của văn bản trả lời trong answers list", min=1)]
TextOption = Annotated[str | None, typer.Option(metavar="LỜI", help="nội dung trả lời")]
FileOption = Annotated[
    Path | None, typer.Option(metavar="TỆP", help="lấy nội dung từ tệp chữ (UTF-8)", exists=True, dir_okay=False)
]
PromisedOption = Annotated[dt.date | None, typer.Option(parser=parse_date, metavar="NGÀY", help="ngày hẹn xong")]
ToldOption = Annotated[
    str | None,
    typer.Option("--told-by", metavar="NGƯỜI", help="ai trả lời trực tiếp, nơi quy định cho phép; khi ấy không cần số"),
]
CauseOption = Annotated[
    str | None, typer.Option(metavar="LÝ_DO", help="vì sao mới bước đầu: complex (phức tạp), beyond_competence")
]
ForwardedOption = Annotated[str | None, typer.Option(metavar="NƠI", help="đã chuyển tới cơ quan nào")]
VersionOption = Annotated[
    int | None,
    typer.Option("--expected-version", metavar="SỐ", help="chỉ làm nếu văn bản vẫn là bản này (xem answers show)"),
]
_COLUMNS = {
    "id": "Số",
    "title": "Vấn đề",
    "agency": "Cơ quan",
    "document_number": "Văn bản",
    "final": "Cuối cùng",
    "state": "Hiện",
    "askers": "Người hỏi",
}
_NAMES: Names = {"state": ANSWER_STATES, "cause": CAUSES}
_LABELS = {
    "id": "Số",
    "title": "Vấn đề",
    "agency": "Cơ quan",
    "document_number": "Số văn bản",
    "document_date": "Ngày",
    "told_by": "Trả lời trực tiếp",
    "cause": "Vì sao mới bước đầu",
    "final": "Trả lời cuối cùng",
    "promised_on": "Hẹn xong",
    "forwarded_to": "Đã chuyển",
    "state": "Hiện",
    "version": "Bản",
    "askers": "Người hỏi",
    "settled": "Thấy đã xong",
    "not_settled": "Thấy chưa xong",
    "warnings": "Cần xem lại",
    "files": "Tệp kèm theo",
    "text": "Nội dung",
}
#: what to write instead
_TODO = {
    AnswerWarning.HOLLOW: "Thay bằng việc cụ thể, ai làm, ngày nào xong.",
    AnswerWarning.NO_ACTION: "Ghi rõ đã làm gì hoặc sẽ làm gì.",
    AnswerWarning.NO_DATE: "Ghi ngày làm xong trong lời, hoặc thêm --promised NGÀY.",
    AnswerWarning.SHORT: "Ghi đủ: việc gì, ai làm, bao giờ xong.",
    AnswerWarning.NAMES: "Bỏ đi nếu không cần; trên trang tra cứu và phiếu in, máy che bằng (…).",
}
_OWED_COLUMNS = {
    "line": "Dòng",
    "title": "Vấn đề",
    "why": "Vì sao",
    "agency": "Cơ quan",
    "due_on": "Hạn",
    "state": "Tình trạng",
    "opinions": "Chờ",
}
_OWED_NAMES: Names = {
    "why": {
        Owing.ASSIGNED: "đã giao",
        Owing.DEFERRED: "hẹn trả lời, chưa giao ai",
        Owing.SPOKEN: "mới trả lời miệng",
        Owing.LATE: "đến sau ngày chốt",
    },
    "state": STATE_WORDS,
}


# ---------------------------------------------------------------------- looking


@app.command("list")
def list_all(
    state: Annotated[
        AnswerState | None,
        typer.Option(
            parser=choice(AnswerState, ANSWER_STATES),
            metavar="TÌNH_TRẠNG",
            help="draft (đang soạn), approved (đã duyệt) hoặc published (đã gửi)",
        ),
    ] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Các văn bản trả lời, mới nhất trước.

    \b
    Ví dụ:
      doithoai answers list --state draft
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    emit(answer_lists.list_answers(services, staff_id, state=state), format, columns=_COLUMNS, names=_NAMES)


@app.command("show")
def show_one(
    number: Number,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Một văn bản trả lời đầy đủ, với những chỗ nên xem lại trước khi duyệt.

    \b
    Ví dụ:
      doithoai answers show 4
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    show(answer_lists.show_answer(services, staff_id, number), format, labels=_LABELS, names=_NAMES)


@app.command()
def waiting(
    conference: Annotated[
        str | None, typer.Option(metavar="HỘI_NGHỊ", help="chỉ các dòng của hội nghị này chưa ai trả lời")
    ] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Việc nào còn nợ văn bản trả lời, ai nợ, hạn nào; hạn sớm trước.

    \b
    Ví dụ:
      doithoai answers waiting
      doithoai answers waiting --conference HN-20261128
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    rows = (
        answer_lists.waiting_for_answer(services, staff_id)
        if conference is None
        else answer_lists.unanswered(services, staff_id, conference)
    )
    emit(rows, format, columns=_OWED_COLUMNS, names=_OWED_NAMES)


@app.command()
def unsettled(
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ai nhắn lại rằng câu trả lời chưa giải quyết được việc của họ.

    \b
    Ví dụ:
      doithoai answers unsettled --format csv
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    columns = {
        "code": "Mã",
        "title": "Vấn đề",
        "agency": "Cơ quan",
        "answer_id": "Văn bản",
        "said_at": "Lúc",
        "reopened": "Đã giao lại",
    }
    emit(answer_lists.unsettled(services, staff_id), format, columns=columns)


# ---------------------------------------------------------------------- acting


@app.command()
def assign(
    issue: Issue,
    agency: Annotated[str, typer.Option(metavar="CƠ_QUAN", help="cơ quan phải trả lời")],
    due: Annotated[
        dt.date | None,
        typer.Option(parser=parse_date, metavar="NGÀY", help="hạn đơn vị tự hẹn, nếu sớm hơn hạn theo quy định"),
    ] = None,
    basis: Annotated[str | None, typer.Option(metavar="CĂN_CỨ", help="văn bản, điều khoản giao việc")] = None,
    date: Annotated[
        dt.date | None,
        typer.Option("--date", "--on", parser=parse_date, metavar="NGÀY", help="ngày giao, nếu không phải hôm nay"),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="thay cơ quan đã giao trước đó")] = False,
    new_agency: Annotated[
        bool, typer.Option("--new-agency", help="đúng là cơ quan khác, dù tên rất giống một cơ quan đã giao việc")
    ] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Giao một cơ quan trả lời bằng văn bản.

    \b
    Ví dụ:
      doithoai answers assign HN-20261128/2 --agency "Phòng Kinh tế" --basis "05/TB-UBND"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    answering.assign(
        services,
        staff_id,
        issue,
        agency=agency,
        due_on=due,
        basis=basis,
        assigned_on=date,
        replace=replace,
        may_resemble=new_agency,
    )
    note(f"Đã giao {agency} trả lời.")


@app.command()
def received(
    issue: Annotated[
        str, typer.Argument(metavar="VIỆC", help="dòng HN-20261128/3, mã ý kiến, nhom:12, hoặc số của việc giao")
    ],
    on: Annotated[
        dt.date | None,
        typer.Option(
            "--on", "--date", parser=parse_date, metavar="NGÀY", help="ngày cơ quan nhận, nếu không phải hôm nay"
        ),
    ] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Ghi ngày cơ quan nhận được văn bản giao việc; có nơi hạn trả lời tính từ ngày này. Ghi lại là sửa.

    \b
    Ví dụ:
      doithoai answers received HN-20261128/2 --on 1/12/2026
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    done = record_receipt(services, staff_id, issue, on=on)
    due = f", hạn trả lời {vietnamese_date(done.due_on)}" if done.due_on else ""
    note(f"Đã ghi {done.agency} nhận việc ngày {vietnamese_date(done.received_on)}{due}.")


@app.command()
def write(
    issue: Issue,
    agency: Annotated[str, typer.Option(metavar="CƠ_QUAN", help="cơ quan trả lời")],
    date: Annotated[
        dt.date,
        typer.Option(
            "--date", "--on", parser=parse_date, metavar="NGÀY", help="ngày của văn bản, hoặc ngày trả lời trực tiếp"
        ),
    ],
    document: Annotated[str, typer.Option(metavar="SỐ", help="số văn bản, ví dụ 112/UBND-KT")] = "",
    told_by: ToldOption = None,
    text: TextOption = None,
    file: FileOption = None,
    interim: Annotated[bool, typer.Option("--interim", help="trả lời bước đầu, việc chưa xong")] = False,
    cause: CauseOption = None,
    promised: PromisedOption = None,
    forwarded_to: ForwardedOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ghi văn bản trả lời của một cơ quan thành bản nháp; in ra số của nó.

    \b
    Ví dụ:
      doithoai answers write HN-20261128/2 --agency "Phòng Kinh tế" --document 112/UBND-KT \\
        --date 26/11/2026 --file tra-loi.txt
      doithoai answers write HN-20261128/3 --agency "Phòng Kinh tế" --document 113/UBND-KT \\
        --date 26/11/2026 --interim --cause complex --promised 20/1/2027 --text "Đang đo lại."
    """
    words = text_or_file(text, file)
    if words is None:
        raise InvalidInput("Chưa có nội dung trả lời.", todo="Ghi --text hoặc --file.")
    services, staff_id = open_as_staff(db, as_of, staff)
    number = answering.write_answer(
        services,
        staff_id,
        issue,
        text=words,
        agency=agency,
        document_number=document,
        document_date=date,
        told_by=told_by,
        final=not interim,
        cause=cause,
        promised_on=promised,
        forwarded_to=forwarded_to,
    )
    row = answer_lists.show_answer(services, staff_id, number)
    show(row, format, labels=_LABELS, names=_NAMES)
    _warn(row.warnings)
    note(f"Đã ghi nháp số {number}. Duyệt: doithoai answers approve {number}")


@app.command()
def edit(
    number: Number,
    text: TextOption = None,
    file: FileOption = None,
    agency: Annotated[str | None, typer.Option(metavar="CƠ_QUAN", help="cơ quan trả lời")] = None,
    document: Annotated[str | None, typer.Option(metavar="SỐ", help="số văn bản")] = None,
    date: Annotated[
        dt.date | None, typer.Option("--date", "--on", parser=parse_date, metavar="NGÀY", help="ngày văn bản")
    ] = None,
    told_by: ToldOption = None,
    cause: CauseOption = None,
    promised: PromisedOption = None,
    forwarded_to: ForwardedOption = None,
    expected_version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Sửa một văn bản chưa gửi; văn bản đã duyệt trở lại thành nháp.

    \b
    Ví dụ:
      doithoai answers edit 4 --promised 15/12/2026
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    version = answering.edit_answer(
        services,
        staff_id,
        number,
        text=text_or_file(text, file),
        agency=agency,
        document_number=document,
        document_date=date,
        told_by=told_by,
        cause=cause,
        promised_on=promised,
        forwarded_to=forwarded_to,
        expected_version=expected_version,
    )
    note(f"Đã sửa, nay là bản {version}. Cần duyệt lại: doithoai answers approve {number}")


@app.command()
def approve(
    number: Number,
    expected_version: VersionOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Duyệt một văn bản trả lời. Chỗ né tránh được nhắc, không bị chặn.

    \b
    Ví dụ:
      doithoai answers approve 4 --staff "Tên người duyệt"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    found = answering.approve_answer(services, staff_id, number, expected_version=expected_version)
    _warn(found)
    if found:
        note(f"Đã duyệt, chưa gửi. Nếu cần sửa trước: doithoai answers edit {number} --file TỆP, rồi duyệt lại.")
        note(f"Nếu thấy đã đúng, gửi tới bà con: doithoai answers publish {number}")
    else:
        note(f"Đã duyệt. Gửi tới bà con: doithoai answers publish {number}")


@app.command()
def publish(
    number: Number,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Gửi văn bản đã duyệt tới mọi người hỏi việc này, mỗi người đúng một lần.

    \b
    Ví dụ:
      doithoai answers publish 4
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    done = answering.publish_answer(services, staff_id, number)
    show(
        done,
        format,
        labels={"askers": "Người hỏi", "pushed": "Đang gửi", "waiting": "Chờ người hỏi tới lấy hoặc trao tận tay"},
    )


answers_files.register(app)


def _warn(found: tuple[AnswerWarning, ...]) -> None:
    for warning in found:
        note(f"Nên xem lại: {warning.value} {_TODO[warning]}")
