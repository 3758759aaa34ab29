package kubernetes

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/util/jsonpath"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// readiness is how far an object has come.
type readiness struct {
	ready bool
	// failed says that it will never be ready.
	failed bool
	// message is what there is to say while waiting, problem what is wrong.
	message, problem string
}

// probe looks how far an object has come.
type probe func(*unstructured.Unstructured) readiness

// probeOf returns what says when an object is ready that was applied with the inputs; nil where being there is enough.
func probeOf(inputs *unstructured.Unstructured) probe {
	expression := annotation(inputs.Object, waitFor)
	switch {
	case annotation(inputs.Object, skipAwait) == "true":
		return nil
	case expression != "":
		return func(o *unstructured.Unstructured) readiness { return waited(o, expression) }
	}
	return kindProbe(inputs)
}

// kindProbe returns what says when an object of its kind is ready.
func kindProbe(inputs *unstructured.Unstructured) probe {
	switch kind := inputs.GroupVersionKind().GroupKind(); kind.String() {
	case "Deployment.apps", "DaemonSet.apps":
		return workload
	case "Job.batch":
		return job
	case "Secret":
		if inputs.Object["type"] == string(corev1.SecretTypeServiceAccountToken) {
			return token
		}
	}
	return nil
}

// workload is ready when all its pods of the current version are. A rollout that takes too long may still come to an end.
func workload(o *unstructured.Unstructured) readiness {
	result, err := status.Compute(o)
	if err != nil {
		return readiness{problem: err.Error()}
	}
	r := readiness{ready: result.Status == status.CurrentStatus, message: result.Message}
	for _, condition := range conditions(o) {
		if condition["status"] == "False" && condition["reason"] != nil && condition["message"] != nil {
			r.problem = fmt.Sprintf("[%v] %v", condition["reason"], condition["message"])
		}
	}
	return r
}

// shortage says what a Deployment that is not ready lacks.
func shortage(deployment *unstructured.Unstructured) string {
	for _, condition := range conditions(deployment) {
		if condition["type"] == string(appsv1.DeploymentAvailable) && condition["status"] == "True" {
			return "Minimum number of Pods to consider the application live was not attained"
		}
	}
	return "Minimum number of live Pods was not attained"
}

func conditions(o *unstructured.Unstructured) []map[string]any {
	list, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	var all []map[string]any
	for _, element := range list {
		if condition, ok := element.(map[string]any); ok {
			all = append(all, condition)
		}
	}
	return all
}

// job is ready when it has succeeded. For kstatus it would be as soon as it runs.
func job(o *unstructured.Unstructured) readiness {
	j := batchv1.Job{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &j); err != nil {
		return readiness{problem: err.Error()}
	}
	if j.Status.StartTime == nil {
		return readiness{message: fmt.Sprintf("Waiting for Job %q to start", shortID(o))}
	}
	r := readiness{message: fmt.Sprintf("Waiting for Job %q to succeed (Active: %d | Succeeded: %d | Failed: %d)",
		shortID(o), j.Status.Active, j.Status.Succeeded, j.Status.Failed)}
	for _, condition := range j.Status.Conditions {
		switch {
		case condition.Status != corev1.ConditionTrue:
		case condition.Type == batchv1.JobComplete:
			r.ready = true
		case condition.Type == batchv1.JobFailed:
			r.failed, r.problem = true, fmt.Sprintf("[%s] %s", condition.Reason, condition.Message)
		}
	}
	return r
}

// token is ready when Kubernetes has filled it in.
func token(o *unstructured.Unstructured) readiness {
	data, _, _ := unstructured.NestedMap(o.Object, "data")
	return readiness{ready: len(data) > 0, message: "Waiting for the token"}
}

// waited is ready when an expression of the annotation waitFor finds something.
func waited(o *unstructured.Unstructured, expression string) readiness {
	path, err := parseWaitFor(expression)
	if err != nil {
		return readiness{failed: true, problem: err.Error()}
	}
	found, err := path.FindResults(o.Object)
	if err != nil || len(found) == 0 || len(found[0]) == 0 {
		return readiness{message: fmt.Sprintf("Waiting for %s", strings.TrimPrefix(expression, waitForPath))}
	}
	return readiness{ready: true}
}

// waitForPath is what an expression begins with; that a condition is true, or that a path has a certain value, the lab does not wait for.
const waitForPath = "jsonpath="

func parseWaitFor(expression string) (*jsonpath.JSONPath, error) {
	template, ok := strings.CutPrefix(expression, waitForPath)
	if !ok || !strings.HasPrefix(template, "{") || !strings.HasSuffix(template, "}") {
		return nil, fmt.Errorf("%s: the test bed's plugin knows only %s{.path}, and not %q", waitFor, waitForPath, expression)
	}
	path := jsonpath.New(waitFor).AllowMissingKeys(true)
	if err := path.Parse(template); err != nil {
		return nil, fmt.Errorf("%s: %w", waitFor, err)
	}
	return path, nil
}

func checkWaitFor(inputs *unstructured.Unstructured) error {
	if expression := annotation(inputs.Object, waitFor); expression != "" {
		_, err := parseWaitFor(expression)
		return err
	}
	return nil
}

// shortID is an object's ID as messages have it, without the default namespace.
func shortID(o *unstructured.Unstructured) string {
	return strings.TrimPrefix(id(o), "default/")
}
