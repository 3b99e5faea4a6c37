package snapshot

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"roundtrip/graph"
	"roundtrip/graph/snapshot/graphgen"
)

// drawn is a random graph with a random lens.
func drawn(t *rapid.T) ([]graph.Record, *Snapshot, graph.Lens) {
	records := graphgen.Draw(t)
	s, err := Build(graph.Revision{Number: 1}, yield(records...))
	if err != nil {
		t.Fatal(err)
	}
	return records, s, graphgen.Lens(t, records)
}

func mustView(t *rapid.T, s *Snapshot, lens graph.Lens) *View {
	v, err := s.View(t.Context(), lens)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// seen are the legs of a view by id, in the form of the naive lens.
func seen(v *View) map[string]naiveLeg {
	got := map[string]naiveLeg{}
	for i := range v.NumLegs() {
		l := v.Leg(i)
		got[l.ID] = naiveLeg{v.Companies()[l.Payer], v.Companies()[l.Payee], l.Class, l.Amount, l.State}
	}
	return got
}

func TestTheLensAgreesWithANaiveReadingOfTheSpecification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records, s, lens := drawn(t)
		agree(t, records, s, lens)
	})
}

func TestTheLensAgreesWithTheNaiveOneOnLargerGraphs(t *testing.T) {
	for seed := range uint64(300) {
		records := graphgen.Random(seed, graphgen.Options{Companies: 3 + int(seed%20), Legs: 10 + int(seed%90)})
		s := build(t, records...)
		for k := range uint64(10) {
			agree(t, records, s, graphgen.RandomLens(seed*10+k, records))
		}
	}
}

type tester interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
}

func agree(t tester, records []graph.Record, s *Snapshot, lens graph.Lens) {
	t.Helper()
	v, err := s.View(t.Context(), lens)
	if err != nil {
		t.Fatalf("view: %v", err)
	}
	want := newNaive(records, lens).legs()
	got := seen(v)
	for id, w := range want {
		if g, ok := got[id]; !ok || g != w {
			t.Fatalf("leg %s is %v (%v), the naive lens has %v; lens %+v", id, g, ok, w, lens)
		}
	}
	for id, g := range got {
		if _, ok := want[id]; !ok {
			t.Fatalf("leg %s passed with %v, the naive lens drops it; lens %+v", id, g, lens)
		}
	}
	checkMerging(t, v, want)
}

// checkMerging sums the naive legs by ends and class and compares the edges,
// their order, the counts and the totals.
func checkMerging(t tester, v *View, legs map[string]naiveLeg) {
	t.Helper()
	type ends struct {
		payer, payee string
		class        graph.Class
	}
	sums, missing, states := map[ends]graph.Money{}, map[ends]bool{}, map[graph.Status]int{}
	total := graph.Money{}
	for _, l := range legs {
		k := ends{l.payer, l.payee, l.class}
		sums[k] = sums[k].Plus(l.amount)
		missing[k] = missing[k] || !l.amount.Known()
		states[l.state]++
		total = total.Plus(l.amount)
	}
	if len(legs) == 0 {
		total = graph.USD(0)
	}
	unknownEdges, partialEdges, edgeLegs := 0, 0, 0
	var last ends
	for e := range v.NumEdges() {
		edge := v.EdgeAt(e)
		k := ends{v.Companies()[edge.Payer], v.Companies()[edge.Payee], edge.Class}
		if e > 0 && (k.payer < last.payer || k.payer == last.payer && (k.payee < last.payee || k.payee == last.payee && k.class <= last.class)) {
			t.Fatalf("edge %v comes after %v", k, last)
		}
		last = k
		if sum, ok := sums[k]; !ok || sum != edge.Amount || edge.Partial != (missing[k] && sum.Known()) {
			t.Fatalf("edge %v is %v partial %v; the legs sum to %v (%v), missing %v", k, edge.Amount, edge.Partial, sum, ok, missing[k])
		}
		for _, i := range edge.Legs {
			if l := legs[v.LegID(int(i))]; (ends{l.payer, l.payee, l.class}) != k {
				t.Fatalf("edge %v holds leg %s, which is %v", k, v.LegID(int(i)), l)
			}
		}
		if !slices.IsSorted(edge.Legs) {
			t.Fatalf("the legs %v of edge %v are not in order", edge.Legs, k)
		}
		edgeLegs += len(edge.Legs)
		if !edge.Amount.Known() {
			unknownEdges++
		}
		if edge.Partial {
			partialEdges++
		}
		if at, ok := v.Edge(edge.Payer, edge.Payee, edge.Class); !ok || at != e {
			t.Fatalf("edge %v is found at %d, %v", k, at, ok)
		}
		if first, end := v.Out(edge.Payer); e < first || e >= end {
			t.Fatalf("edge %d is not among %d to %d out of its payer", e, first, end)
		}
		if in := v.In(edge.Payee); !slices.Contains(in, int32(e)) || !slices.IsSorted(in) {
			t.Fatalf("edge %d is not among %v into its payee", e, in)
		}
	}
	if v.NumEdges() != len(sums) || edgeLegs != len(legs) || v.NUnknown() != unknownEdges || v.NPartial() != partialEdges || v.Total() != total {
		t.Fatalf("%d edges, %d legs, %d unknown, %d partial, total %v; want %d, %d, %d, %d, %v",
			v.NumEdges(), edgeLegs, v.NUnknown(), v.NPartial(), v.Total(), len(sums), len(legs), unknownEdges, partialEdges, total)
	}
	for _, st := range v.States() {
		if states[st.Status] != st.Legs {
			t.Fatalf("%d legs in state %s, want %d", st.Legs, st.Status, states[st.Status])
		}
		delete(states, st.Status)
	}
	if len(states) > 0 {
		t.Fatalf("states %v are not listed", states)
	}
}

func TestAnAsOfLensNeverSeesALegAnnouncedLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, s, lens := drawn(t)
		v := mustView(t, s, lens)
		for i := range v.NumLegs() {
			if d := v.Flow(i).Announced; d.Known() && d.First() > lens.AsOf.Last() {
				t.Fatalf("leg %s of %s is seen as of %s", v.LegID(i), d, lens.AsOf)
			}
		}
	})
}

func TestTheFutureDoesNotChangeWhatAnAsOfLensSees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records, s, lens := drawn(t)
		day := lens.AsOf.Last()
		var past []graph.Record
		later := map[string]bool{}
		for _, r := range records {
			switch r := r.(type) {
			case *graph.Flow:
				if r.Announced.Known() && r.Announced.First() > day {
					later[r.ID] = true
					continue
				}
				known := *r
				if r.RealisedAsOf.Last() > day {
					known.Realised, known.RealisedAsOf = graph.Money{}, graph.Date{}
				}
				past = append(past, &known)
			case *graph.Outcome:
				if !later[r.FlowID] && r.Date.First() <= day {
					past = append(past, r)
				}
			default:
				past = append(past, r)
			}
		}
		for _, r := range past { // a part of a leg that nobody knew of was a leg of its own
			if f, ok := r.(*graph.Flow); ok {
				for later[f.ParentFlowID] {
					i, _ := s.FlowIndex(f.ParentFlowID)
					f.ParentFlowID = s.Flow(i).ParentFlowID
				}
			}
		}
		before, err := Build(graph.Revision{}, yield(past...))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := seen(mustView(t, s, lens)), seen(mustView(t, before, lens)); !reflect.DeepEqual(got, want) {
			t.Fatalf("the whole graph shows %v, the graph as it was %v", got, want)
		}
	})
}

func TestSignedIsASubsetOfHeadline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records, s, lens := drawn(t)
		// With parts, a signed part shows once its unsigned whole is gone; the
		// subset is one of legs that stand for themselves.
		s = withoutParts(t, records, s)
		lens.Basis = graph.SignedBy
		signed := seen(mustView(t, s, lens))
		lens.Basis = graph.Headline
		headline := seen(mustView(t, s, lens))
		for id, l := range signed {
			if headline[id] != l {
				t.Fatalf("leg %s is %v under signed, %v under headline", id, l, headline[id])
			}
		}
	})
}

func withoutParts(t *rapid.T, records []graph.Record, s *Snapshot) *Snapshot {
	var flat []graph.Record
	for _, r := range records {
		if f, ok := r.(*graph.Flow); ok {
			whole := *f
			whole.ParentFlowID = ""
			r = &whole
		}
		flat = append(flat, r)
	}
	out, err := Build(s.Revision(), yield(flat...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLowIsAtMostPointIsAtMostHighEdgeByEdge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records, s, lens := drawn(t)
		s = withoutParts(t, records, s) // whether a part goes depends on what is known of its whole
		lens.MinAmount = graph.USD(0)
		view := func(rule graph.AmountRule) *View {
			l := lens
			l.Amount = rule
			return mustView(t, s, l)
		}
		low, point, high := view(graph.Low), view(graph.Point), view(graph.High)
		if low.NumEdges() != point.NumEdges() || point.NumEdges() != high.NumEdges() {
			t.Fatalf("%d, %d and %d edges", low.NumEdges(), point.NumEdges(), high.NumEdges())
		}
		for e := range point.NumEdges() {
			a, b, c := low.EdgeAt(e), point.EdgeAt(e), high.EdgeAt(e)
			if allKnown(a) && allKnown(b) && a.Amount.Cents() > b.Amount.Cents() {
				t.Fatalf("edge %d: low %v is above point %v", e, a.Amount, b.Amount)
			}
			if allKnown(b) && allKnown(c) && b.Amount.Cents() > c.Amount.Cents() {
				t.Fatalf("edge %d: point %v is above high %v", e, b.Amount, c.Amount)
			}
		}
	})
}

func allKnown(e Edge) bool { return e.Amount.Known() && !e.Partial }

func TestRollupConservesTotalsExceptInsideGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, s, lens := drawn(t)
		lens.Companies, lens.Aggregates = nil, true
		lens.Rollup = false
		apart := mustView(t, s, lens)
		lens.Rollup = true
		together := mustView(t, s, lens)
		left := map[string]graph.Money{}
		for i := range apart.NumLegs() {
			l := apart.Leg(i)
			payer, _ := s.Head(apart.Companies()[l.Payer])
			payee, _ := s.Head(apart.Companies()[l.Payee])
			if payer != payee {
				left[l.ID] = l.Amount
			}
		}
		right := map[string]graph.Money{}
		for i := range together.NumLegs() {
			right[together.LegID(i)] = together.Leg(i).Amount
		}
		if !reflect.DeepEqual(left, right) {
			t.Fatalf("between groups there are %v apart and %v rolled up", left, right)
		}
	})
}

func TestRaisingMinAmountOnlyDropsLegs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, s, lens := drawn(t)
		lens.MinAmount = graph.USD(int64(rapid.IntRange(0, 1000).Draw(t, "least")) * 1e8)
		wide := seen(mustView(t, s, lens))
		lens.MinAmount = graph.USD(lens.MinAmount.Cents() + int64(rapid.IntRange(1, 1000).Draw(t, "more"))*1e8)
		narrow := seen(mustView(t, s, lens))
		for id, l := range wide {
			_, kept := narrow[id]
			if want := l.amount.Known() && l.amount.Cents() >= lens.MinAmount.Cents(); kept != want {
				t.Fatalf("leg %s of %v is kept: %v, under least amount %v", id, l.amount, kept, lens.MinAmount)
			}
		}
		if len(narrow) > len(wide) {
			t.Fatal("a leg came")
		}
	})
}

func TestTheOrderOfTheRecordsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records, s, lens := drawn(t)
		shuffled := slices.Clone(records)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Shuffle(len(shuffled), func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		other, err := Build(s.Revision(), yield(shuffled...))
		if err != nil {
			t.Fatal(err)
		}
		a, b := mustView(t, s, lens), mustView(t, other, lens)
		a.s, b.s = nil, nil // the columns below say the same; shapes may be numbered otherwise
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("views differ:\n%+v\n%+v", a, b)
		}
		if !reflect.DeepEqual(s.legIDs, other.legIDs) || !reflect.DeepEqual(s.byID, other.byID) || !reflect.DeepEqual(s.metrics, other.metrics) ||
			!reflect.DeepEqual(s.details, other.details) || !reflect.DeepEqual(s.family, other.family) {
			t.Fatal("snapshots differ")
		}
	})
}

func TestEveryRecordComesBackAsItWent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records, s, _ := drawn(t)
		for _, r := range records {
			var back graph.Record
			ok := true
			switch r := r.(type) {
			case *graph.Company:
				back, ok = s.Company(r.ID)
			case *graph.Chip:
				back, ok = s.Chip(r.ID)
			case *graph.Deal:
				back, ok = s.Deal(r.ID)
			case *graph.Source:
				back, ok = s.Source(r.ID)
			case *graph.Flow:
				var i int
				i, ok = s.FlowIndex(r.ID)
				back = s.Flow(i)
			case *graph.Outcome:
				i, _ := s.FlowIndex(r.FlowID)
				at := slices.Index(s.Outcomes(i), r)
				back, ok = r, at >= 0
			case *graph.Metric:
				back, ok = r, slices.Contains(s.Metrics(r.CompanyID), r)
			}
			if !ok || !graph.Same(r, back) {
				t.Fatalf("%s came back as %v, %v", r.Key(), back, ok)
			}
		}
	})
}
