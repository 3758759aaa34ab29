//go:build !windows

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup keeps the terminal's Ctrl-C from the engine: it would hear it twice, and take the second for "stop at once".
func ownGroup(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt asks the engine to stop after the steps that are under way.
func interrupt(p *os.Process) { _ = p.Signal(os.Interrupt) } // an error says that it has ended
