"""OAuth v4 of Zalo official accounts over HTTP: the consent link, the exchange of a code, the refresh, and who the
account is. (developers.zalo.me/docs/official-account, "Xác thực và ủy quyền")

Every failure is one of three, because a refresh token works once: `NotNow` (surely not carried out), `Unclear`
(perhaps carried out) and `Refused` (answered no).
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp

from casework.usecases.office.zalo_grant import Account, Pair

#: as documented, "90000" seconds; used when an answer does not say
USUAL_LIFE: Final = dt.timedelta(hours=25)
#: app or account over its limit: the next minute is another one
RATE_LIMIT: Final = "-32"
TIMEOUT_SECONDS: Final = 15.0
_MOST_OF_AN_ANSWER: Final = 64 * 1024
#: what may be repeated of an answer: a number, or a short name such as "invalid_grant"
_CODE: Final = re.compile(r"-?[0-9]{1,6}|[a-z][a-z_ ]{1,39}")


class OAuthFailure(Exception):
    """The platform gave us no tokens. Holds nothing of what was sent or received but an error number."""


class NotNow(OAuthFailure):
    """Surely not carried out: no connection, or turned away because of the rate."""


class Unclear(OAuthFailure):
    """Perhaps carried out: the answer was lost or cannot be read."""


class Refused(OAuthFailure):
    """The platform said no; `code` is its error number."""

    def __init__(self, code: str) -> None:
        super().__init__(f"refused: {code}")
        self.code = code


def challenge_of(verifier: str) -> str:
    """The PKCE challenge: SHA-256 of the verifier in base64url without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def proof_of(access_token: str, app_secret: str) -> str:
    """The `appsecret_proof` header of a call, for apps whose settings ask for it."""
    return hmac.new(app_secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, kw_only=True)
class OAuthClient:
    """One app. Opens a connection per call: there is about one call a day. `timeout` in seconds."""

    app_id: str
    app_secret: str = field(repr=False)
    oauth_url: str
    base_url: str
    with_proof: bool = False
    timeout: float = TIMEOUT_SECONDS

    def consent_url(self, *, redirect_uri: str, state: str, verifier: str | None) -> str:
        """The page on which an admin of the official account agrees."""
        query = {"app_id": self.app_id, "redirect_uri": redirect_uri}
        if verifier is not None:
            query["code_challenge"] = challenge_of(verifier)
        return f"{self.oauth_url.rstrip('/')}/v4/oa/permission?{urlencode({**query, 'state': state})}"

    async def exchange(self, code: str, verifier: str | None) -> Pair:
        """Tokens for a consent's code. Raises `OAuthFailure`."""
        form = {"code": code, "app_id": self.app_id, "grant_type": "authorization_code"}
        return await self._tokens(form if verifier is None else {**form, "code_verifier": verifier})

    async def refresh(self, refresh_token: str) -> Pair:
        """New tokens for old; the old ones are dead afterwards. Raises `OAuthFailure`."""
        return await self._tokens(
            {"refresh_token": refresh_token, "app_id": self.app_id, "grant_type": "refresh_token"}
        )

    async def account(self, access_token: str) -> Account:
        """Who the official account is ("getoa"). Raises `OAuthFailure`."""
        body = await self.call("GET", "/v2.0/oa/getoa", access_token)
        return _account(body)

    async def call(
        self, method: str, path: str, access_token: str, json_body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """`data` of one harmless call of the OpenAPI. Raises `OAuthFailure`."""
        headers = {"access_token": access_token}
        if self.with_proof:
            headers["appsecret_proof"] = proof_of(access_token, self.app_secret)
        url = f"{self.base_url.rstrip('/')}{path}"
        status, body = await self._ask(method, url, headers=headers, json=dict(json_body) if json_body else None)
        if body is None:
            raise Unclear("unreadable")
        data = body.get("data")
        if code_of(body) not in ("0", "?") or not isinstance(data, dict):
            raise Refused(code_of(body) if code_of(body) != "?" else f"{status}")
        return data

    async def _tokens(self, form: Mapping[str, str]) -> Pair:
        url = f"{self.oauth_url.rstrip('/')}/v4/oa/access_token"
        status, body = await self._ask("POST", url, headers={"secret_key": self.app_secret}, data=dict(form))
        if body is None:
            raise Unclear("unreadable")
        token = body.get("access_token")
        if isinstance(token, str) and token:
            return Pair(access_token=token, refresh_token=_token(body), life=life_of(body.get("expires_in")))
        if code_of(body) == RATE_LIMIT:
            raise NotNow("rate limit")
        if status >= 500:
            raise Unclear(f"HTTP {status}")
        raise Refused(code_of(body))

    async def _ask(self, method: str, url: str, **what: Any) -> tuple[int, dict[str, Any] | None]:
        """Status and JSON object of an answer, None when it is none."""
        timeout = aiohttp.ClientTimeout(total=self.timeout, connect=self.timeout / 2)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
                # A redirect would carry the secret to another host.
                session.request(method, url, allow_redirects=False, **what) as response,
            ):
                if response.status == 429:
                    raise NotNow("HTTP 429")
                return response.status, _object(await _read(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL):
            raise NotNow("no connection") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # Said anew and without cause: the library's own errors can quote what was sent.
            raise Unclear(type(error).__name__) from None


def life_of(value: object) -> dt.timedelta:
    """How long an access token lives; the platform writes the seconds as text."""
    try:
        seconds = int(str(value))
    except ValueError:
        return USUAL_LIFE
    return dt.timedelta(seconds=seconds) if 0 < seconds <= 100 * 86_400 else USUAL_LIFE


def code_of(body: Mapping[str, Any]) -> str:
    """The error of an answer, number or short name; "?" when it says none that may be repeated."""
    for name in ("error", "error_code", "code", "error_name"):
        value = body.get(name)
        text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if _CODE.fullmatch(text):
            return text
    return "?"


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body; cut off where no answer of this platform is as long."""
    raw = bytearray()
    async for chunk in response.content.iter_chunked(8192):
        raw += chunk
        if len(raw) > _MOST_OF_AN_ANSWER:
            break
    return bytes(raw)


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _token(body: Mapping[str, Any]) -> str | None:
    value = body.get("refresh_token")
    return value if isinstance(value, str) and value else None


def _account(data: Mapping[str, Any]) -> Account:
    return Account(
        oa_id=_text(data.get("oa_id") or data.get("oaid")),
        name=_text(data.get("name")),
        oa_type=_number(data.get("oa_type")),
        package=_text(data.get("package_name")),
    )


def _text(value: object) -> str | None:
    return str(value)[:200] if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None


def _number(value: object) -> int | None:
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) else None
