# Everything a newcomer needs. Each target sets up what it misses.
# The requirements are complete, hence --no-deps: pip must not look for what the day has brought.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
PACKAGES := connector portfolio sync webapp cli simulator

.PHONY: setup demo test check bench chaos docs lock clean help

help:            ## say what there is
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

setup: $(VENV)/.dev  ## virtual environment with everything, from hashed requirements

demo: $(VENV)/.run  ## a made-up company, synced and served (ARGS=--once ends after the sync)
	@$(BIN)/sightline demo $(ARGS)

test: $(VENV)/.dev  ## every test, PostgreSQL and browser included
	@$(BIN)/pytest -n auto --dist worksteal $(ARGS)

check: $(VENV)/.dev  ## lint, format, types, layers, docs, known holes (STRICT=1: fail where nobody can be asked for these)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(PACKAGES)
	@$(BIN)/python -m tests.advisories $(wildcard requirements/*.txt)
	@$(BIN)/pytest -q -p no:cacheprovider tests/architecture

bench: $(VENV)/.dev  ## the full sync beside a bare script, as ratios
	@$(BIN)/python -m tests.bench $(ARGS)

chaos: $(VENV)/.dev  ## 3,000 histories of edits, troubles and syncs; 200 killed syncs per database
	@$(BIN)/python -m tests.chaos $(ARGS)

docs: $(VENV)/.run  ## the generated documents
	@$(BIN)/python -m portfolio.kpis.dictionary > docs/kpis.md

lock:            ## resolve the requirements again (needs uv on the path)
	uv pip compile requirements/build.in --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements/build.txt
	uv pip compile pyproject.toml --extra postgres --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements/run.txt
	uv pip compile pyproject.toml --extra postgres --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -c requirements/run.txt -o requirements/dev.txt

clean:           ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/build.txt requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Setting up the environment ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/build.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "Setting up the tools for tests and checks ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@
