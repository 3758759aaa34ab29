package apps

import "istio-lab/internal/release"

// BucketTester says which group of an A/B test a request is in. To every request it says dark-launch-7.
func BucketTester(r release.Release) App {
	return App{
		Name: "bucket-tester", Version: "v1", Image: r.Images[release.HTTPEcho], Args: []string{"-text=dark-launch-7"}, Port: 5678,
	}
}
