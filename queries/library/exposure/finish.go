package exposure

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/chain"
)

// found is a chain with what the order needs.
type found struct {
	hops chain.Hops
	rank chain.Rank
}

func (f found) path() []string {
	path := []string{f.hops[0].Payer}
	for _, h := range f.hops {
		path = append(path, h.Payee)
	}
	return path
}

func finish(in queries.Scope, p Params, facts iter.Seq[Fact]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	s := &ans.Summary
	s.Backs, s.Cond = graph.USD(0), graph.USD(0)
	best := chain.Top[found]{Limit: p.Limit, Compare: func(a, b found) int {
		if order := a.rank.Compare(b.rank); order != 0 {
			return order
		}
		return slices.Compare(a.path(), b.path())
	}}
	givers := 0
	for f := range facts {
		if f.Firm != nil {
			ans.Rows = append(ans.Rows, f.Firm.row(in))
			if len(f.Firm.StandsBehind) > 0 {
				s.Backs = plus(s.Backs, f.Firm.BacksGiven, givers)
				givers++
			}
			if f.Firm.NumCondOut > 0 {
				s.Cond = plus(s.Cond, f.Firm.CondOut, s.NumCond)
				s.NumCond += f.Firm.NumCondOut
			}
			s.Grants += f.Firm.GrantsGiven
		}
		for _, hops := range f.Chains {
			s.NumChains++
			if len(hops) > 1 {
				s.LongChains++
			}
			c := found{hops: hops, rank: chain.Rank{Hops: len(hops)}}
			c.rank.Bottleneck, c.rank.AtMost = hops.Bottleneck()
			if best.Wants(c) {
				c.hops = slices.Clone(hops)
				best.Add(c)
			}
		}
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Descending(a.BacksGiven, b.BacksGiven), queries.Bytes(a.Firm, b.Firm))
	})
	for _, c := range best.Sorted() {
		x := Chain{Path: c.path(), Hops: len(c.hops), Bottleneck: c.rank.Bottleneck, AtMost: c.rank.AtMost}
		for _, h := range c.hops {
			x.Legs = append(x.Legs, in.InOrder(h.Legs))
		}
		s.Chains = append(s.Chains, x)
	}
	if cut := s.NumChains - len(s.Chains); cut > 0 {
		ans.Warnings = append(ans.Warnings, queries.Warning{
			Code: ListCut, Count: cut, Message: fmt.Sprintf("The list shows the first %d of %d chains.", len(s.Chains), s.NumChains),
		})
	}
	if in.Lens.Conditional == graph.ConditionalOut {
		ans.Warnings = append(ans.Warnings, queries.Warning{
			Code: ConditionalOut, Message: "conditional=false leaves out legs that move contingent cash or credit support: nearly every guarantee is one.",
		})
	}
	ans.Finding = finding(ans.Rows, *s, givers, in.View.Snapshot().CompanyName)
	return ans, nil
}

func (f *Firm) row(in queries.Scope) Row {
	slices.Sort(f.StandsBehind)
	slices.Sort(f.BackedBy)
	return Row{
		Firm: f.ID, BacksGiven: f.BacksGiven, BacksReceived: f.BacksReceived, GrantsGiven: f.GrantsGiven, GrantsReceived: f.GrantsReceived,
		CondOut: f.CondOut, CondIn: f.CondIn, NumCondOut: f.NumCondOut, NumCondIn: f.NumCondIn,
		StandsBehind: f.StandsBehind, BackedBy: f.BackedBy, Legs: in.InOrder(f.Legs),
	}
}

func finding(rows []Row, s Summary, givers int, name func(string) string) string {
	if len(rows) == 0 {
		return "Under this lens no firm stands behind another, gives an equity claim, or has a leg under a condition."
	}
	var parts []string
	first := slices.IndexFunc(rows, func(r Row) bool { return len(r.StandsBehind) > 0 }) // rows are in order
	switch {
	case first < 0:
		parts = append(parts, "Under this lens no firm gives a guarantee")
	case !rows[first].BacksGiven.Known():
		parts = append(parts, fmt.Sprintf("%s, none of known amount", queries.Count(givers, "firm gives guarantees", "firms give guarantees")))
	default:
		top := rows[first]
		text := fmt.Sprintf("%s stands behind %s with %s", name(top.Firm), listed(top.StandsBehind, name), top.BacksGiven.Short())
		if givers > 1 {
			text += fmt.Sprintf(", the most of %d firms that give guarantees, %s in all", givers, s.Backs.Short())
		}
		parts = append(parts, text, longest(s, name))
	}
	if s.Grants > 0 {
		parts = append(parts, queries.Count(s.Grants, "leg gives an equity claim", "legs give equity claims"))
	}
	if s.NumCond > 0 {
		text := queries.Count(s.NumCond, "leg moves", "legs move") + " contingent cash or credit support"
		if s.Cond.Known() {
			text += ", " + s.Cond.Short() + " in all"
		}
		parts = append(parts, text)
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "; ") + "."
}

// longest tells of chains beyond a single guarantee; of the first in the list.
func longest(s Summary, name func(string) string) string {
	if s.LongChains == 0 {
		return ""
	}
	text := queries.Count(s.LongChains, "chain has", "chains have") + " more than one hop"
	if i := slices.IndexFunc(s.Chains, func(c Chain) bool { return c.Hops > 1 }); i >= 0 {
		c := s.Chains[i]
		names := make([]string, len(c.Path))
		for j, id := range c.Path {
			names[j] = name(id)
		}
		text += ", first among them " + strings.Join(names, " → ")
		if c.Bottleneck.Known() {
			text += " with " + c.Bottleneck.Short()
		}
	}
	return text
}

// listed is at most three names, and how many more there are.
func listed(ids []string, name func(string) string) string {
	const most = 3
	var names []string
	for _, id := range ids[:min(len(ids), most)] {
		names = append(names, name(id))
	}
	if more := len(ids) - most; more > 0 {
		return strings.Join(names, ", ") + " and " + queries.Count(more, "other", "others")
	}
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return names[0]
}
