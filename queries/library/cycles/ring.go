package cycles

import (
	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/chain"
)

// Hop is one edge of a loop.
type Hop = chain.Hop

// Ring is the fact: the hops of one loop, each starting where the one before
// ended, from the smallest company (at level leg from the earliest leg). The
// slice is only valid until the next one.
type Ring []*Hop

func fact(row queries.Record) (Ring, error) {
	var f struct {
		Ring    []string      `json:"ring"`
		Classes []graph.Class `json:"classes"`
		Amounts []graph.Money `json:"hop_amounts_cents"`
		Partial []bool        `json:"partials"`
		Legs    [][]string    `json:"legs"`
	}
	if err := queries.Scan(row, &f); err != nil {
		return nil, err
	}
	ring := make(Ring, len(f.Ring))
	for i, payer := range f.Ring {
		ring[i] = &Hop{
			Payer: payer, Payee: f.Ring[(i+1)%len(f.Ring)], Class: f.Classes[i],
			Amount: f.Amounts[i], Partial: f.Partial[i], Legs: f.Legs[i],
		}
	}
	return ring, nil
}

// funding tells whether the class is Fin: FUNDS, and GRANTS, which is among the
// edges only where the lens has it.
func funding(c graph.Class) bool { return c == graph.Funds || c == graph.Grants }

func (r Ring) kind() string {
	fin, buy, other := 0, 0, 0
	for _, h := range r {
		switch {
		case h.Class == graph.Backs:
			return "contingent"
		case funding(h.Class):
			fin++
		case h.Class == graph.Pays:
			buy++
		default:
			other++
		}
	}
	switch {
	case fin > 0 && buy > 0:
		return "round_trip"
	case buy == len(r):
		return "reciprocal_trade"
	case fin == len(r):
		return "cross_holding"
	}
	return "other"
}

func (r Ring) retention(bottleneck graph.Money) graph.Decimal {
	var fin, all graph.Money
	larger := func(a, b graph.Money) graph.Money {
		if !a.Known() || b.Known() && b.Cents() > a.Cents() {
			return b
		}
		return a
	}
	for _, h := range r {
		all = larger(all, h.Amount)
		if funding(h.Class) {
			fin = larger(fin, h.Amount)
		}
	}
	if fin.Known() {
		return graph.Ratio(bottleneck, fin)
	}
	return graph.Ratio(bottleneck, all)
}

// id is stable across runs, stores and engines. At level leg each hop is one
// leg, and the leg ids take the place of ring and classes.
func (r Ring) id(level string) string {
	parts := make([]string, 0, 2*len(r))
	for _, h := range r {
		if level == "leg" {
			parts = append(parts, h.Legs[0])
		} else {
			parts = append(parts, h.Payer, h.Class.String())
		}
	}
	return chain.ID("c_", parts)
}
