# `make setup` once (the others do it by themselves); then `make demo`, `make test`, `make check`, `make up`.
PYTHON ?= python3
CASES ?= 1
SEED ?=
BIN := .venv/bin
UV_VERSION := 0.13.9

.PHONY: setup demo up test check format clean ui ui-check
.DEFAULT_GOAL := setup

setup: .venv/.done
	@$(BIN)/python -m saas.runtime.messages

.venv/.done: requirements.lock Makefile
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || \
	  { echo "Python 3.11 or 3.12 is needed; name one with: make setup PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
	  { echo "venv is missing: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }
	test -x .venv/bootstrap/bin/uv || { $(PYTHON) -m venv .venv/bootstrap && .venv/bootstrap/bin/pip -q install uv==$(UV_VERSION); }
	VIRTUAL_ENV=$(CURDIR)/.venv .venv/bootstrap/bin/uv pip sync -q --require-hashes --compile-bytecode requirements.lock
	@printf '#!/bin/sh\nPYTHONPATH="%s$${PYTHONPATH:+:$$PYTHONPATH}" exec "%s/$(BIN)/python" -m saas.runtime "$$@"\n' \
	  "$(CURDIR)" "$(CURDIR)" > $(BIN)/mall && chmod +x $(BIN)/mall
	@touch $@

demo: setup
	$(BIN)/mall demo

up: setup
	$(BIN)/mall up

# Both halves of the suite (control, cell). CASES multiplies the generated cases; SEED repeats a run.
test: setup
	CASES=$(CASES) SEED=$(SEED) $(BIN)/python -m tests.run

check: setup
	$(BIN)/python -m tests.check

format: setup
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

# The shared stylesheet and the vendored scripts, from the versions of package-lock.json; needs Node. Their results are committed.
ui:
	npm ci && npm run --silent build

ui-check:
	npm ci && npm run --silent check

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
