// Package chain holds what loops and paths have in common: hops over the edges
// of a view, their amounts, their order, and the keeping of the best of many.
package chain

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/algo/csr"
	"roundtrip/queries/algo/effort"
)

// Hop is one edge of a chain.
type Hop struct {
	Payer, Payee string
	Class        graph.Class
	Amount       graph.Money // known amounts of its legs
	Partial      bool
	Legs         []string    // by date, then id
	Days         []graph.Day // of the dated legs, ascending; native engine only
}

// Hops is a chain, each hop starting where the one before ended; at least one.
type Hops []*Hop

// Bottleneck is the least amount, unknown when a hop is; atMost is the least
// amount that is known in full, which the bottleneck cannot exceed.
func (c Hops) Bottleneck() (bottleneck, atMost graph.Money) {
	bottleneck = c[0].Amount
	for _, h := range c {
		bottleneck = bottleneck.Min(h.Amount)
		if h.Amount.Known() && !h.Partial && (!atMost.Known() || h.Amount.Cents() < atMost.Cents()) {
			atMost = h.Amount
		}
	}
	return bottleneck, atMost
}

// Gross is the sum of the amounts, unknown when a hop is.
func (c Hops) Gross() graph.Money {
	sum := graph.USD(0)
	for _, h := range c {
		if !h.Amount.Known() {
			return graph.Money{}
		}
		sum = sum.Plus(h.Amount)
	}
	return sum
}

// Partial tells whether the amount of some hop is known only in part.
func (c Hops) Partial() bool {
	return slices.ContainsFunc(c, func(h *Hop) bool { return h.Partial })
}

// ID is a prefix and the first 16 hex digits of the SHA-256 of the parts with
// bars between.
func ID(prefix string, parts []string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "|")))
	return prefix + hex.EncodeToString(sum[:8])
}

// Rank is what chains are ordered by.
type Rank struct {
	Bottleneck, AtMost graph.Money
	Hops               int
}

// Compare orders chains by bottleneck descending, those without one after them
// by what it cannot exceed, unknown last; then the shorter first. Ids decide
// where it is 0.
func (r Rank) Compare(o Rank) int {
	order := queries.Descending(r.Bottleneck, o.Bottleneck)
	if order == 0 && !r.Bottleneck.Known() {
		order = queries.Descending(r.AtMost, o.AtMost)
	}
	return cmp.Or(order, cmp.Compare(r.Hops, o.Hops))
}

// Top keeps the best of many: those that come first in an order.
type Top[T any] struct {
	Limit   int
	Compare func(a, b T) int
	kept    []T
	full    bool // kept has been cut to the limit at least once
}

// Wants tells whether x may be among the best of all that were added.
func (t *Top[T]) Wants(x T) bool {
	return t.Limit > 0 && (!t.full || t.Compare(x, t.kept[t.Limit-1]) <= 0)
}

// Add keeps x, which Wants, until something better takes its place.
func (t *Top[T]) Add(x T) {
	t.kept = append(t.kept, x)
	if len(t.kept) >= 2*t.Limit+1024 {
		t.Sorted()
		t.full = true
	}
}

// Sorted is the best in order, at most Limit of them.
func (t *Top[T]) Sorted() []T {
	slices.SortFunc(t.kept, t.Compare)
	t.kept = t.kept[:min(len(t.kept), t.Limit)]
	return t.kept
}

// Edges are the edges of a view as hops and as arcs, both in the order of the
// view, and the graph that they make.
func Edges(v *snapshot.View) ([]Hop, []csr.Arc, *csr.Graph, error) {
	hops, arcs := make([]Hop, v.NumEdges()), make([]csr.Arc, v.NumEdges())
	for e := range arcs {
		edge := v.EdgeAt(e)
		arcs[e] = csr.Arc{Tail: edge.Payer, Head: edge.Payee, Label: uint8(edge.Class)}
		hops[e] = Hop{
			Payer: v.Companies()[edge.Payer], Payee: v.Companies()[edge.Payee], Class: edge.Class,
			Amount: edge.Amount, Partial: edge.Partial, Legs: v.LegIDs(edge.Legs), Days: days(v, edge.Legs),
		}
	}
	g, err := csr.Build(len(v.Companies()), arcs)
	return hops, arcs, g, err
}

// days are the first days of the dated legs, ascending.
func days(v *snapshot.View, legs []int32) []graph.Day {
	var list []graph.Day
	for _, i := range legs {
		if d := v.Leg(int(i)).Date; d.Known() {
			list = append(list, d.First())
		}
	}
	slices.Sort(list)
	return list
}

// Cut makes the end of a search by its own timeout a truncation; any other early
// end is an error. ctx is the context of the request, not that of the search.
func Cut(ctx context.Context, timeout time.Duration, stats effort.Stats, err error) (queries.Truncation, error) {
	switch {
	case err == nil && stats.Truncated == effort.Complete:
		return queries.Truncation{}, nil
	case ctx.Err() != nil:
		return queries.Truncation{}, ctx.Err()
	case err != nil && !errors.Is(err, context.DeadlineExceeded):
		return queries.Truncation{}, err
	}
	return queries.Truncation{Is: true, Reason: fmt.Sprintf("timeout: the search ended after %s; counts are at least", timeout)}, nil
}
