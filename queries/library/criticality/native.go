package criticality

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/algo/circulation"
	"roundtrip/queries/algo/feedback"
)

// network is the edges of a view with classes merged.
type network struct {
	view  *snapshot.View
	arcs  []circulation.Arc
	w     []graph.Money // by arc
	legs  [][]int32     // by arc, in the order of the view
	at    [][]int32     // by vertex, its arcs
	total graph.Money
}

func merge(v *snapshot.View) *network {
	net := &network{view: v, at: make([][]int32, len(v.Companies())), total: graph.USD(0)}
	for e := range v.NumEdges() {
		x := v.EdgeAt(e)
		if x.Class != graph.Funds && x.Class != graph.Grants && x.Class != graph.Pays {
			continue
		}
		last := len(net.arcs) - 1
		if last < 0 || net.arcs[last].Tail != x.Payer || net.arcs[last].Head != x.Payee {
			net.arcs, net.w, net.legs = append(net.arcs, circulation.Arc{Tail: x.Payer, Head: x.Payee}), append(net.w, graph.Money{}), append(net.legs, nil)
			last++
			net.at[x.Payer], net.at[x.Payee] = append(net.at[x.Payer], int32(last)), append(net.at[x.Payee], int32(last))
		}
		net.w[last] = net.w[last].Plus(x.Amount)
		net.arcs[last].Cap = net.w[last].Cents()
		net.legs[last] = append(net.legs[last], x.Legs...)
	}
	for a, w := range net.w {
		if slices.Sort(net.legs[a]); a == 0 {
			net.total = graph.Money{}
		}
		net.total = net.total.Plus(w)
	}
	return net
}

// removals are the legs and firms that are asked for, and the cuts that take
// each away; nil stands for a leg of unknown amount.
func (net *network) removals(p Params) (list []Removal, cuts [][]circulation.Cut) {
	v := net.view
	names := v.Companies()
	if p.What != Firm {
		for a, legs := range net.legs {
			for _, i := range legs {
				leg := v.Leg(int(i))
				r := Removal{What: Leg, ID: leg.ID, Between: []string{names[leg.Payer], names[leg.Payee]}, Amount: leg.Amount, Date: leg.Date, Legs: []string{leg.ID}}
				var cut []circulation.Cut
				if r.Amount.Known() {
					cut = []circulation.Cut{{Arc: int32(a), By: r.Amount.Cents()}}
				}
				list, cuts = append(list, r), append(cuts, cut)
			}
		}
	}
	if p.What != Leg {
		for u, arcs := range net.at {
			if len(arcs) == 0 {
				continue
			}
			r := Removal{What: Firm, ID: names[u], Between: []string{names[u]}}
			cut := make([]circulation.Cut, 0, len(arcs))
			var legs []int32
			for _, a := range arcs {
				r.Amount = r.Amount.Plus(net.w[a])
				cut = append(cut, circulation.Cut{Arc: a, By: net.arcs[a].Cap})
				legs = append(legs, net.legs[a]...)
			}
			slices.Sort(legs)
			r.Legs = v.LegIDs(legs)
			list, cuts = append(list, r), append(cuts, cut)
		}
	}
	return list, cuts
}

func native(ctx context.Context, in queries.Scope, p Params, yield func(Solution) bool) (queries.Truncation, error) {
	net := merge(in.View)
	list, cuts := net.removals(p)
	search, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	best, drops, err := circulation.Drops(search, len(net.at), net.arcs, cuts)
	if err != nil && (ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded)) {
		return queries.Truncation{}, fmt.Errorf("criticality: %w", err)
	}
	s := Solution{Total: net.total}
	if best.Of != nil {
		sum := circulation.Sum(best.Of) // the total of a view fits 64 bits
		s.Circular = graph.USD(sum.Int64())
	}
	for i, r := range list {
		switch {
		case cuts[i] == nil:
			s.Removals = append(s.Removals, r)
		case drops != nil && drops[i] != circulation.NotFound:
			r.Drop = graph.USD(drops[i])
			s.Removals = append(s.Removals, r)
		}
	}
	if err := net.feedback(ctx, &s); err != nil {
		return queries.Truncation{}, fmt.Errorf("criticality: %w", err)
	}
	yield(s)
	if err == nil {
		return queries.Truncation{}, nil
	}
	left := len(list) - len(s.Removals)
	return queries.Truncation{Is: true, Reason: fmt.Sprintf("timeout: the search ended after %s; %s not looked at", p.Timeout, queries.Count(left, "leg or firm was", "legs and firms were"))}, nil
}

// feedback finds the edges without which there is no loop.
func (net *network) feedback(ctx context.Context, s *Solution) error {
	var arcs []feedback.Arc
	var known []int // by arc of feedback, its number in the network
	for a, x := range net.arcs {
		if net.w[a].Known() {
			arcs, known = append(arcs, feedback.Arc{Tail: x.Tail, Head: x.Head, Weight: x.Cap}), append(known, a)
		}
	}
	set, err := feedback.Minimum(ctx, len(net.at), arcs)
	if err != nil {
		return err
	}
	s.Weight, s.AtLeast, s.Exact = set.Weight, set.AtLeast, set.Exact
	names := net.view.Companies()
	for _, i := range set.Arcs {
		a := known[i]
		s.Feedback = append(s.Feedback, Edge{
			Payer: names[net.arcs[a].Tail], Payee: names[net.arcs[a].Head], Amount: net.w[a], Legs: net.view.LegIDs(net.legs[a]),
		})
	}
	return nil
}
