package kubeconfig

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/client-go/tools/clientcmd"
)

// kubectl and kind hold the lock of a kubeconfig for milliseconds.
const (
	lockTimeout  = 10 * time.Second
	lockInterval = 20 * time.Millisecond
)

func init() {
	// It locks only while it writes, and without a retry. This package locks before it reads.
	clientcmd.UseModifyConfigLock = false
}

// lock takes the locks by which kubectl and kind keep others from writing the files, and returns what releases them. It waits until the
// timeout for a lock that another process holds.
func lock(files []string, timeout time.Duration) (release func(), err error) {
	var locks []string
	release = func() {
		for _, lock := range locks {
			os.Remove(lock)
		}
	}
	deadline := time.Now().Add(timeout)
	files = slices.Clone(files)
	slices.Sort(files) // all processes lock in the same order, so that none waits for a lock while another waits for its lock
	for _, file := range slices.Compact(files) {
		lock := file + ".lock"
		if err := create(lock, deadline); err != nil {
			release()
			return nil, err
		}
		locks = append(locks, lock)
	}
	return release, nil
}

// create creates a lock file, which must not exist. It retries until the deadline.
func create(lock string, deadline time.Time) error {
	if err := os.MkdirAll(filepath.Dir(lock), 0o755); err != nil {
		return err
	}
	for {
		f, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL, 0o600)
		switch {
		case err == nil:
			return f.Close()
		case !errors.Is(err, fs.ErrExist):
			return fmt.Errorf("lock your kubeconfig: %w", err)
		case time.Now().After(deadline):
			return fmt.Errorf("your kubeconfig is locked by another command; if no kubectl, kind or lab is running, remove %s", lock)
		}
		time.Sleep(lockInterval)
	}
}
