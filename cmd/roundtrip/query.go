package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"roundtrip/browserkit"
	"roundtrip/config"
	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/queries/adhoc"
	"roundtrip/queries/library"
	"roundtrip/queries/render"
	"roundtrip/queries/saved"
)

// kitPrefix begins the names of the queries that are the scripts of the Browser
// kit.
const kitPrefix = "browser-"

// newQueries is the queries saved in the store, the scripts of the Browser kit,
// and the questions of the shipped data where the store may hold that. kit is
// asked when its scripts are wanted.
func newQueries(c config.Config, o *opened, kit func(context.Context) (*browserkit.Kit, error)) (*saved.Shelf, error) {
	generated := saved.Generated{Prefix: kitPrefix, Make: func(ctx context.Context) ([]*saved.Query, error) {
		k, err := kit(ctx)
		if err != nil {
			return nil, err
		}
		return kitQueries(k), nil
	}}
	if !c.Store.Dataset {
		return saved.NewShelf(library.All(), nil, o, generated)
	}
	return saved.NewShelf(library.All(), dataset.Queries(), o, generated)
}

func newKit(ctx context.Context) (*browserkit.Kit, error) { return browserkit.New(ctx, library.All()) }

// kitQueries are the scripts of the Browser kit as queries.
func kitQueries(kit *browserkit.Kit) []*saved.Query {
	var list []*saved.Query
	for _, s := range kit.Scripts() {
		folder := strings.Fields(s.Folder)
		q := &saved.Query{Name: kitPrefix + s.Name, Title: s.Title, Tags: []string{"browser-kit", folder[len(folder)-1]}, Cypher: s.Text}
		if title, question, ok := strings.Cut(s.Title, ": "); ok && strings.HasSuffix(question, "?") {
			q.Title, q.Question = title, question
		}
		if s.Draws {
			q.Tags = append(q.Tags, "drawn")
		}
		list = append(list, q)
	}
	return list
}

func newQuery(s *streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "query",
		Short: "List, run, save, import and export saved queries",
		Long: "A saved query is a request for an analysis, or a statement in Cypher with declared parameters, under a name.\n" +
			"It is a YAML file that lives well in a repository; docs/saved-queries.md tells its form.",
	}
	c.AddCommand(newQueryList(s), newQueryRun(s), newQueryImport(s),
		queryCommand(s, "show NAME", "Print a query as it was written", func(ctx context.Context, p *querying, name string) error {
			f, err := p.shelf.Get(ctx, name)
			if err != nil {
				return queryFaults(err)
			}
			_, err = s.out.Write(f.Text)
			return err
		}),
		queryCommand(s, "check FILE", "Check a file, and its request against the graph as it is", func(ctx context.Context, p *querying, file string) error {
			f, err := p.read(file)
			if err != nil {
				return err
			}
			return p.check(ctx, f)
		}),
		queryCommand(s, "save FILE", "Check a file and keep it in the store under the name that stands in it", func(ctx context.Context, p *querying, file string) error {
			f, err := p.read(file)
			if err != nil {
				return err
			}
			if f, err = p.shelf.Save(ctx, file, f.Text, nil, time.Now().UTC()); err != nil {
				return queryFaults(err)
			}
			_, err = fmt.Fprintf(s.out, "saved %s, version %d\n", f.Name, f.Version)
			return err
		}),
		queryCommand(s, "delete NAME", "Delete a saved query", func(ctx context.Context, p *querying, name string) error {
			if _, err := p.shelf.Delete(ctx, name, nil); err != nil {
				return queryFaults(err)
			}
			_, err := fmt.Fprintf(s.out, "deleted %s\n", name)
			return err
		}),
		queryCommand(s, "export DIR", "Write each saved query to its file NAME.yaml; nothing is removed", func(ctx context.Context, p *querying, dir string) error {
			return p.export(ctx, dir)
		}),
	)
	return c
}

// querying is an open store with its queries.
type querying struct {
	s     *streams
	c     config.Config
	store *opened
	shelf *saved.Shelf
}

func queryCommand(s *streams, use, short string, do func(context.Context, *querying, string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withQueries(c, s, func(ctx context.Context, p *querying) error { return do(ctx, p, args[0]) })
		},
	}
}

// withQueries opens the store and its queries, with the shipped data in a store
// that never held anything.
func withQueries(c *cobra.Command, s *streams, do func(context.Context, *querying) error) (err error) {
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
	shelf, err := newQueries(l.Config, store, newKit)
	if err != nil {
		return err
	}
	return do(c.Context(), &querying{s, l.Config, store, shelf})
}

func newQueryList(s *streams) *cobra.Command {
	var f saved.Filter
	c := &cobra.Command{
		Use: "list", Short: "List the queries that are built in and saved", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withQueries(c, s, func(ctx context.Context, p *querying) error {
				list, err := p.shelf.List(ctx, f)
				if err != nil {
					return err
				}
				t := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
				fmt.Fprintln(t, "NAME\tASKS\tFROM\tTAGS\tTITLE")
				for _, q := range list {
					asks := q.Kind()
					switch {
					case q.Broken != nil:
						asks = "broken"
					case q.Request != nil && q.Request.Compare:
						asks = "compare " + q.Request.Analysis
					case q.Request != nil:
						asks = q.Request.Analysis
					}
					fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", q.Name, asks, q.Origin, strings.Join(q.Tags, ","), q.Title)
				}
				return t.Flush()
			})
		},
	}
	c.Flags().StringVar(&f.Tag, "tag", "", "only queries with this tag")
	c.Flags().StringVar(&f.Search, "search", "", "only queries with all these words in the name, title, question, note or tags")
	return c
}

func newQueryRun(s *streams) *cobra.Command {
	var format, output string
	var params []string
	c := &cobra.Command{
		Use:   "run NAME",
		Short: "Run a query",
		Long: "Run a query. --param puts a value in place of a saved argument of an analysis or of its lens, such as as_of=2026-06-30,\n" +
			"or gives a parameter of a statement. Statements need a store in Neo4j and come as table, json or csv.",
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringArrayVar(&params, "param", nil, "an argument as name=value; may be repeated")
	c.Flags().StringVar(&format, "format", "table", "form of the answer: "+strings.Join(formatNames(), ", ")+"; when not given, as the name of the file ends")
	c.Flags().StringVarP(&output, "output", "o", "", "file to write the answer to; standard output when not given")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	formatOfFile(c, formatNames())
	c.RunE = func(c *cobra.Command, args []string) error {
		if _, err := render.Find(format); err != nil {
			return usage("", "--format: %w", err)
		}
		given, err := queryParams(params)
		if err != nil {
			return err
		}
		return withQueries(c, s, func(ctx context.Context, p *querying) error {
			f, err := p.shelf.Get(ctx, args[0])
			if err != nil {
				return queryFaults(err)
			}
			if f.Broken != nil {
				return usage("docs/saved-queries.md tells the form of a query", "%w", f.Broken)
			}
			write, err := p.run(ctx, f, given, format)
			if err != nil {
				return paramFaults(f.Name, err)
			}
			if output == "" {
				return write(s.out)
			}
			return writeWhole(output, func(file *os.File) error { return write(file) })
		})
	}
	return c
}

// queryParams reads name=value pairs. A name may have hyphens, as flags have.
func queryParams(pairs []string) (map[string]string, error) {
	given := map[string]string{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		name = strings.ReplaceAll(name, "-", "_")
		if !ok || name == "" {
			return nil, usage("", "--param %s: want name=value, such as as_of=2026-06-30", pair)
		}
		if _, twice := given[name]; twice {
			return nil, usage("", "--param %s: is given twice", name)
		}
		given[name] = value
	}
	return given, nil
}

// run asks the query and gives what writes the answer.
func (p *querying) run(ctx context.Context, f saved.Found, given map[string]string, format string) (func(io.Writer) error, error) {
	if f.Kind() == saved.CypherKind {
		return p.runStatement(ctx, f, given, format)
	}
	over := queries.Args{}
	for name, value := range given {
		over[name] = value
	}
	req, err := p.request(ctx, f, over)
	if err != nil {
		return nil, err
	}
	runner := newRunner(p.c, p.store, time.Now)
	if f.Kind() == saved.CompareKind {
		both, err := runner.Compare(ctx, req)
		return func(w io.Writer) error { return render.WriteComparison(w, format, both) }, err
	}
	res, err := runner.Run(ctx, req)
	return func(w io.Writer) error { return render.Write(w, format, res) }, err
}

func (p *querying) request(ctx context.Context, f saved.Found, over queries.Args) (queries.Request, error) {
	scenarios, err := newShelf(p.c, p.store)
	if err != nil {
		return queries.Request{}, err
	}
	return f.Ask(library.All(), over, func(name string) (*scenario.Scenario, error) { return findScenario(ctx, scenarios, name) })
}

func (p *querying) runStatement(ctx context.Context, f saved.Found, given map[string]string, format string) (func(io.Writer) error, error) {
	form, err := statementForm(format)
	if err != nil {
		return nil, err
	}
	statements := p.store.statements(p.c)
	if statements == nil {
		return nil, usage("See docs/neo4j.md", "%w", adhoc.ErrNoCypher)
	}
	r, err := f.Statement(given, statements.Caps())
	if err != nil {
		return nil, err
	}
	a, err := statements.Ask(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, line := range form.Aside(a) {
		fmt.Fprintln(p.s.err, line)
	}
	return func(w io.Writer) error { return form.Write(w, a) }, nil
}

// read reads a file and checks its form.
func (p *querying) read(file string) (saved.Found, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return saved.Found{}, usage("", "%w", err)
	}
	f, err := p.shelf.Parse(file, text)
	return f, queryFaults(err)
}

// check tries a query as far as it goes without values that whoever runs it has
// to give.
func (p *querying) check(ctx context.Context, f saved.Found) error {
	tried := "its ids are known in the graph"
	switch {
	case f.Kind() != saved.CypherKind:
		req, err := p.request(ctx, f, queries.Args{})
		if err == nil {
			_, err = newRunner(p.c, p.store, time.Now).Prepare(ctx, req)
		}
		var bad queries.ArgumentErrors
		if errors.As(err, &bad) {
			bad = slices.DeleteFunc(bad, func(e queries.ArgumentError) bool {
				return e.Given == "" && strings.HasPrefix(e.Problem, "is missing; want ")
			})
			if err = error(bad); len(bad) == 0 {
				err, tried = nil, "whoever runs it has to give more; nothing was asked of the graph"
			}
		}
		if err != nil {
			return paramFaults(f.Name, err)
		}
	case p.store.cypher == nil:
		tried = "the statement was not tried, because the store is embedded"
	default:
		statements := p.store.statements(p.c)
		r, err := f.Statement(nil, statements.Caps())
		if err != nil {
			tried = "the statement was not tried, because it needs parameters"
			break
		}
		r.Explain = true
		if _, err := statements.Ask(ctx, r); err != nil {
			return err
		}
		tried = "the database can run the statement"
	}
	_, err := fmt.Fprintf(p.s.out, "%s: the form is right; %s\n", f.Name, tried)
	return err
}

// paramFaults turns what is said of arguments into the flags that a person typed.
func paramFaults(name string, err error) error {
	var args queries.ArgumentErrors
	switch {
	case errors.As(err, &args):
		lines := make([]string, len(args))
		for i, a := range args {
			lines[i] = fmt.Sprintf("--param %s=%s: %s", a.Name, a.Given, a.Problem)
		}
		return usage("roundtrip query show "+name+" prints the query", "%s", strings.Join(lines, "\n"))
	case errors.Is(err, queries.ErrEngine):
		return usage("", "--param engine: %w", err)
	}
	return err
}

// queryFaults lists what is wrong with files, or says that there is no query of
// that name.
func queryFaults(err error) error {
	var faults scenario.Faults
	var taken graph.NameTakenError
	switch {
	case errors.As(err, &faults):
		return usage("docs/saved-queries.md tells the form of a query", "nothing is kept:\n%w", err)
	case errors.As(err, &taken):
		return usage("", "%w", err)
	case errors.Is(err, graph.ErrNotFound):
		return usage("roundtrip query list shows them", "%w", err)
	}
	return err
}

// counted is a line for each group of names that has any.
func counted(w io.Writer, groups map[string][]string) error {
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		if names := groups[group]; len(names) > 0 {
			if _, err := fmt.Fprintf(w, "%d %s: %s\n", len(names), group, strings.Join(names, ", ")); err != nil {
				return err
			}
		}
	}
	return nil
}
