package ruletest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/ingest"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/reports"
	"roundtrip/reports/desk"
)

// Options are what tests need of the program.
type Options struct {
	Catalogue queries.Catalogue
	// Store opens an empty store; it is closed after the test.
	Store func(ctx context.Context) (graph.Store, error)
	// Scenario finds a scenario that an ask names; nil where there are none.
	Scenario func(ctx context.Context, name string) (*scenario.Scenario, error)
}

// Outcome is how a test went.
type Outcome struct {
	Name     string
	Line     int
	Err      error    // the test could not be run
	Problems []string // what differs; none when it passed
	Raised   []string // what was raised: key and sentence
}

// OK tells whether the test passed.
func (o Outcome) OK() bool { return o.Err == nil && len(o.Problems) == 0 }

// Run reads a file of tests and runs them. The error is that of the file or its
// schedule; what a test comes to is in its outcome.
func Run(ctx context.Context, path string, o Options) ([]Outcome, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := Parse(path, text)
	if err != nil {
		return nil, err
	}
	at := f.Schedule
	if !filepath.IsAbs(at) {
		at = filepath.Join(filepath.Dir(path), at)
	}
	declared, err := os.ReadFile(at)
	if err != nil {
		return nil, fmt.Errorf("the schedule of %s: %w", path, err)
	}
	s, err := reports.ParseSchedule(at, declared)
	if err != nil {
		return nil, err
	}
	err = s.Check(ctx, reports.Checker{Alert: func(s *reports.Schedule, a reports.Alert) error {
		_, err := desk.Compile(o.Catalogue, s, a)
		return err
	}})
	if err != nil {
		return nil, err
	}
	var list []Outcome
	for _, t := range f.Tests {
		out := Outcome{Name: t.Name, Line: t.line}
		raised, err := t.judge(ctx, s, filepath.Dir(path), o)
		if out.Err = err; err == nil {
			out.Problems = t.differences(raised)
		}
		for _, r := range raised {
			out.Raised = append(out.Raised, line(r))
		}
		list = append(list, out)
	}
	return list, ctx.Err()
}

// judge makes the report of a test.
func (t *Test) judge(ctx context.Context, s *reports.Schedule, dir string, o Options) (raised []reports.Raised, err error) {
	store, err := o.Store(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close(context.WithoutCancel(ctx))) }()
	at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := load(ctx, store, t.Data, dir, at); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	earlier, err := store.Revision(ctx)
	if err != nil {
		return nil, err
	}
	if t.Then.given() {
		if err := load(ctx, store, t.Then, dir, at.Add(time.Hour)); err != nil {
			return nil, fmt.Errorf("then: %w", err)
		}
	}
	if len(t.Delete) > 0 {
		if err := remove(ctx, store, t.Delete, at.Add(2*time.Hour)); err != nil {
			return nil, fmt.Errorf("delete: %w", err)
		}
	}
	revision, err := store.Revision(ctx)
	if err != nil {
		return nil, err
	}
	judged := *s
	if len(t.Only) > 0 {
		for _, name := range t.Only {
			if !slices.ContainsFunc(s.Alerts, func(a reports.Alert) bool { return a.Name == name }) {
				return nil, fmt.Errorf("only: the schedule has no alert %s", name)
			}
		}
		judged.Alerts = slices.DeleteFunc(slices.Clone(s.Alerts), func(a reports.Alert) bool { return !slices.Contains(t.Only, a.Name) })
	}
	order := reports.Order{Schedule: &judged, Revision: revision.Number, Scenarios: map[string]*scenario.Scenario{}, Acknowledged: t.Acknowledged}
	if order.Slot, err = noon(s, t.Day); err != nil {
		return nil, err
	}
	if t.Before != "" {
		slot, err := noon(s, t.Before)
		if err != nil {
			return nil, err
		}
		order.Since = &reports.Since{Run: "earlier", Slot: slot, Revision: earlier.Number}
	}
	for _, a := range s.Asks {
		if a.Scenario == "" {
			continue
		}
		if o.Scenario == nil {
			return nil, fmt.Errorf("ask %s wants the scenario %s, and there are none here", a.Name, a.Scenario)
		}
		if order.Scenarios[a.Scenario], err = o.Scenario(ctx, a.Scenario); err != nil {
			return nil, fmt.Errorf("ask %s: %w", a.Name, err)
		}
	}
	live := queries.NewLive(store)
	runner := queries.NewRunner(queries.Options{Catalogue: o.Catalogue, Live: live, Now: func() time.Time { return order.Slot }})
	made, err := (&desk.Press{Run: runner.Run, Catalogue: o.Catalogue, Graphs: live}).Make(ctx, order)
	if err != nil {
		return nil, err
	}
	return made.Alerts, nil
}

// noon is the middle of a day in the zone of the schedule.
func noon(s *reports.Schedule, day string) (time.Time, error) {
	slots, err := s.Slots()
	if err != nil {
		return time.Time{}, err
	}
	return time.ParseInLocation("2006-01-02 15", day+" 12", slots.Zone())
}

// load imports files.
func load(ctx context.Context, store graph.Store, d Data, dir string, at time.Time) error {
	src, err := ingest.FromFS(d.in(dir))
	if err != nil {
		return err
	}
	found, batch, err := ingest.Check(ctx, src, store, ingest.Options{Origin: "test", At: at})
	return apply(ctx, store, found, batch, err)
}

// remove takes records away.
func remove(ctx context.Context, store graph.Store, deletes []string, at time.Time) error {
	keys := make([]graph.Key, len(deletes))
	for i, text := range deletes {
		kind, id, _ := strings.Cut(text, "/")
		k, err := graph.ParseRecordKind(kind)
		if err != nil || id == "" {
			return fmt.Errorf("%q is not a record; want its kind and id, such as flow/f12", text)
		}
		keys[i] = graph.Key{Kind: k, ID: id}
	}
	found, batch, err := ingest.CheckRecords(ctx, nil, keys, store, ingest.Options{Origin: "test", At: at})
	return apply(ctx, store, found, batch, err)
}

func apply(ctx context.Context, store graph.Store, found *ingest.Report, batch graph.Batch, err error) error {
	if err == nil {
		err = found.Err()
	}
	if err == nil {
		_, err = store.Apply(ctx, batch)
	}
	return err
}

// differences pairs what was raised with what must be.
func (t *Test) differences(raised []reports.Raised) (problems []string) {
	left := slices.Clone(raised)
	// Those that say more choose first.
	wants := slices.Clone(t.Raised)
	slices.SortStableFunc(wants, func(a, b Want) int { return b.precision() - a.precision() })
	for _, w := range wants {
		i := slices.IndexFunc(left, w.is)
		if i < 0 {
			problems = append(problems, "not raised: "+w.String())
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, r := range left {
		problems = append(problems, "raised:     "+line(r))
	}
	return problems
}

func (w Want) precision() int {
	n := 0
	for _, given := range []bool{w.Key != "", w.Text != "", w.Muted != nil, w.Acknowledged != nil} {
		if given {
			n++
		}
	}
	if w.Key != "" {
		n += 10
	}
	return n
}

func (w Want) is(r reports.Raised) bool {
	return r.Name == w.Alert && (w.Key == "" || w.Key == r.Key) && strings.Contains(told(r), w.Text) &&
		(w.Muted == nil || *w.Muted == (r.Muted != "")) && (w.Acknowledged == nil || *w.Acknowledged == r.Acknowledged)
}

// String is what is wanted in words.
func (w Want) String() string {
	parts := []string{w.Alert}
	if w.Key != "" {
		parts = append(parts, "with the key "+w.Key)
	}
	if w.Text != "" {
		parts = append(parts, fmt.Sprintf("that says %q", w.Text))
	}
	if w.Muted != nil {
		parts = append(parts, map[bool]string{true: "muted", false: "not muted"}[*w.Muted])
	}
	if w.Acknowledged != nil {
		parts = append(parts, map[bool]string{true: "acknowledged", false: "not acknowledged"}[*w.Acknowledged])
	}
	return strings.Join(parts, ", ")
}

// told is an alert as recipients are told it.
func told(r reports.Raised) string { return r.Title + ": " + r.Text }

func line(r reports.Raised) string {
	text := r.Key + ": " + told(r)
	if r.Muted != "" {
		text += " [muted: " + r.Muted + "]"
	}
	if r.Acknowledged {
		text += " [acknowledged]"
	}
	return text
}

// Write tells how the tests of a file went, and whether all passed. verbose also
// shows what tests that passed raised.
func Write(w io.Writer, list []Outcome, verbose bool) (passed bool, err error) {
	var b strings.Builder
	failed := 0
	for _, o := range list {
		word := "ok  "
		if !o.OK() {
			word = "FAIL"
			failed++
		}
		fmt.Fprintf(&b, "%s  %s\n", word, o.Name)
		if o.Err != nil {
			fmt.Fprintf(&b, "      line %d: it could not be run: %s\n", o.Line, strings.ReplaceAll(o.Err.Error(), "\n", "\n      "))
		}
		for i, p := range o.Problems {
			if i == 0 {
				fmt.Fprintf(&b, "      line %d:\n", o.Line)
			}
			fmt.Fprintf(&b, "      %s\n", p)
		}
		if verbose && o.OK() {
			for _, r := range o.Raised {
				fmt.Fprintf(&b, "      raised:     %s\n", r)
			}
		}
	}
	if failed > 0 {
		fmt.Fprintf(&b, "%d of %d tests failed\n", failed, len(list))
	} else {
		fmt.Fprintf(&b, "%d tests passed\n", len(list))
	}
	_, err = io.WriteString(w, b.String())
	return failed == 0, err
}
