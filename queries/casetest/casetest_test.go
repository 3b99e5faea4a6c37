package casetest

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func TestACaseReadsItsPartsInOrder(t *testing.T) {
	c, err := parse("a.case", []byte(`Two firms.

-- flows.csv --
id,from,to,kind,amount_usd
f1,a,b,loan,10
-- request --
cycles
as_of = 2025-12-16
# a remark
through = a, b
-- rows --
ring , bottleneck_cents
# a remark
a;b  ,  1000
-- summary --
{"count": 1}
-- request --
coverage
-- finding --
Nothing.
-- native --
`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Doc != "Two firms." || len(c.Asks) != 2 {
		t.Fatalf("read %q and %d requests", c.Doc, len(c.Asks))
	}
	a, b := c.Asks[0], c.Asks[1]
	if a.Analysis != "cycles" || a.Args["through"] != "a, b" || a.Args["as_of"] != "2025-12-16" || len(a.Args) != 2 {
		t.Errorf("first request is %s %v", a.Analysis, a.Args)
	}
	if got := strings.Join(table(a.Header, a.Rows), "\n"); got != "ring | bottleneck_cents\na;b  | 1000" {
		t.Errorf("rows are\n%s", got)
	}
	if a.NativeOnly || !b.NativeOnly || b.Finding != "Nothing." {
		t.Errorf("second request is %+v", b)
	}
}

func TestFurtherBatchesAndUndosComeAfterTheFirstData(t *testing.T) {
	c, err := parse("a.case", []byte(`Two imports.
-- flows.csv --
id,from,to,kind
f1,a,b,loan
-- batch --
may.csv
-- flows.csv --
id,from,to,kind
f2,a,b,loan
-- undo --
b2
-- request --
cycles
-- finding --
Nothing.
`))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Later) != 2 || c.Later[0].Origin != "may.csv" || c.Later[1].Undo != "b2" || c.Later[1].Data != nil {
		t.Fatalf("later is %+v", c.Later)
	}
	for i, data := range []fs.FS{c.Data, c.Later[0].Data} {
		text, err := fs.ReadFile(data, "flows.csv")
		if want := fmt.Sprintf("id,from,to,kind\nf%d,a,b,loan\n", i+1); err != nil || string(text) != want {
			t.Errorf("batch %d is %q (%v), want %q", i+1, text, err, want)
		}
	}
}

func TestABadCaseSaysWhatIsWrong(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"-- flows.csv --\n", "x.case: there is no comment that says what it shows"},
		{"Doc.\n-- flows.csv --\n", "x.case: there is no request"},
		{"Doc.\n-- notes.txt --\n", "x.case: section notes.txt: is neither data nor a request"},
		{"Doc.\n-- data --\nmine\n", `x.case: section data: says "mine", want shipped`},
		{"Doc.\n-- data --\nshipped\n-- flows.csv --\n-- request --\ncycles\n-- error --\nno\n", "x.case: has CSV files beside the shipped data"},
		{"Doc.\n-- flows.csv --\n-- flows.csv --\n", "x.case: section flows.csv: comes twice"},
		{"Doc.\n-- batch --\n", "x.case: section batch: is empty; want where the batch comes from, or the batch to undo"},
		{"Doc.\n-- undo --\nb1\n-- flows.csv --\n", "x.case: section flows.csv: comes after an undo; want a section batch before it"},
		{"Doc.\n-- request --\n", "x.case: section request: does not name an analysis"},
		{"Doc.\n-- request --\nas_of = 2025\n", `x.case: section request: want the name of an analysis before "as_of = 2025"`},
		{"Doc.\n-- request --\ncycles\n2025\n", `x.case: section request: want name = value, have "2025"`},
		{"Doc.\n-- request --\ncycles\nlimit = 1\nlimit = 2\n", "x.case: section request: gives limit twice"},
		{"Doc.\n-- request --\ncycles\n", "x.case: request 1 says nothing of what must come out"},
		{"Doc.\n-- request --\ncycles\n-- rows --\nring\n-- error --\nno\n", "x.case: request 1 wants an error and an answer"},
		{"Doc.\n-- request --\ncycles\n-- rows --\n", "x.case: section rows: want a header that names columns"},
		{"Doc.\n-- request --\ncycles\n-- rows --\nring,ring\n", `x.case: section rows: the header names column "ring" twice or not at all`},
		{"Doc.\n-- request --\ncycles\n-- rows --\nring,id\na\n", "x.case: section rows: record on line 2: wrong number of fields"},
		{"Doc.\n-- request --\ncycles\n-- summary --\n[1]\n", "x.case: section summary: want a JSON object"},
		{"Doc.\n-- request --\ncycles\n-- summary --\n{} {}\n", "x.case: section summary: there is more than one JSON value"},
		{"Doc.\n-- request --\ncycles\n-- row --\nring\n", "x.case: section row: want rows, summary, result, finding, error or native after a request"},
	} {
		_, err := parse("x.case", []byte(tt.text))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q gives\n%v, want\n%s", tt.text, err, tt.want)
		}
	}
}

func TestCasesAreReadInOrderOfTheirPaths(t *testing.T) {
	text := []byte("Doc.\n-- request --\nno\n-- error --\nno\n")
	cases, err := Read(fstest.MapFS{
		"b/testdata/x.case": {Data: text}, "a/testdata/y.case": {Data: text}, "a/testdata/z.txt": {Data: text},
	})
	if err != nil || len(cases) != 2 || cases[0].Name != "a/testdata/y.case" || cases[1].Name != "b/testdata/x.case" {
		t.Errorf("read %v, %v", cases, err)
	}
}

func TestADifferenceBetweenRowsShowsWhichLinesAreMissingAndWhichAreNew(t *testing.T) {
	got := diff([]string{"ring", "n"}, [][]string{{"a;b", "1"}, {"a;c", "2"}, {"b;c", ""}}, [][]string{{"a;b", "1"}, {"a;c", "200"}, {"b;c", ""}, {"c;d", "4"}})
	want := `    ring | n
    a;b  | 1
  - a;c  | 2
  + a;c  | 200
    b;c  |
  + c;d  | 4`
	if got != want {
		t.Errorf("difference is\n%s\nwant\n%s", got, want)
	}
}

func TestOnlyNamedMembersAreComparedAndDifferencesNameTheirPath(t *testing.T) {
	want, _ := readJSON([]byte(`{"count":2,"by":{"a":1,"b":null},"list":[{"x":1},{"x":2}],"short":[1],"gone":"here","ratio":0.5}`))
	got, _ := readJSON([]byte(`{"count":3,"by":{"a":1,"b":0,"c":9},"list":[{"x":1,"y":1},{"x":"2"}],"short":[1,2],"ratio":0.5,"more":true}`))
	text := strings.Join(differs("", want, got), "\n")
	if text != `by.b is 0, want null
count is 3, want 2
gone is missing, want "here"
list[1].x is "2", want 2
short is [1,2], want [1]` {
		t.Error(text)
	}
	if list := differs("", want, want); list != nil {
		t.Errorf("a value differs from itself: %v", list)
	}
}

func TestColumnsOfARequestAreThoseOfItsRowsAndOfTheRowsInItsResult(t *testing.T) {
	result, _ := readJSON([]byte(`{"rows":[{"funders":[]},{"buyer":"a"}]}`))
	a := Ask{Header: []string{"payee", "buyer"}, Result: result}
	if got := strings.Join(a.Columns(), " "); got != "buyer funders payee" {
		t.Errorf("columns are %s", got)
	}
}
