package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
)

// Room objects if the file system of a folder, which need not be there yet, has less than so many bytes free.
func Room(dir string, least uint64) error {
	var free syscall.Statfs_t
	for at := dir; ; at = filepath.Dir(at) {
		err := syscall.Statfs(at, &free)
		if errors.Is(err, fs.ErrNotExist) && at != filepath.Dir(at) {
			continue
		}
		if err != nil {
			return fmt.Errorf("the free space of %s: %w", at, err)
		}
		break
	}
	if have := free.Bavail * uint64(free.Bsize); have < least {
		return fmt.Errorf("%s has %s free, and up to %s may be needed there", dir, gib(have), gib(least))
	}
	return nil
}

func gib(bytes uint64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30)) }
