"""`doithoai delivery switch`: a platform is lost, or back; who is owed something, and by which way it reaches them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from admin_cli.options import AsOfOption, DatabaseOption, Format, FormatOption, StaffOption
from admin_cli.output import chosen, emit, note, show
from admin_cli.session import open_as_staff
from casework.codes import spoken
from casework.errors import InvalidInput
from casework.names import CHANNELS
from casework.usecases.delivery import switch_notice, switch_plan, switching
from casework.usecases.delivery.switch_plan import NEXT_WAYS, OwedPerson, SwitchPlan
from casework.usecases.delivery.switching import Switched
from casework.usecases.work import Services
from casework.wording import say

_COLUMNS = {"codes": "Ý kiến", "village": "Thôn", "waiting": "Tin chờ", "way_name": "Cách tiếp theo"}
_WHY_BACK = "kênh hoạt động lại"


def switch(
    lost: Annotated[str, typer.Option("--from", metavar="KÊNH", help="kênh bị mất: telegram, zalo-oa...")] = "",
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="KÊNH", help="tin đang chờ chỉ chuyển sang kênh này (và số điện thoại)"),
    ] = None,
    back: Annotated[str, typer.Option("--back", metavar="KÊNH", help="kênh dùng lại được: bỏ việc chuyển")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="chuyển thật; không có thì chỉ liệt kê")] = False,
    villages: Annotated[
        bool, typer.Option("--villages", help="in danh sách mã theo thôn để báo bà con, kèm lời đọc trên loa")
    ] = False,
    why: Annotated[str, typer.Option("--why", metavar="LÝ DO", help="vì sao, ghi vào nhật ký")] = "",
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Mất một kênh: ai còn được nợ câu trả lời, mỗi người sẽ nhận bằng cách nào. Có --apply thì chuyển.

    Không in tên ai. Ý kiến giữ kín chỉ người giữ việc mật thấy.

    \b
    Ví dụ:
      doithoai delivery switch --from telegram
      doithoai delivery switch --from telegram --to zalo-oa --villages
      doithoai delivery switch --from telegram --apply --why "Telegram bị chặn"
      doithoai delivery switch --back telegram
    """
    if bool(lost) == bool(back):
        raise InvalidInput(
            "Cần đúng một trong hai: kênh bị mất hay kênh dùng lại.", todo="Ghi --from KÊNH hoặc --back KÊNH."
        )
    services, staff_id = open_as_staff(db, as_of, staff)
    if back:
        _done(switching.take_back(services, staff_id, back, why=why or _WHY_BACK), format, back=True)
    elif villages:
        _print_lists(services, staff_id, lost, to)
    elif apply:
        plan, done = switching.give_up(services, staff_id, lost, why=why, to=to)
        _done(done, format, back=False)
        _remarks(plan)
    else:
        plan = switch_plan.plan_switch(services, staff_id, lost, to=to)
        _list(plan, format)
        _remarks(plan)
        note('Chưa đổi gì. Muốn chuyển thật: thêm --apply --why "lý do".')


def _list(plan: SwitchPlan, format: Format | None) -> None:
    if chosen(format) is Format.JSON:
        show(asdict(plan) | {"people": [_row(one) for one in plan.people]}, Format.JSON)
    else:
        emit([_flat(one) for one in plan.people], format, columns=_COLUMNS)


def _row(one: OwedPerson) -> dict[str, Any]:
    return asdict(one) | {"codes": [_spoken(code) for code in one.codes], "way_name": _way(one)}


def _flat(one: OwedPerson) -> dict[str, Any]:
    return _row(one) | {"codes": ", ".join(_spoken(code) for code in one.codes), "village": one.village or "chưa rõ"}


def _spoken(code: str) -> str:
    return code if code.startswith("#") else spoken(code)


def _way(one: OwedPerson) -> str:
    return NEXT_WAYS[one.way] + (f": {CHANNELS[one.channel]}" if one.channel is not None else "")


def _remarks(plan: SwitchPlan) -> None:
    name = CHANNELS[plan.channel]
    ways = switch_notice.ways_in_words(plan.ways, NEXT_WAYS)
    waiting = sum(one.waiting for one in plan.people)
    note(f"{len(plan.people)} người hỏi qua {name} chưa xong việc" + (f": {ways}." if ways else "."))
    if plan.people:
        note(f"Tin của họ đang chờ: {waiting}. Ai có 0 tin chờ thì câu trả lời chưa có; có rồi sẽ đi cách ấy.")
    unknown = sum(one.unknown for one in plan.people)
    if unknown:
        note(f"{unknown} tin chưa rõ đã tới hay chưa: hỏi người nhận, rồi dùng doithoai delivery resolve.")
    if plan.staff:
        note(f"{plan.staff} cán bộ, nhóm cán bộ dùng {name}: cấp mã ghi danh trên kênh khác (doithoai staff code).")


def _done(done: Switched, format: Format | None, *, back: bool) -> None:
    if chosen(format) is not Format.TABLE:
        show(asdict(done), format)
    what = "dùng lại" if back else "được ghi là mất"
    note(
        f"Kênh {CHANNELS[done.channel]} {what}: {done.chats} cuộc trò chuyện. Gửi đi ngay {done.sent_on} tin; "
        f"chờ cán bộ trao {done.with_staff}; chờ người dân nhắn tới {done.waiting}; "
        f"chưa rõ đã tới hay chưa {done.unknown}."
    )


def _print_lists(services: Services, staff_id: int, lost: str, to: str | None) -> None:
    printed = switch_notice.announcement(services, staff_id, lost, to=to)
    for one in printed.villages:
        head = say("switch.village", village=one.village) if one.village is not None else say("switch.no_village")
        typer.echo(f"{head} ({len(one.codes)}):")
        for start in range(0, len(one.codes), 8):
            typer.echo("  " + "  ".join(one.codes[start : start + 8]))
        typer.echo()
    typer.echo("LỜI ĐỌC TRÊN LOA")
    typer.echo(printed.loudspeaker)
    note(
        "Danh sách mã dùng nội bộ, giao tay cho cán bộ thôn, không dán nơi công cộng: ai có mã cũng xem được câu trả "
        "lời. Chỉ lời đọc trên loa là để công khai."
    )
