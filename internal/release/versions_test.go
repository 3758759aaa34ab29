package release_test

import (
	"strings"
	"testing"

	"istio-lab/internal/release"
)

func TestEveryReleasesIstioSupportsItsKubernetes(t *testing.T) {
	each(t, func(t *testing.T, r release.Release) {
		v := r.Versions()
		if v.Kubernetes == "" || v.Istio == "" {
			t.Errorf("its images do not say their versions: %+v", v)
		}
		if err := r.CheckNode(); err != nil {
			t.Error(err)
		}
	})
}

func TestANodeImageWhoseKubernetesDoesNotFitIsNamedWithWhatDoes(t *testing.T) {
	pilot := "docker.io/istio/pilot:"
	for _, c := range []struct {
		release string
		images  map[string]string
		want    string // empty: it fits, or nobody can tell
	}{
		{"book", map[string]string{release.Node: "kindest/node:v1.26.15"}, ""},
		{"book", map[string]string{release.Node: "kindest/node:v1.27.1"}, "is Kubernetes 1.27.1, and Istio 1.17.8 supports 1.23 to 1.26 only"},
		{"book", map[string]string{release.Node: "r.example:5000/node:v1.36.4@sha256:" + strings.Repeat("0", 64)}, "supports 1.23 to 1.26 only"},
		{"current", map[string]string{release.Node: "kindest/node:v1.31.0"}, "is Kubernetes 1.31.0, and Istio 1.31.0 supports 1.32 to 1.36 only"},
		{"current", map[string]string{release.Node: "kindest/node:v1.37.0"}, "supports 1.32 to 1.36 only"},
		{"current", map[string]string{release.Node: "kindest/node:v1.32.0-rc.1"}, ""},
		// Another Istio has another range, and one of no known range has none.
		{"current", map[string]string{release.Node: "kindest/node:v1.31.0", release.Pilot: pilot + "1.29.2-distroless"}, ""},
		{"current", map[string]string{release.Node: "kindest/node:v1.38.0", release.Pilot: pilot + "1.33.0"}, ""},
		{"current", map[string]string{release.Node: "kindest/node:v1.38.0", release.Pilot: pilot + "my-branch"}, ""},
		{"current", map[string]string{release.Node: "r.example:5000/node:mine"}, ""},
		{"current", map[string]string{release.Node: "kindest/node:v1.21.1", release.Pilot: pilot + "my-branch"}, "the oldest that the lab can set up is 1.22"},
	} {
		r, err := release.For(c.release, release.Overrides{Images: c.images})
		if err != nil {
			t.Fatal(err)
		}
		err = r.CheckNode()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %v: got %v, want %q", c.release, c.images, err, c.want)
		}
	}
}

func TestADistributionsVersionOfKubernetesIsCompared(t *testing.T) {
	r, err := release.For("current", release.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	for version, fits := range map[string]bool{
		"v1.34.1-eks-3025e55": true, "v1.33.4-gke.1350000": true, "v1.30+": false, "v1.29.0+k3s1": false, "whatever": true,
	} {
		if err := r.CheckKubernetes(version); (err == nil) != fits {
			t.Errorf("%s: %v", version, err)
		}
	}
}

func TestTheVersionsSayWhatReallyRunsAndWhichImagesAreReplaced(t *testing.T) {
	for _, c := range []struct {
		images map[string]string
		ignore bool
		want   string
	}{
		{nil, false, "release current (Kubernetes 1.36.4, Istio 1.31.0)"},
		{nil, true, "release current (Kubernetes 1.36.4, Istio 1.31.0), digests of images ignored"},
		{map[string]string{release.Node: "kindest/node:v1.35.8", release.Pilot: "r.example/pilot:mine"}, false,
			"release current (Kubernetes 1.35.8), image node is kindest/node:v1.35.8, image pilot is r.example/pilot:mine"},
	} {
		r, err := release.For("current", release.Overrides{Images: c.images, IgnoreDigests: c.ignore})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Versions().String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
