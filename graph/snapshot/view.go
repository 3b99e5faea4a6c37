package snapshot

import (
	"sort"

	"roundtrip/graph"
)

// View is a snapshot under one lens: the legs that pass it, and the edges that
// they merge into. It is immutable.
type View struct {
	s    *Snapshot
	lens graph.Lens
	day  graph.Day

	vertices  []string
	vertexOf  []int32 // of a company of the snapshot
	aggregate []bool  // by vertex

	// Legs that passed, in order of date (undated last), then id.
	leg    []int32 // index in the snapshot
	amount []int64 // cents under the lens, or unknown
	state  []state

	// Edges, in order of payer, payee, class.
	payer, payee []int32
	class        []graph.Class
	sum          []int64 // of known amounts, or unknown where none is known
	partial      []bool
	legEnd       []int32 // where the legs of an edge end in legs
	legs         []int32 // legs of the view, edge by edge
	outEnd       []int32 // by vertex: where its edges end
	inEnd        []int32 // by vertex: where its edges end in in
	in           []int32 // edges in order of payee, payer, class

	nUnknown, nPartial int
	met                [numStates]int
	totals             [graph.Supplies + 1]total
	warnings           []Warning
}

// total is the sum of the legs of one class.
type total struct {
	legs  int
	known bool
	cents int64
}

// Leg is one leg as the lens shows it.
type Leg struct {
	ID           string
	Payer, Payee int32 // vertices
	Class        graph.Class
	Kind         graph.FlowKind
	Amount       graph.Money // under the basis and the amount rule
	State        graph.Status
	Date         graph.Date // announced
	Overlaps     bool       // count_in_totals=no, kept because the lens keeps overlaps
	Flow         int        // index in the snapshot
}

// Edge is what moves from one vertex to another in one class.
type Edge struct {
	Payer, Payee int32 // vertices
	Class        graph.Class
	Amount       graph.Money // sum of the known amounts of its legs, unknown when none is known
	Partial      bool        // the amounts of some legs are known, of others not
	Legs         []int32     // legs of the view in order of date, then id; not to be changed
}

// Warning is something that a reader of an answer should know.
type Warning struct {
	Code    string
	Message string
	Count   int
}

// UndatedLegs is the code of the warning that counts legs without a date, which
// every as_of lets pass.
const UndatedLegs = "undated_legs"

// StateCount is how many legs of a view are in a state.
type StateCount struct {
	Status graph.Status
	Legs   int
}

// Snapshot is the graph that the lens looks at.
func (v *View) Snapshot() *Snapshot { return v.s }

// Revision is the revision of the graph.
func (v *View) Revision() graph.Revision { return v.s.revision }

// Lens is the lens as it was used: company ids are mapped through rollup, each
// named once.
func (v *View) Lens() graph.Lens { return v.lens }

// AsOf is the last day whose knowledge counts.
func (v *View) AsOf() graph.Day { return v.day }

// Companies are the vertices: the ids of all companies, under rollup only of
// those without a parent, in byte order, whether or not a leg touches them. The
// index in it is the vertex. The slice is not to be changed.
func (v *View) Companies() []string { return v.vertices }

// Vertex is the vertex of a company, under rollup that of its ultimate parent;
// false when there is no such company.
func (v *View) Vertex(companyID string) (int32, bool) {
	i, ok := v.s.company(companyID)
	if !ok {
		return 0, false
	}
	return v.vertexOf[i], true
}

// Aggregate tells whether the vertex stands for unnamed parties.
func (v *View) Aggregate(vertex int32) bool { return v.aggregate[vertex] }

// NumLegs is the number of legs that passed the lens.
func (v *View) NumLegs() int { return len(v.leg) }

// Leg is leg i of the view; legs are in order of date (announced; undated last),
// then id.
func (v *View) Leg(i int) Leg {
	at := v.leg[i]
	s := v.s
	sh := &s.shapes[s.shape[at]]
	l := Leg{
		ID: s.legIDs.at(at), Payer: v.vertexOf[s.from[at]], Payee: v.vertexOf[s.to[at]], Class: sh.class, Kind: sh.key.kind,
		Amount: money(v.amount[i]), State: v.state[i].status(), Date: s.date[at].date(), Flow: int(at),
	}
	if v.lens.Overlaps {
		d := s.detail(at)
		l.Overlaps = d != nil && d.flow != nil && d.flow.Overlaps
	}
	return l
}

// LegID is the id of leg i of the view.
func (v *View) LegID(i int) string { return v.s.legIDs.at(v.leg[i]) }

// LegIDs are the ids of legs of the view, such as those of an edge.
func (v *View) LegIDs(legs []int32) []string {
	ids := make([]string, len(legs))
	for k, i := range legs {
		ids[k] = v.LegID(int(i))
	}
	return ids
}

// Flow is the whole record of leg i of the view. That of a plain leg is made
// anew at each call.
func (v *View) Flow(i int) *graph.Flow { return v.s.Flow(int(v.leg[i])) }

// NumEdges is the number of merged edges.
func (v *View) NumEdges() int { return len(v.payer) }

// EdgeAt is edge e; edges are in order of payer, payee and class.
func (v *View) EdgeAt(e int) Edge {
	first := int32(0)
	if e > 0 {
		first = v.legEnd[e-1]
	}
	return Edge{
		Payer: v.payer[e], Payee: v.payee[e], Class: v.class[e], Amount: money(v.sum[e]), Partial: v.partial[e],
		Legs: v.legs[first:v.legEnd[e]:v.legEnd[e]],
	}
}

// Edge is the number of the edge from payer to payee in a class; false when
// there is none.
func (v *View) Edge(payer, payee int32, class graph.Class) (int, bool) {
	first, end := v.Out(payer)
	e := first + sort.Search(end-first, func(i int) bool {
		e := first + i
		return v.payee[e] > payee || v.payee[e] == payee && v.class[e] >= class
	})
	return e, e < end && v.payee[e] == payee && v.class[e] == class
}

// Out are the edges that a vertex pays: first, first+1, ..., end-1, in order of
// payee and class.
func (v *View) Out(vertex int32) (first, end int) {
	if vertex > 0 {
		first = int(v.outEnd[vertex-1])
	}
	return first, int(v.outEnd[vertex])
}

// In are the edges that a vertex is paid by, in order of payer and class. The
// slice is not to be changed.
func (v *View) In(vertex int32) []int32 {
	first := int32(0)
	if vertex > 0 {
		first = v.inEnd[vertex-1]
	}
	return v.in[first:v.inEnd[vertex]:v.inEnd[vertex]]
}

// NUnknown is the number of edges of which no amount is known.
func (v *View) NUnknown() int { return v.nUnknown }

// NPartial is the number of edges of which some amounts are known and some not.
func (v *View) NPartial() int { return v.nPartial }

// States are the states in which legs of the view are, in declared order.
func (v *View) States() []StateCount {
	var list []StateCount
	for i, n := range v.met {
		if n > 0 {
			list = append(list, StateCount{state(i).status(), n})
		}
	}
	return list
}

// Total is the sum of the known amounts of the legs of these classes, of all
// classes when none is named: zero where there is no such leg, unknown where
// there are legs and no amount is known.
func (v *View) Total(classes ...graph.Class) graph.Money {
	if len(classes) == 0 {
		classes = graph.AllClasses()
	}
	var sum total
	for _, c := range classes {
		t := v.totals[c]
		sum = total{sum.legs + t.legs, sum.known || t.known, sum.cents + t.cents}
	}
	if sum.legs > 0 && !sum.known {
		return graph.Money{}
	}
	return graph.USD(sum.cents)
}

// Warnings are what a reader should know about the legs that passed, each code
// once.
func (v *View) Warnings() []Warning { return v.warnings }
