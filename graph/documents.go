package graph

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a document.
const (
	MaxDocumentName = 80      // bytes of a kind or a name
	MaxDocumentBody = 1 << 20 // bytes of a body
	MaxDocumentBy   = 200     // bytes of By

	MaxDocumentWrites = 1000     // documents that are written together
	MaxWritesBody     = 16 << 20 // bytes of their bodies
)

// Document is a named text that is kept beside the graph: a saved scenario, a
// saved query. The store knows nothing of what the body says.
type Document struct {
	Kind string // what sort of document it is: lower-case letters, digits, - and _, 1 to 80 of them
	Name string // its name among those of its kind, in the same form
	Body []byte // kept byte for byte, at most 1 MiB; may be empty, is never nil when a store hands it out
	// Version counts the writes of this document from 1. It goes on counting
	// when a document is deleted and written again, so that one version never
	// names two bodies. Stores set it; what PutDocument is given does not matter.
	Version uint64
	At      time.Time // when this version was written, as the writer said; UTC when a store hands it out
	By      string    // who wrote it, "" where that is not known; at most 200 bytes
}

// DocumentWrite is one of the writes that are made together.
type DocumentWrite struct {
	Document
	Base *uint64 // as in PutDocument
}

// Documents keeps documents beside the records of a graph. Every graph.Store of
// this program is one as well. Methods may be called from several goroutines.
//
// Promises, checked for every store by package storetest:
//   - Writing or deleting a document never moves the revision or the content
//     hash of the graph, and nothing that is done to the graph, undo included,
//     touches a document.
//   - A write is atomic and is kept once it was answered, whatever is killed. Of
//     documents that are written together all are kept or none; somebody who
//     reads them meanwhile may find some in the new version and some in the old.
//   - Of several writes that give the same base exactly one succeeds. Writers of
//     the same documents in any order do not hinder each other for ever.
//
// Kinds, names and sizes out of bounds are a *DocumentError; a store that is
// open for reading only refuses writes with ErrReadOnly.
type Documents interface {
	// PutDocument writes a document and returns it with its new version, which
	// is one above the last even where the body is the same. Base nil replaces
	// whatever is there; 0 wants that there is none; another number wants that
	// version. Where the wish is not met it is a *DocumentConflictError, which is
	// ErrConflict, and nothing changes.
	PutDocument(ctx context.Context, d Document, base *uint64) (Document, error)
	// PutDocuments writes several documents together and returns them with their
	// new versions, in the order given; none is an empty list. The wish of each
	// write is as for PutDocument. Where one is not met, nothing changes and the
	// *DocumentConflictError is that of the first such document in the order
	// given. A document that is given twice, more than MaxDocumentWrites of them
	// or more than MaxWritesBody bytes of bodies are a *DocumentError.
	PutDocuments(ctx context.Context, writes []DocumentWrite) ([]Document, error)
	// GetDocument returns the document, or ErrNotFound.
	GetDocument(ctx context.Context, kind, name string) (Document, error)
	// ListDocuments returns the documents of a kind with their bodies, by name in
	// byte order; none is an empty list.
	ListDocuments(ctx context.Context, kind string) ([]Document, error)
	// DeleteDocument takes a document away. It is ErrNotFound when there is none
	// and a *DocumentConflictError when base is given and is not its version.
	DeleteDocument(ctx context.Context, kind, name string, base *uint64) error
}

// DocumentError says what is wrong with a document.
type DocumentError struct {
	Field   string // kind, name, body or by
	Message string // what was given and what is allowed
}

// Error names the field.
func (e *DocumentError) Error() string { return "the " + e.Field + " of the document: " + e.Message }

// DocumentConflictError says that a document is not at the version that a write
// was based on. It is ErrConflict.
type DocumentConflictError struct {
	Kind, Name string
	Base       uint64 // the version that was wanted, 0 for none
	Version    uint64 // the version that is there, 0 for none
}

// Error names both versions.
func (e *DocumentConflictError) Error() string {
	document := "document " + e.Kind + "/" + e.Name
	switch {
	case e.Base == 0:
		return fmt.Sprintf("%s exists already, at version %d", document, e.Version)
	case e.Version == 0:
		return fmt.Sprintf("%s does not exist any more; the change was made to version %d", document, e.Base)
	}
	return fmt.Sprintf("%s is at version %d; the change was made to version %d", document, e.Version, e.Base)
}

// Is makes it an ErrConflict.
func (e *DocumentConflictError) Is(target error) bool { return target == ErrConflict }

// Check is a *DocumentError when the document is out of bounds.
func (d Document) Check() error {
	if err := CheckDocumentName(d.Kind, d.Name); err != nil {
		return err
	}
	if len(d.Body) > MaxDocumentBody {
		return &DocumentError{"body", fmt.Sprintf("it has %d bytes; want at most %d", len(d.Body), MaxDocumentBody)}
	}
	if len(d.By) > MaxDocumentBy || !utf8.ValidString(d.By) {
		return &DocumentError{"by", fmt.Sprintf("want a text of at most %d bytes", MaxDocumentBy)}
	}
	return nil
}

// CheckDocumentWrites is a *DocumentError when documents cannot be written
// together.
func CheckDocumentWrites(writes []DocumentWrite) error {
	if len(writes) > MaxDocumentWrites {
		return &DocumentError{"name", fmt.Sprintf("%d documents are to be written together; want at most %d", len(writes), MaxDocumentWrites)}
	}
	type key struct{ kind, name string }
	seen := make(map[key]bool, len(writes))
	total := 0
	for _, w := range writes {
		if err := w.Check(); err != nil {
			return err
		}
		k := key{w.Kind, w.Name}
		if seen[k] {
			return &DocumentError{"name", fmt.Sprintf("%s/%s is to be written twice at once; want each document once", w.Kind, w.Name)}
		}
		seen[k] = true
		total += len(w.Body)
	}
	if total > MaxWritesBody {
		return &DocumentError{"body", fmt.Sprintf("those that are to be written together have %d bytes; want at most %d", total, MaxWritesBody)}
	}
	return nil
}

// CheckDocumentName is a *DocumentError when one of them cannot name a document.
func CheckDocumentName(kind, name string) error {
	if err := checkSlug("kind", kind); err != nil {
		return err
	}
	return checkSlug("name", name)
}

// CheckDocumentKind is a *DocumentError when it cannot be the kind of a document.
func CheckDocumentKind(kind string) error { return checkSlug("kind", kind) }

func checkSlug(field, text string) error {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-_"
	if text != "" && len(text) <= MaxDocumentName && strings.Trim(text, letters) == "" {
		return nil
	}
	const shown = 100
	given := text
	if len(given) > shown {
		given = given[:shown] + "..."
	}
	return &DocumentError{field, fmt.Sprintf("%q is not allowed; want 1 to %d lower-case letters, digits, - and _", given, MaxDocumentName)}
}

// CheckBase compares the base of a write with the version of the document that
// is there, 0 for none.
func (d Document) CheckBase(base *uint64, version uint64) error {
	if base == nil || *base == version {
		return nil
	}
	return &DocumentConflictError{Kind: d.Kind, Name: d.Name, Base: *base, Version: version}
}
