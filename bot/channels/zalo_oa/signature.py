"""Is this request to our webhook from Zalo, and is it new? Asked of the raw bytes, before anything in them is stored.

What Zalo has signed is never dropped: an event that looks too old is kept and set aside, because the clock that is
wrong may be ours.

https://developers.zalo.me/docs/official-account/webhook/tong-quan : plain SHA-256 (no HMAC) over the app's id, the
body, the body's `timestamp` and the *OA Secret Key* of the app's webhook page. Whether "mac=" stands before the digest,
and whether some accounts are signed with the account's own id, differs between sources: each is tried, and which one
matched is logged once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from casework.clock import Clock, SystemClock

log = structlog.get_logger(__name__)

HEADER: Final = "X-ZEvent-Signature"
#: Zalo comes again for at most 1 hour 51 minutes after a failure; what is much older than that is a replay
OLDEST: Final = dt.timedelta(hours=2, minutes=30)
#: so many calls in a row with a signature that fits nothing: the key is wrong rather than the callers
_SUSPICIOUS: Final = 3
#: a signature, right or wrong; anything else is no call of Zalo's
_SIGNATURE: Final = re.compile(r"\s*(?:mac=\s*)?[0-9a-f]{64}\s*", re.IGNORECASE)


class SignatureCheck:
    """Judges the calls of one app's webhook; itself usable as `Webhook.verifies`, `why_set_aside` as its namesake.

    `oa_id`: the account's own id, if it is known by now. An empty `secret_key` lets nobody in.
    """

    def __init__(
        self,
        *,
        app_id: str,
        secret_key: str,
        oa_id: Callable[[], str | None] = lambda: None,
        clock: Clock | None = None,
    ) -> None:
        self._app_id = app_id
        self._secret_key = secret_key
        self._oa_id = oa_id
        self._clock = clock or SystemClock()
        self._logged: set[str] = set()
        self._wrong = 0
        self._too_old = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(app_id={self._app_id!r})"

    def __call__(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the call carries a right signature. Never raises."""
        given = headers.get(HEADER, "")
        if _SIGNATURE.fullmatch(given) is None:
            # Before anything of a stranger's body is read.
            return False
        timestamp = _timestamp(body)
        variant = self._variant(given, body, timestamp) if timestamp is not None else None
        if variant is None:
            self._wrong += 1
            return False
        if variant not in self._logged:
            self._logged.add(variant)
            log.info("zalo_oa_signature_matched", variant=variant)
        self._wrong = 0
        return True

    def why_set_aside(self, body: bytes) -> str | None:
        """Why an event of Zalo's must not be acted upon although it is genuine: a replay, or our clock is wrong."""
        age = self._age(_timestamp(body) or "")
        self._too_old = age is not None and age > OLDEST
        if age is None or not self._too_old:
            return None
        hours = round(age.total_seconds() / 3600, 1)
        log.warning("zalo_oa_webhook_too_old", hours=hours)
        return f"too old: {hours} hours"

    def trouble(self) -> str:
        """What keeps messages from coming in, for people; empty when all is well."""
        if self._too_old:
            return (
                "Zalo vừa gửi tin có giờ cũ hơn 2 giờ 30 phút so với đồng hồ máy chủ: tin được giữ riêng, chưa xử lý. "
                "Anh/chị kiểm tra đồng hồ của máy chủ ngay."
            )
        if self._wrong >= _SUSPICIOUS:
            return (
                "Các cuộc gọi webhook mới nhất của Zalo không có chữ ký đúng nên tin của người dân không vào được. "
                "Anh/chị kiểm tra DOITHOAI_ZALO_OA_SECRET_KEY: khóa có thể đã được đặt lại trên trang của ứng dụng."
            )
        return ""

    def _variant(self, given: str, body: bytes, timestamp: str) -> str | None:
        """The first way of signing that fits; all are worked out, so that the time tells nothing."""
        value = given.strip()
        prefixed = value[:4].lower() == "mac="
        digest = (value[4:] if prefixed else value).strip().lower().encode("utf-8", "surrogateescape")
        found = None
        for name, first_id in (("oa_id", self._oa_id() or ""), ("app_id", self._app_id)):
            whole = first_id.encode() + body + timestamp.encode("utf-8", "surrogatepass") + self._secret_key.encode()
            same = hmac.compare_digest(hashlib.sha256(whole).hexdigest().encode(), digest)
            if same and first_id and self._secret_key:
                found = f"mac={name}" if prefixed else name
        return found

    def _age(self, timestamp: str) -> dt.timedelta | None:
        try:
            return self._clock.now() - dt.datetime.fromtimestamp(int(timestamp) / 1000, dt.UTC)
        except (ValueError, OverflowError, OSError):
            # Signed, so it is Zalo's: what cannot be read is kept, and found unreadable later.
            return None


def _timestamp(body: bytes) -> str | None:
    """The `timestamp` of the body as it is written there; None when there is none."""
    try:
        event = json.loads(body, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    value = event.get("timestamp") if isinstance(event, dict) else None
    return value if isinstance(value, str) else None
