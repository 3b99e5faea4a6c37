package neo4jstore

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"roundtrip/graph"
)

// pageRows is the number of records that one transaction reads.
const pageRows = 5000

// Records yields every record of a revision, by kind, then by id. It reads
// pages in transactions of their own; changes that are staged, published or
// cleared away between two pages do not show, since all of them are kept with
// their revisions.
func (s *Store) Records(ctx context.Context, revision uint64, kinds ...graph.RecordKind) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		fail := func(err error) { yield(nil, fmt.Errorf("read the records of revision %d: %w", revision, err)) }
		now, err := s.Revision(ctx)
		if err != nil {
			fail(err)
			return
		}
		if revision > now.Number {
			fail(fmt.Errorf("%w: the graph is at revision %d", graph.ErrNotFound, now.Number))
			return
		}
		for _, k := range graph.RecordKinds() {
			if len(kinds) > 0 && !slices.Contains(kinds, k) {
				continue
			}
			if !s.stream(ctx, int64(revision), k, yield, fail) {
				return
			}
		}
	}
}

// stream yields the records of one kind; false when it was stopped or failed.
// The next page is read while the records of one are being used.
func (s *Store) stream(ctx context.Context, rev int64, k graph.RecordKind, yield func(graph.Record, error) bool, fail func(error)) bool {
	type answer struct {
		page page
		err  error
	}
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	ask := func(after string) <-chan answer {
		to := make(chan answer, 1)
		go func() {
			p, err := s.page(reading, rev, k, after, pageRows)
			to <- answer{p, err}
		}()
		return to
	}
	for coming := ask(""); ; {
		a := <-coming
		if a.err != nil {
			fail(a.err)
			return false
		}
		if !a.page.last {
			coming = ask(a.page.end)
		}
		for _, r := range a.page.records {
			if !yield(r, nil) {
				cancel()
				if !a.page.last {
					<-coming // nothing of this call goes on behind its back
				}
				return false
			}
		}
		if a.page.last {
			return true
		}
	}
}

// page is a run of records of one kind in order of their ids.
type page struct {
	records []graph.Record
	end     string // ids up to this one were looked at
	last    bool
}

// source is a run of rows from one place of the database.
type source struct {
	found map[string]graph.Record // nil where the record is not there at the revision
	order []string
	cut   bool // there may be more
}

func (c *source) add(id string, r graph.Record) {
	c.order = append(c.order, id)
	c.found[id] = r
}

// page reads the records after an id. Record nodes and relationships are read
// before the changes: what a writer replaces in between it has noted as a change
// long before, in a transaction of its own.
func (s *Store) page(ctx context.Context, rev int64, k graph.RecordKind, after string, rows int) (page, error) {
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	var p page
	err := s.read(ctx, "read "+k.Plural(), func(ctx context.Context, t tx) error {
		var err error
		p, err = t.page(ctx, rev, k, "> $id", after, rows)
		return err
	})
	return p, err
}

// page is the page of the records whose ids stand in that relation to an id;
// it looks at that many rows of each source.
func (t tx) page(ctx context.Context, rev int64, k graph.RecordKind, relation, id string, rows int) (page, error) {
	m, err := t.meta(ctx)
	if err != nil {
		return page{}, err
	}
	params := map[string]any{"id": id, "rev": rev, "kind": k.String(), "limit": int64(rows)}
	sources := []source{{found: map[string]graph.Record{}}, {found: map[string]graph.Record{}}, {found: map[string]graph.Record{}}}
	nodes, edges, changes := &sources[0], &sources[1], &sources[2]
	err = t.each(ctx, "MATCH (n:"+label(k)+") USING INDEX n:"+label(k)+"(id) WHERE n.id "+relation+" WITH n ORDER BY n.id LIMIT $limit RETURN properties(n)", params, func(v []any) error {
		props, _ := v[0].(map[string]any)
		id, _ := props["id"].(string)
		if from, _ := props["rev_from"].(int64); from > rev {
			nodes.add(id, nil)
			return nil
		}
		r, err := record(k, props)
		nodes.add(id, r)
		return err
	})
	if err != nil {
		return page{}, err
	}
	if k == graph.FlowRecord {
		// Of a leg that is being projected again there are two, with the same record.
		err = t.each(ctx, "MATCH (a)-[r:PAYS]->(b) USING INDEX r:PAYS(id) WHERE r.id "+relation+` AND r.record_rev <= $rev AND r.rev_to > $rev
			WITH a, r, b ORDER BY r.id LIMIT $limit RETURN `+transferColumns, params, func(v []any) error {
			f, _, err := transfer(v)
			edges.add(f.ID, f)
			return err
		})
		if err != nil {
			return page{}, err
		}
	}
	if err := t.changesAt(ctx, k, relation, params, changes, rev, m); err != nil {
		return page{}, err
	}
	return merge(sources, rows), nil
}

// changesAt reads the changes that matter to a revision: the content before a
// later change, and the content after a change that is not published yet.
func (t tx) changesAt(ctx context.Context, k graph.RecordKind, relation string, params map[string]any, to *source, rev int64, m meta) error {
	v, err := t.one(ctx, "MATCH (c:RoundtripChunk) USING INDEX c:RoundtripChunk(rev, seq) WHERE c.rev > $rev AND c.seq > 0 AND c.kind = $kind AND c.logged > 0 RETURN c.rev LIMIT 1", params)
	if err != nil || v == nil && m.published >= rev {
		return err
	}
	when := "c.rev > $rev AND c.prev <= $rev"
	if m.published < rev {
		when = "c.rev >= $rev AND (c.prev <= $rev OR c.rev = $rev)"
	}
	return t.each(ctx, "MATCH (c:RoundtripChange) USING INDEX c:RoundtripChange(kind, id, rev) WHERE c.kind = $kind AND c.id "+relation+" AND "+when+`
		WITH c ORDER BY c.kind, c.id LIMIT $limit
		RETURN c.id, CASE WHEN c.rev > $rev THEN c.before ELSE c.after END`, params, func(v []any) error {
		id, _ := v[0].(string)
		text, ok := v[1].(string)
		if !ok {
			to.add(id, nil)
			return nil
		}
		r, err := graph.ParseCanonical(k, []byte(text))
		to.add(id, r)
		return err
	})
}

// merge puts sources together; later ones are right where they differ.
func merge(sources []source, rows int) page {
	p := page{last: true}
	all := map[string]graph.Record{}
	for _, c := range sources {
		c.cut = len(c.order) >= rows
		if c.cut && (p.last || c.order[len(c.order)-1] < p.end) {
			p.last, p.end = false, c.order[len(c.order)-1]
		}
		for id, r := range c.found {
			all[id] = r
		}
	}
	for id, r := range all {
		if r != nil && (p.last || id <= p.end) {
			p.records = append(p.records, r)
		}
	}
	slices.SortFunc(p.records, func(x, y graph.Record) int { return cmp.Compare(x.Key().ID, y.Key().ID) })
	return p
}

// Get returns the current record.
func (s *Store) Get(ctx context.Context, key graph.Key) (graph.Record, error) {
	if key.Kind < graph.SourceKind || key.Kind > graph.MetricKind {
		return nil, fmt.Errorf("get %q: %w", key.ID, graph.ErrNotFound)
	}
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	var p page
	err := s.read(ctx, "get "+key.String(), func(ctx context.Context, t tx) error {
		m, err := t.meta(ctx)
		if err != nil {
			return err
		}
		p, err = t.page(ctx, m.revision, key.Kind, "= $id", key.ID, pageRows)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(p.records) == 0 {
		return nil, fmt.Errorf("get %s: %w", key, graph.ErrNotFound)
	}
	return p.records[0], nil
}

// Batches lists committed batches, the latest first.
func (s *Store) Batches(ctx context.Context) ([]graph.BatchInfo, error) {
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	var list []graph.BatchInfo
	err := s.read(ctx, "list batches", func(ctx context.Context, t tx) (err error) {
		list, err = t.batches(ctx)
		return err
	})
	return list, err
}

func (t tx) batches(ctx context.Context) ([]graph.BatchInfo, error) {
	var list []graph.BatchInfo
	err := t.each(ctx, `MATCH (b:RoundtripBatch) WHERE b.rev > 0
		RETURN b.rev, b.origin, b.at, b.added, b.changed, b.deleted, b.undoes ORDER BY b.rev DESC`, nil, func(v []any) error {
		rev, _ := v[0].(int64)
		b := graph.BatchInfo{ID: batchID(rev), Revision: uint64(rev)}
		b.Origin, _ = v[1].(string)
		var err error
		b.At, err = parseTime(v[2])
		for i, n := range []*int{&b.Added, &b.Changed, &b.Deleted} {
			count, _ := v[3+i].(int64)
			*n = int(min(count, math.MaxInt))
		}
		b.Undoes, _ = v[6].(string)
		list = append(list, b)
		return err
	})
	if err != nil {
		return nil, err
	}
	// An undo is in force unless a later one that is in force undid it.
	by := map[string]string{}
	for i := range list {
		b := &list[i]
		b.UndoneBy = by[b.ID]
		if b.Undoes != "" && b.UndoneBy == "" && by[b.Undoes] == "" {
			by[b.Undoes] = b.ID
		}
	}
	return list, nil
}
