"""The life of an opinion: which state may follow which, and who owes the next step.

Pure rules on plain values. Every state has exactly one responsible party; an opinion that rests owes nothing to
anybody.
"""

from __future__ import annotations

from enum import StrEnum

from casework.errors import IllegalMove
from storage.records import OpinionState as S


class Responsible(StrEnum):
    """Who must act next."""

    MODERATOR = "moderator"
    CONFIDENTIAL = "confidential"
    CITIZEN = "citizen"
    ORGANISER = "organiser"
    CHAIR = "chair"
    AGENCY = "agency"
    UPPER_LEVEL = "upper_level"
    NOBODY = "nobody"


MOVES: dict[S, frozenset[S]] = {
    # Scheduled, assigned and answered at once: it joined an issue that was already under way.
    S.RECEIVED: frozenset(
        {
            *{S.APPROVED, S.DECLINED, S.CLARIFYING, S.REFERRED, S.HELD, S.REDIRECTED, S.WITHDRAWN},
            *{S.SCHEDULED, S.ASSIGNED, S.ANSWERED},
        }
    ),
    S.HELD: frozenset({S.RECEIVED, S.REDIRECTED, S.DECLINED, S.CLARIFYING, S.WITHDRAWN}),
    S.CLARIFYING: frozenset(
        {
            *{S.RECEIVED, S.HELD, S.APPROVED, S.DECLINED, S.REFERRED, S.REDIRECTED, S.WITHDRAWN},
            *{S.SCHEDULED, S.ASSIGNED, S.ANSWERED},
        }
    ),
    # Held again: a person saw only later that it is a complaint or a denunciation.
    S.APPROVED: frozenset({S.SCHEDULED, S.ASSIGNED, S.ANSWERED, S.RECEIVED, S.REFERRED, S.DECLINED, S.HELD}),
    S.SCHEDULED: frozenset({S.APPROVED, S.ASSIGNED, S.ANSWERED, S.DECLINED, S.REFERRED, S.HELD}),
    S.ASSIGNED: frozenset({S.ANSWERED, S.REFERRED, S.APPROVED, S.SCHEDULED, S.HELD}),
    S.REFERRED: frozenset({S.ANSWERED, S.ASSIGNED, S.RECEIVED, S.APPROVED, S.SCHEDULED, S.HELD}),
    S.DECLINED: frozenset({S.RECEIVED, S.HELD, S.CLARIFYING, S.SCHEDULED}),
    S.REDIRECTED: frozenset({S.RECEIVED, S.HELD, S.CLARIFYING}),
    # Held: only after its answer a person saw that it is a denunciation.
    S.ANSWERED: frozenset({S.ASSIGNED, S.HELD}),
    S.WITHDRAWN: frozenset({S.RECEIVED, S.HELD}),
}

RESPONSIBLE: dict[S, Responsible] = {
    S.RECEIVED: Responsible.MODERATOR,
    S.HELD: Responsible.MODERATOR,
    S.CLARIFYING: Responsible.CITIZEN,
    S.APPROVED: Responsible.ORGANISER,
    S.SCHEDULED: Responsible.CHAIR,
    S.ASSIGNED: Responsible.AGENCY,
    S.REFERRED: Responsible.UPPER_LEVEL,
    S.ANSWERED: Responsible.NOBODY,
    S.DECLINED: Responsible.NOBODY,
    S.REDIRECTED: Responsible.NOBODY,
    S.WITHDRAWN: Responsible.NOBODY,
}

#: as staff and citizens read them
STATE_NAMES: dict[S, str] = {
    S.RECEIVED: "đã nhận, chờ Mặt trận xem",
    S.HELD: "đã nhận, chờ người có thẩm quyền xem",
    S.CLARIFYING: "đang chờ người gửi nói rõ thêm",
    S.APPROVED: "đã duyệt, chờ đưa vào hội nghị",
    S.SCHEDULED: "đã vào nội dung hội nghị đối thoại",
    S.ASSIGNED: "đã giao cơ quan trả lời bằng văn bản",
    S.REFERRED: "vượt thẩm quyền của xã, đã chuyển cấp trên",
    S.ANSWERED: "đã có văn bản trả lời",
    S.DECLINED: "không đưa vào hội nghị",
    S.REDIRECTED: "đã được hướng dẫn gửi đến đúng nơi giải quyết",
    S.WITHDRAWN: "người gửi đã rút",
}

#: nobody owes a next step any more
CLOSED = frozenset(state for state, who in RESPONSIBLE.items() if who is Responsible.NOBODY)

#: nobody has decided yet
UNDECIDED = frozenset({S.RECEIVED, S.HELD, S.CLARIFYING})

#: while in these, the citizen may still change the words or take them back
OPEN_TO_CITIZEN = frozenset({S.RECEIVED, S.HELD, S.CLARIFYING})


def check_move(old: str, new: str) -> None:
    """Raise `IllegalMove` unless `new` may follow `old`."""
    if S(new) not in MOVES[S(old)]:
        raise IllegalMove(
            f"Ý kiến đang ở trạng thái «{STATE_NAMES[S(old)]}» nên không chuyển sang «{STATE_NAMES[S(new)]}» được.",
            todo="Xem lại ý kiến bằng lệnh xem rồi chọn việc khác.",
        )


def check_undo(decided: str, before: str) -> None:
    """Raise `IllegalMove` unless an undo may lead from `decided` back to `before`: the way a decision came."""
    if decided != before and S(decided) not in MOVES[S(before)]:
        raise IllegalMove(
            f"Không hoàn tác từ «{STATE_NAMES[S(decided)]}» về «{STATE_NAMES[S(before)]}» được.",
            todo="Xem lại ý kiến bằng lệnh xem rồi chọn việc khác.",
        )


def responsible_for(state: str, *, sealed: bool) -> Responsible:
    """The one party that owes the next step."""
    if sealed and S(state) is S.HELD:
        return Responsible.CONFIDENTIAL
    return RESPONSIBLE[S(state)]
