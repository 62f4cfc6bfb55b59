"""`doithoai conferences speakers`: who speaks at a conference, in which order, and who did."""

from __future__ import annotations

from typing import Annotated

import typer

from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, noun
from admin_cli.output import emit, note, show
from admin_cli.session import open_as_staff
from casework.names import SPEAKER_STATES
from casework.usecases.conference import speakers
from casework.usecases.conference.speakers import SpeakerRow

app = noun("Danh sách phát biểu: ghi, xếp, đổi thứ tự, đánh dấu đã nói hay vắng.")

Code = Annotated[str, typer.Argument(metavar="HỘI_NGHỊ", help="mã hội nghị, ví dụ HN-20261128")]
Ref = Annotated[str, typer.Argument(metavar="SỐ", help="thứ tự trong danh sách (3), hoặc số đăng ký (#12)")]
_COLUMNS = {"number": "TT", "ref": "Số", "name": "Họ tên", "village": "Thôn", "matter": "Việc", "state": "Hiện"}
_NAMES = {
    "state": SPEAKER_STATES,
    "source": {"chat": "qua tin nhắn", "staff": "qua cán bộ", "hall": "tại hội trường"},
}
_LABELS = {
    "number": "Thứ tự",
    "ref": "Số đăng ký",
    "name": "Họ tên",
    "village": "Thôn",
    "matter": "Việc",
    "state": "Hiện",
    "same_matter_as": "Cùng việc với thứ tự",
    "opinion": "Mã ý kiến",
    "source": "Đăng ký",
    "eligible_declared": "Đã tự khai đủ điều kiện",
    "decline_reason": "Lý do không xếp",
}


@app.command("list")
def list_all(
    code: Code,
    public: Annotated[bool, typer.Option("--public", help="bản treo ở hội trường: chỉ số thứ tự và thôn")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ai phát biểu, theo thứ tự. Bản nội bộ có họ tên người đã đồng ý cho ghi.

    \b
    Ví dụ:
      doithoai conferences speakers list HN-20261128
      doithoai conferences speakers list HN-20261128 --public --format csv
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    if public:
        emit(speakers.public_list(services, staff_id, code), format, columns={"number": "TT", "village": "Thôn"})
        return
    rows = speakers.list_speakers(services, staff_id, code)
    emit(rows, format, columns=_COLUMNS, names=_NAMES)
    for row in rows:
        if row.same_matter_as is not None:
            note(f"Thứ tự {row.number} cùng việc với thứ tự {row.same_matter_as}: một người nói thay cũng được.")


@app.command()
def add(
    code: Code,
    matter: Annotated[str, typer.Argument(metavar="VIỆC", help="việc muốn phát biểu")] = "",
    opinion: Annotated[str | None, typer.Option(metavar="MÃ", help="mã ý kiến có trong nội dung hội nghị")] = None,
    name: Annotated[
        str | None, typer.Option(metavar="TÊN", help="họ tên, chỉ ghi khi người ấy đồng ý cho ghi vào danh sách")
    ] = None,
    village: Annotated[str | None, typer.Option(metavar="THÔN", help="mã thôn trong danh mục")] = None,
    eligible: Annotated[
        bool, typer.Option("--eligible", help="người ấy đã tự khai đủ điều kiện dự theo quy định")
    ] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ghi giúp một người tới đăng ký. Từ ngày họp thì tính là đăng ký tại hội trường.

    \b
    Ví dụ:
      doithoai conferences speakers add HN-20261128 "Nước sạch thôn Hạ" --village ha --name "Bà Sáu"
      doithoai conferences speakers add HN-20261128 --opinion K7P-4MX
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    made = speakers.register(
        services, staff_id, code, matter=matter, opinion=opinion, name=name, village=village, eligible=eligible
    )
    show(made, format, labels=_LABELS, names=_NAMES)


@app.command()
def confirm(
    code: Code,
    ref: Ref,
    eligible: Annotated[
        bool, typer.Option("--eligible", help="người ấy đã tự khai với cán bộ là đủ điều kiện dự")
    ] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Xếp một người phát biểu. Ai đăng ký qua tin nhắn thì được báo thứ tự, giờ, nơi.

    \b
    Ví dụ:
      doithoai conferences speakers confirm HN-20261128 3
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _say("Đã xếp", speakers.confirm(services, staff_id, code, ref, eligible=eligible), told=True)


@app.command()
def decline(
    code: Code,
    ref: Ref,
    reason: Annotated[str, typer.Option(metavar="LÝ_DO", help="vì sao không xếp; người đăng ký đọc lời này")],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Không xếp một người phát biểu. Ai đăng ký qua tin nhắn thì được báo lý do.

    \b
    Ví dụ:
      doithoai conferences speakers decline HN-20261128 4 --reason "Việc này đã trả lời tháng trước."
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _say("Không xếp", speakers.decline(services, staff_id, code, ref, reason=reason), told=True)


@app.command()
def withdraw(
    code: Code,
    ref: Ref,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Người đăng ký xin thôi. Họ tên được xóa khỏi danh sách.

    \b
    Ví dụ:
      doithoai conferences speakers withdraw HN-20261128 2
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _say("Đã rút", speakers.withdraw(services, staff_id, code, ref), told=False)


@app.command()
def order(
    code: Code,
    ref: Ref,
    place: Annotated[int, typer.Argument(metavar="CHỖ", help="thứ tự mới", min=1)],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Đổi thứ tự. Những người cùng một việc đi theo nhau.

    \b
    Ví dụ:
      doithoai conferences speakers order HN-20261128 5 1
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    emit(speakers.reorder(services, staff_id, code, ref, place), format, columns=_COLUMNS, names=_NAMES)


@app.command()
def spoken(
    code: Code,
    ref: Ref,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Tại hội nghị: người này đã phát biểu.

    \b
    Ví dụ:
      doithoai conferences speakers spoken HN-20261128 1
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _say("Đã ghi phát biểu", speakers.mark(services, staff_id, code, ref, spoken=True), told=False)


@app.command()
def absent(
    code: Code,
    ref: Ref,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Tại hội nghị: mời mà người này vắng.

    \b
    Ví dụ:
      doithoai conferences speakers absent HN-20261128 2
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    _say("Đã ghi vắng mặt", speakers.mark(services, staff_id, code, ref, spoken=False), told=False)


def _say(what: str, row: SpeakerRow, *, told: bool) -> None:
    where = f"thứ tự {row.number}" if row.number is not None else f"số {row.ref}"
    by_hand = told and row.source != "chat"
    note(f"{what}: {where}." + (" Người này không đăng ký qua tin nhắn, anh/chị báo giúp." if by_hand else ""))
