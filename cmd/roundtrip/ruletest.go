package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
	"roundtrip/graph/sqlitestore"
	"roundtrip/queries/library"
	"roundtrip/reports/ruletest"
)

// newScheduleTest is the command schedule test. It needs no store: every test has
// its own.
func newScheduleTest(s *streams) *cobra.Command {
	var verbose bool
	c := &cobra.Command{
		Use: "test FILE...", Short: "Test the alerts of schedules against small data", Args: cobra.MinimumNArgs(1),
		Long: "A file of tests names a schedule, gives small data, what changes it, and what must be raised; docs/alerts.md tells its form.\n" +
			"Ends with code 1 when a test fails.",
		RunE: func(c *cobra.Command, args []string) error {
			o := ruletest.Options{Catalogue: library.All(), Store: emptyStore, Scenario: shippedScenario}
			failed := false
			for _, path := range args {
				if len(args) > 1 {
					fmt.Fprintf(s.out, "%s\n", path)
				}
				list, err := ruletest.Run(c.Context(), path, o)
				if err != nil {
					var faults scenario.Faults
					if errors.As(err, &faults) {
						return usage("docs/alerts.md tells the form of a file of tests, docs/reports.md that of a schedule", "the tests cannot be run:\n%w", err)
					}
					return scheduleFaults(err)
				}
				passed, err := ruletest.Write(s.out, list, verbose)
				if err != nil {
					return err
				}
				failed = failed || !passed
			}
			if failed {
				return errShown
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "also show what tests that passed raised")
	return c
}

// shippedScenario finds a scenario of the data set.
func shippedScenario(_ context.Context, name string) (*scenario.Scenario, error) {
	text, err := fs.ReadFile(dataset.Scenarios(), name+".yaml")
	if err != nil {
		return nil, fmt.Errorf("no scenario that is shipped is called %s", name)
	}
	return scenario.Parse(name, text)
}

// throwaway is a store whose files go when it is closed.
type throwaway struct {
	graph.Store
	dir string
}

// Close closes the store and removes its files.
func (t throwaway) Close(ctx context.Context) error {
	return errors.Join(t.Store.Close(ctx), os.RemoveAll(t.dir))
}

// emptyStore is a store for one test.
func emptyStore(ctx context.Context) (graph.Store, error) {
	dir, err := os.MkdirTemp("", "roundtrip-test-*")
	if err != nil {
		return nil, err
	}
	s, err := sqlitestore.Open(ctx, dir, sqlitestore.Options{})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return throwaway{s, dir}, nil
}
