package neo4jstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"roundtrip/graph"
)

// A change tells two versions: what the record became, and what it had been
// since an earlier revision. The second one matters where a plain transfer came
// without a change of its own.
const changesOf = `
MATCH (c:RoundtripChange) USING INDEX c:RoundtripChange(kind, id, rev)
WHERE c.kind = $kind AND c.id = $id AND c.rev <= $rev
RETURN c.rev, c.after, c.prev, c.before ORDER BY c.rev`

const transferOf = `
MATCH (a)-[r:PAYS {id: $id}]->(b) USING INDEX r:PAYS(id) WHERE r.record_rev <= $rev AND r.rev_to > $rev
RETURN ` + transferColumns

const batchesOf = `UNWIND $revs AS rev MATCH (b:RoundtripBatch {rev: rev}) RETURN rev, b.origin, b.at`

// History returns the versions of a record, the first one first. Like page it
// reads relationships before changes.
func (s *Store) History(ctx context.Context, key graph.Key) ([]graph.Version, error) {
	what := "read the history of " + key.String()
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	var list []graph.Version
	err := s.read(ctx, what, func(ctx context.Context, t tx) error {
		m, err := t.meta(ctx)
		if err != nil {
			return err
		}
		versions, err := t.versions(ctx, key, m.revision)
		if err != nil {
			return err
		}
		list = make([]graph.Version, 0, len(versions))
		for _, rev := range slices.Sorted(maps.Keys(versions)) {
			list = append(list, graph.Version{Revision: uint64(rev), Batch: batchID(rev), Record: versions[rev]})
		}
		return t.tellBatches(ctx, list)
	})
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%s: %w", what, graph.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

// versions are what the record was by the revision in which it became that, nil
// where it was deleted.
func (t tx) versions(ctx context.Context, key graph.Key, rev int64) (map[int64]graph.Record, error) {
	found := map[int64]graph.Record{}
	params := map[string]any{"kind": key.Kind.String(), "id": key.ID, "rev": rev}
	if key.Kind == graph.FlowRecord {
		err := t.each(ctx, transferOf, params, func(v []any) error {
			f, since, err := transfer(v)
			found[since] = f
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	note := func(rev, form any) error {
		since, ok := rev.(int64)
		if !ok {
			return nil // there was nothing before
		}
		text, ok := form.(string)
		if !ok {
			found[since] = nil
			return nil
		}
		r, err := graph.ParseCanonical(key.Kind, []byte(text))
		if err != nil {
			return fmt.Errorf("at revision %d: %w", since, err)
		}
		found[since] = r
		return nil
	}
	err := t.each(ctx, changesOf, params, func(v []any) error {
		if err := note(v[2], v[3]); err != nil {
			return err
		}
		return note(v[0], v[1])
	})
	return found, err
}

// tellBatches fills in the batches of versions.
func (t tx) tellBatches(ctx context.Context, list []graph.Version) error {
	revs := make([]any, len(list))
	at := make(map[int64]*graph.Version, len(list))
	for i := range list {
		rev := int64(list[i].Revision)
		revs[i], at[rev] = rev, &list[i]
	}
	return t.each(ctx, batchesOf, map[string]any{"revs": revs}, func(v []any) (err error) {
		rev, _ := v[0].(int64)
		at[rev].Origin, _ = v[1].(string)
		at[rev].At, err = parseTime(v[2])
		return err
	})
}

// Touched returns the keys of the records that a batch touched.
func (s *Store) Touched(ctx context.Context, batch string) ([]graph.Key, error) {
	now, err := s.Revision(ctx)
	if err != nil {
		return nil, err
	}
	rev, err := batchRevision(batch, int64(now.Number))
	if err != nil {
		return nil, fmt.Errorf("read what a batch touched: %w", err)
	}
	var keys []graph.Key
	err = s.touched(ctx, rev, func(k graph.Key, _ bool) bool {
		keys = append(keys, k)
		return true
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(keys, func(a, b graph.Key) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	return keys, nil
}

// batchRevision is the revision of a committed batch, or graph.ErrNotFound.
func batchRevision(batch string, current int64) (int64, error) {
	rev, err := strconv.ParseInt(strings.TrimPrefix(batch, "b"), 10, 64)
	if err != nil || batch != batchID(rev) || rev < 1 || rev > current {
		return 0, fmt.Errorf("batch %q: %w", batch, graph.ErrNotFound)
	}
	return rev, nil
}
