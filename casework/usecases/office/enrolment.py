"""Staff: who they are, what they may do, and how a chat is linked to them by a one-time code.

A code is shown once and stored as a hash. Wrong, expired and used codes get the same answer, and a chat that keeps
trying is made to wait.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import col, delete, func, or_, select

from casework.codes import code_hash, one_time_code
from casework.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from casework.usecases.access import Grant, member, require
from casework.usecases.reminders.recalling import recall_from
from casework.usecases.work import SYSTEM, Actor, Services, Work, staff_member
from storage.records import (
    Act,
    ChannelIdentity,
    EnrolmentCode,
    ResidentialGroup,
    Role,
    Staff,
    StaffChat,
    StaffRole,
)

#: how long a code may be used; long enough to hand it over by telephone
CODE_VALID = dt.timedelta(hours=48)
#: failed codes per chat before it must wait, and how long they count
ATTEMPTS = 5
ATTEMPT_WINDOW = dt.timedelta(hours=1)
#: purposes of what only staff are told
_STAFF_NEWS = ("reminder", "digest", "alert")


@dataclass(frozen=True, kw_only=True)
class IssuedCode:
    """A one-time code in clear: shown once, kept nowhere. `staff_id` None: it enrols a staff group chat."""

    staff_id: int | None
    code: str
    expires_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class AddedStaff:
    """A new staff member with the code that links their chat."""

    staff_id: int
    code: IssuedCode


@dataclass(frozen=True, kw_only=True)
class StaffRow:
    """One staff member as the admin sees them."""

    id: int
    name: str
    active: bool
    #: role and, when it is not the whole office, the village
    roles: tuple[tuple[Role, str | None], ...]
    #: channel of the linked chat, None when none is linked
    channel: str | None


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """One staff group as the admin sees it; `chat_id` as the platform names the chat."""

    id: int
    channel: str
    chat_id: str


class Redeemed(StrEnum):
    """What sending a code led to."""

    STAFF_LINKED = "staff_linked"
    GROUP_LINKED = "group_linked"
    REFUSED = "refused"
    TOO_MANY = "too_many"


# ---------------------------------------------------------------------- people


def add_staff(
    services: Services,
    admin_id: int | None,
    *,
    name: str,
    roles: Collection[Role],
    village: str | None = None,
    first: bool = False,
    code_valid: dt.timedelta = CODE_VALID,
) -> AddedStaff:
    """Create a staff member with roles over the whole office, or over one village (code or name).

    On an empty database the first one is made without an admin (`first`, `admin_id` None) and must be an admin.
    Raises `Forbidden`, `InvalidInput`, `NotFound` (village), `IllegalMove` (there is somebody already).
    """
    wanted = _wanted(name, roles)
    with services.writing() as work:
        actor = _first(work, roles) if first else _admin(work, admin_id)
        if work.session.exec(select(Staff.id).where(Staff.name == wanted, col(Staff.active))).first() is not None:
            raise InvalidInput(f"Đã có cán bộ tên «{wanted}».", todo="Thêm chức danh vào tên cho khỏi lẫn.")
        staff = work.add(Staff(office_id=services.office_id, name=wanted, created_at=work.now))
        staff_id = _key(staff.id)
        territory = _territory(work, village)
        _grant(work, staff_id, roles, territory)
        work.record(
            actor, "staff_added", "staff", staff_id, roles=sorted(str(role) for role in roles), territory=territory
        )
        code = _issue(work, actor, staff_id, code_valid)
        work.commit()
    return AddedStaff(staff_id=staff_id, code=code)


def set_roles(
    services: Services, admin_id: int, staff_id: int, *, roles: Collection[Role], village: str | None = None
) -> None:
    """Replace all roles. The last admin stays one. Raises `Forbidden`, `NotFound`, `InvalidInput`, `IllegalMove`."""
    with services.writing() as work:
        actor = _admin(work, admin_id)
        staff = _active(work, staff_id)
        _wanted(staff.name, roles)
        if Role.ADMIN not in roles:
            _check_not_last_admin(work, staff_id)
        # Words that the new roles do not cover; what they still cover is told again.
        recall_from(work, staff.channel_identity_id)
        work.session.exec(delete(StaffRole).where(col(StaffRole.staff_id) == staff_id))
        territory = _territory(work, village)
        _grant(work, staff_id, roles, territory)
        work.record(
            actor, "staff_roles_set", "staff", staff_id, roles=sorted(str(role) for role in roles), territory=territory
        )
        work.commit()


def remove_staff(services: Services, admin_id: int, staff_id: int) -> None:
    """Deactivate a staff member and unlink the chat; what they did stays in the history, what waits to be sent to them
    is not sent.

    Raises `Forbidden`, `NotFound`, `IllegalMove` for the last admin.
    """
    with services.writing() as work:
        actor = _admin(work, admin_id)
        staff = _active(work, staff_id)
        _check_not_last_admin(work, staff_id)
        recall_from(work, staff.channel_identity_id, purposes=_STAFF_NEWS)
        staff.active, staff.channel_identity_id = False, None
        work.session.add(staff)
        _void_codes(work, staff_id)
        work.record(actor, "staff_removed", "staff", staff_id)
        work.commit()


def list_staff(services: Services, staff_id: int | None) -> list[StaffRow]:
    """All staff, active first. Any active staff member may see who works here; None: somebody at the machine itself,
    who cannot say who he or she is before having seen the list. Raises `Forbidden`."""
    with services.reading() as work:
        if staff_id is not None:
            member(work, staff_id)
        villages = {row.id: row.name for row in work.session.exec(select(ResidentialGroup))}
        rows = work.session.exec(select(Staff).order_by(col(Staff.active).desc(), col(Staff.id))).all()
        return [_row(work, staff, villages) for staff in rows]


def _row(work: Work, staff: Staff, villages: dict[int | None, str]) -> StaffRow:
    grants = work.session.exec(select(StaffRole).where(StaffRole.staff_id == staff.id).order_by(col(StaffRole.id)))
    chat = work.session.get(ChannelIdentity, staff.channel_identity_id) if staff.channel_identity_id else None
    return StaffRow(
        id=_key(staff.id),
        name=staff.name,
        active=staff.active,
        roles=tuple((Role(grant.role), villages.get(grant.residential_group_id)) for grant in grants),
        channel=chat.channel if chat is not None else None,
    )


# ---------------------------------------------------------------------- codes


def issue_code(
    services: Services, admin_id: int, staff_id: int, *, code_valid: dt.timedelta = CODE_VALID
) -> IssuedCode:
    """A fresh code for a staff member; earlier ones stop working. Raises `Forbidden`, `NotFound`."""
    with services.writing() as work:
        actor = _admin(work, admin_id)
        _active(work, staff_id)
        code = _issue(work, actor, staff_id, code_valid)
        work.commit()
    return code


def issue_group_code(services: Services, admin_id: int, *, code_valid: dt.timedelta = CODE_VALID) -> IssuedCode:
    """A code that makes a group chat a staff group; earlier ones stop working. Raises `Forbidden`."""
    with services.writing() as work:
        actor = _admin(work, admin_id)
        code = _issue(work, actor, None, code_valid)
        work.commit()
    return code


def redeem(services: Services, *, identity_id: int, code: str) -> Redeemed:
    """Link the chat that sent the code: a private chat to the staff member, a group as a staff group.

    A chat belongs to one staff member at a time; a new link takes the place of the old one. The same code from the
    chat it has linked is the same success again: its first answer may never have gone out.
    """
    with services.writing() as work:
        identity = work.session.get_one(ChannelIdentity, identity_id)
        if _failures(work, identity_id) >= ATTEMPTS:
            return Redeemed.TOO_MANY
        before = _linked_by(work, code, identity_id)
        if before is not None:
            return before
        found = _usable(work, code)
        if found is None or identity.is_group != (found.staff_id is None):
            if found is not None and identity.is_group:
                # A personal code that a whole group has read is nobody's proof any more.
                found.expires_at = work.now
                work.session.add(found)
            work.record(SYSTEM, "enrolment_failed", "channel_identity", identity_id)
            work.commit()
            return Redeemed.REFUSED
        found.used_at = work.now
        work.session.add(found)
        if found.staff_id is None:
            _link_group(work, found, identity_id)
        else:
            _link_staff(work, found.staff_id, identity_id)
        work.commit()
    return Redeemed.GROUP_LINKED if found.staff_id is None else Redeemed.STAFF_LINKED


def list_groups(services: Services, staff_id: int) -> list[GroupRow]:
    """The staff groups in use. Raises `Forbidden`."""
    with services.reading() as work:
        member(work, staff_id)
        rows = work.session.exec(
            select(StaffChat, ChannelIdentity)
            .join(ChannelIdentity, col(ChannelIdentity.id) == col(StaffChat.channel_identity_id))
            .where(col(StaffChat.active))
            .order_by(col(StaffChat.id))
        ).all()
        return [
            GroupRow(id=_key(chat.id), channel=identity.channel, chat_id=identity.external_id)
            for chat, identity in rows
        ]


def remove_group(services: Services, admin_id: int, group_id: int) -> None:
    """A group chat is no longer a staff group. Raises `Forbidden`, `NotFound`."""
    with services.writing() as work:
        actor = _admin(work, admin_id)
        chat = work.session.get(StaffChat, group_id)
        if chat is None or not chat.active:
            raise NotFound("Không có nhóm cán bộ này.", todo="Xem các nhóm: doithoai staff groups")
        chat.active = False
        work.session.add(chat)
        work.record(actor, "staff_group_removed", "channel_identity", chat.channel_identity_id)
        work.commit()


def staff_of_chat(work: Work, identity_id: int) -> int | None:
    """The active staff member a private chat is linked to."""
    return work.session.exec(
        select(Staff.id).where(Staff.channel_identity_id == identity_id, col(Staff.active))
    ).first()


def staff_of_sender(work: Work, channel: str, account: str, external_id: str) -> int | None:
    """The active staff member whose linked chat is this account: who wrote in a group."""
    return work.session.exec(
        select(Staff.id)
        .join(ChannelIdentity, col(ChannelIdentity.id) == col(Staff.channel_identity_id))
        .where(
            ChannelIdentity.channel == channel,
            ChannelIdentity.account == account,
            ChannelIdentity.external_id == external_id,
            col(Staff.active),
        )
    ).first()


def is_staff_group(work: Work, identity_id: int) -> bool:
    """Whether a group chat was enrolled."""
    statement = select(StaffChat.id).where(StaffChat.channel_identity_id == identity_id, col(StaffChat.active))
    return work.session.exec(statement).first() is not None


# ---------------------------------------------------------------------- inside


def _wanted(name: str, roles: Collection[Role]) -> str:
    text = " ".join(name.split())
    if not text or len(text) > 80:
        raise InvalidInput("Tên cán bộ phải có chữ và không quá 80 ký tự.", todo="Ghi tên như thường gọi.")
    if not roles:
        raise InvalidInput("Chưa chọn quyền.", todo="Chọn ít nhất một trong: " + ", ".join(role.value for role in Role))
    return text


def _first(work: Work, roles: Collection[Role]) -> Actor:
    if work.session.exec(select(func.count()).select_from(Staff)).one():
        raise IllegalMove("Đã có cán bộ trong hệ thống.", todo="Nhờ người quản trị thêm, không dùng --first.")
    if Role.ADMIN not in roles:
        raise InvalidInput("Người đầu tiên phải có quyền quản trị.", todo="Thêm quyền admin.")
    return SYSTEM


def _admin(work: Work, admin_id: int | None) -> Actor:
    if admin_id is None:
        raise Forbidden("Chưa rõ ai là người quản trị.", todo="Ghi rõ --staff.")
    require(work, admin_id, Role.ADMIN)
    return staff_member(admin_id)


def _active(work: Work, staff_id: int) -> Staff:
    staff = work.session.get(Staff, staff_id)
    if staff is None or not staff.active:
        raise NotFound("Không có cán bộ này.", todo="Xem danh sách: doithoai staff list")
    return staff


def _check_not_last_admin(work: Work, staff_id: int) -> None:
    admins = set(
        work.session.exec(
            select(StaffRole.staff_id)
            .join(Staff, col(Staff.id) == col(StaffRole.staff_id))
            .where(StaffRole.role == Role.ADMIN, col(Staff.active))
        )
    )
    if admins == {staff_id}:
        raise IllegalMove("Đây là người quản trị duy nhất.", todo="Giao quyền quản trị cho người khác trước.")


def _grant(work: Work, staff_id: int, roles: Collection[Role], territory: int | None) -> None:
    for role in sorted(set(roles)):
        # Managing staff is not bound to a village.
        grant = Grant(role=role, residential_group_id=None if role is Role.ADMIN else territory)
        work.session.add(StaffRole(staff_id=staff_id, role=grant.role, residential_group_id=grant.residential_group_id))


def _territory(work: Work, village: str | None) -> int | None:
    if village is None:
        return None
    found = work.session.exec(
        select(ResidentialGroup.id).where(
            ResidentialGroup.office_id == work.services.office_id,
            or_(col(ResidentialGroup.code) == village, col(ResidentialGroup.name) == village),
        )
    ).first()
    if found is None:
        raise NotFound(f"Không có thôn «{village}».", todo="Ghi mã hoặc tên thôn như trong danh mục địa danh.")
    return found


def _issue(work: Work, actor: Actor, staff_id: int | None, code_valid: dt.timedelta) -> IssuedCode:
    if code_valid <= dt.timedelta():
        raise InvalidInput("Mã phải dùng được ít nhất một giờ.", todo="Cho một số giờ lớn hơn 0.")
    _void_codes(work, staff_id)
    code, expires_at = one_time_code(work.services.random), work.now + code_valid
    work.add(
        EnrolmentCode(
            code_hash=code_hash(code), office_id=work.services.office_id, staff_id=staff_id, expires_at=expires_at
        )
    )
    if staff_id is None:
        work.record(actor, "group_code_issued", "office", work.services.office_id)
    else:
        work.record(actor, "staff_code_issued", "staff", staff_id)
    return IssuedCode(staff_id=staff_id, code=code, expires_at=expires_at)


def _void_codes(work: Work, staff_id: int | None) -> None:
    """Only the newest code of a person (or for groups) works."""
    same = EnrolmentCode.staff_id == staff_id if staff_id is not None else col(EnrolmentCode.staff_id).is_(None)
    for row in work.session.exec(select(EnrolmentCode).where(same, col(EnrolmentCode.used_at).is_(None))):
        row.expires_at = min(row.expires_at, work.now)
        work.session.add(row)


def _usable(work: Work, code: str) -> EnrolmentCode | None:
    found = work.session.exec(
        select(EnrolmentCode).where(EnrolmentCode.code_hash == code_hash(code)).with_for_update()
    ).first()
    if found is None or found.used_at is not None or found.expires_at <= work.now:
        return None
    if found.staff_id is not None:
        staff = work.session.get(Staff, found.staff_id)
        return found if staff is not None and staff.active else None
    return found


def _linked_by(work: Work, code: str, identity_id: int) -> Redeemed | None:
    """What this used code made of this very chat, if it still is."""
    used = work.session.exec(
        select(EnrolmentCode).where(EnrolmentCode.code_hash == code_hash(code), col(EnrolmentCode.used_at).is_not(None))
    ).first()
    if used is None:
        return None
    if used.staff_id is None:
        return Redeemed.GROUP_LINKED if is_staff_group(work, identity_id) else None
    return Redeemed.STAFF_LINKED if staff_of_chat(work, identity_id) == used.staff_id else None


def _failures(work: Work, identity_id: int) -> int:
    statement = select(func.count()).where(
        Act.subject == "channel_identity",
        Act.subject_id == identity_id,
        Act.verb == "enrolment_failed",
        Act.at > work.now - ATTEMPT_WINDOW,
    )
    return work.session.exec(statement).one()


def _link_staff(work: Work, staff_id: int, identity_id: int) -> None:
    for other in work.session.exec(select(Staff).where(Staff.channel_identity_id == identity_id)):
        if other.id != staff_id:
            recall_from(work, identity_id, purposes=_STAFF_NEWS)
        other.channel_identity_id = None
        work.session.add(other)
    staff = work.session.get_one(Staff, staff_id)
    staff.channel_identity_id = identity_id
    work.session.add(staff)
    work.record(staff_member(staff_id), "staff_linked", "staff", staff_id, identity=identity_id)


def _link_group(work: Work, code: EnrolmentCode, identity_id: int) -> None:
    chat = work.session.exec(select(StaffChat).where(StaffChat.channel_identity_id == identity_id)).first()
    chat = chat or StaffChat(office_id=code.office_id, channel_identity_id=identity_id)
    chat.active = True
    work.session.add(chat)
    work.record(SYSTEM, "staff_group_linked", "channel_identity", identity_id)


def _key(value: int | None) -> int:
    if value is None:
        raise NotFound("Không có cán bộ này.")
    return value
