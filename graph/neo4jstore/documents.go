package neo4jstore

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
)

var _ graph.Documents = (*Store)(nil)

// Setting first takes the locks of the nodes, so that what is read of them holds
// until the end of the transaction; those who take several do so in one order. A
// document that was deleted is a node without a body, which goes on counting its
// versions.
//
// Neo4j shows a reader the properties of a node one by one, so that a change
// committed meanwhile can give it the version of one write and the body of
// another. The property sum tells whether they belong together.
const (
	lockDocuments = `
UNWIND $keys AS k
MERGE (d:RoundtripDocument {kind: k.kind, name: k.name}) ON CREATE SET d.version = 0
SET d.asked = timestamp()`

	readLocked = `
UNWIND $keys AS k
MATCH (d:RoundtripDocument {kind: k.kind, name: k.name})
RETURN d.kind, d.name, d.version, CASE WHEN d.body IS NULL THEN 0 ELSE d.version END, d.write`

	setDocuments = `
UNWIND $documents AS x
MATCH (d:RoundtripDocument {kind: x.kind, name: x.name})
SET d.version = x.version, d.at = x.at, d.by = x.by, d.body = x.body, d.sum = x.sum, d.write = $write`

	unsetDocument = `
MATCH (d:RoundtripDocument {kind: $kind, name: $name})
SET d.by = '', d.body = null, d.sum = '', d.write = $write`

	documentColumns = ` RETURN d.kind, d.name, d.version, d.at, d.by, d.body, d.sum ORDER BY d.name`
	oneDocument     = `MATCH (d:RoundtripDocument {kind: $kind, name: $name}) WHERE d.body IS NOT NULL` + documentColumns
	allDocuments    = `MATCH (d:RoundtripDocument {kind: $kind}) WHERE d.body IS NOT NULL` + documentColumns
)

// PutDocument writes a document. It does not wait for a writer of the graph.
func (s *Store) PutDocument(ctx context.Context, d graph.Document, base *uint64) (graph.Document, error) {
	written, err := s.putDocuments(ctx, "put document", []graph.DocumentWrite{{Document: d, Base: base}})
	if err != nil {
		return graph.Document{}, err
	}
	return written[0], nil
}

// PutDocuments writes several documents in one transaction. It does not wait for
// a writer of the graph.
func (s *Store) PutDocuments(ctx context.Context, writes []graph.DocumentWrite) ([]graph.Document, error) {
	return s.putDocuments(ctx, "put documents", writes)
}

func (s *Store) putDocuments(ctx context.Context, what string, writes []graph.DocumentWrite) ([]graph.Document, error) {
	if err := graph.CheckDocumentWrites(writes); err != nil {
		return nil, err
	}
	keys := make([]documentKey, len(writes))
	written := make([]graph.Document, len(writes))
	for i, w := range writes {
		keys[i], written[i] = documentKey{w.Kind, w.Name}, w.Document
		if w.Body == nil {
			written[i].Body = []byte{} // null stands for a deleted document
		}
		written[i].At = w.At.UTC()
	}
	err := s.changeDocuments(ctx, what, keys, func(ctx context.Context, t tx, at documentStanding) error {
		if at.done {
			return nil // the versions are those of the attempt that came through
		}
		rows := make([]any, len(writes))
		for i, w := range writes {
			of := at.documents[keys[i]]
			if err := w.CheckBase(w.Base, of.current); err != nil {
				return err
			}
			d := &written[i]
			d.Version = of.last + 1
			rows[i] = map[string]any{"kind": d.Kind, "name": d.Name, "version": int64(d.Version), "at": timeText(d.At), "by": d.By, "body": d.Body, "sum": sumOf(*d)}
		}
		return t.run(ctx, setDocuments, map[string]any{"documents": rows, "write": at.write})
	})
	if err != nil {
		return nil, err
	}
	return written, nil
}

// DeleteDocument takes a document away.
func (s *Store) DeleteDocument(ctx context.Context, kind, name string, base *uint64) error {
	if err := graph.CheckDocumentName(kind, name); err != nil {
		return err
	}
	key := documentKey{kind, name}
	return s.changeDocuments(ctx, "delete document", []documentKey{key}, func(ctx context.Context, t tx, at documentStanding) error {
		current := at.documents[key].current
		switch {
		case at.done:
			return nil
		case current == 0:
			return noDocument(kind, name)
		}
		if err := (graph.Document{Kind: kind, Name: name}).CheckBase(base, current); err != nil {
			return err
		}
		return t.run(ctx, unsetDocument, map[string]any{"kind": kind, "name": name, "write": at.write})
	})
}

func noDocument(kind, name string) error {
	return fmt.Errorf("document %s/%s: %w", kind, name, graph.ErrNotFound)
}

type documentKey struct{ kind, name string }

// documentStanding is what a change of documents begins with.
type documentStanding struct {
	documents map[documentKey]versions
	write     string // names the change
	done      bool   // an attempt of unknown outcome had come through
}

// versions of a document, each 0 for none.
type versions struct {
	last    uint64 // that it had last
	current uint64 // that is there
}

// changeDocuments runs one change of these documents while no other one can run.
// When the change fails, nothing is kept.
func (s *Store) changeDocuments(ctx context.Context, what string, keys []documentKey, change func(ctx context.Context, t tx, at documentStanding) error) error {
	if s.config.ReadOnly {
		return fmt.Errorf("%s: %w", what, graph.ErrReadOnly)
	}
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	write := rand.Text()
	inOrder := slices.SortedFunc(slices.Values(keys), func(a, b documentKey) int {
		return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.name, b.name))
	})
	rows := make([]any, len(keys))
	for i, k := range inOrder {
		rows[i] = map[string]any{"kind": k.kind, "name": k.name}
	}
	params := map[string]any{"keys": rows}
	return s.write(ctx, what, func(ctx context.Context, t tx) error {
		if err := t.run(ctx, lockDocuments, params); err != nil {
			return err
		}
		at := documentStanding{documents: make(map[documentKey]versions, len(keys)), write: write}
		err := t.each(ctx, readLocked, params, func(v []any) error {
			kind, _ := v[0].(string)
			name, _ := v[1].(string)
			last, _ := v[2].(int64)
			current, _ := v[3].(int64)
			at.documents[documentKey{kind, name}] = versions{uint64(last), uint64(current)}
			at.done = at.done || v[4] == write
			return nil
		})
		if err != nil {
			return err
		}
		return change(ctx, t, at)
	})
}

// GetDocument returns the document, or graph.ErrNotFound.
func (s *Store) GetDocument(ctx context.Context, kind, name string) (graph.Document, error) {
	if err := graph.CheckDocumentName(kind, name); err != nil {
		return graph.Document{}, err
	}
	list, err := s.documents(ctx, "get document", oneDocument, map[string]any{"kind": kind, "name": name})
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("get document: %w", noDocument(kind, name))
	}
	if err != nil {
		return graph.Document{}, err
	}
	return list[0], nil
}

// ListDocuments returns the documents of a kind, by name.
func (s *Store) ListDocuments(ctx context.Context, kind string) ([]graph.Document, error) {
	if err := graph.CheckDocumentKind(kind); err != nil {
		return nil, err
	}
	return s.documents(ctx, "list documents", allDocuments, map[string]any{"kind": kind})
}

// errTorn says that a document was changed while it was read.
var errTorn = errors.New("the document was changed while it was read")

// sumOf is a fingerprint of what a version of a document holds.
func sumOf(d graph.Document) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %q %q ", d.Version, timeText(d.At), d.By)
	h.Write(d.Body)
	return hex.EncodeToString(h.Sum(nil))
}

// documents reads until nothing changes meanwhile.
func (s *Store) documents(ctx context.Context, what, text string, params map[string]any) ([]graph.Document, error) {
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	for {
		list, err := s.documentsOnce(ctx, what, text, params)
		if !errors.Is(err, errTorn) {
			return list, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, context.Cause(ctx))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (s *Store) documentsOnce(ctx context.Context, what, text string, params map[string]any) ([]graph.Document, error) {
	var list []graph.Document
	err := s.read(ctx, what, func(ctx context.Context, t tx) error {
		list = []graph.Document{}
		return t.each(ctx, text, params, func(v []any) error {
			d := graph.Document{Body: []byte{}}
			d.Kind, _ = v[0].(string)
			d.Name, _ = v[1].(string)
			version, _ := v[2].(int64)
			d.Version = uint64(version)
			d.By, _ = v[4].(string)
			if body, _ := v[5].([]byte); len(body) > 0 {
				d.Body = body
			}
			var err error
			if d.At, err = parseTime(v[3]); err != nil {
				return fmt.Errorf("document %s/%s: %w", d.Kind, d.Name, err)
			}
			// A document that was written before there were sums has none.
			if sum, has := v[6].(string); has && sum != sumOf(d) {
				return fmt.Errorf("document %s/%s: %w", d.Kind, d.Name, errTorn)
			}
			list = append(list, d)
			return nil
		})
	})
	return list, err
}
