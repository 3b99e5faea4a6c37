package report_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/sqlitestore"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
	"roundtrip/reports/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

func newStore(t testing.TB) graph.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

// input is a report over the store on that day.
func input(store graph.Store, day string) report.Input {
	live := queries.NewLive(store)
	runner := queries.NewRunner(queries.Options{Catalogue: library.All(), Live: live, Now: casetest.Now})
	return report.Input{
		Name: "small", Run: runner.Run, Catalogue: library.All(), Names: report.NamesOf(live), At: report.Point{Day: date(day)}, Version: "v1.2.3",
	}
}

func date(text string) graph.Date {
	d, err := graph.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func build(t testing.TB, in report.Input) *report.Report {
	t.Helper()
	r, err := report.Build(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func written(t testing.TB, r *report.Report, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(t.Context(), &b, format, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The small graph. First Amazon puts 10 into OpenAI, which promises AWS 38; a
// second import adds a loop of three companies and the news that Amazon's 10 is
// off since 1 February 2026.
func firstImport() fstest.MapFS {
	return fstest.MapFS{
		"companies.csv": {Data: []byte("id,name,kind,parent_id\namazon,Amazon,hyperscaler,\naws,AWS,hyperscaler,amazon\nopenai,OpenAI,ai_lab,\n")},
		"sources.csv":   {Data: []byte("id,publisher,url,date,title\ns1,The Daily,https://daily.example/1,2025-11-03,Amazon and OpenAI\n")},
		"flows.csv": {Data: []byte("id,from,to,kind,amount_usd,announced_date,initial_status,status,source_ids\n" +
			"f1,amazon,openai,equity_investment,10000000000,2025-01-15,signed,signed,s1\n" +
			"f2,openai,aws,compute_commitment,38000000000,2025-11-03,signed,signed,s1\n")},
	}
}

func secondImport() fstest.MapFS {
	return fstest.MapFS{
		"companies.csv": {Data: []byte("id,name,kind,parent_id\nnvidia,Nvidia,chip_vendor,\noracle,Oracle,hyperscaler,\n")},
		"flows.csv": {Data: []byte("id,from,to,kind,amount_usd,announced_date,initial_status,status,source_ids\n" +
			"f1,amazon,openai,equity_investment,10000000000,2025-01-15,signed,cancelled,s1\n" +
			"f3,nvidia,openai,equity_investment,30000000000,2025-09-22,signed,signed,s1\n" +
			"f4,openai,oracle,compute_commitment,300000000000,2025-09-10,signed,signed,s1\n" +
			"f5,oracle,nvidia,chip_purchase,40000000000,2025-05-01,signed,signed,s1\n")},
		"outcomes.csv": {Data: []byte("id,flow_id,date,event,status_after\no1,f1,2026-02-01,cancelled,cancelled\n")},
	}
}

func smallStore(t testing.TB) graph.Store {
	store := newStore(t)
	casetest.Import(t, store, firstImport())
	casetest.Import(t, store, secondImport())
	return store
}

// small is the report of 1 March 2026 with the differences to the end of 2025,
// when only the first import was there.
func small(t testing.TB) report.Input {
	in := input(smallStore(t), "2026-03-01")
	in.Title, in.Note = "Loops of three firms", "Made by hand."
	in.Before = &report.Point{Day: date("2025-12-31"), Revision: 1}
	in.History = date("2025-10")
	in.Asks = []report.Ask{
		{Analysis: "cycles"},
		{Analysis: "roundtrips"},
		{Analysis: "circularity"},
		{Name: "settled-loops", Analysis: "cycles", Lens: queries.Args{"basis": "settled"}},
	}
	return in
}

func TestWhatMovedInTheSmallGraph(t *testing.T) {
	r := build(t, small(t))
	if want := "Since 31 December 2025, 1 loop is new (Nvidia → OpenAI → Oracle → Nvidia, up to $30.0bn) and 1 is gone; the circularity index went from 41.7 % to 22.1 %."; r.Finding != want {
		t.Errorf("the finding is\n%s\nwant\n%s", r.Finding, want)
	}
	d := r.Differences
	var loops, legs []string
	for _, l := range d.Loops {
		loops = append(loops, strings.Join([]string{l.Change, strings.Join(l.Ring, ">"), l.Before.Short(), l.After.Short(), strings.Join(l.Causes, ",")}, " "))
	}
	want := []string{"new nvidia>openai>oracle unknown $30.0bn f5,f4,f3", "gone amazon>openai $10.0bn unknown f1"}
	if !slices.Equal(loops, want) {
		t.Errorf("loops %q, want %q", loops, want)
	}
	for _, l := range d.Legs {
		legs = append(legs, strings.Join([]string{l.ID, l.Change, l.StateBefore, l.StateAfter, l.Delta.Short()}, " "))
	}
	want = []string{"f4 new  signed $300.0bn", "f5 new  signed $40.0bn", "f3 new  signed $30.0bn", "f1 gone signed cancelled -$10.0bn"}
	if !slices.Equal(legs, want) {
		t.Errorf("legs %q, want %q", legs, want)
	}
	if reason := d.Legs[3].Reason; !strings.Contains(reason, "cancelled on 1 February 2026 (o1, state cancelled)") {
		t.Errorf("f1 is gone because: %s", reason)
	}
	if reason := d.Legs[0].Reason; !strings.Contains(reason, "added it") {
		t.Errorf("f4 is new because: %s", reason)
	}
	if d.LoopsSame != 0 || d.LoopsHidden != 0 || !d.Any() {
		t.Errorf("same %d, hidden %d, any %v", d.LoopsSame, d.LoopsHidden, d.Any())
	}
	for path, want := range map[string]report.Metric{
		"cycles/count":                  {Title: "Loops", Type: "count", Value: 1, Known: true},
		"circularity/circular_cents":    {Title: "Goes round", Type: "money", Value: 90_000_000_000_00, Known: true},
		"roundtrips/pairs":              {Title: "pairs", Type: "count", Value: 0, Known: true},
		"settled-loops/count":           {Title: "Loops", Type: "count", Value: 0, Known: true},
		"circularity/certificate_holds": {},
	} {
		if got := r.Metrics[path]; got != want {
			t.Errorf("metric %s is %+v, want %+v", path, got, want)
		}
	}
	var history []string
	for _, s := range r.History {
		ci, loops := s.Metrics[report.CI], s.Metrics[report.Loops]
		history = append(history, s.Day.String()+" "+graph.Micro(ci.Value).String()+" "+string(rune('0'+loops.Value)))
	}
	// At the later revision: before November only the loop of three is there (90 of
	// 380), then both (110 of 418), and from February on 90 of 408.
	wantHistory := []string{"2025-10-31 0.236842 1", "2025-11-30 0.263158 2", "2025-12-31 0.263158 2", "2026-01-31 0.263158 2", "2026-02-28 0.220588 1", "2026-03-01 0.220588 1"}
	if !slices.Equal(history, wantHistory) {
		t.Errorf("history %q, want %q", history, wantHistory)
	}
}

func TestTheSmallReportIsWrittenAsItWas(t *testing.T) {
	r := build(t, small(t))
	for _, format := range []string{"md", "json", "html"} {
		got := written(t, r, format)
		name := filepath.Join("testdata", "small."+format)
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs; look at it, and write it with -update where it is right", name)
		}
	}
}

func TestTheZipHasAFileForEachAskAndForWhatMoved(t *testing.T) {
	body := written(t, build(t, small(t)), "csv")
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string][][]string{}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if lines[f.Name], err = csv.NewReader(in).ReadAll(); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if !f.Modified.Equal(time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s is of %s, want the day of the report", f.Name, f.Modified)
		}
	}
	want := []string{
		"report.csv", "differences/loops.csv", "differences/legs.csv", "differences/figures.csv",
		"differences/rows/cycles.csv", "answers/cycles.csv", "differences/rows/roundtrips.csv", "answers/roundtrips.csv",
		"differences/rows/circularity.csv", "answers/circularity.csv", "differences/rows/settled-loops.csv", "answers/settled-loops.csv", "figures.csv", "history.csv",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the files are %q, want %q", names, want)
	}
	loops := lines["differences/loops.csv"]
	if len(loops) != 3 || !slices.Equal(loops[1][1:10], []string{"new", "nvidia;openai;oracle", "round_trip", "", "3000000000000", "", "3000000000000", "f5;f4;f3", "f5;f4;f3"}) {
		t.Errorf("differences/loops.csv is %q", loops)
	}
	if got := lines["answers/cycles.csv"]; len(got) != 2 {
		t.Errorf("answers/cycles.csv is %q", got)
	}
}

func TestAFirstReportHasNoDifferencesAndSaysHowThingsAre(t *testing.T) {
	in := small(t)
	in.Before = nil
	r := build(t, in)
	want := "On 1 March 2026 1 loop returns value to where it left, a structural round trip; Nvidia → OpenAI → Oracle → Nvidia can take $30.0bn all the way round; $90.0bn of $408.0bn (22.1 %) can go round without counting a dollar twice."
	if r.Finding != want {
		t.Errorf("the finding is\n%s\nwant\n%s", r.Finding, want)
	}
	if r.Differences != nil || r.Was != nil {
		t.Errorf("differences %+v, was %+v", r.Differences, r.Was)
	}
}

func TestNothingMovedBetweenTheSamePoints(t *testing.T) {
	in := small(t)
	in.Before = &report.Point{Day: in.At.Day}
	r := build(t, in)
	if r.Differences.Any() || !strings.HasPrefix(r.Finding, "Nothing moved; the graph is still at revision 2: on 1 March 2026 1 loop ") {
		t.Errorf("%s\n%+v", r.Finding, r.Differences)
	}
}

func TestAnEmptyGraphHasAReport(t *testing.T) {
	in := input(newStore(t), "2026-03-01")
	in.Asks = []report.Ask{{Analysis: "cycles"}, {Analysis: "circularity"}}
	in.History = date("2026-01")
	r := build(t, in)
	if want := "On 1 March 2026 no loop returns value to where it left."; r.Finding != want {
		t.Errorf("the finding is %q, want %q", r.Finding, want)
	}
	for _, format := range []string{"html", "md", "json", "csv"} {
		written(t, r, format)
	}
}

func TestBadAsksAreNamed(t *testing.T) {
	for _, c := range []struct {
		name string
		asks []report.Ask
		want string
	}{
		{"an analysis that is not there", []report.Ask{{Analysis: "cycle"}}, "cycle"},
		{"a name twice", []report.Ask{{Analysis: "cycles"}, {Name: "cycles", Analysis: "coverage"}}, `two asks have the name "cycles"`},
		{"a bad argument", []report.Ask{{Analysis: "cycles", Params: queries.Args{"max_hops": "99"}}}, "ask cycles: max_hops"},
		{"a scenario where there are none", []report.Ask{{Analysis: "cycles", Scenario: "calm"}}, "there are no scenarios here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := input(smallStore(t), "2026-03-01")
			in.Asks = c.asks
			_, err := report.Build(t.Context(), in)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want one with %q", err, c.want)
			}
		})
	}
}

// shipped is the whole library on the shipped data.
func shipped(t testing.TB) report.Input {
	store := newStore(t)
	casetest.Import(t, store, dataset.FS())
	in := input(store, "2026-06-30")
	in.Before = &report.Point{Day: date("2026-03-31")}
	in.History = date("2023-01")
	return in
}

func TestTheSameInputGivesTheSameBytesOnAnyNumberOfWorkers(t *testing.T) {
	one, four := shipped(t), shipped(t)
	one.Workers, four.Workers = 1, 4
	a, b := build(t, one), build(t, four)
	for _, format := range []string{"html", "md", "json", "csv"} {
		if !bytes.Equal(written(t, a, format), written(t, b, format)) {
			t.Errorf("%s differs between one worker and four", format)
		}
	}
	if !json.Valid(written(t, a, "json")) {
		t.Error("the report is not JSON")
	}
}

// BenchmarkDailyReportOfTheLibrary builds and writes what a daily schedule does:
// the whole library, differences to the day before, curves since 2023. It is
// promised to take at most two seconds on two cores.
func BenchmarkDailyReportOfTheLibrary(b *testing.B) {
	in := shipped(b)
	in.Before = &report.Point{Day: date("2026-06-29")}
	in.Samples = nil // as for the first report of a server
	for b.Loop() {
		r := build(b, in)
		for _, format := range []string{"html", "json"} {
			written(b, r, format)
		}
	}
}

func TestKeptSamplesGiveTheSameReport(t *testing.T) {
	in := small(t)
	plain := written(t, build(t, in), "json")
	asked := 0
	var mu sync.Mutex
	run := in.Run
	in.Run = func(ctx context.Context, req queries.Request) (*queries.Result, error) {
		mu.Lock()
		asked++
		mu.Unlock()
		return run(ctx, req)
	}
	in.Samples = &report.Samples{}
	if !bytes.Equal(written(t, build(t, in), "json"), plain) {
		t.Error("the first report that keeps samples is other bytes")
	}
	first := asked
	if !bytes.Equal(written(t, build(t, in), "json"), plain) {
		t.Error("the report from kept samples is other bytes")
	}
	// Seven questions for each of five months and for both points.
	if saved := first - (asked - first); saved != 7*7 {
		t.Errorf("the second report saves %d questions, want 49", saved)
	}
}

func TestTheCoverSaysOnWhichDayAndThroughWhatItsLoopsAre(t *testing.T) {
	for name, x := range map[string]struct {
		ask          report.Ask
		begins, ends string
	}{
		"as by default": {report.Ask{Analysis: "cycles"}, "On 1 March 2026 1 loop returns ", "; $90.0bn of $408.0bn (22.1 %) can go round without counting a dollar twice."},
		"on another day": {
			report.Ask{Analysis: "cycles", Lens: queries.Args{"as_of": "2026-01-15"}},
			"On 15 January 2026 2 loops return ", "; on 1 March 2026 $90.0bn of $408.0bn (22.1 %) can go round without counting a dollar twice.",
		},
		"through another lens": {
			report.Ask{Analysis: "cycles", Lens: queries.Args{"companies": []string{"amazon", "openai"}}, Params: queries.Args{"max_hops": 2}},
			"On 1 March 2026, as asked (companies amazon, openai; max hops 2), no loop returns ", "; under the default lens $90.0bn of $408.0bn (22.1 %) can go round without counting a dollar twice.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := small(t)
			in.Before, in.Asks = nil, []report.Ask{x.ask}
			r, err := report.Build(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(r.Finding, x.begins) || !strings.HasSuffix(r.Finding, x.ends) {
				t.Errorf("the finding is %s", r.Finding)
			}
			page := string(written(t, r, "md"))
			if said := strings.Contains(page, "under the default lens of each analysis.\n"); said != (name != "as by default") {
				t.Errorf("it is %v that the main figures are told apart:\n%.1500s", said, page)
			}
		})
	}
}

func TestThePageShowsTheFirstAlertsOfEachRuleAndCountsTheOthers(t *testing.T) {
	in := small(t)
	r, err := report.Build(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		r.Alerts = append(r.Alerts, report.Raised{Name: "many", Title: "Too many", Text: fmt.Sprintf("Thing %d.", i), Key: fmt.Sprintf("many/%d", i)})
	}
	r.Alerts[7].Text += " It met an unknown value once."
	r.Alerts = append([]report.Raised{{Name: "known", Text: "Old.", Key: "known", Muted: "under discussion"}}, r.Alerts...)
	r.Alerts = append(r.Alerts, report.Raised{Name: "one", Text: "One.", Key: "one"})
	var got []string
	for line := range strings.Lines(string(written(t, r, "md"))) {
		if rest, ok := strings.CutPrefix(line, "Alert: "); ok {
			got = append(got, strings.TrimSpace(rest))
		}
	}
	want := []string{
		"Too many. Thing 0.", "Too many. Thing 1.", "Too many. Thing 2.", "Too many. Thing 3.", "Too many. Thing 4.",
		"Too many. It found 3 more, which the JSON form lists. It met an unknown value once.", "one. One.", "known. Old. Muted: under discussion.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the page shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := strings.Count(string(written(t, r, "json")), `"acknowledged":`); n != 10 {
		t.Errorf("the JSON form has %d alerts, want 10", n)
	}
}
