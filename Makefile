# What there is to do with Twofold's sources. `make test` is the whole check and
# needs Go, git, make and apt; everything else says what it lacks.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
.NOTPARALLEL:

export PATH := $(PATH):/usr/local/go/bin

GO       ?= go
FUZZTIME ?= 30s
TAGS     := integration,bench
GIT      := git -c safe.directory=$(CURDIR)
RELEASE  ?= $(shell $(GIT) describe --tags --match 'v[0-9]*' --dirty 2>/dev/null | sed 's/^v//')
COMMIT   ?= $(shell $(GIT) describe --always --exclude '*' --abbrev=12 --dirty 2>/dev/null || echo unknown)
LDFLAGS  := -s -w -X main.release=$(RELEASE) -X main.commit=$(COMMIT)

# Samba needs root. Where sudo gives it, only the tests themselves run under it.
AS_ROOT  := $(if $(filter 0,$(shell id -u)),,-exec 'sudo -n -E env PATH=$(PATH)')

.PHONY: build demo test unit bench fuzz lint generate generated peers install clean

build: ## bin/twofold: one static binary
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/twofold ./cmd/twofold

demo: build ## the whole system on loopback, without root
	bin/twofold demo $(DEMOFLAGS)

# Each part of the check is a target of its own. Tests run once, with the race
# detector and against real peers; lint compiles them without the tags too.
test: peers lint generated build unit ## everything; installs its peers
	@packages=$$(grep -c '^ok ' bin/test.log); \
	echo "passed: gofmt, vet, staticcheck, generated files, static build," \
		"$$packages packages with the race detector and real peers"

unit:
	@mkdir -p bin
	CGO_ENABLED=1 $(GO) test -race -tags integration -timeout 15m $(AS_ROOT) ./... | tee bin/test.log

lint: ## gofmt, vet and staticcheck, with and without the tagged tests
	@unformatted=$$($(GIT) ls-files -z -- '*.go' | xargs -0 -r gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not formatted:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) vet -tags $(TAGS) ./...
	$(GO) tool staticcheck ./...
	$(GO) tool staticcheck -tags $(TAGS) ./...

generate: ## man pages, sample configuration, event list
	$(GO) generate ./...

generated: ## fails when a generated file is stale
	@sums() { $(GIT) ls-files -z -- doc '*.json' | xargs -0 -r sha256sum; }; \
	before=$$(sums); $(MAKE) --no-print-directory generate; \
	diff <(echo "$$before") <(sums) || { echo "stale: commit what make generate has written"; exit 1; }

fuzz: ## each fuzz target for FUZZTIME
	@$(GO) test -list '^Fuzz' ./... | \
	awk '/^Fuzz/ {names[n++] = $$1} /^ok/ {for (i = 0; i < n; i++) print $$2, names[i]} !/^Fuzz/ {n = 0}' | \
	while read -r package name; do \
		echo "$$package $$name"; \
		$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null; \
	done

bench: build ## the comparison with FreeRADIUS; BENCHFLAGS='-users 2000' for a small one
	$(GO) test -tags bench -count=1 -timeout 60m -run '^TestBench$$' -v ./bench $(if $(BENCHFLAGS),-args $(BENCHFLAGS))

peers: ## the Debian packages that the tests meet
	.ci/peers

install: build ## DESTDIR is honoured; enable the service yourself
	install -D -m 755 bin/twofold $(DESTDIR)/usr/sbin/twofold
	install -D -m 644 systemd/twofold.service $(DESTDIR)/usr/lib/systemd/system/twofold.service
	install -D -m 644 systemd/twofold.sysusers $(DESTDIR)/usr/lib/sysusers.d/twofold.conf
	install -D -m 644 systemd/twofold.tmpfiles $(DESTDIR)/usr/lib/tmpfiles.d/twofold.conf
	install -D -m 644 doc/twofold.8 $(DESTDIR)/usr/share/man/man8/twofold.8
	install -D -m 644 doc/twofold.yaml.5 $(DESTDIR)/usr/share/man/man5/twofold.yaml.5
	install -D -m 644 doc/twofold.yaml.sample $(DESTDIR)/usr/share/doc/twofold/twofold.yaml.sample
	install -D -m 644 doc/events.md $(DESTDIR)/usr/share/doc/twofold/events.md

clean:
	rm -rf bin dist
	$(GO) clean -testcache
