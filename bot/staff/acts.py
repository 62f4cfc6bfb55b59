"""Commands and presses carried out: each is one use case and one reply."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.staff import buttons, by_hand, commands, duties, office, proxy, speaking
from bot.staff.actor import Desk
from bot.staff.buttons import Press, Tap
from bot.staff.commands import Command, Misuse, Verb
from casework import cards
from casework.cards import say_ref
from casework.errors import AlreadyDecided, DoithoaiError, InvalidInput, NotFound
from casework.grounds import GroundUse, ground, grounds
from casework.talk import Reply
from casework.usecases.access import find_opinion, key_of, no_such_opinion
from casework.usecases.moderation import digest, labels, merging, queue, triage, undo
from casework.usecases.moderation.decisions import Decided, was_done
from casework.usecases.moderation.labels import Labels, parse_label
from casework.wording import say
from nlp.analysis import Kind, Level, Topic
from nlp.normalise import fold

_STILL_A_SAMPLE = "Đây vẫn là chữ mẫu, anh/chị thay bằng nội dung thật."


def run_command(desk: Desk, command: Command) -> Reply:
    """Carry out a command. Raises `DoithoaiError`."""
    if command.verb is Verb.QUEUE and _is_number(command.words):
        return _queue(desk, page=int(command.words))
    if command.verb in _WITHOUT_OPINION:
        return _WITHOUT_OPINION[command.verb](desk)
    if command.verb in _OFFICE:
        return _OFFICE[command.verb](desk, command.words)
    _check_hearing(desk, *command.refs)
    if command.verb is Verb.SHOW:
        return _show(desk, command.refs[0])
    if command.verb is Verb.HISTORY:
        return _history(desk, command.refs[0])
    if _is_repeat(desk, *command.refs):
        return _repeated(command.refs[0])
    if commands.is_template(command.verb, command.words):
        raise InvalidInput(_STILL_A_SAMPLE)
    if command.verb is Verb.BRING:
        return by_hand.bring(desk, command.refs[0], command.words)
    return _report(desk, _DECISIONS[command.verb](desk, command))


def run_press(desk: Desk, press: Press) -> Reply:
    """Carry out a pressed button. Raises `DoithoaiError`."""
    if press.tap is Tap.QUEUE:
        return _queue(desk)
    if press.tap is Tap.URGENT:
        return _queue(desk, urgent=True)
    if press.tap is Tap.SLIPS and press.ref is None:
        return by_hand.waiting(desk, "")
    if press.ref is None:
        raise no_such_opinion()
    _check_hearing(desk, press.ref)
    match press.tap:
        case Tap.SLIPS | Tap.GIVEN | Tap.NOT_GIVEN if desk.in_group:
            return Reply(text=say("slips_list.not_in_group"))
        case Tap.SLIPS:
            return by_hand.show(desk, press.ref)
        case Tap.GIVEN:
            return by_hand.given(desk, press.ref, press.version)
        case Tap.NOT_GIVEN:
            return by_hand.not_given(desk, press.ref)
        case Tap.VIEW:
            return _show(desk, press.ref)
        case Tap.HISTORY:
            return _history(desk, press.ref)
        case Tap.MORE:
            return _more(press, press.ref)
        case Tap.ASK:
            return _typed(Verb.ASK_BACK, press.ref, "câu hỏi", "Anh/chị gửi câu hỏi theo mẫu:")
        case Tap.DECLINE if press.arg is None:
            return _choose_ground(desk, press, press.ref)
        case Tap.DECLINE if needed := _needs(press.arg):
            return _typed(Verb.DECLINE, press.ref, f"{press.arg} {needed}", f"Căn cứ này cần ghi kèm {needed}:")
        case _:
            if _is_repeat(desk, press.ref):
                return _repeated(press.ref)
            return _report(desk, _decide_by_press(desk, press, press.ref))


def refusal(desk: Desk, asked: Command | Misuse | Press, error: DoithoaiError) -> Reply:
    """What could not be done and what to do; a stale press also gets the way to the present state."""
    text = "\n".join(part for part in (error.what, error.todo) if part)
    ref = asked.ref if isinstance(asked, Press) else next(iter(getattr(asked, "refs", ())), None)
    if isinstance(error, AlreadyDecided) and ref is not None:
        return Reply(text=text, buttons=buttons.to_view(ref, "Xem hiện trạng"))
    if isinstance(asked, Command) and isinstance(error, InvalidInput):
        text = f"{text}\n{commands.usage(asked.verb)}"
    return Reply(text=text)


# ---------------------------------------------------------------------- looking


def _queue(desk: Desk, *, urgent: bool | None = None, page: int = 1) -> Reply:
    filters = queue.Filters(sealed_too=not desk.in_group, urgent=urgent)
    lines = queue.queue(desk.services, desk.who.id, filters)
    return Reply(text=cards.queue_card(lines, page), buttons=buttons.for_queue(lines, page))


def _today(desk: Desk) -> Reply:
    counts = digest.digest(desk.services, desk.who.id, sealed_too=not desk.in_group)
    return Reply(text=cards.digest_card(counts), buttons=digest.ways_on(counts))


def _show(desk: Desk, ref: str) -> Reply:
    view = queue.show(desk.services, desk.who.id, ref)
    return Reply(text=cards.opinion_card(view, in_group=desk.in_group), buttons=buttons.for_opinion(view))


def _history(desk: Desk, ref: str) -> Reply:
    view = queue.show(desk.services, desk.who.id, ref)
    return Reply(text=cards.history_card(view), buttons=buttons.to_view(ref))


def _more(press: Press, ref: str) -> Reply:
    verbs = (
        *(Verb.ASK_BACK, Verb.RECLASSIFY, Verb.REFER, Verb.REDIRECT),
        *(Verb.MERGE, Verb.SPLIT, Verb.REWORD, Verb.UNDO),
    )
    lines = []
    for verb in verbs:
        grammar = commands.GRAMMAR[verb]
        usage = grammar.usage.replace("MÃ", say_ref(ref), 1)
        # What explains a command stands above it, not in it: a copied line is sent whole.
        lines.append(f"{grammar.help[0].upper()}{grammar.help[1:]}:\n/{verb.value} {usage}")
    return Reply(
        text="Sao chép một dòng lệnh, thay chữ mẫu rồi gửi.\n" + "\n".join(lines), buttons=buttons.for_more(press)
    )


def _choose_ground(desk: Desk, press: Press, ref: str) -> Reply:
    view = queue.show(desk.services, desk.who.id, ref)
    words = "" if view.line.sealed else f"\n«{view.line.text}»"
    return Reply(
        text=f"{say_ref(ref)}: không đưa vào hội nghị vì căn cứ nào?{words}\n"
        "Người gửi được báo lý do và cách làm tiếp.",
        buttons=buttons.for_grounds(press),
    )


def _needs(ground_code: str | None) -> str | None:
    return ground(ground_code, uses=(GroundUse.OPINION,)).needs if ground_code is not None else None


def _typed(verb: Verb, ref: str, what: str, ask: str) -> Reply:
    """What needs words cannot be a tap: the line to send, ready to be copied."""
    return Reply(text=f"{ask}\n/{verb.value} {say_ref(ref)} {what}")


_WITHOUT_OPINION: dict[Verb, Callable[[Desk], Reply]] = {
    Verb.QUEUE: _queue,
    Verb.URGENT: lambda desk: _queue(desk, urgent=True),
    Verb.TODAY: _today,
    Verb.GROUNDS: lambda _: Reply(text=cards.grounds_card(grounds(GroundUse.OPINION))),
    Verb.HELP: lambda desk: Reply(text=commands.help_text(desk.who)),
}

#: commands about the office's work rather than one opinion
_OFFICE: dict[Verb, Callable[[Desk, str], Reply]] = {
    Verb.DUE: duties.due,
    Verb.WHY: office.why,
    Verb.REPORTS: lambda desk, _: office.reports(desk),
    Verb.CONFERENCE: lambda desk, _: office.conference(desk),
    Verb.VILLAGE: lambda desk, _: office.village(desk),
    Verb.RECEIVED: duties.received,
    Verb.SPEAKERS: speaking.run,
    Verb.SLIPS: by_hand.waiting,
    Verb.HANDED: by_hand.handed,
    Verb.PROXY: proxy.in_group,
}


# ---------------------------------------------------------------------- deciding


def _approve(desk: Desk, command: Command) -> Decided:
    words = re.sub(r"^(nội dung|noi dung|nhóm|nhom)\s+(?=\d+$)", "", command.words, flags=re.IGNORECASE)
    return triage.approve(
        desk.services,
        desk.who.id,
        command.refs[0],
        group_id=int(words) if _is_number(words) else None,
        title=words if words and not _is_number(words) else None,
        request=desk.request,
    )


def _is_number(words: str) -> bool:
    return words.isascii() and words.isdecimal() and len(words) <= 15


def _decline(desk: Desk, command: Command) -> Decided:
    name, _, note = command.words.partition(" ")
    if not name:
        raise InvalidInput("Chưa ghi căn cứ.", todo=cards.grounds_card(grounds(GroundUse.OPINION)))
    if note and fold(note).strip() in {fold(one.needs) for one in grounds(GroundUse.OPINION) if one.needs}:
        raise InvalidInput(_STILL_A_SAMPLE)
    return triage.decline(desk.services, desk.who.id, command.refs[0], name, note=note, request=desk.request)


def _merge(desk: Desk, command: Command) -> Decided:
    return merging.merge(desk.services, desk.who.id, command.refs, why=command.words, request=desk.request)


def _split(desk: Desk, command: Command) -> Decided:
    title = command.words or None
    return merging.split(desk.services, desk.who.id, command.refs[0], title=title, request=desk.request)


def _reclassify(desk: Desk, command: Command) -> Decided:
    wanted = _labels(commands.parse_fields(command.words))
    return labels.reclassify(desk.services, desk.who.id, command.refs[0], wanted, request=desk.request)


_FIELDS = ("loai", "viec", "cap", "khan", "thon", "kin")


def _labels(fields: dict[str, str]) -> Labels:
    unknown = sorted(set(fields) - set(_FIELDS))
    if unknown or not fields:
        raise InvalidInput(
            f"Không có mục «{unknown[0]}»." if unknown else "Chưa ghi mục nào.",
            todo="Các mục: " + ", ".join(f"{name}=…" for name in _FIELDS),
        )
    return Labels(
        kind=parse_label(Kind, fields["loai"]) if "loai" in fields else None,
        topic=parse_label(Topic, fields["viec"]) if "viec" in fields else None,
        level=parse_label(Level, fields["cap"]) if "cap" in fields else None,
        urgent=_yes(fields["khan"]) if "khan" in fields else None,
        village=fields.get("thon"),
        sealed=_yes(fields["kin"]) if "kin" in fields else None,
    )


def _yes(value: str) -> bool:
    match fold(value).strip():
        case "co" | "1" | "dung" | "true":
            return True
        case "khong" | "0" | "ko" | "false":
            return False
    raise InvalidInput(f"Không hiểu «{value}».", todo="Ghi co hoặc khong.")


def _refer(desk: Desk, command: Command) -> Decided:
    body, _, rest = command.words.partition("|")
    document, _, why = rest.partition("|")
    return triage.refer_up(
        desk.services,
        desk.who.id,
        command.refs[0],
        body,
        document=document.strip() or None,
        why=why.strip() or None,
        request=desk.request,
    )


def _ask_back(desk: Desk, command: Command) -> Decided:
    return triage.ask_back(desk.services, desk.who.id, command.refs[0], command.words, request=desk.request)


def _reword(desk: Desk, command: Command) -> Decided:
    return labels.edit_wording(desk.services, desk.who.id, command.refs[0], command.words, request=desk.request)


def _mask(desk: Desk, command: Command) -> Decided:
    return labels.redact(desk.services, desk.who.id, command.refs[0], request=desk.request)


def _redirect(desk: Desk, command: Command) -> Decided:
    kind = parse_label(Kind, command.words) if command.words else None
    return triage.redirect(desk.services, desk.who.id, command.refs[0], kind=kind, request=desk.request)


def _release(desk: Desk, command: Command) -> Decided:
    return triage.release(desk.services, desk.who.id, command.refs[0], request=desk.request)


def _undo(desk: Desk, command: Command) -> Decided:
    return undo.undo(desk.services, desk.who.id, command.refs[0], request=desk.request)


_DECISIONS: dict[Verb, Callable[[Desk, Command], Decided]] = {
    Verb.APPROVE: _approve,
    Verb.DECLINE: _decline,
    Verb.MERGE: _merge,
    Verb.SPLIT: _split,
    Verb.RECLASSIFY: _reclassify,
    Verb.REFER: _refer,
    Verb.ASK_BACK: _ask_back,
    Verb.REWORD: _reword,
    Verb.MASK: _mask,
    Verb.REDIRECT: _redirect,
    Verb.RELEASE: _release,
    Verb.UNDO: _undo,
}


def _decide_by_press(desk: Desk, press: Press, ref: str) -> Decided:
    services, staff_id, request, version = desk.services, desk.who.id, desk.request, press.version
    match press.tap:
        case Tap.APPROVE:
            return triage.approve(services, staff_id, ref, expected_version=version, request=request)
        case Tap.JOIN if press.arg is not None and _is_number(press.arg):
            return triage.approve(
                services, staff_id, ref, group_id=int(press.arg), expected_version=version, request=request
            )
        case Tap.MERGE if press.arg is not None:
            _check_hearing(desk, press.arg)
            return merging.merge(
                services, staff_id, [press.arg, ref], expected_versions=_seen(desk, ref, version), request=request
            )
        case Tap.DECLINE if press.arg is not None:
            return triage.decline(services, staff_id, ref, press.arg, expected_version=version, request=request)
        case Tap.REDIRECT:
            kind = parse_label(Kind, press.arg) if press.arg is not None else None
            return triage.redirect(services, staff_id, ref, kind=kind, expected_version=version, request=request)
        case Tap.RELEASE:
            return triage.release(services, staff_id, ref, expected_version=version, request=request)
        case Tap.MASK:
            return labels.redact(services, staff_id, ref, expected_version=version, request=request)
        case Tap.SPLIT:
            return merging.split(services, staff_id, ref, expected_version=version, request=request)
        case Tap.UNDO:
            return undo.undo(services, staff_id, ref, expected_version=version, request=request)
    raise NotFound("Nút này không dùng được nữa.", todo="Nhắn /xem MÃ để mở lại ý kiến.")


def _seen(desk: Desk, ref: str, version: int | None) -> dict[int, int]:
    if version is None:
        return {}
    with desk.services.reading() as unit:
        return {key_of(find_opinion(unit, ref)): version}


# ---------------------------------------------------------------------- groups, repeats, reports


def _check_hearing(desk: Desk, *refs: str) -> None:
    """What is sealed does not exist in a group chat, whoever asks."""
    if desk.in_group and any(queue.is_sealed(desk.services, ref) for ref in refs):
        raise no_such_opinion()


def _is_repeat(desk: Desk, *refs: str) -> bool:
    """The same message a second time: we were stopped between doing it and remembering that we had answered."""
    with desk.services.reading() as unit:
        return any(was_done(unit, key_of(find_opinion(unit, ref)), desk.request) for ref in refs)


def _repeated(ref: str) -> Reply:
    return Reply(text="Việc này đã được ghi.", buttons=buttons.to_view(ref))


def _report(desk: Desk, decided: Decided) -> Reply:
    if desk.in_group and queue.is_sealed(desk.services, decided.opinion_id):
        return Reply(text=f"{desk.who.name}: nội dung này nay được giữ kín, chỉ người giữ việc mật xem được.")
    text = cards.decided_card(decided, who=desk.who.name if desk.in_group else None)
    return Reply(text=text, buttons=buttons.after_decision(decided))
