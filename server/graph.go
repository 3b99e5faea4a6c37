package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/render"
)

// Of a graph that is too large to draw, the largest edges are given, up to
// these numbers of edges and legs.
const (
	maxDrawnEdges = 5000
	maxDrawnLegs  = 20000
)

// drawing is the answer of GET /graph: the companies and edges under a lens.
type drawing struct {
	Lens      json.RawMessage       `json:"lens"`
	Graph     graphName             `json:"graph"`
	Scenario  *queries.ScenarioUsed `json:"scenario,omitempty" doc:"The scenario that the graph is under, and the legs that it changed."`
	Unknown   int                   `json:"n_unknown" doc:"Edges of which no amount is known."`
	Partial   int                   `json:"n_partial" doc:"Edges of which some amounts are unknown."`
	Warnings  []queries.Warning     `json:"warnings" nullable:"false"`
	Truncated queries.Truncation    `json:"truncated" doc:"Whether only the largest edges are given; sums of nodes are whole in any case."`
	Nodes     []node                `json:"nodes" nullable:"false" doc:"Companies with an edge, by id."`
	Edges     []edge                `json:"edges" nullable:"false" doc:"By payer, payee, class."`
	Legs      []leg                 `json:"legs" nullable:"false" doc:"Legs of the edges, by date (undated last), then id."`
}

// node is a company under the lens.
type node struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Kind      string  `json:"kind"`
	Aggregate bool    `json:"aggregate" doc:"Stands for unnamed parties."`
	InCents   *int64  `json:"in_cents" doc:"Known amounts of the edges into it, null when none is known."`
	In        *string `json:"in"`
	OutCents  *int64  `json:"out_cents"`
	Out       *string `json:"out"`
}

// edge is what moves from one company to another in one class.
type edge struct {
	Payer       string   `json:"payer"`
	Payee       string   `json:"payee"`
	Class       string   `json:"class"`
	AmountCents *int64   `json:"amount_cents" doc:"Sum of the known amounts, null when none is known."`
	Amount      *string  `json:"amount"`
	Partial     bool     `json:"partial" doc:"Some amounts are known, others not."`
	Signed      bool     `json:"signed" doc:"Every leg is signed, partially disbursed, closed or in force."`
	Conditional bool     `json:"conditional" doc:"Some leg moves contingent cash or credit support."`
	Legs        []string `json:"legs" nullable:"false" doc:"By date, then id."`
}

// leg is one flow as the lens shows it.
type leg struct {
	ID          string   `json:"id"`
	From        string   `json:"from" doc:"The company as recorded."`
	To          string   `json:"to" doc:"The company as recorded."`
	Payer       string   `json:"payer" doc:"The company under the lens."`
	Payee       string   `json:"payee" doc:"The company under the lens."`
	Class       string   `json:"class"`
	Kind        string   `json:"kind"`
	Status      string   `json:"status" doc:"The state on the day of the lens."`
	AmountCents *int64   `json:"amount_cents" doc:"Under the lens, null when unknown."`
	Amount      *string  `json:"amount"`
	Qualifier   *string  `json:"qualifier"`
	Announced   *string  `json:"announced"`
	DealID      *string  `json:"deal_id"`
	Description *string  `json:"description"`
	SourceIDs   []string `json:"source_ids" nullable:"false"`
	Confidence  *string  `json:"confidence"`
	Overlaps    bool     `json:"overlaps" doc:"Overlaps other legs (count_in_totals=no)."`
}

func (s *Server) addGraph() {
	op := huma.Operation{
		Method: http.MethodGet, Path: apiBase + "/graph", OperationID: "get_graph", Tags: []string{tagGraph},
		Summary: "Nodes and edges under a lens, for drawing", Description: "Takes the fields of the lens as query keys, and the name of a scenario.",
		Responses: tagged(answers("The graph under the lens.", jsonType, s.docs.schema(drawing{}))),
	}
	for _, p := range queries.LensParams() {
		op.Parameters = append(op.Parameters, argument(p))
	}
	op.Parameters = append(op.Parameters, queryParam(scenarioKey, "A what-if that changes the graph: the name of a scenario.", &huma.Schema{Type: huma.TypeString}), ifNoneMatch())
	s.add(route{op: op, heavy: true, handle: s.draw})
}

func (s *Server) draw(ctx context.Context, c *call) (reply, error) {
	given := queries.Args{}
	for key, value := range c.query {
		given[key] = value
	}
	delete(given, scenarioKey)
	var under *scenario.Scenario
	var changes []byte
	if name := c.query[scenarioKey]; name != "" {
		var err error
		if under, err = s.scenarioNamed(ctx)(name); err != nil {
			return reply{}, err
		}
		changes = under.Canonical()
	}
	view, used, err := s.o.Runner.ViewUnder(ctx, given, under)
	if err != nil {
		return reply{}, err
	}
	s.metrics.graph(view.Revision().Number, view.Snapshot().NumFlows())
	lens := render.AppendLens(nil, view.Lens())
	revision := view.Revision()
	tag := quotedDigest(queries.AppendJSON(nil, []string{
		s.o.Version, revision.Hash.String(), fmt.Sprint(revision.Number), string(lens), fmt.Sprint(view.Lens().Probabilities), string(changes),
	}))
	if tagMatches(c.r.Header.Get("If-None-Match"), tag) {
		return reply{etag: tag, revision: &revision}, nil
	}
	drawing := drawingOf(view, lens)
	drawing.Scenario = used
	a, err := jsonReply(drawing)
	a.etag, a.revision = tag, &revision
	return a, err
}

func drawingOf(v *snapshot.View, lens []byte) drawing {
	d := drawing{
		Lens: lens, Graph: graphName{Revision: v.Revision().Number, Hash: v.Revision().Hash.String()},
		Unknown: v.NUnknown(), Partial: v.NPartial(), Warnings: []queries.Warning{}, Nodes: []node{}, Edges: []edge{}, Legs: []leg{},
	}
	for _, w := range v.Warnings() {
		d.Warnings = append(d.Warnings, queries.Warning{Code: w.Code, Message: w.Message, Count: w.Count})
	}
	drawn := largestEdges(v)
	if len(drawn) < v.NumEdges() {
		d.Truncated = queries.Truncation{Is: true, Reason: fmt.Sprintf("the lens shows %d edges; these are the %d largest", v.NumEdges(), len(drawn))}
	}
	var legs []int32
	for _, e := range drawn {
		edge := v.EdgeAt(e)
		d.Edges = append(d.Edges, edgeOf(v, edge))
		legs = append(legs, edge.Legs...)
	}
	slices.Sort(legs) // legs of a view are numbered by date, then id
	for _, i := range legs {
		d.Legs = append(d.Legs, legOf(v, int(i)))
	}
	d.Nodes = append(d.Nodes, nodesOf(v)...)
	return d
}

// largestEdges are the edges to draw in their own order: all of them, or the
// largest, those of unknown amount last.
func largestEdges(v *snapshot.View) []int {
	all := make([]int, v.NumEdges())
	for e := range all {
		all[e] = e
	}
	if len(all) <= maxDrawnEdges && v.NumLegs() <= maxDrawnLegs {
		return all
	}
	slices.SortStableFunc(all, func(a, b int) int { return queries.Descending(v.EdgeAt(a).Amount, v.EdgeAt(b).Amount) })
	legs, n := 0, 0
	for n < min(len(all), maxDrawnEdges) {
		if legs += len(v.EdgeAt(all[n]).Legs); legs > maxDrawnLegs {
			break
		}
		n++
	}
	drawn := all[:n]
	slices.SortFunc(drawn, cmp.Compare[int])
	return drawn
}

func edgeOf(v *snapshot.View, e snapshot.Edge) edge {
	ids := v.Companies()
	out := edge{
		Payer: ids[e.Payer], Payee: ids[e.Payee], Class: e.Class.String(), AmountCents: centsOf(e.Amount), Amount: dollarsOf(e.Amount),
		Partial: e.Partial, Signed: true, Legs: v.LegIDs(e.Legs),
	}
	for _, i := range e.Legs {
		out.Signed = out.Signed && v.Leg(int(i)).State.Firm()
		out.Conditional = out.Conditional || v.Flow(int(i)).Conditional()
	}
	return out
}

func legOf(v *snapshot.View, i int) leg {
	l, f, ids := v.Leg(i), v.Flow(i), v.Companies()
	return leg{
		ID: l.ID, From: f.From, To: f.To, Payer: ids[l.Payer], Payee: ids[l.Payee], Class: l.Class.String(), Kind: string(l.Kind),
		Status: string(l.State), AmountCents: centsOf(l.Amount), Amount: dollarsOf(l.Amount), Qualifier: textOf(f.Qualifier),
		Announced: textOf(f.Announced.String()), DealID: textOf(f.DealID), Description: textOf(f.Description),
		SourceIDs: orEmpty(f.SourceIDs), Confidence: textOf(f.Confidence), Overlaps: f.Overlaps,
	}
}

// nodesOf are the companies that an edge touches, with what they get and give.
func nodesOf(v *snapshot.View) []node {
	ids := v.Companies()
	var nodes []node
	for i, id := range ids {
		vertex := int32(i)
		first, end := v.Out(vertex)
		in := v.In(vertex)
		if first == end && len(in) == 0 {
			continue
		}
		var got, gave graph.Money
		for _, e := range in {
			got = got.Plus(v.EdgeAt(int(e)).Amount)
		}
		for e := first; e < end; e++ {
			gave = gave.Plus(v.EdgeAt(e).Amount)
		}
		if len(in) == 0 {
			got = graph.USD(0)
		}
		if first == end {
			gave = graph.USD(0)
		}
		n := node{
			ID: id, Name: v.Snapshot().CompanyName(id), Aggregate: v.Aggregate(vertex),
			InCents: centsOf(got), In: dollarsOf(got), OutCents: centsOf(gave), Out: dollarsOf(gave),
		}
		if c, ok := v.Snapshot().Company(id); ok {
			n.Kind = c.Kind
		}
		nodes = append(nodes, n)
	}
	return nodes
}

func centsOf(m graph.Money) *int64 {
	if !m.Known() {
		return nil
	}
	return ptr(m.Cents())
}

func dollarsOf(m graph.Money) *string { return textOf(m.Dollars()) }

// textOf is a text, or null where there is none.
func textOf(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
