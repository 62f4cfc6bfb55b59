"""`doithoai nlp train|evaluate|corrections`: the model learns when told to, and never gets worse unseen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli.options import DatabaseOption, Format, FormatOption, StaffOption
from admin_cli.output import emit, note
from admin_cli.session import acting_staff, open_services
from casework.errors import InvalidInput, SetupNeeded
from casework.usecases.moderation.corrections import Correction, corrections

if TYPE_CHECKING:
    from nlp.model.files import Model
    from nlp.training.corpus import Message

_FIGURES = {
    "what": "Số đo",
    "style": "Cách gõ",
    "current": "Chương trình",
    "candidate": "Bản mới",
    "result": "Kết quả",
}
_CORRECTED = {"text": "Tin nhắn (đã che)", "corrected": "Đã sửa", "labels": "Nhãn"}


def train(
    out: Annotated[Path, typer.Option("--out", metavar="THƯ_MỤC", help="nơi ghi mô hình mới", file_okay=False)],
    learn: Annotated[
        bool, typer.Option("--corrections/--no-corrections", help="học thêm từ những chỗ cán bộ đã sửa nhãn")
    ] = False,
    name: Annotated[str, typer.Option("--name", metavar="TÊN", help="tên của mô hình, in trong bản kê")] = "own",
    staff: StaffOption = None,
    db: DatabaseOption = None,
) -> None:
    """Học lại mô hình phân loại từ bộ mẫu của chương trình, và từ chỗ cán bộ đã sửa nếu muốn.

    Không đổi mô hình đang dùng: so bằng nlp evaluate, rồi đặt DOITHOAI_NLP_MODEL.

    \b
    Ví dụ:
      doithoai nlp train --out mo-hinh-moi --corrections
      doithoai nlp evaluate mo-hinh-moi
    """
    learnt = _corrections(staff, db) if learn else []
    with _training_tools():
        from nlp.training import build, corpus

        messages, phrases = corpus.messages(), corpus.phrases()
        manifest = build.train(
            messages,
            phrases,
            corpus.calibration(),
            out,
            name=name,
            corrections=[_as_message(each) for each in learnt],
            tell=note,
        )
    counts = manifest["counts"]
    note(
        f"Xong: {counts['messages']} tin nhắn, {counts['phrases']} cụm từ, {counts['corrections']} chỗ cán bộ sửa. "
        f"So với mô hình của chương trình: doithoai nlp evaluate {out}"
    )
    typer.echo(json.dumps({key: manifest[key] for key in ("name", "data", "weights", "counts")}, ensure_ascii=False))


def evaluate(
    candidate: Annotated[
        Path | None,
        typer.Argument(metavar="[THƯ_MỤC]", help="mô hình mới; bỏ trống: chỉ đo mô hình của chương trình", exists=True),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="in mọi số đo, không chỉ chỗ kém đi")] = False,
    format: FormatOption = None,
) -> None:
    """So mô hình mới với mô hình của chương trình trên bộ tin chưa mô hình nào học; kém hơn thì không nhận.

    Đo từng nhãn, từng cách gõ (không dấu, viết tắt, sai chính tả…), và máy tự biết mình không chắc đến đâu. Được nhận
    thì ghi vào bản kê; chỉ mô hình được nhận mới dùng được. Thoát 1 khi không nhận.

    \b
    Ví dụ:
      doithoai nlp evaluate mo-hinh-moi
      doithoai nlp evaluate --full --format json
    """
    with _training_tools():
        from nlp.training import corpus
        from nlp.training.compare import compare
        from nlp.understand import Understander

        _tell_own_is_not_measured()
        current = Understander(model=_of_the_program())
        unseen = corpus.held_out()
        if candidate is None:
            _show_current(current.analyse, unseen, format)
            return
        model = _read(candidate)
        comparison = compare(current.analyse, Understander(model=model).analyse, unseen, tell=note)
    rows = [
        {
            "what": row.what,
            "style": row.style,
            "current": round(row.current, 3),
            "candidate": round(row.candidate, 3),
            "result": "kém" if row.worse else "được",
        }
        for row in comparison.rows
        if full or row.worse or (row.style == "as-written" and " " not in row.what)
    ]
    emit(rows, format, columns=_FIGURES)
    if not comparison.accepted:
        note("Không nhận: có số đo kém hơn mô hình của chương trình. Mô hình đang dùng giữ nguyên.")
        raise typer.Exit(1)
    _accept(candidate, model)
    note(f"Được nhận. Muốn dùng: đặt DOITHOAI_NLP_MODEL={candidate} rồi khởi động lại.")


def list_corrections(
    staff: StaffOption = None,
    db: DatabaseOption = None,
    format: FormatOption = None,
) -> None:
    """Những tin cán bộ đã sửa nhãn: thứ nlp train --corrections sẽ học. Tin kín và tin đã rút không có ở đây.

    \b
    Ví dụ:
      doithoai nlp corrections
      doithoai nlp corrections --format json > da-sua.json
    """
    rows = [
        {
            "text": each.text,
            "corrected": ", ".join(sorted(each.corrected)),
            "labels": ", ".join(f"{label}={value}" for label, value in each.labels.items()),
        }
        for each in _corrections(staff, db)
    ]
    emit(rows, format, columns=_CORRECTED)


def _corrections(staff: str | None, db: str | None) -> list[Correction]:
    services = open_services(db)
    return corrections(services, acting_staff(services, staff))


def _as_message(each: Correction) -> Message:
    """Teaches only what a person said; the other labels are the program's own."""
    from nlp.training.corpus import Message

    labels = each.labels
    return Message(
        text=each.text,
        kind=labels["kind"],
        topic=labels["topic"],
        level=labels["level"],
        urgent=labels["urgent"] == "true",
        author="correction",
        taught=each.corrected,
    )


def _show_current(reader: Callable[[str], Any], unseen: list[Message], format: Format | None) -> None:
    from nlp.training.evaluate import in_styles, measure

    rows = []
    for style, styled in in_styles(unseen).items():
        found = measure(reader, styled)
        rows.append({"style": style} | {head: round(share, 3) for head, share in found.accuracy.items()})
        rows[-1] |= {
            "kind_f1": round(found.macro_f1("kind"), 3),
            "sure": round(min(found.right_when_kept.values()), 3),
        }
    emit(
        rows,
        format,
        columns={
            "style": "Cách gõ",
            "topic": "Lĩnh vực",
            "kind": "Loại",
            "kind_f1": "Loại F1",
            "level": "Cấp",
            "urgent": "Khẩn",
            "sure": "Chắc là đúng",
        },
    )


def _of_the_program() -> Model:
    from nlp.model.files import ModelRefused, shipped

    try:
        return shipped()
    except ModelRefused as error:
        raise SetupNeeded(
            f"Mô hình của chương trình không dùng được nên không có gì để so: {error}", todo="Cài lại phần mềm."
        ) from error


def _tell_own_is_not_measured() -> None:
    from bot import settings

    own = settings.load().nlp_model
    if own is not None:
        note(f"Chỉ so với mô hình của chương trình, không so với mô hình riêng đang đặt ở DOITHOAI_NLP_MODEL ({own}).")


def _read(folder: Path) -> Model:
    from nlp.model.files import ModelRefused, load

    try:
        return load(folder)
    except ModelRefused as error:
        raise InvalidInput(str(error), todo="Chọn thư mục do nlp train ghi ra.") from error


def _accept(folder: Path, model: Model) -> None:
    from nlp.model.files import shipped
    from nlp.training.build import save_manifest

    save_manifest(folder, {**model.manifest, "accepted_over": shipped().manifest["weights"]})


@contextmanager
def _training_tools() -> Iterator[None]:
    """Training needs packages that serving does not."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("sklearn", "scipy"):
            raise
        raise SetupNeeded(
            "Máy này chưa có phần mềm để học mô hình (scikit-learn).", todo="Chạy: pip install 'doithoai[train]'"
        ) from error
