//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// The environment that the package's documentation describes.
const (
	requiredVariable = "ISTIO_LAB_E2E"
	labVariable      = "ISTIO_LAB_E2E_LAB"
	keepVariable     = "ISTIO_LAB_E2E_KEEP"
)

// project is the directory of the Pulumi project under test.
var project string

// workbench is where the programs under test and their transcripts lie, for one run of the suite.
var workbench string

// missing is what the machine lacks for the suite.
var missing []string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	here, err := os.Getwd()
	if err != nil {
		return complain(err)
	}
	project = filepath.Dir(here)
	if workbench = os.Getenv(keepVariable); workbench == "" {
		if workbench, err = os.MkdirTemp("", "istio-lab-e2e-"); err != nil {
			return complain(err)
		}
		defer os.RemoveAll(workbench)
	} else if workbench, err = filepath.Abs(workbench); err != nil {
		return complain(err)
	}
	missing = lookForMissing(context.Background())
	for _, m := range missing {
		fmt.Fprintln(os.Stderr, "missing for the suite on real clusters:", m)
	}
	status := m.Run()
	if len(missing) > 0 && status == 0 {
		fmt.Fprintln(os.Stderr, "SKIPPED: nothing was tested on real clusters; what is missing is named above")
	}
	return status
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, "e2e:", err)
	return 1
}

// kept says whether labs outlive the run.
func kept() bool { return os.Getenv(keepVariable) != "" }
