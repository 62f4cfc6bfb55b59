"""Numbers of documents, in the parts a letterhead prints them in: decree 30/2020 (State), the Party's own form."""

from __future__ import annotations

import re

#: "12/TB-UBND" (State), "15-TB/ĐU" (Party), "12"
_WHOLE = re.compile(r"(?P<plain>[^/-]+)(?:-(?P<before>[^/]+))?(?:/(?P<after>.+))?")


def in_parts(number: str | None, kind: str, symbol: str) -> tuple[str | None, str]:
    """The number itself and the symbol that goes with the `kind`: a number may be given whole, or as "12", which takes
    the issuer's own `symbol`."""
    found = _WHOLE.fullmatch((number or "").strip())
    if number is None or found is None:
        return number, symbol
    given = (found["after"] or "").strip().removeprefix(f"{kind}-")
    return found["plain"].strip(), given or symbol


def whole(plain: str | None, kind: str, symbol: str, *, party: bool) -> str | None:
    """The number as people cite it."""
    if plain is None:
        return None
    return f"{plain}-{kind}/{symbol}" if party else f"{plain}/{kind}-{symbol}"
