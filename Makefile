# Runs with the project's own environment where there is one: make PYTHON=... chooses another.
PYTHON ?= $(if $(wildcard .venv/bin/python),.venv/bin/python,python3)

.DEFAULT_GOAL := help
.PHONY: help run check lint types test format

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## serve the studio's page
	$(PYTHON) app.py

check: lint types test ## all that has to pass before a commit

lint: ## formatting and lint rules
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .

types: ## static types
	$(PYTHON) -m mypy

test: ## all tests, with a real browser
	$(PYTHON) -m pytest

format: ## rewrite the code in the project's format
	$(PYTHON) -m ruff check --select I --fix .
	$(PYTHON) -m ruff format .
