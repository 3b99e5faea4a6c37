package changes

import (
	"fmt"
	"iter"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
)

// ReasonsCut is the code of the warning that counts legs between revisions whose
// imports were not looked up.
const ReasonsCut = "reasons_cut"

func finish(_ queries.Scope, _ Params, facts iter.Seq[Comparison]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	for c := range facts {
		ans.Rows = c.Rows
		s := &ans.Summary
		s.Before, s.After = c.Before, c.After
		for _, r := range c.Rows {
			*s.counter(r.What, r.Change)++
		}
		s.Totals = totalsMoved(c.Before.Totals, c.After.Totals)
		s.ByKind = kindsMoved(c.Before.ByKind, c.After.ByKind)
		s.Coverage = coverageMoved(c.Before.Coverage, c.After.Coverage)
		s.HHI = sharesMoved(c.Before.HHI, c.After.HHI)
		ans.Finding = finding(*s, c.Revisions)
		if c.Untold > 0 {
			ans.Warnings = append(ans.Warnings, queries.Warning{
				Code: ReasonsCut, Count: c.Untold,
				Message: fmt.Sprintf("The imports that moved them were looked up for the first %d legs; %d are left out.", mostLooked, c.Untold),
			})
		}
	}
	return ans, nil
}

// counter is the field that counts such rows.
func (s *Summary) counter(what, change string) *int {
	if what == OfLeg {
		return map[string]*int{New: &s.LegsNew, Gone: &s.LegsGone, Changed: &s.LegsChanged}[change]
	}
	return map[string]*int{New: &s.CyclesNew, Gone: &s.CyclesGone, Changed: &s.CyclesChanged}[change]
}

func finding(s Summary, revisions bool) string {
	between := fmt.Sprintf("Between %s and %s", asOf(s.Before.Day), asOf(s.After.Day))
	if revisions {
		between = fmt.Sprintf("Between revisions %d and %d, both seen on %s,", s.Before.Revision, s.After.Revision, asOf(s.After.Day))
	}
	text := between + " "
	if s.LegsNew+s.LegsGone+s.LegsChanged == 0 {
		text += "no leg moved"
	} else {
		text += fmt.Sprintf("%s appeared, %d went and %d moved", queries.Count(s.LegsNew, "leg", "legs"), s.LegsGone, s.LegsChanged)
	}
	if s.Before.Loops.Known() {
		text += "; loops " + course(s.Before.Loops.String(), s.After.Loops.String(), s.After.Loops.Micro()-s.Before.Loops.Micro())
		if n := s.CyclesNew; s.CyclesNew+s.CyclesGone > 0 {
			text += fmt.Sprintf(" (%d new, %d gone)", n, s.CyclesGone)
		}
	}
	a, b := s.Before.CI, s.After.CI
	switch {
	case a.Known() && b.Known():
		text += " and circularity " + course(a.Percent(), b.Percent(), b.Micro()-a.Micro())
	case a.Known() || b.Known():
		text += fmt.Sprintf(" and circularity went from %s to %s", a.Percent(), b.Percent())
	}
	return text + "."
}

// course says how a figure went from one value to another.
func course(before, after string, move int64) string {
	switch {
	case before == after:
		return "stayed at " + after
	case move > 0:
		return "rose from " + before + " to " + after
	}
	return "fell from " + before + " to " + after
}

// charts set both sides next to each other: what is paid and put in, the loops,
// and how the promises of the buyers that moved are covered.
func charts(in queries.Scope, _ Params, _ []Row, s Summary) []queries.Chart {
	name := func(side Side) string { return asOf(side.Day) }
	if s.Before.Day == s.After.Day {
		name = func(side Side) string { return fmt.Sprintf("Revision %d", side.Revision) }
	}
	series := func() []queries.Series { return []queries.Series{{Name: name(s.Before)}, {Name: name(s.After)}} }
	totals := queries.Chart{Kind: queries.Bars, Title: "Known amounts by class", Unit: queries.MoneyUnit, Series: series()}
	for _, t := range s.Totals {
		totals.Add(t.Class, t.Before, t.After)
	}
	totals.Add("Goes round", s.Before.Circular, s.After.Circular)
	loops := queries.Chart{Kind: queries.Bars, Title: "Loops by kind", Unit: queries.CountUnit, Series: series()}
	for _, k := range s.ByKind {
		loops.Add(plain(k.Kind), graph.Micro(int64(k.Before)*1_000_000), graph.Micro(int64(k.After)*1_000_000))
	}
	moved := slices.DeleteFunc(slices.Clone(s.Coverage), func(m CoverMoved) bool { return m.Before == m.After })
	shown, note := queries.Drawn(moved, "buyers whose coverage moved")
	covered := queries.Chart{Kind: queries.Bars, Title: "Promises covered by the payees' own funding", Unit: queries.RatioUnit, Series: series(), Note: note}
	for _, m := range shown {
		covered.Add(in.View.Snapshot().CompanyName(m.Buyer), m.Before, m.After)
	}
	list := []queries.Chart{totals}
	if len(loops.Labels) > 0 {
		list = append(list, loops)
	}
	if len(covered.Labels) > 0 {
		list = append(list, covered)
	}
	return list
}
