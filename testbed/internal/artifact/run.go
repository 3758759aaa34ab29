package artifact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"syscall"
)

// Run runs a command. Its error names the command and ends with the last lines that it wrote.
func Run(cmd *exec.Cmd) error {
	output := capture(cmd)
	return explain(cmd, cmd.Run(), output)
}

// Feed connects the standard input of a command, which has not started, to what write writes. Call fed with the command's error or nil. It
// returns the error of write, if there is one, instead: the command can report only that its input is truncated.
func Feed(cmd *exec.Cmd, write func(io.Writer) error) (fed func(error) error) {
	reader, writer := io.Pipe()
	cmd.Stdin = reader
	written := make(chan error, 1)
	go func() {
		err := write(writer)
		writer.CloseWithError(err)
		written <- err
	}()
	return func(ran error) error {
		reader.Close() // write must not wait for a command that has ended early
		if err := <-written; err != nil && !errors.Is(err, io.ErrClosedPipe) {
			return err
		}
		return ran
	}
}

// capture keeps what a command will write, but for a standard output that goes elsewhere.
func capture(cmd *exec.Cmd) *bytes.Buffer {
	var output bytes.Buffer
	cmd.Stderr = &output
	if cmd.Stdout == nil {
		cmd.Stdout = &output
	}
	return &output
}

// explain adds to a command's error which command it was, and the last lines that it wrote.
func explain(cmd *exec.Cmd, err error, output *bytes.Buffer) error {
	if err == nil {
		return nil
	}
	if strings.Contains(output.String(), syscall.ENOSPC.Error()) {
		err = fmt.Errorf("%w: the disk is full; free some of it and run this again, what is complete is kept", err)
	}
	return fmt.Errorf("%s: %w\n%s", line(cmd.Args), err, lastLines(output.String(), 15))
}

// Output runs a command and returns what it wrote to its standard output, trimmed.
func Output(cmd *exec.Cmd) (string, error) {
	var output bytes.Buffer
	cmd.Stdout = &output
	err := Run(cmd)
	return strings.TrimSpace(output.String()), err
}

// lastLines are the last lines of what a command wrote, but for those that tell of Go's downloads.
func lastLines(text string, n int) string {
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(text), "\n"), func(line string) bool {
		return strings.HasPrefix(line, "go: downloading ")
	})
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// line is the beginning of a command, on one line; of an argument with several, such as a script, the first has to do.
func line(args []string) string {
	const enough = 100
	var short []string
	for _, arg := range args {
		first, _, cut := strings.Cut(arg, "\n")
		if cut {
			first += " …"
		}
		short = append(short, first)
	}
	text := strings.Join(short, " ")
	if len(text) > enough {
		text = strings.ToValidUTF8(text[:enough], "") + " …"
	}
	return text
}
