package chips

import (
	"context"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/vendors"
)

// native sorts the legs by the chips that they list, and walks from each
// maker's group along FUNDS and GRANTS edges.
func native(_ context.Context, in queries.Scope, p Params, yield func(Chip) bool) (queries.Truncation, error) {
	v := in.View
	snap, names := v.Snapshot(), v.Companies()
	compute := vendors.Scope("compute").Kinds()
	listing := map[string][]int{} // legs of the view by chip
	uses := map[int]Use{}
	for i := range v.NumLegs() {
		leg := v.Leg(i)
		use := Use("")
		switch {
		case leg.Kind == graph.ChipUsage:
			use = Usage
		case slices.Contains(compute, leg.Kind) && leg.Payer == leg.Payee:
			use = Inside
		case slices.Contains(compute, leg.Kind):
			use = Compute
		case leg.Kind == graph.ChipPurchase && leg.Payer != leg.Payee:
			use = Purchase
		}
		if use == "" {
			continue
		}
		uses[i] = use
		for _, chip := range v.Flow(i).Chips {
			listing[chip] = append(listing[chip], i)
		}
	}
	name := func(id string) string {
		if i, ok := v.Vertex(id); ok {
			return names[i]
		}
		return ""
	}
	head := func(id string) string {
		h, _ := snap.Head(id)
		return h
	}
	reaches := map[string]reach{} // by ultimate parent of the maker
	for _, c := range snap.Chips() {
		f := Chip{ID: c.ID, Maker: name(c.VendorID)}
		group := head(c.VendorID)
		r, ok := reaches[group]
		if !ok {
			r = walk(in, group, p.Hops)
			reaches[group] = r
		}
		users := map[string]bool{}
		for _, id := range c.UserIDs {
			users[name(id)] = true
		}
		for _, i := range listing[c.ID] {
			leg, flow := v.Leg(i), v.Flow(i)
			party := names[leg.Payer]
			if uses[i] == Usage {
				party = names[leg.Payee]
			}
			if uses[i] != Purchase {
				users[party] = true
			}
			f.Legs, f.Uses, f.Parties = append(f.Legs, leg.ID), append(f.Uses, string(uses[i])), append(f.Parties, party)
			f.Cents, f.GW, f.Listed = append(f.Cents, leg.Amount), append(f.GW, flow.CapacityGW), append(f.Listed, len(flow.Chips))
		}
		for u := range users {
			f.Users = append(f.Users, u)
			switch vertex, _ := v.Vertex(u); {
			case group != "" && head(u) == group:
				f.OwnUse = append(f.OwnUse, u)
			case r.hops[vertex] > 0:
				f.Affiliated = append(f.Affiliated, u)
				f.Ties = append(f.Ties, r.ties[vertex]...)
			}
		}
		if !yield(f) {
			break
		}
	}
	return queries.Truncation{}, nil
}

// reach is what FUNDS and GRANTS edges reach from one group: the fewest hops to
// a vertex, and the legs of the edges that end there within the limit.
type reach struct {
	hops map[int32]int
	ties map[int32][]string
}

// walk goes from the group out, one hop after the other.
func walk(in queries.Scope, group string, limit int) reach {
	v := in.View
	r := reach{hops: map[int32]int{}, ties: map[int32][]string{}}
	var now []int32
	inside := func(vertex int32) bool {
		h, _ := v.Snapshot().Head(v.Companies()[vertex])
		return h == group
	}
	for i := range v.Companies() {
		if group != "" && inside(int32(i)) {
			now = append(now, int32(i))
		}
	}
	for hop := 1; hop <= limit && len(now) > 0; hop++ {
		var next []int32
		for _, payer := range now {
			first, end := v.Out(payer)
			for e := first; e < end; e++ {
				edge := v.EdgeAt(e)
				if edge.Class != graph.Funds && edge.Class != graph.Grants || edge.Payee == payer {
					continue
				}
				r.ties[edge.Payee] = append(r.ties[edge.Payee], v.LegIDs(edge.Legs)...)
				if r.hops[edge.Payee] == 0 && !inside(edge.Payee) {
					r.hops[edge.Payee] = hop
					next = append(next, edge.Payee)
				}
			}
		}
		now = next
	}
	return r
}
