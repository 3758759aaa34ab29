package oci

import (
	"io"
	"os/exec"

	"istio-lab/testbed/internal/artifact"
)

// WriteOutput makes a layer in dir of the archive that a command writes to its standard output.
// Every file gets its place, as by Writer.AddArchive.
func WriteOutput(dir string, cmd *exec.Cmd, place func(name string) string) error {
	w, err := NewWriter(dir)
	if err != nil {
		return err
	}
	archive, output := io.Pipe()
	cmd.Stdout = output
	added := make(chan error, 1)
	go func() {
		err := w.AddArchive(archive, place)
		// The command must not wait for a reader that has given up.
		archive.CloseWithError(err)
		added <- err
	}()
	ran := artifact.Run(cmd)
	output.CloseWithError(ran)
	if err := <-added; ran == nil {
		ran = err
	}
	if ran != nil {
		w.file.Close()
		return ran
	}
	return w.Close()
}
