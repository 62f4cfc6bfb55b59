"""One regulation out of one TOML file; what is wrong is said with file, table, rule, key and what is allowed."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from casework.errors import InvalidInput
from casework.regulations.model import Regulation, Rule
from casework.regulations.other_kinds import with_other_kinds

#: words that may stand in one quote
QUOTE_WORDS = 12
#: faults named in one message; a file with more is read again after these are mended
_SAID = 5


def read_text(file: Path) -> Regulation:
    """The regulation of a file. Raises `InvalidInput` saying file, place and what is allowed."""
    faults, text = read_with_faults(file)
    if text is None:
        more = f" (và {len(faults) - _SAID} chỗ khác)" if len(faults) > _SAID else ""
        raise InvalidInput(
            f"{file.name}: " + "; ".join(faults[:_SAID]) + f"{more}.",
            todo="Sửa tệp rồi chạy: doithoai regulations check TỆP",
        )
    return text


def read_with_faults(file: Path) -> tuple[list[str], Regulation | None]:
    """Every fault of a file in words, and the regulation when there is none."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return ["không đọc được tệp, cần lưu ở dạng văn bản UTF-8"], None
    except tomllib.TOMLDecodeError as error:
        return [f"sai cú pháp TOML ({error})"], None
    try:
        text = Regulation.model_validate(table)
    except ValidationError as error:
        return [_said(table, detail) for detail in error.errors()], None
    faults = list(_faults_of_rules(text))
    return faults, None if faults else with_other_kinds(text)


def _faults_of_rules(text: Regulation) -> Iterator[str]:
    """What the shape alone cannot refuse: sources, quotes, ids, validity."""
    if text.valid_to is not None and text.valid_to <= text.valid_from:
        yield "valid_to phải sau valid_from"
    for name in type(text).model_fields:
        for rule in getattr(text, name) if isinstance(getattr(text, name), tuple) else ():
            if isinstance(rule, Rule) and rule.borrowed:
                yield f"quy tắc «{rule.id}»: borrowed do chương trình ghi, tệp không ghi"
    for name, count in Counter(rule.id for rule in text.rules()).items():
        if count > 1:
            yield f"id «{name}» dùng {count} lần, mỗi quy tắc một id riêng"
    for rule in text.rules():
        if not rule.place.strip():
            yield f"quy tắc «{rule.id}»: thiếu place (điều, khoản, mục)"
        if rule.assumed and not rule.reason.strip():
            yield f"quy tắc «{rule.id}»: assumed = true thì phải có reason"
        if not rule.quote.strip() and not rule.reason.strip():
            yield f"quy tắc «{rule.id}»: cần quote, hoặc reason nói vì sao không có lời văn"
        if len(rule.quote.split()) > QUOTE_WORDS:
            yield f"quy tắc «{rule.id}»: quote dài {len(rule.quote.split())} chữ, nhiều nhất {QUOTE_WORDS}"


def _said(table: Mapping[str, Any], detail: ErrorDetails) -> str:
    where = _where(table, detail["loc"])
    context: Mapping[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return f"{where}: không có mục này; các mục: {', '.join(_keys_at(detail['loc']))}"
        case "missing":
            return f"{where}: thiếu mục này"
        case "enum" | "literal_error":
            allowed = str(context["expected"]).replace(" or ", ", ").replace("'", "")
            return f"{where}: không nhận {detail['input']!r}; một trong: {allowed}"
        case "string_pattern_mismatch":
            return f"{where}: không nhận {detail['input']!r}; viết MM-DD, ví dụ 06-20"
        case kind if kind.startswith("date"):
            return f"{where}: không phải ngày có thật; viết 2025-07-18, không có dấu nháy"
        case kind if kind.startswith(("int", "greater", "less")):
            return f"{where}: cần số nguyên không âm, không phải {detail['input']!r}"
        case kind if kind.startswith("bool"):
            return f"{where}: cần true hoặc false"
        case kind if kind.startswith("string"):
            return f"{where}: cần chữ trong dấu nháy"
        case kind if kind.startswith(("model", "dict")):
            return f"{where}: cần một bảng"
        case kind if kind.startswith(("tuple", "too_")):
            return f"{where}: cần danh sách trong ngoặc vuông"
        case "value_error":
            return f"{where}: {context['error']!s}"
    return f"{where}: {detail['msg']}"


def _where(table: Mapping[str, Any], path: Sequence[str | int]) -> str:
    """The way to a value as a person finds it in the file: [[duties]] «IV.2.2a», trigger."""
    steps: list[str] = []
    value: Any = table
    for part in path:
        if isinstance(part, str):
            if not isinstance(value, Mapping):
                continue  # the name of a choice between shapes, not of a key
            value = value.get(part)
            steps.append(f"[[{part}]]" if isinstance(value, list) and value and isinstance(value[0], Mapping) else part)
            continue
        value = value[part] if isinstance(value, list) and part < len(value) else None
        steps.append(f"«{value.get('id', part + 1)}»" if isinstance(value, Mapping) else f"thứ {part + 1}")
    return " ".join(steps) or "cả tệp"


def _keys_at(path: Sequence[str | int]) -> list[str]:
    """Keys allowed in the table that holds the last step of a path."""
    shape: type[BaseModel] = Regulation
    for part in path[:-1]:
        if isinstance(part, str) and (field := shape.model_fields.get(part)) is not None:
            shape = next(iter(_models_in(field.annotation)), shape)
    return list(shape.model_fields)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
