package casetest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"roundtrip/graph/dataset"
	"roundtrip/queries"
)

// Case is one file: a graph and the requests made to it.
type Case struct {
	Name string // path of the file
	Doc  string // what it shows
	Data fs.FS  // CSV files of the import format
	// Later are further imports, and undos, in order.
	Later []Later
	Asks  []Ask
}

// Ask is one request with what it must give.
type Ask struct {
	Analysis string
	Args     queries.Args   // of the lens and of the analysis
	Engine   queries.Engine // the only one that is judged; Auto stands for all

	Header     []string   // columns that the rows name; nil when rows are not judged
	Rows       [][]string // cells in the order of Header
	Summary    any        // decoded JSON, nil when it is not judged
	Result     any        // decoded JSON, nil when it is not judged
	Finding    string
	Error      string
	NativeOnly bool
}

// Read parses every case below a folder, in order of their paths.
func Read(dir fs.FS) ([]Case, error) {
	var cases []Case
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".case") {
			return err
		}
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		c, err := parse(name, text)
		cases = append(cases, c)
		return err
	})
	return cases, err
}

func parse(name string, text []byte) (Case, error) {
	archive := txtar.Parse(text)
	c := Case{Name: name, Doc: strings.TrimSpace(string(archive.Comment))}
	if c.Doc == "" {
		return c, fmt.Errorf("%s: there is no comment that says what it shows", name)
	}
	files, seen := fstest.MapFS{}, map[string]bool{}
	var ask *Ask
	for _, f := range archive.Files {
		var err error
		switch {
		case seen[f.Name]:
			err = fmt.Errorf("comes twice")
		case f.Name == "request":
			c.Asks, seen = append(c.Asks, Ask{}), map[string]bool{}
			ask = &c.Asks[len(c.Asks)-1]
			err = ask.readRequest(string(f.Data))
		case ask != nil:
			seen[f.Name] = true
			err = ask.read(f)
		case f.Name == "data":
			if word := strings.TrimSpace(string(f.Data)); word != "shipped" {
				err = fmt.Errorf("says %q, want shipped", word)
			}
			c.Data = dataset.FS()
		case f.Name == "batch" || f.Name == "undo":
			if err = c.first(files); err == nil {
				seen = map[string]bool{}
				files, err = c.readLater(f.Name, string(f.Data))
			}
		case strings.HasSuffix(f.Name, ".csv") && files == nil:
			err = fmt.Errorf("comes after an undo; want a section batch before it")
		case strings.HasSuffix(f.Name, ".csv"):
			seen[f.Name] = true
			files[f.Name] = &fstest.MapFile{Data: f.Data}
		default:
			err = fmt.Errorf("is neither data nor a request")
		}
		if err != nil {
			return c, fmt.Errorf("%s: section %s: %w", name, f.Name, err)
		}
	}
	if err := c.first(files); err != nil {
		return c, fmt.Errorf("%s: %w", name, err)
	}
	return c, c.check()
}

// first makes the files the first data of the case, unless they belong to what
// comes later.
func (c *Case) first(files fstest.MapFS) error {
	switch {
	case len(c.Later) > 0:
	case c.Data == nil:
		c.Data = files
	case len(files) > 0:
		return fmt.Errorf("has CSV files beside the shipped data")
	}
	return nil
}

func (c *Case) check() error {
	if len(c.Asks) == 0 {
		return fmt.Errorf("%s: there is no request", c.Name)
	}
	for i, a := range c.Asks {
		judged := a.Header != nil || a.Summary != nil || a.Result != nil || a.Finding != ""
		switch {
		case !judged && a.Error == "":
			return fmt.Errorf("%s: request %d says nothing of what must come out", c.Name, i+1)
		case judged && a.Error != "":
			return fmt.Errorf("%s: request %d wants an error and an answer", c.Name, i+1)
		}
	}
	return nil
}

func (a *Ask) readRequest(text string) error {
	a.Args = queries.Args{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, given := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		switch {
		case a.Analysis == "" && !given:
			a.Analysis = name
		case a.Analysis == "":
			return fmt.Errorf("want the name of an analysis before %q", line)
		case !given:
			return fmt.Errorf("want name = value, have %q", line)
		case a.Args[name] != nil:
			return fmt.Errorf("gives %s twice", name)
		default:
			a.Args[name] = strings.TrimSpace(value)
		}
	}
	if a.Analysis == "" {
		return fmt.Errorf("does not name an analysis")
	}
	if engine, ok := a.Args["engine"].(string); ok {
		a.Engine = queries.Engine(engine)
		delete(a.Args, "engine")
	}
	return nil
}

func (a *Ask) read(f txtar.File) (err error) {
	switch f.Name {
	case "rows":
		a.Header, a.Rows, err = readRows(f.Data)
	case "summary":
		a.Summary, err = readJSON(f.Data)
	case "result":
		a.Result, err = readJSON(f.Data)
	case "finding":
		a.Finding = strings.TrimSpace(string(f.Data))
	case "error":
		a.Error = strings.TrimSpace(string(f.Data))
	case "native":
		a.NativeOnly = true
	default:
		err = fmt.Errorf("want rows, summary, result, finding, error or native after a request")
	}
	return err
}

func readRows(text []byte) (header []string, rows [][]string, err error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.TrimLeadingSpace, r.Comment = true, '#'
	all, err := r.ReadAll()
	if err != nil {
		return nil, nil, err
	}
	if len(all) == 0 {
		return nil, nil, fmt.Errorf("want a header that names columns")
	}
	for _, row := range all {
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
	}
	header = all[0]
	for i, name := range header {
		if name == "" || slices.Contains(header[:i], name) {
			return nil, nil, fmt.Errorf("the header names column %q twice or not at all", name)
		}
	}
	return header, all[1:], nil
}

// readJSON keeps numbers as they are written.
func readJSON(text []byte) (value any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("there is more than one JSON value")
	}
	if _, ok := value.(map[string]any); !ok {
		return nil, fmt.Errorf("want a JSON object")
	}
	return value, nil
}

// Columns are the columns that the request judges.
func (a *Ask) Columns() []string {
	columns := slices.Clone(a.Header)
	result, _ := a.Result.(map[string]any)
	rows, _ := result["rows"].([]any)
	for _, row := range rows {
		members, _ := row.(map[string]any)
		for name := range members {
			columns = append(columns, name)
		}
	}
	slices.Sort(columns)
	return slices.Compact(columns)
}

// SummaryFields are the fields of the summary that the request judges.
func (a *Ask) SummaryFields() []string {
	var fields []string
	result, _ := a.Result.(map[string]any)
	for _, summary := range []any{a.Summary, result["summary"]} {
		members, _ := summary.(map[string]any)
		for name := range members {
			fields = append(fields, name)
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}
