package report_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
	"roundtrip/queries/render"
	"roundtrip/reports/report"
)

// contract is an answer as its JSON tells it, read without any type of the
// program.
type contract struct {
	Columns []struct {
		Name string
		Type string
		Key  bool
	}
	Rows    []map[string]any
	Summary map[string]any
}

func answered(t *testing.T, in report.Input, analysis, day string, params queries.Args) contract {
	t.Helper()
	res, err := in.Run(t.Context(), queries.Request{Analysis: analysis, Engine: queries.Native, Lens: queries.Args{"as_of": day}, Params: params})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := render.Write(&b, "json", res); err != nil {
		t.Fatal(err)
	}
	var c contract
	d := json.NewDecoder(strings.NewReader(b.String()))
	d.UseNumber()
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

// moves joins two answers by the text of their keys and tells which rows came,
// went and moved. small says that a move of two numbers is within the tolerance.
func moves(before, after contract, small func(columnType string, a, b *big.Rat) bool) (rows map[string]string, hidden int) {
	byKey := func(c contract) map[string]map[string]any {
		out := map[string]map[string]any{}
		for _, r := range c.Rows {
			var key []string
			for _, col := range c.Columns {
				if col.Key {
					key = append(key, fmt.Sprint(r[col.Name]))
				}
			}
			out[strings.Join(key, " | ")] = r
		}
		return out
	}
	was, is := byKey(before), byKey(after)
	rows = map[string]string{}
	for key, r := range is {
		old, ok := was[key]
		if !ok {
			rows[key] = "new"
			continue
		}
		moved, large := false, false
		for _, col := range before.Columns {
			a, b := old[col.Name], r[col.Name]
			if fmt.Sprint(a) == fmt.Sprint(b) || col.Type == "legs" || col.Type == "leg_lists" {
				continue // other evidence alone makes no other row
			}
			moved = true
			x, okX := number(a)
			y, okY := number(b)
			if !okX || !okY || !small(col.Type, x, y) {
				large = true
			}
		}
		switch {
		case large:
			rows[key] = "changed"
		case moved:
			hidden++
		}
	}
	for key := range was {
		if _, ok := is[key]; !ok {
			rows[key] = "gone"
		}
	}
	return rows, hidden
}

func number(v any) (*big.Rat, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return nil, false
	}
	return new(big.Rat).SetString(n.String())
}

func TestDifferencesAreThoseOfTheAnswersAsJSON(t *testing.T) {
	never := func(string, *big.Rat, *big.Rat) bool { return false }
	// 3 per cent of the earlier value, and 2bn of amounts.
	within := func(columnType string, a, b *big.Rat) bool {
		move := new(big.Rat).Sub(b, a)
		move.Abs(move)
		bound := new(big.Rat).Mul(new(big.Rat).Abs(a), big.NewRat(3, 100))
		if move.Cmp(bound) > 0 {
			return false
		}
		return columnType != "money" || move.Cmp(big.NewRat(200_000_000_000, 1)) <= 0
	}
	for _, c := range []struct {
		name      string
		tolerance report.Tolerance
		small     func(string, *big.Rat, *big.Rat) bool
	}{
		{"without a tolerance", report.Tolerance{}, never},
		{"with one", report.Tolerance{Percent: graph.Micro(3_000_000), Amount: graph.USD(200_000_000_000)}, within},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := shipped(t)
			in.Tolerance, in.History = c.tolerance, graph.Date{}
			r := build(t, in)
			some := 0
			for _, a := range r.Answers {
				if a.Delta == nil {
					if a.Ask.Analysis != "changes" { // whose rows are differences already
						t.Errorf("%s is not compared", a.Ask.Name)
					}
					continue
				}
				if slices.ContainsFunc(a.Result.Columns, func(c queries.Column) bool { return c.Type == "money_list" }) {
					continue // moves of lists are for the loops below
				}
				want, hidden := moves(answered(t, in, a.Ask.Analysis, "2026-03-31", a.Ask.Params), answered(t, in, a.Ask.Analysis, "2026-06-30", a.Ask.Params), c.small)
				keys := 0
				for _, col := range a.Result.Columns {
					if col.Key {
						keys++
					}
				}
				got := map[string]string{}
				for _, row := range a.Delta.Rows {
					var key []string
					for _, v := range row.Values[:keys] {
						key = append(key, string(plainJSON(v)))
					}
					got[strings.Join(key, " | ")] = row.Values[keys].(string)
				}
				if !maps.Equal(got, want) || a.Hidden != hidden {
					t.Errorf("%s: %d rows moved and %d hidden, want %d and %d\n got %v\nwant %v", a.Ask.Name, len(got), a.Hidden, len(want), hidden, got, want)
				}
				some += len(want) + hidden
			}
			if some == 0 {
				t.Error("nothing moved, so nothing was tested")
			}
		})
	}
}

func plainJSON(v any) []byte {
	text := queries.AppendJSON(nil, v)
	var s any
	if json.Unmarshal(text, &s) == nil {
		return []byte(fmt.Sprint(s))
	}
	return text
}

// TestLoopsThatMovedAreThoseOfTheTwoSets compares the loops of both days by id and
// bottleneck and finds every reason in the file of flows.
func TestLoopsThatMovedAreThoseOfTheTwoSets(t *testing.T) {
	in := shipped(t)
	in.History = graph.Date{}
	r := build(t, in)
	all := queries.Args{"limit": "100000"}
	want, _ := moves(answered(t, in, "cycles", "2026-03-31", all), answered(t, in, "cycles", "2026-06-30", all), func(string, *big.Rat, *big.Rat) bool { return false })
	got := map[string]string{}
	for _, l := range r.Differences.Loops {
		got[l.ID] = l.Change
		if l.Change != report.Changed && len(l.Causes) == 0 {
			t.Errorf("loop %s is %s and no leg of it is", l.ID, l.Change)
		}
	}
	if !maps.Equal(got, want) || len(want) == 0 {
		t.Errorf("loops %v\nwant %v", got, want)
	}
	file, err := dataset.FS().Open("flows.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	announced := map[string]string{}
	id, day := slices.Index(lines[0], "id"), slices.Index(lines[0], "announced_date")
	for _, l := range lines[1:] {
		announced[l[id]] = l[day]
	}
	fresh := 0
	for _, l := range r.Differences.Legs {
		in := announced[l.ID] > "2026-03-31" && announced[l.ID] <= "2026-06-30" // a month counts from its first day
		if l.Change == report.New {
			fresh++
		}
		if (l.Change == report.New) != in {
			t.Errorf("leg %s is %s and was announced on %s", l.ID, l.Change, announced[l.ID])
		}
	}
	if fresh == 0 {
		t.Error("no leg is new, so nothing was tested")
	}
}

func TestAToleranceHidesWhatIsWithinEveryBoundThatIsSet(t *testing.T) {
	// Two days between which Amazon's 10 becomes 10.2: by 2 per cent, and 200m.
	for _, c := range []struct {
		percent, amount string
		hidden          bool
	}{
		{"", "", false}, {"2", "", true}, {"1.9", "", false}, {"", "200m", true}, {"", "199m", false}, {"2", "199m", false}, {"1.9", "200m", false}, {"2", "200m", true},
	} {
		t.Run(c.percent+"%,"+c.amount, func(t *testing.T) {
			store := newStore(t)
			first := firstImport()
			casetest.Import(t, store, first)
			first["flows.csv"].Data = []byte(strings.Replace(string(first["flows.csv"].Data), "10000000000", "10200000000", 1))
			casetest.Import(t, store, first)
			in := input(store, "2026-03-01")
			in.Before = &report.Point{Day: in.At.Day, Revision: 1}
			in.Asks = []report.Ask{{Analysis: "cycles"}}
			var err error
			if in.Tolerance.Percent, err = graph.ParseDecimal(c.percent); err != nil {
				t.Fatal(err)
			}
			if in.Tolerance.Amount, err = graph.ParseMoney(c.amount); err != nil {
				t.Fatal(err)
			}
			d := build(t, in).Differences
			if hidden := d.LoopsHidden == 1 && len(d.Loops) == 0; hidden != c.hidden || len(d.Loops)+d.LoopsHidden != 1 {
				t.Errorf("loops %+v, hidden %d; want hidden %v", d.Loops, d.LoopsHidden, c.hidden)
			}
		})
	}
}

func TestHistoryIsWhatEachAnalysisSaysOfThatDay(t *testing.T) {
	in := shipped(t)
	r := build(t, in)
	if first := r.History[0].Day.String(); first != "2023-01-31" || len(r.History) != 42 {
		t.Fatalf("%d samples from %s on, want 42 from 2023-01-31 on", len(r.History), first)
	}
	list, err := report.History(t.Context(), in.Run, library.All(), in.History, report.Point{Day: in.At.Day}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 35, 41} {
		s := r.History[at]
		if !maps.Equal(s.Metrics, list[at].Metrics) {
			t.Errorf("%s: History and Build differ", s.Day)
		}
		day := s.Day.String()
		circular, loops := answered(t, in, "circularity", day, nil), answered(t, in, "cycles", day, nil)
		if got, want := fmt.Sprint(s.Metrics[report.Circular].Value), fmt.Sprint(circular.Summary["circular_cents"]); got != want {
			t.Errorf("%s: circular %s, want %s", day, got, want)
		}
		if got, want := fmt.Sprint(s.Metrics[report.Loops].Value), fmt.Sprint(loops.Summary["count"]); got != want {
			t.Errorf("%s: loops %s, want %s", day, got, want)
		}
		funds, pays := s.Metrics[report.TotalOfClass+"FUNDS"].Value, s.Metrics[report.TotalOfClass+"PAYS"].Value
		if got, want := fmt.Sprint(funds+pays), fmt.Sprint(circular.Summary["total_cents"]); got != want {
			t.Errorf("%s: FUNDS and PAYS are %s, want %s", day, got, want)
		}
		for _, row := range answered(t, in, "vendors", day, nil).Rows {
			m := s.Metrics[report.HHI+fmt.Sprint(row["customer"])]
			if want := row["hhi"]; want != nil && fmt.Sprint(m.Value/1_000_000) != fmt.Sprint(want) {
				t.Errorf("%s: HHI of %s is %d, want %v", day, row["customer"], m.Value, want)
			}
		}
	}
}

func TestLoopsAreNotComparedWhereTheSearchWasCut(t *testing.T) {
	in := small(t)
	run := in.Run
	in.Run = func(ctx context.Context, req queries.Request) (*queries.Result, error) {
		res, err := run(ctx, req)
		if err == nil && req.Analysis == "cycles" && req.Revision == 1 {
			res.Truncated = queries.Truncation{Is: true, Reason: "the time was over"}
		}
		return res, err
	}
	r := build(t, in)
	d := r.Differences
	if len(d.Loops) > 0 || d.LoopsCut != "the time was over" || r.Was.Metrics[report.Loops].Known || !r.Now.Metrics[report.Loops].Known {
		t.Errorf("loops %+v, cut %q, was %+v", d.Loops, d.LoopsCut, r.Was.Metrics[report.Loops])
	}
	if page := string(written(t, r, "md")); !strings.Contains(page, "Loops were not compared") {
		t.Error("the page does not say that loops were not compared")
	}
}

// at is an answer at a day and a revision as JSON.
func at(t *testing.T, in report.Input, a report.Ask, day string, revision uint64) contract {
	t.Helper()
	plain := in
	plain.Run = func(ctx context.Context, req queries.Request) (*queries.Result, error) {
		req.Revision = revision
		return in.Run(ctx, req)
	}
	return answered(t, plain, a.Analysis, day, a.Params)
}
