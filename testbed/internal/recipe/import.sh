# Reads an archive of the images of a node with Kubernetes $3, and writes an archive of the containerd folder that holds them packed.
# containerd runs in the folders $1, for its sockets, and $2. The arguments after $3 are the names of the images.
set -euo pipefail
exec 3>&1 >&2
cat >"$1/config.toml" <<CONFIG
version = 2
root = "$2"
state = "$1/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$1/containerd.sock"
[ttrpc]
  address = "$1/containerd.sock.ttrpc"
CONFIG
containerd --config "$1/config.toml" --log-level warn &
containerd=$!
trap 'kill $containerd 2>/dev/null || true; wait $containerd || true' EXIT
trap 'exit 1' INT TERM
export CONTAINERD_ADDRESS=$1/containerd.sock CONTAINERD_NAMESPACE=k8s.io
for _ in {1..100}; do
  ctr version >/dev/null 2>&1 && break
  sleep 0.1
done
# As kind's build does it.
ctr images import --label=io.cri-containerd.pinned=pinned --all-platforms --no-unpack --digests -
images=$(ctr images list --quiet)
# kind has its own pause image in the place of kubeadm's.
for image in $(kubeadm config images list --kubernetes-version "$3" | grep -v /pause:) "${@:4}"; do
  grep -qxF "$image" <<<"$images" || { echo "the node needs $image, which the archive lacks; it has $images"; exit 1; }
done
kill $containerd
wait $containerd || true
tar --create --directory "$2" . >&3
