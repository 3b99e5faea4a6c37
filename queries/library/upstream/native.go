package upstream

import (
	"context"
	"fmt"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/algo/absorbing"
	"roundtrip/queries/library/vendors"
)

// native looks from each target back along the ties: once for the tiers, and
// once without each firm that stands on the way of another.
func native(ctx context.Context, in queries.Scope, p Params, yield func(Fact) bool) (queries.Truncation, error) {
	v := in.View
	targets, err := targetsOf(v, p)
	if err != nil {
		return queries.Truncation{}, err
	}
	n := tiesOf(v)
	dollars, err := n.dollars()
	if err != nil {
		return queries.Truncation{}, err
	}
	name := func(u int32) string { return v.Companies()[u] }
	for _, target := range targets {
		others := 0
		for u, ties := range n.out {
			if len(ties) > 0 && int32(u) != target {
				others++
			}
		}
		if !yield(Fact{Target: name(target), Others: others}) {
			return queries.Truncation{}, nil
		}
		tiers := n.tiers(target, none, p.K)
		sole, err := n.sole(ctx, target, tiers, p.K)
		if err != nil {
			return queries.Truncation{}, err
		}
		shares := dollars.Within(target, p.K)
		for b := range int32(len(tiers)) {
			if b == target || tiers[b] == unreached {
				continue
			}
			f := Fact{Target: name(target), Company: name(b), Paid: n.paid[b], Share: shares[b], Legs: n.legs(v, b, tiers)}
			for u := b; u != target; u = n.next(u, tiers) {
				f.Path = append(f.Path, name(u))
			}
			f.Path = append(f.Path, name(target))
			for _, c := range sole[b] {
				f.Sole = append(f.Sole, name(c))
			}
			if !yield(f) {
				return queries.Truncation{}, nil
			}
		}
	}
	return queries.Truncation{}, ctx.Err()
}

// targetsOf are the targets that were named, or the companies of the kinds that
// are targets by default, in order of vertices.
func targetsOf(v *snapshot.View, p Params) ([]int32, error) {
	var targets []int32
	for _, id := range p.Targets {
		vertex, err := queries.CompanyArg(v, "target", id)
		if err != nil {
			return nil, err
		}
		targets = append(targets, vertex)
	}
	if len(p.Targets) == 0 {
		for vertex, id := range v.Companies() {
			if c, ok := v.Snapshot().Company(id); ok && slices.Contains(Kinds(), c.Kind) {
				targets = append(targets, int32(vertex))
			}
		}
	}
	slices.Sort(targets)
	return slices.Compact(targets), nil
}

// tie is that a firm depends on another.
type tie struct {
	on    int32
	cents int64   // known amounts paid for compute and chips
	legs  []int32 // of the view, none for a tie by chips.csv alone
}

// net is all ties.
type net struct {
	out  [][]tie       // by the firm that depends, in order of the other, each once
	back [][]int32     // by the firm that is depended on: those that do
	paid []graph.Money // by firm: known amounts paid for compute and chips
}

func tiesOf(v *snapshot.View) *net {
	size := len(v.Companies())
	n := &net{out: make([][]tie, size), back: make([][]int32, size), paid: make([]graph.Money, size)}
	kinds := slices.Concat(vendors.Scope("compute").Kinds(), vendors.Scope("chips").Kinds())
	for e := range v.NumEdges() {
		edge := v.EdgeAt(e)
		switch edge.Class {
		case graph.Supplies:
			n.out[edge.Payee] = append(n.out[edge.Payee], tie{on: edge.Payer, legs: edge.Legs})
		case graph.Pays:
			var amount graph.Money
			var legs []int32
			for _, i := range edge.Legs {
				if leg := v.Leg(int(i)); slices.Contains(kinds, leg.Kind) {
					amount = amount.Plus(leg.Amount)
					legs = append(legs, i)
				}
			}
			if legs != nil {
				n.out[edge.Payer] = append(n.out[edge.Payer], tie{edge.Payee, amount.Cents(), legs})
				n.paid[edge.Payer] = n.paid[edge.Payer].Plus(amount)
			}
		}
	}
	for _, c := range v.Snapshot().Chips() {
		vendor, ok := counts(v, c.VendorID)
		if !ok {
			continue
		}
		for _, id := range append([]string{c.FoundryID}, c.MemorySupplierIDs...) {
			if supplier, ok := counts(v, id); ok && supplier != vendor {
				n.out[vendor] = append(n.out[vendor], tie{on: supplier})
			}
		}
	}
	for u := range n.out {
		n.out[u] = merged(n.out[u])
		for _, t := range n.out[u] {
			n.back[t.on] = append(n.back[t.on], int32(u))
		}
	}
	return n
}

// counts is the vertex of a company that chips.csv names; false where there is
// none, or where the lens leaves out what touches it.
func counts(v *snapshot.View, id string) (int32, bool) {
	vertex, ok := v.Vertex(id)
	if !ok || v.Aggregate(vertex) && !v.Lens().Aggregates {
		return 0, false
	}
	allowed := v.Lens().Companies
	return vertex, len(allowed) == 0 || slices.Contains(allowed, v.Companies()[vertex])
}

// merged puts the ties to one firm together and sorts them by firm.
func merged(ties []tie) []tie {
	slices.SortStableFunc(ties, func(a, b tie) int { return int(a.on) - int(b.on) })
	out := ties[:0]
	for _, t := range ties {
		if last := len(out) - 1; last >= 0 && out[last].on == t.on {
			out[last].cents += t.cents
			out[last].legs = slices.Concat(out[last].legs, t.legs)
			continue
		}
		out = append(out, t)
	}
	return out
}

// dollars is the walk of a dollar along known payments.
func (n *net) dollars() (*absorbing.Chain, error) {
	var arcs []absorbing.Arc
	for u, ties := range n.out {
		for _, t := range ties {
			arcs = append(arcs, absorbing.Arc{Tail: int32(u), Head: t.on, Weight: t.cents})
		}
	}
	c, err := absorbing.New(len(n.out), arcs, nil)
	if err != nil {
		return nil, fmt.Errorf("upstream: %w", err)
	}
	return c, nil
}

const (
	unreached = -1
	none      = -1
)

// tiers is by firm the fewest hops to the target, if at most k, on paths that do
// not pass the firm `without`.
func (n *net) tiers(target, without int32, k int) []int {
	tiers := make([]int, len(n.out))
	for u := range tiers {
		tiers[u] = unreached
	}
	tiers[target] = 0
	for met, i := []int32{target}, 0; i < len(met); i++ {
		if tiers[met[i]] == k {
			break
		}
		for _, u := range n.back[met[i]] {
			if tiers[u] == unreached && u != without {
				tiers[u] = tiers[met[i]] + 1
				met = append(met, u)
			}
		}
	}
	return tiers
}

// next is the firm after u on a path of fewest hops, the first in order of ids.
func (n *net) next(u int32, tiers []int) int32 {
	for _, t := range n.out[u] {
		if tiers[t.on] == tiers[u]-1 {
			return t.on
		}
	}
	return none
}

// sole is by firm those others that lie on every path of at most k hops from it
// to the target. Only firms that are next on somebody's path of fewest hops can
// be, and each of them is taken away in turn.
func (n *net) sole(ctx context.Context, target int32, tiers []int, k int) ([][]int32, error) {
	candidates := make([]bool, len(tiers))
	for b, tier := range tiers {
		if tier > 1 {
			candidates[n.next(int32(b), tiers)] = true
		}
	}
	sole := make([][]int32, len(tiers))
	for c, may := range candidates {
		if !may {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for b, tier := range n.tiers(target, int32(c), k) {
			if tier == unreached && tiers[b] != unreached && b != c {
				sole[b] = append(sole[b], int32(c))
			}
		}
	}
	return sole, nil
}

// legs are those along all paths of fewest hops from b to the target.
func (n *net) legs(v *snapshot.View, b int32, tiers []int) []string {
	var legs []int32
	seen := map[int32]bool{b: true}
	for at, i := []int32{b}, 0; i < len(at); i++ {
		u := at[i]
		for _, t := range n.out[u] {
			if tiers[u] == 0 || tiers[t.on] != tiers[u]-1 {
				continue
			}
			legs = append(legs, t.legs...)
			if !seen[t.on] {
				seen[t.on] = true
				at = append(at, t.on)
			}
		}
	}
	slices.Sort(legs)
	return v.LegIDs(slices.Compact(legs))
}
