package kind

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"istio-lab/internal/allot"
)

// kubeadmAPI is a version of the API of kubeadm's configuration. bootstrap.sh chooses by the node's Kubernetes.
type kubeadmAPI string

const (
	// v1beta3 is read by Kubernetes 1.22 to 1.36.
	v1beta3 kubeadmAPI = "v1beta3"
	// v1beta4 is read since Kubernetes 1.31.
	v1beta4 kubeadmAPI = "v1beta4"
)

// extraArgs are command line flags of a component: an object up to v1beta3, a list since v1beta4.
func (api kubeadmAPI) extraArgs(flags map[string]string) any {
	if api == v1beta3 {
		return flags
	}
	var list []map[string]string
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		list = append(list, map[string]string{"name": name, "value": flags[name]})
	}
	return list
}

// kubeadmConfig is the configuration that kind gives to kubeadm, for one control plane node. What only the node knows is left
// to bootstrap.sh: @VERSION@, @ADDRESS@ and @CGROUP_DRIVER@.
func kubeadmConfig(args *ClusterArgs, api kubeadmAPI) string {
	type object = map[string]any
	apiVersion := "kubeadm.k8s.io/" + string(api)
	var labels []string
	for _, key := range slices.Sorted(maps.Keys(args.NodeLabels)) {
		labels = append(labels, key+"="+args.NodeLabels[key])
	}
	kubelet := object{
		"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
		"cgroupDriver": "@CGROUP_DRIVER@", "cgroupRoot": "/kubelet",
		"failSwapOn": false,
		// The defaults since Kubernetes 1.27. Those before, 5 and 10, hold back the news that pods are ready or done.
		"kubeAPIQPS": 50, "kubeAPIBurst": 100,
		// The node shares the host's disk, so its fullness says nothing about what kubelet could free.
		"imageGCHighThresholdPercent": 100,
		"evictionHard":                object{"nodefs.available": "0%", "nodefs.inodesFree": "0%", "imagefs.available": "0%"},
	}
	if api == v1beta4 {
		// Since Kubernetes 1.35 kubelet refuses cgroup v1 by default. The field came with Kubernetes 1.31, as v1beta4 did.
		kubelet["failCgroupV1"] = false
	}
	proxy := object{
		"apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration",
		"mode": "iptables", "iptables": object{"minSyncPeriod": "1s"},
		// The limit is the host's, which a node must not change.
		"conntrack": object{"maxPerCore": 0},
	}
	if len(args.KubeletFeatureGates) > 0 {
		kubelet["featureGates"] = args.KubeletFeatureGates
	}
	documents := []object{
		{
			"apiVersion": apiVersion, "kind": "ClusterConfiguration",
			"kubernetesVersion":    "@VERSION@", // exact, or kubeadm asks the network for it
			"clusterName":          args.Name,
			"controlPlaneEndpoint": args.Node + ":6443",
			"apiServer": object{
				"certSANs": names(args),
			},
			// One node needs no election, which costs seconds at the start, and no allocation of pod ranges: up to Kubernetes 1.26
			// at least, the controller for that holds up all others for ten seconds. bootstrap.sh gives the node its range. None of the
			// controllers works before all are started, which takes some 100 requests: 4 s at Kubernetes' own limits, 20 and 30.
			"controllerManager": object{"extraArgs": api.extraArgs(map[string]string{
				"enable-hostpath-provisioner": "true",
				"leader-elect":                "false",
				"controllers":                 "*,bootstrapsigner,tokencleaner,-nodeipam",
				"kube-api-qps":                "100",
				"kube-api-burst":              "200",
			})},
			"scheduler": object{"extraArgs": api.extraArgs(map[string]string{"leader-elect": "false"})},
			"networking": object{
				"podSubnet": args.PodSubnet.String(), "serviceSubnet": args.ServiceSubnet.String(),
			},
		},
		{
			"apiVersion": apiVersion, "kind": "InitConfiguration",
			"localAPIEndpoint": object{"advertiseAddress": "@ADDRESS@", "bindPort": 6443},
			"nodeRegistration": object{
				"criSocket": "unix:///run/containerd/containerd.sock",
				"taints":    []any{},
				"kubeletExtraArgs": api.extraArgs(map[string]string{
					"node-ip":     "@ADDRESS@",
					"provider-id": "kind://docker/" + args.Name + "/" + args.Node,
					// Given at registration, so that no endpoint is ever seen without its locality.
					"node-labels": strings.Join(labels, ","),
				}),
			},
		},
		kubelet,
		proxy,
	}
	var out []string
	for _, document := range documents {
		text, err := yaml.Marshal(document)
		if err != nil {
			panic(err) // maps of strings, numbers and booleans
		}
		out = append(out, string(text))
	}
	return strings.Join(out, "---\n")
}

// nodePodRange is the part of the pod range that the one node has: the first /24, which Kubernetes would allocate to it.
func nodePodRange(pods netip.Prefix) netip.Prefix { return netip.PrefixFrom(pods.Addr(), 24) }

// names are those by which the API server is reached, beside those that kubeadm knows: on this host, by its own network and where its
// port is published.
func names(args *ClusterArgs) []string {
	all := []string{"localhost", "127.0.0.1", args.Node, args.Address.String()}
	if at := allot.Reachable(args.ListenAddress).String(); !slices.Contains(all, at) {
		all = append(all, at)
	}
	return all
}
