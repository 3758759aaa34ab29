package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/spf13/cobra"

	"istio-lab/internal/preflight"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// status is how a stack is.
type status struct {
	Stack string `json:"stack"`
	// Settings are the stack's settings; Refused says why they are none.
	Settings *labSettings `json:"settings,omitempty"`
	Refused  string       `json:"refused,omitempty"`
	// Built is what the last update built, in words; empty when there is nothing, or when it did not come to its end.
	Built string `json:"built,omitempty"`
	// Resources is how many of them the stack holds, Updated when it last changed.
	Resources int       `json:"resources"`
	Updated   time.Time `json:"updated,omitzero"`
	// Works says which command works on the stack.
	Works string `json:"works,omitempty"`
	// Leaving are the clusters that the settings have no more, as after a change of the scenario: the next update deletes them.
	Leaving []string `json:"leaving,omitempty"`
	// Unfinished are the operations that a killed command was in the middle of.
	Unfinished []string `json:"unfinished,omitempty"`
	// Containers are the stack's, by name; NoDocker says why they are not to be seen.
	Containers map[string]string `json:"containers"`
	NoDocker   string            `json:"noDocker,omitempty"`
	// otherLab says that of the clusters that the settings have none is there, and others are.
	otherLab bool
}

// gone is the state of a container that is not there; those of others are Docker's words.
const gone = "gone"

// isUp says whether a container runs, by Docker's words for its state.
func isUp(state string) bool { return strings.HasPrefix(state, "Up ") }

// labSettings are those that a person chooses a lab by.
type labSettings struct {
	Scenario settings.Scenario `json:"scenario"`
	Stage    settings.Stage    `json:"stage"`
	Release  string            `json:"release"`
	Student  int               `json:"student"`
	// Versions are what the lab really runs.
	Versions release.Versions `json:"versions"`
	// DockerHost is the URL of the Docker engine that it is on, if not of the one that the environment names.
	DockerHost string `json:"dockerHost,omitempty"`
	// Existing says that it is on clusters that the person has.
	Existing bool `json:"existing,omitempty"`
	// Set are the parts of the setting lab that the stack has, in words: plain values as they are, of the others their names.
	Set []string `json:"set,omitempty"`
}

func (l *lab) status() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use: "status", Short: "Show how the stack is, without asking its clusters", Args: cobra.NoArgs,
		Long: "Show how the stack is, without asking its clusters: its settings, what is built of them, what was interrupted, and how its " +
			"containers are. The exit status is 0 however they are; verify asks the clusters.",
		Example: `  lab status
  lab status --stack ann --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			s, err := openStack(ctx, l.stack, l.say, l.abandon)
			if err != nil {
				return err
			}
			now, err := s.status(ctx)
			if err != nil {
				return err
			}
			if asJSON {
				return encode(l.out, now)
			}
			now.print(l.results(), time.Now())
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func encode(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func (s *stack) status(ctx context.Context) (status, error) {
	_, deployment, err := s.exportState(ctx)
	if err != nil {
		return status{}, err
	}
	now := status{Stack: s.Name(), Updated: deployment.Manifest.Time, Containers: map[string]string{}}
	now.Settings, now.Refused = readSettings(s.config)
	for _, r := range deployment.Resources {
		if r.Type == resource.RootStackType {
			now.Built, _ = r.Outputs["lab"].(string)
		}
		if isMade(r) {
			now.Resources++
		}
	}
	if parsed, err := settings.Parse(s.config); err == nil {
		nodes := slices.DeleteFunc(known(deployment), func(o object) bool { return o.cluster() == "" })
		for _, o := range leaving(nodes, parsed) {
			now.Leaving = append(now.Leaving, o.cluster())
		}
		now.otherLab = len(nodes) > 0 && len(now.Leaving) == len(nodes)
	}
	if ended, err := s.ended(); err != nil {
		return status{}, err
	} else if !ended {
		now.Built = ""
	}
	for _, operation := range deployment.PendingOperations {
		now.Unfinished = append(now.Unfinished, string(operation.Type)+" "+operation.Resource.URN.Name())
	}
	if files, ok := s.stateFiles(); ok {
		if err := files.Stack(s.Name()).Locked(ctx); err != nil {
			now.Works = err.Error()
		}
	}
	if len(known(deployment)) == 0 && now.Settings != nil && now.Settings.Existing {
		return now, nil // it needs no Docker
	}
	docker, err := preflight.Connect(ctx, s.dockerHost(deployment))
	if err != nil {
		now.NoDocker = err.Error()
		return now, nil
	}
	defer docker.Close()
	for _, o := range known(deployment) {
		now.Containers[o.name] = gone
	}
	return now, now.look(ctx, docker, deployment)
}

// readSettings reads a stack's configuration, or says why it is refused.
func readSettings(config map[string]string) (s *labSettings, refused string) {
	parsed, err := settings.Parse(config)
	if err != nil {
		return nil, err.Error()
	}
	return &labSettings{
		Scenario: parsed.Scenario, Stage: parsed.Stage, Release: parsed.Release.Name, Student: parsed.Slot.Student, Versions: parsed.Versions(),
		DockerHost: parsed.Lab.DockerHost, Existing: parsed.OnExisting(), Set: setOf(config[labKey]),
	}, ""
}

// setOf says what is set in the setting lab, an object in JSON.
func setOf(lab string) (set []string) {
	var parts map[string]json.RawMessage
	if json.Unmarshal([]byte(lab), &parts) != nil {
		return nil // there is none
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		switch value := string(parts[name]); {
		case value == "{}":
		case strings.HasPrefix(value, "{"):
			set = append(set, name)
		default:
			set = append(set, name+"="+value)
		}
	}
	return set
}

// look asks Docker for the containers of the deployment.
func (now *status) look(ctx context.Context, docker *client.Client, deployment apitype.DeploymentV3) error {
	there, err := ofLabs(ctx, docker)
	if err != nil {
		return err
	}
	for _, o := range known(deployment) {
		i := slices.IndexFunc(there, func(c container.Summary) bool { return c.ID == o.id })
		if i < 0 {
			continue
		}
		now.Containers[o.name] = there[i].Status
	}
	return nil
}

// print shows the status to a person.
func (now status) print(out io.Writer, at time.Time) {
	row := func(topic, text string) { fmt.Fprintf(out, "%-12s %s\n", topic, text) }
	row("stack", now.Stack)
	switch {
	case now.Settings == nil:
		row("settings", "refused: "+strings.ReplaceAll(now.Refused, "\n", "; "))
	default:
		row("settings", now.Settings.String())
		if len(now.Settings.Set) > 0 {
			row("of lab", strings.Join(now.Settings.Set, ", "))
		}
	}
	row("built", now.built(at))
	if len(now.Leaving) > 0 {
		row("leaving", strings.Join(now.Leaving, ", ")+"; `lab up` deletes what the settings have no more")
	}
	if now.Works != "" {
		row("busy", now.Works)
	}
	if len(now.Unfinished) > 0 {
		row("interrupted", strings.Join(now.Unfinished, ", ")+"; `lab up` goes on")
	}
	if now.NoDocker != "" {
		row("containers", "not to be seen: "+now.NoDocker)
	}
	for _, name := range slices.Sorted(maps.Keys(now.Containers)) {
		state := now.Containers[name]
		switch {
		case state == gone:
			state += "; `lab up` makes it anew"
		case !isUp(state):
			state += "; `lab up` starts it"
		}
		fmt.Fprintf(out, "  %-28s %s\n", name, state)
	}
}

// built says what there is of the stack.
func (now status) built(at time.Time) string {
	switch {
	case now.Resources == 0:
		return "nothing; `lab up` builds it"
	case now.Built == "":
		return count(now.Resources, "resource") + ", and not to the end; `lab up` goes on"
	}
	return fmt.Sprintf("%s: %s, %s ago", now.Built, count(now.Resources, "resource"), ago(at.Sub(now.Updated)))
}

// String is as the output lab says what was built.
func (s labSettings) String() string {
	return settings.Summary(s.Scenario, s.Stage, s.Versions, s.Student)
}

// ago is a duration as people say it, in the largest unit that fits.
func ago(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int(d / unit.of); n > 0 {
			return count(n, unit.name)
		}
	}
	return count(int(d/time.Second), "second")
}
