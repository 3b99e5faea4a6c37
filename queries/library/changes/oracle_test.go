package changes

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/library/circularity"
	"roundtrip/queries/library/coverage"
	"roundtrip/queries/library/cycles"
	"roundtrip/queries/library/vendors"
	"roundtrip/queries/library/viewtest"
)

// answer compares two ends through the view.
func answer(t testing.TB, in queries.Scope, p Params) queries.Answer[Row, Summary] {
	t.Helper()
	return viewtest.Answer(t, in, p, native, finish)
}

func scope(v *snapshot.View) queries.Scope { return viewtest.ScopeOf(v) }

// plainSide is one end a second time: what the records say, question by question.
type plainSide struct {
	day      graph.Day
	flows    map[string]*graph.Flow
	outcomes map[string][]*graph.Outcome
	live     map[string]snapshot.Leg
	names    []string
	loops    map[string][2]graph.Money // bottleneck and what it cannot exceed, by id
}

func plainSideOf(v *snapshot.View, records []graph.Record, hops int) plainSide {
	s := plainSide{v.AsOf(), map[string]*graph.Flow{}, map[string][]*graph.Outcome{}, map[string]snapshot.Leg{}, v.Companies(), map[string][2]graph.Money{}}
	for _, r := range records {
		switch x := r.(type) {
		case *graph.Flow:
			s.flows[x.ID] = x
		case *graph.Outcome:
			s.outcomes[x.FlowID] = append(s.outcomes[x.FlowID], x)
		}
	}
	for i := range v.NumLegs() {
		s.live[v.Leg(i).ID] = v.Leg(i)
	}
	s.walk(nil, hops)
	return s
}

func (s plainSide) known(id string) bool {
	f := s.flows[id]
	return f != nil && (!f.Announced.Known() || f.Announced.First() <= s.day)
}

func (s plainSide) state(id string) string {
	var last *graph.Outcome
	for _, o := range s.outcomes[id] {
		if o.StatusAfter == "" || o.Date.First() > s.day {
			continue
		}
		if last == nil || o.Date.UnixMilli() > last.Date.UnixMilli() || o.Date.UnixMilli() == last.Date.UnixMilli() && o.ID > last.ID {
			last = o
		}
	}
	if last == nil {
		return string(s.flows[id].InitialStatus)
	}
	return string(last.StatusAfter)
}

type plainHop struct {
	payer, payee int32
	class        graph.Class
}

// walk extends a chain of hops by every edge and keeps those that come back to
// their smallest company.
func (s plainSide) walk(chain []plainHop, hops int) {
	edges := map[plainHop]bool{}
	for _, l := range s.live {
		edges[plainHop{l.Payer, l.Payee, l.Class}] = true
	}
	for e := range edges {
		if len(chain) > 0 && (e.payer != chain[len(chain)-1].payee || e.payee < chain[0].payer) {
			continue
		}
		if len(chain) == 0 && e.payee < e.payer {
			continue
		}
		next := append(slices.Clone(chain), e)
		switch {
		case len(next) > 1 && e.payee == next[0].payer:
			s.loops[s.id(next)] = s.least(next)
		case len(next) < hops && !slices.ContainsFunc(chain, func(h plainHop) bool { return h.payer == e.payee || h.payee == e.payee }):
			s.walk(next, hops)
		}
	}
}

// id spells the loop out: two loops have one id when they have one spelling.
func (s plainSide) id(chain []plainHop) string {
	parts := make([]string, 0, len(chain))
	for _, h := range chain {
		parts = append(parts, s.names[h.payer]+"|"+h.class.String())
	}
	return strings.Join(parts, "|")
}

func (s plainSide) least(chain []plainHop) [2]graph.Money {
	var least, most graph.Money
	for i, h := range chain {
		var sum graph.Money
		full := true
		for _, l := range s.live {
			if l.Payer == h.payer && l.Payee == h.payee && l.Class == h.class {
				sum = sum.Plus(l.Amount)
				full = full && l.Amount.Known()
			}
		}
		if i == 0 {
			least = sum
		} else {
			least = least.Min(sum)
		}
		if full && (!most.Known() || sum.Cents() < most.Cents()) {
			most = sum
		}
	}
	return [2]graph.Money{least, most}
}

// plainRow is a row that both make, without words.
type plainRow struct {
	what, change, id          string
	before, after, atA, atB   graph.Money
	stateBefore, stateAfter   string
	payer, payee, kind, delta string
}

// compare reads the definition off the page.
func compare(a, b plainSide) map[plainRow]bool {
	rows := map[plainRow]bool{}
	put := func(change, id string) {
		x, inA := a.live[id]
		y, inB := b.live[id]
		r := plainRow{what: "leg", change: change, id: id}
		if a.known(id) {
			r.stateBefore = a.state(id)
		}
		if b.known(id) {
			r.stateAfter = b.state(id)
		}
		r.payer, r.payee, r.kind = a.name(x.Payer, inA), a.name(x.Payee, inA), string(x.Kind)
		if inB {
			r.payer, r.payee, r.kind = b.name(y.Payer, inB), b.name(y.Payee, inB), string(y.Kind)
		}
		r.before, r.after = x.Amount, y.Amount
		if (!inA || x.Amount.Known()) && (!inB || y.Amount.Known()) {
			r.delta = fmt.Sprint(y.Amount.Cents() - x.Amount.Cents())
		}
		rows[r] = true
	}
	for id, y := range b.live {
		x, inA := a.live[id]
		switch {
		case !a.known(id):
			put("new", id)
		case !inA, a.state(id) != b.state(id), x.Amount != y.Amount, a.name(x.Payer, true) != b.name(y.Payer, true), a.name(x.Payee, true) != b.name(y.Payee, true), x.Kind != y.Kind:
			put("changed", id)
		}
	}
	for id := range a.live {
		if _, ok := b.live[id]; !ok {
			put("gone", id)
		}
	}
	for id, y := range b.loops {
		if x, ok := a.loops[id]; !ok {
			rows[plainRow{what: "cycle", change: "new", id: id, after: y[0], atB: y[1]}] = true
		} else if x != y {
			rows[plainRow{what: "cycle", change: "changed", id: id, before: x[0], atA: x[1], after: y[0], atB: y[1]}] = true
		}
	}
	for id, x := range a.loops {
		if _, ok := b.loops[id]; !ok {
			rows[plainRow{what: "cycle", change: "gone", id: id, before: x[0], atA: x[1]}] = true
		}
	}
	return rows
}

func (s plainSide) name(vertex int32, there bool) string {
	if !there {
		return ""
	}
	return s.names[vertex]
}

// found brings the rows of an answer into the same form. The id of a loop is a
// hash; its companies and the classes of a loop of that id spell it out.
func found(t *testing.T, rows []Row, spelled map[string]string) map[plainRow]bool {
	t.Helper()
	all := map[plainRow]bool{}
	keys := map[string]bool{}
	for _, r := range rows {
		if keys[r.What+r.ID] {
			t.Fatalf("two rows of %s %s", r.What, r.ID)
		}
		keys[r.What+r.ID] = true
		if r.Reason == "" || r.Reason == unrecorded {
			t.Fatalf("no reason in %+v", r)
		}
		x := plainRow{
			what: r.What, change: r.Change, id: r.ID, before: r.AmountBefore, after: r.AmountAfter, atA: r.AtMostBefore, atB: r.AtMostAfter,
			stateBefore: r.StateBefore, stateAfter: r.StateAfter,
		}
		if r.What == OfLeg {
			x.payer, x.payee, x.kind = r.Companies[0], r.Companies[1], r.Kind
			if r.Delta.Known() {
				x.delta = fmt.Sprint(r.Delta.Cents())
			}
		} else {
			x.id = spelled[r.ID]
		}
		all[x] = true
	}
	return all
}

// spell is the ring and the classes of every loop, by id.
func spell(t *testing.T, views ...*snapshot.View) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, v := range views {
		_, err := cycles.Loops(t.Context(), scope(v), cycles.Params{MinHops: 2, MaxHops: 4, Timeout: loopTimeout}, func(l cycles.Loop) bool {
			var parts []string
			for _, h := range l.Hops {
				parts = append(parts, h.Payer+"|"+h.Class.String())
			}
			all[l.ID] = strings.Join(parts, "|")
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func sameRows(t *testing.T, seed uint64, got, want map[plainRow]bool) {
	t.Helper()
	for r := range want {
		if !got[r] {
			t.Errorf("seed %d: missing %+v", seed, r)
		}
	}
	for r := range got {
		if !want[r] {
			t.Errorf("seed %d: not wanted %+v", seed, r)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// days are two days between which something happens, in either order, of one
// graph in six the same.
func days(seed uint64, records []graph.Record) (from, to graph.Day) {
	r := rand.New(rand.NewPCG(seed, 7))
	var all []graph.Day
	for _, x := range records {
		switch x := x.(type) {
		case *graph.Flow:
			if x.Announced.Known() {
				all = append(all, x.Announced.First())
			}
		case *graph.Outcome:
			all = append(all, x.Date.First())
		}
	}
	if len(all) == 0 {
		return 20_000, 20_001
	}
	pick := func() graph.Day { return all[r.IntN(len(all))] - graph.Day(r.IntN(2)) }
	if from, to = pick(), pick(); r.IntN(6) == 0 {
		to = from
	}
	return from, to
}

func between(from, to graph.Day) Params {
	return Params{From: Point{date: graph.On(from)}, To: Point{date: graph.On(to)}, MaxHops: 4}
}

func at(t *testing.T, records []graph.Record, lens graph.Lens, day graph.Day) *snapshot.View {
	t.Helper()
	lens.AsOf = graph.On(day)
	return viewtest.View(t, records, lens)
}

func TestBetweenDatesTheRowsAreThoseOfTheRecordsReadOneByOne(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(600) {
		records, lens := viewtest.Random(seed)
		from, to := days(seed, records)
		a, b := at(t, records, lens, from), at(t, records, lens, to)
		ans := answer(t, scope(viewtest.View(t, records, lens)), between(from, to))
		want := compare(plainSideOf(a, records, 4), plainSideOf(b, records, 4))
		sameRows(t, seed, found(t, ans.Rows, spell(t, a, b)), want)
		inOrder(t, seed, ans.Rows)
		outcomesAreNamed(t, seed, ans.Rows, plainSideOf(viewtest.View(t, records, lens), records, 2), max(from, to))
		sidesAre(t, seed, ans.Summary, a, b)
		for r := range want {
			met[r.what+" "+r.change]++
			if from > to {
				met["backwards"]++
			}
		}
		if from == to && len(ans.Rows) > 0 {
			t.Fatalf("seed %d: %d rows between a day and itself", seed, len(ans.Rows))
		}
	}
	for _, kind := range []string{"leg new", "leg gone", "leg changed", "cycle new", "cycle gone", "cycle changed", "backwards"} {
		if met[kind] < 50 {
			t.Errorf("%s was met %d times only", kind, met[kind])
		}
	}
}

// outcomesAreNamed checks that where a state moved, the outcome that made the
// later state is a cause.
func outcomesAreNamed(t *testing.T, seed uint64, rows []Row, s plainSide, day graph.Day) {
	t.Helper()
	for _, r := range rows {
		if r.What != OfLeg || r.StateBefore == "" || r.StateAfter == "" || r.StateBefore == r.StateAfter {
			continue
		}
		var last *graph.Outcome
		for _, o := range s.outcomes[r.ID] {
			if o.StatusAfter != "" && o.Date.First() <= day && (last == nil || o.Date.Compare(last.Date) > 0 || o.Date.Compare(last.Date) == 0 && o.ID > last.ID) {
				last = o
			}
		}
		if last == nil || !slices.Contains(r.Causes, last.ID) {
			t.Fatalf("seed %d: causes of %+v do not have %v", seed, r, last)
		}
	}
}

// inOrder checks the order that the declaration promises, pair by pair.
func inOrder(t *testing.T, seed uint64, rows []Row) {
	t.Helper()
	place := map[string]int{"leg": 0, "cycle": 1, "new": 0, "gone": 1, "changed": 2}
	move := func(r Row) (known bool, size int64) {
		return r.Delta.Known(), max(r.Delta.Cents(), -r.Delta.Cents())
	}
	for i := 1; i < len(rows); i++ {
		x, y := rows[i-1], rows[i]
		if x.What != y.What || x.Change != y.Change {
			if place[x.What] > place[y.What] || x.What == y.What && place[x.Change] > place[y.Change] {
				t.Fatalf("seed %d: %s %s before %s %s", seed, x.What, x.Change, y.What, y.Change)
			}
			continue
		}
		known, size := move(x)
		knownNext, next := move(y)
		switch {
		case known != knownNext && !known, known && knownNext && size < next, known && knownNext && size == next && x.ID >= y.ID:
			t.Fatalf("seed %d: %+v before %+v", seed, x, y)
		case !known && !knownNext && x.What == "leg" && x.ID >= y.ID:
			t.Fatalf("seed %d: %s before %s", seed, x.ID, y.ID)
		}
	}
}

// sidesAre compares both sides with the analyses that they repeat.
func sidesAre(t *testing.T, seed uint64, s Summary, views ...*snapshot.View) {
	t.Helper()
	for i, side := range []Side{s.Before, s.After} {
		v := views[i]
		ask := func(a *queries.Analysis, args queries.Args) *queries.Result {
			res, err := a.On(t.Context(), v, args)
			if err != nil {
				t.Fatal(err)
			}
			return res
		}
		ci := ask(circularity.Analysis(), nil).Summary.(circularity.Summary)
		loops := ask(cycles.Analysis(), queries.Args{"max_hops": 4, "count_only": true}).Summary.(cycles.Summary)
		byKind := map[string]int64{}
		for _, k := range side.ByKind {
			byKind[k.Kind] = int64(k.Loops)
		}
		if side.Total != ci.Total || side.Circular != ci.Circular || side.CI != ci.CI || side.Loops != graph.Micro(loops.Count*1_000_000) || !maps.Equal(byKind, loops.ByKind) {
			t.Fatalf("seed %d: side %+v, want %+v and %+v", seed, side, ci, loops)
		}
		var covered []Covered
		for _, b := range ask(coverage.Analysis(), nil).Summary.(coverage.Summary).Buyers {
			covered = append(covered, Covered{b.Buyer, b.Promised, b.Tied, b.TiedCoverage})
		}
		if !reflect.DeepEqual(side.Coverage, covered) {
			t.Fatalf("seed %d: coverage %v, want %v", seed, side.Coverage, covered)
		}
		hhi := map[string]graph.Decimal{}
		for _, row := range ask(vendors.Analysis(), nil).Rows {
			hhi[row.Values[0].(string)] = row.Values[6].(graph.Decimal)
		}
		for _, c := range side.HHI {
			if hhi[c.Customer] != c.HHI {
				t.Fatalf("seed %d: HHI of %s is %s, want %s", seed, c.Customer, c.HHI, hhi[c.Customer])
			}
		}
		if len(side.HHI) != len(hhi) {
			t.Fatalf("seed %d: %d customers, want %d", seed, len(side.HHI), len(hhi))
		}
		for _, x := range side.Totals {
			class, err := graph.ParseClass(x.Class)
			if err != nil || x.Amount != v.Total(class) {
				t.Fatalf("seed %d: total %+v, want %s", seed, x, v.Total(class))
			}
		}
	}
}

// Backwards what is gone was new, or was not live before; what is there on both
// sides changes places.
func TestBackwardsIsTheMirror(t *testing.T) {
	type move struct{ what, id string }
	for seed := range uint64(300) {
		records, lens := viewtest.Random(seed)
		from, to := days(seed, records)
		in := scope(viewtest.View(t, records, lens))
		there, back := map[move]Row{}, map[move]Row{}
		for _, r := range answer(t, in, between(from, to)).Rows {
			there[move{r.What, r.ID}] = r
		}
		for _, r := range answer(t, in, between(to, from)).Rows {
			back[move{r.What, r.ID}] = r
		}
		if !slices.Equal(slices.SortedFunc(maps.Keys(there), func(a, b move) int { return strings.Compare(a.what+a.id, b.what+b.id) }),
			slices.SortedFunc(maps.Keys(back), func(a, b move) int { return strings.Compare(a.what+a.id, b.what+b.id) })) {
			t.Fatalf("seed %d: other rows backwards", seed)
		}
		for k, x := range there {
			y := back[k]
			if x.Before != y.After || x.After != y.Before || x.Delta.Known() != y.Delta.Known() || x.Delta.Cents() != -y.Delta.Cents() {
				t.Fatalf("seed %d: %+v\nbackwards %+v", seed, x, y)
			}
			switch {
			case x.Change == New && y.Change != Gone, k.what == OfCycle && x.Change == Gone && y.Change != New, k.what == OfCycle && x.Change == Changed && y.Change != Changed:
				t.Fatalf("seed %d: %s %s, backwards %s", seed, x.Change, k, y.Change)
			}
		}
	}
}

// Twenty companies that all fund each other have 372,096 loops of five hops alone. On
// the day before, the last one funds nobody yet: 342 of 361 go round.
func TestOfTooManyLoopsOnlyLegsAreCompared(t *testing.T) {
	var records []graph.Record
	for i := range 20 {
		records = append(records, &graph.Company{ID: fmt.Sprintf("c%02d", i)})
		for j := range 20 {
			if i != j {
				records = append(records, &graph.Flow{
					ID: fmt.Sprintf("f%02d-%02d", i, j), From: fmt.Sprintf("c%02d", i), To: fmt.Sprintf("c%02d", j), Kind: graph.Loan, Moves: graph.MovesCash,
					Amount: graph.USD(100), Announced: graph.On(graph.Day(20_000 + i)), InitialStatus: graph.Signed, Status: graph.Signed,
				})
			}
		}
	}
	v := at(t, records, graph.DefaultLens(), 20_100)
	res, err := Analysis().On(t.Context(), v, queries.Args{"from": graph.Day(20_018).String(), "to": graph.Day(20_019).String()})
	if err != nil {
		t.Fatal(err)
	}
	s := res.Summary.(Summary)
	if !res.Truncated.Is || res.Truncated.Reason != "loops are left out: there are more than 100000; narrow the lens or max_hops" || len(res.Rows) != 19 || s.LegsNew != 19 ||
		s.Before.Loops.Known() || s.After.Loops.Known() || len(s.ByKind) > 0 {
		t.Errorf("%d rows, cut %+v, summary %+v", len(res.Rows), res.Truncated, s)
	}
	const want = "Found before the search was cut short: Between 22 October 2024 and 23 October 2024 19 legs appeared, 0 went and 0 moved and circularity rose from 94.7 % to 100.0 %."
	if res.Finding != want {
		t.Errorf("finding is\n%s\nwant\n%s", res.Finding, want)
	}
}
