package machine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// patience bounds the wait for an answer from somewhere on the Internet.
const patience = 10 * time.Second

// Reach objects if there is no answer from a URL that says that what it names is there: one with a good status, or, from an image
// registry, the one that asks who is there.
func Reach(ctx context.Context, location string) error {
	where, err := url.Parse(location)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, location, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("%s does not answer: %w", where.Host, cause(err))
	}
	response.Body.Close()
	registry := response.StatusCode == http.StatusUnauthorized && response.Header.Get("Www-Authenticate") != ""
	if response.StatusCode >= http.StatusMultipleChoices && !registry {
		return fmt.Errorf("%s answers %s", where.Host, response.Status)
	}
	return nil
}

// cause is what a person wants to know of a request that failed.
func cause(err error) error {
	if unknown := (*net.DNSError)(nil); errors.As(err, &unknown) {
		return errors.New(unknown.Err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("not within %s", patience)
	}
	if of := (*url.Error)(nil); errors.As(err, &of) {
		return of.Err
	}
	return err
}
