package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"roundtrip/graph"
)

var _ graph.Documents = (*Store)(nil)

// PutDocument writes a document. It waits for a writer of the graph that is at
// work.
func (s *Store) PutDocument(ctx context.Context, d graph.Document, base *uint64) (graph.Document, error) {
	written, err := s.putDocuments(ctx, "put document", []graph.DocumentWrite{{Document: d, Base: base}})
	if err != nil {
		return graph.Document{}, err
	}
	return written[0], nil
}

// PutDocuments writes several documents in one transaction. It waits for a
// writer of the graph that is at work.
func (s *Store) PutDocuments(ctx context.Context, writes []graph.DocumentWrite) ([]graph.Document, error) {
	return s.putDocuments(ctx, "put documents", writes)
}

func (s *Store) putDocuments(ctx context.Context, what string, writes []graph.DocumentWrite) ([]graph.Document, error) {
	if err := graph.CheckDocumentWrites(writes); err != nil {
		return nil, err
	}
	written := make([]graph.Document, len(writes))
	err := s.changeDocuments(ctx, func(e *edit) error {
		for i, w := range writes {
			last, current, err := e.versions(ctx, w.Kind, w.Name)
			if err != nil {
				return err
			}
			if err := w.CheckBase(w.Base, current); err != nil {
				return err
			}
			d := w.Document
			d.Version, d.At = last+1, d.At.UTC()
			if d.Body == nil {
				d.Body = []byte{} // NULL stands for a deleted document
			}
			if _, err := e.conn.ExecContext(ctx, `INSERT INTO document (kind, name, version, at, written_by, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
				ON CONFLICT (kind, name) DO UPDATE SET version = ?3, at = ?4, written_by = ?5, body = ?6`,
				d.Kind, d.Name, d.Version, d.At.Format(time.RFC3339Nano), d.By, d.Body); err != nil {
				return err
			}
			written[i] = d
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, s.explain(ctx, err))
	}
	return written, nil
}

// DeleteDocument takes a document away.
func (s *Store) DeleteDocument(ctx context.Context, kind, name string, base *uint64) error {
	if err := graph.CheckDocumentName(kind, name); err != nil {
		return err
	}
	err := s.changeDocuments(ctx, func(e *edit) error {
		_, current, err := e.versions(ctx, kind, name)
		switch {
		case err != nil:
			return err
		case current == 0:
			return noDocument(kind, name)
		}
		if err := (graph.Document{Kind: kind, Name: name}).CheckBase(base, current); err != nil {
			return err
		}
		_, err = e.conn.ExecContext(ctx, "UPDATE document SET body = NULL, written_by = '' WHERE kind = ? AND name = ?", kind, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete document: %w", s.explain(ctx, err))
	}
	return nil
}

func noDocument(kind, name string) error {
	return fmt.Errorf("document %s/%s: %w", kind, name, graph.ErrNotFound)
}

// changeDocuments runs a change of documents in a transaction of its own.
func (s *Store) changeDocuments(ctx context.Context, change func(e *edit) error) error {
	e, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer e.end()
	if err := change(e); err != nil {
		return err
	}
	return e.keep(ctx)
}

// versions are the last version that the document had, and the version that is
// there now; each is 0 for none.
func (e *edit) versions(ctx context.Context, kind, name string) (last, current uint64, err error) {
	err = e.conn.QueryRowContext(ctx, "SELECT version, iif(body IS NULL, 0, version) FROM document WHERE kind = ? AND name = ?", kind, name).Scan(&last, &current)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return last, current, err
}

const documentColumns = "SELECT kind, name, version, at, written_by, body FROM document WHERE body IS NOT NULL AND kind = ?"

// GetDocument returns the document, or graph.ErrNotFound.
func (s *Store) GetDocument(ctx context.Context, kind, name string) (graph.Document, error) {
	if err := graph.CheckDocumentName(kind, name); err != nil {
		return graph.Document{}, err
	}
	list, err := s.documents(ctx, documentColumns+" AND name = ?", kind, name)
	if err == nil && len(list) == 0 {
		err = noDocument(kind, name)
	}
	if err != nil {
		return graph.Document{}, fmt.Errorf("get document: %w", err)
	}
	return list[0], nil
}

// ListDocuments returns the documents of a kind, by name.
func (s *Store) ListDocuments(ctx context.Context, kind string) ([]graph.Document, error) {
	if err := graph.CheckDocumentKind(kind); err != nil {
		return nil, err
	}
	list, err := s.documents(ctx, documentColumns+" ORDER BY name", kind)
	if err != nil {
		return nil, fmt.Errorf("list documents: %w", err)
	}
	return list, nil
}

func (s *Store) documents(ctx context.Context, query string, args ...any) (list []graph.Document, err error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	defer func() { err = s.explain(ctx, err) }()
	rows, err := s.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list = []graph.Document{}
	for rows.Next() {
		d := graph.Document{}
		var at string
		if err := rows.Scan(&d.Kind, &d.Name, &d.Version, &at, &d.By, &d.Body); err != nil {
			return nil, err
		}
		if d.Body == nil {
			d.Body = []byte{}
		}
		if d.At, err = time.Parse(time.RFC3339Nano, at); err != nil {
			return nil, fmt.Errorf("document %s/%s: %w", d.Kind, d.Name, err)
		}
		list = append(list, d)
	}
	return list, rows.Err()
}
