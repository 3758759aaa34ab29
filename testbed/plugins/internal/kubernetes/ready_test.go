package kubernetes

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestReadiness(t *testing.T) {
	const deployment = `apiVersion: apps/v1, kind: Deployment, metadata: {name: a, generation: 2},
		spec: {replicas: 1, progressDeadlineSeconds: 600}`
	const jobHead = `apiVersion: batch/v1, kind: Job, metadata: {name: a, namespace: b}`
	for what, c := range map[string]struct {
		object        string
		ready, failed bool
		says          string
	}{
		"a Deployment that nobody has looked at": {object: `{` + deployment + `}`},
		"a Deployment whose rollout is complete": {object: `{` + deployment + `, status: {observedGeneration: 2, replicas: 1, updatedReplicas: 1,
			readyReplicas: 1, availableReplicas: 1, conditions: [{type: Available, status: "True"},
			{type: Progressing, status: "True", reason: NewReplicaSetAvailable}]}}`, ready: true},
		"a Deployment whose former version is ready": {object: `{` + deployment + `, status: {observedGeneration: 1, replicas: 1,
			updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1, conditions: [{type: Available, status: "True"},
			{type: Progressing, status: "True", reason: NewReplicaSetAvailable}]}}`},
		"a Deployment that takes too long may still become ready": {object: `{` + deployment + `, status: {observedGeneration: 2,
			conditions: [{type: Progressing, status: "False", reason: ProgressDeadlineExceeded, message: slow}]}}`,
			says: "[ProgressDeadlineExceeded] slow"},
		"a Job that has not begun": {object: `{` + jobHead + `}`, says: `Waiting for Job "b/a" to start`},
		"a Job that runs": {object: `{` + jobHead + `, status: {startTime: "2026-01-01T00:00:00Z", active: 1}}`,
			says: `Waiting for Job "b/a" to succeed (Active: 1 | Succeeded: 0 | Failed: 0)`},
		"a Job that is done": {object: `{` + jobHead + `, status: {startTime: "2026-01-01T00:00:00Z",
			conditions: [{type: Complete, status: "True"}]}}`, ready: true},
		"a Job that failed": {object: `{` + jobHead + `, status: {startTime: "2026-01-01T00:00:00Z",
			conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded, message: enough}]}}`,
			failed: true, says: "[BackoffLimitExceeded] enough"},
		"a token that is not there": {object: `{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token}`},
		"a token that is": {object: `{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, data: {token: x}}`,
			ready: true},
		"a path that is waited for and empty": {object: `{apiVersion: v1, kind: ConfigMap,
			metadata: {annotations: {pulumi.com/waitFor: "jsonpath={.data.token}"}}, data: {}}`, says: "Waiting for {.data.token}"},
		"a path that is waited for and filled": {object: `{apiVersion: v1, kind: ConfigMap,
			metadata: {annotations: {pulumi.com/waitFor: "jsonpath={.data.token}"}}, data: {token: x}}`, ready: true},
	} {
		t.Run(what, func(t *testing.T) {
			o := &unstructured.Unstructured{Object: tree(t, c.object)}
			got := probeOf(o)(o)
			if got.ready != c.ready || got.failed != c.failed || !strings.Contains(got.message+got.problem, c.says) {
				t.Errorf("got %+v", got)
			}
		})
	}
	for what, text := range map[string]string{
		"an object of another kind":        `{apiVersion: v1, kind: ConfigMap}`,
		"one that is not to be waited for": `{apiVersion: apps/v1, kind: Deployment, metadata: {annotations: {pulumi.com/skipAwait: "true"}}}`,
	} {
		t.Run(what+" is ready as soon as it is there", func(t *testing.T) {
			if probeOf(&unstructured.Unstructured{Object: tree(t, text)}) != nil {
				t.Error("it is waited for")
			}
		})
	}
}

func TestWhatThePluginCannotWaitForIsRefused(t *testing.T) {
	for what, c := range map[string]struct{ object, typeName string }{
		"a Service":     {`{apiVersion: v1, kind: Service}`, "Service"},
		"a StatefulSet": {`{apiVersion: apps/v1, kind: StatefulSet}`, "StatefulSet"},
		"a Patch":       {`{apiVersion: v1, kind: ConfigMap}`, "ConfigMapPatch"},
		"a condition to be waited for": {
			`{apiVersion: v1, kind: ConfigMap, metadata: {annotations: {pulumi.com/waitFor: "condition=Ready"}}}`, "ConfigMap",
		},
	} {
		t.Run(what, func(t *testing.T) {
			err := refused(&unstructured.Unstructured{Object: tree(t, c.object)}, c.typeName)
			if err == nil || !strings.Contains(err.Error(), "the test bed's plugin") {
				t.Errorf("said %v", err)
			}
		})
	}
	waitless := `{apiVersion: v1, kind: Service, metadata: {annotations: {pulumi.com/skipAwait: "true"}}}`
	if err := refused(&unstructured.Unstructured{Object: tree(t, waitless)}, "Service"); err != nil {
		t.Error(err)
	}
}

func TestAPodTellsItsLastWords(t *testing.T) {
	for what, c := range map[string]struct{ status, want string }{
		"one whose container ended": {`{conditions: [{type: Ready, status: "False", message: "containers with unready status: [a]"}],
			containerStatuses: [{name: a, state: {terminated: {reason: Error, exitCode: 3, message: "last words"}}}]}`,
			"containers with unready status: [a][Error] last words"},
		"one whose container said nothing": {`{conditions: [{type: Ready, status: "False", message: "not yet. "}],
			containerStatuses: [{name: a, state: {terminated: {reason: Error, exitCode: 3}}}]}`,
			`not yet. container "a" completed with exit code 3`},
		"one whose image is not there": {`{conditions: [{type: Ready, status: "False"}],
			containerStatuses: [{name: a, state: {waiting: {reason: ImagePullBackOff, message: none}}}]}`, "[ImagePullBackOff] none"},
		"one that is just starting": {`{conditions: [{type: Ready, status: "False"}],
			containerStatuses: [{name: a, state: {waiting: {reason: ContainerCreating}}}]}`, ""},
		"one that is ready": {`{conditions: [{type: Ready, status: "True"}]}`, ""},
		"one that is done":  {`{phase: Succeeded, conditions: [{type: Ready, status: "False", message: done}]}`, ""},
	} {
		t.Run(what, func(t *testing.T) {
			pod := corev1.Pod{}
			fields := map[string]any{"status": tree(t, c.status)}
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &pod); err != nil {
				t.Fatal(err)
			}
			if got := podProblem(pod); got != c.want {
				t.Errorf("said %q, want %q", got, c.want)
			}
		})
	}
}
