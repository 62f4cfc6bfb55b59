"""Cuts the phrases of the lexicon into words beforehand: `python -m nlp.training.lexicon`, after any edit of it."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from nlp.vocabulary import COMPILED, compiled


def main() -> int:
    """Writes the compiled vocabulary beside the lexicon."""
    Path(str(files("nlp") / "lexicon" / COMPILED)).write_bytes(compiled())
    return 0


if __name__ == "__main__":
    sys.exit(main())
