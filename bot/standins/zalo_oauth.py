"""Zalo's OAuth v4 for official accounts: consent, exchange, and refresh tokens that work once."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import itertools
import secrets
from dataclasses import dataclass, field

from bot.standins.zalo_faults import Refusal
from casework.clock import Clock

CODE_LIFE = dt.timedelta(minutes=10)
ACCESS_LIFE = dt.timedelta(hours=25)
REFRESH_LIFE = dt.timedelta(days=90)
# -14002, -14003 and -14014 have been reported; the others stand for "one of that family".
APP_INACTIVE, WRONG_CALLBACK, DEAD_REFRESH = -14002, -14003, -14014
WRONG_APP, WRONG_SECRET, WRONG_CODE, WRONG_VERIFIER, WRONG_GRANT_TYPE = -14001, -14004, -14005, -14006, -14007


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One grant's tokens."""

    access_token: str
    refresh_token: str
    issued_at: dt.datetime


@dataclass(kw_only=True)
class _Code:
    at: dt.datetime
    challenge: str
    used: bool = False


@dataclass(kw_only=True)
class OAuth:
    """The grant of one official account for one app."""

    clock: Clock
    app_id: str
    app_secret: str
    #: what the console has as callback; None: any
    callback_url: str | None = None
    #: the challenge stored in the console: pairs made per request are refused then
    fixed_challenge: str | None = None
    #: the number for a refresh token that is used up
    dead_refresh: int = DEAD_REFRESH
    #: the access token expires after so many more calls; None: by the clock alone
    calls_left: int | None = None
    current: Pair | None = None
    refreshes: int = 0
    _codes: dict[str, _Code] = field(default_factory=dict)
    _serial: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    # ------------------------------------------------------------------ consent

    def permit(self, *, app_id: str, redirect_uri: str, challenge: str) -> str:
        """An administrator agrees; returns the code. Raises `Refusal`."""
        if app_id != self.app_id:
            raise Refusal(WRONG_APP, "Invalid app id")
        if self.callback_url is not None and redirect_uri != self.callback_url:
            raise Refusal(WRONG_CALLBACK, "Invalid redirect uri")
        code = f"code-{next(self._serial)}-{secrets.token_urlsafe(24)}"
        self._codes[code] = _Code(at=self.clock.now(), challenge=self.fixed_challenge or challenge)
        return code

    # ------------------------------------------------------------------ tokens

    def token(self, secret_key: str, form: dict[str, str]) -> dict[str, str]:
        """The answer of the token endpoint. Raises `Refusal`."""
        if form.get("app_id") != self.app_id:
            raise Refusal(WRONG_APP, "Invalid app id")
        if secret_key != self.app_secret:
            raise Refusal(WRONG_SECRET, "Invalid secret key")
        match form.get("grant_type"):
            case "authorization_code":
                self._use_code(form.get("code", ""), form.get("code_verifier", ""))
            case "refresh_token":
                self._use_refresh(form.get("refresh_token", ""))
            case _:
                raise Refusal(WRONG_GRANT_TYPE, "Invalid grant type")
        pair = self.grant()
        return {"access_token": pair.access_token, "refresh_token": pair.refresh_token, "expires_in": "90000"}

    def grant(self) -> Pair:
        """A new pair, as the console's API Explorer hands it out; the one before is dead."""
        number = next(self._serial)
        self.calls_left = None
        self.current = Pair(
            access_token=f"access-{number}-{secrets.token_urlsafe(32)}",
            refresh_token=f"refresh-{number}-{secrets.token_urlsafe(32)}",
            issued_at=self.clock.now(),
        )
        return self.current

    def revoke(self) -> None:
        """The permission is gone: callback or permissions were changed, or three months of silence."""
        self.current = None

    def check(self, access_token: str, *, dead: int, expired: int, none: int) -> None:
        """Raises `Refusal` with the number of what is wrong with an access token."""
        if self.current is None:
            raise Refusal(none, "OA has not authorised the app")
        if access_token != self.current.access_token:
            raise Refusal(dead, "Access token is invalid")
        if self.calls_left == 0 or self.clock.now() >= self.current.issued_at + ACCESS_LIFE:
            raise Refusal(expired, "Access token has expired")
        if self.calls_left is not None:
            self.calls_left -= 1

    def _use_code(self, code: str, verifier: str) -> None:
        kept = self._codes.get(code)
        if kept is None or kept.used or self.clock.now() >= kept.at + CODE_LIFE:
            raise Refusal(WRONG_CODE, "Authorization code is invalid or has expired")
        kept.used = True
        if kept.challenge and challenge_of(verifier) != kept.challenge:
            raise Refusal(WRONG_VERIFIER, "Code verifier is invalid")

    def _use_refresh(self, refresh_token: str) -> None:
        current = self.current
        if current is None or refresh_token != current.refresh_token:
            raise Refusal(self.dead_refresh, "Refresh token is invalid")
        if self.clock.now() >= current.issued_at + REFRESH_LIFE:
            raise Refusal(self.dead_refresh, "Refresh token has expired")
        self.refreshes += 1


def challenge_of(verifier: str) -> str:
    """The PKCE challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
