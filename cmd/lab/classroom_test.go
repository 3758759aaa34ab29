package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestStudentsAreNumbersAndRanges(t *testing.T) {
	for text, want := range map[string][]int{
		"1-3": {1, 2, 3}, "7": {7}, "9,1-2, 4": {1, 2, 4, 9}, "1-3,2-4": {1, 2, 3, 4}, "0,99": {0, 99},
	} {
		if got, err := parseStudents(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	for text, says := range map[string]string{
		"": "name the students, as in --students 1-20", "a": `"a" is neither a number nor a range`, "1-": `"1-" is neither`,
		"98-100": `"98-100" is not within 0-99`, "5-4": `"5-4" ends before it begins`, "-1": "neither a number",
	} {
		if got, err := parseStudents(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}

func TestAClassroomIsATableOfItsLabs(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	err := printClassroom(&out, []seen{
		{status: status{Stack: "student-01", Resources: 139, Built: "multicluster up to policy", Updated: at.Add(-2 * time.Hour),
			Containers: map[string]string{"west": "Up 2 hours", "east": "Exited (137); `lab up` starts it"}}},
		{status: status{Stack: "student-02"}},
		{status: status{Stack: "student-03", Resources: 1, NoDocker: "it does not answer"}},
		{status: status{Stack: "student-04"}, Problem: "it is torn\nin two"},
	}, at)
	want := "STACK       BUILT                                                                     CONTAINERS\n" +
		"student-01  multicluster up to policy: 139 resources, 2 hours ago                     1 of 2 up\n" +
		"student-02  nothing; `lab classroom up --students 02` builds it                       none\n" +
		"student-03  1 resource, and not to the end; `lab classroom up --students 03` goes on  not to be seen\n" +
		"student-04  not to be seen                                                            it is torn; in two\n"
	if err != nil || out.String() != want {
		t.Errorf("got\n%s%v", &out, err)
	}
}
