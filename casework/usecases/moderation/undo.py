"""Use case: take back the last decision on an opinion, as if it had not been made; what the asker may already have
read is corrected instead of unsaid.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import col, delete, select

from casework import notices
from casework.errors import NotFound
from casework.lifecycle import UNDECIDED, check_undo
from casework.usecases.access import ASKERS_BACK, DECIDERS, find_opinion, key_of, require
from casework.usecases.answers.pages import reopen_links
from casework.usecases.citizens.facts import fresh_code
from casework.usecases.moderation import telling
from casework.usecases.moderation.decisions import (
    VERB_NAMES,
    Case,
    Decided,
    acts_on,
    conclude,
    open_case,
    overtaken,
    snapshot,
    store,
)
from casework.usecases.moderation.labels import follow_wording
from casework.usecases.moderation.merging import refresh_group, retitle, wording_of
from casework.usecases.moderation.rulings import take_back
from casework.usecases.referrals.referring import cancel_open, check_not_sent
from casework.usecases.work import Services, Work, staff_member
from storage.records import Act, Opinion, OpinionGroup, Prediction, Role, Wording

UNDOABLE = frozenset(
    {
        *{"approved", "declined", "put_off", "redirected", "released", "referred_up", "asked_back"},
        *{"merged", "split_off", "reclassified", "reworded"},
    }
)


def undo(
    services: Services,
    staff_id: int,
    ref: str | int,
    *,
    expected_version: int | None = None,
    request: str | None = None,
) -> Decided:
    """Undo the last staff decision on this opinion that still stands; a merge or referral of several is undone for
    all of them.

    Raises `NotFound` when there is nothing to undo, `AlreadyDecided` when something was built on it since,
    `Forbidden` for who could not have made the decision.
    """
    with services.writing() as work:
        opinion = find_opinion(work, ref)
        require(work, staff_id, *ASKERS_BACK, opinion=opinion)
        act = last_standing(work, opinion)
        if act is None:
            raise NotFound("Ý kiến này chưa có quyết định nào để hoàn tác.", todo="Xem lại bằng lệnh xem.")
        if act.verb == "referred_up" and opinion.group_id is not None:
            check_not_sent(work, opinion.group_id)
        cases = _open_all(work, staff_id, act, opinion, expected_version, request)
        decided = [_undo_one(case, own_act) for case, own_act in cases]
        take_back(work, [case.id for case, _ in cases], act.at)
        for group_id in {group for case, own in cases for group in _groups(own)}:
            refresh_group(work, group_id)
            if act.verb == "referred_up":
                cancel_open(work, staff_member(staff_id), group_id, why="hoàn tác")
        work.commit()
    return decided[0]


def last_standing(work: Work, opinion: Opinion) -> Act | None:
    """The newest undoable decision on the opinion that was not undone."""
    undone: set[int] = set()
    for act in acts_on(work.session, key_of(opinion)):
        if act.verb == "undone":
            undone.add(act.details["undoes"])
        elif act.verb in UNDOABLE and act.actor == "staff" and act.id not in undone and "before" in act.details:
            return act
    return None


def _open_all(
    work: Work, staff_id: int, act: Act, opinion: Opinion, version: int | None, request: str | None
) -> list[tuple[Case, Act]]:
    roles: tuple[Role, ...] = ASKERS_BACK if act.verb == "asked_back" else DECIDERS
    first = open_case(work, staff_id, key_of(opinion), roles=roles, expected_version=version, request=request)
    pairs = [(first, act)]
    for other_id in act.details.get("moved", []):
        if other_id == first.id or _has_left(work, other_id):
            continue
        case = open_case(work, staff_id, other_id, roles=roles, request=request)
        own = last_standing(work, case.opinion)
        if own is None or own.details.get("batch") != act.details.get("batch"):
            raise overtaken(work, case.opinion)
        pairs.append((case, own))
    for case, own in pairs:
        if _state_of_affairs(case.before) != _state_of_affairs(own.details["after"]):
            raise overtaken(work, case.opinion)
    return pairs


def _has_left(work: Work, opinion_id: int) -> bool:
    """Sealed since: it left the issue then, and nothing here may even hint at it."""
    return work.session.get_one(Opinion, opinion_id).sealed


def _state_of_affairs(values: dict[str, Any]) -> dict[str, Any]:
    """A snapshot without the wording the citizen or a later edit may have touched: that undoes for itself."""
    return {name: value for name, value in values.items() if name != "wording_id"}


def _undo_one(case: Case, act: Act) -> Decided:
    before = dict(act.details["before"])
    wording_id = before.pop("wording_id")
    check_undo(case.opinion.state, before["state"])
    was_sealed, old_words = case.opinion.sealed, wording_of(case.opinion)
    if before["code"] is not None and _taken(case, before["code"]):
        before["code"] = fresh_code(case.work)
    if act.verb == "reworded":
        before["edited_text"] = _wording(case.work, wording_id)
    if before["state"] in UNDECIDED:
        before["decided_at"] = None
    store(case, **before)
    if act.verb == "reworded":
        follow_wording(case.work, case.opinion, old_words)
    if act.details.get("retitled"):
        _restore_title(case)
    _forget_judgement(case, act)
    hushed = telling.hush(case) if case.opinion.sealed else []
    back = telling.take_back(case, act, was_sealed=was_sealed)
    notices.reopen(case.work, act.details.get("hushed", []))
    if was_sealed and not case.opinion.sealed:
        reopen_links(case.work, opinion_id=case.id, revoked_at=act.at)
    why = VERB_NAMES[act.verb]
    return conclude(case, "undone", why=why, notice=back.notice, remark=back.remark, undoes=act.id, hushed=hushed)


def _taken(case: Case, code: str) -> bool:
    holder = case.work.session.exec(select(Opinion.id).where(Opinion.code == code)).first()
    return holder is not None and holder != case.id


def _wording(work: Work, wording_id: int | None) -> str | None:
    if wording_id is None:
        return None
    return work.session.get_one(Wording, wording_id).text


def _restore_title(case: Case) -> None:
    """A line that had lost its title with a sealed opinion gets it again. A title that was written by hand for the
    last opinion of a line is not kept anywhere: the proposed one takes its place."""
    if case.opinion.group_id is None:
        return
    group = case.work.session.get_one(OpinionGroup, case.opinion.group_id)
    retitle(case.work, group, [case.opinion])


def _forget_judgement(case: Case, act: Act) -> None:
    """What a person said by mistake teaches nobody."""
    keys = act.details.get("predictions", [])
    if keys:
        case.work.session.exec(delete(Prediction).where(col(Prediction.id).in_(keys)))


def _groups(act: Act) -> set[int]:
    groups = {act.details["before"]["group_id"], act.details["after"]["group_id"]}
    return {group for group in groups if group is not None}


def undoable(work: Work, opinion: Opinion) -> str | None:
    """What an undo would take back now, in words; None when nothing."""
    act = last_standing(work, opinion)
    if act is None or _state_of_affairs(snapshot(work.session, opinion)) != _state_of_affairs(act.details["after"]):
        return None
    return VERB_NAMES[act.verb]
