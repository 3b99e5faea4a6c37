package chips

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/graph/near"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
)

// tally adds up amounts: an empty sum is zero, one of unknown terms only is
// unknown.
type tally struct {
	n   int
	sum graph.Money
}

func (t *tally) add(m graph.Money) { t.n, t.sum = t.n+1, t.sum.Plus(m) }

func (t *tally) money() graph.Money {
	if t.n == 0 {
		return graph.USD(0)
	}
	return t.sum
}

func finish(in queries.Scope, p Params, facts iter.Seq[Chip]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	if err := check(in, p); err != nil {
		return ans, err
	}
	parts := suppliersOf(in)
	seen := map[string]bool{}
	var compute, purchase tally
	for f := range facts {
		if len(p.Chips) > 0 && !slices.Contains(p.Chips, f.ID) {
			continue
		}
		ans.Rows = append(ans.Rows, rowOf(in, f, parts))
		for i, leg := range f.Legs {
			if seen[leg] {
				continue
			}
			seen[leg] = true
			switch Use(f.Uses[i]) {
			case Compute:
				compute.add(f.Cents[i])
			case Purchase:
				purchase.add(f.Cents[i])
			default:
				continue
			}
			if f.Listed[i] > 1 {
				ans.Summary.Shared++
			}
		}
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Descending(a.Compute, b.Compute), queries.Bytes(a.Chip, b.Chip))
	})
	ans.Summary.Chips, ans.Summary.Compute, ans.Summary.Purchase = len(ans.Rows), compute.money(), purchase.money()
	for _, r := range ans.Rows {
		if len(r.Independents) > 0 {
			ans.Summary.Independent++
		}
	}
	ans.Finding = finding(ans.Rows, ans.Summary, p, in.View.Snapshot())
	return ans, nil
}

// check refuses chips that are not in the graph.
func check(in queries.Scope, p Params) error {
	var bad queries.ArgumentErrors
	var ids []string
	for _, c := range in.View.Snapshot().Chips() {
		ids = append(ids, c.ID)
	}
	for _, id := range p.Chips {
		if slices.Contains(ids, id) {
			continue
		}
		problem := "no such chip"
		if meant := near.Name(id, ids); meant != "" {
			problem += "; did you mean " + meant + "?"
		}
		bad = append(bad, queries.ArgumentError{Name: "chip", Given: id, Problem: problem})
	}
	if len(bad) > 0 {
		return bad
	}
	return nil
}

func rowOf(in queries.Scope, f Chip, parts suppliers) Row {
	r := Row{Chip: f.ID, Maker: known(f.Maker), Users: sorted(f.Users), OwnUse: sorted(f.OwnUse), Affiliated: sorted(f.Affiliated)}
	for _, u := range r.Users {
		if !slices.Contains(r.OwnUse, u) && !slices.Contains(r.Affiliated, u) {
			r.Independents = append(r.Independents, u)
		}
	}
	var compute, purchase, others, affiliated tally
	for i, leg := range f.Legs {
		switch Use(f.Uses[i]) {
		case Usage:
			r.UsageLegs++
			continue
		case Inside:
			continue
		case Purchase:
			purchase.add(f.Cents[i])
		case Compute:
			compute.add(f.Cents[i])
			if !slices.Contains(r.OwnUse, f.Parties[i]) {
				others.add(f.Cents[i])
			}
			if slices.Contains(r.Affiliated, f.Parties[i]) {
				affiliated.add(f.Cents[i])
			}
		}
		r.GW = r.GW.Plus(f.GW[i])
		if f.Listed[i] > 1 {
			r.Shared = append(r.Shared, leg)
		}
	}
	r.Compute, r.Purchase, r.OthersCompute, r.AffiliateCompute = compute.money(), purchase.money(), others.money(), affiliated.money()
	r.ComputeLegs, r.PurchaseLegs = compute.n, purchase.n
	r.AffiliatedShare = graph.Ratio(r.AffiliateCompute, r.OthersCompute)
	r.Shared = in.InOrder(r.Shared)
	r.Legs = in.InOrder(sorted(slices.Concat(f.Legs, f.Ties)))
	if c, ok := in.View.Snapshot().Chip(f.ID); ok {
		foundry := parts.name(c.FoundryID)
		r.Foundry, r.FoundryFamilies = known(foundry), len(parts.families[foundry])
		for _, id := range c.MemorySupplierIDs {
			if m := parts.name(id); !slices.Contains(r.Memory, m) {
				r.Memory = append(r.Memory, m)
			}
		}
		slices.Sort(r.Memory)
		for _, m := range r.Memory {
			r.MemoryFamilies = append(r.MemoryFamilies, len(parts.families[m]))
		}
	}
	return r
}

// suppliers knows which chip families hang on each foundry and memory supplier.
type suppliers struct {
	name     func(id string) string // the company under rollup, "" for none
	families map[string]map[string]bool
}

func suppliersOf(in queries.Scope) suppliers {
	v := in.View
	s := suppliers{families: map[string]map[string]bool{}, name: func(id string) string {
		if i, ok := v.Vertex(id); ok {
			return v.Companies()[i]
		}
		return ""
	}}
	for _, c := range v.Snapshot().Chips() {
		family := "family " + c.Family
		if c.Family == "" {
			family = "chip " + c.ID // a family of its own
		}
		for _, id := range append([]string{c.FoundryID}, c.MemorySupplierIDs...) {
			supplier := s.name(id)
			if supplier == "" {
				continue
			}
			if s.families[supplier] == nil {
				s.families[supplier] = map[string]bool{}
			}
			s.families[supplier][family] = true
		}
	}
	return s
}

// known is nil for a company that was not reported.
func known(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}

// sorted is the list in byte order without repeats.
func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

func finding(rows []Row, s Summary, p Params, names *snapshot.Snapshot) string {
	if len(rows) == 0 {
		return "There is no chip in the graph."
	}
	have := "none has an independent user"
	if s.Independent > 0 {
		have = queries.Count(s.Independent, "has an independent user", "have an independent user")
	}
	text := fmt.Sprintf("Of %s %s: one outside the maker's group that its funding does not reach in %s.",
		queries.Count(len(rows), "chip", "chips"), have, queries.Count(p.Hops, "hop", "hops"))
	top := rows[0]
	if top.Compute.Cents() == 0 || !top.AffiliatedShare.Known() || top.Maker == nil {
		return text
	}
	maker := names.CompanyName(*top.Maker)
	chip := top.Chip + " of " + maker
	switch c, ok := names.Chip(top.Chip); {
	case ok && strings.HasPrefix(c.Name, maker+" "): // Nvidia GB200
		chip = c.Name
	case ok && c.Name != "":
		chip = c.Name + " of " + maker
	}
	return fmt.Sprintf("%s On %s stand %s of compute; of what firms outside its group pay, %s comes from firms that %s funds.",
		text, chip, top.Compute.Short(), top.AffiliatedShare.Percent(), maker)
}
