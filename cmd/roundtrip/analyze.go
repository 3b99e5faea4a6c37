package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

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
	params := slices.Concat(a.Params, queries.LensParams())
	for _, p := range params {
		flag := c.Flags().VarPF(&argument{kind: p.Type}, flagName(p.Name), "", flagUsage(p, a))
		if p.Type == "flag" {
			flag.NoOptDefVal = "true"
		}
		if len(p.Enum) > 0 {
			_ = c.RegisterFlagCompletionFunc(flag.Name, cobra.FixedCompletions(p.Enum, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	var format, engine, file string
	var fail []string
	c.Flags().StringVar(&format, "format", "table", "form of the answer: "+strings.Join(formatNames(), ", "))
	c.Flags().StringVar(&engine, "engine", "", "native or cypher; the program chooses when not given")
	c.Flags().StringVarP(&file, "output", "o", "", "file to write the answer to; standard output when not given")
	c.Flags().StringSliceVar(&fail, "fail-on", nil, "end with code 3 when the answer has any of: "+strings.Join(failOn, ", "))
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		form, err := render.Find(format)
		if err != nil {
			return usage("", "--format: %w", err)
		}
		for _, f := range fail {
			if !slices.Contains(failOn, f) {
				return usage("", "--fail-on %s: want one of %s", f, strings.Join(failOn, ", "))
			}
		}
		given := queries.Args{}
		for _, p := range params {
			if flag := c.Flags().Lookup(flagName(p.Name)); flag.Changed {
				given[p.Name] = flag.Value.String()
			}
		}
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
			loaded, err := store.loadDataset(c.Context(), time.Now().UTC())
			if err != nil {
				return err
			}
			if loaded {
				fmt.Fprintf(s.err, "loaded the shipped data set into the empty store %s\n", store.name)
			}
		}
		lens, own := a.Split(given)
		res, err := newRunner(l.Config, store, time.Now).Run(c.Context(), queries.Request{
			Analysis: a.Name, Lens: lens, Params: own, Engine: queries.Engine(engine),
		})
		if err != nil {
			return argumentFaults(a.Name, err)
		}
		if err := write(s, file, form.Name, res); err != nil {
			return err
		}
		if slices.Contains(fail, "rows") && len(res.Rows) > 0 || slices.Contains(fail, "truncated") && res.Truncated.Is ||
			slices.Contains(fail, "warnings") && len(res.Warnings) > 0 {
			return errFindings
		}
		return nil
	}
	return c
}

// write writes the answer to the file, whole or not at all, or to standard
// output.
func write(s *streams, file, format string, res *queries.Result) (err error) {
	if file == "" {
		return render.Write(s.out, format, res)
	}
	return writeWhole(file, func(f *os.File) error { return render.Write(f, format, res) })
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
