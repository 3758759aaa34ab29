package settings

import (
	"maps"
	"math"
	"slices"

	"istio-lab/internal/loyalty"
	"istio-lab/internal/nearest"
)

// rateLimits are the manual's: how many requests a minute each tier may make.
var rateLimits = map[loyalty.Tier]int{loyalty.None: 1, loyalty.Bronze: 3, loyalty.Silver: 5, loyalty.Gold: 10}

// rateLimits completes the limits that are set with the manual's.
func (p *parser) rateLimits(set map[loyalty.Tier]int) map[loyalty.Tier]int {
	limits := maps.Clone(rateLimits)
	for _, tier := range slices.Sorted(maps.Keys(set)) {
		limit := set[tier]
		if _, known := rateLimits[tier]; !known {
			p.refuse(KeyLab+".rateLimits."+string(tier), "no such tier%s", nearest.Of(string(tier), loyalty.Tiers()))
		}
		if limit < 1 || limit > math.MaxInt32 {
			p.refuse(KeyLab+".rateLimits."+string(tier), "%d is not a number of requests a minute: give 1 or more", limit)
		}
		limits[tier] = limit
	}
	return limits
}
