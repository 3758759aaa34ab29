package main

import (
	"os"
	"os/exec"
)

// On Windows the console hands Ctrl-C to the engine itself, and no process can hand it to another.
func ownGroup(*exec.Cmd) {}

func interrupt(*os.Process) {}
