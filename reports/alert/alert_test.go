package alert_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/ingest"
	"roundtrip/graph/sqlitestore"
	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/reports/alert"
	"roundtrip/reports/report"
)

// earlier and later are two revisions: a loop of 9 comes to one of 5 between b and
// a, a leg is cancelled, a source goes.
const earlier = `id,from,to,kind,amount_usd,announced_date,status,source_ids
ab,a,b,equity_investment,5,2025-01-01,signed,s1
ba,b,a,compute_commitment,20,2025-01-02,signed,s1
bc,b,c,compute_commitment,3,2025-01-03,signed,s2
bd,b,d,compute_commitment,,2025-01-03,signed,s1
`

const later = `id,from,to,kind,amount_usd,announced_date,status,source_ids
bc,b,c,compute_commitment,3,2025-01-03,cancelled,s1
ca,c,a,compute_commitment,7,2025-01-04,signed,s1
cb,c,b,equity_investment,9,2025-01-04,signed,s1
bc2,b,c,compute_commitment,12,2025-01-04,signed,s1
xy,x,y,equity_investment,,2025-01-04,signed,s1
yx,y,x,compute_commitment,4,2025-01-04,signed,s1
`

const sources = `id,publisher,tier,url,date,title
s1,Wire,reported,https://example.net/1,2025-01-01,First page
s2,Wire,reported,https://example.net/2,2025-01-01,Second page
`

func load(t *testing.T, store graph.Store, files map[string]string, at time.Time) {
	t.Helper()
	data := fstest.MapFS{}
	for name, text := range files {
		data[name] = &fstest.MapFile{Data: []byte(text)}
	}
	src, err := ingest.FromFS(data)
	if err != nil {
		t.Fatal(err)
	}
	found, batch, err := ingest.Check(t.Context(), src, store, ingest.Options{Origin: "test", At: at})
	if err != nil {
		t.Fatal(err)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Apply(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
}

func asks() []report.Ask {
	return []report.Ask{
		{Name: "cycles", Analysis: "cycles"}, {Name: "circularity", Analysis: "circularity"}, {Name: "coverage", Analysis: "coverage"},
		{Name: "vendors", Analysis: "vendors"}, {Name: "roundtrips", Analysis: "roundtrips"}, {Name: "vendor-financing", Analysis: "vendor-financing"},
		{Name: "customers", Analysis: "customers"},
	}
}

func shapes(t testing.TB) []alert.Shape {
	t.Helper()
	list, err := alert.Shapes(asks(), library.All())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// input is the report of the second revision with the first before it, or of the
// first alone.
func input(t *testing.T, first bool) alert.Input {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close(context.Background()) })
	at := time.Date(2026, 1, 30, 12, 0, 0, 0, time.UTC)
	load(t, store, map[string]string{"flows.csv": earlier, "sources.csv": sources}, at)
	load(t, store, map[string]string{"flows.csv": later}, at.Add(time.Hour))
	runner := queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(store), Now: func() time.Time { return at }})
	day, err := graph.ParseDate("2026-01-31")
	if err != nil {
		t.Fatal(err)
	}
	in := report.Input{Run: runner.Run, Catalogue: library.All(), Name: "daily", Asks: asks(), At: report.Point{Day: day, Revision: 2}}
	if first {
		in.At.Revision = 1
	} else {
		in.Before = &report.Point{Day: day, Revision: 1}
	}
	r, err := report.Build(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return alert.Of(r)
}

func verdict(t *testing.T, in alert.Input, when string) alert.Verdict {
	t.Helper()
	p, err := alert.Compile(alert.Rule{Name: "r", Title: "Found", When: when}, shapes(t))
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	list, _ := alert.Judge(t.Context(), []*alert.Program{p}, in, graph.Date{}, nil)
	return list[0]
}

func said(v alert.Verdict) string {
	var lines []string
	for _, r := range v.Raised {
		lines = append(lines, r.Key+": "+r.Text)
	}
	if n := v.Note(); n != "" {
		lines = append(lines, n)
	}
	return strings.Join(lines, "\n")
}

func TestWhatRulesFind(t *testing.T) {
	in := input(t, false)
	for _, tt := range []struct{ when, want string }{
		{`new_loops(4)`, "?"},
		{`filter(loops, .change == "new")`, "?"},
		{`legs_cancelled()`, "?"},
		{`sources_withdrawn()`, "?"},
		{`ci_above(0.3)`, "?"},
		{`circularity.summary.ci - circularity.before.summary.ci > 0.01`, "?"},
		{`hhi_above(5000)`, "?"},
		{`coverage_below("b", 0.5)`, "?"},
		{`vendor_financed_above(0.2)`, "?"},
		{`filter(vendor_financing.rows, .intensity > 0.1)`, "?"},
		{`filter(cycles.new, .bottleneck_cents >= 900)`, "?"},
		{`filter(cycles.rows, .bottleneck > 1)`, "?"},
		{`filter(cycles.rows, not (.bottleneck > 1))`, "?"},
		{`filter(cycles.rows, not known(.bottleneck))`, "?"},
		{`filter(vendors.changed, .after.amount > .before.amount)`, "?"},
		{`filter(cycles.rows, "x" in .ring)`, "?"},
		{`filter(cycles.rows, .first_date > "2025-01-03")`, "?"},
		{`map(filter(vendors.rows, .share >= 0.5), .customer)`, "?"},
		{`total(map(roundtrips.rows, .rt)) > 5`, "?"},
		{`count(cycles.rows, .kind == "round_trip") > 1`, "?"},
		{`coverage.figures["buyers/b/tied_coverage"] < 0.9`, "?"},
		{`filter(coverage.list, .name == "tied_coverage" and .value < .before)`, "?"},
		{`first`, "?"},
		{`filter(customers.rows, .flag == true)`, "?"},
		{`10 * k < abs(0 - circularity.summary.total * bn)`, "?"},
	} {
		if got := said(verdict(t, in, tt.when)); got != tt.want {
			t.Errorf("%s finds\n%s\nwant\n%s", tt.when, got, tt.want)
		}
	}
}

func TestABadRuleIsRefusedWithItsPlace(t *testing.T) {
	for _, tt := range []struct{ when, want string }{
		{``, "?"},
		{`cycles.rowz`, "?"},
		{`filter(cycles.rows, .bottlenek > 5)`, "?"},
		{`filter(cycles.rows, .bottleneck > "5")`, "?"},
		{`filter(cycles.rows, .ring > 5)`, "?"},
		{"circularity.summary.ci\n > ", "?"},
		{`circularity.summary.ci`, "?"},
		{`leverage.rows`, "?"},
		{`nonsense > 5`, "?"},
		{`new_loops()`, "?"},
		{`new_loops("5")`, "?"},
		{`any(cycles.rows, coverage_below(.kind, 1))`, "?"},
		{`circularity.figures["cii"] > 1`, "?"},
		{`filter(cycles.rows, .first_date > "soon")`, "?"},
		{`each(vendors.rows, "vendour")`, "?"},
		{`each(vendors.rows, "share")`, "?"},
		{`len(each(vendors.rows, "vendor")) > 1`, "?"},
		{`cycles.finding + "x" == "y"`, "?"},
		{`reduce(cycles.rows, #acc + 1) > 1`, "?"},
		{`repeat("a", 1000000) == "b"`, "?"},
		{`filter(cycles.rows, .bottleneck == nil)`, "?"},
		{`any(cycles.rows, any(cycles.rows, any(cycles.rows, any(cycles.rows, true))))`, "?"},
		{`map(cycles.rows, {a: 1})[0].a > 1`, "?"},
		{`any([1, "a"], # == 1)`, "?"},
		{strings.Repeat("(", 300) + "true" + strings.Repeat(")", 300), "?"},
		{strings.Repeat("true and ", 300) + "true", "?"},
		{strings.Repeat("x", 4001), "?"},
		{`cycles.finding matches cycles.finding`, "?"},
	} {
		_, err := alert.Compile(alert.Rule{Name: "r", When: tt.when}, shapes(t))
		var e *alert.Error
		if !errors.As(err, &e) || err.Error() != tt.want {
			t.Errorf("%.80s gives\n%v\nwant\n%s", tt.when, err, tt.want)
		}
	}
}

func TestARuleCannotRunForLongOrTakeMuchMemory(t *testing.T) {
	in := input(t, true)
	for _, when := range []string{
		`count(1..100000, count(1..100000, count(1..100000, true) > 0) > 0) > 0`,
		`len(1..1000000000) > 1`,
		`len(map(1..2000, map(1..2000, #))) > 1`,
		`any(1..100000, any(1..100000, # > 100000 and circularity.summary.ci > 5))`,
		`let a = 1..900000; let b = map(a, #); let c = map(b, #); len(c) > 1`,
	} {
		start := time.Now()
		v := verdict(t, in, when)
		if v.Err == nil || len(v.Raised) > 0 || time.Since(start) > 10*time.Second {
			t.Errorf("%s: %v after %s", when, v.Err, time.Since(start))
		} else {
			fmt.Println(when, v.Err, time.Since(start))
		}
	}
}
