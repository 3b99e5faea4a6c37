package changes

import (
	"context"
	"fmt"

	"roundtrip/queries"
)

// Comparison is the one fact: what differs, and both sides.
type Comparison struct {
	Rows          []Row // in order
	Before, After Side
	Revisions     bool // whether revisions were compared, not dates
	Untold        int  // legs of which no import was looked up
}

func native(ctx context.Context, in queries.Scope, p Params, yield func(Comparison) bool) (queries.Truncation, error) {
	c, err := open(ctx, in, p)
	if err != nil {
		return queries.Truncation{}, err
	}
	legs := c.legs()
	sortRows(legs)
	untold, err := c.explain(ctx, legs)
	if err != nil {
		return queries.Truncation{}, err
	}
	before, cutBefore, err := c.loops(ctx, c.before)
	if err != nil {
		return queries.Truncation{}, err
	}
	after, cutAfter, err := c.loops(ctx, c.after)
	if err != nil {
		return queries.Truncation{}, err
	}
	out := Comparison{Revisions: c.p.From.isRevision(), Untold: untold}
	var cut queries.Truncation
	var loops []entry
	for _, x := range []queries.Truncation{cutAfter, cutBefore} {
		if x.Is {
			cut = queries.Truncation{Is: true, Reason: fmt.Sprintf("loops are left out: %s; narrow the lens or max_hops", x.Reason)}
			before, after = nil, nil
		}
	}
	if !cut.Is {
		loops = c.loopRows(before, after, legs)
		sortRows(loops)
	}
	for _, list := range [][]entry{legs, loops} {
		for _, e := range list {
			out.Rows = append(out.Rows, e.Row)
		}
	}
	if out.Before, err = summarise(ctx, c.before, before, !cut.Is); err != nil {
		return queries.Truncation{}, err
	}
	if out.After, err = summarise(ctx, c.after, after, !cut.Is); err != nil {
		return queries.Truncation{}, err
	}
	yield(out)
	return cut, nil
}
