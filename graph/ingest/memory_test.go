package ingest

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"io/fs"
	"iter"
	"slices"
	"testing"
	"testing/fstest"

	"roundtrip/graph"
)

// memoryStore is a store of one revision, kept in order of kind and id.
type memoryStore struct {
	revision uint64
	records  []graph.Record
}

func (s *memoryStore) Revision(context.Context) (graph.Revision, error) {
	return graph.Revision{Number: s.revision}, nil
}

func (s *memoryStore) Records(_ context.Context, _ uint64, kinds ...graph.RecordKind) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		for _, r := range s.records {
			if (len(kinds) == 0 || slices.Contains(kinds, r.Key().Kind)) && !yield(r, nil) {
				return
			}
		}
	}
}

// findingStore can also be asked for single records and for the legs of a deal.
type findingStore struct{ *memoryStore }

func (s findingStore) Get(_ context.Context, key graph.Key) (graph.Record, error) {
	for _, r := range s.records {
		if r.Key() == key {
			return r, nil
		}
	}
	return nil, graph.ErrNotFound
}

// List pages one record at a time.
func (s findingStore) List(_ context.Context, q graph.ListQuery) (graph.Page, error) {
	var p graph.Page
	for _, r := range s.records {
		k := r.Key()
		if f, ok := graph.FieldNamed(k.Kind, "deal_id"); k.Kind != q.Kind || !ok || f.Text(r) != q.Where["deal_id"] || k.ID <= q.After {
			continue
		}
		if len(p.Records) == 1 {
			p.Next = p.Records[0].Key().ID
			break
		}
		p.Records = append(p.Records, r)
	}
	return p, nil
}

// apply replaces and deletes records as a store does.
func (s *memoryStore) apply(t *testing.T, b graph.Batch) {
	t.Helper()
	s.revision++
	seen := map[graph.Key]bool{}
	for r, err := range b.Records {
		if err != nil {
			t.Fatal(err)
		}
		if seen[r.Key()] {
			t.Fatalf("the batch writes %s twice", r.Key())
		}
		seen[r.Key()] = true
		s.records = slices.DeleteFunc(s.records, func(o graph.Record) bool { return o.Key() == r.Key() })
		s.records = append(s.records, r)
	}
	for _, k := range b.Deletes {
		s.records = slices.DeleteFunc(s.records, func(o graph.Record) bool { return o.Key() == k })
	}
	slices.SortFunc(s.records, func(a, b graph.Record) int {
		x, y := a.Key(), b.Key()
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.ID, y.ID))
	})
}

// texts are files by name.
type texts map[string]string

func (f texts) fs() fs.FS {
	m := fstest.MapFS{}
	for name, text := range f {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func (f texts) zip(t *testing.T) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range f {
			if !yield(name) {
				return
			}
		}
	}) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

// storeOf is a store that holds what the files say; they must be without fault.
func storeOf(t *testing.T, files texts) *memoryStore {
	t.Helper()
	s := &memoryStore{}
	if files != nil {
		s.apply(t, mustCheck(t, files, nil))
	}
	return s
}

// mustCheck checks a folder that must be without fault.
func mustCheck(t *testing.T, files texts, existing Existing) graph.Batch {
	t.Helper()
	src, err := FromFS(files.fs())
	if err != nil {
		t.Fatal(err)
	}
	report, batch, err := Check(t.Context(), src, existing, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	return batch
}
