package allot_test

import (
	"net/netip"
	"strings"
	"testing"

	"istio-lab/internal/allot"
)

func slot(t *testing.T, student int) allot.Slot {
	t.Helper()
	s, err := allot.For(student, allot.DefaultBase)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStudentZeroHasTheManualsNamesPortsAndLastOctets(t *testing.T) {
	s := slot(t, 0)
	got := []string{
		s.West.Name, s.East.Name, s.MyK8s.Name, s.Client.Name, s.West.Node, s.West.Address.String(),
		s.East.Address.String(), s.Client.Address.String(), s.West.Pool.String(), s.East.Pool.String(),
	}
	want := []string{
		"west", "east", "myk8s", "mypc", "west-control-plane", "10.118.0.2", "10.118.0.3", "10.118.0.100",
		"10.118.0.101-10.118.0.120", "10.118.0.201-10.118.0.220",
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %s, want %s", got[i], want[i])
		}
	}
	for _, c := range []allot.Cluster{s.West, s.East, s.MyK8s} {
		for _, p := range c.Ports {
			if p.Host != p.Node {
				t.Errorf("%s publishes %d as %d", c.Name, p.Node, p.Host)
			}
		}
	}
	if n := len(s.West.Ports); n != 6 {
		t.Errorf("west publishes %d ports, the manual 6", n)
	}
	if n := len(s.MyK8s.Ports); n != 8 {
		t.Errorf("myk8s publishes %d ports, the manual 8", n)
	}
}

// The two scenarios of one student share a slot, so claims are counted per student, not per cluster.
func TestNoTwoStudentsShareAnAddressAPortOrAName(t *testing.T) {
	owner := map[any]int{}
	claim := func(student int, what any) {
		if other, taken := owner[what]; taken && other != student {
			t.Errorf("students %d and %d share %v", other, student, what)
		}
		owner[what] = student
	}
	for n := range allot.MaxStudent + 1 {
		s := slot(t, n)
		claim(n, s.Network.Name)
		claim(n, s.Network.Subnet)
		claim(n, s.Client.Name)
		claim(n, s.Server.Name)
		for _, c := range []allot.Cluster{s.West, s.East, s.MyK8s} {
			claim(n, c.Name)
			claim(n, c.Node)
			claim(n, c.APIPort)
			for _, p := range c.Ports {
				claim(n, p.Host)
			}
		}
	}
}

func TestWithinASlotNothingCollidesEither(t *testing.T) {
	for n := range allot.MaxStudent + 1 {
		s := slot(t, n)
		ports := map[int]bool{}
		for _, c := range []allot.Cluster{s.West, s.East} {
			for _, p := range append(c.Ports, allot.Port{Host: c.APIPort}) {
				if ports[p.Host] {
					t.Errorf("student %d: port %d twice", n, p.Host)
				}
				ports[p.Host] = true
				if p.Host < 30000 || p.Host >= 32768 {
					t.Errorf("student %d: port %d is not between 30000 and the ephemeral range", n, p.Host)
				}
			}
		}
		fixed := []netip.Addr{s.Network.Gateway, s.West.Address, s.East.Address, s.Client.Address, s.Server.Address}
		for i, a := range fixed {
			if !s.Network.Subnet.Contains(a) || s.Network.Dynamic.Contains(a) {
				t.Errorf("student %d: %s is not a static address of %s", n, a, s.Network.Subnet)
			}
			for _, pool := range []allot.Range{s.West.Pool, s.East.Pool} {
				if pool.First.Compare(a) <= 0 && a.Compare(pool.Last) <= 0 {
					t.Errorf("student %d: %s is in the pool %s", n, a, pool)
				}
			}
			for _, b := range fixed[:i] {
				if a == b {
					t.Errorf("student %d: %s twice", n, a)
				}
			}
		}
		for _, pool := range []allot.Range{s.West.Pool, s.East.Pool} {
			for a := pool.First; a.Compare(pool.Last) <= 0; a = a.Next() {
				if s.Network.Dynamic.Contains(a) {
					t.Errorf("student %d: the pool %s meets the dynamic range", n, pool)
				}
			}
		}
		if s.West.Pool.Last.Compare(s.East.Pool.First) >= 0 {
			t.Errorf("student %d: the pools overlap", n)
		}
	}
}

func TestNamesAreDNSLabelsThatKindAccepts(t *testing.T) {
	for n := range allot.MaxStudent + 1 {
		s := slot(t, n)
		for _, name := range []string{s.West.Node, s.East.Node, s.MyK8s.Node, s.Client.Name, s.Server.Name, s.Network.Name} {
			if len(name) > 50 || strings.ToLower(name) != name || strings.ContainsAny(name, "_. ") {
				t.Errorf("student %d: %q", n, name)
			}
		}
	}
}

func TestAStudentOutOfRangeIsRefused(t *testing.T) {
	for _, n := range []int{-1, 100, 1 << 20} {
		if _, err := allot.For(n, allot.DefaultBase); err == nil {
			t.Errorf("student %d was accepted", n)
		}
	}
}

func TestABaseThatCannotHoldTheNetworksIsRefusedWithTheReason(t *testing.T) {
	for base, want := range map[string]string{
		"10.118.0.0/24": "is not an IPv4 /16",
		"10.118.3.0/16": "is not an IPv4 /16",
		"fd00::/16":     "is not an IPv4 /16",
		"8.8.0.0/16":    "is not private",
		"10.10.0.0/16":  "pods of west",
		"10.20.0.0/16":  "pods of east",
		"10.100.0.0/16": "services of west",
		"10.200.0.0/16": "services of myk8s",
	} {
		err := allot.CheckBase(netip.MustParsePrefix(base))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want a mention of %q", base, err, want)
		}
	}
	if err := allot.CheckBase(allot.DefaultBase); err != nil {
		t.Errorf("the default base is refused: %v", err)
	}
}

func TestWestAndMyK8sAreTheOnlyClustersThatShareAPlace(t *testing.T) {
	for n := range allot.MaxStudent + 1 {
		s := slot(t, n)
		for _, pair := range [][2]allot.Cluster{{s.West, s.MyK8s}, {s.MyK8s, s.West}} {
			other, shared := s.Counterpart(pair[0])
			if !shared || other.Name != pair[1].Name || other.APIPort != pair[0].APIPort || other.Ports[0] != pair[0].Ports[0] {
				t.Errorf("student %d: %s shares its place with %+v, %t", n, pair[0].Name, other, shared)
			}
		}
		if other, shared := s.Counterpart(s.East); shared {
			t.Errorf("student %d: east shares its place with %s", n, other.Name)
		}
	}
}
