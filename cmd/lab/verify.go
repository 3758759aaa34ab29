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
	stage, keepGoing := "", false
	c := &cobra.Command{
		Use: "verify", Short: "Look whether the lab does what the manual says of it", Args: cobra.NoArgs,
		Long: "Look whether the lab does what the manual says of it, step by step up to the stack's stage, and stop at the first " +
			"claim that is not true. The lab stays as it is.",
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
			looked, err := s.look(ctx, parsed)
			if err != nil {
				return fmt.Errorf("stack %s: %w", l.stack, err)
			}
			defer looked.Close()
			now, _ := checks.UpTo(parsed, checks.Ladder(parsed))
			return climb(ctx, l.out, now, keepGoing, func(c checks.Check) (string, error) { return c.Await(ctx, looked) })
		},
	}
	c.Flags().StringVar(&stage, "stage", "", "look up to this stage only; by default the stack's own")
	c.Flags().BoolVar(&keepGoing, "keep-going", false, "look at the rest too when a claim is not true")
	return c
}

// climb looks at one check after the other and prints a line for each. It fails if a claim is not true, and stops there unless it
// is to keep going.
func climb(
	ctx context.Context, out io.Writer, ladder []checks.Check, keepGoing bool, look func(checks.Check) (saw string, err error),
) error {
	stage, failed := settings.Stage(""), 0
	for i, check := range ladder {
		if check.Stage != stage {
			stage = check.Stage
			fmt.Fprintln(out, stage)
		}
		start := time.Now()
		saw, err := look(check)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		took := time.Since(start).Seconds()
		if err == nil {
			fmt.Fprintf(out, "  ok     %5.1f s  %s: %s\n", took, check.Claim, saw)
			continue
		}
		failed++
		fmt.Fprintf(out, "  FAILED %5.1f s  %s: %s\n", took, check.Claim, strings.ReplaceAll(err.Error(), "\n", "\n    "))
		if !keepGoing {
			fmt.Fprintf(out, "broken at %s: %s\n", check.Stage, check.Claim)
			if rest := ladder[i+1:]; len(rest) > 0 {
				fmt.Fprintf(out, "not looked at: %d more of %s\n", len(rest), strings.Join(stagesOf(rest), ", "))
			}
			return errShown
		}
	}
	if failed > 0 {
		fmt.Fprintf(out, "%d of %d claims are not true\n", failed, len(ladder))
		return errShown
	}
	fmt.Fprintf(out, "all %d claims are true\n", len(ladder))
	return nil
}

// stagesOf names the stages of checks, each once.
func stagesOf(ladder []checks.Check) (stages []string) {
	for _, check := range ladder {
		stages = append(stages, string(check.Stage))
	}
	return slices.Compact(stages)
}
