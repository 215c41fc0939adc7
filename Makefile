# `make music` and `make test` set everything up by themselves.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: music test data lint format docs clean

music: .venv/ready
	@$(BIN)/python -m seqapps.tasks.music generate

test: .venv/ready-test
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

data: .venv/ready-test
	$(BIN)/python -m pytest -m data

lint: .venv/ready-test
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: .venv/ready-test
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

docs: .venv/ready-docs
	$(BIN)/python docs/pages.py && $(BIN)/zensical build --clean --strict

.venv/ready: pyproject.toml
	@echo "Setting up .venv: a few minutes, once."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e ".[all]" 2>.venv/pip.log || { cat .venv/pip.log; exit 1; }
	@touch $@

.venv/ready-test: .venv/ready
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e ".[test]" 2>.venv/pip.log || { cat .venv/pip.log; exit 1; }
	@touch $@

.venv/ready-docs: .venv/ready
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e ".[docs]" 2>.venv/pip.log || { cat .venv/pip.log; exit 1; }
	@touch $@

clean:
	rm -rf .venv build site .cache dist out .pytest_cache .ruff_cache
