# Two commands matter: make run and make test.
SHELL := /bin/sh
export PREFECT_SERVER_ANALYTICS_ENABLED = false
export DO_NOT_TRACK = 1
export PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS = 120

.DEFAULT_GOAL := help
.PHONY: help run test check model setup clean

help:  ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:
	@.ci/set-up

run: setup  ## the main job on the bundled example data: pull, resolve, leads, release
	@.venv/bin/python -m flows.quickstart

test:  ## the whole test suite
	@.ci/set-up browser
	@.venv/bin/pytest -q

check: setup  ## ruff and mypy
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

model: setup  ## train the default model again from public data
	@.venv/bin/python -m benchmarks.train_default_model

clean:  ## remove the environment and what runs have made
	rm -rf .venv data .mypy_cache .ruff_cache .pytest_cache .hypothesis
