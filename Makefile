# Set-up: `make demo` and `make test`; both install what is missing first.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: install demo test slow unit check docs lock ui clean

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: install
	$(BIN)/pytest -n 2 tests/unit

# Three at a time, on two cores: most of them wait for processes that they started. The longest first.
test: install
	$(MAKE) --no-print-directory --jobs=2 --output-sync check unit
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m 'not slow' tests/chaos tests/integration tests/golden

# What `make test` leaves out: runs that cannot start, are stopped, paused, cut off from Prefect, or out of disk.
slow: install
	$(BIN)/pytest -n 2 --dist loadfile -m slow tests

# Both lines with the practice teacher: questions to scored traces, raw pairs to chosen ones; then what to look at.
demo: install
	$(BIN)/reflectory run deploy/demo.toml
	$(BIN)/reflectory recycle deploy/recycle.toml
	@echo "  make ui    # the Prefect UI over these runs, at http://127.0.0.1:4200; Ctrl-C ends it"

# The Prefect UI over the runs of this folder, at http://127.0.0.1:4200
ui: install
	PREFECT_HOME="$(CURDIR)/data/prefect" PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1 $(BIN)/prefect server start

# The pages of docs/, and those that the code writes, as a site in site/; no network is used.
docs: install
	$(BIN)/python -m mkdocs build --strict

# New pins from what .venv holds now, after e.g. `.venv/bin/pip install --upgrade duckdb`.
lock: install
	{ head -1 requirements.lock; $(BIN)/pip freeze --all --exclude pip --exclude reflectory | sed 's/+cpu//'; } > requirements.new
	mv requirements.new requirements.lock

clean:
	rm -rf .venv data site
