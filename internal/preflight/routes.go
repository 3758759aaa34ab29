package preflight

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/network"
)

// route is where the kernel sends packets to some addresses.
type route struct {
	to     netip.Prefix
	device string
}

// ipv4Routes are those of this host; none where it does not tell them in Linux' way.
func ipv4Routes() []route {
	table, err := os.ReadFile("/proc/net/route")
	if err != nil {
		return nil
	}
	return parseRoutes(string(table))
}

// parseRoutes reads /proc/net/route: a heading, and a line for each route with its interface, destination and, in the eighth column, the
// mask. Addresses are in hexadecimal, as numbers of this host's byte order.
func parseRoutes(table string) []route {
	var routes []route
	for line := range strings.Lines(table) {
		columns := strings.Fields(line)
		if len(columns) < 8 {
			continue
		}
		destination, err := strconv.ParseUint(columns[1], 16, 32)
		if err != nil {
			continue // the heading
		}
		mask, err := strconv.ParseUint(columns[7], 16, 32)
		if err != nil {
			continue
		}
		var address [4]byte
		binary.NativeEndian.PutUint32(address[:], uint32(destination))
		routes = append(routes, route{netip.PrefixFrom(netip.AddrFrom4(address), bits.OnesCount64(mask)), columns[0]})
	}
	return routes
}

// routed reports routes that lead packets for the lab's nodes elsewhere. A route to more addresses than the lab's does not: the kernel takes
// the most specific one.
func (c checker) routed() []error {
	if !c.here.local || !c.here.linux {
		return nil
	}
	var problems []error
	for _, r := range c.here.routes() {
		if r.to.Bits() < c.want.Subnet.Bits() || !r.to.Overlaps(c.want.Subnet) || slices.ContainsFunc(c.networks, r.isOf) {
			continue
		}
		end := "end what made that route, such as a VPN"
		if strings.HasPrefix(r.device, dockersBridge) {
			end = fmt.Sprintf("remove that bridge, which a Docker engine seems to have left, by `sudo ip link delete %s`", r.device)
		}
		problems = append(problems, fmt.Errorf("this host sends packets for %s to the interface %s, and so not to the lab's network %s; "+
			"%s, choose another student number, or another /16 in lab.networks", r.to, r.device, c.want.Subnet, end))
	}
	return problems
}

// dockersBridge begins the name of a network's interface, before the first twelve digits of the network's ID.
const dockersBridge = "br-"

// isOf says whether the route is that of a Docker network.
func (r route) isOf(n network.Summary) bool {
	if name := n.Options["com.docker.network.bridge.name"]; name != "" {
		return r.device == name
	}
	return len(n.ID) >= 12 && r.device == dockersBridge+n.ID[:12]
}
