# One command to try it, one to check it. The plain commands behind each are in README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
only ?= all
seed ?= 1
size ?=

.PHONY: demo test check bench bench-others sim lock pictures snapshots test-browser test-vm vm-kernel test-zpl test-prism clean

$(VENV)/.made: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-compile --no-deps --require-hashes -r requirements-dev.txt
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

# Needs Node.js: a second program that is not ours draws the labels.
test-zpl: $(VENV)/.made
	npm install --no-save --silent --prefix build/zpl-js zpl-renderer-js@3.4.0
	PACKPROOF_ZPL_JS=build/zpl-js $(BIN)/pytest tests/e2e/test_zpl_second_opinion.py

# Needs Node.js: a program that is not ours answers for the platforms, by their official descriptions.
test-prism: $(VENV)/.made
	npm install --no-save --silent --prefix build/prism @stoplight/prism-cli@5.14.2
	PACKPROOF_PRISM=build/prism $(BIN)/pytest -n0 tests/e2e/test_prism.py

# A real kernel with USB devices, under QEMU; skipped, and said so, where that is missing (README, The kernel's side).
test-vm: $(VENV)/.made
	$(BIN)/python -m tests.vm $(if $(filter-out all,$(only)),$(only))

# Debian's own kernel for it, unpacked into build/vm and not installed.
vm-kernel:
	rm -rf build/vm
	mkdir -p build/vm
	cd build/vm && apt-get download $$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\)$$/\1/p')
	dpkg-deb -x build/vm/linux-image-*.deb build/vm/kernel
	rm build/vm/linux-image-*.deb
	test -e build/vm/kernel/lib || ln -s usr/lib build/vm/kernel/lib

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
	$(BIN)/python -m tests.loader_picture

# Every screen as text, in tests/golden/screens: where a change of the screens is what was meant.
snapshots: $(VENV)/.made
	$(BIN)/python -m tests.snapshots

# Needs uv. The files carry hashes and no index addresses.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements-dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
