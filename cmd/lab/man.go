package main

import (
	"errors"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// written is the month on the manual pages: that of the program's making would have every build print other pages.
var written = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

func (l *lab) man() *cobra.Command {
	directory := ""
	c := &cobra.Command{
		Use: "man [COMMAND...]", Short: "Print the manual page of lab or of a command, or write all pages",
		Long: "Print the manual page of lab, or of a command, as roff. With --all, write the pages of all commands into a directory, which is " +
			"made where it is missing. man looks into ~/.local/share/man by itself where ~/.local/bin is on PATH.",
		Example: `  lab man | man -l -
  # of a command of classroom
  lab man classroom up | man -l -
  # for man lab, man lab-up and so on
  lab man --all ~/.local/share/man/man1`,
		ValidArgsFunction: commandNames,
		RunE: func(c *cobra.Command, args []string) error {
			all := c.Flags().Changed("all")
			if all && len(args) > 0 {
				return usage{errors.New("--all writes the pages of all commands; name either a directory or a command")}
			}
			of, err := documented(c.Root(), args)
			if err != nil {
				return err
			}
			header := &doc.GenManHeader{Section: "1", Date: &written, Source: "istio-lab", Manual: "The labs of Istio in Action"}
			root := c.Root()
			root.DisableAutoGenTag = true
			root.Long = strings.Replace(root.Long, exitStatus+":", "# "+strings.ToUpper(exitStatus), 1) // a section as pages have it
			if !all {
				return doc.GenMan(of, header, l.out)
			}
			if err := os.MkdirAll(directory, 0o755); err != nil {
				return err
			}
			return doc.GenManTree(root, header, directory)
		},
	}
	c.Flags().StringVar(&directory, "all", "", "write the pages of lab and of all its commands into this directory")
	if err := c.MarkFlagDirname("all"); err != nil {
		panic(err) // there is no such flag
	}
	return c
}
