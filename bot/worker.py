"""Works the inbox off: entries of one conversation strictly in order of arrival, different conversations in parallel.

Two faces: threads that run until they are stopped (the service), and `drain`, which handles in the calling thread
whatever is due at the clock's present instant (demo, terminal, tests).
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.channel import Channel
from bot.claims import Claim, Claims
from bot.logs import place_of
from bot.metrics import Metrics
from casework.usecases.work import Services
from storage.records import Conversation, InboxEntry, InboxStatus

if TYPE_CHECKING:
    from bot.turn import PressToAcknowledge

log = structlog.get_logger(__name__)

Channels = Mapping[tuple[str, str], Channel]
#: how often an entry may fail before it is set aside for a person to look at
MAX_ATTEMPTS = 3
#: a talk whose waking failed is woken again after this time
WAKE_AGAIN_AFTER = dt.timedelta(minutes=5)
#: conversations one thread claims at once when there is a backlog: fewer claims cost fewer commits
LARGEST_CLAIM = 16
#: longest time a turn gives way to messages coming in, seconds: in a long burst turns are slow, but go on
LONGEST_WAY = 1.0
#: the database or the disk has a problem, not the entry: seconds to wait before going on
PAUSE_AFTER_FAULT = 1.0
#: faults of the surroundings; they are never counted against an entry
DATABASE_FAULTS = (OperationalError, InterfaceError, PoolTimeout)


class HandleEntry(Protocol):
    """Handles one stored entry to its end in transactions of its own; may be repeated at any time."""

    def __call__(self, services: Services, channels: Channels, entry_id: int) -> list[PressToAcknowledge]: ...


class WakeConversation(Protocol):
    """Wakes one talk whose time has come; leaves others alone."""

    def __call__(self, services: Services, channels: Channels, conversation_id: int) -> None: ...


@dataclass(kw_only=True)
class Drained:
    """What one `drain` did."""

    entries: int = 0
    wakes: int = 0
    quarantined: int = 0
    presses: list[PressToAcknowledge] = field(default_factory=list)


class Worker:
    """Handles entries with `handle_entry` and wakes talks with `wake_conversation`.

    `give_way`: says that something more urgent is going on; turns then wait a little. `on_presses` is given the
    buttons whose spinner should stop, `on_turn` is called after each entry or wake; both are called in worker threads.
    `lease`: how long a silent worker keeps its conversations.
    """

    def __init__(
        self,
        services: Services,
        channels: Channels,
        *,
        handle_entry: HandleEntry,
        wake_conversation: WakeConversation,
        threads: int = 4,
        lease: dt.timedelta = dt.timedelta(seconds=60),
        poll_seconds: float = 1.0,
        on_turn: Callable[[], None] = lambda: None,
        give_way: Callable[[], bool] = lambda: False,
        on_presses: Callable[[Sequence[PressToAcknowledge]], None] = lambda presses: None,
        metrics: Metrics | None = None,
    ) -> None:
        self._services = services
        self._channels = channels
        self._handle_entry = handle_entry
        self._wake_conversation = wake_conversation
        self._thread_count = threads
        self._lease = lease
        self._poll_seconds = poll_seconds
        self._on_turn = on_turn
        self._give_way = give_way
        self._on_presses = on_presses
        self._metrics = metrics or Metrics()
        self._name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._news = threading.Condition()
        self._generation = 0

    # ------------------------------------------------------------------ until stopped

    def start(self) -> None:
        """Start the threads; they live until `stop`."""
        for number in range(self._thread_count):
            thread = threading.Thread(target=self._run, args=(number,), name=f"worker-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def notify(self) -> None:
        """There is something new: look at once instead of at the next poll. Thread-safe and quick."""
        with self._news:
            self._generation += 1
            self._news.notify_all()

    def stop(self, timeout: float) -> bool:
        """Let turns that have begun end, for at most `timeout` seconds; False when some had not ended by then."""
        self._stopping.set()
        self.notify()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, number: int) -> None:
        claims = self._claims_of(f"{self._name}:{number}")
        held: list[Claim] = []
        while not self._stopping.is_set():
            seen, limit = self._generation, self._fair_share()
            try:
                held = claims.swap(done=held, limit=limit)
                if len(held) == limit:
                    # There may be more than this thread takes.
                    self.notify()
                for claim in held:
                    self._handle(claims, claim, Drained())
            except Exception as error:
                # A thread that ended here would leave everybody waiting. What was held goes back with the next swap.
                log.error("worker_fault", error=type(error).__name__, at=place_of(error))
                self._stopping.wait(PAUSE_AFTER_FAULT)
                continue
            if not held:
                self._wait_for_news(seen)
        self._give_back(claims, held)

    def _fair_share(self) -> int:
        return LARGEST_CLAIM if self._thread_count == 1 else max(1, LARGEST_CLAIM // self._thread_count)

    def _wait_for_news(self, seen: int) -> None:
        with self._news:
            self._news.wait_for(lambda: self._generation != seen or self._stopping.is_set(), timeout=self._poll_seconds)

    def _give_back(self, claims: Claims, done: list[Claim]) -> None:
        try:
            claims.swap(done=done, limit=0)
        except DATABASE_FAULTS as error:
            # Left as they are, the leases expire by themselves.
            log.warning("worker_leases_kept", error=type(error).__name__)

    # ------------------------------------------------------------------ until idle

    def drain(self) -> Drained:
        """Handle in this thread all that is due now, also what that brings; returns when nothing is left."""
        claims = self._claims_of(f"{self._name}:drain")
        drained = Drained()
        held = claims.swap(done=[], limit=LARGEST_CLAIM)
        while held:
            for claim in held:
                self._handle(claims, claim, drained)
            held = claims.swap(done=held, limit=LARGEST_CLAIM)
        return drained

    def _claims_of(self, holder: str) -> Claims:
        return Claims(self._services, holder=holder, channels=self._channels, lease=self._lease)

    # ------------------------------------------------------------------ one conversation

    def _handle(self, claims: Claims, claim: Claim, drained: Drained) -> None:
        """The entries of a conversation that are there, in order; its waking, if that is due and nothing was there.

        What is left or came meanwhile is found by the next claim.
        """
        entries, due_to_wake = claims.look(claim)
        held = claim
        for entry_id in entries:
            renewed = claims.renewed(held)
            if renewed is None:
                log.warning("conversation_lease_lost", conversation=claim.conversation_id)
                return
            held = renewed
            self._wait_for_way()
            if self._stopping.is_set() or not self._turn(entry_id, drained):
                return
        if due_to_wake and not entries and not self._stopping.is_set():
            self._wake(claim.conversation_id, drained)

    def _wait_for_way(self) -> None:
        deadline = time.monotonic() + LONGEST_WAY
        while self._give_way() and time.monotonic() < deadline and not self._stopping.is_set():
            time.sleep(0.01)

    def _turn(self, entry_id: int, drained: Drained) -> bool:
        """Handle one entry; False when it failed and must be tried again before those behind it."""
        started = time.perf_counter()
        try:
            presses = self._handle_entry(self._services, self._channels, entry_id)
        except DATABASE_FAULTS:
            raise
        except Exception as error:
            return self._failed(entry_id, error, drained)
        self._metrics.turn_seconds.observe(time.perf_counter() - started)
        drained.entries += 1
        drained.presses += presses
        if presses:
            self._on_presses(presses)
        self._on_turn()
        return True

    def _failed(self, entry_id: int, error: Exception, drained: Drained) -> bool:
        """Count the failure; the third one sets the entry aside, so that it holds up nobody and a person sees it.
        Returns whether it was."""
        with self._services.writing() as work:
            entry = work.session.get_one(InboxEntry, entry_id)
            entry.attempts += 1
            aside = entry.attempts >= MAX_ATTEMPTS
            if aside:
                entry.status, entry.handled_at = InboxStatus.QUARANTINED, work.now
                entry.reason = f"failed: {type(error).__name__}"
            work.session.add(entry)
            work.commit()
        # The error's text may quote the citizen: only its class and place are written down.
        log.error("turn_failed", entry=entry_id, error=type(error).__name__, at=place_of(error), quarantined=aside)
        if aside:
            drained.quarantined += 1
            self._metrics.quarantined.labels("failed").inc()
        return aside

    def _wake(self, conversation_id: int, drained: Drained) -> None:
        try:
            self._wake_conversation(self._services, self._channels, conversation_id)
        except DATABASE_FAULTS:
            raise
        except Exception as error:
            log.error("wake_failed", conversation=conversation_id, error=type(error).__name__, at=place_of(error))
            self._postpone_wake(conversation_id)
            return
        drained.wakes += 1
        self._on_turn()
        with self._services.reading() as work:
            wake_at = work.session.get_one(Conversation, conversation_id).wake_at
            still_due = wake_at is not None and wake_at <= work.now
        if still_due:
            # An engine that asks to be woken in the past would be woken for ever.
            self._postpone_wake(conversation_id)

    def _postpone_wake(self, conversation_id: int) -> None:
        with self._services.writing() as work:
            conversation = work.session.get_one(Conversation, conversation_id)
            conversation.wake_at = work.now + WAKE_AGAIN_AFTER
            work.session.add(conversation)
            work.commit()
