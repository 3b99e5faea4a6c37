package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"roundtrip/config"
	"roundtrip/graph/neo4jstore"
	"roundtrip/queries"
	"roundtrip/queries/adhoc"
	"roundtrip/server"
)

// statements runs what users write in a Neo4j store.
type statements struct {
	store *neo4jstore.Store
	caps  adhoc.Caps
}

// statements is nil for a store that runs no Cypher.
func (o *opened) statements(c config.Config) server.Statements {
	s, ok := o.cypher.(cypherOf)
	if !ok {
		return nil
	}
	return statements{s.store, adhoc.Caps{Text: c.Cypher.Text, Rows: c.Cypher.Rows, Size: c.Cypher.Bytes, Time: c.Cypher.Timeout}}
}

// Caps are the limits of one statement.
func (s statements) Caps() adhoc.Caps { return s.caps }

// Ask runs a statement.
func (s statements) Ask(ctx context.Context, r adhoc.Request) (adhoc.Answer, error) {
	start := time.Now()
	rows, size, limit := min(r.Limit, s.caps.Rows), s.caps.Size, min(r.Timeout, s.caps.Time)
	got, err := s.store.RunAdHoc(ctx, neo4jstore.AdHoc{
		Text: r.Text, Params: r.Params, Explain: r.Explain,
		Limits: neo4jstore.AdHocLimits{Text: s.caps.Text, Rows: rows, Bytes: size, Time: limit},
	})
	if err != nil {
		return adhoc.Answer{}, statementError(ctx, limit, err)
	}
	a := adhoc.Answer{Columns: got.Columns, Rows: got.Rows, Graph: got.Revision, Elapsed: time.Since(start)}
	for _, n := range got.Notices {
		a.Notices = append(a.Notices, adhoc.Notice{Code: n.Code, Message: n.Message, Line: n.Line, Column: n.Column})
	}
	if got.Plan != nil {
		step := planStep(*got.Plan)
		a.Plan = &step
	}
	switch got.Cut {
	case neo4jstore.CutRows:
		a.Truncated = queries.Truncation{Is: true, Reason: fmt.Sprintf("rows: these are the first %d", rows)}
	case neo4jstore.CutBytes:
		a.Truncated = queries.Truncation{Is: true, Reason: fmt.Sprintf("bytes: more rows would be larger than %d bytes", size)}
	case neo4jstore.CutTime:
		a.Truncated = queries.Truncation{Is: true, Reason: fmt.Sprintf("time: these are the rows that came within %s", limit)}
	}
	return a, nil
}

// statementError turns the errors of the store into those of the contract.
func statementError(ctx context.Context, limit time.Duration, err error) error {
	var refused *neo4jstore.RefusedError
	var faulty *neo4jstore.StatementFault
	switch {
	case errors.As(err, &refused):
		return &adhoc.RefusedError{Rule: refused.Rule, Detail: refused.Detail}
	case errors.As(err, &faulty):
		return &adhoc.FaultError{Code: faulty.Code, Message: faulty.Message, Line: faulty.Line, Column: faulty.Column}
	case errors.Is(err, neo4jstore.ErrRunaway):
		return fmt.Errorf("%w: %w", adhoc.ErrBusy, err)
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, neo4jstore.ErrUnavailable):
		return fmt.Errorf("%w of %s", adhoc.ErrSlow, limit)
	}
	return err
}

func planStep(p neo4jstore.PlanStep) adhoc.PlanStep {
	step := adhoc.PlanStep{Operator: p.Operator, Details: p.Details, Rows: p.Rows, Children: []adhoc.PlanStep{}}
	for _, c := range p.Children {
		step.Children = append(step.Children, planStep(c))
	}
	return step
}

func newCypher(s *streams) *cobra.Command {
	var format, file, output string
	var params []string
	var limit int
	var timeout time.Duration
	var explain bool
	c := &cobra.Command{
		Use:   "cypher [STATEMENT]",
		Short: "Run a statement in Cypher that reads, where the store is Neo4j",
		Long: "Run a statement in Cypher, where the store is Neo4j. The statement may do nothing but read; what might do more is refused before it runs.\n" +
			"STATEMENT - reads it from standard input. The parameter $revision is filled in: the revision that the graph is at.",
		Args: cobra.MaximumNArgs(1),
	}
	c.Flags().StringVar(&file, "file", "", "file that holds the statement; - is standard input")
	c.Flags().StringArrayVar(&params, "param", nil, "a parameter as name=value; the value is JSON, and a text where it is not; may be repeated")
	c.Flags().StringVar(&format, "format", "table", "form of the answer: table, json, csv; when not given, as the name of the file ends")
	c.Flags().IntVar(&limit, "limit", 0, "most rows (setting cypher.rows when not given)")
	c.Flags().DurationVar(&timeout, "timeout", 0, "longest time (setting cypher.timeout when not given)")
	c.Flags().BoolVar(&explain, "explain", false, "show the plan and do not run the statement")
	c.Flags().StringVarP(&output, "output", "o", "", "file to write the answer to; standard output when not given")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"table", "json", "csv"}, cobra.ShellCompDirectiveNoFileComp))
	formatOfFile(c, []string{"json", "csv"})
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		form, err := statementForm(format)
		if err != nil {
			return err
		}
		text, err := statementText(s.in, args, file)
		if err != nil {
			return err
		}
		given, err := statementParams(params)
		if err != nil {
			return err
		}
		l, err := settings(c, s)
		if err != nil {
			return err
		}
		switch {
		case l.Store.Kind != "neo4j":
			return usage("See docs/neo4j.md", "%w", adhoc.ErrNoCypher)
		case c.Flags().Changed("limit") && (limit < 1 || limit > l.Cypher.Rows):
			return usage("", "--limit %d: want 1 to %d (setting cypher.rows)", limit, l.Cypher.Rows)
		case c.Flags().Changed("timeout") && (timeout <= 0 || timeout > l.Cypher.Timeout):
			return usage("", "--timeout %s: want more than 0, at most %s (setting cypher.timeout)", timeout, l.Cypher.Timeout)
		}
		r := adhoc.Request{Text: text, Params: given, Limit: l.Cypher.Rows, Timeout: l.Cypher.Timeout, Explain: explain}
		if limit > 0 {
			r.Limit = limit
		}
		if timeout > 0 {
			r.Timeout = timeout
		}
		store, err := openStore(c.Context(), l.Config, newLogger(l.Log, s.err))
		if err != nil {
			return err
		}
		defer store.closeAfter(&err)
		a, err := store.statements(l.Config).Ask(c.Context(), r)
		if err != nil {
			return err
		}
		for _, line := range form.Aside(a) {
			fmt.Fprintln(s.err, line)
		}
		if output == "" {
			return form.Write(s.out, a)
		}
		return writeWhole(output, func(f *os.File) error { return form.Write(f, a) })
	}
	return c
}

func statementForm(name string) (adhoc.Format, error) {
	for _, f := range adhoc.Formats() {
		if f.Name == name {
			return f, nil
		}
	}
	return adhoc.Format{}, usage("", "--format %s: want one of table, json, csv", name)
}

// statementText is the statement that was given, in whichever way.
func statementText(in io.Reader, args []string, file string) (string, error) {
	switch {
	case len(args) == 1 && file != "":
		return "", usage("", "the statement is given and --file as well; give one")
	case len(args) == 1 && args[0] != "-":
		return args[0], nil
	case len(args) == 0 && file == "":
		return "", usage("See roundtrip cypher --help", "which statement?")
	case len(args) == 1 || file == "-":
		b, err := io.ReadAll(in)
		if err != nil {
			return "", fmt.Errorf("read the statement from standard input: %w", err)
		}
		return string(b), nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("--file: %w", err)
	}
	return string(b), nil
}

// statementParams reads name=value pairs, values as JSON where they are.
func statementParams(pairs []string) (map[string]any, error) {
	params := map[string]any{}
	for _, pair := range pairs {
		name, text, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, usage("", "--param %s: want name=value, such as id=openai", pair)
		}
		if _, twice := params[name]; twice {
			return nil, usage("", "--param %s: is given twice", name)
		}
		params[name] = text
		d := json.NewDecoder(bytes.NewReader([]byte(text)))
		d.UseNumber()
		var v any
		if d.Decode(&v) == nil && !d.More() {
			params[name] = v
		}
	}
	return params, nil
}
