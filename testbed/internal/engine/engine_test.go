package engine

import "testing"

func TestTheHostIsAtTheGatewayOrElseAtTheFirstAddressOfTheBridge(t *testing.T) {
	for config, want := range map[string]string{
		"172.17.0.0/16 172.17.0.1\n":                    "172.17.0.1",
		"172.17.0.0/16 \n":                              "172.17.0.1",
		"10.9.0.5/24 10.9.0.254\n":                      "10.9.0.254",
		"fd00::/64 fd00::1\n172.17.0.0/16 172.17.0.9\n": "172.17.0.9",
		"\n192.168.4.0/22 \n":                           "192.168.4.1",
	} {
		got, err := hostAddress(config)
		if err != nil || got.String() != want {
			t.Errorf("%q: got %v, %v; want %s", config, got, err, want)
		}
	}
	for _, config := range []string{"", "\n", "fd00::/64 \n"} {
		if got, err := hostAddress(config); err == nil {
			t.Errorf("%q: got %v, want an error", config, got)
		}
	}
}
