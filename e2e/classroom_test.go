//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
)

// TestAClassroom builds three small labs by one command, one of them in vain, then all of them, and throws them away.
func TestAClassroom(t *testing.T) {
	parallel(t, 3, 3*time.Minute)
	room := []*stack{newStack(t, "student-94", 94), newStack(t, "student-95", 95), newStack(t, "student-96", 96)}
	for _, s := range room {
		s.state = room[0].state
	}
	first, broken := room[0], room[1]
	classroom := func(verb string, args ...string) (result, error) {
		t.Helper()
		if verb != "caches" {
			args = append([]string{"--students=94-96"}, args...)
		}
		return first.record(t, first.command(t.Context(), mustLab(t), append([]string{"classroom", verb}, args...)...), "classroom "+verb)
	}
	up := bedFlags(t, "--scenario=extension", "--stage=cluster", "--parallel=2")

	t.Cleanup(func() {
		if r, err := first.record(t, first.command(context.Background(), mustLab(t), "classroom", "caches", "--remove"), "classroom caches"); err != nil {
			t.Errorf("the caches are not removed: %v\n%s", err, r.stderr)
		}
	})
	if _, err := classroom("up", append(up, "--students=94")...); err != nil {
		t.Fatal(err)
	}
	ofOne := images(t, classroom)

	d := mustDocker(t)
	inTheWay := broken.slot.MyK8s.Node
	_, err := d.ContainerCreate(t.Context(), &container.Config{Image: "busybox:1.36.1"}, nil, nil, nil, inTheWay)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.ContainerRemove(t.Context(), inTheWay, container.RemoveOptions{Force: true}) })

	r, err := classroom("up", up...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("of three labs, one that cannot be built is not told: %v\n%s", err, r.stderr)
	}
	for _, want := range []string{
		`(?m)^one lab takes \d\.\d GiB; \d+\.\d GiB are left on this host, which is room for \d+ more, and 2 are to be built$`,
		`(?m)^student-94  built, `, `(?m)^student-96  built, `, `(?m)^student-95  FAILED after `,
		`(?m)^1 lab of 3 failed; `, `(?m)^  student-95: .*` + regexp.QuoteMeta(inTheWay),
	} {
		if !regexp.MustCompile(want).MatchString(r.stderr) {
			t.Errorf("what is said does not match %s:\n%s", want, r.stderr)
		}
	}

	if err := d.ContainerRemove(t.Context(), inTheWay, container.RemoveOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	if r, err := classroom("up", up...); err != nil || strings.Count(r.stderr, "  built, ") != 3 {
		t.Errorf("once the cause is gone: %v\n%s", err, r.stderr)
	}
	if ofThree := images(t, classroom); ofThree.Drawn != ofOne.Drawn || ofThree.Given < 2*ofOne.Given {
		t.Errorf("images of one lab: %+v, of three: %+v", ofOne, ofThree)
	}
	if r, err := classroom("verify"); err != nil || strings.Count(r.stderr, "  sound, ") != 3 {
		t.Errorf("the labs are not sound: %v\n%s", err, r.stderr)
	}
	r, err = classroom("status", "--json")
	var all []struct {
		Stack, Built string
		Containers   map[string]string
	}
	if err == nil {
		err = json.Unmarshal([]byte(r.stdout), &all)
	}
	if err != nil || len(all) != 3 {
		t.Fatalf("the status is %v\n%s", err, r.stdout)
	}
	for i, s := range room {
		if all[i].Stack != s.name || !strings.HasPrefix(all[i].Built, "extension up to cluster, ") ||
			!strings.HasPrefix(all[i].Containers[s.slot.MyK8s.Node], "Up ") {
			t.Errorf("%s is said to be %+v", s.name, all[i])
		}
	}
	if r, err := classroom("destroy", "--remove"); err != nil || strings.Count(r.stderr, "  destroyed, ") != 3 {
		t.Errorf("the labs are not thrown away: %v\n%s", err, r.stderr)
	}
	for _, s := range room {
		nothingLeft(t, s, "left by destroy")
		if _, err := os.Stat(s.configFile()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the settings of %s are not removed: %v", s.name, err)
		}
	}
	if r, err := room[0].tryLab(t.Context(), t, "list", "--json"); err != nil || strings.Contains(r.stdout, `"student-`) {
		t.Errorf("after their removal, the students' stacks are listed: %v\n%s", err, r.stdout)
	}
}

// cached are the bytes of images that caches have drawn from their registries, and given to nodes.
type cached struct{ Drawn, Given uint64 }

// images is how much there was of them, over all registries.
func images(t *testing.T, classroom func(string, ...string) (result, error)) (sum cached) {
	t.Helper()
	r, err := classroom("caches", "--json")
	var all []cached
	if err == nil {
		err = json.Unmarshal([]byte(r.stdout), &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		sum.Drawn += one.Drawn
		sum.Given += one.Given
	}
	note(t, "images: %d bytes drawn, %d given", sum.Drawn, sum.Given)
	return sum
}

func mustLab(t *testing.T) string {
	t.Helper()
	program, err := buildLab()
	if err != nil {
		t.Fatal(err)
	}
	return program
}
