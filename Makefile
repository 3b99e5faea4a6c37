SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GOLANGCI_LINT_VERSION := v2.15.0
GOLANGCI_LINT := bin/golangci-lint-$(GOLANGCI_LINT_VERSION)
NODE_MODULES := web/node_modules/.package-lock.json
HEAP ?= 512m
ARGS ?=
KILLS ?= 500

.PHONY: help run test test-fast soak test-race test-web lint fmt bench web web-check generate neo4j test-neo4j-calendar build docker clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Start the service on http://127.0.0.1:8080 with the embedded store in ./data
	go run ./cmd/roundtrip serve $(ARGS)

test: bin/neo4j ## Run every check and test, with a real Neo4j and a real browser
	@scripts/need.sh chromium java maven node
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory test-web web-check; fi
	go vet ./...
	bin/neo4j -- go test -timeout 20m ./...
	@$(MAKE) --no-print-directory test-neo4j-calendar

# What tells whether a release of Neo4j can be used: what the store promises, also when a process is killed, loses its
# lease or the answer to a commit; attempts to misuse ad-hoc statements, every written case of the analyses in both
# engines, and the kit in its Browser.
CYPHER ?= 25
CALENDAR_TESTS := ^TestConformance$$|^TestNoAttemptSucceedsAndNothingChanges$$|^TestEveryWrittenCaseHoldsInNeo4jWithBothEngines$$|^TestTheServerIsTheWanted|Kill|^TestASecondServerWaitsForTheFirst$$|^TestAWriterThatLostItsLeaseWritesNothingMore$$|^TestWhatAServerLeftBehindIsRemovedByTheNextOpen$$|^TestADocumentWhoseCommitGotNoAnswerIsWrittenOnce$$|^TestNeo4jBrowser$$

test-neo4j-calendar: bin/neo4j ## Test against the calendar release of Neo4j, where a Java 21 or newer is found (CYPHER=5 for the older language)
	bin/neo4j -version calendar -cypher $(CYPHER) -skip-without-java -- env ROUNDTRIP_TEST_NEO4J_SHORT=true \
		go test -timeout 12m -run '$(CALENDAR_TESTS)' ./graph/neo4jstore ./graph/neo4jstore/neo4jtest ./queries/library ./server/webtest

test-fast: ## Run the tests that need neither Neo4j nor a browser
	go test -short ./...

# Packages with goroutines. Tests that kill processes again and again take minutes under the race detector.
RACE := ./cmd/roundtrip ./reports ./graph/ingest ./graph/snapshot ./graph/sqlitestore ./queries ./queries/algo/bounded \
	./queries/algo/cycles ./queries/algo/paths ./queries/algo/temporal ./queries/library ./server

soak: ## Kill runners of schedules and their receiver 500 times, and measure 1,000 schedules (KILLS=n for another number)
	ROUNDTRIP_TEST_REPORTS_KILLS=$(KILLS) go test -timeout 60m -count 1 -v -run 'KilledAgain|AThousandSchedules' ./reports

test-race: ## Run the fast tests of packages with goroutines under the race detector
	go test -short -race -skip Killed -timeout 20m $(RACE)

test-web: $(NODE_MODULES) ## Check and test the page's source
	cd web && npm test --silent

lint: $(GOLANGCI_LINT) ## Check style and the import arrows
	$(GOLANGCI_LINT) run ./...

fmt: $(GOLANGCI_LINT) ## Format the Go code
	$(GOLANGCI_LINT) fmt ./...

bench: ## Run the benchmarks
	go test -run '^$$' -bench . -benchmem ./graph/... ./queries/... ./reports/...

web: $(NODE_MODULES) ## Build the page into server/web/dist
	cd web && npm run build

web-check: $(NODE_MODULES) ## Check that the committed page is the build of its source
	scripts/web-check.sh

generate: ## Write the generated pages and files again
	go generate ./...

neo4j: bin/neo4j ## Start a Neo4j from Maven's jars, data in ./data/neo4j (HEAP=2g for a larger heap)
	bin/neo4j -heap $(HEAP) $(ARGS)

build: ## Build bin/roundtrip, one static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/roundtrip ./cmd/roundtrip

docker: ## Build the container image roundtrip:local
	docker build -t roundtrip:local .

clean: ## Remove what was built; the data stays
	rm -rf bin web/node_modules

.PHONY: bin/neo4j
bin/neo4j:
	go build -o $@ ./graph/neo4jstore/neo4jtest/cmd/neo4j

$(GOLANGCI_LINT):
	GOBIN='$(CURDIR)/bin' go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	mv bin/golangci-lint $@

$(NODE_MODULES): web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	touch $@
