package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"
	_ "time/tzdata" // schedules name time zones, also where the machine knows none

	"github.com/spf13/cobra"

	"roundtrip/config"
	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/reports"
	"roundtrip/reports/deliver"
	"roundtrip/reports/desk"
	"roundtrip/reports/report"
)

// office is what schedules need: where they are found, how they are checked and
// who runs them.
type office struct {
	book    *reports.Book
	checker reports.Checker
	runner  *reports.Runner
	press   *desk.Press
	allowed allowed // to schedules saved over HTTP
}

// newOffice is the schedules of a store. byHand leaves slots to a server.
func newOffice(l config.Config, store *opened, shelf *scenario.Shelf, answers *queries.Runner, env []string, byHand bool, log *slog.Logger) (*office, error) {
	history, err := historyOf(l)
	if err != nil {
		return nil, err
	}
	var files fs.FS
	if l.Reports.Dir != "" {
		if info, err := os.Stat(l.Reports.Dir); err != nil || !info.IsDir() {
			return nil, usage("", "reports.dir is %q, which is not a directory", l.Reports.Dir)
		}
		files = os.DirFS(l.Reports.Dir)
	}
	catalogue := library.All()
	o := &office{book: reports.NewBook(files, store)}
	if o.allowed, err = allowedOverHTTP(l); err != nil {
		return nil, err
	}
	o.checker = reports.Checker{
		Prepare: func(ctx context.Context, req queries.Request) error {
			_, err := answers.Prepare(ctx, req)
			return err
		},
		Lens: func(args queries.Args) error {
			_, err := answers.Lens(graph.DefaultLens(), args, queries.Names(queries.LensParams()))
			return err
		},
		Form: report.Writable,
		Scenario: func(ctx context.Context, name string) (*scenario.Scenario, error) {
			f, err := shelf.Get(ctx, name)
			return f.Scenario, err
		},
		Alert: func(s *reports.Schedule, a reports.Alert) error {
			_, err := desk.Compile(catalogue, s, a)
			return err
		},
	}
	o.press = &desk.Press{
		Run: answers.Run, Catalogue: catalogue, Graphs: newLive(store), History: history, Settings: settingsOfReports(l),
		Under: func(settings map[string]string) (report.RunFunc, graph.Date, error) {
			then, err := underSettings(l, settings)
			if err != nil {
				return nil, graph.Date{}, err
			}
			history, err := historyOf(then)
			return newRunner(then, store, time.Now).Run, history, err
		},
	}
	o.runner = reports.NewRunner(reports.Options{
		Documents: store, Book: o.book, Holder: holder(), Version: version(), Workers: l.Reports.Workers, Timeout: l.Reports.Timeout,
		OnlyRequests: byHand, Logger: log, Secrets: secretsOf(l),
		Maker: o.press,
		Sender: &desk.Post{Sender: deliver.NewSender(deliver.Options{SMTP: deliver.SMTP{
			Host: l.SMTP.Host, Port: l.SMTP.Port, Security: l.SMTP.Security, Username: l.SMTP.Username,
			Password: deliver.Secret(l.SMTP.Password), From: l.SMTP.From,
		}}), Secret: func(name string) string { return variable(env, name) }},
		Scenario: func(ctx context.Context, name string) ([]byte, error) {
			f, err := shelf.Get(ctx, name)
			return f.Text, err
		},
	})
	return o, nil
}

// historyOf is the first month of the curves in reports, unknown for none.
func historyOf(l config.Config) (graph.Date, error) {
	if l.Reports.History == "none" {
		return graph.Date{}, nil
	}
	history, err := graph.ParseDate(l.Reports.History)
	if err != nil || !history.Known() {
		return graph.Date{}, usage("", "reports.history is %q; want a month such as 2023-01, or none", l.Reports.History)
	}
	return history, nil
}

// settingsOfReports are the settings that the bytes of a report depend on, which
// each run keeps.
func settingsOfReports(l config.Config) map[string]string {
	kept := map[string]string{}
	for _, k := range config.Describe() {
		if slices.Contains([]string{"analysis.probabilities", "reports.history"}, k.Name) {
			kept[k.Name] = k.Text(l)
		}
	}
	return kept
}

// underSettings are the settings of today but for those that a run has kept.
func underSettings(l config.Config, kept map[string]string) (config.Config, error) {
	then, err := config.Load(config.Source{Flags: kept})
	l.Analysis.Probabilities, l.Reports.History = then.Analysis.Probabilities, then.Reports.History
	return l, err
}

// holder is a name that no other process has.
func holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), hex.EncodeToString(b[:]))
}

func variable(env []string, name string) string {
	value := ""
	for _, entry := range env {
		if len(entry) > len(name) && entry[:len(name)] == name && entry[len(name)] == '=' {
			value = entry[len(name)+1:]
		}
	}
	return value
}

// withOffice opens the store and its schedules, with the shipped data in a store
// that never held anything.
func withOffice(c *cobra.Command, s *streams, do func(context.Context, *office) error) (err error) {
	l, err := settings(c, s)
	if err != nil {
		return err
	}
	log := newLogger(l.Log, s.err)
	store, err := openStore(c.Context(), l.Config, log)
	if err != nil {
		return err
	}
	defer store.closeAfter(&err)
	if l.Store.Dataset {
		if _, err := store.loadDataset(c.Context(), time.Now().UTC()); err != nil {
			return err
		}
	}
	shelf, err := newShelf(l.Config, store)
	if err != nil {
		return err
	}
	o, err := newOffice(l.Config, store, shelf, newRunner(l.Config, store, time.Now), s.env, true, log)
	if err != nil {
		return err
	}
	return do(c.Context(), o)
}

// lead runs what is asked for by hand while wait lasts, unless a server does.
func (o *office) lead(ctx context.Context, wait func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		o.runner.Run(ctx)
		close(ended)
	}()
	err := wait(ctx)
	cancel()
	<-ended
	return err
}

// settled waits until a run is made and each delivery was tried once.
func (o *office) settled(ctx context.Context, id string) (reports.Run, error) {
	const every = 100 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		run, err := o.runner.Find(ctx, id)
		if err == nil && run.Outcome != reports.Running && !untried(run) {
			return run, nil
		}
		select {
		case <-ctx.Done():
			return run, ctx.Err()
		case <-tick.C:
		}
	}
}

func untried(run reports.Run) bool {
	for _, d := range run.Deliveries {
		if d.State == reports.Pending && d.Attempts == 0 {
			return true
		}
	}
	return false
}
