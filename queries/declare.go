package queries

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
)

// Definition declares an analysis. P is a struct of parameters (tags json,
// default, min, max, enum, refs, doc), R a struct of columns (tags json, title,
// unit, doc), S a struct of summary fields (tags json, doc), F the facts that an
// engine finds: ids, rings and integer cents, nothing derived.
type Definition[P, F, R, S any] struct {
	Name     string // as in URLs: vendor-financing
	Title    string // a few words
	Question string // the reader's question, with its question mark
	Method   string // one paragraph: the definition and what it leaves out
	Formula  string // the definition in symbols, one line
	Origin   string // where the definition or the algorithm comes from: author, title, year
	Order    string // the order of the rows, in words
	Example  Args   // parameters that the example of the documentation needs; nil where it needs none

	// Lens changes the defaults of the lens; nil leaves them.
	Lens func(*graph.Lens)
	// Needs changes the lens that was asked for where the analysis cannot do
	// without: classes that it adds, a basis that it ignores; nil leaves it.
	Needs func(*graph.Lens)
	// Check finds parameters that do not fit each other; nil checks nothing.
	Check func(P) ArgumentErrors
	// Native yields the facts found in the view, in an order that depends on
	// nothing but the view and the parameters.
	Native func(ctx context.Context, in Scope, p P, yield func(F) bool) (Truncation, error)
	// Twin finds the same facts in Neo4j; nil where Cypher cannot express it.
	Twin *Twin[P, F]
	// Finish makes the facts of either engine into the answer. It reads all of
	// them.
	Finish func(in Scope, p P, facts iter.Seq[F]) (Answer[R, S], error)
	// Charts are pictures of the answer, where they say more than its tables;
	// nil draws none.
	Charts func(in Scope, p P, rows []R, summary S) []Chart
}

// Scope is what both engines and the finishing step may look at.
type Scope struct {
	View *snapshot.View
	Lens graph.Lens
	// Past reads earlier revisions of the graph, for analyses that compare them.
	Past Past
}

// Past is the history of a graph.
type Past interface {
	// At is the graph at a revision; graph.ErrNotFound for one above the current.
	At(ctx context.Context, revision uint64) (*snapshot.Snapshot, error)
	// History is the versions of one record as in graph.Store; none where what is
	// behind the graph keeps no history.
	History(ctx context.Context, key graph.Key) ([]graph.Version, error)
}

// Twin is the Cypher form of an analysis.
type Twin[P, F any] struct {
	// Text is query.cypher; a line "//lens legs" or "//lens edges" stands for the
	// lens fragment, see Render.
	Text string
	// Lens changes the lens for the fragment in the text alone; nil leaves it.
	Lens func(*graph.Lens)
	// Args are parameters of the text beside those of the lens; nil adds none.
	Args func(in Scope, p P) map[string]any
	// Shown says how rows are put before people in Neo4j Browser; nil is the zero
	// Shown.
	Shown func(in Scope, p P) Shown
	// Native tells that these parameters need the native engine, and why; nil
	// or "" allows both.
	Native func(p P) string
	// Fact reads one row; nil reads it with Scan.
	Fact func(row Record) (F, error)
}

// Answer is the finished form of the facts.
type Answer[R, S any] struct {
	Rows      []R
	Legs      func(R) []string // the legs that a row rests on, by date, then id
	Summary   S
	Finding   string // one plain sentence made from the rows
	Truncated Truncation
	Warnings  []Warning
}

// Analysis is a declared analysis, ready for a Runner.
type Analysis struct {
	Name     string
	Title    string
	Question string
	Method   string
	Formula  string
	Origin   string
	Order    string
	Example  Args
	Params   []Param
	Columns  []Column
	Summary  []Column // the fields of the summary
	Lens     graph.Lens
	HasTwin  bool

	run run
}

// run hides the type parameters of a Definition.
type run struct {
	changeLens func(*graph.Lens)
	newParams  func(Args, []string) (any, ArgumentErrors)
	needs      func(params any) string // why only the native engine can, "" where both can
	native     func(ctx context.Context, in Scope, params any) (answer, error)
	statement  func(in Scope, params any) (Statement, error)
	cypher     func(in Scope, params any, rows iter.Seq2[Record, error]) (answer, error)
}

// answer is an Answer without its types.
type answer struct {
	rows      []Row
	summary   any
	finding   string
	truncated Truncation
	warnings  []Warning
	charts    func() []Chart // nil draws none
}

// Declare makes a Definition into an Analysis. It panics when the declaration
// is not complete, which the test of the catalogue shows.
func Declare[P, F, R, S any](d Definition[P, F, R, S]) *Analysis {
	if d.Name == "" || d.Title == "" || d.Question == "" || d.Method == "" || d.Formula == "" || d.Origin == "" || d.Native == nil || d.Finish == nil {
		panic(fmt.Sprintf("queries: the declaration of %q is not complete", d.Name))
	}
	lens := graph.DefaultLens()
	if d.Lens != nil {
		d.Lens(&lens)
	}
	params := paramsOf(reflect.TypeFor[P]())
	for _, taken := range slices.Concat(LensParams(), RequestParams()) {
		if slices.ContainsFunc(params, func(p Param) bool { return p.Name == taken.Name }) {
			panic(fmt.Sprintf("queries: %s has a parameter %s, which every request has", d.Name, taken.Name))
		}
	}
	a := &Analysis{
		Name: d.Name, Title: d.Title, Question: d.Question, Method: d.Method, Formula: d.Formula, Origin: d.Origin, Order: d.Order, Example: d.Example,
		Params: params, Columns: columnsOf(reflect.TypeFor[R]()), Summary: columnsOf(reflect.TypeFor[S]()),
		Lens: lens, HasTwin: d.Twin != nil,
	}
	for _, c := range a.Columns {
		name := strings.TrimPrefix(c.When, "!")
		if name != "" && !slices.ContainsFunc(params, func(p Param) bool { return p.Name == name && p.Type == "flag" }) {
			panic(fmt.Sprintf("queries: the column %s of %s is for a parameter %s, which is none that is yes or no", c.Name, d.Name, name))
		}
	}
	a.run.changeLens = func(l *graph.Lens) {
		if d.Needs != nil {
			d.Needs(l)
		}
	}
	a.run.newParams = func(given Args, allowed []string) (any, ArgumentErrors) {
		var p P
		v := reflect.ValueOf(&p).Elem()
		setDefaults(params, v)
		if bad := fill(params, v, given, allowed); len(bad) > 0 {
			return p, bad
		}
		if d.Check != nil {
			return p, d.Check(p)
		}
		return p, nil
	}
	done := func(in Scope, p P, ans Answer[R, S], cut Truncation, err error) (answer, error) {
		out, err := erase(a.Columns, ans, cut, err)
		if err == nil && d.Charts != nil {
			out.charts = func() []Chart { return d.Charts(in, p, ans.Rows, ans.Summary) }
		}
		return out, err
	}
	a.run.native = func(ctx context.Context, in Scope, params any) (answer, error) {
		p := params.(P)
		var cut Truncation
		var failed error
		ans, err := d.Finish(in, p, func(yield func(F) bool) { cut, failed = d.Native(ctx, in, p, yield) })
		return done(in, p, ans, cut, firstError(failed, err))
	}
	a.run.needs = func(params any) string {
		switch {
		case d.Twin == nil:
			return d.Name + " is native only: Cypher cannot express it"
		case d.Twin.Native != nil:
			return d.Twin.Native(params.(P))
		}
		return ""
	}
	if d.Twin != nil {
		read := d.Twin.Fact
		if read == nil {
			read = func(row Record) (f F, err error) { return f, Scan(row, &f) }
		}
		a.run.statement = func(in Scope, params any) (Statement, error) {
			var args map[string]any
			if d.Twin.Args != nil {
				args = d.Twin.Args(in, params.(P))
			}
			lens := in.Lens
			if d.Twin.Lens != nil {
				d.Twin.Lens(&lens)
			}
			s, err := Render(d.Twin.Text, lens, in.View.Revision().Number, args)
			if err != nil {
				return s, err
			}
			var shown Shown
			if d.Twin.Shown != nil {
				shown = d.Twin.Shown(in, params.(P))
			}
			s.Literal, s.Draw = s.table(shown), s.draw(shown, cypherLens{lens})
			return s, nil
		}
		a.run.cypher = func(in Scope, params any, rows iter.Seq2[Record, error]) (answer, error) {
			var failed error
			p := params.(P)
			ans, err := d.Finish(in, p, func(yield func(F) bool) {
				for row, err := range rows {
					if err != nil {
						failed = err
						return
					}
					f, err := read(row)
					if err != nil {
						failed = fmt.Errorf("reading a row of %s from Cypher: %w", d.Name, err)
						return
					}
					if !yield(f) {
						return
					}
				}
			})
			return done(in, p, ans, Truncation{}, firstError(failed, err))
		}
	}
	return a
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func erase[R, S any](columns []Column, ans Answer[R, S], cut Truncation, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	out := answer{rows: make([]Row, len(ans.Rows)), summary: ans.Summary, finding: ans.Finding, truncated: ans.Truncated, warnings: ans.Warnings}
	if cut.Is {
		out.truncated, out.finding = cut, "Found before the search was cut short: "+ans.Finding
	}
	for i := range ans.Rows {
		v := reflect.ValueOf(&ans.Rows[i]).Elem()
		values := make([]any, 0, len(columns))
		for j := range v.NumField() {
			if v.Type().Field(j).Tag.Get("json") != "-" {
				values = append(values, pointedAt(v.Field(j)))
			}
		}
		out.rows[i] = Row{Values: values}
		if ans.Legs != nil {
			out.rows[i].Legs = ans.Legs(ans.Rows[i])
		}
	}
	return out, nil
}

// pointedAt is the value of a field; a pointer stands for a value that may be
// unknown, and then for nil.
func pointedAt(field reflect.Value) any {
	if field.Kind() != reflect.Pointer {
		return field.Interface()
	}
	if field.IsNil() {
		return nil
	}
	return field.Elem().Interface()
}

// columnsOf reads the columns from the tags of a struct: json (name), title,
// type (where the Go type does not tell), unit, key, detail, when, doc. Fields named
// "-" are left out.
func columnsOf(t reflect.Type) []Column {
	var list []Column
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("json")
		if name == "-" {
			continue
		}
		c := Column{Name: name, Title: f.Tag.Get("title"), Type: f.Tag.Get("type"), Unit: f.Tag.Get("unit"), Description: f.Tag.Get("doc"), Key: f.Tag.Get("key") == "true", Detail: f.Tag.Get("detail") == "true", Nullable: f.Type.Kind() == reflect.Pointer, When: f.Tag.Get("when")}
		if c.Type == "" {
			c.Type = columnType(f.Type)
		}
		if c.Title == "" {
			c.Title = name
		}
		if c.Unit == "" {
			c.Unit = unitOf(c.Type)
		}
		if name == "" || c.Description == "" {
			panic(fmt.Sprintf("queries: column %s.%s has no name or no sentence", t, f.Name))
		}
		list = append(list, c)
	}
	return list
}

func columnType(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[graph.Money]():
		return "money"
	case reflect.TypeFor[[]graph.Money]():
		return "money_list"
	case reflect.TypeFor[graph.Decimal]():
		return "ratio"
	case reflect.TypeFor[graph.Date]():
		return "date"
	case reflect.TypeFor[[]string]():
		return "list"
	case reflect.TypeFor[[][]string]():
		return "leg_lists"
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "count"
	case reflect.Bool:
		return "flag"
	case reflect.String:
		return "text"
	default:
		return "object"
	}
}
