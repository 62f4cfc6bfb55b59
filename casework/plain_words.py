"""Words for comparing what offices write: without accents, case and punctuation."""

from __future__ import annotations

import re
import unicodedata

from nlp.normalise import fold


def plain(text: str) -> str:
    """ "Đèn đường, thôn 4" is "den duong thon 4"."""
    return " ".join(re.sub(r"[^\w]+", " ", fold(unicodedata.normalize("NFC", text))).split())
