package neo4jstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"roundtrip/graph"
)

const (
	// maxText is the number of bytes of records in one transaction.
	maxText = 4 << 20
	// kept is the number of legs that are held back until the other records of
	// a batch are staged; of a larger batch the records are read twice.
	kept = 20_000
)

// item is a record on its way.
type item struct {
	record graph.Record
	form   string // canonical
}

// stageBatch stages all of a batch: first the records that legs depend on, then
// the legs, then the projection of the legs that were touched.
func (w *writer) stageBatch(ctx context.Context, b graph.Batch) error {
	held, whole, err := w.stageRest(ctx, b)
	if err != nil {
		return err
	}
	deletes := map[graph.RecordKind][]string{}
	for _, key := range b.Deletes {
		if key.Kind < graph.SourceKind || key.Kind > graph.MetricKind {
			return fmt.Errorf("delete a record of unknown kind %d: %w", key.Kind, graph.ErrNotFound)
		}
		deletes[key.Kind] = append(deletes[key.Kind], key.ID)
	}
	for _, k := range graph.RecordKinds() {
		if k == graph.FlowRecord {
			continue
		}
		for ids := range slices.Chunk(deletes[k], w.s.config.ChunkRows) {
			if err := w.stageOthers(ctx, k, nil, ids); err != nil {
				return err
			}
		}
	}
	if err := w.legsOfCompanies(ctx); err != nil {
		return err
	}
	if whole {
		err = w.stageLegs(ctx, held)
	} else {
		err = w.stageAllLegs(ctx, b)
	}
	if err != nil {
		return err
	}
	for ids := range slices.Chunk(deletes[graph.FlowRecord], w.s.config.ChunkRows) {
		if err := w.stageLegChanges(ctx, nil, ids); err != nil {
			return err
		}
	}
	if err := w.settle(); err != nil {
		return err
	}
	if err := w.projectAgain(ctx); err != nil {
		return err
	}
	return w.settle()
}

// stageRest stages the records that are not legs. It returns the legs, whole
// when these are all of them.
func (w *writer) stageRest(ctx context.Context, b graph.Batch) (held []item, whole bool, err error) {
	whole = true
	if b.Records == nil {
		return nil, true, nil
	}
	waiting := map[graph.RecordKind][]item{}
	size := map[graph.RecordKind]int{}
	for r, err := range b.Records {
		if err != nil {
			return nil, false, err
		}
		if err := ctx.Err(); err != nil {
			return nil, false, context.Cause(ctx)
		}
		k := r.Key().Kind
		if f, ok := r.(*graph.Flow); ok {
			if f.ParentFlowID != "" {
				w.wholes[f.ParentFlowID] = true
			}
			if whole = whole && len(held) < kept; whole {
				held = append(held, item{r, canonical(r)})
			} else {
				held = nil
			}
			continue
		}
		i := item{r, canonical(r)}
		waiting[k] = append(waiting[k], i)
		size[k] += len(i.form)
		if len(waiting[k]) >= w.s.config.ChunkRows || size[k] >= maxText {
			if err := w.stageOthers(ctx, k, waiting[k], nil); err != nil {
				return nil, false, err
			}
			waiting[k], size[k] = nil, 0
		}
	}
	for _, k := range graph.RecordKinds() {
		if len(waiting[k]) > 0 {
			if err := w.stageOthers(ctx, k, waiting[k], nil); err != nil {
				return nil, false, err
			}
		}
	}
	return held, whole, nil
}

// stageAllLegs reads the batch a second time, for its legs.
func (w *writer) stageAllLegs(ctx context.Context, b graph.Batch) error {
	var waiting []item
	size := 0
	for r, err := range b.Records {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		f, ok := r.(*graph.Flow)
		if !ok {
			continue
		}
		i := item{f, canonical(f)}
		waiting = append(waiting, i)
		if size += len(i.form); len(waiting) >= w.s.config.ChunkRows || size >= maxText {
			if err := w.stageLegChanges(ctx, waiting, nil); err != nil {
				return err
			}
			waiting, size = waiting[:0], 0
		}
	}
	return w.stageLegChanges(ctx, waiting, nil)
}

// stageLegs stages legs that were held back, in pieces.
func (w *writer) stageLegs(ctx context.Context, held []item) error {
	for len(held) > 0 {
		n, size := 0, 0
		for n < len(held) && n < w.s.config.ChunkRows && size < maxText {
			size += len(held[n].form)
			n++
		}
		if err := w.stageLegChanges(ctx, held[:n], nil); err != nil {
			return err
		}
		held = held[n:]
	}
	return nil
}

// stored is a current record as the database has it.
type stored struct {
	record graph.Record
	form   string
	rev    int64
	plain  bool // its relationship is the record
}

// current reads the current records with these ids.
func (w *writer) current(ctx context.Context, k graph.RecordKind, ids []string) (map[string]stored, error) {
	found := map[string]stored{}
	if w.base.count(k) == 0 || len(ids) == 0 {
		return found, nil
	}
	err := w.s.read(ctx, "read the "+k.Plural()+" that a batch touches", func(ctx context.Context, t tx) error {
		clear(found)
		params := map[string]any{"ids": ids, "last": int64(lastRev)}
		err := t.each(ctx, "UNWIND $ids AS id MATCH (n:"+label(k)+" {id: id}) RETURN properties(n)", params, func(v []any) error {
			props, _ := v[0].(map[string]any)
			r, err := record(k, props)
			if err != nil {
				return err
			}
			rev, _ := props["rev_from"].(int64)
			found[r.Key().ID] = stored{r, canonical(r), rev, false}
			return nil
		})
		if err != nil || k != graph.FlowRecord {
			return err
		}
		return t.each(ctx, `UNWIND $ids AS id MATCH (a)-[r:PAYS {id: id}]->(b) USING INDEX r:PAYS(id) WHERE r.record_rev IS NOT NULL AND r.rev_to = $last
			RETURN `+transferColumns, params, func(v []any) error {
			f, rev, err := transfer(v)
			if err == nil {
				found[f.ID] = stored{f, canonical(f), rev, true}
			}
			return err
		})
	})
	return found, err
}

// change is one record that the batch changes.
type change struct {
	id            string
	prev          int64  // revision in which the old content came, 0 when there was none
	before, after string // canonical, "" for none
	plain         bool   // afterwards its relationship is the record
}

func (c change) row() []any {
	row := []any{c.id, nil, nil, nil, c.plain}
	if c.before != "" {
		row[1], row[2] = c.prev, c.before
	}
	if c.after != "" {
		row[3] = c.after
	}
	return row
}

// chunk is what one transaction of a writer stages.
type chunk struct {
	kind    graph.RecordKind
	changes []change
	// direct are new plain transfers: no change is kept of them, their edges are all there is.
	direct []string
	edges  []edge
	again  []string // legs whose relationships are replaced
	class  map[string]graph.Class
}

const createChunk = `
CREATE (c:RoundtripChunk {rev: $rev, seq: $seq, kind: $kind, direct: $direct, added: $added, changed: $changed,
  deleted: $deleted, again: $again, logged: $logged})
SET c.retired = CASE WHEN size($again) > 0 THEN true END`

const createChanges = `
UNWIND $rows AS row
CREATE (:RoundtripChange {kind: $kind, id: row[0], rev: $rev, prev: row[1], before: row[2], after: row[3], plain: row[4]})`

// write stages a chunk. It returns while the transaction is under way, so that
// the next chunk is made meanwhile; settle waits for it.
func (w *writer) write(ctx context.Context, c chunk) error {
	if len(c.changes)+len(c.direct)+len(c.again) == 0 {
		return nil
	}
	w.seq++
	lists := map[string][]string{"direct": c.direct, "added": {}, "changed": {}, "deleted": {}, "again": c.again}
	rows := make([]any, 0, len(c.changes))
	for _, change := range c.changes {
		list := "changed"
		switch {
		case change.before == "":
			list = "added"
		case change.after == "":
			list = "deleted"
		}
		lists[list] = append(lists[list], change.id)
		rows = append(rows, change.row())
	}
	params := map[string]any{"rev": w.rev, "seq": w.seq, "kind": c.kind.String(), "logged": len(c.changes)}
	for name, list := range lists {
		if list == nil {
			list = []string{}
		}
		params[name] = list
	}
	steps := []statement{{createChunk, params}}
	if len(rows) > 0 {
		steps = append(steps, statement{createChanges, map[string]any{"rows": rows, "kind": c.kind.String(), "rev": w.rev}})
	}
	steps = append(steps, w.retire(c)...)
	create := w.createEdges(c.edges)
	if err := w.settle(); err != nil {
		return err
	}
	w.underway = make(chan error, 1)
	go func(done chan<- error) {
		done <- w.lease.write(ctx, "stage "+c.kind.Plural(), func(ctx context.Context, t tx) error {
			there, err := t.one(ctx, "MATCH (c:RoundtripChunk {rev: $rev, seq: $seq}) RETURN c.seq", params)
			if err != nil || there != nil {
				return err // a commit of unknown outcome had come through
			}
			for _, step := range steps {
				if err := t.run(ctx, step.text, step.params); err != nil {
					return err
				}
			}
			return create(ctx, t)
		})
	}(w.underway)
	return nil
}

// statement is one step of a transaction.
type statement struct {
	text   string
	params map[string]any
}

// settle waits for the transaction that is under way.
func (w *writer) settle() error {
	if w.underway == nil {
		return nil
	}
	err := <-w.underway
	w.underway = nil
	return err
}

// stageOthers stages records of a kind other than legs, and deletes.
func (w *writer) stageOthers(ctx context.Context, k graph.RecordKind, items []item, deletes []string) error {
	c, old, err := w.compare(ctx, k, items, deletes)
	if err != nil {
		return err
	}
	switch k {
	case graph.CompanyKind:
		err = w.noteCompanies(ctx, c, items)
	case graph.OutcomeKind:
		w.noteOutcomes(c, old, items)
	}
	if err != nil {
		return err
	}
	if err := w.write(ctx, c); err != nil {
		return err
	}
	w.tell(len(items))
	return nil
}

// compare finds out what changes.
func (w *writer) compare(ctx context.Context, k graph.RecordKind, items []item, deletes []string) (chunk, map[string]stored, error) {
	ids := slices.Clone(deletes)
	for _, i := range items {
		ids = append(ids, i.record.Key().ID)
	}
	old, err := w.current(ctx, k, ids)
	if err != nil {
		return chunk{}, nil, err
	}
	c := chunk{kind: k}
	for _, i := range items {
		id := i.record.Key().ID
		o := old[id]
		w.count(k, o.form, i.form)
		if o.form != i.form {
			c.changes = append(c.changes, change{id: id, prev: o.rev, before: o.form, after: i.form})
		}
	}
	var missing error
	for _, id := range deletes {
		o, ok := old[id]
		if !ok {
			missing = errors.Join(missing, fmt.Errorf("delete %s: %w", graph.Key{Kind: k, ID: id}, graph.ErrNotFound))
			continue
		}
		w.count(k, o.form, "")
		c.changes = append(c.changes, change{id: id, prev: o.rev, before: o.form})
	}
	return c, old, missing
}

// noteOutcomes remembers which legs the changed outcomes belong to.
func (w *writer) noteOutcomes(c chunk, old map[string]stored, items []item) {
	after := map[string]*graph.Outcome{}
	for _, i := range items {
		if o, ok := i.record.(*graph.Outcome); ok {
			after[o.ID] = o
		}
	}
	note := func(leg, id string, o *graph.Outcome) {
		if w.outcomes[leg] == nil {
			w.outcomes[leg] = map[string]*graph.Outcome{}
		}
		w.outcomes[leg][id] = o
		w.again[leg] = struct{}{}
	}
	for _, change := range c.changes {
		if o, ok := old[change.id].record.(*graph.Outcome); ok {
			note(o.FlowID, o.ID, nil)
		}
		if o := after[change.id]; o != nil && change.after != "" {
			note(o.FlowID, o.ID, o)
		}
	}
}

// sortedKeys makes what is done with a map the same each time.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
