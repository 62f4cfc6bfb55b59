"""What is wrong with a command as it was typed, in Vietnamese: the library that reads commands speaks English."""

from __future__ import annotations

import re
from collections.abc import Callable

#: a value the library refused, and what it should have been
_VALUES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"(?:Value error, )?'(.*)' is not one of (.+?)\.?$", lambda m: f"«{m[1]}» không nằm trong: {_list(m[2])}."),
    (r"Input should be a valid (?:integer|number).*", lambda m: "phải là số."),
    (r"Input should be (greater|less) than (or equal to )?(-?\d+).*", lambda m: _bound(m)),
    (r"(?:[Ff]ile|[Pp]ath|[Dd]irectory) '(.*)' does not exist\.?", lambda m: f"không có tệp «{m[1]}»."),
    (r"(?:[Ff]ile|[Pp]ath) '(.*)' is a directory\.?", lambda m: f"«{m[1]}» là thư mục, không phải tệp."),
)
_MESSAGES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"Missing option '?(.+?)'?\.?", lambda m: f"Còn thiếu {m[1]}."),
    (r"Missing (?:argument|parameter):? '?(.+?)'?\.?", lambda m: f"Còn thiếu {m[1]}."),
    (r"Missing command\.?", lambda m: "Chưa ghi việc cần làm."),
    (r"No such command '(.+?)'\.(?: (.+))?", lambda m: f"Không có lệnh «{m[1]}».{_near(m[2])}"),
    (r"No such option: (\S+)(?: (.+))?", lambda m: f"Lệnh này không có lựa chọn {m[1]}.{_near(m[2])}"),
    (
        r"Got unexpected extra arguments?(?:\(s\))? \((.+)\)",
        lambda m: f"Thừa «{m[1]}». Lời có dấu cách thì đặt trong dấu nháy.",
    ),
    (r"Option '(.+?)' requires an argument\.?", lambda m: f"Sau {m[1]} cần ghi giá trị."),
    (r"Invalid value for '?(.+?)'?: (.+)", lambda m: f"{m[1]}: {_value(m[2])}"),
    (r"Invalid value: (.+)", lambda m: _value(m[1])),
)


def in_vietnamese(message: str) -> str:
    """The complaint in Vietnamese; what is none of the known forms (our own words among them) stays as it is."""
    return _said(message.strip(), _MESSAGES)


def _value(message: str) -> str:
    return _said(message.strip(), _VALUES)


def _said(message: str, forms: tuple[tuple[str, Callable[[re.Match[str]], str]], ...]) -> str:
    for pattern, words in forms:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return words(match)
    return message


def _list(text: str) -> str:
    return ", ".join(re.findall(r"'([^']*)'", text)) or text


def _bound(match: re.Match[str]) -> str:
    inside = bool(match[2])
    if match[1] == "greater":
        return f"phải từ {match[3]} trở lên." if inside else f"phải lớn hơn {match[3]}."
    return f"nhiều nhất là {match[3]}." if inside else f"phải nhỏ hơn {match[3]}."


def _near(hint: str | None) -> str:
    """What was perhaps meant: the library names one or several."""
    if hint is None:
        return ""
    names = re.findall(r"'([^']+)'", hint) or re.findall(r"--?[\w-]+", hint)
    return f" Ý anh/chị là: {', '.join(names)}?" if names else ""
