package preflight

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"istio-lab/internal/owner"
)

// ownerOf reads the labels of a container or a network; false if no stack of the lab made it.
func ownerOf(labels map[string]string) (owner.Owner, bool) {
	student, err := strconv.Atoi(labels[owner.StudentLabel])
	return owner.Owner{Stack: labels[owner.StackLabel], Origin: labels[owner.OriginLabel], Student: student}, err == nil
}

// ours says whether labels are those of the stack that is about to run. A stack is known again after its directory was
// moved: then its former directory is gone from this host, or is another path to the same one.
func (c checker) ours(labels map[string]string) bool {
	o, labelled := ownerOf(labels)
	if !labelled || o.Stack != c.want.Owner.Stack {
		return false
	}
	if o.Origin == c.want.Owner.Origin {
		return true
	}
	host, directory := splitOrigin(o.Origin)
	_, here := splitOrigin(c.want.Owner.Origin)
	return host != "" && host == c.here.name && (!c.here.exists(directory) || c.here.same(directory, here))
}

// splitOrigin takes user@host:directory apart.
func splitOrigin(origin string) (host, directory string) {
	account, directory, _ := strings.Cut(origin, ":")
	return account[strings.LastIndex(account, "@")+1:], directory
}

// holds says whether labels are those of another stack that has the wanted student number.
func (c checker) holds(labels map[string]string) bool {
	o, labelled := ownerOf(labels)
	return labelled && o.Student == c.want.Owner.Student && !c.ours(labels)
}

// holders reports every other stack that holds the student number.
func (c checker) holders() []error {
	held := map[owner.Owner][]string{}
	for _, s := range c.containers {
		if o, _ := ownerOf(s.Labels); c.holds(s.Labels) {
			held[o] = append(held[o], "container "+nameOf(s))
		}
	}
	for _, n := range c.networks {
		if o, _ := ownerOf(n.Labels); c.holds(n.Labels) {
			held[o] = append(held[o], "network "+n.Name)
		}
	}
	var problems []error
	for _, o := range slices.SortedFunc(maps.Keys(held), func(a, b owner.Owner) int {
		return strings.Compare(a.Stack+a.Origin, b.Stack+b.Origin)
	}) {
		slices.Sort(held[o])
		problems = append(problems, fmt.Errorf("student %d is held by the stack %s of %s (%s); choose another student number, "+
			"or destroy that stack", o.Student, o.Stack, o.Origin, strings.Join(held[o], ", ")))
	}
	return problems
}
