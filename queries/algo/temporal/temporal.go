package temporal

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"roundtrip/queries/algo/effort"
)

// Limits of the number of hops.
const (
	LeastHops = 2
	MostHops  = effort.MaxHops
)

// NoWindow is the window that excludes nothing.
const NoWindow = math.MaxInt64

// Options say which cycles are wanted and how much work may be spent.
type Options struct {
	MinHops, MaxHops int // LeastHops <= MinHops <= MaxHops <= MostHops
	// AllowTies lets a leg follow one of the same time and lower rank; without
	// it times increase strictly.
	AllowTies bool
	Window    int64   // most that the time of the last leg may be after that of the first; not negative
	Through   []int32 // vertices that a cycle must visit, all of them
	Avoid     []int32 // vertices that a cycle must not visit
	Workers   int     // goroutines, at least 1
	// Shards above 1 cuts the work into so many parts by the rank of the earliest
	// leg, of which only part Shard (0 to Shards-1) is done.
	Shard, Shards int
	effort.Limits
}

// Visit receives the ids of the legs of one cycle, the earliest first. The slice
// is only valid during the call and must not be changed. worker is the number of
// the calling worker, 0 to Workers-1; calls of one worker never overlap. Returning
// false stops the search; other workers may visit a few thousand more cycles.
type Visit func(worker int, legs []int32) bool

// Stats is what a search found; ByHops counts cycles by their number of legs.
type Stats = effort.Stats

// Each visits the cycles. With one worker the order depends on nothing but the
// graph and the options, and earliest legs come in order of time.
//
// The error is about a bad option, or it is that of the context, when that ended
// the search; the Stats then are those up to that moment.
func Each(ctx context.Context, g *Graph, opt Options, visit Visit) (Stats, error) {
	return search(ctx, g, opt, visit)
}

// Count counts the cycles that Each visits.
func Count(ctx context.Context, g *Graph, opt Options) (Stats, error) {
	return search(ctx, g, opt, func(int, []int32) bool { return true })
}

// rootsAtOnce is how many earliest legs a worker takes at a time.
const rootsAtOnce = 64

func search(ctx context.Context, g *Graph, opt Options, visit Visit) (Stats, error) {
	if err := opt.check(g.N()); err != nil {
		return Stats{}, err
	}
	bit := throughBits(g.N(), opt.Through)
	var taken atomic.Int64
	var done sync.WaitGroup
	budget := effort.NewBudget(ctx, opt.Limits, opt.Workers)
	meters := make([]*effort.Meter, opt.Workers)
	for i := range meters {
		meters[i] = budget.Meter(false)
		done.Go(func() {
			s := newSearcher(g, &opt, meters[i])
			s.bit, s.worker, s.visit = bit, i, visit
			s.work(&taken)
			meters[i].Return()
		})
	}
	done.Wait()
	return budget.Finish(meters)
}

func (s *searcher) work(taken *atomic.Int64) {
	legs := int64(len(s.g.legs))
	shards := max(s.opt.Shards, 1)
	for !s.meter.Stopped {
		from := taken.Add(rootsAtOnce) - rootsAtOnce
		if from >= legs || !s.meter.Spend(rootsAtOnce) {
			return
		}
		for at := from; at < min(from+rootsAtOnce, legs) && !s.meter.Stopped; at++ {
			if int(s.g.id[at])%shards == s.opt.Shard {
				s.root(int32(at))
			}
		}
	}
}

// throughBits gives each vertex of through a bit; nil when there is none.
func throughBits(n int, through []int32) []uint16 {
	if len(through) == 0 {
		return nil
	}
	bit := make([]uint16, n)
	next := uint16(1)
	for _, v := range through {
		if bit[v] == 0 {
			bit[v] = next
			next <<= 1
		}
	}
	return bit
}

func (o *Options) check(n int) error {
	if o.MinHops < LeastHops || o.MinHops > o.MaxHops || o.MaxHops > MostHops {
		return fmt.Errorf("temporal: hops from %d to %d, allowed are %d <= min <= max <= %d", o.MinHops, o.MaxHops, LeastHops, MostHops)
	}
	if o.Window < 0 {
		return fmt.Errorf("temporal: window is %d, allowed is 0 or more", o.Window)
	}
	if o.Workers < 1 {
		return fmt.Errorf("temporal: number of workers is %d, allowed is 1 or more", o.Workers)
	}
	if o.Shards < 0 || o.Shard < 0 || o.Shard >= max(o.Shards, 1) {
		return fmt.Errorf("temporal: shard is %d of %d, allowed are 0 to shards-1", o.Shard, o.Shards)
	}
	if o.MaxArcs < 0 || o.MaxResults < 0 {
		return fmt.Errorf("temporal: limits are %d legs and %d results, allowed is 0 (none) or more", o.MaxArcs, o.MaxResults)
	}
	for _, v := range slices.Concat(o.Through, o.Avoid) {
		if v < 0 || int(v) >= n {
			return fmt.Errorf("temporal: vertex to visit or avoid is %d, allowed are 0 to %d", v, n-1)
		}
	}
	return nil
}
