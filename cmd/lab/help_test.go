package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// called finds what an example has of lab: the arguments, up to where the shell takes over again.
var called = regexp.MustCompile(`(?:^|\$\()lab ([^|>)]+)`)

func TestEveryCommandHasExamplesThatItTakes(t *testing.T) {
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		for _, below := range c.Commands() {
			look(below)
		}
		if !c.HasParent() {
			return // it has the guide
		}
		if path := c.CommandPath() + " "; strings.HasPrefix(path, "lab completion ") {
			return // cobra has written its help
		}
		if c.Short == "" || c.Long == "" {
			t.Errorf("%s does not say what it does", c.CommandPath())
		}
		own := 0
		for line := range strings.Lines(c.Example) {
			line = strings.TrimSpace(line)
			found := called.FindStringSubmatch(line)
			if strings.HasPrefix(line, "# ") || found == nil {
				continue
			}
			isCommand(t, found[1])
			if strings.HasPrefix(found[1]+" ", strings.TrimPrefix(c.CommandPath(), "lab ")+" ") {
				own++
			}
		}
		if own == 0 || own > 3 {
			t.Errorf("%s has %d examples", c.CommandPath(), own)
		}
	}
	look((&lab{}).command())
}

func TestTheGuideSaysEveryExitStatus(t *testing.T) {
	_, statuses, _ := strings.Cut(guide, exitStatus)
	for _, status := range []int{0, exitFailed, exitUsage, exitInterrupted} {
		if !strings.Contains(statuses, fmt.Sprintf("\n    %-5d", status)) {
			t.Errorf("not %d", status)
		}
	}
}
