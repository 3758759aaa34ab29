//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"istio-lab/internal/allot"
)

// runTime bounds one run of lab or pulumi. An update of a whole lab takes two minutes on two cores; an installation
// that never becomes ready gives up within a third of this.
const runTime = 30 * time.Minute

// stack is a stack under test, with a backend of its own.
type stack struct {
	name    string
	student int
	// slot is what the student number stands for.
	slot allot.Slot
	// state is the directory of the backend; transcripts holds the output of every run, for the search for secrets.
	state, transcripts string
	// variables are added to the environment of its runs. Tests run side by side, so that they have none in common.
	variables []string
	// runs counts the runs, for the names of their transcripts.
	runs atomic.Int32
}

// newStack begins a test with a stack that is not there yet, on a host without its leftovers, and ends it with a host
// without them. A stack that an earlier run was told to keep goes on where that left it.
func newStack(t testing.TB, name string, student int) *stack {
	t.Helper()
	slot, err := allot.For(student, allot.DefaultBase)
	if err != nil {
		t.Fatal(err)
	}
	s := &stack{
		name: name, student: student, slot: slot,
		state: filepath.Join(workbench, name, "state"), transcripts: filepath.Join(workbench, name, "transcripts"),
	}
	if entries, err := os.ReadDir(s.transcripts); err == nil {
		s.runs.Store(int32(len(entries)))
	}
	for _, directory := range []string{s.state, s.transcripts} {
		if err := os.MkdirAll(directory, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if kept() {
		return s
	}
	if err := sweep(t.Context(), name, student); err != nil {
		t.Fatalf("leftovers of an earlier run: %v", err)
	}
	t.Cleanup(func() { s.remove(t) })
	return s
}

// remove throws the stack away after its test, which may have failed anywhere.
func (s *stack) remove(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if _, err := s.tryLab(ctx, t, "destroy", "--yes"); err != nil {
		t.Logf("destroying stack %s: %v", s.name, err)
	}
	if err := sweep(ctx, s.name, s.student); err != nil {
		t.Errorf("what is left of stack %s in Docker cannot be removed: %v", s.name, err)
	}
	if err := os.Remove(s.configFile()); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// configFile is where lab and pulumi keep the stack's settings.
func (s *stack) configFile() string { return filepath.Join(project, "Pulumi."+s.name+".yaml") }

// environment makes lab and pulumi use the stack's own backend.
func (s *stack) environment() []string {
	return append(append(os.Environ(),
		"PULUMI_BACKEND_URL=file://"+filepath.ToSlash(s.state),
		"PULUMI_CONFIG_PASSPHRASE=istio-lab-e2e",
		"PULUMI_SKIP_UPDATE_CHECK=true",
	), s.variables...)
}

// result is what a run has said, and how long it took.
type result struct {
	stdout, stderr string
	took           time.Duration
}

// failure is a run that ended with a status other than 0.
type failure struct {
	command string
	result
	err error
}

func (f *failure) Error() string {
	return fmt.Sprintf("%s: %v after %s\n%s\n%s", f.command, f.err, f.took.Round(time.Second),
		tail(f.stdout), tail(f.stderr))
}

func (f *failure) Unwrap() error { return f.err }

// lab runs lab on the stack, and fails the test if it fails.
func (s *stack) lab(t testing.TB, verb string, args ...string) result {
	t.Helper()
	r, err := s.tryLab(t.Context(), t, verb, args...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tryLab runs lab on the stack; it may fail.
func (s *stack) tryLab(ctx context.Context, t testing.TB, verb string, args ...string) (result, error) {
	t.Helper()
	c := s.labCommand(ctx, t, verb, args...)
	return s.record(t, c, verb)
}

// labCommand is a run of lab that is not begun.
func (s *stack) labCommand(ctx context.Context, t testing.TB, verb string, args ...string) *exec.Cmd {
	t.Helper()
	program, err := buildLab()
	if err != nil {
		t.Fatal(err)
	}
	return s.command(ctx, program, append([]string{verb, "--stack", s.name}, args...)...)
}

// up builds the lab with the bed's settings and those given, such as --stage=trust.
func (s *stack) up(t testing.TB, args ...string) result {
	t.Helper()
	return s.lab(t, "up", s.settings(t, args...)...)
}

// settings are the flags that make the stack what it is.
func (s *stack) settings(t testing.TB, args ...string) []string {
	t.Helper()
	return append(bedFlags(t, "--student", strconv.Itoa(s.student)), args...)
}

// pulumi runs plain pulumi on the stack, and fails the test if it fails.
func (s *stack) pulumi(t testing.TB, args ...string) result {
	t.Helper()
	r, err := s.tryPulumi(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *stack) tryPulumi(t testing.TB, args ...string) (result, error) {
	t.Helper()
	return s.record(t, s.pulumiCommand(t.Context(), args...), args[0])
}

func (s *stack) pulumiCommand(ctx context.Context, args ...string) *exec.Cmd {
	return s.command(ctx, "pulumi", append(args, "--stack", s.name, "--non-interactive", "--color=never")...)
}

// reveal runs a command of pulumi that prints secrets. Nothing of it is written down.
func (s *stack) reveal(t testing.TB, args ...string) string {
	t.Helper()
	out, err := s.pulumiCommand(t.Context(), append(args, "--show-secrets")...).Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		t.Fatalf("pulumi %v: %v\n%s", args, err, exit.Stderr) // and not what it has printed
	} else if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// command is a run in the project's directory, ended in the way of Ctrl-C when it takes too long.
func (s *stack) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, program, args...)
	c.Dir = project
	c.Env = s.environment()
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGINT) }
	c.WaitDelay = time.Minute
	return c
}

// record runs a command to its end and writes its output down as it comes.
func (s *stack) record(t testing.TB, c *exec.Cmd, title string) (result, error) {
	t.Helper()
	title = filepath.Base(c.Path) + " " + title
	transcript, err := s.transcript(title)
	if err != nil {
		return result{}, err
	}
	defer transcript.Close()
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = io.MultiWriter(&stdout, transcript), io.MultiWriter(&stderr, transcript)
	limit := timeLeft(t)
	if limit < time.Second {
		return result{}, fmt.Errorf("%s: not begun, for the suite's time is over", title)
	}
	overdue := time.AfterFunc(limit, func() { _ = c.Cancel() })
	defer overdue.Stop()
	start := time.Now()
	err = c.Run()
	r := result{stdout.String(), stderr.String(), time.Since(start)}
	note(t, "%s: %s", title, r.took.Round(100*time.Millisecond))
	if err != nil && r.took > limit {
		err = fmt.Errorf("ended, for its time was over: %w", err)
	}
	if err != nil {
		return r, &failure{title, r, err}
	}
	return r, nil
}

// timeLeft is what a run may take. It ends before go test gives up, which would say no more than where every goroutine is.
func timeLeft(t testing.TB) time.Duration {
	const toSayWhatFailed = 2 * time.Minute
	if bounded, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		if end, ok := bounded.Deadline(); ok {
			return min(runTime, time.Until(end)-toSayWhatFailed)
		}
	}
	return runTime
}

// note says what a test does, to those who watch it. In what is printed of a failed test, its errors are to be found at once.
func note(t testing.TB, format string, args ...any) {
	t.Helper()
	if testing.Verbose() {
		t.Logf(format, args...)
	}
}

func (s *stack) transcript(title string) (*os.File, error) {
	name := fmt.Sprintf("%03d-%s.txt", s.runs.Add(1), strings.ReplaceAll(title, " ", "-"))
	return os.Create(filepath.Join(s.transcripts, name))
}

// outputs are the outputs of the stack, secrets in the clear.
type outputs struct {
	Clusters map[string]struct {
		Kubeconfig, InternalKubeconfig, Node, LoadBalancerPool string
	}
	URLs            map[string]string
	Addresses       map[string]string
	RootCertificate string
}

func (s *stack) outputs(t testing.TB) outputs {
	t.Helper()
	var o outputs
	if err := json.Unmarshal([]byte(s.reveal(t, "stack", "output", "--json")), &o); err != nil {
		t.Fatal(err)
	}
	return o
}
