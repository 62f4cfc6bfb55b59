"""`doithoai nlp ...`: the understanding of messages on JSON Lines, for checks and evaluation outside the bot."""

from __future__ import annotations

import datetime as dt
import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli import nlp_training
from admin_cli.options import AsOfOption, noun
from admin_cli.output import note
from casework.clock import SystemClock, local_date
from casework.memory import settle

if TYPE_CHECKING:
    from nlp.analysis import Analysis
    from nlp.pieces import Piece
    from nlp.places import Gazetteer

app = noun("Máy đọc hiểu và gom nhóm tin nhắn từ tệp JSON Lines; học lại và so mô hình.")
app.command("train")(nlp_training.train)
app.command("evaluate")(nlp_training.evaluate)
app.command("corrections")(nlp_training.list_corrections)

#: messages between two words about progress
_TOLD_EVERY = 1_000
_File = Annotated[
    typer.FileBinaryRead,
    typer.Argument(help='Tệp JSON Lines, mỗi dòng {"id", "text"}; "-" là đọc từ đầu vào chuẩn.', metavar="FILE"),
]
_Places = Annotated[
    Path | None,
    typer.Option("--places", help="Danh mục địa danh của xã (TOML).", exists=True, dir_okay=False, readable=True),
]


@app.command("analyse")
def analyse(
    file: _File,
    places: _Places = None,
    reasons: Annotated[
        bool,
        typer.Option("--reasons", help="thêm vì sao, nơi giải quyết và căn cứ, từng việc, ngày và văn bản được nhắc"),
    ] = False,
    as_of: AsOfOption = None,
) -> None:
    """Phân loại từng tin nhắn: loại, lĩnh vực, cấp, khẩn cấp, địa danh, thông tin cá nhân.

    \b
    Ví dụ:
      doithoai nlp analyse tin.jsonl --places dia_danh.toml
      doithoai nlp analyse tin.jsonl --reasons
    """
    from nlp.understand import Understander

    understander = Understander(_gazetteer(places))
    understander.analyse("xin chào")
    settle()
    if understander.model_name == "rules":
        note("Không dùng được mô hình đi kèm; chỉ phân loại bằng luật. Cài lại phần mềm, hoặc chạy nlp train.")
    for key, text in _counted(_lines(file)):
        analysis = understander.analyse(text, explain=reasons)
        more = {**_why(analysis), **_parts(text, as_of)} if reasons else {}
        _write({"id": key, **_as_json(analysis), **more})


def _why(analysis: Analysis) -> dict[str, Any]:
    judged = {name: getattr(analysis, name).reason for name in ("kind", "topic", "level", "urgent")}
    return {"reasons": judged, "body": analysis.body, "basis": analysis.basis, "matters": dict(analysis.matters)}


def _parts(text: str, as_of: dt.date | None) -> dict[str, Any]:
    """What the message is made of, with offsets: its matters, what is only manners, times and documents it names."""
    from nlp.asides import set_aside
    from nlp.dates import mentions
    from nlp.documents_named import documents
    from nlp.split import part_spans

    said_on = as_of or local_date(SystemClock().now())
    return {
        "parts": [{"start": start, "end": end} for start, end in part_spans(text)],
        "asides": [{"start": start, "end": end} for start, end in set_aside(text).spans],
        "times": [
            {"start": each.start, "end": each.end, "kind": each.kind, "from": _day(each.from_), "to": _day(each.to)}
            for each in mentions(text, said_on)
        ],
        "documents": [
            {"start": each.start, "end": each.end, "kind": each.kind, "number": each.number} for each in documents(text)
        ],
    }


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _counted(lines: Iterator[tuple[Any, str]]) -> Iterator[tuple[Any, str]]:
    """The lines as they come; whoever waits at a terminal sees how many there were."""
    watched = sys.stderr.isatty() and not sys.stdout.isatty()
    for number, line in enumerate(lines, start=1):
        yield line
        if watched and number % _TOLD_EVERY == 0:
            note(f"Đã đọc {number} tin nhắn.")


@app.command("group")
def group(file: _File, places: _Places = None) -> None:
    """Gom các tin nhắn nói cùng một việc cụ thể; "related" là việc gần giống nhưng khác.

    Dòng nào có thêm "sender" (người gửi) và "sent_at" (giờ ISO) thì những mẩu một người viết tiếp nhau trong ít phút
    được đọc như một ý; việc khác nhau của cùng người gửi vẫn để riêng. Giờ không ghi múi chỉ so với giờ cũng không ghi
    múi.

    Ví dụ: doithoai nlp group tin.jsonl --places dia_danh.toml
    """
    from nlp import similar

    pieces = list(_pieces(file))
    listed = [key for key, _ in pieces]
    numbered = [(str(number), piece.text) for number, (_, piece) in enumerate(pieces)]
    senders = [piece for _, piece in pieces]
    with _bar(len(numbered)) as bar:
        lines = similar.group(numbered, _gazetteer(places), senders=senders, progress=bar)
    for line in lines:
        related = [listed[int(number)] for number in line.related]
        _write({"id": listed[int(line.id)], "group": line.group, "related": related})


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int, int], None] | None]:
    """Reading and comparing, for whoever waits at a terminal; None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Đọc và so sánh", total=2 * total)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _gazetteer(path: Path | None) -> Gazetteer:
    from nlp.places import Gazetteer

    if path is None:
        return Gazetteer.empty()
    try:
        return Gazetteer.from_toml(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        raise typer.BadParameter(f"không đọc được danh mục địa danh {path}: {error}") from error


def _lines(file: typer.FileBinaryRead) -> Iterator[tuple[Any, str]]:
    """Each line's id and text."""
    for entry in _entries(file):
        yield entry.get("id"), entry["text"]


def _pieces(file: typer.FileBinaryRead) -> Iterator[tuple[Any, Piece]]:
    """Each line's id and what the line says of its message."""
    from nlp.pieces import Piece

    for number, entry in enumerate(_entries(file), start=1):
        piece = Piece(
            text=entry["text"],
            sender=_sender(number, entry.get("sender")),
            sent_at=_time(number, entry.get("sent_at")),
        )
        yield entry.get("id"), piece


def _sender(number: int, written: object) -> str | None:
    """A name, or the number by which a platform knows somebody."""
    if isinstance(written, str) or (isinstance(written, int) and not isinstance(written, bool)):
        return str(written) or None
    if written is not None:
        note(f'Dòng {number}: "sender" không phải chuỗi hay số nguyên; tin này đứng riêng.')
    return None


def _time(number: int, written: object) -> dt.datetime | None:
    """None, with a note on stderr, for what is no time of day that can be told from others."""
    if written is None:
        return None
    try:
        read = dt.datetime.fromisoformat(written) if isinstance(written, str) else None
        if read is not None and 1970 < read.year < 9999 and not _is_day(str(written)):
            return read
    except ValueError:
        pass
    note(f'Dòng {number}: "sent_at" không phải ngày giờ ISO (như 2026-11-03T08:00:00+07:00); tin này đứng riêng.')
    return None


def _is_day(written: str) -> bool:
    try:
        dt.date.fromisoformat(written)
    except ValueError:
        return False
    return True


def _entries(file: typer.FileBinaryRead) -> Iterator[dict[str, Any]]:
    """The line's fields; "text" is always there. A line that cannot be read counts as an empty text, with a note on
    stderr, where their number is told after the last one."""
    number = unread = 0
    for number, raw in enumerate(file, start=1):
        line = raw.decode("utf-8-sig" if number == 1 else "utf-8", errors="replace")
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError) as error:
            unread += 1
            _note(number, f"không phải JSON ({error})")
            yield {"text": ""}
            continue
        if not isinstance(entry, dict):
            unread += 1
            _note(number, "không phải đối tượng JSON")
            yield {"text": ""}
            continue
        text = entry.get("text")
        if not isinstance(text, str):
            unread += 1
            _note(number, 'thiếu "text" là chuỗi')
            text = ""
        yield {**entry, "text": text}
    if unread:
        note(f"Không đọc được {unread} trong {number} dòng; mỗi dòng ấy ra một tin nhắn trống. Sửa tệp rồi chạy lại.")


def _note(number: int, problem: str) -> None:
    note(f"Dòng {number}: {problem}; coi như tin nhắn trống.")


def _as_json(analysis: Analysis) -> dict[str, Any]:
    return {
        "kind": analysis.kind.value,
        "topic": analysis.topic.value,
        "level": analysis.level.value,
        "urgent": analysis.is_urgent,
        "confidence": {
            "kind": analysis.kind.confidence,
            "topic": analysis.topic.confidence,
            "level": analysis.level.confidence,
            "urgent": analysis.urgent.confidence,
        },
        "unsure": list(analysis.unsure),
        "places": [
            {
                "id": place.id,
                "sort": place.sort,
                "name": place.name,
                "residential_group": place.residential_group,
            }
            for place in analysis.places
        ],
        "personal_data": [{"type": span.type, "start": span.start, "end": span.end} for span in analysis.personal_data],
        "issues": analysis.issues,
    }


def _write(line: dict[str, Any]) -> None:
    """One JSON line on stdout; an id with half a surrogate pair is written escaped."""
    written = json.dumps(line, ensure_ascii=False)
    if any("\ud800" <= character <= "\udfff" for character in written):
        written = json.dumps(line)
    typer.echo(written)
