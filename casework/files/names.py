"""Names of files as people give them, made harmless for disks, headers and eyes."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from casework.files.kinds import Kind

#: longest name kept, code points, with its ending
LONGEST = 80
#: what a file is called that brought no usable name
UNNAMED = "tep"
#: names old Windows takes for devices
_DEVICES = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)$")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_ENDING = re.compile(r"\.[0-9A-Za-z]{1,5}$")


def clean_name(name: str, kind: Kind) -> str:
    """The name without folders, control characters, signs that turn the reading direction, and signs disks refuse;
    with the ending that fits what the file is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Categories C*: controls, directions, private and half characters.
    visible = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in last)
    stem = _ENDING.sub("", _FORBIDDEN.sub(" ", visible).strip(" ."))
    stem = " ".join(stem.split()).strip(" .")[: LONGEST - len(kind) - 1].strip(" .")
    if not stem or _DEVICES.match(stem):
        stem = f"{UNNAMED} {stem}".strip()
    return f"{stem}.{kind}"


def content_disposition(name: str) -> str:
    """The header that makes a browser save a file under this name and never open it as a page (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    ascii_name = re.sub(r"[^0-9A-Za-z._ -]", "", plain).strip() or UNNAMED
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
