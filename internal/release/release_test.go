package release_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"istio-lab/internal/release"
)

var sha256 = regexp.MustCompile("^[0-9a-f]{64}$")

func each(t *testing.T, check func(t *testing.T, r release.Release)) {
	for _, name := range release.Names() {
		t.Run(name, func(t *testing.T) {
			r, err := release.For(name, release.Overrides{})
			if err != nil {
				t.Fatal(err)
			}
			check(t, r)
		})
	}
}

func TestEveryReleaseHasAllImagesAndManifests(t *testing.T) {
	each(t, func(t *testing.T, r release.Release) {
		if got := slices.Sorted(maps.Keys(r.Images)); !slices.Equal(got, release.ImageNames()) {
			t.Errorf("its images are %v", got)
		}
		if got := slices.Sorted(maps.Keys(r.Manifests)); !slices.Equal(got, release.ManifestNames()) {
			t.Errorf("its manifests are %v", got)
		}
	})
}

func TestEveryManifestIsPinnedAndOfTheReleasesVersion(t *testing.T) {
	each(t, func(t *testing.T, r release.Release) {
		digests := map[string]string{}
		for name, m := range r.Manifests {
			version := "/istio/istio/" + r.Versions().Istio + "/"
			if name == release.MetalLB {
				_, tag, _ := strings.Cut(r.Images[release.MetalLBController], ":")
				version = "/metallb/metallb/" + tag + "/"
			}
			if !strings.HasPrefix(m.Location, "https://") || !strings.Contains(m.Location, version) ||
				!strings.Contains(m.Location, "/"+name) || !sha256.MatchString(m.SHA256) {
				t.Errorf("%s is read at %s, pinned to %q", name, m.Location, m.SHA256)
			}
			if other := digests[m.SHA256]; other != "" {
				t.Errorf("%s and %s are pinned to the same digest", name, other)
			}
			digests[m.SHA256] = name
		}
	})
}

func TestImagesAreTakenByTheirTagsWhereDigestsAreIgnored(t *testing.T) {
	const digest = "@sha256:0000000000000000000000000000000000000000000000000000000000000000"
	for _, name := range release.Names() {
		r, err := release.For(name, release.Overrides{IgnoreDigests: true, Images: map[string]string{release.Client: "a.example/b:1" + digest}})
		if err != nil {
			t.Fatal(err)
		}
		for image, reference := range r.Images {
			if pinned := strings.Contains(reference, "@"); pinned != (image == release.Client) {
				t.Errorf("%s: %s is %s", name, image, reference)
			}
		}
		if len(r.Overridden) != 1 {
			t.Errorf("%s: %v count as overridden", name, r.Overridden)
		}
	}
}
