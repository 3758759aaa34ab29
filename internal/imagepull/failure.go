package imagepull

import (
	"fmt"
	"slices"
	"strings"
)

// enough failed attempts say that an image is not to be had; a single one can be the network's. kubelet makes the second about 25 s
// after the first (measured, Kubernetes 1.26).
const enough = 2

// kubelet's reasons for which a container waits.
const (
	errImagePull        = "ErrImagePull"        // an attempt has just failed
	registryUnavailable = "RegistryUnavailable" // the same
	imagePullBackOff    = "ImagePullBackOff"    // one has failed before, and the next is to come
	invalidImageName    = "InvalidImageName"    // there will be none
	errImageNeverPull   = "ErrImageNeverPull"   // the same
)

// place is a container of a pod.
type place struct {
	// pod is namespace/name, uid what tells it from its successor of the same name.
	pod, uid, container string
}

// failure is what is known of an image that a container waits for.
type failure struct {
	image, reason, message string
	// times counts the attempts that failed since the first look, and before it one at most.
	times int
}

// record is what was seen of a cluster.
type record struct {
	watcher *Watcher
	// older are the pods that were pending at the first look, by UID; nil before it.
	older    map[string]bool
	failures map[place]failure
}

// take takes in the pods that are pending now. It returns those that are to be made anew.
func (r *record) take(pods []pod) (renew []pod) {
	first := r.older == nil
	if first {
		r.older = map[string]bool{}
	}
	failures := map[place]failure{}
	for _, p := range pods {
		if within := r.watcher.Within; len(within) > 0 && !slices.Contains(within, p.Metadata.Namespace) {
			continue
		}
		if first {
			r.older[p.Metadata.UID] = true
		}
		system := p.Metadata.Namespace == r.watcher.Namespace
		waits, others := false, false // for an image that counts, for another
		for _, c := range p.containers() {
			at := place{p.String(), p.Metadata.UID, c.Name}
			f := r.failures[at].after(c)
			_, named := r.watcher.Settings[c.Image]
			switch {
			case f.times == 0:
			case named || system && !r.older[p.Metadata.UID]:
				failures[at], waits = f, true
			default:
				others = true
			}
		}
		if first && p.replaceable() && (waits || system && !others) {
			renew = append(renew, p)
		}
	}
	r.failures = failures
	return renew
}

// after is what is known of a container once its state is seen; the zero failure when it does not wait for an image any more.
func (f failure) after(c containerStatus) failure {
	now := failure{c.Image, c.State.Waiting.Reason, f.message, f.times}
	switch now.reason {
	case errImagePull, registryUnavailable:
		if f.reason != now.reason {
			now.times++
		}
		now.message = c.State.Waiting.Message
	case imagePullBackOff:
		if f.times == 0 { // the attempt itself was missed
			now.times, now.message = 1, c.State.Waiting.Message
		}
	case invalidImageName, errImageNeverPull:
		now.times, now.message = enough, c.State.Waiting.Message
	default:
		return failure{}
	}
	return now
}

// problem says which image cannot be pulled where, why, and which setting helps.
func (w *Watcher) problem(cluster, pod string, f failure) error {
	host := registry(f.image)
	remedy := "name a mirror that has it in lab.mirrors." + host
	if mirror, asked := w.Mirrors[host]; asked {
		remedy = fmt.Sprintf("put it into the mirror %s of lab.mirrors.%s, which was asked first", mirror, host)
	}
	if setting, named := w.Settings[f.image]; named {
		remedy = "correct " + setting + ", or " + remedy
	}
	return fmt.Errorf("the image %s cannot be pulled (pod %s in %s): %s; %s", f.image, pod, cluster,
		shorten(f.message, f.image), remedy)
}

// shorten returns the last cause of a message of kubelet's, in which each step on the way to it repeats the image.
func shorten(message, image string) string {
	if i := strings.LastIndex(message, image); i >= 0 {
		if cause := strings.TrimLeft(message[i+len(image):], `": `); cause != "" {
			return cause
		}
	}
	return message
}

// registry is the host that an image is pulled from: the part before the first slash if it looks like a host, else Docker Hub's.
func registry(image string) string {
	host, _, isPath := strings.Cut(image, "/")
	if isPath && (strings.ContainsAny(host, ".:") || host == "localhost") {
		return host
	}
	return "docker.io"
}
