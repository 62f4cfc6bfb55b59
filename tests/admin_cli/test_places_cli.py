from __future__ import annotations

import json
from importlib.util import find_spec

import pytest
from typer.testing import CliRunner

from admin_cli.app import app

RUNNER = CliRunner()


@pytest.mark.skipif(find_spec("underthesea") is None, reason="the table of old addresses is not installed")
def test_old_names_are_listed_with_lines_to_copy() -> None:
    done = RUNNER.invoke(app, ["places", "old-names", "xã Hàm Thuận Bắc", "--format", "json"])
    assert done.exit_code == 0, done.output
    assert {row["district"] for row in json.loads(done.stdout)} == {"Huyện Hàm Thuận Bắc"}
    assert 'old_district = "huyện Hàm Thuận Bắc"' in done.stderr


@pytest.mark.skipif(find_spec("underthesea") is None, reason="the table of old addresses is not installed")
def test_an_unknown_commune_and_one_of_many_provinces_are_refused() -> None:
    assert RUNNER.invoke(app, ["places", "old-names", "xã Không Có"]).exit_code != 0
    many = RUNNER.invoke(app, ["places", "old-names", "xã Tân Lập"])
    assert many.exit_code != 0
