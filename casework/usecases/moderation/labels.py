"""Use cases that correct what an opinion is taken for and how it is worded. Original words are never touched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from sqlmodel import col, select

from casework.errors import IllegalMove, InvalidInput
from casework.public_words import name_free, proposed_title
from casework.usecases.access import DECIDERS
from casework.usecases.citizens.facts import fresh_code
from casework.usecases.conference.issues import opinions_of
from casework.usecases.moderation import telling
from casework.usecases.moderation.decisions import Case, Decided, change, conclude, open_case
from casework.usecases.moderation.merging import refresh_group, retitle, wording_of
from casework.usecases.work import Services, Work
from nlp.analysis import Kind, Level, MadeBy, Topic
from nlp.normalise import fold
from storage.records import Opinion, OpinionGroup, OpinionState, Prediction, ResidentialGroup, Wording

S = OpinionState
E = TypeVar("E", bound=StrEnum)

#: from these an opinion goes back to a person's desk when it turns out to be a complaint or a denunciation
_HELD_AGAIN = frozenset(
    {S.RECEIVED, S.CLARIFYING, S.APPROVED, S.SCHEDULED, S.ASSIGNED, S.REFERRED, S.DECLINED, S.ANSWERED}
)
#: longest edited wording, characters
WORDING_LIMIT = 2000


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What a person sets; None = leave as it is. `village` is a code or name, empty for unknown."""

    kind: Kind | None = None
    topic: Topic | None = None
    level: Level | None = None
    urgent: bool | None = None
    village: str | None = None
    sealed: bool | None = None


def judge(case: Case, **labels: object) -> list[int]:
    """Keep a person's judgement next to the program's; returns the keys, for an undo to remove them."""
    keys: list[int] = []
    for label, value in labels.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        row = case.work.add(
            Prediction(
                opinion_id=case.id,
                label=label,
                value=text,
                confidence=1.0,
                made_by=MadeBy.PERSON,
                at=case.work.now,
            )
        )
        keys += [row.id] if row.id is not None else []
    return keys


def reclassify(
    services: Services,
    staff_id: int,
    ref: str | int,
    labels: Labels,
    *,
    expected_version: int | None = None,
    request: str | None = None,
) -> Decided:
    """Correct labels, village or seal. A denunciation is sealed, leaves its group and waits for the confidential
    role; a complaint leaves its group and is held; what is neither any more goes back to the queue.

    Raises `NotFound`, `Forbidden`, `AlreadyDecided`, `IllegalMove`, `InvalidInput` (nothing to change, no such label).
    """
    with services.writing() as work:
        case = open_case(work, staff_id, ref, roles=DECIDERS, expected_version=expected_version, request=request)
        opinion, left = case.opinion, case.opinion.group_id
        values = _new_values(work, opinion, labels)
        if all(getattr(opinion, name) == value for name, value in values.items()):
            raise InvalidInput("Không có gì thay đổi.", todo="Ghi điều cần sửa, ví dụ: chude=giao-thong cap=tinh")
        sealing = values["sealed"] and not opinion.sealed
        title_words = wording_of(opinion)
        hushed = telling.hush(case) if sealing else []
        change(case, **values)
        retitled = sealing and _clear_title(work, left, title_words)
        refresh_group(work, left)
        told = {"kind": labels.kind, "topic": labels.topic, "level": labels.level, "urgent": labels.urgent}
        decided = conclude(
            case,
            "reclassified",
            notice=_tell(case, sealing=sealing),
            predictions=judge(case, **{name: value for name, value in told.items() if value is not None}),
            hushed=hushed,
            retitled=retitled,
        )
        work.commit()
    return decided


def _new_values(work: Work, opinion: Opinion, labels: Labels) -> dict[str, Any]:
    if labels.level is Level.DISTRICT:
        raise InvalidInput("Không còn cấp huyện từ 01/7/2025.", todo="Chọn xa, tinh hoặc trung-uong.")
    kind = labels.kind or Kind(opinion.kind)
    sealed = labels.sealed if labels.sealed is not None else _stays_sealed(opinion, labels)
    if kind is Kind.DENUNCIATION and not sealed:
        raise InvalidInput("Tố cáo luôn được giữ kín.", todo="Đổi loại trước, ví dụ: loai=y-kien")
    apart = sealed or kind in (Kind.COMPLAINT, Kind.DENUNCIATION)
    state = S(opinion.state)
    if apart and state is S.ANSWERED and not opinion.sealed and kind is not Kind.DENUNCIATION:
        raise IllegalMove("Ý kiến này đã có văn bản trả lời.", todo="Không cần xếp lại.")
    if apart and state in _HELD_AGAIN:
        state = S.HELD
    elif not apart and state is S.HELD and (labels.kind is not None or opinion.sealed):
        state = S.RECEIVED
    unsealing = opinion.sealed and not sealed
    return {
        "kind": kind.value,
        "topic": (labels.topic or Topic(opinion.topic)).value,
        "level": (labels.level or Level(opinion.level)).value,
        "urgent": opinion.urgent if labels.urgent is None else labels.urgent,
        "residential_group_id": _village(work, opinion, labels.village),
        "sealed": sealed,
        "state": state.value,
        "group_id": None if apart else opinion.group_id,
        "code": None if sealed else opinion.code or (fresh_code(work) if unsealing else None),
    }


def _stays_sealed(opinion: Opinion, labels: Labels) -> bool:
    if labels.kind is None:
        return opinion.sealed
    return labels.kind is Kind.DENUNCIATION


def _village(work: Work, opinion: Opinion, name: str | None) -> int | None:
    if name is None:
        return opinion.residential_group_id
    wanted = fold(name).strip()
    if wanted in ("", "-", "khong ro"):
        return None
    rows = work.session.exec(
        select(ResidentialGroup)
        .where(ResidentialGroup.office_id == opinion.office_id)
        .order_by(col(ResidentialGroup.position))
    ).all()
    for row in rows:
        if wanted in (fold(row.code), fold(row.name)):
            return row.id
    raise InvalidInput(
        f"Không có thôn «{name}».", todo="Chọn một trong: " + ", ".join(f"{row.code} ({row.name})" for row in rows)
    )


def _tell(case: Case, *, sealing: bool) -> telling.Notice | None:
    """Topic and level are no news to the asker; what stops or frees the opinion is."""
    before, after = case.before, case.opinion
    if sealing:
        return telling.tell(case, "sealed", telling.sealed(case))
    if before["state"] == S.HELD and after.state == S.RECEIVED:
        return telling.tell(case, "released", telling.released(case))
    # No longer sealed: the notice carries the new code.
    unsealed = before["sealed"] and not after.sealed
    if unsealed or (before["group_id"] is not None and after.group_id is None):
        return telling.tell(case, "held", telling.held(case))
    return None


def _clear_title(work: Work, group_id: int | None, words: str) -> bool:
    """A title made of a sealed opinion's words must not stay on any list. Returns whether it was one of these."""
    if group_id is None:
        return False
    group = work.session.get_one(OpinionGroup, group_id)
    members = opinions_of(work, group_id)
    if members and group.title != proposed_title(words):
        return False
    retitle(work, group, members)
    return True


# ---------------------------------------------------------------------- wording


def edit_wording(
    services: Services,
    staff_id: int,
    ref: str | int,
    text: str,
    *,
    expected_version: int | None = None,
    request: str | None = None,
) -> Decided:
    """Give the opinion a wording for agenda and public use; every wording is kept, the asker's stays as it is.

    A title that was proposed from the old wording follows. Raises `InvalidInput` when the text is empty, too long or
    changes nothing, and as `reclassify`.
    """
    words = text.strip()
    if not words or len(words) > WORDING_LIMIT:
        raise InvalidInput(f"Lời biên tập phải có chữ và không quá {WORDING_LIMIT} ký tự.", todo="Viết lại rồi gửi.")
    with services.writing() as work:
        case = open_case(work, staff_id, ref, roles=DECIDERS, expected_version=expected_version, request=request)
        decided = _reword(case, words, why="biên tập")
        work.commit()
    return decided


def redact(
    services: Services,
    staff_id: int,
    ref: str | int,
    *,
    expected_version: int | None = None,
    request: str | None = None,
) -> Decided:
    """Mask the personal data the program finds in the wording; the original stays as it is.

    Raises `InvalidInput` when it finds none, and as `reclassify`.
    """
    with services.writing() as work:
        case = open_case(work, staff_id, ref, roles=DECIDERS, expected_version=expected_version, request=request)
        masked = name_free(wording_of(case.opinion))
        if masked == wording_of(case.opinion):
            raise InvalidInput(
                "Máy không thấy thông tin riêng nào để che.", todo="Nếu còn, tự viết lại lời bằng lệnh sửa (/sua)."
            )
        decided = _reword(case, masked, why="che thông tin riêng")
        work.commit()
    return decided


def _reword(case: Case, words: str, *, why: str) -> Decided:
    opinion = case.opinion
    if words == opinion.edited_text:
        raise InvalidInput("Lời biên tập không có gì thay đổi.", todo="Xem lại bằng lệnh xem.")
    old = wording_of(opinion)
    case.work.add(Wording(opinion_id=case.id, author="staff", text=words, at=case.work.now))
    change(case, edited_text=words)
    follow_wording(case.work, opinion, old)
    return conclude(case, "reworded", why=why)


def follow_wording(work: Work, opinion: Opinion, old: str) -> None:
    """A title nobody wrote by hand goes with the wording it was proposed from."""
    if opinion.group_id is None:
        return
    group = work.session.get_one(OpinionGroup, opinion.group_id)
    if group.title == proposed_title(old):
        group.title = proposed_title(wording_of(opinion))
        work.session.add(group)


def parse_label(enum: type[E], value: str) -> E:
    """A label as a person typed it. Raises `InvalidInput` naming the allowed ones."""
    wanted = fold(value).strip().replace(" ", "-").replace("_", "-")
    for member in enum:
        if member.value == wanted:
            return member
    raise InvalidInput(f"Không có nhãn «{value}».", todo="Chọn một trong: " + _listed(enum))


def _listed(values: Iterable[StrEnum]) -> str:
    return ", ".join(value.value for value in values)
