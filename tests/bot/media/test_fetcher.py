"""From a handled message to our own copy: fetched at once, bare of traces, tried again, found again after a restart."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image
from sqlmodel import select
from structlog.testing import capture_logs

from bot.media.addresses import AddressRules
from bot.media.download import Downloader
from bot.media.fetcher import OUR_FAULT, WAITS, MediaFetcher
from casework.errors import Forbidden, NotFound
from casework.files import FileStore
from casework.usecases.citizens import copies
from casework.usecases.citizens.copies import (
    ERASED,
    FetchProblem,
    files_of_opinion,
    forget_erased,
    sweep_unnamed,
    to_fetch,
)
from casework.usecases.work import Services
from storage.records import Act, Attachment, Citizen, InboxEntry, InboxStatus, Opinion, Role
from tests.casework.factories import make_citizen, make_opinion, make_staff

HOSTS = ("127.0.0.1",)


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "MayAnhCuaToi"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
async def platform() -> AsyncIterator[SimpleNamespace]:
    """A far end that serves `files` by path and fails `faults` times before each."""
    far = SimpleNamespace(files={"/anh.jpg": photo()}, faults=0, asked=[])

    async def serve(request: web.Request) -> web.StreamResponse:
        far.asked.append(request.path)
        if far.faults > 0:
            far.faults -= 1
            return web.Response(status=503)
        body = far.files.get(request.path)
        # What a platform says of a file is not believed.
        return web.Response(status=404) if body is None else web.Response(body=body, content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    async with TestServer(app) as server:
        far.url = lambda path: str(server.make_url(path))
        yield far


@pytest.fixture
def office(services: Services, tmp_path: Path) -> Services:
    services.files_dir = tmp_path / "files"
    return services


def fetcher(services: Services, *, channels: tuple[str, ...] = ("zalo-oa",)) -> MediaFetcher:
    return MediaFetcher(services, partial(Downloader, AddressRules(HOSTS)), channels=channels)


def arrive(
    services: Services,
    url: str | None,
    *,
    channel: str = "zalo-oa",
    kind: str = "photo",
    opinion: Opinion | None = None,
    days_ago: float = 0,
    **more: object,
) -> int:
    """A handled message that brought a file."""
    with services.writing() as work:
        at = work.now - dt.timedelta(days=days_ago)
        entry = work.add(
            InboxEntry(
                channel=channel,
                account="1",
                external_id=str(more.pop("external_id", f"{url}:{channel}:{kind}:{days_ago}")),
                conversation_key="k",
                raw="{}",
                status=InboxStatus.HANDLED,
                received_at=at,
            )
        )
        row = work.add(
            Attachment(
                inbox_entry_id=entry.id or 0,
                opinion_id=opinion.id if opinion else None,
                kind=kind,
                file_ref=url,
                **more,
            )
        )
        work.commit()
        return row.id or 0


def row_of(services: Services, key: int) -> Attachment:
    with services.reading() as work:
        return work.session.get_one(Attachment, key)


async def once(services: Services, one: MediaFetcher | None = None) -> None:
    """Look once and fetch what is due."""
    media = one or fetcher(services)
    media.notify()
    async with Downloader(AddressRules(HOSTS)) as downloader:
        if await media.look():
            await media.fetch_due(downloader)


# --------------------------------------------------------------------------- fetched


async def test_a_photo_is_kept_without_what_the_camera_wrote_beside_it(office, platform) -> None:
    key = arrive(office, platform.url("/anh.jpg"), mime="text/html")
    await once(office)
    row = row_of(office, key)
    assert row.sha256 is not None
    kept = FileStore(office.files_dir).open(row.sha256)
    assert b"MayAnhCuaToi" not in kept
    assert (row.mime, row.size, row.stored_at, row.fetch_problem) == (
        "image/jpeg",
        len(kept),
        office.clock.now(),
        None,
    )


async def test_only_channels_whose_addresses_expire_are_fetched_and_only_what_is_evidence(office, platform) -> None:
    url = platform.url("/anh.jpg")
    arrive(office, url, channel="telegram")
    arrive(office, url, kind="sticker")
    arrive(office, url, kind="location")
    arrive(office, "AgADBQAD", external_id="id")
    arrive(office, None, external_id="none")
    arrive(office, url, too_large=True, external_id="large")
    arrive(office, url, days_ago=7.01)
    wanted = [arrive(office, url, channel=channel, external_id=channel) for channel in ("zalo-oa", "zalo-bot")]
    wanted.append(arrive(office, url, days_ago=6.9, external_id="old"))
    assert [one.attachment_id for one in to_fetch(office)] == wanted
    await once(office)
    assert to_fetch(office) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<!doctype html>", FetchProblem.UNKNOWN_KIND),
        (b"\xff\xd8\xff\xe0 hong", FetchProblem.UNREADABLE_IMAGE),
        (None, FetchProblem.GONE),
    ],
)
async def test_why_there_is_no_copy_is_written_down_and_it_is_not_tried_again(office, platform, body, problem) -> None:
    if body is not None:
        platform.files["/x"] = body
    key = arrive(office, platform.url("/x"))
    await once(office)
    assert (row_of(office, key).fetch_problem, row_of(office, key).sha256) == (problem, None)
    await once(office)
    assert platform.asked == ["/x"]
    assert copies.PROBLEM_WORDS[problem]


async def test_another_host_is_not_even_asked(office) -> None:
    key = arrive(office, "https://evil.example/a.jpg")
    await once(office)
    assert row_of(office, key).fetch_problem == FetchProblem.HOST_NOT_ALLOWED


async def test_the_name_of_a_host_that_is_not_allowed_is_logged_and_nothing_else_of_its_address(office) -> None:
    arrive(office, "https://photo.zalo-moi.example/x/bi-mat.jpg?khoa=1")
    with capture_logs() as logs:
        await once(office)
    (entry,) = [entry for entry in logs if entry["event"] == "media_host_not_allowed"]
    assert entry["host"] == "photo.zalo-moi.example"
    assert "bi-mat" not in str(logs)
    assert "khoa" not in str(logs)


async def test_once_its_host_is_allowed_a_file_is_fetched_at_the_next_start_while_its_address_may_live(
    office, platform
) -> None:
    before = MediaFetcher(office, partial(Downloader, AddressRules(())), channels=("zalo-oa",))
    late, lost = arrive(office, platform.url("/anh.jpg")), arrive(office, platform.url("/anh.jpg"), days_ago=6.9)
    gone = arrive(office, "https://evil.example/a.jpg", days_ago=7.1)
    with office.writing() as work:
        for key in (late, lost, gone):
            work.session.get_one(Attachment, key).fetch_problem = FetchProblem.HOST_NOT_ALLOWED
        work.commit()
    before._begun = True
    await once(office, before)
    assert platform.asked == [], "only a start brings other settings"
    await once(office)
    assert [row_of(office, key).sha256 is not None for key in (late, lost, gone)] == [True, True, False]


async def test_passing_faults_are_tried_again_after_longer_and_longer_waits(office, platform, clock) -> None:
    platform.faults = 2
    key = arrive(office, platform.url("/anh.jpg"))
    media = fetcher(office)
    await once(office, media)
    await once(office, media)
    assert len(platform.asked) == 1
    clock.advance(WAITS[0].total_seconds())
    await once(office, media)
    assert len(platform.asked) == 2
    clock.advance(WAITS[1].total_seconds() - 1)
    await once(office, media)
    assert len(platform.asked) == 2
    clock.advance(1)
    await once(office, media)
    assert row_of(office, key).sha256 is not None


async def test_after_the_last_try_the_file_counts_as_unreachable(office, platform, clock) -> None:
    platform.faults = 100
    key = arrive(office, platform.url("/anh.jpg"))
    media = fetcher(office)
    for wait in (*WAITS, dt.timedelta(days=1)):
        assert row_of(office, key).fetch_problem is None
        await once(office, media)
        clock.advance(wait.total_seconds())
    assert row_of(office, key).fetch_problem == FetchProblem.UNREACHABLE
    assert len(platform.asked) == len(WAITS) + 1


async def test_a_fault_nobody_thought_of_is_tried_with_the_same_waits_and_harms_no_other_file(
    office, platform, clock
) -> None:
    class Odd(Downloader):
        asked = 0

        async def fetch(self, address: str) -> bytes:
            if "la" in address:
                self.asked += 1
                raise RuntimeError("nobody thought of this")
            return await super().fetch(address)

    odd, good = arrive(office, platform.url("/la")), arrive(office, platform.url("/anh.jpg"))
    media = fetcher(office)
    async with Odd(AddressRules(HOSTS)) as downloader:
        for wait in (*WAITS, dt.timedelta(days=1)):
            assert row_of(office, odd).fetch_problem is None
            media.notify()
            assert await media.look()
            await media.fetch_due(downloader)
            assert not await media.look(), "not again before its wait is over"
            clock.advance(wait.total_seconds())
        assert downloader.asked == len(WAITS) + 1
    assert row_of(office, odd).fetch_problem == FetchProblem.FAULT
    assert row_of(office, good).sha256 is not None


async def test_after_a_restart_what_was_left_is_fetched(office, platform) -> None:
    platform.faults = 1
    key = arrive(office, platform.url("/anh.jpg"))
    await once(office)
    assert row_of(office, key).sha256 is None
    await once(office, fetcher(office))
    assert row_of(office, key).sha256 is not None


async def test_a_full_disk_is_not_held_against_the_file(office, platform, clock, tmp_path) -> None:
    key = arrive(office, platform.url("/anh.jpg"))
    office.files_dir = tmp_path / "hong"
    office.files_dir.write_text("no folder")
    media = fetcher(office)
    await once(office, media)
    assert row_of(office, key).fetch_problem is None
    office.files_dir.unlink()
    await once(office, media)
    assert len(platform.asked) == 1
    clock.advance(OUR_FAULT.total_seconds())
    await once(office, media)
    assert row_of(office, key).sha256 is not None


async def test_a_row_that_became_visible_late_is_found_too(office, platform, clock) -> None:
    first = arrive(office, platform.url("/anh.jpg"))
    late = arrive(office, platform.url("/anh.jpg"), external_id="late")
    with office.writing() as work:
        row = work.session.get_one(Attachment, first)
        row.file_ref = None
        work.session.add(row)
        work.commit()
    media = fetcher(office)
    await once(office, media)
    assert row_of(office, late).sha256 is not None
    with office.writing() as work:
        row = work.session.get_one(Attachment, first)
        row.file_ref = platform.url("/anh.jpg")
        work.session.add(row)
        work.commit()
    await once(office, media)
    assert row_of(office, first).sha256 is None
    clock.advance(600)
    await once(office, media)
    assert row_of(office, first).sha256 is not None


async def test_running_it_fetches_soon_after_it_is_told_and_stops_at_once(office, platform) -> None:
    stop, media = asyncio.Event(), fetcher(office)
    running = asyncio.create_task(media.run(stop))
    await asyncio.sleep(0.1)
    key = arrive(office, platform.url("/anh.jpg"))
    media.notify()
    async with asyncio.timeout(60):
        while row_of(office, key).sha256 is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        stop.set()
        await running


async def test_without_such_a_channel_it_rests(office, platform) -> None:
    key = arrive(office, platform.url("/anh.jpg"))
    stop, media = asyncio.Event(), fetcher(office, channels=("telegram", "terminal"))
    running = asyncio.create_task(media.run(stop))
    media.notify()
    await asyncio.sleep(0.2)
    stop.set()
    await running
    assert row_of(office, key).sha256 is None


async def test_no_address_and_no_name_reaches_the_log(office, platform, clock) -> None:
    platform.faults = 1
    arrive(office, platform.url("/anh.jpg?token=bi-mat"), file_name="Bùi Thị Lựu.jpg")
    arrive(office, "https://evil.example/bi-mat")
    media = fetcher(office)
    with capture_logs() as events:
        await once(office, media)
        clock.advance(10)
        await once(office, media)
    assert {event["event"] for event in events} == {"media_later", "media_not_kept", "media_host_not_allowed"}
    for secret in ("bi-mat", "https:", "127.0.0.1", "Lựu"):
        assert secret not in str(events)


# --------------------------------------------------------------------------- erased


async def test_what_a_sender_erased_is_removed_from_the_disk_and_not_fetched_again(office, platform) -> None:
    key = arrive(office, platform.url("/anh.jpg"))
    twin = arrive(office, platform.url("/anh.jpg"), external_id="twin")
    await once(office)
    sha256 = row_of(office, key).sha256 or ""
    store = FileStore(office.files_dir)

    def erase(attachment_id: int) -> None:
        with office.writing() as work:
            entry = work.session.get_one(InboxEntry, row_of(office, attachment_id).inbox_entry_id)
            entry.reason = ERASED
            work.session.add(entry)
            work.commit()

    erase(key)
    assert forget_erased(office) == 1
    assert (row_of(office, key).sha256, row_of(office, key).file_ref) == (None, None)
    assert store.path(sha256) is not None, "the same photo belongs to somebody else too"
    erase(twin)
    assert forget_erased(office) == 1
    assert store.path(sha256) is None
    assert forget_erased(office) == 0
    assert to_fetch(office) == []


async def test_who_erases_while_the_file_is_on_its_way_leaves_no_copy(office, platform) -> None:
    key = arrive(office, platform.url("/anh.jpg"))
    media = fetcher(office)
    media.notify()
    assert await media.look()
    with office.writing() as work:
        entry = work.session.get_one(InboxEntry, row_of(office, key).inbox_entry_id)
        entry.reason = ERASED
        work.session.add(entry)
        work.commit()
    async with Downloader(AddressRules(HOSTS)) as downloader:
        await media.fetch_due(downloader)
    assert row_of(office, key).sha256 is None
    assert [path for path in office.files_dir.rglob("*") if path.is_file()] == []


async def test_files_of_a_person_who_was_erased_go_too(office, platform) -> None:
    person = make_citizen(office)
    key = arrive(office, platform.url("/anh.jpg"), opinion=make_opinion(office, citizen=person), latitude=20.0)
    await once(office)
    with office.writing() as work:
        citizen = work.session.get_one(Citizen, person)
        citizen.erased_at = work.now
        work.session.add(citizen)
        work.commit()
    assert forget_erased(office) == 1
    assert (row_of(office, key).sha256, row_of(office, key).latitude) == (None, None)


async def test_files_that_nothing_names_are_swept_after_a_day_and_no_others(office, platform) -> None:
    key = arrive(office, platform.url("/anh.jpg"))
    await once(office)
    store = FileStore(office.files_dir)
    old, again, young = (store.keep(data) for data in (b"of nobody", b"kept again", b"just come"))
    yesterday = (office.clock.now() - dt.timedelta(hours=25)).timestamp()
    today = office.clock.now().timestamp()
    for path in office.files_dir.glob("??/*"):
        os.utime(path, (yesterday, yesterday))
    for name in (again, young):
        os.utime(store.path(name) or "", (today, today))
    assert sweep_unnamed(office) == 1
    assert store.path(old) is None
    for name in (row_of(office, key).sha256 or "", again, young):
        assert store.path(name) is not None


def test_what_is_kept_again_is_as_new(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    name = store.keep(b"again")
    os.utime(store.path(name) or "", (0, 0))
    store.keep(b"again")
    before = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    assert list(store.untouched(before=before)) == []
    assert not store.remove_untouched(name, before=before)
    assert store.open(name) == b"again"


# --------------------------------------------------------------------------- read by staff


async def test_staff_read_the_files_of_an_opinion_they_may_read_and_it_is_recorded(office, platform) -> None:
    staff = make_staff(office, Role.MODERATOR)
    opinion = make_opinion(office, citizen=make_citizen(office))
    arrive(office, platform.url("/anh.jpg"), opinion=opinion, file_name="../../Nhà tôi.exe")
    arrive(office, platform.url("/mat"), opinion=opinion, kind="document", file_name="don.pdf")
    arrive(office, "AgADBQAD", channel="telegram", opinion=opinion, kind="voice")
    await once(office)
    listed = files_of_opinion(office, staff, opinion.code or "")
    assert [(file.number, file.kind, file.name, file.data) for file in listed] == [
        (1, "photo", "Nhà tôi.jpg", None),
        (2, "document", "don.pdf", None),
        (3, "voice", "voice-3", None),
    ]
    assert [file.problem for file in listed] == [
        None,
        "nền tảng đã xóa tệp",
        "chưa có bản sao, mở trong ứng dụng chat",
    ]
    read = files_of_opinion(office, staff, opinion.code or "", with_data=True)
    assert [file.data is not None for file in read] == [True, False, False]
    with office.reading() as work:
        acts = work.session.exec(select(Act).where(Act.verb == "files_read")).all()
    assert [(act.subject, act.subject_id, act.actor_id) for act in acts] == [("opinion", opinion.id, staff)]
    assert "Nhà" not in str(acts[0].details)


async def test_files_of_a_sealed_opinion_look_as_if_there_were_none_to_whom_it_is_closed(office, platform) -> None:
    sealed = make_opinion(office, citizen=make_citizen(office), sealed=True)
    arrive(office, platform.url("/anh.jpg"), opinion=sealed)
    await once(office)
    with pytest.raises(NotFound):
        files_of_opinion(office, make_staff(office, Role.MODERATOR, Role.APPROVER), f"#{sealed.id}")
    keeper = make_staff(office, Role.CONFIDENTIAL)
    assert files_of_opinion(office, keeper, f"#{sealed.id}", with_data=True)[0].data is not None


def test_an_officer_of_another_village_does_not_see_them(office) -> None:
    opinion = make_opinion(office, citizen=make_citizen(office), village="t4")
    with pytest.raises(Forbidden):
        files_of_opinion(office, make_staff(office, Role.VILLAGE_OFFICER, village="t5"), opinion.code or "")
