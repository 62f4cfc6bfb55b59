"""Which part of a report's figures stands under which heading of the regulation's outline.

A regulation lists its sections in words (`ReportRule.sections`); a text without any gets ours. Each block of figures
has its place in the first section that speaks of it; a section that none of them fits is left to the pen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

#: "III.2. Tổng số người tham gia"
_NUMBERED = re.compile(r"(?P<roman>[IVX]+)(?:\.(?P<sub>\d+))?\.\s+(?P<title>.+)", re.DOTALL)
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")

#: sections of a report whose regulation names none
DEFAULT = (
    "Việc tổ chức đối thoại",
    "Ý kiến, kiến nghị của Nhân dân",
    "Kết quả trả lời, giải quyết",
    "Tồn tại, hạn chế, nguyên nhân",
    "Đề xuất, kiến nghị",
)
#: what every report ends with, when its outline has no such section
_ALWAYS = DEFAULT[-2:]
#: blocks in order: words that name the section it belongs to, and the block it follows when no section is named
_PLACES: tuple[tuple[str, tuple[str, ...], str | None], ...] = (
    ("organisation", ("ngày tổ chức", "kết quả tổ chức", "việc tổ chức đối thoại", "tổ chức"), None),
    ("direction", ("lãnh đạo, chỉ đạo",), "organisation"),
    ("preparation", ("chuẩn bị",), "organisation"),
    ("attendance", ("người tham gia", "thành phần"), "organisation"),
    ("volume", ("thẩm quyền", "kiến nghị của nhân dân"), "organisation"),
    ("level", ("thẩm quyền",), "volume"),
    ("topics", ("tâm tư", "lĩnh vực"), "volume"),
    ("villages", ("tâm tư",), "volume"),
    ("officials", ("cán bộ",), "volume"),
    ("outcome", ("đã trả lời", "giải quyết", "kết quả trả lời"), "volume"),
    ("timeliness", (), "outcome"),
    ("upward", ("cấp trên",), "outcome"),
    ("satisfaction", ("dư luận",), "outcome"),
)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading, how deep it stands, and the names of the blocks under it; none = for the pen."""

    heading: str
    level: int
    blocks: tuple[str, ...] = ()
    #: what the outline asks beside the figures
    pen: bool = False


@dataclass(kw_only=True)
class _Draft:
    title: str
    roman: str | None
    sub: str | None
    blocks: list[str] = field(default_factory=list)


def outline(sections: Sequence[str]) -> tuple[Section, ...]:
    """The sections of a report in order, numbered as the regulation numbers them."""
    drafts = [_read(one) for one in (sections or DEFAULT)]
    told = " ".join(draft.title.casefold() for draft in drafts)
    drafts += [_read(one) for one in _ALWAYS if one.partition(",")[0].casefold() not in told]
    _place(drafts)
    return tuple(_numbered(drafts))


def _read(text: str) -> _Draft:
    match = _NUMBERED.fullmatch(text.strip())
    if match is None:
        return _Draft(title=text.strip(), roman=None, sub=None)
    return _Draft(title=match["title"].strip(), roman=match["roman"], sub=match["sub"])


def _place(drafts: Sequence[_Draft]) -> None:
    home: dict[str, _Draft] = {}
    for name, words, after in _PLACES:
        found = (draft for word in words for draft in drafts if word in draft.title.casefold())
        draft = next(found, home.get(after or "", drafts[0]))
        home[name] = draft
        draft.blocks.append(name)


def _numbered(drafts: Sequence[_Draft]) -> list[Section]:
    uses = Counter((draft.roman, draft.sub) for draft in drafts if draft.sub)
    seen: Counter[tuple[str | None, str | None]] = Counter()
    opened: set[str] = set()
    sections: list[Section] = []
    for draft in drafts:
        roman = draft.roman or _ROMAN[min(len(opened), len(_ROMAN) - 1)]
        if draft.sub is None:
            opened.add(roman)
            sections.append(_section(f"{roman}. {_capital(draft.title)}", 1, draft))
            continue
        if roman not in opened:
            opened.add(roman)
            sections.append(Section(heading=f"{roman}. Kết quả thực hiện", level=1))
        key = (draft.roman, draft.sub)
        seen[key] += 1
        number = draft.sub if uses[key] == 1 else f"{draft.sub}.{seen[key]}"
        sections.append(_section(f"{number}. {_capital(draft.title)}", 2, draft))
    return sections


def _section(heading: str, level: int, draft: _Draft) -> Section:
    pen = not draft.blocks or draft.blocks[0] in ("direction", "satisfaction", "officials")
    return Section(heading=heading, level=level, blocks=tuple(draft.blocks), pen=pen)


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]
