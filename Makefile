# Two commands: `make run` plays, `make test` proves. Both set up what they need in .venv first.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --disable-pip-version-check --quiet --constraint constraints.txt
export PORT ?= 8000
# Byte code is kept: without it each of the many processes that a run starts compiles the whole project anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test chaos bench bench-load bench-matchmaking lint types check audit format clean

run: $(VENV)/.installed
	@exec $(BIN)/python manage.py run_demo

# The whole suite on SQLite and the in-memory layer, then what uses a database, but for the browser, on
# PostgreSQL and Redis; four processes each, since many tests wait for what others do.
# A whole run tells the branch coverage at its end. It is measured in the second half alone: the tracer of Python 3.11
# takes half as much time again from tests that compute, and a tenth from those that wait for a database. So what only
# the first half tests (the page, parts without a database) is not in the figure.
test: $(VENV)/.installed-dev
	TEST_BACKEND=sqlite $(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)
	TEST_BACKEND=postgres $(BIN)/python -m pytest -n 4 --dist worksteal $(if $(ARGS),$(ARGS),--cov --cov-report=)
	$(if $(ARGS),,@echo "Branch coverage: $$($(BIN)/coverage report --format=total) % ($(BIN)/coverage report -m says where)")

# The whole of the chaos suite, of which `make test` runs a short form; it takes a few minutes.
chaos: $(VENV)/.installed-dev
	CHAOS=whole TEST_BACKEND=postgres $(BIN)/python -m pytest tests/chaos -s $(ARGS)

# Figures beside peers, into bench/results.json and docs/benchmarks.md; wants a quiet machine and two cores.
bench: $(VENV)/.installed-bench
	$(BIN)/python -m bench $(ARGS)

# The service as it is deployed, with 1,000 players and 9,000 watchers for ten minutes; needs nginx.
bench-load: $(VENV)/.installed-bench
	$(BIN)/python -m bench.load $(ARGS)

# Matchmaking and ratings on simulated evenings, into bench/matchmaking/results.json and docs/matchmaking.md.
bench-matchmaking: $(VENV)/.installed-dev
	$(BIN)/python -m bench.matchmaking $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

# What Django can say about the project: models without a migration, API documents with gaps or out of date.
check: $(VENV)/.installed-dev
	$(BIN)/python manage.py check
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(BIN)/python manage.py asyncapi --check docs/asyncapi.yaml

# Known holes in what the service and its tests are made of; asks the Python advisory database over the network.
audit: var/audit/.installed
	var/audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) var/audit var/test* .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.installed: requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed (PYTHON=...)"; exit 1; }
	@echo "Setting up $(VENV); the first time takes a minute."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --requirement requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@$(PIP) --requirement requirements-dev.txt
	@touch $@

$(VENV)/.installed-bench: bench/requirements.txt $(VENV)/.installed-dev
	@$(PIP) --requirement bench/requirements.txt
	@touch $@

# In an environment of its own: it brings much along that nothing else here wants.
var/audit/.installed: Makefile
	@$(PYTHON) -m venv var/audit
	@var/audit/bin/pip install --disable-pip-version-check --quiet pip-audit==2.10.1
	@touch $@
