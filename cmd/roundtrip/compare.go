package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"roundtrip/queries"
	"roundtrip/queries/render"
)

func newCompare(s *streams, catalogue queries.Catalogue) *cobra.Command {
	c := &cobra.Command{
		Use:   "compare NAME --scenario SCENARIO",
		Short: "Answer a question with and without a scenario and show what differs",
		Long: "Answer a question for the graph as it is and under a scenario, and show the rows and figures that differ.\n" +
			"Nothing is written to the graph.\n\n" + listing(catalogue) + "\nEach analysis has its own --help.",
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				fmt.Fprint(s.out, listing(catalogue))
				return usage("See roundtrip compare --help", "which analysis?")
			}
			_, err := catalogue.Find(args[0])
			return usage("roundtrip analyze --list lists them", "%w", err)
		},
	}
	for _, a := range catalogue {
		c.AddCommand(newComparison(s, a))
	}
	return c
}

func newComparison(s *streams, a *queries.Analysis) *cobra.Command {
	c := &cobra.Command{
		Use: a.Name, Short: a.Question, Args: cobra.NoArgs,
		Long: a.Question + "\n\nAnswered for the graph as it is and under a scenario; the rows are joined by their key columns.",
	}
	k := addAsking(c, s, a)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return k.run(c, func(r *queries.Runner, req queries.Request) (func(io.Writer) error, error) {
			both, err := r.Compare(c.Context(), req)
			return func(w io.Writer) error { return render.WriteComparison(w, k.format, both) }, err
		})
	}
	return c
}
