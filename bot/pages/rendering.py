"""Templates and the style sheet, filled in. What goes into a page is escaped; sentences are of `casework.wording`."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.pages.palette import PALETTE
from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.files import Kind
from casework.wording import say

#: the page in large type: `?co=lon`
LARGE = "lon"

_KIND_WORDS = {
    Kind.PDF.mime: "tệp PDF",
    Kind.DOC.mime: "tệp Word",
    Kind.DOCX.mime: "tệp Word",
    Kind.JPG.mime: "ảnh",
    Kind.PNG.mime: "ảnh",
}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["say"] = say
    environment.filters.update(
        {
            "spoken": spoken,
            "vietnamese": vietnamese_date,
            "paragraphs": paragraphs,
            "size": size_words,
            "kind": kind_words,
            "unbroken": unbroken,
        }
    )
    return environment


@cache
def style() -> str:
    """The style sheet in its colours."""
    return _environment().get_template("style.css").render(palette=PALETTE)


@cache
def style_path() -> str:
    """Where the style sheet lies: a name that changes with it, so that phones may keep it for long."""
    return f"/trang/{hashlib.sha256(style().encode()).hexdigest()[:16]}.css"


def render(template: str, *, large: bool, here: str | None, **values: Any) -> str:
    """A page. `here`: path and query of the page itself without the choice of type, for the link that changes it;
    None: no such link."""
    joint = "&" if here is not None and "?" in here else "?"
    return (
        _environment()
        .get_template(template)
        .render(
            large=large,
            style_path=style_path(),
            other_type=None if here is None else here if large else f"{here}{joint}co={LARGE}",
            lookup_path=f"/tra-cuu?co={LARGE}" if large else "/tra-cuu",
            **values,
        )
    )


def paragraphs(text: str) -> list[str]:
    """A text in its paragraphs; single line breaks stay inside of them."""
    return [part.strip("\n") for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]


def unbroken(text: str, code: str) -> Markup:
    """A sentence in which neither this code nor "số 1" is torn apart at the end of a line."""
    whole = Markup('<span class="code">{}</span>').format(spoken(code))
    together = re.sub(r"(số) (\d)", "\\1\N{NO-BREAK SPACE}\\2", text)
    return whole.join(escape(part) for part in together.split(spoken(code)))


def size_words(size: int) -> str:
    """A number of bytes as people read it: "2,4 MB"."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f} MB".replace(".", ",")


def kind_words(mime: str) -> str:
    """What sort of file that is, for people."""
    return _KIND_WORDS.get(mime, "tệp")
