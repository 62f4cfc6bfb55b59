"""`doithoai staff`: who works here, with which rights, and the codes that link their chats."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer

from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, noun
from admin_cli.output import emit, note, show
from admin_cli.session import acting_staff, open_services
from casework.clock import vietnamese_time
from casework.usecases import access
from casework.usecases.access import ROLE_NAMES
from casework.usecases.office import enrolment
from casework.usecases.office.enrolment import CODE_VALID, IssuedCode, StaffRow
from casework.usecases.work import Services
from storage.records import Role

app = noun("Cán bộ: thêm, bớt, quyền, và mã ghi danh tài khoản chat.")

Name = Annotated[str, typer.Argument(metavar="NGƯỜI", help="số hoặc tên trong staff list")]
RoleOption = Annotated[
    list[Role],
    typer.Option(
        "--role",
        help="quyền, ghi nhiều lần được: " + ", ".join(f"{role.value} ({name})" for role, name in ROLE_NAMES.items()),
    ),
]
VillageOption = Annotated[
    str | None, typer.Option("--village", metavar="THÔN", help="chỉ phụ trách thôn này (mã hoặc tên); không ghi: cả xã")
]
HoursOption = Annotated[
    int, typer.Option("--valid-hours", metavar="GIỜ", min=1, help="mã dùng được trong bấy nhiêu giờ")
]
_HOURS = int(CODE_VALID.total_seconds() // 3600)


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="TÊN", help="tên như thường gọi, ví dụ: Chị Lan")],
    role: RoleOption,
    village: VillageOption = None,
    first: Annotated[bool, typer.Option("--first", help="người đầu tiên, khi chưa có ai")] = False,
    valid_hours: HoursOption = _HOURS,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Thêm một cán bộ và in mã ghi danh một lần (chỉ hiện lúc này).

    \b
    Ví dụ:
      doithoai staff add "Bà Mai" --role admin --role moderator --first
      doithoai staff add "Anh Tư" --role village_officer --village t4
    """
    services = open_services(db, as_of)
    added = enrolment.add_staff(
        services,
        None if first else acting_staff(services, staff),
        name=name,
        roles=role,
        village=village,
        first=first,
        code_valid=dt.timedelta(hours=valid_hours),
    )
    show({"staff_id": added.staff_id, "name": name, **_code(added.code)}, format, labels=_CODE_LABELS)
    _explain(added.code)


@app.command("list")
def list_all(staff: StaffOption = None, db: DatabaseOption = None, format: FormatOption = None) -> None:
    """Mọi cán bộ, quyền, thôn phụ trách, đã ghép tài khoản chat chưa. Số ở cột đầu là số ghi sau --staff.

    \b
    Ví dụ:
      doithoai staff list --format table
    """
    services = open_services(db)
    # Whoever has to find the own number cannot name it yet.
    rows = enrolment.list_staff(services, acting_staff(services, staff) if staff is not None else None)
    emit(
        [_row(row) for row in rows],
        format,
        columns={"id": "Số", "name": "Tên", "roles": "Quyền", "channel": "Chat", "active": "Đang làm"},
    )


@app.command()
def code(
    name: Name,
    valid_hours: HoursOption = _HOURS,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Cấp mã ghi danh mới cho một cán bộ; mã cũ hết dùng.

    \b
    Ví dụ:
      doithoai staff code "Chị Lan"
    """
    services = open_services(db, as_of)
    issued = enrolment.issue_code(
        services,
        acting_staff(services, staff),
        _find(services, name),
        code_valid=dt.timedelta(hours=valid_hours),
    )
    show({"staff_id": issued.staff_id, "name": name, **_code(issued)}, format, labels=_CODE_LABELS)
    _explain(issued)


@app.command("group-code")
def group_code(
    valid_hours: HoursOption = _HOURS,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Cấp mã biến một nhóm chat thành nhóm cán bộ.

    \b
    Ví dụ:
      doithoai staff group-code
    """
    services = open_services(db, as_of)
    issued = enrolment.issue_group_code(
        services, acting_staff(services, staff), code_valid=dt.timedelta(hours=valid_hours)
    )
    show(_code(issued), format, labels={"code": "Mã ghi danh", "expires_at": "Dùng đến"})
    _explain(issued)


@app.command()
def roles(
    name: Name,
    role: RoleOption,
    village: VillageOption = None,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Đặt lại toàn bộ quyền của một cán bộ.

    \b
    Ví dụ:
      doithoai staff roles "Chị Lan" --role moderator --role confidential
    """
    services = open_services(db, as_of)
    enrolment.set_roles(services, acting_staff(services, staff), _find(services, name), roles=role, village=village)
    note(f"Đã đặt quyền cho {name}: {', '.join(ROLE_NAMES[one] for one in role)}.")


@app.command()
def remove(name: Name, staff: StaffOption = None, db: DatabaseOption = None, as_of: AsOfOption = None) -> None:
    """Cho một cán bộ thôi làm: gỡ tài khoản chat, mọi quyền mất ngay; việc đã làm vẫn còn trong lịch sử.

    \b
    Ví dụ:
      doithoai staff remove "Anh Tư"
    """
    services = open_services(db, as_of)
    enrolment.remove_staff(services, acting_staff(services, staff), _find(services, name))
    note(f"{name} không còn là cán bộ trong hệ thống.")


@app.command("groups")
def list_groups(staff: StaffOption = None, db: DatabaseOption = None, format: FormatOption = None) -> None:
    """Các nhóm chat của cán bộ.

    \b
    Ví dụ:
      doithoai staff groups
    """
    services = open_services(db)
    rows = enrolment.list_groups(services, acting_staff(services, staff))
    emit(rows, format, columns={"id": "Số", "channel": "Kênh", "chat_id": "Nhóm chat"})


@app.command("remove-group")
def remove_group(
    group: Annotated[int, typer.Argument(metavar="SỐ", help="số trong staff groups")],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Một nhóm chat thôi là nhóm cán bộ.

    \b
    Ví dụ:
      doithoai staff remove-group 1
    """
    services = open_services(db, as_of)
    enrolment.remove_group(services, acting_staff(services, staff), group)
    note(f"Nhóm số {group} không còn là nhóm cán bộ.")


_CODE_LABELS = {"staff_id": "Số", "name": "Tên", "code": "Mã ghi danh", "expires_at": "Dùng đến"}


def _find(services: Services, name: str) -> int:
    with services.reading() as work:
        return access.acting_staff(work, name)


def _code(issued: IssuedCode) -> dict[str, Any]:
    return {"code": issued.code, "expires_at": issued.expires_at}


def _explain(issued: IssuedCode) -> None:
    where = "trong nhóm" if issued.staff_id is None else "riêng cho kênh"
    until = vietnamese_time(issued.expires_at)
    note(f"Nhắn {where}: /ghidanh {issued.code} (dùng một lần, đến {until}). Mã không xem lại được.")


def _row(row: StaffRow) -> dict[str, Any]:
    named = [ROLE_NAMES[role] + (f" ({village})" if village else "") for role, village in row.roles]
    return {
        "id": row.id,
        "name": row.name,
        "active": row.active,
        "roles": named,
        "role_codes": [role.value for role, _ in row.roles],
        "channel": row.channel,
    }
