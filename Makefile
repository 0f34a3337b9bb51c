# The one door to every chore. Needs Debian (or any Linux) with Python 3.11+; everything else is installed here.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_PYTHON_DOWNLOADS := never
STAMP := $(VENV)/.installed

.PHONY: help setup run test check test-fast browser vignettes validate bench nightly docs lock clean

help:
	@echo "make run       install what is missing, create the database, serve the web app on localhost"
	@echo "make test      install what is missing (Chromium too) and run every check and test"
	@echo "make check     format, lint, types, layers, knowledge lint, generated pages fresh"
	@echo "make validate  scorecard over the published cases, when ../shared/vignettes is there"
	@echo "make fhir-validate  the FHIR bundle of a plan through two independent validators (needs Node)"
	@echo "make bench     speed next to peers, in one run"
	@echo "make nightly   long fuzzing and property runs"
	@echo "make docs      regenerate docs/reference"
	@echo "make lock      renew requirements.lock"

$(STAMP): pyproject.toml requirements.lock scripts/setup.sh scripts/install_pose_model.sh $(wildcard scripts/pose_model/*.*)
	@PYTHON="$(PYTHON)" VENV="$(VENV)" bash scripts/setup.sh
	@touch $(STAMP)

setup: $(STAMP)

run: $(STAMP)
	@$(BIN)/soleus serve --port $(PORT)

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/soleus kb lint
	$(BIN)/python scripts/build_reference.py --check
	$(BIN)/python scripts/build_published_table.py --check

test-fast: $(STAMP)
	$(BIN)/pytest -q -m "not browser and not nightly" -x

test: export HYPOTHESIS_PROFILE := repeatable
test: check chromium fhir-validators
	$(BIN)/pytest -q -m "not nightly and not browser" -n auto --maxprocesses 4 --dist loadfile --cov --cov-report=term --cov-report=json:.coverage.json
	$(BIN)/python scripts/check_coverage.py .coverage.json
# By themselves: next to the numeric tests a browser gets so little of the machine that a page may never settle.
	@bash scripts/run_browser_tests.sh $(BIN)

.PHONY: chromium
chromium:
	@bash scripts/install_chromium.sh

.PHONY: fhir-validators fhir-validate
fhir-validators:
	@bash scripts/install_fhir_validators.sh

fhir-validate: $(STAMP) fhir-validators
	$(BIN)/pytest -q -rs tests/unit/exports/test_plan_fhir.py tests/unit/exports/test_plan_fhir_validators.py

browser: $(STAMP) chromium
	@bash scripts/run_browser_tests.sh $(BIN)

vignettes: $(STAMP)
	$(BIN)/pytest -q tests/vignettes

validate: $(STAMP)
	@if [ -d ../shared/vignettes/cases ]; then \
	  $(BIN)/soleus validate ../shared/vignettes/cases --overlay validation/recoded; \
	else echo "No ../shared/vignettes here: nothing to validate."; fi

bench: $(STAMP)
	@bash scripts/install_bench_peers.sh "$(VENV)"
	$(BIN)/python benchmarks/bench_inference.py
	$(BIN)/python benchmarks/bench_assess.py
	$(BIN)/python benchmarks/bench_plan.py
	$(BIN)/python benchmarks/bench_fit.py
	$(BIN)/python benchmarks/bench_xml.py
	$(BIN)/python benchmarks/bench_archive.py
	$(BIN)/python benchmarks/bench_gait.py

nightly: $(STAMP)
	$(BIN)/pytest -q -m "nightly or slow"

docs: $(STAMP)
	$(BIN)/python scripts/build_reference.py
	$(BIN)/python scripts/build_published_table.py

lock: $(STAMP)
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links -o requirements.lock
	echo "$$($(BIN)/python -c 'import importlib.metadata as m; print("pyagrum==" + m.version("pyagrum"))')" > $(VENV)/oracle.in
	$(BIN)/uv pip compile $(VENV)/oracle.in --no-deps --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-header --no-emit-index-url -o requirements-oracle.lock
	@! grep -nE "https?://" requirements.lock requirements-oracle.lock

clean:
	rm -rf $(VENV) .coverage .coverage.json .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
