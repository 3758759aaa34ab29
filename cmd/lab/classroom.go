package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"istio-lab/internal/allot"
	"istio-lab/internal/settings"
)

// classroom are the labs of several students on this host or others: each is a stack of its own, run by a lab command of its own.
type classroom struct {
	lab *lab
	// found is the project and its backend, without an engine.
	found *stack
	// students are the numbers of the labs, in order; atOnce is how many of them are worked on together.
	students []int
	atOnce   int
	// hosts are where the labs are, and mirrors what their settings have as such, by student.
	hosts   map[int]dockerHost
	mirrors map[int]map[string]string
	// refused says why labs are not worked on, by student.
	refused map[int]error
	// logs is the folder that gets what each command says, a file for each student.
	logs string
}

func (l *lab) classroom() *cobra.Command {
	c := &cobra.Command{
		Use: "classroom", Short: "Build, look at and throw away the labs of many students",
		Long: "Build, look at and throw away the labs of many students, on this host or on others. Student 7 has the stack student-07, which " +
			"every other command knows by --stack student-07. What fails for one student does not stop the others, and running it again " +
			"continues. The exit status is 1 when it failed for any student.",
		Example: `  lab classroom up --students 1-20 --stage mesh
  lab classroom status --students 1-20
  # one student's lab, by any other command
  lab open kiali --stack student-07`,
	}
	c.AddCommand(l.classroomUp(), l.classroomStatus(), l.classroomVerify(), l.classroomDestroy(), l.classroomCaches())
	return c
}

// classroomFlags are those of all commands for a classroom.
type classroomFlags struct {
	students string
	atOnce   int
}

func (f *classroomFlags) add(c *cobra.Command, together bool) {
	c.Flags().StringVar(&f.students, "students", "", "the students' numbers, such as 1-20 or 1,4,7-9")
	if f.atOnce = 1; together {
		// More gain nothing on two cores: three labs took 4 min 24 s at once, and 80 s each (measured 2026-11-23).
		c.Flags().IntVar(&f.atOnce, "parallel", 2, "how many labs to work on at the same time")
	}
}

// open reads the flags.
func (f *classroomFlags) open(l *lab) (*classroom, error) {
	students, err := parseStudents(f.students)
	if err != nil {
		return nil, usage{fmt.Errorf("--students: %w", err)}
	}
	if f.atOnce < 1 {
		return nil, usage{fmt.Errorf("--parallel %d: at least one lab has to be worked on", f.atOnce)}
	}
	s, err := findStacks(l.say)
	if err != nil {
		return nil, err
	}
	logs := filepath.Join(stateDirectory(s.project), "classroom")
	return &classroom{lab: l, found: s, students: students, atOnce: f.atOnce, logs: logs}, os.MkdirAll(logs, 0o700)
}

// parseStudents reads numbers and ranges of them.
func parseStudents(text string) (students []int, err error) {
	if text == "" {
		return nil, errors.New("name the students, as in --students 1-20")
	}
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			last = first
		}
		from, wrong := strconv.Atoi(first)
		to, wrongToo := strconv.Atoi(last)
		switch {
		case wrong != nil || wrongToo != nil:
			return nil, fmt.Errorf("%q is neither a number nor a range such as 1-20", part)
		case from < 0 || to > allot.MaxStudent:
			return nil, fmt.Errorf("%q is not within 0-%d", part, allot.MaxStudent)
		case from > to:
			return nil, fmt.Errorf("%q ends before it begins", part)
		}
		for n := from; n <= to; n++ {
			students = append(students, n)
		}
	}
	slices.Sort(students)
	return slices.Compact(students), nil
}

// studentStack is the name of a student's stack.
func studentStack(student int) string { return fmt.Sprintf("student-%02d", student) }

func (l *lab) classroomUp() *cobra.Command {
	flags, lab, force, caches, on := &classroomFlags{}, &settingsFlags{}, false, true, []string{}
	c := &cobra.Command{
		Use: "up", Short: "Build every student's lab", Args: cobra.NoArgs,
		Long: "Build every student's lab, with the same settings. The first one is built alone and measured; if this host has no memory for the " +
			"others, they are not begun, and the exit status is 1. With --host, the labs are built on the Docker engines of other hosts, and " +
			"each student stays on the host where the first up has put them.",
		Example: `  lab classroom up --students 1-20 --stage mesh
  # some of them once more, on a host with many cores
  lab classroom up --students 4,7-9 --parallel 4
  # on two other hosts, ten students each
  lab classroom up --students 1-20 --host ssh://teacher@192.0.2.11 --host ssh://teacher@192.0.2.12`,
		RunE: func(c *cobra.Command, _ []string) error {
			room, err := flags.open(l)
			if err != nil {
				return err
			}
			config, _, err := lab.change(room.scenario(c.Context()))
			if err != nil {
				return usage{fmt.Errorf("the settings are refused, and nothing was made:\n%w", err)}
			}
			class, err := settings.Parse(config)
			if err != nil {
				return err // change has parsed it
			}
			if class.Lab.DockerHost != "" {
				return usage{fmt.Errorf("lab.dockerHost is one lab's; name the hosts of a class by --host %s", class.Lab.DockerHost)}
			}
			hosts, err := parseHosts(c.Context(), on)
			if err != nil {
				return usage{fmt.Errorf("--host: %w", err)}
			}
			s, err := openWorkspace(c.Context(), l.say, l.abandon)
			if err != nil {
				return err
			}
			if err := room.seat(c.Context(), s, hosts); err != nil {
				return err
			}
			if changing := room.changing(c.Context(), s, class.Scenario); lab.flags.Changed("scenario") && len(changing) > 0 {
				fmt.Fprintf(l.say, "the scenario changes to %s: the clusters of %s are deleted, with all that is in them, and new ones created\n",
					class.Scenario, strings.Join(changing, ", "))
			}
			mirrors := map[string][]string{} // by the engine's URL
			for _, h := range room.hostsOf(room.students) {
				if !caches || h.url == "" && runtime.GOOS != "linux" { // there its own engine is in a virtual machine
					continue
				}
				if mirrors[h.url], err = startCaches(c.Context(), class, h); err != nil {
					room.refuse(h, err)
				}
			}
			return room.up(c.Context(), force, func(student int) []string {
				h := room.hosts[student]
				asks, cached := mirrors[h.url]
				if !cached {
					asks = withoutCaches(class, room.mirrors[student])
				}
				return slices.Concat([]string{"up"}, lab.given(), h.flags(), asks, []string{"--student", strconv.Itoa(student)})
			})
		},
	}
	flags.add(c, true)
	lab.addShared(c.Flags())
	c.Flags().BoolVar(&caches, "caches", caches, "draw each image from its registry once for all, by caches on the labs' hosts; a change of it builds labs anew")
	c.Flags().StringArrayVar(&on, "host", nil, "build labs on the Docker engine of a host, such as ssh://teacher@big1; give one --host for each")
	c.Flags().BoolVar(&force, "force", false, "build them even if there seems to be no memory for them")
	return c
}

// scenario is the configuration that says which lab a class has, as far as one of its students' stacks has it: what is set besides is to fit
// it.
func (r *classroom) scenario(ctx context.Context) map[string]string {
	for _, student := range r.students {
		if file, err := r.found.fileConfig(ctx, studentStack(student)); err == nil && file.values[scenarioKey] != "" {
			return map[string]string{scenarioKey: file.values[scenarioKey]}
		}
	}
	return map[string]string{}
}

// changing names the stacks that are built and of another scenario.
func (r *classroom) changing(ctx context.Context, s *stack, to settings.Scenario) (names []string) {
	for _, student := range r.students {
		file, err := s.fileConfig(ctx, studentStack(student))
		if err != nil || settings.ScenarioOf(file.values) == to {
			continue // what is wrong with the file is said when its lab is built
		}
		if built, err := s.built(ctx, studentStack(student)); err == nil && built {
			names = append(names, studentStack(student))
		}
	}
	return names
}

// up builds the labs: one alone, which is measured, and then the others.
func (r *classroom) up(ctx context.Context, force bool, args func(student int) []string) error {
	const done = "built"
	var failed []student
	rest := *r
	for measured := false; !measured && len(rest.students) > 0 && ctx.Err() == nil; {
		first := rest
		first.students, rest.students = rest.students[:1], rest.students[1:]
		broken := first.each(ctx, done, args)
		failed = append(failed, broken...)
		if len(broken) > 0 || len(rest.students) == 0 {
			continue
		}
		var err error
		if measured, err = rest.fits(ctx, first.students[0], r.lab.say); err != nil && !force {
			return err
		}
	}
	if len(rest.students) > 0 && ctx.Err() == nil {
		failed = append(failed, rest.each(ctx, done, args)...)
	}
	return r.end(ctx, failed)
}

func (l *lab) classroomVerify() *cobra.Command {
	flags := &classroomFlags{}
	c := &cobra.Command{
		Use: "verify", Short: "Look whether every student's lab does what the manual says", Args: cobra.NoArgs,
		Long: "Look whether every student's lab does what the manual says, as verify does for one. The labs stay as they are. The exit status " +
			"is 1 when one of them does not.",
		Example: `  lab classroom verify --students 1-20`,
		RunE: func(c *cobra.Command, _ []string) error {
			room, err := flags.open(l)
			if err != nil {
				return err
			}
			return room.end(c.Context(), room.each(c.Context(), "sound", func(int) []string { return []string{"verify"} }))
		},
	}
	flags.add(c, true)
	return c
}

func (l *lab) classroomDestroy() *cobra.Command {
	flags, remove := &classroomFlags{}, false
	c := &cobra.Command{
		Use: "destroy", Short: "Throw every student's lab away; their settings are kept", Args: cobra.NoArgs,
		Long: "Throw every student's lab away, without a question. Their settings are kept, unless --remove is given, and so are the caches " +
			"of images. A student who has no stack is passed over.",
		Example: `  lab classroom destroy --students 1-20
  # at the end of the term
  lab classroom destroy --students 1-20 --remove
  lab classroom caches --remove`,
		RunE: func(c *cobra.Command, _ []string) error {
			room, err := flags.open(l)
			if err != nil {
				return err
			}
			s, err := openWorkspace(c.Context(), l.say, l.abandon)
			if err != nil {
				return err
			}
			names, err := s.names(c.Context())
			if err != nil {
				return err
			}
			room.students = slices.DeleteFunc(room.students, func(n int) bool { return !slices.Contains(names, studentStack(n)) })
			args := []string{"destroy", "--yes", fmt.Sprintf("--remove=%t", remove)}
			return room.end(c.Context(), room.each(c.Context(), "destroyed", func(int) []string { return args }))
		},
	}
	flags.add(c, true)
	addRemove(c, &remove)
	return c
}

func (l *lab) classroomStatus() *cobra.Command {
	flags, asJSON := &classroomFlags{}, false
	c := &cobra.Command{
		Use: "status", Short: "Show how every student's lab is", Args: cobra.NoArgs,
		Long: "Show how every student's lab is: what is built, and how many of its containers are up. The exit status is 0 however they are.",
		Example: `  lab classroom status --students 1-20
  lab classroom status --students 1-20 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			room, err := flags.open(l)
			if err != nil {
				return err
			}
			s, err := openWorkspace(c.Context(), l.say, l.abandon)
			if err != nil {
				return err
			}
			var all []seen
			for _, student := range room.students {
				all = append(all, s.see(c.Context(), studentStack(student)))
			}
			if err := c.Context().Err(); err != nil {
				return err
			}
			if asJSON {
				return encode(l.out, all)
			}
			return printClassroom(l.results(), all, time.Now())
		},
	}
	flags.add(c, false)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// seen is how a student's lab is. Problem says why that is not to be seen.
type seen struct {
	status
	Problem string `json:"problem,omitempty"`
}

// see looks at one of the project's stacks, which may not be there.
func (s *stack) see(ctx context.Context, name string) seen {
	one, now := *s, seen{status: status{Stack: name}}
	err := one.open(ctx, name)
	if err == nil {
		now.status, err = one.status(ctx)
	}
	if now.Stack = name; err != nil && !errors.As(err, &errNoStack{}) {
		now.Problem = err.Error()
	}
	return now
}

func printClassroom(out io.Writer, all []seen, at time.Time) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STACK\tBUILT\tCONTAINERS")
	for _, now := range all {
		up := 0
		for _, state := range now.Containers {
			if isUp(state) {
				up++
			}
		}
		number := strings.TrimPrefix(now.Stack, "student-")
		built := strings.ReplaceAll(now.built(at), "`lab up`", "`lab classroom up --students "+number+"`") // which gives it to the lab
		containers := fmt.Sprintf("%d of %d up", up, len(now.Containers))
		if len(now.Containers) == 0 {
			containers = "none"
		}
		switch {
		case now.Problem != "":
			built, containers = "not to be seen", strings.ReplaceAll(now.Problem, "\n", "; ")
		case now.NoDocker != "":
			containers = "not to be seen"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", now.Stack, built, containers)
	}
	return table.Flush()
}

// student is how far the command for a student is.
type student struct {
	stack, says string
	begun       time.Time
	took        time.Duration
	failed      error
}

// each runs a lab command for every student, some at the same time, and returns those for whom it failed. Done says what became of a lab
// for which it did not.
func (r *classroom) each(ctx context.Context, done string, args func(student int) []string) (failed []student) {
	var lock sync.Mutex
	all := make([]student, len(r.students))
	for i, n := range r.students {
		all[i].stack = studentStack(n)
	}
	fmt.Fprintf(r.lab.say, "%s, %d at a time; what is said of each is in %s\n", count(len(all), "lab"), min(r.atOnce, len(all)), r.logs)
	end := r.lab.say.ShowBlock(func() (lines []string) {
		lock.Lock()
		defer lock.Unlock()
		for _, s := range all {
			lines = append(lines, s.line(done))
		}
		return lines
	})
	var group errgroup.Group
	group.SetLimit(r.atOnce)
	for i, n := range r.students {
		group.Go(func() error {
			if ctx.Err() != nil {
				return nil // it was not begun
			}
			lock.Lock()
			s := &all[i]
			s.begun = time.Now()
			lock.Unlock()
			err := r.refused[n]
			if err == nil {
				err = r.run(ctx, s.stack, args(n), func(line string) {
					lock.Lock()
					defer lock.Unlock()
					s.says = line
				})
			}
			lock.Lock()
			s.took, s.failed = time.Since(s.begun), err
			if err != nil {
				failed = append(failed, *s)
			}
			line := s.line(done)
			lock.Unlock() // the screen asks for all lines when it is written to
			fmt.Fprintln(r.lab.say, line)
			return nil
		})
	}
	_ = group.Wait() // what failed is in the list
	end()
	return failed
}

// line is a student's, on a terminal and elsewhere.
func (s student) line(done string) string {
	switch {
	case s.failed != nil:
		return fmt.Sprintf("%s  FAILED after %s: %v", s.stack, seconds(s.took), s.failed)
	case s.took > 0:
		return fmt.Sprintf("%s  %s, %s", s.stack, done, seconds(s.took))
	case s.begun.IsZero():
		return s.stack + "  waits"
	}
	return fmt.Sprintf("%s  %s  %s", s.stack, seconds(time.Since(s.begun)), s.says)
}

// run runs a lab command on a stack, and writes what it says to the student's file. The error is the first that the command says.
func (r *classroom) run(ctx context.Context, stack string, args []string, says func(string)) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(r.logs, stack+"-"+args[0]+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command(program, append(args, "--stack", stack)...)
	first := ""
	output := &lineWriter{each: func(line string) {
		fmt.Fprintln(log, line)
		cause, isError := strings.CutPrefix(line, "error: ")
		if claim, failed := strings.CutPrefix(line, "  FAILED "); failed {
			_, cause, isError = strings.Cut(claim, " s  ")
		}
		if isError && first == "" || strings.HasSuffix(first, ":") { // what follows is the cause
			first = strings.TrimSpace(first + " " + cause)
		}
		says(line)
	}}
	command.Stdout, command.Stderr = output, output
	err = attend(ctx, r.lab.abandon, command)
	output.end()
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case err != nil && first != "":
		return errors.New(first)
	}
	return err
}

// lineWriter hands what is written to it on line by line.
type lineWriter struct {
	begun []byte
	each  func(line string)
}

// Write implements io.Writer.
func (w *lineWriter) Write(text []byte) (int, error) {
	w.begun = append(w.begun, text...)
	for {
		line, rest, whole := bytes.Cut(w.begun, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		w.each(string(line))
		w.begun = rest
	}
}

// end hands on a last line that is not whole.
func (w *lineWriter) end() {
	if len(w.begun) > 0 {
		w.each(string(w.begun))
	}
}

// end says for whom a command failed, and where to read more.
func (r *classroom) end(ctx context.Context, failed []student) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(failed) == 0 {
		return nil
	}
	fmt.Fprintf(r.lab.say, "\n%s of %d failed; %s has what was said. Run it again once the cause is gone:\n",
		count(len(failed), "lab"), len(r.students), r.logs)
	for _, s := range failed {
		fmt.Fprintf(r.lab.say, "  %s: %v\n", s.stack, s.failed)
	}
	return errShown
}
