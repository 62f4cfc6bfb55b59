"""`doithoai deadlines remind` and `deadlines contacts`: who is told of what is due, and who answers for what."""

from __future__ import annotations

from typing import Annotated

import typer

from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, noun
from admin_cli.output import emit, note, show
from admin_cli.session import open_as_staff
from casework.deadlines.standing import STATE_WORDS
from casework.usecases.reminders import contacts as duty_contacts
from casework.usecases.reminders import reminding

contacts = noun("Ai phụ trách bên nào, để nhắc đúng người.")

Holder = Annotated[
    str, typer.Argument(metavar="BÊN", help="tên cơ quan, hoặc mã bên: front, organising_office, chair, agency...")
]
_COLUMNS = {"staff": "Ai", "due_on": "Hạn", "rung": "Bậc", "what": "Việc", "why": "Vì sao nhắc"}
_NAMES = {"state": {str(state): words for state, words in STATE_WORDS.items()}}
_CONTACTS = {"name": "Bên", "staff": "Phụ trách", "head": "Cấp trên", "holder": "Mã"}


def remind(
    send: Annotated[bool, typer.Option("--send", help="gửi luôn; không ghi thì chỉ xem trước")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Xem hôm nay nhắc ai việc gì. Chỉ gửi khi có --send. «Bậc» là số ngày làm việc so với hạn.

    \b
    Ví dụ:
      doithoai deadlines remind --as-of 10/12/2026
      doithoai deadlines remind --send
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    seen = reminding.preview(services, staff_id)
    emit(seen.rows, format, columns=_COLUMNS, names=_NAMES)
    if seen.silent_because:
        note(seen.silent_because)
    if seen.unheard:
        note(
            f"{seen.unheard} việc không nhắc được ai (để trống cột «Ai»). "
            "Ghi người phụ trách: doithoai deadlines contacts set; nối tài khoản: doithoai staff code"
        )
    waiting = len({row.staff for row in seen.rows if row.staff and not row.today})
    if waiting:
        note(f"{waiting} người hôm nay đã được nhắc rồi; việc mới để ngày làm việc sau.")
    if send:
        note(f"Đã ghi {reminding.send(services, staff_id)} tin nhắc vào hàng gửi.")
    elif seen.messages:
        note(f"Sẽ có {seen.messages} tin. Gửi: thêm --send (chương trình doithoai run tự gửi mỗi sáng).")


@contacts.command("list")
def list_all(
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ai phụ trách bên nào. Bên nào chưa ghi thì người phê duyệt được nhắc thay.

    \b
    Ví dụ:
      doithoai deadlines contacts list
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    emit(duty_contacts.list_contacts(services, staff_id), format, columns=_CONTACTS)


@contacts.command("set")
def set_one(
    holder: Holder,
    person: Annotated[str | None, typer.Option(metavar="TÊN", help="người phụ trách: số hoặc tên cán bộ")] = None,
    head: Annotated[str | None, typer.Option(metavar="TÊN", help="cấp trên, được báo khi quá hạn")] = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Ghi ai phụ trách một bên hay một cơ quan. Mục không ghi thì giữ nguyên.

    \b
    Ví dụ:
      doithoai deadlines contacts set "Phòng Kinh tế" --person "Anh Kinh" --head "Chị Trưởng"
      doithoai deadlines contacts set organising_office --person 3
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    show(duty_contacts.set_contact(services, staff_id, holder, person=person, head=head), format, labels=_CONTACTS)


@contacts.command()
def remove(
    holder: Holder,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Bỏ người phụ trách của một bên hay một cơ quan.

    \b
    Ví dụ:
      doithoai deadlines contacts remove "Phòng Kinh tế"
    """
    services, staff_id = open_as_staff(db, as_of, staff)
    duty_contacts.remove_contact(services, staff_id, holder)
    note(f"Đã bỏ. Việc của «{holder}» nay nhắc người phê duyệt.")
