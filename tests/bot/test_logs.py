"""Logs: JSON lines, without secrets, without the text of exceptions."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import logs

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    quiet = {name: logging.getLogger(name).level for name in logs.QUIET}
    stream = io.StringIO()
    logs.configure("info", [TOKEN, TOKEN.partition(":")[2]], stream)
    yield stream
    root.handlers, root.level = before, level
    for name, number in quiet.items():
        logging.getLogger(name).setLevel(number)
    structlog.reset_defaults()


def events(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_events_are_json_lines_with_level_and_utc_time_and_readable_vietnamese(lines) -> None:
    structlog.get_logger("bot").warning("channel_rests", detail="Không kết nối được", seconds=5)
    [event] = events(lines)
    assert (event["event"], event["level"], event["seconds"]) == ("channel_rests", "warning", 5)
    assert str(event["timestamp"]).endswith("Z")
    assert "Không kết nối được" in lines.getvalue()


def test_secrets_are_struck_out_of_our_events_and_of_those_of_libraries(lines) -> None:
    structlog.get_logger("bot").error("send_failed", url=f"https://example.test/bot{TOKEN}/sendMessage")
    logging.getLogger("some.library").error("GET /bot%s failed", TOKEN.partition(":")[2])
    assert "AAHdq" not in lines.getvalue()
    assert lines.getvalue().count("***") == 2


def test_the_text_of_an_exception_is_not_logged_only_its_class_and_place(lines) -> None:
    try:
        raise ValueError("Bà Nguyễn Thị A, thôn 5")
    except ValueError:
        structlog.get_logger("bot").exception("turn_failed")
        logging.getLogger("aiohttp.server").exception("Error handling request")
    assert "Nguyễn" not in lines.getvalue()
    for event in events(lines):
        assert event["error"] == "ValueError"
        assert str(event["at"]).startswith("test_logs.py:")


def test_httpx_does_not_log_addresses_and_debug_events_are_left_out(lines) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/botTOKEN/getMe")
    structlog.get_logger("bot").debug("detail")
    assert lines.getvalue() == ""
