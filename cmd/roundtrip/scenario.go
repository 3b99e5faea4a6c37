package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
)

func newScenario(s *streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "scenario",
		Short: "List, check, save and delete what-ifs",
		Long: "A scenario adds, removes, scales, delays legs or sets their state for one answer; it is never written to the graph.\n" +
			"It is a YAML or JSON file; docs/scenarios.md tells its form. analyze and compare take one with --scenario.",
	}
	c.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List the scenarios that are shipped and saved", Args: cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error {
				return withShelf(c, s, func(ctx context.Context, _ *opened, shelf *scenario.Shelf) error { return listScenarios(ctx, s, shelf) })
			},
		},
		&cobra.Command{
			Use: "show NAME", Short: "Print a scenario as it was written", Args: cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				return withShelf(c, s, func(ctx context.Context, _ *opened, shelf *scenario.Shelf) error {
					f, err := shelf.Get(ctx, args[0])
					if err != nil {
						return scenarioFaults(err)
					}
					_, err = s.out.Write(f.Text)
					return err
				})
			},
		},
		&cobra.Command{
			Use: "check FILE", Short: "Check a file and tell what it would change in the graph", Args: cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				return withShelf(c, s, func(ctx context.Context, store *opened, _ *scenario.Shelf) error {
					_, err := tryScenario(ctx, s, store, args[0])
					return err
				})
			},
		},
		&cobra.Command{
			Use: "save FILE", Short: "Check a file and keep it in the store under the name that stands in it", Args: cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				return withShelf(c, s, func(ctx context.Context, store *opened, shelf *scenario.Shelf) error {
					text, err := tryScenario(ctx, s, store, args[0])
					if err != nil {
						return err
					}
					f, err := shelf.Save(ctx, args[0], text, nil, time.Now().UTC())
					if err != nil {
						return scenarioFaults(err)
					}
					_, err = fmt.Fprintf(s.out, "saved %s, version %d\n", f.Name, f.Version)
					return err
				})
			},
		},
		&cobra.Command{
			Use: "delete NAME", Short: "Delete a saved scenario", Args: cobra.ExactArgs(1),
			RunE: func(c *cobra.Command, args []string) error {
				return withShelf(c, s, func(ctx context.Context, _ *opened, shelf *scenario.Shelf) error {
					if _, err := shelf.Delete(ctx, args[0], nil); err != nil {
						return scenarioFaults(err)
					}
					_, err := fmt.Fprintf(s.out, "deleted %s\n", args[0])
					return err
				})
			},
		},
	)
	return c
}

// withShelf opens the store and its scenarios, with the shipped data in a store
// that never held anything.
func withShelf(c *cobra.Command, s *streams, do func(context.Context, *opened, *scenario.Shelf) error) (err error) {
	l, err := settings(c, s)
	if err != nil {
		return err
	}
	store, err := openStore(c.Context(), l.Config, newLogger(l.Log, s.err))
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
	ctx, cancel := context.WithTimeout(c.Context(), l.Analysis.Timeout)
	defer cancel()
	return do(ctx, store, shelf)
}

func listScenarios(ctx context.Context, s *streams, shelf *scenario.Shelf) error {
	list, err := shelf.List(ctx)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tAS OF\tFROM\tTITLE")
	for _, f := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", f.Name, f.AsOf, f.Origin, f.Title)
	}
	return t.Flush()
}

// tryScenario reads a file and applies it to the graph as it is, and tells what
// it changes.
func tryScenario(ctx context.Context, s *streams, store *opened, file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	x, err := scenario.Parse(file, text)
	if err != nil {
		return nil, scenarioFaults(err)
	}
	snap, err := newLive(store).Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	_, effect, err := x.Apply(ctx, snap)
	if err != nil {
		return nil, scenarioFaults(err)
	}
	for _, step := range effect.Steps {
		fmt.Fprintf(s.out, "step %d, %s: %d legs\n", step.Step+1, step.Kind, step.Legs)
	}
	_, err = fmt.Fprintf(s.out, "%s: %s\n", x.Name, effect)
	return text, err
}

// scenarioFaults lists what is wrong with a scenario, or says that there is none
// of that name.
func scenarioFaults(err error) error {
	var faults scenario.Faults
	switch {
	case errors.As(err, &faults):
		return usage("docs/scenarios.md tells the form of a scenario", "the scenario cannot be used:\n%w", err)
	case errors.Is(err, graph.ErrNotFound):
		return usage("roundtrip scenario list shows them", "%w", err)
	}
	return err
}
