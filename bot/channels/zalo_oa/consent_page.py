"""The page an admin of the official account sees after agreeing on Zalo: what happened and what to do."""

from __future__ import annotations

from html import escape
from string import Template
from typing import Final

from aiohttp import web

_PAGE: Final = Template("""<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title</title>
<style>
body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; color: #1a1a1a; }
h1 { font-size: 1.5rem; }
</style>
</head>
<body>
<h1>$title</h1>
<p>$what</p>
<p>$todo</p>
</body>
</html>
""")
#: the address holds the consent's code: it must not be kept, nor told to another site
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def answer_page(title: str, what: str, todo: str, *, status: int = 200) -> web.Response:
    """One plain page of three sentences."""
    text = _PAGE.substitute(title=escape(title), what=escape(what), todo=escape(todo))
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status, headers=_HEADERS)
