"""The web server: webhooks of the platforms, health and metrics.

A webhook answers 200 only when the payload is committed; everything else makes the platform come again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot import health
from bot.channel import Channel
from bot.group_commit import Closed
from bot.health import ChannelState
from bot.inbox import Inbox, arrival_of
from bot.metrics import Metrics
from casework.usecases.work import Services

log = structlog.get_logger(__name__)

#: largest body that is read, bytes
MAX_BODY = 1024 * 1024
#: seconds within which a body must have come in, and within which it must be stored
PATIENCE = 20.0
#: seconds after which a platform may come again
RETRY_AFTER = "2"


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """One platform's way in. `admits` judges by the headers alone, before anything of the body is read; `verifies` by
    headers and the raw body: what it refuses is answered 200 and dropped, counted and logged, because the platform's
    own console test may come without a valid signature."""

    path: str
    channel: Channel
    admits: Callable[[Mapping[str, str]], bool] = lambda headers: True
    verifies: Callable[[Mapping[str, str], bytes], bool] = lambda headers, body: True
    #: seconds within which the platform wants its answer; what is not stored by then is answered 503, to come again
    answer_within: float = PATIENCE


class Web:
    """`app` serves the webhooks; after `stop_accepting` they answer 503, and the platforms come again later."""

    def __init__(
        self,
        services: Services,
        inbox: Inbox,
        *,
        webhooks: Sequence[Webhook],
        channels: Callable[[], Sequence[ChannelState]],
        metrics: Metrics,
        pages: Sequence[Callable[[web.Application], None]] = (),
    ) -> None:
        self._services = services
        self._inbox = inbox
        self._channels = channels
        self._metrics = metrics
        self._stopping = False
        self.app = web.Application(client_max_size=MAX_BODY)
        for webhook in webhooks:
            self.app.router.add_post(webhook.path, self._receiver(webhook))
        for register in pages:
            register(self.app)
        self.app.router.add_get("/healthz", self._healthz)
        self.app.router.add_get("/metrics", self._metrics_page)

    def stop_accepting(self) -> None:
        """From now on every payload is turned away at the door."""
        self._stopping = True

    def _receiver(self, webhook: Webhook) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        name = webhook.channel.name

        async def receive(request: web.Request) -> web.StreamResponse:
            if self._stopping:
                return _come_again()
            loop = asyncio.get_running_loop()
            begun = loop.time()
            if not webhook.admits(request.headers):
                self._metrics.arrivals.labels(name, "refused").inc()
                log.warning("webhook_refused", channel=name)
                return web.Response(status=403)
            try:
                async with asyncio.timeout(webhook.answer_within):
                    body = await request.read()
            except web.HTTPRequestEntityTooLarge:
                self._metrics.arrivals.labels(name, "too_large").inc()
                log.warning("webhook_body_too_large", channel=name)
                return web.Response(status=413)
            except TimeoutError:
                return web.Response(status=408)
            if not webhook.verifies(request.headers, body):
                self._metrics.arrivals.labels(name, "unsigned").inc()
                log.warning("webhook_signature_wrong", channel=name)
                return web.Response()
            return await self._store(webhook.channel, body, within=begun + webhook.answer_within - loop.time())

        return receive

    async def _store(self, channel: Channel, body: bytes, *, within: float) -> web.Response:
        try:
            async with asyncio.timeout(within):
                result = await self._inbox.put(arrival_of(channel, body))
        except (SQLAlchemyError, Closed, TimeoutError) as error:
            # Not stored, or not known to be: a repeat is recognised.
            log.error("webhook_not_stored", channel=channel.name, error=type(error).__name__)
            return _come_again()
        self._metrics.arrivals.labels(channel.name, result).inc()
        return web.Response()

    async def _healthz(self, request: web.Request) -> web.Response:
        try:
            found = await self._examine()
        except (SQLAlchemyError, TimeoutError) as error:
            return web.json_response({"status": "down", "database": type(error).__name__}, status=503)
        return web.json_response(found.as_json(), status=503 if found.status == "down" else 200)

    async def _metrics_page(self, request: web.Request) -> web.Response:
        try:
            await self._examine()
        except (SQLAlchemyError, TimeoutError) as error:
            # The counters are still worth reading; the gauges keep their last values.
            log.error("metrics_without_database", error=type(error).__name__)
        return web.Response(
            body=self._metrics.exposition(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )

    async def _examine(self) -> health.Health:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.to_thread(health.examine, self._services, self._channels(), self._metrics)


def _come_again() -> web.Response:
    return web.Response(status=503, headers={"Retry-After": RETRY_AFTER})
