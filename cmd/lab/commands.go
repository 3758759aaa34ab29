package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"istio-lab/internal/kubeconfig"
	"istio-lab/internal/nearest"
	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
	"istio-lab/internal/terminal"
)

// defaultStack is the stack of a person who names none.
const defaultStack = "dev"

// lab is what every command shares.
type lab struct {
	// out is for results, say for progress and messages.
	out     io.Writer
	say     *terminal.Console
	abandon <-chan struct{}
	stack   string
	// program is lab as the person calls it; empty for lab.
	program string
	// busy says that the engine changes a stack.
	busy atomic.Bool
}

// usage marks an error of the person's input: exit status 2.
type usage struct{ error }

// errShown says that a command failed and has said why.
var errShown = errors.New("failed")

// guide is what a person reads who knows nothing yet.
const guide = `Build the labs of Istio in Action, chapters 12 and 14, on kind clusters.

The multi-cluster lab has nine stages, the extension lab seven. Each stage is a step of the manual. To begin:

    lab doctor                           look whether this host has what it takes
    lab next                             build the first stage; again, the second; and so on
    lab kubeconfig --merge               let kubectl reach the clusters
    lab verify                           look whether all is as the manual says
    lab destroy                          throw it all away

The other lab, beside the first one, is a stack of its own, with a student number of its own:

    lab next --stack extension --scenario extension --student 1

` + exitStatus + `:

    0    it is done
    1    something failed
    2    the command line or a setting is wrong, and nothing was changed
    130  Ctrl-C ended it; traffic, and open on clusters of your own, end by it with 0`

// exitStatus begins the part of the guide about it.
const exitStatus = "Exit status"

func (l *lab) command() *cobra.Command {
	root := &cobra.Command{
		Use:           "lab",
		Short:         "Build the labs of Istio in Action, chapters 12 and 14, on kind clusters",
		Long:          guide,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().StringVarP(&l.stack, "stack", "s", defaultStack, "the stack: a lab of its own, with its own settings")
	root.SetFlagErrorFunc(flagError)
	cobra.EnableCommandSorting = false // they are in the order in which a person needs them
	for _, group := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{"Step by step:", []*cobra.Command{l.doctor(), l.next(), l.back(), l.destroy()}},
		{"All at once:", []*cobra.Command{l.preview(), l.up(), l.refresh()}},
		{"Using the lab:", []*cobra.Command{l.kubeconfig(), l.env(), l.open(), l.traffic(), l.tap(), l.verify()}},
		{"Looking at stacks:", []*cobra.Command{l.status(), l.list(), l.output()}},
		{"For teachers:", []*cobra.Command{l.classroom()}},
	} {
		root.AddGroup(&cobra.Group{ID: group.title, Title: group.title})
		for _, c := range group.commands {
			c.GroupID = group.title
			root.AddCommand(c)
		}
	}
	root.AddCommand(l.man())
	root.SetHelpCommand(help())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.HasSubCommands() && !c.Runnable() {
			c.RunE, c.Args = group, nil
		}
		if check := c.Args; check != nil {
			c.Args = func(c *cobra.Command, args []string) error {
				if err := check(c, args); err != nil {
					return usage{fmt.Errorf("%w, as in: %s", err, c.UseLine())}
				}
				return nil
			}
		}
	}
	l.complete(root)
	return root
}

// group is what a command does that has others below it, when none of those is called.
func group(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	var names []string
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	return usage{fmt.Errorf("%s has no command %q%s", c.CommandPath(), args[0], nearest.Of(args[0], names))}
}

// flagError says of a flag that there is not which one is near, and of a value what it should be.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		kind, known := map[string]string{"int": "a number", "duration": "a duration such as 5s", "bool": "true or false"}[f.Value.Type()]
		if !known {
			kind = "of type " + f.Value.Type()
		}
		return usage{fmt.Errorf("--%s %q is not %s: %s", f.Name, invalid.GetValue(), kind, f.Usage)}
	case !errors.As(err, &unknown):
		return usage{err}
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if name, near := nearest.Name(unknown.GetSpecifiedName(), known); near {
		return usage{fmt.Errorf("%w; did you mean --%s?", err, name)}
	}
	return usage{fmt.Errorf("%w; `%s --help` lists those that there are", err, c.CommandPath())}
}

func (l *lab) up() *cobra.Command {
	flags, refresh := &settingsFlags{}, false
	c := &cobra.Command{
		Use: "up", Short: "Build the lab, or bring it to what its settings say", Args: cobra.NoArgs,
		Long: "Build the lab, or bring it to what its settings say, and print how to use it. The settings that flags give are stored in the " +
			"stack, unless they are refused. After a failure or Ctrl-C, the same command goes on from there. With another scenario, the clusters " +
			"of the one that is built are deleted, and its own are created in their place.",
		Example: `  lab up
  # another lab beside the first, up to the stage mesh
  lab up --stack ann --student 7 --stage mesh
  # put back what is broken or gone
  lab up --refresh`,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := openOrCreate(c.Context(), l.stack, flags, true, l.say, l.abandon)
			if err != nil {
				return err
			}
			return l.build(c.Context(), s, refresh)
		},
	}
	flags.add(c.Flags())
	c.Flags().BoolVar(&refresh, "refresh", false, "look first at what is really there, and heal it")
	return c
}

// build brings a stack to what its settings say, and prints how to use it. With refresh it looks first at what is really there.
func (l *lab) build(ctx context.Context, s *stack, refresh bool) error {
	missing, err := s.prepare(ctx, true)
	if err != nil {
		return err
	}
	options := []optup.Option{optup.SuppressOutputs(), optup.Color("never")}
	if refresh || missing {
		options = append(options, optup.Refresh())
	}
	if refresh {
		jobs, err := l.installations(ctx, s)
		if err != nil {
			return err
		}
		options = append(options, optup.Replace(jobs))
	}
	merged, err := s.merged(ctx)
	if err != nil {
		return err
	}
	updating, done := l.givingUp(ctx, s)
	defer done()
	err = l.run(updating, s, byStages, func(stream chan<- events.EngineEvent) error {
		_, err := s.Up(updating, append(options, optup.EventStreams(stream))...)
		return err
	})
	l.renew(ctx, s, merged)
	if err != nil {
		return err
	}
	values, err := s.outputs(ctx, false)
	if err != nil {
		return err
	}
	printLab(l.out, l.program, l.stack, values)
	return nil
}

func (l *lab) preview() *cobra.Command {
	flags, refresh, diff, encoded := &settingsFlags{}, false, false, false
	c := &cobra.Command{
		Use: "preview", Short: "Show what up would change", Args: cobra.NoArgs,
		Long: "Show what up would change. The settings that flags give hold for this preview, and are not stored. The exit status is 0 " +
			"whether or not there is anything to change.",
		Example: `  lab preview
  # what going to a stage would make, or take away
  lab preview --stage mesh
  lab preview --set westBackendFails=true --diff`,
		RunE: func(c *cobra.Command, _ []string) error {
			show := asLines
			switch {
			case diff && encoded:
				return usage{errors.New("--diff is for people and --json for programs; choose one")}
			case diff:
				show = asPulumiDoes
			case encoded:
				show = asJSON
			}
			s, err := openOrCreate(c.Context(), l.stack, flags, false, l.say, l.abandon)
			if err != nil {
				return err
			}
			return errors.Join(l.foresee(c.Context(), s, refresh, show), s.leave(c.Context()))
		},
	}
	flags.add(c.Flags())
	c.Flags().BoolVar(&refresh, "refresh", false, "look first at what is really there, but for what istioctl has made: verify names what is broken of that")
	c.Flags().BoolVar(&diff, "diff", false, "show old and new values, as pulumi does")
	c.Flags().BoolVar(&encoded, "json", false, "print JSON")
	return c
}

// style is how changes that are foreseen are shown.
type style int

const (
	asLines style = iota
	asPulumiDoes
	asJSON
)

// foresee shows what build would change.
func (l *lab) foresee(ctx context.Context, s *stack, refresh bool, show style) error {
	f := newForecast(l.say)
	if stopped := s.stopped(ctx); len(stopped) > 0 {
		what := fmt.Sprintf("%s: stopped or gone; what is in them cannot be looked at; `lab up` heals that", strings.Join(stopped, ", "))
		if refresh { // all that is in them would be said to be gone
			return errors.New(what)
		}
		fmt.Fprintln(l.say, "warning:", what)
	}
	options := []optpreview.Option{optpreview.Color("never")}
	if refresh {
		options = append(options, optpreview.Refresh())
	}
	if show == asPulumiDoes {
		options = append(options, optpreview.Diff(), optpreview.ProgressStreams(l.out))
	}
	err := follow(f.handle, func(stream chan<- events.EngineEvent) error {
		_, err := s.Preview(ctx, append(options, optpreview.EventStreams(stream))...)
		return err
	})
	if err != nil {
		return l.failure(ctx, err, f.messages)
	}
	switch show {
	case asJSON:
		return encode(l.out, f.planned())
	case asLines:
		f.print(l.out)
	}
	return nil
}

func (l *lab) refresh() *cobra.Command {
	return &cobra.Command{
		Use: "refresh", Short: "Bring the state to what is really there", Args: cobra.NoArgs,
		Long: "Bring the state to what is really there, and change nothing of that. The next up then makes anew what is gone. To do both at " +
			"once, and to heal what istioctl has made too: lab up --refresh.",
		Example: `  lab refresh
  # and then see what up would mend
  lab preview`,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			s, err := openStack(ctx, l.stack, l.say, l.abandon)
			if err != nil {
				return err
			}
			if err := needPlugins(ctx, s.made, preflight.Reach); err != nil {
				return err
			}
			if _, err := s.prepare(ctx, true); err != nil {
				return err
			}
			return l.run(ctx, s, plainly, func(stream chan<- events.EngineEvent) error {
				_, err := s.Refresh(ctx, optrefresh.Color("never"), optrefresh.EventStreams(stream))
				return err
			})
		},
	}
}

func (l *lab) destroy() *cobra.Command {
	yes, remove := false, false
	c := &cobra.Command{
		Use: "destroy", Short: "Throw the lab away; its settings are kept", Args: cobra.NoArgs,
		Long: "Throw the lab away: its clusters, its containers and their network, and its contexts in your kubeconfig. The settings of the " +
			"stack are kept, so that up builds the same lab again, unless --remove is given. It asks first, and where there is no " +
			"terminal to ask on, --yes must be given.",
		Example: `  lab destroy
  # another stack, without a question
  lab destroy --stack ann --yes
  # the stack and its settings too
  lab destroy --stack ann --remove`,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			s, err := openStack(ctx, l.stack, l.say, l.abandon)
			if err != nil {
				return err
			}
			if err := needPlugins(ctx, s.made, preflight.Reach); err != nil {
				return err
			}
			if !yes {
				if err := l.confirm(ctx, "destroy everything in stack "+l.stack); err != nil {
					return err
				}
			}
			missing, err := s.prepare(ctx, false)
			if err != nil {
				return err
			}
			options := []optdestroy.Option{optdestroy.Color("never")}
			if missing {
				options = append(options, optdestroy.Refresh())
			}
			if remove {
				options = append(options, optdestroy.Remove())
			}
			kubeconfigs, err := s.merged(ctx)
			if err != nil {
				return err
			}
			err = l.run(ctx, s, plainly, func(stream chan<- events.EngineEvent) error {
				_, err := s.Destroy(ctx, append(options, optdestroy.EventStreams(stream))...)
				return err
			})
			if err != nil {
				return err
			}
			if remove {
				fmt.Fprintf(l.say, "the stack %s is removed, and its settings with it\n", l.stack)
			}
			return kubeconfig.Remove(kubeconfigs)
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	addRemove(c, &remove)
	return c
}

// addRemove adds the flag of pulumi's destroy.
func addRemove(c *cobra.Command, remove *bool) {
	c.Flags().BoolVar(remove, "remove", false, "remove the stack too, with its settings, once all that is in it is gone")
}

func (l *lab) output() *cobra.Command {
	secrets, asJSON := false, false
	c := &cobra.Command{
		Use: "output [NAME]", Short: "Print the stack's outputs, or one of them", Args: cobra.MaximumNArgs(1),
		Long: "Print the stack's outputs, or one of them: addresses, URLs, requests to try, certificates, a picture. Secrets are hidden unless " +
			"they are asked for.",
		Example: `  lab output
  # a text is printed as it is
  lab output rootCertificate | openssl x509 -noout -subject
  lab output urls --json`,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := openStack(c.Context(), l.stack, l.say, l.abandon)
			if err != nil {
				return err
			}
			values, err := s.outputs(c.Context(), secrets)
			if err != nil {
				return err
			}
			return misnamed(printOutputs(l.out, values, strings.Join(args, ""), asJSON), values)
		},
	}
	c.Flags().BoolVar(&secrets, "show-secrets", false, "print secrets in the clear")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// Whether an operation builds stages that a person can follow.
const byStages, plainly = true, false

// run runs an operation of the engine on a stack and lets the person follow it.
func (l *lab) run(ctx context.Context, s *stack, stages bool, operation func(chan<- events.EngineEvent) error) error {
	l.busy.Store(true)
	start, p, end := time.Now(), newProgress(l.say), func() {}
	if parsed, err := settings.Parse(s.config); err == nil { // otherwise the operation refuses them, or needs none
		p.settings, p.dockerHost = parsed.ImageSettings(), parsed.Lab.DockerHost
		if stages {
			p.list = newChecklist(parsed)
			s.listener.Registers, s.registered = p.list.registers, p.list.registeredAll
			end = l.say.ShowBlock(p.list.draw)
		}
	}
	err := follow(p.handle, operation)
	if end(); err != nil {
		if ctx.Err() != nil {
			l.settle(ctx, s, p.updates)
		}
		return l.failure(ctx, err, p)
	}
	l.busy.Store(false)
	fmt.Fprintln(l.say, p.summary(time.Since(start)))
	return nil
}

// follow hands the events of an operation to a function until it ends. The engine closes the stream only if it came to open it.
func follow(handle func(events.EngineEvent), operation func(chan<- events.EngineEvent) error) error {
	stream := make(chan events.EngineEvent)
	ended, followed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(followed)
		for {
			select {
			case e, open := <-stream:
				if !open {
					return
				}
				handle(e)
			case <-ended:
				return
			}
		}
	}()
	err := operation(stream)
	close(ended)
	<-followed
	return err
}

// failure adds to a failed operation what the engine does not know, and says what it has not said yet.
func (l *lab) failure(ctx context.Context, err error, p *progress) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, name := range p.failed {
		if why := whyNotReady(ctx, p.dockerHost, name); why != "" {
			fmt.Fprintf(l.say, "error: %s: %s\n", name, why)
		}
	}
	switch {
	case p.errors == 0:
		return plain(err)
	case p.errors > 1:
		fmt.Fprintf(l.say, "\nwhat failed first: %s\n`lab status` says what there is; running the command again goes on from there\n", p.first)
	}
	return errShown
}

// confirm asks the user whether to take an action, and returns an error unless the answer is yes. Where there is no terminal to ask on, that
// is no yes.
func (l *lab) confirm(ctx context.Context, action string) error {
	if !terminal.IsTerminal(os.Stdin) {
		return usage{fmt.Errorf("there is no terminal to ask on: to %s, add --yes", action)}
	}
	fmt.Fprint(l.say, action+"? [y/N] ")
	answers := make(chan string, 1)
	go func() { // which outlives a Ctrl-C: nothing ends a read
		answer, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		answers <- strings.ToLower(strings.TrimSpace(answer))
	}()
	select {
	case answer := <-answers:
		if answer == "y" || answer == "yes" {
			return nil
		}
		return errors.New("not confirmed, and nothing was changed")
	case <-ctx.Done():
		fmt.Fprintln(l.say)
		return ctx.Err()
	}
}
