//go:build conformance

package conformance

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"golang.org/x/crypto/ssh"
)

// What certificates and keys say, apart from what is drawn by lot.

// certificate tells all but the serial number, the signature and the time of issue.
func certificate(text string) string {
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(rest) > 0 {
		return text
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err.Error()
	}
	public := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return fmt.Sprintf("%s: version %d, %q by %q, for %q %v %v, for %s, CA %t of path %d (zero %t), uses %b %v, key %s, its identifier %x, "+
		"the issuer's %x, %s, encoded %s",
		block.Type, c.Version, c.Subject, c.Issuer, c.DNSNames, c.IPAddresses, c.URIs, c.NotAfter.Sub(c.NotBefore), c.IsCA, c.MaxPathLen,
		c.MaxPathLenZero, c.KeyUsage, c.ExtKeyUsage, hex.EncodeToString(public[:8]), c.SubjectKeyId, c.AuthorityKeyId, c.SignatureAlgorithm,
		encoding(c.RawTBSCertificate))
}

// encoding tells DER to the byte, but for the serial number and the times, of which it tells the kind.
func encoding(der []byte) string {
	var tbs []asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &tbs); err != nil || len(rest) > 0 {
		return fmt.Sprintf("%v, and %d bytes more", err, len(rest))
	}
	const serial, validity = 1, 4
	var parts []string
	for i, part := range tbs {
		switch i {
		case serial:
			parts = append(parts, fmt.Sprintf("serial number of kind %d", part.Tag))
		case validity:
			var times []asn1.RawValue
			if _, err := asn1.Unmarshal(part.FullBytes, &times); err != nil {
				parts = append(parts, err.Error())
			}
			for _, t := range times {
				parts = append(parts, fmt.Sprintf("time of kind %d in %d characters", t.Tag, len(t.Bytes)))
			}
		default:
			parts = append(parts, hex.EncodeToString(part.FullBytes))
		}
	}
	return strings.Join(parts, ", ")
}

// hoursFromNow tells a time as how far it is.
func hoursFromNow(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return fmt.Sprintf("%s from now, in %s", time.Until(at).Round(time.Hour), at.Location())
}

var (
	digests      = regexp.MustCompile(`^[0-9a-f]{40}$`)
	serials      = regexp.MustCompile(`^[0-9]{20,40}$`)
	fingerprints = regexp.MustCompile(`^(([0-9a-f]{2}:){15}[0-9a-f]{2}|SHA256:[A-Za-z0-9+/]{43})$`)
)

// serialOrDigest tells a digest or a serial number as what it is.
func serialOrDigest(text string) string {
	switch {
	case digests.MatchString(text):
		return "a digest"
	case serials.MatchString(text):
		return "a serial number"
	}
	return text
}

func fingerprint(text string) string {
	if fingerprints.MatchString(text) {
		return fmt.Sprintf("a fingerprint of %d characters", len(text))
	}
	return text
}

// privateKey tells how a key is written, of what kind it is, and of what size.
func privateKey(text string) string {
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(rest) > 0 {
		return text
	}
	key, err := ssh.ParseRawPrivateKey([]byte(text))
	if err != nil {
		return err.Error()
	}
	return block.Type + ": " + keyKind(key)
}

func publicKey(text string) string {
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(rest) > 0 {
		return text
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return err.Error()
	}
	return block.Type + ": " + keyKind(key)
}

func authorizedKey(text string) string {
	key, comment, options, rest, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil {
		return text
	}
	return fmt.Sprintf("%s: %s, %q %q %q", key.Type(), keyKind(key.(ssh.CryptoPublicKey).CryptoPublicKey()), comment, options, rest)
}

func keyKind(key any) string {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return fmt.Sprintf("RSA, %d bits", k.N.BitLen())
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA, %d bits", k.N.BitLen())
	case *ecdsa.PrivateKey:
		return "ECDSA, " + k.Params().Name
	case *ecdsa.PublicKey:
		return "ECDSA, " + k.Params().Name
	default:
		return fmt.Sprintf("%T", key)
	}
}

// oneKey sees whether all the forms of a key are of the same one, and its ID of it.
func oneKey(t *testing.T, now State) Map {
	t.Helper()
	authorized, _, _, _, err := ssh.ParseAuthorizedKey([]byte(output(now, "publicKeyOpenssh")))
	if err != nil {
		t.Fatalf("the public key: %v", err)
	}
	seen := Map{
		"publicKeyFingerprintMd5":    output(now, "publicKeyFingerprintMd5") == ssh.FingerprintLegacyMD5(authorized),
		"publicKeyFingerprintSha256": output(now, "publicKeyFingerprintSha256") == ssh.FingerprintSHA256(authorized),
	}
	for _, form := range []string{"privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"} {
		signer, err := ssh.ParsePrivateKey([]byte(output(now, form)))
		if err != nil {
			t.Fatalf("the key as %s: %v", form, err)
		}
		seen[form] = string(signer.PublicKey().Marshal()) == string(authorized.Marshal())
	}
	block, _ := pem.Decode([]byte(output(now, "publicKeyPem")))
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatalf("the public key: %v", err)
	}
	same, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatalf("the public key: %v", err)
	}
	seen["publicKeyPem"] = string(same.Marshal()) == string(authorized.Marshal())
	seen["id"] = idOf(block.Bytes) == string(now.ID)
	return seen
}

// oneRequest sees whether a request's ID is of it.
func oneRequest(t *testing.T, now State) Map {
	t.Helper()
	block, _ := pem.Decode([]byte(output(now, "certRequestPem")))
	if block == nil {
		t.Fatal("the request is not PEM")
	}
	return Map{"id": idOf(block.Bytes) == string(now.ID)}
}

// idOf is the ID of what is made of DER.
func idOf(der []byte) string { return fmt.Sprintf("%x", sha1.Sum(bytes.TrimSpace(der))) }

// oneCertificate sees whether what is told beside a certificate is as it says, and who may have signed it.
func oneCertificate(t *testing.T, now State) Map {
	t.Helper()
	block, _ := pem.Decode([]byte(output(now, "certPem")))
	if block == nil {
		t.Fatal("the certificate is not PEM")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatalf("the certificate: %v", err)
	}
	seen := Map{
		"id":          c.SerialNumber.String() == string(now.ID),
		"serial size": c.SerialNumber.Sign() > 0 && c.SerialNumber.BitLen() > 100 && c.SerialNumber.BitLen() <= 128,
		"just now":    time.Since(c.NotBefore) < time.Minute,
		"self-signed": c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil,
	}
	for name, at := range map[string]time.Time{"validityStartTime": c.NotBefore, "validityEndTime": c.NotAfter} {
		told, err := time.Parse(time.RFC3339Nano, output(now, name))
		seen[name] = err == nil && told.Truncate(time.Second).Equal(at) && told.Nanosecond() != 0
	}
	return seen
}

// output is an output's text.
func output(now State, name string) string {
	v := now.Outputs[resource.PropertyKey(name)]
	if v.IsSecret() {
		v = v.SecretValue().Element
	}
	if !v.IsString() {
		return ""
	}
	return v.StringValue()
}

func newKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return encode("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
}

func newRoot(t *testing.T, key string, change func(*x509.Certificate)) string {
	t.Helper()
	signer := parseKey(t, key)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root.istio.in.action"},
		NotBefore: time.Now(), NotAfter: time.Now().AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLen: 1, KeyUsage: x509.KeyUsageCertSign,
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	return encode("CERTIFICATE", der)
}

// newRequest asks for names of all kinds.
func newRequest(t *testing.T, key string) string {
	t.Helper()
	uri, err := url.Parse("spiffe://cluster.local/ns/istio-system/sa/istiod")
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject:     pkix.Name{CommonName: "west.intermediate", Organization: []string{"b", "a"}, Country: []string{"KR"}},
		DNSNames:    []string{"west.intermediate", "*.west"},
		IPAddresses: []net.IP{net.IPv4(10, 118, 0, 2), net.ParseIP("fd00::2")},
		URIs:        []*url.URL{uri},
	}, parseKey(t, key))
	if err != nil {
		t.Fatal(err)
	}
	return encode("CERTIFICATE REQUEST", der)
}

func parseKey(t *testing.T, text string) *rsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func encode(what string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: what, Bytes: der}))
}
