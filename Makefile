# Needs Python 3.11 or newer and make; everything else comes from the package registry by hash.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# The system's certificates where there are any, as pip does: a proxy may have one of its own.
CERTS := $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/ssl/cert.pem /etc/pki/tls/certs/ca-bundle.crt)
SYNC := $(if $(CERTS),UV_SYSTEM_CERTS=1) UV_PYTHON_DOWNLOADS=never \
	$(BIN)/uv pip sync --python $(BIN)/python --require-hashes
APART := $(BIN)/python -m skyll.embedded apart

# A start is ten processes: without bytecode each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run install install-dev test check inside-check clients bench soak snapshots lock reset \
	hooks logs

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: install ## everything: servers, demo, simulated provider, worker, beat, API (PORT=8000)
	@exec $(BIN)/python -m skyll.embedded run --tied

# The default way of handing out tests keeps their order, and it has to: those that empty the
# tables come last on each worker.
test: install-dev ## the whole test suite, in parallel, on servers of its own (ARGS=...)
	@$(BIN)/python -m pytest -n auto $(ARGS)

check: install-dev ## lint, format, types, import contract, migrations, deployment, schema
	@$(APART) $(MAKE) --no-print-directory inside-check

inside-check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	@echo "$(BIN)/python manage.py check --deploy, as in production"
	@ENVIRONMENT=production ALLOWED_HOSTS=api.example.com FRONTEND_URL=https://app.example.com \
		EMAIL_URL=smtp+tls://user:password@mail.example.com:587 MAIL_FROM=no-reply@example.com \
		SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

clients: install-dev ## a TypeScript and a Python client from the schema, in clients/made
	@mkdir -p clients/made
	@$(APART) $(BIN)/python manage.py spectacular --validate --fail-on-warn \
		--format openapi-json --file clients/made/openapi.json
	@clients/typescript.sh
	@$(if $(CERTS),UV_SYSTEM_CERTS=1) clients/python.sh

bench: install-dev ## the table of measured speeds against their targets (ROW=6 SIZE=small|1x|10x ARGS=...)
	@$(BIN)/python -m bench $(ROW) $(if $(SIZE),--size $(SIZE)) $(ARGS)

soak: install-dev ## faults and load for long (ARGS=--help, or "replay kills restarts load")
	@$(BIN)/python -m tests.chaos.soak $(ARGS)

snapshots: install-dev ## write the expected answers of the API anew (ARGS=tests/...)
	@UPDATE_SNAPSHOTS=1 $(BIN)/python -m pytest -n auto $(ARGS)

install: $(VENV)/installed ## .venv with the locked packages that running needs

install-dev: $(VENV)/installed-dev ## the same with what testing and checking need

lock: $(BIN)/uv ## resolve the versions in pyproject.toml anew, with hashes
	@$(BIN)/uv lock --upgrade
	@$(BIN)/uv export -q --no-emit-project --no-header --no-dev -o requirements.txt
	@$(BIN)/uv export -q --no-emit-project --no-header --all-groups -o requirements-dev.txt
	@echo uv | $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --upgrade -o requirements-bootstrap.txt -
	@echo 'pyfolio-reloaded>=0.10' | $(BIN)/uv pip compile -q --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --upgrade -o bench/peer/requirements.txt -
	@echo 'openapi-python-client>=0.29' | $(BIN)/uv pip compile -q --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --upgrade -o clients/requirements.txt -
	@! grep -n '://' requirements*.txt clients/requirements.txt bench/peer/requirements.txt || { echo "a package host is named above"; exit 1; }

logs: ## follow what the running processes say
	@exec tail -n 20 -F $${LOCAL_DIR:-.local}/logs/*.log

reset: ## remove all embedded data: books, users, demo
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m skyll.embedded reset; else echo "Nothing to remove"; fi

hooks: ## run make check before every commit here
	@printf '#!/bin/sh\nexec make check\n' > "$$(git rev-parse --git-path hooks)/pre-commit"
	@chmod +x "$$(git rev-parse --git-path hooks)/pre-commit"
	@echo "make check now runs before every commit"

# The development packages contain those for running: once they are in, they stay.
$(VENV)/installed: requirements.txt $(BIN)/uv
	@echo "Installing the locked packages"
	@$(SYNC) $(if $(wildcard $(VENV)/installed-dev),requirements-dev.txt,requirements.txt)
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(BIN)/uv
	@echo "Installing the locked packages for development"
	@$(SYNC) requirements-dev.txt
	@touch $@ $(VENV)/installed

$(BIN)/uv: requirements-bootstrap.txt
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed: install it, or name one with" \
		"make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is older than 3.11: name a newer one with make PYTHON=..." >&2; exit 1; }
	@echo "Making $(VENV)"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make virtual environments: install its venv package" >&2; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes \
		-r requirements-bootstrap.txt
	@touch $@
