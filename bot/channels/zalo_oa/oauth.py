"""Connecting the official account: the consent link, the page its answer comes back to, and what keeps it connected.

How a connection uses it: `tokens = tokens_of(settings, services)`, `jobs=[keeping_fresh(tokens)]`,
`pages=pages(settings, services)`, `trouble=tokens.trouble`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.zalo_oa.consent_page import answer_page
from bot.channels.zalo_oa.oauth_client import NotNow, OAuthClient, OAuthFailure, Refused, challenge_of
from bot.channels.zalo_oa.tokens import GrantTokens, NotConnected
from bot.schedule import Every, Job
from bot.settings import Settings
from casework.errors import DoithoaiError, InvalidInput, SetupNeeded
from casework.usecases.office import zalo_grant
from casework.usecases.office.zalo_grant import ConsentRefused, Grant, Pair
from casework.usecases.work import Services

log = structlog.get_logger(__name__)

CALLBACK_PATH: Final = "/zalo/callback"
#: how often it is looked whether the token wants renewing; it does so about once a day
LOOK_EVERY: Final = dt.timedelta(hours=1)
VERIFIER_LENGTH: Final = 43
#: longest code or address that is read
_LONGEST: Final = 4096


@dataclass(frozen=True, kw_only=True)
class Pasted:
    """What came back from the consent page: a code, with its `state` when the whole address was given."""

    code: str
    state: str | None
    oa_id: str | None = None


def client_of(settings: Settings) -> OAuthClient:
    """The app as the settings describe it. Raises `SetupNeeded` naming what is missing."""
    if not settings.zalo_oa_app_id or settings.zalo_oa_app_secret is None:
        missing = [
            f"DOITHOAI_{name.upper()}"
            for name in ("zalo_oa_app_id", "zalo_oa_app_secret")
            if not getattr(settings, name)
        ]
        raise SetupNeeded(
            f"Chưa đặt {', '.join(missing)}.", todo="Lấy ở trang ứng dụng trên developers.zalo.me, xem docs/zalo.md."
        )
    return OAuthClient(
        app_id=settings.zalo_oa_app_id,
        app_secret=settings.zalo_oa_app_secret.get_secret_value(),
        oauth_url=settings.zalo_oa_oauth_url,
        base_url=settings.zalo_oa_base_url,
        with_proof=settings.zalo_oa_appsecret_proof,
    )


def tokens_of(settings: Settings, services: Services) -> GrantTokens:
    """The access token as every process of this installation shares it. Raises as `client_of`."""
    return GrantTokens(services, client_of(settings))


def keeping_fresh(tokens: GrantTokens) -> Job:
    """The job that renews the token about once a day, with or without traffic."""

    def look(services: Services) -> int | None:
        try:
            return int(asyncio.run(tokens.keep_fresh()))
        except NotConnected as error:
            # Stored, and told to staff where a person must act.
            log.warning("zalo_token_not_renewed", why=error.detail)
            return None

    return Job(name="zalo_token", when=Every(interval=LOOK_EVERY), act=look)


# ---------------------------------------------------------------------- consent


def callback_url(settings: Settings) -> str | None:
    """Where the consent page sends the admin back to; the console must hold the same, letter for letter."""
    if settings.zalo_oa_callback_url:
        return settings.zalo_oa_callback_url
    return f"{settings.public_url.rstrip('/')}{CALLBACK_PATH}" if settings.public_url else None


def verifier_of(settings: Settings, services: Services) -> str | None:
    """The PKCE verifier of the next consent, as `zalo_oa_pkce` wants it. Raises `SetupNeeded`."""
    match settings.zalo_oa_pkce:
        case "none":
            return None
        case "fixed":
            if settings.zalo_oa_pkce_verifier is None:
                raise SetupNeeded(
                    "Cặp PKCE cố định cần DOITHOAI_ZALO_OA_PKCE_VERIFIER.",
                    todo="Đặt 43 chữ hoa, chữ thường và số tùy ý; zalo status cho biết mã cần dán vào trang Zalo.",
                )
            fixed = settings.zalo_oa_pkce_verifier.get_secret_value()
            if not _is_verifier(fixed):
                raise SetupNeeded(
                    "DOITHOAI_ZALO_OA_PKCE_VERIFIER không đúng dạng.",
                    todo="Đặt đúng 43 ký tự, có chữ hoa, chữ thường và chữ số, không dấu.",
                )
            return fixed
    while True:
        made = "".join(services.random.choice(zalo_grant.STATE_SYMBOLS) for _ in range(VERIFIER_LENGTH))
        if _is_verifier(made):
            return made


def _is_verifier(text: str) -> bool:
    """The platform asks for 43 capitals, small letters and digits, some of each."""
    return re.fullmatch(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{43}", text) is not None


def begin(settings: Settings, services: Services, staff_id: int) -> str:
    """The consent link for an admin of the official account; it is good for ten minutes.

    Raises `SetupNeeded` for missing settings, `Forbidden`.
    """
    client, back = client_of(settings), callback_url(settings)
    if back is None:
        raise SetupNeeded(
            "Chưa biết địa chỉ Zalo trả về.", todo="Đặt DOITHOAI_PUBLIC_URL hoặc DOITHOAI_ZALO_OA_CALLBACK_URL."
        )
    verifier = verifier_of(settings, services)
    state = zalo_grant.begin_consent(services, staff_id, client.app_id, verifier=verifier)
    return client.consent_url(redirect_uri=back, state=state, verifier=verifier)


def read_pasted(text: str) -> Pasted:
    """A code, or the whole address the browser ended on. Raises `InvalidInput`."""
    text = text.strip()
    if "://" not in text and "?" not in text and "=" not in text.rstrip("="):
        if not text or len(text) > _LONGEST or any(symbol.isspace() for symbol in text):
            raise InvalidInput("Đây không phải mã Zalo trả về.", todo=_PASTE)
        return Pasted(code=text, state=None)
    try:
        text = text[:_LONGEST]
        query = parse_qs(urlsplit(text).query or text, max_num_fields=20)
    except ValueError as error:
        raise InvalidInput("Địa chỉ này không đọc được.", todo=_PASTE) from error
    code, state, oa_id = (query.get(name, [""])[0] for name in ("code", "state", "oa_id"))
    if not code or not state:
        raise InvalidInput("Địa chỉ này thiếu mã (code) hoặc dấu xác nhận (state).", todo=_PASTE)
    return Pasted(code=code, state=state, oa_id=oa_id or None)


async def finish(settings: Settings, services: Services, pasted: Pasted, *, staff_id: int | None = None) -> Grant:
    """Turn what came back into a stored grant. A consent can be finished once.

    Raises `ConsentRefused`, `Forbidden`, `InvalidInput` (another official account than the settings name),
    `NotConnected` when the platform does not exchange the code.
    """
    client = client_of(settings)
    _must_be_ours(settings, pasted.oa_id)
    verifier = await asyncio.to_thread(
        zalo_grant.take_consent, services, client.app_id, state=pasted.state, staff_id=staff_id
    )
    try:
        pair = await client.exchange(pasted.code, verifier)
    except OAuthFailure as failure:
        raise _not_exchanged(failure) from None
    await asyncio.to_thread(zalo_grant.keep_consented, services, client.app_id, pair, staff_id=staff_id)
    log.info("zalo_connected")
    await learn_account(services, client, pair.access_token)
    return await asyncio.to_thread(zalo_grant.grant_of, services, client.app_id)


async def take_pair(
    settings: Settings, services: Services, access_token: str, refresh_token: str, *, staff_id: int
) -> Grant:
    """Store a pair of the console's API Explorer, and renew it at once: how old it is, nobody tells.

    Raises `NotConnected` when the platform refuses either token; a refused access token leaves what is stored alone.
    Raises `InvalidInput` for another official account than the settings name.
    """
    client = client_of(settings)
    try:
        found = await client.account(access_token)
    except Refused as failure:
        raise NotConnected(
            f"Zalo không nhận access token này (mã {failure.code}).", todo="Lấy cặp mã mới ở API Explorer rồi dán lại."
        ) from None
    except OAuthFailure:
        raise NotConnected("Chưa tới được Zalo để thử mã.", todo="Xem đường mạng của máy chủ rồi chạy lại.") from None
    _must_be_ours(settings, found.oa_id)
    pair = Pair(access_token=access_token, refresh_token=refresh_token, life=dt.timedelta())
    await asyncio.to_thread(zalo_grant.keep_consented, services, client.app_id, pair, staff_id=staff_id)
    await asyncio.to_thread(zalo_grant.keep_account, services, client.app_id, found)
    await GrantTokens(services, client).keep_fresh(now_at_once=True)
    return await asyncio.to_thread(zalo_grant.grant_of, services, client.app_id)


def _must_be_ours(settings: Settings, oa_id: str | None) -> None:
    if settings.zalo_oa_id and oa_id and oa_id != settings.zalo_oa_id:
        raise InvalidInput(
            "Quyền này thuộc một OA khác với OA trong cài đặt.",
            todo="Chọn đúng OA rồi làm lại, hoặc sửa DOITHOAI_ZALO_OA_ID.",
        )


async def learn_account(services: Services, client: OAuthClient, access_token: str) -> bool:
    """Ask and store who the official account is. Best effort: the grant stands without it; whether it worked."""
    try:
        found = await client.account(access_token)
    except OAuthFailure as failure:
        log.warning("zalo_account_unknown", why=str(failure))
        return False
    await asyncio.to_thread(zalo_grant.keep_account, services, client.app_id, found)
    return True


def _not_exchanged(failure: OAuthFailure) -> NotConnected:
    if isinstance(failure, Refused):
        return NotConnected(
            f"Zalo không đổi mã lấy quyền (mã lỗi {failure.code}).", todo=_WHY.get(failure.code, _WHY_USUALLY)
        )
    if isinstance(failure, NotNow):
        return NotConnected("Chưa tới được Zalo để đổi mã lấy quyền.", todo=f"Xem đường mạng của máy chủ. {_AGAIN}")
    return NotConnected("Zalo không trả lời rõ khi đổi mã lấy quyền.", todo=_AGAIN)


_AGAIN: Final = "Bắt đầu lại bằng lệnh: doithoai zalo connect"
_PASTE: Final = "Chép cả địa chỉ trên trình duyệt sau khi bấm đồng ý, hoặc chỉ phần sau «code=»."
_WHY: Final = {
    "-14002": "Ứng dụng chưa kích hoạt và người bấm đồng ý không phải quản trị ứng dụng: kích hoạt trên trang Zalo.",
    "-14003": "Địa chỉ trả về phải đúng từng chữ với «Official Account Callback Url» trên trang Zalo.",
}
_WHY_USUALLY: Final = f"Mã chỉ dùng một lần trong 10 phút; xem thêm mục PKCE trong docs/zalo.md. {_AGAIN}"


# ---------------------------------------------------------------------- page


def pages(settings: Settings, services: Services) -> Callable[[web.Application], None]:
    """Puts the callback page on a web server."""

    async def callback(request: web.Request) -> web.Response:
        code, state = request.query.get("code", ""), request.query.get("state", "")
        if not code or not state or len(code) + len(state) > _LONGEST:
            return answer_page(
                "Zalo chưa trao quyền", "Không có mã nào trả về: người xem chưa bấm đồng ý.", _AGAIN, status=400
            )
        pasted = Pasted(code=code, state=state, oa_id=request.query.get("oa_id"))
        try:
            grant = await finish(settings, services, pasted)
        except DoithoaiError as error:
            log.warning("zalo_consent_refused", code=error.code)
            status = 400 if isinstance(error, ConsentRefused | InvalidInput) else 502
            return answer_page("Chưa nối được Zalo OA", error.what, error.todo, status=status)
        except SQLAlchemyError as error:
            log.error("zalo_consent_not_stored", error=type(error).__name__)
            return answer_page("Chưa nối được Zalo OA", "Cơ sở dữ liệu đang bận hoặc hỏng.", _AGAIN, status=503)
        return answer_page(
            "Đã nối Zalo OA", f"Tài khoản: {grant.oa_name or 'chưa đọc được tên'}.", "Anh/chị đóng trang này được rồi."
        )

    def register(app: web.Application) -> None:
        own = urlsplit(callback_url(settings) or "").path or CALLBACK_PATH
        for path in dict.fromkeys((CALLBACK_PATH, own)):
            # A preview by HEAD must not use the code up.
            app.router.add_get(path, callback, allow_head=False)

    return register


def challenge(settings: Settings) -> str | None:
    """The challenge the console must hold when the pair is fixed; no secret."""
    fixed = settings.zalo_oa_pkce == "fixed" and settings.zalo_oa_pkce_verifier is not None
    verifier = settings.zalo_oa_pkce_verifier
    return challenge_of(verifier.get_secret_value()) if fixed and verifier is not None else None
