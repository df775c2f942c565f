# Kentongan. `make` lists the targets; every target that needs .venv makes it first.

SHELL := /bin/sh
.DEFAULT_GOAL := help

PORT ?= 8000
DATA ?= var/demo
MINUTES ?= 10
SEED ?= 7
BENCH ?= tap

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
BENCHES := tap lanes storm fanout idle market vans search backup

# The first interpreter that is at least 3.11; `make PYTHON=/path/to/python3 ...` names another.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)

.PHONY: help
help:
	@echo "make runtime                  what a city runs on: .venv (hash-locked), no tools for tests"
	@echo "make install                  set up .venv (hash-locked) and nothing else"
	@echo "make run                      a running, simulated city on http://127.0.0.1:8000  [PORT=8000 DATA=var/demo]"
	@echo "make run LAN=1                the same for real phones in this room: TLS, a QR to trust it, one per page"
	@echo "make test                     the whole test suite (real stores, real browser)"
	@echo "make check                    ruff, mypy --strict, import arrows, browser floor"
	@echo "make faults                   break a real city on purpose, then compare  [MINUTES=10 SEED=7]"
	@echo "make bench                    a benchmark: $(BENCHES)  [BENCH=tap]"
	@echo "make picture                  take the README's picture of /demo anew"
	@echo "make gallery                  take the README's pictures of every page and state anew, where they changed"
	@echo "make lock                     write requirements*.txt anew"

# -- the environment -----------------------------------------------------------

$(VENV)/runtime.stamp: requirements.txt
	@test -n "$(PYTHON)" || { echo "Kentongan needs Python 3.11 or newer: apt-get install python3 python3-venv"; exit 2; }
	@echo "[1/3] $(VENV) with $$($(PYTHON) --version)"
	@rm -rf $(VENV)
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(call need,python3-venv)
	@$(PYTHON) -m venv $(VENV)
	@echo "[2/3] packages from requirements.txt, each checked against its hash"
	@# http-ece comes as source alone: setuptools first, locked too, to build it with.
	@sed -n '/^setuptools==/,$$p' requirements.txt > $(VENV)/build.txt
	@$(PIP) install --require-hashes --only-binary :all: -r $(VENV)/build.txt
	@$(PIP) install --require-hashes --only-binary :all: --no-binary http-ece --no-build-isolation -r requirements.txt
	@touch $@

# The project itself: editable, built by the locked setuptools, nothing fetched.
$(VENV)/project.stamp: $(VENV)/runtime.stamp pyproject.toml
	@echo "[3/3] kentongan itself"
	@$(PIP) install --quiet --no-index --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/runtime.stamp requirements-dev.txt
	@echo "[+] tools for tests and checks from requirements-dev.txt"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

.PHONY: runtime
runtime: $(VENV)/project.stamp
	@echo "installed, without what tests need: .venv/bin/kentongan --help"

.PHONY: install
install: $(VENV)/project.stamp $(VENV)/dev.stamp
	@echo "installed: make run, make test"

# $(call need,PACKAGES): as root on Debian install them, elsewhere say the line that does and fail.
need = { if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	echo installing: $(1); { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1); } \
	|| { echo could not install it: apt-get install $(1); exit 2; }; \
	else echo missing, install it with: sudo apt-get install $(1); exit 2; fi; }

# -- running -------------------------------------------------------------------

.PHONY: run
run: $(VENV)/project.stamp
	@exec $(PY) -m hub.cli up --demo --port $(PORT) --data $(DATA) $(if $(LAN),--lan $(filter-out 1 yes,$(LAN)))

# -- tests and checks ----------------------------------------------------------

.PHONY: system
system:
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v redis-server >/dev/null || missing="$$missing redis-server"; \
	command -v curl >/dev/null || missing="$$missing curl"; \
	PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || missing="$$missing nginx"; \
	command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	[ -z "$$missing" ] || $(call need,$$missing)
	@# Half the time for every page; where it cannot be had, chromium itself will do.
	@command -v chromium-headless-shell >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get && \
	echo installing: chromium-headless-shell && timeout 240 sh -c "apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	apt-get install -y -qq --no-install-recommends chromium-headless-shell" ; } >/dev/null 2>&1 || \
	echo "no chromium-headless-shell: the pages are tested in chromium, which takes longer"

.PHONY: test
test: $(VENV)/project.stamp $(VENV)/dev.stamp system
	@# In the order of collection: the browser's files, the longest, come first. They wait as much as they work: four.
	@$(PY) -m pytest -n 4 --dist loadfile --no-loadscope-reorder

.PHONY: check
check: $(VENV)/project.stamp $(VENV)/dev.stamp
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(PY) -m pytest -q tests/test_arrows.py tests/test_floor.py

.PHONY: faults
faults: $(VENV)/project.stamp $(VENV)/dev.stamp system
	@$(PY) -m tests.faults --minutes $(MINUTES) --seed $(SEED)

.PHONY: bench
bench: $(VENV)/project.stamp $(VENV)/dev.stamp
	@$(PY) -m hub.cli bench $(BENCH)

.PHONY: picture
picture: $(VENV)/project.stamp $(VENV)/dev.stamp system
	DEMO_PICTURE=static/demo/demo.png $(PY) -m pytest -q tests/browser/test_demo.py

# The stories that take pictures, one after the other: what they leave behind is the same each time.
.PHONY: gallery
gallery: $(VENV)/project.stamp $(VENV)/dev.stamp system
	GALLERY_PICTURES=static/demo/gallery $(PY) -m pytest -q -n 3 --dist loadfile $$(grep -l 'seen(' tests/browser/test_*.py)
	$(PY) -m tests.support.readme
	$(PY) -m pytest -q tests/browser/test_states.py tests/test_readme.py

.PHONY: lock
COMPILE = $(VENV)-lock/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
	--no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(COMPILE) --all-build-deps --output-file requirements.txt pyproject.toml
	$(COMPILE) --output-file requirements-dev.txt requirements-dev.in
	rm -rf $(VENV)-lock
