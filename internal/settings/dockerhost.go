package settings

import (
	"net/url"
	"slices"
)

// engines are the schemes of a Docker engine's URL.
var engines = []string{"ssh", "tcp", "unix", "npipe"}

// dockerHost checks lab.dockerHost. The ports of a lab on another host are to be published where this host reaches them.
func (p *parser) dockerHost(lab Lab) {
	if lab.DockerHost == "" {
		return
	}
	u, err := url.Parse(lab.DockerHost)
	if err != nil || !slices.Contains(engines, u.Scheme) || u.Host+u.Path == "" {
		p.refuse(KeyLab+".dockerHost", "%q is not the URL of a Docker engine, such as ssh://user@host or tcp://192.0.2.11:2376", lab.DockerHost)
		return
	}
	if remote := u.Host != "" && !Loopback(u.Hostname()); remote && Loopback(lab.ListenAddress) {
		p.refuse(KeyLab+".listenAddress", "%s is not where another host is reached; with lab.dockerHost %s, give an address of that host",
			lab.ListenAddress, lab.DockerHost)
	}
}
