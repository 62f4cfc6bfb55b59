"""Buttons below staff cards. A token carries all a press needs: verb, opinion, the version that was seen, argument;
so a press weeks later, after a restart, by somebody else, is understood, and a stale one is noticed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from casework.cards import page_of, say_ref
from casework.grounds import GroundUse, grounds
from casework.public_words import one_line
from casework.talk import Button
from casework.usecases.access import DECIDERS, Member
from casework.usecases.moderation.decisions import VERB_NAMES, Decided
from casework.usecases.moderation.queue import OpinionView, QueueLine
from casework.wording import say
from nlp.analysis import Kind
from storage.records import OpinionState, Role

Rows = tuple[tuple[Button, ...], ...]
S = OpinionState

#: longest label that phones show whole
LABEL = 38


class Tap(StrEnum):
    """What a button does; short, for a token has 64 bytes."""

    QUEUE = "q"
    URGENT = "qk"
    VIEW = "v"
    HISTORY = "h"
    MORE = "m"
    APPROVE = "ok"
    JOIN = "jo"
    MERGE = "mg"
    DECLINE = "no"
    ASK = "as"
    REDIRECT = "rd"
    RELEASE = "rl"
    MASK = "ms"
    SPLIT = "sp"
    UNDO = "u"
    SLIPS = "sl"  # the list of what waits to be handed over; with an opinion, its words
    GIVEN = "gv"  # `version`: how many notices were read out
    NOT_GIVEN = "gn"


@dataclass(frozen=True, kw_only=True)
class Press:
    """A pressed staff button. `version` None: nothing was seen that could be stale."""

    tap: Tap
    ref: str | None = None
    version: int | None = None
    arg: str | None = None

    def token(self) -> str:
        parts = ["s", self.tap.value, self.ref, None if self.version is None else str(self.version), self.arg]
        while parts[-1] is None:
            parts.pop()
        return ":".join(part or "" for part in parts)


_TOKEN = re.compile(
    r"s:(?P<tap>[a-z]{1,2})(?::(?P<ref>#\d{1,15}|[0-9A-Z]{6}))?(?::(?P<version>\d{1,9}))?(?::(?P<arg>[#\w-]{1,40}))?",
    re.ASCII,
)


def is_staff_token(token: str) -> bool:
    """Whether a token is one of ours at all."""
    return token.startswith("s:")


def parse_token(token: str) -> Press | None:
    """The press behind a token; None for one this version of the program does not know."""
    match = _TOKEN.fullmatch(token)
    if match is None or match["tap"] not in {tap.value for tap in Tap}:
        return None
    version = match["version"]
    return Press(
        tap=Tap(match["tap"]),
        ref=match["ref"],
        version=int(version) if version is not None else None,
        arg=match["arg"],
    )


# ---------------------------------------------------------------------- rows


def for_queue(lines: Sequence[QueueLine], page: int = 1) -> Rows:
    """One button per line shown."""
    return tuple(
        (_button(f"Xem {say_ref(line.ref)} {'' if line.sealed else line.text}", Press(tap=Tap.VIEW, ref=line.ref)),)
        for line in page_of(lines, page)
    )


def for_opinion(view: OpinionView) -> Rows:
    """The decisions that make sense now; the use case checks again whoever presses."""
    line = view.line

    def press(tap: Tap, arg: str | None = None) -> Press:
        return Press(tap=tap, ref=line.ref, version=line.version, arg=arg)

    rows: list[tuple[Button, ...]] = []
    if not view.may_decide:
        return _only_looking(view)
    more = _button("Việc khác", press(Tap.MORE))
    if line.state in (S.RECEIVED, S.HELD, S.CLARIFYING):
        if line.sealed or line.state == S.HELD or line.kind.value in (Kind.COMPLAINT, Kind.DENUNCIATION):
            rows += _suspected(view, press(Tap.RELEASE))
        else:
            rows += _ordinary(view)
    if line.group_id is not None and view.companions:
        rows.append((_button("Tách thành nội dung riêng", press(Tap.SPLIT)),))
    if view.undoable is not None:
        rows.append((_button(f"Hoàn tác: {view.undoable}", press(Tap.UNDO)), more))
    else:
        rows.append((more,))
    return tuple(rows)


def _only_looking(view: OpinionView) -> Rows:
    """An officer of a village knows the place and may ask back; others decide."""
    line = view.line
    rows = [(_button("Ai đã làm gì", Press(tap=Tap.HISTORY, ref=line.ref)),)]
    if view.undoable == VERB_NAMES["asked_back"]:
        undo = Press(tap=Tap.UNDO, ref=line.ref, version=line.version)
        rows.insert(0, (_button(f"Hoàn tác: {view.undoable}", undo),))
    if line.state == S.RECEIVED and not line.sealed:
        rows.insert(0, (_button("Hỏi lại người gửi", Press(tap=Tap.ASK, ref=line.ref, version=line.version)),))
    return tuple(rows)


def _ordinary(view: OpinionView) -> list[tuple[Button, ...]]:
    line = view.line
    rows: list[tuple[Button, ...]] = []
    for suggestion in line.suggestions:
        if not suggestion.same:
            continue
        if suggestion.group_id is not None:
            label = f"Duyệt, gộp vào nội dung {suggestion.group_id} ({suggestion.people} người)"
            arg = Press(tap=Tap.JOIN, ref=line.ref, version=line.version, arg=str(suggestion.group_id))
        else:
            label = f"Duyệt, gộp với {say_ref(suggestion.ref)}"
            arg = Press(tap=Tap.MERGE, ref=line.ref, version=line.version, arg=suggestion.ref)
        rows.append((_button(label, arg),))
    own = Press(tap=Tap.APPROVE, ref=line.ref, version=line.version)
    rows.append(
        (
            _button("Duyệt riêng" if rows else "Duyệt", own),
            _button("Không đưa vào", Press(tap=Tap.DECLINE, ref=line.ref, version=line.version)),
        )
    )
    rows.append((_button("Hỏi lại người gửi", Press(tap=Tap.ASK, ref=line.ref, version=line.version)),))
    return rows


def _suspected(view: OpinionView, release: Press) -> list[tuple[Button, ...]]:
    def redirect(kind: Kind) -> Press:
        return Press(tap=Tap.REDIRECT, ref=release.ref, version=release.version, arg=kind.value)

    rows: list[tuple[Button, ...]] = [(_button("Đúng tố cáo: giữ kín, hướng dẫn", redirect(Kind.DENUNCIATION)),)]
    if not view.line.sealed:
        rows.insert(0, (_button("Đúng khiếu nại: hướng dẫn", redirect(Kind.COMPLAINT)),))
    if view.line.state == S.HELD:
        rows.append((_button("Là ý kiến thường: trả về hàng đợi", release),))
    return rows


def for_grounds(press: Press) -> Rows:
    """The listed grounds, one tap each; one that needs words is explained when tapped."""
    return tuple(
        (
            _button(
                f"{ground.number}. {ground.name}",
                Press(tap=Tap.DECLINE, ref=press.ref, version=press.version, arg=ground.code),
            ),
        )
        for ground in grounds(GroundUse.OPINION)
    )


def for_more(press: Press) -> Rows:
    """What is needed less often."""
    return (
        (
            _button("Che thông tin riêng", Press(tap=Tap.MASK, ref=press.ref, version=press.version)),
            _button("Ai đã làm gì", Press(tap=Tap.HISTORY, ref=press.ref)),
        ),
    )


def to_begin(who: Member) -> Rows:
    """What somebody may look at on the first day."""
    if who.has(*DECIDERS, Role.CONFIDENTIAL):
        return ((_button("Xem hàng đợi", Press(tap=Tap.QUEUE)),),)
    if who.has(Role.VILLAGE_OFFICER):
        return ((_button("Xem phiếu chờ trao", Press(tap=Tap.SLIPS)),),)
    return ()


def to_view(ref: str, label: str = "Xem") -> Rows:
    """One button that opens the opinion."""
    return ((_button(label, Press(tap=Tap.VIEW, ref=ref)),),)


def for_slips(refs: Sequence[str]) -> Rows:
    """One number per line of the list."""
    return tuple(
        (_button(f"{number}. {say_ref(ref)}", Press(tap=Tap.SLIPS, ref=ref)),) for number, ref in enumerate(refs, 1)
    )


def for_slip(ref: str, count: int) -> Rows:
    """Whether what was read out was handed over; not yet: back to the list."""
    given = Press(tap=Tap.GIVEN, ref=ref, version=count)
    return ((_button(say("slips_list.given"), given), _button(say("slips_list.not_yet"), Press(tap=Tap.SLIPS))),)


def after_handing(ref: str) -> Rows:
    """The next slip first: who types the same number twice by accident takes nothing back."""
    mistake = Press(tap=Tap.NOT_GIVEN, ref=ref)
    return ((_button(say("handed.next"), Press(tap=Tap.SLIPS)), _button(say("handed.mistake"), mistake)),)


def after_decision(decided: Decided) -> Rows:
    """Second thoughts are one tap away; the version keeps a late tap from undoing what a colleague did since."""
    if decided.verb == "undone":
        second = _button("Xem lại", Press(tap=Tap.VIEW, ref=decided.ref))
    else:
        second = _button("Hoàn tác", Press(tap=Tap.UNDO, ref=decided.ref, version=decided.version))
    return ((second, _button("Hàng đợi", Press(tap=Tap.QUEUE))),)


def _button(label: str, press: Press) -> Button:
    return Button(label=one_line(label, LABEL), token=press.token())
