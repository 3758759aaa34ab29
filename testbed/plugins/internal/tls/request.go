package tls

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"reflect"
)

var (
	privateKeyField = field{kind: reflect.String, required: true, secret: true, replacesPEM: true}
	subjectField    = field{kind: reflect.Map, replaces: true, fields: map[string]field{
		"commonName": {kind: reflect.String}, "organization": {kind: reflect.String},
	}}
	dnsNamesField = field{kind: reflect.Slice, element: reflect.String, replaces: true}
)

var certRequestType = resourceType{
	fields: map[string]field{
		"privateKeyPem":  privateKeyField,
		"subject":        subjectField,
		"dnsNames":       dnsNamesField,
		"certRequestPem": {computed: true},
		"keyAlgorithm":   {computed: true},
		idKey:            {computed: true},
	},
	make: makeCertRequest,
}

func makeCertRequest(planned map[string]any) (map[string]any, error) {
	key, err := parsePEM(planned, "privateKeyPem", keyBlock, x509.ParsePKCS1PrivateKey)
	if err != nil {
		return nil, err
	}
	request := x509.CertificateRequest{Subject: subjectOf(planned), DNSNames: textsOf(planned, "dnsNames")}
	der, err := x509.CreateCertificateRequest(rand.Reader, &request, key)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		idKey: digest(der), "certRequestPem": encodePEM(requestBlock, der), "keyAlgorithm": rsaAlgorithm,
	}, nil
}

func subjectOf(planned map[string]any) (name pkix.Name) {
	subject, _ := planned["subject"].(map[string]any)
	name.CommonName, _ = subject["commonName"].(string)
	if organization, given := subject["organization"].(string); given {
		name.Organization = []string{organization}
	}
	return name
}

func textsOf(planned map[string]any, name string) (texts []string) {
	all, _ := planned[name].([]any)
	for _, text := range all {
		texts = append(texts, text.(string))
	}
	return texts
}
