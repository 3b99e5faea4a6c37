package neo4jstore

import (
	"context"
	"time"

	"roundtrip/graph"
)

// leftovers is what a look at the database finds to be put right.
type leftovers struct {
	meta    meta
	staged  bool // chunks above the current revision
	retired bool // replaced relationships that nobody needs any more
	later   bool // replaced relationships that may still be read
}

func (f leftovers) nothing() bool {
	return !f.staged && !f.retired && f.meta.published == f.meta.revision
}

const findStaged = `MATCH (c:RoundtripChunk) USING INDEX c:RoundtripChunk(rev, seq) WHERE c.rev > $rev AND c.seq > 0 RETURN c.rev LIMIT 1`

const findRetired = `
MATCH (c:RoundtripChunk) USING INDEX c:RoundtripChunk(retired) WHERE c.retired = true AND c.rev <= $published
MATCH (b:RoundtripBatch {rev: c.rev})
WITH b.published_at + $retain < timestamp() AS due
RETURN count(CASE WHEN due THEN 1 END), count(CASE WHEN NOT due THEN 1 END)`

func (s *Store) findLeftovers(ctx context.Context) (leftovers, error) {
	var f leftovers
	err := s.read(ctx, "look for what was left behind", func(ctx context.Context, t tx) error {
		f = leftovers{}
		var err error
		if f.meta, err = t.meta(ctx); err != nil {
			return err
		}
		v, err := t.one(ctx, findStaged, map[string]any{"rev": f.meta.revision})
		if err != nil {
			return err
		}
		f.staged = v != nil
		v, err = t.one(ctx, findRetired, map[string]any{"published": f.meta.published, "retain": s.config.Retain.Milliseconds()})
		if err != nil || v == nil {
			return err
		}
		due, _ := v[0].(int64)
		rest, _ := v[1].(int64)
		f.retired, f.later = due > 0, rest > 0
		return nil
	})
	return f, err
}

// putRight removes what a writer staged and never made visible, publishes what
// it made visible and did not publish, and clears away replaced relationships
// that nobody needs any more.
func (l *lease) putRight(ctx context.Context) (meta, error) {
	f, err := l.s.findLeftovers(ctx)
	if err != nil || f.nothing() {
		return f.meta, err
	}
	if f.staged {
		if err := l.discard(ctx, f.meta.revision); err != nil {
			return meta{}, err
		}
	}
	for rev := f.meta.published + 1; rev <= f.meta.revision; rev++ {
		if err := l.publish(ctx, rev); err != nil {
			return meta{}, err
		}
		l.s.config.Logger.InfoContext(ctx, "published a batch that was committed before a writer ended", "revision", rev)
	}
	f.meta.published = f.meta.revision
	if f.retired {
		return f.meta, l.clearRetired(ctx, f.meta.published)
	}
	return f.meta, nil
}

// part names a chunk.
type part struct{ rev, seq int64 }

func (s *Store) parts(ctx context.Context, text string, params map[string]any) ([]part, error) {
	var list []part
	err := s.read(ctx, "look for what was left behind", func(ctx context.Context, t tx) error {
		list = list[:0]
		return t.each(ctx, text, params, func(v []any) error {
			rev, _ := v[0].(int64)
			seq, _ := v[1].(int64)
			list = append(list, part{rev, seq})
			return nil
		})
	})
	return list, err
}

// discard removes all that was staged above a revision.
func (l *lease) discard(ctx context.Context, revision int64) error {
	all, err := l.s.parts(ctx, "MATCH (c:RoundtripChunk) USING INDEX c:RoundtripChunk(rev, seq) WHERE c.rev > $rev AND c.seq > 0 RETURN c.rev, c.seq ORDER BY c.rev, c.seq", map[string]any{"rev": revision})
	if err != nil {
		return err
	}
	const chunk = "MATCH (c:RoundtripChunk {rev: $rev, seq: $seq}) "
	texts := []string{chunk + "UNWIND c.direct AS id " + matchLeg(graph.Pays) + " WHERE r.rev_from = $rev DELETE r"}
	for _, class := range graph.AllClasses() {
		leg := chunk + "UNWIND c.again AS id " + matchLeg(class) + " WHERE r."
		texts = append(texts, leg+"rev_from = $rev DELETE r", leg+"rev_to = $rev SET r.rev_to = $last")
	}
	texts = append(texts,
		chunk+"UNWIND c.added + c.changed + c.deleted AS id MATCH (n:RoundtripChange {kind: c.kind, id: id, rev: $rev}) DELETE n",
		chunk+"DELETE c")
	for _, p := range all {
		err := l.write(ctx, "remove what was staged", func(ctx context.Context, t tx) error {
			for _, text := range texts {
				if err := t.run(ctx, text, map[string]any{"rev": p.rev, "seq": p.seq, "last": int64(lastRev)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := l.clearPlaces(ctx); err != nil {
		return err
	}
	if len(all) > 0 {
		l.s.config.Logger.InfoContext(ctx, "removed a batch that was never committed", "revision", revision+1, "transactions", len(all))
	}
	return nil
}

// clearPlaces removes places that no relationship is tied to.
func (l *lease) clearPlaces(ctx context.Context) error {
	for {
		var n int64
		err := l.write(ctx, "remove places", func(ctx context.Context, t tx) error {
			v, err := t.one(ctx, "MATCH (p:RoundtripPlace) WHERE NOT (p)--() WITH p LIMIT 10000 DELETE p RETURN count(*)", nil)
			if err == nil {
				n, _ = v[0].(int64)
			}
			return err
		})
		if err != nil || n < 10_000 {
			return err
		}
	}
}

// clearRetired deletes relationships that were replaced so long ago that no
// query still reads them.
func (l *lease) clearRetired(ctx context.Context, published int64) error {
	due, err := l.s.parts(ctx, `MATCH (c:RoundtripChunk) USING INDEX c:RoundtripChunk(retired) WHERE c.retired = true AND c.rev <= $published
		MATCH (b:RoundtripBatch {rev: c.rev}) WHERE b.published_at + $retain < timestamp()
		RETURN c.rev, c.seq ORDER BY c.rev, c.seq LIMIT 1000`,
		map[string]any{"published": published, "retain": l.s.config.Retain.Milliseconds()})
	if err != nil {
		return err
	}
	for _, c := range due {
		err := l.write(ctx, "clear replaced relationships away", func(ctx context.Context, t tx) error {
			params := map[string]any{"rev": c.rev, "seq": c.seq}
			for _, class := range graph.AllClasses() {
				err := t.run(ctx, "MATCH (c:RoundtripChunk {rev: $rev, seq: $seq}) UNWIND c.again AS id "+matchLeg(class)+" WHERE r.rev_to <= $rev DELETE r", params)
				if err != nil {
					return err
				}
			}
			return t.run(ctx, "MATCH (c:RoundtripChunk {rev: $rev, seq: $seq}) REMOVE c.retired", params)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// repair puts right what can be put right without waiting for another writer.
func (s *Store) repair(ctx context.Context) error {
	f, err := s.findLeftovers(ctx)
	if err != nil {
		return err
	}
	if f.later {
		s.tidyAfter(s.config.Retain)
	}
	if f.nothing() {
		return nil
	}
	select {
	case s.turn <- struct{}{}:
	default:
		s.tidyAfter(s.config.LeaseTime) // a writer of this store is at work and puts things right itself
		return nil
	}
	l, err := s.tryLease(ctx)
	if l == nil {
		<-s.turn
		if err == nil {
			s.config.Logger.InfoContext(ctx, "another server is writing; what it leaves is put right later")
			s.tidyAfter(s.config.LeaseTime)
		}
		return err
	}
	defer l.release(ctx)
	_, err = l.putRight(ctx)
	return err
}

// tidyAfter asks the background to put things right after a time.
func (s *Store) tidyAfter(d time.Duration) {
	select {
	case s.wake <- d:
	default: // it has been asked
	}
}

// tidy is the background: it puts right what is due and looks again for what is
// not due yet.
func (s *Store) tidy(ctx context.Context) {
	var timer *time.Timer
	var due <-chan time.Time
	var at time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case d := <-s.wake:
			if t := time.Now().Add(d + 50*time.Millisecond); due == nil || t.Before(at) {
				if timer != nil {
					timer.Stop()
				}
				at, timer = t, time.NewTimer(time.Until(t))
				due = timer.C
			}
			continue
		case <-due:
			due = nil
		}
		if err := s.repair(ctx); err != nil && ctx.Err() == nil {
			s.config.Logger.WarnContext(ctx, "neo4j could not be tidied up and is tried again later", "error", err)
			s.tidyAfter(10 * time.Second)
		}
	}
}
