"""Zalo's template messages to phone numbers (ZBS, once ZNS) on loopback, beside a stand-in of the official account.

    async with ZaloOaStandin(clock=clock) as oa, ZaloZbsStandin(oa) as zbs:
        zbs.templates["301"] = Template(template_id="301", text="Kiến nghị <ma> đã có kết quả", params={"ma": 30})
        zbs.numbers_refused["84950000002"] = -118
        print(zbs.texts_to("84950000001"))

Tokens, clock, webhook, templates and the paying account are the official account's. Methods, for faults and `calls_of`:
template, hashphone, status, quota, all, info.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass

from aiohttp import web

from bot.standins.loopback import Call, Json, Loopback
from bot.standins.zalo_faults import Refusal
from bot.standins.zalo_oa import ZaloOaStandin
from casework.clock import VIETNAM, local_date

LONGEST_TRACKING_ID = 48
_PHONE = re.compile(r"\+?84\d{9}")


@dataclass(kw_only=True)
class Delivered:
    """One template message on a phone."""

    message_id: str
    tracking_id: str
    template_id: str
    text: str
    at: dt.datetime


class ZaloZbsStandin(Loopback):
    """The account's template service. Every well-formed number has Zalo unless `numbers_refused` says otherwise."""

    def __init__(self, oa: ZaloOaStandin, *, latency: float = 0.0) -> None:
        super().__init__(clock=oa.clock, latency=latency)
        self.oa = oa
        #: shared with the route by user id
        self.templates = oa.templates
        #: phone number -> the number every send to it is refused with (-114, -118, -119, -139, -140, -141, ...)
        self.numbers_refused: dict[str, int] = {}
        self.delivered: dict[str, list[Delivered]] = defaultdict(list)
        #: messages a day
        self.daily_quota = 20_000
        #: development mode only: the administrators' numbers
        self.administrators: set[str] = set()
        self._used: dict[dt.date, int] = defaultdict(int)

    def _register(self, app: web.Application) -> None:
        app.router.add_post("/message/template", self._serve("template", self._send))
        app.router.add_post("/message/template/hashphone", self._serve("hashphone", self._send_hashed))
        app.router.add_get("/message/status", self._serve("status", self._status))
        app.router.add_get("/message/quota", self._serve("quota", self._quota))
        app.router.add_get("/template/all", self._serve("all", self._all))
        app.router.add_get("/template/info/v2", self._serve("info", self._info))

    def texts_to(self, phone: str) -> list[str]:
        """What has been delivered to a number, in order."""
        return [message.text for message in self.delivered[phone]]

    def knows(self, phone: str) -> None:
        """The platform has this number, so that its hash can be sent to."""
        self.delivered[phone]

    async def receives(self, phone: str) -> int:
        """The phone was on: tell the webhook of everything delivered to it. Returns how many events that were."""
        for message in self.delivered[phone]:
            stamp = str(int(self.clock.now().timestamp() * 1000))
            await self.oa.caller.emit(
                {
                    "app_id": self.oa.APP_ID,
                    "event_name": "user_received_message",
                    "timestamp": stamp,
                    "sender": {"id": self.oa.OA_ID},
                    "recipient": {"id": phone},
                    "message": {
                        "delivery_time": stamp,
                        "msg_id": message.message_id,
                        "tracking_id": message.tracking_id,
                    },
                }
            )
        return len(self.delivered[phone])

    # ------------------------------------------------------------------ answering

    def _admit(self, call: Call) -> None:
        self.oa.check_token(call, none=-124, proof=-1241)

    def _refused(self, refusal: Refusal) -> web.Response:
        return web.json_response({"error": refusal.error, "message": refusal.message}, status=refusal.status)

    async def _send(self, call: Call) -> Json:
        phone = str(call.params.get("phone", ""))
        if not _PHONE.fullmatch(phone):
            raise Refusal(-108, "Phone number is invalid")
        return self._deliver(call, phone.removeprefix("+"))

    async def _send_hashed(self, call: Call) -> Json:
        wanted = call.params.get("hash_phone")
        phone = next((one for one in self.delivered if hashlib.sha256(one.encode()).hexdigest() == wanted), None)
        if phone is None:
            raise Refusal(-108, "Phone number is invalid")
        return self._deliver(call, phone)

    def _deliver(self, call: Call, phone: str) -> Json:
        tracking_id = call.params.get("tracking_id")
        if not isinstance(tracking_id, str) or not 1 <= len(tracking_id) <= LONGEST_TRACKING_ID:
            raise Refusal(-121, "tracking_id is invalid")
        if call.params.get("sending_mode", "1") not in ("1", "3"):
            raise Refusal(-161, "sending_mode is invalid")
        template = self.templates.get(str(call.params.get("template_id", "")))
        if template is None:
            raise Refusal(-109, "Template does not exist")
        if template.status != "ENABLE":
            raise Refusal(-146 if template.status == "DISABLE" else -131, "Template cannot be used")
        text = template.filled(call.params.get("template_data"))
        development = call.params.get("mode") == "development"
        if development and phone not in self.administrators:
            raise Refusal(-126, "Development mode: recipient is no administrator")
        local = self.clock.now().astimezone(VIETNAM)
        if template.by_day_only and not 6 <= local.hour < 22:
            raise Refusal(-133, "This template may not be sent at night")
        if phone in self.numbers_refused:
            raise Refusal(self.numbers_refused[phone], "Recipient cannot be reached")
        if self._used[local.date()] >= self.daily_quota:
            raise Refusal(-144, "Daily quota is used up")
        self._bill(template.price_phone)
        self._used[local.date()] += 1
        message = Delivered(
            message_id=self.oa.numbers.next(),
            tracking_id=tracking_id,
            template_id=template.template_id,
            text=text,
            at=self.clock.now(),
        )
        self.delivered[phone].append(message)
        data = {
            "msg_id": message.message_id,
            "sent_time": str(int(message.at.timestamp() * 1000)),
            "sending_mode": "1",
            "quota": self._quota_left(),
        }
        return {"error": 0, "message": "Success", "data": data}

    def _bill(self, price_vnd: int) -> None:
        try:
            self.oa.bill(price_vnd)
        except Refusal as refusal:
            # This platform has numbers of its own for the paying account.
            raise Refusal({-320: -136, -321: -115}[refusal.error], refusal.message) from None

    def _quota_left(self) -> Json:
        left = self.daily_quota - self._used[local_date(self.clock.now())]
        return {"dailyQuota": str(self.daily_quota), "remainingQuota": str(left)}

    async def _quota(self, call: Call) -> Json:
        return {"error": 0, "message": "Success", "data": self._quota_left()}

    async def _status(self, call: Call) -> Json:
        wanted = call.params.get("message_id")
        found = any(one.message_id == wanted for sent in self.delivered.values() for one in sent)
        status = {"status": 1, "message": "Delivered"} if found else {"status": -1, "message": "Not found"}
        return {"error": 0, "message": "Success", "data": status}

    async def _all(self, call: Call) -> Json:
        rows = [
            {"templateId": one.template_id, "status": one.status, "templateTag": one.tag}
            for one in self.templates.values()
        ]
        return {"error": 0, "message": "Success", "data": rows, "metadata": {"total": len(rows)}}

    async def _info(self, call: Call) -> Json:
        template = self.templates.get(str(call.params.get("template_id", "")))
        if template is None:
            raise Refusal(-109, "Template does not exist")
        return {"error": 0, "message": "Success", "data": template.info()}
