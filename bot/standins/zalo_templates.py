"""Approved template messages as the Zalo stand-ins know them: parameters, limits, prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.standins.zalo_faults import Refusal

# Numbers of the phone route (ZBS).
MISSING_PARAMETER, TOO_LONG, NOT_TEXT, UNKNOWN_PARAMETER = -1121, -1122, -1124, -112


@dataclass(frozen=True, kw_only=True)
class Template:
    """One template of the account. `text` shows the parameters as `<name>`."""

    template_id: str
    text: str
    #: parameter -> longest value, characters
    params: Mapping[str, int] = field(default_factory=dict)
    #: ENABLE | PENDING_REVIEW | REJECT | DISABLE
    status: str = "ENABLE"
    tag: str = "CUSTOMER_CARE"
    price_phone: int = 300
    price_uid: int = 210
    #: approved late enough and of a kind that may go to user ids
    by_uid: bool = True
    #: refused between 22:00 and 06:00 on the phone route
    by_day_only: bool = False

    def filled(self, data: Any) -> str:
        """What the person reads. Raises `Refusal` as the phone route does."""
        if not isinstance(data, dict):
            raise Refusal(UNKNOWN_PARAMETER, "template_data is invalid")
        for name in data:
            if name not in self.params:
                raise Refusal(UNKNOWN_PARAMETER, f"{name} is not a parameter of the template")
        text = self.text
        for name, longest in self.params.items():
            value = data.get(name)
            if value is None or value == "":
                raise Refusal(MISSING_PARAMETER, f"{name} is missing")
            if not isinstance(value, str):
                raise Refusal(NOT_TEXT, f"{name} has a wrong type")
            if len(value) > longest:
                raise Refusal(TOO_LONG, f"{name} is too long")
            text = text.replace(f"<{name}>", value)
        return text

    def info(self) -> dict[str, Any]:
        """The body of "template info v2"."""
        return {
            "templateId": self.template_id,
            "templateName": f"template_{self.template_id}",
            "status": self.status,
            "templateTag": self.tag,
            "listParams": [
                {"name": name, "require": True, "type": "STRING", "maxLength": n, "minLength": 1, "acceptNull": False}
                for name, n in self.params.items()
            ],
            "listButtons": [],
            "price_sdt": self.price_phone,
            "price_uid": self.price_uid,
        }
