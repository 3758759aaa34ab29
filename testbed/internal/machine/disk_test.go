package machine

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestAFolderThatIsToBeMadeHasTheRoomOfItsFileSystem(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	if err := Room(dir, 1); err != nil {
		t.Error(err)
	}
	if err := Room(dir, 1<<62); err == nil || !strings.Contains(err.Error(), "up to 4294967296.0 GiB may be needed there") {
		t.Errorf("got %v", err)
	}
}
