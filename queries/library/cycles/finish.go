package cycles

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/chain"
)

// found is a loop that passed the filters, with what the order needs.
type found struct {
	ring      Ring
	rank      chain.Rank
	gross     graph.Money
	retention graph.Decimal
	id        string // made when two loops tie
}

// collector counts all loops and keeps the best.
type collector struct {
	p       Params
	filter  filter
	summary Summary
	byHops  [13]int64
	best    chain.Top[*found]
}

func finish(in queries.Scope, p Params, facts iter.Seq[Ring]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return in.InOrder(r.Legs...) }}
	f, err := newFilter(in, p)
	if err != nil {
		return ans, err
	}
	c := collector{p: p, filter: f, summary: Summary{ByHops: map[string]int64{}, ByKind: map[string]int64{}}}
	c.best = chain.Top[*found]{Limit: p.Limit, Compare: c.compare}
	for ring := range facts {
		c.add(ring)
	}
	for hops, n := range c.byHops {
		if n > 0 {
			c.summary.ByHops[strconv.Itoa(hops)] = n
		}
	}
	for _, b := range c.best.Sorted() {
		ans.Rows = append(ans.Rows, row(in, p, b))
	}
	ans.Summary = c.summary
	if n := int64(len(ans.Rows)); !p.CountOnly && n < c.summary.Count {
		ans.Truncated = queries.Truncation{Is: true, Reason: fmt.Sprintf("limit: %d of %d loops are shown; the summary counts all", n, c.summary.Count)}
	}
	if n := undated(in.View); p.Level == "leg" && n > 0 {
		ans.Warnings = append(ans.Warnings, queries.Warning{
			Code: "undated_legs_left_out", Count: n,
			Message: queries.Count(n, "leg", "legs") + " without an announcement date took no part: a sequence in time needs dates",
		})
	}
	ans.Finding = finding(ans.Rows, c.summary, in.View.Snapshot().CompanyName)
	return ans, nil
}

func (c *collector) add(r Ring) {
	kind := r.kind()
	bottleneck, atMost := chain.Hops(r).Bottleneck()
	if !c.filter.passes(r, kind, bottleneck) {
		return
	}
	c.summary.Count++
	if bottleneck.Known() {
		c.summary.Known++
	}
	c.byHops[len(r)]++
	c.summary.ByKind[kind]++
	if c.p.CountOnly || c.p.Limit == 0 {
		return
	}
	f := found{ring: r, rank: chain.Rank{Bottleneck: bottleneck, AtMost: atMost, Hops: len(r)}}
	switch c.p.Sort {
	case "retention":
		f.retention = r.retention(bottleneck)
	case "gross":
		f.gross = chain.Hops(r).Gross()
	}
	if c.best.Wants(&f) {
		f.ring = slices.Clone(r)
		c.best.Add(&f)
	}
}

func (c *collector) compare(a, b *found) int {
	order := 0
	switch c.p.Sort {
	case "retention":
		order = queries.DescendingRatio(a.retention, b.retention)
	case "gross":
		order = queries.Descending(a.gross, b.gross)
	case "hops":
		order = cmp.Compare(len(a.ring), len(b.ring))
	}
	if order == 0 {
		order = a.rank.Compare(b.rank)
	}
	if order == 0 {
		order = queries.Bytes(a.name(c.p), b.name(c.p))
	}
	return order
}

func (f *found) name(p Params) string {
	if f.id == "" {
		f.id = f.ring.id(p.Level)
	}
	return f.id
}

func row(in queries.Scope, p Params, f *found) Row {
	r := Row{
		ID: f.name(p), Hops: len(f.ring), Kind: f.ring.kind(), Bottleneck: f.rank.Bottleneck, AtMost: f.rank.AtMost,
		Gross: chain.Hops(f.ring).Gross(), Partial: chain.Hops(f.ring).Partial(), Retention: f.ring.retention(f.rank.Bottleneck),
	}
	strength := map[string]int{"low": 1, "medium": 2, "high": 3}
	s := in.View.Snapshot()
	for _, h := range f.ring {
		r.Ring, r.Classes = append(r.Ring, h.Payer), append(r.Classes, h.Class.String())
		r.Amounts, r.Legs = append(r.Amounts, h.Amount), append(r.Legs, in.InOrder(h.Legs))
		for _, id := range h.Legs {
			i, ok := s.FlowIndex(id)
			if !ok {
				continue
			}
			leg := s.Flow(i)
			if d := leg.Announced; d.Known() {
				if !r.First.Known() || d.Compare(r.First) < 0 {
					r.First = d
				}
				if !r.Last.Known() || d.Compare(r.Last) > 0 {
					r.Last = d
				}
			}
			if c := leg.Confidence; c != "" && (r.Confidence == "" || strength[c] < strength[r.Confidence]) {
				r.Confidence = c
			}
		}
	}
	return r
}

func finding(rows []Row, s Summary, name func(string) string) string {
	if s.Count == 0 {
		return "Under this lens no loop returns value to where it left."
	}
	text := fmt.Sprintf("%s value to where it left", queries.Count(int(s.Count), "loop returns", "loops return"))
	if s.Known < s.Count {
		text += fmt.Sprintf(", %d of them with a known bottleneck", s.Known)
	}
	if len(rows) == 0 || !rows[0].Bottleneck.Known() {
		return text + "."
	}
	return fmt.Sprintf("%s; first among them %s, through which up to %s can go all the way round.", text, spell(rows[0].Ring, name), rows[0].Bottleneck.Short())
}

func spell(ring []string, name func(string) string) string {
	text := ""
	for _, id := range ring {
		text += name(id) + " → "
	}
	return text + name(ring[0])
}
