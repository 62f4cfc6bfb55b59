"""A browser without a window, for pictures of pages at the width of a phone.

Chromium makes no window as narrow as a phone; asked over its debugging protocol, it draws a page as one would.
"""

from __future__ import annotations

import asyncio
import base64
import re
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-port=0",
)
#: seconds for a page to be drawn
PATIENCE = 60.0


async def photograph(chromium: str, address: str, *, width: int, profile: Path) -> bytes:
    """The whole length of a page as PNG, `width` pixels wide. Raises `TimeoutError`."""
    process = await asyncio.create_subprocess_exec(
        chromium,
        *_FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE), ClientSession() as session:
            port = await _port(process)
            async with session.get(f"http://127.0.0.1:{port}/json/list") as response:
                (page, *_) = [one for one in await response.json() if one["type"] == "page"]
            async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                return await _drawn(socket, address, width)
    finally:
        process.terminate()
        await process.wait()


async def _port(process: asyncio.subprocess.Process) -> str:
    if process.stderr is None:
        raise RuntimeError("no way to hear the browser")
    while line := (await process.stderr.readline()).decode(errors="replace"):
        if found := re.search(r"ws://127\.0\.0\.1:(\d+)/", line):
            return found[1]
    raise RuntimeError("the browser ended")


async def _drawn(socket: ClientWebSocketResponse, address: str, width: int) -> bytes:
    number = 0

    async def call(method: str, **params: Any) -> dict[str, Any]:
        nonlocal number
        number += 1
        await socket.send_json({"id": number, "method": method, "params": params})
        while (message := await socket.receive_json()).get("id") != number:
            continue
        result: dict[str, Any] = message["result"]
        return result

    await call("Page.enable")
    await call("Emulation.setDeviceMetricsOverride", width=width, height=640, deviceScaleFactor=1, mobile=True)
    await call("Page.navigate", url=address)
    while (await socket.receive_json()).get("method") != "Page.loadEventFired":
        continue
    height = (await call("Page.getLayoutMetrics"))["cssContentSize"]["height"]
    area = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    drawn = await call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=area)
    return base64.b64decode(drawn["data"])
