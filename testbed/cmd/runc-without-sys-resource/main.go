// Command runc-without-sys-resource is runc for a machine that withholds CAP_SYS_RESOURCE from everything that runs on it: there runc
// starts no container that asks for that capability, as a privileged one does, nor for an OOM score below 0.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "runc-without-sys-resource:", err)
		os.Exit(1)
	}
}

// run corrects the file that says what is to be started, if the arguments name one, and becomes runc.
func run(args []string) error {
	if file := specFile(args); file != "" {
		if err := correct(file); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		return err
	}
	return syscall.Exec(runc, append([]string{"runc"}, args...), os.Environ())
}

// specFile is the file of the container that is made, or of the process that is started in one.
func specFile(args []string) string {
	switch {
	case slices.Contains(args, "create"), slices.Contains(args, "run"):
		if bundle := option(args, "--bundle", "-b"); bundle != "" {
			return filepath.Join(bundle, "config.json")
		}
	case slices.Contains(args, "exec"):
		return option(args, "--process", "-p")
	}
	return ""
}

// option is the value of a flag by any of its names.
func option(args []string, names ...string) string {
	for i, arg := range args {
		name, value, joined := strings.Cut(arg, "=")
		switch {
		case !slices.Contains(names, name):
		case joined:
			return value
		case i+1 < len(args):
			return args[i+1]
		}
	}
	return ""
}
