// Package debtrank follows distress through a network in which the loss of one
// vertex takes a share of another, and measures what a shock to a single vertex
// reaches.
//
// The measure is that of S. Battiston, M. Puliga, R. Kaushik, P. Tasca and G.
// Caldarelli, "DebtRank: Too Central to Fail?", Scientific Reports 2 (2012), in
// the linear form of M. Bardoscia, S. Battiston, F. Caccioli and G. Caldarelli,
// "DebtRank: A Microscopic Foundation for Shock Propagation", PLoS ONE 10 (2015):
// every increase of distress is passed on, not the first alone.
package debtrank

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"roundtrip/queries/algo/csr"
)

// Step is the least move of a level that makes another round necessary.
const Step = 1e-12

// Link says that distress of From by x adds Share times x to the distress of To.
// Shares are from 0 to 1; parallel links add up. A self loop feeds back on its
// vertex.
type Link struct {
	From, To int32
	Share    float64
}

// Network is links between the vertices 0 to n-1 and what each vertex weighs in
// the measure. It is immutable, and safe for use from several goroutines.
type Network struct {
	first []int32 // where the links out of a vertex start, n+1 elements
	to    []int32 // ascending within a vertex
	share []float64
	value []float64
}

// New is the network of these links. Values are the weights of the vertices, 0
// or more; usually they add up to 1. A vertex outside, a share outside 0 to 1
// and a negative or infinite value are errors.
func New(links []Link, values []float64) (*Network, error) {
	n := len(values)
	for i, v := range values {
		if !(v >= 0) || math.IsInf(v, 1) {
			return nil, fmt.Errorf("debtrank: value of vertex %d is %g, allowed are 0 and more", i, v)
		}
	}
	arcs := make([]csr.Arc, len(links))
	for i, l := range links {
		if !(l.Share >= 0 && l.Share <= 1) {
			return nil, fmt.Errorf("debtrank: share of link %d is %g, allowed is 0 to 1", i, l.Share)
		}
		arcs[i] = csr.Arc{Tail: l.From, Head: l.To}
	}
	g, err := csr.Build(n, arcs)
	if err != nil {
		return nil, fmt.Errorf("debtrank: %w", err)
	}
	net := &Network{first: make([]int32, n+1), value: values}
	for v := range int32(n) {
		row := g.Out(v)
		for k, to := range row.Heads {
			if share := links[row.IDs[k]].Share; share > 0 {
				net.to, net.share = append(net.to, to), append(net.share, share)
			}
		}
		net.first[v+1] = int32(len(net.to))
	}
	return net, nil
}

// Impact is what a shock reaches.
type Impact struct {
	// Rank is the sum of value times level at the end, without what the shock
	// itself took: DebtRank.
	Rank float64
	// Rounds is the number of rounds in which a level moved by Step or more.
	Rounds int
	// Cut tells that levels still moved after the last round that was allowed;
	// levels and rank then are lower bounds.
	Cut bool
}

// Shock sets the level of one vertex to size, from 0 to 1, and lets distress
// spread: in each round the level of every vertex rises by the sum of share
// times the last rise over the links into it, up to 1. The rounds end when no
// level moves by Step, at the latest after maxRounds. Levels, by vertex, never
// fall from round to round. They are sums of floating-point numbers in a fixed
// order: the same input gives the same bits on every machine.
//
// A vertex outside, a size outside 0 to 1 and the end of the context are errors.
func (net *Network) Shock(ctx context.Context, vertex int32, size float64, maxRounds int) ([]float64, Impact, error) {
	n := len(net.value)
	if vertex < 0 || int(vertex) >= n || !(size >= 0 && size <= 1) {
		return nil, Impact{}, fmt.Errorf("debtrank: shock of %g to vertex %d, allowed are 0 to 1 and vertices 0 to %d", size, vertex, n-1)
	}
	w := net.walk()
	impact, err := w.shock(ctx, vertex, size, maxRounds)
	return w.level, impact, err
}

// Rank is the impact of the same shock on each vertex in turn, by vertex. So
// many workers share the work, at least one; their number changes nothing in the
// answer.
func (net *Network) Rank(ctx context.Context, size float64, maxRounds, workers int) ([]Impact, error) {
	n := len(net.value)
	if !(size >= 0 && size <= 1) {
		return nil, fmt.Errorf("debtrank: shock of %g, allowed is 0 to 1", size)
	}
	impacts := make([]Impact, n)
	workers = max(1, min(workers, n))
	failed := make([]error, workers)
	var next atomic.Int64
	var wait sync.WaitGroup
	for k := range workers {
		wait.Go(func() {
			w := net.walk()
			for {
				v := next.Add(1) - 1
				if v >= int64(n) {
					return
				}
				impacts[v], failed[k] = w.shock(ctx, int32(v), size, maxRounds)
				if failed[k] != nil {
					return
				}
			}
		})
	}
	wait.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return impacts, nil
}

// walker is the state of one shock; it can be used for one after another.
type walker struct {
	net   *Network
	level []float64
	rise  []float64 // of the last round
	gain  []float64 // of the round at hand, before the cap
	work  int       // since the context was last looked at
}

func (net *Network) walk() *walker {
	n := len(net.value)
	return &walker{net: net, level: make([]float64, n), rise: make([]float64, n), gain: make([]float64, n)}
}

// checkEvery is the number of links and vertices between two looks at the
// context.
const checkEvery = 1 << 18

func (w *walker) shock(ctx context.Context, vertex int32, size float64, maxRounds int) (Impact, error) {
	clear(w.level)
	clear(w.rise)
	if err := ctx.Err(); err != nil {
		return Impact{}, err
	}
	w.level[vertex], w.rise[vertex] = size, size
	var impact Impact
	for moved := size > 0; moved; {
		if impact.Rounds == maxRounds {
			impact.Cut = true
			break
		}
		if moved = w.round(); moved {
			impact.Rounds++
		}
		if w.work > checkEvery {
			w.work = 0
			if err := ctx.Err(); err != nil {
				return Impact{}, err
			}
		}
	}
	for v, h := range w.level {
		if int32(v) == vertex {
			h -= size
		}
		impact.Rank += float64(w.net.value[v] * h) // the conversion keeps the product from being fused with the sum
	}
	return impact, nil
}

// round passes the last rises on and tells whether a level moved by Step.
func (w *walker) round() bool {
	net := w.net
	w.work += len(w.rise)
	for v, x := range w.rise {
		if x == 0 {
			continue
		}
		first, end := net.first[v], net.first[v+1]
		w.work += int(end - first)
		for k := first; k < end; k++ {
			w.gain[net.to[k]] += float64(net.share[k] * x)
		}
	}
	moved := false
	for v, g := range w.gain {
		if g == 0 {
			w.rise[v] = 0
			continue
		}
		w.gain[v] = 0
		before := w.level[v]
		after := min(1, before+g)
		w.level[v], w.rise[v] = after, after-before
		moved = moved || after-before >= Step
	}
	return moved
}
