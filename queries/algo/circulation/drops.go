package circulation

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"roundtrip/queries/algo/wide"
)

// Cut takes By off the capacity of an arc; By is 0 to what it has.
type Cut struct {
	Arc int32
	By  int64
}

// NotFound is the drop that was not found because the context ended before.
const NotFound = -1

// Drops returns a maximum circulation, as Maximum does, and for each set of cuts,
// taken alone, by how much the largest sum falls when they are made. The vertices
// are 0 to n-1. Beside the errors of Maximum it is an error when a cut is of an
// arc that is not there, or by more than its capacity. When the context ends,
// its error comes with the drops that were found until then; those that take most
// off the circulation are looked for first.
//
// Cuts that leave every arc at least what it carries cost nothing: the circulation
// still fits, and smaller capacities allow no larger one. Any other cut takes the
// circulation off its arc where it no longer fits. Two vertices then do not
// balance, and what they are off by is taken back along shortest paths of the
// network in which the circulation was found, as Maximum does from full arcs.
// There its potentials hold: a cut closes ways in that network and opens none.
func Drops(ctx context.Context, n int, arcs []Arc, cuts [][]Cut) (Solution, []int64, error) {
	b, err := balance(ctx, n, arcs)
	if err != nil {
		return Solution{}, nil, err
	}
	drops, todo, err := b.easy(arcs, cuts)
	if err != nil {
		return Solution{}, nil, err
	}
	if err := b.drops(ctx, cuts, drops, todo); err != nil {
		return b.solution(arcs), drops, err
	}
	return b.solution(arcs), drops, nil
}

// easy finds the drops that need no search, and returns the sets of cuts that do,
// those that take most off the circulation first.
func (b *balanced) easy(arcs []Arc, cuts [][]Cut) (drops []int64, todo []int, err error) {
	drops = make([]int64, len(cuts))
	takes := make([]wide.Int, len(cuts))
	cut := make([]int64, len(arcs)) // by arc, of the set that is looked at
	for k, set := range cuts {
		for _, c := range set {
			if c.Arc < 0 || int(c.Arc) >= len(arcs) {
				return nil, nil, fmt.Errorf("circulation: cut %d is of arc %d, allowed are 0 to %d", k, c.Arc, len(arcs)-1)
			}
			if room := arcs[c.Arc].Cap - cut[c.Arc]; c.By < 0 || c.By > room {
				return nil, nil, fmt.Errorf("circulation: cut %d takes %d off arc %d, allowed are 0 to %d", k, c.By, c.Arc, room)
			}
			cut[c.Arc] += c.By
			switch a, h := arcs[c.Arc], b.solver.first[c.Arc]; {
			case a.Tail == a.Head:
				sum, fits := wide.Int{}.Plus(drops[k]).Plus(c.By).Int64()
				if !fits {
					return nil, nil, fmt.Errorf("circulation: cut %d lowers the sum by more than %d", k, int64(math.MaxInt64))
				}
				drops[k] = sum
			case h >= 0:
				// Earlier cuts of the same arc have used up some of its free room.
				free := max(0, b.solver.halves[h].against-(cut[c.Arc]-c.By))
				takes[k] = takes[k].Plus(max(0, c.By-free))
			}
		}
		for _, c := range set {
			cut[c.Arc] = 0
		}
		if takes[k] != (wide.Int{}) {
			todo = append(todo, k)
		}
	}
	slices.SortStableFunc(todo, func(i, j int) int { return takes[j].Compare(takes[i]) })
	return drops, todo, nil
}

// fewPerWorker is the number of sets of cuts below which another worker would
// cost more than it saves.
const fewPerWorker = 32

// drops looks for the drops of these sets of cuts and adds them to what there is.
func (b *balanced) drops(ctx context.Context, cuts [][]Cut, drops []int64, todo []int) error {
	loops := make([]int64, len(todo))
	for i, k := range todo {
		loops[i], drops[k] = drops[k], NotFound
	}
	var next atomic.Int64
	errs := make([]error, max(1, min(runtime.GOMAXPROCS(0), len(todo)/fewPerWorker)))
	var wait sync.WaitGroup
	for w := range errs {
		wait.Go(func() {
			t := b.trial()
			for i := int(next.Add(1) - 1); i < len(todo); i = int(next.Add(1) - 1) {
				drop, err := t.drop(ctx, cuts[todo[i]], loops[i])
				if err != nil {
					errs[w] = err
					return
				}
				drops[todo[i]] = drop
			}
		})
	}
	wait.Wait()
	return cmp.Or(errs...)
}

// trial is one worker's copy of the network, which it spoils and mends.
type trial struct {
	base    *balanced
	solver  *solver
	touched []int32 // components with vertices that do not balance
}

func (b *balanced) trial() *trial {
	n, of := len(b.component), b.solver
	s := &solver{
		off: of.off, first: of.first, // never written once the network stands
		halves: slices.Clone(of.halves), excess: make([]int64, n), potential: slices.Clone(of.potential),
		freeOff: make([]int32, n), freeEnd: make([]int32, n),
		distance: make([]int64, n), settled: make([]bool, n), depth: make([]int32, n), next: make([]int32, n),
	}
	return &trial{base: b, solver: s}
}

// drop is by how much the sum falls in all: by what the self loops among the cuts
// lose, and by what this finds.
func (t *trial) drop(ctx context.Context, cuts []Cut, loops int64) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer t.mend()
	for _, c := range cuts {
		t.cut(c)
	}
	fallen := wide.Int{}.Plus(loops)
	for _, k := range t.touched {
		members := t.base.groups[k]
		if err := t.solver.solve(ctx, members); err != nil {
			return 0, err
		}
		fallen = t.lost(fallen, members)
	}
	drop, fits := fallen.Int64()
	if !fits {
		return 0, fmt.Errorf("circulation: a cut lowers the sum by more than %d", int64(math.MaxInt64))
	}
	return drop, nil
}

// lost adds what a component carries less than before.
func (t *trial) lost(sum wide.Int, members []int32) wide.Int {
	s, of := t.solver, t.base.solver
	for _, v := range members {
		for h := s.off[v]; h < s.off[v+1]; h++ {
			if s.halves[h].cost > 0 { // forward: what is left is what the arc carries
				sum = sum.Plus(of.halves[h].left - s.halves[h].left)
			}
		}
	}
	return sum
}

// cut takes the circulation off an arc where it no longer fits.
func (t *trial) cut(c Cut) {
	s := t.solver
	f := s.first[c.Arc]
	if f < 0 {
		return
	}
	x := &s.halves[f]
	back := &s.halves[x.back]
	free := min(x.against, c.By)
	x.against -= free
	x.left -= c.By - free
	back.left, back.against = x.against, x.left
	if took := c.By - free; took > 0 {
		tail := back.head
		s.excess[tail] -= took
		s.excess[x.head] += took
	}
	if k := t.base.component[x.head]; !slices.Contains(t.touched, k) {
		t.touched = append(t.touched, k)
	}
}

// mend makes the network what it was.
func (t *trial) mend() {
	s, of := t.solver, t.base.solver
	for _, k := range t.touched {
		for _, v := range t.base.groups[k] {
			copy(s.halves[s.off[v]:s.off[v+1]], of.halves[s.off[v]:s.off[v+1]])
			s.excess[v], s.potential[v] = 0, of.potential[v]
		}
	}
	t.touched = t.touched[:0]
}
