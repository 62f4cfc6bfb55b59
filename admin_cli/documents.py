"""`doithoai documents`: make the Word papers of a conference, one kind or all that make sense now."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli.options import AsOfOption, DatabaseOption, FormatOption, StaffOption, noun, parse_date
from admin_cli.output import emit, note
from admin_cli.session import acting_staff, open_services, template_folder
from casework.errors import DoithoaiError, Forbidden, InvalidInput, NotFound
from casework.usecases.work import Services

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.documents.registry import DocumentKind, Order

app = noun("Văn bản Word của hội nghị: kế hoạch, giấy mời, thông báo, biên bản, kết luận, trả lời…")

ALL = "all"
#: a table is asked for by its kind, or by the file it goes to
_SHEET, _EXCEL = "-sheet", ".xlsx"
#: what so many papers lack is said once
_OFTEN = 4
_AUDIENCES = {
    "public": "công khai",
    "leaders": "lãnh đạo",
    "upper_front": "Mặt trận cấp trên",
    "internal": "nội bộ",
    "agency": "cơ quan",
    "asker": "người gửi",
}
_SUBJECTS = {
    "conference": "mã hội nghị",
    "opinion": "mã ý kiến",
    "issue": "vấn đề",
    "period": "kỳ báo cáo",
}

Kind = Annotated[str, typer.Argument(metavar="LOẠI", help=f"loại trong documents list, hoặc {ALL}: mọi loại lúc này")]
Code = Annotated[str, typer.Argument(metavar="MÃ", help="mã hội nghị, mã ý kiến, hoặc kỳ báo cáo")]
TemplatesOption = Annotated[
    Path | None,
    typer.Option(metavar="THƯ_MỤC", help="mẫu Word của riêng xã (mặc định: DOITHOAI_TEMPLATES_DIR)"),
]


@app.command("list")
def list_all(format: FormatOption = None) -> None:
    """Các loại văn bản: dành cho ai, điền từ mẫu nào.

    \b
    Ví dụ:
      doithoai documents list
    """
    from casework.documents.registry import kinds

    rows = [
        {
            "name": one.name,
            "title": one.title,
            "audience": one.readers.value,
            "subject": one.subject.value,
            "templates": list(one.templates),
        }
        for one in kinds()
    ]
    emit(
        rows,
        format,
        columns={"name": "Loại", "title": "Văn bản", "audience": "Dành cho", "subject": "Gõ sau loại"},
        names={"audience": _AUDIENCES, "subject": _SUBJECTS},
    )


@app.command()
def make(
    kind: Kind,
    code: Code,
    out: Annotated[
        Path, typer.Option(metavar="TỆP|THƯ_MỤC", help="tệp .docx, bảng .xlsx, hoặc thư mục để máy đặt tên")
    ] = Path(),
    number: Annotated[str | None, typer.Option(metavar="SỐ", help="số văn bản; không ghi thì là dự thảo")] = None,
    signed_on: Annotated[
        dt.date | None, typer.Option(parser=parse_date, metavar="NGÀY", help="ngày văn bản, đi cùng số")
    ] = None,
    audience: Annotated[str | None, typer.Option(metavar="AI", help=f"bản cho ai: {', '.join(_AUDIENCES)}")] = None,
    templates: TemplatesOption = None,
    force: Annotated[bool, typer.Option("--force", help="thay cả tệp đã có người sửa")] = False,
    staff: StaffOption = None,
    db: DatabaseOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Lập một văn bản, hoặc mọi văn bản hợp với hội nghị lúc này (all). Chưa ghi số và ngày thì là dự thảo.

    Chỗ nào hồ sơ chưa có thì để trống cho anh/chị điền, và được kể ra ở cuối.

    \b
    Ví dụ:
      doithoai documents make plan HN-20261128 --out ke-hoach.docx
      doithoai documents make summary HN-20261128 --audience leaders
      doithoai documents make answers HN-20261128 --out thu-tra-loi
      doithoai documents make case-file HN-20261128 --out ho-so.xlsx
      doithoai documents make all HN-20261128 --out ho-so
      doithoai documents make plan HN-20261128 --number 05 --signed-on 5/11/2026
    """
    from casework.documents.registry import Order
    from casework.documents.registry import kind as find_kind

    services = open_services(db, as_of)
    staff_id = acting_staff(services, staff)
    order = Order(
        target=code,
        out=out,
        number=number,
        signed_on=signed_on,
        templates=template_folder(templates),
        force=force,
    )
    if kind == ALL:
        _make_all(services, staff_id, order, audience)
        return
    wanted = find_kind(kind, _readers(audience))
    if out.suffix.lower() == _EXCEL and not wanted.name.endswith(_SHEET):
        wanted = find_kind(wanted.name + _SHEET, _readers(audience))
    with _progress(wanted.title) as step:
        made = wanted.make(services, staff_id, _with(order, step))
    if not made.paths:
        note(f"Chưa có gì để lập «{wanted.title}».")
    for path in made.paths:
        typer.echo(str(path))
    _note_blanks(wanted, made.blanks)
    _note_reviews(made.reviews)


@app.command("templates")
def copy_templates(
    out: Annotated[Path, typer.Option(metavar="THƯ_MỤC", help="nơi chép mẫu ra để sửa")],
    force: Annotated[bool, typer.Option("--force", help="thay cả mẫu anh/chị đã sửa ở đó")] = False,
) -> None:
    """Chép các mẫu Word của máy ra một thư mục để xã sửa theo ý mình.

    Sửa bằng Word; giữ nguyên chữ trong dấu {{ }} và {% %}. Mẫu nào xóa khỏi thư mục thì máy lại dùng mẫu gốc.

    \b
    Ví dụ:
      doithoai documents templates --out mau-cua-xa
      doithoai documents make plan HN-20261128 --templates mau-cua-xa
    """
    from casework.documents.fill import shipped_templates

    copied, kept = [], []
    out.mkdir(parents=True, exist_ok=True)
    for source in shipped_templates():
        goal = out / source.name
        if goal.exists() and goal.read_bytes() != source.read_bytes() and not force:
            kept.append(goal.name)
            continue
        goal.write_bytes(source.read_bytes())
        copied.append(goal)
    for path in copied:
        typer.echo(str(path))
    note(f"Đã chép {len(copied)} mẫu. Dùng: --templates {out}, hoặc đặt DOITHOAI_TEMPLATES_DIR.")
    if kept:
        note(f"Giữ nguyên {len(kept)} mẫu đã khác mẫu gốc: {', '.join(kept)}. Muốn lấy lại mẫu gốc, thêm --force.")


def _make_all(services: Services, staff_id: int, order: Order, audience: str | None) -> None:
    from casework.documents.registry import fitting_kinds
    from casework.usecases.documents.stage import stage_of

    if order.number is not None or order.signed_on is not None:
        raise InvalidInput(
            "Mỗi văn bản một số riêng, nên «all» chỉ lập dự thảo.", todo="Lập từng loại để ghi số, ngày."
        )
    if order.out.suffix.lower() in (".docx", _EXCEL):
        raise InvalidInput("«all» gồm nhiều tệp.", todo="Ghi --out là tên một thư mục.")
    readers = _readers(audience)
    wanted = [
        one for one in fitting_kinds(stage_of(services, staff_id, order.target)) if readers in (None, one.readers)
    ]
    if not wanted:
        raise NotFound("Lúc này chưa có văn bản nào cần lập.", todo="Xem các loại: doithoai documents list")
    refused: list[str] = []
    blanks: list[tuple[DocumentKind, tuple[str, ...]]] = []
    reviews: list[str] = []
    written = 0
    with _progress("Lập văn bản") as step:
        for done, one in enumerate(wanted, start=1):
            try:
                made = one.make(services, staff_id, _with(order, None))
            except DoithoaiError as error:
                refused.append(f"{one.title}: {error.what} {error.todo}".strip())
            else:
                written += len(made.paths)
                for path in made.paths:
                    typer.echo(str(path))
                blanks.append((one, made.blanks))
                reviews += made.reviews
            step(done, len(wanted))
    note(f"Đã lập {written} tệp.")
    often = Counter(what for _, left in blanks for what in left)
    common = tuple(what for what, times in often.items() if times >= _OFTEN)
    if common:
        note(f"Nhiều văn bản còn trống: {'; '.join(common)}.")
    for kind, left in blanks:
        _note_blanks(kind, tuple(what for what in left if what not in common), named=True)
    _note_reviews(reviews)
    if refused:
        raise Forbidden("Không lập được:\n- " + "\n- ".join(refused))


def _readers(audience: str | None) -> Any:
    from casework.documents.registry import Readers

    if audience is None:
        return None
    try:
        return Readers(audience)
    except ValueError as error:
        raise typer.BadParameter(f"«{audience}» không đúng. Chọn: {', '.join(_AUDIENCES)}.") from error


def _with(order: Order, progress: Callable[[int, int], None] | None) -> Order:
    from dataclasses import replace

    return replace(order, progress=progress)


def _note_reviews(reviews: Iterable[str]) -> None:
    for what in dict.fromkeys(reviews):
        note(f"Nên xem lại: {what}.")


def _note_blanks(kind: DocumentKind, blanks: tuple[str, ...], *, named: bool = False) -> None:
    if blanks:
        note(f"{f'{kind.title}: c' if named else 'C'}òn trống: {'; '.join(blanks)}.")


@contextmanager
def _progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal's stderr; silent in a pipe."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
