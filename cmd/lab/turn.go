package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/mitchellh/go-wordwrap"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"istio-lab/internal/lesson"
	"istio-lab/internal/nearest"
	"istio-lab/internal/settings"
)

func (l *lab) next() *cobra.Command {
	return l.turn("next", "Go on by one stage", "Show what the next stage changes and what it teaches, and build it.", forth)
}

func (l *lab) back() *cobra.Command {
	return l.turn("back", "Go back by one stage", "Show what going back by one stage takes away, and do it.", backwards)
}

// turn is a command that leads from one stage to another.
func (l *lab) turn(use, short, long string, lead func(status) (settings.Stage, error)) *cobra.Command {
	flags, yes, language := &settingsFlags{}, false, ""
	c := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		Long: long + " What there is to read is in English, or in Korean where the locale or --lang says so.",
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			in, err := chooseLanguage(language, os.Getenv)
			if err != nil {
				return err
			}
			if flags.stage != "" {
				return usage{fmt.Errorf("lab %s finds the stage itself; to go to one at once: lab up --stage %s", use, flags.stage)}
			}
			s, err := openOrCreate(ctx, l.stack, flags, false, l.say, l.abandon)
			if err != nil {
				return err
			}
			now, err := s.status(ctx)
			if err != nil {
				return err
			}
			to, err := lead(now)
			if err != nil {
				return err
			}
			text, err := lesson.Of(now.Settings.Scenario, to, in)
			if err != nil {
				return err
			}
			if err := c.Flags().Set("stage", string(to)); err != nil {
				return err
			}
			paragraph, try, _ := strings.Cut(text, "\n\n")
			return l.turnTo(ctx, to, flags, wordwrap.WrapString(paragraph, lineLengths[in])+"\n\n"+try, yes)
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

// turnTo shows what a stage changes and the lesson about it, and brings the stack there if the person wants it. The flags say the stage.
func (l *lab) turnTo(ctx context.Context, to settings.Stage, flags *settingsFlags, text string, yes bool) error {
	s, err := openOrCreate(ctx, l.stack, flags, false, l.say, l.abandon)
	if err != nil {
		return err
	}
	if err := l.foresee(ctx, s, false, asLines); err != nil {
		return err
	}
	fmt.Fprintf(l.out, "\n%s\n\n%s\n", to, l.named(s, text))
	if !yes && term.IsTerminal(int(os.Stdin.Fd())) && !l.confirm("build the stage "+string(to)+" of stack "+l.stack+"?") {
		return errors.New("not confirmed, and nothing was changed")
	}
	if s, err = openOrCreate(ctx, l.stack, flags, true, l.say, l.abandon); err != nil {
		return err
	}
	return l.build(ctx, s, false)
}

// named gives what a lesson speaks of the names that it has in the stack.
func (l *lab) named(s *stack, text string) string {
	parsed, err := settings.Parse(s.config)
	if err != nil {
		return text // the preview has refused them
	}
	lab := "lab "
	if l.stack != defaultStack {
		lab += "--stack " + l.stack + " "
	}
	var lines []string
	for line := range strings.Lines(text) {
		if command, isCommand := strings.CutPrefix(line, "    "); isCommand {
			command = strings.NewReplacer(" mypc ", " "+parsed.Slot.Client.Name+" ", "east-control-plane", parsed.Slot.East.Node).Replace(command)
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
	stages := settings.Stages(now.Settings.Scenario)
	i := slices.IndexFunc(stages, func(stage settings.Stage) bool { return now.Settings.at(stage).String() == now.Built })
	switch {
	case now.Resources == 0:
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
	stages := settings.Stages(now.Settings.Scenario)
	switch i := slices.Index(stages, now.Settings.Stage); {
	case now.Resources == 0:
		return "", errors.New("nothing is built; `lab next` begins")
	case i == 0:
		return "", fmt.Errorf("%s is the first stage of %s; `lab destroy` takes it away", stages[0], now.Settings.Scenario)
	default:
		return stages[i-1], nil
	}
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
