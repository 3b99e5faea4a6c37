package neo4jstore

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"roundtrip/graph"
)

// lastRev is rev_to of what nothing took the place of.
const lastRev = math.MaxInt64

// party is an end of a leg with what the company tree says of it.
type party struct {
	id, head                 string
	aggregate, headAggregate bool
}

// leg is all that the projection of one leg depends on.
type leg struct {
	flow        *graph.Flow
	outcomes    []*graph.Outcome // in any order
	from, to    party
	ancestors   []string // the nearest first, without umbrellas
	descendants []string // in byte order, without umbrellas
	recordRev   int64    // of a plain transfer without a node of its own, else 0
}

// edge is one relationship of the projection.
type edge struct {
	class    graph.Class
	from, to string
	props    map[string]any
}

// segment is a state of a leg: from that day on, until the next one.
type segment struct {
	from   graph.Day
	status graph.Status
	paid   graph.Money
}

var (
	firstDay = dayOf("0001-01-01")
	endOfAll = dayOf("9999-12-31")
)

func dayOf(text string) graph.Day {
	d, err := graph.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d.First()
}

// segments are the states of a leg in order of their first days; each is the
// one at the end of its first day.
func segments(f *graph.Flow, outcomes []*graph.Outcome) []segment {
	dated := slices.DeleteFunc(slices.Clone(outcomes), func(o *graph.Outcome) bool { return !o.Date.Known() })
	slices.SortFunc(dated, func(x, y *graph.Outcome) int {
		return cmp.Or(x.Date.Compare(y.Date), cmp.Compare(x.ID, y.ID))
	})
	changes := slices.ContainsFunc(outcomes, func(o *graph.Outcome) bool { return o.StatusAfter != "" })
	start := firstDay
	if f.Announced.Known() {
		start = f.Announced.First()
	}
	days := []graph.Day{start}
	own := f.Realised.Known() && f.RealisedAsOf.Known()
	if own {
		days = append(days, f.RealisedAsOf.Last())
	}
	for _, o := range dated {
		days = append(days, o.Date.First())
	}
	slices.Sort(days)
	days = slices.Compact(days)
	var list []segment
	for _, day := range days {
		if day < start {
			continue
		}
		now := segment{from: day, status: initialStatus(f, changes)}
		at, by := graph.Day(math.MinInt32), ""
		if own && f.RealisedAsOf.Last() <= day {
			now.paid, at = f.Realised, f.RealisedAsOf.Last()
		}
		for _, o := range dated {
			if o.Date.First() > day {
				break
			}
			if o.StatusAfter != "" {
				now.status = o.StatusAfter
			}
			// The state goes by instants; of the figures of one day that of the
			// greatest id counts.
			if on := o.Date.First(); o.PaidToDate.Known() && (on > at || on == at && o.ID > by) {
				now.paid, at, by = o.PaidToDate, on, o.ID
			}
		}
		if last := len(list) - 1; last >= 0 && list[last].status == now.status && list[last].paid == now.paid {
			continue
		}
		list = append(list, now)
	}
	return list
}

// initialStatus is the state before any outcome. Where the record leaves it out
// it is the latest state if no outcome changes that, else the default of the
// import.
func initialStatus(f *graph.Flow, changes bool) graph.Status {
	switch {
	case f.InitialStatus != "":
		return f.InitialStatus
	case f.Status != "" && !changes:
		return f.Status
	case f.Kind == graph.Transfer:
		return graph.Closed
	}
	return graph.Signed
}

// amounts are the point, low and high amount of a leg in one state.
func amounts(f *graph.Flow, s segment) (point, low, high graph.Money) {
	point, low, high = f.Amount, f.AmountLow, f.AmountHigh
	if !point.Known() && low.Known() && high.Known() {
		point = graph.USD(low.Cents() + (high.Cents()-low.Cents())/2)
	}
	if !low.Known() {
		low = point
		if f.Qualifier == "up_to" && s.status != graph.Closed && (f.Amount.Known() || high.Known()) {
			low = graph.USD(s.paid.Cents())
		}
	}
	if !high.Known() {
		high = point
	}
	return point, low, high
}

// project is the relationships of a leg, without revisions. An umbrella and a
// leg of no known kind have none.
func project(l *leg) []edge {
	class := l.flow.Kind.Class()
	if class == graph.NoClass {
		return nil
	}
	heads := l.from.head == l.from.id && l.to.head == l.to.id
	crosses := l.from.head != l.to.head
	states := segments(l.flow, l.outcomes)
	edges := make([]edge, 0, 2*len(states))
	for i, s := range states {
		end := endOfAll
		if i+1 < len(states) {
			end = states[i+1].from
		}
		unit := l.properties(s, end, i == len(states)-1)
		unit["unit"], unit["grouped"] = true, heads && crosses
		unit["aggregate"] = l.from.aggregate || l.to.aggregate
		if i == 0 && l.recordRev > 0 {
			unit["record_rev"] = l.recordRev
		}
		edges = append(edges, edge{class, l.from.id, l.to.id, unit})
		if !crosses || heads {
			continue
		}
		grouped := l.properties(s, end, i == len(states)-1)
		grouped["unit"], grouped["grouped"] = false, true
		grouped["aggregate"] = l.from.headAggregate || l.to.headAggregate
		grouped["unit_from"], grouped["unit_to"] = l.from.id, l.to.id
		edges = append(edges, edge{class, l.from.head, l.to.head, grouped})
	}
	return edges
}

// properties are those that the unit and the grouped relationship share.
func (l *leg) properties(s segment, end graph.Day, last bool) map[string]any {
	f := l.flow
	point, low, high := amounts(f, s)
	moves := f.Moves
	if moves == "" && f.Kind == graph.Transfer {
		moves = graph.MovesCash
	}
	props := map[string]any{
		"id": f.ID, "kind": string(f.Kind), "status": string(s.status), "current": last,
		"known_from": date(s.from), "known_to": date(end),
		"counted": !f.Overlaps, "conditional": f.Conditional(),
		"caption": caption(point, s.status),
	}
	for name, text := range map[string]string{
		"deal_id": f.DealID, "moves": moves, "superseded_by": f.SupersededBy, "announced_text": f.Announced.String(),
		"workload": f.Workload, "confidence": f.Confidence, "description": f.Description,
	} {
		if text != "" {
			props[name] = text
		}
	}
	for name, m := range map[string]graph.Money{"point_cents": point, "low_cents": low, "high_cents": high, "realised_cents": s.paid} {
		if m.Known() {
			props[name] = m.Cents()
		}
	}
	for name, list := range map[string][]string{"ancestors": l.ancestors, "descendants": l.descendants, "chips": f.Chips} {
		if len(list) > 0 {
			props[name] = list
		}
	}
	if f.Announced.Known() {
		props["announced"] = date(f.Announced.First())
	}
	if f.PeriodStart.Known() {
		props["period_start"] = date(f.PeriodStart.First())
	}
	if f.PeriodEnd.Known() {
		props["period_end"] = date(f.PeriodEnd.Last())
	}
	if f.CapacityGW.Known() {
		props["capacity_gw"] = number(f.CapacityGW.String())
	}
	return props
}

// caption is what a relationship shows in Neo4j Browser.
func caption(point graph.Money, s graph.Status) string {
	amount := point.Short()
	if !point.Known() {
		amount = "unknown amount"
	}
	return amount + " " + strings.ReplaceAll(string(s), "_", " ")
}

// companyNode is what the tree of companies needs of one.
type companyNode struct {
	exists    bool // as a record
	aggregate bool
	parent    string
}

// headOf is the ultimate parent: the last record up the chain of parents. A
// company without a record, and one whose parents form a circle, is its own.
func headOf(id string, lookup func(id string) companyNode) string {
	head := id
	for range 1000 {
		c := lookup(head)
		if !c.exists || c.parent == "" || !lookup(c.parent).exists {
			return head
		}
		head = c.parent
		if head == id {
			return id
		}
	}
	return id
}
