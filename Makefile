# Everything sets itself up: a virtual environment in .venv, and system packages where they are
# missing and may be installed.

PYTHON ?= python3
BIN := .venv/bin
PYTEST_ARGS ?=
DEMO_OUT ?= demo-output
PEERS_ARGS ?=
MODULES ?=
DISTRIBUTION_ARGS ?=

.PHONY: demo test coverage check types docs bench mutation distribution clean

demo: .venv/demo .venv/libdmtx
	$(BIN)/closient-export demo --out $(DEMO_OUT)

test: .venv/dev .venv/libdmtx .venv/system
	$(BIN)/pytest --numprocesses=3 --dist=loadfile --no-loadscope-reorder --durations=15 $(PYTEST_ARGS)

# Takes twice as long.
coverage: PYTEST_ARGS += --cov --cov-report=term
coverage: test

check: docs types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python tools/generate_application_identifiers.py --check
	$(BIN)/python tools/generate_reference.py --check
	$(BIN)/python tools/check_links.py
	$(BIN)/python tools/check_distribution.py

types: .venv/docs
	$(BIN)/mypy

docs: .venv/docs .venv/libdmtx
	$(BIN)/sphinx-build --quiet --fresh-env --nitpicky --fail-on-warning --keep-going docs build/docs
	@echo build/docs/index.html

bench: .venv/bench .venv/libdmtx
	$(BIN)/python benchmarks/bench_peers.py $(PEERS_ARGS)
	$(BIN)/python benchmarks/bench_trace.py $(EVENTS)
	$(BIN)/python benchmarks/bench_jobs.py $(SERIALS)

mutation: .venv/dev .venv/libdmtx
	$(BIN)/python tools/mutate.py $(MODULES)

distribution: .venv/dev .venv/libdmtx
	$(BIN)/python -m pip install --quiet --group distribution
	$(BIN)/python tools/check_distribution.py --install $(DISTRIBUTION_ARGS)

clean:
	rm -rf .venv build dist $(DEMO_OUT)

.venv/python: tools/setup.sh
	PYTHON="$(PYTHON)" sh tools/setup.sh environment
	touch $@

.venv/demo: .venv/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[cli,fast,http,verify]'
	touch $@

.venv/dev: .venv/python pyproject.toml
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[cli,fast,http,sql,verify]' --group test --group check
	touch $@

.venv/docs: .venv/dev
	$(BIN)/python -m pip install --quiet --group docs
	touch $@

.venv/bench: tools/setup.sh .venv/dev
	$(BIN)/python -m pip install --quiet --group bench
	sh tools/setup.sh peers zint:zint
	touch $@

.venv/libdmtx: tools/setup.sh .venv/python
	sh tools/setup.sh libdmtx
	touch $@

# The independent readers of the tests.
PROGRAMS := rsvg-convert:librsvg2-bin gs:ghostscript pdftoppm:poppler-utils unzip:unzip \
	bsdtar:libarchive-tools zbarimg:zbar-tools dmtxread:dmtx-utils \
	soffice:libreoffice-calc-nogui \
	/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf:fonts-dejavu-core

# The servers and the browser of the tests; where they cannot be had, the tests say what they leave
# out.
SERVERS := /usr/lib/postgresql:postgresql redis-server:redis-server
BROWSER := chromium:chromium

.venv/system: tools/setup.sh Makefile .venv/python
	sh tools/setup.sh programs $(PROGRAMS)
	sh tools/setup.sh servers $(SERVERS)
	sh tools/setup.sh servers $(BROWSER)
	touch $@
