"""`doithoai regulations`: each text rule by rule with its source, two side by side, a check of files and quotes."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from admin_cli.options import AsOfOption, Format, FormatOption, noun
from admin_cli.output import PLAIN_WIDTH, chosen, emit, note
from admin_cli.output import show as show_one
from admin_cli.regulation_compare import compare as side_by_side
from admin_cli.regulation_words import RuleRow, rule_rows
from admin_cli.session import clock_at, regulation_folder
from casework.clock import local_date
from casework.errors import InvalidInput
from casework.grounds import grounds
from casework.names import CONFERENCE_KINDS
from casework.regulations import NATIONAL, Library, Regulation, library, shipped_folder
from casework.regulations.library import gather, text_files, validity
from casework.regulations.loader import read_with_faults
from casework.regulations.sources import check_quotes
from casework.regulations.two_tier import Level, Task, level_on, two_tier_since

_LEVELS = {Level.PROVINCE: "tỉnh", Level.DISTRICT: "huyện", Level.COMMUNE: "xã"}

app = noun("Các quy định về đối thoại: xem từng điều kèm căn cứ, so sánh, kiểm tra tệp.")

Code = Annotated[str, typer.Argument(metavar="MÃ", help="mã quy định, ví dụ thanh-hoa")]
ComparedCode = Annotated[str, typer.Argument(metavar="MÃ", help="mã quy định; một bản đã qua: ha-noi@2017")]
FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--dir", metavar="THƯ_MỤC", help="thư mục văn bản của đơn vị, đọc thêm (mặc định: DOITHOAI_REGULATIONS_DIR)"
    ),
]
VersionOption = Annotated[str | None, typer.Option("--version", metavar="BẢN", help="một bản đã qua, ví dụ 2017")]


@app.command(name="list")
def list_texts(directory: FolderOption = None, format: FormatOption = None) -> None:
    """Các văn bản: mã, bản, hiệu lực, số quy tắc.

    \b
    Ví dụ:
      doithoai regulations list
    """
    rows = [_summary(text) for text in _library(directory).texts]
    columns = {"code": "Mã", "version": "Bản", "name": "Nơi", "validity": "Hiệu lực", "rules": "Quy tắc"}
    emit(rows, format, columns={**columns, "assumed": "Tạm hiểu"})


def _summary(text: Regulation) -> dict[str, Any]:
    rules = text.rules()
    return {
        "code": text.code,
        "version": text.version,
        "name": text.name,
        "title": text.document.title,
        "issuer": text.document.issuer,
        "number": text.document.number,
        "issued_on": text.document.issued_on,
        "valid_from": text.valid_from,
        "valid_to": text.valid_to,
        "validity": validity(text),
        "rules": len(rules),
        "assumed": sum(rule.assumed for rule in rules),
    }


@app.command()
def show(
    code: Code,
    version: VersionOption = None,
    as_of: AsOfOption = None,
    directory: FolderOption = None,
    format: FormatOption = None,
) -> None:
    """Mọi quy tắc của một văn bản, kèm căn cứ. Chỗ văn bản không nói thì ghi [tạm hiểu] và vì sao.

    \b
    Ví dụ:
      doithoai regulations show thanh-hoa
      doithoai regulations show quoc-gia --format json
    """
    text = _library(directory).find(code, on=as_of, version=version)
    match chosen(format):
        case Format.JSON:
            show_one(text.model_dump(mode="json"), Format.JSON)
        case Format.CSV:
            emit(rule_rows(text), Format.CSV)
        case Format.TABLE:
            day = local_date(clock_at(as_of).now())
            typer.echo("\n".join([*_head(text, day), *_body(rule_rows(text))]))


def _head(text: Regulation, day: dt.date) -> list[str]:
    document = text.document
    number = f"Số {document.number}" if document.number else "Không rõ số"
    issued = f", ngày {document.issued_on:%d/%m/%Y}" if document.issued_on else ""
    facts = [
        f"{text.name} (mã {text.code}, bản {text.version})",
        document.title,
        f"{document.issuer}. {number}{issued}.",
        f"Loại: {document.kind}.",
        f"Hiệu lực {validity(text)}.",
        _levels(text, day),
        f"Thay thế: {'; '.join(document.supersedes)}." if document.supersedes else "",
        document.status,
        _other_kinds(text),
    ]
    return [line for fact in facts if fact for line in _wrapped(fact, 0)]


def _other_kinds(text: Regulation) -> str:
    """That periods and steps are kept for kinds of conference the text does not know."""
    if text.other_kinds is None:
        return ""
    kinds = ", ".join(CONFERENCE_KINDS[kind] for kind in text.other_kinds.kinds)
    return f"Đối thoại {kinds}: {text.other_kinds.reason} Các thời hạn, bước ấy khi đó là tạm hiểu."


def _levels(text: Regulation, day: dt.date) -> str:
    """The levels the text names, and on that day who has the work of one that has ended."""
    named = [Level(level) for level in text.levels]
    said = f"Cấp trong văn bản: {', '.join(_LEVELS[level] for level in named)}."
    heirs = [_LEVELS[level_on(Level.DISTRICT, task, day)] for task in (Task.SERVE, Task.OVERSEE)]
    if Level.DISTRICT not in named or _LEVELS[Level.DISTRICT] in heirs:
        return said
    serving, overseeing = heirs
    return (
        f"{said} Cấp huyện đã thôi từ {two_tier_since():%d/%m/%Y}: việc phục vụ người dân nay của cấp {serving}, "
        f"việc chỉ đạo, tổng hợp nay của cấp {overseeing}."
    )


def _body(rows: Sequence[RuleRow]) -> list[str]:
    lines: list[str] = []
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            lines += ["", section.upper()]
        lines += _wrapped(row.says + (" [tạm hiểu]" if row.assumed else ""), 2, hang=4)
        lines += _wrapped(f"{row.place}: “{row.quote}”" if row.quote else row.place, 6)
        lines += _wrapped(row.reason, 6) if row.reason else []
        lines += _wrapped(row.note, 6) if row.note else []
    return lines


def _wrapped(text: str, indent: int, hang: int | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        PLAIN_WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent if hang is None else hang),
        break_on_hyphens=False,
    )


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[TỆP]...", help="tệp .toml; không ghi: mọi văn bản đang dùng")
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--source", metavar="TỆP", help="văn bản gốc (.txt) để đối chiếu lời trích")
    ] = None,
    directory: FolderOption = None,
    format: FormatOption = None,
) -> None:
    """Kiểm tra tệp, kể mọi lỗi. Với --source: lời trích nào không có trong văn bản gốc. Có lỗi thì thoát mã 1.

    \b
    Ví dụ:
      doithoai regulations check
      doithoai regulations check tinh-moi.toml --source quy-che.txt
    """
    folder = directory or regulation_folder()
    shipped = text_files(shipped_folder())
    wanted = files or [*shipped, *(text_files(folder) if folder else [])]
    if source is not None and len(wanted) != 1:
        raise InvalidInput("--source đối chiếu một tệp một lần.", todo="Ghi đúng một tệp .toml trước --source.")
    texts: dict[Path, Regulation] = {}
    rows: list[dict[str, Any]] = []
    for file in wanted:
        faults, text = read_with_faults(file)
        rows += [{"file": file.name, "fault": fault} for fault in faults]
        if text is not None:
            texts[file] = text
            rows += [{"file": file.name, "fault": fault} for fault in _unknown_grounds(text)]
    rows += _faults_together(texts, [] if files is None else shipped)
    if source is not None:
        for file, text in texts.items():
            rows += _faults_of_quotes(file, text, _read_source(source))
    if chosen(format) is Format.TABLE:
        # In full: a fault cut short would hide what is allowed.
        typer.echo("\n".join(line for row in rows for line in _wrapped(_fault(row), 0, hang=2)), nl=bool(rows))
    else:
        emit(rows, format, columns={"file": "", "fault": ""})
    if rows:
        raise typer.Exit(1)
    note(f"Đã đọc {len(texts)} văn bản, {sum(len(text.rules()) for text in texts.values())} quy tắc, không có lỗi.")


def _unknown_grounds(text: Regulation) -> list[str]:
    known = [one.code for one in grounds()]
    return [
        f"[[grounds]] «{rule.id}» ground: không nhận {rule.ground!r}; một trong: {', '.join(known)}"
        for rule in text.grounds
        if rule.ground not in known
    ]


def _fault(row: Mapping[str, Any]) -> str:
    return f"{row['file']}: {row['fault']}" if row["file"] else str(row["fault"])


def _faults_together(texts: dict[Path, Regulation], beside: Sequence[Path]) -> list[dict[str, Any]]:
    """Two versions in force on one day, among the files and beside the shipped ones."""
    shipped = {file: text for file in beside if (text := read_with_faults(file)[1]) is not None}
    # A shipped file named by another path is the same file, not a second version of itself.
    named = {file.resolve() for file in texts}
    try:
        gather({**{file: text for file, text in shipped.items() if file.resolve() not in named}, **texts})
    except InvalidInput as error:
        return [{"file": "", "fault": f"{error.what} {error.todo}"}]
    return []


def _read_source(source: Path) -> str:
    try:
        return source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"Không đọc được {source}.", todo="Cần tệp chữ UTF-8 (.txt).") from error


def _faults_of_quotes(file: Path, text: Regulation, source: str) -> list[dict[str, Any]]:
    checked = check_quotes(text, source)
    note(
        f"{text.name} ({text.code}): {len(checked.found)} lời trích có trong văn bản gốc, "
        f"{len(checked.missing)} không thấy, {len(checked.without)} quy tắc không có lời trích."
    )
    for rule in checked.without:
        note(f"  không có lời trích: {rule.id} ({rule.place})")
    return [
        {"file": file.name, "fault": f"quy tắc «{rule.id}» ({rule.place}): không thấy trong văn bản gốc: {rule.quote}"}
        for rule in checked.missing
    ]


@app.command()
def compare(
    first: ComparedCode,
    second: ComparedCode,
    differing: Annotated[bool, typer.Option("--differing", help="chỉ những điều hai bên khác nhau")] = False,
    directory: FolderOption = None,
    format: FormatOption = None,
) -> None:
    """So sánh hai quy định. Thời hạn, số kỳ, chủ trì, thư ký, điều kiện dự, các bước, căn cứ.

    \b
    Ví dụ:
      doithoai regulations compare thanh-hoa ha-noi
      doithoai regulations compare son-la quoc-gia --differing
      doithoai regulations compare ha-noi@2017 ha-noi@2027 --dir van-ban
    """
    shelf = _library(directory)
    one, other = (_of(shelf, wanted) for wanted in (first, second))
    rows = [row for row in side_by_side(one, other) if not (differing and row.same)]
    heads = [text.name if one.code != other.code else f"{text.name}, bản {text.version}" for text in (one, other)]
    emit(rows, format, columns={"parameter": "Điều", "first": heads[0], "second": heads[1]})
    if NATIONAL not in (one.code, other.code):
        note("Quy định chung cả nước cộng thêm vào mỗi bên: doithoai regulations show quoc-gia")


def _of(shelf: Library, wanted: str) -> Regulation:
    code, _, version = wanted.partition("@")
    return shelf.find(code, version=version or None)


def _library(directory: Path | None) -> Library:
    folder = directory or regulation_folder()
    return library(folder) if folder else library()
