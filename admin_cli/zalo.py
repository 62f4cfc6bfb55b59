"""`doithoai zalo`: connect the office's Zalo official account, see how it stands, try it out."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import zalo_templates
from admin_cli.options import AsOfOption, DatabaseOption, Format, FormatOption, StaffOption, noun
from admin_cli.output import chosen, emit, note, show
from admin_cli.session import open_as_staff, open_services
from bot import logs
from bot import settings as settings_module
from bot.channels.zalo_oa import checks, connecting, oauth
from bot.channels.zalo_oa.checks import Check, OpenPoint
from bot.channels.zalo_oa.status import OA_TYPES, Status, status_of
from casework.errors import InvalidInput
from casework.usecases.delivery.line_notes import STATE_AGENCY
from casework.usecases.office import zalo_grant

if TYPE_CHECKING:
    from bot.settings import Settings
    from casework.usecases.work import Services

app = noun("Tài khoản Zalo OA: nối, xem tình trạng, gia hạn, thử ngày đầu; mẫu tin ZBS.")
app.add_typer(zalo_templates.app, name="templates")

# No --as-of where Zalo itself is asked: tokens are stored with the time at which they were issued.

#: seconds the command waits for somebody to agree; the link is good for as long
PATIENCE = zalo_grant.CONSENT_VALID.total_seconds()
_STATES = {
    "connected": "đã nối",
    "trouble": "CẦN NỐI LẠI",
    "waiting": "đang chờ Zalo",
    "not_connected": "chưa nối",
    "not_set_up": "chưa cài đặt",
}
_LABELS = {
    "state": "Tình trạng",
    "problem": "Vì sao",
    "todo": "Việc cần làm",
    "oa_name": "Tên OA",
    "oa_type": "Loại OA",
    "package": "Gói dịch vụ",
    "oa_id": "Số của OA",
    "app_id": "Số của ứng dụng",
    "obtained_at": "Gia hạn lần cuối",
    "expires_at": "Dùng được đến",
    "renew_at": "Tự gia hạn lúc",
    "send_path": "Đường gửi đã ghim",
    "keep_line_open": "Giữ liên lạc 48 giờ",
    "paid": "Gửi tin có phí",
    "callback_url": "Địa chỉ trả về",
    "webhook_url": "Địa chỉ webhook",
    "pkce": "PKCE",
    "code_challenge": "Code challenge",
}
_NAMES = {
    "state": _STATES,
    "oa_type": {str(number): name for number, name in OA_TYPES.items()},
    "pkce": {"request": "cặp mới mỗi lần nối", "fixed": "cặp cố định", "none": "không dùng"},
}


@app.command()
def connect(
    code: Annotated[
        str | None,
        typer.Option(
            "--code",
            metavar="MÃ",
            help="mã, hoặc cả địa chỉ trình duyệt dừng lại sau khi đồng ý; - để dán khi được hỏi",
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="chờ tại đây cho tới khi có người đồng ý")] = True,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    format: FormatOption = None,
) -> None:
    """Xin quyền cho chương trình dùng Zalo OA: in đường dẫn, chờ quản trị OA bấm đồng ý.

    Zalo trả về địa chỉ /zalo/callback của máy chủ. Nếu địa chỉ ấy không mở được, chép cả địa chỉ trên thanh trình duyệt
    rồi chạy lại với --code.

    \b
    Ví dụ:
      doithoai zalo connect
      doithoai zalo connect --no-wait
      doithoai zalo connect --code -
    """
    services, staff_id = open_as_staff(db, None, staff)
    settings = _settings()
    if code is not None:
        pasted = oauth.read_pasted(_secret("Mã hoặc địa chỉ") if code == "-" else code)
        asyncio.run(oauth.finish(settings, services, pasted, staff_id=staff_id))
        _report(settings, services, format)
        return
    link = oauth.begin(settings, services, staff_id)
    note("Mở đường dẫn này bằng tài khoản Zalo quản trị OA rồi bấm đồng ý. Đường dẫn dùng được 10 phút, một lần:")
    if not wait:
        typer.echo(link)
        return
    note(link)
    note("Đang chờ… (Ctrl-C để thôi chờ; sau đó vẫn dán được bằng: doithoai zalo connect --code -)")
    try:
        grant = asyncio.run(connecting.wait(settings, services, patience=PATIENCE))
    except KeyboardInterrupt:
        note("Thôi chờ. Đường dẫn vẫn dùng được cho hết 10 phút.")
        raise typer.Exit(1) from None
    if grant is None:
        note("Chưa nối được: không ai đồng ý, hoặc Zalo từ chối (xem trang trình duyệt). Chạy lại lệnh này.")
        raise typer.Exit(1)
    _report(settings, services, format)


@app.command()
def token(
    staff: StaffOption = None,
    db: DatabaseOption = None,
    format: FormatOption = None,
) -> None:
    """Nhận cặp mã lấy từ API Explorer của Zalo, khi không nối được bằng đường dẫn.

    Hai mã được hỏi và gõ kín, hoặc đọc từ đầu vào, mỗi mã một dòng: access token rồi refresh token. Chương trình thử
    mã, gia hạn ngay, và không in lại.

    \b
    Ví dụ:
      doithoai zalo token
    """
    services, staff_id = open_as_staff(db, None, staff)
    settings = _settings()
    zalo_grant.require_admin(services, staff_id)
    note("Lấy ở developers.zalo.me: Công cụ > API Explorer > chọn ứng dụng, chọn OA access token.")
    access, refresh = _secret("Access token"), _secret("Refresh token")
    if access == refresh:
        raise InvalidInput("Hai mã giống nhau.", todo="Dán access token trước, refresh token sau.")
    asyncio.run(oauth.take_pair(settings, services, access, refresh, staff_id=staff_id))
    _report(settings, services, format)


@app.command("status")
def show_status(db: DatabaseOption = None, as_of: AsOfOption = None, format: FormatOption = None) -> None:
    """OA nào đang nối, quyền dùng được đến bao giờ, còn thiếu cài đặt gì. Không in mã bí mật nào.

    \b
    Ví dụ:
      doithoai zalo status
    """
    found = _report(_settings(), open_services(db, as_of), format)
    if found.state not in ("connected", "waiting"):
        raise typer.Exit(1)


@app.command()
def refresh(
    staff: StaffOption = None,
    db: DatabaseOption = None,
    format: FormatOption = None,
) -> None:
    """Gia hạn quyền ngay, không chờ tới giờ. Bình thường chương trình tự làm mỗi ngày một lần.

    \b
    Ví dụ:
      doithoai zalo refresh
    """
    services, staff_id = open_as_staff(db, None, staff)
    settings = _settings()
    zalo_grant.require_admin(services, staff_id)
    tokens = oauth.tokens_of(settings, services)
    if not asyncio.run(tokens.keep_fresh(now_at_once=True)):
        raise zalo_grant.not_connected(tokens.grant())
    _report(settings, services, format)


@app.command()
def check(
    send_to_me: Annotated[
        bool, typer.Option("--send-to-me", help="gửi một tin thử tới Zalo của chính anh/chị (đã ghi danh với OA)")
    ] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    format: FormatOption = None,
) -> None:
    """Thử ngày đầu với OA thật: hỏi Zalo vài điều vô hại, rồi liệt kê điều còn chưa chắc và cách biết.

    Không có --send-to-me thì không gửi tin nào.

    \b
    Ví dụ:
      doithoai zalo check
      doithoai zalo check --send-to-me
    """
    services, staff_id = open_as_staff(db, None, staff)
    settings = _settings()
    zalo_grant.require_admin(services, staff_id)
    made = asyncio.run(_checks(settings, services, staff_id, send_to_me=send_to_me))
    account = settings.zalo_oa_app_id or ""
    points = checks.open_points(settings, zalo_grant.grant_of(services, account))
    if chosen(format) is Format.TABLE:
        marks = {True: "được", False: "KHÔNG ĐƯỢC", None: "chưa rõ"}
        show({one.name: "\n".join(filter(None, [f"{marks[one.ok]}: {one.found}", one.todo])) for one in made}, format)
        note("\nĐiều tài liệu của Zalo không nói rõ, cách đang đặt và cách biết:")
        show(
            {f"{one.number}.": f"{one.question}\n- đang đặt: {one.set_to}\n- {one.find_out}" for one in points}, format
        )
    else:
        emit([asdict(one) for one in made] + [_as_check(one) for one in points], format)
    if any(one.ok is False for one in made):
        raise typer.Exit(1)


# ---------------------------------------------------------------------- inside


def _settings() -> Settings:
    """The settings; from now on the log is silent, since this command says itself what happened."""
    logs.configure("critical")
    return settings_module.load()


def _report(settings: Settings, services: Services, format: Format | None) -> Status:
    found = status_of(settings, services)
    row = asdict(found)
    labels = {name: label for name, label in _LABELS.items() if row[name] is not None}
    show(row, format, labels=labels, names=_NAMES)
    if found.state == "connected" and found.send_path is None and found.oa_type == STATE_AGENCY:
        note("OA cơ quan nhà nước: đường gửi được ghim ở tin gửi đầu tiên (thử: doithoai zalo check --send-to-me).")
    return found


async def _checks(settings: Settings, services: Services, staff_id: int, *, send_to_me: bool) -> list[Check]:
    account = oauth.client_of(settings).app_id
    user_id = zalo_grant.own_chat(services, staff_id, account)
    made = await checks.examine(settings, services, user_id=user_id)
    if send_to_me:
        if user_id is None:
            raise InvalidInput(
                "Anh/chị chưa ghi danh bằng Zalo OA này nên chưa biết gửi thử tới đâu.",
                todo="Lấy mã: doithoai staff code; rồi nhắn cho OA: /ghidanh MÃ",
            )
        made.append(await checks.send_to(settings, services, user_id))
    return made


def _as_check(point: OpenPoint) -> dict[str, Any]:
    return {"name": f"{point.number}. {point.question}", "ok": None, "found": point.set_to, "todo": point.find_out}


def _secret(name: str) -> str:
    """What is typed without showing, or the next line of a pipe: never an argument, never printed. Raises
    `InvalidInput`."""
    raw = typer.prompt(name, hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    value = str(raw).strip()
    if not value or len(value) > 4096 or any(symbol.isspace() for symbol in value):
        raise InvalidInput(f"{name}: trống hoặc không đúng dạng.", todo="Chép nguyên một dòng, không có khoảng trắng.")
    return value
