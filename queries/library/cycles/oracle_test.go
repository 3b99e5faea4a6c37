package cycles_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/graph/snapshot/graphgen"
	"roundtrip/queries"
	"roundtrip/queries/library/cycles"
	"roundtrip/queries/library/viewtest"
)

// memory is a graph that is only records.
type memory []graph.Record

func (m memory) Revision(context.Context) (graph.Revision, error) {
	return graph.Revision{Number: 1}, nil
}

func (m memory) Records(context.Context, uint64, ...graph.RecordKind) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		for _, r := range m {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// The rows, counts and order of whole answers against a search that tries every
// edge after every edge, on small graphs with every awkwardness and on graphs
// where a few firms take part in most legs.
func TestLoopsAreThoseOfTryingEveryWay(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(800) {
		records, lens := thick(seed)
		judge(t, seed, records, lens, params(seed), met)
	}
	want := map[string]int{"contingent": 20, "round_trip": 500, "reciprocal_trade": 500, "cross_holding": 50, "other": 50, "unknown": 500, "filtered": 100}
	for what, n := range want {
		if met[what] < n {
			t.Errorf("%d of %q in all graphs, want at least %d", met[what], what, n)
		}
	}
}

func TestLongLoopsOfSkewedGraphsAreThoseOfTryingEveryWay(t *testing.T) {
	for _, hops := range []int{5, 6} {
		t.Run(fmt.Sprintf("%d hops", hops), func(t *testing.T) {
			met := map[string]int{}
			for seed := range uint64(20) {
				records := graphgen.Random(seed, graphgen.Options{Companies: 12, Legs: 80, Money: seed%3 > 0})
				lens := graph.DefaultLens()
				lens.AsOf, lens.Aggregates, lens.Overlaps = graph.On(20600), true, true
				if seed%3 == 0 {
					lens.Classes = graph.EveryClass()
				}
				p := queries.Args{"max_hops": strconv.Itoa(hops), "limit": "100000"}
				if seed%4 == 3 {
					p["min_hops"] = strconv.Itoa(hops)
				}
				judge(t, seed, records, lens, p, met)
			}
			if n := met[fmt.Sprint(hops, " hops")]; n < 500 {
				t.Errorf("%d loops of %d hops, too few to tell", n, hops)
			}
		})
	}
}

func TestLoopsOfLegsAreThoseOfTryingEveryWay(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(400) {
		records, lens := thick(seed)
		r := rand.New(rand.NewPCG(seed, 8))
		for _, record := range records { // many dates tie
			if f, ok := record.(*graph.Flow); ok && r.IntN(8) > 0 {
				f.Announced = graph.On(20000 + graph.Day(r.IntN(30)))
			}
		}
		p := params(seed)
		p["level"], p["max_hops"] = "leg", strconv.Itoa(2+r.IntN(3))
		delete(p, "min_hops")
		if r.IntN(2) == 0 {
			p["strict"] = "false"
		}
		if r.IntN(2) == 0 {
			p["window"] = []string{"0s", "3d", "48h", "20d"}[r.IntN(4)]
		}
		judge(t, seed, records, lens, p, met)
	}
	if met["round_trip"] < 500 || met["3 hops"] < 300 {
		t.Errorf("met %v, too few to tell", met)
	}
}

// thick is a random graph with many loops, half of them under a lens that keeps
// most legs.
func thick(seed uint64) ([]graph.Record, graph.Lens) {
	records := graphgen.Random(seed, graphgen.Options{Companies: 3 + int(seed%5), Legs: 30 + int(seed%50), Money: seed%4 == 0})
	lens := graphgen.RandomLens(seed, records)
	if seed%2 == 0 {
		lens = graph.DefaultLens()
		lens.AsOf, lens.Classes, lens.Aggregates, lens.Overlaps = graph.On(20600), graph.EveryClass(), true, true
	}
	lens.Probabilities = graph.DefaultProbabilities()
	return records, lens
}

// params are random parameters that the graph of that seed can answer.
func params(seed uint64) queries.Args {
	r := rand.New(rand.NewPCG(seed, 7))
	p := queries.Args{"max_hops": strconv.Itoa(2 + r.IntN(4)), "limit": "100000"}
	sometimes := func(name string, values ...string) {
		if r.IntN(4) == 0 {
			p[name] = values[r.IntN(len(values))]
		}
	}
	sometimes("min_hops", "2")
	sometimes("kind", "contingent", "round_trip", "reciprocal_trade", "cross_holding", "other")
	sometimes("min_bottleneck", "0", "0.03", "1bn")
	sometimes("min_retention", "0", "0.5", "1")
	sometimes("window_months", "1", "6", "12")
	sometimes("ordered", "true")
	sometimes("sort", "bottleneck", "retention", "gross", "hops")
	sometimes("limit", "0", "3", "10")
	sometimes("count_only", "true")
	return p
}

// judge asks the Runner and compares with what the naive search finds.
func judge(t *testing.T, seed uint64, records []graph.Record, lens graph.Lens, p queries.Args, met map[string]int) {
	t.Helper()
	runner := queries.NewRunner(queries.Options{
		Catalogue: queries.Catalogue{cycles.Analysis()}, Live: queries.NewLive(memory(records)), Now: time.Now, Timeout: time.Minute,
	})
	v := viewtest.View(t, records, lens)
	r := rand.New(rand.NewPCG(seed, 9))
	for _, name := range []string{"through", "avoid"} {
		if r.IntN(5) == 0 {
			p[name] = v.Companies()[r.IntN(len(v.Companies()))]
		}
	}
	res, err := runner.Run(t.Context(), queries.Request{Analysis: "cycles", Lens: lensArgs(lens), Params: p, Engine: queries.Native})
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	loops := edgeLoops(v, number(p, "max_hops"))
	if p["level"] == "leg" {
		loops = legLoops(v, p)
	}
	all := len(loops)
	loops = slices.DeleteFunc(loops, func(l loop) bool { return !l.wanted(p) })
	met["filtered"] += all - len(loops)
	sum := map[string]int{}
	for _, l := range loops {
		sum["hops "+strconv.Itoa(len(l.ring))]++
		sum["kind "+l.kind]++
		met[l.kind]++
		met[fmt.Sprint(len(l.ring), " hops")]++
		if l.bottleneck == nil {
			met["unknown"]++
		} else {
			sum["known"]++
		}
	}
	slices.SortFunc(loops, func(a, b loop) int { return compare(a, b, p["sort"]) })
	shown := loops[:min(len(loops), number(p, "limit"))]
	if p["count_only"] == "true" {
		shown = nil
	}
	var got, want []string
	for _, row := range res.Rows {
		cells := make([]string, len(row.Values))
		for i, value := range row.Values {
			cells[i] = queries.CellText(value)
		}
		got = append(got, strings.Join(cells, " | "))
	}
	for _, l := range shown {
		want = append(want, l.text())
	}
	for i := range max(len(got), len(want)) {
		if at(got, i) != at(want, i) {
			t.Fatalf("seed %d, %v, row %d of %d and %d\n got %s\nwant %s", seed, p, i, len(got), len(want), at(got, i), at(want, i))
		}
	}
	s := res.Summary.(cycles.Summary)
	counted := map[string]int{}
	for k, n := range s.ByHops {
		counted["hops "+k] = int(n)
	}
	for k, n := range s.ByKind {
		counted["kind "+k] = int(n)
	}
	if s.Known > 0 {
		counted["known"] = int(s.Known)
	}
	if !maps.Equal(counted, sum) || s.Count != int64(len(loops)) {
		t.Fatalf("seed %d, %v: summary %+v, want %d loops, %v", seed, p, s, len(loops), sum)
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing"
}

func number(p queries.Args, name string) int {
	text, _ := p[name].(string)
	n, _ := strconv.Atoi(text)
	return n
}

func lensArgs(l graph.Lens) queries.Args {
	kinds := make([]string, len(l.Kinds))
	for i, k := range l.Kinds {
		kinds[i] = string(k)
	}
	args := queries.Args{
		"as_of": l.AsOf.String(), "basis": string(l.Basis), "amount": string(l.Amount), "classes": l.Classes.String(),
		"rollup": l.Rollup, "aggregates": l.Aggregates, "overlaps": l.Overlaps, "conditional": string(l.Conditional),
		"min_amount": l.MinAmount.String(), "kinds": strings.Join(kinds, ","), "companies": strings.Join(l.Companies, ","),
	}
	maps.DeleteFunc(args, func(_ string, value any) bool { return value == "" })
	return args
}

// loop is what the naive search makes of one loop; nil is unknown.
type loop struct {
	id, kind                  string
	ring, classes             []string
	amounts                   []graph.Money
	legs                      [][]string
	bottleneck, atMost, gross *big.Int
	partial                   bool
	retention                 *big.Rat
	dates                     [][]graph.Date // of the dated legs of each hop
	first, last               graph.Date
	weakest                   string
}

func compare(a, b loop, sort any) int {
	known := func(x, y bool) int { return map[bool]int{true: 1}[y] - map[bool]int{true: 1}[x] }
	down := func(x, y *big.Int) int {
		if x == nil || y == nil {
			return known(x != nil, y != nil)
		}
		return y.Cmp(x)
	}
	order := 0
	switch sort {
	case "retention":
		x, y := viewtest.Decimal(a.retention), viewtest.Decimal(b.retention) // as printed
		order = cmp.Or(known(x.Known(), y.Known()), cmp.Compare(y.Micro(), x.Micro()))
	case "gross":
		order = down(a.gross, b.gross)
	case "hops":
		order = cmp.Compare(len(a.ring), len(b.ring))
	}
	if order == 0 {
		order = down(a.bottleneck, b.bottleneck)
	}
	if order == 0 && a.bottleneck == nil {
		order = down(a.atMost, b.atMost)
	}
	return cmp.Or(order, cmp.Compare(len(a.ring), len(b.ring)), cmp.Compare(a.id, b.id))
}

func (l loop) text() string {
	text := func(n *big.Int) string {
		if n == nil {
			return ""
		}
		return n.String()
	}
	amounts, lists := make([]string, len(l.amounts)), make([]string, len(l.legs))
	for i, a := range l.amounts {
		if a.Known() {
			amounts[i] = strconv.FormatInt(a.Cents(), 10)
		}
		lists[i] = strings.Join(l.legs[i], " ")
	}
	return strings.Join([]string{
		l.id, strings.Join(l.ring, ";"), strings.Join(l.classes, ";"), strconv.Itoa(len(l.ring)), l.kind, strings.Join(amounts, ";"), strings.Join(lists, ";"),
		text(l.bottleneck), text(l.atMost), text(l.gross), strconv.FormatBool(l.partial), viewtest.Decimal(l.retention).String(),
		l.first.String(), l.last.String(), l.weakest,
	}, " | ")
}

// hop is one edge or one leg of a loop.
type hop struct {
	payer, payee string
	class        graph.Class
	amounts      []graph.Money // of its legs
	legs         []int         // of the view
}

// edgeLoops tries, from every company, every way over edges that visits only
// larger ones.
func edgeLoops(v *snapshot.View, most int) []loop {
	type ends struct {
		payer, payee string
		class        graph.Class
	}
	edges := map[ends]*hop{}
	for i := range v.NumLegs() {
		leg := v.Leg(i)
		k := ends{v.Companies()[leg.Payer], v.Companies()[leg.Payee], leg.Class}
		if edges[k] == nil {
			edges[k] = &hop{payer: k.payer, payee: k.payee, class: k.class}
		}
		edges[k].amounts, edges[k].legs = append(edges[k].amounts, leg.Amount), append(edges[k].legs, i)
	}
	var found []loop
	var path []*hop
	var walk func(from, now string)
	walk = func(from, now string) {
		if len(path) > 0 && now == from {
			found = append(found, newLoop(v, path, false))
			return
		}
		if len(path) == most {
			return
		}
		for k, e := range edges {
			visited := slices.ContainsFunc(path, func(h *hop) bool { return h.payer == k.payee })
			if k.payer == now && k.payee >= from && (!visited || k.payee == from) {
				path = append(path, e)
				walk(from, k.payee)
				path = path[:len(path)-1]
			}
		}
	}
	for _, from := range v.Companies() {
		walk(from, from)
	}
	return found
}

// legLoops tries every leg after every leg.
func legLoops(v *snapshot.View, p queries.Args) []loop {
	window := 365 * 24 * time.Hour
	switch text := p["window"]; text {
	case "0s":
		window = 0
	case "3d":
		window = 3 * 24 * time.Hour
	case "48h":
		window = 48 * time.Hour
	case "20d":
		window = 20 * 24 * time.Hour
	}
	var found []loop
	var path []*hop
	names := v.Companies()
	var walk func()
	walk = func() {
		if n := len(path); n > 0 && path[n-1].payee == path[0].payer {
			found = append(found, newLoop(v, path, true))
			return
		}
		if len(path) == number(p, "max_hops") {
			return
		}
		for i := range v.NumLegs() {
			leg := v.Leg(i)
			if !leg.Date.Known() {
				continue
			}
			h := &hop{names[leg.Payer], names[leg.Payee], leg.Class, []graph.Money{leg.Amount}, []int{i}}
			if n := len(path); n > 0 {
				before, first := v.Leg(path[n-1].legs[0]), v.Leg(path[0].legs[0])
				later := leg.Date.UnixMilli() > before.Date.UnixMilli() ||
					p["strict"] == "false" && leg.Date.UnixMilli() == before.Date.UnixMilli() && leg.ID > before.ID
				visited := slices.ContainsFunc(path[1:], func(x *hop) bool { return x.payer == h.payee })
				if !later || h.payer != path[n-1].payee || visited || h.payee == h.payer ||
					leg.Date.UnixMilli()-first.Date.UnixMilli() > window.Milliseconds() {
					continue
				}
			}
			path = append(path, h)
			walk()
			path = path[:len(path)-1]
		}
	}
	walk()
	return found
}

func newLoop(v *snapshot.View, path []*hop, legs bool) loop {
	var l loop
	var hashed []string
	known, buys, funds, backs := true, 0, 0, 0
	var largest, largestFin *big.Int
	least := func(to **big.Int, n *big.Int) {
		if *to == nil || n.Cmp(*to) < 0 {
			*to = n
		}
	}
	most := func(to **big.Int, n *big.Int) {
		if *to == nil || n.Cmp(*to) > 0 {
			*to = n
		}
	}
	strength := []string{"low", "medium", "high"}
	for _, h := range path {
		l.ring, l.classes = append(l.ring, h.payer), append(l.classes, h.class.String())
		hashed = append(hashed, h.payer, h.class.String())
		var sum *big.Int
		blanks := 0
		for _, a := range h.amounts {
			if !a.Known() {
				blanks++
				continue
			}
			if sum == nil {
				sum = new(big.Int)
			}
			sum.Add(sum, big.NewInt(a.Cents()))
		}
		l.partial = l.partial || sum != nil && blanks > 0
		fin := h.class == graph.Funds || h.class == graph.Grants
		switch {
		case fin:
			funds++
		case h.class == graph.Pays:
			buys++
		case h.class == graph.Backs:
			backs++
		}
		if sum == nil {
			known = false
			l.amounts = append(l.amounts, graph.Money{})
		} else {
			l.amounts = append(l.amounts, graph.USD(sum.Int64()))
			least(&l.bottleneck, sum)
			if blanks == 0 {
				least(&l.atMost, sum)
			}
			if l.gross == nil {
				l.gross = new(big.Int)
			}
			l.gross.Add(l.gross, sum)
			most(&largest, sum)
			if fin {
				most(&largestFin, sum)
			}
		}
		var ids []string
		var dates []graph.Date
		for _, i := range h.legs {
			ids = append(ids, v.LegID(i))
			if d := v.Leg(i).Date; d.Known() {
				dates = append(dates, d)
				if !l.first.Known() || d.UnixMilli() < l.first.UnixMilli() {
					l.first = d
				}
				if !l.last.Known() || d.UnixMilli() > l.last.UnixMilli() {
					l.last = d
				}
			}
			if c := v.Flow(i).Confidence; c != "" && (l.weakest == "" || slices.Index(strength, c) < slices.Index(strength, l.weakest)) {
				l.weakest = c
			}
		}
		l.legs, l.dates = append(l.legs, ids), append(l.dates, dates)
	}
	if legs {
		hashed = slices.Concat(l.legs...)
	}
	l.id = fmt.Sprintf("c_%x", sha(strings.Join(hashed, "|")))
	if !known {
		l.bottleneck, l.gross = nil, nil
	}
	if funds > 0 {
		largest = largestFin
	}
	if l.bottleneck != nil && largest.Sign() > 0 {
		l.retention = new(big.Rat).SetFrac(l.bottleneck, largest)
	}
	switch {
	case backs > 0:
		l.kind = "contingent"
	case funds > 0 && buys > 0:
		l.kind = "round_trip"
	case buys == len(path):
		l.kind = "reciprocal_trade"
	case funds == len(path):
		l.kind = "cross_holding"
	default:
		l.kind = "other"
	}
	return l
}

func sha(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:8]
}
