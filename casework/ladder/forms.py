"""The office's approved ZBS templates, as a TOML file it keeps, and filling them in.

    [[forms]]
    purposes = ["answer", "conclusion"]   # or ["*"]: every other notice
    route = "uid"                         # uid: to the Zalo account; phone: to the phone number
    template_id = "302259"
    price_vnd = 210                       # a message, before tax
    [forms.parameters.ma]                 # the parameter's name as in the template
    field = "code"
    limit = 30                            # longest value, characters
    [forms.parameters.don_vi]
    field = "office"
    limit = 30
    cut = true                            # a longer value may be cut; never a code, a date or a link

Custom templates of tag 1 or 2; the platform lists parameters and limits under "template info".
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from casework.errors import InvalidInput
from casework.ladder.values import TemplateForm
from casework.names import PURPOSES
from casework.public_words import one_line
from casework.talk import TemplateMessage

#: stands for every purpose without a form of its own
EVERY_OTHER = "*"


class FormField(StrEnum):
    """What a parameter can be filled with."""

    CODE = "code"  # receipt code
    STATUS = "status"  # what kind of news it is
    DATE = "date"  # day of the notice
    OFFICE = "office"  # name of the office
    LINK = "link"  # page of the written answer


FIELD_NAMES: dict[str, str] = {
    FormField.CODE: "mã ý kiến",
    FormField.STATUS: "loại tin",
    FormField.DATE: "ngày báo",
    FormField.OFFICE: "tên đơn vị",
    FormField.LINK: "đường dẫn tới văn bản trả lời",
}
#: longest value where the file names none: what the platform allows values of that sort
USUAL_LIMITS: dict[str, int] = {
    FormField.CODE: 30,
    FormField.STATUS: 30,
    FormField.DATE: 20,
    FormField.OFFICE: 30,
    FormField.LINK: 200,
}
#: half of these would be worse than nothing
NEVER_CUT = frozenset({FormField.CODE, FormField.DATE, FormField.LINK})


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Parameter(_Strict):
    field: FormField
    limit: int | None = Field(default=None, ge=1, le=400)
    cut: bool = False
    optional: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> _Parameter:
        if self.cut and self.field in NEVER_CUT:
            raise PydanticCustomError("never_cut", "mục {field} không được cắt: bỏ cut", {"field": self.field.value})
        return self


class _Form(_Strict):
    purposes: tuple[str, ...] = Field(min_length=1)
    route: Literal["uid", "phone"]
    template_id: str = Field(pattern=r"^[0-9]{1,20}$")
    price_vnd: int = Field(default=0, ge=0)
    parameters: dict[str, _Parameter] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_known(self) -> _Form:
        if strange := sorted(set(self.purposes) - set(PURPOSES) - {EVERY_OTHER}):
            allowed = ", ".join([EVERY_OTHER, *PURPOSES])
            context = {"strange": ", ".join(strange), "allowed": allowed}
            raise PydanticCustomError("purpose", "purposes: không có {strange}; chỉ nhận {allowed}", context)
        if odd := [name for name in self.parameters if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", name)]:
            raise PydanticCustomError("name", "tên tham số chỉ gồm chữ không dấu, số và _: {odd}", {"odd": odd[0]})
        if all(one.field is not FormField.CODE for one in self.parameters.values()):
            # The platform asks for an identifier of the person's matter, and the person needs it to fetch the whole.
            raise PydanticCustomError("code", "phải có một tham số mang field = code", {})
        return self

    def form(self) -> TemplateForm:
        given = self.parameters
        return TemplateForm(
            template_id=self.template_id,
            parameters={name: one.field.value for name, one in given.items()},
            limits={name: one.limit or USUAL_LIMITS[one.field] for name, one in given.items()},
            price_vnd=self.price_vnd,
            may_cut=frozenset(name for name, one in given.items() if one.cut),
            optional=frozenset(name for name, one in given.items() if one.optional),
        )


class _File(_Strict):
    forms: tuple[_Form, ...] = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class Forms:
    """The forms of an office by purpose, for Zalo accounts and for phone numbers."""

    uid: Mapping[str, TemplateForm] = field(default_factory=dict)
    phone: Mapping[str, TemplateForm] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[str, str, TemplateForm]]:
        """Each as (route, purpose, form)."""
        for route, forms in (("uid", self.uid), ("phone", self.phone)):
            for purpose, form in forms.items():
                yield route, purpose, form


def read_forms(file: Path) -> Forms:
    """The forms of a file. Raises `InvalidInput` naming file, key and what is allowed."""
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(
            f"Không đọc được tệp mẫu tin ZBS {file} ({error.strerror}).",
            todo="Kiểm tra DOITHOAI_ZALO_ZBS_TEMPLATES, hoặc bỏ cài đặt đó nếu chưa dùng mẫu tin.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"Tệp {file} không đúng dạng TOML ({error}).", todo="Sửa dòng đó rồi chạy lại.") from error
    try:
        found = _File.model_validate(values)
    except ValidationError as error:
        raise InvalidInput(f"Tệp {file}: {_complaint(error)}.", todo="Sửa tệp rồi chạy lại.") from error
    by_route: dict[str, dict[str, TemplateForm]] = {"uid": {}, "phone": {}}
    for one in found.forms:
        for purpose in one.purposes:
            if purpose in by_route[one.route]:
                raise InvalidInput(
                    f"Tệp {file}: loại tin {purpose} có hai mẫu cho đường {one.route}.",
                    todo="Mỗi loại tin chỉ một mẫu cho mỗi đường.",
                )
            by_route[one.route][purpose] = one.form()
    return Forms(uid=by_route["uid"], phone=by_route["phone"])


def _complaint(error: ValidationError) -> str:
    faults = []
    for fault in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part) for part in fault["loc"])
        faults.append(f"{place}: {_said(fault)}" if place else _said(fault))
    return "; ".join(faults)


def _said(fault: Any) -> str:
    context: Mapping[str, Any] = fault.get("ctx") or {}
    match fault["type"]:
        case "missing":
            return "thiếu mục này"
        case "extra_forbidden":
            return "không có mục này"
        case "enum" | "literal_error":
            return f"chỉ nhận {context.get('expected')}"
        case "string_pattern_mismatch":
            return "chỉ gồm chữ số, để trong ngoặc kép"
        case "too_short":
            return "không được để trống"
        case _:
            return str(fault["msg"])


def fill(form: TemplateForm, fields: Mapping[str, str]) -> TemplateMessage:
    """The form filled with these fields (names of `FormField`).

    A value that is too long is cut where the form says so. Raises `InvalidInput` when a value is missing or too long:
    the platform would refuse the message.
    """
    data: dict[str, str] = {}
    for name, source in form.parameters.items():
        value = unicodedata.normalize("NFC", " ".join(fields.get(source, "").split()))
        if not value:
            if name in form.optional:
                continue
            raise InvalidInput(
                f"Mẫu tin {form.template_id}: tin này không có {FIELD_NAMES.get(source, source)} để điền vào {name}.",
                todo="Sửa tệp mẫu tin ZBS, hoặc trao tận tay.",
            )
        limit = form.limits.get(name)
        if limit is not None and len(value) > limit:
            if name not in form.may_cut:
                raise InvalidInput(
                    f"Mẫu tin {form.template_id}: {name} dài {len(value)} ký tự, chỉ được {limit}.",
                    todo="Ghi cut = true nếu cắt được, hoặc xin mẫu tin có giới hạn dài hơn.",
                )
            value = one_line(value, limit)
        data[name] = value
    return TemplateMessage(template_id=form.template_id, data=data)
