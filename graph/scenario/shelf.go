package scenario

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/strictyaml"
)

// documentKind is the kind of document that a saved scenario is.
const documentKind = "scenario"

// Where a scenario comes from.
const (
	Shipped = "shipped" // with the data set of the program; it cannot be written
	Saved   = "saved"   // by a user, kept in the store
)

// Found is a scenario on the shelf.
type Found struct {
	*Scenario
	Origin  string
	Text    []byte    // the file as it was written
	Version uint64    // counts the writes of a saved one, 0 for a shipped one
	At      time.Time // when a saved one was written
}

func taken(name string) error {
	return graph.NameTakenError(fmt.Sprintf("scenario %s is shipped with the program and cannot be written; choose another name", name))
}

// Shelf finds scenarios by name: those shipped and those saved.
type Shelf struct {
	shipped []Found // by name
	saved   graph.Documents
}

// NewShelf is a shelf of the scenarios in the YAML files of a folder, nil for
// none, and of those that documents keep. A shipped file that cannot be read is
// an error.
func NewShelf(shipped fs.FS, saved graph.Documents) (*Shelf, error) {
	s := &Shelf{saved: saved}
	if shipped == nil {
		return s, nil
	}
	files, err := fs.Glob(shipped, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the shipped scenarios: %w", err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(shipped, name)
		if err != nil {
			return nil, fmt.Errorf("read the shipped scenario %s: %w", name, err)
		}
		x, err := Parse(name, text)
		if err != nil {
			return nil, fmt.Errorf("the shipped scenario cannot be used: %w", err)
		}
		s.shipped = append(s.shipped, Found{Scenario: x, Origin: Shipped, Text: text})
	}
	slices.SortFunc(s.shipped, byName)
	return s, nil
}

func byName(a, b Found) int { return strings.Compare(a.Name, b.Name) }

// List is all scenarios, the shipped ones first, each part in byte order of names.
func (s *Shelf) List(ctx context.Context) ([]Found, error) {
	documents, err := s.saved.ListDocuments(ctx, documentKind)
	if err != nil {
		return nil, fmt.Errorf("list the saved scenarios: %w", err)
	}
	list := slices.Clone(s.shipped)
	for _, d := range documents {
		f, err := found(d)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

// Get is the scenario of that name. It is graph.ErrNotFound, naming those that
// there are, when there is none.
func (s *Shelf) Get(ctx context.Context, name string) (Found, error) {
	if f, ok := s.shippedNamed(name); ok {
		return f, nil
	}
	if graph.CheckDocumentName(documentKind, name) == nil {
		d, err := s.saved.GetDocument(ctx, documentKind, name)
		if err == nil {
			return found(d)
		}
		if !errors.Is(err, graph.ErrNotFound) {
			return Found{}, fmt.Errorf("read the scenario %s: %w", name, err)
		}
	}
	list, err := s.List(ctx)
	if err != nil {
		return Found{}, err
	}
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Name
	}
	there := "none is saved"
	if len(names) > 0 {
		there = "there are " + strings.Join(names, ", ")
	}
	return Found{}, graph.NotFound("no scenario is named %q; %s", strictyaml.Shown(name), there)
}

// Save keeps the text of a scenario under the name that stands in it. base is
// as in graph.Documents. It is Faults when the text is no scenario, and a
// graph.NameTakenError when a shipped one has the name.
func (s *Shelf) Save(ctx context.Context, file string, text []byte, base *uint64, at time.Time) (Found, error) {
	x, err := Parse(file, text)
	if err != nil {
		return Found{}, err
	}
	if _, ok := s.shippedNamed(x.Name); ok {
		return Found{}, taken(x.Name)
	}
	d, err := s.saved.PutDocument(ctx, graph.Document{Kind: documentKind, Name: x.Name, Body: text, At: at}, base)
	if err != nil {
		return Found{}, fmt.Errorf("save the scenario %s: %w", x.Name, err)
	}
	return Found{Scenario: x, Origin: Saved, Text: text, Version: d.Version, At: d.At}, nil
}

// Delete takes a saved scenario away and returns it. base is as in
// graph.Documents.
func (s *Shelf) Delete(ctx context.Context, name string, base *uint64) (Found, error) {
	if _, ok := s.shippedNamed(name); ok {
		return Found{}, taken(name)
	}
	f, err := s.Get(ctx, name)
	if err != nil {
		return Found{}, err
	}
	if err := s.saved.DeleteDocument(ctx, documentKind, name, base); err != nil {
		return Found{}, fmt.Errorf("delete the scenario %s: %w", name, err)
	}
	return f, nil
}

func (s *Shelf) shippedNamed(name string) (Found, bool) {
	i := slices.IndexFunc(s.shipped, func(f Found) bool { return f.Name == name })
	if i < 0 {
		return Found{}, false
	}
	return s.shipped[i], true
}

func found(d graph.Document) (Found, error) {
	x, err := Parse(d.Name, d.Body)
	if err != nil {
		return Found{}, fmt.Errorf("the saved scenario %s cannot be read any more: %w", d.Name, err)
	}
	return Found{Scenario: x, Origin: Saved, Text: d.Body, Version: d.Version, At: d.At}, nil
}
