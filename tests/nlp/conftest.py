"""Data of an imaginary commune and hand-labelled messages, read once."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from nlp.places import Gazetteer
from nlp.understand import Understander

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer.from_toml(tomllib.loads((DATA / "tan_minh_places.toml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def understander() -> Understander:
    return Understander()
