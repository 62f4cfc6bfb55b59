"""`doithoai places ...`: help with the file of places of a commune."""

from __future__ import annotations

from typing import Annotated

import typer

from admin_cli.options import FormatOption, noun
from admin_cli.output import emit, note
from casework.errors import InvalidInput, SetupNeeded

app = noun("Tệp địa danh của xã: tên xã, huyện cũ để máy nhận ra khi dân gọi tên cũ.")

_COLUMNS = {"commune": "Xã, phường cũ", "district": "Huyện, quận cũ", "province": "Tỉnh cũ", "whole": "Nhập cả xã"}


@app.callback()
def places() -> None:
    """Tệp địa danh của xã: tên xã, huyện cũ để máy nhận ra khi dân gọi tên cũ."""


@app.command("old-names")
def old_names(
    commune: Annotated[str, typer.Argument(metavar="XÃ", help='tên xã, phường hiện nay, ví dụ "xã Hàm Thuận Bắc"')],
    province: Annotated[
        str | None, typer.Option(metavar="TỈNH", help="tỉnh hiện nay, khi nhiều tỉnh có xã cùng tên")
    ] = None,
    format: FormatOption = None,
) -> None:
    """Xã, huyện cũ (trước 1/7/2025) nay thuộc xã này, và dòng để chép vào tệp địa danh.

    \b
    Ví dụ:
      doithoai places old-names "xã Hàm Thuận Bắc"
      doithoai places old-names "xã Tân Lập" --province "Thái Nguyên" --format json
    """
    from nlp.training import old_names as table

    try:
        units = table.old_units(commune, province)
    except table.TableMissing as error:
        raise SetupNeeded(
            "Máy này chưa có bảng đổi tên xã.",
            todo="Cài phần thêm rồi chạy lại: pip install 'doithoai[train]' (hoặc uv sync --extra train).",
        ) from error
    if not units:
        raise InvalidInput(
            f"Không thấy «{commune}» trong bảng các xã sau 1/7/2025.",
            todo="Xem lại tên xã và tên tỉnh; viết đủ «xã», «phường» nếu cần.",
        )
    found = table.provinces(units)
    if len(found) > 1:
        raise InvalidInput(
            f"Có {len(found)} tỉnh có «{commune}»: {', '.join(found)}.", todo="Chọn một: thêm --province TỈNH."
        )
    emit(units, format, columns=_COLUMNS)
    note(f"Chép vào mục [commune] của tệp địa danh:\n{table.gazetteer_lines(units)}")
