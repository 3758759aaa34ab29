package main

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"istio-lab/internal/terminal"
)

// hint is a command of lab as a text of the project writes it.
var hint = regexp.MustCompile("`lab [a-z][^`]*`")

// ofNoStack are the commands that are about no stack, or about many.
var ofNoStack = []string{"list", "classroom", "man"}

// said is a text with its hints as the person is to type them: lab as they call it, and their stack.
func (l *lab) said(text string) string {
	return hint.ReplaceAllStringFunc(text, func(found string) string {
		words := strings.Fields(strings.Trim(found, "`"))
		command := cmp.Or(l.program, "lab") + " " + strings.Join(words[1:], " ")
		if !slices.Contains(words, "--stack") && !slices.Contains(ofNoStack, words[1]) {
			command += l.onStack()
		}
		return "`" + command + "`"
	})
}

// onStack is the flag by which a command is on the stack, with a space before it; empty for the default one.
func (l *lab) onStack() string {
	if l.stack == defaultStack {
		return ""
	}
	return " --stack " + l.stack
}

// results is where a command writes its results, if they have hints.
func (l *lab) results() *terminal.Console { return terminal.NewConsole(l.out, l.said) }
