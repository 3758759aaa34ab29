#!/bin/bash
# The steps of the manual's chapter 12 up to the first call across clusters, one after the other, as a person would write them
# into a script: with kind, kubectl, istioctl, openssl and docker, on the images that the lab of the same benchmark uses.
#
# Usage: manual.sh NODE_IMAGE CLIENT_IMAGE MIRROR METALLB_MANIFEST, in an empty directory. MIRROR is the registry that the nodes ask.
set -euo pipefail
node=$1 client=$2 mirror=$3 metallb=$4
west=manual-west east=manual-east

# quietly runs a command, and shows what it said if it fails.
quietly() { "$@" >log 2>&1 || { cat log >&2; return 1; }; }

kwest() { kubectl --kubeconfig west-kubeconfig "$@"; }
keast() { kubectl --kubeconfig east-kubeconfig "$@"; }
iwest() { istioctl --kubeconfig west-kubeconfig "$@"; }
ieast() { istioctl --kubeconfig east-kubeconfig "$@"; }

cluster() { # name, pod range, service range
  quietly kind create cluster --name "$1" --image "$node" --kubeconfig "${1#manual-}-kubeconfig" --config - <<END
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {podSubnet: $2, serviceSubnet: $3}
featureGates: {KubeletInUserNamespace: true}
END
  for host in docker.io quay.io registry.k8s.io; do
    docker exec "$1-control-plane" mkdir -p "/etc/containerd/certs.d/$host"
    docker exec -i "$1-control-plane" cp /dev/stdin "/etc/containerd/certs.d/$host/hosts.toml" <<<"[host.\"$mirror\"]"
  done
}

echo "clusters"
cluster $west 10.10.0.0/16 10.100.0.0/24
cluster $east 10.20.0.0/16 10.200.0.0/24
prefix=$(docker network inspect kind --format '{{range .IPAM.Config}}{{println .Subnet}}{{end}}' | grep -v : | head -1 | cut -d. -f1-2)
docker run --detach --rm --name manual-mypc --network kind "$client" sleep infinity >/dev/null

echo "MetalLB"
pool() {
  cat <<END
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: default, namespace: metallb-system}
spec: {addresses: [$1]}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: default, namespace: metallb-system}
spec: {ipAddressPools: [default]}
END
}
kwest apply -f "$metallb" >/dev/null
keast apply -f "$metallb" >/dev/null
kwest wait -n metallb-system --for=condition=Ready pod --all --timeout=5m >/dev/null
keast wait -n metallb-system --for=condition=Ready pod --all --timeout=5m >/dev/null
pool "$prefix.255.101-$prefix.255.120" | kwest apply -f - >/dev/null
pool "$prefix.255.201-$prefix.255.220" | keast apply -f - >/dev/null

echo "certificates"
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=root.istio.in.action -keyout root-key.pem -out root-cert.pem \
  -addext basicConstraints=critical,CA:TRUE,pathlen:1 2>/dev/null
for c in west east; do
  mkdir $c
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$c.intermediate.istio.in.action" -keyout $c/ca-key.pem -out $c/ca.csr 2>/dev/null
  openssl x509 -req -in $c/ca.csr -CA root-cert.pem -CAkey root-key.pem -CAcreateserial -days 3650 -out $c/ca-cert.pem \
    -extfile <(echo "basicConstraints=critical,CA:TRUE"; echo "keyUsage=critical,keyCertSign,cRLSign") 2>/dev/null
  cat $c/ca-cert.pem root-cert.pem >$c/cert-chain.pem
  cp root-cert.pem $c/
  kubectl --kubeconfig $c-kubeconfig create namespace istio-system >/dev/null
  kubectl --kubeconfig $c-kubeconfig label namespace istio-system topology.istio.io/network=$c-network >/dev/null
  kubectl --kubeconfig $c-kubeconfig create secret generic cacerts -n istio-system --from-file=$c/ca-cert.pem \
    --from-file=$c/ca-key.pem --from-file=$c/root-cert.pem --from-file=$c/cert-chain.pem >/dev/null
done

echo "control planes"
control_plane() {
  cat <<END
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: istio-controlplane, namespace: istio-system}
spec:
  profile: demo
  components:
    egressGateways: [{name: istio-egressgateway, enabled: false}]
    pilot: {k8s: {env: [$PILOT_ENV]}}
  values:
    telemetry: {enabled: false}
    pilot: {image: "$PILOT_IMAGE"}
    global:
      meshID: usmesh
      multiCluster: {clusterName: $1-cluster}
      network: $1-network
      proxy: {privileged: true, image: "$PROXY_IMAGE"}
      proxy_init: {image: "$PROXY_IMAGE"}
END
}
control_plane west >west-istio.yaml
control_plane east >east-istio.yaml
quietly iwest install -y -f west-istio.yaml
quietly ieast install -y -f east-istio.yaml

echo "applications"
for c in west east; do
  kubectl --kubeconfig $c-kubeconfig create namespace istioinaction >/dev/null
  kubectl --kubeconfig $c-kubeconfig label namespace istioinaction istio-injection=enabled >/dev/null
done
service() { # name, port
  cat <<END
apiVersion: v1
kind: Service
metadata: {name: $1, namespace: istioinaction, labels: {app: $1}}
spec: {selector: {app: $1}, ports: [{name: http, port: 80, targetPort: $2}]}
END
}
application() { # name, port
  service "$1" "$2"
  cat <<END
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: $1, namespace: istioinaction}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $1, namespace: istioinaction, labels: {app: $1}}
spec:
  selector: {matchLabels: {app: $1}}
  template:
    metadata: {labels: {app: $1}}
    spec:
      serviceAccountName: $1
      containers:
      - name: $1
        image: istioinaction/$1:latest
        imagePullPolicy: IfNotPresent
        ports: [{containerPort: $2}]
        env:
        - {name: CATALOG_SERVICE_HOST, value: catalog.istioinaction.svc.cluster.local}
        - {name: CATALOG_SERVICE_PORT, value: "80"}
END
}
application webapp 8080 | kwest apply -f - >/dev/null
service catalog 3000 | kwest apply -f - >/dev/null
application catalog 3000 | keast apply -f - >/dev/null
kwest apply -f - >/dev/null <<END
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: coolstore-gateway, namespace: istioinaction}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [webapp.istioinaction.io]}]
---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: webapp-virtualservice, namespace: istioinaction}
spec:
  hosts: [webapp.istioinaction.io]
  gateways: [coolstore-gateway]
  http: [{route: [{destination: {host: webapp, port: {number: 80}}}]}]
END
kwest wait -n istioinaction --for=condition=Available deployment/webapp --timeout=5m >/dev/null
keast wait -n istioinaction --for=condition=Available deployment/catalog --timeout=5m >/dev/null

echo "discovery"
ieast create-remote-secret --name east-cluster --server "https://$east-control-plane:6443" | kwest apply -f - >/dev/null
iwest create-remote-secret --name west-cluster --server "https://$west-control-plane:6443" | keast apply -f - >/dev/null

echo "east-west gateways"
gateway() {
  cat <<END
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: istio-eastwestgateway, namespace: istio-system}
spec:
  profile: empty
  components:
    ingressGateways:
    - name: istio-eastwestgateway
      enabled: true
      label: {istio: eastwestgateway, app: istio-eastwestgateway, topology.istio.io/network: $1-network}
      k8s:
        env:
        - {name: ISTIO_META_ROUTER_MODE, value: sni-dnat}
        - {name: ISTIO_META_REQUESTED_NETWORK_VIEW, value: $1-network}
        service:
          ports:
          - {name: status-port, port: 15021, targetPort: 15021}
          - {name: mtls, port: 15443, targetPort: 15443}
          - {name: tcp-istiod, port: 15012, targetPort: 15012}
          - {name: tcp-webhook, port: 15017, targetPort: 15017}
  values:
    global:
      meshID: usmesh
      multiCluster: {clusterName: $1-cluster}
      network: $1-network
      proxy: {privileged: true, image: "$PROXY_IMAGE"}
END
}
gateway west >west-gateway.yaml
gateway east >east-gateway.yaml
quietly iwest install -y -f west-gateway.yaml
quietly ieast install -y -f east-gateway.yaml
for c in west east; do
  kubectl --kubeconfig $c-kubeconfig apply -f - >/dev/null <<END
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: cross-network-gateway, namespace: istio-system}
spec:
  selector: {istio: eastwestgateway}
  servers: [{port: {number: 15443, name: tls, protocol: TLS}, tls: {mode: AUTO_PASSTHROUGH}, hosts: ["*.local"]}]
END
done

echo "the call"
address=$(kwest get service istio-ingressgateway -n istio-system -o jsonpath='{.status.loadBalancer.ingress[0].ip}')
for _ in $(seq 300); do
  if docker exec manual-mypc curl -sf --max-time 5 -H "Host: webapp.istioinaction.io" "http://$address/api/catalog" | grep -q '"id":1'; then
    exit 0
  fi
  sleep 0.5
done
echo "the call was not answered" >&2
exit 1
