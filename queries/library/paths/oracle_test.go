package paths

import (
	"crypto/sha256"
	"fmt"
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

// way is a path as the naive search finds it.
type way struct {
	companies, classes []string
	least              int64 // cents, -1 when a hop is unknown
	atMost             int64 // cents, -1 when no hop is known in full
	id                 string
}

type bundle struct {
	from, to, class string
	sum             int64
	known, unknown  bool
}

// naive merges legs into edges and follows them from company to company.
func naive(v *snapshot.View, from, to string, k int) []way {
	var edges []*bundle
	for i := range v.NumLegs() {
		leg := v.Leg(i)
		f, g, c := v.Companies()[leg.Payer], v.Companies()[leg.Payee], leg.Class.String()
		at := slices.IndexFunc(edges, func(e *bundle) bool { return e.from == f && e.to == g && e.class == c })
		if at < 0 {
			at, edges = len(edges), append(edges, &bundle{from: f, to: g, class: c})
		}
		e := edges[at]
		e.sum += leg.Amount.Cents()
		e.known, e.unknown = e.known || leg.Amount.Known(), e.unknown || !leg.Amount.Known()
	}
	var found []way
	var follow func(companies, classes []string, along []*bundle)
	follow = func(companies, classes []string, along []*bundle) {
		at := companies[len(companies)-1]
		if at == to {
			w := way{companies: slices.Clone(companies), classes: slices.Clone(classes), least: 1 << 62, atMost: -1}
			text := from
			for i, e := range along {
				text += "|" + classes[i] + "|" + companies[i+1]
				if !e.known {
					w.least = -1
				}
				w.least = min(w.least, e.sum)
				if e.known && !e.unknown && (w.atMost < 0 || e.sum < w.atMost) {
					w.atMost = e.sum
				}
			}
			w.id = fmt.Sprintf("p_%x", sha256.Sum256([]byte(text)))[:18]
			found = append(found, w)
			return
		}
		if len(along) == k {
			return
		}
		for _, e := range edges {
			if e.from == at && !slices.Contains(companies, e.to) {
				follow(append(companies, e.to), append(classes, e.class), append(along, e))
			}
		}
	}
	follow([]string{from}, nil, nil)
	slices.SortFunc(found, func(a, b way) int {
		order := int(max(-1, min(1, b.least-a.least))) // unknown is -1 and comes last
		if order == 0 && a.least < 0 {
			order = int(max(-1, min(1, b.atMost-a.atMost)))
		}
		if order == 0 {
			order = len(a.classes) - len(b.classes)
		}
		if order == 0 {
			order = strings.Compare(a.id, b.id)
		}
		return order
	})
	return found
}

func TestPathsAreThoseOfFollowingEveryEdge(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(1500) {
		records, lens := viewtest.Random(seed)
		v := viewtest.View(t, records, lens)
		if len(v.Companies()) < 2 {
			continue
		}
		from, to := v.Companies()[int(seed)%len(v.Companies())], v.Companies()[(int(seed)+1)%len(v.Companies())]
		p := Params{From: from, To: to, K: 1 + int(seed/7)%7, Limit: 1 + int(seed%5)*10, Timeout: time.Minute}
		ways := naive(v, from, to, p.K)
		var wanted, got []string
		known := int64(0)
		for i, w := range ways {
			if w.least >= 0 {
				known++
				met["known"]++
			} else if w.atMost >= 0 {
				met["at most"]++
			}
			if i < p.Limit {
				wanted = append(wanted, fmt.Sprint(w.id, w.companies, w.classes, w.least, w.atMost))
			}
		}
		ans := answer(t, v, p)
		for _, r := range ans.Rows {
			cents := func(m graph.Money) int64 {
				if !m.Known() {
					return -1
				}
				return m.Cents()
			}
			got = append(got, fmt.Sprint(r.ID, r.Path, r.Classes, cents(r.Bottleneck), cents(r.AtMost)))
		}
		if !slices.Equal(got, wanted) {
			t.Fatalf("seed %d, %+v: rows are\n%s\nwant\n%s", seed, p, strings.Join(got, "\n"), strings.Join(wanted, "\n"))
		}
		if s := ans.Summary; s.Count != int64(len(ways)) || s.Known != known || ans.Truncated.Is != (len(ways) > p.Limit) {
			t.Errorf("seed %d: summary %+v, truncated %v, want %d paths, %d known", seed, s, ans.Truncated, len(ways), known)
		}
		if len(ways) > p.Limit {
			met["cut"]++
		}
	}
	for _, what := range []string{"known", "at most", "cut"} {
		if met[what] < 20 {
			t.Errorf("%s came %d times: the graphs prove little", what, met[what])
		}
	}
}
