package neo4jstore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"roundtrip/graph"
)

var _ graph.Documents = (*Store)(nil)

// Setting first takes the lock of the node, so that what is read of it holds
// until the end of the transaction. A document that was deleted is a node
// without a body, which goes on counting its versions.
//
// Neo4j shows a reader the properties of a node one by one, so that a change
// committed meanwhile can give it the version of one write and the body of
// another. The property sum tells whether they belong together.
const (
	lockDocument = `
MERGE (d:RoundtripDocument {kind: $kind, name: $name}) ON CREATE SET d.version = 0
SET d.asked = timestamp()`

	readLocked = `
MATCH (d:RoundtripDocument {kind: $kind, name: $name})
RETURN d.version, CASE WHEN d.body IS NULL THEN 0 ELSE d.version END, d.write`

	setDocument = `
MATCH (d:RoundtripDocument {kind: $kind, name: $name})
SET d.version = $version, d.at = $at, d.by = $by, d.body = $body, d.sum = $sum, d.write = $write`

	unsetDocument = `
MATCH (d:RoundtripDocument {kind: $kind, name: $name})
SET d.by = '', d.body = null, d.sum = '', d.write = $write`

	documentColumns = ` RETURN d.kind, d.name, d.version, d.at, d.by, d.body, d.sum ORDER BY d.name`
	oneDocument     = `MATCH (d:RoundtripDocument {kind: $kind, name: $name}) WHERE d.body IS NOT NULL` + documentColumns
	allDocuments    = `MATCH (d:RoundtripDocument {kind: $kind}) WHERE d.body IS NOT NULL` + documentColumns
)

// PutDocument writes a document. It does not wait for a writer of the graph.
func (s *Store) PutDocument(ctx context.Context, d graph.Document, base *uint64) (graph.Document, error) {
	if err := d.Check(); err != nil {
		return graph.Document{}, err
	}
	if d.Body == nil {
		d.Body = []byte{} // null stands for a deleted document
	}
	d.At = d.At.UTC()
	err := s.changeDocument(ctx, "put document", d.Kind, d.Name, func(ctx context.Context, t tx, at documentStanding) error {
		if at.done {
			d.Version = at.last
			return nil
		}
		if err := d.CheckBase(base, at.current); err != nil {
			return err
		}
		d.Version = at.last + 1
		return t.run(ctx, setDocument, map[string]any{
			"kind": d.Kind, "name": d.Name, "version": int64(d.Version), "at": timeText(d.At), "by": d.By, "body": d.Body, "sum": sumOf(d), "write": at.write,
		})
	})
	if err != nil {
		return graph.Document{}, err
	}
	return d, nil
}

// DeleteDocument takes a document away.
func (s *Store) DeleteDocument(ctx context.Context, kind, name string, base *uint64) error {
	if err := graph.CheckDocumentName(kind, name); err != nil {
		return err
	}
	return s.changeDocument(ctx, "delete document", kind, name, func(ctx context.Context, t tx, at documentStanding) error {
		if at.done {
			return nil
		}
		if at.current == 0 {
			return noDocument(kind, name)
		}
		if err := (graph.Document{Kind: kind, Name: name}).CheckBase(base, at.current); err != nil {
			return err
		}
		return t.run(ctx, unsetDocument, map[string]any{"kind": kind, "name": name, "write": at.write})
	})
}

func noDocument(kind, name string) error {
	return fmt.Errorf("document %s/%s: %w", kind, name, graph.ErrNotFound)
}

// documentStanding is what a change of a document begins with.
type documentStanding struct {
	last    uint64 // version that it had last, 0 for none
	current uint64 // version that is there, 0 for none
	write   string // names the change
	done    bool   // an attempt of unknown outcome had come through
}

// changeDocument runs one change of a document while no other one can run. When
// the change fails, nothing is kept.
func (s *Store) changeDocument(ctx context.Context, what, kind, name string, change func(ctx context.Context, t tx, at documentStanding) error) error {
	if s.config.ReadOnly {
		return fmt.Errorf("%s: %w", what, graph.ErrReadOnly)
	}
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	write := rand.Text()
	key := map[string]any{"kind": kind, "name": name}
	return s.write(ctx, what, func(ctx context.Context, t tx) error {
		if err := t.run(ctx, lockDocument, key); err != nil {
			return err
		}
		v, err := t.one(ctx, readLocked, key)
		if err != nil {
			return err
		}
		at := documentStanding{write: write}
		if v != nil {
			last, _ := v[0].(int64)
			current, _ := v[1].(int64)
			at.last, at.current, at.done = uint64(last), uint64(current), v[2] == write
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
