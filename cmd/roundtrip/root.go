package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"roundtrip/config"
	"roundtrip/graph/near"
	"roundtrip/queries/library"
)

// streams is what the program reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
	env      []string
}

// terminal tells whether a stream is a terminal, where progress may be shown.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func newRoot(s *streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "roundtrip",
		Short: "Shows how money circles among AI companies",
		Long: "roundtrip keeps companies, chips and the legs of deals between them as a graph and answers which loops exist,\n" +
			"how much of each promise is funded, and by whom. Every answer states its lens, its method and its sources.",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage("See "+c.CommandPath()+" --help", "%w", err)
	})
	flags := root.PersistentFlags()
	flags.String("config", "", "YAML file with settings; ROUNDTRIP_CONFIG when not given")
	flags.String("data", "", "data directory of the embedded store (setting store.path)")
	flags.StringArray("set", nil, "a setting as key=value, such as log.level=debug; may be repeated")
	root.AddCommand(
		newServe(s), newAnalyze(s, library.All()), newCompare(s, library.All()), newScenario(s), newSchedule(s), newImport(s), newExport(s), newValidate(s),
		newReport(s), newCypher(s), newQuery(s), newConfig(s), newDoctor(s), newVersion(s), newImports(s), newBrowserKit(s),
	)
	check(root)
	return root
}

// check makes a wrong number of arguments, or the name of a command that is not
// there, a usage error everywhere.
func check(c *cobra.Command) {
	if c.HasSubCommands() && !c.Runnable() {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(c, args[0])
			}
			return c.Help()
		}
	}
	if wanted := c.Args; wanted != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := wanted(c, args); err != nil {
				return usage("See "+c.CommandPath()+" --help", "%w", err)
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		check(sub)
	}
}

func unknownCommand(c *cobra.Command, name string) error {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	text := fmt.Sprintf("unknown command %s", name)
	if meant := near.Name(name, names); meant != "" {
		text += fmt.Sprintf("; did you mean %s?", meant)
	}
	return usage("Commands are "+strings.Join(names, ", "), "%s", text)
}

// settings reads the configuration for a command.
func settings(c *cobra.Command, s *streams) (config.Loaded, error) {
	src := config.Source{Env: s.env, Flags: map[string]string{}}
	src.File, _ = c.Flags().GetString("config")
	if src.File == "" {
		for _, entry := range s.env {
			if file, ok := strings.CutPrefix(entry, "ROUNDTRIP_CONFIG="); ok {
				src.File = file
			}
		}
	}
	if dir, _ := c.Flags().GetString("data"); dir != "" {
		src.Flags["store.path"] = dir
	}
	pairs, _ := c.Flags().GetStringArray("set")
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return config.Loaded{}, usage("", "--set %s: want key=value, such as log.level=debug", pair)
		}
		known := false
		for _, k := range config.Keys() {
			known = known || k == key
		}
		if !known {
			text := fmt.Sprintf("--set %s: %s is not a setting", pair, key)
			if meant := near.Name(key, config.Keys()); meant != "" {
				text += fmt.Sprintf("; did you mean %s?", meant)
			}
			return config.Loaded{}, usage("roundtrip config print lists them", "%s", text)
		}
		src.Flags[key] = value
	}
	l, err := config.Load(src)
	if err != nil {
		return l, usage("", "the settings cannot be used:\n%w", err)
	}
	return l, nil
}
