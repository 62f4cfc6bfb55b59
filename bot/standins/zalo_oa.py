"""A small Zalo Official Account platform on loopback: OAuth, sending with its windows and quotas, webhook calls.

    async with ZaloOaStandin(clock=clock) as oa:
        oa.caller.url = "http://127.0.0.1:8080/webhook/zalo-oa"
        pair = oa.oauth.grant()
        await oa.says("4521893670011223344", "Xin chào")
        oa.inject(Fault.code(-32), method="cs")
        print(oa.texts_to("4521893670011223344"))

Methods, for faults and `calls_of`: token, getoa, cs, v2, template, quota, detail, image, gif, file. Where Zalo's
behaviour is not known, the documented or likelier one is played (developers.zalo.me, docs.zaloplatforms.com).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from typing import Any, ClassVar, Final

from aiohttp import web
from yarl import URL

from bot.standins.loopback import Call, Json
from bot.standins.zalo_faults import Refusal
from bot.standins.zalo_message import INVALID, Shown, read_message
from bot.standins.zalo_oauth import OAuth
from bot.standins.zalo_people import OaPeople, Person
from bot.standins.zalo_templates import Template
from casework.clock import Clock

FREE, PAID = dt.timedelta(hours=48), dt.timedelta(days=7)
ASSET_LIFE = dt.timedelta(days=7)
BUSINESS, STATE_AGENCY = 2, 4
#: accepted by each upload: name endings, largest size in bytes
UPLOADS: Final = {
    "image": (("jpg", "jpeg", "png"), 1024 * 1024),
    "gif": (("gif",), 5 * 1024 * 1024),
    "file": (("pdf", "doc", "docx", "csv"), 5 * 1024 * 1024),
}


class ZaloOaStandin(OaPeople):
    """One official account with one app. Everybody exists who has acted once."""

    APP_SECRET: ClassVar[str] = "bi-mat-ung-dung-thu"  # noqa: S105 - of a stand-in

    def __init__(self, *, clock: Clock | None = None, latency: float = 0.0, oa_type: int = BUSINESS) -> None:
        super().__init__(clock=clock, latency=latency)
        self.oauth = OAuth(clock=self.clock, app_id=self.APP_ID, app_secret=self.APP_SECRET)
        self.oa_type = oa_type
        self.name = "Mặt trận xã Tân Minh"
        self.templates: dict[str, Template] = {}
        #: linked account that pays: funded | empty | none
        self.account = "funded"
        #: paid messages left in the package
        self.package_left = 0
        self.price_vnd = 55
        self.billed_vnd = 0
        #: the app's settings ask for `appsecret_proof`
        self.wants_proof = False
        #: numbers for an access token that is not ours, that has expired, and for a missing grant
        self.token_errors = (-216, -220, -223)
        #: calls a minute
        self.rate_limit = 4000
        self._minute, self._used = -1, 0
        self._assets: dict[str, dt.datetime] = {}

    @property
    def oauth_url(self) -> str:
        """Stands for oauth.zaloapp.com."""
        return self.base_url

    def _register(self, app: web.Application) -> None:
        app.router.add_get("/v4/oa/permission", self._permission)
        app.router.add_post("/v4/oa/access_token", self._serve("token", self._token, admit=False))
        app.router.add_get("/v2.0/oa/getoa", self._serve("getoa", self._getoa))
        app.router.add_post("/v3.0/oa/message/cs", self._serve("cs", self._cs))
        app.router.add_post("/v2.0/oa/message", self._serve("v2", self._v2))
        app.router.add_post("/v3.0/oa/message/template", self._serve("template", self._template))
        app.router.add_post("/v3.0/oa/quota/message", self._serve("quota", self._quota))
        app.router.add_get("/v3.0/oa/user/detail", self._serve("detail", self._detail))
        for kind in UPLOADS:
            app.router.add_post(f"/v2.0/oa/upload/{kind}", self._serve(kind, self._upload))
        app.router.add_get("/media/{name}", self._media)

    # ------------------------------------------------------------------ every call

    def _refused(self, refusal: Refusal) -> web.Response:
        body: Json = {"error": refusal.error, "message": refusal.message}
        if refusal.error <= -14000:
            body |= {"error_name": refusal.message, "error_reason": refusal.message, "error_description": ""}
        return web.json_response(body, status=refusal.status, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"X-RateLimit-Limit": str(self.rate_limit), "X-RateLimit-Remain": str(self.rate_limit - self._used)}

    def _admit(self, call: Call) -> None:
        minute = int(self.clock.now().timestamp() // 60)
        if minute != self._minute:
            self._minute, self._used = minute, 0
        if self._used >= self.rate_limit:
            raise Refusal(-32, "Rate limit exceeded")
        self._used += 1
        self.check_token(call)

    def check_token(self, call: Call, *, none: int | None = None, proof: int = -242) -> None:
        """Raises `Refusal` when the call carries no living access token (or not its proof); `none` replaces all of this
        account's own numbers. The template platform asks here too."""
        token = call.headers.get("access_token", "")
        dead, expired, missing = self.token_errors if none is None else (none, none, none)
        self.oauth.check(token, dead=dead, expired=expired, none=missing)
        if self.wants_proof:
            right = hmac.new(self.APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
            if call.headers.get("appsecret_proof") != right:
                raise Refusal(proof, "appsecret_proof is invalid")

    # ------------------------------------------------------------------ OAuth

    async def _permission(self, request: web.Request) -> web.StreamResponse:
        """The consent page; whoever opens it is an administrator who agrees."""
        query = request.query
        try:
            code = self.oauth.permit(
                app_id=query.get("app_id", ""),
                redirect_uri=query.get("redirect_uri", ""),
                challenge=query.get("code_challenge", ""),
            )
        except Refusal as refusal:
            return web.Response(text=f"{refusal.error} {refusal.message}", status=200)
        back = {"code": code, "oa_id": self.OA_ID} | ({"state": query["state"]} if "state" in query else {})
        raise web.HTTPFound(URL(query["redirect_uri"]).update_query(back))

    async def _token(self, call: Call) -> Json:
        form = {name: str(value) for name, value in call.params.items()}
        return dict(self.oauth.token(call.headers.get("secret_key", ""), form))

    # ------------------------------------------------------------------ the account

    async def _getoa(self, call: Call) -> Json:
        return _success(
            {
                "oa_id": self.OA_ID,
                "oaid": self.OA_ID,
                "name": self.name,
                "is_verified": True,
                "oa_type": self.oa_type,
                "package_name": "Growth",
                "linked_ZCA": self.account != "none",
            }
        )

    async def _detail(self, call: Call) -> Json:
        person = self._reachable(str(call.params.get("user_id", "")))
        last = person.last_interaction
        return _success(
            {
                "user_id": person.user_id,
                "display_name": f"Bà con {person.user_id[-4:]}",
                "user_alias": "",
                "is_sensitive": False,
                "user_is_follower": person.follows,
                "user_last_interaction_date": f"{last:%d/%m/%Y}" if last else "",
            }
        )

    async def _quota(self, call: Call) -> Json:
        person = self.people.get(str(call.params.get("user_id", "")))
        if person is None:
            raise Refusal(INVALID, "user_id is invalid")
        last = person.last_interaction
        return _success(
            {
                "user_id": person.user_id,
                "last_interaction": str(int(last.timestamp() * 1000)) if last else "0",
                "cs_reply": {"remain": 8, "total": 8},
                "promotion": {"remain": 0, "total": 1},
            }
        )

    async def _media(self, request: web.Request) -> web.Response:
        kept = self.media.get(request.match_info["name"])
        if kept is None:
            raise web.HTTPNotFound
        return web.Response(body=kept[1], content_type=kept[0])

    async def _upload(self, call: Call) -> Json:
        endings, largest = UPLOADS[call.method]
        upload = call.upload
        if upload is None or upload.name.rpartition(".")[2].lower() not in endings or len(upload.data) > largest:
            raise Refusal(INVALID, "file is invalid")
        number = self.numbers.next()
        self._assets[number] = self.clock.now()
        return _success({"token" if call.method == "file" else "attachment_id": number})

    # ------------------------------------------------------------------ sending

    async def _cs(self, call: Call) -> Json:
        if self.oa_type == STATE_AGENCY:
            raise Refusal(-235, "API is not supported for this OA type")
        return self._send(call, by="cs")

    async def _v2(self, call: Call) -> Json:
        if self.oa_type != STATE_AGENCY:
            raise Refusal(-240, "This API has been shut down, use v3")
        return self._send(call, by="v2")

    def _send(self, call: Call, *, by: str) -> Json:
        content = read_message(call.params.get("message"), asset=self._asset, known=self._known)
        person = self._reachable(call.recipient)
        quota_type = self._window(person)
        shown = self.put(
            person.user_id,
            text=content.text,
            by=by,
            quota_type=quota_type,
            buttons=content.buttons,
            attachment=content.attachment,
        )
        self.tell_of(person.user_id, shown)
        data = self._sent(person, shown)
        if quota_type:
            left = self.package_left if quota_type == "sub_quota" else 8
            quota: Json = {"quota_type": quota_type, "remain": left, "total": 500, "owner_type": "OA"}
            data["quota"] = quota | {"owner_id": self.OA_ID, "expired_date": ""}
        return _success(data)

    async def _template(self, call: Call) -> Json:
        template = self.templates.get(str(call.params.get("template_id", "")))
        if template is None or template.status != "ENABLE":
            raise Refusal(INVALID, "template_id is invalid")
        if not template.by_uid:
            raise Refusal(-249, "Template cannot be sent by UID")
        try:
            text = template.filled(call.params.get("template_data"))
        except Refusal as refusal:
            # The error table of this host has one number for all of them.
            raise Refusal(INVALID, refusal.message) from None
        person = self._reachable(call.recipient)
        self.bill(template.price_uid)
        shown = self.put(
            person.user_id,
            text=text,
            by="template",
            template_id=template.template_id,
            data=dict(call.params["template_data"]),
        )
        self.tell_of(person.user_id, shown)
        sent = self._sent(person, shown)
        return _success(sent) | {"sent_time": sent["sent_time"]}

    def _sent(self, person: Person, shown: Shown) -> Json:
        stamp = str(int(shown.at.timestamp() * 1000))
        return {"message_id": shown.message_id, "user_id": person.user_id, "sent_time": stamp}

    def _reachable(self, user_id: str) -> Person:
        person = self.people.get(user_id)
        if person is None:
            raise Refusal(-213, "User has not followed OA")
        if person.refuses is not None:
            raise Refusal(person.refuses, "User cannot be reached")
        return person

    def _window(self, person: Person) -> str:
        """The quota a message to them is taken from; empty: billed to the account. Raises `Refusal`."""
        last = person.last_interaction
        if last is None:
            raise Refusal(-232, "User has not interacted with the OA, or the interaction has expired")
        silent = self.clock.now() - last
        if silent <= FREE:
            return "reply" if person.has_written else "welcome_msg"
        if silent > PAID:
            raise Refusal(-230, "User has not interacted with the OA in the past 7 days")
        if self.package_left > 0:
            self.package_left -= 1
            return "sub_quota"
        self.bill(self.price_vnd)
        return ""

    def bill(self, price_vnd: int) -> None:
        """Take it from the linked account. Raises `Refusal`."""
        if self.account == "none":
            raise Refusal(-320, "Your OA needs to be linked with a ZBS account")
        if self.account == "empty":
            raise Refusal(-321, "The ZBS account has run out of money")
        self.billed_vnd += price_vnd

    def _asset(self, key: str) -> None:
        kept = self._assets.get(key)
        if kept is None or self.clock.now() - kept > ASSET_LIFE:
            raise Refusal(-100, "Attachment is invalid or has expired")

    def _known(self, message_id: str) -> bool:
        return any(shown.message_id == message_id for person in self.people.values() for shown in person.screen)


def _success(data: Any) -> Json:
    return {"error": 0, "message": "Success", "data": data}
