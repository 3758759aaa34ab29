package main

import (
	"fmt"
	"strings"
	"testing"

	"istio-lab/internal/terminal"
)

func TestHintsAreCommandsThatThePersonCanCopy(t *testing.T) {
	for _, test := range []struct{ program, stack, text, want string }{
		{"", defaultStack, "`lab up` heals `x`", "`lab up` heals `x`"},
		{"bin/lab", "ann", "run `lab up --refresh`, and `lab next`", "run `bin/lab up --refresh --stack ann`, and `bin/lab next --stack ann`"},
		{"bin/lab", "ann", "`lab up --stack bob` makes it; `lab list`", "`bin/lab up --stack bob` makes it; `bin/lab list`"},
		{"lab", "ann", "lab up is no hint", "lab up is no hint"},
	} {
		l := &lab{program: test.program, stack: test.stack}
		var out strings.Builder
		if n, err := fmt.Fprint(terminal.NewConsole(&out, l.said), test.text); n != len(test.text) || err != nil || out.String() != test.want {
			t.Errorf("%s on %s says %q (%d, %v)", test.program, test.stack, out.String(), n, err)
		}
	}
}
