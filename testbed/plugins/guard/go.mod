// The guard is a module of its own so that the tls plugin, which is of another module, does not take what the other plugins require.
module istio-lab/testbed/plugins/guard

go 1.26
