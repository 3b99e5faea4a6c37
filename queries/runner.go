package queries

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/graph/snapshot"
)

// CypherSource runs a read-only statement in the database that holds the graph.
type CypherSource interface {
	// Query yields the rows in order and the revision that the statement saw.
	Query(ctx context.Context, text string, params map[string]any) (rows []Record, revision uint64, err error)
}

// Options are what a Runner works with.
type Options struct {
	Catalogue     Catalogue
	Live          *Live
	Cypher        CypherSource        // nil where the store is not Neo4j
	Now           func() time.Time    // the clock that fills in as_of
	Probabilities graph.Probabilities // of states, for basis expected; nil for the shipped ones
	Timeout       time.Duration       // of one analysis when the context has no nearer deadline
	CypherLegs    int                 // Auto prefers Cypher up to this many legs under the lens
	Browser       string              // address of Neo4j Browser, which statements link to; "" links nowhere
}

// Runner is the one door. It is safe for use from several goroutines.
type Runner struct{ o Options }

// NewRunner is a Runner with those options. Zero values get defaults: 30 s, and
// 5,000 legs.
func NewRunner(o Options) *Runner {
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.CypherLegs = cmp.Or(o.CypherLegs, 5000)
	if o.Probabilities == nil {
		o.Probabilities = graph.DefaultProbabilities()
	}
	return &Runner{o: o}
}

// Catalogue is the analyses that the Runner knows.
func (r *Runner) Catalogue() Catalogue { return r.o.Catalogue }

// Engines are what can find the facts of the analysis on this store.
func (r *Runner) Engines(a *Analysis) []Engine {
	if a.HasTwin && r.o.Cypher != nil {
		return []Engine{Native, Cypher}
	}
	return []Engine{Native}
}

// Snapshot is the graph at the current revision.
func (r *Runner) Snapshot(ctx context.Context) (*snapshot.Snapshot, error) {
	return r.o.Live.Snapshot(ctx)
}

// snapshotAt is the graph at a revision, the current one for 0.
func (r *Runner) snapshotAt(ctx context.Context, revision uint64) (*snapshot.Snapshot, error) {
	if revision == 0 {
		return r.Snapshot(ctx)
	}
	s, err := r.o.Live.At(ctx, revision)
	if errors.Is(err, graph.ErrNotFound) {
		now, err := r.Snapshot(ctx)
		if err != nil {
			return nil, err
		}
		return nil, ArgumentErrors{{
			Name: "revision", Given: strconv.FormatUint(revision, 10),
			Problem: fmt.Sprintf("there is no such revision; want 1 to %d", now.Revision().Number),
		}}
	}
	return s, err
}

// Prepared is a request that was decoded and checked against the graph of one
// revision. Together with that revision it determines the answer.
type Prepared struct {
	Analysis *Analysis
	Lens     graph.Lens
	Params   any
	Engine   Engine
	Scenario *scenario.Scenario // nil for the graph as it is
	Draws    int
	Seed     uint64

	runner *Runner
	view   *snapshot.View
	effect *scenario.Effect
	past   bool // an earlier revision was asked for by its number
}

// Lens decodes lens arguments over the given defaults: as_of is filled in from
// the clock and the probabilities from the configuration. The error is an
// ArgumentErrors.
func (r *Runner) Lens(defaults graph.Lens, given Args, allowed []string) (graph.Lens, error) {
	lens := defaults
	lens.Probabilities = r.o.Probabilities
	if bad := fill(LensParams(), reflect.ValueOf(&lens).Elem(), given, allowed); len(bad) > 0 {
		return lens, bad
	}
	if !lens.AsOf.Known() {
		lens.AsOf = graph.On(graph.DayOf(r.o.Now().UTC()))
	}
	return lens, nil
}

// View is the graph under a lens without an analysis, for drawing.
func (r *Runner) View(ctx context.Context, given Args) (*snapshot.View, error) {
	view, _, err := r.ViewUnder(ctx, given, nil)
	return view, err
}

// ViewUnder is the graph under a lens and a scenario, and what the scenario
// changed; nil for none. The scenario may choose the day.
func (r *Runner) ViewUnder(ctx context.Context, given Args, under *scenario.Scenario) (*snapshot.View, *ScenarioUsed, error) {
	defaults := graph.DefaultLens()
	if under != nil {
		defaults.AsOf = under.AsOf
	}
	lens, err := r.Lens(defaults, given, Names(LensParams()))
	if err != nil {
		return nil, nil, err
	}
	snap, err := r.Snapshot(ctx)
	if err != nil {
		return nil, nil, err
	}
	var used *ScenarioUsed
	if under != nil {
		used = &ScenarioUsed{Name: under.Name, Title: under.Title, Note: under.Note}
		if snap, used.Effect, err = under.Apply(ctx, snap); err != nil {
			return nil, nil, scenarioFaults(err)
		}
	}
	view, err := viewOf(ctx, snap, lens)
	return view, used, err
}

// Prepare decodes and checks a request. The error is ErrUnknownAnalysis,
// ErrEngine or an ArgumentErrors where the request is at fault.
func (r *Runner) Prepare(ctx context.Context, req Request) (*Prepared, error) {
	return r.prepare(ctx, req, func() (*snapshot.Snapshot, error) { return r.snapshotAt(ctx, req.Revision) })
}

// prepare is Prepare on a graph that is read when the request was decoded.
func (r *Runner) prepare(ctx context.Context, req Request, read func() (*snapshot.Snapshot, error)) (*Prepared, error) {
	a, err := r.o.Catalogue.Find(req.Analysis)
	if err != nil {
		return nil, err
	}
	allowed := a.allowed()
	defaults := a.Lens
	if req.Scenario != nil {
		defaults.AsOf = req.Scenario.AsOf // the day that it starts from, where it names one
	}
	lens, lensErr := r.Lens(defaults, req.Lens, allowed)
	params, bad := a.run.newParams(req.Params, allowed)
	bad = append(bad, req.drawFaults(a)...)
	if errs := gather(lensErr, bad); len(errs) > 0 {
		return nil, errs
	}
	snap, err := read()
	if err != nil {
		return nil, err
	}
	p := &Prepared{Analysis: a, Params: params, Scenario: req.Scenario, past: req.Revision > 0, Draws: req.Draws, Seed: req.Seed, runner: r}
	if p.Scenario != nil {
		if snap, p.effect, err = p.Scenario.Apply(ctx, snap); err != nil {
			return nil, scenarioFaults(err)
		}
	}
	asked := lens.Basis
	a.run.changeLens(&lens)
	if p.view, err = viewOf(ctx, snap, lens); err != nil {
		return nil, err
	}
	p.Lens = p.view.Lens()
	p.Lens.Basis = asked // AnyState is not one that can be asked for
	p.Engine, err = r.choose(a, params, req, p.view.NumLegs())
	return p, err
}

// Run answers a request.
func (r *Runner) Run(ctx context.Context, req Request) (*Result, error) {
	ctx, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	for {
		p, err := r.Prepare(ctx, req)
		if err != nil {
			return nil, err
		}
		res, err := p.Run(ctx)
		if !errors.Is(err, ErrMoved) {
			return res, err
		}
		select { // a write is under way; its revision is published in a moment
		case <-ctx.Done():
			return nil, ErrMoved
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (r *Runner) choose(a *Analysis, params any, req Request, legs int) (Engine, error) {
	switch req.Engine {
	case Native:
		return Native, nil
	case Cypher:
		if req.Revision > 0 {
			return "", fmt.Errorf("%w: an earlier revision needs the native engine", ErrEngine)
		}
		if req.Scenario != nil {
			return "", fmt.Errorf("%w: a scenario is never written to Neo4j; it needs the native engine", ErrEngine)
		}
		if why := a.run.needs(params); why != "" {
			return "", fmt.Errorf("%w: %s", ErrEngine, why)
		}
		if r.o.Cypher == nil {
			return "", fmt.Errorf("%w: cypher needs a store in Neo4j; this one is embedded", ErrEngine)
		}
		return Cypher, nil
	case Auto:
		if r.o.Cypher != nil && req.Scenario == nil && req.Draws == 0 && req.Revision == 0 && a.run.needs(params) == "" && legs <= r.o.CypherLegs {
			return Cypher, nil
		}
		return Native, nil
	}
	return "", ArgumentErrors{{Name: "engine", Given: string(req.Engine), Problem: "want native or cypher"}}
}

// Revision is the revision that the answer will be of.
func (p *Prepared) Revision() graph.Revision { return p.view.Revision() }

// Run finds the facts and makes the answer.
func (p *Prepared) Run(ctx context.Context) (*Result, error) {
	ctx, cancel := context.WithTimeout(ctx, p.runner.o.Timeout)
	defer cancel()
	start := time.Now()
	in := p.scope()
	statement, err := p.Statement()
	if err != nil {
		return nil, err
	}
	var ans answer
	if p.Engine == Cypher {
		ans, err = p.runCypher(ctx, in, *statement)
	} else {
		ans, err = p.Analysis.run.native(ctx, in, p.Params)
	}
	if err != nil {
		return nil, err
	}
	res := p.Analysis.result(p.view, p.Params, ans)
	res.Lens, res.Engine, res.Cypher = p.Lens, p.Engine, statement
	res.Warnings = slices.Concat(viewWarnings(p.view), p.basisWarning(), ans.warnings)
	if p.Draws > 0 {
		if res.Uncertainty, err = p.draw(ctx); err != nil {
			return nil, err
		}
	}
	if p.Scenario != nil {
		res.Scenario = &ScenarioUsed{p.Scenario.Name, p.Scenario.Title, p.Scenario.Note, p.effect}
	}
	res.Elapsed = time.Since(start)
	return res, nil
}

func (p *Prepared) scope() Scope {
	return Scope{View: p.view, Lens: p.view.Lens(), Past: p.runner.o.Live}
}

// Statement is the Cypher of the request, nil where it has none: the analysis
// has no twin, the parameters need the native engine, or a scenario or the past
// is asked.
func (p *Prepared) Statement() (*Statement, error) {
	if !p.Analysis.HasTwin || p.Scenario != nil || p.past || p.Analysis.run.needs(p.Params) != "" {
		return nil, nil
	}
	s, err := p.Analysis.run.statement(p.scope(), p.Params)
	if err != nil {
		return nil, err
	}
	if p.runner.o.Cypher != nil {
		s.LiteralURL, s.DrawURL = BrowserLink(p.runner.o.Browser, s.Literal), BrowserLink(p.runner.o.Browser, s.Draw)
	}
	return &s, nil
}

// On answers natively from a view, for analyses that are made of others. The
// lens of the view is used as it is.
func (a *Analysis) On(ctx context.Context, v *snapshot.View, given Args) (*Result, error) {
	params, bad := a.run.newParams(given, a.allowed())
	if len(bad) > 0 {
		return nil, bad
	}
	ans, err := a.run.native(ctx, Scope{View: v, Lens: v.Lens()}, params)
	if err != nil {
		return nil, err
	}
	return a.result(v, params, ans), nil
}

// result is the answer as every door shows it, but for what only the request
// knows.
func (a *Analysis) result(v *snapshot.View, params any, ans answer) *Result {
	found, sources := evidence(v.Snapshot(), ans.rows)
	var charts []Chart
	if ans.charts != nil {
		charts = ans.charts()
	}
	return &Result{
		Analysis: a.Name, Title: a.Title, Question: a.Question, Method: a.Method, Engine: Native,
		Lens: v.Lens(), Params: params, Columns: columnsFor(a.Columns, params), Rows: ans.rows, Summary: ans.summary, Met: metBy(v),
		Truncated: ans.truncated, Warnings: slices.Concat(viewWarnings(v), ans.warnings),
		Evidence: found, Sources: sources, Revision: v.Revision(), Finding: ans.finding, Charts: charts, Graph: v.Snapshot(),
	}
}

// columnsFor are the columns with those as details that belong to other parameters.
func columnsFor(columns []Column, params any) []Column {
	list := slices.Clone(columns)
	for i, c := range columns {
		if c.When != "" && !holds(c.When, params) {
			list[i].Detail = true
		}
	}
	return list
}

// holds tells whether a parameter that is yes or no is as wanted.
func holds(when string, params any) bool {
	name, no := strings.CutPrefix(when, "!")
	v := reflect.ValueOf(params)
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("json") == name {
			return v.Field(i).Bool() != no
		}
	}
	return false // Declare has refused it
}

// basisWarning tells who asked for a basis that the analysis ignores.
func (p *Prepared) basisWarning() []Warning {
	if p.view.Lens().Basis != graph.AnyState || p.Lens.Basis == graph.Headline {
		return nil
	}
	return []Warning{{Code: "basis_ignored", Message: fmt.Sprintf("basis %s changes nothing: %s shows every state side by side", p.Lens.Basis, p.Analysis.Name)}}
}

func (p *Prepared) runCypher(ctx context.Context, in Scope, s Statement) (answer, error) {
	rows, revision, err := p.runner.o.Cypher.Query(ctx, s.Text, s.Params)
	if err != nil {
		return answer{}, err
	}
	if revision != p.view.Revision().Number {
		return answer{}, ErrMoved
	}
	return p.Analysis.run.cypher(in, p.Params, seqOf(rows))
}

func seqOf(rows []Record) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// scenarioFaults makes what is wrong with a scenario into bad arguments.
func scenarioFaults(err error) error {
	var faults scenario.Faults
	if !errors.As(err, &faults) {
		return err
	}
	bad := make(ArgumentErrors, len(faults))
	for i, f := range faults {
		name := "scenario"
		if f.Location != "" {
			name += "." + f.Location
		}
		problem := f.Problem
		switch {
		case f.Line > 0 && f.File == "":
			problem = fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, problem)
		case f.Line > 0:
			problem = fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, problem)
		}
		bad[i] = ArgumentError{Name: name, Given: f.Given, Problem: problem}
	}
	return bad
}

func gather(lensErr error, params ArgumentErrors) ArgumentErrors {
	var all ArgumentErrors
	var lens ArgumentErrors
	if errors.As(lensErr, &lens) {
		all = append(all, lens...)
	}
	all = append(all, params...)
	slices.SortStableFunc(all, func(a, b ArgumentError) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
