package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"istio-lab/components/traffic"
	"istio-lab/internal/checks"
	"istio-lab/internal/nearest"
	"istio-lab/internal/settings"
	"istio-lab/internal/terminal"
)

// entrance is a way into the mesh from outside: a host that the ingress gateway lets in, from a stage of each scenario on.
type entrance struct {
	host, path string
	from       map[settings.Scenario]settings.Stage
}

// entrances are the manual's, by what it calls them.
var entrances = map[string]entrance{
	"webapp": {traffic.Coolstore.Host, "/api/catalog",
		map[settings.Scenario]settings.Stage{settings.Multicluster: settings.Apps, settings.Extension: settings.Apps}},
	"simple-backend": {traffic.SimpleBackend.Host, "/", map[settings.Scenario]settings.Stage{settings.Multicluster: settings.Locality}},
}

// answerTime bounds the wait for one answer.
const answerTime = 10 * time.Second

func (l *lab) traffic() *cobra.Command {
	requests, interval, headers, asJSON := 0, time.Second, []string{}, false
	c := &cobra.Command{
		Use: "traffic [webapp|simple-backend]", Short: "Make requests through the ingress gateway, and count who answers",
		Long: "Make one request a second to webapp, or to simple-backend, through the ingress gateway, each over a connection of its own, and " +
			"count the answers by their status and by who gives them, until Ctrl-C or for a number of requests. The exit status is 0 whatever " +
			"the answers are, and after Ctrl-C.",
		Example: `  lab traffic webapp
  # ten requests to what both clusters have
  lab traffic simple-backend -n 10
  # as a customer with a tier, in the extension lab
  lab traffic webapp -H "x-loyalty: gold" --stack extension`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			return offer(slices.Sorted(maps.Keys(entrances))[min(len(args), 1)*len(entrances):])(c, args, begun)
		},
		RunE: func(c *cobra.Command, args []string) error {
			ctx := c.Context()
			name := cmp.Or(strings.Join(args, ""), "webapp")
			to, known := entrances[name]
			if !known {
				return usage{fmt.Errorf("there is no way in to %q%s", name, nearest.Of(name, slices.Sorted(maps.Keys(entrances))))}
			}
			for _, header := range headers {
				if before, _, ok := strings.Cut(header, ":"); !ok || before == "" {
					return usage{fmt.Errorf("--header %q is not a name and a value, such as x-loyalty: gold", header)}
				}
			}
			if requests < 0 || interval < 0 {
				return usage{errors.New("neither --requests nor --interval can be less than nothing")}
			}
			s, err := openStack(ctx, l.stack, l.say, l.abandon)
			if err != nil {
				return err
			}
			at, err := s.entrance(ctx, name, to)
			if err != nil {
				return fmt.Errorf("stack %s: %w", l.stack, err)
			}
			fmt.Fprintf(l.say, "GET %s of host %s\n", at, to.host)
			counts := &tally{started: time.Now(), counts: map[reply]int{}}
			show := counts.lines(l.out)
			switch {
			case asJSON:
				show = func(time.Time, time.Duration, reply) {}
			case terminal.IsTerminal(l.out):
				show = counts.live(l.out)
			}
			counts.run(ctx, requests, interval, func(ctx context.Context) reply { return ask(ctx, to.host, at, headers) }, show)
			if asJSON {
				return encode(l.out, counts.report())
			}
			counts.print(l.out)
			return nil
		},
	}
	c.Flags().IntVarP(&requests, "requests", "n", 0, "end after so many requests; 0 goes on until Ctrl-C")
	c.Flags().DurationVar(&interval, "interval", interval, "from the beginning of one request to that of the next")
	c.Flags().StringArrayVarP(&headers, "header", "H", nil, "send a header, such as \"x-loyalty: gold\"")
	c.Flags().BoolVar(&asJSON, "json", false, "print the counts as JSON, at the end")
	return c
}

// entrance is the URL at which this host reaches a way in.
func (s *stack) entrance(ctx context.Context, name string, to entrance) (string, error) {
	parsed, err := s.settings(s.Name())
	if err != nil {
		return "", err
	}
	stage, there := to.from[parsed.Scenario]
	if !there {
		return "", usage{fmt.Errorf("the scenario %s has no %s", parsed.Scenario, name)}
	}
	if !parsed.Reached(stage) {
		return "", usage{fmt.Errorf("%s comes with the stage %s, and it is at %s; `lab up --stage %[2]s`", name, stage, parsed.Stage)}
	}
	values, err := s.outputs(ctx, parsed.OnExisting())
	if err != nil {
		return "", err
	}
	ingress, err := s.ingress(ctx, parsed, values)
	return ingress + to.path, err
}

// reply is what becomes of a request: the status of its answer and who gives it; without an answer, why not.
type reply struct {
	Status int    `json:"status,omitempty"`
	By     string `json:"by"`
}

func (r reply) String() string {
	if r.Status == 0 {
		return "no answer: " + r.By
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, r.By))
}

// ask makes one request.
func ask(ctx context.Context, host, at string, headers []string) reply {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	status, body, err := checks.Ask(ctx, host, at, headers...)
	if err != nil {
		return reply{By: cause(err)}
	}
	return reply{status, author(body)}
}

// cause is why there was no answer, without the request that the person knows and what changes each time.
func cause(err error) string {
	var network *net.OpError
	var request *url.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "none within " + answerTime.String()
	case errors.As(err, &network) && network.Err != nil:
		return network.Err.Error()
	case errors.As(err, &request):
		return request.Err.Error()
	}
	return err.Error()
}

// author is who gives an answer, as far as it says so: simple-backend says its words, and the catalog its items.
func author(body string) string {
	var words struct{ Body, Name, Error string }
	if json.Unmarshal([]byte(body), &words) == nil {
		return cmp.Or(words.Body, words.Error, words.Name)
	}
	var items []json.RawMessage
	if json.Unmarshal([]byte(body), &items) == nil {
		return count(len(items), "item")
	}
	const enough = 60
	line, _, _ := strings.Cut(strings.TrimSpace(body), "\n")
	return strings.ToValidUTF8(line[:min(len(line), enough)], "")
}

// tally counts replies.
type tally struct {
	started time.Time
	took    time.Duration
	counts  map[reply]int
}

// run makes requests at an interval, so many or until the context ends, and shows each reply.
func (t *tally) run(ctx context.Context, requests int, interval time.Duration, ask func(context.Context) reply,
	show func(time.Time, time.Duration, reply),
) {
	next := time.NewTimer(0)
	defer next.Stop()
	for n := 0; requests == 0 || n < requests; n++ {
		select {
		case <-ctx.Done():
		case <-next.C:
		}
		if ctx.Err() != nil {
			break
		}
		begun := time.Now()
		next.Reset(interval)
		r := ask(ctx)
		if ctx.Err() != nil {
			break // it was not waited for
		}
		t.counts[r]++
		show(begun, time.Since(begun), r)
	}
	t.took = time.Since(t.started)
}

// lines shows a line for each reply.
func (*tally) lines(out io.Writer) func(time.Time, time.Duration, reply) {
	return func(begun time.Time, took time.Duration, r reply) {
		fmt.Fprintf(out, "%s  %5d ms  %s\n", begun.Format(time.TimeOnly), took.Milliseconds(), r)
	}
}

// live shows the counts in one line of a terminal.
func (t *tally) live(out io.Writer) func(time.Time, time.Duration, reply) {
	const back, clear = "\r", "\x1b[K"
	return func(time.Time, time.Duration, reply) {
		var parts []string
		for _, r := range t.replies() {
			parts = append(parts, fmt.Sprintf("%s: %d", r, t.counts[r]))
		}
		fmt.Fprint(out, back, terminal.Truncate(strings.Join(parts, "   "), terminal.Width(out)-1), clear)
	}
}

// replies are those that there were, by their status.
func (t *tally) replies() []reply {
	return slices.SortedFunc(maps.Keys(t.counts), func(a, b reply) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.By, b.By))
	})
}

func (t *tally) total() (n int) {
	for _, count := range t.counts {
		n += count
	}
	return n
}

// print ends with the counts.
func (t *tally) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s in %s\n", count(t.total(), "request"), seconds(t.took))
	for _, r := range t.replies() {
		fmt.Fprintf(out, "%6d  %3d%%  %s\n", t.counts[r], 100*t.counts[r]/t.total(), r)
	}
}

// report is the counts for a program.
func (t *tally) report() any {
	type counted struct {
		reply
		Count int `json:"count"`
	}
	all := []counted{}
	for _, r := range t.replies() {
		all = append(all, counted{r, t.counts[r]})
	}
	return struct {
		Requests int       `json:"requests"`
		Seconds  float64   `json:"seconds"`
		Replies  []counted `json:"replies"`
	}{t.total(), t.took.Seconds(), all}
}
