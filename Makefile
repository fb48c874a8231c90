# `make` alone shows what there is. Every target sets up what it needs; nothing but Python 3.11 or later must be there.

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
            $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
JOBS   ?= auto
PAGES  ?= $(wildcard ../shared/data/pages)
GOLD   ?= $(wildcard ../shared/gold/dev.jsonl)
TESTS  ?= tests
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help setup run demo test faults soak hostile fuzz bombs check lint types fmt train encoder evaluate bench lock audit sbom up down clean

help:  ## show this
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | \
	  while IFS="$$(printf '\t')" read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

setup: $(VENV)/dev.stamp  ## install everything for work on the code into .venv

run: $(VENV)/runtime.stamp  ## start the service: embedded stores unless REDIS_URL and ELASTICSEARCH_URL are set
	@$(BIN)/stancewatch run $(ARGS)

demo: $(VENV)/runtime.stamp  ## run the whole pipeline on a small press of our own, in under a minute
	@$(BIN)/stancewatch demo $(ARGS)

test: $(VENV)/dev.stamp  ## run the tests (TESTS=tests/unit for a part of them)
	$(BIN)/pytest -n $(JOBS) --dist loadscope $(TESTS) $(ARGS)

faults: $(VENV)/dev.stamp  ## break parts of a real service and count what is lost (ROW=n one row, FULL=1 more of it, QUICK=1 five minutes)
	@$(BIN)/python tests/faults $(if $(ROW),--row $(ROW)) $(if $(FULL),--full) $(if $(QUICK),--quick) $(ARGS)

hostile: $(VENV)/dev.stamp  ## read mutated feeds and hostile pages with a real service, good ones in between (N=100 of each)
	@$(BIN)/python tests/hostile --count $(or $(N),100) $(ARGS)

bombs: $(VENV)/dev.stamp  ## send compression bombs and endless answers at a fetch process and measure its memory
	@$(BIN)/python tests/hostile/measure_bombs.py $(ARGS)

fuzz: $(VENV)/fuzz.stamp  ## fuzz what reads foreign bytes, guided by coverage (MINUTES=3 for each of four)
	@$(BIN)/python tests/fuzz --minutes $(or $(MINUTES),3) $(ARGS)

soak: $(VENV)/dev.stamp  ## ten times the expected load with a fault a minute (MINUTES=60)
	@$(BIN)/python tests/faults --soak $(or $(MINUTES),60) $(ARGS)

check: lint types test  ## all that must be green before a commit

lint: $(VENV)/dev.stamp  ## style, import directions, spelling, locks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell
	$(BIN)/python scripts/check_locks.py

types: $(VENV)/dev.stamp  ## mypy, strict
	$(BIN)/mypy

fmt: $(VENV)/dev.stamp  ## format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

train: $(VENV)/dev.stamp  ## fit the tagger's judge again
	$(BIN)/python scripts/train_judge.py $(or $(ARGS),$(wildcard ../shared/gold/train-*.jsonl))

encoder: $(VENV)/train.stamp  ## fit the tagger's encoder again: an hour, needs Maven; then make train
	$(VENV)-train/bin/python scripts/train_encoder.py $(or $(ARGS),$(wildcard ../shared/gold/train-*.jsonl))

evaluate: $(VENV)/runtime.stamp  ## score the tagger on a gold file (GOLD=…)
	$(BIN)/stancewatch evaluate $(GOLD) $(ARGS)

bench: $(VENV)/dev.stamp  ## measure an article's cost by stage, extraction, the tagger (PAGES=…, GOLD=…) and the embedded result store
	$(if $(PAGES),$(BIN)/python scripts/bench_stages.py $(PAGES))
	$(if $(PAGES),$(BIN)/python scripts/bench_extract.py $(PAGES))
	$(if $(GOLD),$(BIN)/python scripts/bench_tagger.py $(GOLD))
	$(BIN)/python scripts/bench_store.py --statements 100000

lock: $(VENV)/dev.stamp  ## pin the requirements anew (needs a package index)
	for set in runtime dev build tools fuzz train; do \
	  $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
	    --no-header requirements/$$set.in -o requirements/$$set.txt || exit 1; done
	$(BIN)/python scripts/check_locks.py

audit: $(VENV)/tools.stamp  ## look for known vulnerabilities in what we pin (needs the internet)
	$(VENV)-tools/bin/pip-audit --require-hashes --disable-pip -r requirements/runtime.txt

sbom: $(VENV)/tools.stamp  ## write the bill of materials to artifacts/sbom.json
	mkdir -p artifacts
	$(VENV)-tools/bin/cyclonedx-py requirements requirements/runtime.txt --output-file artifacts/sbom.json

up:  ## start the containers of docker-compose.yml and wait until they are healthy
	docker compose up --build --detach --wait

down:  ## stop the containers; volumes stay
	docker compose down

clean:  ## remove environments and caches; data/ stays
	rm -rf $(VENV) $(VENV)-tools $(VENV)-train artifacts .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find worker tests scripts -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; name yours with make PYTHON=…" >&2; exit 3; }
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot make environments: install its venv package" >&2; exit 3; }

$(VENV)/runtime.stamp: requirements/runtime.txt requirements/build.txt pyproject.toml | $(BIN)/python
	@echo "installing what the service needs into $(VENV) …"
	@$(PIP) --require-hashes -r requirements/build.txt
	@$(PIP) --require-hashes -r requirements/runtime.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/runtime.stamp
	@echo "installing what the tests need into $(VENV) …"
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/fuzz.stamp: requirements/fuzz.txt $(VENV)/dev.stamp
	@$(PIP) --require-hashes -r requirements/fuzz.txt
	@touch $@

$(VENV)/train.stamp: requirements/train.txt requirements/build.txt | $(BIN)/python
	@echo "installing what fitting the encoder needs into $(VENV)-train, some gigabytes …"
	@$(BIN)/python -m venv $(VENV)-train
	@$(VENV)-train/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@$(VENV)-train/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/train.txt
	@$(VENV)-train/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/tools.stamp: requirements/tools.txt | $(BIN)/python
	@$(BIN)/python -m venv $(VENV)-tools
	@$(VENV)-tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.txt
	@touch $@
