package lookthrough

import (
	"context"
	"fmt"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/algo/absorbing"
	"roundtrip/queries/library/outside"
)

// native follows money backwards: a walker at u steps to x in proportion to what
// u got from x. It factors the chain with outside money and the closed one once
// and then asks both for one company after the other.
func native(ctx context.Context, in queries.Scope, p Params, yield func(Fact) bool) (queries.Truncation, error) {
	v := in.View
	only := int32(-1)
	if p.Company != "" {
		vertex, err := queries.CompanyArg(v, "company", p.Company)
		if err != nil {
			return queries.Truncation{}, err
		}
		only = vertex
	}
	firms := outside.Of(v, p.Horizon)
	back := backwards(v)
	leave := make([]int64, len(firms))
	for i, f := range firms {
		leave[i] = f.Outside.Cents()
	}
	open, err := factor(ctx, len(firms), back, leave)
	if err != nil {
		return queries.Truncation{}, err
	}
	closed, err := factor(ctx, len(firms), back, nil)
	if err != nil {
		return queries.Truncation{}, err
	}
	search := newSearch(v)
	if !yield(Fact{NoRevenue: withoutRevenue(back, firms)}) {
		return queries.Truncation{}, nil
	}
	own, upper := make([]float64, len(firms)), make([]float64, len(firms))
	for a := range int32(len(firms)) {
		if only >= 0 && a != only {
			continue
		}
		f := Firm{ID: v.Companies()[a], Outside: firms[a].Outside}
		legs := []int32(nil)
		for _, e := range v.In(a) {
			edge := v.EdgeAt(int(e))
			if edge.Class != graph.Pays {
				continue
			}
			if f.Payers == nil {
				open.Hitting(a, own)
				closed.Hitting(a, upper)
				search.from(a)
			}
			chain, along := search.chain(edge.Payer)
			f.Payers = append(f.Payers, Payer{v.Companies()[edge.Payer], edge.Amount, own[edge.Payer], upper[edge.Payer], chain})
			legs = append(append(legs, edge.Legs...), along...)
		}
		if f.Payers == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return queries.Truncation{}, err
		}
		slices.Sort(legs)
		f.Legs = v.LegIDs(slices.Compact(legs))
		if !yield(Fact{Firm: &f}) {
			break
		}
	}
	return queries.Truncation{}, ctx.Err()
}

// passes tells whether money of a class mixes with what a firm has.
func passes(c graph.Class) bool { return c == graph.Funds || c == graph.Grants || c == graph.Pays }

// backwards are arcs from payee to payer with known amounts above zero, one for
// each edge of a class that passes.
func backwards(v *snapshot.View) []absorbing.Arc {
	var arcs []absorbing.Arc
	for e := range v.NumEdges() {
		if edge := v.EdgeAt(e); passes(edge.Class) && edge.Amount.Cents() > 0 {
			arcs = append(arcs, absorbing.Arc{Tail: edge.Payee, Head: edge.Payer, Weight: edge.Amount.Cents()})
		}
	}
	return arcs
}

func factor(ctx context.Context, n int, back []absorbing.Arc, leave []int64) (*absorbing.Factored, error) {
	c, err := absorbing.New(n, back, leave)
	if err != nil {
		return nil, fmt.Errorf("lookthrough: %w", err)
	}
	return c.Factor(ctx)
}

// withoutRevenue counts the firms with known money in that report no revenue.
func withoutRevenue(back []absorbing.Arc, firms []outside.Firm) int {
	met, n := make([]bool, len(firms)), 0
	for _, arc := range back {
		if !met[arc.Tail] && !firms[arc.Tail].Revenue.Amount.Known() {
			n++
		}
		met[arc.Tail] = true
	}
	return n
}

// search finds chains of fewest hops along edges of known amounts above zero.
type search struct {
	view   *snapshot.View
	before []int32 // by vertex: where a chain comes from, unseen where none does
	seen   []int32 // in the order in which they were met
}

const unseen = -1

func newSearch(v *snapshot.View) *search {
	s := &search{view: v, before: make([]int32, len(v.Companies()))}
	for i := range s.before {
		s.before[i] = unseen
	}
	return s
}

// from looks for chains from a firm to all that its money reaches; of several
// chains of fewest hops it keeps the first in order of ids, since it meets the
// payees of a firm in that order.
func (s *search) from(a int32) {
	for _, u := range s.seen {
		s.before[u] = unseen
	}
	s.seen = append(s.seen[:0], a)
	s.before[a] = a
	for i := 0; i < len(s.seen); i++ {
		first, end := s.view.Out(s.seen[i])
		for e := first; e < end; e++ {
			edge := s.view.EdgeAt(e)
			if passes(edge.Class) && edge.Amount.Cents() > 0 && s.before[edge.Payee] == unseen {
				s.before[edge.Payee] = s.seen[i]
				s.seen = append(s.seen, edge.Payee)
			}
		}
	}
}

// chain is the firms of the chain to u, both ends included, and the legs along
// it; nothing where money of the firm does not reach u.
func (s *search) chain(u int32) (ids []string, legs []int32) {
	if s.before[u] == unseen {
		return nil, nil
	}
	for ; s.before[u] != u; u = s.before[u] {
		ids = append(ids, s.view.Companies()[u])
		first, end := s.view.Out(s.before[u])
		for e := first; e < end; e++ {
			if edge := s.view.EdgeAt(e); edge.Payee == u && passes(edge.Class) && edge.Amount.Cents() > 0 {
				legs = append(legs, edge.Legs...)
			}
		}
	}
	ids = append(ids, s.view.Companies()[u])
	slices.Reverse(ids)
	return ids, legs
}
