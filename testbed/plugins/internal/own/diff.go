package own

import (
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
)

const replace = "&replace"

// Replacing is the kind of a change that makes a new resource.
func Replacing(kind p.DiffKind) p.DiffKind { return kind + replace }

// Replaces says whether one of the changes makes a new resource.
func Replaces(changes map[string]p.PropertyDiff) bool {
	for _, change := range changes {
		if strings.HasSuffix(string(change.Kind), replace) {
			return true
		}
	}
	return false
}
