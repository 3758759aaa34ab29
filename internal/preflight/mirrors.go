package preflight

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/system"
)

// patience bounds the wait for the answer of a mirror, which is to be near.
const patience = 5 * time.Second

// mirrors looks whether the mirrors of registries answer.
func (c checker) mirrors(ctx context.Context, info system.Info) Finding {
	f := Finding{
		Topic: "mirrors", Found: "none",
		Why: "a node asks them for every image before it asks the registry itself, for up to half a minute if they are silent",
	}
	if len(c.want.Mirrors) > 0 {
		f.Found = "of " + strings.Join(slices.Sorted(maps.Keys(c.want.Mirrors)), ", ")
	}
	if c.here.local && c.here.linux && !inVM(info) { // elsewhere an address can be reached from the containers alone
		f.Problems = c.silent(ctx)
	}
	return f
}

// silent reports the mirrors that do not answer.
func (c checker) silent(ctx context.Context) []error {
	settings := map[string][]string{} // by the URL, which several registries may share
	for _, host := range slices.Sorted(maps.Keys(c.want.Mirrors)) {
		settings[c.want.Mirrors[host]] = append(settings[c.want.Mirrors[host]], "lab.mirrors."+host)
	}
	urls := slices.Sorted(maps.Keys(settings))
	problems := make([]error, len(urls))
	var asking sync.WaitGroup
	for i, mirror := range urls {
		asking.Go(func() {
			if err := c.here.answers(ctx, mirror); err != nil {
				problems[i] = fmt.Errorf("%s: the mirror %s does not answer (%w); start it, correct the URL, or leave it out",
					strings.Join(settings[mirror], ", "), mirror, err)
			}
		})
	}
	asking.Wait()
	return slices.DeleteFunc(problems, func(err error) bool { return err == nil })
}

// answers objects if nothing speaks HTTP where the mirror is said to be. Any answer will do: whether its certificate is trusted and
// what it holds is between the nodes and it.
func answers(ctx context.Context, mirror string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(mirror, "/")+"/v2/", nil)
	if err != nil {
		return err
	}
	// Without a proxy, as the nodes.
	response, err := (&http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}).RoundTrip(request)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("for %s", patience)
	}
	if err != nil {
		return err
	}
	return response.Body.Close()
}
