# One command to try it, one to check it. The plain commands behind each are in README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
only ?= all
seed ?= 1
size ?=

.PHONY: demo test check bench bench-others sim lock pictures snapshots test-browser clean

$(VENV)/.made: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

demo: $(VENV)/.made
	$(BIN)/packproof demo

check: $(VENV)/.made
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/pytest -n auto --dist worksteal

# Needs Chromium (Debian: apt-get install chromium).
test-browser: $(VENV)/.made
	PACKPROOF_BROWSER=1 $(BIN)/pytest -m browser

bench: $(VENV)/.made
	$(BIN)/python -m tests.bench --only $(only)

# The reservations of other shops' software, where it is installed.
bench-others: $(VENV)/.made
	$(BIN)/python -m tests.bench.reserve.others

sim: $(VENV)/.made
	$(BIN)/python -m tests.bench.sim --only $(only) --seed $(seed) $(if $(size),--size $(size))

# The board's pictures need Chromium.
pictures: $(VENV)/.made
	$(BIN)/python -m tests.pictures
	$(BIN)/python -m tests.board_picture

# Every screen as text, in tests/golden/screens: where a change of the screens is what was meant.
snapshots: $(VENV)/.made
	$(BIN)/python -m tests.snapshots

# Needs uv. The files carry hashes and no index addresses.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements-dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
