"""`doithoai zalo templates`: the office's approved ZBS templates, compared with Zalo's, and what they would say."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, noun
from admin_cli.output import emit, note
from admin_cli.session import open_as_staff, open_services
from bot import settings
from bot.channels.zalo_zbs.connection import client_of
from bot.channels.zalo_zbs.templates import NoInfo, compare, info_of
from bot.policy import forms_of
from bot.settings import Settings
from casework.errors import InvalidInput
from casework.ladder.forms import EVERY_OTHER, FIELD_NAMES
from casework.ladder.values import TemplateForm
from casework.names import PURPOSES
from casework.usecases.delivery import preview as previews
from casework.usecases.work import Services

app = noun("Mẫu tin ZBS của đơn vị: đang có mẫu nào, khớp với Zalo không, gửi đi sẽ ra sao.")

_NONE = "Chưa có tệp mẫu tin (DOITHOAI_ZALO_ZBS_TEMPLATES): chương trình không gửi mẫu tin nào. Xem docs/zalo.md."
_NAMES = {
    "route": {"uid": "tài khoản", "phone": "số điện thoại"},
    "purpose": {**PURPOSES, EVERY_OTHER: "mọi tin khác"},
}
_LIST = {
    "purpose": "Loại tin",
    "route": "Gửi tới",
    "template_id": "Mẫu",
    "parameters": "Điền (số ký tự)",
    "price_vnd": "Đồng",
}
_CHECK = {"template_id": "Mẫu", "route": "Gửi tới", "result": "Kết quả"}
_PREVIEW = {"route": "Gửi tới", "template_id": "Mẫu", "said": "Sẽ điền", "price_vnd": "Đồng"}


@app.command("list")
def list_all(
    staff: StaffOption = None, db: DatabaseOption = None, as_of: AsOfOption = None, format: FormatOption = None
) -> None:
    """Các mẫu trong tệp của đơn vị: loại tin nào dùng mẫu nào, điền gì, dài nhất bao nhiêu, giá bao nhiêu.

    Chỉ đọc tệp mẫu trong cài đặt; --db, --staff, --as-of có cho giống các lệnh khác.

    \b
    Ví dụ:
      doithoai zalo templates list
      doithoai zalo templates list --format json
    """
    del staff, db, as_of
    found = settings.load()
    if found.zalo_zbs_templates is None:
        note(_NONE)
    emit([_row(*one) for one in forms_of(found)], format, columns=_LIST, names=_NAMES)


@app.command()
def check(
    offline: Annotated[bool, typer.Option("--offline", help="chỉ soát tệp, không hỏi Zalo")] = False,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Soát tệp mẫu tin, rồi hỏi Zalo từng mẫu: còn dùng được không, tham số, giới hạn và giá có khớp không.

    Không gửi tin nào. Kết thúc bằng mã 1 khi có điều không khớp.

    \b
    Ví dụ:
      doithoai zalo templates check
      doithoai zalo templates check --offline
    """
    found = settings.load()
    forms = forms_of(found)
    if found.zalo_zbs_templates is None:
        raise InvalidInput("Chưa có tệp mẫu tin.", todo="Đặt DOITHOAI_ZALO_ZBS_TEMPLATES; mẫu tệp ở docs/zalo.md.")
    distinct = list({(route, form.template_id): (route, form) for route, _, form in forms}.values())
    note(f"Tệp dùng được: {len(distinct)} mẫu.")
    if any(route == "phone" for route, _ in distinct) and not found.zalo_zbs_by_phone:
        note("Mẫu gửi tới số điện thoại chưa dùng: DOITHOAI_ZALO_ZBS_BY_PHONE còn tắt.")
    if offline:
        results = [(route, form, list[str]()) for route, form in distinct]
    else:
        results = asyncio.run(_ask(found, open_services(db, as_of), distinct))
    rows = [
        {
            "template_id": form.template_id,
            "route": route,
            "ok": not faults,
            "faults": faults,
            "result": " ".join(faults) or ("tệp đúng" if offline else "khớp với Zalo"),
        }
        for route, form, faults in results
    ]
    emit(rows, format, columns=_CHECK, names=_NAMES)
    if any(not row["ok"] for row in rows):
        raise typer.Exit(1)


@app.command()
def preview(
    purpose: Annotated[str, typer.Argument(metavar="LOẠI_TIN", help="answer, conclusion, agenda...")],
    opinion: Annotated[str, typer.Option("--opinion", metavar="MÃ", help="mã ý kiến")],
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Mẫu tin về một ý kiến sẽ điền những gì; không gửi, không có tên ai. Đường dẫn trong bản xem thử không mở được.

    \b
    Ví dụ:
      doithoai zalo templates preview answer --opinion K7P-4MX
    """
    if purpose not in PURPOSES:
        raise InvalidInput(f"Không có loại tin «{purpose}».", todo=f"Các loại tin: {', '.join(PURPOSES)}.")
    services, staff_id = open_as_staff(db, as_of, staff)
    rows: list[dict[str, Any]] = []
    for one in previews.preview(services, staff_id, purpose, opinion):
        said = one.problem or "; ".join(f"{name} = {value}" for name, value in one.data.items())
        rows.append(
            {
                "route": one.route,
                "template_id": one.template_id,
                "data": one.data,
                "problem": one.problem,
                "said": said,
                "price_vnd": one.price_vnd,
            }
        )
    emit(rows, format, columns=_PREVIEW, names=_NAMES)
    if any(row["problem"] for row in rows):
        raise typer.Exit(1)


async def _ask(
    found: Settings, services: Services, forms: list[tuple[str, TemplateForm]]
) -> list[tuple[str, TemplateForm, list[str]]]:
    """Each form with what does not agree with Zalo."""
    client = client_of(found, services)
    await client.open()
    results = []
    try:
        for route, form in forms:
            try:
                faults = compare(route, form, await info_of(client, form.template_id))
            except NoInfo as error:
                faults = [str(error)]
            results.append((route, form, faults))
    finally:
        await client.close()
    return results


def _row(route: str, purpose: str, form: TemplateForm) -> dict[str, Any]:
    filled = [
        f"{name} = {FIELD_NAMES[source]} ({form.limits[name]}{', cắt được' if name in form.may_cut else ''})"
        for name, source in form.parameters.items()
    ]
    return {
        "route": route,
        "purpose": purpose,
        "template_id": form.template_id,
        "parameters": "; ".join(filled),
        "price_vnd": form.price_vnd,
    }
