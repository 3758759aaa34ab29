// Package memory says how much memory containers take.
package memory

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
)

// Of is the memory that running containers take together, in bytes, as the engine accounts for it, without the page cache.
func Of(ctx context.Context, docker *client.Client, running []container.Summary) (uint64, error) {
	var sum uint64
	for _, c := range running {
		response, err := docker.ContainerStatsOneShot(ctx, c.ID)
		if err != nil {
			return 0, fmt.Errorf("the memory of %v: %w", c.Names, err)
		}
		var stats container.StatsResponse
		err = json.NewDecoder(response.Body).Decode(&stats)
		response.Body.Close()
		if err != nil {
			return 0, fmt.Errorf("the memory of %v: %w", c.Names, err)
		}
		// The first is of cgroups of version 1, the second of version 2; version 1 has the second too, without the cgroups below.
		cache := max(stats.MemoryStats.Stats["total_inactive_file"], stats.MemoryStats.Stats["inactive_file"])
		sum += stats.MemoryStats.Usage - min(cache, stats.MemoryStats.Usage)
	}
	return sum, nil
}
