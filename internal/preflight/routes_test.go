package preflight

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// twoRoutes is what a little-endian Linux writes of the routes of a host with a lab.
const twoRoutes = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
br-4d97e141959b	0003760A	00000000	0001	0	0	0	00FFFFFF	0	0	0
`

func way(to, device string) route { return route{netip.MustParsePrefix(to), device} }

func TestTheKernelsRoutesAreRead(t *testing.T) {
	want := []route{way("0.0.0.0/0", "eth0"), way("10.118.3.0/24", "br-4d97e141959b")}
	if got := parseRoutes(twoRoutes); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestARouteThatLeadsTheLabsPacketsElsewhereIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		route route
		says  []string
	}{
		"a bridge that an engine has left": {
			way("10.118.3.0/24", "br-0123456789ab"),
			[]string{"10.118.3.0/24", "`sudo ip link delete br-0123456789ab`", "another student number", "lab.networks"},
		},
		"a VPN":                           {way("10.118.3.128/25", "tun0"), []string{"10.118.3.128/25", "tun0", "VPN"}},
		"the lab's own bridge":            {way("10.118.3.0/24", "br-4d97e141959b"), nil},
		"a bridge with a name of its own": {way("10.118.3.0/24", "lab3"), nil},
		"more addresses than the lab's":   {way("10.0.0.0/8", "tun0"), nil},
		"other addresses":                 {way("10.118.4.0/24", "br-0123456789ab"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			docker := ourLab(us)
			docker.networks[0].ID = "4d97e141959b" + strings.Repeat("0", 52)
			if test.route.device == "lab3" {
				docker.networks[0].Options = map[string]string{"com.docker.network.bridge.name": "lab3"}
			}
			_, here := roomy()
			here.routes = func() []route { return []route{test.route} }
			err := check(t.Context(), want(), docker, *here)
			if len(test.says) == 0 && err != nil {
				t.Error(err)
			}
			for _, part := range test.says {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("%v does not say %q", err, part)
				}
			}
			here.local = false // the routes of this host are not the engine's
			if err := check(t.Context(), want(), docker, *here); err != nil {
				t.Errorf("with an engine elsewhere: %v", err)
			}
		})
	}
}
