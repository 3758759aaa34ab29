// Package conformance puts the test bed's plugins beside Pulumi's own: it lets both live through the same cases, as the engine would
// drive them, and compares all that they say.
//
// A case is the life of one resource. Its first step makes it; at each further step the program asks for other inputs, or for the
// same ones after somebody has touched the thing behind Pulumi's back:
//
//	//go:build conformance
//
//	func TestDocker(t *testing.T) {
//		Suite{
//			Plugin: "docker",
//			Config: Map{"host": host},
//			Rules:  []Rule{{At: "*id", As: Something, Numbered: true}},
//			Cases: []Case{{
//				Name: "a network",
//				Type: "docker:index/network:Network",
//				DeleteBeforeReplace: true,
//				Steps: []Step{
//					{Name: "is made", Inputs: Map{"name": "conformance-net"}, Does: Creates},
//					{Name: "stays as it is", Inputs: Map{"name": "conformance-net"}, Does: Nothing},
//					{Name: "gets another driver", Inputs: Map{"name": "conformance-net", "driver": "macvlan"}, Does: Replaces},
//					{Name: "is gone", Before: removeNetwork, Refresh: true, Inputs: Map{…}, Does: Creates},
//				},
//			}},
//		}.Run(t)
//	}
//
// At each step both plugins are asked, in the engine's order, and all answers are compared: Read if the step wants a refresh, Check, Diff
// where there is something already, Create or Update, all of them as preview first, then Check and Diff again (the second run, which
// ought to find nothing) and Read. After the last step comes Delete, and a Read of what was deleted. What the engine does itself
// is done here: ignored changes, and a resource that failed to start is updated although nothing differs, or made anew.
//
// Inputs are maps of plain Go values; resource.MakeSecret(resource.NewProperty(…)) makes one a secret. Step.Unknown names properties
// whose values the preview does not know. Step.After looks from outside at what there is now, and says what it saw; that is compared too.
//
// The columns live one after the other, and each deletes what it made before the other starts: so both may use the same names.
//
// What differs by nature (an identifier, a time, a key) is told alike by a Rule: As turns the value into what is to be compared, which
// should keep as much as can be kept, and Numbered tells the first such value of a case from the second. Every other difference is
// either mended in our plugin or listed, with its reason, in the table of differences.go. The failing test prints the line to put
// there. A listed difference which is none any more fails the test.
//
// Each step's Does is what has to come of it, in either column. Where Pulumi's own plugin is missing, that alone is tested, and the
// comparison is skipped. Run it all with
//
//	go test -tags conformance ./conformance
package conformance
