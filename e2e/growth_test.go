//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"istio-lab/internal/memory"
)

// BenchmarkGrowth builds the whole multicluster lab for one student, then for three side by side, and says what each takes of time
// and memory. Beside the one lab it times a preview and an update without changes.
func BenchmarkGrowth(b *testing.B) {
	need(b)
	students := []*stack{newStack(b, "e2e-bench-1", 90), newStack(b, "e2e-bench-2", 91), newStack(b, "e2e-bench-3", 92)}
	first := students[0].up(b)
	b.Logf("one student: %s, %s", first.took.Round(time.Second), memoryOf(b, students[:1]))
	preview, up := figures{}, figures{}
	for range rounds {
		r := students[0].lab(b, "preview")
		if !strings.Contains(r.stdout, "nothing would change") {
			b.Fatalf("the preview is not one without changes:\n%s", r.stdout)
		}
		preview.add(r.took)
		up.add(students[0].lab(b, "up").took)
	}
	b.Logf("without changes: preview %s; up %s", preview, up)
	students[0].lab(b, "destroy", "--yes")

	labs := map[*stack][]string{}
	for _, s := range students {
		labs[s] = s.settings(b)
	}
	start := time.Now()
	together(b, labs)
	all := time.Since(start)
	b.Logf("three students at once: %s, %s", all.Round(time.Second), memoryOf(b, students))
	b.ReportMetric(all.Seconds()/first.took.Seconds(), "times-one-student/three-students")
	b.ReportMetric(0, "ns/op") // hides it
}

// memoryOf says what the containers of each student use, as the engine accounts for it, without the page cache.
func memoryOf(b *testing.B, students []*stack) string {
	b.Helper()
	d := mustDocker(b)
	var each []string
	for _, s := range students {
		containers, err := d.ContainerList(b.Context(), container.ListOptions{Filters: ofStack(s.name, s.student)})
		if err != nil {
			b.Fatal(err)
		}
		used, err := memory.Of(b.Context(), d, containers)
		if err != nil {
			b.Fatal(err)
		}
		each = append(each, gibibytes(used))
	}
	return strings.Join(each, " + ")
}

func gibibytes(bytes uint64) string { return fmt.Sprintf("%.2f GiB", float64(bytes)/(1<<30)) }
