"""What holds the rooms apart and keeps them small; the arrows between packages are lint-imports' (pyproject.toml)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin_cli.reference import commands

ROOT = Path(__file__).parents[1]
PACKAGES = ("admin_cli", "bot", "casework", "nlp", "storage")
MODULES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts
)
#: rules on plain values: no session, no clock, no network, no chance
PURE = (
    *(ROOT / "casework" / name for name in ("agenda.py", "lifecycle.py", "talk.py", "effects.py", "public_words.py")),
    *sorted((ROOT / "casework" / "annex_check").glob("*.py")),
    *sorted((ROOT / "casework" / "conference_life").glob("*.py")),
    *sorted((ROOT / "casework" / "grounds").glob("*.py")),
    *sorted((ROOT / "casework" / "regulations").glob("*.py")),
    *sorted((ROOT / "casework" / "reports").glob("*.py")),
    *sorted((ROOT / "bot" / "conversation").glob("*.py")),
    *sorted((ROOT / "nlp").glob("*.py")),
)
IMPURE = {
    *("sqlalchemy", "sqlmodel", "alembic", "aiohttp", "telegram", "asyncio", "socket", "http", "urllib"),
    *("random", "secrets", "time", "os", "subprocess"),
    *("storage.database", "storage.history", "casework.usecases", "casework.notices"),
}
CLOCKS = {"now", "utcnow", "today", "time", "monotonic"}
#: lines; we aim at 150 and ask ourselves at 400
LONGEST = 460
#: one definition of every noun, in one place
EXCUSED = {ROOT / "storage" / "records.py"}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PURE, ids=_name)
def test_pure_rules_know_no_session_no_network_and_no_chance(path: Path) -> None:
    forbidden = {
        name for name in _imports(_tree(path)) if any(name == one or name.startswith(f"{one}.") for one in IMPURE)
    }
    assert forbidden == set()


@pytest.mark.parametrize("path", PURE, ids=_name)
def test_pure_rules_ask_no_clock(path: Path) -> None:
    asked = {
        ast.unparse(call.func)
        for call in _calls(_tree(path))
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in CLOCKS
        and ast.unparse(call.func.value) in {"dt.datetime", "datetime", "datetime.datetime", "dt.date", "date", "time"}
    }
    assert asked == set()


def test_only_use_cases_open_a_unit_of_work_in_the_domain() -> None:
    openers = {
        _name(path)
        for path in MODULES
        if path.is_relative_to(ROOT / "casework") and not path.is_relative_to(ROOT / "casework" / "usecases")
        for call in _calls(_tree(path))
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"writing", "reading"}
    }
    assert openers == set()


def test_the_clock_of_the_machine_is_read_in_one_place() -> None:
    """Everything else is given a `Clock`, so that a day can be played again. The names of crash reports and copies
    and the stand-ins of foreign platforms are outside of it."""
    readers = {
        _name(path)
        for path in MODULES
        if "standins" not in path.parts
        for call in _calls(_tree(path))
        if ast.unparse(call.func)
        in {"dt.datetime.now", "datetime.now", "dt.date.today", "date.today", "datetime.utcnow"}
    }
    assert readers <= {"casework/clock.py", "admin_cli/crash.py", "admin_cli/db.py"}


@pytest.mark.parametrize("path", [path for path in MODULES if path not in EXCUSED], ids=_name)
def test_a_module_fits_one_reading(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", [path for path in MODULES if path.read_text()], ids=_name)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(_tree(path))


def test_nothing_depends_on_this_machine_or_on_what_lies_beside_the_project() -> None:
    marks = ("../shared", str(ROOT) + "/", "/home/", "/Users/")
    texts = (path for suffix in ("py", "toml", "md", "mako") for path in ROOT.glob(f"[!.]*/**/*.{suffix}"))
    found = {
        _name(path)
        for path in (*texts, ROOT / "Makefile", ROOT / "README.md", ROOT / "pyproject.toml")
        if path != Path(__file__) and any(mark in path.read_text(encoding="utf-8") for mark in marks)
    }
    assert found == set()


def test_every_command_has_help_with_an_example() -> None:
    texts = dict(commands())
    leaves = [path for path in texts if not any(other.startswith(f"{path} ") for other in texts)]
    assert len(leaves) > len(texts) / 2
    assert [path for path in leaves if "Ví dụ" not in texts[path] or f"{path} " not in f"{texts[path]} "] == []
