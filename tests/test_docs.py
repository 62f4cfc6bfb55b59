"""The pages cannot drift from the program: commands, settings, states, promises and links are compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from admin_cli import reference
from admin_cli.app import COMMANDS
from bot.settings import PREFIX, Settings
from casework.doctor.checks import CHECKS
from casework.lifecycle import STATE_NAMES
from casework.regulations import regulations
from casework.usecases.access import ROLE_NAMES
from storage.records import DeliveryState

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"doithoai ([a-z]+)(?: ([a-z-]+))?")
_TARGET = re.compile(r"(?:^|`)make ([a-z]+)", re.MULTILINE)


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _rows(name: str) -> dict[str, str]:
    """Rows of the page's tables by what stands in backquotes first."""
    found = re.findall(r"^\| `([^`]+)` \|(.*)$", _text(name), re.MULTILINE)
    return dict(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    lost = []
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        path = link.partition("#")[0]
        if path and "://" not in path and not (page.parent / path).exists():
            lost.append(link)
    assert lost == []


def test_every_command_has_its_row_in_the_readme() -> None:
    assert {f"doithoai {name}" for name in COMMANDS} <= set(_rows("README.md"))


def test_the_command_reference_is_what_the_help_says() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), "run: make docs"


def test_pages_name_only_commands_that_exist() -> None:
    known = {path for path, _ in reference.commands()}
    wrong = [
        f"{page.name}: doithoai {noun} {verb}"
        for page in PAGES
        if page != reference.PAGE
        for noun, verb in _COMMAND.findall(page.read_text(encoding="utf-8"))
        if noun in COMMANDS and verb and COMMANDS[noun].attribute == "app" and f"doithoai {noun} {verb}" not in known
    ]
    assert wrong == []


def test_every_make_target_named_in_a_page_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", _text("Makefile"), re.MULTILINE))
    named = {target for page in PAGES for target in _TARGET.findall(page.read_text(encoding="utf-8"))}
    assert named <= targets
    assert {"demo", "test", "lint", "bench", "clean"} <= targets


def test_every_setting_is_explained_in_the_readme_and_no_other() -> None:
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(rf"`({PREFIX}[A-Z_]+[A-Z])`", _text("README.md")))
    assert named == settings | {"DOITHOAI_STAFF"}


def test_every_state_of_an_opinion_is_explained_in_the_words_people_read() -> None:
    rows = _rows("docs/vong-doi.md")
    assert [state for state, name in STATE_NAMES.items() if name not in rows.get(state, "")] == []


def test_every_state_of_a_notice_is_explained() -> None:
    assert {str(state) for state in DeliveryState} <= set(_rows("docs/vong-doi.md"))


def test_every_role_and_every_regulation_is_named_where_an_office_is_set_up() -> None:
    page = _text("docs/cai-dat.md")
    assert {str(role) for role in ROLE_NAMES} <= set(_rows("docs/cai-dat.md"))
    assert [known.code for known in regulations() if known.code not in page] == []


def test_every_check_of_the_doctor_stands_with_its_promise() -> None:
    page = _text("docs/loi-hua.md")
    rows = {int(number): row for number, row in re.findall(r"^\| (\d+) \|(.*)$", page, re.MULTILINE)}
    assert sorted(rows) == list(range(1, 11))
    for check in CHECKS:
        assert f"`{check.name}`" in rows[check.promise], check.name
        assert check.quote in rows[check.promise], check.name
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", page))
    assert named == {check.name for check in CHECKS}
