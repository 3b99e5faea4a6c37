package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"roundtrip/queries"
	"roundtrip/queries/render"
)

func newAnalyze(s *streams, catalogue queries.Catalogue) *cobra.Command {
	c := &cobra.Command{
		Use:   "analyze NAME",
		Short: "Answer a question about the graph",
		Long:  "Answer a question about the graph.\n\n" + listing(catalogue) + "\nEach analysis has its own --help.",
		Args:  cobra.ArbitraryArgs,
	}
	list := c.Flags().Bool("list", false, "list the analyses")
	c.RunE = func(c *cobra.Command, args []string) error {
		if *list || len(args) == 0 {
			fmt.Fprint(s.out, listing(catalogue))
			if !*list {
				return usage("See roundtrip analyze --help", "which analysis?")
			}
			return nil
		}
		_, err := catalogue.Find(args[0])
		return usage("roundtrip analyze --list lists them", "%w", err)
	}
	for _, a := range catalogue {
		c.AddCommand(newAnalysis(s, a))
	}
	return c
}

func listing(catalogue queries.Catalogue) string {
	var b strings.Builder
	width := 0
	for _, a := range catalogue {
		width = max(width, len(a.Name))
	}
	for _, a := range catalogue {
		fmt.Fprintf(&b, "  %-*s  %s\n", width, a.Name, a.Question)
	}
	return b.String()
}

// What --fail-on can ask for.
var failOn = []string{"rows", "truncated", "warnings"}

func newAnalysis(s *streams, a *queries.Analysis) *cobra.Command {
	c := &cobra.Command{
		Use:   a.Name,
		Short: a.Question,
		Long:  a.Question + "\n\n" + a.Method + "\n\nRows are ordered by " + a.Order + ".",
		Args:  cobra.NoArgs,
	}
	var fail []string
	k := addAsking(c, s, a)
	c.Flags().StringSliceVar(&fail, "fail-on", nil, "end with code 3 when the answer has any of: "+strings.Join(failOn, ", "))
	c.RunE = func(c *cobra.Command, _ []string) error {
		for _, f := range fail {
			if !slices.Contains(failOn, f) {
				return usage("", "--fail-on %s: want one of %s", f, strings.Join(failOn, ", "))
			}
		}
		found := false
		err := k.run(c, func(r *queries.Runner, req queries.Request) (func(io.Writer) error, error) {
			res, err := r.Run(c.Context(), req)
			if err != nil {
				return nil, err
			}
			found = slices.Contains(fail, "rows") && len(res.Rows) > 0 || slices.Contains(fail, "truncated") && res.Truncated.Is ||
				slices.Contains(fail, "warnings") && len(res.Warnings) > 0
			return func(w io.Writer) error { return render.Write(w, k.format, res) }, nil
		})
		if err == nil && found {
			return errFindings
		}
		return err
	}
	return c
}

func formatNames() []string {
	var names []string
	for _, f := range render.Formats() {
		names = append(names, f.Name)
	}
	return names
}

func flagName(param string) string { return strings.ReplaceAll(param, "_", "-") }

func flagUsage(p queries.Param, a *queries.Analysis) string {
	text := strings.TrimSuffix(p.Doc, ".")
	if len(p.Enum) > 0 {
		text += " (" + strings.Join(p.Enum, ", ") + ")"
	}
	if p.Required {
		text += "; required"
	}
	def := p.Default
	for _, d := range a.LensDefaults() {
		if d.Name == p.Name {
			def = d.Value
		}
	}
	if def != "" {
		text += "; default " + def
	}
	return text
}

// argument is a flag whose text the analysis itself reads and checks.
type argument struct{ text, kind string }

// String is the text as given.
func (a *argument) String() string { return a.text }

// Set takes the text as it is.
func (a *argument) Set(text string) error { a.text = text; return nil }

// Type is the word that help shows for the value.
func (a *argument) Type() string {
	if a.kind == "flag" {
		return "" // help then shows the flag alone
	}
	return a.kind
}
