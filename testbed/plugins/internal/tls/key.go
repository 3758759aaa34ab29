package tls

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"reflect"
	"regexp"

	"golang.org/x/crypto/ssh"
)

// rsaAlgorithm is that of all keys.
const rsaAlgorithm = "RSA"

var privateKeyType = resourceType{
	meta: `{"schema_version":"1"}`,
	fields: map[string]field{
		"algorithm":                  {kind: reflect.String, required: true, oneOf: []string{rsaAlgorithm}, replaces: true},
		"rsaBits":                    {kind: reflect.Float64, otherwise: 2048.0, replaces: true},
		"ecdsaCurve":                 {otherwise: "P224", replaces: true}, // of no meaning here
		"privateKeyPem":              {computed: true, volatile: true, secret: true},
		"privateKeyPemPkcs8":         {computed: true, volatile: true, secret: true},
		"privateKeyOpenssh":          {computed: true, volatile: true, secret: true},
		"publicKeyPem":               {computed: true, volatile: true},
		"publicKeyOpenssh":           {computed: true, volatile: true},
		"publicKeyFingerprintMd5":    {computed: true, volatile: true},
		"publicKeyFingerprintSha256": {computed: true, volatile: true},
		idKey:                        {computed: true, volatile: true},
	},
	make: makePrivateKey,
}

func makePrivateKey(planned map[string]any) (map[string]any, error) {
	key, err := rsa.GenerateKey(rand.Reader, int(planned["rsaBits"].(float64)))
	if err != nil {
		return nil, fmt.Errorf("rsaBits: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	openSSH, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	authorized, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	return map[string]any{
		idKey:                        digest(public),
		"privateKeyPem":              encodePEM(keyBlock, x509.MarshalPKCS1PrivateKey(key)),
		"privateKeyPemPkcs8":         encodePEM("PRIVATE KEY", pkcs8),
		"privateKeyOpenssh":          string(pem.EncodeToMemory(openSSH)),
		"publicKeyPem":               encodePEM("PUBLIC KEY", public),
		"publicKeyOpenssh":           string(ssh.MarshalAuthorizedKey(authorized)),
		"publicKeyFingerprintMd5":    ssh.FingerprintLegacyMD5(authorized),
		"publicKeyFingerprintSha256": ssh.FingerprintSHA256(authorized),
	}, nil
}

// digest returns the ID of what has this DER. That it is trimmed, as if it were text, is how Pulumi's own plugin does it.
func digest(der []byte) string {
	sum := sha1.Sum(bytes.TrimSpace(der))
	return hex.EncodeToString(sum[:])
}

// The types of PEM blocks.
const (
	keyBlock         = "RSA PRIVATE KEY"
	requestBlock     = "CERTIFICATE REQUEST"
	certificateBlock = "CERTIFICATE"
)

func encodePEM(block string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: block, Bytes: der}))
}

// parsePEM reads a property, which has to be a block of PEM.
func parsePEM[T any](planned map[string]any, name, block string, parse func([]byte) (T, error)) (parsed T, err error) {
	found, _ := pem.Decode([]byte(planned[name].(string)))
	switch {
	case found == nil:
		return parsed, fmt.Errorf("%s: it is not PEM, and has to be of type %s", name, block)
	case found.Type != block:
		return parsed, fmt.Errorf("%s: it is PEM of type %s, and has to be of type %s", name, found.Type, block)
	}
	if parsed, err = parse(found.Bytes); err != nil {
		return parsed, fmt.Errorf("%s: %w", name, err)
	}
	return parsed, nil
}

var pemPattern = regexp.MustCompile(`^-----BEGIN [A-Za-z ]+-----\n[\s\S]+\n-----END [A-Za-z ]+-----\n?$`)

func isPEM(v any) bool {
	text, ok := v.(string)
	return ok && pemPattern.MatchString(text)
}
