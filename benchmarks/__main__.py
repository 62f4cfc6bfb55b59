"""Runs the benchmarks named on the command line (all without names), prints a table, keeps the figures as JSON.

python -m benchmarks [startup] [turns] [accept] [sends] [lanes] [documents] [deadlines]
                     [duplicates] [reading]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import accept, deadlines, documents, duplicates, lanes, reading, sends, startup, turns
from benchmarks.report import Figure, keep, table, this_machine

BENCHMARKS: dict[str, Callable[[], list[Figure]]] = {
    "startup": startup.measure,
    "turns": turns.measure,
    "accept": accept.measure,
    "sends": sends.measure,
    "lanes": lanes.measure,
    "documents": documents.measure,
    "deadlines": deadlines.measure,
    "duplicates": duplicates.measure,
    "reading": reading.measure,
}
FOLDER = Path("bench-output")


def main(names: Sequence[str]) -> int:
    """Exit code 0 when everything could be measured (a missed target is said in the table), 2 for a name that is no
    benchmark."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    machine = this_machine()
    print(", ".join(f"{key} {value}" for key, value in asdict(machine).items()))
    for name in names or BENCHMARKS:
        figures = BENCHMARKS[name]()
        keep(name, machine, figures, FOLDER)
        print(table(figures), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
