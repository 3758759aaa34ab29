package settings

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestEachImageHasASettingThatChangesIt(t *testing.T) {
	before, err := Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	all := before.ImageSettings()
	if got, want := len(all), len(before.Release.Images); got != want {
		t.Errorf("%d settings for %d images", got, want)
	}
	for _, image := range slices.Sorted(maps.Keys(all)) {
		name, isImage := strings.CutPrefix(all[image], "lab.images.")
		if !isImage {
			t.Errorf("%s: %s", image, all[image])
			continue
		}
		after, err := Parse(map[string]string{"istio-lab:lab": `{"images": {"` + name + `": "other.example/a:1"}}`})
		if err != nil {
			t.Errorf("%s: %v", all[image], err)
			continue
		}
		if _, there := after.ImageSettings()[image]; there || after.ImageSettings()["other.example/a:1"] != all[image] {
			t.Errorf("%s does not change %s", all[image], image)
		}
	}
}
