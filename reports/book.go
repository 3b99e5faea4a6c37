package reports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"roundtrip/graph"
)

// scheduleKind is the kind of document that a saved schedule is.
const scheduleKind = "schedule"

// Where a schedule comes from.
const (
	FromFile = "file"  // of the directory that the settings name; it is not written here
	Saved    = "saved" // by a user, kept in the store
)

// Found is a schedule of the book.
type Found struct {
	*Schedule        // nil where Err says why it cannot be used
	ID        string // its name, also where it cannot be read
	Origin    string
	Text      []byte    // the file as it was written
	Version   uint64    // counts the writes of a saved one, 0 for a file
	At        time.Time // when a saved one was written
	Err       error
}

// Book finds schedules by name: those in files and those saved. It may be used
// from several goroutines.
type Book struct {
	files fs.FS
	saved graph.Documents

	mu   sync.Mutex
	read map[string]Found // what was read last, by origin and name, so that it is read once
}

// NewBook is the schedules in the YAML files of a folder, nil for none, which is
// read anew at each use, and of those that documents keep.
func NewBook(files fs.FS, saved graph.Documents) *Book {
	return &Book{files: files, saved: saved, read: map[string]Found{}}
}

// parsed reads a text, or remembers that it did.
func (b *Book) parsed(file string, f Found) Found {
	key := f.Origin + "/" + file
	b.mu.Lock()
	last, ok := b.read[key]
	b.mu.Unlock()
	if ok && bytes.Equal(last.Text, f.Text) && last.Version == f.Version {
		return last
	}
	f.Schedule, f.Err = ParseSchedule(file, f.Text)
	if f.Err == nil {
		f.ID = f.Name
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.read[key] = f
	return f
}

func (b *Book) inFiles() ([]Found, error) {
	if b.files == nil {
		return nil, nil
	}
	var names []string
	for _, pattern := range []string{"*.yaml", "*.yml"} {
		more, err := fs.Glob(b.files, pattern)
		if err != nil {
			return nil, fmt.Errorf("list the directory of schedules: %w", err)
		}
		names = append(names, more...)
	}
	slices.Sort(names)
	var list []Found
	for _, name := range names {
		text, err := fs.ReadFile(b.files, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it went between the two readings
		} else if err != nil {
			return nil, fmt.Errorf("read the schedule file %s: %w", name, err)
		}
		f := b.parsed(name, Found{ID: strings.TrimSuffix(name, path.Ext(name)), Origin: FromFile, Text: text})
		if i := slices.IndexFunc(list, func(x Found) bool { return x.ID == f.ID }); i >= 0 && f.Err == nil {
			f.Schedule, f.Err = nil, fmt.Errorf("%s: the schedule %s is in another file as well; give each a name of its own", name, f.ID)
			f.ID = name
		}
		list = append(list, f)
	}
	return list, nil
}

func (b *Book) ofDocument(d graph.Document) Found {
	f := b.parsed(d.Name, Found{ID: d.Name, Origin: Saved, Text: d.Body, Version: d.Version, At: d.At})
	if f.Err != nil {
		f.Err = fmt.Errorf("the saved schedule %s cannot be read any more: %w", d.Name, f.Err)
	}
	return f
}

// List is all schedules by name. One that cannot be used is listed with its Err.
// Where a file and a saved schedule have one name the file counts.
func (b *Book) List(ctx context.Context) ([]Found, error) {
	list, err := b.inFiles()
	if err != nil {
		return nil, err
	}
	documents, err := b.saved.ListDocuments(ctx, scheduleKind)
	if err != nil {
		return nil, fmt.Errorf("list the saved schedules: %w", err)
	}
	files := len(list)
	for _, d := range documents {
		if !slices.ContainsFunc(list[:files], func(f Found) bool { return f.ID == d.Name }) {
			list = append(list, b.ofDocument(d))
		}
	}
	slices.SortFunc(list, func(x, y Found) int { return strings.Compare(x.ID, y.ID) })
	return list, nil
}

// Get is the schedule of that name, with its Err where it cannot be used. It is
// graph.ErrNotFound, naming those that there are, when there is none.
func (b *Book) Get(ctx context.Context, name string) (Found, error) {
	list, err := b.List(ctx)
	if err != nil {
		return Found{}, err
	}
	there := "there is none"
	for i, f := range list {
		if f.ID == name {
			return f, nil
		}
		if i == 0 {
			there = "there are " + f.ID
		} else {
			there += ", " + f.ID
		}
	}
	return Found{}, graph.NotFound("no schedule is named %q; %s", shown(name), there)
}

// Save keeps the text of a schedule under the name that stands in it. base is as
// in graph.Documents. It is Faults when the text is no schedule, and a
// graph.NameTakenError when a file has the name.
func (b *Book) Save(ctx context.Context, file string, text []byte, base *uint64, at time.Time) (Found, error) {
	s, err := ParseSchedule(file, text)
	if err != nil {
		return Found{}, err
	}
	if err := b.free(s.Name); err != nil {
		return Found{}, err
	}
	d, err := b.saved.PutDocument(ctx, graph.Document{Kind: scheduleKind, Name: s.Name, Body: text, At: at}, base)
	if err != nil {
		return Found{}, fmt.Errorf("save the schedule %s: %w", s.Name, err)
	}
	return b.ofDocument(d), nil
}

// Delete takes a saved schedule away and returns it; its runs stay. base is as
// in graph.Documents.
func (b *Book) Delete(ctx context.Context, name string, base *uint64) (Found, error) {
	if err := b.free(name); err != nil {
		return Found{}, err
	}
	f, err := b.Get(ctx, name)
	if err != nil {
		return Found{}, err
	}
	if err := b.saved.DeleteDocument(ctx, scheduleKind, name, base); err != nil {
		return Found{}, fmt.Errorf("delete the schedule %s: %w", name, err)
	}
	return f, nil
}

func (b *Book) free(name string) error {
	files, err := b.inFiles()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(files, func(f Found) bool { return f.ID == name }) {
		return graph.NameTakenError(fmt.Sprintf("schedule %s is a file of the directory of schedules and is not written here; change the file, or choose another name", name))
	}
	return nil
}
