"""The first day with a real official account: harmless live checks, and what stays open until somebody has looked.

What Zalo's pages leave open is listed here with the setting that covers it; each has a way to find out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from bot.channels.posting import CallFailed
from bot.channels.zalo_oa import oauth
from bot.channels.zalo_oa.client import SEND, Client
from bot.channels.zalo_oa.connection import connect
from bot.channels.zalo_oa.oauth_client import OAuthClient, OAuthFailure, Refused
from bot.channels.zalo_oa.outcomes import Row, table
from bot.channels.zalo_oa.status import OA_TYPES
from bot.channels.zalo_oa.tokens import GrantTokens, NotConnected
from bot.settings import Settings
from casework.clock import vietnamese_time
from casework.talk import OutboundMessage, OutcomeKind
from casework.usecases.delivery.line_notes import STATE_AGENCY
from casework.usecases.office.zalo_grant import Grant
from casework.usecases.work import Services

FREE_WINDOW: Final = dt.timedelta(hours=48)
_NETWORK: Final = "Xem đường mạng của máy chủ, rồi chạy lại."
_TRIAL: Final = "Đây là tin thử của chương trình Đối thoại gửi riêng anh/chị. Anh/chị không cần trả lời."


@dataclass(frozen=True, kw_only=True)
class Check:
    """One look. `ok` None: nothing was found out."""

    name: str
    ok: bool | None
    found: str
    todo: str = ""


async def examine(settings: Settings, services: Services, *, user_id: str | None) -> list[Check]:
    """Live checks that send nothing. `user_id`: the staff member's own chat with the account, if there is one."""
    client, tokens = oauth.client_of(settings), oauth.tokens_of(settings, services)
    checks = [_age(tokens.grant(), services)]
    try:
        token = await tokens.current()
    except NotConnected as error:
        return [*checks, Check(name="quyền gọi API", ok=False, found=error.what, todo=error.todo)]
    checks.append(await _account(services, client, tokens, token))
    checks.append(await _quota(settings, services, tokens, user_id))
    return checks


def _age(grant: Grant, services: Services) -> Check:
    name = "quyền của OA"
    if grant.obtained_at is None or grant.access_token is None:
        return Check(name=name, ok=False, found="chưa nối", todo="Chạy: doithoai zalo connect")
    hours = (services.clock.now() - grant.obtained_at).total_seconds() / 3600
    found = f"được gia hạn {hours:.0f} giờ trước"
    if grant.renew_at is not None and services.clock.now() > grant.renew_at + 2 * oauth.LOOK_EVERY:
        return Check(name=name, ok=False, found=found, todo="Quá giờ gia hạn: doithoai run có đang chạy không?")
    return Check(name=name, ok=True, found=found)


async def _account(services: Services, client: OAuthClient, tokens: GrantTokens, token: str) -> Check:
    name = "OA là ai (getoa)"
    try:
        body = await client.call("GET", "/v2.0/oa/getoa", token)
    except Refused as failure:
        return Check(name=name, ok=False, found=_means(failure.code), todo=_todo(failure.code))
    except OAuthFailure as failure:
        return Check(name=name, ok=False, found=f"không hỏi được Zalo ({failure})", todo=_NETWORK)
    await oauth.learn_account(services, client, token)
    grant = tokens.grant()
    kind = OA_TYPES.get(grant.oa_type or 0, f"loại {grant.oa_type}")
    facts = [grant.oa_name or "không tên", kind, f"gói {grant.package or 'không rõ'}"]
    if "is_verified" in body:
        facts.append("đã xác thực" if _yes(body["is_verified"]) else "CHƯA xác thực")
    if "linked_ZCA" in body:
        facts.append("đã liên kết tài khoản ZBS" if _yes(body["linked_ZCA"]) else "chưa liên kết tài khoản ZBS")
    verified = _yes(body.get("is_verified", True))
    return Check(name=name, ok=verified, found=", ".join(facts), todo="" if verified else "Xác thực OA trước khi dùng.")


async def _quota(settings: Settings, services: Services, tokens: GrantTokens, user_id: str | None) -> Check:
    name = "hạn mức gửi"
    if user_id is None:
        return Check(
            name=name,
            ok=None,
            found="chưa thử: anh/chị chưa ghi danh bằng Zalo OA",
            todo="Nhắn /ghidanh MÃ cho OA (lấy mã: doithoai staff code), rồi chạy lại.",
        )
    client = api_of(settings, tokens)
    try:
        await client.open()
        answer = await client.quota(user_id)
    except (CallFailed, NotConnected) as error:
        return Check(name=name, ok=False, found=f"không hỏi được Zalo ({error})", todo=_NETWORK)
    finally:
        await client.close()
    if answer.error != 0:
        return Check(name=name, ok=False, found=_means(str(answer.error)), todo=_todo(str(answer.error)))
    last = answer.last_interaction_at
    if last is None:
        return Check(name=name, ok=None, found="Zalo không nói lần tương tác cuối của anh/chị")
    still = "còn" if services.clock.now() - last <= FREE_WINDOW else "hết"
    return Check(name=name, ok=True, found=f"anh/chị tương tác {vietnamese_time(last)}; {still} 48 giờ miễn phí")


async def send_to(settings: Settings, services: Services, user_id: str) -> Check:
    """One short message to the staff member's own chat, over the very channel residents are answered by."""
    name = "gửi thử cho anh/chị"
    connection = connect(settings, services)
    if connection is None:
        missing = ", ".join(settings.missing("zalo-oa"))
        return Check(name=name, ok=False, found=f"kênh chưa bật: chưa đặt {missing}", todo="Điền vào doithoai.toml.")
    channel = connection.channel
    await channel.open()
    try:
        outcome = await channel.send(OutboundMessage(chat_id=user_id, text=_TRIAL))
    finally:
        await channel.close()
    if outcome.kind is OutcomeKind.SENT:
        path = oauth.tokens_of(settings, services).send_path or SEND
        return Check(name=name, ok=True, found=f"Zalo đã nhận, qua đường {path}", todo="Xem điện thoại có tin không.")
    code = f" (mã {outcome.code})" if outcome.code else ""
    return Check(name=name, ok=False, found=f"{outcome.kind}{code}: {outcome.detail}")


def api_of(settings: Settings, tokens: GrantTokens) -> Client:
    """The API of the account, for calls outside of the running channel."""
    secret = settings.zalo_oa_app_secret if settings.zalo_oa_appsecret_proof else None
    proof_key = secret.get_secret_value() if secret is not None else None
    return Client(tokens, base_url=settings.zalo_oa_base_url, app_secret=proof_key)


def _yes(value: object) -> bool:
    return value is True or str(value).lower() in ("1", "true")


def _means(code: str) -> str:
    row = _row(code)
    return f"Zalo từ chối, mã {code}" + (f": {row.means}" if row is not None else "")


def _todo(code: str) -> str:
    row = _row(code)
    return row.todo if row is not None else "Tra mã này trong bảng mã lỗi của Zalo."


def _row(code: str) -> Row | None:
    return table().get(int(code)) if code.lstrip("-").isdigit() else None


# ---------------------------------------------------------------------- what is not known


@dataclass(frozen=True, kw_only=True)
class OpenPoint:
    """A question Zalo's pages do not settle. `set_to`: what the program does until then."""

    number: int
    question: str
    set_to: str
    find_out: str


def open_points(settings: Settings, grant: Grant) -> list[OpenPoint]:
    """The open points, with what is set and known here."""
    state = grant.oa_type == STATE_AGENCY
    kind = OA_TYPES.get(grant.oa_type or 0, "chưa biết loại OA")
    pkce = {"request": "cặp mới mỗi lần", "fixed": "cặp cố định trên trang Zalo", "none": "không dùng"}
    connected = " (đã nối được với cách này)" if grant.obtained_at is not None else ""
    rows = [
        (
            "OA cơ quan nhà nước: đường gửi, hạn 48 giờ và 7 ngày",
            f"{kind}; đường gửi: {grant.send_path or 'chưa ghim (thử đường v3 trước)'}",
            "zalo check --send-to-me hôm nay, rồi lại sau 8 ngày không nhắn gì cho OA."
            + ("" if state else " Với OA doanh nghiệp, tin sau 8 ngày phải bị từ chối mã -230."),
        ),
        (
            "OA này có được gửi mẫu tin ZBS không, giá nào",
            "có tệp mẫu tin" if settings.zalo_zbs_templates else "tắt (chưa có tệp mẫu tin)",
            "Hỏi VNG bằng văn bản; giá trong «thông tin mẫu tin» là giá đúng.",
        ),
        (
            "template_type của tin có nút",
            f"«{settings.zalo_oa_button_template_type}»" if settings.zalo_oa_button_template_type else "không gửi kèm",
            "Nhắn cho OA một câu để máy hỏi lại. Không thấy nút: đặt DOITHOAI_ZALO_OA_BUTTON_TEMPLATE_TYPE=button.",
        ),
        (
            "chữ ký webhook: dạng nào, ký bằng mã nào",
            "nhận mọi dạng đã biết",
            "Nhắn một tin cho OA, xem trong nhật ký dạng nào khớp (zalo_oa_signature_matched).",
        ),
        (
            "PKCE: cặp mới mỗi lần hay cặp cố định",
            pkce[settings.zalo_oa_pkce] + connected,
            "Lần nối đầu. Zalo không đổi mã thì đặt DOITHOAI_ZALO_OA_PKCE=fixed, rồi none.",
        ),
        (
            "bấm nút trong mẫu tin ZBS có mở lại 48 giờ không",
            "coi là không",
            "zalo check trước và sau khi cán bộ bấm nút: giờ tương tác có đổi không.",
        ),
        (
            "Zalo báo mã nào khi quyền gia hạn đã chết",
            "mọi mã (trừ -32) coi là mất quyền, báo quản trị",
            "Ghi lại mã trong zalo status nếu có lần gặp; thử bằng một OA riêng, không thử trên OA thật.",
        ),
        (
            "Zalo Bot: webhook bọc hay phẳng, mã 429, lỗi khi bị chặn",
            "nhận cả hai dạng",
            "Lập một bot thử, nhắn rồi chặn nó, xem doithoai delivery list.",
        ),
        (
            "mẫu tin tới người đã bỏ theo dõi OA",
            "thử gửi; bị từ chối thì chuyển cách khác",
            "Một cán bộ bỏ theo dõi OA thử rồi nhận một tin mẫu.",
        ),
    ]
    return [
        OpenPoint(number=number, question=question, set_to=set_to, find_out=find_out)
        for number, (question, set_to, find_out) in enumerate(rows, start=1)
    ]
