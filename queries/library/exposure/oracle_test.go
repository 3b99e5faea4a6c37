package exposure

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/library/viewtest"
)

func answer(t testing.TB, v *snapshot.View, p Params) queries.Answer[Row, Summary] {
	t.Helper()
	return viewtest.Answer(t, viewtest.ScopeOf(v), p, native, finish)
}

// view adds the classes that the analysis needs, as the runner does.
func view(t testing.TB, records []graph.Record, lens graph.Lens) *snapshot.View {
	t.Helper()
	lens.Classes = lens.Classes.With(graph.Backs, graph.Grants)
	return viewtest.View(t, records, lens)
}

// cents is a sum of legs of a view: a text, as unknown is no number.
func cents(v *snapshot.View, belongs func(leg snapshot.Leg, moves string) bool) (sum string, ids []string) {
	n, known := int64(0), false
	for i := range v.NumLegs() {
		if leg := v.Leg(i); belongs(leg, v.Flow(i).Moves) {
			n, known, ids = n+leg.Amount.Cents(), known || leg.Amount.Known(), append(ids, leg.ID)
		}
	}
	if len(ids) > 0 && !known {
		return "unknown", ids
	}
	return fmt.Sprint(n), ids
}

func amount(m graph.Money) string {
	if !m.Known() {
		return "unknown"
	}
	return fmt.Sprint(m.Cents())
}

func conditional(moves string) bool { return moves == "contingent_cash" || moves == "credit_support" }

// firms are the rows, each from all legs of the view anew.
func firms(v *snapshot.View) []string {
	type line struct {
		given int64 // -1 when unknown
		id    string
		text  string
	}
	var lines []line
	for f, id := range v.Companies() {
		at := int32(f)
		given, out := cents(v, func(l snapshot.Leg, _ string) bool { return l.Class == graph.Backs && l.Payer == at })
		got, in := cents(v, func(l snapshot.Leg, _ string) bool { return l.Class == graph.Backs && l.Payee == at })
		_, grants := cents(v, func(l snapshot.Leg, _ string) bool { return l.Class == graph.Grants && l.Payer == at })
		_, granted := cents(v, func(l snapshot.Leg, _ string) bool { return l.Class == graph.Grants && l.Payee == at })
		condOut, outs := cents(v, func(l snapshot.Leg, moves string) bool { return conditional(moves) && l.Payer == at })
		condIn, ins := cents(v, func(l snapshot.Leg, moves string) bool { return conditional(moves) && l.Payee == at })
		_, legs := cents(v, func(l snapshot.Leg, moves string) bool {
			return (l.Payer == at || l.Payee == at) && (l.Class == graph.Backs || l.Class == graph.Grants || conditional(moves))
		})
		if len(legs) == 0 {
			continue
		}
		others := func(list []string, payee bool) string {
			names := map[string]bool{}
			for i := range v.NumLegs() {
				if leg := v.Leg(i); slices.Contains(list, leg.ID) {
					other := leg.Payer
					if payee {
						other = leg.Payee
					}
					names[v.Companies()[other]] = true
				}
			}
			var sorted []string
			for n := range names {
				sorted = append(sorted, n)
			}
			slices.Sort(sorted)
			return strings.Join(sorted, ",")
		}
		l := line{-1, id, fmt.Sprint(id, " ", given, " ", got, " ", len(grants), " ", len(granted), " ", condOut, " ", condIn, " ", len(outs), " ", len(ins),
			" ", others(out, true), " ", others(in, false), " ", legs)}
		_, _ = fmt.Sscan(given, &l.given)
		lines = append(lines, l)
	}
	slices.SortFunc(lines, func(a, b line) int {
		if a.given != b.given {
			if a.given > b.given { // unknown is -1 and comes last
				return -1
			}
			return 1
		}
		return strings.Compare(a.id, b.id)
	})
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	return texts
}

func rows(ans queries.Answer[Row, Summary]) []string {
	texts := make([]string, len(ans.Rows))
	for i, r := range ans.Rows {
		texts[i] = fmt.Sprint(r.Firm, " ", amount(r.BacksGiven), " ", amount(r.BacksReceived), " ", r.GrantsGiven, " ", r.GrantsReceived, " ", amount(r.CondOut), " ", amount(r.CondIn),
			" ", r.NumCondOut, " ", r.NumCondIn, " ", strings.Join(r.StandsBehind, ","), " ", strings.Join(r.BackedBy, ","), " ", r.Legs)
	}
	return texts
}

// chains tries every sequence of firms, none twice, of at most k hops.
func chains(v *snapshot.View, k int) []string {
	type line struct {
		least, atMost int64 // -1 when unknown
		path          []string
	}
	var found []line
	n := int32(len(v.Companies()))
	var extend func(path []int32)
	extend = func(path []int32) {
		if len(path) > 1 {
			l := line{least: 1 << 62, atMost: -1}
			for i := range path[1:] {
				sum, known, unknown, legs := int64(0), false, false, 0
				for j := range v.NumLegs() {
					if leg := v.Leg(j); leg.Class == graph.Backs && leg.Payer == path[i] && leg.Payee == path[i+1] {
						sum, known, unknown, legs = sum+leg.Amount.Cents(), known || leg.Amount.Known(), unknown || !leg.Amount.Known(), legs+1
					}
				}
				if legs == 0 {
					return // nor does anything that goes on from here count
				}
				if !known {
					sum = -1
				}
				if l.least = min(l.least, sum); known && !unknown && (l.atMost < 0 || sum < l.atMost) {
					l.atMost = sum
				}
			}
			for _, f := range path {
				l.path = append(l.path, v.Companies()[f])
			}
			found = append(found, l)
		}
		if len(path) <= k {
			for next := range n {
				if !slices.Contains(path, next) {
					extend(append(slices.Clone(path), next))
				}
			}
		}
	}
	extend(nil)
	slices.SortFunc(found, func(a, b line) int {
		switch {
		case a.least != b.least:
			return int(max(-1, min(1, b.least-a.least)))
		case a.least < 0 && a.atMost != b.atMost:
			return int(max(-1, min(1, b.atMost-a.atMost)))
		case len(a.path) != len(b.path):
			return len(a.path) - len(b.path)
		}
		return slices.Compare(a.path, b.path)
	})
	texts := make([]string, len(found))
	for i, l := range found {
		texts[i] = fmt.Sprint(l.path, " ", l.least, " ", l.atMost)
	}
	return texts
}

func listedChains(s Summary) []string {
	number := func(m graph.Money) int64 {
		if !m.Known() {
			return -1
		}
		return m.Cents()
	}
	texts := make([]string, len(s.Chains))
	for i, c := range s.Chains {
		texts[i] = fmt.Sprint(c.Path, " ", number(c.Bottleneck), " ", number(c.AtMost))
	}
	return texts
}

// thicket adds guarantees between few firms to a random graph, of small amounts
// and of none; where skewed, one firm gives most of them.
func thicket(seed uint64) ([]graph.Record, graph.Lens) {
	records, lens := viewtest.Random(seed)
	r := rand.New(rand.NewPCG(seed, 4))
	var companies []string
	for _, x := range records {
		if c, ok := x.(*graph.Company); ok {
			companies = append(companies, c.ID)
		}
	}
	companies = companies[:min(len(companies), 6)]
	for i := range r.IntN(30) {
		f := &graph.Flow{
			ID: fmt.Sprintf("backs%02d", i), From: companies[r.IntN(len(companies))], To: companies[r.IntN(len(companies))],
			Kind: graph.BackstopGuarantee, Moves: graph.MovesCreditSupport, InitialStatus: graph.Signed, Status: graph.Signed,
		}
		if seed%3 == 0 {
			f.From = companies[0]
		}
		if r.IntN(6) == 0 {
			f.Moves = ""
		}
		if r.IntN(4) > 0 {
			f.Amount = graph.USD(int64(r.IntN(9)))
		}
		records = append(records, f)
	}
	return records, lens
}

func TestRowsAndChainsAreThoseOfLookingAtEveryLegAndOrder(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(600) {
		records, lens := thicket(seed)
		v := view(t, records, lens)
		p := Params{K: 1 + int(seed%4), Limit: 1 + int(seed%7)*3, Timeout: time.Minute}
		ans := answer(t, v, p)
		if have, want := rows(ans), firms(v); !slices.Equal(have, want) {
			t.Fatalf("seed %d: rows are\n%s\nwant\n%s", seed, strings.Join(have, "\n"), strings.Join(want, "\n"))
		}
		want := chains(v, p.K)
		s := ans.Summary
		if have := listedChains(s); !slices.Equal(have, want[:min(len(want), p.Limit)]) || s.NumChains != len(want) {
			t.Fatalf("seed %d, %+v: %d chains\n%s\nwant\n%s", seed, p, s.NumChains, strings.Join(have, "\n"), strings.Join(want, "\n"))
		}
		backs, _ := cents(v, func(l snapshot.Leg, _ string) bool { return l.Class == graph.Backs })
		cond, conds := cents(v, func(_ snapshot.Leg, moves string) bool { return conditional(moves) })
		if amount(s.Backs) != backs || amount(s.Cond) != cond || s.NumCond != len(conds) {
			t.Fatalf("seed %d: %+v, want guarantees of %s, %d conditional legs of %s", seed, s, backs, len(conds), cond)
		}
		for _, c := range s.Chains {
			switch {
			case !c.Bottleneck.Known():
				met["unknown"]++
			case c.Hops > 1:
				met["long"]++
			}
		}
		if len(want) > p.Limit {
			met["cut"]++
		}
		met["rows"] += len(ans.Rows)
	}
	for _, what := range []string{"unknown", "long", "cut", "rows"} {
		if met[what] < 30 {
			t.Errorf("%s came %d times: the graphs prove little", what, met[what])
		}
	}
}

func TestScalingEveryAmountScalesMoneyAndNothingElse(t *testing.T) {
	const factor = 7
	scale := func(s string) string {
		fields := strings.Fields(s)
		for _, i := range []int{1, 2, 5, 6} {
			var n int64
			if _, err := fmt.Sscan(fields[i], &n); err == nil {
				fields[i] = fmt.Sprint(n * factor)
			}
		}
		return strings.Join(fields, " ")
	}
	for seed := range uint64(60) {
		plain := func() []graph.Record {
			records, _ := thicket(seed)
			for _, r := range records {
				if f, ok := r.(*graph.Flow); ok {
					f.AmountLow, f.AmountHigh = graph.Money{}, graph.Money{}
				}
			}
			return records
		}
		lens := graph.DefaultLens()
		lens.AsOf, _ = graph.ParseDate("2026-06-30")
		p := Params{K: 3, Limit: 1000, Timeout: time.Minute}
		large := plain()
		for _, r := range large {
			if f, ok := r.(*graph.Flow); ok && f.Amount.Known() {
				f.Amount = graph.USD(f.Amount.Cents() * factor)
			}
		}
		a, b := rows(answer(t, view(t, plain(), lens), p)), rows(answer(t, view(t, large, lens), p))
		for i := range a {
			if i >= len(b) || scale(a[i]) != strings.Join(strings.Fields(b[i]), " ") {
				t.Fatalf("seed %d: scaled rows are\n%s\nof\n%s", seed, strings.Join(b, "\n"), strings.Join(a, "\n"))
			}
		}
	}
}

// A ring of guarantees through all of many firms has more chains than there is
// time for; the rows stand all the same.
func TestATimeoutCutsTheChainsAndNotTheRows(t *testing.T) {
	var records []graph.Record
	const n = 20
	for i := range n {
		records = append(records, &graph.Company{ID: fmt.Sprintf("c%02d", i)})
	}
	for i := range n {
		for j := range n {
			if i != j {
				records = append(records, &graph.Flow{
					ID: fmt.Sprintf("g%02d%02d", i, j), From: fmt.Sprintf("c%02d", i), To: fmt.Sprintf("c%02d", j), Kind: graph.BackstopGuarantee,
					Moves: graph.MovesCreditSupport, Amount: graph.USD(1), InitialStatus: graph.Signed, Status: graph.Signed,
				})
			}
		}
	}
	lens := graph.DefaultLens()
	lens.AsOf, _ = graph.ParseDate("2026-06-30")
	v := view(t, records, lens)
	in := viewtest.ScopeOf(v)
	firms, chains := 0, 0
	p := Params{K: 12, Limit: 10, Timeout: 20 * time.Millisecond}
	cut, err := native(t.Context(), in, p, func(f Fact) bool {
		if f.Firm != nil {
			firms++
		}
		chains += len(f.Chains)
		return true
	})
	if err != nil || !cut.Is || firms != n || chains == 0 {
		t.Errorf("%d firms, %d chains, cut %v, error %v", firms, chains, cut, err)
	}
}
