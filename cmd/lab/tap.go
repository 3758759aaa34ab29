package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/tools/clientcmd"

	"istio-lab/internal/portforward"
	"istio-lab/internal/settings"
	"istio-lab/internal/tap"
)

// captureWithin bounds the wait for a trace: as long as a connection from before the filter can last, and some more.
const captureWithin = time.Minute

func (l *lab) tap() *cobra.Command {
	unmarked := false
	c := &cobra.Command{
		Use: "tap", Short: "Capture a request to webapp, and print its trace", Args: cobra.NoArgs,
		Long: "Open the tap of webapp's sidecar, send a request marked " + tap.Header + ": true through the ingress gateway, and print " +
			"the trace that the sidecar captures of it. This is of the extension lab, from the stage tap on. It fails where nothing is captured " +
			"within a minute.",
		Example: `  lab tap --stack extension
  # that other requests are left alone
  lab tap --unmarked --stack extension`,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(c.Context(), captureWithin)
			defer cancel()
			s, err := openStack(ctx, l.stack, l.say, l.abandon)
			if err != nil {
				return err
			}
			shop, err := s.shop(ctx)
			if err != nil {
				return fmt.Errorf("stack %s: %w", l.stack, err)
			}
			trace, err := tap.Capture(ctx, shop.administration, func(ctx context.Context) error {
				if unmarked {
					if err := shop.ask(ctx, false); err != nil {
						return err
					}
				}
				return shop.ask(ctx, true)
			})
			switch {
			case errors.Is(err, context.DeadlineExceeded):
				return fmt.Errorf("nothing was captured within %s: does %s answer, and does `lab verify` find the stage %s sound?",
					captureWithin, shop.url, settings.Tap)
			case err != nil:
				return err
			case !unmarked:
				fmt.Fprintln(l.out, trace)
			case tap.OfMarked(trace):
				fmt.Fprintln(l.out, "the unmarked request was not captured; the marked one after it was")
			default:
				return fmt.Errorf("a request was captured that is not marked:\n%s", trace)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&unmarked, "unmarked", false, "send an unmarked request first, and print whether it was captured")
	return c
}

// shop is webapp as a person reaches it: through the ingress gateway, and its sidecar's administration.
type shop struct{ url, administration string }

// shop opens a way to webapp's sidecar, which ends with the context.
func (s *stack) shop(ctx context.Context) (shop, error) {
	parsed, err := s.settings(s.Name())
	if err != nil {
		return shop{}, err
	}
	if parsed.Scenario != settings.Extension || !parsed.Reached(settings.Tap) {
		return shop{}, usage{fmt.Errorf("it is the scenario %s up to %s, and the tap comes with the stage %s of %s",
			parsed.Scenario, parsed.Stage, settings.Tap, settings.Extension)}
	}
	values, err := s.outputs(ctx, true)
	if err != nil {
		return shop{}, err
	}
	name := parsed.Slot.MyK8s.Name
	text, err := clusterKubeconfig(values, name, false)
	if err != nil {
		return shop{}, err
	}
	config, err := clientcmd.RESTConfigFromKubeConfig([]byte(text))
	if err != nil {
		return shop{}, err
	}
	ingress, err := s.ingress(ctx, parsed, values)
	if err != nil {
		return shop{}, err
	}
	administration, err := portforward.ToPod(ctx, config, "istioinaction", "app=webapp", tap.AdminPort)
	return shop{ingress + "/api/catalog", administration}, err
}

// ask sends a request, whose answer is of no interest.
func (s shop) ask(ctx context.Context, marked bool) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return err
	}
	request.Host = "webapp.istioinaction.io"
	if marked {
		request.Header.Set(tap.Header, "true")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
