"""What an office prints above and below its documents: names, symbol, place, signature. Configurable, with defaults.

An office keeps its own lines in its profile under `document`; whatever it leaves out is made from its name. Layout:
decree 30/2020/NĐ-CP, annex I; wording of the Front's head as seen in use (guidance 91/HD-MTTW-BTT of 2013).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class Body(StrEnum):
    """Whose document it is; the value is the profile's key for the lines of its head."""

    FRONT = "document"
    PEOPLE_COMMITTEE = "people_committee_document"
    PARTY_COMMITTEE = "party_committee_document"


@dataclass(frozen=True, kw_only=True)
class DocumentHead:
    """Lines of the head and the foot of a document. A line break in `issuer` is kept."""

    #: the body above, in capitals; empty = no such line
    superior: str = ""
    issuer: str = ""
    board: str = "BAN THƯỜNG TRỰC"
    #: after number and kind: "Số: 05/BC-MTTQ-BTT"
    symbol: str = "MTTQ-BTT"
    #: where the document is dated
    place: str = ""
    signed_for: str = "TM. BAN THƯỜNG TRỰC"
    signer_title: str = "CHỦ TỊCH"
    #: full name of the official who signs; empty until known
    signer: str = ""
    recipients: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, office_name: str, profile: Mapping[str, Any], body: Body = Body.FRONT) -> DocumentHead:
        """The head of an office called e.g. "xã Tân Minh", with the lines its profile gives.

        For the People's Committee or the Party committee of the same commune: what drafts for their signature carry.
        """
        unit, _, proper = office_name.partition(" ")
        defaults = {"place": proper if unit.islower() and proper else office_name, **_defaults(office_name, body)}
        own = profile.get(body.value)
        known = {one.name for one in fields(cls)}
        given = {key: value for key, value in own.items() if key in known} if isinstance(own, Mapping) else {}
        if "recipients" in given:
            given["recipients"] = tuple(str(one) for one in given["recipients"])
        return cls(**(defaults | given))


def _defaults(office_name: str, body: Body) -> dict[str, Any]:
    match body:
        case Body.PEOPLE_COMMITTEE:
            return {
                "issuer": f"ỦY BAN NHÂN DÂN\n{office_name.upper()}",
                "board": "",
                "symbol": "UBND",
                "signed_for": "TM. ỦY BAN NHÂN DÂN",
                "recipients": (f"Đảng ủy, HĐND {office_name} (b/c)", f"Ủy ban MTTQ Việt Nam {office_name}"),
            }
        case Body.PARTY_COMMITTEE:
            return {
                "issuer": f"ĐẢNG ỦY {office_name.upper()}",
                "board": "*",
                "symbol": "ĐU",
                "signed_for": "T/M ĐẢNG ỦY",
                "signer_title": "BÍ THƯ",
                "recipients": (f"UBND {office_name}", f"Ủy ban MTTQ Việt Nam {office_name}"),
            }
        case Body.FRONT:
            return {
                "issuer": f"ỦY BAN MTTQ VIỆT NAM\n{office_name.upper()}",
                "recipients": (
                    f"Thường trực Đảng ủy {office_name} (b/c)",
                    f"UBND {office_name}",
                    "Các Ban công tác Mặt trận",
                ),
            }


#: a body by the letters of its symbol: "47/GM-UBND", "08/KH-MTTQ-BTT", "15-TB/ĐU"
_IN_NUMBERS = ((Body.PEOPLE_COMMITTEE, "UBND"), (Body.FRONT, "MTTQ"), (Body.PARTY_COMMITTEE, "ĐU"))


def body_of_number(number: str | None) -> Body | None:
    """Whose document carries this number; None when it does not say, or names another body."""
    parts = set(re.split(r"[\W\d_]+", (number or "").upper()))
    return next((body for body, symbol in _IN_NUMBERS if symbol in parts), None)


def body_of_chair(chair: str) -> Body:
    """For whom a chair signs: a Party secretary for the Party committee, everybody else for the People's Committee."""
    return Body.PARTY_COMMITTEE if "bí thư" in chair.casefold() else Body.PEOPLE_COMMITTEE
