package saved

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/strictyaml"
)

// File is a file with a query.
type File struct {
	Name string
	Text []byte
}

// Imported tells what an import came to, names in byte order.
type Imported struct {
	New       []string `json:"new" nullable:"false"`
	Changed   []string `json:"changed" nullable:"false"`
	Unchanged []string `json:"unchanged" nullable:"false" doc:"The same bytes are there already."`
}

// ReadFiles are the YAML files of a folder and the folders in it, in byte order
// of their paths. Names that begin with a dot are left out. The error is
// strictyaml.Faults where the files are too many, too large or none.
func ReadFiles(folder fs.FS) ([]File, error) {
	var files []File
	total := 0
	tooMuch := func(problem string, args ...any) error {
		return strictyaml.Faults{{Code: strictyaml.CodeText, Problem: fmt.Sprintf(problem, args...)}}
	}
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		switch ext := strings.ToLower(path.Ext(name)); {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir() || strings.HasPrefix(d.Name(), ".") || ext != ".yaml" && ext != ".yml":
			return nil
		case len(files) == maxFiles:
			return tooMuch("there are more than %d files; at most that many are imported at once", maxFiles)
		}
		text, err := readSome(folder, name)
		if err != nil {
			return err
		}
		if total += len(text); total > maxTotal {
			return tooMuch("the files are larger than %d bytes together", maxTotal)
		}
		files = append(files, File{name, text})
		return nil
	})
	if err == nil && len(files) == 0 {
		err = tooMuch("there is no file named *.yaml or *.yml")
	}
	return files, err
}

// readSome reads a file up to one byte more than a query may have, which Parse
// then refuses.
func readSome(folder fs.FS, name string) (text []byte, err error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, graph.MaxDocumentBody+1))
}

// Import keeps the queries of all files or of none, whatever is killed. The
// error is strictyaml.Faults with all faults of all files, or a
// *graph.DocumentConflictError where somebody wrote one of the queries meanwhile.
// Nothing is written where dry is set, and what is there already with the same
// bytes is not written again.
func (s *Shelf) Import(ctx context.Context, files []File, at time.Time, dry bool) (Imported, error) {
	var faults strictyaml.Faults
	var list []Found
	from := map[string]string{}
	for _, file := range files {
		f, err := s.Parse(file.Name, file.Text)
		var bad strictyaml.Faults
		if errors.As(err, &bad) {
			faults = append(faults, bad...)
			continue
		}
		if err != nil {
			return Imported{}, err
		}
		if other, twice := from[f.Name]; twice {
			faults = append(faults, strictyaml.Fault{
				File: file.Name, Location: "name", Given: f.Name, Code: strictyaml.CodeKeyTwice, Problem: fmt.Sprintf("%q is the name of the query in %s as well; want each once", f.Name, other),
			})
			continue
		}
		from[f.Name] = file.Name
		b, builtIn, err := s.builtInNamed(ctx, f.Name)
		if err != nil {
			return Imported{}, err
		}
		if taken := s.taken(f.Name); taken != nil && (!builtIn || !bytes.Equal(b.Text, f.Text)) {
			faults = append(faults, strictyaml.Fault{File: file.Name, Location: "name", Given: f.Name, Code: strictyaml.CodeNotAllowed, Problem: taken.Error()})
			continue
		}
		list = append(list, f)
	}
	if len(faults) > 0 {
		return Imported{}, faults
	}
	slices.SortFunc(list, byName)
	return s.keep(ctx, list, at, dry)
}

// keep writes queries together, each based on what is there now.
func (s *Shelf) keep(ctx context.Context, list []Found, at time.Time, dry bool) (Imported, error) {
	done := Imported{New: []string{}, Changed: []string{}, Unchanged: []string{}}
	documents, err := s.saved.ListDocuments(ctx, documentKind)
	if err != nil {
		return done, fmt.Errorf("list the saved queries: %w", err)
	}
	var writes []graph.DocumentWrite
	for _, f := range list {
		i := slices.IndexFunc(documents, func(d graph.Document) bool { return d.Name == f.Name })
		var base uint64
		switch {
		case s.taken(f.Name) != nil || i >= 0 && bytes.Equal(documents[i].Body, f.Text):
			done.Unchanged = append(done.Unchanged, f.Name)
			continue
		case i >= 0:
			done.Changed = append(done.Changed, f.Name)
			base = documents[i].Version
		default:
			done.New = append(done.New, f.Name)
		}
		writes = append(writes, graph.DocumentWrite{Document: graph.Document{Kind: documentKind, Name: f.Name, Body: f.Text, At: at}, Base: &base})
	}
	if dry || len(writes) == 0 {
		return done, nil
	}
	if _, err := s.saved.PutDocuments(ctx, writes); err != nil {
		return Imported{}, fmt.Errorf("save the queries: %w", err)
	}
	return done, nil
}

// Files are the saved queries as files, NAME.yaml each, in byte order of names.
// Built-in ones are not among them.
func (s *Shelf) Files(ctx context.Context) ([]File, error) {
	list, err := s.List(ctx, Filter{})
	if err != nil {
		return nil, err
	}
	files := []File{}
	for _, f := range list {
		if f.Origin == Saved {
			files = append(files, File{f.Name + ".yaml", f.Text})
		}
	}
	return files, nil
}

// WriteZip writes files as a zip with the same bytes for the same files.
func WriteZip(w io.Writer, files []File) error {
	z := zip.NewWriter(w)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
		h.SetMode(0o644)
		out, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := out.Write(f.Text); err != nil {
			return err
		}
	}
	return z.Close()
}

// ReadZip is ReadFiles of a zip.
func ReadZip(r io.ReaderAt, size int64) ([]File, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, strictyaml.Faults{{Code: strictyaml.CodeText, Problem: "is not a zip that can be read"}}
	}
	files, err := ReadFiles(z)
	var faults strictyaml.Faults
	if err != nil && !errors.As(err, &faults) {
		return nil, strictyaml.Faults{{Code: strictyaml.CodeText, Problem: "is a zip with files that cannot be read"}}
	}
	return files, err
}
