# Reads an archive of the images of Kubernetes $1, and writes one of the containerd folder that holds them unpacked.
set -euo pipefail
exec 3>&1 >&2
containerd --root /store/containerd --log-level warn &
containerd=$!
for _ in {1..100}; do
  ctr version >/dev/null 2>&1 && break
  sleep 0.1
done
ctr --namespace k8s.io images import -
images=$(ctr --namespace k8s.io images list --quiet)
for image in $(kubeadm config images list --kubernetes-version "$1"); do
  grep -qxF "$image" <<<"$images" || { echo "kubeadm wants $image, which the archive lacks"; exit 1; }
done
# The packed layers are of no use once they are unpacked; a manifest or a configuration is small.
ctr --namespace k8s.io content list | awk 'NR > 1 && $2 ~ /(MB|MiB|GB|GiB)$/ {print $1}' |
  xargs --no-run-if-empty ctr --namespace k8s.io content rm >/dev/null
# What is not referred to any more goes with the next image that is removed for good.
ctr --namespace k8s.io images tag registry.k8s.io/pause:3.9 localhost/unused >/dev/null
ctr --namespace k8s.io images rm --sync localhost/unused >/dev/null
kill $containerd
wait $containerd || true
tar --create --directory /store/containerd . >&3
