// Package e2e runs the lab on real clusters. Its tests have the build tag e2e, and need a Docker engine, the pulumi
// command with its plugins, and the test bed, which makes the images. What the test bed made of Pulumi's is used as well:
//
//	go test -tags e2e -timeout 2h ./e2e
//
// Where something is missing the suite names it and skips every test. The environment changes that:
//
//	ISTIO_LAB_E2E=required    what is missing is a failure
//	ISTIO_LAB_E2E_LAB=FILE    the setting lab of all stacks, instead of what the test bed prints; {} for the true images
//	ISTIO_LAB_E2E_KEEP=DIR    states and transcripts stay there, labs stay too, and the next run goes on with them
//
// The suite holds the student numbers 90 to 96 of the host, and begins by removing what a killed run has left of them.
package e2e
