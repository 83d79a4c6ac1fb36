# casegrid: `make run` shows it working, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONPATH := .

.DEFAULT_GOAL := help
.PHONY: help setup run up down status replay simulate test check bench bench-surge bench-notices bench-streams bench-timers month chaos train schemas pages dashboards lock clean

help:  ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready  ## Python environment from the lock
$(VENV)/.ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "casegrid needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

run: setup  ## local stack, sample district, sample day, table; stays up (ONCE=1 ends it; WEEK=60: a week in 60 seconds)
	$(BIN)/python -m deploy.local run $(if $(ONCE),--once) $(if $(WEEK),--week $(WEEK))
up: setup  ## the same stack in the background
	$(BIN)/python -m deploy.local up
down: setup  ## stop it (ONLY=router: that service alone)
	$(BIN)/python -m deploy.local down $(if $(ONLY),--only "$(ONLY)")
status: setup  ## what runs, where
	$(BIN)/python -m deploy.local status
# $(call needs,NAMES): ends with the first that was not said
needs = $(foreach name,$(1),$(if $($(name)),,$(error make $@ needs $(name)=…; `make help` says how)))
# a terminal may say its width in a COLUMNS of its own: only the one of the command line is meant
replay: setup  ## REPORTS=<csv> BOUNDARIES=<folder> [COLUMNS=<map> SPEED=…]: real data through the running or a fresh stack
	$(call needs,REPORTS BOUNDARIES)$(BIN)/python -m deploy.local.replay --reports "$(REPORTS)" --boundaries "$(BOUNDARIES)" \
		$(if $(filter command,$(origin COLUMNS)),--columns "$(COLUMNS)") $(if $(SPEED),--speed $(SPEED))
simulate: setup  ## RULESET=<version or file.json> [FROM=… TO=…]: what it would have made of past reports
	$(call needs,RULESET)$(BIN)/python -m deploy.local.simulate --ruleset "$(RULESET)" $(if $(FROM),--from "$(FROM)") $(if $(TO),--to "$(TO)")

test: setup  ## every test, on two workers with servers of their own (TESTS=… those; TEST_INFRA=containers uses Docker where it answers)
	$(BIN)/python -m pytest $(or $(TESTS),--numprocesses 2 --dist loadfile --no-loadscope-reorder)
check: setup  ## what CI runs: format, lint, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) test
bench: setup  ## benchmarks beside their bare baselines; writes benchmarks/RESULTS.md and results.json
	$(BIN)/python -m benchmarks.run
bench-surge: setup  ## how long an emergency takes while 50,000 reports wait; writes benchmarks/surge.json
	$(BIN)/python -m benchmarks.surge
bench-notices: setup  ## events x subscribers a second, and how long a webhook takes; writes benchmarks/notices.json
	$(BIN)/python -m benchmarks.notices
bench-streams: setup  ## how long an event takes to those of thousands of open streams that want it; writes benchmarks/streams.json
	$(BIN)/python -m benchmarks.streams
bench-timers: setup  ## CLOSED=… stages fired a second beside millions of closed cases; writes benchmarks/timers.json
	$(BIN)/python -m benchmarks.timers $(if $(CLOSED),--closed $(CLOSED))
month: setup  ## CASES=… of a simulated month of a district, with people who are late and clocks that are not
	MONTH_CASES=$(or $(CASES),20000) $(BIN)/python -m pytest tests/router/test_month.py -s
chaos: setup  ## MINUTES=… of processes killed and frozen under load
	CHAOS_MINUTES=$(or $(MINUTES),15) $(BIN)/python -m pytest tests/chaos -m chaos --timeout 7200 -s

train: setup  ## the category classifier from committed texts; DATA=<folder> also measures on real messages
	$(BIN)/python -m services.router.classification.training $(if $(DATA),--data "$(DATA)")
schemas: setup  ## JSON Schemas and the table of events, from contracts/events.py
	$(BIN)/python -m contracts.publish
pages: setup  ## docs/workflow.md, from the table of transitions
	$(BIN)/python -m services.router.workflow.serving
dashboards: setup  ## Grafana dashboards from deploy/grafana/overview.py
	$(BIN)/python -m deploy.grafana.overview
lock: setup  ## new lock files: names, versions, hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --all-extras -o requirements-dev.lock pyproject.toml
clean: setup  ## stop the local stack and drop its data
	$(BIN)/python -m deploy.local clean
