package conformance

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// shelf is a plugin for boxes on a shelf. Another size replaces a box, another color updates it, and a broken box comes to no good.
type shelf struct {
	plugin.MockProvider
	boxes map[resource.ID]resource.PropertyMap
	calls []string
}

func newShelf() *shelf {
	s := &shelf{boxes: map[resource.ID]resource.PropertyMap{}}
	s.CheckF = func(_ context.Context, r plugin.CheckRequest) (plugin.CheckResponse, error) {
		if !r.News.HasValue("size") {
			return plugin.CheckResponse{Failures: []plugin.CheckFailure{{Property: "size", Reason: "there is none"}}}, nil
		}
		return plugin.CheckResponse{Properties: r.News}, nil
	}
	s.DiffF = func(_ context.Context, r plugin.DiffRequest) (plugin.DiffResult, error) {
		d := plugin.DiffResult{Changes: plugin.DiffNone}
		for _, key := range []resource.PropertyKey{"color", "size"} {
			if !r.OldOutputs[key].DeepEquals(r.NewInputs[key]) {
				d.Changes, d.ChangedKeys = plugin.DiffSome, append(d.ChangedKeys, key)
			}
		}
		if slices.Contains(d.ChangedKeys, "size") {
			d.ReplaceKeys = []resource.PropertyKey{"size"}
		}
		return d, nil
	}
	s.CreateF = func(_ context.Context, r plugin.CreateRequest) (plugin.CreateResponse, error) {
		if r.Preview {
			s.calls = append(s.calls, "preview create")
			return plugin.CreateResponse{Properties: r.Properties}, nil
		}
		s.calls = append(s.calls, "create")
		id := resource.ID(strings.Repeat("i", 1+len(s.calls)))
		s.boxes[id] = r.Properties
		if r.Properties["color"].DeepEquals(resource.NewProperty("broken")) {
			return plugin.CreateResponse{ID: id, Properties: r.Properties, Status: resource.StatusPartialFailure},
				&plugin.InitError{Reasons: []string{"it is broken"}}
		}
		return plugin.CreateResponse{ID: id, Properties: r.Properties}, nil
	}
	s.UpdateF = func(_ context.Context, r plugin.UpdateRequest) (plugin.UpdateResponse, error) {
		if r.Preview {
			s.calls = append(s.calls, "preview update")
			return plugin.UpdateResponse{Properties: r.NewInputs}, nil
		}
		s.calls = append(s.calls, "update")
		s.boxes[r.ID] = r.NewInputs
		return plugin.UpdateResponse{Properties: r.NewInputs}, nil
	}
	s.ReadF = func(_ context.Context, r plugin.ReadRequest) (plugin.ReadResponse, error) {
		box, there := s.boxes[r.ID]
		if !there {
			return plugin.ReadResponse{}, nil
		}
		return plugin.ReadResponse{ReadResult: plugin.ReadResult{ID: r.ID, Inputs: box, Outputs: box}}, nil
	}
	s.DeleteF = func(_ context.Context, r plugin.DeleteRequest) (plugin.DeleteResponse, error) {
		s.calls = append(s.calls, "delete")
		delete(s.boxes, r.ID)
		return plugin.DeleteResponse{}, nil
	}
	return s
}

func TestACaseIsLivedAsTheEngineWouldDriveIt(t *testing.T) {
	red, large := Map{"color": "red", "size": 1}, Map{"color": "red", "size": 2}
	for _, c := range []struct {
		name  string
		of    Case
		calls string
	}{
		{"made, kept and painted", Case{Steps: []Step{
			{Name: "1", Inputs: red, Does: Creates},
			{Name: "2", Inputs: red, Does: Nothing},
			{Name: "3", Inputs: Map{"color": "blue", "size": 1}, Does: Updates},
			{Name: "4", Inputs: Map{}, Does: Refused},
		}}, "preview create, create, preview update, update, delete"},
		{"the new one is made before the old one goes", Case{Steps: []Step{
			{Name: "1", Inputs: red, Does: Creates},
			{Name: "2", Inputs: large, Does: Replaces},
		}}, "preview create, create, preview create, create, delete, delete"},
		{"the old one goes first", Case{DeleteBeforeReplace: true, Steps: []Step{
			{Name: "1", Inputs: red, Does: Creates},
			{Name: "2", Inputs: large, Does: Replaces},
		}}, "preview create, create, preview create, delete, create, delete"},
		{"what the program ignores stays", Case{IgnoreChanges: []string{"size"}, Steps: []Step{
			{Name: "1", Inputs: red, Does: Creates},
			{Name: "2", Inputs: large, Does: Nothing},
		}}, "preview create, create, delete"},
		{"a broken one is updated though nothing differs", Case{Steps: []Step{
			{Name: "1", Inputs: Map{"color": "broken", "size": 1}, Does: Fails},
			{Name: "2", Inputs: Map{"color": "broken", "size": 1}, Does: Updates},
		}}, "preview create, create, preview update, update, delete"},
		{"a broken one is made anew if the program says so", Case{ReplaceOnInitError: true, Steps: []Step{
			{Name: "1", Inputs: Map{"color": "broken", "size": 1}, Does: Fails},
			{Name: "2", Inputs: red, Does: Replaces},
		}}, "preview create, create, preview create, create, delete, delete"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf()
			c.of.Type = "shelf:index:Box"
			c.of.live(t, s, nil)
			if got := strings.Join(s.calls, ", "); got != c.calls {
				t.Errorf("the calls are %s, want %s", got, c.calls)
			}
			if len(s.boxes) > 0 {
				t.Errorf("left behind: %v", s.boxes)
			}
		})
	}
}

func TestWhatIsGoneIsMadeAgainAfterARefresh(t *testing.T) {
	s := newShelf()
	red := Map{"color": "red", "size": 1}
	said := Case{Type: "shelf:index:Box", Steps: []Step{
		{Name: "is made", Inputs: red, Does: Creates},
		{Name: "was taken", Before: func(*testing.T, State) { clear(s.boxes) }, Refresh: true, Inputs: red, Does: Creates,
			After: func(*testing.T, State) Map { return Map{"boxes": len(s.boxes)} }},
	}}.live(t, s, nil)
	if got := said["was taken / look / seen.boxes"]; got != "1" {
		t.Errorf("a look at the shelf is recorded as %q", got)
	}
}

func TestThePreviewDoesNotKnowWhatTheRunKnows(t *testing.T) {
	said := Case{Type: "shelf:index:Box", Steps: []Step{
		{Name: "is made", Inputs: Map{"color": "red", "size": 1}, Unknown: []string{"color"}, Does: Creates},
	}}.live(t, newShelf(), nil)
	if preview, run := said["is made / preview: create / outputs.color"], said["is made / create / outputs.color"]; preview != "(unknown)" ||
		run != "red" {
		t.Errorf("the color is %q in the preview, and then %q", preview, run)
	}
}
