package changes

import (
	"context"
	"errors"
	"fmt"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
)

// side is the graph at one end of the comparison, seen through the lens.
type side struct {
	view *snapshot.View
	snap *snapshot.Snapshot
	at   []int32 // of a leg of the snapshot: its place in the view, -1 where it does not pass

	children map[string][]int // parts of legs, by leg; nil until asked for
}

// standing is what a leg is on one side.
type standing struct {
	index  int  // in the snapshot
	there  bool // it has a record
	known  bool // and was announced
	live   bool // and passes the lens
	state  graph.Status
	amount graph.Money // under the lens, of a live leg
	payer  string      // under the lens, of a live leg
	payee  string
	kind   graph.FlowKind
}

// leg looks a leg up.
func (s *side) leg(id string) standing {
	i, ok := s.snap.FlowIndex(id)
	if !ok {
		return standing{}
	}
	day := s.view.AsOf()
	announced := s.snap.Flow(i).Announced
	x := standing{index: i, there: true, known: !announced.Known() || announced.First() <= day, state: s.snap.StateOn(i, day)}
	if p := s.at[i]; p >= 0 {
		leg := s.view.Leg(int(p))
		names := s.view.Companies()
		x.live, x.state, x.amount, x.payer, x.payee, x.kind = true, leg.State, leg.Amount, names[leg.Payer], names[leg.Payee], leg.Kind
	}
	return x
}

// comparing is a comparison under way.
type comparing struct {
	in            queries.Scope
	p             Params
	before, after *side
}

// open looks at both ends.
func open(ctx context.Context, in queries.Scope, p Params) (*comparing, error) {
	if !p.To.given() {
		if p.To = (Point{date: in.Lens.AsOf}); p.From.isRevision() {
			p.To = Point{revision: in.View.Revision().Number}
		}
	}
	before, err := look(ctx, in, "from", p.From)
	if err != nil {
		return nil, err
	}
	after, err := look(ctx, in, "to", p.To)
	if err != nil {
		return nil, err
	}
	return &comparing{in: in, p: p, before: before, after: after}, nil
}

// look sees the graph at one end through the lens.
func look(ctx context.Context, in queries.Scope, argument string, at Point) (*side, error) {
	snap, lens := in.View.Snapshot(), in.Lens
	if !at.isRevision() {
		lens.AsOf = graph.On(at.date.Last())
	} else if now := in.View.Revision().Number; at.revision != now {
		if in.Past == nil {
			return nil, queries.ArgumentErrors{{Name: argument, Given: at.String(), Problem: fmt.Sprintf("earlier revisions cannot be read here; want r%d", now)}}
		}
		var err error
		if snap, err = in.Past.At(ctx, at.revision); errors.Is(err, graph.ErrNotFound) {
			return nil, queries.ArgumentErrors{{Name: argument, Given: at.String(), Problem: fmt.Sprintf("there is no such revision; want r1 to r%d", now)}}
		} else if err != nil {
			return nil, fmt.Errorf("reading revision %d: %w", at.revision, err)
		}
	}
	s := &side{snap: snap}
	var err error
	if s.view, err = snap.View(ctx, among(snap, lens)); err != nil {
		return nil, err
	}
	s.at = make([]int32, snap.NumFlows())
	for i := range s.at {
		s.at[i] = -1
	}
	for i := range s.view.NumLegs() {
		s.at[s.view.Leg(i).Flow] = int32(i)
	}
	return s, nil
}

// among leaves companies out of the lens that the graph of this revision does
// not have. They have no legs there; where none of them is left, no leg passes.
func among(snap *snapshot.Snapshot, lens graph.Lens) graph.Lens {
	if len(lens.Companies) == 0 {
		return lens
	}
	var there []string
	for _, id := range lens.Companies {
		if _, ok := snap.Head(id); ok {
			there = append(there, id)
		}
	}
	if lens.Companies = there; there == nil {
		lens.Kinds = []graph.FlowKind{graph.Umbrella} // which no lens lets pass
	}
	return lens
}
