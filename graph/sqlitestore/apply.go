package sqlitestore

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"roundtrip/graph"
)

// progressEvery is the number of records between two calls of Batch.Progress.
const progressEvery = 5000

// Apply writes a batch in one transaction.
func (s *Store) Apply(ctx context.Context, b graph.Batch) (graph.Applied, error) {
	applied, err := s.apply(ctx, b)
	if err != nil {
		return graph.Applied{}, fmt.Errorf("apply batch: %w", s.explain(ctx, err))
	}
	return applied, nil
}

func (s *Store) apply(ctx context.Context, b graph.Batch) (graph.Applied, error) {
	e, err := s.begin(ctx)
	if err != nil {
		return graph.Applied{}, err
	}
	defer e.end()
	if b.Base != nil && *b.Base != e.base.Number {
		return graph.Applied{}, fmt.Errorf("%w revision %d, it is at %d", graph.ErrConflict, *b.Base, e.base.Number)
	}
	if b.Records != nil {
		if err := e.putAll(ctx, b); err != nil {
			return graph.Applied{}, err
		}
	}
	ids := map[graph.RecordKind][]string{}
	for _, key := range b.Deletes {
		ids[key.Kind] = append(ids[key.Kind], key.ID)
	}
	for _, kind := range slices.Sorted(maps.Keys(ids)) {
		list := ids[kind]
		for len(list) > 0 {
			n := min(editRows, len(list))
			if err := e.remove(ctx, kind, list[:n]); err != nil {
				return graph.Applied{}, err
			}
			list = list[n:]
		}
	}
	return e.commit(ctx, b.Origin, b.At, 0)
}

// piece is a run of records of one kind on its way to the database.
type piece struct {
	kind graph.RecordKind
	rows []row
}

// putAll reads the records of a batch and writes them. The caller's goroutine
// reads and encodes while another one writes.
func (e *edit) putAll(ctx context.Context, b graph.Batch) error {
	pieces, done := make(chan piece, 4), make(chan struct{})
	var failed error // of the writer; to be read after done
	go func() {
		defer close(done)
		for p := range pieces {
			if failed = e.put(ctx, p.kind, p.rows); failed != nil {
				return
			}
		}
	}()
	err := func() error {
		defer func() { close(pieces); <-done }() // whatever the records do, the writer has ended
		return encode(ctx, b, func(p piece) error {
			select {
			case pieces <- p:
				return nil
			case <-done:
				return failed
			}
		})
	}()
	if failed != nil {
		return failed
	}
	return err
}

// encode reads the records of a batch and sends their canonical forms on, at
// most editRows of one kind at a time.
func encode(ctx context.Context, b graph.Batch, send func(piece) error) error {
	var open [16]*encoder // by kind
	n := 0
	for r, err := range b.Records {
		if err != nil {
			return err
		}
		key := r.Key()
		if key.ID == "" {
			return fmt.Errorf("a %s has no id", key.Kind)
		}
		enc := open[key.Kind]
		if enc == nil {
			enc = &encoder{kind: key.Kind}
			open[key.Kind] = enc
		}
		enc.add(key.ID, r)
		if len(enc.rows) == editRows {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := send(enc.take()); err != nil {
				return err
			}
		}
		if n++; n%progressEvery == 0 && b.Progress != nil {
			b.Progress(n)
		}
	}
	for _, enc := range open {
		if enc != nil && len(enc.rows) > 0 {
			if err := send(enc.take()); err != nil {
				return err
			}
		}
	}
	if b.Progress != nil && n > 0 && n%progressEvery != 0 {
		b.Progress(n)
	}
	return ctx.Err()
}

// encoder collects the canonical forms of records of one kind.
type encoder struct {
	kind graph.RecordKind
	rows []row
	buf  []byte
	ends []int
}

func (e *encoder) add(id string, r graph.Record) {
	start := len(e.buf)
	e.buf = graph.AppendCanonical(e.buf, r)
	e.ends = append(e.ends, len(e.buf))
	e.rows = append(e.rows, row{id: id, digest: graph.DigestCanonical(e.kind, e.buf[start:])})
}

// take hands out what was collected; the bodies share one text.
func (e *encoder) take() piece {
	all, start := string(e.buf), 0
	for i, end := range e.ends {
		e.rows[i].body = all[start:end]
		start = end
	}
	p := piece{e.kind, e.rows}
	e.rows, e.buf, e.ends = make([]row, 0, editRows), e.buf[:0], e.ends[:0]
	return p
}
