package checks

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"istio-lab/internal/settings"
)

func TestPassedCountsTheAnswersBeforeRefusals(t *testing.T) {
	ok, fails := answer{status: 200}, answer{status: 500}
	refused := answer{status: 429, header: http.Header{"X-Envoy-Ratelimited": {"true"}}}
	for name, test := range map[string]struct {
		all  []answer
		want int
		says string
	}{
		"some":                      {[]answer{ok, ok, refused, refused}, 2, ""},
		"all":                       {[]answer{ok, ok}, 2, ""},
		"none":                      {[]answer{refused}, 0, ""},
		"an answer after a refusal": {[]answer{ok, refused, ok}, 0, "request 3 of 3 is answered"},
		"an error":                  {[]answer{ok, fails}, 0, "request 2 of 2 is neither answered nor over the limit, but 500"},
		"a refusal of another":      {[]answer{{status: 429}}, 0, "neither answered nor over the limit"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := passed(test.all)
			if got != test.want || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("%d, %v", got, err)
			}
		})
	}
}

func TestAMinuteWithRoomIsNotWaitedFor(t *testing.T) {
	start := time.Now()
	if err := nextMinute(t.Context(), 0); err != nil || time.Since(start) > time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
}

func TestEachTierWithACountableLimitHasAClaim(t *testing.T) {
	s := parsed(t, map[string]string{
		settings.KeyScenario: string(settings.Extension), settings.KeyLab: `{"rateLimits": {"gold": 12, "silver": 100000}}`,
	})
	all := claims(s)
	for _, want := range []string{"1 requests a minute of no_loyalty", "3 requests a minute of bronze", "12 requests a minute of gold"} {
		if !strings.Contains(all, "answers "+want) {
			t.Errorf("the claims do not have %q:\n%s", want, all)
		}
	}
	if strings.Contains(all, "silver") {
		t.Errorf("100000 requests are to be made within seconds:\n%s", all)
	}
}
