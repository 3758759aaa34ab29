package wasmplugin

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// wasi is what Go's runtime may ask of its host: what the proxies of every release have, and allow while a module starts.
var wasi = []string{
	"args_get", "args_sizes_get", "clock_time_get", "environ_get", "environ_sizes_get", "fd_close", "fd_prestat_dir_name",
	"fd_prestat_get", "fd_write", "proc_exit", "random_get",
}

// checkImports objects to a module that asks more of its host. A proxy would not load it, and say so in its own log alone.
func checkImports(module []byte) error {
	imports, err := wasiImports(module)
	if err != nil {
		return fmt.Errorf("the module is not as expected: %w", err)
	}
	lacking := slices.DeleteFunc(imports, func(name string) bool { return slices.Contains(wasi, name) })
	if len(lacking) > 0 {
		return fmt.Errorf("it needs %s of the proxy, which Istio 1.17's has not: a filter can use neither files nor sockets",
			strings.Join(lacking, ", "))
	}
	return nil
}

// wasiImports are the names of the functions of the system interface that a module imports.
func wasiImports(module []byte) (names []string, err error) {
	const importSection, function = 2, 0
	content, isWasm := bytes.CutPrefix(module, []byte("\x00asm\x01\x00\x00\x00"))
	if !isWasm {
		return nil, errors.New("it does not begin as WebAssembly does")
	}
	sections := reader{rest: content}
	for len(sections.rest) > 0 {
		id, section := sections.number(), reader{rest: sections.bytes()}
		if id != importSection {
			continue
		}
		for range section.number() {
			host, name, kind := section.bytes(), section.bytes(), section.number()
			section.number() // the function's type
			if section.broken || kind != function {
				return nil, fmt.Errorf("import %q of %q is not a function", name, host)
			}
			if string(host) == "wasi_snapshot_preview1" {
				names = append(names, string(name))
			}
		}
	}
	if sections.broken {
		return nil, errors.New("it ends too early")
	}
	return names, nil
}

// reader reads the parts of a module. It is broken when there is less than was announced, and empty then.
type reader struct {
	rest   []byte
	broken bool
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		*r = reader{broken: true}
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// bytes are preceded by their number.
func (r *reader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.rest)) {
		*r = reader{broken: true}
		return nil
	}
	content := r.rest[:n]
	r.rest = r.rest[n:]
	return content
}
