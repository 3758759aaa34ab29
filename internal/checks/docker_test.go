package checks

import "testing"

func TestACommandOfAnErrorCanBePastedIntoAShell(t *testing.T) {
	for want, command := range map[string][]string{
		"curl -s http://a:80/":                 {"curl", "-s", "http://a:80/"},
		"curl -H 'Host: a b' ''":               {"curl", "-H", "Host: a b", ""},
		"echo '$HOME `id` \"x\"' 'it'\"'\"'s'": {"echo", "$HOME `id` \"x\"", "it's"},
		"curl -w":                              {"curl", "-w"},
		"curl -s a":                            {"curl", "-w", end, "-s", "a"},
	} {
		if got := shell(command); got != want {
			t.Errorf("%q becomes %s, not %s", command, got, want)
		}
	}
}
