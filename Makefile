# One door: every target says what it does (make help). CI and people call the same ones.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# The first Python of 3.11 or later that is here; say PYTHON=… to choose another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INPUTS := pyproject.toml constraints.txt

.PHONY: help run test check cover soak fuzz audit bench format documents pictures test-tools clean

help:  ## explain every target
	@echo "Tocsin: from the sensor in the stairwell to the people responsible."; echo
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## *(.*)/  make \1\t\2/' | expand -t 20
	@echo; echo "  To give tocsin options: make run ARGS='--port 9000 --data /var/tmp/tocsin'"

run: $(VENV)/run.stamp  ## install, then run broker, cloud and a simulated estate of two buildings; Ctrl-C stops all
	@exec $(BIN)/tocsin run $(ARGS)

test: $(VENV)/test.stamp test-tools  ## install what tests need, then run every test, several at once (ARGS="tests/unit -k door": those, one by one)
	@TMPDIR=$$(tests/temporary-folder) $(BIN)/python -m pytest $(or $(ARGS),-n auto --dist loadfile --no-loadscope-reorder)

check: $(VENV)/test.stamp  ## lint, format, types, arrows between rooms, drift of written documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m schemas.asyncapi --check

cover: $(VENV)/test.stamp  ## branch coverage of the domains and use cases (at least 95 %)
	$(BIN)/python -m pytest tests/unit tests/contract -q --cov=edge/domain --cov=edge/application --cov=cloud/domain \
		--cov=cloud/application --cov=schemas --cov-report=term-missing:skip-covered --cov-fail-under=95 $(ARGS)

soak: $(VENV)/test.stamp test-tools  ## every fault, in its long form: hundreds of kill -9 (KILLS=300 SEED=…), and schemathesis, shows progress
	@TOCSIN_KILLS=$(or $(KILLS),300) TOCSIN_EXAMPLES=300 $(if $(SEED),TOCSIN_SEED=$(SEED)) $(BIN)/python -m pytest tests/faults tests/integration/cloud_web/test_whatever_is_asked.py -s -v -m "" $(ARGS)

fuzz: $(VENV)/fuzz.stamp  ## feed a decoder what finds new ways through its code (TARGET=telemetry SECONDS=60; TARGET=all: each in turn)
	@for target in $(if $(filter all,$(TARGET)),$$($(BIN)/python -c 'from tests.fuzz.names import NAMES; print(*NAMES)'),$(or $(TARGET),telemetry)); do \
		echo "feeding $$target for $(or $(SECONDS),60) s"; \
		$(BIN)/python -m tests.fuzz $$target --seconds $(or $(SECONDS),60) $(ARGS) || exit; done

audit: $(VENV)/audit/stamp  ## are there known weaknesses in what constraints.txt pins? Asks PyPI's advisories (or ARGS="-s osv")
	@$(VENV)/audit/bin/pip-audit --strict --disable-pip --no-deps -r constraints.txt $(ARGS)

bench: $(VENV)/test.stamp test-tools  ## measure speed and size against the bars: table and JSON (ARGS="--short --only edge")
	@$(BIN)/python -m tests.bench $(ARGS)

format: $(VENV)/test.stamp  ## put the code into its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

documents: $(VENV)/test.stamp  ## write AsyncAPI, JSON Schemas and docs/cli.md anew from the models and commands
	$(BIN)/python -m schemas.asyncapi
	$(BIN)/tocsin manual --markdown > docs/cli.md

pictures: $(VENV)/test.stamp test-tools  ## make the pictures of the pages in docs/pictures anew (ARGS="board fleet": only these)
	@$(BIN)/python -m tests.pictures $(ARGS)

test-tools:
	@deploy/install-test-tools

$(VENV)/bin/python:
	@deploy/check-python "$(PYTHON)"
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/run.stamp: $(VENV)/bin/python $(INPUTS)
	@echo "Installing Tocsin and its pinned dependencies into $(VENV) (once)."
	$(PIP) install --quiet --no-compile -c constraints.txt -e '.[sim]'
	@touch $@

$(VENV)/test.stamp: $(VENV)/bin/python $(INPUTS)
	@echo "Installing Tocsin, its pinned dependencies and the test tools into $(VENV) (once)."
	$(PIP) install --quiet -c constraints.txt -e '.[test]'
	@touch $@ $(VENV)/run.stamp

$(VENV)/fuzz.stamp: $(VENV)/test.stamp
	$(PIP) install --quiet -c constraints.txt -e '.[fuzz]'
	@touch $@

# Of its own: what looks for weaknesses is not pinned beside what it looks at.
$(VENV)/audit/stamp: $(VENV)/bin/python
	"$(PYTHON)" -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip --disable-pip-version-check install --quiet 'pip-audit>=2.9'
	@touch $@

clean:  ## remove the environment and caches; keeps the data of make run (.tocsin)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info bench-results
