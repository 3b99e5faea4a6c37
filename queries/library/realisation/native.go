package realisation

import (
	"context"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
)

// native looks at the graph through three more lenses: with parts beside their
// wholes, settled, and realised.
func native(ctx context.Context, in queries.Scope, _ Params, yield func(Leg) bool) (queries.Truncation, error) {
	snap := in.View.Snapshot()
	rows := map[int]bool{}
	for i := range in.View.NumLegs() {
		rows[in.View.Leg(i).Flow] = true
	}
	all := in.Lens
	all.Parts = true
	v, err := snap.View(ctx, all)
	if err != nil {
		return queries.Truncation{}, err
	}
	paid := func(basis graph.Basis) (map[int]graph.Money, error) {
		lens := in.Lens
		lens.Basis, lens.MinAmount = basis, graph.USD(0) // the least amount is one of the announced amount
		view, err := snap.View(ctx, lens)
		if err != nil {
			return nil, err
		}
		of := map[int]graph.Money{}
		for i := range view.NumLegs() {
			of[view.Leg(i).Flow] = view.Leg(i).Amount
		}
		return of, nil
	}
	settled, err := paid(graph.Settled)
	if err != nil {
		return queries.Truncation{}, err
	}
	realised, err := paid(graph.Realised)
	if err != nil {
		return queries.Truncation{}, err
	}
	var next successors
	for i := range v.NumLegs() {
		leg, flow := v.Leg(i), v.Flow(i)
		f := Leg{
			ID: leg.ID, Deal: flow.DealID, Status: string(leg.State), Conditional: flow.Conditional(), Amount: leg.Amount,
			Row: rows[leg.Flow], Ancestors: ancestors(snap, flow), Settled: settled[leg.Flow], Realised: realised[leg.Flow],
		}
		if leg.Class == graph.Pays {
			f.Vendor = v.Companies()[leg.Payee]
		}
		if leg.Date.Known() {
			f.Announced = graph.On(leg.Date.First())
		}
		if figure := snap.FigureOn(leg.Flow, v.AsOf()); figure.Known() && figure.Cents() == 0 { // no edge, but a figure
			f.Settled, f.Realised = figure, figure
		}
		if leg.State == graph.Superseded {
			if f.Successor, f.Succeeded, err = next.of(ctx, in, flow.SupersededBy); err != nil {
				return queries.Truncation{}, err
			}
		}
		if !yield(f) {
			break
		}
	}
	return queries.Truncation{}, nil
}

// successors looks up announced amounts of legs of whatever class and kind,
// whether or not they pass the filters of the lens.
type successors struct {
	amount map[string]graph.Money // of the legs that are known on the day; nil until one is asked for
}

// of is false for a leg that is not known on the day, and for an umbrella.
func (s *successors) of(ctx context.Context, in queries.Scope, id string) (graph.Money, bool, error) {
	if id == "" {
		return graph.Money{}, false, nil
	}
	if s.amount == nil {
		lens := graph.DefaultLens()
		lens.AsOf, lens.Basis, lens.Amount, lens.Classes = in.Lens.AsOf, graph.AnyState, in.Lens.Amount, graph.EveryClass()
		lens.Rollup, lens.Aggregates, lens.Overlaps, lens.Loops, lens.Parts = false, true, true, true, true
		v, err := in.View.Snapshot().View(ctx, lens)
		if err != nil {
			return graph.Money{}, false, err
		}
		s.amount = make(map[string]graph.Money, v.NumLegs())
		for i := range v.NumLegs() {
			s.amount[v.LegID(i)] = v.Leg(i).Amount
		}
	}
	amount, ok := s.amount[id]
	return amount, ok, nil
}

// ancestors are the ids of the legs that a leg is a part of, the nearest first,
// without umbrellas.
func ancestors(snap *snapshot.Snapshot, f *graph.Flow) []string {
	var list []string
	for f.ParentFlowID != "" {
		i, ok := snap.FlowIndex(f.ParentFlowID)
		if !ok {
			break
		}
		if f = snap.Flow(i); f.Kind != graph.Umbrella {
			list = append(list, f.ID)
		}
	}
	return list
}
