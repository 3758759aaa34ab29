package checks

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/textproto"
	"strconv"
	"strings"

	"istio-lab/internal/allot"
)

// request is what is asked: a URL, of a host if one is given, with headers such as "x-loyalty: gold".
type request struct {
	host, url string
	headers   []string
}

// answer is what a server answers.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) String() string { return fmt.Sprintf("%d %q", a.status, tail(a.body)) }

// end is what curl prints after each answer: ASCII's record separator.
const end = "\x1e"

// curl makes a request so many times. Each run is a connection of its own: an open one goes on with the listener of before.
func (r request) curl(times int) []string {
	command := []string{"curl", "-sS", "-i", "-m10", "-w", end}
	if r.host != "" {
		command = append(command, "-H", "Host: "+r.host)
	}
	for _, header := range r.headers {
		command = append(command, "-H", header)
	}
	if times > 1 {
		return append(command, fmt.Sprintf("%s#[1-%d]", r.url, times)) // a URL for each, all alike: what follows # is not sent
	}
	return append(command, r.url)
}

// answered reads what curl has printed.
func answered(text string) ([]answer, error) {
	var all []answer
	for one := range strings.SplitSeq(strings.TrimSuffix(text, end), end) {
		lines := textproto.NewReader(bufio.NewReader(strings.NewReader(one)))
		first, err := lines.ReadLine()
		if err != nil {
			return nil, fmt.Errorf("curl has not printed an answer, but %q", one)
		}
		_, status, _ := strings.Cut(first, " ")
		status, _, _ = strings.Cut(status, " ")
		code, err := strconv.Atoi(status)
		if err != nil {
			return nil, fmt.Errorf("curl has not printed a status, but %q", first)
		}
		header, err := lines.ReadMIMEHeader()
		if err != nil {
			return nil, fmt.Errorf("curl has not printed headers, but %q: %w", one, err)
		}
		body, err := io.ReadAll(lines.R)
		if err != nil {
			return nil, err
		}
		all = append(all, answer{code, http.Header(header), string(body)})
	}
	return all, nil
}

// place runs a command where requests are made from, such as mypc or a pod, and returns what it prints.
type place func(ctx context.Context, command ...string) (string, error)

// ask makes a request from the place.
func (p place) ask(ctx context.Context, r request) (answer, error) {
	all, err := p.askOften(ctx, r, 1)
	if err != nil {
		return answer{}, err
	}
	return all[0], nil
}

// askOften makes a request so many times over one connection.
func (p place) askOften(ctx context.Context, r request, times int) ([]answer, error) {
	text, err := p(ctx, r.curl(times)...)
	if err != nil {
		return nil, err
	}
	all, err := answered(text)
	if err == nil && len(all) != times {
		err = fmt.Errorf("curl has printed %d answers to %d requests", len(all), times)
	}
	return all, err
}

// client is who asks a member's gateways from outside of it.
func (l *Lab) client(m member) place {
	if m.guest != "" {
		return l.guest(m.guest)
	}
	return func(ctx context.Context, command ...string) (string, error) {
		client := l.settings.Slot.Client
		if err := l.running(ctx, client.Name, client.Address); err != nil {
			return "", err
		}
		return InContainer(ctx, l.docker, client.Name, command...)
	}
}

// in is a container of a running pod of a workload.
func (c *Cluster) in(w workload) place {
	return func(ctx context.Context, command ...string) (string, error) { return c.run(ctx, w, command...) }
}

// fromHost makes a request from this host.
func fromHost(ctx context.Context, r request) (answer, error) {
	asked, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return answer{}, err
	}
	asked.Host = r.host
	for _, header := range r.headers {
		name, value, _ := strings.Cut(header, ":")
		asked.Header.Set(name, strings.TrimSpace(value))
	}
	asked.Close = true // a connection of its own, as curl's
	response, err := http.DefaultClient.Do(asked)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(text)}, err
}

// Ask asks a URL from this host, for a host if one is given, with headers such as "x-loyalty: gold", over a connection of its own, and
// returns the status and the body.
func Ask(ctx context.Context, host, url string, headers ...string) (status int, body string, err error) {
	got, err := fromHost(ctx, request{host: host, url: url, headers: headers})
	return got.status, got.body, err
}

// url is where a published port is reached on this host.
func (l *Lab) url(port allot.Port) string {
	return "http://" + netip.AddrPortFrom(l.settings.Lab.Reached(), uint16(port.Host)).String()
}
