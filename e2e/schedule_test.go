//go:build e2e

package e2e

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// tests is the schedule of this run.
var tests = &schedule{}

// schedule starts parallel tests: those that take the longest first, because one that is left for the end would run alone. At once there are
// as many nodes as the flag -parallel says and as the engine has memory for.
type schedule struct {
	began time.Time

	mutex   sync.Mutex
	boot    time.Duration // of a node
	free    int           // nodes
	running int           // tests
	// quiet is until when no test starts: nodes that boot all at once keep each other from becoming ready in time.
	quiet time.Time
	queue []*turn
	parts []part
}

// turn is a test that waits for its start.
type turn struct {
	nodes   int
	usually time.Duration
	start   chan struct{}
}

// part is a test or a subtest that has ended.
type part struct {
	name   string
	took   time.Duration
	failed bool
}

// nodeMemory is what a node takes with Istio, and Pulumi for it, in bytes.
const nodeMemory = 3 << 29

// newSchedule takes the flag over from go test, which counts tests by it and would start them in any order.
func newSchedule(ctx context.Context) (*schedule, error) {
	flag.Parse()
	parallel := flag.Lookup("test.parallel")
	nodes, err := strconv.Atoi(parallel.Value.String())
	if err == nil {
		err = parallel.Value.Set("1000")
	}
	if err != nil {
		return nil, err
	}
	d, err := docker()
	if err != nil {
		return nil, err
	}
	engine, err := d.Info(ctx)
	if err != nil {
		return nil, err
	}
	const boot = 20 * time.Second // on two cores
	return &schedule{began: time.Now(), boot: boot, free: min(nodes, int(engine.MemTotal/nodeMemory))}, nil
}

// parallel runs the rest of a test beside others, once there is room for its nodes. How long it usually takes is what the summary says.
func parallel(t *testing.T, nodes int, usually time.Duration) {
	t.Helper()
	need(t)
	// All parallel tests are in the queue before the first of them continues.
	own := tests.enqueue(nodes, usually)
	t.Parallel()
	tests.next()
	<-own.start
	began := time.Now()
	t.Cleanup(func() { // after all that the test cleans up
		tests.ended(part{t.Name(), time.Since(began), t.Failed()})
		tests.release(own)
	})
}

// run runs a subtest, whose time the summary names.
func run(t *testing.T, name string, test func(*testing.T)) bool {
	t.Helper()
	return t.Run(name, func(t *testing.T) {
		began := time.Now()
		t.Cleanup(func() { tests.ended(part{t.Name(), time.Since(began), t.Failed()}) })
		test(t)
	})
}

func (s *schedule) enqueue(nodes int, usually time.Duration) *turn {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	own := &turn{nodes, usually, make(chan struct{})}
	s.queue = append(s.queue, own)
	slices.SortStableFunc(s.queue, func(a, b *turn) int { return cmp.Compare(b.usually, a.usually) })
	return own
}

// next starts the next test, if there is room for it. One that takes more than there is in all runs alone.
func (s *schedule) next() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if len(s.queue) == 0 || s.running > 0 && s.queue[0].nodes > s.free {
		return
	}
	if wait := time.Until(s.quiet); wait > 0 {
		time.AfterFunc(wait, s.next)
		return
	}
	first := s.queue[0]
	s.queue = s.queue[1:]
	s.running++
	s.free -= first.nodes
	boot := time.Duration(first.nodes) * s.boot
	s.quiet = time.Now().Add(boot)
	close(first.start)
	time.AfterFunc(boot, s.next)
}

func (s *schedule) release(own *turn) {
	s.mutex.Lock()
	s.running--
	s.free += own.nodes
	s.mutex.Unlock()
	s.next()
}

func (s *schedule) ended(p part) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.parts = append(s.parts, p)
}

// summary lists what has run, by cost: tab-separated seconds, percent of the suite's time, and name. Tests that ran side by side make more
// than 100 percent together.
func (s *schedule) summary(out io.Writer) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	whole := time.Since(s.began)
	of := func(p part) string { test, _, _ := strings.Cut(p.name, "/"); return test }
	costs := map[string]time.Duration{}
	for _, p := range s.parts {
		if p.name == of(p) {
			costs[p.name] = p.took
		}
	}
	slices.SortFunc(s.parts, func(a, b part) int { // a test is before its subtests, for it takes longer
		return cmp.Or(cmp.Compare(costs[of(b)], costs[of(a)]), cmp.Compare(of(a), of(b)), cmp.Compare(b.took, a.took))
	})
	fmt.Fprintf(out, "the suite by cost, of %.0f s in all\nseconds\tpercent\tpart\n", whole.Seconds())
	for _, p := range s.parts {
		mark := ""
		if p.failed {
			mark = "\tFAILED"
		}
		fmt.Fprintf(out, "%.1f\t%.1f\t%s%s\n", p.took.Seconds(), 100*p.took.Seconds()/whole.Seconds(), p.name, mark)
	}
}

// It needs no cluster.
func TestTheLongestTestsStartFirstWhileThereIsRoomForTheirNodes(t *testing.T) {
	s := &schedule{free: 3}
	short, long, wide := s.enqueue(1, time.Minute), s.enqueue(2, time.Hour), s.enqueue(4, 2*time.Minute)
	s.next()
	<-long.start
	s.next()
	for name, waiting := range map[string]*turn{"that has no room": wide, "after it": short} {
		select {
		case <-waiting.start:
			t.Errorf("the test %s has started", name)
		default:
		}
	}
	s.release(long)
	<-wide.start // alone, although it takes more than there is
	s.release(wide)
	<-short.start
}

func TestTheSummaryListsWhatTookLongestFirst(t *testing.T) {
	s := &schedule{began: time.Now().Add(-100 * time.Second), parts: []part{
		{"TestA/one", 10 * time.Second, false}, {"TestA", 30 * time.Second, false},
		{"TestB/one", 20 * time.Second, true}, {"TestB/two", 25 * time.Second, false}, {"TestB", 50 * time.Second, true},
	}}
	var out strings.Builder
	s.summary(&out)
	want := "the suite by cost, of 100 s in all\nseconds\tpercent\tpart\n50.0\t50.0\tTestB\tFAILED\n25.0\t25.0\tTestB/two\n" +
		"20.0\t20.0\tTestB/one\tFAILED\n30.0\t30.0\tTestA\n10.0\t10.0\tTestA/one\n"
	if out.String() != want {
		t.Errorf("the summary is\n%s\nnot\n%s", out.String(), want)
	}
}
