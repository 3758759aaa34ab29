//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/process"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	containerType = "docker:index/container:Container"
	jobType       = "kubernetes:batch/v1:Job"
)

// TestAKilledUpIsContinued kills lab, pulumi and its plugins in the middle of an up, again and again. Each next up goes on from there, and the
// last one to the end.
func TestAKilledUpIsContinued(t *testing.T) {
	parallel(t, 2, 3*time.Minute)
	s := newStack(t, "e2e-killed", 85)
	nodes := []string{s.slot.West.Name, s.slot.East.Name}
	for _, point := range []struct {
		name  string
		there func(checkpoint) bool
	}{
		{"while the nodes are being made", func(c checkpoint) bool { return c.pending(containerType, nodes...) }},
		{"right after the nodes", func(c checkpoint) bool { return c.made(containerType, nodes...) }},
		{"while Istio is being installed", func(c checkpoint) bool { return c.pending(jobType) }},
	} {
		if !run(t, point.name, func(t *testing.T) { s.killedUp(t, point.there, s.settings(t, "--stage=mesh")...) }) {
			return
		}
	}
	run(t, "the next up goes on to the end, and leaves nothing behind", func(t *testing.T) {
		s.up(t, "--stage=mesh")
		s.unchanged(t)
		s.sound(t)
		for _, c := range s.members(t) {
			c.istioctlsTookTurns(t)
		}
		destroyedWhole(t, s)
	})
}

// istioctlsTookTurns fails the test unless each istioctl that ran in the cluster, those that a killed up has started included, began after
// the one before it had ended. Two at once get in each other's way, but seldom so that one fails.
func (c *cluster) istioctlsTookTurns(t *testing.T) {
	t.Helper()
	pods, err := c.CoreV1().Pods(systemNamespace).List(t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/name=istioctl"})
	if err != nil {
		t.Fatal(err)
	}
	var runs []corev1.ContainerStateTerminated
	for _, pod := range pods.Items {
		for _, container := range pod.Status.ContainerStatuses {
			if container.State.Terminated == nil {
				t.Fatalf("istioctl still runs in %s of %s: %v", pod.Name, c.Name, container.State)
			}
			runs = append(runs, *container.State.Terminated)
		}
	}
	slices.SortFunc(runs, func(a, b corev1.ContainerStateTerminated) int { return a.StartedAt.Compare(b.StartedAt.Time) })
	note(t, "istioctl has run %d times in %s", len(runs), c.Name)
	if len(runs) == 0 {
		t.Errorf("istioctl has not run in %s", c.Name)
	}
	for i := 1; i < len(runs); i++ {
		if runs[i].StartedAt.Before(&runs[i-1].FinishedAt) {
			t.Errorf("in %s an istioctl began at %s, before the one before it ended at %s", c.Name, runs[i].StartedAt, runs[i-1].FinishedAt)
		}
	}
}

// killedUp runs up and kills it, with all that it has started, when the state has come to a point.
func (s *stack) killedUp(t *testing.T, there func(checkpoint) bool, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command := s.labCommand(ctx, t, "up", args...)
	transcript, err := s.transcript("lab up killed")
	if err != nil {
		t.Fatal(err)
	}
	defer transcript.Close()
	command.Stdout, command.Stderr = transcript, transcript
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for {
		if c, err := s.checkpoint(); err == nil && there(c) {
			break
		}
		select {
		case err := <-ended:
			text, _ := os.ReadFile(transcript.Name())
			t.Fatalf("up ended before it came to that point: %v\n%s", err, tail(string(text)))
		case <-time.After(20 * time.Millisecond):
		}
	}
	if err := killTree(int32(command.Process.Pid)); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("up was not killed, but ended by itself: %v", err)
	}
}

// killTree kills a process and all that descend from it. They are stopped first, so that none sees another go and
// cleans up.
func killTree(pid int32) error {
	root, err := process.NewProcess(pid)
	if err != nil {
		return err
	}
	tree := []*process.Process{root}
	for i := 0; i < len(tree); i++ {
		if err := tree[i].Suspend(); err != nil {
			continue // it has ended
		}
		children, err := tree[i].Children()
		if err != nil && !errors.Is(err, process.ErrorNoChildren) {
			return fmt.Errorf("the children of %d: %w", tree[i].Pid, err)
		}
		tree = append(tree, children...)
	}
	if len(tree) < 3 {
		return fmt.Errorf("only %d processes, which cannot be lab, pulumi and its plugins", len(tree))
	}
	for _, p := range tree {
		if err := p.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("kill %d: %w", p.Pid, err)
		}
	}
	return nil
}

// checkpoint is the state as the engine writes it with every step.
type checkpoint struct {
	Resources []resource
	Pending   []struct {
		Resource resource
		Type     string
	} `json:"pending_operations"`
}

type resource struct {
	URN, Type, ID string
}

// checkpoint reads the state of the stack while a command is changing it.
func (s *stack) checkpoint() (checkpoint, error) {
	var file struct{ Checkpoint struct{ Latest checkpoint } }
	text, err := os.ReadFile(filepath.Join(s.state, ".pulumi", "stacks", "istio-lab", s.name+".json"))
	if err == nil {
		err = json.Unmarshal(text, &file) // half of a file is not JSON
	}
	return file.Checkpoint.Latest, err
}

// pending says whether a resource of a type and of one of the names, if any are given, is being created.
func (c checkpoint) pending(typ string, names ...string) bool {
	for _, operation := range c.Pending {
		if operation.Type == "creating" && operation.Resource.Type == typ &&
			(len(names) == 0 || slices.Contains(names, operation.Resource.name())) {
			return true
		}
	}
	return false
}

// made says whether resources of a type and of all the names are there.
func (c checkpoint) made(typ string, names ...string) bool {
	made := 0
	for _, r := range c.Resources {
		if r.Type == typ && r.ID != "" && slices.Contains(names, r.name()) {
			made++
		}
	}
	return made == len(names)
}

func (r resource) name() string { return r.URN[strings.LastIndex(r.URN, "::")+2:] }
