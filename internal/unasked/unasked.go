// Package unasked keeps a library from asking the terminal. Pulumi's SDK takes in github.com/charmbracelet/bubbletea, which at its
// initialization asks for the terminal's colours and reads the answer: with it, it swallows what a person has typed or pasted ahead, and
// it waits 5 s where nobody answers. It does not ask a terminal of the type dumb.
//
// Of the packages that are ready, Go initializes the first by path. This one needs only syscall, and so comes before os, which every
// package that asks a terminal needs.
package unasked

import "syscall"

const variable = "TERM"

var terminal, there = syscall.Getenv(variable)

func init() {
	if there {
		_ = syscall.Setenv(variable, "dumb") // as valid as the name that was there
	}
}

// Restore gives the terminal its type back.
func Restore() {
	if there {
		_ = syscall.Setenv(variable, terminal)
	}
}
