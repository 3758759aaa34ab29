package imagepull

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const missing = "docker.io/istio/pilot:missing"

// notFound is what Kubernetes 1.26 with containerd 1.6 says of an attempt.
const notFound = `rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/istio/pilot:missing": failed to ` +
	`resolve reference "docker.io/istio/pilot:missing": docker.io/istio/pilot:missing: not found`

func watcher() *Watcher {
	return &Watcher{
		Settings:  map[string]string{missing: "lab.images.pilot"},
		Namespace: "istio-system",
		Mirrors:   map[string]string{"docker.io": "http://192.0.2.1:5000"},
	}
}

// waiting is a pod of which the second container waits for its image, as Kubernetes shows it.
func waiting(namespace, name, image, reason string) pod {
	message := map[string]string{
		errImagePull: notFound, imagePullBackOff: "Back-off pulling image " + image,
	}[reason]
	text := fmt.Sprintf(`{
		"metadata": {"namespace": %q, "name": %q, "uid": "uid-of-%[2]s", "ownerReferences": [{"kind": "ReplicaSet", "name": "r"}]},
		"status": {"phase": "Pending", "containerStatuses": [
			{"name": "sidecar", "image": "sidecar:1", "ready": true, "state": {"running": {"startedAt": "2026-11-23T06:27:31Z"}}},
			{"name": "main", "image": %q, "ready": false, "state": {"waiting": {"reason": %q, "message": %q}}}
		]}}`, namespace, name, image, reason, message)
	var p pod
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		panic(err)
	}
	return p
}

// looks has a record take in a pod that waits for an image for one reason after the other, and returns how often the last look
// says that an attempt failed. An empty reason is a look without the pod.
func looks(r *record, namespace, image string, reasons ...string) (times int) {
	for _, reason := range reasons {
		var pods []pod
		if reason != "" {
			pods = []pod{waiting(namespace, "istiod-1", image, reason)}
		}
		r.take(pods)
	}
	for _, f := range r.failures {
		times += f.times
	}
	return times
}

func TestEachFailedAttemptCountsOnce(t *testing.T) {
	for name, test := range map[string]struct {
		reasons []string
		times   int
	}{
		"while the image is being pulled":    {[]string{"", "ContainerCreating", "ContainerCreating"}, 0},
		"while the pod shows it":             {[]string{"", errImagePull, errImagePull, errImagePull}, 1},
		"while the next is to come":          {[]string{"", errImagePull, imagePullBackOff, imagePullBackOff}, 1},
		"and the second is another":          {[]string{"", errImagePull, imagePullBackOff, errImagePull}, 2},
		"when it passed between two looks":   {[]string{"", imagePullBackOff, errImagePull}, 2},
		"when it was made before the first":  {[]string{imagePullBackOff, imagePullBackOff}, 1},
		"and does not once the image came":   {[]string{"", errImagePull, imagePullBackOff, "", errImagePull}, 1},
		"nor once the container is made":     {[]string{"", errImagePull, "ContainerCreating"}, 0},
		"and for good when there is no more": {[]string{"", invalidImageName}, enough},
		"and when pulling is forbidden":      {[]string{"", errImageNeverPull}, enough},
	} {
		t.Run(name, func(t *testing.T) {
			if times := looks(&record{watcher: watcher()}, "istio-system", missing, test.reasons...); times != test.times {
				t.Errorf("%d failures, want %d", times, test.times)
			}
		})
	}
}

func TestWhatAPersonBrokeOnPurposeDoesNotCount(t *testing.T) {
	failing := []string{errImagePull, imagePullBackOff, errImagePull}
	for name, test := range map[string]struct {
		namespace, image string
		reasons          []string
		counts           bool
	}{
		"an image of the lab's anywhere":              {"default", missing, failing, true},
		"the person's own pod":                        {"default", "own:1", append([]string{""}, failing...), false},
		"a pod of istio-system that was broken":       {"istio-system", "own:1", failing, false},
		"a new pod of istio-system, which is another": {"istio-system", "hub.example/pilot:1", append([]string{""}, failing...), true},
	} {
		t.Run(name, func(t *testing.T) {
			if times := looks(&record{watcher: watcher()}, test.namespace, test.image, test.reasons...); (times > 0) != test.counts {
				t.Errorf("%d failures", times)
			}
		})
	}
}

func TestPodsThatHaveWaitedSinceBeforeAreMadeAnewOnce(t *testing.T) {
	ofJob := waiting("istio-system", "install", missing, imagePullBackOff)
	ofJob.Metadata.OwnerReferences[0].Kind = "Job"
	bare := waiting("istio-system", "bare", missing, imagePullBackOff)
	bare.Metadata.OwnerReferences = nil
	stuck := waiting("istio-system", "istiod-1", missing, imagePullBackOff)
	pods := []pod{
		ofJob, bare, stuck, waiting("istio-system", "own", "own:1", imagePullBackOff),
		waiting("istio-system", "gateway", "own:1", "ContainerCreating"), waiting("default", "creating", missing, "ContainerCreating"),
	}
	r := &record{watcher: watcher()}
	if renew := r.take(pods); fmt.Sprint(renew) != "[istio-system/istiod-1 istio-system/gateway]" {
		t.Errorf("made anew: %v", renew)
	}
	if renew := r.take(pods); len(renew) > 0 {
		t.Errorf("made anew at the second look: %v", renew)
	}
}

// reports returns what the looks of a watch at two clusters report.
func reports(w *Watcher, looks ...[]pod) []string {
	var said []string
	w.Report = func(err error) { said = append(said, err.Error()) }
	west, east := &record{watcher: w}, &record{watcher: w}
	for _, pods := range append([][]pod{nil}, looks...) {
		for cluster, r := range map[string]*record{"west": west, "east": east} {
			r.take(pods)
			w.report(cluster, r.failures)
		}
	}
	return said
}

func TestAnImageIsReportedOnceAndWithItAllThatFail(t *testing.T) {
	const speaker = "quay.io/metallb/speaker:missing"
	w := watcher()
	w.Settings[speaker] = "lab.images.metallb-speaker"
	both := func(pilot, metallb string) []pod {
		return []pod{
			waiting("istio-system", "istiod-1", missing, pilot), waiting("istio-system", "istiod-2", missing, pilot),
			waiting("metallb-system", "speaker", speaker, metallb),
		}
	}
	if said := reports(watcher(), both(errImagePull, errImagePull), both(imagePullBackOff, errImagePull)); len(said) > 0 {
		t.Errorf("one failure is enough for %v", said)
	}
	said := reports(w, both(errImagePull, errImagePull), both(imagePullBackOff, errImagePull), both(errImagePull, errImagePull),
		both(imagePullBackOff, imagePullBackOff), both(errImagePull, errImagePull))
	if len(said) != 1 || strings.Count(said[0], "the image "+missing) != 1 || strings.Count(said[0], "the image "+speaker) != 1 {
		t.Errorf("reported: %q", said)
	}
}

func TestTheReportNamesTheImageThePodTheCauseAndTheSetting(t *testing.T) {
	at := failure{image: missing, message: notFound}
	unnamed := failure{image: "hub.example:5000/pilot:1", message: "pull QPS exceeded"}
	for name, test := range map[string]struct {
		failure
		mirrors map[string]string
		want    string
	}{
		"an image of a setting": {
			at, nil, "the image docker.io/istio/pilot:missing cannot be pulled (pod istio-system/istiod-1 in west): not found; " +
				"correct lab.images.pilot, or name a mirror that has it in lab.mirrors.docker.io",
		},
		"with a mirror": {
			at, map[string]string{"docker.io": "http://192.0.2.1:5000"},
			"the image docker.io/istio/pilot:missing cannot be pulled (pod istio-system/istiod-1 in west): not found; " +
				"correct lab.images.pilot, or put it into the mirror http://192.0.2.1:5000 of lab.mirrors.docker.io, which was asked first",
		},
		"an image of istioctl's own": {
			unnamed, nil, "the image hub.example:5000/pilot:1 cannot be pulled (pod istio-system/istiod-1 in west): pull QPS exceeded; " +
				"name a mirror that has it in lab.mirrors.hub.example:5000",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := watcher()
			w.Mirrors = test.mirrors
			if got := w.problem("west", "istio-system/istiod-1", test.failure).Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestTheCauseIsTheLastPartOfKubeletsMessage(t *testing.T) {
	const unreachable = `failed to do request: Head "https://registry-1.docker.io/v2/istio/pilot/manifests/missing": dial tcp: lookup ` +
		`registry-1.docker.io on 10.118.92.1:53: no such host`
	for message, want := range map[string]string{
		notFound: "not found",
		`rpc error: code = Unknown desc = failed to pull and unpack image "` + missing + `": failed to resolve reference "` +
			missing + `": ` + unreachable: unreachable,
		// Kubernetes 1.34 repeats the last attempt.
		`Back-off pulling image "` + missing + `": ErrImagePull: ` + notFound: "not found",
		`Back-off pulling image "` + missing + `"`:                            `Back-off pulling image "` + missing + `"`,
		"": "",
	} {
		if got := shorten(message, missing); got != want {
			t.Errorf("%q became %q", message, got)
		}
	}
}

func TestTheRegistryOfAnImageIsTheHostInItsName(t *testing.T) {
	for image, want := range map[string]string{
		"nginx:1": "docker.io", "istio/pilot:1": "docker.io", "docker.io/istio/pilot:1": "docker.io",
		"quay.io/metallb/speaker:1": "quay.io", "localhost/a:1": "localhost", "registry:5000/a:1": "registry:5000",
	} {
		if got := registry(image); got != want {
			t.Errorf("%s: %s, want %s", image, got, want)
		}
	}
}
