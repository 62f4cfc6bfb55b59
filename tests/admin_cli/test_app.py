"""The front door of the command line: instant help, errors people can act on, exit codes programs can rely on."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from admin_cli import app as front
from admin_cli.app import Command, app

run = CliRunner().invoke


def _doithoai(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from admin_cli.app import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={"PYTHONPATH": str(Path(front.__file__).parents[1]), "HOME": str(cwd), "PATH": ""},
    )


def test_help_lists_every_command_without_importing_anything_heavy(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom admin_cli.app import main\n"
        "sys.argv = ['doithoai', '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted({'sqlalchemy', 'sqlmodel', 'telegram', 'aiohttp', 'nlp', 'casework', 'rich'} & set(sys.modules)))"
    )
    environment = {"PYTHONPATH": str(Path(front.__file__).parents[1])}
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment).stdout
    for name in front.COMMANDS:
        assert f"\n  {name} " in out
    assert out.endswith("[]\n")


def test_help_takes_under_four_tenths_of_a_second_of_the_processor(tmp_path: Path) -> None:
    best = 9.0
    for _ in range(3):
        begun = _spent_by_programs()
        _doithoai("--help", cwd=tmp_path)
        best = min(best, _spent_by_programs() - begun)
    assert best < 0.4


def _spent_by_programs() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def test_a_mistyped_command_is_a_usage_error_that_names_the_nearest_one() -> None:
    result = run(app, ["opinion"])
    assert result.exit_code == 2
    assert "doithoai opinions" in result.stderr


def test_a_refusal_says_what_happened_what_to_do_and_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(front.COMMANDS, "lost", Command(module="admin_cli.not_there", help="", panel="Việc hằng ngày"))
    result = run(app, ["lost"])
    assert result.exit_code == 1
    assert "không có lệnh «lost»" in result.stderr
    assert "(D050)" in result.stderr
    assert result.stdout == ""


def test_an_unexpected_error_leaves_a_sentence_for_people_and_a_record_without_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "boom.py").write_text(
        "def boom() -> None:\n    '''x'''\n    raise ValueError('bà Nguyễn Thị Xoan 0912')\n"
    )
    script = (
        "import sys; sys.path.insert(0, '.')\n"
        "from admin_cli import app\n"
        "app.COMMANDS['boom'] = app.Command(module='boom', attribute='boom', help='', panel='')\n"
        "sys.argv[1:] = ['boom']\nsys.exit(app.main())"
    )
    environment = {"PYTHONPATH": str(Path(front.__file__).parents[1]), "HOME": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, env=environment
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "Xoan" not in result.stderr
    [log] = tmp_path.rglob("doithoai-loi.log")
    written = log.read_text(encoding="utf-8")
    assert "ValueError" in written
    assert "boom.py:3" in written
    assert "Xoan" not in written


def test_the_version_is_printed(tmp_path: Path) -> None:
    result = run(app, ["--version"])
    assert result.exit_code == 0
    assert result.stdout.startswith("doithoai 0.")
