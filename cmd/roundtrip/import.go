package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"roundtrip/graph"
	"roundtrip/graph/ingest"
)

func newImport(s *streams) *cobra.Command {
	var dry, quiet bool
	c := &cobra.Command{
		Use:   "import PATH...",
		Short: "Import a folder, a zip or single CSV files",
		Long: "Import a folder of CSV files, a zip of them, a single one of them (flows.csv, companies.csv ...), or a plain transfer list\n" +
			"(from,to,amount,timestamp[,kind]). Every file is checked in full before anything is written; a fault keeps all of it out.\n" +
			"Each path is one batch, which roundtrip imports undo takes back.",
		Args: cobra.MinimumNArgs(1),
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "check only")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "no progress")
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		l, err := settings(c, s)
		if err != nil {
			return err
		}
		store, err := openStore(c.Context(), l.Config, newLogger(l.Log, s.err))
		if err != nil {
			return err
		}
		defer store.closeAfter(&err)
		for _, path := range args {
			if err := importPath(c, s, store, path, dry, quiet || !terminal(s.err)); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}

func importPath(c *cobra.Command, s *streams, store *opened, path string, dry, quiet bool) (err error) {
	src, err := ingest.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	check := newBar(s.err, quiet, "checking "+src.Name())
	report, batch, err := ingest.Check(c.Context(), src, store, ingest.Options{At: time.Now().UTC(), Progress: func(p ingest.Progress) { check.set(p.Bytes, p.Total) }})
	check.end()
	if err != nil {
		return err
	}
	if !report.OK() {
		if err := report.WriteText(s.err); err != nil {
			return err
		}
		return errShown
	}
	if err := report.WriteText(s.out); err != nil || dry {
		return err
	}
	total := int64(0)
	for _, n := range report.Counts {
		total += int64(n.Rows + n.Created)
	}
	writing := newBar(s.err, quiet, "writing")
	batch.Progress = func(n int) { writing.set(int64(n), total) }
	applied, err := store.Apply(c.Context(), batch)
	writing.end()
	if errors.Is(err, graph.ErrConflict) {
		return fmt.Errorf("%s: %w it was checked; import it again", path, err)
	}
	if err != nil {
		return fmt.Errorf("%s: nothing was kept: %w", path, err)
	}
	if applied.ID == "" {
		_, err := fmt.Fprintf(s.out, "nothing changed: all %d records are in the store already (revision %d)\n", applied.Unchanged, applied.Revision)
		return err
	}
	_, err = fmt.Fprintf(s.out, "batch %s: %d added, %d changed, %d deleted, %d unchanged; revision %d\n",
		applied.ID, applied.Added, applied.Changed, applied.Deleted, applied.Unchanged, applied.Revision)
	return err
}

// bar is a progress bar on a terminal, or nothing.
type bar struct{ b *progressbar.ProgressBar }

func newBar(w io.Writer, quiet bool, what string) bar {
	if quiet {
		return bar{}
	}
	return bar{progressbar.NewOptions64(-1, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))}
}

func (b bar) set(done, total int64) {
	if b.b == nil {
		return
	}
	if total > 0 {
		b.b.ChangeMax64(max(done, total))
	}
	_ = b.b.Set64(done) // a bar that cannot be drawn is no reason to stop
}

func (b bar) end() {
	if b.b != nil {
		_ = b.b.Finish()
	}
}

func newValidate(s *streams) *cobra.Command {
	var format string
	var fail []string
	c := &cobra.Command{
		Use:   "validate PATH",
		Short: "Check files without a store and list all faults and warnings",
		Args:  cobra.ExactArgs(1),
	}
	most := c.Flags().Int("max-faults", 100, "list at most so many faults")
	c.Flags().StringVar(&format, "format", "text", "form of the report: text or json")
	c.Flags().StringSliceVar(&fail, "fail-on", nil, "end with code 3 when there are warnings: warnings")
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		if format != "text" && format != "json" {
			return usage("", "--format %s: want text or json", format)
		}
		for _, f := range fail {
			if f != "warnings" {
				return usage("", "--fail-on %s: want warnings", f)
			}
		}
		src, err := ingest.Open(args[0])
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, src.Close()) }()
		check := newBar(s.err, !terminal(s.err), "checking "+src.Name())
		report, _, err := ingest.Check(c.Context(), src, nil, ingest.Options{MaxFaults: *most, Progress: func(p ingest.Progress) { check.set(p.Bytes, p.Total) }})
		check.end()
		if err != nil {
			return err
		}
		if err := writeReport(s.out, format, report); err != nil {
			return err
		}
		switch {
		case !report.OK():
			return errShown
		case len(fail) > 0 && len(report.Warnings) > 0:
			return errFindings
		}
		return nil
	}
	return c
}

func writeReport(w io.Writer, format string, r *ingest.Report) error {
	if format == "text" {
		return r.WriteText(w)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

func newImports(s *streams) *cobra.Command {
	c := &cobra.Command{Use: "imports", Short: "List and undo imports"}
	with := func(c *cobra.Command, do func(store *opened) error) (err error) {
		l, err := settings(c, s)
		if err != nil {
			return err
		}
		store, err := openStore(c.Context(), l.Config, newLogger(l.Log, s.err))
		if err != nil {
			return err
		}
		defer store.closeAfter(&err)
		return do(store)
	}
	c.AddCommand(&cobra.Command{
		Use: "list", Short: "List the batches, the latest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return with(c, func(store *opened) error {
				batches, err := store.Batches(c.Context())
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "BATCH\tAT\tADDED\tCHANGED\tDELETED\tORIGIN\tNOTE")
				for _, b := range batches {
					note := ""
					switch {
					case b.Undoes != "":
						note = "undoes " + b.Undoes
					case b.UndoneBy != "":
						note = "undone by " + b.UndoneBy
					}
					fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\t%s\n", b.ID, b.At.UTC().Format(time.RFC3339), b.Added, b.Changed, b.Deleted, b.Origin, note)
				}
				return w.Flush()
			})
		},
	}, &cobra.Command{
		Use: "undo BATCH", Short: "Restore what a batch changed, as a new revision", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return with(c, func(store *opened) error {
				applied, err := store.Undo(c.Context(), args[0], time.Now().UTC())
				if errors.Is(err, graph.ErrNotFound) {
					return fmt.Errorf("there is no batch %s; roundtrip imports list shows them", args[0])
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(s.out, "batch %s undoes %s; revision %d\n", applied.ID, args[0], applied.Revision)
				return err
			})
		},
	})
	return c
}
