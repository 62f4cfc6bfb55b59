"""`doithoai competence ...`: which body settles what, on what basis; checks an office's own file of the map."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli.choices import choice
from admin_cli.options import AsOfOption, Format, FormatOption, noun
from admin_cli.output import chosen, emit, note, show
from casework.clock import SystemClock, local_date
from casework.errors import InvalidInput
from casework.topics import LEVEL_NAMES, TOPIC_NAMES
from nlp.analysis import Topic

if TYPE_CHECKING:
    from nlp.competence import CompetenceMap

app = noun("Bảng thẩm quyền: việc nào do nơi nào giải quyết, căn cứ; kiểm tệp riêng của đơn vị.")

_OwnFile = Annotated[
    Path | None,
    typer.Option("--file", metavar="TỆP", help="tệp riêng (mặc định: DOITHOAI_COMPETENCE_FILE hoặc doithoai.toml)"),
]
_LEVELS = {level.value: name for level, name in LEVEL_NAMES.items()}
_MARKS = {"sure": "chắc", "likely": "nên xem lại", "unsure": "CHƯA CHẮC"}
_NAMES = {"level": _LEVELS, "mark": _MARKS}


@app.command("list")
def list_all(
    topic: Annotated[
        Topic | None,
        typer.Option(parser=choice(Topic, TOPIC_NAMES), metavar="LĨNH_VỰC", help="chỉ một lĩnh vực, ví dụ giao-thong"),
    ] = None,
    file: _OwnFile = None,
    format: FormatOption = None,
) -> None:
    """Các việc trong danh mục: cấp, nơi giải quyết, căn cứ, chắc tới đâu.

    \b
    Ví dụ:
      doithoai competence list --topic giao-thong
      doithoai competence list --format csv > tham-quyen.csv
    """
    map = _map(file)
    emit(
        [row for row in _matters(map, _today()) if topic is None or row["matter"].startswith(f"{topic}/")],
        format,
        columns={"name": "Việc", "level": "Cấp", "body_name": "Nơi giải quyết", "mark": "Độ chắc"},
        names=_NAMES,
    )


@app.command()
def bodies(file: _OwnFile = None, format: FormatOption = None) -> None:
    """Các cơ quan: mã để ghi vào tệp và tên; tên gọi trước đây, căn cứ thì xem bản json, csv.

    \b
    Ví dụ:
      doithoai competence bodies
    """
    rows = [
        {"code": body.code, "name": body.name, "level": body.levels[0], "formerly": body.formerly, "basis": body.basis}
        for body in _map(file).bodies.values()
    ]
    emit(rows, format, columns={"code": "Mã", "name": "Cơ quan"})


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="TỆP", help="tệp .toml của đơn vị")],
    format: FormatOption = None,
) -> None:
    """Kiểm một tệp riêng trước khi dùng: lỗi ở mục nào, sửa ra sao. Có lỗi thì mã thoát là 1.

    \b
    Ví dụ:
      doithoai competence check tham-quyen-tinh.toml
    """
    from nlp import competence
    from nlp.competence_file import read_with_faults

    faults, found = read_with_faults(_read(file), competence.shipped().bodies, is_own=True)
    if chosen(format) is Format.TABLE:
        typer.echo("\n".join(f"{file.name}: {fault}" for fault in faults), nl=bool(faults))
    else:
        emit([{"file": file.name, "fault": fault} for fault in faults], format, columns={"file": "", "fault": ""})
    if found is None:
        raise typer.Exit(1)
    for row in found.rows:
        if row.until is not None:
            note(f"Dòng [[row]] thứ {row.number} chỉ dùng đến hết ngày {row.until:%d/%m/%Y}.")
    note(f"Đã đọc {len(found.rows)} dòng, {len(found.bodies)} cơ quan, không có lỗi.")


@app.command()
def explain(
    text: Annotated[str, typer.Argument(metavar="LỜI", help="lời người dân, trong dấu nháy")],
    file: _OwnFile = None,
    as_of: AsOfOption = None,
    format: FormatOption = None,
) -> None:
    """Máy sẽ nói nơi nào giải quyết một tin nhắn, vì sao, theo căn cứ nào. Ngày trước 1/7/2025 thì theo ba cấp.

    \b
    Ví dụ:
      doithoai competence explain "quốc lộ 37 qua xã mình đầy ổ gà"
      doithoai competence explain "làm sổ đỏ lần đầu ở đâu" --as-of 01/06/2025
    """
    show(_explained(_map(file), text, as_of or _today()), format, labels=_EXPLAINED, names=_NAMES | {"topic": _TOPICS})


_TOPICS = {topic.value: name for topic, name in TOPIC_NAMES.items()}
_EXPLAINED = {
    "topic": "Lĩnh vực",
    "level": "Cấp",
    "body_name": "Nơi giải quyết",
    "reason": "Vì",
    "basis": "Căn cứ",
    "mark": "Độ chắc",
    "note": "Lưu ý",
    "by_office": "Theo tệp riêng",
}


def _explained(map: CompetenceMap, text: str, on: dt.date) -> dict[str, Any]:
    from nlp.competence import TWO_TIER_FROM, settle_judged
    from nlp.understand import Understander

    # Labels are those of two tiers; what the district settled follows from them.
    analysis = Understander(map=map, today=lambda: max(on, TWO_TIER_FROM)).analyse(text)
    settled = settle_judged(
        map,
        text,
        analysis,
        kind=analysis.kind.value,
        topic=analysis.topic.value,
        level=analysis.level.value,
        on=on,
    )
    if settled is None:
        raise InvalidInput("Đây không phải ý kiến nên không có nơi giải quyết.", todo="Ghi rõ việc gì, ở đâu.")
    return {
        "topic": analysis.topic.value,
        "level": settled.level,
        "body": settled.body,
        "body_name": settled.body_name,
        "reason": settled.reason,
        "basis": settled.basis,
        "mark": settled.mark.value,
        "note": settled.note,
        "by_office": settled.by_office,
    }


def _matters(map: CompetenceMap, on: dt.date) -> list[dict[str, Any]]:
    from nlp.vocabulary import vocabulary

    rows: list[dict[str, Any]] = []
    for matter, issue in sorted(vocabulary().issues.items()):
        usual = map.usual(matter)
        level = usual[0] if usual else issue.level
        settled = map.settle(topic=issue.topic, level_shares={level: 1.0}, matters=[(matter, 1.0)], on=on)
        if settled is None:
            continue
        rows.append(
            {
                "matter": matter,
                "name": issue.name,
                "level": settled.level,
                "body": settled.body,
                "body_name": settled.body_name,
                "basis": settled.basis,
                "mark": settled.mark.value,
                "note": settled.note,
                "by_office": settled.by_office,
            }
        )
    return rows


def _map(file: Path | None) -> CompetenceMap:
    """The map as the bot would use it. Raises `InvalidInput` for a file that cannot be used."""
    from bot import settings
    from nlp import competence

    chosen_file = file or settings.load().competence_file
    if chosen_file is None:
        return competence.shipped()
    try:
        return competence.with_own(_read(chosen_file), chosen_file.name)
    except competence.MapRefused as refused:
        raise InvalidInput(str(refused), todo="Xem từng lỗi: doithoai competence check TỆP") from refused


def _today() -> dt.date:
    return local_date(SystemClock().now())


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"Không đọc được tệp {file}.", todo="Kiểm lại đường dẫn và quyền đọc.") from error
