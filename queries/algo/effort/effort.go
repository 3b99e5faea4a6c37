// Package effort bounds the work of a search and reports what it found. A
// search stops early when its context ends, when it has looked at so many arcs,
// when it has so many results, or when its caller has seen enough.
package effort

import (
	"context"
	"math"
	"math/bits"
	"sync/atomic"
)

// MaxHops is the largest number of hops that a search of this family allows.
const MaxHops = 12

// Limits bound a search; zero is no limit.
type Limits struct {
	// MaxArcs is the number of arcs that may be looked at. With one worker the
	// same limit cuts the same search at the same place.
	MaxArcs int64
	// MaxResults is the number of results after which a search stops. It is
	// exact with one worker; several may stop up to 1,024 results each before
	// it. A search that only counts checks it every few thousand arcs and may
	// pass it.
	MaxResults int64
}

// Reason says why a search ended before it was complete.
type Reason string

// Reasons. Complete is the zero value.
const (
	Complete Reason = ""
	Arcs     Reason = "limit on arcs scanned"
	Results  Reason = "limit on results"
	Visitor  Reason = "stopped by the visitor"
	Overflow Reason = "more than 2^63-1 results"
	Context  Reason = "context ended"
)

// Stats is what a search found. Unless Truncated is Complete, the numbers are
// lower bounds.
type Stats struct {
	ByHops    [MaxHops + 1]int64 // results by number of hops
	Arcs      int64              // arcs looked at, in labelling as in searching
	Truncated Reason
}

// Total returns the number of results of any length, at most 2^63-1.
func (s *Stats) Total() int64 {
	var sum int64
	for _, c := range s.ByHops {
		if sum += c; sum < 0 {
			return math.MaxInt64
		}
	}
	return sum
}

// Budget is what the workers of one search share.
type Budget struct {
	ctx     context.Context //nolint:containedctx // a Budget lives as long as one call
	limits  Limits
	workers int64
	arcs    atomic.Int64 // left of MaxArcs
	results atomic.Int64 // left of MaxResults
	stopped atomic.Pointer[Reason]
}

// NewBudget returns the budget of one search by so many workers.
func NewBudget(ctx context.Context, limits Limits, workers int) *Budget {
	b := &Budget{ctx: ctx, limits: limits, workers: int64(workers)}
	b.arcs.Store(limits.MaxArcs)
	b.results.Store(limits.MaxResults)
	return b
}

// Stop ends the search at the next check of each worker. The first reason stays.
func (b *Budget) Stop(why Reason) { b.stopped.CompareAndSwap(nil, &why) }

// Finish adds up the work of all meters. The error is that of the context when
// it cut the search; the numbers then are those up to that moment.
func (b *Budget) Finish(meters []*Meter) (Stats, error) {
	var s Stats
	for _, m := range meters {
		s.Arcs += m.granted - int64(m.fuel)
		for h, c := range m.ByHops {
			if s.ByHops[h] += c; s.ByHops[h] < 0 {
				s.ByHops[h] = math.MaxInt64
				b.Stop(Overflow)
			}
		}
	}
	if why := b.stopped.Load(); why != nil {
		s.Truncated = *why
		if *why == Context {
			return s, b.ctx.Err()
		}
	}
	return s, nil
}

// Between two checks of the context and the limits a worker looks at about so
// many arcs, or takes so many results.
const (
	arcsPerCheck   = 4096
	resultsPerTake = 1024
)

// Meter counts the work of one worker. It is not safe for concurrent use.
type Meter struct {
	ByHops  [MaxHops + 1]int64 // results so far, written by the search
	Stopped bool               // set by Spend, Quota, Add and Stop

	budget   *Budget
	counting bool // results are counted in bulk, without Quota and Take
	counted  int64
	fuel     int // arcs that may be looked at before the next check
	granted  int64
	quota    int // results that may be taken before the next check

	_ [64]byte // keeps what other workers write out of the same cache line
}

// Meter returns a meter for one worker. A search that adds to
// ByHops without Quota and Take sets counting.
func (b *Budget) Meter(counting bool) *Meter {
	return &Meter{budget: b, counting: counting}
}

// Spend records n arcs looked at. It returns false when the search must stop.
func (m *Meter) Spend(n int) bool {
	m.fuel -= n
	return m.fuel >= 0 || m.refuel()
}

func (m *Meter) refuel() bool {
	b := m.budget
	if b.ctx.Err() != nil {
		return m.Stop(Context)
	}
	if b.stopped.Load() != nil {
		m.Stopped = true
		return false
	}
	if m.counting && b.limits.MaxResults > 0 {
		counted := m.total()
		if b.results.Add(m.counted-counted) <= 0 {
			return m.Stop(Results)
		}
		m.counted = counted
	}
	grant := int64(arcsPerCheck - m.fuel)
	if b.limits.MaxArcs > 0 {
		left := b.arcs.Add(-grant) + grant
		grant = max(0, min(grant, left))
	}
	m.granted += grant
	m.fuel += int(grant)
	if m.fuel < 0 {
		return m.Stop(Arcs)
	}
	return true
}

func (m *Meter) total() (sum int64) {
	for _, c := range m.ByHops {
		sum += c
	}
	return sum
}

// Quota returns how many more results may be taken now, 0 when the search must
// stop. It is asked only when there is a result.
func (m *Meter) Quota() int {
	if m.quota == 0 {
		m.requota()
	}
	return m.quota
}

// Take records results, at most as many as Quota has allowed.
func (m *Meter) Take(results int) { m.quota -= results }

func (m *Meter) requota() {
	b := m.budget
	if b.limits.MaxResults == 0 {
		m.quota = math.MaxInt
		return
	}
	for {
		left := b.results.Load()
		if left <= 0 {
			m.Stop(Results)
			return
		}
		// Small takes near the end leave little unused with other workers.
		take := max(1, min(resultsPerTake, left/(4*b.workers)))
		if b.results.CompareAndSwap(left, left-take) {
			m.quota = int(take)
			return
		}
	}
}

// Return gives back what was asked for and not used; a worker calls it last.
func (m *Meter) Return() {
	if m.budget.limits.MaxResults > 0 && !m.counting && m.quota > 0 {
		m.budget.results.Add(int64(m.quota))
		m.quota = 0
	}
}

// Stop ends the whole search; it returns false.
func (m *Meter) Stop(why Reason) bool {
	m.budget.Stop(why)
	m.Stopped = true
	return false
}

// Add counts times x results of so many hops; both are not negative.
func (m *Meter) Add(hops int, times, x int64) {
	high, low := bits.Mul64(uint64(times), uint64(x))
	sum := low + uint64(m.ByHops[hops])
	if high != 0 || low > math.MaxInt64 || sum > math.MaxInt64 {
		m.ByHops[hops] = math.MaxInt64
		m.Stop(Overflow)
		return
	}
	m.ByHops[hops] = int64(sum)
}
