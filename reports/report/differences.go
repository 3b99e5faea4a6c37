package report

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
)

// Differences is what moved since an earlier point.
type Differences struct {
	Since Point `json:"since"`

	// Loops are told apart by their id; new ones first, then those that are gone,
	// then the changed, each by size.
	Loops       []LoopMove `json:"loops"`
	LoopsSame   int        `json:"loops_same"`
	LoopsHidden int        `json:"loops_hidden"`        // changed within the tolerance
	LoopsCut    string     `json:"loops_cut,omitempty"` // why loops were not compared, "" where they were

	// Legs are the legs that moved under the lens of the loops, with reasons.
	Legs []LegMove `json:"legs"`

	Figures       []FigureMove `json:"figures"` // of the summaries, in the order of the asks
	FiguresHidden int          `json:"figures_hidden"`

	Rows []RowMoves `json:"rows"` // one for each ask whose rows were joined

	// Sources are pages that the answers rest on and did not before, or no more.
	Sources []SourceMove `json:"sources"`
}

// The changes of a loop, a leg, a row or a source.
const (
	New     = queries.RowNew
	Gone    = queries.RowGone
	Changed = queries.RowChanged
)

// LoopMove is a loop that is new, gone or changed.
type LoopMove struct {
	ID           string        `json:"id"`
	Change       string        `json:"change"`
	Ring         []string      `json:"ring"`
	Kind         string        `json:"kind"`
	Before       graph.Money   `json:"bottleneck_before_cents"` // unknown where a hop is, or there is no loop
	After        graph.Money   `json:"bottleneck_after_cents"`
	AtMostBefore graph.Money   `json:"at_most_before_cents"` // what the bottleneck cannot exceed
	AtMostAfter  graph.Money   `json:"at_most_after_cents"`
	Hops         []graph.Money `json:"hop_amounts_cents"` // after, before where there is no after
	Legs         []string      `json:"legs"`              // on both sides
	Causes       []string      `json:"causes"`            // the legs among them that moved
	Reason       string        `json:"reason"`            // why these moved, as recorded
}

// LegMove is a leg that is new, gone or changed.
type LegMove struct {
	ID          string      `json:"id"`
	Change      string      `json:"change"`
	Payer       string      `json:"payer"`
	Payee       string      `json:"payee"`
	Kind        string      `json:"kind"`
	Before      string      `json:"before"` // state and amount in words
	After       string      `json:"after"`
	StateBefore string      `json:"state_before"` // "" where it is not known
	StateAfter  string      `json:"state_after"`
	Was         graph.Money `json:"amount_before_cents"`
	Is          graph.Money `json:"amount_after_cents"`
	Delta       graph.Money `json:"delta_cents"`
	Reason      string      `json:"reason"`
	Causes      []string    `json:"causes"` // ids of outcomes or imports
}

// FigureMove is a figure of a summary that moved; a side that does not have it
// is absent.
type FigureMove struct {
	Ask    string        `json:"ask"`
	Path   string        `json:"path"`
	Title  string        `json:"title"`
	Type   string        `json:"type"`
	Unit   string        `json:"unit"`
	Before queries.Value `json:"before"`
	After  queries.Value `json:"after"`
	Change queries.Value `json:"change"`
}

// RowMoves counts the rows of an ask that differ.
type RowMoves struct {
	Ask     string `json:"ask"`
	New     int    `json:"new"`
	Gone    int    `json:"gone"`
	Changed int    `json:"changed"`
	Same    int    `json:"same"`
	Hidden  int    `json:"hidden"`        // changed within the tolerance
	Cut     string `json:"cut,omitempty"` // a limit cut an answer: rows may come and go by it
}

// SourceMove is a page that answers rest on only after, or only before.
type SourceMove struct {
	ID     string `json:"id"`
	Change string `json:"change"` // new or gone
	Title  string `json:"title"`
	URL    string `json:"url"`
}

// Any tells whether anything moved by more than the tolerance.
func (d *Differences) Any() bool {
	if d == nil {
		return false
	}
	moved := func(r RowMoves) bool { return r.New+r.Gone+r.Changed > 0 }
	return len(d.Loops)+len(d.Legs)+len(d.Figures)+len(d.Sources) > 0 || slices.ContainsFunc(d.Rows, moved)
}

// count is how many loops changed so.
func (d *Differences) count(change string) int {
	n := 0
	for _, l := range d.Loops {
		if l.Change == change {
			n++
		}
	}
	return n
}

// differences compares every answer with that for the earlier point. moved are
// answers of the analysis changes between the two points, if any.
func (r *Report) differences(c queries.Catalogue, since Point, loops *queries.Result, moved []*queries.Result) (*Differences, error) {
	d := &Differences{Since: since, Loops: []LoopMove{}, Legs: legMoves(moved), Figures: []FigureMove{}, Rows: []RowMoves{}, Sources: []SourceMove{}}
	for i := range r.Answers {
		a := &r.Answers[i]
		if a.Before == nil {
			continue
		}
		analysis, err := c.Find(a.Ask.Analysis)
		if err != nil {
			return nil, err
		}
		delta := analysis.Delta(a.Before, a.Result)
		sum := delta.Summary.(queries.Differences)
		for _, f := range sum.Figures {
			if within(r.Tolerance, f.Type, f.Before.Value, f.After.Value) {
				d.FiguresHidden++
				continue
			}
			d.Figures = append(d.Figures, FigureMove{a.Ask.Name, f.Path, f.Title, f.Type, f.Unit, f.Before, f.After, f.Change})
		}
		a.Hidden = r.Tolerance.hide(delta, a.Result.Columns)
		sum.Changed -= a.Hidden
		delta.Summary = sum
		a.Delta = delta
		d.Rows = append(d.Rows, RowMoves{a.Ask.Name, sum.New, sum.Gone, sum.Changed, sum.Same, a.Hidden, delta.Truncated.Reason})
	}
	if r.Loops != nil && loops != nil {
		analysis, err := c.Find(loops.Analysis)
		if err != nil {
			return nil, err
		}
		delta := analysis.Delta(loops, r.Loops)
		if delta.Truncated.Is { // a loop may be missing on one side because the search ended
			d.LoopsCut = delta.Truncated.Reason
			delta.Rows = nil
		} else {
			d.LoopsSame = delta.Summary.(queries.Differences).Same
			d.LoopsHidden = r.Tolerance.hide(delta, loops.Columns)
		}
		d.loopMoves(delta, loops, r.Loops)
	}
	d.Sources = append(d.Sources, r.sourceMoves()...)
	return d, nil
}

// hide takes the rows out of a delta whose moves are all within the tolerance
// and counts them. The columns are those of the answers.
func (t Tolerance) hide(delta *queries.Result, columns []queries.Column) int {
	if t.Percent.Micro() == 0 && t.Amount.Cents() == 0 {
		return 0
	}
	all := len(delta.Rows)
	delta.Rows = slices.DeleteFunc(delta.Rows, func(row queries.Row) bool {
		at := 0
		for _, c := range columns {
			if c.Key {
				at++
			}
		}
		if row.Values[at] != queries.RowChanged {
			return false
		}
		at++
		for _, c := range columns {
			if c.Key {
				continue
			}
			before, after := row.Values[at], row.Values[at+1]
			if !queries.Evidential(c.Type) && queries.CellText(before) != queries.CellText(after) && !within(t, c.Type, before, after) {
				return false
			}
			if at += 2; queries.Numeric(c.Type) {
				at++
			}
		}
		return true
	})
	return all - len(delta.Rows)
}

// within tells whether a move stays within the tolerance.
func within(t Tolerance, columnType string, before, after any) bool {
	switch b := before.(type) {
	case graph.Money:
		a, ok := after.(graph.Money)
		return ok && a.Known() && b.Known() && t.covers(b.Cents(), a.Cents(), true)
	case graph.Decimal:
		a, ok := after.(graph.Decimal)
		return ok && a.Known() && b.Known() && t.covers(b.Micro(), a.Micro(), false)
	case []graph.Money:
		a, ok := after.([]graph.Money)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range b {
			if b[i] != a[i] && !within(t, "money", b[i], a[i]) {
				return false
			}
		}
		return true
	}
	b, a := reflect.ValueOf(before), reflect.ValueOf(after)
	return columnType == "count" && b.IsValid() && a.IsValid() && b.CanInt() && a.CanInt() && t.covers(b.Int(), a.Int(), false)
}

// covers tells whether a move is within every bound that is set, and one is.
func (t Tolerance) covers(before, after int64, amount bool) bool {
	move := after - before
	if move < 0 {
		move = -move
	}
	set := false
	if t.Percent.Micro() > 0 {
		set = true
		if !atMost(move, before, t.Percent.Micro()) {
			return false
		}
	}
	if amount && t.Amount.Cents() > 0 {
		set = true
		if move > t.Amount.Cents() {
			return false
		}
	}
	return set
}

// loopMoves reads what became of the loops from the delta of two answers of
// cycles and finds the legs that moved them.
func (d *Differences) loopMoves(delta, before, after *queries.Result) {
	reasons := map[string]string{}
	for _, l := range d.Legs {
		reasons[l.ID] = l.Reason
	}
	id := column(before, "id")
	was, is := byText(before, id), byText(after, id)
	for _, row := range delta.Rows {
		m := LoopMove{ID: row.Values[0].(string), Change: row.Values[1].(string), Legs: row.Legs}
		if old, ok := was[m.ID]; ok {
			m.fill(before, old)
			m.Before, m.AtMostBefore = value[graph.Money](before, old, "bottleneck_cents"), value[graph.Money](before, old, "bottleneck_at_most_cents")
		}
		if fresh, ok := is[m.ID]; ok {
			m.fill(after, fresh)
			m.After, m.AtMostAfter = value[graph.Money](after, fresh, "bottleneck_cents"), value[graph.Money](after, fresh, "bottleneck_at_most_cents")
		}
		var why []string
		for _, leg := range row.Legs {
			if reason, ok := reasons[leg]; ok {
				m.Causes = append(m.Causes, leg)
				why = append(why, leg+": "+reason)
			}
		}
		m.Reason = strings.Join(why, "; ")
		d.Loops = append(d.Loops, m)
	}
	order := []string{New, Gone, Changed}
	slices.SortFunc(d.Loops, func(a, b LoopMove) int {
		return queries.Order(slices.Index(order, a.Change)-slices.Index(order, b.Change), queries.Descending(a.size(), b.size()),
			queries.Descending(a.bound(), b.bound()), cmp.Compare(len(a.Ring), len(b.Ring)), queries.Bytes(a.ID, b.ID))
	})
}

func (m *LoopMove) fill(r *queries.Result, row queries.Row) {
	m.Ring, m.Kind, m.Hops = value[[]string](r, row, "ring"), value[string](r, row, "kind"), value[[]graph.Money](r, row, "hop_amounts_cents")
}

// size is the bottleneck of a loop that is new or gone, and how far that of a
// changed one moved.
func (m LoopMove) size() graph.Money {
	switch m.Change {
	case New:
		return m.After
	case Gone:
		return m.Before
	}
	return distance(m.Before, m.After)
}

func (m LoopMove) bound() graph.Money {
	switch m.Change {
	case New:
		return m.AtMostAfter
	case Gone:
		return m.AtMostBefore
	}
	return distance(m.AtMostBefore, m.AtMostAfter)
}

func distance(a, b graph.Money) graph.Money {
	if !a.Known() || !b.Known() {
		return graph.Money{}
	}
	return graph.USD(max(a.Cents()-b.Cents(), b.Cents()-a.Cents()))
}

// legMoves joins the legs of several answers of changes: what the first tells
// came before what the second tells.
func legMoves(moved []*queries.Result) []LegMove {
	list := []LegMove{}
	at := map[string]int{}
	for _, r := range moved {
		for _, row := range r.Rows {
			if value[string](r, row, "what") != "leg" {
				continue
			}
			m := LegMove{
				ID: value[string](r, row, "id"), Change: value[string](r, row, "change"), Kind: value[string](r, row, "kind"),
				Before: value[string](r, row, "before"), After: value[string](r, row, "after"),
				StateBefore: value[string](r, row, "state_before"), StateAfter: value[string](r, row, "state_after"),
				Was: value[graph.Money](r, row, "amount_before_cents"), Is: value[graph.Money](r, row, "amount_after_cents"),
				Delta: value[graph.Money](r, row, "delta_cents"), Reason: value[string](r, row, "reason"), Causes: value[[]string](r, row, "causes"),
			}
			if ends := value[[]string](r, row, "companies"); len(ends) == 2 {
				m.Payer, m.Payee = ends[0], ends[1]
			}
			if i, ok := at[m.ID]; ok {
				list[i] = list[i].then(m)
				continue
			}
			at[m.ID] = len(list)
			list = append(list, m)
		}
	}
	// A leg that came by an import and went with the days did not move, nor did one
	// that is what it was.
	list = slices.DeleteFunc(list, func(m LegMove) bool { return m.Change == "" })
	order := []string{New, Gone, Changed}
	slices.SortStableFunc(list, func(a, b LegMove) int {
		return slices.Index(order, a.Change) - slices.Index(order, b.Change)
	})
	return list
}

// then is two moves of one leg as one.
func (m LegMove) then(next LegMove) LegMove {
	out := next
	out.Before, out.StateBefore, out.Was = m.Before, m.StateBefore, m.Was
	out.Reason = m.Reason + "; " + next.Reason
	out.Causes = slices.Concat(m.Causes, next.Causes)
	switch {
	case m.Change == New && next.Change == Gone:
		out.Change = ""
	case m.Change == New:
		out.Change = New
	case next.Change == Gone:
		out.Change = Gone
	case m.Before == next.After: // there and back again
		out.Change = ""
	default:
		out.Change = Changed
	}
	if out.Delta = (graph.Money{}); m.Delta.Known() && next.Delta.Known() {
		out.Delta = graph.USD(m.Delta.Cents() + next.Delta.Cents())
	}
	return out
}

// sourceMoves are the pages that only one side of the answers rests on.
func (r *Report) sourceMoves() []SourceMove {
	sides := [2]map[string]*graph.Source{{}, {}}
	for _, a := range r.Answers {
		if a.Before == nil {
			continue
		}
		for i, res := range []*queries.Result{a.Before, a.Result} {
			for _, s := range res.Sources {
				sides[i][s.ID] = s
			}
		}
	}
	var list []SourceMove
	for i, change := range []string{Gone, New} {
		for id, s := range sides[i] {
			if sides[1-i][id] == nil {
				list = append(list, SourceMove{id, change, s.Title, s.URL})
			}
		}
	}
	slices.SortFunc(list, func(a, b SourceMove) int {
		return queries.Order(queries.Bytes(a.Change, b.Change), queries.Bytes(a.ID, b.ID))
	})
	return list
}
