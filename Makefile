# Runs with the project's own environment where there is one: make PYTHON=... chooses another.
PYTHON ?= $(if $(wildcard .venv/bin/python),.venv/bin/python,python3)

# The folder from training.prepare.
DATA ?= cache

# Processes that share the tests out, a file at a time; each computes on one thread.
WORKERS ?= 2
PYTEST = $(PYTHON) -m pytest -n $(WORKERS) --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help run check lint types test test-all load fuzz format cards

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## serve the studio's page
	$(PYTHON) app.py

check: lint types test-all ## all that has to pass before a commit, as CI runs it

lint: ## formatting and lint rules
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .

types: ## static types
	$(PYTHON) -m mypy

test: ## every contract in a few minutes, on small networks, without a browser
	$(PYTEST) -m "not slow and not e2e and not minutes"

test-all: ## every test but those of minutes each, then a real browser
	$(PYTEST) -m "not e2e and not minutes"
	$(PYTHON) -m pytest -m "e2e and not minutes"

load: ## many users at once: errors, mixed answers, seconds, memory (10 minutes)
	$(PYTHON) -m tests.load.users

fuzz: ## malformed pictures, cards, shards, tables and requests (5 minutes)
	$(PYTHON) -m tests.load.fuzz

cards: ## all that is made of the shipped weights, where it is stale: make cards DATA=cache
	$(PYTHON) -m training.cards --data $(DATA)

format: ## rewrite the code in the project's format
	$(PYTHON) -m ruff check --select I --fix .
	$(PYTHON) -m ruff format .
