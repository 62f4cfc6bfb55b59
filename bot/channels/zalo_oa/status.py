"""How the official account stands with us, for people: what is set, what is connected, what is missing. No secrets."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from bot.channels.zalo_oa import oauth
from bot.settings import Settings
from casework.usecases.delivery.line_notes import STATE_AGENCY, is_wanted
from casework.usecases.office.zalo_grant import Grant, grant_of, not_connected
from casework.usecases.work import Services
from casework.wording import say

OA_TYPES: Final = {2: "doanh nghiệp", STATE_AGENCY: "cơ quan nhà nước"}
WEBHOOK_PATH: Final = "/webhook/zalo-oa"


@dataclass(frozen=True, kw_only=True)
class Status:
    """One installation's official account. `state`: connected | trouble | waiting | not_connected | not_set_up."""

    state: str
    problem: str | None
    todo: str | None
    missing: tuple[str, ...]
    app_id: str | None
    oa_id: str | None
    oa_name: str | None
    oa_type: int | None
    package: str | None
    obtained_at: dt.datetime | None
    expires_at: dt.datetime | None
    renew_at: dt.datetime | None
    #: None: the main endpoint
    send_path: str | None
    keep_line_open: bool
    paid: bool
    callback_url: str | None
    webhook_url: str | None
    pkce: str
    #: to be entered in the console when the pair is fixed; not secret
    code_challenge: str | None


def status_of(settings: Settings, services: Services) -> Status:
    """How the account stands just now; asks the database only."""
    missing = settings.missing("zalo-oa")
    account = settings.zalo_oa_app_id
    grant = grant_of(services, account) if account else Grant(account="")
    state, problem, todo = _standing(grant, missing, services.clock.now())
    public = settings.public_url.rstrip("/") if settings.public_url else None
    return Status(
        state=state,
        problem=problem,
        todo=todo,
        missing=missing,
        app_id=account,
        oa_id=grant.oa_id,
        oa_name=grant.oa_name,
        oa_type=grant.oa_type,
        package=grant.package,
        obtained_at=grant.obtained_at,
        expires_at=grant.expires_at,
        renew_at=grant.renew_at if grant.problem is None else None,
        send_path=grant.send_path,
        keep_line_open=is_wanted(services),
        paid=settings.zalo_oa_paid,
        callback_url=oauth.callback_url(settings),
        webhook_url=f"{public}{WEBHOOK_PATH}" if public else None,
        pkce=settings.zalo_oa_pkce,
        code_challenge=oauth.challenge(settings),
    )


def _standing(grant: Grant, missing: tuple[str, ...], now: dt.datetime) -> tuple[str, str | None, str | None]:
    if missing:
        return "not_set_up", f"chưa đặt {', '.join(missing)}", "Điền vào doithoai.toml, xem docs/zalo.md."
    if grant.access_token is None or grant.problem is not None:
        error = not_connected(grant)
        return "trouble" if grant.problem else "not_connected", error.what, error.todo
    if not grant.usable_at(now):
        words = say("zalo_grant.doubtful" if grant.doubtful else "zalo_grant.later")
        return "waiting", words, "Để chương trình chạy (doithoai run), hoặc thử ngay: doithoai zalo refresh"
    return "connected", None, None
