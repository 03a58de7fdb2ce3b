# Everything one does with Synapse. Each target sets up what it needs: nothing is installed by hand.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Where pip reads packages from, or what a proxy needs, comes from pip's own configuration.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# How many tests run at a time, each process with test databases of its own.
TEST_PROCESSES ?= 2
# One more of the long ones, which wait half of the time: for locks, heartbeats, processes that start.
FAULT_PROCESSES ?= 3

# What production sets, so that Django's deployment check judges the settings production gets.
CHECK_DEPLOY := SYNAPSE_ENVIRONMENT=production DEBUG=0 ALLOWED_HOSTS=synapse.example.com \
	DATABASE_URL=postgresql://localhost/synapse_business_core \
	ANALYTICS_DATABASE_URL=postgresql://localhost/synapse_analytics_intelligence \
	REVENUE_DATABASE_URL=postgresql://localhost/synapse_revenue_intelligence

# Hundreds of programs start in a test run: without bytecode each would compile every module again, 0.4 s.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-faults reliability check bench roles mutants hooks drawing figures pictures lock

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

run: $(VENV)/.run-installed ## Set everything up, import the legacy files and serve the admin; Ctrl-C stops it
	@$(BIN)/python manage.py start

test: $(VENV)/.dev-installed ## Run the tests, without the long ones; installs a Chromium where there is none
	@.ci/install-browser
	@$(BIN)/python -m pytest -m "not faults" --numprocesses $(TEST_PROCESSES)

# A file's tests stay in one process, which makes their server once. Files with few tests are not put off to the end, as
# xdist would: the longest, the crawl through every page, is one of them.
test-faults: $(VENV)/.dev-installed ## Run the long tests: kills, locks, large files, a fresh clone
	@.ci/install-browser
	@.ci/install-pgbouncer
	@status=0; \
	$(BIN)/python -m pytest -m "faults and not alone" --numprocesses $(FAULT_PROCESSES) \
		--dist loadfile --no-loadscope-reorder || status=$$?; \
	$(BIN)/python -m pytest -m "faults and alone" || status=$$?; \
	exit $$status

reliability: $(VENV)/.dev-installed ## Run the tests that count for docs/reliability.md and write its figures
	@$(BIN)/python -m pytest -m "faults or not faults" --reliability docs/reliability.md \
		$$(grep -rlw tally tests --include='test_*.py')

check: $(VENV)/.dev-installed ## Format, lint, types, layers, migrations, deployment settings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	@$(CHECK_DEPLOY) SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(VENV)/.dev-installed ## Measure imports, validation, export and undo against baselines; ROWS=100000
	@$(BIN)/python benchmarks/import_speed.py $(if $(ROWS),--rows $(ROWS))
	@$(BIN)/python -m benchmarks.save_waits $(if $(ROWS),--rows $(ROWS))

roles: $(VENV)/.dev-installed ## Write the table of roles and pages into docs/roles.md
	@DJANGO_SETTINGS_MODULE=synapse.settings PYTHONPATH=. $(BIN)/python -m tests.integration.every_page.role_table

mutants: $(VENV)/.dev-installed ## Break code in seeded places and see a test go red; SEED=2, SIZE=60, ONLY=folder
	@status=0; \
	PYTHONPATH=. $(BIN)/python -m tests.mutations.run_codecs || status=$$?; \
	PYTHONPATH=. $(BIN)/python -m tests.mutations.run_promises --write docs/reliability.md || status=$$?; \
	PYTHONPATH=. $(BIN)/python -m tests.mutations.run --write docs/reliability.md --processes $(TEST_PROCESSES) \
		$(if $(SEED),--seed $(SEED)) $(if $(SIZE),--size $(SIZE)) $(if $(ONLY),--only $(ONLY)) || status=$$?; \
	exit $$status

hooks: $(VENV)/.dev-installed ## Run the fast checks before each commit from now on
	@$(BIN)/pre-commit install

drawing: $(VENV)/.dev-installed ## Draw docs/images/rooms.svg, who imports whom, from the code
	@PYTHONPATH=. $(BIN)/python -m tests.architecture.draw_rooms

figures: $(VENV)/.dev-installed ## Measure the source: sizes, names, comments; PLACE=folder narrows, LIST=--list names the functions
	@DJANGO_SETTINGS_MODULE=synapse.settings PYTHONPATH=. $(BIN)/python -m tests.architecture.code_figures $(PLACE) $(LIST)

pictures: $(VENV)/.dev-installed ## Take the pictures of docs/images on demonstration files; ONLY="front-page undo" takes some
	@.ci/install-browser
	@PYTHONPATH=. $(BIN)/python -m tests.pictures.take $(ONLY)

lock: $(VENV)/.dev-installed ## Pin requirements*.in into requirements*.txt
	$(PIP) install pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --no-header --no-emit-index-url --no-emit-trusted-host \
		--no-emit-find-links --output-file requirements.txt requirements.in
	$(BIN)/pip-compile --quiet --strip-extras --no-header --no-emit-index-url --no-emit-trusted-host \
		--no-emit-find-links --output-file requirements-dev.txt requirements-dev.in

# A stamp is written last: an installation that was interrupted is done again.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Synapse needs Python 3.11 or newer.")'
	@echo "Creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run-installed: requirements.txt $(VENV)/.created
	@echo "Installing requirements.txt ..."
	@$(PIP) install --requirement requirements.txt
	@touch $@

$(VENV)/.dev-installed: requirements-dev.txt $(VENV)/.created
	@echo "Installing requirements-dev.txt ..."
	@$(PIP) install --requirement requirements-dev.txt
	@touch $@
