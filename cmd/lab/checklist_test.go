package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"istio-lab/internal/settings"
)

// listOf is a checklist up to trust whose clock stands at noon, and a function that sets the clock on.
func listOf(t *testing.T) (*checklist, func(time.Duration)) {
	s, err := settings.Parse(map[string]string{stageKey: string(settings.Trust)})
	if err != nil {
		t.Fatal(err)
	}
	c, clock := newChecklist(s), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	c.now = func() time.Time { return clock }
	return c, func(d time.Duration) { clock = clock.Add(d) }
}

func TestAStageIsCompleteWhenAllThatItRegistersIsMade(t *testing.T) {
	c, wait := listOf(t)
	c.registers(settings.Clusters, node.Type, "west")
	if news := slices.Concat(c.handle(pre(node)), c.handle(post(node))); len(news) > 0 {
		t.Errorf("before all is registered: %q", news)
	}
	c.registers(settings.Clusters, key.Type, "west-ca")
	c.handle(pre(key))
	wait(17 * time.Second)
	c.registers(settings.LoadBalancer, job.Type, "west-istio")
	if news := c.handle(pre(job)); len(news) > 0 {
		t.Errorf("before all is made: %q", news)
	}
	news := c.handle(post(key))
	if want := []string{"stage clusters is complete (1 of 9), 17 s"}; !slices.Equal(news, want) {
		t.Errorf("got %q, want %q", news, want)
	}
	c.registeredAll()
	if news := c.handle(post(job)); len(news) != 1 || !strings.HasPrefix(news[0], "stage loadbalancer is complete") {
		t.Errorf("the stage registered nothing and is told, or the last is not: %q", news)
	}
}

func TestAStageInWhichNothingChangesIsNotTold(t *testing.T) {
	c, _ := listOf(t)
	same := metadata(apitype.OpSame, key.Type, "", "west-ca", nil)
	c.registers(settings.Clusters, key.Type, "west-ca")
	c.registeredAll()
	if news := slices.Concat(c.handle(pre(same)), c.handle(post(same))); len(news) > 0 {
		t.Errorf("told: %q", news)
	}
	if got := c.draw(); got[0] != "✓ clusters       0 s" {
		t.Errorf("drawn: %q", got)
	}
}

func TestAReplacementIsOneStepAndDoneOnceItIsMade(t *testing.T) {
	for _, order := range [][]apitype.OpType{
		{apitype.OpCreateReplacement, apitype.OpReplace, apitype.OpDeleteReplaced},
		{apitype.OpDeleteReplaced, apitype.OpReplace, apitype.OpCreateReplacement},
	} {
		c, _ := listOf(t)
		c.registers(settings.Clusters, key.Type, "west-ca")
		c.registers(settings.Clusters, node.Type, "west")
		c.registeredAll()
		var news []string
		made := false
		for _, op := range order {
			m := metadata(op, key.Type, "", "west-ca", nil)
			news = append(news, slices.Concat(c.handle(pre(m)), c.handle(post(m)))...)
			made = made || op == apitype.OpCreateReplacement
			if done := c.lines[settings.Clusters].done; done == 1 != made {
				t.Errorf("%s of %s: %d are done", op, order, done)
			}
		}
		if len(news) > 0 {
			t.Errorf("told: %q", news)
		}
	}
}

func TestTheListSaysWhatAStageWaitsForLongestAndWhy(t *testing.T) {
	c, wait := listOf(t)
	c.registers(settings.Clusters, node.Type, "west")
	c.registers(settings.Clusters, key.Type, "west-ca")
	c.handle(pre(node))
	wait(3 * time.Second)
	c.handle(pre(key))
	var why events.EngineEvent
	why.DiagnosticEvent = &apitype.DiagnosticEvent{URN: node.URN, Message: "waiting for its health\n", Ephemeral: true}
	c.handle(why)
	wait(2 * time.Second)
	want := []string{"▸ clusters       0 of 2, 5 s  west-control-plane, 5 s  waiting for its health", "· loadbalancer", "· trust"}
	if got := c.draw(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	c.handle(failed(node))
	if got := c.draw()[0]; !strings.HasSuffix(got, "PrivateKey west-ca, 2 s") {
		t.Errorf("after the failure: %q", got)
	}
}
