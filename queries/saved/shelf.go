package saved

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/near"
	"roundtrip/queries"
)

// documentKind is the kind of document that a saved query is.
const documentKind = "query"

// Where a query comes from.
const (
	BuiltIn = "built-in" // with the program; it cannot be written
	Saved   = "saved"    // by a user, kept in the store
)

// Found is a query on the shelf.
type Found struct {
	*Query
	Origin  string
	Text    []byte    // the file as it was written
	Version uint64    // counts the writes of a saved one, 0 for a built-in one
	At      time.Time // when a saved one was written
	// Broken is why a saved one cannot be run any more: this version of the program
	// does not know what it asks. Its Query then has a name alone.
	Broken error
}

// Shelf finds queries by name: those built in and those saved.
type Shelf struct {
	catalogue queries.Catalogue
	builtIn   []Found // by name
	generated []Generated
	saved     graph.Documents
}

// Generated is built-in queries that are made by the program. Names with the
// prefix are theirs alone, so that a later version may bring more of them. Make is
// called when one of them is wanted; it gives the same queries at each call.
type Generated struct {
	Prefix string
	Make   func(ctx context.Context) ([]*Query, error)
}

// NewShelf is a shelf of the queries in the YAML files of a folder, nil for
// none, of those that are generated, and of those that documents keep. A built-in
// file that cannot be read is an error.
func NewShelf(catalogue queries.Catalogue, builtIn fs.FS, saved graph.Documents, generated ...Generated) (*Shelf, error) {
	s := &Shelf{catalogue: catalogue, saved: saved, generated: generated}
	if builtIn == nil {
		return s, nil
	}
	files, err := fs.Glob(builtIn, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the built-in queries: %w", err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(builtIn, name)
		if err != nil {
			return nil, fmt.Errorf("read the built-in query %s: %w", name, err)
		}
		q, err := Parse(catalogue, name, text)
		if err != nil {
			return nil, fmt.Errorf("the built-in query cannot be used: %w", err)
		}
		if s.taken(q.Name) != nil {
			return nil, fmt.Errorf("two built-in queries are named %s", q.Name)
		}
		s.builtIn = append(s.builtIn, Found{Query: q, Origin: BuiltIn, Text: text})
	}
	slices.SortFunc(s.builtIn, byName)
	return s, nil
}

func byName(a, b Found) int { return strings.Compare(a.Name, b.Name) }

// Catalogue is the analyses that queries of this shelf ask.
func (s *Shelf) Catalogue() queries.Catalogue { return s.catalogue }

// Filter chooses queries; the zero value chooses all.
type Filter struct {
	Tag    string
	Search string // words that all stand in the name, the title, the question, the note or the tags
}

func (f Filter) takes(q *Query) bool {
	if f.Tag != "" && !q.Tagged(f.Tag) {
		return false
	}
	text := strings.ToLower(strings.Join(append([]string{q.Name, q.Title, q.Question, q.Note}, q.Tags...), "\n"))
	for word := range strings.FieldsSeq(strings.ToLower(f.Search)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// List is the queries that the filter takes: the built-in files, those that are
// generated, and those that are saved, each part in byte order of names.
func (s *Shelf) List(ctx context.Context, f Filter) ([]Found, error) {
	documents, err := s.saved.ListDocuments(ctx, documentKind)
	if err != nil {
		return nil, fmt.Errorf("list the saved queries: %w", err)
	}
	list := slices.Clone(s.builtIn)
	for _, g := range s.generated {
		more, err := g.made(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	for _, d := range documents {
		list = append(list, s.found(d))
	}
	return slices.DeleteFunc(list, func(x Found) bool { return !f.takes(x.Query) }), nil
}

// Get is the query of that name. It is graph.ErrNotFound when there is none, and
// names the nearest.
func (s *Shelf) Get(ctx context.Context, name string) (Found, error) {
	if f, ok, err := s.builtInNamed(ctx, name); ok || err != nil {
		return f, err
	}
	if graph.CheckDocumentName(documentKind, name) == nil {
		d, err := s.saved.GetDocument(ctx, documentKind, name)
		if err == nil {
			return s.found(d), nil
		}
		if !errors.Is(err, graph.ErrNotFound) {
			return Found{}, fmt.Errorf("read the query %s: %w", name, err)
		}
	}
	documents, err := s.saved.ListDocuments(ctx, documentKind)
	if err != nil {
		return Found{}, fmt.Errorf("list the saved queries: %w", err)
	}
	var names []string
	for _, f := range s.builtIn { // those that are generated would have to be made
		names = append(names, f.Name)
	}
	for _, d := range documents {
		names = append(names, d.Name)
	}
	text := fmt.Sprintf("no query is named %q", shortened(name))
	if meant := near.Name(name, names); meant != "" {
		text += "; did you mean " + meant + "?"
	}
	return Found{}, graph.NotFound("%s", text)
}

func shortened(name string) string {
	const most = 80
	name = strings.ToValidUTF8(name, "\uFFFD")
	if r := []rune(name); len(r) > most {
		return string(r[:most]) + "..."
	}
	return name
}

// Save keeps the text of a query under the name that stands in it; JSON is kept
// as YAML. base is as in graph.Documents. It is scenario.Faults when the text is
// no query, and a graph.NameTakenError when a built-in one has the name.
func (s *Shelf) Save(ctx context.Context, file string, text []byte, base *uint64, at time.Time) (Found, error) {
	f, err := s.Parse(file, text)
	if err != nil {
		return Found{}, err
	}
	if taken := s.taken(f.Name); taken != nil {
		return Found{}, taken
	}
	d, err := s.saved.PutDocument(ctx, graph.Document{Kind: documentKind, Name: f.Name, Body: f.Text, At: at}, base)
	if err != nil {
		return Found{}, fmt.Errorf("save the query %s: %w", f.Name, err)
	}
	f.Version, f.At = d.Version, d.At
	return f, nil
}

// Parse reads a query as it would be saved.
func (s *Shelf) Parse(file string, text []byte) (Found, error) {
	q, err := Parse(s.catalogue, file, text)
	if err != nil {
		return Found{}, err
	}
	if json.Valid(text) {
		text = q.YAML()
	}
	return Found{Query: q, Origin: Saved, Text: bytes.Clone(text)}, nil
}

// Delete takes a saved query away and returns it. base is as in
// graph.Documents.
func (s *Shelf) Delete(ctx context.Context, name string, base *uint64) (Found, error) {
	if taken := s.taken(name); taken != nil {
		return Found{}, taken
	}
	f, err := s.Get(ctx, name)
	if err != nil {
		return Found{}, err
	}
	if err := s.saved.DeleteDocument(ctx, documentKind, name, base); err != nil {
		return Found{}, fmt.Errorf("delete the query %s: %w", name, err)
	}
	return f, nil
}

// taken is a graph.NameTakenError where the name is that of a built-in query, or kept
// for one; nil otherwise.
func (s *Shelf) taken(name string) error {
	if slices.ContainsFunc(s.builtIn, func(f Found) bool { return f.Name == name }) {
		return graph.NameTakenError(fmt.Sprintf("query %s is built in and cannot be written; choose another name", name))
	}
	for _, g := range s.generated {
		if strings.HasPrefix(name, g.Prefix) {
			return graph.NameTakenError(fmt.Sprintf("query %s cannot be written: names that begin with %s are kept for built-in queries; choose another name", name, g.Prefix))
		}
	}
	return nil
}

func (s *Shelf) builtInNamed(ctx context.Context, name string) (Found, bool, error) {
	list := s.builtIn
	for _, g := range s.generated {
		if !strings.HasPrefix(name, g.Prefix) {
			continue
		}
		more, err := g.made(ctx)
		if err != nil {
			return Found{}, false, err
		}
		list = append(slices.Clone(list), more...)
	}
	i := slices.IndexFunc(list, func(f Found) bool { return f.Name == name })
	if i < 0 {
		return Found{}, false, nil
	}
	return list[i], true, nil
}

func (g Generated) made(ctx context.Context) ([]Found, error) {
	list, err := g.Make(ctx)
	if err != nil {
		return nil, fmt.Errorf("make the built-in queries %s*: %w", g.Prefix, err)
	}
	found := make([]Found, len(list))
	for i, q := range list {
		found[i] = Found{Query: q, Origin: BuiltIn, Text: q.YAML()}
	}
	slices.SortFunc(found, byName)
	return found, nil
}

func (s *Shelf) found(d graph.Document) Found {
	f := Found{Origin: Saved, Text: d.Body, Version: d.Version, At: d.At}
	var err error
	if f.Query, err = Parse(s.catalogue, "", d.Body); err != nil {
		f.Query, f.Broken = &Query{Name: d.Name}, fmt.Errorf("the saved query %s cannot be run any more:\n%w", d.Name, err)
	}
	return f
}
