package tls

import (
	"crypto/x509"
	"encoding/pem"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	presource "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"istio-lab/testbed/plugins/internal/own"
)

type m = map[string]any

// root are inputs of a self-signed certificate.
func root(changes m) m {
	inputs := m{
		"privateKeyPem": key["privateKeyPem"], "subject": m{"commonName": "root"}, "dnsNames": []any{"root"}, "isCaCertificate": true,
		"allowedUses": []any{"cert_signing"}, "validityPeriodHours": 24.0,
	}
	maps.Copy(inputs, changes)
	maps.DeleteFunc(inputs, func(_ string, v any) bool { return v == nil })
	return inputs
}

var key = func() m {
	made, err := makePrivateKey(m{"rsaBits": 2048.0})
	if err != nil {
		panic(err)
	}
	return made
}()

func TestCheckRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change m
		at     string
	}{
		"a property that the program does not use": {m{"uris": []any{"spiffe://a"}}, "uris"},
		"one within another":                       {m{"subject": m{"commonName": "a", "country": "KR"}}, "subject.country"},
		"one that is not for a program to give":    {m{"setAuthorityKeyId": true}, "setAuthorityKeyId"},
		"one that is made":                         {m{"certPem": "…"}, "certPem"},
		"a missing property":                       {m{"privateKeyPem": nil}, "privateKeyPem"},
		"a value of another kind":                  {m{"isCaCertificate": "yes"}, "isCaCertificate"},
		"an element of another kind":               {m{"dnsNames": []any{"a", 1.0}}, "dnsNames[1]"},
		"a use that the program does not have":     {m{"allowedUses": []any{"cert_signing", "code_signing"}}, "allowedUses[1]"},
		"a time before now":                        {m{"validityPeriodHours": -1.0}, "validityPeriodHours"},
	} {
		t.Run(name, func(t *testing.T) {
			_, failures := selfSignedCertType.check(own.Properties(root(c.change)))
			if len(failures) != 1 || failures[0].Property != c.at || !strings.HasPrefix(failures[0].Reason, c.at+": ") {
				t.Errorf("%v, and not one failure at %s", failures, c.at)
			}
		})
	}
}

func TestKeysOfOtherKindsAreRefused(t *testing.T) {
	_, failures := privateKeyType.check(own.Properties(m{"algorithm": "ECDSA", "ecdsaCurve": "P256"}))
	if len(failures) != 2 || failures[0].Property != "algorithm" || failures[1].Property != "ecdsaCurve" {
		t.Errorf("the failures are %v", failures)
	}
}

func TestUnknownTypesAndSettingsAreRefused(t *testing.T) {
	urn := presource.NewURN("dev", "istio-lab", "", "tls:index/other:Other", "it")
	if _, err := Provider().Check(t.Context(), p.CheckRequest{Urn: urn}); err == nil || !strings.Contains(err.Error(), "other:Other") {
		t.Errorf("got %v", err)
	}
	checked, err := Provider().CheckConfig(t.Context(), p.CheckRequest{Inputs: own.Properties(m{"version": Version, "proxy": m{}})})
	if err != nil || len(checked.Failures) != 1 || checked.Failures[0].Property != "proxy" {
		t.Errorf("got %v, %v", checked.Failures, err)
	}
}

func TestOnlySecretsAreMarked(t *testing.T) {
	inputs, failures := selfSignedCertType.check(own.Properties(root(nil)))
	if len(failures) > 0 {
		t.Fatal(failures)
	}
	state := made(t, inputs)
	for name, value := range state.All {
		if value.Secret() != (name == "privateKeyPem") {
			t.Errorf("that %s is secret is %t", name, value.Secret())
		}
	}
	if secret := made(t, inputs.Set("dnsNames", inputs.Get("dnsNames").WithSecret(true))).Get("dnsNames"); !secret.Secret() {
		t.Error("what the program gave as a secret is none any more")
	}
}

func TestDiff(t *testing.T) {
	state := own.PlainMap(made(t, own.Properties(root(m{"maxPathLength": 1.0}))))
	for name, c := range map[string]struct {
		change m
		want   map[string]p.DiffKind
	}{
		"nothing":                {m{"maxPathLength": 1.0}, nil},
		"no path length":         {nil, nil}, // keeps what it was
		"a default":              {m{"setSubjectKeyId": false}, nil},
		"another name":           {m{"subject": m{"commonName": "other"}}, map[string]p.DiffKind{"subject": p.UpdateReplace}},
		"a list less":            {m{"dnsNames": nil}, map[string]p.DiffKind{"dnsNames": p.DeleteReplace}},
		"a key not known yet":    {m{"privateKeyPem": own.Unknown{}}, map[string]p.DiffKind{"privateKeyPem": p.UpdateReplace}},
		"an early renewal":       {m{"earlyRenewalHours": 1.0}, map[string]p.DiffKind{"earlyRenewalHours": p.Update}},
		"a renewal that is due":  {m{"earlyRenewalHours": 24.0}, map[string]p.DiffKind{"earlyRenewalHours": p.Update, readyKey: p.UpdateReplace}},
		"a longer path":          {m{"maxPathLength": 2.0}, map[string]p.DiffKind{"maxPathLength": p.UpdateReplace}},
		"no authority":           {m{"isCaCertificate": nil}, map[string]p.DiffKind{"isCaCertificate": p.UpdateReplace}},
		"a use less":             {m{"allowedUses": []any{}}, map[string]p.DiffKind{"allowedUses": p.UpdateReplace}},
		"less time than is left": {m{"validityPeriodHours": 1.0}, map[string]p.DiffKind{"validityPeriodHours": p.UpdateReplace}},
	} {
		t.Run(name, func(t *testing.T) {
			got := map[string]p.DiffKind{}
			for at, change := range selfSignedCertType.diff(state, root(c.change)) {
				got[at] = change.Kind
			}
			if !maps.Equal(got, c.want) {
				t.Errorf("%v, and not %v", got, c.want)
			}
		})
	}
}

func TestAKeyIsPlannedAnewOnlyWhenItChanges(t *testing.T) {
	state := maps.Clone(key)
	maps.Copy(state, m{"algorithm": "RSA", "rsaBits": 2048.0, "ecdsaCurve": "P224"})
	if changes := privateKeyType.diff(state, m{"algorithm": "RSA"}); len(changes) > 0 {
		t.Errorf("without a change: %v", changes)
	}
	changes := privateKeyType.diff(state, m{"algorithm": "RSA", "rsaBits": 3072.0})
	if changes["rsaBits"].Kind != p.UpdateReplace || changes["privateKeyPem"].Kind != p.Update || len(changes) != 1+len(key) {
		t.Errorf("for a larger one: %v", changes)
	}
}

func TestACertificateThatExpiresIsFoundByARefresh(t *testing.T) {
	urn := presource.NewURN("dev", "istio-lab", "", "tls:index/selfSignedCert:SelfSignedCert", "it")
	for hours, want := range map[float64]bool{0: true, 24: false} {
		inputs := own.Properties(root(m{"validityPeriodHours": hours}))
		state := made(t, inputs).Set("__pulumi_raw_state_delta", property.New("kept")).Set(readyKey, property.New(false))
		read, err := Provider().Read(t.Context(), p.ReadRequest{Urn: urn, ID: "1", Properties: state, Inputs: inputs})
		if err != nil {
			t.Fatal(err)
		}
		if ready := read.Properties.Get(readyKey).AsBool(); ready != want {
			t.Errorf("after %v hours, that it is ready for renewal is %t", hours, ready)
		}
		if kept := read.Properties.Set(readyKey, property.New(false)); !property.New(kept).Equals(property.New(state)) {
			t.Error("more than that has changed")
		}
	}
}

func TestTheKeyOfACertificateIsRefusedByName(t *testing.T) {
	for text, want := range map[string]string{
		"no PEM":                         "privateKeyPem: it is not PEM",
		encodePEM(certificateBlock, nil): "privateKeyPem: it is PEM of type CERTIFICATE, and has to be of type RSA PRIVATE KEY",
		encodePEM(keyBlock, []byte{1}):   "privateKeyPem: asn1: ",
	} {
		planned := selfSignedCertType.plan(nil, root(m{"privateKeyPem": text}))
		if _, err := selfSignedCertType.create(planned); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestACertificateIsValidFromNowOn(t *testing.T) {
	state := made(t, own.Properties(root(m{"maxPathLength": 1.0})))
	block, _ := pem.Decode([]byte(state.Get("certPem").AsString()))
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !c.IsCA || c.MaxPathLen != 1 || c.KeyUsage != x509.KeyUsageCertSign || !slices.Equal(c.DNSNames, []string{"root"}) {
		t.Errorf("CA %t of path %d, uses %b, names %v", c.IsCA, c.MaxPathLen, c.KeyUsage, c.DNSNames)
	}
	if since := time.Since(c.NotBefore); since < 0 || since > time.Minute || c.NotAfter.Sub(c.NotBefore) != 24*time.Hour {
		t.Errorf("it is valid from %s to %s", c.NotBefore, c.NotAfter)
	}
	if id := state.Get(idKey).AsString(); id != c.SerialNumber.String() {
		t.Errorf("the ID is %s, and the serial number %s", id, c.SerialNumber)
	}
}

func made(t *testing.T, inputs property.Map) property.Map {
	t.Helper()
	urn := presource.NewURN("dev", "istio-lab", "", "tls:index/selfSignedCert:SelfSignedCert", "it")
	created, err := Provider().Create(t.Context(), p.CreateRequest{Urn: urn, Properties: inputs})
	if err != nil {
		t.Fatal(err)
	}
	return created.Properties
}
