package exposure

import (
	"context"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/algo/effort"
	"roundtrip/queries/library/chain"
)

// native adds up the legs of every firm, then follows the guarantees.
func native(ctx context.Context, in queries.Scope, p Params, yield func(Fact) bool) (queries.Truncation, error) {
	b := books{view: in.View, of: make([]*Firm, len(in.View.Companies()))}
	for i := range in.View.NumLegs() {
		b.add(i)
	}
	for _, f := range b.of {
		if f != nil && !yield(Fact{Firm: f}) {
			return queries.Truncation{}, nil
		}
	}
	search, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	s := follower{ctx: search, backs: guarantees(in.View), k: p.K, on: make([]bool, len(b.of)), yield: yield}
	for v := range s.backs {
		if len(s.backs[v]) > 0 && !s.follow(int32(v)) {
			break
		}
	}
	return chain.Cut(ctx, p.Timeout, effort.Stats{}, s.err)
}

// books are the firms that have a leg of interest, by vertex.
type books struct {
	view *snapshot.View
	of   []*Firm
}

func (b books) firm(v int32) *Firm {
	if b.of[v] == nil {
		none := graph.USD(0)
		b.of[v] = &Firm{ID: b.view.Companies()[v], BacksGiven: none, BacksReceived: none, CondOut: none, CondIn: none}
	}
	return b.of[v]
}

func (b books) add(i int) {
	leg := b.view.Leg(i)
	conditional := b.view.Flow(i).Conditional()
	if leg.Class != graph.Backs && leg.Class != graph.Grants && !conditional {
		return
	}
	giver, taker := b.firm(leg.Payer), b.firm(leg.Payee)
	giver.Legs, taker.Legs = append(giver.Legs, leg.ID), append(taker.Legs, leg.ID)
	switch leg.Class {
	case graph.Backs:
		giver.BacksGiven = plus(giver.BacksGiven, leg.Amount, len(giver.StandsBehind))
		taker.BacksReceived = plus(taker.BacksReceived, leg.Amount, len(taker.BackedBy))
		giver.StandsBehind, taker.BackedBy = with(giver.StandsBehind, taker.ID), with(taker.BackedBy, giver.ID)
	case graph.Grants:
		giver.GrantsGiven++
		taker.GrantsReceived++
	}
	if conditional {
		giver.CondOut, taker.CondIn = plus(giver.CondOut, leg.Amount, giver.NumCondOut), plus(taker.CondIn, leg.Amount, taker.NumCondIn)
		giver.NumCondOut++
		taker.NumCondIn++
	}
}

// plus adds an amount to a sum of so many terms; the sum of none is 0.
func plus(sum, amount graph.Money, terms int) graph.Money {
	if terms == 0 {
		return amount
	}
	return sum.Plus(amount)
}

func with(ids []string, id string) []string {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(ids, id)
}

// guarantee is one merged edge.
type guarantee struct {
	to  int32
	hop chain.Hop
}

// guarantees are the BACKS edges out of every vertex, by payee.
func guarantees(v *snapshot.View) [][]guarantee {
	out := make([][]guarantee, len(v.Companies()))
	for e := range v.NumEdges() {
		if x := v.EdgeAt(e); x.Class == graph.Backs {
			names := v.Companies()
			out[x.Payer] = append(out[x.Payer], guarantee{x.Payee, chain.Hop{
				Payer: names[x.Payer], Payee: names[x.Payee], Class: x.Class, Amount: x.Amount, Partial: x.Partial, Legs: v.LegIDs(x.Legs),
			}})
		}
	}
	return out
}

// follower goes from guarantee to guarantee; every step is a chain.
type follower struct {
	ctx   context.Context //nolint:containedctx // a follower lives as long as one call
	backs [][]guarantee
	k     int
	on    []bool // vertices of the present chain
	hops  chain.Hops
	steps int
	yield func(Fact) bool
	err   error
}

// checkEvery is the number of steps between two looks at the context.
const checkEvery = 1024

// follow goes on from a vertex. It returns false when the search must end.
func (s *follower) follow(v int32) bool {
	s.on[v] = true
	defer func() { s.on[v] = false }()
	for i := range s.backs[v] {
		g := &s.backs[v][i]
		if s.on[g.to] {
			continue
		}
		if s.steps%checkEvery == 0 {
			if s.err = s.ctx.Err(); s.err != nil {
				return false
			}
		}
		s.steps++
		s.hops = append(s.hops, &g.hop)
		goOn := s.yield(Fact{Chains: []chain.Hops{s.hops}}) && (len(s.hops) == s.k || s.follow(g.to))
		s.hops = s.hops[:len(s.hops)-1]
		if !goOn {
			return false
		}
	}
	return true
}
