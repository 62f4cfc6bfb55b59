"""The web server: webhooks of the platforms, health and metrics.

A webhook answers 200 only when the payload is committed; everything else makes the platform come again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot import health
from bot.channel import Channel
from bot.group_commit import Closed
from bot.health import ChannelState
from bot.inbox import Arrival, Inbox, arrival_of
from bot.metrics import Metrics
from casework.usecases.work import Services

log = structlog.get_logger(__name__)

#: largest body that is read, bytes
MAX_BODY = 1024 * 1024
#: seconds within which a body must have come in, and within which it must be stored
PATIENCE = 20.0
#: seconds for which one look at how things are answers everybody who asks
EXAMINED_FOR = 1.0
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
    #: why a call that is genuine must be kept without being acted upon; None for all others
    why_set_aside: Callable[[bytes], str | None] = lambda body: None
    #: largest body that is taken, bytes
    max_body: int = MAX_BODY
    #: seconds within which the platform wants its answer; what is not stored by then is answered 503, to come again
    answer_within: float = PATIENCE


class Web:
    """`app` serves the webhooks; after `stop_accepting` they answer 503, and the platforms come again later.

    `channels` may ask the database; it is called in a thread. `examined_for`: seconds."""

    def __init__(
        self,
        services: Services,
        inbox: Inbox,
        *,
        webhooks: Sequence[Webhook],
        channels: Callable[[], Sequence[ChannelState]],
        metrics: Metrics,
        pages: Sequence[Callable[[web.Application], None]] = (),
        examined_for: float = EXAMINED_FOR,
    ) -> None:
        self._services = services
        self._inbox = inbox
        self._channels = channels
        self._metrics = metrics
        self._stopping = False
        self._look: asyncio.Future[health.Health] | None = None
        self._looked_at = 0.0
        self._examined_for = examined_for
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
                    body = await _body(request, webhook.max_body)
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
            arrival = arrival_of(webhook.channel, body)
            if (reason := webhook.why_set_aside(body)) is not None:
                arrival = replace(arrival, malformed=arrival.malformed or reason)
            return await self._store(arrival, within=begun + webhook.answer_within - loop.time())

        return receive

    async def _store(self, arrival: Arrival, *, within: float) -> web.Response:
        try:
            async with asyncio.timeout(within):
                result = await self._inbox.put(arrival)
        except (SQLAlchemyError, Closed, TimeoutError) as error:
            # Not stored, or not known to be: a repeat is recognised.
            log.error("webhook_not_stored", channel=arrival.channel, error=type(error).__name__)
            return _come_again()
        self._metrics.arrivals.labels(arrival.channel, result).inc()
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
        """How things are. However many ask, one thread looks at a time, and what it finds answers all of them."""
        loop = asyncio.get_running_loop()
        look = self._look
        if look is None or (look.done() and loop.time() - self._looked_at >= self._examined_for):
            look = self._look = asyncio.ensure_future(asyncio.to_thread(self._examine_now))
            look.add_done_callback(self._examined)
        async with asyncio.timeout(PATIENCE):
            # Who asked and went away does not end it for the others.
            return await asyncio.shield(look)

    def _examine_now(self) -> health.Health:
        return health.examine(self._services, self._channels(), self._metrics)

    def _examined(self, look: asyncio.Future[health.Health]) -> None:
        self._looked_at = look.get_loop().time()
        if not look.cancelled():
            # Asked, so that a failure nobody waited for any more is not reported as forgotten.
            look.exception()


async def _body(request: web.Request, largest: int) -> bytes:
    """The whole body. Raises `HTTPRequestEntityTooLarge`, if it can before anything is read."""
    said = request.content_length or 0
    if said > largest:
        raise web.HTTPRequestEntityTooLarge(max_size=largest, actual_size=said)
    body = await request.clone(client_max_size=largest).read()
    if len(body) > largest:
        raise web.HTTPRequestEntityTooLarge(max_size=largest, actual_size=len(body))
    return body


def _come_again() -> web.Response:
    return web.Response(status=503, headers={"Retry-After": RETRY_AFTER})
