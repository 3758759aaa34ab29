package machine

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// inotify are the kernel's limits that two nodes would exceed. The values are those that lab asks for, and more.
var inotify = map[string]int{
	"/proc/sys/fs/inotify/max_user_instances": 8192,
	"/proc/sys/fs/inotify/max_user_watches":   1 << 20,
}

// RaiseInotify raises the kernel's limits of inotify to what many nodes need, until the machine's next start.
func RaiseInotify() error {
	for file, least := range inotify {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if limit, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && limit >= least {
			continue
		}
		if err := os.WriteFile(file, []byte(strconv.Itoa(least)), 0o644); err != nil {
			return fmt.Errorf("raising the limit: %w", err)
		}
	}
	return nil
}
