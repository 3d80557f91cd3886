# Everything runs in .venv, which is made on first use and brought up to date when
# pyproject.toml changes. Needed: Python 3.11 or newer, make, and a package index.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# The first of these that is new enough; `make PYTHON=…` overrides it.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$name" && break; done)

export HYPOTHESIS_PROFILE ?= dev

.PHONY: demo test check whole toronto docs bench-quality bench-smoke coverage dist lowest mutants format clean
.DEFAULT_GOAL := test

demo: $(READY)  ## solve the built-in scenario and print who gets what
	$(BIN)/sharematch demo

test: $(READY)  ## all tests and docstring examples; PYTEST_ARGS narrows them
	$(BIN)/pytest -n 2 $(PYTEST_ARGS)

check: $(READY)  ## what has to hold before a change lands: format, lint, imports, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pyright
	$(MAKE) test
	$(MAKE) bench-smoke docs

whole: $(READY)  ## check, beside PostgreSQL, a browser and a generator that some tests need
	$(BIN)/python tests/services.py $(MAKE) check

bench-smoke: $(READY)  ## every benchmark once, on its smallest case, with its checks
	$(BIN)/pytest benchmarks -q --benchmark-disable

toronto: $(READY)  ## the case study from the City's tables: make toronto DATA=FOLDER
	@test -n "$(DATA)" || { echo "Name the folder of the City's tables: make toronto DATA=…"; exit 1; }
	$(BIN)/python -m benchmarks.toronto "$(DATA)"

docs: $(READY)  ## the documentation site, into docs/_build; a warning is an error
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build

bench-quality: $(READY)  ## methods and libraries on the same problems, against the stored run
	$(BIN)/python -m benchmarks.quality setup
	mkdir -p build
	$(BIN)/python -m benchmarks.quality compare --out build/quality.json

coverage: $(READY)  ## branch coverage: 95% overall, 99% of core and the verifier
	$(BIN)/pytest -n 2 --cov --cov-report=term $(PYTEST_ARGS)
	$(BIN)/coverage report \
		--include='sharematch/core/**/*,sharematch/plans/certificates/*,sharematch/plans/verification/*' --fail-under=99

dist: $(READY)  ## sdist and wheel into dist/, each installed and tried in a clean environment
	rm -rf dist build/clean
	$(BIN)/python -m build --outdir dist
	for file in dist/*.whl dist/*.tar.gz; do \
		$(BIN)/python tests/installed.py "$$file" build/clean || exit 1; \
	done

lowest: $(READY)  ## tests with the oldest release series that pyproject.toml allows
	$(BIN)/python -m venv --clear build/lowest
	$(BIN)/python tests/lowest.py > build/lowest/requirements.txt
	build/lowest/bin/python -m pip install --quiet --disable-pip-version-check \
		--requirement build/lowest/requirements.txt --editable .
	build/lowest/bin/python -m pytest -q -W default -m 'not slow' $(or $(PYTEST_ARGS),\
		tests/core tests/io tests/model tests/plans/certificates/test_proof.py tests/season \
		tests/solvers tests/cli/test_cli.py tests/cli/test_solve.py tests/cli/test_verify.py \
		tests/engine/test_solving.py tests/engine/test_worked_cases.py)

mutants: $(READY)  ## changes to verifier and core that no fast test notices; MUTANTS or SAMPLE narrows
ifdef SAMPLE
	$(BIN)/python tests/mutants.py $(SAMPLE) $(or $(SEED),1)
else
	$(BIN)/mutmut run $(if $(MUTANTS),'$(MUTANTS)')
	@$(BIN)/mutmut results | grep -v 'not checked$$' || echo 'all noticed'
endif

format: $(READY)  ## format, and mend what can be mended without thought
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove everything that can be made again
	rm -rf $(VENV) .peers .services build dist mutants *.egg-info .coverage .coverage.* htmlcov
	rm -rf .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; maybe: make PYTHON=/path/to/python3"; exit 1; }
	@if command -v uv >/dev/null; then \
		test -x $(BIN)/python || uv venv --python "$(PYTHON)" $(VENV); \
		uv pip install --quiet --python $(BIN)/python --editable '.[dev]'; \
	else \
		test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV); \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'; \
	fi
	@touch $@
