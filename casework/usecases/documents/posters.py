"""Use case: a poster per village with the codes that open our chats. It names no private person."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from casework.document_head import DocumentHead
from casework.documents.drawing.posters import FIRST_QR, SECOND_QR
from casework.documents.fill import Picture, fill
from casework.doors import Door, Entrances, doors
from casework.errors import SetupNeeded
from casework.qr import png
from casework.usecases.access import VIEWERS, require
from casework.usecases.delivery.slip_list import find_village
from casework.usecases.work import Services
from storage.records import Office, ResidentialGroup, Role


@dataclass(frozen=True, kw_only=True)
class Poster:
    """One poster and where its codes lead."""

    village: str
    path: Path
    doors: tuple[Door, ...]


def make_posters(
    services: Services,
    staff_id: int,
    entrances: Entrances,
    out: Path,
    *,
    village: str | None = None,
    templates: Path | None = None,
    force: bool = False,
) -> list[Poster]:
    """Write one Word file per village (or of one: its code or name) into the folder `out`.

    Raises `SetupNeeded` while no chat of ours is known, `Forbidden`, `InvalidInput`, `IllegalMove` when somebody
    worked on a poster and `force` is not set.
    """
    with services.reading() as work:
        require(work, staff_id, Role.ADMIN, *VIEWERS)
        office = work.session.get_one(Office, services.office_id)
        if village is not None:
            groups = [find_village(work, village)]
        else:
            order = (col(ResidentialGroup.position), col(ResidentialGroup.id))
            statement = select(ResidentialGroup).where(ResidentialGroup.office_id == services.office_id)
            groups = list(work.session.exec(statement.order_by(*order)))
        names = [(group.code, group.name) for group in groups]
        head = DocumentHead.of(office.name, office.profile)
        contact = str(office.profile.get("contact") or "").strip()
    common = {
        "issuer": " ".join(head.issuer.split()),
        "unit": office.name.partition(" ")[0] if office.name[:1].islower() else "xã",
        "contact": contact or f"trụ sở Ủy ban Mặt trận Tổ quốc {office.name}, giờ hành chính",
    }
    made = []
    for code, name in names:
        ways = doors(entrances, code)
        if not ways:
            raise SetupNeeded(
                "Chưa biết kênh nào để làm mã QR.",
                todo="Nối Zalo OA (doithoai zalo), hoặc ghi tên bot: doithoai posters --telegram @TênBot ...",
            )
        path = out / f"to-ma-qr-{code}.docx"
        _write(common | {"village": name[:1].upper() + name[1:]}, ways, path, templates, force=force)
        made.append(Poster(village=name, path=path, doors=tuple(ways)))
    return made


def _write(context: dict[str, Any], ways: list[Door], path: Path, templates: Path | None, *, force: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shown: list[dict[str, Any] | None] = []
        for door, width in zip(ways, (FIRST_QR, SECOND_QR), strict=False):
            picture = Path(folder) / f"{door.channel}.png"
            # Posters get wet and torn.
            picture.write_bytes(png(door.url, error="Q"))
            qr = Picture(path=picture, width=width, alt=f"Mã QR mở {door.name}: {door.url}")
            shown.append({"name": door.name, "knows_village": door.knows_village, "qr": qr})
        first, second = [*shown, None][:2]
        fill("village_poster.docx", context | {"first": first, "second": second}, path, templates, force=force)
