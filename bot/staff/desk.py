"""One message of a staff member or in a staff group: who acts, what is asked, what comes back.

Roles, territory and the present state are checked by the use cases at every press; here only what a *group* may
hear is decided: nothing sealed, no names of citizens.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.conversation.engine import COMMANDS as CITIZEN_COMMANDS
from bot.digits import Rows
from bot.staff import acts, buttons, commands, proxy
from bot.staff.actor import Desk
from bot.staff.buttons import Press
from bot.staff.by_digit import pressed_by_digit
from bot.staff.commands import Command, Misuse
from casework.errors import DoithoaiError
from casework.talk import InboundMessage, MessageKind, Reply
from casework.usecases.access import member
from casework.usecases.office import enrolment
from casework.usecases.work import Services
from nlp.normalise import fold

#: prefix of an enrolment code in a deep link
DEEP_LINK = "nv_"
_ENROL = "ghidanh"
#: a code has ten symbols, with or without separators; ordinary words have no digit among them
_ENROL_IN_WORDS = re.compile(r"ghi ?danh:? (?=.*\d)((?:[0-9a-z][\s.-]?){9}[0-9a-z])")

_REFUSED = (
    "Mã ghi danh này không dùng được: có thể sai, đã dùng hoặc đã hết hạn.\n"
    "Mã của cán bộ gửi trong tin nhắn riêng, mã của nhóm gửi trong nhóm. Anh/chị xin quản trị cấp mã mới."
)
_TOO_MANY = "Anh/chị đã thử nhiều mã không đúng. Xin để một giờ nữa hãy thử lại, hoặc xin quản trị cấp mã mới."
_GROUP_LINKED = (
    "Nhóm này nay là nhóm cán bộ. Ai đã ghi danh thì dùng được các lệnh, nhắn /trogiup để xem.\n"
    "Nội dung giữ kín không bao giờ hiện trong nhóm."
)
_NOT_ENROLLED = (
    "Việc này dành cho cán bộ đã ghi danh. Anh/chị nhắn riêng cho kênh: /ghidanh MÃ (mã do quản trị cấp), rồi làm lại."
)
_ANONYMOUS = (
    "Anh/chị đang đăng ẩn danh với tư cách nhóm nên chưa rõ ai quyết định. "
    "Xin tắt «ẩn danh» trong quyền quản trị nhóm rồi làm lại: mỗi quyết định cần có tên người."
)


def handle_staff(
    services: Services,
    identity_id: int,
    message: InboundMessage,
    entry_id: int,
    *,
    shows: Callable[[Rows], bool] = lambda rows: True,
) -> list[Reply] | None:
    """Carry out what staff ask; None when the message is no staff matter and goes on to the citizens' talk. `shows`:
    whether the channel can show these as buttons; where not, a number stands for the press."""
    code = _enrolment_code(message)
    if code is not None:
        return [_enrol(services, identity_id, code)]
    pressed = pressed_by_digit(services, identity_id, message, shows=shows)
    if pressed is not None:
        if isinstance(pressed, Reply):
            return [pressed]
        message = pressed
    if message.is_group:
        return _in_group(services, identity_id, message, entry_id)
    with services.reading() as unit:
        staff_id = enrolment.staff_of_chat(unit, identity_id)
        who = member(unit, staff_id) if staff_id is not None else None
    if who is None:
        return None
    desk = Desk(services=services, who=who, in_group=False, request=f"inbox:{entry_id}")
    noted = _noted_for_another(desk, message, entry_id)
    return [noted] if noted is not None else _handle(desk, message)


def _in_group(services: Services, identity_id: int, message: InboundMessage, entry_id: int) -> list[Reply] | None:
    with services.reading() as unit:
        if not enrolment.is_staff_group(unit, identity_id):
            return None
        # A person in a group is known by the private chat that enrolled.
        staff_id = enrolment.staff_of_sender(unit, message.channel, message.account, message.sender_id)
        who = member(unit, staff_id) if staff_id is not None else None
    if not _is_asked(message):
        return []
    if message.note == "anonymous_admin":
        return [Reply(text=_ANONYMOUS)]
    if who is None:
        return [Reply(text=_NOT_ENROLLED)]
    desk = Desk(services=services, who=who, in_group=True, request=f"inbox:{entry_id}")
    return _handle(desk, message) or []


def _is_asked(message: InboundMessage) -> bool:
    """In a group only commands and staff buttons are for us; colleagues' talk is theirs."""
    if message.kind is MessageKind.PRESS:
        return buttons.is_staff_token(message.token or "")
    return message.kind is MessageKind.TEXT and message.text.lstrip().startswith("/")


def _noted_for_another(desk: Desk, message: InboundMessage, entry_id: int) -> Reply | None:
    try:
        return proxy.handle(desk, message, entry_id)
    except DoithoaiError as error:
        return Reply(text="\n".join(part for part in (error.what, error.todo) if part))


def _handle(desk: Desk, message: InboundMessage) -> list[Reply] | None:
    asked = _asked(desk, message)
    if asked is None:
        return None
    try:
        return [_answer(desk, asked)]
    except DoithoaiError as error:
        return [acts.refusal(desk, asked, error)]


def _asked(desk: Desk, message: InboundMessage) -> Command | Misuse | Press | None:
    if message.kind is MessageKind.PRESS and buttons.is_staff_token(message.token or ""):
        return buttons.parse_token(message.token or "") or Misuse(verb=None)
    if message.kind is not MessageKind.TEXT:
        return None
    found = commands.parse(message.text, slash_only=desk.in_group)
    if found is None and not desk.in_group:
        return commands.question(message.text)
    if isinstance(found, Misuse) and found.verb is None and not desk.in_group and _for_citizens(message.text):
        return None
    return found


def _for_citizens(text: str) -> bool:
    """Staff are residents, too: their own questions take the citizens' way."""
    words = text.strip().removeprefix("/").split()
    return bool(words) and fold(words[0]) in {*CITIZEN_COMMANDS, "start"}


def _answer(desk: Desk, asked: Command | Misuse | Press) -> Reply:
    match asked:
        case Command():
            return acts.run_command(desk, asked)
        case Press():
            return acts.run_press(desk, asked)
        case Misuse():
            return Reply(text=_explain(asked, desk))


def _explain(misuse: Misuse, desk: Desk) -> str:
    if misuse.verb is None:
        return commands.did_you_mean(misuse.typed, desk.who)
    if misuse.wrong_code is None:
        return f"Thiếu mã ý kiến.\n{commands.usage(misuse.verb)}"
    wrong = f"«{misuse.wrong_code}» không phải mã ý kiến (mã không có số 0, số 1, chữ O, chữ I)."
    return f"{wrong}\n{commands.usage(misuse.verb)}"


# ---------------------------------------------------------------------- enrolment


def _enrolment_code(message: InboundMessage) -> str | None:
    if message.kind is MessageKind.START:
        payload = message.payload or ""
        return payload.removeprefix(DEEP_LINK) if payload.startswith(DEEP_LINK) else None
    if message.kind is not MessageKind.TEXT:
        return None
    word, _, rest = message.text.strip().partition(" ")
    if word.startswith("/") and fold(word[1:].partition("@")[0]) == _ENROL:
        return rest.strip()
    # Typed by hand on a phone: "ghi danh K7P4M XW2RT".
    match = _ENROL_IN_WORDS.fullmatch(" ".join(fold(message.text).split()))
    return match[1] if match is not None else None


def may_enrol(message: InboundMessage) -> bool:
    """Whether somebody nobody enrolled yet may be doing it now: a link that starts the talk, a command, a code."""
    if message.kind is MessageKind.START or message.text.lstrip().startswith("/"):
        return True
    return _enrolment_code(message) is not None


def _enrol(services: Services, identity_id: int, code: str) -> Reply:
    match enrolment.redeem(services, identity_id=identity_id, code=code):
        case enrolment.Redeemed.STAFF_LINKED:
            with services.reading() as unit:
                staff_id = enrolment.staff_of_chat(unit, identity_id)
                who = member(unit, staff_id) if staff_id is not None else None
            if who is None:
                return Reply(text=_REFUSED)
            welcome = f"Chào {who.name}. Tài khoản này đã ghi danh.\n{commands.greeting(who)}"
            return Reply(text=welcome, buttons=buttons.to_begin(who))
        case enrolment.Redeemed.GROUP_LINKED:
            return Reply(text=_GROUP_LINKED)
        case enrolment.Redeemed.TOO_MANY:
            return Reply(text=_TOO_MANY)
        case enrolment.Redeemed.REFUSED:
            return Reply(text=_REFUSED)
