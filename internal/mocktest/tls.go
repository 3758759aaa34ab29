package mocktest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Keys take long to make, so a resource of one name has one key in all runs of a process; with the fixed time and serial
// numbers, certificates are then the same too.
var (
	keys  sync.Map // name to *rsa.PrivateKey
	epoch = time.Now()
)

// tlsOutputs makes keys and certificates from the inputs of TLS resources as the provider does, down to what it cannot do: it
// leaves out a path length of 0.
func tlsOutputs(token, name string, in resource.PropertyMap) (resource.PropertyMap, error) {
	text := func(key string) string {
		value := in[resource.PropertyKey(key)]
		for value.IsSecret() {
			value = value.SecretValue().Element
		}
		if !value.IsString() {
			return ""
		}
		return value.StringValue()
	}
	secret := func(text string) resource.PropertyValue { return resource.MakeSecret(resource.NewProperty(text)) }
	switch token {
	case "tls:index/privateKey:PrivateKey":
		key, made := keys.Load(name)
		if !made {
			fresh, err := rsa.GenerateKey(rand.Reader, int(in["rsaBits"].NumberValue()))
			if err != nil {
				return nil, err
			}
			key, _ = keys.LoadOrStore(name, fresh)
		}
		return resource.PropertyMap{
			"privateKeyPem": secret(block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key.(*rsa.PrivateKey)))),
		}, nil
	case "tls:index/certRequest:CertRequest":
		key, err := parseKey(text("privateKeyPem"))
		if err != nil {
			return nil, err
		}
		der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
			Subject: subject(in), DNSNames: dnsNames(in),
		}, key)
		return resource.PropertyMap{"certRequestPem": resource.NewProperty(block("CERTIFICATE REQUEST", der))}, err
	case "tls:index/selfSignedCert:SelfSignedCert":
		key, err := parseKey(text("privateKeyPem"))
		if err != nil {
			return nil, err
		}
		template, err := template(in)
		if err != nil {
			return nil, err
		}
		template.Subject, template.DNSNames = subject(in), dnsNames(in)
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		return resource.PropertyMap{"certPem": resource.NewProperty(block("CERTIFICATE", der))}, err
	case "tls:index/locallySignedCert:LocallySignedCert":
		key, err := parseKey(text("caPrivateKeyPem"))
		if err != nil {
			return nil, err
		}
		ca, err := ParseCertificate(text("caCertPem"))
		if err != nil {
			return nil, err
		}
		requestBlock, _ := pem.Decode([]byte(text("certRequestPem")))
		if requestBlock == nil {
			return nil, errors.New("certRequestPem is not PEM")
		}
		request, err := x509.ParseCertificateRequest(requestBlock.Bytes)
		if err != nil {
			return nil, err
		}
		template, err := template(in)
		if err != nil {
			return nil, err
		}
		template.Subject, template.DNSNames = request.Subject, request.DNSNames
		der, err := x509.CreateCertificate(rand.Reader, template, ca, request.PublicKey, key)
		return resource.PropertyMap{"certPem": resource.NewProperty(block("CERTIFICATE", der))}, err
	}
	return nil, fmt.Errorf("no stand-in for %s", token)
}

// ParseCertificate parses the first certificate of PEM text.
func ParseCertificate(text string) (*x509.Certificate, error) {
	b, _ := pem.Decode([]byte(text))
	if b == nil {
		return nil, errors.New("not a PEM certificate")
	}
	return x509.ParseCertificate(b.Bytes)
}

func template(in resource.PropertyMap) (*x509.Certificate, error) {
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: epoch,
		NotAfter:              epoch.Add(time.Duration(in["validityPeriodHours"].NumberValue()) * time.Hour),
		BasicConstraintsValid: true,
	}
	if ca := in["isCaCertificate"]; ca.IsBool() {
		t.IsCA = ca.BoolValue()
	}
	if length := in["maxPathLength"]; length.IsNumber() {
		t.MaxPathLen = int(length.NumberValue()) // and never MaxPathLenZero
	}
	for _, use := range in["allowedUses"].ArrayValue() {
		switch use.StringValue() {
		case "cert_signing":
			t.KeyUsage |= x509.KeyUsageCertSign
		case "crl_signing":
			t.KeyUsage |= x509.KeyUsageCRLSign
		case "digital_signature":
			t.KeyUsage |= x509.KeyUsageDigitalSignature
		case "key_encipherment":
			t.KeyUsage |= x509.KeyUsageKeyEncipherment
		case "client_auth":
			t.ExtKeyUsage = append(t.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
		default:
			return nil, fmt.Errorf("no stand-in for the use %s", use.StringValue())
		}
	}
	return t, nil
}

func subject(in resource.PropertyMap) pkix.Name {
	name := pkix.Name{}
	if s := in["subject"]; s.IsObject() {
		if cn := s.ObjectValue()["commonName"]; cn.IsString() {
			name.CommonName = cn.StringValue()
		}
		if o := s.ObjectValue()["organization"]; o.IsString() {
			name.Organization = []string{o.StringValue()}
		}
	}
	return name
}

func dnsNames(in resource.PropertyMap) (names []string) {
	if list := in["dnsNames"]; list.IsArray() {
		for _, name := range list.ArrayValue() {
			names = append(names, name.StringValue())
		}
	}
	return names
}

func parseKey(text string) (*rsa.PrivateKey, error) {
	b, _ := pem.Decode([]byte(text))
	if b == nil {
		return nil, errors.New("not a PEM key")
	}
	return x509.ParsePKCS1PrivateKey(b.Bytes)
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
