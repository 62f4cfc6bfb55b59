"""The `doithoai` command: a table of nouns whose modules are imported only when called, so that help is instant.

To add a noun: write `admin_cli/<noun>.py` with `app = noun("...")` (several verbs) or one function (a single command),
and add a line to `COMMANDS`.
"""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

from admin_cli import crash
from admin_cli.output import note


@dataclass(frozen=True, kw_only=True)
class Command:
    """One word after `doithoai`: where its code is, and what it is for in one line."""

    module: str
    #: name of a `typer.Typer` with several verbs, or of one function
    attribute: str = "app"
    help: str
    panel: str


_WORK = "Việc hằng ngày"
_SYSTEM = "Cài đặt và vận hành"

COMMANDS: dict[str, Command] = {
    "opinions": Command(module="admin_cli.opinions", help="xem, duyệt, gộp, chuyển các ý kiến", panel=_WORK),
    "conferences": Command(module="admin_cli.conferences", help="lập và ghi kết quả hội nghị đối thoại", panel=_WORK),
    "agenda": Command(module="admin_cli.agenda", help="nội dung đối thoại: bản công khai, bản nội bộ", panel=_WORK),
    "answers": Command(module="admin_cli.answers", help="giao việc, soạn, duyệt, gửi văn bản trả lời", panel=_WORK),
    "delivery": Command(module="admin_cli.delivery", help="tin đã gửi, chưa rõ kết quả, chờ trao tận tay", panel=_WORK),
    "intake": Command(module="admin_cli.intake", help="nhập hộ ý kiến, nhập từ bảng tính, phiếu giấy", panel=_WORK),
    "documents": Command(module="admin_cli.documents", help="giấy mời, thông báo, biên bản… bằng Word", panel=_WORK),
    "deadlines": Command(module="admin_cli.deadlines", help="hạn của từng việc, vì sao là ngày ấy", panel=_WORK),
    "referrals": Command(module="admin_cli.referrals", help="việc vượt thẩm quyền: chuyển lên, theo dõi", panel=_WORK),
    "reports": Command(module="admin_cli.reports", help="báo cáo hội nghị, 6 tháng, năm", panel=_WORK),
    "competence": Command(module="admin_cli.competence", help="việc nào do nơi nào giải quyết, căn cứ", panel=_WORK),
    "nlp": Command(module="admin_cli.nlp", help="máy đọc hiểu và nhóm một tệp ý kiến", panel=_WORK),
    "init": Command(
        module="admin_cli.init",
        attribute="init",
        help="lập cơ sở dữ liệu, xã, thôn, người dùng đầu tiên",
        panel=_SYSTEM,
    ),
    "run": Command(module="admin_cli.run", attribute="run", help="chạy các kênh nhận và gửi tin", panel=_SYSTEM),
    "chat": Command(module="admin_cli.chat", attribute="chat", help="nói chuyện với máy ngay tại đây", panel=_SYSTEM),
    "demo": Command(
        module="admin_cli.demo.command",
        attribute="demo",
        help="diễn trọn một kỳ đối thoại bằng số liệu mẫu",
        panel=_SYSTEM,
    ),
    "zalo": Command(module="admin_cli.zalo", help="nối tài khoản Zalo OA, xem tình trạng, mẫu tin ZBS", panel=_SYSTEM),
    "posters": Command(
        module="admin_cli.posters", attribute="posters", help="tờ mã QR cho từng thôn, khổ A4", panel=_SYSTEM
    ),
    "places": Command(module="admin_cli.places", help="tên xã, huyện cũ cho tệp địa danh", panel=_SYSTEM),
    "staff": Command(module="admin_cli.staff", help="cán bộ, quyền hạn, mã ghép tài khoản", panel=_SYSTEM),
    "regulations": Command(module="admin_cli.regulations", help="các quy định về đối thoại, so sánh", panel=_SYSTEM),
    "calendar": Command(module="admin_cli.calendar", help="ngày làm việc, ngày nghỉ, hoán đổi", panel=_SYSTEM),
    "db": Command(module="admin_cli.db", help="nâng cấp, xem, sao lưu cơ sở dữ liệu", panel=_SYSTEM),
    "doctor": Command(
        module="admin_cli.doctor", attribute="doctor", help="kiểm tra các lời hứa trên dữ liệu thật", panel=_SYSTEM
    ),
}


class LazyGroup(TyperGroup):
    """A group that lists its commands from the table and imports a command's module when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            self.commands[cmd_name] = _load(cmd_name, COMMANDS[cmd_name])
        return self.commands[cmd_name]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        word = args[0]
        if word not in COMMANDS and not word.startswith("-"):
            near = get_close_matches(word, COMMANDS, n=1)
            hint = f"Có phải anh/chị muốn: doithoai {near[0]}?" if near else "Xem các lệnh: doithoai --help"
            ctx.fail(f"Không có lệnh «{word}». {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for panel in dict.fromkeys(command.panel for command in COMMANDS.values()):
            with formatter.section(panel):
                formatter.write_dl(
                    [(name, command.help) for name, command in COMMANDS.items() if command.panel == panel]
                )

    def main(self, *args: Any, **extra: Any) -> Any:
        """As the library's, but what was typed wrongly is said in Vietnamese."""
        if not extra.pop("standalone_mode", True):
            return super().main(*args, standalone_mode=False, **extra)  # type: ignore[misc]
        try:
            result = super().main(*args, standalone_mode=False, **extra)  # type: ignore[misc]
        except typer.BadParameter.__base__ as error:  # type: ignore[misc]
            raise SystemExit(_complain(error)) from None
        raise SystemExit(result if isinstance(result, int) else 0)

    def invoke(self, ctx: Any) -> Any:
        # Imported here: help must not pay for the casework package.
        from casework.errors import DoithoaiError, NotFound

        try:
            try:
                return super().invoke(ctx)
            except OverflowError as error:
                # A key longer than a database can hold; no record has one.
                raise NotFound("Không có gì mang số dài như vậy.", todo="Xem lại số đã gõ.") from error
        except DoithoaiError as error:
            if ctx.params.get("debug"):
                raise
            note(f"{error.what}\n{error.todo} ({error.code})" if error.todo else f"{error.what} ({error.code})")
            raise typer.Exit(1) from error
        except typer.Abort as stopped:
            note("\nĐã dừng theo ý anh/chị.")
            raise typer.Exit(1) from stopped


def _complain(error: Any) -> int:
    """Say what was typed wrongly and where the help is; returns the exit code."""
    from admin_cli.usage import in_vietnamese

    context, message = error.ctx, error.format_message()
    if context is not None and message == context.get_help():
        # A group called without a verb: the help itself is the message.
        error.show()
    else:
        note(f"{in_vietnamese(message)}\nXem cách gõ: {context.command_path if context else 'doithoai'} -h")
    return int(error.exit_code)


def _load(name: str, command: Command) -> Any:
    from casework.errors import SetupNeeded

    try:
        target = getattr(importlib.import_module(command.module), command.attribute)
    except ModuleNotFoundError as error:
        if error.name is None or not command.module.startswith(error.name):
            raise
        raise SetupNeeded(
            f"Bản cài đặt này không có lệnh «{name}».", todo="Cập nhật bản cài đặt, hoặc báo người vận hành."
        ) from error
    if isinstance(target, typer.Typer):
        group = typer.main.get_group(target)
        group.name = name
        return group
    single = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
    single.command(name)(target)
    return typer.main.get_command(single)


app = typer.Typer(
    cls=LazyGroup,
    name="doithoai",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"doithoai {version('doithoai')}")
        raise typer.Exit


@app.callback()
def root(
    debug: Annotated[bool, typer.Option("--debug", help="khi có lỗi, in đầy đủ chỗ xảy ra lỗi")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="in số phiên bản", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Đối thoại: người dân hỏi lãnh đạo qua tin nhắn, văn bản trả lời về đến từng người hỏi.

    \b
    Ví dụ:
      doithoai init                 lập đơn vị lần đầu
      doithoai run                  bắt đầu nhận tin
      doithoai opinions list        các ý kiến đang chờ
      doithoai opinions --help      các việc làm được với ý kiến
    """


def main() -> int:
    """Entry of the console script: exit 0 done, 1 refused or found wrong, 2 used wrongly."""
    for stream in (sys.stdout, sys.stderr):
        _speak_utf8(stream)
    try:
        app(prog_name="doithoai")
    except Exception as error:
        # The last line of defence: people get a sentence, the operator a record of where it happened.
        if "--debug" in sys.argv[1:] or os.environ.get("DOITHOAI_DEBUG"):
            raise
        note(crash.report(error))
        return 1
    return 0


def _speak_utf8(stream: TextIO) -> None:
    """Old Windows consoles default to a code page that cannot write Vietnamese."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None and (stream.encoding or "").lower().replace("-", "") != "utf8":
        reconfigure(encoding="utf-8")
