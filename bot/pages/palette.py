"""The colours of the pages. Dark on light; each pair that meets on a page is tested against WCAG 2.1 AA (4.5 to 1)."""

from __future__ import annotations

#: name in the style sheet -> colour
PALETTE: dict[str, str] = {
    "page": "#ffffff",
    "soft": "#f2f5f9",
    "text": "#1a1a1a",
    "quiet": "#4a4f57",
    "link": "#0b4a8f",
    "button": "#0b4a8f",
    "on_button": "#ffffff",
    "line": "#6b7280",
    "accent": "#9b1c1c",
    "focus": "#b45309",
}
#: what is written or drawn on what
TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    ("text", "page"),
    ("text", "soft"),
    ("quiet", "page"),
    ("quiet", "soft"),
    ("link", "page"),
    ("link", "soft"),
    ("on_button", "button"),
    ("accent", "page"),
)
#: edges and outlines, which need 3 to 1 (WCAG 2.1, 1.4.11)
EDGE_PAIRS: tuple[tuple[str, str], ...] = (("line", "page"), ("line", "soft"), ("focus", "page"), ("focus", "soft"))
