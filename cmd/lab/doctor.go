package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/blang/semver"
	"github.com/spf13/cobra"

	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
	"istio-lab/stacks"
)

func (l *lab) doctor() *cobra.Command {
	flags, asJSON := &settingsFlags{}, false
	c := &cobra.Command{
		Use: "doctor", Short: "Look whether this host has what the lab needs", Args: cobra.NoArgs,
		Long: "Look whether this host has what the lab needs, and say what is wrong, why it matters and what to do about it. Nothing is " +
			"changed. The exit status is 1 only where something would stop up.",
		Example: `  lab doctor
  # for a lab that there is not yet
  lab doctor --stack ann --student 7 --release current`,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			s, err := findStacks(l.say)
			if err != nil {
				return err
			}
			file, err := s.fileConfig(ctx, l.stack)
			if err != nil {
				return err
			}
			config, _, err := flags.change(file.values)
			if err = errors.Join(settings.RefuseSecrets(file.secret), err); err != nil {
				return usage{fmt.Errorf("the settings of stack %s are refused:\n%w", l.stack, err)}
			}
			parsed, err := settings.Parse(config)
			if err != nil {
				return err // flags.change has parsed it
			}
			findings := preflight.Examine(ctx, stacks.Wanted(parsed, s.fullName(l.stack), s.project))
			findings = append(findings, lookForEngine(ctx, s.project), lookForPlugins(ctx), lookForTools())
			findings = append(findings, lookForTestBed(s.made)...)
			findings = append(findings, lookForGo(parsed)...)
			if asJSON {
				err = encodeFindings(l.out, findings)
			} else {
				printFindings(l.results(), findings)
			}
			if err == nil && preflight.Stops(findings) != nil {
				err = errShown
			}
			return err
		},
	}
	flags.add(c.Flags())
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// printFindings prints a line for each finding, and below it what is wrong.
func printFindings(out io.Writer, findings []preflight.Finding) {
	stops, advice := 0, 0
	for _, f := range findings {
		mark := "ok"
		switch n := len(f.Problems); {
		case n > 0 && f.Advice:
			mark, advice = "advice", advice+n
		case n > 0:
			mark, stops = "STOPS", stops+n
		}
		fmt.Fprintf(out, "%-7s %-15s %s\n", mark, f.Topic, f.Found)
		for _, problem := range f.Problems {
			fmt.Fprintf(out, "%8s%v\n", "", strings.ReplaceAll(problem.Error(), "\n", "\n        "))
		}
		if len(f.Problems) > 0 {
			fmt.Fprintf(out, "%8sIt matters, for %s.\n", "", f.Why)
		}
	}
	switch {
	case stops > 0:
		fmt.Fprintf(out, "%s to solve before the lab can be built\n", count(stops, "problem"))
	case advice > 0:
		fmt.Fprintf(out, "the lab can be built; %s of advice\n", count(advice, "piece"))
	default:
		fmt.Fprintln(out, "the lab can be built")
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func encodeFindings(out io.Writer, findings []preflight.Finding) error {
	type finding struct {
		Topic    string   `json:"topic"`
		Found    string   `json:"found"`
		Why      string   `json:"why"`
		Problems []string `json:"problems"`
		Stops    bool     `json:"stops"`
	}
	all := []finding{}
	for _, f := range findings {
		one := finding{f.Topic, f.Found, f.Why, []string{}, !f.Advice && len(f.Problems) > 0}
		for _, problem := range f.Problems {
			one.Problems = append(one.Problems, problem.Error())
		}
		all = append(all, one)
	}
	return encode(out, all)
}

// lookForEngine looks for the pulumi command, or for what it takes to build it.
func lookForEngine(ctx context.Context, project string) preflight.Finding {
	f := preflight.Finding{Topic: "pulumi", Why: "it is the engine that makes and remembers everything"}
	path, err := findBuilt(ctx, project)
	var missing errMissing
	if errors.As(err, &missing) {
		f.Found = fmt.Sprintf("%s is built once, by the first up, in 3 to 10 minutes", missing.version)
		return f
	}
	if err == nil {
		f.Found, err = engineVersion(ctx, path)
	}
	if err != nil {
		f.Found, f.Problems = "cannot be used", []error{err}
	}
	return f
}

// tools are what the lessons call besides lab, and where a person gets it.
var tools = []struct{ name, from string }{
	{"kubectl", "https://kubernetes.io/docs/tasks/tools/"},
	{"istioctl", "https://istio.io/latest/docs/ops/diagnostic-tools/istioctl/"},
}

// lookForTools looks for what the lessons call besides lab, which does without.
func lookForTools() preflight.Finding {
	f := preflight.Finding{Topic: "tools", Why: "the lessons, and the aliases of `lab env`, call them", Advice: true}
	var found []string
	for _, tool := range tools {
		path, err := exec.LookPath(tool.name)
		if err != nil {
			found = append(found, tool.name+" missing")
			f.Problems = append(f.Problems, fmt.Errorf("%s is not on PATH; install it (%s)", tool.name, tool.from))
			continue
		}
		found = append(found, tool.name+" at "+path)
	}
	f.Found = strings.Join(found, ", ")
	return f
}

// lookForGo looks for Go where the lab compiles something.
func lookForGo(parsed settings.Settings) []preflight.Finding {
	if parsed.Scenario != settings.Extension || !parsed.Reached(settings.Wasm) {
		return nil
	}
	f := preflight.Finding{Topic: "go", Why: "the filter of the stage wasm is compiled here, for who changes it to see what becomes of that"}
	var err error
	if f.Found, err = exec.LookPath("go"); err != nil {
		f.Found = "missing"
		f.Problems = []error{errors.New("go is not on PATH; install Go 1.26 or newer (https://go.dev/dl/), or build up to lua: --stage lua")}
	}
	return []preflight.Finding{f}
}

// engineVersion says which version a pulumi command is, and objects to one that is too old.
func engineVersion(ctx context.Context, path string) (string, error) {
	command := exec.CommandContext(ctx, path, "version")
	command.Env = append(os.Environ(), updateCheckVariable+"=true")
	text, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s version: %w; install it anew (https://www.pulumi.com/docs/install/)", path, err)
	}
	version, err := semver.ParseTolerant(strings.TrimSpace(string(text)))
	if err == nil && version.LT(leastVersion) {
		return "", fmt.Errorf("%s is version %s, and the lab needs %s; update it (https://www.pulumi.com/docs/install/)",
			path, version, leastVersion)
	}
	return strings.TrimSpace(string(text)) + " at " + path, nil // one of a version of its own, such as a build from source, may do
}

// lookForPlugins looks for the plugins of pulumi, or for where it will fetch them.
func lookForPlugins(ctx context.Context) preflight.Finding {
	f := preflight.Finding{
		Topic: "plugins", Why: "by them pulumi makes containers, objects in clusters and certificates",
		Advice: os.Getenv(overridesVariable) != "",
	}
	there, missing := findPlugins(ctx)
	unreachable := unfetched(ctx, missing, preflight.Reach)
	var found []string
	for _, plugin := range wantedPlugins() {
		switch path := there[plugin.Name]; {
		case path != "":
			found = append(found, plugin.Name+" at "+path)
		case unreachable != nil:
			found = append(found, plugin.Name+" missing")
		default:
			found = append(found, fmt.Sprintf("%s %s to be fetched", plugin.Name, plugin.Version))
		}
	}
	if f.Found = strings.Join(found, ", "); unreachable != nil {
		f.Problems = []error{unreachable}
	}
	return f
}
