"""Keeps Telegram told who we are: webhook, command lists, descriptions, and the list of each staff chat.

Telegram may be out of reach when the program starts, and staff are enrolled while it runs: so this goes on until the
program stops.
"""

from __future__ import annotations

import asyncio
import datetime as dt

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from bot.channels.telegram.channel import Command, TelegramChannel
from bot.settings import Settings
from bot.staff.commands import menu
from casework.talk import OutcomeKind
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Office, Staff, StaffChat

log = structlog.get_logger(__name__)

FIRST_WAIT = dt.timedelta(seconds=2)
LONGEST_WAIT = dt.timedelta(minutes=10)
#: how often staff chats are looked through for new ones
LOOK_AGAIN = dt.timedelta(seconds=30)


class TelegramSetup:
    """`run` until stopped: prepare until every step has worked once, then follow who is staff."""

    def __init__(self, telegram: TelegramChannel, services: Services, settings: Settings) -> None:
        self._telegram = telegram
        self._services = services
        self._settings = settings
        self._commands = [Command(name=name, description=text) for name, text in menu()]
        self._told: set[str] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Ends when `stop` is set; nothing Telegram does ends it earlier."""
        wait = FIRST_WAIT
        while not stop.is_set() and not await self._prepared():
            await _pause(stop, wait)
            wait = min(wait * 2, LONGEST_WAIT)
        while not stop.is_set():
            await self._follow_staff()
            await _pause(stop, LOOK_AGAIN)

    async def _prepared(self) -> bool:
        settings = self._settings
        webhook = settings.telegram_mode == "webhook"
        secret = settings.telegram_webhook_secret
        try:
            office_name = await asyncio.to_thread(self._office_name)
        except SQLAlchemyError as error:
            log.error("telegram_not_prepared", error=type(error).__name__)
            return False
        problems = await self._telegram.prepare(
            office_name=office_name,
            webhook_url=f"{(settings.public_url or '').rstrip('/')}/webhook/telegram" if webhook else None,
            webhook_secret=secret.get_secret_value() if webhook and secret is not None else None,
        )
        for problem in problems:
            log.warning("telegram_not_prepared", step=problem.step, why=problem.outcome.detail)
        if not problems:
            log.info("telegram_prepared", mode=settings.telegram_mode)
        return not problems

    async def _follow_staff(self) -> None:
        try:
            chats = await asyncio.to_thread(self._staff_chats)
        except SQLAlchemyError as error:
            log.error("staff_chats_unknown", error=type(error).__name__)
            return
        for chat in chats - self._told:
            if (await self._telegram.set_staff_commands(chat, self._commands)).kind is OutcomeKind.SENT:
                self._told.add(chat)
        for chat in self._told - chats:
            if (await self._telegram.clear_staff_commands(chat)).kind is OutcomeKind.SENT:
                self._told.discard(chat)

    def _office_name(self) -> str:
        with self._services.reading() as work:
            return work.session.get_one(Office, self._services.office_id).name

    def _staff_chats(self) -> set[str]:
        ours = (ChannelIdentity.channel == self._telegram.name, ChannelIdentity.account == self._telegram.account)
        with self._services.reading() as work:
            people = select(ChannelIdentity.external_id).join(
                Staff, col(Staff.channel_identity_id) == col(ChannelIdentity.id)
            )
            groups = select(ChannelIdentity.external_id).join(
                StaffChat, col(StaffChat.channel_identity_id) == col(ChannelIdentity.id)
            )
            found = set(work.session.exec(people.where(col(Staff.active), *ours)))
            return found | set(work.session.exec(groups.where(col(StaffChat.active), *ours)))


async def _pause(stop: asyncio.Event, wait: dt.timedelta) -> None:
    try:
        await asyncio.wait_for(stop.wait(), wait.total_seconds())
    except TimeoutError:
        return
