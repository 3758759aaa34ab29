package settings

import (
	"maps"
	"math"
	"slices"

	"istio-lab/internal/nearest"
)

// Tier is a class of customers: the value of the header x-loyalty in their requests.
type Tier string

// The tiers of the manual. NoLoyalty are the requests without the header.
const (
	NoLoyalty Tier = "no_loyalty"
	Bronze    Tier = "bronze"
	Silver    Tier = "silver"
	Gold      Tier = "gold"
)

// rateLimits are the manual's: how many requests a minute each tier may make.
var rateLimits = map[Tier]int{NoLoyalty: 1, Bronze: 3, Silver: 5, Gold: 10}

// Tiers returns all tiers, from the fewest requests to the most.
func Tiers() []Tier { return []Tier{NoLoyalty, Bronze, Silver, Gold} }

// rateLimits completes the limits that are set with the manual's.
func (p *parser) rateLimits(set map[Tier]int) map[Tier]int {
	limits := maps.Clone(rateLimits)
	for _, tier := range slices.Sorted(maps.Keys(set)) {
		limit := set[tier]
		if _, known := rateLimits[tier]; !known {
			p.refuse(KeyLab+".rateLimits."+string(tier), "no such tier%s", nearest.Of(string(tier), Tiers()))
		}
		if limit < 1 || limit > math.MaxInt32 {
			p.refuse(KeyLab+".rateLimits."+string(tier), "%d is not a number of requests a minute: give 1 or more", limit)
		}
		limits[tier] = limit
	}
	return limits
}
