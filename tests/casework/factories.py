"""People, opinions and staff put straight into the database, for tests that begin after the intake.

`from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff`. Everything is imaginary.
"""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from sqlmodel import col, select

from casework.codes import new_code
from casework.usecases.work import Services
from storage.records import (
    ChannelIdentity,
    Citizen,
    Consent,
    ConsentPurpose,
    Delivery,
    Opinion,
    OpinionGroup,
    OpinionState,
    ResidentialGroup,
    Role,
    Staff,
    StaffRole,
)

_numbers = itertools.count(1)


def village_key(services: Services, code: str | None) -> int | None:
    """The key of a village of the gazetteer; None for None."""
    if code is None:
        return None
    with services.reading() as work:
        return work.session.exec(select(ResidentialGroup.id).where(ResidentialGroup.code == code)).one()


def make_citizen(
    services: Services,
    *,
    name: str | None = None,
    village: str | None = None,
    channel: str | None = "terminal",
    push: bool | None = True,
    publish: bool | None = True,
    reachable: bool = True,
) -> int:
    """A citizen with a chat (`channel` None: without) who agreed to be pushed answers and to a public summary (None:
    never asked)."""
    key = village_key(services, village)
    with services.writing() as work:
        citizen = work.add(
            Citizen(office_id=services.office_id, display_name=name, residential_group_id=key, created_at=work.now)
        )
        if citizen.id is None:
            raise ValueError("not stored")
        if channel is not None:
            work.add(
                ChannelIdentity(
                    channel=channel,
                    account="test",
                    external_id=f"chat-{next(_numbers)}",
                    citizen_id=citizen.id,
                    display_name=name,
                    reachable=reachable,
                )
            )
        for purpose, granted in ((ConsentPurpose.PUSH, push), (ConsentPurpose.PUBLISH, publish)):
            if granted is not None:
                work.add(
                    Consent(
                        citizen_id=citizen.id,
                        purpose=purpose,
                        granted=granted,
                        wording_version="test",
                        wording_hash="test",
                        at=work.now,
                    )
                )
        work.commit()
        return citizen.id


def make_group(
    services: Services,
    title: str = "Đèn đường trục thôn 4 không sáng",
    *,
    topic: str = "dien-chieu-sang",
    level: str = "xa",
    urgent: bool = False,
    village: str | None = None,
) -> int:
    """A group without members yet."""
    key = village_key(services, village)
    with services.writing() as work:
        group = work.add(
            OpinionGroup(
                office_id=services.office_id,
                title=title,
                topic=topic,
                level=level,
                urgent=urgent,
                residential_group_id=key,
                created_at=work.now,
            )
        )
        work.commit()
        if group.id is None:
            raise ValueError("not stored")
        return group.id


def make_opinion(
    services: Services,
    *,
    citizen: int | None = None,
    group: int | None = None,
    state: OpinionState = OpinionState.APPROVED,
    text: str = "Đèn đường thôn 4 tắt cả tháng nay, tối đi lại sợ lắm.",
    village: str | None = None,
    submitted_at: dt.datetime | None = None,
    sealed: bool = False,
    **more: Any,
) -> Opinion:
    """An opinion in any state, of a citizen (`make_citizen`) or of nobody known; sealed ones have no code."""
    key = village_key(services, village)
    with services.writing() as work:
        identity = None
        if citizen is not None:
            identity = work.session.exec(
                select(ChannelIdentity.id).where(ChannelIdentity.citizen_id == citizen)
            ).first()
        values: dict[str, Any] = {
            "code": None if sealed else new_code(services.random),
            "kind": "y-kien",
            "topic": "dien-chieu-sang",
            "level": "xa",
            **more,
        }
        opinion = work.add(
            Opinion(
                office_id=services.office_id,
                citizen_id=citizen,
                channel_identity_id=identity,
                residential_group_id=key,
                state=state,
                sealed=sealed,
                original_text=text,
                group_id=group,
                submitted_at=submitted_at or work.now,
                **values,
            )
        )
        work.commit()
        return opinion


def make_staff(
    services: Services, *roles: Role, name: str | None = None, village: str | None = None, active: bool = True
) -> int:
    """A staff member with these roles over the whole office, or over one village."""
    key = village_key(services, village)
    with services.writing() as work:
        staff = work.add(
            Staff(
                office_id=services.office_id,
                name=name or f"Cán bộ {next(_numbers)}",
                active=active,
                created_at=work.now,
            )
        )
        if staff.id is None:
            raise ValueError("not stored")
        for role in roles:
            work.add(StaffRole(staff_id=staff.id, role=role, residential_group_id=key))
        work.commit()
        return staff.id


def reload(services: Services, opinion: Opinion) -> Opinion:
    """The opinion as it stands in the database now."""
    with services.reading() as work:
        return work.session.get_one(Opinion, opinion.id)


def notices_of(services: Services, purpose: str | None = None) -> list[Delivery]:
    """Everything in the outbox, oldest first, or the notices of one purpose."""
    with services.reading() as work:
        rows = list(work.session.exec(select(Delivery).order_by(col(Delivery.id))))
    return [row for row in rows if purpose is None or row.purpose == purpose]
