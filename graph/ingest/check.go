package ingest

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"math"
	"slices"
	"time"

	"roundtrip/graph"
)

// Existing is what a check needs of a store; every graph.Store has it.
type Existing interface {
	// Revision is the current revision.
	Revision(ctx context.Context) (graph.Revision, error)
	// Records yields the records of some kinds at a revision.
	Records(ctx context.Context, revision uint64, kinds ...graph.RecordKind) iter.Seq2[graph.Record, error]
}

// Options of a check. The zero value is ready to use.
type Options struct {
	// MaxFaults is the number of faults that a report lists; 0 means 100.
	MaxFaults int
	// MaxBytes is the largest unpacked size of all files together; 0 means 16 GiB.
	MaxBytes int64
	// Origin names the import in the list of batches; "" means the name of the source.
	Origin string
	// At is the time of the import, recorded with the batch.
	At time.Time
	// Progress, when set, is told now and then how far the reading is.
	Progress func(Progress)
}

// Progress tells how far the check of an import is.
type Progress struct {
	File  string // the file being read
	Bytes int64  // read so far, of all files
	Total int64  // size of all files; 0 when it is not known
	Rows  int    // rows read so far, of all files
}

func (o Options) withDefaults(name string) Options {
	if o.MaxFaults <= 0 {
		o.MaxFaults = 100
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 16 << 30
	}
	if o.Origin == "" {
		o.Origin = name
	}
	return o
}

// Check reads the files once and compares them with every rule, together with
// what the store holds (nil stands for an empty one). When the report is OK the
// batch is ready for Store.Apply, which reads the files again; its Base is the
// revision that was checked. The batch carries every record of the files: the
// store tells unchanged ones apart. Faults are in the report; the error is for
// files or a store that cannot be read.
func Check(ctx context.Context, src *Source, existing Existing, opts Options) (*Report, graph.Batch, error) {
	opts = opts.withDefaults(src.name)
	c := newChecker(existing, opts)
	for _, f := range src.files {
		c.totalBytes += max(f.size, 0)
	}
	for i, f := range src.faults {
		f.rank, f.row = i-len(src.faults), 0
		c.faults.add(f)
	}
	files, err := c.readAll(ctx, src)
	if err != nil {
		return nil, graph.Batch{}, err
	}
	if err := c.finish(ctx); err != nil {
		return nil, graph.Batch{}, err
	}
	report := c.report()
	if !report.OK() {
		return report, graph.Batch{}, nil
	}
	return report, graph.Batch{
		Origin: opts.Origin, At: opts.At, Base: c.base,
		Records: (&secondReading{checker: c, files: files}).records,
	}, nil
}

// readFile is a file that was read and what its second reading must be like.
type readFile struct {
	sourceFile
	kind fileKind
	rank int
	hash uint64
}

// readAll reads every file once. Outcomes come before legs, because what a leg
// must be like depends on them.
func (c *checker) readAll(ctx context.Context, src *Source) ([]readFile, error) {
	files := make([]readFile, len(src.files))
	for i, f := range src.files {
		files[i] = readFile{sourceFile: f, kind: kindOfFile(f.name), rank: i}
		c.fileNames = append(c.fileNames, f.name)
		if src.lone && files[i].kind == unknownFile {
			kind, err := c.recognise(files[i])
			if err != nil {
				return nil, err
			}
			if files[i].kind = kind; kind == unknownFile {
				return nil, nil
			}
		}
	}
	onlyTransfers := !slices.ContainsFunc(files, func(f readFile) bool { return f.kind != transfersFile })
	if err := c.loadBefore(ctx, onlyTransfers); err != nil {
		return nil, err
	}
	for _, kind := range []fileKind{sourcesFile, companiesFile, chipsFile, dealsFile, outcomesFile, flowsFile, transfersFile, metricsFile} {
		for i := range files {
			if files[i].kind != kind {
				continue
			}
			err := c.readOne(ctx, &files[i])
			if errors.Is(err, errTooLarge) {
				c.fault(place{file: int32(files[i].rank)}, "", "", "", FileTooLarge, fmt.Sprintf("the files have more than %d bytes", c.opts.MaxBytes), "")
				c.blindAll()
				return files, nil
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

// recognise tells by its columns what a file holds.
func (c *checker) recognise(f readFile) (fileKind, error) {
	at := place{file: int32(f.rank), row: 1}
	t, ok, err := openTable(f.sourceFile, unknownFile, func(r io.ReadCloser) io.ReadCloser { return r }, c.seed, c.at(&at, ""))
	if err != nil || !ok {
		if t != nil {
			err = errors.Join(err, t.src.Close())
		}
		return unknownFile, err
	}
	kind := kindOfColumns(t.header)
	if kind == unknownFile {
		c.fault(at, "", "", headerText(t.header), FileUnrecognised, "are not the columns of one kind of file", "")
	}
	return kind, t.src.Close()
}

func headerText(header []string) string {
	var b []byte
	for i, h := range header {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, h...)
	}
	return string(b)
}

// readOne is the first reading of one file.
func (c *checker) readOne(ctx context.Context, f *readFile) (err error) {
	at := place{file: int32(f.rank), row: 1}
	fault := c.at(&at, "")
	t, ok, err := openTable(f.sourceFile, f.kind, c.limited, c.seed, fault)
	if t != nil {
		defer func() { err = errors.Join(err, t.src.Close()) }()
	}
	if err != nil {
		return err
	}
	if !ok || !t.bind(fault) {
		c.blind[f.kind.recordKind()] = true
		if f.kind == flowsFile || f.kind == transfersFile {
			c.blind[graph.CompanyKind], c.blind[graph.DealKind] = true, true
		}
		return nil
	}
	if f.kind == transfersFile {
		err = c.readTransfers(ctx, t, f.rank)
	} else {
		err = c.readRecords(ctx, t, f.rank)
	}
	if errors.Is(err, errRowTooLong) {
		c.blind[f.kind.recordKind()] = true
		return nil
	}
	if err != nil {
		return err
	}
	f.hash, err = t.hash()
	c.progress(f.name, true)
	return err
}

func (c *checker) readRecords(ctx context.Context, t *table, rank int) error {
	at := place{file: int32(rank)}
	key := ""
	fault := func(column, value string, code Code, problem, want string) {
		at.row = int32(min(t.line(), math.MaxInt32))
		c.fault(at, key, column, value, code, problem, want)
	}
	for {
		key = ""
		cells, err := t.next(ctx, fault)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		at.row = int32(min(t.line(), math.MaxInt32))
		if t.idCell < len(cells) && len(cells[t.idCell]) > 0 {
			key = t.kind.recordKind().String() + "/" + shown(string(cells[t.idCell]))
		}
		r, ok := t.record(cells, fault)
		c.add(r, at, ok)
		c.rows++
		c.progress(t.file.name, false)
	}
}

// limited counts and limits what is read of a file.
func (c *checker) limited(src io.ReadCloser) io.ReadCloser {
	return &limitedReader{src: src, bytes: &c.bytes, limit: c.opts.MaxBytes}
}

// at makes a faultFunc for a place that may move.
func (c *checker) at(p *place, record string) faultFunc {
	return func(column, value string, code Code, problem, want string) {
		c.fault(*p, record, column, value, code, problem, want)
	}
}

func (c *checker) progress(file string, now bool) {
	if c.opts.Progress == nil || !now && c.rows&0x3fff != 0 {
		return
	}
	c.opts.Progress(Progress{File: file, Bytes: c.bytes.Load(), Total: c.totalBytes, Rows: c.rows})
}

// secondReading yields the records of files that were checked.
type secondReading struct {
	checker *checker
	files   []readFile
}

// records yields sources, companies, chips, deals, legs, outcomes, metrics,
// those that legs created behind those of the files.
func (s *secondReading) records(yield func(graph.Record, error) bool) {
	c := s.checker
	ranks := []fileKind{sourcesFile, companiesFile, chipsFile, dealsFile, flowsFile, transfersFile, outcomesFile, metricsFile}
	c.transfers.reset()
	for _, kind := range ranks {
		for _, f := range s.files {
			if f.kind == kind && !s.file(f, yield) {
				return
			}
		}
		switch kind {
		case companiesFile:
			for id := range c.createdCompanies() {
				if !yield(&graph.Company{ID: id}, nil) {
					return
				}
			}
		case dealsFile:
			for _, id := range c.createdDeals() {
				if !yield(&graph.Deal{ID: id}, nil) {
					return
				}
			}
		}
	}
}

// file yields the records of one file; false when the consumer has had enough
// or an error was yielded.
func (s *secondReading) file(f readFile, yield func(graph.Record, error) bool) bool {
	more, err := s.read(f, yield)
	if err != nil {
		yield(nil, err)
		return false
	}
	return more
}

func (s *secondReading) read(f readFile, yield func(graph.Record, error) bool) (more bool, err error) {
	changed := fmt.Errorf("%s has changed since it was checked; nothing of the import is kept", f.name)
	bad := false
	fault := func(string, string, Code, string, string) { bad = true }
	t, ok, err := openTable(f.sourceFile, f.kind, func(r io.ReadCloser) io.ReadCloser { return r }, s.checker.seed, fault)
	if t != nil {
		defer func() { err = errors.Join(err, t.src.Close()) }()
	}
	if err != nil {
		return false, err
	}
	if !ok || !t.bind(fault) {
		return false, changed
	}
	if f.kind == transfersFile {
		more, err = s.checker.yieldTransfers(t, fault, yield)
	} else {
		more, err = s.yieldRecords(t, fault, yield)
	}
	switch {
	case bad || errors.Is(err, errRowTooLong):
		return false, changed
	case err != nil || !more:
		return false, err
	}
	sum, err := t.hash()
	if err == nil && sum != f.hash {
		err = changed
	}
	return err == nil, err
}

// yieldRecords yields until the end, the first fault or the consumer's stop.
func (s *secondReading) yieldRecords(t *table, fault faultFunc, yield func(graph.Record, error) bool) (bool, error) {
	for {
		cells, err := t.next(context.Background(), fault)
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		r, ok := t.record(cells, fault)
		if !ok {
			return false, nil
		}
		if f, is := r.(*graph.Flow); is {
			s.checker.complete(f)
		}
		if !yield(r, nil) {
			return false, nil
		}
	}
}

func newChecker(existing Existing, opts Options) *checker {
	return &checker{
		opts: opts, existing: existing, seed: maphash.MakeSeed(),
		faults: faultList{limit: opts.MaxFaults}, warnings: warnings{},
		blind:     map[graph.RecordKind]bool{},
		tally:     map[graph.RecordKind]*Count{},
		ids:       newIDSet(),
		pending:   map[graph.Key]*pendingRef{},
		weak:      map[string]bool{},
		deals:     map[string]recordState{},
		outcomes:  map[string][]outcomeInfo{},
		flowAt:    map[string]int{},
		parties:   newPartyTable(),
		deleted:   map[graph.Key]bool{},
		taken:     map[graph.Key]graph.Record{},
		outcomeOf: map[string]string{},
		touched:   map[string]bool{},
		payeeSeen: map[payeeLeg]bool{},
	}
}
