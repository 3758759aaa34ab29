// Package allot turns a student number into everything on a host that could collide: addresses, ports and names.
//
// It is pure arithmetic over the student number and the base of the Docker networks. No two students of one host share a
// Docker network, an address, a host port or a name; allot_test.go proves it over the whole range.
package allot

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// MaxStudent is the largest student number. A hundred students times ten ports fill 30000-30999 and 31000-31999, and the
// API servers of the hundred end at 32199, below the ephemeral range that begins at 32768 on Linux.
const MaxStudent = 99

// DefaultBase holds one /24 per student. It is apart from Docker's own pools (172.17-172.31, 192.168), from kind's and
// from the pod and service ranges of the lab.
var DefaultBase = netip.MustParsePrefix("10.118.0.0/16")

// Host ports. Inside a cluster the NodePorts are always student 0's, which are the manual's.
const (
	westPorts   = 30000 // west and myk8s: 30000+10n on
	eastPorts   = 31000 // east: 31000+10n on
	portsPer    = 10
	apiPorts    = 32000 // API servers: 32000+2n and 32001+2n
	apiPortsPer = 2
)

// The last octets of a student's network; those of the pools and of mypc are the manual's.
const (
	gatewayOctet  = 1
	westOctet     = 2 // myk8s too
	eastOctet     = 3
	serverOctet   = 99
	clientOctet   = 100
	westPoolFirst = 101
	westPoolLast  = 120
	eastPoolFirst = 201
	eastPoolLast  = 220
	dynamicOctet  = 224 // 224-255, for containers that ask for no address
	dynamicBits   = 27
)

// Slot is all that one student holds on a host.
type Slot struct {
	Student int
	Network Network
	// West and East are the clusters of the multicluster scenario, MyK8s is that of the extension scenario. West and
	// MyK8s share their ports and addresses, so one student number runs one scenario at a time.
	West, East, MyK8s Cluster
	// Client is mypc, from which the manual's requests are made; Server is what sidecars get their Wasm filter from.
	Client, Server Container
}

// Counterpart is the cluster of the other scenario that has the address and the ports of c, so that only one of them can exist at a time;
// false where c shares them with none.
func (s Slot) Counterpart(c Cluster) (other Cluster, shared bool) {
	for _, other := range []Cluster{s.West, s.East, s.MyK8s} {
		if other.Name != c.Name && other.Address == c.Address {
			return other, true
		}
	}
	return Cluster{}, false
}

// Network is the Docker network of a student.
type Network struct {
	Name    string
	Subnet  netip.Prefix
	Gateway netip.Addr
	// Dynamic is where Docker takes addresses from for containers that ask for none.
	Dynamic netip.Prefix
}

// Cluster is what one kind cluster holds.
type Cluster struct {
	// Name is the name that kind knows the cluster by; Node is the name of its container and of its Kubernetes node.
	Name, Node string
	Address    netip.Addr
	// APIPort is the host port of the API server.
	APIPort int
	// Ports are the published NodePorts, ascending: the ingress gateway first, then the add-ons.
	Ports []Port
	// Pool is the first and the last address that MetalLB hands out.
	Pool Range
	// PodSubnet and ServiceSubnet are the manual's.
	PodSubnet, ServiceSubnet netip.Prefix
}

// Manual is what the manual calls the cluster, whatever student it is of.
func (c Cluster) Manual() string {
	name, _, _ := strings.Cut(c.Name, "-")
	return name
}

// Port publishes a NodePort of a cluster on the host.
type Port struct{ Node, Host int }

// Range is a range of addresses, both ends included.
type Range struct{ First, Last netip.Addr }

func (r Range) String() string { return r.First.String() + "-" + r.Last.String() }

// Container is a container beside the clusters.
type Container struct {
	Name    string
	Address netip.Addr
}

// clusterRanges are the manual's pod and service ranges; a base that overlaps one of them cannot be routed.
var clusterRanges = map[string]netip.Prefix{
	"pods of west and myk8s": netip.MustParsePrefix("10.10.0.0/16"),
	"pods of east":           netip.MustParsePrefix("10.20.0.0/16"),
	"services of west":       netip.MustParsePrefix("10.100.0.0/24"),
	"services of east":       netip.MustParsePrefix("10.200.0.0/24"),
	"services of myk8s":      netip.MustParsePrefix("10.200.0.0/22"),
}

// CheckBase says why base cannot hold the Docker networks of all students, or returns nil.
func CheckBase(base netip.Prefix) error {
	if !base.IsValid() || !base.Addr().Is4() || base.Bits() != 16 || base != base.Masked() {
		return fmt.Errorf("%s is not an IPv4 /16 such as %s, which holds one /24 for each student number", base, DefaultBase)
	}
	var problems []error
	if !base.Addr().IsPrivate() {
		problems = append(problems, fmt.Errorf("%s is not private; take a /16 of 10.0.0.0/8 such as %s", base, DefaultBase))
	}
	for _, name := range []string{
		"pods of west and myk8s", "pods of east", "services of west", "services of east", "services of myk8s",
	} {
		if used := clusterRanges[name]; used.Overlaps(base) {
			problems = append(problems, fmt.Errorf("%s overlaps %s, the %s; take another /16 such as %s",
				base, used, name, DefaultBase))
		}
	}
	return errors.Join(problems...)
}

// For returns what the student holds. It fails for a student out of 0..MaxStudent and for a base that CheckBase refuses.
func For(student int, base netip.Prefix) (Slot, error) {
	if student < 0 || student > MaxStudent {
		return Slot{}, fmt.Errorf("student %d is not in 0..%d", student, MaxStudent)
	}
	if err := CheckBase(base); err != nil {
		return Slot{}, err
	}
	at := func(octet byte) netip.Addr {
		b := base.Addr().As4()
		b[2], b[3] = byte(student), octet
		return netip.AddrFrom4(b)
	}
	name := func(manual string) string {
		if student == 0 {
			return manual
		}
		return fmt.Sprintf("%s-%02d", manual, student)
	}
	cluster := func(manual string, octet byte, firstPort, ports, api int, pool Range, pods, services string) Cluster {
		c := Cluster{
			Name: name(manual), Node: name(manual) + "-control-plane", Address: at(octet),
			APIPort: apiPorts + apiPortsPer*student + api, Pool: pool,
			PodSubnet: clusterRanges[pods], ServiceSubnet: clusterRanges[services],
		}
		for i := range ports {
			c.Ports = append(c.Ports, Port{Node: firstPort + i, Host: firstPort + portsPer*student + i})
		}
		return c
	}
	west := Range{at(westPoolFirst), at(westPoolLast)}
	east := Range{at(eastPoolFirst), at(eastPoolLast)}
	return Slot{
		Student: student,
		Network: Network{
			Name:    name("istio-lab"),
			Subnet:  netip.PrefixFrom(at(0), 24),
			Gateway: at(gatewayOctet),
			Dynamic: netip.PrefixFrom(at(dynamicOctet), dynamicBits),
		},
		West:   cluster("west", westOctet, westPorts, 6, 0, west, "pods of west and myk8s", "services of west"),
		East:   cluster("east", eastOctet, eastPorts, 6, 1, east, "pods of east", "services of east"),
		MyK8s:  cluster("myk8s", westOctet, westPorts, 8, 0, west, "pods of west and myk8s", "services of myk8s"),
		Client: Container{Name: name("mypc"), Address: at(clientOctet)},
		Server: Container{Name: name("wasm-server"), Address: at(serverOctet)},
	}, nil
}
