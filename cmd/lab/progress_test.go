package main

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

const stackURN = "urn:pulumi:dev::istio-lab::pulumi:pulumi:Stack::istio-lab-dev"

func metadata(op apitype.OpType, typ, parent, name string, inputs map[string]any) apitype.StepEventMetadata {
	state := &apitype.StepEventStateMetadata{Type: typ, Custom: true, Parent: parent, Inputs: inputs}
	m := apitype.StepEventMetadata{Op: op, URN: "urn:pulumi:dev::istio-lab::" + typ + "::" + name, Type: typ, New: state, Old: state}
	if op == apitype.OpDelete {
		m.New = nil
	}
	return m
}

func pre(m apitype.StepEventMetadata) (e events.EngineEvent) {
	e.ResourcePreEvent = &apitype.ResourcePreEvent{Metadata: m}
	return e
}

func post(m apitype.StepEventMetadata) (e events.EngineEvent) {
	e.ResOutputsEvent = &apitype.ResOutputsEvent{Metadata: m}
	return e
}

func failed(m apitype.StepEventMetadata) (e events.EngineEvent) {
	e.ResOpFailedEvent = &apitype.ResOpFailedEvent{Metadata: m}
	return e
}

func says(severity, message string) (e events.EngineEvent) {
	e.DiagnosticEvent = &apitype.DiagnosticEvent{URN: stackURN, Severity: severity, Message: message}
	return e
}

var (
	node = metadata(apitype.OpCreate, containerType, "urn:pulumi:dev::istio-lab::istio-lab:kind:Cluster::west", "west",
		map[string]any{"name": "west-control-plane"})
	key = metadata(apitype.OpCreate, "tls:index/privateKey:PrivateKey", "", "west-ca", nil)
	job = metadata(apitype.OpCreate, "kubernetes:batch/v1:Job", "urn:pulumi:dev::istio-lab::istio-lab:istio:Installation::west-istio",
		"west-istio", map[string]any{"metadata": map[string]any{"namespace": "istio-system", "name": "install"}})
)

// follows hands events to a progress, a given time apart, and returns what it printed.
func follows(p *progress, apart time.Duration, all ...events.EngineEvent) string {
	var out bytes.Buffer
	clock := time.Time{}
	p.out, p.now = &out, func() time.Time { return clock }
	for _, e := range all {
		p.handle(e)
		clock = clock.Add(apart)
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

func TestALineSaysWhatWasDoneToWhatAndHowLongItTook(t *testing.T) {
	changedLabel := metadata(apitype.OpUpdate, "kubernetes:core/v1:Namespace", stackURN, "n",
		map[string]any{"metadata": map[string]any{"name": "istio-system"}})
	changedLabel.DetailedDiff = map[string]apitype.PropertyDiff{"metadata.labels": {}}
	for name, test := range map[string]struct {
		apart  time.Duration
		events []events.EngineEvent
		want   string
	}{
		"a node":                {24 * time.Second, []events.EngineEvent{pre(node), post(node)}, "west-control-plane created 24 s"},
		"a slow step":           {17 * time.Second, []events.EngineEvent{pre(job), post(job)}, "west-istio: Job istio-system/install created 17 s"},
		"a quick one is quiet":  {0, []events.EngineEvent{pre(key), post(key)}, ""},
		"a node that was quick": {0, []events.EngineEvent{pre(node), post(node)}, "west-control-plane created"},
		"an update names what changed": {
			0, []events.EngineEvent{pre(changedLabel), post(changedLabel)}, "Namespace istio-system updated metadata.labels",
		},
		"a failure":                       {3 * time.Second, []events.EngineEvent{pre(node), failed(node)}, "west-control-plane FAILED 3 s"},
		"minutes":                         {125 * time.Second, []events.EngineEvent{pre(node), post(node)}, "west-control-plane created 2 min 5 s"},
		"an error in full":                {0, []events.EngineEvent{says("error", "an unhandled error occurred: 1 error occurred:\n\t* first\nsecond")}, "error: first second"},
		"a plugin from PATH is no news":   {0, []events.EngineEvent{says("warning", "using pulumi-resource-docker from $PATH at /x")}, ""},
		"nor that a step was interrupted": {0, []events.EngineEvent{says("error", "Resource operation was cancelled for \"istiod\"")}, ""},
		"any other warning is":            {0, []events.EngineEvent{says("warning", "<{%fg 3%}>slow<{%reset%}>")}, "warning: slow"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := follows(newProgress(nil), test.apart, test.events...); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestTheSummaryCountsWhatProvidersMade(t *testing.T) {
	p := newProgress(nil)
	same := metadata(apitype.OpSame, networkType, stackURN, "n", nil)
	component := metadata(apitype.OpCreate, "istio-lab:kind:Cluster", stackURN, "west", nil)
	component.New.Custom = false
	follows(p, 0, pre(node), post(node), pre(key), post(key), post(same), pre(component), post(component))
	if got := p.summary(41 * time.Second); got != "2 created, 1 unchanged, 41 s" {
		t.Error(got)
	}
	if got := newProgress(nil).summary(0); got != "nothing changed, 0 s" {
		t.Error(got)
	}
}

func TestAFailedContainerIsRememberedByItsNameInDocker(t *testing.T) {
	p := newProgress(nil)
	follows(p, 0, pre(node), failed(node), pre(job), failed(job))
	if len(p.failed) != 1 || p.failed[0] != "west-control-plane" {
		t.Error(p.failed)
	}
}

func TestAnImageThatDockerCannotPullIsNamedWithItsSetting(t *testing.T) {
	p := newProgress(nil)
	p.settings = map[string]string{"kindest/node:missing": "lab.images.node"}
	image := metadata(apitype.OpCreate, imageType, stackURN, "node", map[string]any{"name": "kindest/node:missing"})
	refused := says("error", "unable to pull image kindest/node:missing: not found")
	refused.DiagnosticEvent.URN = image.URN
	want := "error: node: unable to pull image kindest/node:missing: not found; correct lab.images.node"
	if got := follows(p, 0, pre(image), refused); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestOfSeveralErrorsTheFirstIsSaidAgainInTheEnd(t *testing.T) {
	var out bytes.Buffer
	l, p := &lab{say: console(&out)}, newProgress(nil)
	follows(p, 0, says("error", "the cause"))
	if err := l.failure(t.Context(), errors.New("exit status 1"), p); err != errShown || out.Len() > 0 {
		t.Errorf("of one error, said again: %q, %v", &out, err)
	}
	follows(p, 0, says("error", "what came of it"))
	if err := l.failure(t.Context(), errors.New("exit status 1"), p); err != errShown || !strings.HasPrefix(out.String(), "\nwhat failed first: the cause\n") {
		t.Errorf("said in the end: %q, %v", &out, err)
	}
}

func TestAFailedUpdateIsRememberedByItsURN(t *testing.T) {
	p := newProgress(nil)
	updated := job
	updated.Op = apitype.OpUpdate
	follows(p, 0, pre(node), failed(node), pre(updated), failed(updated))
	if len(p.updates) != 1 || p.updates[0] != job.URN {
		t.Error(p.updates)
	}
}

func TestAForecastIsGroupedByComponent(t *testing.T) {
	replaced := node
	replaced.Op, replaced.Keys = apitype.OpReplace, []string{"uploads"}
	var out bytes.Buffer
	f := newForecast(&out)
	for _, m := range []apitype.StepEventMetadata{replaced, job, metadata(apitype.OpSame, networkType, stackURN, "n", nil)} {
		f.handle(pre(m))
	}
	f.print(&out)
	want := "west\n    +- west-control-plane  (uploads)\nwest-istio\n    +  Job istio-system/install\n1 to create, 1 to replace\n"
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", &out, want)
	}
	plan := []planned{{"west", "replace", "west-control-plane", "uploads"}, {"west-istio", "create", "Job istio-system/install", ""}}
	if got := f.planned(); !slices.Equal(got, plan) {
		t.Errorf("for a program: %+v", got)
	}
}

func TestAForecastSaysWhatAnotherNodeReplaces(t *testing.T) {
	replaced := metadata(apitype.OpReplace, containerType, "urn:pulumi:dev::istio-lab::istio-lab:kind:Cluster::myk8s", "myk8s",
		map[string]any{"name": "myk8s-control-plane"})
	replaced.Old, replaced.Keys = node.New, []string{"name"}
	var out bytes.Buffer
	f := newForecast(&out)
	f.handle(pre(replaced))
	f.print(&out)
	if want := "myk8s\n    +- myk8s-control-plane in the place of west-control-plane  (name)\n1 to replace\n"; out.String() != want {
		t.Errorf("%s\nwant\n%s", &out, want)
	}
}

func TestAForecastWithoutChangesSaysSo(t *testing.T) {
	var out bytes.Buffer
	newForecast(&out).print(&out)
	if out.String() != "nothing would change\n" {
		t.Error(out.String())
	}
}

func TestFollowingEndsWhetherOrNotTheEngineOpenedItsStream(t *testing.T) {
	refused := errors.New("refused")
	if err := follow(func(events.EngineEvent) {}, func(chan<- events.EngineEvent) error { return refused }); err != refused {
		t.Error(err)
	}
	seen := 0
	err := follow(func(events.EngineEvent) { seen++ }, func(stream chan<- events.EngineEvent) error {
		stream <- pre(node)
		stream <- post(node)
		close(stream)
		return nil
	})
	if err != nil || seen != 2 {
		t.Error(seen, err)
	}
}
