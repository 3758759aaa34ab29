package statefile

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// write writes a file, with its directories, and returns its path.
func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func compressed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func stack(directory, name string) Stack { return Open(directory, "istio-lab").Stack(name) }

const state = `{"version": 3, "checkpoint": {"stack": "organization/istio-lab/dev", "latest": {"resources": []}}}`

func TestStacksAreFoundWhateverTheProjectsPathHas(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "labs[1] 50%#실습")
	stacks := filepath.Join(directory, ".pulumi", "stacks", "istio-lab")
	for _, file := range []string{"dev.json", "dev.json.bak", "dev.json.attrs", "ann.json.gz", "ann.json.gz.attrs"} {
		write(t, filepath.Join(stacks, file), "")
	}
	write(t, filepath.Join(directory, ".pulumi", "stacks", "another", "eve.json"), "")
	if got, err := Open(directory, "istio-lab").Stacks(); err != nil || !slices.Equal(got, []string{"ann", "dev"}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := Open(t.TempDir(), "istio-lab").Stacks(); err != nil || len(got) > 0 {
		t.Errorf("where there is nothing: %v, %v", got, err)
	}
	lockFile(t, directory, `{"pid":1,"username":"ann","hostname":"elsewhere","timestamp":"2026-11-23T04:06:26Z"}`)
	if stack(directory, "dev").Locked(t.Context()) == nil {
		t.Error("a lock is not seen")
	}
}

func TestAStateIsReadInTheFormatsOfTheEngineAndNoOther(t *testing.T) {
	directory := t.TempDir()
	for file, text := range map[string]string{
		"dev.json": state, "small.json.gz": compressed(t, state), "elsewhere.json.gz": "no gzip",
		"newer.json": `{"version": 4, "checkpoint": {"latest": {}}}`, "half-written.json": state[:20],
	} {
		write(t, filepath.Join(directory, ".pulumi", "stacks", "istio-lab", file), text)
	}
	for name, known := range map[string]bool{
		"dev": true, "small": true, "elsewhere": false, "newer": false, "half-written": false, "none": false,
	} {
		got, found, err := stack(directory, name).State()
		if err != nil || found != known || found && string(got.Deployment) != `{"resources": []}` {
			t.Errorf("%s: %s, found: %v, %v", name, got.Deployment, found, err)
		}
	}
}

func TestTheLastUpdateCountsAndNoPreviewOrRefreshAfterIt(t *testing.T) {
	const up, down, refreshed = `{"kind":"update","result":"`, `{"kind":"destroy","result":"`, `{"kind":"refresh","result":"failed"}`
	for name, test := range map[string]struct {
		history   []string
		succeeded bool
	}{
		"no history":                       {nil, true},
		"an update":                        {[]string{up + `succeeded"}`}, true},
		"an update that failed":            {[]string{up + `succeeded"}`, up + `failed"}`}, false},
		"one that failed, and a refresh":   {[]string{up + `failed"}`, refreshed}, false},
		"one that failed, and the next":    {[]string{up + `failed"}`, up + `succeeded"}`}, true},
		"a destruction that was cancelled": {[]string{up + `succeeded"}`, down + `failed"}`}, false},
	} {
		for ending, write := range map[string]func(file, text string){
			"":      func(file, text string) { write(t, file, text) },
			gzipped: func(file, text string) { write(t, file+gzipped, compressed(t, text)) },
		} {
			t.Run(name+ending, func(t *testing.T) {
				directory := t.TempDir()
				for i, text := range test.history {
					base := filepath.Join(directory, ".pulumi", "history", "istio-lab", "dev", "dev-"+string(rune('1'+i)))
					write(base+".history.json", text)
					write(base+".checkpoint.json", "{}")
				}
				if got, err := stack(directory, "dev").LastUpdateSucceeded(); err != nil || got != test.succeeded {
					t.Errorf("got %v, %v", got, err)
				}
			})
		}
	}
}

func TestOnlyEmptyAttributesAreRemoved(t *testing.T) {
	directory := t.TempDir()
	files := filepath.Join(directory, ".pulumi")
	empty := write(t, filepath.Join(files, "meta.yaml.attrs"), "")
	whole := write(t, filepath.Join(files, "stacks", "istio-lab", "dev.json.attrs"), "{}")
	other := write(t, filepath.Join(files, "stacks", "istio-lab", "ann.json.attrs"), "")
	if err := stack(directory, "dev").RemoveEmptyAttributes(); err != nil {
		t.Fatal(err)
	}
	for file, left := range map[string]bool{empty: false, whole: true, other: true} {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) == left {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestOnlyThePendingOperationsAreTakenOutOfAState(t *testing.T) {
	text := `{"resources":[{"urn":"u"}],"pending_operations":[{"type":"creating"}],"newer":{"than":"this SDK"}}`
	got, err := WithoutPending(apitype.UntypedDeployment{Version: 3, Deployment: json.RawMessage(text)})
	if want := `{"newer":{"than":"this SDK"},"resources":[{"urn":"u"}]}`; err != nil || string(got.Deployment) != want || got.Version != 3 {
		t.Errorf("got %+v, %v", got, err)
	}
}
