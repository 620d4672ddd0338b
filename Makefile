# Everything a newcomer needs: `make demo`, `make lab`, `make test`. `make help` lists the rest.
#
# POSIX make and sh only. PYTHON=... (argument or environment) chooses the interpreter; without
# it the first of python3, python3.14 … python3.11 that is new enough is taken. Stamp files in
# the virtual environment make a second call instant; a change of pyproject.toml renews them.
.POSIX:

VENV = .venv
BIN = $(VENV)/bin
PYTEST_ARGS =
BENCH_ARGS =

help:
	@echo "make demo     run the quickstart for real, twice; print a summary; write an HTML of it"
	@echo "make lab      open JupyterLab on the notebooks"
	@echo "make test     run the tests (PYTEST_ARGS='-k word' narrows them)"
	@echo "make browser  run the browser tests (needs Chromium); pictures in screenshots/"
	@echo "make lint     ruff, mypy, and whether generated code is stale"
	@echo "make bench    Orion beside other engines, one table (BENCH_ARGS='--quick')"
	@echo "make clean    remove the virtual environment and all caches in this folder"

$(VENV)/.made:
	@sh orion_tools/make_venv.sh $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml
	@sh orion_tools/install.sh $(BIN)/python demo
	@touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml
	@sh orion_tools/install.sh $(BIN)/python test
	@touch $@

$(VENV)/.lint: $(VENV)/.made pyproject.toml
	@sh orion_tools/install.sh $(BIN)/python lint
	@touch $@

$(VENV)/.bench: $(VENV)/.made pyproject.toml
	@sh orion_tools/install.sh $(BIN)/python bench
	@touch $@

demo: $(VENV)/.demo
	@$(BIN)/python -m orion_tools.demo

lab: $(VENV)/.demo
	$(BIN)/python -m jupyterlab notebooks/quickstart.ipynb

test: $(VENV)/.test
	$(BIN)/python -m pytest -m "not browser" $(PYTEST_ARGS)

browser: $(VENV)/.test
	$(BIN)/python -m pytest -m browser $(PYTEST_ARGS)

lint: $(VENV)/.lint
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m orion_tools.protos --check
	$(BIN)/python -m mypy

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

clean:
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

.PHONY: help demo lab test browser lint bench clean
