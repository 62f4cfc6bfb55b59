"""Papers made in tests, opened again as Word documents."""

from __future__ import annotations

from pathlib import Path

from docx import Document
from docx.oxml.ns import qn

from casework.documents.registry import Made, Order, kind
from casework.usecases.work import Services
from tests.casework.conference_day import CODE

HOSTILE = '<b>&amp; "x" </w:t></w:r> {{ 7*7 }} {% raw %} {{ head }} \x07\x1b[31m =1+1 \u202eabc\nhai\tba 😀'
SHOWN = '<b>&amp; "x" </w:t></w:r> {{ 7*7 }} {% raw %} {{ head }} [31m =1+1 abc\nhai\tba 😀'
FLOWING = SHOWN.replace("\n", " ")
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"


def make(services: Services, staff: int | None, name: str, out: Path, target: str = CODE) -> Made:
    return kind(name).make(services, staff, Order(target=target, out=out))


def words(path: Path) -> str:
    """All text of the document, tables included, in order."""
    return "\n".join(
        "".join(
            {"t": node.text or "", "br": "\n", "tab": "\t"}.get(node.tag.rpartition("}")[2], "")
            for node in paragraph.iter(qn("w:t"), qn("w:br"), qn("w:tab"))
        )
        for paragraph in Document(str(path)).element.body.iter(qn("w:p"))
    )


def table(path: Path, heading: str) -> list[list[str]]:
    """Rows of the table whose first cell of the heading is `heading`."""
    for one in Document(str(path)).tables:
        if one.rows[0].cells[0].text == heading:
            return [[cell.text for cell in row.cells] for row in one.rows]
    raise AssertionError(f"no table that begins with {heading}")
