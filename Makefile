# Needs Python 3.11 or newer and make; everything else goes into .venv, at the versions of uv.lock.
#   make demo         play a whole dialogue conference on sample messages; documents in demo-output/
#   make test         all tests             (ARGS="tests/storage -k history" for some of them)
#   make lint         style, types, import contract, lock file
#   make bench        speed, as a table and in bench-output/
#   make screenshots  redraw docs/pictures/
#   make docs         rewrite docs/lenh.md from the help texts
#   make clean        remove what the above produced, except .venv

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# uv of this machine if it has one, else the one installed into the environment
UV = UV_PROJECT_ENVIRONMENT=$(VENV) UV_PYTHON_DOWNLOADS=never $(shell command -v uv || echo $(BIN)/uv)

.PHONY: demo test lint bench screenshots docs clean

demo: $(READY)
	$(BIN)/doithoai demo --out demo-output

# What is compiled once serves both workers, the programs that tests start, and the next run.
test: export PYTHONDONTWRITEBYTECODE =
test: $(READY)
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(UV) lock --check --offline --quiet

bench: $(READY)
	$(BIN)/python -m benchmarks

screenshots: $(READY)
	$(BIN)/python -m docs.draw

docs: $(READY)
	$(BIN)/python -m admin_cli.reference

clean:
	rm -rf demo-output bench-output build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

$(READY): pyproject.toml uv.lock | $(BIN)/python
	command -v uv >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	$(UV) sync --inexact --frozen --quiet --extra train
	touch $@

$(BIN)/python:
	@for python in $${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "$$python -m venv $(VENV)"; exec "$$python" -m venv $(VENV); \
	  fi; \
	done; \
	echo 'Cần Python 3.11 trở lên. / Python 3.11 or newer is needed (PYTHON=/path/to/python make ...).' >&2; exit 1
