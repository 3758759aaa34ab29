package main

import "testing"

func TestTheCapabilityAndANegativeScoreAreTakenOutAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct{ spec, want string }{
		"a container": {
			`{"limit":9223372036854771712,"process":{"capabilities":{"bounding":["CAP_SYS_RESOURCE","CAP_KILL"]},"oomScoreAdj":-997}}`,
			`{"limit":9223372036854771712,"process":{"capabilities":{"bounding":["CAP_KILL"]}}}`,
		},
		"a process":           {`{"capabilities":{"effective":["CAP_SYS_RESOURCE"]}}`, `{"capabilities":{"effective":[]}}`},
		"one without either":  {`{"args":["sh"]}`, `{"args":["sh"]}`},
		"a score that it may": {`{"oomScoreAdj":1000}`, `{"oomScoreAdj":1000}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := corrected([]byte(c.spec))
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, %v, want %s", got, err, c.want)
			}
		})
	}
}

func TestTheFileIsFoundAsRuncFindsIt(t *testing.T) {
	for want, args := range map[string][]string{
		"/b/config.json": {"--root", "/r", "create", "--bundle", "/b", "id"},
		"/c/config.json": {"run", "-b=/c", "id"},
		"/p.json":        {"exec", "--process=/p.json", "id"},
		"":               {"kill", "id", "9"},
	} {
		if got := specFile(args); got != want {
			t.Errorf("%q: got %q, want %q", args, got, want)
		}
	}
}
