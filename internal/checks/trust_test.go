package checks

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// certified is a certificate with its key.
type certified struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// certify makes a certificate that by signs, or the certificate itself where by is nil. With an identity it is a workload's,
// without one a CA's.
func certify(t *testing.T, name, identity string, by *certified) *certified {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: identity == "",
	}
	if identity != "" {
		uri, err := url.Parse(identity)
		if err != nil {
			t.Fatal(err)
		}
		template.URIs = []*url.URL{uri}
	}
	signer := &certified{template, key}
	if by != nil {
		signer = by
	}
	text, err := x509.CreateCertificate(rand.Reader, template, signer.Certificate, key.Public(), signer.key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(text)
	if err != nil {
		t.Fatal(err)
	}
	return &certified{made, key}
}

func (c *certified) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

func (c *certified) keyPEM(t *testing.T) []byte {
	t.Helper()
	text, err := x509.MarshalECPrivateKey(c.key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: text})
}

func TestCacertsIsAnIntermediateOfTheRootOrRefused(t *testing.T) {
	root, other := certify(t, "root", "", nil), certify(t, "other root", "", nil)
	west, stranger := certify(t, "west", "", root), certify(t, "west", "", other)
	for name, test := range map[string]struct {
		data map[string][]byte
		says string
	}{
		"sound":            {map[string][]byte{}, ""},
		"a key of another": {map[string][]byte{"ca-key.pem": root.keyPEM(t)}, "ca-key.pem"},
		"of another root": {
			map[string][]byte{"ca-cert.pem": stranger.pem(), "ca-key.pem": stranger.keyPEM(t)}, "does not end in root-cert.pem",
		},
		"no chain":        {map[string][]byte{"cert-chain.pem": nil}, "cert-chain.pem"},
		"the root itself": {map[string][]byte{"ca-cert.pem": root.pem(), "ca-key.pem": root.keyPEM(t)}, "not an intermediate CA"},
	} {
		t.Run(name, func(t *testing.T) {
			data := map[string][]byte{
				"ca-cert.pem": west.pem(), "ca-key.pem": west.keyPEM(t), "root-cert.pem": root.pem(),
				"cert-chain.pem": slices.Concat(west.pem(), root.pem()),
			}
			for key, value := range test.data {
				data[key] = value
			}
			c := serving(t, map[string]any{"/api/v1/namespaces/istio-system/secrets/cacerts": object{
				"apiVersion": "v1", "kind": "Secret", "metadata": object{"name": "cacerts"}, "data": data,
			}})
			ca, ends, err := c.authority(t.Context())
			if test.says == "" {
				if err != nil || !ca.Equal(west.Certificate) || !ends.Equal(root.Certificate) {
					t.Errorf("it is refused, or read as %v and %v: %v", ca, ends, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.says) || !lasts(err) {
				t.Errorf("the objection is %v", err)
			}
		})
	}
}

func TestAWorkloadIsKnownByItsOwnClustersCA(t *testing.T) {
	const catalog, webapp = "spiffe://cluster.local/ns/istioinaction/sa/catalog", "spiffe://cluster.local/ns/istioinaction/sa/webapp"
	root := certify(t, "root", "", nil)
	west, east := certify(t, "west CA", "", root), certify(t, "east CA", "", root)
	m := member{intermediate: "east CA"}
	for name, test := range map[string]struct {
		chain []*certified
		says  string
	}{
		"its own":            {[]*certified{certify(t, "", catalog, east), east}, ""},
		"by the other CA":    {[]*certified{certify(t, "", catalog, west), west}, `signed by "west CA"`},
		"of somebody else":   {[]*certified{certify(t, "", webapp, east), east}, "not of " + catalog},
		"by the root":        {[]*certified{certify(t, "", catalog, root)}, "2 certificates"},
		"under another root": {[]*certified{certify(t, "", catalog, certify(t, "east CA", "", nil))}, "does not end in the root"},
		"without its own CA": {[]*certified{certify(t, "", catalog, east)}, "does not end in the root"},
	} {
		t.Run(name, func(t *testing.T) {
			var shown []*x509.Certificate
			for _, c := range test.chain {
				shown = append(shown, c.Certificate)
			}
			err := m.identified(shown, root.Certificate, catalog)
			if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("the objection is %v", err)
			}
		})
	}
}
