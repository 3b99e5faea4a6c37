package queries

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
)

// sample has a parameter of every form.
type sample struct {
	Hops   int           `json:"hops" default:"5" min:"2" max:"12" doc:"Hops."`
	Least  graph.Money   `json:"least" doc:"Least."`
	Share  graph.Decimal `json:"share" min:"0" max:"1" doc:"Share."`
	Order  string        `json:"order" default:"up" enum:"up,down" doc:"Order."`
	Strict bool          `json:"strict" default:"true" doc:"Strict."`
	Names  []string      `json:"names" refs:"company" doc:"Names."`
	Wait   time.Duration `json:"wait" default:"20s" max:"10m" doc:"Wait."`
	Since  graph.Date    `json:"since" doc:"Since."`
}

type sampleRow struct {
	Hops int `json:"hops" doc:"Hops."`
}

type sampleSummary struct {
	Got sample `json:"got" doc:"What arrived."`
}

func sampleRunner() *Runner {
	a := Declare(Definition[sample, int, sampleRow, sampleSummary]{
		Name: "sample", Title: "Sample", Question: "What arrives?", Method: "It is shown.", Formula: "x = x", Origin: "This test.",
		Native: func(context.Context, Scope, sample, func(int) bool) (Truncation, error) { return Truncation{}, nil },
		Finish: func(_ Scope, p sample, _ iter.Seq[int]) (Answer[sampleRow, sampleSummary], error) {
			return Answer[sampleRow, sampleSummary]{Summary: sampleSummary{p}}, nil
		},
	})
	noon := func() time.Time { return time.Date(2026, 3, 4, 23, 30, 0, 0, time.FixedZone("west", -5*3600)) }
	return NewRunner(Options{Catalogue: Catalogue{a}, Live: NewLive(nothing{}), Now: noon})
}

// nothing is an empty graph.
type nothing struct{}

func (nothing) Revision(context.Context) (graph.Revision, error) { return graph.Revision{}, nil }
func (nothing) Records(context.Context, uint64, ...graph.RecordKind) iter.Seq2[graph.Record, error] {
	return func(func(graph.Record, error) bool) {}
}

func TestArgumentsAreReadFromTextsAndFromJSON(t *testing.T) {
	want := sample{
		Hops: 7, Least: graph.USD(1e12), Share: graph.Micro(250000), Order: "down", Strict: false,
		Names: []string{"a", "b"}, Wait: 36 * time.Hour, Since: graph.On(graph.DayOf(time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC))),
	}
	want.Wait = 90 * time.Second
	for _, given := range []Args{
		{"hops": "7", "least": "10bn", "share": "0.25", "order": "down", "strict": "false", "names": "a,b,a", "wait": "90s", "since": "2025-02-01"},
		{"hops": float64(7), "least": "10bn", "share": 0.25, "order": "down", "strict": false, "names": []any{"a", "b"}, "wait": "1m30s", "since": "2025-02-01"},
	} {
		r, err := sampleRunner().Run(t.Context(), Request{Analysis: "sample", Params: given})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(AppendJSON(nil, r.Params)), string(AppendJSON(nil, want)); got != want {
			t.Errorf("%v arrives as %s, want %s", given, got, want)
		}
	}
}

func TestDefaultsStandWhereNothingIsGivenAndAsOfIsTodayInUTC(t *testing.T) {
	r, err := sampleRunner().Run(t.Context(), Request{Analysis: "sample"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"hops":5,"least":null,"share":null,"order":"up","strict":true,"names":[],"wait":"20s","since":null}`
	if got := string(AppendJSON(nil, r.Params)); got != want {
		t.Errorf("defaults are %s, want %s", got, want)
	}
	if r.Lens.AsOf.String() != "2026-03-05" {
		t.Errorf("as_of is %s; it is already the 5th in UTC", r.Lens.AsOf)
	}
}

func TestBadArgumentsAreAllNamedWithWhatIsAllowed(t *testing.T) {
	for _, c := range []struct {
		lens, params Args
		want         string
	}{
		{params: Args{"hops": "1"}, want: "hops=1: want a value from 2 to 12"},
		{params: Args{"hops": "many"}, want: "hops=many: want a whole number from 2 to 12"},
		{params: Args{"share": "1.5"}, want: "share=1.5: want a value from 0 to 1"},
		{params: Args{"order": "dwn"}, want: "order=dwn: want one of up, down; did you mean down?"},
		{params: Args{"strict": "yes"}, want: "strict=yes: want true or false"},
		{params: Args{"wait": "1h"}, want: "wait=1h: want a value of at most 10m"},
		{params: Args{"wait": "soon"}, want: "wait=soon: want a duration such as 500ms, 30s, 12h or 90d"},
		{params: Args{"names": "a,,b"}, want: "names=a,,b: has an empty item; want a comma-separated list"},
		{params: Args{"least": "-3"}, want: `least=-3: "-3" is negative; an amount is zero or more, its direction is from payer to payee`},
		{params: Args{"since": "yesterday"}, want: `since=yesterday: "yesterday" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ`},
		{params: Args{"since": ""}, want: "since: is empty; leave it out for its default"},
		{lens: Args{"basis": "sined"}, want: "basis=sined: want one of headline, signed, expected, settled, realised; did you mean signed?"},
		{lens: Args{"kinds": "loans"}, want: "kinds=loans: loans is not a kind of leg; did you mean loan?; allowed are " + kindList()},
		{lens: Args{"classes": "cash"}, want: `classes=cash: "cash": want money, value, all, or a list of classes: "cash" is not a class; want one of FUNDS, PAYS, ACQUIRES, GRANTS, BACKS, SUPPLIES`},
		{lens: Args{"companies": "acme"}, want: "companies=acme: want ids of companies"},
		{
			lens: Args{"rollup": "maybe"}, params: Args{"hopps": "3", "hops": "0"},
			want: "hopps=3: no such argument; did you mean hops?; allowed are as_of, basis, amount, classes, rollup, aggregates, overlaps, conditional, min_amount, kinds, companies, hops, least, share, order, strict, names, wait, since, engine, revision, scenario, draws, seed\n" +
				"hops=0: want a value from 2 to 12\nrollup=maybe: want true or false",
		},
	} {
		_, err := sampleRunner().Run(t.Context(), Request{Analysis: "sample", Lens: c.lens, Params: c.params})
		var bad ArgumentErrors
		if !errors.As(err, &bad) || err.Error() != c.want {
			t.Errorf("lens %v, params %v give\n%v\nwant\n%s", c.lens, c.params, err, c.want)
		}
	}
}

func kindList() string {
	var names []string
	for _, k := range graph.FlowKinds() {
		names = append(names, string(k.Kind))
	}
	return strings.Join(names, ", ")
}

func TestAnUnknownAnalysisNamesTheNearest(t *testing.T) {
	_, err := sampleRunner().Run(t.Context(), Request{Analysis: "smaple"})
	if !errors.Is(err, ErrUnknownAnalysis) || err.Error() != "unknown analysis smaple; did you mean sample?" {
		t.Errorf("error is %v", err)
	}
}

func TestAnEngineThatCannotRunIsRefusedWithTheReason(t *testing.T) {
	_, err := sampleRunner().Run(t.Context(), Request{Analysis: "sample", Engine: Cypher})
	if !errors.Is(err, ErrEngine) || err.Error() != "engine not available: sample is native only: Cypher cannot express it" {
		t.Errorf("error is %v", err)
	}
	_, err = sampleRunner().Run(t.Context(), Request{Analysis: "sample", Engine: "sql"})
	if err == nil || err.Error() != "engine=sql: want native or cypher" {
		t.Errorf("error is %v", err)
	}
}

func TestMoneyInJSONIsCentsAndDollars(t *testing.T) {
	type row struct {
		Known   graph.Money   `json:"known_cents"`
		Unknown graph.Money   `json:"unknown_cents"`
		List    []graph.Money `json:"list_cents"`
		Bound   graph.Money   `json:"bound"`
		Ratio   graph.Decimal `json:"ratio"`
		None    graph.Decimal `json:"none"`
	}
	got := string(AppendJSON(nil, row{Known: graph.USD(123456), List: []graph.Money{graph.USD(5), {}}, Bound: graph.USD(700), Ratio: graph.Micro(263158)}))
	const want = `{"known_cents":123456,"known":"1234.56","unknown_cents":null,"unknown":null,"list_cents":[5,null],"list":["0.05",null],"bound":"7.00","ratio":0.263158,"none":null}`
	if got != want {
		t.Errorf("row is\n%s, want\n%s", got, want)
	}
}
