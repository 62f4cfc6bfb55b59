"""How long `doithoai --help` takes: what every call on the command line pays."""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.report import Figure

RUNS = 10
PROGRAM = "import sys; from admin_cli.app import main; sys.argv[0] = 'doithoai'; sys.exit(main())"


def measure() -> list[Figure]:
    """Wall time of a fresh process that prints the help text."""
    _run()
    return [
        Figure(
            name="doithoai --help",
            unit="s",
            runs=[_run() for _ in range(RUNS)],
            target=0.4,
            at_least=False,
            how="a fresh interpreter each time, byte code compiled",
            limit=LIMIT,
        )
    ]


LIMIT = "starting the interpreter and importing typer; no module of a command is imported for help"


def _run() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", PROGRAM, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun
