"""Who answers for a duty: a party or an agency is mapped to a staff member and to the one above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import col, select

from casework.errors import InvalidInput, NotFound
from casework.names import PARTIES
from casework.regulations.model import Party
from casework.usecases.access import VIEWERS, Grant, Member, acting_staff, require
from casework.usecases.deadlines.listing import holder_in_words
from casework.usecases.reminders.ladders import Who
from casework.usecases.work import Services, Work, staff_member
from nlp.normalise import fold
from storage.records import ChannelIdentity, DutyContact, Obligation, Opinion, Role, Staff, StaffRole

#: who may say who answers for what
KEEPERS = (Role.ADMIN, Role.APPROVER)
#: who hears when nobody is set: the first of these roles somebody in reach holds over the whole office
_FALLBACK = (Role.APPROVER, Role.MODERATOR, Role.ADMIN)


@dataclass(frozen=True, kw_only=True)
class ContactRow:
    """One line of the list of contacts."""

    holder: str
    #: the party in words, or the agency's name
    name: str
    staff: str | None
    head: str | None


def set_contact(
    services: Services, staff_id: int, holder: str, *, person: str | None = None, head: str | None = None
) -> ContactRow:
    """Say who answers for a party (its code) or an agency (its name): `person`, with `head` above; both by number or
    name of staff. What is not given stays.

    Raises `Forbidden`, `NotFound` for an unknown staff member, `InvalidInput` when nobody is named.
    """
    key = _holder(holder)
    if person is None and head is None:
        raise InvalidInput("Chưa ghi ai phụ trách.", todo="Thêm --person TÊN, --head TÊN hoặc cả hai.")
    with services.writing() as work:
        require(work, staff_id, *KEEPERS)
        contact = _find(work, key) or DutyContact(office_id=services.office_id, holder=key)
        contact.staff_id = acting_staff(work, person) if person is not None else contact.staff_id
        contact.head_staff_id = acting_staff(work, head) if head is not None else contact.head_staff_id
        work.add(contact)
        work.record(
            staff_member(staff_id),
            "duty_contact_set",
            "duty_contact",
            contact.id or 0,
            staff=contact.staff_id,
            head=contact.head_staff_id,
        )
        row = _row(work, contact)
        work.commit()
    return row


def remove_contact(services: Services, staff_id: int, holder: str) -> None:
    """Nobody is set for this party or agency any more. Raises `Forbidden`, `NotFound`."""
    with services.writing() as work:
        require(work, staff_id, *KEEPERS)
        contact = _find(work, _holder(holder))
        if contact is None:
            raise NotFound(f"Chưa ghi ai phụ trách «{holder}».", todo="Xem: doithoai deadlines contacts list")
        work.record(staff_member(staff_id), "duty_contact_removed", "duty_contact", contact.id or 0)
        work.session.delete(contact)
        work.commit()


def list_contacts(services: Services, staff_id: int) -> list[ContactRow]:
    """Who answers for what, parties first. Raises `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS, *KEEPERS)
        rows = work.session.exec(select(DutyContact).where(DutyContact.office_id == services.office_id)).all()
        return [_row(work, row) for row in sorted(rows, key=lambda row: (row.holder not in PARTIES, row.holder))]


# --------------------------------------------------------------------------- who hears of a duty


@dataclass(frozen=True, kw_only=True)
class Person:
    """An active staff member; `identity_id` is the private chat, None when there is none in reach."""

    staff_id: int
    name: str
    identity_id: int | None


class Instead(StrEnum):
    """Why somebody else than the one responsible hears of a duty."""

    UNSET = "unset"  # nobody is set for the holder
    NO_HEAD = "no_head"  # nobody is set above
    NO_CHAT = "no_chat"  # somebody is set, without a chat in reach
    ELSEWHERE = "elsewhere"  # somebody is set who may not see this opinion


@dataclass(frozen=True, kw_only=True)
class Hearer:
    """Somebody who is told of a duty, and as what."""

    person: Person
    #: holder | head | fallback
    role: str
    #: of a fallback: why, and for whom
    instead: tuple[Instead, str] | None = None


@dataclass(kw_only=True)
class Contacts:
    """Everybody who can be told, read once for many duties."""

    people: dict[int, Person]
    #: fold of the holder -> (person, head), staff keys
    by_holder: dict[str, tuple[int | None, int | None]]
    fallback: tuple[Person, ...]
    #: what each may see, by staff key
    members: dict[int, Member]

    def hearers(self, obligation: Obligation, who: Sequence[Who], about: Opinion | None = None) -> list[Hearer]:
        """Who is told when `who` is due; `about` is the opinion behind the duty, of which nobody hears who may not see
        it. Of what is sealed only the confidential role hears."""
        if about is not None and about.sealed:
            return [Hearer(person=one, role="holder") for one in self.people.values() if self.may_see(one, about)]
        found: dict[int, Hearer] = {}
        for wanted in who:
            for hearer in self._hearers(obligation, wanted, about):
                found.setdefault(hearer.person.staff_id, hearer)
        return list(found.values())

    def _hearers(self, obligation: Obligation, wanted: Who, about: Opinion | None) -> list[Hearer]:
        pair = self._pair(obligation)
        key = pair[0] if wanted is Who.HOLDER else pair[1]
        person = self.people.get(key) if key is not None else None
        if person is None:
            why = Instead.UNSET if wanted is Who.HOLDER else Instead.NO_HEAD
            instead = (why, holder_in_words(obligation))
        elif person.identity_id is None:
            instead = (Instead.NO_CHAT, person.name)
        elif not self.may_see(person, about):
            instead = (Instead.ELSEWHERE, person.name)
        else:
            return [Hearer(person=person, role=wanted)]
        others = (other for other in self.fallback if self.may_see(other, about))
        return [Hearer(person=other, role="fallback", instead=instead) for other in others]

    def may_see(self, person: Person, about: Opinion | None) -> bool:
        """Whether somebody may see the opinion behind a duty; what is about none may be known to all who owe it."""
        return about is None or self.members[person.staff_id].may(about, *VIEWERS)

    def answers_for(self, staff_id: int, obligation: Obligation, about: Opinion | None = None) -> bool:
        """Whether a duty is this person's: as the one responsible, as the head, or for want of anybody else; never
        when it is about an opinion the person may not see."""
        person, pair = self.people.get(staff_id), self._pair(obligation)
        if person is None or not self.may_see(person, about):
            return False
        if staff_id in pair or (about is not None and about.sealed):
            return True
        holder = self.people.get(pair[0]) if pair[0] is not None else None
        taken = holder is not None and self.may_see(holder, about)
        return not taken and any(one.staff_id == staff_id for one in self.fallback)

    def is_set(self, obligation: Obligation) -> bool:
        """Whether somebody who still works here is set for the one who owes it."""
        return self._pair(obligation)[0] in self.people

    def _pair(self, obligation: Obligation) -> tuple[int | None, int | None]:
        agency = self.by_holder.get(fold(obligation.agency)) if obligation.agency else None
        return agency or self.by_holder.get(fold(obligation.holder), (None, None))


def contacts_of(work: Work) -> Contacts:
    """Contacts, chats and roles of the office as they are now."""
    office = work.services.office_id
    reachable = set(work.session.exec(select(ChannelIdentity.id).where(col(ChannelIdentity.reachable))))
    staff = work.session.exec(select(Staff).where(Staff.office_id == office, col(Staff.active)).order_by(col(Staff.id)))
    people = {
        one.id: Person(
            staff_id=one.id,
            name=one.name,
            identity_id=one.channel_identity_id if one.channel_identity_id in reachable else None,
        )
        for one in staff
        if one.id is not None
    }
    roles = work.session.exec(select(StaffRole).order_by(col(StaffRole.id))).all()
    grants: dict[int, list[Grant]] = defaultdict(list)
    for role in roles:
        grants[role.staff_id].append(Grant(role=Role(role.role), residential_group_id=role.residential_group_id))
    contacts = work.session.exec(select(DutyContact).where(DutyContact.office_id == office))
    return Contacts(
        people=people,
        by_holder={fold(one.holder): (one.staff_id, one.head_staff_id) for one in contacts},
        fallback=_fallback(people, roles),
        members={
            key: Member(id=key, office_id=office, name=person.name, grants=tuple(grants[key]))
            for key, person in people.items()
        },
    )


def _fallback(people: dict[int, Person], roles: Sequence[StaffRole]) -> tuple[Person, ...]:
    for wanted in _FALLBACK:
        keys = sorted({one.staff_id for one in roles if one.role == wanted and one.residential_group_id is None})
        found = tuple(people[key] for key in keys if key in people and people[key].identity_id is not None)
        if found:
            return found
    return ()


def _holder(text: str) -> str:
    """A party's code however it is written, or the name of an agency."""
    words = " ".join(text.split())
    if not words:
        raise InvalidInput("Chưa ghi bên nào.", todo=_WHICH)
    for party in Party:
        if fold(words) in (fold(party), fold(PARTIES[party])):
            return party
    if words.isascii() and words.islower() and "_" in words:
        raise InvalidInput(f"Không có bên «{words}».", todo=_WHICH)
    return words


_WHICH = "Ghi tên cơ quan, hoặc một trong: " + ", ".join(f"{party} ({PARTIES[party]})" for party in Party) + "."


def _find(work: Work, holder: str) -> DutyContact | None:
    rows = work.session.exec(select(DutyContact).where(DutyContact.office_id == work.services.office_id))
    return next((row for row in rows if fold(row.holder) == fold(holder)), None)


def _row(work: Work, contact: DutyContact) -> ContactRow:
    def name(key: int | None) -> str | None:
        staff = work.session.get(Staff, key) if key is not None else None
        return None if staff is None else staff.name if staff.active else f"{staff.name} (đã nghỉ)"

    return ContactRow(
        holder=contact.holder,
        name=PARTIES.get(contact.holder, contact.holder),
        staff=name(contact.staff_id),
        head=name(contact.head_staff_id),
    )
