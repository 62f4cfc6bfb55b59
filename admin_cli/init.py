"""`doithoai init`: from nothing to an office with villages, a regulation and a first person, by questions or a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import col, select

from admin_cli.office_file import OfficePlan, places_of, read_office_file, read_places, slug
from admin_cli.options import DatabaseOption, FormatOption
from admin_cli.output import note, show
from admin_cli.session import connect, read_office_texts
from casework.clock import vietnamese_time
from casework.errors import InvalidInput
from casework.plain_words import plain
from casework.regulations import regulations
from casework.usecases.office.enrolment import AddedStaff, add_staff
from casework.usecases.office.setup import install_office
from casework.usecases.work import Services
from storage.backup import OWNER_ONLY, file_of
from storage.database import Database
from storage.migrate import upgrade
from storage.records import Office, Role, Staff

#: what the first person may do: a small commune has one person for all of it, except what is sealed
FIRST_ROLES = (Role.ADMIN, Role.MODERATOR, Role.APPROVER)

_LABELS = {
    "office": "Đơn vị",
    "villages": "Số thôn",
    "regulation": "Quy định",
    "admin": "Người quản trị",
    "code": "Mã ghép tài khoản",
    "code_expires": "Mã dùng được đến",
}


def init(
    from_file: Annotated[
        Path | None, typer.Option("--from", metavar="TỆP", help="đọc từ tệp TOML thay vì hỏi (mẫu: docs/cai-dat.md)")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="bỏ cả thôn không còn trong danh sách, không hỏi lại")] = False,
    db: DatabaseOption = None,
    format: FormatOption = None,
) -> None:
    """Lập đơn vị: cơ sở dữ liệu, xã, thôn, quy định, người quản trị đầu tiên. Chạy lại để sửa, không mất gì.

    \b
    Ví dụ:
      doithoai init
      doithoai init --from tan-minh.toml
    """
    read_office_texts()
    plan = read_office_file(from_file) if from_file is not None else None
    database = connect(db)
    try:
        upgrade(database)
        _keep_private(database)
        services = Services(database=database)
        known, staffed = _installed(services)
        plan = plan or _ask(known, staffed=staffed)
        if known is not None and known.code != plan.code:
            raise InvalidInput(
                f"Cơ sở dữ liệu này là của {known.name} (mã {known.code}), không phải {plan.name} ({plan.code}).",
                todo="Mỗi đơn vị một cơ sở dữ liệu: dùng --db khác, hoặc giữ nguyên mã.",
            )
        _confirm_leaving(known, plan, yes=yes, ask=from_file is None)
        install_office(
            services,
            code=plan.code,
            name=plan.name,
            regulation=plan.regulation,
            gazetteer=plan.gazetteer,
            profile={**(known.profile if known else {}), "contact": plan.contact, **plan.heads},
        )
        added = None
        if not staffed:
            added = add_staff(services, None, name=plan.admin or "", roles=FIRST_ROLES, first=True)
    finally:
        database.close()
    _report(plan, added, format)


def _confirm_leaving(known: Office | None, plan: OfficePlan, *, yes: bool, ask: bool) -> None:
    """Name the villages that leave the list before they do. Raises `InvalidInput`, or `typer.Abort` on a no."""
    if known is None or yes:
        return
    kept = {group["id"] for group in plan.gazetteer["group"]}
    leaving = [group["name"] for group in known.gazetteer["group"] if group["id"] not in kept]
    if not leaving:
        return
    names = ", ".join(leaving)
    if not ask:
        raise InvalidInput(
            f"Danh sách mới không còn: {names}.",
            todo="Nếu đúng là bỏ, chạy lại và thêm --yes; nếu không, ghi đủ các thôn.",
        )
    note(f"\nDanh sách mới không còn: {names}. Ý kiến đã nhận vẫn giữ thôn cũ.")
    if not typer.confirm("Bỏ các thôn này khỏi danh sách?", default=False, err=True):
        raise typer.Abort


def _keep_private(database: Database) -> None:
    """What people write is nobody else's on this machine."""
    file = file_of(database)
    if file is not None:
        file.chmod(OWNER_ONLY)


def _installed(services: Services) -> tuple[Office | None, bool]:
    """The office set up earlier, and whether anybody works there."""
    with services.reading() as work:
        office = work.session.exec(select(Office).order_by(col(Office.id))).first()
        return office, work.session.exec(select(Staff.id)).first() is not None


# --------------------------------------------------------------------------- asking


def _ask(known: Office | None, *, staffed: bool) -> OfficePlan:
    note("Lập đơn vị: trả lời từng câu, bấm Enter để giữ phần trong ngoặc vuông. Bấm Ctrl+C để thôi.\n")
    name = _prompt("Tên xã, phường (ví dụ: xã Tân Minh)", known.name if known else None)
    contact = _prompt(
        "Liên hệ của Mặt trận xã: nơi, điện thoại, giờ làm việc",
        str(known.profile.get("contact", "")) if known else "",
    )
    return OfficePlan(
        code=known.code if known else slug(name),
        name=name,
        regulation=_ask_regulation(known),
        contact=contact,
        gazetteer=_ask_places(name, known),
        admin=None if staffed else _prompt("Tên người quản trị đầu tiên (ví dụ: Bà Mai)", None),
    )


def _ask_regulation(known: Office | None) -> str:
    choices = regulations()
    note("\nĐơn vị theo quy định nào?")
    for number, choice in enumerate(choices, start=1):
        note(f"  {number}. {choice.name}: {choice.document.title}")
    codes = [choice.code for choice in choices]
    default = str(codes.index(known.regulation) + 1) if known and known.regulation in codes else None
    while True:
        reply = _prompt("Chọn số", default)
        if reply in codes:
            return reply
        if reply.isdecimal() and 1 <= int(reply) <= len(codes):
            return codes[int(reply) - 1]
        meant = {one.code for one in choices if plain(reply) in (plain(one.name), plain(one.code))}
        begun = {one.code for one in choices if plain(reply) and plain(one.name).startswith(plain(reply))}
        if len(found := meant or begun) == 1:
            return found.pop()
        note(f"Xin chọn số từ 1 đến {len(codes)}, hoặc ghi tên tỉnh.")


def _ask_places(commune: str, known: Office | None) -> Mapping[str, Any]:
    note("\nCác thôn, tổ dân phố: ghi tên, cách nhau bằng dấu phẩy; hoặc ghi đường dẫn tệp địa danh (.toml).")
    default = ", ".join(group["name"] for group in known.gazetteer["group"]) if known else None
    while True:
        reply = _prompt("Các thôn", default)
        if known is not None and reply == default:
            return known.gazetteer
        if reply.endswith(".toml"):
            try:
                return read_places(Path(reply))
            except InvalidInput as error:
                note(f"{error.what} {error.todo}")
                continue
        villages = [" ".join(village.split()) for village in reply.split(",") if village.strip()]
        if len({slug(village) for village in villages}) == len(villages) > 0:
            return places_of(commune, villages)
        note("Có hai thôn trùng tên, hoặc chưa có thôn nào. Xin ghi lại.")


def _prompt(question: str, default: str | None) -> str:
    return str(typer.prompt(question, default=default, err=True)).strip()


# --------------------------------------------------------------------------- telling


def _report(plan: OfficePlan, added: AddedStaff | None, format: Any) -> None:
    facts = {
        "office": plan.name,
        "villages": len(plan.gazetteer["group"]),
        "regulation": plan.regulation,
        "admin": plan.admin if added else None,
        "code": added.code.code if added else None,
        "code_expires": added.code.expires_at if added else None,
    }
    labels = _LABELS if added else {name: _LABELS[name] for name in ("office", "villages", "regulation")}
    show(facts, format, labels=labels)
    if added is None:
        note("\nĐã cập nhật đơn vị. Người quản trị giữ nguyên (xem: doithoai staff list).")
        return
    note(
        "\nXong. Việc tiếp theo:\n"
        "  1. Nối Telegram: đặt DOITHOAI_TELEGRAM_TOKEN (cách lấy: docs/telegram.md).\n"
        "  2. Bắt đầu nhận tin: doithoai run\n"
        f"  3. {plan.admin} nhắn riêng cho bot: /ghidanh {added.code.code}\n"
        f"     (mã chỉ hiện một lần, dùng được đến {vietnamese_time(added.code.expires_at)})\n"
        "  4. Thêm người, nhất là người giữ việc mật (tố cáo): doithoai staff add --help\n"
        "  5. Xem máy chạy đúng không: doithoai doctor"
    )
