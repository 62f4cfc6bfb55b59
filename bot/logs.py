"""Logs: one JSON object per line on stderr, without secrets and without people's words."""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog

#: libraries that log addresses, which can hold a token, or every request
QUIET = ("httpx", "httpcore", "aiohttp.access", "telegram", "alembic", "asyncio")

Event = MutableMapping[str, Any]


def configure(level: str, secrets: Collection[str] = (), stream: TextIO | None = None) -> None:
    """Set logging up for this process. `secrets` are struck out wherever they should turn up."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _only_the_place_of_errors,
    ]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _Redaction(secrets),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(number)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


class _Redaction:
    """Strikes known secrets out of every text of an event."""

    def __init__(self, secrets: Collection[str]) -> None:
        # Longest first: a token's part must not be struck out of the token and leave the rest.
        self._secrets = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)

    def __call__(self, logger: Any, name: str, event: Event) -> Event:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if isinstance(value, int | float) or value is None:
            return value
        text = str(value)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _only_the_place_of_errors(logger: Any, name: str, event: Event) -> Event:
    """An exception's text can quote a citizen or a database row: only class and place are logged."""
    found = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["at"] = place_of(error)
    return event


def place_of(error: BaseException) -> str:
    """Innermost place of an error, e.g. "parse.py:120"; never what the data was."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    name = trace.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
    return f"{name}:{trace.tb_lineno}"
