package main

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

	"github.com/spf13/cobra"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/queries/render"
)

// asking is the flags of a command that asks one analysis: those of the analysis,
// of the lens and of every request, and how the answer is written.
type asking struct {
	s        *streams
	analysis *queries.Analysis
	params   []queries.Param
	format   string
	file     string
}

func addAsking(c *cobra.Command, s *streams, a *queries.Analysis) *asking {
	k := &asking{s: s, analysis: a, params: slices.Concat(a.Params, queries.LensParams(), queries.RequestParams())}
	for _, p := range k.params {
		usage := flagUsage(p, a)
		if p.Name == "scenario" {
			usage += ", or a YAML or JSON file with one"
		}
		flag := c.Flags().VarPF(&argument{kind: p.Type}, flagName(p.Name), "", usage)
		if p.Type == "flag" {
			flag.NoOptDefVal = "true"
		}
		if len(p.Enum) > 0 {
			_ = c.RegisterFlagCompletionFunc(flag.Name, cobra.FixedCompletions(p.Enum, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	c.Flags().StringVar(&k.format, "format", "table", "form of the answer: "+strings.Join(formatNames(), ", ")+"; when not given, as the name of the file ends")
	c.Flags().StringVarP(&k.file, "output", "o", "", "file to write the answer to; standard output when not given")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	formatOfFile(c, formatNames())
	return k
}

// run opens the store, loads the shipped data into an empty one, and hands over
// the runner and the request. ask returns what writes the answer.
func (k *asking) run(c *cobra.Command, ask func(*queries.Runner, queries.Request) (func(io.Writer) error, error)) (err error) {
	if _, err := render.Find(k.format); err != nil {
		return usage("", "--format: %w", err)
	}
	given := queries.Args{}
	for _, p := range k.params {
		if flag := c.Flags().Lookup(flagName(p.Name)); flag.Changed {
			given[p.Name] = flag.Value.String()
		}
	}
	l, err := settings(c, k.s)
	if err != nil {
		return err
	}
	store, err := openStore(c.Context(), l.Config, newLogger(l.Log, k.s.err))
	if err != nil {
		return err
	}
	defer store.closeAfter(&err)
	if l.Store.Dataset {
		loaded, err := store.loadDataset(c.Context(), time.Now().UTC())
		if err != nil {
			return err
		}
		if loaded {
			fmt.Fprintf(k.s.err, "loaded the shipped data set into the empty store %s\n", store.name)
		}
	}
	shelf, err := newShelf(l.Config, store)
	if err != nil {
		return err
	}
	req, err := k.analysis.Read(given, func(name string) (*scenario.Scenario, error) { return findScenario(c.Context(), shelf, name) })
	if err != nil {
		return argumentFaults(k.analysis.Name, err)
	}
	writeTo, err := ask(newRunner(l.Config, store, time.Now), req)
	if err != nil {
		return argumentFaults(k.analysis.Name, err)
	}
	if k.file == "" {
		return writeTo(k.s.out)
	}
	return writeWhole(k.file, func(f *os.File) error { return writeTo(f) })
}

// findScenario reads a file, or finds a scenario by its name.
func findScenario(ctx context.Context, shelf *scenario.Shelf, name string) (*scenario.Scenario, error) {
	if isScenarioFile(name) {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, usage("", "--scenario: %w", err)
		}
		x, err := scenario.Parse(name, text)
		if err != nil {
			return nil, usage("docs/scenarios.md tells the form of a scenario", "the scenario cannot be used:\n%w", err)
		}
		return x, nil
	}
	f, err := shelf.Get(ctx, name)
	if errors.Is(err, graph.ErrNotFound) {
		return nil, usage("roundtrip scenario list shows them", "--scenario %s: %w", name, err)
	}
	return f.Scenario, err
}

func isScenarioFile(name string) bool {
	return strings.ContainsRune(name, filepath.Separator) || slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name))
}
