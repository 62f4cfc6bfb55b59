"""How fast the program is, measured: `python -m benchmarks [name ...]` (make bench)."""
