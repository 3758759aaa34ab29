package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"

	"istio-lab/internal/settings"
)

// checklist follows the stages of an update: the program tells which resources they have, and the engine what becomes of those.
type checklist struct {
	sync.Mutex
	now    func() time.Time
	stages []settings.Stage
	// ladder is how many stages the scenario has.
	ladder int
	of     map[part]settings.Stage
	lines  map[settings.Stage]*stageLine
	// registered is the last stage that the program has begun to register; all says that it has registered every one.
	registered settings.Stage
	all        bool
	// told is how many stages are known to be complete, and so are all before them.
	told int
	// underway are the steps that have begun and not ended, by URN.
	underway map[string]*underwayStep
}

// part is a resource of the program.
type part struct{ typ, name string }

// stageLine is how far a stage is.
type stageLine struct {
	total, done, changed int
	began                time.Time
	took                 time.Duration
	complete             bool
}

// underwayStep is a step of a stage, and what its provider has said of it last.
type underwayStep struct {
	stage       settings.Stage
	label, says string
	began       time.Time
}

func newChecklist(s settings.Settings) *checklist {
	c := &checklist{now: time.Now, of: map[part]settings.Stage{}, lines: map[settings.Stage]*stageLine{}, underway: map[string]*underwayStep{}}
	c.ladder = len(settings.Stages(s.Scenario))
	for _, stage := range settings.Stages(s.Scenario) {
		if s.Reached(stage) {
			c.stages = append(c.stages, stage)
			c.lines[stage] = &stageLine{}
		}
	}
	return c
}

// registers is told by the program of a resource that it is about to register.
func (c *checklist) registers(stage settings.Stage, typ, name string) {
	c.Lock()
	defer c.Unlock()
	c.of[part{typ, name}] = stage
	c.lines[stage].total++
	c.registered = stage
}

// registeredAll is told when the program has registered all.
func (c *checklist) registeredAll() {
	c.Lock()
	defer c.Unlock()
	c.all = true
}

// handle follows an event of the engine, and returns what there is to say of stages that are complete now.
func (c *checklist) handle(e events.EngineEvent) (news []string) {
	c.Lock()
	defer c.Unlock()
	switch {
	case e.ResourcePreEvent != nil:
		m := e.ResourcePreEvent.Metadata
		if stage, ok := c.of[part{m.Type, urnName(m.URN)}]; ok {
			c.underway[m.URN] = &underwayStep{stage: stage, label: label(m), began: c.now()}
			if line := c.lines[stage]; line.began.IsZero() {
				line.began = c.now()
			}
		}
	case e.ResOutputsEvent != nil:
		c.ended(e.ResOutputsEvent.Metadata)
	case e.ResOpFailedEvent != nil:
		delete(c.underway, e.ResOpFailedEvent.Metadata.URN)
	case e.DiagnosticEvent != nil && e.DiagnosticEvent.Ephemeral:
		if step := c.underway[e.DiagnosticEvent.URN]; step != nil {
			step.says = strings.TrimSpace(colors.Never.Colorize(e.DiagnosticEvent.Message))
		}
	}
	return c.completed()
}

// making are the operations after which a resource is as it should be.
var making = []apitype.OpType{apitype.OpCreate, apitype.OpUpdate, apitype.OpSame, apitype.OpCreateReplacement}

func (c *checklist) ended(m apitype.StepEventMetadata) {
	what := part{m.Type, urnName(m.URN)}
	stage, ok := c.of[what]
	if delete(c.underway, m.URN); !ok || !slices.Contains(making, m.Op) {
		return
	}
	delete(c.of, what) // a replacement has two such steps
	line := c.lines[stage]
	line.done++
	if m.Op != apitype.OpSame {
		line.changed++
	}
}

// completed says which stages have become complete. The program registers one after the other.
func (c *checklist) completed() (news []string) {
	for i, stage := range c.stages {
		line := c.lines[stage]
		registered := c.all || slices.Index(c.stages, c.registered) > i
		if !line.complete && registered && line.done >= line.total {
			line.complete, line.took = true, c.took(line)
		}
	}
	// They are worked on together, and told in their order.
	for ; c.told < len(c.stages) && c.lines[c.stages[c.told]].complete; c.told++ {
		stage := c.stages[c.told]
		if line := c.lines[stage]; line.changed > 0 {
			news = append(news, fmt.Sprintf("stage %s is complete (%d of %d), %s", stage, c.told+1, c.ladder, seconds(line.took)))
		}
	}
	return news
}

func (c *checklist) took(line *stageLine) time.Duration {
	if line.began.IsZero() {
		return 0
	}
	return c.now().Sub(line.began)
}

// draw is the list as it is now: a line for each stage, with what the stage waits for longest and what is said of that.
func (c *checklist) draw() []string {
	c.Lock()
	defer c.Unlock()
	var all []string
	for _, stage := range c.stages {
		line := c.lines[stage]
		switch {
		case line.complete:
			all = append(all, fmt.Sprintf("✓ %-14s %s", stage, seconds(line.took)))
		case line.began.IsZero():
			all = append(all, fmt.Sprintf("· %s", stage))
		default:
			all = append(all, fmt.Sprintf("▸ %-14s %d of %d, %s%s", stage, line.done, line.total, seconds(c.took(line)), c.waits(stage)))
		}
	}
	return all
}

// waits says what a stage waits for longest.
func (c *checklist) waits(stage settings.Stage) string {
	var longest *underwayStep
	for _, step := range c.underway {
		if step.stage == stage && (longest == nil || cmp.Or(step.began.Compare(longest.began), strings.Compare(step.label, longest.label)) < 0) {
			longest = step
		}
	}
	if longest == nil {
		return ""
	}
	return strings.TrimRight(fmt.Sprintf("  %s, %s  %s", longest.label, seconds(c.now().Sub(longest.began)), longest.says), " ")
}
