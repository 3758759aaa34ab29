package preflight

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// downloads looks whether this host reaches what the lab is downloaded from. Docker and the nodes may have another way, such as a proxy
// of their own, and may have it all already.
func downloads(ctx context.Context, urls []string, reach func(ctx context.Context, url string) error) Finding {
	f := Finding{
		Topic: "downloads", Found: "nothing but from mirrors and files", Advice: true,
		Why: "images that are not at hand are pulled, and manifests read, from there",
	}
	if len(urls) == 0 {
		return f
	}
	failures := make([]error, len(urls))
	var asking sync.WaitGroup
	for i, u := range urls {
		asking.Go(func() {
			failures[i] = reach(ctx, u)
		})
	}
	asking.Wait()
	var answer, silent []string
	for i, u := range urls {
		if failures[i] == nil {
			answer = append(answer, hostOf(u))
		} else {
			silent = append(silent, hostOf(u))
		}
	}
	f.Found = strings.Join(answer, ", ") + " answer"
	if len(silent) > 0 {
		f.Found = fmt.Sprintf("%d of %d answer", len(answer), len(urls))
		f.Problems = []error{fmt.Errorf("no answer from %s (%w); see to the network or its proxy, or name mirrors in lab.mirrors and files in "+
			"lab.manifests", strings.Join(silent, ", "), cmp.Or(failures...))}
	}
	return f
}

// Reach objects if there is no answer from where a URL leads to. One that asks who is there will do.
func Reach(ctx context.Context, location string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, location, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	var failed *url.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("for %s", patience)
	case errors.As(err, &failed):
		return failed.Err
	case err != nil:
		return err
	}
	return response.Body.Close()
}

func hostOf(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return location
	}
	return u.Host
}
