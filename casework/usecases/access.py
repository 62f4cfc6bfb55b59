"""Who may do what, checked where it is done: roles and territory of staff, and the seal on denunciations.

A menu may hide a button; only this module refuses. A sealed opinion looks to everybody without the confidential
role as if it did not exist: same error, same words as for a number that was never given out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import col, select

from casework.codes import parse_code
from casework.errors import Forbidden, InvalidInput, NotFound, SetupNeeded
from casework.usecases.work import Work
from storage.records import Opinion, Role, Staff, StaffRole

#: may look at opinions
VIEWERS = (Role.VILLAGE_OFFICER, Role.MODERATOR, Role.APPROVER)
#: may ask the citizen back: the village officer knows the place
ASKERS_BACK = (Role.VILLAGE_OFFICER, Role.MODERATOR, Role.APPROVER)
#: may decide on opinions
DECIDERS = (Role.MODERATOR, Role.APPROVER)

ROLE_NAMES: dict[Role, str] = {
    Role.VILLAGE_OFFICER: "cán bộ Mặt trận thôn",
    Role.MODERATOR: "người duyệt ý kiến",
    Role.APPROVER: "người phê duyệt",
    Role.ADMIN: "quản trị",
    Role.CONFIDENTIAL: "người giữ việc mật",
}


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One role of one person; `residential_group_id` None = the whole office."""

    role: Role
    residential_group_id: int | None

    def covers(self, residential_group_id: int | None) -> bool:
        """Whether the territory holds this village; an opinion of unknown village belongs to the whole office."""
        return self.residential_group_id is None or self.residential_group_id == residential_group_id


@dataclass(frozen=True, kw_only=True)
class Member:
    """An active staff member with what he or she may do."""

    id: int
    office_id: int
    name: str
    grants: tuple[Grant, ...]

    def has(self, *roles: Role) -> bool:
        """Whether one of these roles is held anywhere."""
        return any(grant.role in roles for grant in self.grants)

    def may(self, opinion: Opinion, *roles: Role) -> bool:
        """Whether one of `roles` covers the opinion; on a sealed one only the confidential role counts, and it
        suffices."""
        wanted = (Role.CONFIDENTIAL,) if opinion.sealed else roles
        village = opinion.residential_group_id
        return opinion.office_id == self.office_id and any(
            grant.role in wanted and grant.covers(village) for grant in self.grants
        )


def member(work: Work, staff_id: int) -> Member:
    """The active staff member. Raises `Forbidden` when there is none or it was removed."""
    staff = work.session.get(Staff, staff_id)
    if staff is None or not staff.active:
        raise Forbidden("Tài khoản cán bộ này không còn hoạt động.", todo="Nhờ quản trị cấp lại quyền.")
    rows = work.session.exec(select(StaffRole).where(StaffRole.staff_id == staff_id).order_by(col(StaffRole.id)))
    grants = tuple(Grant(role=Role(row.role), residential_group_id=row.residential_group_id) for row in rows)
    return Member(id=staff_id, office_id=staff.office_id, name=staff.name, grants=grants)


def require(work: Work, staff_id: int, *roles: Role, opinion: Opinion | None = None) -> Member:
    """The staff member, if one of `roles` is held (over the territory of `opinion`, when one is given).

    Raises `Forbidden`, or `NotFound` where the very existence is secret: a sealed opinion without the confidential
    role.
    """
    who = member(work, staff_id)
    if opinion is None:
        if not who.has(*roles):
            raise Forbidden(
                f"Việc này cần quyền {_named(roles)}.", todo="Nhờ quản trị cấp quyền, hoặc chuyển người khác làm."
            )
        return who
    if not who.may(opinion, *roles):
        if opinion.sealed or opinion.office_id != who.office_id:
            raise no_such_opinion()
        raise Forbidden(
            f"Việc này cần quyền {_named(roles)} ở đúng thôn của ý kiến.",
            todo="Chuyển cho người phụ trách thôn đó, hoặc nhờ quản trị cấp quyền.",
        )
    return who


def find_opinion(work: Work, ref: str | int) -> Opinion:
    """The opinion behind a receipt code or a number ("#12", 12). Says nothing about rights: `require` follows.

    Raises `NotFound`.
    """
    opinion: Opinion | None = None
    if isinstance(ref, int) or ref.strip().startswith("#"):
        number = ref if isinstance(ref, int) else _number(ref)
        opinion = work.session.get(Opinion, number, populate_existing=True) if number is not None else None
    else:
        code = parse_code(ref)
        if code is not None:
            statement = select(Opinion).where(Opinion.code == code).execution_options(populate_existing=True)
            opinion = work.session.exec(statement).first()
    if opinion is None:
        raise no_such_opinion()
    return opinion


def key_of(opinion: Opinion) -> int:
    """The key of a stored opinion."""
    if opinion.id is None:
        raise no_such_opinion()
    return opinion.id


def ref_of(opinion: Opinion) -> str:
    """How staff name an opinion: its code, or its number while it is sealed."""
    return opinion.code or f"#{opinion.id}"


def no_such_opinion() -> NotFound:
    """One error for "not there" and "you may not know"."""
    return NotFound("Không tìm thấy ý kiến này.", todo="Xem lại mã hoặc số (mã không có số 0, số 1, chữ O, chữ I).")


def acting_staff(work: Work, hint: str | None) -> int:
    """Who acts at the command line: by number or name; the only active staff member when nothing is said.

    Raises `NotFound`, `InvalidInput` when several fit, `SetupNeeded` when there is nobody yet.
    """
    active = work.session.exec(select(Staff).where(col(Staff.active)).order_by(col(Staff.id))).all()
    if not active:
        raise SetupNeeded("Chưa có cán bộ nào.", todo='Tạo người đầu tiên: doithoai staff add "Họ tên" --first')
    if hint is None:
        fitting = list(active)
    else:
        wanted = hint.strip().removeprefix("#").casefold()
        fitting = [one for one in active if wanted in (str(one.id), one.name.casefold())]
    if not fitting:
        raise NotFound(f"Không có cán bộ «{hint}».", todo="Xem danh sách: doithoai staff list")
    if len(fitting) > 1:
        raise InvalidInput(
            "Có nhiều cán bộ, chưa rõ ai đang làm.",
            todo="Ghi rõ --staff SỐ hoặc đặt biến DOITHOAI_STAFF (xem số bằng: doithoai staff list).",
        )
    key = fitting[0].id
    if key is None:
        raise NotFound(f"Không có cán bộ «{hint}».")
    return key


def _named(roles: Iterable[Role]) -> str:
    return " hoặc ".join(f"«{ROLE_NAMES[role]}»" for role in roles)


def _number(ref: str) -> int | None:
    digits = ref.strip().removeprefix("#")
    # Longer numbers are no key of any database and overflow its driver.
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 15 else None
