"""What an office prints above and below its documents: names, symbol, place, signature. Configurable, with defaults.

An office keeps its own lines in its profile under `document`; whatever it leaves out is made from its name. Layout:
decree 30/2020/NĐ-CP, annex I; wording of the Front's head as seen in use (guidance 91/HD-MTTW-BTT of 2013).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


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
    def of(cls, office_name: str, profile: Mapping[str, Any]) -> DocumentHead:
        """The head of an office called e.g. "xã Tân Minh", with the lines its profile gives."""
        unit, _, proper = office_name.partition(" ")
        defaults: dict[str, Any] = {
            "issuer": f"ỦY BAN MTTQ VIỆT NAM\n{office_name.upper()}",
            "place": proper if unit.islower() and proper else office_name,
            "recipients": (
                f"Thường trực Đảng ủy {office_name} (b/c)",
                f"UBND {office_name}",
                "Các Ban công tác Mặt trận",
            ),
        }
        own = profile.get("document")
        known = {one.name for one in fields(cls)}
        given = {key: value for key, value in own.items() if key in known} if isinstance(own, Mapping) else {}
        if "recipients" in given:
            given["recipients"] = tuple(str(one) for one in given["recipients"])
        return cls(**(defaults | given))
