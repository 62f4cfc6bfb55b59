"""The one place where a running program is put together from its settings."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from bot.channel import Channel
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.polling import poll
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.webhook import check_secret
from bot.conversation.engine import advance
from bot.conversation.turn import Pace
from bot.health import ChannelState
from bot.inbox import Inbox, arrival_of_payload
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.schedule import Daily, Every, Job, Schedule
from bot.settings import Settings
from bot.telegram_setup import TelegramSetup
from bot.turn import PressToAcknowledge, handle_entry, wake_conversation
from bot.web import Web, Webhook
from bot.worker import Worker
from casework.clock import Clock, SystemClock
from casework.errors import InvalidInput, SetupNeeded
from casework.usecases.conference.speakers import forget_names_called_off
from casework.usecases.deadlines.refreshing import refresh_all
from casework.usecases.delivery.sending import expire_claims
from casework.usecases.moderation.digest import send_digest
from casework.usecases.reminders.reminding import send as send_reminders
from casework.usecases.work import Services
from storage.database import Database
from storage.migrate import current_revision, newest_revision

log = structlog.get_logger(__name__)

#: how often sends whose outcome was lost are looked for
LOOK_FOR_LOST_SENDS = dt.timedelta(seconds=5)

Receive = Callable[[asyncio.Event], Awaitable[None]]


@dataclass(kw_only=True)
class Program:
    """The parts of a running program; `bot.run` gives them life."""

    settings: Settings
    services: Services
    channels: Mapping[tuple[str, str], Channel]
    inbox: Inbox
    worker: Worker
    outbox: Outbox
    schedule: Schedule
    web: Web
    #: runs until stopped: fetches what a platform does not bring to us
    polling: Sequence[Receive]
    #: runs until stopped: tells platforms who we are, as often as it takes
    preparing: Sequence[Receive]
    states: Callable[[], Sequence[ChannelState]]
    presses: Presses


@dataclass(kw_only=True)
class Presses:
    """Stops the spinners of pressed buttons, from worker threads, in the loop the channels live in. Best effort."""

    channels: Mapping[tuple[str, str], Channel]
    loop: asyncio.AbstractEventLoop | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def acknowledge(self, presses: Sequence[PressToAcknowledge]) -> None:
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._start, presses)

    def _start(self, presses: Sequence[PressToAcknowledge]) -> None:
        for press in presses:
            channel = self.channels.get((press.channel, press.account))
            if channel is not None:
                task = asyncio.ensure_future(channel.acknowledge_press(press.press_ref))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)


def build(settings: Settings, *, clock: Clock | None = None) -> Program:
    """Put everything together; connects to the database and to nothing else.

    Raises `SetupNeeded` when the database is not ready, `InvalidInput` when its address cannot be used.
    """
    services = Services(database=_database(settings), clock=clock or SystemClock())
    # Asked now: a database without an office is found out at the start, not by the first citizen.
    log.info("office", id=services.office_id)
    telegram = _telegram(settings, services)
    channels: dict[tuple[str, str], Channel] = {(each.name, each.account): each for each in (telegram,) if each}
    metrics = Metrics()
    outbox = Outbox(services, channels, send_timeout=settings.send_timeout_seconds, metrics=metrics)
    presses = Presses(channels=channels)
    engine = partial(advance, pace=Pace(quiet=dt.timedelta(seconds=settings.quiet_seconds)))
    # Worker and inbox know each other through these two calls only.
    inbox = Inbox(services, on_new=lambda: worker.notify())
    worker = Worker(
        services,
        channels,
        handle_entry=partial(handle_entry, engine=engine),
        wake_conversation=partial(wake_conversation, engine=engine),
        threads=settings.worker_threads or (1 if services.database.is_sqlite else 4),
        lease=dt.timedelta(seconds=settings.worker_lease_seconds),
        on_turn=outbox.notify,
        give_way=inbox.in_burst,
        on_presses=presses.acknowledge,
        metrics=metrics,
    )
    states = partial(channel_states, settings, telegram)
    setup = TelegramSetup(telegram, services, settings) if telegram else None
    return Program(
        settings=settings,
        services=services,
        channels=channels,
        inbox=inbox,
        worker=worker,
        outbox=outbox,
        schedule=Schedule(services, _jobs(settings)),
        web=Web(services, inbox, webhooks=_webhooks(settings, telegram), channels=states, metrics=metrics),
        polling=[_poller(telegram, inbox, metrics)] if telegram and settings.telegram_mode == "polling" else [],
        preparing=[setup.run] if setup else [],
        states=states,
        presses=presses,
    )


def secrets_of(settings: Settings) -> list[str]:
    """Every secret value, for the log to strike out; a bot token also by its secret half alone."""
    values = [
        value.get_secret_value()
        for name in Settings.model_fields
        if isinstance(value := getattr(settings, name), SecretStr)
    ]
    return [part for value in values for part in (value, value.partition(":")[2]) if part]


def channel_states(settings: Settings, telegram: TelegramChannel | None = None) -> list[ChannelState]:
    """Which channels are on, and what is missing or in trouble."""
    zalo = {"zalo-bot": ("zalo_bot_token",), "zalo-oa": ("zalo_oa_app_id", "zalo_oa_app_secret", "zalo_oa_secret_key")}
    on = settings.telegram_token is not None
    trouble = telegram.trouble if telegram is not None else None
    states = [ChannelState(name="telegram", on=on, why=(trouble or "") if on else "chưa đặt DOITHOAI_TELEGRAM_TOKEN")]
    for name, needed in zalo.items():
        missing = [f"DOITHOAI_{key.upper()}" for key in needed if not getattr(settings, key)]
        why = f"chưa đặt {', '.join(missing)}" if missing else "phiên bản này chưa có kênh Zalo"
        states.append(ChannelState(name=name, on=False, why=why))
    return states


def _database(settings: Settings) -> Database:
    try:
        url = make_url(settings.database_url)
        if url.drivername.startswith("sqlite") and url.database and not Path(url.database).exists():
            # Connecting would create it.
            raise _empty()
        database = Database(settings.database_url)
        revision = current_revision(database)
    except (ArgumentError, ModuleNotFoundError) as error:
        # The address itself may hold a password and is not repeated.
        raise InvalidInput(
            "Địa chỉ cơ sở dữ liệu không đúng, hoặc thiếu thư viện kết nối của nó.",
            todo="Sửa DOITHOAI_DATABASE_URL, ví dụ sqlite:///doithoai.db.",
        ) from error
    except OperationalError as error:
        raise SetupNeeded(
            "Không mở được cơ sở dữ liệu.", todo="Kiểm tra DOITHOAI_DATABASE_URL và máy chủ cơ sở dữ liệu."
        ) from error
    if revision is None:
        raise _empty()
    if revision != newest_revision():
        raise SetupNeeded(
            "Cơ sở dữ liệu chưa theo kịp phiên bản chương trình.",
            todo="Sao lưu (doithoai db backup TỆP) rồi nâng cấp: doithoai db upgrade",
        )
    return database


def _empty() -> SetupNeeded:
    return SetupNeeded("Chưa có cơ sở dữ liệu.", todo="Lập đơn vị lần đầu bằng lệnh: doithoai init")


def _telegram(settings: Settings, services: Services) -> TelegramChannel | None:
    if settings.telegram_token is None:
        return None
    proxy = settings.telegram_proxy.get_secret_value() if settings.telegram_proxy else None
    # The outbox stops waiting first; then the answer is known to be lost, and says so.
    request = AiohttpRequest(proxy=proxy, read_timeout=min(20.0, settings.send_timeout_seconds * 0.8))
    return TelegramChannel(
        settings.telegram_token.get_secret_value(),
        base_url=settings.telegram_base_url,
        clock=services.clock,
        request=request,
    )


def _webhooks(settings: Settings, telegram: TelegramChannel | None) -> list[Webhook]:
    if telegram is None or settings.telegram_mode != "webhook" or settings.telegram_webhook_secret is None:
        return []
    secret = settings.telegram_webhook_secret.get_secret_value()
    return [Webhook(path="/webhook/telegram", channel=telegram, admits=lambda headers: check_secret(headers, secret))]


def _poller(telegram: TelegramChannel, inbox: Inbox, metrics: Metrics) -> Receive:
    async def store(batch: list[dict[str, Any]]) -> None:
        results = await asyncio.gather(*(inbox.put(arrival_of_payload(telegram, payload)) for payload in batch))
        for result in results:
            metrics.arrivals.labels(telegram.name, result).inc()

    return lambda stop: poll(telegram, store, stop)


def _jobs(settings: Settings) -> list[Job]:
    return [
        Job(name="lost_sends", when=Every(interval=LOOK_FOR_LOST_SENDS), act=expire_claims),
        Job(name="staff_digest", when=Daily(at=settings.digest_at), act=send_digest),
        # Also right after a start: what happened while nobody ran the program is caught up with.
        Job(
            name="duties",
            when=Daily(at=dt.time(0, 15), patience=dt.timedelta(hours=23)),
            act=lambda services: refresh_all(services).changed,
        ),
        Job(
            name="speaker_names",
            when=Daily(at=dt.time(0, 30), patience=dt.timedelta(hours=23)),
            act=forget_names_called_off,
        ),
        Job(name="reminders", when=Daily(at=settings.digest_at), act=send_reminders),
    ]
