"""Asking an officer at the terminal, step by step, for what was not given as an option."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from admin_cli.output import note

if TYPE_CHECKING:
    from casework.doors import Door
    from casework.usecases.citizens.proxy import ProxyOpinion
    from casework.usecases.work import Services

_YES = frozenset({"1", "co", "c", "dong y", "yes", "y", "true"})
_NO = frozenset({"2", "khong", "ko", "k", "khong dong y", "no", "n", "false"})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the command line said; None: not said."""

    text: str | None
    village: str | None
    process: Said | None
    publish: Said | None
    name: str | None
    by_phone: Said | None
    phone: str | None


class Said(StrEnum):
    """What the person answered to a sentence read aloud."""

    YES = "có"
    NO = "không"


def said(text: str) -> Said:
    """Reads an answer for `typer.Option(parser=...)`."""
    from casework.plain_words import plain

    typed = plain(text)
    if typed in _YES or typed in _NO:
        return Said.YES if typed in _YES else Said.NO
    raise typer.BadParameter(f"«{text}» không rõ. Ghi có hoặc không.")


def may_ask() -> bool:
    """Whether somebody sits at the terminal."""
    return sys.stdin.isatty()


def confirmed(question: str) -> bool:
    """Asks at the terminal until the answer is yes or no; whether it is yes."""
    return typer.prompt(question, value_proc=said, err=True) is Said.YES


def complete(services: Services, staff_id: int, given: Asked) -> ProxyOpinion:
    """Everything a proxy opinion needs: from the options, else asked for; in a script what is missing is refused.

    Raises `Forbidden`, `InvalidInput`, `typer.BadParameter` for what a script left out.
    """
    from casework.errors import InvalidInput
    from casework.mobile import mobile_number
    from casework.usecases.citizens import proxy
    from casework.usecases.citizens.proxy import ProxyOpinion
    from storage.records import ConsentPurpose as P

    villages = proxy.villages_of(services, staff_id)
    text = given.text if given.text is not None else ask("Lời người ấy nói", option="LỜI")
    seen = proxy.look(services, text)
    for line in seen.guidance:
        note(line)
    village = _village(services, villages, given.village, seen.village)
    proxy.check_own(services, staff_id, village)
    consents: dict[P, bool] = {}
    answers = {P.PROCESS: given.process, P.PUBLISH: given.publish, P.PHONE: given.by_phone}
    name = phone = None
    wants_phone = given.phone is not None or given.by_phone is not None
    for one in proxy.to_read(services, held=seen.held, with_phone=wants_phone):
        if one.purpose is P.PHONE and not consents[P.PROCESS]:
            continue
        consents[one.purpose] = _answer(one.purpose, one.sentence, answers[one.purpose])
    agreed = consents[P.PROCESS]
    name = given.name if given.name is not None or not (agreed and may_ask()) else optional("Họ tên (Enter để trống)")
    phone = given.phone
    if phone is None and consents.get(P.PHONE, False) and may_ask():
        phone = optional("Số điện thoại (Enter để trống)")
    if name is not None and proxy.name_of(name) is None:
        raise InvalidInput("Họ tên chưa đúng.", todo="Chỉ ghi họ và tên, không kèm số.")
    if phone is not None and mobile_number(phone) is None:
        raise InvalidInput("Số điện thoại chưa đúng.", todo="Số di động có 10 chữ số, bắt đầu bằng 0.")
    return ProxyOpinion(
        text=text,
        village=village,
        consents=consents,
        name=proxy.name_of(name) if name else None,
        phone=mobile_number(phone) if phone else None,
    )


def _village(services: Services, villages: Any, wanted: str | None, named: str | None) -> str:
    """The code of the village: given, the only own one, or asked for with a list."""
    from casework.errors import InvalidInput
    from casework.usecases.citizens import proxy

    if wanted is None and len(villages) == 1:
        return str(villages[0].code)
    if wanted is None:
        for number, village in enumerate(villages, start=1):
            note(f"{number}. {village.name}")
        default = next((str(number) for number, one in enumerate(villages, 1) if one.code == named), None)
        wanted = ask("Thôn (số hoặc tên)", option="--village", default=default)
        if wanted.strip().isdecimal() and 1 <= int(wanted) <= len(villages):
            return str(villages[int(wanted) - 1].code)
    code = proxy.village_named(services, wanted)
    if code is None:
        known = ", ".join(f"{village.code} ({village.name})" for village in villages)
        raise InvalidInput(f"Không có thôn «{wanted}».", todo=f"Các thôn anh/chị nhập được: {known}.")
    return code


def village_name(services: Services, staff_id: int, code: str) -> str:
    """The name of one of the officer's villages."""
    from casework.usecases.citizens import proxy

    return next((one.name for one in proxy.villages_of(services, staff_id) if one.code == code), code)


def _answer(purpose: str, sentence: str, answer: Said | None) -> bool:
    if answer is not None:
        return answer is Said.YES
    option = "--by-phone" if purpose == "phone" else f"--{purpose}"
    if not may_ask():
        raise typer.BadParameter(f"Đọc to cho người ấy nghe rồi ghi có hoặc không: «{sentence}»", param_hint=option)
    note(f"\nĐọc to cho người ấy nghe:\n«{sentence}»")
    return confirmed("Người ấy trả lời (1 đồng ý, 2 không)")


def ask(what: str, *, option: str, default: str | None = None) -> str:
    """Asks for words that must be there; a script is told which option holds them."""
    if not may_ask():
        raise typer.BadParameter("Còn thiếu.", param_hint=option)
    return str(typer.prompt(what, default=default, err=True))


def optional(what: str) -> str | None:
    """Asks for words that may be left out."""
    return str(typer.prompt(what, default="", show_default=False, err=True)).strip() or None


def shown(code: str | None) -> str | None:
    """A code as people read it."""
    from casework.codes import spoken

    return spoken(code) if code else None


def row_of(row: Any, *, why: bool) -> dict[str, Any]:
    """A line of the report; with `why` all words of it in one field, for a narrow table."""
    fields = {one.name: getattr(row, one.name) for one in dataclasses.fields(row)} | {"code": shown(row.code)}
    if why:
        where = f"{row.column}: " if row.column else ""
        fields["why"] = f"{where}{row.what} {row.todo}".strip()
    return fields


def door_of(services: Services, village: str | None) -> Door | None:
    """What the QR code of a receipt opens; None when no channel is connected."""
    from bot import settings
    from bot.entrances import entrances_of
    from casework.doors import doors

    ways = doors(entrances_of(settings.load(), services), village)
    return ways[0] if ways else None
