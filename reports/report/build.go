package report

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/queries/render"
)

// The analyses that a report knows by name: loops for its first pages, and the
// one that explains moves.
const (
	loopsBy   = "cycles"
	changesBy = "changes"
)

// allLoops is the limit under which loops are compared; the analysis allows no
// more.
const allLoops = 100_000

// Library asks every analysis of the catalogue with the parameters of its
// example.
func Library(c queries.Catalogue) []Ask {
	asks := make([]Ask, len(c))
	for i, a := range c {
		asks[i] = Ask{Name: a.Name, Analysis: a.Name, Lens: queries.Args{}, Params: maps.Clone(a.Example)}
	}
	return asks
}

// Build answers the asks and compares them with the earlier point. The error is
// that of the first ask, in order, that cannot be answered; a bad argument is a
// queries.ArgumentErrors inside.
func Build(ctx context.Context, in Input) (*Report, error) {
	b, err := newBuilder(ctx, in)
	if err != nil {
		return nil, err
	}
	r := &Report{
		Name: in.Name, Title: in.Title, Note: in.Note, Version: in.Version, Tolerance: in.Tolerance, names: b.names,
		At: b.at, LeftOut: []LeftOut{}, Answers: make([]Answer, len(b.asks)), Metrics: map[string]Metric{}, Alerts: []Raised{},
	}
	if r.Title == "" {
		r.Title = "Structural round trips among AI companies"
	}
	var before *queries.Result // the loops of the earlier point
	var moved []*queries.Result
	var jobs jobs
	for i, ask := range b.asks {
		jobs.add(func(ctx context.Context) (err error) {
			r.Answers[i], err = b.answer(ctx, ask)
			return err
		})
	}
	jobs.add(func(ctx context.Context) (err error) {
		r.Loops, before, err = b.loops(ctx)
		r.own = b.loop.own()
		return err
	})
	jobs.add(func(ctx context.Context) (err error) {
		moved, err = b.moves(ctx)
		return err
	})
	sampled := func(to *Sample, at Point) {
		jobs.add(func(ctx context.Context) (err error) {
			*to, err = in.Samples.find(at, func() (Sample, error) { return sample(ctx, in.Run, in.Catalogue, at) })
			return err
		})
	}
	sampled(&r.Now, b.at)
	if b.before != nil {
		r.Was = &Sample{}
		sampled(r.Was, *b.before)
	}
	if in.History.Known() {
		days := monthly(in.History, b.at.Day)
		r.History = make([]Sample, len(days), len(days)+1)
		for i, day := range days {
			sampled(&r.History[i], Point{Day: day, Revision: b.at.Revision, Hash: b.at.Hash})
		}
	}
	if err := jobs.run(ctx, in.Workers); err != nil {
		return nil, err
	}
	r.Answers = slices.DeleteFunc(r.Answers, func(a Answer) bool {
		if a.Result == nil {
			r.LeftOut = append(r.LeftOut, LeftOut{a.Ask.Name, a.Undone})
		}
		return a.Result == nil
	})
	if r.History != nil {
		r.History = append(r.History, r.Now)
	}
	for _, a := range r.Answers {
		addMetrics(r.Metrics, a.Ask.Name, a.Result)
	}
	if b.before != nil {
		if r.Differences, err = r.differences(in.Catalogue, *b.before, before, moved); err != nil {
			return nil, err
		}
	}
	r.Finding = r.finding()
	return r, nil
}

// jobs are independent pieces of work, in the order in which their errors count.
type jobs struct{ list []func(context.Context) error }

func (j *jobs) add(work func(context.Context) error) { j.list = append(j.list, work) }

// run does them on so many goroutines and returns the first error in their
// order.
func (j *jobs) run(ctx context.Context, workers int) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	errs := make([]error, len(j.list))
	var g errgroup.Group
	g.SetLimit(workers)
	for i, work := range j.list {
		g.Go(func() error {
			if errs[i] = ctx.Err(); errs[i] == nil {
				errs[i] = work(ctx)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// builder is an Input that was looked through.
type builder struct {
	in     Input
	asks   []Ask
	at     Point
	before *Point
	names  render.Names
	what   map[string]*scenario.Scenario
	loop   Ask // the question for all loops
}

func newBuilder(ctx context.Context, in Input) (*builder, error) {
	if in.Run == nil || !in.At.Day.Known() {
		return nil, errors.New("report: what answers the questions, or the day, is not given")
	}
	b := &builder{in: in, at: Point{Day: in.At.Day, Revision: in.At.Revision}, asks: slices.Clone(in.Asks), what: map[string]*scenario.Scenario{}}
	if len(b.asks) == 0 {
		b.asks = Library(in.Catalogue)
		for i := range b.asks {
			if a := &b.asks[i]; a.Analysis == changesBy && in.Before != nil && in.Before.Day.Last() < in.At.Day.Last() {
				a.Params["from"] = in.Before.Day.String() // rather than the day of the example
			}
		}
	}
	seen := map[string]bool{}
	for i := range b.asks {
		a := &b.asks[i]
		if _, err := in.Catalogue.Find(a.Analysis); err != nil {
			return nil, err
		}
		if a.Name == "" {
			a.Name = a.Analysis
		}
		if seen[a.Name] {
			return nil, fmt.Errorf("two asks have the name %q; want a name of its own for each", a.Name)
		}
		seen[a.Name] = true
		if a.Scenario == "" || b.what[a.Scenario] != nil {
			continue
		}
		if in.Scenario == nil {
			return nil, fmt.Errorf("ask %s: there are no scenarios here, and it names %s", a.Name, a.Scenario)
		}
		s, err := in.Scenario(ctx, a.Scenario)
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", a.Name, err)
		}
		b.what[a.Scenario] = s
	}
	b.loop = b.loopAsk()
	return b, b.pin(ctx)
}

// pin fixes both points: their revisions and hashes.
func (b *builder) pin(ctx context.Context) error {
	if _, err := b.in.Catalogue.Find(loopsBy); err != nil {
		return fmt.Errorf("a report needs the analysis %s: %w", loopsBy, err)
	}
	stamp := func(p *Point) error {
		res, err := b.in.Run(ctx, queries.Request{
			Analysis: loopsBy, Engine: queries.Native, Revision: p.Revision,
			Lens: queries.Args{"as_of": p.Day.String()}, Params: queries.Args{"count_only": "true", "max_hops": "2"},
		})
		if err != nil {
			return err
		}
		p.Revision, p.Hash = res.Revision.Number, res.Revision.Hash.String()
		return nil
	}
	if err := stamp(&b.at); err != nil {
		return err
	}
	if b.in.Before != nil {
		before := *b.in.Before
		if before.Revision == 0 {
			before.Revision = b.at.Revision
		}
		if err := stamp(&before); err != nil {
			return fmt.Errorf("the earlier point, %s at revision %d: %w", before.Day, before.Revision, err)
		}
		b.before = &before
	}
	if b.in.Names == nil {
		return nil
	}
	var err error
	b.names, err = b.in.Names(ctx, b.at.Revision)
	return err
}

// request is an ask at a point. Answers come from the native engine alone: it is
// the one that can look at an earlier revision, and a replay has to give the same
// bytes.
func (b *builder) request(a Ask, p Point) queries.Request {
	req := queries.Request{
		Analysis: a.Analysis, Lens: maps.Clone(a.Lens), Params: a.Params, Engine: queries.Native, Revision: p.Revision,
		Scenario: b.what[a.Scenario], Draws: a.Draws, Seed: uint64(max(a.Seed, 0)),
	}
	if req.Lens == nil {
		req.Lens = queries.Args{}
	}
	if _, ok := req.Lens["as_of"]; !ok {
		req.Lens["as_of"] = p.Day.String()
	}
	return req
}

func (b *builder) ask(ctx context.Context, a Ask, p Point) (*queries.Result, error) {
	res, err := b.in.Run(ctx, b.request(a, p))
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", a.Name, err)
	}
	res.Elapsed = 0 // no part of what is compared and hashed
	return res, nil
}

func (b *builder) answer(ctx context.Context, a Ask) (Answer, error) {
	var bad queries.ArgumentErrors
	res, err := b.ask(ctx, a, b.at)
	if len(b.in.Asks) == 0 && errors.As(err, &bad) { // such as a company of the example that this graph does not have
		return Answer{Ask: a, Undone: bad.Error()}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	out := Answer{Ask: a, Result: res}
	if b.before == nil || a.Analysis == changesBy { // its rows are differences already
		return out, nil
	}
	out.Before, err = b.ask(ctx, a, *b.before)
	if errors.As(err, &bad) { // such as a company that was not there yet
		out.Undone, err = bad.Error(), nil
	}
	return out, err
}

// loopAsk is the question for all loops: that of the first ask for loops between
// companies, without its limit and order, or one of its own.
func (b *builder) loopAsk() Ask {
	ask := Ask{Name: "loops", Analysis: loopsBy, Lens: queries.Args{}, Params: queries.Args{}}
	for _, a := range b.asks {
		if a.Analysis == loopsBy && a.Params["level"] == nil {
			ask.Lens, ask.Scenario, ask.Params = a.Lens, a.Scenario, maps.Clone(a.Params)
			break
		}
	}
	if ask.Params == nil {
		ask.Params = queries.Args{}
	}
	delete(ask.Params, "count_only")
	delete(ask.Params, "sort")
	ask.Params["limit"] = strconv.Itoa(allLoops)
	return ask
}

// own says in words what an ask asks otherwise than its analysis by default, but
// for the day, the order and the limit.
func (a Ask) own() string {
	var parts []string
	for _, args := range []queries.Args{a.Lens, a.Params} {
		for _, key := range slices.Sorted(maps.Keys(args)) {
			if key != "as_of" && key != "limit" {
				parts = append(parts, strings.ReplaceAll(key, "_", " ")+" "+wordsOf(args[key]))
			}
		}
	}
	if a.Scenario != "" {
		parts = append(parts, "scenario "+a.Scenario)
	}
	return strings.Join(parts, "; ")
}

// wordsOf is an argument as given, of a list its elements with commas.
func wordsOf(v any) string {
	x := reflect.ValueOf(v)
	if x.Kind() != reflect.Slice {
		return fmt.Sprint(v)
	}
	list := make([]string, x.Len())
	for i := range list {
		list[i] = fmt.Sprint(x.Index(i).Interface())
	}
	return strings.Join(list, ", ")
}

// loops are all loops at both points; before is nil for a first report.
func (b *builder) loops(ctx context.Context) (now, before *queries.Result, err error) {
	if now, err = b.ask(ctx, b.loop, b.at); err != nil || b.before == nil {
		return now, nil, err
	}
	before, err = b.ask(ctx, b.loop, *b.before)
	var bad queries.ArgumentErrors
	if errors.As(err, &bad) {
		return now, nil, nil
	}
	return now, before, err
}

// moves tells which legs moved and why: first by imports, both revisions seen on
// the earlier day, then by the days, both seen at the later revision.
func (b *builder) moves(ctx context.Context) ([]*queries.Result, error) {
	if _, err := b.in.Catalogue.Find(changesBy); err != nil || b.before == nil {
		return nil, nil //nolint:nilerr // a catalogue without the analysis gives differences without reasons
	}
	ask := Ask{Name: "moves", Analysis: changesBy, Lens: maps.Clone(b.loop.Lens), Params: queries.Args{"max_hops": "2"}}
	if ask.Lens == nil {
		ask.Lens = queries.Args{}
	}
	_, fixed := ask.Lens["as_of"]
	var list []*queries.Result
	if b.before.Revision != b.at.Revision {
		ask.Params["from"], ask.Params["to"] = "r"+strconv.FormatUint(b.before.Revision, 10), "r"+strconv.FormatUint(b.at.Revision, 10)
		res, err := b.ask(ctx, ask, Point{Day: b.before.Day, Revision: b.at.Revision})
		if err != nil {
			return nil, err
		}
		list = append(list, res)
	}
	if b.before.Day != b.at.Day && !fixed {
		ask.Params["from"], ask.Params["to"] = b.before.Day.String(), b.at.Day.String()
		res, err := b.ask(ctx, ask, b.at)
		if err != nil {
			return nil, err
		}
		list = append(list, res)
	}
	return list, nil
}

// addMetrics adds the figures of an answer as name/path.
func addMetrics(to map[string]Metric, name string, r *queries.Result) {
	for _, f := range queries.Figures(r.Summary) {
		if m, ok := metricOf(f.Title, f.Column.Type, f.Value); ok {
			to[name+"/"+f.Path] = m
		}
	}
	if r.Analysis == "vendors" { // stands in its rows
		for _, row := range r.Rows {
			customer := value[string](r, row, "customer")
			if m, ok := metricOf("HHI: "+customer, "number", value[any](r, row, "hhi")); ok {
				to[name+"/hhi/"+customer] = m
			}
		}
	}
}

// metricOf is a value as a metric; false for what is no number.
func metricOf(title, columnType string, v any) (Metric, bool) {
	m := Metric{Title: title, Type: columnType}
	switch x := v.(type) {
	case graph.Money:
		m.Type, m.Value, m.Known = "money", x.Cents(), x.Known()
	case graph.Decimal:
		m.Value, m.Known = x.Micro(), x.Known()
	default:
		whole := reflect.ValueOf(v)
		if columnType != "count" || !whole.IsValid() || !whole.CanInt() {
			return m, false
		}
		m.Value, m.Known = whole.Int(), true
	}
	return m, true
}
