package main

import (
	"slices"
	"testing"

	"github.com/docker/docker/api/types/container"

	"istio-lab/internal/owner"
)

func TestContainersCountWithTheStackThatTheirLabelsName(t *testing.T) {
	const here = "ann@laptop:/home/ann/lab"
	of := func(stack, origin string, student int, state container.ContainerState) container.Summary {
		labels := map[string]string{}
		for _, l := range (owner.Owner{Stack: "organization/istio-lab/" + stack, Origin: origin, Student: student}).Labels() {
			labels[l.Key] = l.Value
		}
		return container.Summary{Labels: labels, State: state}
	}
	got := attribute([]container.Summary{
		of("dev", here, 0, container.StateRunning), of("dev", here, 0, container.StateRunning), of("dev", here, 0, container.StateExited),
		of("dev", "bob@laptop:/home/bob/lab", 3, container.StateRunning),
		of("lost", here, 4, container.StateExited),
	}, here, []listed{{Stack: "dev"}, {Stack: "empty", Student: 9}})
	want := []listed{
		{Stack: "dev", Running: 2, Stopped: 1}, {Stack: "empty", Student: 9},
		{Stack: "organization/istio-lab/dev", Origin: "bob@laptop:/home/bob/lab", Student: 3, Running: 1},
		{Stack: "lost", Student: 4, Stopped: 1},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
