"""What a measurement is, on which machine it was taken, and how it is shown and kept."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured quantity: the runs, and their median. `at_least`: more is better; otherwise less is."""

    name: str
    unit: str
    runs: Sequence[float]
    target: float | None = None
    at_least: bool = True
    #: how it was measured, and what limits it (from a profile)
    how: str = ""
    limit: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    @property
    def reached(self) -> bool | None:
        if self.target is None:
            return None
        return self.median >= self.target if self.at_least else self.median <= self.target


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Where the figures come from."""

    cores: int
    model: str
    memory_gb: float
    system: str
    python: str
    sqlite: str
    load_before: list[float] = field(default_factory=list)


def this_machine() -> Machine:
    """The machine this runs on, as far as the system tells."""
    load = list(os.getloadavg()) if hasattr(os, "getloadavg") else []
    return Machine(
        cores=os.cpu_count() or 1,
        model=_from_file("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        memory_gb=round(int((_from_file("/proc/meminfo", "MemTotal") or "0").split()[0]) / 1e6, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        load_before=[round(value, 2) for value in load],
    )


def _from_file(path: str, key: str) -> str | None:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), None)


def keep(name: str, machine: Machine, figures: Sequence[Figure], folder: Path) -> Path:
    """Write one benchmark's figures with the machine's description."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    rows = [asdict(figure) | {"median": figure.median, "reached": figure.reached} for figure in figures]
    text = json.dumps({"benchmark": name, "machine": asdict(machine), "figures": rows}, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def table(figures: Sequence[Figure]) -> str:
    """All figures as text, each with how it was measured and what limits it."""
    lines = []
    for figure in figures:
        sign = ">=" if figure.at_least else "<="
        target = "" if figure.target is None else f"{sign} {figure.target:g}"
        verdict = {True: "reached", False: "MISSED", None: ""}[figure.reached]
        spread = f"{min(figure.runs):.4g}-{max(figure.runs):.4g}"
        median = f"{figure.median:.4g} {figure.unit}"
        lines.append(f"{figure.name:<58} {median:>16}  ({spread}, n={len(figure.runs)})  {target:<9} {verdict}")
        lines += [f"    {text}" for text in (figure.how, figure.limit and f"limit: {figure.limit}") if text]
    return "\n".join(lines)
