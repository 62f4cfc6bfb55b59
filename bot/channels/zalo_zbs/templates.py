"""What the platform says of a template, compared with what the office's file says of it ("template info v2")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.channels.posting import CallFailed
from bot.channels.zalo_oa.client import Client
from bot.channels.zalo_oa.tokens import NotConnected
from bot.channels.zalo_zbs.outcomes import table
from casework.ladder.values import TemplateForm

INFO: Final = "/template/info/v2"
#: the only status in which a template can be sent
ENABLED: Final = "ENABLE"
_STATUS_NAMES: Final = {
    "PENDING_REVIEW": "đang chờ duyệt",
    "REJECT": "không được duyệt",
    "DISABLE": "đã bị tắt",
    "DELETE": "đã xóa",
}
#: which price of the answer belongs to which way
_PRICES: Final = {"uid": "price_uid", "phone": "price_sdt"}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter as the platform has it."""

    name: str
    required: bool
    #: characters; None when the platform does not say
    longest: int | None


@dataclass(frozen=True, kw_only=True)
class TemplateInfo:
    """A template as the platform has it. Prices in dong before tax; None when the platform does not say."""

    template_id: str
    status: str
    parameters: Sequence[Parameter]
    price_uid: int | None
    price_phone: int | None

    def price(self, route: str) -> int | None:
        """What one message costs by user id ("uid") or by phone number ("phone")."""
        return self.price_uid if route == "uid" else self.price_phone


class NoInfo(Exception):
    """The platform did not tell; the text says why, for people."""


async def info_of(client: Client, template_id: str) -> TemplateInfo:
    """Ask the platform. Raises `NoInfo`."""
    try:
        answer = await client.call(INFO, query={"template_id": template_id})
    except NotConnected as error:
        raise NoInfo(error.detail) from None
    except CallFailed as error:
        raise NoInfo(f"Không hỏi được Zalo ({error}).") from None
    if answer.error != 0:
        row = table().get(answer.error)
        raise NoInfo(row.means if row is not None else f"Zalo từ chối với mã lỗi {answer.error}.")
    return read_info(template_id, answer.data)


def read_info(template_id: str, data: Mapping[str, Any]) -> TemplateInfo:
    """The answer's data; what is missing or odd in it is left out."""
    given = data.get("listParams")
    rows = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
    return TemplateInfo(
        template_id=template_id,
        status=str(data.get("status") or "?"),
        parameters=[
            Parameter(
                name=one["name"],
                required=one.get("require") is not False,
                longest=_number(one.get("maxLength")) or None,
            )
            for one in rows
            if isinstance(one.get("name"), str)
        ],
        price_uid=_number(data.get(_PRICES["uid"])),
        price_phone=_number(data.get(_PRICES["phone"])),
    )


def compare(route: str, form: TemplateForm, info: TemplateInfo) -> list[str]:
    """What of the file does not agree with the platform, each in a sentence; empty when all does."""
    found = []
    if info.status != ENABLED:
        found.append(f"Mẫu {_STATUS_NAMES.get(info.status, info.status)}: chưa gửi được.")
    theirs = {one.name: one for one in info.parameters}
    for name in sorted(set(form.parameters) - set(theirs)):
        found.append(f"Mẫu không có tham số {name}.")
    for name in sorted(name for name, one in theirs.items() if one.required and name not in form.parameters):
        found.append(f"Tệp thiếu tham số {name} mà mẫu bắt buộc.")
    for name in sorted(set(form.parameters) & set(theirs)):
        longest, ours = theirs[name].longest, form.limits.get(name)
        if longest is not None and (ours is None or ours > longest):
            found.append(f"{name}: mẫu chỉ nhận {longest} ký tự, tệp ghi {ours}.")
        if theirs[name].required and name in form.optional:
            found.append(f"{name}: mẫu bắt buộc, tệp ghi bỏ trống được.")
    price = info.price(route)
    if price is not None and price != form.price_vnd:
        found.append(f"Giá: Zalo ghi {price} đồng, tệp ghi {form.price_vnd} đồng.")
    return found


def _number(value: object) -> int | None:
    """A number as the platform writes it: 300, "300", 300.0."""
    try:
        return int(float(value)) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None
