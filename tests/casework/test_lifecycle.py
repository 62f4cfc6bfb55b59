from __future__ import annotations

import itertools

import pytest

from casework.errors import IllegalMove
from casework.lifecycle import MOVES, RESPONSIBLE, STATE_NAMES, Responsible, check_move, check_undo, responsible_for
from storage.records import OpinionState

S = OpinionState


def test_every_state_has_a_name_one_responsible_party_and_its_moves() -> None:
    assert set(MOVES) == set(RESPONSIBLE) == set(STATE_NAMES) == set(S)


def test_every_state_can_be_reached_and_an_open_one_can_be_left() -> None:
    reached, frontier = set(), {S.RECEIVED, S.HELD}
    while frontier:
        reached |= frontier
        frontier = {after for state in frontier for after in MOVES[state]} - reached
    assert reached == set(S)
    assert all(MOVES[state] for state in S)


@pytest.mark.parametrize("state", [S.HELD, S.REDIRECTED, S.WITHDRAWN, S.DECLINED])
def test_what_may_be_a_complaint_or_is_closed_never_goes_straight_into_an_agenda(state: OpinionState) -> None:
    assert S.APPROVED not in MOVES[state]
    with pytest.raises(IllegalMove, match="chuyển sang"):
        check_move(state, S.APPROVED)


@pytest.mark.parametrize(("old", "new"), list(itertools.product(S, S)))
def test_an_undo_goes_back_the_way_a_decision_came_and_no_other(old: OpinionState, new: OpinionState) -> None:
    if new in MOVES[old] or old == new:
        check_undo(new, old)
    else:
        with pytest.raises(IllegalMove):
            check_undo(new, old)


def test_a_sealed_one_is_on_the_desk_of_the_confidential_role_alone() -> None:
    assert responsible_for(S.HELD, sealed=True) is Responsible.CONFIDENTIAL
    assert responsible_for(S.HELD, sealed=False) is Responsible.MODERATOR
