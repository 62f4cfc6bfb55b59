from __future__ import annotations

from collections.abc import Callable

import pytest

from casework.errors import Forbidden, InvalidInput, NotFound, SetupNeeded
from casework.usecases.access import acting_staff, require
from casework.usecases.moderation import labels, merging, queue, triage, undo
from casework.usecases.moderation.labels import Labels
from casework.usecases.work import Services
from nlp.analysis import Topic
from storage.records import Opinion, OpinionState, Role
from tests.casework.factories import make_opinion, make_staff, reload

S = OpinionState
Act = Callable[[Services, int, Opinion], object]

DECIDE = {Role.MODERATOR, Role.APPROVER}
LOOK = {*DECIDE, Role.VILLAGE_OFFICER}


def _merge(services: Services, staff: int, opinion: Opinion) -> object:
    other = make_opinion(services, state=S.RECEIVED, village="t4")
    return merging.merge(services, staff, [opinion.id or 0, other.id or 0], title="Đèn thôn 4")


def _undo(services: Services, staff: int, opinion: Opinion) -> object:
    boss = make_staff(services, Role.MODERATOR)
    triage.approve(services, boss, opinion.id or 0, title="Đèn thôn 4")
    return undo.undo(services, staff, opinion.id or 0)


VERBS: dict[str, tuple[set[Role], OpinionState, Act]] = {
    "show": (LOOK, S.RECEIVED, lambda s, who, o: queue.show(s, who, o.id or 0)),
    "approve": (DECIDE, S.RECEIVED, lambda s, who, o: triage.approve(s, who, o.id or 0, title="Đèn thôn 4")),
    "decline": (DECIDE, S.RECEIVED, lambda s, who, o: triage.decline(s, who, o.id or 0, "XUC_PHAM_VU_KHONG")),
    "redirect": (DECIDE, S.HELD, lambda s, who, o: triage.redirect(s, who, o.id or 0, kind=labels.Kind.COMPLAINT)),
    "release": (DECIDE, S.HELD, lambda s, who, o: triage.release(s, who, o.id or 0)),
    "refer_up": (
        DECIDE,
        S.RECEIVED,
        lambda s, who, o: triage.refer_up(s, who, o.id or 0, "Sở Xây dựng", why="tỉnh lộ"),
    ),
    "ask_back": (LOOK, S.RECEIVED, lambda s, who, o: triage.ask_back(s, who, o.id or 0, "Ở đoạn nào ạ?")),
    "reclassify": (
        DECIDE,
        S.RECEIVED,
        lambda s, who, o: labels.reclassify(s, who, o.id or 0, Labels(topic=Topic.TRANSPORT)),
    ),
    "edit_wording": (DECIDE, S.RECEIVED, lambda s, who, o: labels.edit_wording(s, who, o.id or 0, "Đèn hỏng")),
    "merge": (DECIDE, S.RECEIVED, _merge),
    "undo": (DECIDE, S.RECEIVED, _undo),
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("verb", sorted(VERBS))
def test_each_act_is_open_to_its_roles_in_their_territory_and_to_nobody_else(
    services: Services, verb: str, role: Role
) -> None:
    entitled, state, act = VERBS[verb]
    for territory, covers in ((None, True), ("t4", True), ("t5", False)):
        staff = make_staff(services, role, village=territory)
        opinion = make_opinion(services, state=state, village="t4")
        if covers and role in entitled:
            act(services, staff, opinion)
        else:
            with pytest.raises(Forbidden):
                act(services, staff, opinion)
            assert reload(services, opinion).state in (state, S.APPROVED)


def test_an_opinion_of_unknown_village_belongs_to_the_whole_office(services: Services) -> None:
    opinion = make_opinion(services, state=S.RECEIVED)
    with pytest.raises(Forbidden):
        triage.approve(
            services, make_staff(services, Role.MODERATOR, village="t4"), opinion.code or "", title="Đèn thôn 4"
        )
    triage.approve(services, make_staff(services, Role.MODERATOR), opinion.code or "", title="Đèn thôn 4")


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"merge", "undo"}))
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CONFIDENTIAL}))
def test_a_sealed_opinion_does_not_exist_for_anybody_without_the_confidential_role(
    services: Services, verb: str, role: Role
) -> None:
    sealed = make_opinion(services, state=S.HELD, sealed=True, kind="to-cao", text="Ông Trần Văn Tạo nhận tiền")
    staff = make_staff(services, role)
    _, _, act = VERBS[verb]
    with pytest.raises(NotFound) as secret:
        act(services, staff, sealed)
    with pytest.raises(NotFound) as missing:
        queue.show(services, make_staff(services, Role.MODERATOR), 999_999)
    assert str(secret.value) == str(missing.value)


def test_the_confidential_role_alone_suffices_to_see_and_redirect_what_is_sealed(services: Services) -> None:
    sealed = make_opinion(services, state=S.HELD, sealed=True, kind="to-cao", text="Ông Trần Văn Tạo nhận tiền")
    keeper = make_staff(services, Role.CONFIDENTIAL)
    assert "nhận tiền" in queue.show(services, keeper, f"#{sealed.id}").original_text
    assert triage.redirect(services, keeper, sealed.id or 0).state == S.REDIRECTED


def test_removed_staff_can_do_nothing(services: Services) -> None:
    opinion = make_opinion(services, state=S.RECEIVED)
    gone = make_staff(services, Role.MODERATOR, active=False)
    with pytest.raises(Forbidden):
        triage.approve(services, gone, opinion.code or "", title="Đèn thôn 4")


def test_a_right_without_an_opinion_is_checked_for_the_role_only(services: Services) -> None:
    village_admin = make_staff(services, Role.MODERATOR, village="t4")
    with services.reading() as work:
        assert require(work, village_admin, Role.MODERATOR).id == village_admin
        with pytest.raises(Forbidden, match="quản trị"):
            require(work, village_admin, Role.ADMIN)


@pytest.mark.parametrize("ref", ["", "#", "#x", "#99999999999999999999", "K7P4MX", "Ông Bình", "𝟙𝟚𝟛", "#²"])
def test_a_reference_that_names_nothing_is_not_found(services: Services, ref: str) -> None:
    with pytest.raises(NotFound):
        queue.show(services, make_staff(services, Role.MODERATOR), ref)


def test_the_only_active_staff_member_acts_when_nobody_is_named(services: Services) -> None:
    with services.reading() as work, pytest.raises(SetupNeeded):
        acting_staff(work, None)
    lan = make_staff(services, Role.MODERATOR, name="Chị Lan")
    make_staff(services, Role.ADMIN, name="Anh Minh", active=False)
    with services.reading() as work:
        assert acting_staff(work, None) == lan
    tu = make_staff(services, Role.VILLAGE_OFFICER, name="Anh Tư")
    with services.reading() as work:
        assert acting_staff(work, "anh tư") == tu
        assert acting_staff(work, str(lan)) == lan
        with pytest.raises(InvalidInput):
            acting_staff(work, None)
        with pytest.raises(NotFound):
            acting_staff(work, "Anh Minh")
