//go:build conformance

package conformance

import (
	"crypto/x509"
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// The inputs are those of components/pki and components/kind, with keys that are made here.
func TestTLS(t *testing.T) {
	t.Parallel()
	Suite{Plugin: "tls", Config: Map{}, Rules: tlsRules, Cases: tlsCases(t)}.Run(t)
}

// A state that one of the plugins has made is no change to the other, which continues with it as with its own.
func TestTLSStateOfTheOtherPluginIsTakenOver(t *testing.T) {
	t.Parallel()
	official := openOfficial(t, "tls")
	if official == nil {
		t.Skip("Pulumi's own plugin is not here: nothing was taken over")
	}
	ours := open(t, "tls", build(t, "tls"))
	for _, p := range []plugin.Provider{ours, official} {
		configure(t, p, "tls", Map{})
	}
	for _, c := range tlsCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Run("from ours", func(t *testing.T) { c.takenOver(t, ours, official) })
			t.Run("from the official one", func(t *testing.T) { c.takenOver(t, official, ours) })
		})
	}
}

// takenOver lets a plugin make the resource, and another live through what comes after.
func (c Case) takenOver(t *testing.T, from, by plugin.Provider) {
	first := slices.IndexFunc(c.Steps, func(s Step) bool { return s.Does == Creates })
	making := c.Steps[first]
	making.After = func(_ *testing.T, now State) Map {
		c.Start = now
		return nil
	}
	Case{Type: c.Type, Steps: []Step{making}}.live(t, from, nil)

	read, err := by.Read(t.Context(), plugin.ReadRequest{
		URN: resource.NewURN("conformance", "istio-lab", "", c.Type, "it"), Type: c.Type,
		ID: c.Start.ID, Inputs: c.Start.Inputs, State: c.Start.Outputs,
	})
	if err != nil {
		t.Fatal(err)
	}
	const delta = "__pulumi_raw_state_delta" // is for the official plugin, and need not be there
	was, is := c.Start.Outputs.Copy(), read.Outputs.Copy()
	delete(was, delta)
	delete(is, delta)
	if diff := was.Diff(is); diff != nil || read.ID != c.Start.ID || !read.Inputs.DeepEquals(c.Start.Inputs) {
		t.Errorf("a refresh changes it: %v", diff)
	}
	c.Steps = c.Steps[first+1:]
	c.live(t, by, nil)
}

var tlsRules = []Rule{
	{At: "*certPem", As: certificate, Numbered: true},
	{At: "*validityStartTime", As: hoursFromNow},
	{At: "*validityEndTime", As: hoursFromNow},
	{At: "id", As: serialOrDigest, Numbered: true},
	{At: "outputs.id", As: serialOrDigest, Numbered: true},
}

func tlsCases(t *testing.T) []Case {
	rootKey, otherKey := newKey(t), newKey(t)
	root := newRoot(t, rootKey, func(*x509.Certificate) {})
	marked := newRoot(t, rootKey, func(c *x509.Certificate) { c.SubjectKeyId = []byte("the root of a mesh") })
	noCA := newRoot(t, rootKey, func(c *x509.Certificate) { c.IsCA, c.MaxPathLen = false, 0 })
	request := newRequest(t, otherKey)
	return []Case{
		privateKeys(), rootAuthority(rootKey, otherKey), clusterAuthority(rootKey), expired(rootKey), renewedEarly(rootKey),
		administratorRequest(rootKey, otherKey), intermediate(rootKey, otherKey, root, marked, noCA, request), administrator(rootKey, root, request),
	}
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
			{Name: "has the default size", Inputs: Map{"algorithm": "RSA"}, Does: Nothing},
			{Name: "becomes larger", Inputs: inputs.with(Map{"rsaBits": 3072}), Does: Replaces, After: oneKey},
			{Name: "is of a size not known yet", Inputs: inputs, Unknown: []string{"rsaBits"}, Does: Replaces},
			{Name: "is too small", Inputs: inputs.with(Map{"rsaBits": 512}), Does: Refused},
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
			{Name: "is made", Inputs: inputs, Unknown: []string{"privateKeyPem"}, Does: Creates, After: oneCertificate},
			{Name: "stays as it is", Inputs: inputs, Does: Nothing},
			{Name: "stays after a refresh", Refresh: true, Inputs: inputs, Does: Nothing},
			{Name: "has defaults of its own", Inputs: inputs.with(Map{"earlyRenewalHours": 0}), Does: Nothing},
			{Name: "has its uses in another order", Inputs: inputs.with(Map{"allowedUses": []string{"crl_signing", "cert_signing"}}), Does: Replaces},
			{Name: "has all uses", Inputs: inputs.with(Map{
				"allowedUses": []string{"client_auth", "crl_signing", "key_encipherment", "digital_signature", "cert_signing"},
			}), Does: Replaces, After: oneCertificate},
			{Name: "has no use at all", Inputs: inputs.with(Map{"allowedUses": []string{}}), Does: Replaces},
			{Name: "has many names", Inputs: inputs.with(Map{"dnsNames": []string{"b", "*.a", "a"}}),
				Unknown: []string{"dnsNames[1]"}, Does: Replaces},
			{Name: "has a list of no names", Inputs: inputs.with(Map{"dnsNames": []string{}}), Does: Replaces},
			{Name: "has no list of names", Inputs: inputs.with(Map{"dnsNames": nil}), Does: Replaces},
			{Name: "has a name that DNS does not know", Inputs: inputs.with(Map{"dnsNames": []string{"랩"}}), Does: Refused},
			{Name: "has a common name of other letters", Inputs: inputs.with(Map{"subject": Map{"commonName": "랩 & lab", "organization": "*"}}),
				Unknown: []string{"subject.commonName"}, Does: Replaces, After: oneCertificate},
			{Name: "has no common name", Inputs: inputs.with(Map{"subject": Map{"organization": "the lab"}}), Does: Replaces},
			{Name: "has an empty subject", Inputs: inputs.with(Map{"subject": Map{}}), Does: Refused},
			{Name: "has an empty name", Inputs: inputs.with(Map{"subject": Map{"commonName": ""}}), Does: Refused},
			{Name: "has secret names", Inputs: inputs.with(Map{
				"subject": Map{"commonName": secret("root.istio.in.action")}, "dnsNames": []any{secret("root.istio.in.action")},
			}), Does: Replaces},
			{Name: "lasts longer than years have two digits", Inputs: inputs.with(Map{"validityPeriodHours": 4 * tenYears}),
				Unknown: []string{"validityPeriodHours"}, Does: Replaces, After: oneCertificate},
			{Name: "has a bound of 0 on the path", Inputs: inputs.with(Map{"maxPathLength": 0}), Does: Replaces},
			{Name: "has a bound of -1 on the path", Inputs: inputs.with(Map{"maxPathLength": -1}),
				Unknown: []string{"maxPathLength"}, Does: Replaces},
			{Name: "has a bound of -2 on the path", Inputs: inputs.with(Map{"maxPathLength": -2}), Does: Refused},
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
			{Name: "is renewed early", Inputs: inputs.with(Map{"setSubjectKeyId": nil, "earlyRenewalHours": 24}),
				Does: Updates, After: oneCertificate},
			{Name: "is renewed earlier than never", Inputs: inputs.with(Map{"earlyRenewalHours": -1}), Does: Refused},
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

func renewedEarly(key string) Case {
	inputs := Map{
		"privateKeyPem": secret(key), "subject": Map{"commonName": "brief"}, "allowedUses": []string{"client_auth"}, "validityPeriodHours": 24,
	}
	early := inputs.with(Map{"earlyRenewalHours": 24})
	return Case{
		Name: "a certificate that is renewed early",
		Type: "tls:index/selfSignedCert:SelfSignedCert",
		Steps: []Step{
			{Name: "is made", Inputs: inputs, Does: Creates, After: oneCertificate},
			{Name: "stays as it is", Inputs: inputs.with(Map{"earlyRenewalHours": 23}), Does: Updates},
			{Name: "is within its early renewal", Inputs: early, Does: Replaces, After: oneCertificate},
			{Name: "is so again", Inputs: early, Does: Replaces},
			{Name: "is so after a refresh", Refresh: true, Inputs: early, Does: Replaces},
			{Name: "is renewed no more", Inputs: inputs, Does: Updates},
			{Name: "stays", Inputs: inputs, Does: Nothing},
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
			{Name: "is made", Inputs: inputs, Unknown: []string{"privateKeyPem"}, Does: Creates, After: oneRequest},
			{Name: "stays as it is", Inputs: inputs, Does: Nothing},
			{Name: "stays after a refresh", Refresh: true, Inputs: inputs, Does: Nothing},
			{Name: "is for nobody", Inputs: inputs.with(Map{"subject": nil}), Does: Replaces, After: oneRequest},
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

func intermediate(rootKey, otherKey, root, marked, noCA, request string) Case {
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
			{Name: "is signed by another's key", Inputs: inputs.with(Map{"caPrivateKeyPem": secret(otherKey)}), Does: Refused},
			{Name: "is made", Inputs: inputs, Unknown: []string{"certRequestPem", "caCertPem", "caPrivateKeyPem"}, Does: Creates,
				After: oneCertificate},
			{Name: "stays as it is", Inputs: inputs, Does: Nothing},
			{Name: "stays after a refresh", Refresh: true, Inputs: inputs, Does: Nothing},
			{Name: "is under an authority that has an identifier", Inputs: inputs.with(Map{"caCertPem": marked}),
				Unknown: []string{"caCertPem"}, Does: Replaces},
			{Name: "is under a secret authority", Inputs: inputs.with(Map{"caCertPem": secret(root)}), Does: Replaces},
			{Name: "is under what is no authority", Inputs: inputs.with(Map{"caCertPem": noCA}), Does: Replaces},
			{Name: "has a bound on the path", Inputs: inputs.with(Map{"maxPathLength": 2}), Does: Replaces},
			{Name: "is renewed early", Inputs: inputs.with(Map{"maxPathLength": 2, "earlyRenewalHours": 24}), Does: Updates},
			{Name: "is due at once", Inputs: inputs.with(Map{"earlyRenewalHours": tenYears}), Does: Replaces, After: oneCertificate},
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
