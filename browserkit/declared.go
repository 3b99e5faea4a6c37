package browserkit

import (
	"context"
	"fmt"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
)

// The folders of the scripts.
const (
	storyFolder     = "roundtrip 1 story"
	questionsFolder = "roundtrip 2 questions"
	analysesFolder  = "roundtrip 3 analyses"
	exploreFolder   = "roundtrip 4 explore"
)

// declared is a script before it has a text: either a request, of which the twin
// is the text, or a text with the lens fragment in it.
type declared struct {
	name, folder, title string
	request             queries.Request // of an analysis that has a twin
	draw                bool            // the legs of the rows instead of the rows
	today               bool            // what is known today instead of on a day

	text string     // where there is no request; see queries.Render
	lens graph.Lens // of the text
}

// script makes the text of the script and finds what its request finds.
func (d declared) script(ctx context.Context, runner *queries.Runner) (Script, string, error) {
	s := Script{Name: d.name, Folder: d.folder, Title: d.title, Draws: d.draw}
	if d.text != "" {
		statement, err := queries.Render(d.text, d.lens, 0, nil)
		if err != nil {
			return s, "", err
		}
		s.Text = statement.WithLiterals()
		return s, "", nil
	}
	p, err := runner.Prepare(ctx, d.request)
	if err != nil {
		return s, "", err
	}
	statement, err := p.Statement()
	if err != nil {
		return s, "", err
	}
	if statement == nil {
		return s, "", fmt.Errorf("%s has no Cypher for this", d.request.Analysis)
	}
	s.Text = statement.Literal
	if d.draw {
		s.Text = statement.Draw
	}
	if d.today {
		s.Text = strings.ReplaceAll(s.Text, "date("+queries.Literal(p.Lens.AsOf.Last().String())+")", "date()")
	}
	res, err := p.Run(ctx)
	if err != nil {
		return s, "", err
	}
	return s, res.Finding, nil
}

// everyAnalysis are two scripts for each analysis that has a twin: its rows, and
// their legs drawn, under its own defaults, as known today.
func everyAnalysis(c queries.Catalogue) []declared {
	var list []declared
	for _, a := range c {
		if !a.HasTwin {
			continue
		}
		request := queries.Request{Analysis: a.Name, Params: a.Example}
		list = append(list,
			declared{name: a.Name, folder: analysesFolder, title: a.Title + ": " + a.Question, request: request, today: true},
			declared{name: a.Name + "-drawn", folder: analysesFolder, title: a.Title + ", drawn", request: request, draw: true, today: true})
	}
	return list
}
