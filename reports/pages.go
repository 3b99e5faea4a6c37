package reports

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"roundtrip/graph"
)

// pagesKind and the name of a schedule is the kind of the pages that are kept.
const pagesKind = "pages-"

// Bounds of the pages that are kept.
const (
	keepPages = 20       // runs of a schedule, the latest, that have pages kept
	maxPages  = 64 << 20 // bytes of one form
)

// Kept is one form of a report that is kept, because a recipient has not taken it.
type Kept struct {
	Form        string `json:"form"`
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Size        int    `json:"size"`
	SHA256      string `json:"sha256"`
	Parts       int    `json:"parts"` // documents that hold it, compressed
}

// pages gives the files of a run, each form made once: those that are kept as
// they were, others from the report, which is made again where it is not at hand.
// What fails is tried again when it is asked for again. It may be used from
// several goroutines.
type pages struct {
	store   store
	maker   Maker
	run     Run
	presses chan struct{} // held to make something; nil is not
	within  time.Duration // to make something, 0 for ever
	gone    error         // why the report cannot be made, where that is known

	report *once[*Made]
	mu     sync.Mutex
	forms  map[string]*once[File]
}

// once is a value that is made once, by the first that wants it and can.
type once[T any] struct {
	turn  chan struct{} // held to make it, and to look at what follows
	there bool
	value T
}

func newOnce[T any]() *once[T] { return &once[T]{turn: make(chan struct{}, 1)} }

func (o *once[T]) get(ctx context.Context, do func() (T, error)) (value T, err error) {
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return value, ctx.Err()
	}
	if o.there {
		return o.value, nil
	}
	if value, err = do(); err == nil {
		o.value, o.there = value, true
	}
	return value, err
}

// made gives the value where it is made.
func (o *once[T]) made() (value T, ok bool) {
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
		return o.value, o.there
	default:
		return value, false
	}
}

func newPages(s store, m Maker, presses chan struct{}, within time.Duration, run Run, made *Made) *pages {
	p := &pages{store: s, maker: m, run: run, presses: presses, within: within, report: newOnce[*Made](), forms: map[string]*once[File]{}}
	p.report.value, p.report.there = made, made != nil
	return p
}

// files are the report in these forms.
func (p *pages) files(ctx context.Context, forms []string) ([]File, error) {
	list := make([]File, 0, len(forms))
	for _, form := range forms {
		f, err := p.form(form).get(ctx, func() (File, error) { return p.file(ctx, form) })
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

func (p *pages) form(name string) *once[File] {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.forms[name] == nil {
		p.forms[name] = newOnce[File]()
	}
	return p.forms[name]
}

func (p *pages) file(ctx context.Context, form string) (File, error) {
	if i := slices.IndexFunc(p.run.Kept, func(k Kept) bool { return k.Form == form }); i >= 0 {
		f, err := p.store.page(ctx, &p.run, p.run.Kept[i])
		if err == nil || ctx.Err() != nil {
			return f, err
		}
	}
	if p.gone != nil {
		return File{}, p.gone
	}
	if p.presses != nil {
		select {
		case p.presses <- struct{}{}:
			defer func() { <-p.presses }()
		case <-ctx.Done():
			return File{}, ctx.Err()
		}
	}
	if p.within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.within)
		defer cancel()
	}
	made, err := p.report.get(ctx, func() (*Made, error) { return Replay(ctx, p.maker, p.run) })
	if err != nil {
		return File{}, err
	}
	files, err := made.Files(ctx, []string{form})
	if err == nil && len(files) != 1 {
		err = fmt.Errorf("the report has %d files in the form %s", len(files), form)
	}
	if err != nil {
		return File{}, err
	}
	return files[0], nil
}

// keep writes those of the forms that are made and not kept yet, and gives all
// that are.
func (p *pages) keep(ctx context.Context, run *Run, forms []string) ([]Kept, error) {
	all := slices.Clone(run.Kept)
	for _, form := range forms {
		if slices.ContainsFunc(all, func(k Kept) bool { return k.Form == form }) {
			continue
		}
		f, ok := p.form(form).made()
		if !ok {
			continue
		}
		k, err := p.store.putPage(ctx, run, form, f)
		if err != nil {
			return all, err
		}
		all = append(all, k)
	}
	return all, nil
}

func pageName(run *Run, form string, part int) string {
	_, name, _ := splitRunID(run.ID)
	return name + "-" + form + "-" + strconv.Itoa(part)
}

// putPage writes a file as documents, before the run says that it is kept.
func (s store) putPage(ctx context.Context, run *Run, form string, f File) (Kept, error) {
	if len(f.Body) > maxPages {
		return Kept{}, fmt.Errorf("keep the report of %s as %s: it has %d bytes; at most %d are kept", run.ID, form, len(f.Body), maxPages)
	}
	var text bytes.Buffer
	z := gzip.NewWriter(&text)
	_, err := z.Write(f.Body)
	if err = errors.Join(err, z.Close()); err != nil {
		return Kept{}, fmt.Errorf("keep the report of %s as %s: %w", run.ID, form, err)
	}
	sum := sha256.Sum256(f.Body)
	k := Kept{Form: form, Name: f.Name, ContentType: f.ContentType, Size: len(f.Body), SHA256: hex.EncodeToString(sum[:])}
	for part := range slices.Chunk(text.Bytes(), graph.MaxDocumentBody) {
		d := graph.Document{Kind: pagesKind + run.Schedule, Name: pageName(run, form, k.Parts), Body: part, At: s.now().UTC()}
		if _, err := s.documents.PutDocument(ctx, d, nil); err != nil {
			return Kept{}, fmt.Errorf("keep the report of %s as %s: %w", run.ID, form, err)
		}
		k.Parts++
	}
	return k, nil
}

// page is a file that is kept.
func (s store) page(ctx context.Context, run *Run, k Kept) (File, error) {
	fail := func(err error) (File, error) {
		return File{}, fmt.Errorf("read the report of %s that is kept as %s: %w", run.ID, k.Form, err)
	}
	var text bytes.Buffer
	for part := range k.Parts {
		d, err := s.documents.GetDocument(ctx, pagesKind+run.Schedule, pageName(run, k.Form, part))
		if err != nil {
			return fail(err)
		}
		text.Write(d.Body)
	}
	z, err := gzip.NewReader(&text)
	if err != nil {
		return fail(err)
	}
	body, err := io.ReadAll(io.LimitReader(z, maxPages))
	if err != nil {
		return fail(err)
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != k.SHA256 {
		return fail(errors.New("it is not what was written"))
	}
	return File{Name: k.Name, ContentType: k.ContentType, Body: body}, nil
}

// dropPages deletes what is kept of a run. What a kill leaves of it is deleted
// with the old runs.
func (s store) dropPages(ctx context.Context, run *Run, list []Kept) error {
	for _, k := range list {
		for part := range k.Parts {
			if err := s.documents.DeleteDocument(ctx, pagesKind+run.Schedule, pageName(run, k.Form, part), nil); err != nil && !errors.Is(err, graph.ErrNotFound) {
				return fmt.Errorf("delete what is kept of %s: %w", run.ID, err)
			}
		}
	}
	return nil
}

// forgetPages deletes the pages of all runs but the open ones and those of the
// latest that still say that they are kept.
func (s store) forgetPages(ctx context.Context, schedule string, runs []Run, open []string) error {
	list, err := s.documents.ListDocuments(ctx, pagesKind+schedule)
	if err != nil {
		return fmt.Errorf("list what is kept of the runs of %s: %w", schedule, err)
	}
	wanted := slices.Clone(open)
	for _, r := range runs {
		if _, name, ok := splitRunID(r.ID); ok && len(r.Kept) > 0 && len(wanted) < keepPages+len(open) {
			wanted = append(wanted, name)
		}
	}
	for _, d := range list {
		if slices.ContainsFunc(wanted, func(name string) bool { return isPageOf(d.Name, name) }) {
			continue
		}
		if err := s.documents.DeleteDocument(ctx, d.Kind, d.Name, nil); err != nil && !errors.Is(err, graph.ErrNotFound) {
			return fmt.Errorf("delete what is kept of a run of %s: %w", schedule, err)
		}
	}
	return nil
}

// isPageOf tells whether a document is a page of the run with that slot part of
// its id, which is the beginning of others where a run was by hand as well.
func isPageOf(document, run string) bool {
	form, ok := strings.CutPrefix(document, run+"-")
	return ok && !strings.HasPrefix(form, "manual-")
}
