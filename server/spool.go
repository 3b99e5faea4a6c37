package server

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"

	"roundtrip/graph/ingest"
)

const (
	csvType       = "text/csv"
	zipType       = "application/zip"
	multipartType = "multipart/form-data"

	nameKey    = "name"
	maxUploads = 100 // files in one multipart body
)

// spool holds an upload in a temporary folder while it is read twice.
type spool struct {
	dir   *os.Root
	path  string
	files []string // names in dir, as given
}

func newSpool() (*spool, error) {
	dir, err := os.MkdirTemp("", "roundtrip-import-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for an upload: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the folder of an upload: %w", err), os.RemoveAll(dir))
	}
	return &spool{dir: root, path: dir}, nil
}

// remove takes the folder away.
func (p *spool) remove() error { return errors.Join(p.dir.Close(), os.RemoveAll(p.path)) }

// add keeps one file of the upload.
func (p *spool) add(name string, r io.Reader) error {
	name = path.Base(filepath.ToSlash(name))
	if name == "." || name == "/" || strings.HasPrefix(name, ".") || strings.ContainsRune(name, 0) {
		return arguments(Entry{Location: "body", Value: name, Message: "want a file with a name such as flows.csv"})
	}
	f, err := p.dir.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return arguments(Entry{Location: "body", Value: name, Message: "is uploaded twice; want each file once"})
	}
	if err != nil {
		return fmt.Errorf("keep an upload: %w", err)
	}
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		return readFault(err)
	}
	p.files = append(p.files, name)
	return nil
}

// receive keeps the body of a request: a form with files, one CSV file, or a
// zip.
func (p *spool) receive(c *call) error {
	if err := wantType(c, multipartType, csvType, zipType); err != nil {
		return err
	}
	name := c.query[nameKey]
	switch mediaType(c.r.Header.Get("Content-Type")) {
	case csvType:
		if name == "" {
			name = "upload.csv"
		}
		if !strings.EqualFold(path.Ext(name), ".csv") {
			return arguments(Entry{Location: "query." + nameKey, Value: name, Message: "want the name of a CSV file, such as flows.csv"})
		}
		return p.add(name, c.r.Body)
	case zipType:
		if name == "" {
			name = "upload.zip"
		}
		if !strings.EqualFold(path.Ext(name), ".zip") {
			return arguments(Entry{Location: "query." + nameKey, Value: name, Message: "want the name of a zip, such as deals.zip"})
		}
		return p.add(name, c.r.Body)
	case "":
		return arguments(Entry{Location: "body", Message: "is empty; want a CSV file, a zip, or a form with files"})
	}
	if name != "" {
		return arguments(Entry{Location: "query." + nameKey, Value: name, Message: "is for a body that is one file; the files of a form have names of their own"})
	}
	return p.receiveForm(c.r)
}

func (p *spool) receiveForm(r *http.Request) error {
	if _, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || params["boundary"] == "" {
		return &fault{kind: badRequest, detail: "the Content-Type of the form names no boundary", cause: err}
	}
	form, err := r.MultipartReader()
	if err != nil {
		return &fault{kind: badRequest, detail: "the form cannot be read", cause: err}
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return readFault(err)
		}
		switch {
		case part.FileName() == "":
			return arguments(Entry{Location: "body." + part.FormName(), Message: "is not a file; want files only"})
		case len(p.files) == maxUploads:
			return arguments(Entry{Location: "body", Message: fmt.Sprintf("has more than %d files; put them into one zip", maxUploads)})
		}
		if err := p.add(part.FileName(), part); err != nil {
			return err
		}
	}
	if len(p.files) == 0 {
		return arguments(Entry{Location: "body", Message: "holds no file; want CSV files or a zip"})
	}
	return nil
}

// source is the files as an import reads them. It is closed by its Close.
func (p *spool) source() (*ingest.Source, error) {
	if len(p.files) > 1 {
		return ingest.FromFS(p.dir.FS())
	}
	src, err := ingest.Open(filepath.Join(p.path, p.files[0]))
	if err != nil {
		name := p.files[0]
		return nil, &fault{
			kind: rejected, detail: name + " cannot be read as " + kindOfUpload(name), cause: err,
			entries: []Entry{{Location: name, Message: "want a CSV file or a zip of CSV files that is whole and has no password"}},
		}
	}
	return src, nil
}

func kindOfUpload(name string) string {
	if strings.EqualFold(path.Ext(name), ".zip") {
		return "a zip"
	}
	return "a CSV file"
}

// origin names the upload in the list of batches.
func (p *spool) origin() string {
	const most = 200
	return shortened(strings.Join(p.files, ", "), most)
}

func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}
