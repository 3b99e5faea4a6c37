package bounded

import (
	"context"
	"sync"

	"roundtrip/queries/algo/effort"
)

// Task is a set of queries on one index. Next returns the queries one by one; it
// is called by one worker at a time.
type Task struct {
	Index   *Index
	Next    func() (Query, bool)
	Least   int // fewest hops of an answer
	Limits  effort.Limits
	Workers int
	Sink    Sink // nil to count only
}

// Run answers the queries of a task. Each worker takes the next query; a worker
// that finds none helps with the first hops of queries that others have begun,
// so that one hub does not keep the rest waiting. With one worker the order of
// the answers is that of the queries and, within one, always the same.
func Run(ctx context.Context, t Task) (effort.Stats, error) {
	p := &pool{next: t.Next, active: make([]*local, t.Workers), busy: t.Workers}
	p.change.L = &p.mu
	budget := effort.NewBudget(ctx, t.Limits, t.Workers)
	meters := make([]*effort.Meter, t.Workers)
	var done sync.WaitGroup
	for i := range meters {
		meters[i] = budget.Meter(t.Sink == nil)
		done.Go(func() {
			s := NewSearcher(t.Index)
			s.Begin(meters[i], t.Least, i, t.Sink)
			p.work(s, i)
			meters[i].Return()
		})
	}
	done.Wait()
	if t.Sink == nil {
		for _, m := range meters {
			clear(m.ByHops[:t.Least])
		}
	}
	return budget.Finish(meters)
}

// pool hands out queries and lets idle workers find local graphs to help with.
type pool struct {
	mu     sync.Mutex
	change sync.Cond
	next   func() (Query, bool)
	spent  bool     // next has no more queries
	active []*local // the local graph each worker is searching, nil between queries
	busy   int      // workers that may still make a local graph
}

func (p *pool) work(s *Searcher, worker int) {
	for !s.meter.Stopped {
		q, ok := p.take()
		if !ok {
			break
		}
		if !s.prepare(&q) {
			continue
		}
		p.set(worker, &s.local)
		s.run(&s.local)
		p.set(worker, nil)
	}
	p.mu.Lock()
	p.busy--
	p.change.Broadcast()
	p.mu.Unlock()
	for l := p.help(); l != nil && !s.meter.Stopped; l = p.help() {
		s.walker.join(l)
	}
}

func (p *pool) take() (Query, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.spent {
		return Query{}, false
	}
	q, ok := p.next()
	p.spent = !ok
	return q, ok
}

// set publishes or withdraws the local graph of a worker.
func (p *pool) set(worker int, l *local) {
	if len(p.active) == 1 {
		return
	}
	p.mu.Lock()
	p.active[worker] = l
	if p.spent {
		p.change.Broadcast()
	}
	p.mu.Unlock()
}

// help returns a local graph with first hops to take, nil when there is none and
// will be none. It is only called when the queries are spent: a local graph that
// is still published then is the last of its worker and stays as it is.
func (p *pool) help() *local {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		for _, l := range p.active {
			if l != nil && l.openBranches() {
				return l
			}
		}
		if p.busy == 0 {
			return nil
		}
		p.change.Wait()
	}
}
