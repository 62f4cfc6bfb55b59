"""The access token of the official account: what a call needs, and what it says when there is none."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.zalo_oa.oauth_client import NotNow, OAuthClient, OAuthFailure, Refused
from casework.usecases.office import zalo_grant
from casework.usecases.office.zalo_grant import Busy, Claimed, Grant, Newer, NotConnected, Pair
from casework.usecases.work import Services
from casework.wording import say

__all__ = ["GrantTokens", "NotConnected", "Tokens"]

log = structlog.get_logger(__name__)

#: a token this near its end is not used any more
MARGIN = dt.timedelta(minutes=1)
#: pause after a refresh that was turned away, and after one whose outcome is unknown
PAUSE_AFTER_NO = dt.timedelta(minutes=1)
PAUSE_AFTER_SILENCE = dt.timedelta(minutes=5)
#: a token refused again so soon after it was renewed is not renewed once more
RENEWED_LATELY = dt.timedelta(minutes=10)
#: how often, and with which pauses (seconds), another refresher is waited for
LOOKS, PAUSE = 60, 0.25
#: seconds a sender waits for a refresh: the outbox, which stops waiting later, must not take a message that was not
#: sent for one that may have been
SENDER_WAITS = 6.0
#: pauses before the storing of new tokens is tried again, seconds: without it they are lost
STORE_AGAIN = (0.2, 1.0, 3.0, 6.0)


class Tokens(Protocol):
    """Gives the access token and keeps what is known of the account. Safe to share between tasks of one loop."""

    #: path of the sending endpoint that works for this account, once known; None: try the main one
    send_path: str | None
    #: 2 = business, 4 = state agency; None while unknown
    oa_type: int | None

    async def current(self) -> str:
        """A token that has not expired as far as we know. Raises `NotConnected`."""
        ...

    async def renewed(self, dead: str) -> str:
        """The platform refused `dead`: a newer token, got by one refresh, or the one another process has got already.
        Raises `NotConnected`."""
        ...

    async def pin(self, path: str) -> None:
        """Remember the sending endpoint that works, for this and every later process."""
        ...


class GrantTokens:
    """`Tokens` over the grant in the database, which every process shares; nothing is used before it is stored."""

    def __init__(self, services: Services, client: OAuthClient, *, sender_waits: float = SENDER_WAITS) -> None:
        self._sender_waits = sender_waits
        self._services = services
        self._client = client
        self._not_before: dt.datetime | None = None
        self._renewed: tuple[str, dt.datetime] | None = None
        self._under_way: set[asyncio.Task[str]] = set()
        self.send_path: str | None = None
        self.oa_type: int | None = None
        #: the account's own id, as far as this process has heard of it
        self.oa_id: str | None = None
        self._learn(self.grant())

    def grant(self) -> Grant:
        """How the permission stands just now."""
        return zalo_grant.grant_of(self._services, self._client.app_id)

    def trouble(self) -> str:
        """What is wrong with the permission, for people; empty when all is well."""
        grant = self.grant()
        self._learn(grant)
        if grant.access_token is None or grant.problem is not None:
            return _whole(zalo_grant.not_connected(grant))
        return "" if grant.usable_at(self._services.clock.now()) else _whole(_not_yet(doubtful=grant.doubtful))

    async def current(self) -> str:
        grant = await self._load()
        if grant.access_token is not None and grant.usable_at(self._services.clock.now() + MARGIN):
            return grant.access_token
        return await self._refresh(grant.access_token, patience=self._sender_waits)

    async def renewed(self, dead: str) -> str:
        now = self._services.clock.now()
        lately = self._renewed is not None and self._renewed[0] == dead and now - self._renewed[1] < RENEWED_LATELY
        if lately and (await self._load()).access_token == dead:
            raise NotConnected(say("zalo_grant.still_refused"), todo=say("zalo_grant.todo_check"))
        token = await self._refresh(dead, patience=self._sender_waits)
        self._renewed = (token, now)
        return token

    async def pin(self, path: str) -> None:
        self.send_path = path
        await asyncio.to_thread(zalo_grant.pin_send_path, self._services, self._client.app_id, path)

    async def keep_fresh(self, *, now_at_once: bool = False) -> bool:
        """Renew when the token has had most of its life (or `now_at_once`); whether that was done. Nothing is tried
        where nothing can be renewed. Raises `NotConnected` when the trying failed."""
        grant = await self._load()
        due = grant.renew_at is not None and self._services.clock.now() >= grant.renew_at
        if grant.problem is not None or not grant.renewable or not (due or now_at_once):
            return False
        await self._refresh(grant.access_token, patience=None)
        return True

    async def _load(self) -> Grant:
        grant = await asyncio.to_thread(self.grant)
        self._learn(grant)
        return grant

    def _learn(self, grant: Grant) -> None:
        self.send_path, self.oa_type, self.oa_id = grant.send_path, grant.oa_type, grant.oa_id

    async def _refresh(self, seen: str | None, *, patience: float | None) -> str:
        """A token newer than `seen`. Once begun, a refresh is brought to its end even when the caller is cut off or
        has no more patience (seconds)."""
        task = asyncio.create_task(self._claim_and_use(seen))
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        try:
            async with asyncio.timeout(patience):
                return await asyncio.shield(task)
        except TimeoutError:
            raise NotConnected(say("zalo_grant.busy"), todo=say("zalo_grant.todo_wait")) from None

    def _ended(self, task: asyncio.Task[str]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            # Asked, so that a failure nobody waited for is not reported as forgotten: it is stored and logged.
            task.exception()

    async def _claim_and_use(self, seen: str | None) -> str:
        for _ in range(LOOKS):
            self._check_pause(await self._load(), seen)
            match await asyncio.to_thread(zalo_grant.claim, self._services, self._client.app_id, seen=seen):
                case Newer(access_token=token):
                    return token
                case Claimed(refresh_token=token):
                    return await self._use(token)
                case Busy():
                    await asyncio.sleep(PAUSE)
        raise NotConnected(say("zalo_grant.busy"), todo=say("zalo_grant.todo_wait"))

    def _check_pause(self, grant: Grant, seen: str | None) -> None:
        waiting = self._not_before is not None and self._services.clock.now() < self._not_before
        if waiting and grant.access_token == seen and grant.problem is None:
            raise _not_yet(doubtful=grant.doubtful)

    async def _use(self, refresh_token: str) -> str:
        try:
            pair = await self._client.refresh(refresh_token)
        except OAuthFailure as failure:
            raise await asyncio.to_thread(self._failed, refresh_token, failure) from None
        token = await self._store(refresh_token, pair)
        self._not_before = None
        log.info("zalo_token_renewed", hours=round(pair.life.total_seconds() / 3600, 1))
        return token

    def _failed(self, refresh_token: str, failure: OAuthFailure) -> NotConnected:
        services, account, now = self._services, self._client.app_id, self._services.clock.now()
        if isinstance(failure, Refused):
            log.error("zalo_token_refused", code=failure.code)
            return zalo_grant.not_connected(zalo_grant.lose(services, account, used=refresh_token, code=failure.code))
        if isinstance(failure, NotNow):
            log.warning("zalo_token_not_now", why=str(failure))
            zalo_grant.give_back(services, account, used=refresh_token)
            self._not_before = now + PAUSE_AFTER_NO
            return _not_yet(doubtful=False)
        log.warning("zalo_token_unclear", why=str(failure))
        grant = zalo_grant.doubt(services, account, used=refresh_token)
        self._not_before = now + PAUSE_AFTER_SILENCE
        return zalo_grant.not_connected(grant) if grant.problem is not None else _not_yet(doubtful=True)

    async def _store(self, used: str, pair: Pair) -> str:
        for pause in STORE_AGAIN:
            try:
                return await asyncio.to_thread(self._keep, used, pair)
            except SQLAlchemyError as error:
                log.error("zalo_token_not_stored", error=type(error).__name__)
                await asyncio.sleep(pause)
        return await asyncio.to_thread(self._keep, used, pair)

    def _keep(self, used: str, pair: Pair) -> str:
        return zalo_grant.keep_refreshed(self._services, self._client.app_id, used=used, pair=pair)


def _not_yet(*, doubtful: bool) -> NotConnected:
    return NotConnected(
        say("zalo_grant.doubtful" if doubtful else "zalo_grant.later"), todo=say("zalo_grant.todo_wait")
    )


def _whole(error: NotConnected) -> str:
    return f"{error.what} {error.todo}"
