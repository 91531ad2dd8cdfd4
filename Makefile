# Everything runs in .venv, made with the versions of requirements.lock. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := bench-output/peers-venv
export MPLBACKEND := Agg

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format types bench bench-detection devset devset-8k live live-devset loadtest lock verify-bench wheel clean policies

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv and install the gateway and its tools into it

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: $(STAMP) ## play the bundled call through a gateway, live, and leave the results in demo-output/
	$(BIN)/redaction-gateway demo -o demo-output

test: $(STAMP) lint types ## all checks: lint, types, every test
	$(BIN)/python -m pytest

lint: $(STAMP) ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(STAMP) ## let ruff write the code's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

bench: $(STAMP) ## cost of recognition and of the delay line, into bench-output/
	$(BIN)/python -m loadtest.bench_delayline -o bench-output
	$(BIN)/python -m loadtest.bench_recognizer --json bench-output/recognizer.json
	$(BIN)/python -m loadtest.bench_streaming --json bench-output/streaming.json

bench-detection: $(STAMP) $(PEERS)/.installed ## this gateway, Presidio and scrubadub on the labelled text lines
	$(BIN)/python -m loadtest.bench_detection --peers $(PEERS) $(if $(SPACY_MODEL),--spacy-model $(SPACY_MODEL))

$(PEERS)/.installed: loadtest/peers-requirements.txt
	$(PYTHON) -m venv --clear $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

verify-bench: $(STAMP) ## how well `verify` hears what was left open, on the labelled digits and calls (about half an hour)
	$(BIN)/redaction-gateway redact ../shared/devset/digits/*.wav ../shared/devset/calls/*.wav \
		-o bench-output/verify/redacted --policies all
	$(BIN)/python -m loadtest.bench_verify ../shared/devset/digits ../shared/devset/calls \
		--redacted bench-output/verify/redacted --json bench-output/verify/verify.json

devset: $(STAMP) ## what leaks on the labelled sets beside the checkout (about an hour)
	$(BIN)/redaction-gateway evaluate ../shared/devset --jobs 2 --strength strict,balanced,precise \
		--lookahead 500,1000,1500,2000,3000 -o bench-output/devset

devset-8k: $(STAMP) ## the same at telephone rate, at the usual lookahead
	$(BIN)/redaction-gateway evaluate ../shared/devset --rate 8000 --jobs 2 -o bench-output/devset-8k

live: $(STAMP) ## the sample call live, over a WebSocket: delay, captions, live against offline
	$(BIN)/python -m loadtest.live_report --set sample -o bench-output/live

live-devset: $(STAMP) ## the labelled digits and calls live, two at a time (about 12 minutes)
	$(BIN)/python -m loadtest.live_report --set digits --calls 2 -o bench-output/live-digits
	$(BIN)/python -m loadtest.live_report --set calls --calls 2 -o bench-output/live-calls

loadtest: $(STAMP) ## how many legs one core carries (callers on another), with plots (about ten minutes)
	$(BIN)/python -m loadtest --ramp --legs 80 --duration 20 --server-cpus 0 --client-cpus 1 -o bench-output/loadtest

policies: $(STAMP) ## write docs/policies/ from the cards and the figures measured last
	$(BIN)/python -m gateway.evaluation.policy_pages docs/policies \
		$(if $(wildcard ../shared/devset),--lines ../shared/devset/text/lines.jsonl) \
		$(if $(wildcard bench-output/devset/report.json),--reports bench-output/devset/report.json)

lock: ## write requirements.lock anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-emit-index-url --no-annotate \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

wheel: $(STAMP) ## build the wheel into dist/
	$(BIN)/python -m build --wheel

clean: ## remove everything that was made
	rm -rf $(VENV) build dist demo-output bench-output .mypy_cache .ruff_cache .pytest_cache .hypothesis
