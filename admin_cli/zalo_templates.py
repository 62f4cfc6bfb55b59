"""`doithoai zalo templates`: the office's approved ZBS templates, compared with Zalo's, and what they would say."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, noun
from admin_cli.output import emit, note, show
from admin_cli.session import open_as_staff, open_services
from bot import settings
from bot.channel import Channel
from bot.channels.zalo_oa.connection import connect
from bot.channels.zalo_zbs.connection import client_of
from bot.channels.zalo_zbs.templates import NoInfo, compare, info_of
from bot.policy import forms_of
from bot.settings import Settings
from casework.clock import local_date, vietnamese_date
from casework.errors import InvalidInput
from casework.ladder.forms import EVERY_OTHER, FIELD_NAMES, fill
from casework.ladder.values import FORM_CHANNEL, TemplateForm
from casework.names import PURPOSES, SEND_OUTCOMES
from casework.talk import OutboundMessage, Outcome, OutcomeKind, TemplateMessage
from casework.usecases.delivery import preview as previews
from casework.usecases.office import zalo_grant
from casework.usecases.work import Services
from storage.records import Office

app = noun("Mẫu tin ZBS của đơn vị: đang có mẫu nào, khớp với Zalo không, gửi đi sẽ ra sao.")

_NONE = "Chưa có tệp mẫu tin (DOITHOAI_ZALO_ZBS_TEMPLATES): chương trình không gửi mẫu tin nào. Xem docs/zalo.md."
_SEE_LIST = "Xem các mẫu đang có: doithoai zalo templates list"
#: looks like a receipt code and is nobody's: codes have no digit 0
_NOBODYS_CODE = "THU-000"
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


@app.command("send-to-me")
def send_to_me(
    purpose: Annotated[str, typer.Argument(metavar="LOẠI_TIN", help="answer, conclusion, agenda...")] = "answer",
    yes: Annotated[bool, typer.Option("--yes", help="không hỏi lại")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Gửi một mẫu tin thật, với mã bịa, tới Zalo của chính anh/chị (đã ghi danh với OA). Có tính phí, nên hỏi trước.

    Để biết: mẫu gửi được không, có báo đã nhận không, bấm nút có mở lại 48 giờ không.

    \b
    Ví dụ:
      doithoai zalo templates send-to-me answer
    """
    if purpose not in PURPOSES:
        raise InvalidInput(f"Không có loại tin «{purpose}».", todo=f"Các loại tin: {', '.join(PURPOSES)}.")
    services, staff_id = open_as_staff(db, as_of, staff)
    zalo_grant.require_admin(services, staff_id)
    found = settings.load()
    form = services.policy.form(FORM_CHANNEL, purpose)
    if form is None:
        raise InvalidInput("Chưa có mẫu gửi tới tài khoản Zalo cho loại tin này.", todo=_SEE_LIST)
    connection = connect(found, services)
    if connection is None or found.zalo_oa_app_id is None:
        missing = ", ".join(found.missing("zalo-oa"))
        raise InvalidInput(f"Kênh Zalo OA chưa bật: chưa đặt {missing}.", todo="Điền vào doithoai.toml.")
    chat = zalo_grant.own_chat(services, staff_id, found.zalo_oa_app_id)
    if chat is None:
        raise InvalidInput(
            "Anh/chị chưa ghi danh bằng Zalo OA này nên chưa biết gửi thử tới đâu.",
            todo="Lấy mã: doithoai staff code; rồi nhắn cho OA: /ghidanh MÃ",
        )
    filled = fill(form, _sample(services, purpose))
    cost = f"{form.price_vnd:,} đồng".replace(",", ".")
    if not yes and not typer.confirm(f"Gửi mẫu {form.template_id}, giá {cost}?", default=False, err=True):
        raise typer.Abort
    outcome = asyncio.run(_send(connection.channel, chat, filled))
    code = f" (mã {outcome.code})" if outcome.code else ""
    row = {"template_id": form.template_id, "sent": outcome.kind is OutcomeKind.SENT, "data": filled.data}
    row["result"] = SEND_OUTCOMES.get(outcome.kind, str(outcome.kind)) + code
    show(row, format, labels={"template_id": "Mẫu", "result": "Kết quả"})
    if outcome.kind is not OutcomeKind.SENT:
        note(outcome.detail or "Xem nhật ký của doithoai run.")
        raise typer.Exit(1)
    note("Xem điện thoại. Bấm nút trong tin rồi chạy: doithoai zalo check (dòng giờ tương tác có đổi không).")


def _sample(services: Services, purpose: str) -> dict[str, str]:
    """Every field a form may have, about nobody."""
    with services.reading() as work:
        office = work.session.get_one(Office, services.office_id).name
        today = vietnamese_date(local_date(work.now))
    base = (services.policy.public_url or "https://doithoai.example.vn").rstrip("/")
    return {
        "code": _NOBODYS_CODE,
        "status": PURPOSES[purpose],
        "date": today,
        "office": office,
        "link": f"{base}/tra-cuu",
    }


async def _send(channel: Channel, chat: str, form: TemplateMessage) -> Outcome:
    await channel.open()
    try:
        return await channel.send(OutboundMessage(chat_id=chat, text="", template=form))
    finally:
        await channel.close()


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
