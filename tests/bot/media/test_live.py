"""The running program: a photo sent on Zalo is copied within seconds, and the pages are served on the same port."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientError, ClientSession
from PIL import Image
from sqlmodel import select

from bot.run import run
from bot.settings import Settings
from bot.standins.zalo_oa import ZaloOaStandin
from casework.files import FileStore
from casework.usecases.work import Services
from storage.records import Attachment
from tests.ports import free_port

BA_TU = "4521893670011223344"


@asynccontextmanager
async def running(services: Services, oa: ZaloOaStandin, folder: Path) -> AsyncIterator[str]:
    port = free_port()
    settings = Settings(
        database_url=services.database.url,
        files_dir=folder / "files",
        http_port=port,
        zalo_oa_app_id=oa.APP_ID,
        zalo_oa_app_secret=oa.APP_SECRET,
        zalo_oa_secret_key=oa.SECRET_KEY,
        zalo_oa_id=oa.OA_ID,
        zalo_oa_base_url=oa.base_url,
        zalo_oa_oauth_url=oa.oauth_url,
        zalo_media_hosts=("127.0.0.1",),
        stop_seconds=5,
    )
    stop = asyncio.Event()
    task = asyncio.create_task(run(settings, stop=stop))
    url = f"http://127.0.0.1:{port}"
    try:
        async with ClientSession() as session:
            await until(lambda: is_up(session, url))
        yield url
    finally:
        stop.set()
        await task


async def is_up(session: ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/healthz"):
            return True
    except ClientError:
        return False


async def until(happened: Callable[[], object], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while True:
            found = happened()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            await asyncio.sleep(0.1)


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "MayAnhCuaToi"
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_a_photo_sent_on_zalo_is_copied_at_once_without_its_traces(services, tmp_path) -> None:
    def copied() -> str | None:
        with services.reading() as work:
            return work.session.exec(select(Attachment.sha256)).first()

    async with ZaloOaStandin() as oa, running(services, oa, tmp_path) as url:
        oa.caller.url = f"{url}/webhook/zalo-oa"
        await oa.sends_image(BA_TU, photo(), text="Cột đèn thôn 4 đổ")
        await until(copied)
        async with ClientSession() as session:
            async with session.get(f"{url}/tra-cuu") as response:
                assert response.status == 200
                assert "Tra cứu ý kiến" in await response.text()
            async with session.get(f"{url}/a/{'a' * 26}") as response:
                assert response.status == 404
    kept = FileStore(tmp_path / "files").open(copied() or "")
    assert kept.startswith(b"\xff\xd8\xff")
    assert b"MayAnhCuaToi" not in kept
