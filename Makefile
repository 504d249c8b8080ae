# One word for each thing that is done here; `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV_VERSION := 0.13.9

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help env run test check format bench pictures fuzz lock clean

help: ## list these words
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

env: $(STAMP) ## make .venv from requirements.lock (every file checked by its hash) and install r1plan into it

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else f"r1plan needs Python 3.11 or newer; {sys.executable} is {v[0]}.{v[1]}. Name another: make PYTHON=python3.12 ...")'
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: env ## migrate and seed the embedded database, then serve http://127.0.0.1:8000
	$(BIN)/r1plan serve

test: env ## run all tests
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal

check: env ## formatting, lint, types, import contracts, migrations against tables
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/r1plan db check

format: env ## put all files into the one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: env ## measure what the service costs, as ratios side by side, and how the bot bears many people
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.bot

pictures: env ## write docs/discord.md and its pictures anew: what the bot answers
	$(BIN)/python -m tests.discord_page

fuzz: env ## search ten minutes for a text that breaks the question reader (Linux, x86-64)
	$(BIN)/python -m tests.planner.question.fuzz

contract: env ## search ten minutes for an answer that the OpenAPI document does not tell
	$(BIN)/python -m tests.service.api.contract

lock: ## solve requirements.lock anew from pyproject.toml, keeping the pins that still hold
	$(PYTHON) -m venv .lock-venv
	.lock-venv/bin/python -m pip install --quiet uv==$(UV_VERSION)
	.lock-venv/bin/uv pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --universal --quiet --output-file requirements.lock
	rm -rf .lock-venv

clean: ## remove everything that these words made
	rm -rf $(VENV) .lock-venv build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
