package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/mitchellh/go-wordwrap"
	"github.com/spf13/cobra"

	"istio-lab/internal/lesson"
	"istio-lab/internal/nearest"
	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
	"istio-lab/internal/terminal"
)

func (l *lab) next() *cobra.Command {
	return l.turn("next", "Go on by one stage", "Show what the next stage changes and what it teaches, and build it.", `  lab next
  # the other lab, beside the first
  lab next --stack extension --scenario extension --student 1
  # in Korean, and without a question
  lab next --lang ko --yes`, forth)
}

func (l *lab) back() *cobra.Command {
	return l.turn("back", "Go back by one stage", "Show what going back by one stage takes away, and do it.", `  lab back
  # what it would take away, and no more than that
  lab preview --stage mesh`, backwards)
}

// turn is a command that leads from one stage to another.
func (l *lab) turn(use, short, long, example string, lead func(status) (settings.Stage, error)) *cobra.Command {
	flags, yes, language := &settingsFlags{}, false, ""
	c := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		Long: long + " On a terminal it asks first; elsewhere back needs --yes. The stage is stored in the stack's settings. " +
			"What there is to read is in English, or in Korean where the locale or --lang says so.",
		Example: example,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			in, err := chooseLanguage(language, os.Getenv)
			if err != nil {
				return err
			}
			if flags.stage != "" {
				return usage{fmt.Errorf("lab %s finds the stage itself; `lab up --stage %s` goes to one at once", use, flags.stage)}
			}
			s, err := openOrCreate(ctx, l.stack, flags, false, l.say, l.abandon)
			if err != nil {
				return err
			}
			now, to, try, err := l.foreseeTurn(ctx, s, flags, lead, in)
			switch {
			case err != nil || yes:
			case use == "back":
				err = l.confirm(ctx, fmt.Sprintf("take away what the stage %s of stack %s has added", now.Settings.Stage, l.stack))
			case terminal.IsTerminal(os.Stdin): // what only adds to a lab needs no consent elsewhere, as lab up needs none
				err = l.confirm(ctx, fmt.Sprintf("build the stage %s of stack %s", to, l.stack))
			}
			if err = errors.Join(err, s.leave(ctx)); err != nil {
				return err
			}
			if s, err = openOrCreate(ctx, l.stack, flags, true, l.say, l.abandon); err != nil {
				return err
			}
			if err := l.build(ctx, s, false); err != nil {
				return err
			}
			stages := now.Settings.stages()
			if now.Settings.Existing && to == stages[0] { // the stage whose lesson has it is none there
				try = "    eval \"$(lab env)\"\n" + try
			}
			fmt.Fprintf(l.out, "\ntry now:\n\n%s", l.named(s, try))
			if use == "next" && to != stages[len(stages)-1] {
				fmt.Fprintln(l.say, "\n`lab next` goes on")
			}
			return nil
		},
	}
	flags.add(c.Flags())
	c.Flags().Lookup("stage").Hidden = true
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	c.Flags().StringVar(&language, "lang", "", "the language of what there is to read: en or ko; by default the locale's")
	return c
}

// lineLengths are how many letters of a language make a line that is easy to read; Korean ones are twice as wide.
var lineLengths = map[lesson.Language]uint{lesson.English: 100, lesson.Korean: 55}

// foreseeTurn finds the stage to go to, sets the flags to it, shows what it changes and the lesson about it, and returns what there is to
// try there.
func (l *lab) foreseeTurn(ctx context.Context, s *stack, flags *settingsFlags, lead func(status) (settings.Stage, error), in lesson.Language,
) (now status, to settings.Stage, try string, err error) {
	if now, err = s.status(ctx); err != nil {
		return now, "", "", err
	}
	if to, err = lead(now); err != nil {
		return now, "", "", err
	}
	text, err := lesson.Of(now.Settings.Scenario, to, in)
	if err != nil {
		return now, "", "", err
	}
	if err := flags.flags.Set("stage", string(to)); err != nil {
		return now, "", "", err
	}
	if s.config, _, err = flags.change(s.config); err != nil {
		return now, "", "", err
	}
	if err := l.foresee(ctx, s, false, asLines); err != nil {
		return now, "", "", err
	}
	paragraph, try, _ := strings.Cut(text, "\n\n")
	fmt.Fprintf(l.out, "\n%s\n\n%s\n\n", to, wordwrap.WrapString(paragraph, lineLengths[in]))
	return now, to, try, nil
}

// named gives what a lesson speaks of the names that it has in the stack.
func (l *lab) named(s *stack, text string) string {
	parsed, err := settings.Parse(s.config)
	if err != nil {
		return text // the preview has refused them
	}
	lab := cmp.Or(l.program, "lab") + l.onStack() + " "
	var lines []string
	for line := range strings.Lines(text) {
		if command, isCommand := strings.CutPrefix(line, "    "); isCommand {
			command = strings.NewReplacer(" mypc ", " "+parsed.Slot.Client.Name+" ", "east-control-plane", parsed.Slot.East.Node).Replace(command)
			if parsed.OnExisting() && strings.HasPrefix(command, "docker ") {
				continue // there is nothing of the lab's in Docker
			}
			if rest, ok := strings.CutPrefix(command, "docker "); ok {
				command = preflight.Docker(parsed.Lab.DockerHost) + " " + rest
			}
			if rest, ok := strings.CutPrefix(command, "lab "); ok {
				command = lab + rest
			}
			line = "    " + strings.ReplaceAll(command, "$(lab ", "$("+lab)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "")
}

// forth is the stage after what is built. A stage that is not complete comes first.
func forth(now status) (settings.Stage, error) {
	stages := now.Settings.stages()
	i := slices.IndexFunc(stages, func(stage settings.Stage) bool { return now.Settings.at(stage).String() == now.Built })
	switch {
	case now.Resources == 0 || now.otherLab:
		return stages[0], nil
	case i < 0 || len(now.Unfinished) > 0:
		return now.Settings.Stage, nil // other settings have changed, or it was interrupted
	case i == len(stages)-1:
		return "", fmt.Errorf("%s is the last stage of %s; `lab verify` looks at it all, `lab back` goes back",
			stages[i], now.Settings.Scenario)
	}
	return stages[i+1], nil
}

// backwards is the stage before that of the settings.
func backwards(now status) (settings.Stage, error) {
	stages := now.Settings.stages()
	switch i := slices.Index(stages, now.Settings.Stage); {
	case now.Resources == 0:
		return "", errors.New("nothing is built; `lab next` begins")
	case now.otherLab:
		return "", fmt.Errorf("nothing of %s is built; `lab next` begins, and replaces what is", now.Settings.Scenario)
	case i <= 0:
		return "", fmt.Errorf("%s is the first stage of %s; `lab destroy` takes it away", stages[0], now.Settings.Scenario)
	default:
		return stages[i-1], nil
	}
}

// stages are those that a person turns the pages of: on clusters that are there, without those that are about nodes of the lab's own.
func (s labSettings) stages() []settings.Stage {
	if s.Existing {
		return settings.StagesOnExisting(s.Scenario)
	}
	return settings.Stages(s.Scenario)
}

// at are the settings at another stage.
func (s labSettings) at(stage settings.Stage) labSettings {
	s.Stage = stage
	return s
}

// chooseLanguage is the one that is asked for, or that of the locale.
func chooseLanguage(asked string, env func(string) string) (lesson.Language, error) {
	if asked != "" {
		if !slices.Contains(lesson.Languages, lesson.Language(asked)) {
			return "", usage{fmt.Errorf("--lang %q is not a language of the lessons%s", asked, nearest.Of(asked, lesson.Languages))}
		}
		return lesson.Language(asked), nil
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} { // the first that is set decides
		if locale := env(name); locale != "" {
			if strings.HasPrefix(locale, string(lesson.Korean)) {
				return lesson.Korean, nil
			}
			break
		}
	}
	return lesson.English, nil
}
