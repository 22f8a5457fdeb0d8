# Everything a newcomer needs: `make demo` grades a made-up class, `make test` proves that the grader works.
# Both set up .venv by themselves; nothing else has to be done by hand.

PYTHON ?= python3
PY := .venv/bin/python
INSTALLED := .venv/.installed
# These look at all processes and files of the machine, so nothing else of ours may run beside them.
ALONE := tests/honest tests/redteam tests/stress

.PHONY: help install demo test lint verify bench redteam gpu-test clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

install: $(INSTALLED)  ## .venv with `autograder` in it; all other targets begin with it

demo: $(INSTALLED)  ## grade a made-up class over all assignments; results in build/demo
	.venv/bin/autograder demo

test: $(INSTALLED)  ## lint, then all tests
	$(MAKE) --no-print-directory lint
	$(PY) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ALONE:%=--ignore=%)
	$(PY) -m pytest $(ALONE)

lint: $(INSTALLED)  ## style and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/mypy benchmarks --exclude torch_three

verify: $(INSTALLED)  ## prove the graders of all assignments against known answers, five times over
	.venv/bin/autograder verify --repeat 5

bench: $(INSTALLED)  ## side by side with nbgrader and otter-grader (installs them in build/bench-venv), then quizzes
	$(PY) -m benchmarks
	$(PY) -m benchmarks.quiz

redteam: $(INSTALLED)  ## attack the fence: a line for each attack, then a million mutated frames
	$(PY) -m tests.redteam
	$(PY) -m tests.fuzz --frames 1000000

gpu-test: $(INSTALLED)  ## what needs a card: the fence on it, and the same verdicts as on the CPU
	$(PY) -m pytest tests/gpu -rs

clean:  ## remove what the other targets made
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The stamp is older than its sources when the dependencies changed: then pip runs again.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: install it, then run make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@
