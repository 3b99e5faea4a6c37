package graphgen

import (
	"fmt"
	"iter"

	"pgregory.net/rapid"

	"roundtrip/graph"
)

// Lens is a random lens for a graph, drawn from a property test. Its companies
// are among those of the records, its as_of lies in or near their dates.
func Lens(t *rapid.T, records []graph.Record) graph.Lens {
	return lens(chooser{func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "lens") }}, records)
}

// RandomLens is a random lens for a graph; the same seed and records give the
// same lens.
func RandomLens(seed uint64, records []graph.Record) graph.Lens { return lens(seeded(seed), records) }

func lens(c chooser, records []graph.Record) graph.Lens {
	g := &generator{chooser: c}
	l := graph.DefaultLens()
	l.AsOf = graph.On(first + span + 400)
	if g.oneIn(2) {
		l.AsOf = g.dated(first)
	}
	l.Basis = pick(c, graph.Headline, graph.SignedBy, graph.Expected, graph.Settled, graph.Realised)
	l.Amount = pick(c, graph.Point, graph.Low, graph.High)
	l.Classes = pick(c, graph.MoneyClasses(), graph.ValueClasses(), graph.EveryClass(), graph.Classes(graph.Funds), graph.Classes(graph.Pays, graph.Supplies))
	l.Rollup = !g.oneIn(3)
	l.Aggregates = g.oneIn(2)
	l.Overlaps = g.oneIn(2)
	l.Conditional = pick(c, graph.ConditionalKept, graph.ConditionalKept, graph.ConditionalOut, graph.ConditionalOnly)
	if g.oneIn(5) {
		l.MinAmount = graph.USD(pick(c, int64(1), 123_456_789*20))
	}
	if g.oneIn(5) {
		kinds := graph.FlowKinds()
		for range 1 + c.below(6) {
			l.Kinds = append(l.Kinds, kinds[c.below(len(kinds))].Kind)
		}
	}
	if g.oneIn(5) {
		for _, r := range records {
			if co, ok := r.(*graph.Company); ok && !g.oneIn(3) {
				l.Companies = append(l.Companies, co.ID)
			}
		}
	}
	return l
}

// Transfers streams a plain transfer list of any length: companies t0, t1, ...
// and legs between them on instants of the years 2024 to 2026, the first
// companies being hubs. The records come in the order of a store: by kind, then
// by id.
func Transfers(seed uint64, companies, legs int) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		c := seeded(seed)
		names := make([]string, companies)
		for i := range names {
			names[i] = fmt.Sprintf("t%08d", i)
			if !yield(&graph.Company{ID: names[i]}, nil) {
				return
			}
		}
		for i := range legs {
			at, err := graph.ParseTimestamp(fmt.Sprint((int64(first)*86400 + int64(c.below(span*86400)))))
			if !yield(&graph.Flow{
				ID: fmt.Sprintf("l%08d", i), From: names[c.low(companies)], To: names[c.low(companies)], Kind: graph.Transfer, Moves: graph.MovesCash,
				Amount: graph.USD(int64(1 + c.below(10_000_000))), Announced: at, InitialStatus: graph.Closed, Status: graph.Closed,
			}, err) {
				return
			}
		}
	}
}
