"""Use case: set an office up with its villages, from data an office can edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import select

from casework.errors import InvalidInput
from casework.usecases.work import SYSTEM, Services
from storage.records import Office, ResidentialGroup


def install_office(
    services: Services,
    *,
    code: str,
    name: str,
    regulation: str,
    gazetteer: Mapping[str, Any],
    profile: Mapping[str, Any] | None = None,
) -> int:
    """Create the office, or bring an existing one up to date; villages come from the gazetteer's `group` tables.

    Repeating it with a changed gazetteer renames and adds villages and never removes one that is referred to.
    Returns the office's id. Raises `InvalidInput` when the gazetteer has no village.
    """
    villages = gazetteer.get("group", [])
    if not villages:
        raise InvalidInput(
            "Danh mục địa danh không có thôn nào.", todo="Thêm ít nhất một bảng [[group]] có id và name."
        )
    with services.writing() as work:
        office = work.session.exec(select(Office).where(Office.code == code)).first()
        if office is None:
            office = Office(code=code, name=name, regulation=regulation)
        office.name, office.regulation = name, regulation
        # TOML dates are not JSON: the gazetteer is stored as text values.
        office.gazetteer = _plain(gazetteer)
        office.profile = _plain(profile or office.profile)
        work.add(office)
        office_id = office.id
        if office_id is None:
            raise InvalidInput("Không tạo được đơn vị.")
        known = {
            group.code: group
            for group in work.session.exec(select(ResidentialGroup).where(ResidentialGroup.office_id == office_id))
        }
        for position, village in enumerate(villages, start=1):
            group = known.get(village["id"]) or ResidentialGroup(
                office_id=office_id, code=village["id"], name=village["name"]
            )
            group.name, group.position = village["name"], position
            work.add(group)
        work.record(SYSTEM, "office_installed", "office", office_id, villages=len(villages), regulation=regulation)
        work.commit()
    return office_id


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
