//go:build conformance

package conformance

import (
	"maps"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// The inputs are those of components/pki and components/kind, with keys that are made here.
func TestTLS(t *testing.T) {
	t.Parallel()
	rootKey, otherKey := newKey(t), newKey(t)
	root := newRoot(t, rootKey)
	request := newRequest(t, otherKey)
	Suite{
		Plugin: "tls",
		Config: Map{},
		Rules: []Rule{
			{At: "*certPem", As: certificate, Numbered: true},
			{At: "*validityStartTime", As: hoursFromNow},
			{At: "*validityEndTime", As: hoursFromNow},
			{At: "id", As: serialOrDigest, Numbered: true},
			{At: "outputs.id", As: serialOrDigest, Numbered: true},
		},
		Cases: []Case{
			privateKeys(), rootAuthority(rootKey, otherKey), clusterAuthority(rootKey), expired(rootKey), administratorRequest(rootKey, otherKey),
			intermediate(rootKey, root, request), administrator(rootKey, root, request),
		},
	}.Run(t)
}

// with is the map with some keys changed; nil removes one.
func (m Map) with(changes Map) Map {
	all := maps.Clone(m)
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

func secret(text string) resource.PropertyValue {
	return resource.MakeSecret(resource.NewProperty(text))
}

func privateKeys() Case {
	inputs := Map{"algorithm": "RSA", "rsaBits": 2048}
	return Case{
		Name: "a private key",
		Type: "tls:index/privateKey:PrivateKey",
		Rules: []Rule{
			{At: "outputs.privateKey*", As: privateKey, Numbered: true},
			{At: "outputs.publicKeyPem", As: publicKey, Numbered: true},
			{At: "outputs.publicKeyOpenssh", As: authorizedKey, Numbered: true},
			{At: "outputs.publicKeyFingerprint*", As: fingerprint, Numbered: true},
		},
		Steps: []Step{
			{Name: "is made", Inputs: inputs, Does: Creates, After: oneKey},
			{Name: "stays as it is", Inputs: inputs, Does: Nothing},
			{Name: "stays after a refresh", Refresh: true, Inputs: inputs, Does: Nothing},
			{Name: "has an input that there is not", Inputs: inputs.with(Map{"bits": 4096}), Does: Nothing},
			{Name: "becomes larger", Inputs: inputs.with(Map{"rsaBits": 3072}), Does: Replaces, After: oneKey},
			{Name: "becomes ECDSA", Inputs: Map{"algorithm": "ECDSA", "ecdsaCurve": "P256"}, Does: Replaces, After: oneKey},
			{Name: "is of no known kind", Inputs: inputs.with(Map{"algorithm": "DSA"}), Does: Refused},
			{Name: "is of no kind at all", Inputs: Map{}, Does: Refused},
		},
	}
}

const tenYears = 10 * 365 * 24

func rootAuthority(key, otherKey string) Case {
	inputs := Map{
		"privateKeyPem":       secret(key),
		"isCaCertificate":     true,
		"maxPathLength":       1,
		"setSubjectKeyId":     true,
		"subject":             Map{"commonName": "root.istio.in.action"},
		"dnsNames":            []string{"root.istio.in.action"},
		"allowedUses":         []string{"cert_signing", "crl_signing"},
		"validityPeriodHours": tenYears,
	}
	return Case{
		Name: "the root of a mesh",
		Type: "tls:index/selfSignedCert:SelfSignedCert",
		Steps: []Step{
			{Name: "is of a key that is none", Inputs: inputs.with(Map{"privateKeyPem": "no PEM"}), Does: Refused},
			{Name: "is of a certificate for a key", Inputs: inputs.with(Map{
				"privateKeyPem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
			}), Does: Refused},
			{Name: "is made", Inputs: inputs, Unknown: []string{"privateKeyPem"}, Does: Creates},
			{Name: "stays as it is", Inputs: inputs, Does: Nothing},
			{Name: "stays after a refresh", Refresh: true, Inputs: inputs, Does: Nothing},
			{Name: "gets another name", Inputs: inputs.with(Map{
				"subject": Map{"commonName": "other.istio.in.action"}, "dnsNames": []string{"other.istio.in.action"},
			}), Does: Replaces},
			{Name: "gets an organization", Inputs: inputs.with(Map{
				"subject": Map{"commonName": "root.istio.in.action", "organization": "the lab"},
			}), Does: Replaces},
			{Name: "is for less time", Inputs: inputs.with(Map{"validityPeriodHours": 24}), Does: Replaces},
			{Name: "is for other uses", Inputs: inputs.with(Map{"allowedUses": []string{"cert_signing", "client_auth"}}), Does: Replaces},
			{Name: "is of another key", Inputs: inputs.with(Map{"privateKeyPem": secret(otherKey)}),
				Unknown: []string{"privateKeyPem"}, Does: Replaces},
			{Name: "has no bound on the path", Inputs: inputs.with(Map{
				"privateKeyPem": secret(otherKey), "maxPathLength": nil,
			}), Does: Nothing},
			{Name: "is no authority and has a bound on the path", Inputs: inputs.with(Map{"isCaCertificate": nil}), Does: Refused},
			{Name: "is no authority", Inputs: inputs.with(Map{"isCaCertificate": nil, "maxPathLength": nil}), Does: Replaces},
			{Name: "has no identifier of its key", Inputs: inputs.with(Map{"setSubjectKeyId": nil}), Does: Replaces},
			{Name: "is renewed early", Inputs: inputs.with(Map{"setSubjectKeyId": nil, "earlyRenewalHours": 24}), Does: Updates},
			{Name: "has a use that there is not", Inputs: inputs.with(Map{"allowedUses": []string{"signing"}}), Does: Refused},
			{Name: "is for a time before now", Inputs: inputs.with(Map{"validityPeriodHours": -1}), Does: Refused},
			{Name: "has no uses", Inputs: inputs.with(Map{"allowedUses": nil}), Does: Refused},
			{Name: "has no subject", Inputs: inputs.with(Map{"subject": nil}), Does: Refused},
			{Name: "has no key", Inputs: inputs.with(Map{"privateKeyPem": nil}), Does: Refused},
		},
	}
}

func clusterAuthority(key string) Case {
	inputs := Map{
		"privateKeyPem":       secret(key),
		"isCaCertificate":     true,
		"subject":             Map{"commonName": "kubernetes"},
		"allowedUses":         []string{"digital_signature", "key_encipherment", "cert_signing"},
		"validityPeriodHours": tenYears,
	}
	return Case{
		Name: "the authority of a cluster",
		Type: "tls:index/selfSignedCert:SelfSignedCert",
		Steps: []Step{
			{Name: "is made", Inputs: inputs, Unknown: []string{"privateKeyPem"}, Does: Creates},
			{Name: "stays as it is", Inputs: inputs, Does: Nothing},
			{Name: "gets a bound on the path", Inputs: inputs.with(Map{"maxPathLength": 1}), Does: Replaces},
		},
	}
}

func expired(key string) Case {
	inputs := Map{
		"privateKeyPem": secret(key), "subject": Map{"commonName": "brief"}, "allowedUses": []string{"client_auth"}, "validityPeriodHours": 0,
	}
	return Case{
		Name: "a certificate that has expired",
		Type: "tls:index/selfSignedCert:SelfSignedCert",
		Steps: []Step{
			{Name: "is made", Inputs: inputs, Does: Creates},
			{Name: "is made anew", Inputs: inputs, Does: Replaces},
			{Name: "is made anew after a refresh", Refresh: true, Inputs: inputs, Does: Replaces},
		},
	}
}

func administratorRequest(key, otherKey string) Case {
	inputs := Map{
		"privateKeyPem": secret(key),
		"subject":       Map{"commonName": "kubernetes-admin", "organization": "system:masters"},
	}
	return Case{
		Name: "a request",
		Type: "tls:index/certRequest:CertRequest",
		Steps: []Step{
			{Name: "is of a key that is none", Inputs: inputs.with(Map{"privateKeyPem": "no PEM"}), Does: Refused},
			{Name: "is made", Inputs: inputs, Unknown: []string{"privateKeyPem"}, Does: Creates},
			{Name: "stays as it is", Inputs: inputs, Does: Nothing},
			{Name: "stays after a refresh", Refresh: true, Inputs: inputs, Does: Nothing},
			{Name: "is for another group", Inputs: inputs.with(Map{
				"subject": Map{"commonName": "kubernetes-admin", "organization": "system:nodes"},
			}), Does: Replaces},
			{Name: "is an intermediate's", Inputs: inputs.with(Map{
				"subject": Map{"commonName": "west.intermediate"}, "dnsNames": []string{"west.intermediate"},
			}), Does: Replaces},
			{Name: "is of another key", Inputs: inputs.with(Map{"privateKeyPem": secret(otherKey)}),
				Unknown: []string{"privateKeyPem"}, Does: Replaces},
			{Name: "has no key", Inputs: inputs.with(Map{"privateKeyPem": nil}), Does: Refused},
		},
	}
}

func intermediate(rootKey, root, request string) Case {
	inputs := Map{
		"certRequestPem":      request,
		"caCertPem":           root,
		"caPrivateKeyPem":     secret(rootKey),
		"isCaCertificate":     true,
		"setSubjectKeyId":     true,
		"allowedUses":         []string{"cert_signing", "crl_signing"},
		"validityPeriodHours": tenYears,
	}
	return Case{
		Name: "an intermediate of a mesh",
		Type: "tls:index/locallySignedCert:LocallySignedCert",
		Steps: []Step{
			{Name: "is for a request that is none", Inputs: inputs.with(Map{"certRequestPem": "no PEM"}), Does: Refused},
			{Name: "is under a certificate that is none", Inputs: inputs.with(Map{"caCertPem": "no PEM"}), Does: Refused},
			{Name: "is signed by a key that is none", Inputs: inputs.with(Map{"caPrivateKeyPem": "no PEM"}), Does: Refused},
			{Name: "is made", Inputs: inputs, Unknown: []string{"certRequestPem", "caCertPem", "caPrivateKeyPem"}, Does: Creates},
			{Name: "stays as it is", Inputs: inputs, Does: Nothing},
			{Name: "stays after a refresh", Refresh: true, Inputs: inputs, Does: Nothing},
			{Name: "is for less time", Inputs: inputs.with(Map{"validityPeriodHours": 24}), Does: Replaces},
			{Name: "is for other uses", Inputs: inputs.with(Map{"allowedUses": []string{"cert_signing"}}), Does: Replaces},
			{Name: "has no identifier of its key", Inputs: inputs.with(Map{"setSubjectKeyId": nil}), Does: Replaces},
			{Name: "is no authority", Inputs: inputs.with(Map{"isCaCertificate": nil}), Does: Replaces},
		},
	}
}

func administrator(rootKey, root, request string) Case {
	inputs := Map{
		"certRequestPem":      request,
		"caCertPem":           root,
		"caPrivateKeyPem":     secret(rootKey),
		"allowedUses":         []string{"digital_signature", "key_encipherment", "client_auth"},
		"validityPeriodHours": tenYears,
	}
	return Case{
		Name: "an administrator's certificate",
		Type: "tls:index/locallySignedCert:LocallySignedCert",
		Steps: []Step{
			{Name: "is made", Inputs: inputs, Unknown: []string{"certRequestPem", "caCertPem", "caPrivateKeyPem"}, Does: Creates},
			{Name: "stays as it is", Inputs: inputs, Does: Nothing},
			{Name: "is for a request not known yet", Inputs: inputs.with(Map{"validityPeriodHours": 48}),
				Unknown: []string{"certRequestPem"}, Does: Replaces},
			{Name: "has no request", Inputs: inputs.with(Map{"certRequestPem": nil}), Does: Refused},
		},
	}
}
