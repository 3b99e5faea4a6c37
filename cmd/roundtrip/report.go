package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"roundtrip/config"
	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/reports"
	"roundtrip/reports/report"
)

// reporting is the flags of the command report.
type reporting struct {
	s                          *streams
	schedule, title, format    string
	file, asOf, since, history string
	percent, amount            string
	asks, fail                 []string
	revision, sinceRevision    uint64
	catalogue                  queries.Catalogue
	moved, truncated, warned   bool // what --fail-on asks for
}

// What --fail-on of a report can ask for.
var failReport = []string{"changes", "truncated", "warnings"}

func newReport(s *streams) *cobra.Command {
	k := &reporting{s: s, catalogue: library.All()}
	c := &cobra.Command{
		Use:   "report",
		Short: "Make one report: answers, what moved since a day and why, and how figures moved over the years",
		Long: "Make one report without a server: the answers to the questions of a schedule, or to those named, or to the whole library;\n" +
			"what differs from an earlier day, with reasons; and the course of the main figures.\n\n" +
			"An ask is the name of an analysis, with arguments as in a query: --ask 'cycles?max_hops=3&through=amazon'.",
		Args: cobra.NoArgs,
	}
	f := c.Flags()
	f.StringVar(&k.schedule, "schedule", "", "schedule whose questions are asked: a YAML file, or the name of a saved one")
	f.StringArrayVar(&k.asks, "ask", nil, "an analysis to ask, with its arguments; may be repeated; the whole library when not given")
	f.StringVar(&k.title, "title", "", "title of the report")
	f.StringVar(&k.format, "format", "html", "form of the report: "+strings.Join(report.FormatNames(), ", ")+" (csv is a zip with one file per ask; pdf needs Chromium); when not given, as the name of the file ends")
	f.StringVarP(&k.file, "output", "o", "", "file to write the report to; standard output when not given")
	f.StringVar(&k.asOf, "as-of", "", "day of the report; today when not given")
	f.StringVar(&k.since, "since", "", "day that the differences are to; without it the report has none, unless --since-revision is given")
	f.Uint64Var(&k.revision, "revision", 0, "an earlier revision of the graph; 0 is the current one")
	f.Uint64Var(&k.sinceRevision, "since-revision", 0, "revision that the differences are to; that of the report when not given")
	f.StringVar(&k.history, "history", "2023-01", "first month of the curves; none draws none")
	f.StringVar(&k.percent, "tolerance-percent", "", "moves of at most so many per cent of the earlier value are counted, not listed")
	f.StringVar(&k.amount, "tolerance-amount", "", "amounts that moved by at most so many dollars are counted, not listed")
	f.StringSliceVar(&k.fail, "fail-on", nil, "end with code 3 when the report has any of: "+strings.Join(failReport, ", "))
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(report.FormatNames(), cobra.ShellCompDirectiveNoFileComp))
	formatOfReport(c, report.FormatNames())
	c.AddCommand(newTrends(s))
	c.RunE = func(c *cobra.Command, _ []string) error {
		for _, f := range k.fail {
			if !slices.Contains(failReport, f) {
				return usage("", "--fail-on %s: want one of %s", f, strings.Join(failReport, ", "))
			}
		}
		if _, err := report.FindFormat(k.format); err != nil {
			return usage("", "--format: %w", err)
		}
		if k.file == "" && (k.format == "pdf" || k.format == "csv") && terminal(s.out) {
			return usage("", "--format %s is not for a terminal; name a file with -o", k.format)
		}
		err := k.run(c)
		if err == nil && (slices.Contains(k.fail, "changes") && k.moved || slices.Contains(k.fail, "truncated") && k.truncated || slices.Contains(k.fail, "warnings") && k.warned) {
			return errFindings
		}
		return err
	}
	return c
}

// input is what the flags say, before the store is opened.
func (k *reporting) input(now time.Time) (report.Input, error) {
	in := report.Input{Name: "report", Title: k.title, Catalogue: k.catalogue, Version: version()}
	date := func(flag, text string) (graph.Date, error) {
		d, err := graph.ParseDate(text)
		if err != nil {
			return d, usage("", "--%s %s: %w", flag, text, err)
		}
		return graph.On(d.Last()), nil
	}
	in.At = report.Point{Day: graph.On(graph.DayOf(now.UTC())), Revision: k.revision}
	var err error
	if k.asOf != "" {
		if in.At.Day, err = date("as-of", k.asOf); err != nil {
			return in, err
		}
	}
	if k.since != "" || k.sinceRevision > 0 {
		in.Before = &report.Point{Day: in.At.Day, Revision: k.sinceRevision}
		if k.since != "" {
			if in.Before.Day, err = date("since", k.since); err != nil {
				return in, err
			}
		}
	}
	if k.history != "none" {
		if in.History, err = graph.ParseDate(k.history); err != nil || !in.History.Known() {
			return in, usage("", "--history %s: want a month such as 2023-01, or none", k.history)
		}
	}
	if in.Tolerance.Percent, err = graph.ParseDecimal(k.percent); err != nil || in.Tolerance.Percent.Micro() < 0 {
		return in, usage("", "--tolerance-percent %s: want a number of per cent such as 2.5", k.percent)
	}
	if in.Tolerance.Amount, err = graph.ParseMoney(k.amount); err != nil {
		return in, usage("", "--tolerance-amount %s: %w", k.amount, err)
	}
	for _, text := range k.asks {
		a, err := k.readAsk(text)
		if err != nil {
			return in, err
		}
		in.Asks = append(in.Asks, a)
	}
	return in, nil
}

// readAsk reads an analysis with its arguments.
func (k *reporting) readAsk(text string) (report.Ask, error) {
	name, query, _ := strings.Cut(text, "?")
	a, err := k.catalogue.Find(name)
	if err != nil {
		return report.Ask{}, usage("roundtrip analyze --list lists them", "--ask %s: %w", text, err)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return report.Ask{}, usage("", "--ask %s: the arguments are not a query such as max_hops=3&kind=round_trip: %w", text, err)
	}
	ask := report.Ask{Name: name, Analysis: name, Lens: queries.Args{}, Params: queries.Args{}}
	flat := queries.Args{}
	for key, v := range values {
		switch key {
		case "name":
			ask.Name = v[0]
		case "scenario":
			ask.Scenario = v[0]
		case "engine", "revision":
			return ask, usage("", "--ask %s: %s holds for the whole report and is not an argument of an ask", text, key)
		default:
			flat[key] = v[0]
		}
	}
	for name, value := range a.Example { // such as the ends of paths, which must be named
		if _, ok := flat[name]; !ok {
			flat[name] = value
		}
	}
	req, err := a.Read(flat, nil)
	if err != nil {
		return ask, argumentFaults(name, err)
	}
	ask.Lens, ask.Params, ask.Draws, ask.Seed = req.Lens, req.Params, req.Draws, int(req.Seed)
	return ask, nil
}

func (k *reporting) run(c *cobra.Command) (err error) {
	now := time.Now()
	in, err := k.input(now)
	if err != nil {
		return err
	}
	l, store, err := openLoaded(c, k.s)
	if err != nil {
		return err
	}
	defer store.closeAfter(&err)
	shelf, err := newShelf(l.Config, store)
	if err != nil {
		return err
	}
	answers := newRunner(l.Config, store, time.Now)
	if k.schedule != "" {
		office, err := newOffice(l.Config, store, shelf, answers, k.s.env, true, newLogger(l.Log, k.s.err))
		if err != nil {
			return err
		}
		s, err := k.readSchedule(c.Context(), office.book)
		if err != nil {
			return err
		}
		if err := k.scheduled(&in, s, now); err != nil {
			return err
		}
	}
	in.Scenario = func(ctx context.Context, name string) (*scenario.Scenario, error) {
		return findScenario(ctx, shelf, name)
	}
	in.Run, in.Names = answers.Run, report.NamesOf(newLive(store))
	r, err := report.Build(c.Context(), in)
	if err != nil {
		return k.fault(err)
	}
	k.moved = r.Differences.Any()
	for _, a := range r.Answers {
		k.truncated = k.truncated || a.Result.Truncated.Is
		k.warned = k.warned || len(a.Result.Warnings) > 0
	}
	write := func(w io.Writer) error { return report.Write(c.Context(), w, k.format, r) }
	if k.file == "" {
		return write(k.s.out)
	}
	if err := writeWhole(k.file, func(f *os.File) error { return write(f) }); err != nil {
		return err
	}
	fmt.Fprintf(k.s.err, "%s\n", r.Finding)
	return nil
}

// fault turns bad arguments of an ask into a mistake of usage.
func (k *reporting) fault(err error) error {
	var args queries.ArgumentErrors
	var use usageError
	if errors.As(err, &args) && !errors.As(err, &use) {
		return usage("roundtrip analyze NAME --help tells the arguments of an analysis", "%w", err)
	}
	return err
}

// readSchedule reads the file, or the saved schedule of that name.
func (k *reporting) readSchedule(ctx context.Context, book *reports.Book) (*reports.Schedule, error) {
	if !isScenarioFile(k.schedule) { // the same names are files
		f, err := book.Get(ctx, k.schedule)
		if errors.Is(err, graph.ErrNotFound) {
			return nil, usage("roundtrip schedule list shows them", "--schedule %s: %w", k.schedule, err)
		}
		if err == nil && f.Err != nil {
			err = f.Err
		}
		return f.Schedule, err
	}
	text, err := os.ReadFile(k.schedule)
	if err != nil {
		return nil, usage("", "--schedule: %w", err)
	}
	s, err := reports.ParseSchedule(k.schedule, text)
	if err != nil {
		return nil, usage("", "the schedule cannot be used:\n%w", err)
	}
	return s, nil
}

// scheduled makes the report that of a schedule; what the command line names
// itself stays.
func (k *reporting) scheduled(in *report.Input, s *reports.Schedule, now time.Time) (err error) {
	if k.asOf == "" {
		if in.At.Day, err = s.Day(now); err != nil {
			return err
		}
		if in.Before != nil && k.since == "" {
			in.Before.Day = in.At.Day
		}
	}
	in.Name, in.Note = s.Name, s.Note
	if in.Title == "" {
		in.Title = s.Title
	}
	if in.Tolerance == (report.Tolerance{}) {
		in.Tolerance = report.Tolerance{Percent: s.Tolerance.Percent, Amount: s.Tolerance.Amount}
	}
	if len(in.Asks) > 0 {
		return nil
	}
	for _, a := range s.Asks {
		in.Asks = append(in.Asks, report.Ask(a))
	}
	return nil
}

// openLoaded opens the store of the settings and loads the shipped data into it
// where it never held anything.
func openLoaded(c *cobra.Command, s *streams) (l config.Loaded, store *opened, err error) {
	if l, err = settings(c, s); err != nil {
		return l, nil, err
	}
	if store, err = openStore(c.Context(), l.Config, newLogger(l.Log, s.err)); err != nil || !l.Store.Dataset {
		return l, store, err
	}
	loaded, err := store.loadDataset(c.Context(), time.Now().UTC())
	if err != nil {
		store.closeAfter(&err)
		return l, nil, err
	}
	if loaded {
		fmt.Fprintf(s.err, "loaded the shipped data set into the empty store %s\n", store.name)
	}
	return l, store, nil
}

// newTrends prints the main figures month by month.
func newTrends(s *streams) *cobra.Command {
	k := &reporting{s: s, catalogue: library.All()}
	c := &cobra.Command{
		Use:   "trends",
		Short: "Print the main figures as of the end of each month, as CSV",
		Long: "Print the main figures as of the end of each month, found in the graph as it is known now: loops by kind, the circularity index,\n" +
			"totals by class, the coverage of each buyer's promises, the concentration of its vendors, and the vendor-financed share.\n" +
			"Money is in cents; what is not known is empty.",
		Args: cobra.NoArgs,
	}
	c.Flags().StringVar(&k.history, "from", "2023-01", "first month")
	c.Flags().StringVar(&k.asOf, "as-of", "", "last day; today when not given")
	c.Flags().Uint64Var(&k.revision, "revision", 0, "an earlier revision of the graph; 0 is the current one")
	c.Flags().StringVarP(&k.file, "output", "o", "", "file to write to; standard output when not given")
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		in, err := k.input(time.Now())
		if err != nil {
			return err
		}
		if !in.History.Known() {
			return usage("", "--from %s: want a month such as 2023-01", k.history)
		}
		l, store, err := openLoaded(c, s)
		if err != nil {
			return err
		}
		defer store.closeAfter(&err)
		samples, err := report.History(c.Context(), newRunner(l.Config, store, time.Now).Run, k.catalogue, in.History, in.At, 0)
		if err != nil {
			return k.fault(err)
		}
		if k.file == "" {
			return report.WriteSamples(s.out, samples)
		}
		return writeWhole(k.file, func(f *os.File) error { return report.WriteSamples(f, samples) })
	}
	return c
}
