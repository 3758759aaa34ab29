package main

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
)

// worthALine is how long a step takes that gets a line although it is neither a container nor a change: a lab has hundreds of
// steps, and most take no time.
const worthALine = time.Second

// progress turns the engine's events into plain lines that a person can follow.
type progress struct {
	out io.Writer
	now func() time.Time
	// began is when each resource's step began.
	began map[string]time.Time
	// quiet are the lines of what was not worth one while it was done.
	quiet []string
	// counts are the steps done, by what was done.
	counts map[string]int
	// failed are the containers whose step failed, by Docker's name, on the engine at dockerHost.
	failed     []string
	dockerHost string
	// updates are the URNs of what could not be updated.
	updates []string
	// errors counts the error messages printed, and first is the first of them: what failed for itself, and not for another's sake.
	errors int
	first  string
	// images are those that the engine of Docker is to have, by URN; settings are the settings that images come from.
	images, settings map[string]string
	// list follows the stages of an update; nil where there are none.
	list *checklist
}

func newProgress(out io.Writer) *progress {
	return &progress{
		out: out, now: time.Now, began: map[string]time.Time{}, counts: map[string]int{}, images: map[string]string{},
	}
}

// verbs say what a step has done.
var verbs = map[apitype.OpType]string{
	apitype.OpCreate: "created", apitype.OpUpdate: "updated", apitype.OpDelete: "deleted",
	apitype.OpCreateReplacement: "created anew", apitype.OpDeleteReplaced: "deleted for its replacement",
	apitype.OpSame: "unchanged", apitype.OpDiscardReplaced: "deleted for its replacement",
}

// noNews are parts of messages that tell a person nothing: where a plugin that they put on PATH comes from, what the plugin's
// library says before the engine says the same, and that what has just failed or been interrupted has.
var noNews = []string{"from $PATH", "sdk-v2/", "update canceled", "update failed", "operation was cancelled", "context canceled"}

// wrapping is what the engine and the plugins put before the error itself.
var wrapping = regexp.MustCompile(`^((an unhandled error occurred|program failed|\w+ urn:\S+|1 error occurred):\s+(\* )?)+`)

// handle prints what an event is worth.
func (p *progress) handle(e events.EngineEvent) {
	defer func() {
		if p.list == nil {
			return
		}
		for _, line := range p.list.handle(e) {
			fmt.Fprintln(p.out, line)
		}
	}()
	switch {
	case e.ResourcePreEvent != nil:
		m := e.ResourcePreEvent.Metadata
		p.began[step(m)] = p.now()
		if m.Type == imageType && m.New != nil {
			p.images[m.URN], _ = m.New.Inputs["name"].(string)
		}
	case e.ResOutputsEvent != nil:
		p.done(e.ResOutputsEvent.Metadata)
	case e.ResOpFailedEvent != nil:
		m := e.ResOpFailedEvent.Metadata
		if m.Type == containerType {
			p.failed = append(p.failed, label(m))
		}
		if m.Op == apitype.OpUpdate {
			p.updates = append(p.updates, m.URN)
		}
		p.line(m, "FAILED")
	case e.DiagnosticEvent != nil:
		p.diagnostic(*e.DiagnosticEvent)
	case e.ProgressEvent != nil && e.ProgressEvent.Done:
		fmt.Fprintf(p.out, "%s  %s\n", e.ProgressEvent.ID, e.ProgressEvent.Message)
	}
}

// step is what an event is about: a resource, and the operation, since a replacement has two.
func step(m apitype.StepEventMetadata) string { return string(m.Op) + " " + m.URN }

func (p *progress) done(m apitype.StepEventMetadata) {
	verb, counted := verbs[m.Op]
	if !counted || !custom(m) {
		return
	}
	p.counts[verb]++
	changes := m.Op != apitype.OpSame && !(m.Type == imageType && m.Op == apitype.OpDelete) // Docker keeps the image
	notable := strings.HasPrefix(m.Type, "docker:") || m.Op == apitype.OpUpdate || m.Op == apitype.OpCreateReplacement ||
		p.took(m) >= worthALine
	switch {
	case changes && notable:
		p.line(m, verb)
	case changes:
		p.quiet = append(p.quiet, fmt.Sprintf("%-48s %s", label(m), verb))
	}
}

func (p *progress) took(m apitype.StepEventMetadata) time.Duration {
	if began, ok := p.began[step(m)]; ok {
		return p.now().Sub(began)
	}
	return 0
}

func (p *progress) line(m apitype.StepEventMetadata, verb string) {
	line := fmt.Sprintf("%-48s %-9s", label(m), verb)
	if took := p.took(m); took >= worthALine {
		line += "  " + seconds(took)
	}
	if properties := changed(m); verb == "updated" && properties != "" {
		line += "  " + properties
	}
	fmt.Fprintln(p.out, strings.TrimRight(line, " "))
}

func (p *progress) diagnostic(d apitype.DiagnosticEvent) {
	message := strings.TrimSpace(colors.Never.Colorize(d.Message))
	if d.Ephemeral || slices.ContainsFunc(noNews, func(part string) bool { return strings.Contains(message, part) }) {
		return
	}
	message = wrapping.ReplaceAllString(message, "")
	switch {
	case message == "":
	case d.Severity == "error":
		said := subject(d.URN) + message + p.remedy(d.URN)
		if p.errors++; p.errors == 1 {
			p.first = said
		}
		fmt.Fprintf(p.out, "error: %s\n", said)
	case d.Severity == "warning":
		fmt.Fprintf(p.out, "warning: %s%s\n", subject(d.URN), message)
	case d.Severity == "info":
		fmt.Fprintf(p.out, "%s%s\n", subject(d.URN), message)
	}
}

// remedy ends a message about an image that Docker cannot pull with the setting that it comes from.
func (p *progress) remedy(urn string) string {
	if setting := p.settings[p.images[urn]]; setting != "" {
		return "; correct " + setting
	}
	return ""
}

// subject begins a message about a resource; one about the stack as a whole needs none.
func subject(urn string) string {
	if urn == "" || strings.Contains(urn, "::pulumi:pulumi:Stack::") {
		return ""
	}
	return urnName(urn) + ": "
}

// fewChanges is up to how many changes a person wants to see each.
const fewChanges = 5

// summary says how many steps there were of each kind, and how long they took together; of a few, what each was.
func (p *progress) summary(took time.Duration) string {
	var parts []string
	if len(p.quiet) <= fewChanges {
		for _, line := range p.quiet {
			fmt.Fprintln(p.out, line)
		}
	}
	for _, verb := range slices.Sorted(maps.Keys(p.counts)) {
		if verb != "unchanged" {
			parts = append(parts, fmt.Sprintf("%d %s", p.counts[verb], verb))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing changed"}
	}
	if n := p.counts["unchanged"]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d unchanged", n))
	}
	return strings.Join(parts, ", ") + ", " + seconds(took)
}

// label is what a person knows a resource by: a container's or a network's name in Docker, the kind and name of a Kubernetes
// object after the component that it belongs to, and otherwise the resource's own.
func label(m apitype.StepEventMetadata) string { return labelOf(m, stateOf(m)) }

// labelOf is the label by what a step makes of a resource, or by what it was.
func labelOf(m apitype.StepEventMetadata, state *apitype.StepEventStateMetadata) string {
	if state == nil {
		return urnName(m.URN)
	}
	switch name, _ := state.Inputs["name"].(string); {
	case name != "" && m.Type == imageType:
		return "image " + name
	case name != "" && strings.HasPrefix(m.Type, "docker:"):
		return name
	case strings.HasPrefix(m.Type, "kubernetes:"):
		return component(state) + kind(m.Type) + " " + objectName(state, urnName(m.URN))
	}
	return component(state) + kind(m.Type) + " " + urnName(m.URN)
}

// stateOf is what a step makes of a resource, or what it was when nothing is left; nil where the engine tells neither.
func stateOf(m apitype.StepEventMetadata) *apitype.StepEventStateMetadata {
	if m.New != nil {
		return m.New
	}
	return m.Old
}

// component is the name of the component that a resource is a part of.
func component(state *apitype.StepEventStateMetadata) string {
	if state.Parent == "" || strings.Contains(state.Parent, "::pulumi:pulumi:Stack::") {
		return ""
	}
	return urnName(state.Parent) + ": "
}

// objectName is namespace/name of a Kubernetes object, as far as they are known before it is made.
func objectName(state *apitype.StepEventStateMetadata, otherwise string) string {
	for _, properties := range []map[string]any{state.Outputs, state.Inputs} {
		metadata, _ := properties["metadata"].(map[string]any)
		name, _ := metadata["name"].(string)
		if namespace, _ := metadata["namespace"].(string); name != "" && namespace != "" {
			return namespace + "/" + name
		} else if name != "" {
			return name
		}
	}
	return otherwise
}

// kind is the last part of a type: Deployment of kubernetes:apps/v1:Deployment.
func kind(typ string) string { return typ[strings.LastIndex(typ, ":")+1:] }

// urnName is the name at the end of a URN.
func urnName(urn string) string { return urn[strings.LastIndex(urn, "::")+2:] }

// custom says whether a step is about something that a provider makes: neither a component nor a provider.
func custom(m apitype.StepEventMetadata) bool {
	state := stateOf(m)
	return state != nil && state.Custom && !strings.HasPrefix(m.Type, "pulumi:")
}

// changed lists the names of the properties that a step changes. Their values may be secret.
func changed(m apitype.StepEventMetadata) string {
	names := slices.Sorted(maps.Keys(m.DetailedDiff))
	if len(names) == 0 {
		names = slices.Sorted(slices.Values(m.Diffs))
	}
	return strings.Join(names, ", ")
}

// seconds is a duration as people say it: 24 s, or 2 min 5 s.
func seconds(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	if s < 60 {
		return fmt.Sprintf("%d s", s)
	}
	return fmt.Sprintf("%d min %d s", s/60, s%60)
}
