package ratelimit

import (
	"sigs.k8s.io/yaml"

	"istio-lab/internal/loyalty"
)

// Domain is the name under which the service knows the limits, and by which it is asked.
const Domain = "catalog-ratelimit"

// Descriptor is the word by which the service knows the requests of a tier.
func Descriptor(tier loyalty.Tier) string {
	if tier == loyalty.None {
		return string(tier)
	}
	return string(tier) + "_request"
}

// config is the service's configuration.
type config struct {
	Domain      string       `json:"domain"`
	Descriptors []descriptor `json:"descriptors"`
}

// descriptor is a limit of the requests that are described by a key and a value.
type descriptor struct {
	Key       string    `json:"key"`
	Value     string    `json:"value"`
	RateLimit rateLimit `json:"rate_limit"`
}

type rateLimit struct {
	Unit            string `json:"unit"`
	RequestsPerUnit int    `json:"requests_per_unit"`
}

// limits is the configuration with a limit for each tier, in requests a minute.
func limits(perMinute map[loyalty.Tier]int) config {
	c := config{Domain: Domain}
	for _, tier := range loyalty.Tiers() {
		c.Descriptors = append(c.Descriptors, descriptor{
			Key: "header_match", Value: Descriptor(tier), // the key that Envoy gives to what it describes by headers
			RateLimit: rateLimit{Unit: "MINUTE", RequestsPerUnit: perMinute[tier]},
		})
	}
	return c
}

// yaml is the configuration as the service reads it.
func (c config) yaml() string {
	text, err := yaml.Marshal(c)
	if err != nil {
		panic(err) // strings and numbers always have a YAML form
	}
	return string(text)
}
