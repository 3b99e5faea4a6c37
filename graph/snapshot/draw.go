package snapshot

import (
	"math/bits"

	"roundtrip/graph"
)

// luck is the random number of one leg in one draw.
type luck uint64

// luck depends on the seed, the number of the draw and the id of the leg, so that
// a leg has the same luck under every lens, in every scenario and on any number
// of workers.
func (g *glass) luck(leg int32) luck {
	h := uint64(14695981039346656037) // FNV-1a
	for id := g.s.legIDs.at(leg); id != ""; id = id[1:] {
		h = (h ^ uint64(id[0])) * 1099511628211
	}
	return luck(mix(mix(mix(g.lens.Draw.Seed)^uint64(g.lens.Draw.Number)) ^ h))
}

// mix spreads every bit over all others: the finalizer of SplitMix64 (Steele, Lea
// and Flood, Fast splittable pseudorandom number generators, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// lives is true with a probability of that many basis points.
func (l luck) lives(basisPoints uint64) bool {
	of, _ := bits.Mul64(uint64(l), 10000)
	return of < basisPoints
}

// drawAmount is uniform between the amounts that the lens has for low and high,
// both included; the reported one where either is unknown.
func (g *glass) drawAmount(l luck, leg int32, d *detail, r reading) int64 {
	reported := g.s.amount[leg]
	low, high := g.rule(graph.Low, reported, d, r), g.rule(graph.High, reported, d, r)
	if low == unknown || high == unknown {
		return r.amount
	}
	low, high = min(low, high), max(low, high)
	up, _ := bits.Mul64(mix(uint64(l)), uint64(high-low)+1)
	return low + int64(up)
}
