"""Words as the matching sees them: without accents, case, punctuation."""

from __future__ import annotations

import re
import unicodedata


def plain(text: str) -> str:
    """ "Đèn đường, thôn 4" is "den duong thon 4"."""
    letters = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    bare = "".join(one for one in letters if not unicodedata.combining(one))
    return " ".join(re.sub(r"[^\w]+", " ", bare).split())
