// Package paths declares the analysis of the ways on which money can get from
// one company to another.
package paths

import (
	_ "embed"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/chain"
)

//go:embed query.cypher
var text string

// Params name the ends and bound the search.
type Params struct {
	From    string        `json:"from" refs:"company" required:"true" doc:"The company where the paths begin."`
	To      string        `json:"to" refs:"company" required:"true" doc:"The company where the paths end."`
	K       int           `json:"k" default:"5" min:"1" max:"12" doc:"Largest number of hops."`
	Limit   int           `json:"limit" default:"100" min:"0" max:"100000" doc:"Largest number of rows; the summary counts all paths."`
	Timeout time.Duration `json:"timeout" default:"20s" max:"10m" doc:"Time for the search; what was found until then is the answer, marked as cut short."`
}

// Path is the fact: the hops of one path in the direction of value. The slice is
// only valid until the next one.
type Path = chain.Hops

// Row is one path.
type Row struct {
	ID         string        `json:"id" key:"true" title:"Id" detail:"true" doc:"Stable across runs, stores and engines: p_ and 16 hex digits of the SHA-256 of companies and classes."`
	Path       []string      `json:"path" title:"Path" type:"path" doc:"The companies in the direction of value, both ends included."`
	Classes    []string      `json:"classes" title:"Classes" doc:"Class of the hop from each company to the next."`
	Hops       int           `json:"hops" title:"Hops" doc:"Number of hops."`
	Amounts    []graph.Money `json:"hop_amounts_cents" title:"Hop amounts" doc:"Known amount of each hop."`
	Legs       [][]string    `json:"legs" title:"Legs" type:"leg_lists" detail:"true" doc:"Legs of each hop, by date, then id."`
	Bottleneck graph.Money   `json:"bottleneck_cents" title:"Bottleneck" doc:"Least hop amount: what can go all the way; unknown when a hop is."`
	AtMost     graph.Money   `json:"bottleneck_at_most_cents" title:"At most" doc:"Least hop amount that is known in full: what the bottleneck cannot exceed."`
	Partial    bool          `json:"partial" title:"Partial" detail:"true" doc:"The amount of some hop is known only in part."`
}

// Summary counts all paths, shown or not.
type Summary struct {
	Count  int64            `json:"count" title:"Paths" doc:"Number of paths; at least so many when the search was cut short."`
	Known  int64            `json:"known_bottleneck" title:"With a known bottleneck" doc:"Those whose bottleneck is known."`
	ByHops map[string]int64 `json:"by_hops" title:"By hops" doc:"Number by hops."`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Path, Row, Summary]{
		Name:     "paths",
		Title:    "Paths from one company to another",
		Question: "How can money get from A to B?",
		Method: "A path is a chain of edges (payer, payee, class) from one company to the other with at most k hops that visits no company twice; two classes between the same companies are two edges and make two paths. " +
			"Its bottleneck is the least amount on its way, what can go all the way through. " +
			"Paths share edges, so their bottlenecks must not be added up. A path says that money could go this way, not that the same dollars did, and dates are not asked to be in order.",
		Formula: "bottleneck = min w(hop)",
		Origin:  "Search by distances to both ends, as for cycles.",
		Example: queries.Args{"from": "softbank", "to": "nvidia"},
		Order:   "bottleneck descending; those without one by what it cannot exceed, unknown last; then hops, id",
		Native:  native,
		Twin: &queries.Twin[Params, Path]{
			Text: text, Shown: shown,
			Args: func(in queries.Scope, p Params) map[string]any {
				from, to := p.From, p.To
				if a, b, err := ends(in, p); err == nil { // finish reports the error
					from, to = in.View.Companies()[a], in.View.Companies()[b]
				}
				return map[string]any{"from": from, "to": to, "k": p.K}
			},
			Fact: fact,
		},
		Finish: finish,
	})
}

// ends are the vertices of the companies that the parameters name.
func ends(in queries.Scope, p Params) (from, to int32, err error) {
	if from, err = queries.CompanyArg(in.View, "from", p.From); err != nil {
		return 0, 0, err
	}
	if to, err = queries.CompanyArg(in.View, "to", p.To); err != nil {
		return 0, 0, err
	}
	if from == to {
		problem := "is where the paths begin; want another company (cycles finds the ways back to the same)"
		if p.From != p.To {
			problem = fmt.Sprintf("belongs to the same group as from=%s, which counts as one company under rollup; want another company, or rollup=false", p.From)
		}
		return 0, 0, queries.ArgumentErrors{{Name: "to", Given: p.To, Problem: problem}}
	}
	return from, to, nil
}

func fact(row queries.Record) (Path, error) {
	var f struct {
		Path    []string      `json:"path"`
		Classes []graph.Class `json:"classes"`
		Amounts []graph.Money `json:"hop_amounts_cents"`
		Partial []bool        `json:"partials"`
		Legs    [][]string    `json:"legs"`
	}
	if err := queries.Scan(row, &f); err != nil {
		return nil, err
	}
	path := make(Path, len(f.Classes))
	for i := range path {
		path[i] = &chain.Hop{Payer: f.Path[i], Payee: f.Path[i+1], Class: f.Classes[i], Amount: f.Amounts[i], Partial: f.Partial[i], Legs: f.Legs[i]}
	}
	return path, nil
}

// found is a path with what the order needs.
type found struct {
	path Path
	rank chain.Rank
	id   string // made when two paths tie
}

func (f *found) name() string {
	if f.id == "" {
		parts := make([]string, 0, 2*len(f.path)+1)
		for _, h := range f.path {
			parts = append(parts, h.Payer, h.Class.String())
		}
		f.id = chain.ID("p_", append(parts, f.path[len(f.path)-1].Payee))
	}
	return f.id
}

func finish(in queries.Scope, p Params, facts iter.Seq[Path]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return in.InOrder(r.Legs...) }}
	from, to, err := ends(in, p)
	if err != nil {
		return ans, err
	}
	s := &ans.Summary
	s.ByHops = map[string]int64{}
	var byHops [13]int64
	best := chain.Top[*found]{Limit: p.Limit, Compare: func(a, b *found) int {
		if order := a.rank.Compare(b.rank); order != 0 {
			return order
		}
		return queries.Bytes(a.name(), b.name())
	}}
	for path := range facts {
		s.Count++
		byHops[len(path)]++
		f := found{path: path, rank: chain.Rank{Hops: len(path)}}
		f.rank.Bottleneck, f.rank.AtMost = path.Bottleneck()
		if f.rank.Bottleneck.Known() {
			s.Known++
		}
		if best.Wants(&f) {
			f.path = slices.Clone(path)
			best.Add(&f)
		}
	}
	for hops, n := range byHops {
		if n > 0 {
			s.ByHops[strconv.Itoa(hops)] = n
		}
	}
	for _, f := range best.Sorted() {
		ans.Rows = append(ans.Rows, row(in, f))
	}
	if n := int64(len(ans.Rows)); n < s.Count {
		ans.Truncated = queries.Truncation{Is: true, Reason: fmt.Sprintf("limit: %d of %d paths are shown; the summary counts all", n, s.Count)}
	}
	name := func(v int32) string { return in.View.Snapshot().CompanyName(in.View.Companies()[v]) }
	ans.Finding = finding(ans.Rows, *s, p, name(from), name(to), in.View.Snapshot().CompanyName)
	return ans, nil
}

func row(in queries.Scope, f *found) Row {
	r := Row{ID: f.name(), Hops: len(f.path), Bottleneck: f.rank.Bottleneck, AtMost: f.rank.AtMost, Partial: f.path.Partial(), Path: []string{f.path[0].Payer}}
	for _, h := range f.path {
		r.Path, r.Classes = append(r.Path, h.Payee), append(r.Classes, h.Class.String())
		r.Amounts, r.Legs = append(r.Amounts, h.Amount), append(r.Legs, in.InOrder(h.Legs))
	}
	return r
}

func finding(rows []Row, s Summary, p Params, from, to string, name func(string) string) string {
	if s.Count == 0 {
		return fmt.Sprintf("Under this lens no path of at most %s leads from %s to %s.", queries.Count(p.K, "hop", "hops"), from, to)
	}
	text := fmt.Sprintf("%s from %s to %s with at most %s", queries.Count(int(s.Count), "path leads", "paths lead"), from, to, queries.Count(p.K, "hop", "hops"))
	if s.Known < s.Count {
		text += fmt.Sprintf(", %d of them with a known bottleneck", s.Known)
	}
	if len(rows) == 0 || !rows[0].Bottleneck.Known() {
		return text + "."
	}
	way := name(rows[0].Path[0])
	for _, id := range rows[0].Path[1:] {
		way += " → " + name(id)
	}
	return fmt.Sprintf("%s; first among them %s, on which up to %s can go all the way.", text, way, rows[0].Bottleneck.Short())
}
