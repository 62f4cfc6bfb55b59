"""Mobile numbers as people write them."""

from __future__ import annotations

import re

_WRITTEN = re.compile(r"(?:84|0)?([35789]\d{8})", re.ASCII)


def mobile_number(text: str) -> str | None:
    """A Vietnamese mobile number as "84…", however it was written; None for anything else. A spreadsheet may have lost
    the zero in front. (Ten digits, 03, 05, 07, 08 or 09 in front: numbering plan of 2018)"""
    match = _WRITTEN.fullmatch(re.sub(r"[\s.\-()]", "", text).removeprefix("+"))
    return f"84{match[1]}" if match else None
