# `make setup` once; then `make demo`, `make test`, `make check`.
PYTHON ?= python3
.PHONY: setup
setup: .venv/.done
.venv/.done: requirements.lock
	$(PYTHON) -m venv .venv
	$(PYTHON) -m venv .venv/bootstrap && .venv/bootstrap/bin/pip -q install uv
	VIRTUAL_ENV=$(CURDIR)/.venv .venv/bootstrap/bin/uv pip sync -q --require-hashes requirements.lock
	touch $@

# Only for who changes templates or styles: needs Node. The built files are committed.
.PHONY: ui ui-check
ui: node_modules/.package-lock.json
	npm run --silent build
ui-check: node_modules/.package-lock.json
	npm run --silent check
node_modules/.package-lock.json: package.json package-lock.json
	npm ci --silent --ignore-scripts
	touch $@
