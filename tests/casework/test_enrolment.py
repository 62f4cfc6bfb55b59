from __future__ import annotations

import datetime as dt
import random

import pytest
from sqlmodel import select

from casework.clock import ManualClock
from casework.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from casework.usecases.moderation import queue
from casework.usecases.office import enrolment
from casework.usecases.office.enrolment import ATTEMPT_WINDOW, ATTEMPTS, CODE_VALID, Redeemed
from casework.usecases.work import Services
from storage.records import Act, ChannelIdentity, EnrolmentCode, Role, Staff


@pytest.fixture
def admin(services: Services) -> int:
    return enrolment.add_staff(services, None, name="Bà Mai", roles=[Role.ADMIN], first=True).staff_id


def _chat(services: Services, external_id: str, *, is_group: bool = False) -> int:
    with services.writing() as work:
        row = work.add(ChannelIdentity(channel="telegram", account="bot", external_id=external_id, is_group=is_group))
        work.commit()
    return row.id or 0


def _linked(services: Services, identity: int) -> int | None:
    with services.reading() as work:
        return enrolment.staff_of_chat(work, identity)


def test_the_first_admin_needs_nobody_and_is_the_only_one_who_does_not(services: Services, admin: int) -> None:
    with pytest.raises(IllegalMove):
        enrolment.add_staff(services, None, name="Kẻ Lạ", roles=[Role.ADMIN], first=True)
    with pytest.raises(Forbidden):
        enrolment.add_staff(services, None, name="Kẻ Lạ", roles=[Role.ADMIN])
    added = enrolment.add_staff(services, admin, name="Chị Lan", roles=[Role.MODERATOR])
    with pytest.raises(Forbidden):
        enrolment.add_staff(services, added.staff_id, name="Kẻ Lạ", roles=[Role.ADMIN])


def test_the_first_one_must_be_an_admin(services: Services) -> None:
    with pytest.raises(InvalidInput):
        enrolment.add_staff(services, None, name="Chị Lan", roles=[Role.MODERATOR], first=True)


@pytest.mark.parametrize(("name", "roles"), [("  ", [Role.MODERATOR]), ("x" * 81, [Role.MODERATOR]), ("Chị Lan", [])])
def test_a_staff_member_has_a_name_and_a_role(services: Services, admin: int, name: str, roles: list[Role]) -> None:
    with pytest.raises(InvalidInput):
        enrolment.add_staff(services, admin, name=name, roles=roles)


def test_two_active_staff_do_not_share_a_name(services: Services, admin: int) -> None:
    with pytest.raises(InvalidInput):
        enrolment.add_staff(services, admin, name="Bà  Mai", roles=[Role.MODERATOR])


def test_a_code_is_kept_as_a_hash_works_once_and_links_the_chat(services: Services, admin: int) -> None:
    added = enrolment.add_staff(services, admin, name="Chị Lan", roles=[Role.MODERATOR])
    with services.reading() as work:
        stored = [row.code_hash for row in work.session.exec(select(EnrolmentCode))]
        history = " ".join(f"{act.why} {act.details}" for act in work.session.exec(select(Act)))
    assert added.code.code not in " ".join(stored) + history
    chat, other = _chat(services, "1"), _chat(services, "2")
    typed = added.code.code.lower()
    assert enrolment.redeem(services, identity_id=chat, code=f" {typed[:5]}-{typed[5:]} ") is Redeemed.STAFF_LINKED
    assert _linked(services, chat) == added.staff_id
    assert enrolment.redeem(services, identity_id=other, code=added.code.code) is Redeemed.REFUSED
    assert _linked(services, other) is None


def test_a_code_expires_and_a_newer_one_replaces_it(services: Services, admin: int, clock: ManualClock) -> None:
    chat = _chat(services, "1")
    old = enrolment.add_staff(services, admin, name="Chị Lan", roles=[Role.MODERATOR]).code
    new = enrolment.issue_code(services, admin, old.staff_id or 0)
    assert enrolment.redeem(services, identity_id=chat, code=old.code) is Redeemed.REFUSED
    clock.advance(CODE_VALID.total_seconds())
    assert enrolment.redeem(services, identity_id=chat, code=new.code) is Redeemed.REFUSED
    short = enrolment.issue_code(services, admin, old.staff_id or 0, code_valid=dt.timedelta(minutes=5))
    clock.advance(299)
    assert enrolment.redeem(services, identity_id=chat, code=short.code) is Redeemed.STAFF_LINKED


def test_a_chat_that_keeps_guessing_must_wait_and_a_right_code_does_not_help(
    services: Services, admin: int, clock: ManualClock
) -> None:
    code = enrolment.add_staff(services, admin, name="Chị Lan", roles=[Role.MODERATOR]).code.code
    chat, calm = _chat(services, "1"), _chat(services, "2")
    for _ in range(ATTEMPTS):
        assert enrolment.redeem(services, identity_id=chat, code="SAI") is Redeemed.REFUSED
    assert enrolment.redeem(services, identity_id=chat, code=code) is Redeemed.TOO_MANY
    assert enrolment.redeem(services, identity_id=calm, code="SAI") is Redeemed.REFUSED
    clock.advance(ATTEMPT_WINDOW.total_seconds() + 1)
    assert enrolment.redeem(services, identity_id=chat, code=code) is Redeemed.STAFF_LINKED


def test_a_personal_code_is_for_private_chats_and_a_group_code_for_groups(services: Services, admin: int) -> None:
    personal = enrolment.issue_code(services, admin, admin).code
    for_group = enrolment.issue_group_code(services, admin).code
    private, group = _chat(services, "1"), _chat(services, "-1", is_group=True)
    assert enrolment.redeem(services, identity_id=group, code=personal) is Redeemed.REFUSED
    assert enrolment.redeem(services, identity_id=private, code=for_group) is Redeemed.REFUSED
    assert enrolment.redeem(services, identity_id=private, code=personal) is Redeemed.REFUSED  # a group has read it
    fresh = enrolment.issue_code(services, admin, admin).code
    assert enrolment.redeem(services, identity_id=private, code=fresh) is Redeemed.STAFF_LINKED
    assert enrolment.redeem(services, identity_id=group, code=for_group) is Redeemed.GROUP_LINKED
    with services.reading() as work:
        assert enrolment.is_staff_group(work, group)
        assert enrolment.staff_of_sender(work, "telegram", "bot", "1") == admin
        assert enrolment.staff_of_sender(work, "telegram", "another bot", "1") is None
    (row,) = enrolment.list_groups(services, admin)
    assert (row.channel, row.chat_id) == ("telegram", "-1")
    enrolment.remove_group(services, admin, row.id)
    assert enrolment.list_groups(services, admin) == []
    with pytest.raises(NotFound):
        enrolment.remove_group(services, admin, row.id)
    with services.reading() as work:
        assert not enrolment.is_staff_group(work, group)


def test_removing_a_staff_member_takes_rights_chat_and_unused_codes_away(services: Services, admin: int) -> None:
    added = enrolment.add_staff(services, admin, name="Chị Lan", roles=[Role.MODERATOR])
    chat = _chat(services, "1")
    enrolment.redeem(services, identity_id=chat, code=added.code.code)
    fresh = enrolment.issue_code(services, admin, added.staff_id)
    enrolment.remove_staff(services, admin, added.staff_id)
    assert _linked(services, chat) is None
    assert enrolment.redeem(services, identity_id=chat, code=fresh.code) is Redeemed.REFUSED
    with pytest.raises(Forbidden):
        queue.queue(services, added.staff_id)
    with pytest.raises(NotFound):
        enrolment.issue_code(services, admin, added.staff_id)


def test_the_last_admin_stays(services: Services, admin: int) -> None:
    with pytest.raises(IllegalMove):
        enrolment.remove_staff(services, admin, admin)
    with pytest.raises(IllegalMove):
        enrolment.set_roles(services, admin, admin, roles=[Role.MODERATOR])
    second = enrolment.add_staff(services, admin, name="Ông Hai", roles=[Role.ADMIN])
    enrolment.remove_staff(services, second.staff_id, admin)


def test_roles_are_replaced_with_their_territory(services: Services, admin: int) -> None:
    tu = enrolment.add_staff(services, admin, name="Anh Tư", roles=[Role.VILLAGE_OFFICER], village="t4").staff_id
    enrolment.set_roles(services, admin, tu, roles=[Role.MODERATOR, Role.ADMIN], village="thôn 5")
    (row,) = [one for one in enrolment.list_staff(services, admin) if one.id == tu]
    assert row.roles == ((Role.ADMIN, None), (Role.MODERATOR, "thôn 5"))
    with pytest.raises(NotFound):
        enrolment.set_roles(services, admin, tu, roles=[Role.MODERATOR], village="thôn Mây")


def test_a_chat_taken_over_by_another_staff_member_leaves_the_first(services: Services, admin: int) -> None:
    chat = _chat(services, "1")
    enrolment.redeem(services, identity_id=chat, code=enrolment.issue_code(services, admin, admin).code)
    lan = enrolment.add_staff(services, admin, name="Chị Lan", roles=[Role.MODERATOR])
    enrolment.redeem(services, identity_id=chat, code=lan.code.code)
    assert _linked(services, chat) == lan.staff_id
    with services.reading() as work:
        assert work.session.get_one(Staff, admin).channel_identity_id is None


def test_no_code_repeats_and_none_is_short(services: Services, admin: int) -> None:
    services.random = random.Random(1)
    codes = {enrolment.issue_group_code(services, admin).code for _ in range(50)}
    assert len(codes) == 50
    assert {len(code) for code in codes} == {10}
