package wasmplugin

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
)

// hostCalls are the declarations in Go's own source of functions that it asks of its host, and that Envoy 1.25, the proxy of
// Istio 1.17, has not, or refuses while a module starts. Envoy has them since 1.33, for Go's sake, and answers all but one with
// 52, which is ENOSYS: without files and sockets nothing depends on them.
var hostCalls = regexp.MustCompile(`//go:wasmimport wasi_snapshot_preview1 (?:sched_yield|poll_oneoff|fd_fdstat_get|fd_fdstat_set_flags)\n` +
	`(?://go:noescape\n)?(func .*)\n`)

// writeOverlay writes Go source that answers those calls itself, and returns the file that has `go build -overlay` take it in the
// place of what is installed.
func writeOverlay(ctx context.Context, source, directory string) (string, error) {
	root, err := goCommand(ctx, source, "env", "GOROOT")
	if err != nil {
		return "", err
	}
	var overlay struct{ Replace map[string]string }
	overlay.Replace = map[string]string{}
	for _, pkg := range []string{"runtime", "syscall"} {
		files, err := filepath.Glob(filepath.Join(root, "src", pkg, "*_wasip1.go"))
		if err != nil {
			return "", err
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return "", err
			}
			if !hostCalls.Match(text) {
				continue
			}
			copied := filepath.Join(directory, pkg+"_"+filepath.Base(file))
			if err := os.WriteFile(copied, hostCalls.ReplaceAll(text, []byte("$1 { return 52 }\n")), 0o600); err != nil {
				return "", err
			}
			overlay.Replace[file] = copied
		}
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	path := filepath.Join(directory, "overlay.json")
	return path, os.WriteFile(path, text, 0o600)
}
