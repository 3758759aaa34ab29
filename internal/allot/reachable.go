package allot

import "net/netip"

// Reachable is the address at which the host itself reaches a port that it publishes at an address, which may be all that it has.
func Reachable(published netip.Addr) netip.Addr {
	switch published {
	case netip.IPv4Unspecified():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case netip.IPv6Unspecified():
		return netip.IPv6Loopback()
	}
	return published
}
