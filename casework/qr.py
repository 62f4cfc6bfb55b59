"""QR codes as pictures: for slips, posters and receipts that an old phone must read off a creased paper."""

from __future__ import annotations

import io
from typing import Literal

import segno

#: white modules around the code; scanners lose it with fewer (ISO/IEC 18004)
QUIET_ZONE = 4
#: pixels of one module: sharp at 300 dots per inch up to 8 cm
SCALE = 12

#: share of the code that may be soiled: M 15 %, Q 25 % (ISO/IEC 18004)
Correction = Literal["M", "Q"]


def png(data: str, *, error: Correction = "M") -> bytes:
    """A QR code as a black and white PNG. Raises `ValueError` for an empty text or one too long for any code."""
    return _drawn(data, error, kind="png")


def svg(data: str, *, error: Correction = "M") -> bytes:
    """A QR code as SVG, for pages. Raises as `png`."""
    return _drawn(data, error, kind="svg")


def _drawn(data: str, error: Correction, *, kind: str) -> bytes:
    out = io.BytesIO()
    # Micro codes are not read by every phone.
    segno.make(data, error=error, micro=False).save(out, kind=kind, scale=SCALE, border=QUIET_ZONE)
    return out.getvalue()
