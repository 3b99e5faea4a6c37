// Package graphgen makes random graphs and random lenses for tests of
// everything that reads a graph: stores, the lens, the engines. The records
// keep every rule that an import checks, and they are chosen to be awkward:
// parallel legs, subsidiaries of subsidiaries, aggregates, unknown amounts and
// known zeros, ranges, parts of parts, states that change, figures that come and
// go, self loops, hubs, dates of every precision, ids that differ in case only.
package graphgen

import (
	"math/rand/v2"

	"pgregory.net/rapid"

	"roundtrip/graph"
)

// Options are the size and the shape of a graph.
type Options struct {
	Companies int // at least 1; 8 when it is 0
	Legs      int // 24 when it is 0
	// Plain leaves only legs of a transfer list.
	Plain bool
	// Money leaves only legs of class FUNDS and PAYS.
	Money bool
}

// Draw is a small random graph, drawn from a property test so that it shrinks:
// up to eight companies and up to two dozen legs, in order of kind.
func Draw(t *rapid.T) []graph.Record {
	c := chooser{func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") }}
	return generate(c, Options{Companies: 2 + c.below(7), Legs: 1 + c.below(24)})
}

// Random is a random graph of the given size; the same seed and options give
// the same records.
func Random(seed uint64, o Options) []graph.Record {
	if o.Companies == 0 {
		o.Companies = 8
	}
	if o.Legs == 0 {
		o.Legs = 24
	}
	return generate(seeded(seed), o)
}

func seeded(seed uint64) chooser { return chooser{rand.New(rand.NewPCG(seed, 1)).IntN} }

// chooser makes every random choice; 0 is the plainest.
type chooser struct {
	below func(n int) int // 0 to n-1
}

// oneIn is true once in n times.
func (c chooser) oneIn(n int) bool { return c.below(n) == n-1 }

func pick[T any](c chooser, from ...T) T { return from[c.below(len(from))] }

// low is below, skewed towards 0: a few companies take part in most legs.
func (c chooser) low(n int) int { return min(c.below(n), c.below(n)) }

// some is a list of at most most of the items, in their order; nil when it is
// empty.
func (c chooser) some(from []string, most int) []string {
	var list []string
	for _, s := range from {
		if len(list) < most && c.oneIn(3) {
			list = append(list, s)
		}
	}
	return list
}
