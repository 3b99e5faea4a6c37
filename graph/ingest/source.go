package ingest

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
)

// Source is the files of one import. They are opened several times and must
// not change meanwhile; a change is noticed and ends the import.
type Source struct {
	name   string
	files  []sourceFile
	faults []Fault // wrong files, found while listing them
	lone   bool    // one file, recognised by its columns where its name says nothing
	close  func() error
}

type sourceFile struct {
	name string
	size int64 // -1 when it is not known
	open func() (io.ReadCloser, error)
}

// Name says where the files come from, for people.
func (s *Source) Name() string { return s.name }

// Close releases what Open opened.
func (s *Source) Close() error {
	if s.close == nil {
		return nil
	}
	return s.close()
}

// Open takes a folder, a zip or a CSV file by its path.
func Open(name string) (*Source, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("open an import: %w", err)
	}
	base := filepath.Base(name)
	if info.IsDir() {
		s, err := FromFS(os.DirFS(name))
		if err != nil {
			return nil, err
		}
		s.name = base
		return s, nil
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open an import: %s is neither a file nor a folder", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open an import: %w", err)
	}
	s, err := FromFile(base, f, info.Size())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	s.close = f.Close
	return s, nil
}

// FromFile takes a zip or a CSV file; a zip is known by its first bytes. Name
// is the name of the file without folders.
func FromFile(name string, r io.ReaderAt, size int64) (*Source, error) {
	var start [4]byte
	if _, err := r.ReadAt(start[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("open an import: %w", err)
	}
	zipped := string(start[:]) == "PK\x03\x04" || string(start[:]) == "PK\x05\x06"
	switch {
	case zipped:
		s, err := FromZip(r, size)
		if err != nil {
			return nil, err
		}
		s.name = name
		return s, nil
	case isArchive(name) || string(start[:2]) == "\x1f\x8b":
		return nil, fmt.Errorf("open an import: %s is an archive that cannot be read; want a zip or a CSV file", name)
	}
	return FromReader(name, io.NewSectionReader(r, 0, size)), nil
}

// FromFS takes the CSV files at the root of a folder; its sub-folders and
// other files are left alone.
func FromFS(folder fs.FS) (*Source, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, fmt.Errorf("list the files of an import: %w", err)
	}
	s := &Source{name: "folder"}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		info, err := fs.Stat(folder, e.Name())
		if err != nil {
			return nil, fmt.Errorf("list the files of an import: %w", err)
		}
		if info.IsDir() {
			continue
		}
		s.take(sourceFile{name: e.Name(), size: info.Size(), open: func() (io.ReadCloser, error) { return folder.Open(e.Name()) }})
	}
	s.settle()
	return s, nil
}

// FromZip takes the CSV files of a zip, whatever folders they lie in. The
// error is one of the zip's own structure.
func FromZip(r io.ReaderAt, size int64) (*Source, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("open a zip: %w", err)
	}
	s := &Source{name: "zip"}
	for _, e := range z.File {
		name := strings.ReplaceAll(e.Name, `\`, "/")
		if strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") {
			continue
		}
		const encrypted = 1
		if e.Flags&encrypted != 0 {
			return nil, fmt.Errorf("open a zip: %s is encrypted; want a zip without a password", name)
		}
		s.take(sourceFile{name: path.Base(name), size: int64(min(e.UncompressedSize64, 1<<62)), open: e.Open})
	}
	s.settle()
	return s, nil
}

// FromReader takes one CSV file. What it holds is told by its name (flows.csv)
// or, where the name says nothing, by its columns.
func FromReader(name string, r io.ReadSeeker) *Source {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		size = -1
	}
	return &Source{name: name, lone: true, files: []sourceFile{{name: path.Base(filepath.ToSlash(name)), size: size, open: func() (io.ReadCloser, error) {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("go back to the start: %w", err)
		}
		return io.NopCloser(r), nil
	}}}}
}

func (s *Source) take(f sourceFile) {
	switch {
	case strings.HasPrefix(f.name, "."):
	case isArchive(f.name):
		s.faults = append(s.faults, fileFault(f.name, FileNested, "is an archive inside the import"))
	case !strings.EqualFold(path.Ext(f.name), ".csv"):
	case slices.ContainsFunc(s.files, func(o sourceFile) bool { return o.name == f.name }):
		s.faults = append(s.faults, fileFault(f.name, FileTwice, "is there twice"))
	case kindOfFile(f.name) == unknownFile:
		s.faults = append(s.faults, fileFault(f.name, FileUnknown, "is not the name of a known file"))
	default:
		s.files = append(s.files, f)
	}
}

func (s *Source) settle() {
	slices.SortFunc(s.files, func(a, b sourceFile) int {
		return cmp.Or(cmp.Compare(kindOfFile(a.name), kindOfFile(b.name)), cmp.Compare(a.name, b.name))
	})
	if len(s.files) == 0 && len(s.faults) == 0 {
		s.faults = append(s.faults, fileFault("", NothingToImport, "there is no CSV file"))
	}
}

func isArchive(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst", ".7z", ".rar":
		return true
	}
	return false
}

func fileFault(name string, c Code, problem string) Fault {
	r, _ := RuleOf(c)
	return Fault{File: name, Code: c, Message: problem + "; " + r.Want}
}

// limitedReader counts what was read from all files of an import and stops at
// the limit.
type limitedReader struct {
	src   io.ReadCloser
	bytes *atomic.Int64
	limit int64
}

var errTooLarge = errors.New("the files are larger than the limit")

func (l *limitedReader) Read(p []byte) (int, error) {
	n, err := l.src.Read(p)
	if l.bytes.Add(int64(n)) > l.limit {
		return 0, errTooLarge
	}
	return n, err
}

func (l *limitedReader) Close() error { return l.src.Close() }
