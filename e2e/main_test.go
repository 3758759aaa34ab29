//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
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

func TestMain(m *testing.M) { os.Exit(runAll(m)) }

func runAll(m *testing.M) int {
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
	if err := useTestBed(context.Background()); err != nil {
		return complain(err)
	}
	missing = lookForMissing(context.Background())
	for _, m := range missing {
		fmt.Fprintln(os.Stderr, "missing for the suite on real clusters:", m)
	}
	if len(missing) > 0 {
		status := m.Run()
		if status == 0 {
			fmt.Fprintln(os.Stderr, "SKIPPED: nothing was tested on real clusters; what is missing is named above")
		}
		return status
	}
	release, err := holdStudents()
	if err != nil {
		return complain(err)
	}
	defer release()
	if !kept() {
		if err := sweepSuite(context.Background()); err != nil {
			return complain(fmt.Errorf("leftovers of an earlier run: %w", err))
		}
	}
	if tests, err = newSchedule(context.Background()); err != nil {
		return complain(err)
	}
	before, err := volumes(context.Background(), unused)
	if err != nil {
		return complain(err)
	}
	status := m.Run()
	tests.summary(os.Stdout)
	if !kept() {
		if err := noMoreVolumes(context.Background(), before); err != nil {
			return complain(err)
		}
	}
	return status
}

// The suite's student numbers. No two tests have one in common, so that they can run side by side.
const firstStudent, lastStudent = 80, 99

// holdStudents sees to it that one suite at a time uses them on this host. The lock ends with the process, however that ends.
func holdStudents() (release func() error, err error) {
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "istio-lab-e2e.lock"), os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another run of the suite is going on on this host: it holds %s (%w); wait for its end", lock.Name(), err), lock.Close())
	}
	return lock.Close, nil
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, "e2e:", err)
	return 1
}

// kept says whether labs outlive the run.
func kept() bool { return os.Getenv(keepVariable) != "" }
