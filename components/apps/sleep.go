package apps

import "istio-lab/internal/release"

// Sleep does nothing. It is there to call others from, by curl in its pod.
func Sleep(r release.Release) App {
	return App{Name: "sleep", Image: r.Images[release.Sleep], Command: []string{"/bin/sleep", "3650d"}, Port: 80}
}
