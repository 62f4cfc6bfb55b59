"""The one place where a running program is put together from its settings."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from bot.channel import Channel
from bot.channels.telegram.connection import connect as connect_telegram
from bot.channels.zalo_bot.connection import connect as connect_zalo_bot
from bot.channels.zalo_oa.connection import connect as connect_zalo_oa
from bot.channels.zalo_zbs.connection import connect as connect_zalo_zbs
from bot.connection import Connection, Running
from bot.conversation.engine import advance
from bot.conversation.turn import Pace
from bot.health import ChannelState
from bot.inbox import Inbox
from bot.media.addresses import AddressRules
from bot.media.download import Downloader
from bot.media.fetcher import MediaFetcher
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.pages.server import Pages
from bot.policy import policy_of
from bot.schedule import Daily, Every, Job, Schedule
from bot.settings import CHANNEL_NEEDS, Settings
from bot.turn import PressToAcknowledge, handle_entry, wake_conversation
from bot.web import Web
from bot.worker import Worker
from casework.clock import Clock, SystemClock
from casework.errors import InvalidInput, SetupNeeded
from casework.usecases.citizens.copies import forget_erased, sweep_unnamed
from casework.usecases.citizens.grouping import keep_up
from casework.usecases.citizens.proxy_talk import look_after_drafts
from casework.usecases.conference.speakers import forget_names_called_off
from casework.usecases.deadlines.refreshing import refresh_all
from casework.usecases.delivery.climbing import climb_due, tell_what_staff_must_do
from casework.usecases.delivery.counting import watch_failures
from casework.usecases.delivery.line_notes import keep_lines_open
from casework.usecases.delivery.sending import expire_claims
from casework.usecases.moderation.digest import send_digest
from casework.usecases.reminders.reminding import send as send_reminders
from casework.usecases.work import Services
from storage.database import Database
from storage.migrate import current_revision, newest_revision

log = structlog.get_logger(__name__)

#: how often sends whose outcome was lost are looked for
LOOK_FOR_LOST_SENDS = dt.timedelta(seconds=5)
#: how often alike opinions are looked for that came by no chat: from a spreadsheet by the thousand
LOOK_FOR_ALIKE = dt.timedelta(minutes=1)
#: how often waits that are over are looked for, and failures that pile up
CLIMB = dt.timedelta(minutes=5)
LOOK_FOR_FAILURES = dt.timedelta(hours=1)

#: how each channel of `CHANNEL_NEEDS` is put together
CONNECT: dict[str, Callable[[Settings, Services], Connection | None]] = {
    "zalo-oa": connect_zalo_oa,
    "telegram": connect_telegram,
    "zalo-bot": connect_zalo_bot,
    "zalo-zbs": connect_zalo_zbs,
}


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
    polling: Sequence[Running]
    #: runs until stopped: tells platforms who we are, as often as it takes
    preparing: Sequence[Running]
    states: Callable[[], Sequence[ChannelState]]
    presses: Presses
    #: makes copies of what people send over platforms whose addresses expire
    media: MediaFetcher


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
    services = Services(
        database=_database(settings),
        clock=clock or SystemClock(),
        policy=policy_of(settings),
        files_dir=settings.files_dir,
        model_dir=settings.nlp_model,
        competence_file=settings.competence_file,
    )
    # Asked now: a database without an office is found out at the start, not by the first citizen.
    log.info("office", id=services.office_id)
    if services.model_refused:
        log.warning("own_model_refused", why=services.model_refused)
    if services.competence_refused:
        log.warning("own_competence_refused", why=services.competence_refused)
    log.info("reader", model=services.understander.model_name)
    connections = connect_all(settings, services)
    channels: dict[tuple[str, str], Channel] = {
        (each.channel.name, each.channel.account): each.channel for each in connections.values()
    }
    metrics = Metrics()
    outbox = Outbox(services, channels, send_timeout=settings.send_timeout_seconds, metrics=metrics)
    presses = Presses(channels=channels)
    rules = AddressRules(settings.zalo_media_hosts)
    media = MediaFetcher(services, partial(Downloader, rules), channels=[name for name, _ in channels])

    def after_turn() -> None:
        outbox.notify()
        media.notify()

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
        on_turn=after_turn,
        give_way=inbox.in_burst,
        on_presses=presses.acknowledge,
        metrics=metrics,
    )
    states = partial(channel_states, settings, connections, troubles=outbox.troubles)
    return Program(
        settings=settings,
        services=services,
        channels=channels,
        inbox=inbox,
        worker=worker,
        outbox=outbox,
        schedule=Schedule(services, [*_jobs(settings), *(job for each in connections.values() for job in each.jobs)]),
        web=Web(
            services,
            inbox,
            webhooks=[each.webhook for each in connections.values() if each.webhook is not None],
            channels=states,
            metrics=metrics,
            pages=[
                Pages(services, trusted_proxies=settings.http_trusted_proxies, metrics=metrics).register,
                *(each.pages for each in connections.values() if each.pages is not None),
            ],
        ),
        polling=[each.polling(inbox, metrics) for each in connections.values() if each.polling is not None],
        preparing=[run for each in connections.values() for run in each.preparing],
        states=states,
        presses=presses,
        media=media,
    )


def secrets_of(settings: Settings) -> list[str]:
    """Every secret value, for the log to strike out; a bot token also by its secret half alone."""
    values = [
        value.get_secret_value()
        for name in Settings.model_fields
        if isinstance(value := getattr(settings, name), SecretStr)
    ]
    return [part for value in values for part in (value, value.partition(":")[2]) if part]


def connect_all(settings: Settings, services: Services) -> dict[str, Connection]:
    """Every channel that has what it needs, by name."""
    found = {name: connect(settings, services) for name, connect in CONNECT.items() if not settings.missing(name)}
    return {name: connection for name, connection in found.items() if connection is not None}


def channel_states(
    settings: Settings,
    connections: Mapping[str, Connection] | None = None,
    *,
    troubles: Callable[[], Mapping[str, str]] = dict,
) -> list[ChannelState]:
    """Which channels are on, and what is missing or in trouble."""
    states = []
    for name in CHANNEL_NEEDS:
        missing = settings.missing(name)
        on = not missing if connections is None else name in connections
        trouble = connections[name].trouble() if connections is not None and name in connections else ""
        trouble = trouble or troubles().get(name, "")
        states.append(ChannelState(name=name, on=on, why=f"chưa đặt {', '.join(missing)}" if missing else trouble))
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


def _jobs(settings: Settings) -> list[Job]:
    return [
        Job(name="lost_sends", when=Every(interval=LOOK_FOR_LOST_SENDS), act=expire_claims),
        Job(name="alike_opinions", when=Every(interval=LOOK_FOR_ALIKE), act=keep_up),
        Job(name="proxy_drafts", when=Daily(at=settings.digest_at), act=look_after_drafts),
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
        Job(name="erased_files", when=Every(interval=dt.timedelta(hours=1)), act=forget_erased),
        # Not right after a start: a backup put back by mistake is put right before noon.
        Job(name="unnamed_files", when=Daily(at=dt.time(12), patience=dt.timedelta(hours=6)), act=sweep_unnamed),
        Job(name="ladder", when=Every(interval=CLIMB), act=climb_due),
        Job(name="lines", when=Every(interval=CLIMB), act=keep_lines_open),
        Job(name="failures", when=Every(interval=LOOK_FOR_FAILURES), act=watch_failures),
        Job(name="console", when=Daily(at=settings.digest_at), act=tell_what_staff_must_do),
        Job(name="reminders", when=Daily(at=settings.digest_at), act=send_reminders),
    ]
