package settings

import (
	"regexp"
	"strings"
)

// Options are those with which kubectl and istioctl reach the cluster, as a shell takes them.
func (e Existing) Options() string {
	options := "--context=" + word(e.Context)
	if e.Kubeconfig != "" {
		options = "--kubeconfig=" + word(e.Kubeconfig) + " " + options
	}
	return options
}

// plainWord is a text that a shell takes for one word as it is.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,-]+$`)

// word is a text as one word of a shell.
func word(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return Quoted(text)
}

// Quoted is a text as one word of a shell, whatever is in it.
func Quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
