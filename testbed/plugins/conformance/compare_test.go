package conformance

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func TestAnAnswerIsRecordedByItsLeaves(t *testing.T) {
	said := recorder{record: Record{}, at: "is made / create"}
	said.properties("outputs", properties(Map{
		"name":   "catalog",
		"ports":  []Map{{"internal": 80}, {"internal": 443}},
		"labels": Map{"app.kubernetes.io/name": "catalog"},
		"none":   Map{},
		"key":    resource.MakeSecret(resource.NewProperty("k")),
		"later":  resource.MakeComputed(resource.NewProperty("")),
	}))
	for path, want := range map[string]string{
		"name": "catalog", "ports[1].internal": "443", `labels["app.kubernetes.io/name"]`: "catalog", "none": "{}", "key": "secret k",
		"later": "(unknown)",
	} {
		if got := said.record["is made / create / outputs."+path]; got != want {
			t.Errorf("%s is recorded as %q, want %q", path, got, want)
		}
	}
	if len(said.record) != 7 {
		t.Errorf("%d leaves are recorded: %v", len(said.record), said.record)
	}
}

func TestANumberedRuleTellsOneValueFromTheNext(t *testing.T) {
	said := recorder{record: Record{}, seen: map[string][]string{}, rules: []Rule{{At: "id", As: Something, Numbered: true}}}
	var got []string
	for _, id := range []string{"a", "b", "a", ""} {
		said.text("id", id)
		got = append(got, said.record[" / id"])
	}
	if text := strings.Join(got, " "); text != "… #1 … #2 … #1 " {
		t.Errorf("got %q", text)
	}
}

func TestARuleDoesNotHideSecrecy(t *testing.T) {
	said := recorder{record: Record{}, rules: []Rule{{At: "outputs.*", As: Something}}}
	said.properties("outputs", properties(Map{"key": resource.MakeSecret(resource.NewProperty("k"))}))
	if got := said.record[" / outputs.key"]; got != "secret …" {
		t.Errorf("got %q", got)
	}
}

func TestOnlyListedDifferencesPass(t *testing.T) {
	all := compare("a network",
		Record{"is made / create / outputs.id": "1", "is made / create / outputs.name": "n", "is made / read / outputs.old": "x"},
		Record{"is made / create / outputs.id": "2", "is made / create / outputs.name": "n"})
	if len(all) != 2 || all[1].official != `"x"` || all[1].ours != "(nothing)" {
		t.Fatalf("they differ in %v", all)
	}
	listed := []Difference{{At: "a network / * / outputs.id"}, {At: "a network / is made / create / outputs.name"}}
	unlisted, met := sift(all, listed)
	if len(unlisted) != 1 || unlisted[0].at != "a network / is made / read / outputs.old" {
		t.Errorf("not listed are %v", unlisted)
	}
	if !met[listed[0]] || met[listed[1]] {
		t.Errorf("of the list, met are %v", met)
	}
}
