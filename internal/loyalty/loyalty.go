// Package loyalty names the classes of customers whose requests the extension lab limits.
package loyalty

// Tier is a class of customers: the value of the header x-loyalty in their requests.
type Tier string

// The tiers of the manual. None is that of requests without the header.
const (
	None   Tier = "no_loyalty"
	Bronze Tier = "bronze"
	Silver Tier = "silver"
	Gold   Tier = "gold"
)

// Tiers returns all tiers, from the fewest requests to the most.
func Tiers() []Tier { return []Tier{None, Bronze, Silver, Gold} }
