package ruletest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"

	"gopkg.in/yaml.v3"

	"roundtrip/graph"
)

// File is a file of tests.
type File struct {
	// Schedule is the file of the schedule whose alerts are tested, relative to this
	// one.
	Schedule string `yaml:"schedule"`
	Tests    []Test `yaml:"tests"`
}

// Test is one test.
type Test struct {
	Name string `yaml:"name"`
	// Data is what the graph holds at the earlier run: a folder with files of the
	// import format, relative to the file, or their texts by name.
	Data Data `yaml:"data"`
	// Then is imported after the earlier run: it adds records and changes those that
	// are there.
	Then Data `yaml:"then"`
	// Delete takes records away after the earlier run, such as flow/f12.
	Delete []string `yaml:"delete"`
	// Before is the day of the earlier run; without it there was none.
	Before string `yaml:"before"`
	Day    string `yaml:"day"` // of the run that is judged
	// Only are the alerts that are judged; none judges all.
	Only         []string `yaml:"only"`
	Acknowledged []string `yaml:"acknowledged"` // keys
	// Raised is all that must be raised, in any order.
	Raised []Want `yaml:"raised"`

	line int
}

// Want is one alert that must be raised. Fields that are not given may be
// anything.
type Want struct {
	Alert        string `yaml:"alert"`
	Key          string `yaml:"key"`
	Text         string `yaml:"text"` // a part of its sentence
	Muted        *bool  `yaml:"muted"`
	Acknowledged *bool  `yaml:"acknowledged"`
}

// Data are CSV files.
type Data struct {
	Folder string
	Files  map[string]string
}

// UnmarshalYAML reads the name of a folder, or texts by file name.
func (d *Data) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&d.Folder)
	}
	return n.Decode(&d.Files)
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

// Parse reads a file of tests. Errors name the line.
func Parse(name string, text []byte) (*File, error) {
	f := &File{}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(f); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: is empty; want schedule and tests", name)
		}
		return nil, fmt.Errorf("%s: %s", name, plain(err))
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("%s: %s", name, plain(err))
	}
	lines := testLines(&root)
	var faults []error
	fault := func(line int, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s:%d: %s", name, line, fmt.Sprintf(format, args...)))
	}
	if f.Schedule == "" {
		fault(1, "schedule is missing; want the file of the schedule")
	}
	if len(f.Tests) == 0 {
		fault(1, "there is no test in tests")
	}
	seen := map[string]bool{}
	for i := range f.Tests {
		t := &f.Tests[i]
		if i < len(lines) {
			t.line = lines[i]
		}
		for _, problem := range t.faults() {
			fault(t.line, "%s", problem)
		}
		if seen[t.Name] {
			fault(t.line, "two tests are called %q", t.Name)
		}
		seen[t.Name] = true
	}
	return f, errors.Join(faults...)
}

func (t *Test) faults() (list []string) {
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if strings.TrimSpace(t.Name) == "" {
		add("a test has no name; want what it shows")
	}
	if !t.Data.given() {
		add("data is missing; want a folder, or CSV texts by file name")
	}
	for _, d := range []Data{t.Data, t.Then} {
		for _, file := range slices.Sorted(maps.Keys(d.Files)) {
			if path.Ext(file) != ".csv" || strings.ContainsAny(file, `/\`) {
				add("%q is not the name of a CSV file, such as flows.csv", file)
			}
		}
	}
	if t.Before == "" && (t.Then.given() || len(t.Delete) > 0) {
		add("something changes after the earlier run, and before does not say when that was")
	}
	if t.Day == "" {
		add("day is missing; want the day of the run, such as 2026-01-31")
	}
	for _, day := range []string{t.Before, t.Day} {
		if d, err := graph.ParseDate(day); err != nil || day != "" && d.Precision() != graph.DayPrecision {
			add("%q is not a day; want one such as 2026-01-31", day)
		}
	}
	if t.Before > t.Day {
		add("before is %s, after the day of the run, which is %s", t.Before, t.Day)
	}
	for _, w := range t.Raised {
		if w.Alert == "" {
			add("something raised has no alert; want the name of one of the schedule")
		}
	}
	return list
}

// testLines are the lines at which the tests begin.
func testLines(root *yaml.Node) (lines []int) {
	if len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	top := root.Content[0].Content
	for i := 0; i+1 < len(top); i += 2 {
		if top[i].Value == "tests" {
			for _, n := range top[i+1].Content {
				lines = append(lines, n.Line)
			}
		}
	}
	return lines
}

// plain is an error of the YAML library without the types of this package.
func plain(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.ReplaceAll(strings.TrimPrefix(text, "unmarshal errors:\n  "), "\n  ", "; ")
	return regexp.MustCompile(`field (\S+) not found in type \S+`).ReplaceAllString(text, "there is no key $1")
}
