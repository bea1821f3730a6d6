# `make demo` runs a whole event on this machine; `make test` runs every test. Both set up what they need.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
HELDOUT_VAR ?= $(CURDIR)/var
HELDOUT_DATA ?= $(CURDIR)/var/data
export HELDOUT_VAR HELDOUT_DATA

# Of two processes on two cores a third of the time went by in waiting: for a server, a browser, a box. So three.
# The whole event has the machine to itself.
PARALLEL := -n 3 --dist loadfile

.PHONY: demo demo-reset test histories lint format lock browser data docs docker-smoke clean

# Without the source data the image challenge stays closed; the rest of the demo runs.
FETCH_OR_GO_ON = $(BIN)/python -m challenges.sources fetch || echo "Going on without it: its challenge stays closed."

demo: $(VENV)/.installed-run
	@$(FETCH_OR_GO_ON)
	@$(BIN)/heldout demo --port $(PORT)

demo-reset: $(VENV)/.installed-run
	@$(FETCH_OR_GO_ON)
	@$(BIN)/heldout demo --port $(PORT) --reset

test: $(VENV)/.installed-dev browser data
	$(BIN)/python -m pytest $(PARALLEL) --ignore tests/end_to_end
	$(BIN)/python -m pytest tests/end_to_end
	HELDOUT_TEST_POSTGRES=1 HELDOUT_TEST_S3=1 $(BIN)/python -m pytest $(PARALLEL) tests/heldout --ignore tests/heldout/web

# Boards of both databases against a slow model of their rules, over 10,000 random histories: most of an hour.
MODEL := HELDOUT_HISTORIES=10000 $(BIN)/python -m pytest --timeout 0 tests/heldout/leaderboards/test_model.py

histories: $(VENV)/.installed-dev
	$(MODEL)
	HELDOUT_TEST_POSTGRES=1 $(MODEL)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The source data that no package index carries, fetched once and checked by digest.
data: $(VENV)/.installed-run
	@$(BIN)/python -m challenges.sources fetch

browser: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.browser

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python {sys.version.split()[0]} is too old: Heldout needs 3.11 or newer. Name another: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.installed-run: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing what the site and the worker need (about two minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[site,worker]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[site,worker,dev]'
	@touch $@

# Builds the images and runs all of Heldout from them; Docker, or podman with buildah. Takes minutes and some gigabytes.
docker-smoke: $(BIN)/python
	@nice -n 10 $(BIN)/python docker/smoke/run.py

# The documentation as a site, in var/docs; a link that leads nowhere ends it.
docs: $(VENV)/.installed-dev
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet -f docs/site/mkdocs.yml
	@echo "The documentation is in var/docs: open var/docs/index.html"

# A new lock: newest releases within pyproject.toml. The CPU build's local version is not portable, so it goes.
lock: $(VENV)/.installed-dev
	$(BIN)/pip-compile --upgrade --extra site --extra worker --extra dev --strip-extras --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --unsafe-package setuptools \
		-o constraints.txt pyproject.toml
	sed -i -e 's/^torch==\(.*\)+cpu$$/torch==\1/' -e '/^#/d' -e '/^setuptools/d' constraints.txt

clean:
	rm -rf $(VENV) var build dist
