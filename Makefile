# Every target has one line of help behind ##; `make help` writes itself.
SHELL := /bin/sh
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
XDIST ?= auto
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help setup setup-escala setup-dev demo test test-postgresql test-faults test-pages bench check lint types contracts translations settings lock vendor clean

help: ## This list
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

setup: $(VENV)/.runtime ## Make .venv with all that the platform needs to run
setup-escala: $(VENV)/.escala ## The same, with PostgreSQL and its workers: several machines
setup-dev: $(VENV)/.dev ## The same, with the tools for tests and checks

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml tools/setup.sh
	@PYTHON="$(PYTHON)" sh tools/setup.sh $(VENV) requirements/runtime.txt
	@touch $@

$(VENV)/.escala: requirements/escala.txt $(VENV)/.runtime
	@PYTHON="$(PYTHON)" sh tools/setup.sh $(VENV) requirements/escala.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@PYTHON="$(PYTHON)" sh tools/setup.sh $(VENV) requirements/dev.txt
	@touch $@

demo: setup ## Rehearse the second quarter of 2025, write its informe, and serve it on 127.0.0.1:8000 (PORT=8001: there)
	@exec $(BIN)/outreach demo --port $(PORT)

test: setup-dev ## The whole test suite
	@$(BIN)/python -m pytest -n $(XDIST) --dist loadfile --no-loadscope-reorder -m "not long and not again"

test-postgresql: setup-dev ## On PostgreSQL what make test runs on SQLite alone: all that does not send
	@$(BIN)/python -m pytest -n $(XDIST) --dist loadfile --no-loadscope-reorder -m "again and not long"

test-faults: setup-dev ## The long fault suite: real processes killed at every step of a sending
	@$(BIN)/python -m pytest tests/faults tests/postgres tests/safekeeping -m "long or faults" -n $(XDIST) -s

test-pages: setup-dev ## Every page in the browser, by day and by night, wide and narrow, as far as make test leaves it out
	@$(BIN)/python -m pytest tests/journeys -m long -n $(XDIST)

bench: setup-dev ## Measure what is claimed about speed; results in benchmarks/results
	@$(BIN)/python -m benchmarks

check: lint types contracts translations ## Lint, types, contracts and translations

lint: setup-dev ## ruff: rules and format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup-dev ## mypy, strict
	@$(BIN)/mypy

contracts: setup-dev ## import-linter: the arrows of docs/architecture.md
	@$(BIN)/lint-imports

translations: setup-dev ## Every text in Spanish and English, none missing, none left over
	@$(BIN)/python tools/translations.py check

settings: setup ## Write docs/settings.md and .env.example anew from the settings in the code
	@$(BIN)/python tools/settings.py

lock: ## Write requirements/*.txt anew from pyproject.toml (needs uv)
	@sh tools/lock.sh

vendor: ## Fetch the front-end files of tools/vendor.toml anew and hold them to their hashes (needs npm)
	@python3 tools/vendor.py

clean: ## Remove the virtual environment, caches and the data of the demo
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache build *.egg-info var-demo
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
