package recipe

import "istio-lab/testbed/internal/source"

// Tool is a program that a person uses on a lab, of the version that the lab runs.
type Tool struct {
	source.OneOf
	Version string
}

// Tools are made of the images' programs.
func Tools() []Tool {
	return []Tool{
		{source.OneOf{Programs: currentNode.kubernetes, Program: "kubectl"}, currentNode.version},
		{source.OneOf{Programs: istio, Program: "istioctl"}, istioVersion},
	}
}
