package checks

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"istio-lab/internal/allot"
)

// answer is what a server answers.
type answer struct {
	status int
	body   string
}

func (a answer) String() string { return fmt.Sprintf("%d %q", a.status, tail(a.body)) }

// curl asks a URL, for a host if one is given. Each run is a connection of its own: an open one goes on with the listener of
// before. The status is on the last line.
func curl(host, url string) []string {
	command := []string{"curl", "-sS", "-m10", "-w", `\n%{http_code}`}
	if host != "" {
		command = append(command, "-H", "Host: "+host)
	}
	return append(command, url)
}

// answered reads what curl has printed.
func answered(text string) (answer, error) {
	body, status := cutLast(text, "\n")
	code, err := strconv.Atoi(status)
	if err != nil {
		return answer{}, fmt.Errorf("curl has not printed a status: %q", text)
	}
	return answer{code, body}, nil
}

// cutLast cuts a text at the last separator; without one, all of it is after.
func cutLast(text, separator string) (before, after string) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return "", text
	}
	return text[:i], text[i+len(separator):]
}

// onClient runs a command on mypc.
func (l *Lab) onClient(ctx context.Context, command ...string) (string, error) {
	client := l.settings.Slot.Client
	if err := l.running(ctx, client.Name, client.Address); err != nil {
		return "", err
	}
	return InContainer(ctx, l.docker, client.Name, command...)
}

// fromClient asks a URL from mypc.
func (l *Lab) fromClient(ctx context.Context, host, url string) (answer, error) {
	text, err := l.onClient(ctx, curl(host, url)...)
	if err != nil {
		return answer{}, err
	}
	return answered(text)
}

// fromHost asks a URL from this host.
func fromHost(ctx context.Context, host, url string) (answer, error) {
	status, body, err := Ask(ctx, host, url)
	return answer{status, body}, err
}

// Ask asks a URL from this host, for a host if one is given, over a connection of its own, and returns the status and the body.
func Ask(ctx context.Context, host, url string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	request.Host = host
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// url is where a published port is reached on this host.
func (l *Lab) url(port allot.Port) string {
	at := netip.MustParseAddr(l.settings.Lab.ListenAddress)
	if at.IsUnspecified() {
		at = netip.MustParseAddr("127.0.0.1")
	}
	return "http://" + net.JoinHostPort(at.String(), strconv.Itoa(port.Host))
}
