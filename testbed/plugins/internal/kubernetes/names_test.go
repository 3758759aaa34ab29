package kubernetes

import (
	"regexp"
	"testing"
)

func metadataOf(fields map[string]any) map[string]any { return fields["metadata"].(map[string]any) }

func TestNames(t *testing.T) {
	t.Run("an object without a name gets one, and is marked", func(t *testing.T) {
		inputs := map[string]any{"metadata": map[string]any{}}
		assignName(inputs, nil, "west-spec")
		if got := metadataOf(inputs)["name"].(string); !regexp.MustCompile(`^west-spec-[0-9a-f]{8}$`).MatchString(got) {
			t.Errorf("name %q", got)
		}
		if annotation(inputs, autonamed) != "true" {
			t.Errorf("not marked: %v", inputs)
		}
	})
	t.Run("an object without metadata gets one, too", func(t *testing.T) {
		inputs := map[string]any{}
		assignName(inputs, nil, "a")
		if metadataOf(inputs)["name"] == nil {
			t.Errorf("%v", inputs)
		}
	})
	t.Run("a chosen name is kept", func(t *testing.T) {
		before := map[string]any{}
		assignName(before, nil, "a")
		inputs := map[string]any{"metadata": map[string]any{"annotations": map[string]any{"b": "c"}}}
		assignName(inputs, before, "a")
		if metadataOf(inputs)["name"] != metadataOf(before)["name"] || annotation(inputs, autonamed) != "true" || annotation(inputs, "b") != "c" {
			t.Errorf("%v after %v", inputs, before)
		}
	})
	t.Run("the program's name stays, also an unknown one", func(t *testing.T) {
		for _, given := range []any{"mine", unknown{}} {
			inputs := map[string]any{"metadata": map[string]any{"name": given}}
			assignName(inputs, nil, "a")
			if metadataOf(inputs)["name"] != given || annotation(inputs, autonamed) != "" {
				t.Errorf("%v", inputs)
			}
		}
	})
}
