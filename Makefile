.DEFAULT_GOAL := help
.PHONY: help lab up down test book e2e e2e-all conformance bench transcript

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# As pulumi and the test bed compile programs, so that what these have in common with lab and the tests is compiled once.
export CGO_ENABLED = 0
export GOFLAGS := $(GOFLAGS) -trimpath

lab: ## Build the command bin/lab
	go build -o bin/lab ./cmd/lab

# What this machine lacks and cannot fetch, the test bed makes.
RUN = go run -C testbed . run

up: lab ## Build the lab on this machine
	$(RUN) bin/lab up

down: lab ## Take it away again
	bin/lab destroy --yes

test: ## Check all that Go alone can check
	go vet ./...
	go vet -tags e2e ./e2e
	go test ./...
	cd components/wasmplugin/filter && go vet ./... && go test ./...
	cd testbed && go vet ./... && go test ./...

# What go test is given besides; empty, it prints nothing of the tests that pass.
E2E_FLAGS ?= -v

# In the folder itself, for otherwise go test prints nothing of a suite that passes, and so not what its parts cost.
E2E = go test -C e2e -tags e2e -count=1 -parallel 5 -timeout 75m $(E2E_FLAGS)

book: ## Make the images of release book before make e2e, whose clusters the compiler would slow down
	go run -C testbed . build -release book

e2e: ## Check on real clusters; needs Docker, Pulumi's plugins and the test bed's prerequisites
	$(E2E) -skip '/rarely'

e2e-all: ## Check what is slow and rarely broken too
	$(E2E)

conformance: lab ## Compare the test bed's plugins with Pulumi's, on a real engine and cluster
	cd testbed/plugins && go vet -tags conformance ./... && go test ./...
	$(RUN) testbed/plugins/conformance.sh $(E2E_FLAGS)

bench: ## Time the program against the kind command
	go test -tags e2e -count=1 -timeout 60m -v -run '^$$' -bench . -benchtime 1x ./e2e

transcript: lab ## Record docs/evening.cast by really running the lab; needs asciinema 2.4
	$(RUN) asciinema rec --overwrite --quiet --cols 100 --rows 34 --idle-time-limit 2 --title 'An evening with lab' \
		--command 'docs/evening.sh evening 70' docs/evening.cast
