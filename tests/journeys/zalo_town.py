"""An office on Zalo for the journeys: the program as `bot.wiring` builds it, the platforms' stand-ins, one clock.

Nothing of ours is faked: events come in signed over HTTP, answers go out over HTTP, everything lies in a real database.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlmodel import col, select

from bot.outbox import Outbox, no_waiting
from bot.settings import Settings
from bot.standins.telegram import TelegramStandin
from bot.standins.zalo_bot import ZaloBotStandin
from bot.standins.zalo_oa import BUSINESS, ZaloOaStandin
from bot.standins.zalo_templates import Template
from bot.standins.zalo_zbs import ZaloZbsStandin
from bot.wiring import Program, build
from casework.clock import ManualClock
from casework.usecases.answers import answering
from casework.usecases.citizens import intake
from casework.usecases.conference import agendas, conclusions, conference_day, conferences
from casework.usecases.moderation import triage
from casework.usecases.office import enrolment, zalo_grant
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Consent, Delivery, Opinion, Role

BA_TU, ONG_BAY = "4521893670011223344", "4521893670011223399"
LAMPS = "Đèn đường trục thôn 4 tắt từ hôm bão về, tối om. Đề nghị xã sửa."
ANSWER = "Xã đã thay 5 bóng đèn và tủ điều khiển, đèn sáng lại từ tối 25/11/2026."
BOT_SECRET = "mat-khau-webhook-2026"
FORM_ID = "302259"
#: what the office keeps in its file of approved templates
FORMS = f"""
[[forms]]
purposes = ["*"]
route = "uid"
template_id = "{FORM_ID}"
price_vnd = 210
[forms.parameters.ma]
field = "code"
limit = 30
[forms.parameters.loai_tin]
field = "status"
limit = 30
"""
#: the same form on the route by phone number
PHONE_FORMS = FORMS.replace('route = "uid"', 'route = "phone"').replace("price_vnd = 210", "price_vnd = 300")
#: the same template as the platform knows it
TEMPLATE = Template(
    template_id=FORM_ID,
    text="Kiến nghị mã <ma> của ông/bà: <loai_tin>. Ông/bà nhắn mã này cho OA để xem.",
    params={"ma": 30, "loai_tin": 30},
)


@dataclass(kw_only=True)
class ZaloTown:
    """One office on Zalo. Phones are user ids."""

    clock: ManualClock
    program: Program
    outbox: Outbox
    oa: ZaloOaStandin
    zbs: ZaloZbsStandin
    bot: ZaloBotStandin
    telegram: TelegramStandin | None
    boss: int
    url: str

    @property
    def services(self) -> Services:
        return self.program.services

    # ------------------------------------------------------------------ time

    async def settle(self) -> None:
        """Everything happens that is due now, including what the platform tells us of our own messages."""
        for _ in range(10):
            await asyncio.to_thread(self.program.schedule.run_due)
            self.program.worker.drain()
            await self.outbox.flush()
            if not await self.oa.deliver():
                return
        raise AssertionError("the program and the platform never come to rest")

    async def wait(self, **time: float) -> None:
        """Let time pass: every talk that wants to be woken on the way is woken at its time."""
        until = self.clock.now() + dt.timedelta(**time)
        while (due := intake.next_wake(self.services)) is not None and due <= until:
            self.clock.move_to(due)
            await self.settle()
        self.clock.move_to(until)
        await self.settle()

    async def days(self, number: int) -> None:
        """So many days pass, one by one."""
        for _ in range(number):
            await self.wait(days=1)

    # ------------------------------------------------------------------ people

    async def says(self, person: str, text: str) -> None:
        await self.oa.says(person, text)
        await self.settle()

    async def taps(self, person: str, label: str) -> None:
        await self.oa.taps(person, label)
        await self.settle()

    async def submits(self, person: str, text: str = LAMPS) -> str:
        """They ask, confirm and agree to everything; returns the receipt code."""
        await self.says(person, text)
        await self.wait(seconds=10)
        await self.taps(person, "Đúng, gửi đi")
        for _ in range(8):
            newest = self.oa.messages_of(person)[-1]
            if not any("Đồng ý" in button["title"] for button in newest.buttons):
                break
            await self.taps(person, "Đồng ý")
        with self.services.reading() as work:
            code = work.session.exec(select(Opinion.code).order_by(col(Opinion.id).desc())).first()
        if code is None:
            raise AssertionError(f"nothing was submitted: {self.oa.texts_to(person)}")
        return code

    def read(self, person: str, needle: str) -> int:
        """How many messages on a phone hold these words."""
        return sum(needle in text for text in self.oa.texts_to(person))

    # ------------------------------------------------------------------ staff

    async def put_on_the_agenda(self, *codes: str) -> int:
        """Approve, hold the conference, defer to a written answer, conclude; returns the conference."""
        services, boss = self.services, self.boss
        for code in codes:
            triage.approve(services, boss, code)
        await self.wait(minutes=10)
        held_on = dt.date(2026, 11, 28)
        conference = conferences.plan(
            services,
            boss,
            title="Hội nghị đối thoại năm 2026",
            held_on=held_on,
            place="hội trường xã",
            chair="Bí thư Đảng ủy xã",
        )
        agendas.build_agenda(services, boss, conference)
        await self.wait(minutes=10)
        today = dt.date(2026, 11, 2)
        conference_day.hold(services, boss, conference, attendance=90, held_on=today)
        for number in range(1, len(codes) + 1):
            conference_day.record_outcome(services, boss, conference, number, "deferred", by="Phòng Kinh tế xã")
            answering.assign(services, boss, f"{conference}/{number}", agency="Phòng Kinh tế xã", assigned_on=today)
        conclusions.conclude(services, boss, conference, number="05/TB-UBND", date=today)
        await self.wait(minutes=10)
        return conference

    async def answer(self, ref: str, text: str = ANSWER) -> None:
        """The agency's written answer is approved and published, and whatever can go out goes out."""
        await self.publish(ref, text)
        await self.wait(minutes=10)

    async def approve(self, code: str) -> None:
        triage.approve(self.services, self.boss, code)

    async def publish(self, ref: str, text: str = ANSWER) -> None:
        """As `answer`; nothing has gone out yet."""
        services, boss = self.services, self.boss
        answer = answering.write_answer(
            services,
            boss,
            ref,
            text=text,
            agency="Phòng Kinh tế xã",
            document_number="112/UBND-KT",
            document_date=dt.date(2026, 11, 2),
        )
        answering.approve_answer(services, boss, answer)
        answering.publish_answer(services, boss, answer)

    def connect(self) -> None:
        """An administrator of the account gives the permission (again)."""
        connect(self.services, self.oa)

    def notices(self, purpose: str) -> list[Delivery]:
        """Notices of one purpose as they stand, oldest first."""
        with self.services.reading() as work:
            return list(
                work.session.exec(select(Delivery).where(Delivery.purpose == purpose).order_by(col(Delivery.id)))
            )

    def identity(self, person: str) -> ChannelIdentity:
        with self.services.reading() as work:
            statement = select(ChannelIdentity).where(ChannelIdentity.external_id == person)
            return work.session.exec(statement).one()

    def link(self, person: str, *, channel: str, account: str, external_id: str, purposes: tuple[str, ...]) -> None:
        """Another account of theirs, and what they agreed to for it, as the talk about linking leaves them behind."""
        own = self.identity(person)
        with self.services.writing() as work:
            other = work.add(
                ChannelIdentity(
                    channel=channel,
                    account=account,
                    external_id=external_id,
                    citizen_id=own.citizen_id,
                    last_inbound_at=work.now,
                )
            )
            for purpose in purposes:
                work.add(
                    Consent(
                        citizen_id=own.citizen_id or 0,
                        purpose=purpose,
                        granted=True,
                        wording_version="test",
                        wording_hash="test",
                        channel_identity_id=other.id,
                        at=work.now,
                    )
                )
            work.commit()


@asynccontextmanager
async def zalo_town(
    services: Services,
    clock: ManualClock,
    folder: Path,
    *,
    oa_type: int = BUSINESS,
    forms: str = "",
    with_bot: bool = False,
    with_telegram: bool = False,
    **settings: Any,
) -> AsyncIterator[ZaloTown]:
    """The office of `services`, connected to a Zalo account. `forms`: its file of approved templates; `settings` are
    further settings of the program."""
    boss = enrolment.add_staff(services, None, name="Lan", roles=list(Role), first=True).staff_id
    async with AsyncExitStack() as stack:
        oa = await stack.enter_async_context(ZaloOaStandin(clock=clock, oa_type=oa_type))
        zbs = await stack.enter_async_context(ZaloZbsStandin(oa))
        bot = await stack.enter_async_context(ZaloBotStandin(clock=clock))
        telegram = await stack.enter_async_context(TelegramStandin()) if with_telegram else None
        if with_bot:
            settings |= {
                "zalo_bot_token": bot.token,
                "zalo_bot_base_url": bot.base_url,
                "zalo_bot_webhook_secret": BOT_SECRET,
                "public_url": "https://doithoai.example.vn",
            }
        if forms:
            (folder / "forms.toml").write_text(forms, encoding="utf-8")
            settings["zalo_zbs_templates"] = folder / "forms.toml"
            oa.templates[FORM_ID] = TEMPLATE
        if telegram is not None:
            settings |= {"telegram_token": telegram.token, "telegram_base_url": telegram.base_url}
        program = build(
            Settings(
                database_url=services.database.url,
                files_dir=folder / "files",
                zalo_oa_app_id=oa.APP_ID,
                zalo_oa_app_secret=oa.APP_SECRET,
                zalo_oa_secret_key=oa.SECRET_KEY,
                zalo_oa_id=oa.OA_ID,
                zalo_oa_base_url=oa.base_url,
                zalo_oa_oauth_url=oa.oauth_url,
                zalo_zbs_base_url=zbs.base_url,
                zalo_media_hosts=("127.0.0.1",),
                **settings,
            ),
            clock=clock,
        )
        stack.callback(program.services.database.close)
        connect(program.services, oa)
        for channel in program.channels.values():
            await channel.open()
            stack.push_async_callback(channel.close)
        runner = web.AppRunner(program.web.app, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        oa.caller.url = f"{url}/webhook/zalo-oa"
        if with_bot:
            bot.webhook = {"url": f"{url}/webhook/zalo-bot", "secret_token": BOT_SECRET}
        yield ZaloTown(
            clock=clock,
            program=program,
            outbox=Outbox(program.services, program.channels, pace=no_waiting, send_timeout=60),
            oa=oa,
            zbs=zbs,
            bot=bot,
            telegram=telegram,
            boss=boss,
            url=url,
        )


def connect(services: Services, oa: ZaloOaStandin) -> None:
    """The console gave out a first pair of tokens, and the account has been asked who it is."""
    pair = oa.oauth.grant()
    life = dt.timedelta(hours=25)
    kept = zalo_grant.Pair(access_token=pair.access_token, refresh_token=pair.refresh_token, life=life)
    zalo_grant.keep_consented(services, oa.APP_ID, kept)
    account = zalo_grant.Account(oa_id=oa.OA_ID, name=oa.name, oa_type=oa.oa_type, package="Growth")
    zalo_grant.keep_account(services, oa.APP_ID, account)
