package tls

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"time"
)

var (
	noHours = 0.0
	anyPath = -1.0
)

// certificateFields are a certificate's, with those of its type.
func certificateFields(more map[string]field) map[string]field {
	flag := field{kind: reflect.Bool, otherwise: false, replaces: true}
	fields := map[string]field{
		"validityPeriodHours": {kind: reflect.Float64, required: true, least: &noHours, replaces: true},
		"earlyRenewalHours":   {kind: reflect.Float64, least: &noHours, otherwise: 0.0},
		"allowedUses":         {kind: reflect.Slice, element: reflect.String, oneOf: slices.Sorted(maps.Keys(uses)), required: true, replaces: true},
		"isCaCertificate":     flag,
		"setSubjectKeyId":     flag,
		"maxPathLength":       {kind: reflect.Float64, least: &anyPath, computed: true, replaces: true},
		readyKey:              {otherwise: false},
		startKey:              {computed: true},
		endKey:                {computed: true},
		"certPem":             {computed: true},
		idKey:                 {computed: true},
	}
	maps.Copy(fields, more)
	return fields
}

var selfSignedCertType = resourceType{
	fields: certificateFields(map[string]field{
		"privateKeyPem":     privateKeyField,
		"subject":           subjectField,
		"dnsNames":          dnsNamesField,
		"setAuthorityKeyId": {otherwise: false, replaces: true},
		"keyAlgorithm":      {computed: true},
	}),
	make: makeSelfSignedCert,
}

var locallySignedCertType = resourceType{
	fields: certificateFields(map[string]field{
		"certRequestPem":  {kind: reflect.String, required: true, replacesPEM: true},
		"caCertPem":       {kind: reflect.String, required: true, replacesPEM: true},
		"caPrivateKeyPem": privateKeyField,
		"caKeyAlgorithm":  {computed: true},
	}),
	make: makeLocallySignedCert,
}

// uses are what a certificate can be for, by the names that programs give, each as a certificate for that alone.
var uses = map[string]x509.Certificate{
	"digital_signature": {KeyUsage: x509.KeyUsageDigitalSignature},
	"key_encipherment":  {KeyUsage: x509.KeyUsageKeyEncipherment},
	"cert_signing":      {KeyUsage: x509.KeyUsageCertSign},
	"crl_signing":       {KeyUsage: x509.KeyUsageCRLSign},
	"client_auth":       {ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}},
}

func makeSelfSignedCert(planned map[string]any) (map[string]any, error) {
	key, err := parsePEM(planned, "privateKeyPem", keyBlock, x509.ParsePKCS1PrivateKey)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{Subject: subjectOf(planned), DNSNames: textsOf(planned, "dnsNames")}
	made, err := sign(planned, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	made["keyAlgorithm"] = rsaAlgorithm
	return made, nil
}

func makeLocallySignedCert(planned map[string]any) (map[string]any, error) {
	request, requestErr := parsePEM(planned, "certRequestPem", requestBlock, x509.ParseCertificateRequest)
	key, keyErr := parsePEM(planned, "caPrivateKeyPem", keyBlock, x509.ParsePKCS1PrivateKey)
	authority, authorityErr := parsePEM(planned, "caCertPem", certificateBlock, x509.ParseCertificate)
	if err := errors.Join(requestErr, keyErr, authorityErr); err != nil {
		return nil, err
	}
	public, ok := request.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("certRequestPem: its key is %s, and the test bed's tls plugin knows %s alone", request.PublicKeyAlgorithm, rsaAlgorithm)
	}
	made, err := sign(planned, &x509.Certificate{
		Subject: request.Subject, DNSNames: request.DNSNames, IPAddresses: request.IPAddresses, URIs: request.URIs,
	}, authority, public, key)
	if err != nil {
		return nil, err
	}
	made["caKeyAlgorithm"] = rsaAlgorithm
	return made, nil
}

// sign completes a template by what is planned, and makes the certificate of a key.
func sign(planned map[string]any, template, parent *x509.Certificate, public *rsa.PublicKey, by *rsa.PrivateKey) (map[string]any, error) {
	var err error
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128)); err != nil {
		return nil, err
	}
	template.NotBefore = time.Now()
	template.NotAfter = template.NotBefore.Add(hours(planned["validityPeriodHours"]))
	for _, name := range textsOf(planned, "allowedUses") {
		template.KeyUsage |= uses[name].KeyUsage
		template.ExtKeyUsage = append(template.ExtKeyUsage, uses[name].ExtKeyUsage...)
	}
	template.BasicConstraintsValid = true
	template.IsCA = planned["isCaCertificate"].(bool)
	if template.IsCA && len(template.Subject.ToRDNSequence()) == 0 {
		return nil, errors.New("subject: a CA has to have one that is not empty")
	}
	if length, given := planned["maxPathLength"].(float64); given {
		template.MaxPathLen = int(length) // of which 0 is no bound, as with Pulumi's own plugin: that takes MaxPathLenZero
	}
	if template.IsCA || planned["setSubjectKeyId"].(bool) {
		sum := sha1.Sum(x509.MarshalPKCS1PublicKey(public))
		template.SubjectKeyId = sum[:]
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, by)
	if err != nil {
		return nil, err
	}
	start, err := template.NotBefore.MarshalText()
	if err != nil {
		return nil, err
	}
	end, err := template.NotAfter.MarshalText()
	if err != nil {
		return nil, err
	}
	return map[string]any{
		idKey: template.SerialNumber.String(), "certPem": encodePEM(certificateBlock, der), startKey: string(start), endKey: string(end),
	}, nil
}

func hours(v any) time.Duration {
	n, _ := v.(float64)
	return time.Duration(n) * time.Hour
}
