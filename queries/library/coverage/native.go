package coverage

import (
	"context"

	"roundtrip/graph"
	"roundtrip/queries"
)

// native walks the legs in order of date and id, first for what each funder put
// in, then for the promises that this money is tied to.
func native(_ context.Context, in queries.Scope, _ Params, yield func(Leg) bool) (queries.Truncation, error) {
	v := in.View
	names := v.Companies()
	head := func(id string) string {
		h, _ := v.Snapshot().Head(id)
		return h
	}
	type tie struct{ buyer, funder string }
	left := map[tie]int64{} // cents of a funder's group in a buyer that no promise took yet
	var facts []Leg
	for i := range v.NumLegs() {
		leg := v.Leg(i)
		switch {
		case leg.Class == graph.Funds:
			flow := v.Flow(i)
			f := Leg{Buyer: names[leg.Payee], ID: leg.ID, Other: names[leg.Payer], Head: head(flow.From), Amount: leg.Amount}
			left[tie{f.Buyer, f.Head}] += leg.Amount.Cents()
			facts = append(facts, f)
		case leg.Kind.Promise():
			flow := v.Flow(i)
			facts = append(facts, Leg{
				Buyer: names[leg.Payer], ID: leg.ID, Promise: true, Other: names[leg.Payee], Head: head(flow.To), Amount: leg.Amount,
				Start: firstDay(flow.PeriodStart), End: lastDay(flow.PeriodEnd),
			})
		}
	}
	for _, f := range facts {
		if f.Promise && f.Amount.Known() {
			t := tie{f.Buyer, f.Head}
			covered := min(left[t], f.Amount.Cents())
			left[t] -= covered
			f.Tied = graph.USD(covered)
		}
		if !yield(f) {
			break
		}
	}
	return queries.Truncation{}, nil
}

func firstDay(d graph.Date) graph.Date {
	if !d.Known() {
		return d
	}
	return graph.On(d.First())
}

func lastDay(d graph.Date) graph.Date {
	if !d.Known() {
		return d
	}
	return graph.On(d.Last())
}
