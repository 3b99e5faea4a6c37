package ruletest

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing/fstest"

	"roundtrip/graph"
	"roundtrip/graph/strictyaml"
)

// maxBytes is the size of a file of tests with the data in it.
const maxBytes = 8 << 20

func fileKeys() []strictyaml.Key {
	return []strictyaml.Key{
		{Name: "schedule", Type: "text", Required: true, Doc: "The file of the schedule."},
		{Name: "tests", Type: "records", Required: true, Doc: "At least one test.", Keys: []strictyaml.Key{
			{Name: "name", Type: "text", Required: true, Doc: "What it shows."},
			{Name: "data", Type: "arguments", Required: true, Doc: "A folder, or CSV texts by file name."},
			{Name: "then", Type: "arguments", Doc: "What is imported after the earlier run, like data."},
			{Name: "delete", Type: "list", Doc: "Records that go after the earlier run, such as flow/f12."},
			{Name: "before", Type: "date", Doc: "The day of the earlier run; without it there was none."},
			{Name: "day", Type: "date", Required: true, Doc: "The day of the run, such as 2026-01-31."},
			{Name: "only", Type: "list", Doc: "The alerts that are judged; without it all."},
			{Name: "acknowledged", Type: "list", Doc: "Keys of alerts of which somebody has taken note."},
			{Name: "raised", Type: "records", Doc: "All that must be raised, in any order.", Keys: []strictyaml.Key{
				{Name: "alert", Type: "text", Required: true, Doc: "The name of an alert of the schedule."},
				{Name: "key", Type: "text", Doc: "Its key."},
				{Name: "text", Type: "text", Doc: "A part of its sentence."},
				{Name: "muted", Type: "flag", Doc: "Whether it is muted."},
				{Name: "acknowledged", Type: "flag", Doc: "Whether somebody has taken note of it."},
			}},
		}},
	}
}

// File is a file of tests.
type File struct {
	// Schedule is the file of the schedule whose alerts are tested, relative to this
	// one.
	Schedule string
	Tests    []Test
}

// Test is one test.
type Test struct {
	Name string
	// Data is what the graph holds at the earlier run: a folder with files of the
	// import format, relative to the file, or their texts by name.
	Data Data
	// Then is imported after the earlier run: it adds records and changes those that
	// are there.
	Then Data
	// Delete takes records away after the earlier run, such as flow/f12.
	Delete []string
	// Before is the day of the earlier run; without it there was none.
	Before string
	Day    string // of the run that is judged
	// Only are the alerts that are judged; none judges all.
	Only         []string
	Acknowledged []string // keys
	// Raised is all that must be raised, in any order.
	Raised []Want

	line int
}

// Want is one alert that must be raised. Fields that are not given may be
// anything.
type Want struct {
	Alert        string
	Key          string
	Text         string // a part of its sentence
	Muted        *bool
	Acknowledged *bool
}

// Data are CSV files.
type Data struct {
	Folder string
	Files  map[string]string
}

func (d Data) given() bool { return d.Folder != "" || len(d.Files) > 0 }

// in is the data as a file system; dir is where the file of tests lies.
func (d Data) in(dir string) fs.FS {
	if d.Folder != "" {
		if !filepath.IsAbs(d.Folder) {
			return os.DirFS(filepath.Join(dir, d.Folder))
		}
		return os.DirFS(d.Folder)
	}
	files := fstest.MapFS{}
	for name, text := range d.Files {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// Parse reads a file of tests. The error is strictyaml.Faults: every fault at
// once, each with its place.
func Parse(name string, text []byte) (*File, error) {
	r := strictyaml.Read(name, text, strictyaml.Form{What: "file of tests", Holds: "schedule and tests", Keys: fileKeys(), MaxBytes: maxBytes})
	head := r.Root().Object()
	f := &File{Schedule: head.At("schedule").Text()}
	tests := head.At("tests")
	if tests.IsList() && tests.Len() == 0 {
		tests.Fault("", strictyaml.CodeMissing, "is an empty list; want at least one test")
	}
	seen := map[string]bool{}
	for _, item := range tests.Items() {
		t := readTest(item)
		if t.Name != "" && seen[t.Name] {
			item.Fault(t.Name, strictyaml.CodeKeyTwice, "%q is the name of an earlier test; give each a name of its own", strictyaml.Shown(t.Name))
		}
		seen[t.Name] = true
		f.Tests = append(f.Tests, t)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return f, nil
}

func readTest(v strictyaml.Value) Test {
	got := v.Object()
	t := Test{
		Name: got.At("name").Text(), Data: readData(got.At("data")), Then: readData(got.At("then")), Delete: got.At("delete").List(),
		Before: day(got.At("before")), Day: day(got.At("day")), Only: got.At("only").List(), Acknowledged: got.At("acknowledged").List(), line: v.Line(),
	}
	if t.Before == "" {
		for _, change := range []strictyaml.Value{got.At("then"), got.At("delete")} {
			if change.Given() {
				change.Fault("", strictyaml.CodeMissing, "changes something after the earlier run, and before does not say when that was")
			}
		}
	}
	if t.Day != "" && t.Before > t.Day {
		got.At("before").Fault(t.Before, strictyaml.CodeNotAllowed, "is %s, after the day of the run, which is %s", t.Before, t.Day)
	}
	for _, item := range got.At("raised").Items() {
		raised := item.Object()
		t.Raised = append(t.Raised, Want{
			Alert: raised.At("alert").Text(), Key: raised.At("key").Text(), Text: raised.At("text").Text(),
			Muted: flag(raised.At("muted")), Acknowledged: flag(raised.At("acknowledged")),
		})
	}
	return t
}

// readData reads the name of a folder, or texts by file name.
func readData(v strictyaml.Value) Data {
	if v.IsMapping() && v.Len() == 0 {
		v.Fault("", strictyaml.CodeMissing, "is empty; want a folder, or CSV texts by file name")
	}
	if v.Given() && !v.IsMapping() {
		return Data{Folder: v.Text()}
	}
	d := Data{Files: map[string]string{}}
	for _, file := range v.Entries("CSV texts by file name", strictyaml.Key{}) {
		if path.Ext(file.Name()) != ".csv" || strings.ContainsAny(file.Name(), `/\`) {
			file.Fault(file.Name(), strictyaml.CodeMalformed, "%q is not the name of a CSV file, such as flows.csv", strictyaml.Shown(file.Name()))
		}
		d.Files[file.Name()] = file.Text()
	}
	return d
}

func day(v strictyaml.Value) string {
	text := v.Text()
	if d, err := graph.ParseDate(text); err != nil || text != "" && d.Precision() != graph.DayPrecision {
		v.Fault(text, strictyaml.CodeMalformed, "%q is not a day; want one such as 2026-01-31", strictyaml.Shown(text))
	}
	return text
}

// flag is nil where it is not given.
func flag(v strictyaml.Value) *bool {
	if !v.Given() {
		return nil
	}
	b := v.Flag()
	return &b
}
