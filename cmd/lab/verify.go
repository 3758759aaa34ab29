package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"istio-lab/internal/checks"
	"istio-lab/internal/settings"
)

func (l *lab) verify() *cobra.Command {
	stage, keepGoing, asJSON := "", false, false
	c := &cobra.Command{
		Use: "verify", Short: "Look whether the lab does what the manual says of it", Args: cobra.NoArgs,
		Long: "Look whether the lab does what the manual says of it, step by step up to the stack's stage, and stop at the first " +
			"claim that is not true, with the exit status 1. The lab stays as it is.",
		Example: `  lab verify
  # up to an earlier stage
  lab verify --stage mesh
  # all claims, for a program
  lab verify --keep-going --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			s, err := openStack(ctx, l.stack, l.say, l.abandon)
			if err != nil {
				return err
			}
			config := maps.Clone(s.config)
			if stage != "" {
				config[stageKey] = stage
			}
			parsed, err := settings.Parse(config)
			if err != nil {
				return usage{fmt.Errorf("the settings of stack %s are refused:\n%w", l.stack, err)}
			}
			if s.config[stageKey] != stage {
				if own, err := settings.Parse(s.config); err == nil && !own.Reached(parsed.Stage) {
					return usage{fmt.Errorf("the stack is at %s, and not yet at %s; `lab up --stage %[2]s` builds it", own.Stage, parsed.Stage)}
				}
			}
			looked, err := s.look(ctx, parsed)
			if err != nil {
				return fmt.Errorf("stack %s: %w", l.stack, err)
			}
			defer looked.Close()
			now, _ := checks.UpTo(parsed, checks.Ladder(parsed))
			broken := false
			look := func(c checks.Check) (saw string, err error) {
				if broken { // what is not true now may be a consequence, which no patience mends
					return c.Look(ctx, looked)
				}
				saw, err = c.Await(ctx, looked)
				broken = err != nil
				return saw, err
			}
			if asJSON {
				return reportJSON(ctx, l.out, now, keepGoing, look)
			}
			return report(ctx, l.results(), now, keepGoing, look)
		},
	}
	c.Flags().StringVar(&stage, "stage", "", "look up to this stage only; by default the stack's own")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&keepGoing, "keep-going", false, "look at the rest too, once, when a claim is not true")
	return c
}

// claim is what became of one claim of the manual.
type claim struct {
	Stage   settings.Stage `json:"stage"`
	Claim   string         `json:"claim"`
	True    bool           `json:"true"`
	Saw     string         `json:"saw"` // what was seen, or what is wrong
	Seconds float64        `json:"seconds"`
}

// climb looks at one check after the other, and tells of each. It stops at a claim that is not true, unless it is to keep going, and
// returns how many were not, and the checks that it has not looked at.
func climb(
	ctx context.Context, ladder []checks.Check, keepGoing bool, look func(checks.Check) (saw string, err error), tell func(claim),
) (failed int, rest []checks.Check, err error) {
	for i, check := range ladder {
		start := time.Now()
		saw, err := look(check)
		if ctx.Err() != nil {
			return failed, nil, ctx.Err()
		}
		c := claim{check.Stage, check.Claim, err == nil, saw, time.Since(start).Seconds()}
		if err != nil {
			failed++
			c.Saw = err.Error()
		}
		if tell(c); !c.True && !keepGoing {
			return failed, ladder[i+1:], nil
		}
	}
	return failed, nil, nil
}

// report looks at checks, and prints a line for each. It fails if a claim is not true.
func report(
	ctx context.Context, out io.Writer, ladder []checks.Check, keepGoing bool, look func(checks.Check) (saw string, err error),
) error {
	stage, last := settings.Stage(""), claim{}
	failed, rest, err := climb(ctx, ladder, keepGoing, look, func(c claim) {
		if c.Stage != stage {
			stage = c.Stage
			fmt.Fprintln(out, stage)
		}
		mark := "ok    "
		if !c.True {
			mark, c.Saw = "FAILED", strings.ReplaceAll(c.Saw, "\n", "\n    ")
		}
		fmt.Fprintf(out, "  %s %5.1f s  %s: %s\n", mark, c.Seconds, c.Claim, c.Saw)
		last = c
	})
	switch {
	case err != nil:
		return err
	case failed == 0:
		fmt.Fprintf(out, "all %d claims are true\n", len(ladder))
		return nil
	case keepGoing:
		fmt.Fprintln(out, "the first that is not may be the cause of others; `lab up --refresh` puts back what is stopped, gone or changed")
		fmt.Fprintf(out, "not true: %d of %d claims\n", failed, len(ladder))
		return errShown
	}
	fmt.Fprintf(out, "broken at %s: %s\n", last.Stage, last.Claim)
	fmt.Fprintln(out, "`lab up --refresh` puts back what is stopped, gone or changed")
	if len(rest) > 0 {
		fmt.Fprintf(out, "not looked at: %d more of %s\n", len(rest), strings.Join(stagesOf(rest), ", "))
	}
	return errShown
}

// reportJSON looks at checks, and prints what became of each as JSON.
func reportJSON(
	ctx context.Context, out io.Writer, ladder []checks.Check, keepGoing bool, look func(checks.Check) (saw string, err error),
) error {
	all := []claim{}
	failed, _, err := climb(ctx, ladder, keepGoing, look, func(c claim) { all = append(all, c) })
	if err == nil {
		err = encode(out, all)
	}
	if err == nil && failed > 0 {
		err = errShown
	}
	return err
}

// stagesOf names the stages of checks, each once.
func stagesOf(ladder []checks.Check) (stages []string) {
	for _, check := range ladder {
		stages = append(stages, string(check.Stage))
	}
	return slices.Compact(stages)
}
