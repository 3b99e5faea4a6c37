package neo4jstore

import (
	"context"
	"fmt"

	"roundtrip/graph"
)

// Rebuild makes the projection, the relationships for exploring and the heads
// of companies anew from the current records: for a database in which somebody
// changed them by hand. The graph stays at its revision. Statements that run
// meanwhile may see a leg without its relationships for a moment, so it is for
// quiet hours. A plain transfer whose relationship was deleted is gone, since
// that was its record.
func (s *Store) Rebuild(ctx context.Context) error {
	const what = "rebuild the projection"
	l, w, err := s.begin(ctx, what)
	if err != nil {
		return err
	}
	defer l.release(ctx)
	w.rev = w.base.revision
	for _, k := range graph.RecordKinds() {
		for after, last := "", false; !last; {
			p, err := s.page(ctx, w.base.revision, k, after, s.config.ChunkRows/4+1)
			if err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
			after, last = p.end, p.last
			g := group{kind: k}
			for _, r := range p.records {
				g.ids = append(g.ids, r.Key().ID)
			}
			if err := w.rebuild(ctx, g); err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
		}
	}
	return nil
}

func (w *writer) rebuild(ctx context.Context, g group) error {
	var c chunk
	if g.kind == graph.FlowRecord {
		var err error
		if c, err = w.projection(ctx, g.ids); err != nil {
			return err
		}
	}
	create := w.createEdges(c.edges)
	return w.lease.write(ctx, "rebuild "+g.kind.Plural(), func(ctx context.Context, t tx) error {
		for _, class := range graph.AllClasses() {
			if len(c.again) == 0 {
				break
			}
			err := t.run(ctx, "UNWIND $ids AS id "+matchLeg(class)+" WHERE r.rev_to = $last DELETE r", map[string]any{"ids": c.again, "last": int64(lastRev)})
			if err != nil {
				return err
			}
		}
		if err := create(ctx, t); err != nil {
			return err
		}
		if g.kind == graph.CompanyKind {
			if err := t.publishHeads(ctx, g.ids); err != nil {
				return err
			}
		}
		return t.publishLinks(ctx, g)
	})
}
