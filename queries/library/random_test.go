package library_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/snapshot/graphgen"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
	"roundtrip/queries/library/viewtest"
	"roundtrip/queries/render"
)

var (
	randomTime = flag.Duration("random-time", time.Minute, "time for random graphs in the comparison of the engines")
	randomSeed = flag.Uint64("random-seed", 0, "seed of the first random graph in the comparison of the engines")
)

// Random graphs and requests: the native engine over the embedded store, the
// native engine over Neo4j and Cypher in Neo4j give the same bytes. Every
// analysis takes part that has a Cypher form.
//
// Planning a statement takes Neo4j a hundred times as long as running it on a
// small graph, and each shape of a lens is another statement. So a few shapes are
// in use at a time, each with many days, companies and kinds, and with every
// graph a new shape takes the place of the oldest.
func TestTheEnginesAgreeOnRandomGraphs(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a Neo4j and a minute")
	}
	p := newPair(t)
	end := time.Now().Add(*randomTime)
	var shapes []graph.Lens
	graphs := uint64(0)
	// A slow machine goes on until every twin has had a row.
	for ; time.Now().Before(end) || len(p.silent()) > 0 && graphs < 60; graphs++ {
		seed := *randomSeed + graphs
		c := chooser{rand.New(rand.NewPCG(seed, 2))}
		records := c.graph(seed)
		p.hold(t, records)
		shapes = append(shapes, graphgen.RandomLens(seed, records))
		if len(shapes) == 1 {
			shapes = append(shapes, graph.DefaultLens())
		}
		if len(shapes) > 6 {
			shapes = slices.Delete(shapes, 0, 1)
		}
		for _, shape := range shapes {
			for range 3 {
				p.askAll(t, seed, records, lensArgs(c.vary(shape, records)), c)
			}
		}
	}
	t.Logf("%d graphs; rows on which both engines agree: %v", graphs, p.rows)
	for _, name := range p.silent() {
		t.Errorf("%s never had a row", name)
	}
}

// askAll asks every analysis once under the lens.
func (p *pair) askAll(t *testing.T, seed uint64, records []graph.Record, lens queries.Args, c chooser) {
	t.Helper()
	for _, a := range library.All() {
		if !a.HasTwin {
			continue
		}
		for ran, tries := false, 0; !ran && tries < 3; tries++ { // some arguments only the native engine knows
			req := queries.Request{Analysis: a.Name, Lens: lens, Params: c.params(a, records)}
			var difference string
			if ran, difference = p.differ(t, req); difference != "" {
				p.report(t, seed, records, req)
			}
		}
	}
}

// pair is two stores that hold the same graph.
type pair struct {
	stores  [2]graph.Store
	runners [2]*queries.Runner
	held    []graph.Record
	rows    map[string]int // by analysis, of answers in which the engines agreed
}

// silent are the analyses with a twin that never had a row.
func (p *pair) silent() []string {
	var names []string
	for _, a := range library.All() {
		if a.HasTwin && p.rows[a.Name] == 0 {
			names = append(names, a.Name)
		}
	}
	return names
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{rows: map[string]int{}}
	for i, s := range []casetest.Store{embedded(), inNeo4j()} {
		store, cypher := s.New(t)
		p.stores[i] = store
		p.runners[i] = queries.NewRunner(queries.Options{
			Catalogue: library.All(), Live: queries.NewLive(store), Cypher: cypher, Now: casetest.Now, Timeout: time.Minute,
		})
	}
	return p
}

// hold puts the records in the place of those held so far, in one batch.
func (p *pair) hold(t *testing.T, records []graph.Record) {
	t.Helper()
	keep := map[graph.Key]bool{}
	for _, r := range records {
		keep[r.Key()] = true
	}
	b := graph.Batch{Origin: "random", At: casetest.Now(), Records: yieldAll(records)}
	for _, r := range p.held {
		if !keep[r.Key()] {
			b.Deletes = append(b.Deletes, r.Key())
		}
	}
	for _, s := range p.stores {
		if _, err := s.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	p.held = records
}

func yieldAll(records []graph.Record) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// differ is how the three answers differ, "" when they do not. It is false when
// only the native engine can answer the request, or none can.
func (p *pair) differ(t *testing.T, req queries.Request) (ran bool, difference string) {
	t.Helper()
	rows := 0
	ask := func(r *queries.Runner, engine queries.Engine) (string, error) {
		req.Engine = engine
		res, err := r.Run(t.Context(), req)
		if err != nil {
			return err.Error(), err
		}
		rows = len(res.Rows)
		res.Engine, res.Elapsed, res.Cypher = "", 0, nil
		var b bytes.Buffer
		if err := render.Write(&b, "json", res); err != nil {
			t.Fatal(err)
		}
		return b.String(), nil
	}
	embedded, _ := ask(p.runners[0], queries.Native)
	native, _ := ask(p.runners[1], queries.Native)
	if d := firstDifference(embedded, native); d != "" {
		return true, "native on sqlite (-) and on neo4j (+)\n" + d
	}
	cypher, err := ask(p.runners[1], queries.Cypher)
	if errors.Is(err, queries.ErrEngine) {
		return false, ""
	}
	if d := firstDifference(native, cypher); d != "" {
		return true, "native (-) and cypher (+) on neo4j\n" + d
	}
	if err == nil {
		p.rows[req.Analysis] += rows
	}
	return err == nil, ""
}

// firstDifference shows the first lines in which two answers differ.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(x), len(y)) {
		line := func(lines []string) string {
			if i < len(lines) {
				return lines[i]
			}
			return ""
		}
		if p, q := line(x), line(y); p != q {
			same := 0
			for same < min(len(p), len(q)) && p[same] == q[same] {
				same++
			}
			from := max(0, same-200)
			return fmt.Sprintf("- %.600s\n+ %.600s", p[from:], q[from:])
		}
	}
	return ""
}

// report fails the test with the smallest graph that it finds for which the
// answers still differ.
func (p *pair) report(t *testing.T, seed uint64, records []graph.Record, req queries.Request) {
	t.Helper()
	end := time.Now().Add(time.Minute)
	for smaller := true; smaller; {
		smaller = false
		for i := len(records) - 1; i >= 0 && time.Now().Before(end); i-- {
			if i >= len(records) {
				continue
			}
			if f, ok := records[i].(*graph.Flow); ok && f.ParentFlowID != "" {
				alone := *f
				alone.ParentFlowID = ""
				try := slices.Clone(records)
				try[i] = &alone
				p.hold(t, try)
				if _, d := p.differ(t, req); d != "" {
					records = try
				}
			}
			if o, ok := records[i].(*graph.Outcome); ok && o.StatusAfter != "" {
				continue // its leg would have another status than it says
			}
			try := without(records, records[i].Key())
			p.hold(t, try)
			if _, d := p.differ(t, req); d != "" {
				records, smaller = try, true
			}
		}
	}
	p.hold(t, records)
	_, difference := p.differ(t, req)
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "%s %s\n", r.Key().Kind, graph.AppendCanonical(nil, r))
	}
	t.Fatalf("seed %d: %s\nlens %v\nparams %v\n%s\nof the graph\n%s", seed, req.Analysis, req.Lens, req.Params, difference, b.String())
}

// without is the records but for this one and all that name it.
func without(records []graph.Record, key graph.Key) []graph.Record {
	if i := slices.IndexFunc(records, func(r graph.Record) bool { return r.Key() == key }); i >= 0 {
		records = slices.Delete(slices.Clone(records), i, i+1)
	}
	needle := []byte(strconv.Quote(key.ID))
	for _, r := range records {
		if bytes.Contains(graph.AppendCanonical(nil, r), needle) {
			records = without(records, r.Key())
		}
	}
	return records
}

type chooser struct{ r *rand.Rand }

func (c chooser) below(n int) int { return c.r.IntN(n) }

func (c chooser) oneIn(n int) bool { return c.below(n) == 0 }

// graph is a random graph: every second time one that is thick with funding and
// payments between few firms.
func (c chooser) graph(seed uint64) []graph.Record {
	if seed%2 == 0 {
		records, _ := viewtest.Random(seed + 1)
		return records
	}
	return graphgen.Random(seed, graphgen.Options{Companies: 2 + c.below(6), Legs: 10 + c.below(40), Money: c.oneIn(3)})
}

// vary is a lens of the same shape: the same statement with other parameters.
func (c chooser) vary(shape graph.Lens, records []graph.Record) graph.Lens {
	l := shape
	if !l.AsOf.Known() || c.oneIn(2) {
		l.AsOf = graphgen.RandomLens(c.r.Uint64(), records).AsOf
	}
	if len(shape.Kinds) > 0 {
		kinds := graph.FlowKinds()
		l.Kinds = nil
		for range 1 + c.below(6) {
			l.Kinds = append(l.Kinds, kinds[c.below(len(kinds))].Kind)
		}
	}
	if len(shape.Companies) > 0 {
		l.Companies = nil
		for _, r := range records {
			if r.Key().Kind == graph.CompanyKind && (l.Companies == nil || !c.oneIn(3)) {
				l.Companies = append(l.Companies, r.Key().ID)
			}
		}
	}
	return l
}

// params are random arguments of an analysis; most keep their defaults.
func (c chooser) params(a *queries.Analysis, records []graph.Record) queries.Args {
	var companies, chips []string
	for _, r := range records {
		switch r.Key().Kind {
		case graph.CompanyKind:
			companies = append(companies, r.Key().ID)
		case graph.ChipKind:
			chips = append(chips, r.Key().ID)
		}
	}
	args := queries.Args{}
	for _, p := range a.Params {
		required := p.Default == "" && p.Refs != "" && p.Type == "text"
		if p.Name == "timeout" || p.Name == "level" || !c.oneIn(3) && !(required && c.oneIn(2)) {
			continue
		}
		ids := companies
		if p.Refs == "chip" {
			ids = chips
		}
		if text := c.value(p, ids); text != "" {
			args[p.Name] = text
		}
	}
	return args
}

// value is a random value of a parameter, "" for none.
func (c chooser) value(p queries.Param, ids []string) string {
	switch {
	case len(p.Enum) > 0:
		return p.Enum[c.below(len(p.Enum))]
	case p.Refs != "" && p.Type == "list":
		var list []string
		for range 1 + c.below(3) {
			if len(ids) > 0 {
				list = append(list, ids[c.below(len(ids))])
			}
		}
		return strings.Join(list, ",")
	case p.Refs != "":
		if len(ids) == 0 {
			return ""
		}
		return ids[c.below(len(ids))]
	case p.Type == "integer":
		least, _ := strconv.Atoi(p.Minimum)
		return strconv.Itoa(least + c.below(6))
	case p.Type == "flag":
		return strconv.FormatBool(c.oneIn(2))
	case p.Type == "money":
		return []string{"0", "0.01", "1m", "5bn"}[c.below(4)]
	case p.Type == "number":
		return []string{"0", "0.1", "0.5", "1"}[c.below(4)]
	}
	return ""
}

// lensArgs is a lens as a request gives it.
func lensArgs(l graph.Lens) queries.Args {
	kinds := make([]string, len(l.Kinds))
	for i, k := range l.Kinds {
		kinds[i] = string(k)
	}
	args := queries.Args{
		"as_of": l.AsOf.String(), "basis": string(l.Basis), "amount": string(l.Amount), "classes": l.Classes.String(),
		"rollup": l.Rollup, "aggregates": l.Aggregates, "overlaps": l.Overlaps, "conditional": string(l.Conditional),
		"min_amount": l.MinAmount.String(), "kinds": strings.Join(kinds, ","), "companies": strings.Join(l.Companies, ","),
	}
	maps.DeleteFunc(args, func(_ string, value any) bool { return value == "" })
	return args
}
