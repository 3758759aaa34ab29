//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The benchmarks compare within one run, in turns, so that what else the machine does weighs on both sides alike. Each
// takes minutes:
//
//	go test -tags e2e -run '^$' -bench . -benchtime 1x -timeout 1h ./e2e

const rounds = 3

// BenchmarkTwoClusters makes two clusters and destroys them, by lab and by kind.
func BenchmarkTwoClusters(b *testing.B) {
	need(b)
	s := newStack(b, "e2e-bench", 90)
	arguments := s.settings(b, "--stage=clusters")
	k := newKindPair(b, nil, "e2e-bench-1", "e2e-bench-2")
	up, kindUp, down, kindDown := figures{}, figures{}, figures{}, figures{}
	for range rounds {
		up.add(s.lab(b, "up", arguments...).took)
		down.add(s.lab(b, "destroy", "--yes").took)
		kindUp.add(k.create(b))
		kindDown.add(k.delete(b))
	}
	report(b, "two clusters to Ready", up, kindUp, "kind create")
	report(b, "destroy of both", down, kindDown, "kind delete")
}

// BenchmarkPreview previews the whole multicluster lab without changes, against three programs of as many resources: nothing
// but components; components, and the lab's four providers with nothing to do; the lab's providers, each with as many resources
// as the lab has of it, as small as they come. The last is what the plugins take, whatever a lab is. All run inside a program
// that uses the Automation API.
func BenchmarkPreview(b *testing.B) {
	need(b)
	s := newStack(b, "e2e-bench", 90)
	s.up(b, "--stage=mesh")
	state, err := s.checkpoint()
	if err != nil {
		b.Fatal(err)
	}
	program, err := build("plain", ".", "./e2e/testdata/plain")
	if err != nil {
		b.Fatal(err)
	}
	of := map[string]int{}
	for _, r := range state.Resources {
		plugin, _, _ := strings.Cut(r.Type, ":")
		of[plugin]++
	}
	var kubeconfigs []string
	for name, cluster := range s.outputs(b).Clusters {
		file := filepath.Join(b.TempDir(), name)
		if err := os.WriteFile(file, []byte(cluster.Kubeconfig), 0o600); err != nil {
			b.Fatal(err)
		}
		kubeconfigs = append(kubeconfigs, file)
	}
	total, keys, objects := len(state.Resources), of["tls"], of["kubernetes"]/len(kubeconfigs)
	newPlain := func(components, keys, configMaps int) *plain {
		counts := []string{strconv.Itoa(components), strconv.Itoa(keys), strconv.Itoa(configMaps)}
		return &plain{s, program, b.TempDir(), append(counts, kubeconfigs...)}
	}
	others := []*plain{
		{s, program, b.TempDir(), []string{strconv.Itoa(total)}},
		newPlain(total, 0, 0),
		newPlain(total-keys-objects*len(kubeconfigs), keys, objects),
	}
	names := []string{"components", "components and idle plugins", "small ones of the same plugins"}
	for _, other := range others {
		other.run(b, "up")
	}
	lab, against := figures{}, make([]figures, len(others))
	for range rounds {
		r := s.lab(b, "preview")
		if !strings.Contains(r.stdout, "nothing would change") {
			b.Fatalf("the preview is not one without changes:\n%s", r.stdout)
		}
		lab.add(r.took)
		for i, other := range others {
			against[i].add(other.run(b, "preview"))
		}
	}
	for i, name := range names {
		report(b, fmt.Sprintf("preview of %d resources", total), lab, against[i], name)
	}
}

// plain is the program testdata/plain with a project of its own in a directory, which holds its state too.
type plain struct {
	of        *stack
	program   string
	directory string
	arguments []string
}

// run runs a verb, and returns how long it takes.
func (p *plain) run(b *testing.B, verb string) time.Duration {
	b.Helper()
	c := p.of.command(b.Context(), p.program, append([]string{verb, p.directory}, p.arguments...)...)
	c.Env = append(c.Env, "PULUMI_BACKEND_URL=file://"+p.directory, "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK=true")
	r, err := p.of.record(b, c, verb)
	if err != nil {
		b.Fatal(err)
	}
	return r.took
}

// BenchmarkFirstPreview goes from a copy of the repository and an empty build cache to a first preview. Modules are
// there.
func BenchmarkFirstPreview(b *testing.B) {
	need(b)
	clone, cache := filepath.Join(b.TempDir(), "istio-lab"), b.TempDir()
	list := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	list.Dir = project
	files, err := list.Output()
	if err != nil {
		b.Fatal(err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(files), "\x00"), "\x00") {
		copyFile(b, filepath.Join(project, name), filepath.Join(clone, name))
	}
	preview := append([]string{"preview"}, bedFlags(b, "--stack=e2e-first-preview", "--student=90")...) // brings the test bed up, which is not counted
	start := time.Now()
	run := func(program string, args ...string) {
		c := exec.CommandContext(b.Context(), program, args...)
		c.Dir = clone
		c.Env = append(os.Environ(), "GOCACHE="+cache) // and lab's own backend, in the clone
		if out, err := c.CombinedOutput(); err != nil {
			b.Fatalf("%s %v: %v\n%s", program, args, err, tail(string(out)))
		}
	}
	graph := filepath.Join(clone, "actions.json")
	run("go", "build", "-debug-actiongraph="+graph, "-o", "bin/lab", "./cmd/lab")
	built := time.Since(start)
	run(filepath.Join(clone, "bin", "lab"), preview...)
	total := time.Since(start)
	b.Logf("clone to first preview: %s, of which the build takes %s", total.Round(time.Second), built.Round(time.Second))
	b.Logf("the five packages that take longest to compile:\n%s", slowest(b, graph, 5))
	b.ReportMetric(total.Seconds(), "s/first-preview")
	b.ReportMetric(0, "ns/op") // hides it
}

// figures are the times of one thing, round by round.
type figures []time.Duration

func (f *figures) add(d time.Duration) { *f = append(*f, d) }

func (f figures) String() string {
	var texts []string
	for _, d := range f {
		texts = append(texts, fmt.Sprintf("%.1f s", d.Seconds()))
	}
	return strings.Join(texts, ", ")
}

// report prints the figures, and the median of their ratios.
func report(b *testing.B, what string, of, against figures, name string) {
	var ratios []float64
	for i := range of {
		ratios = append(ratios, of[i].Seconds()/against[i].Seconds())
	}
	slices.Sort(ratios)
	median := ratios[len(ratios)/2]
	b.Logf("%s: %s; %s: %s; median ratio %.2f", what, of, name, against, median)
	b.ReportMetric(median, strings.ReplaceAll(what, " ", "-")+"/"+strings.ReplaceAll(name, " ", "-"))
	b.ReportMetric(0, "ns/op") // hides it
}

func copyFile(b *testing.B, from, to string) {
	b.Helper()
	info, err := os.Stat(from)
	if errors.Is(err, os.ErrNotExist) {
		return // deleted and not yet committed
	}
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err == nil {
		err = os.WriteFile(to, text, info.Mode())
	}
	if err != nil {
		b.Fatal(err)
	}
}

// slowest lists the packages that took the compiler longest, from the graph of a build's actions.
func slowest(b *testing.B, graph string, count int) string {
	b.Helper()
	type action struct {
		Mode, Package string
		CmdReal       time.Duration // of the commands that the action ran, in wall time
	}
	var actions []action
	text, err := os.ReadFile(graph)
	if err == nil {
		err = json.Unmarshal(text, &actions)
	}
	if err != nil {
		b.Fatal(err)
	}
	slices.SortFunc(actions, func(x, y action) int { return int(y.CmdReal - x.CmdReal) })
	var lines []string
	for _, action := range actions[:min(count, len(actions))] {
		lines = append(lines, fmt.Sprintf("%6.1f s  %s %s", action.CmdReal.Seconds(), action.Mode, action.Package))
	}
	return strings.Join(lines, "\n")
}
