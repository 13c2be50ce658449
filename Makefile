# For POSIX sh and make 3.81. Needs Python 3.11 or later, and Node 20.19 or later for the dashboard; everything
# lands in .venv, .data and dashboard/{node_modules,dist}.
# Settings go on the command line or into .env: make run PORT=8001 DATA_DIR=.data2 DEMO=0

VENV = .venv
PY = $(VENV)/bin/python
PIP_INSTALL = $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps

# The newest Python that is here, is recent enough and can make a virtual environment.
FIND_PYTHON = for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo "$$candidate"; exit 0; fi; done; \
	echo 'Python 3.11 or later with venv is needed (Debian: apt-get install python3-venv; macOS: brew install python@3.13), or name one: make PYTHON=/path/to/python3' >&2; \
	exit 1

NODE_READY := $(shell command -v npm >/dev/null 2>&1 && node -e 'const [a, b] = process.versions.node.split(".").map(Number); \
	console.log(a > 20 || (a === 20 && b >= 19) ? "yes" : "")' 2>/dev/null)
NO_NODE = echo 'Node 20.19 or later and npm are needed for the dashboard (Debian 13: apt-get install nodejs npm; macOS: brew install node); the API runs without' >&2; \
	case "$$REQUIRE_NODE" in 1|true) exit 1 ;; esac
CHECK_DASHBOARD = if test -n "$(NODE_READY)"; then cd dashboard && npm run --silent check; else $(NO_NODE); fi
DASHBOARD_SOURCES := $(shell find dashboard -name node_modules -prune -o -name dist -prune -o -path dashboard/src/gql -prune -o -type f -print)

.PHONY: run test check bench evaluate pictures format lock clean dashboard

# Tied to make itself: whatever ends make ends everything that was started.
run: $(VENV)/installed
	@$(MAKE) -s dashboard || echo 'the dashboard was not built, for the reason above; the API runs without' >&2
	@ENGAGEMENT_PARENT=$$PPID exec $(PY) -m server run

test: $(VENV)/installed-dev dashboard
	@$(PY) -m pytest -n $(SESSIONS) --maxprocesses 4 --no-loadscope-reorder $(ARGS)

# How many sessions of tests run side by side; 0: one, in this process (for --pdb).
SESSIONS = logical

check: $(VENV)/installed-dev $(NODE_READY:yes=dashboard/node_modules/installed)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	$(PY) -m pytest -q tests/test_layers.py tests/schema/test_contract.py
	@$(CHECK_DASHBOARD)

bench: $(VENV)/installed-dev
	@$(PY) -m bench $(ARGS)

# How far each insight is from the truth, beside naive answers.
evaluate: $(VENV)/installed-dev
	@$(PY) -m bench.evaluate $(ARGS)

# The documents' pictures, of the service that `make run` has started.
pictures: $(VENV)/installed-dev
	@$(PY) -m tests.dashboard.pictures $(ARGS)

format: $(VENV)/installed-dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

# The locks hold for every platform and name no index.
lock: $(VENV)/installed-dev
	$(PY) -m uv pip compile $(LOCK) -o requirements.txt pyproject.toml
	$(PY) -m uv pip compile $(LOCK) -o requirements-dev.txt --group dev -c requirements.txt pyproject.toml

LOCK = --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url

# For development, where asked for: make run GRAPHIQL=1
GRAPHIQL_PAGE = $(if $(filter 1 true,$(GRAPHIQL)),$(NODE_READY:yes=dashboard/dist/graphiql/graphiql.html))

# The dashboard, where Node is there to build it: anew only when its sources or the schema have changed.
dashboard: $(NODE_READY:yes=dashboard/dist/built) $(GRAPHIQL_PAGE)
	@test -n "$(NODE_READY)" || test -n "$(wildcard dashboard/dist/index.html)" || { $(NO_NODE); }

dashboard/dist/built: dashboard/node_modules/installed schema/schema.graphql $(DASHBOARD_SOURCES)
	@echo "building the dashboard" >&2
	@cd dashboard && npm run --silent build >build.log 2>&1 || { cat build.log >&2; exit 1; }
	@rm -f dashboard/build.log
	@touch $@

dashboard/dist/graphiql/graphiql.html: dashboard/dist/built
	@echo "building GraphiQL" >&2
	@cd dashboard && npm run --silent graphiql >&2
	@touch $@

dashboard/node_modules/installed: dashboard/package-lock.json
	@echo "installing the dashboard's locked dependencies" >&2
	@cd dashboard && npm ci --silent --no-audit --no-fund
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dashboard/dist dashboard/node_modules

# Stamps: newer than the lock they were installed from.
$(VENV)/installed: requirements.txt
	@found=$$($(FIND_PYTHON)) || exit 1; \
	test -x $(PY) && $(PY) -c '' || { rm -rf $(VENV) && echo "making $(VENV) with $$found" >&2 && "$$found" -m venv $(VENV); }
	@echo "installing the locked dependencies" >&2
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@echo "installing the locked tools for development" >&2
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@
