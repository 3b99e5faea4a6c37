// Package upstream declares the analysis of who hangs on one supplier, through
// how many others.
package upstream

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/algo/absorbing"
)

// Params say on whom, and how far.
type Params struct {
	Targets []string `json:"target" refs:"company" doc:"The suppliers asked about, each alone; all companies of kind foundry, memory_maker and chip_vendor when none is named."`
	K       int      `json:"k" default:"4" min:"1" max:"12" doc:"Largest number of hops of a path to the target."`
}

// Kinds are the kinds of companies that are targets when none is named.
func Kinds() []string {
	return []string{graph.KindFoundry, graph.KindMemoryMaker, graph.KindChipVendor}
}

// Fact is a target or a firm that hangs on it.
type Fact struct {
	Target  string
	Others  int // firms other than the target that depend on some firm; with a target
	Company string
	Path    []string // from the company to the target; empty for a target alone
	Sole    []string // in any order
	Paid    graph.Money
	Share   float64  // of what is paid; with known payments above zero
	Legs    []string // by date, then id
}

// Row is one firm that hangs on one target.
type Row struct {
	Company string        `json:"company" key:"true" title:"Company" type:"company" doc:"A firm with a path of at most k hops to the target."`
	Target  string        `json:"target" key:"true" title:"Target" type:"company" doc:"The supplier."`
	Tier    int           `json:"tier" title:"Tier" doc:"Fewest hops to the target: 1 for a firm that depends on it directly."`
	Sole    []string      `json:"sole" title:"Only through" doc:"Firms, company and target aside, that lie on every path of at most k hops, in byte order."`
	Share   graph.Decimal `json:"share" title:"Of its dollars" doc:"Of each dollar that the company is known to pay for compute or chips, what reaches the target within k hops of such payments; unknown where it is known to pay nothing."`
	Path    []string      `json:"path" title:"A shortest path" type:"path" doc:"The path of fewest hops, ties by ids; each firm depends on the next."`
	Paid    graph.Money   `json:"paid_cents" title:"Pays" detail:"true" doc:"Known amounts that the company pays for compute and chips."`
	Legs    []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The legs along all paths of fewest hops, by date, then id; ties by chips.csv have none."`
}

// Reach is how far one target reaches.
type Reach struct {
	Target  string         `json:"target"`
	Firms   int            `json:"firms"`  // with a path to it
	Others  int            `json:"others"` // firms other than it that depend on anybody
	Ratio   graph.Decimal  `json:"ratio"`  // firms / others
	ByTier  map[string]int `json:"by_tier"`
	Through []Through      `json:"through"`
}

// Through is a firm that stands on every path of some firms to a target.
type Through struct {
	Company string `json:"company"`
	Firms   int    `json:"firms"`
}

// Summary is the reach of each target.
type Summary struct {
	Targets  int     `json:"targets" doc:"Number of targets, those on which nobody hangs included."`
	Firms    int     `json:"firms" doc:"Number of firms that hang on at least one of them."`
	ByTarget []Reach `json:"by_target" title:"By target" doc:"For each target on which some firm hangs, in byte order: firms with a path to it, the number of other firms that depend on anybody, their ratio, firms by tier, and the firms that stand on every path of others, by how many."`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Fact, Row, Summary]{
		Name:     "upstream",
		Title:    "Who hangs on one supplier",
		Question: "How far does everything hang on one supplier?",
		Method: "A firm depends on another when it pays it for compute or chips (compute_commitment, compute_payment_realised, lease, chip_purchase, of whatever amount), when that one supplies it (SUPPLIES: supply, chip_usage), or when it is the vendor of a chip that the other fabricates or supplies with memory (chips.csv, which carries no dates). " +
			"Classes PAYS and SUPPLIES are added to those of the lens. For each target alone, the firms with a path of at most k such hops to it are listed. Tier is the fewest hops; `sole` are the firms on every path of at most k hops, found by taking each away: without them the company would not reach the target within k hops, though perhaps in more. " +
			"Share follows known dollars: each firm on the way spends what it gets on compute and chips in the proportions of its own known payments, a dollar stops at the target, at firms that are not known to pay for compute or chips, or after k hops, and the part that stops at the target is the share (to 1e-12). Ties without dollars carry none, so a foundry that is paid by nobody in the graph has share 0 everywhere. " +
			"A tie says that there is one, not how hard it would be to replace. The analysis is native only: Cypher cannot express paths that every other path must share, nor dollars that divide at each hop.",
		Formula: "tier = fewest hops <= k; sole(B) = firms C, not B or the target, without which no path of <= k hops remains; share(B) = x_k(B), x_0 = 1 at the target and else 0, x_t(target) = 1, x_t(u) = sum w(u to v) x_(t-1)(v) / sum w(u to any)",
		Origin:  "Hop-bounded dominators after R. T. Prosser, Applications of Boolean matrices to the analysis of flow diagrams, 1959; absorbing walk of J. G. Kemeny and J. L. Snell, Finite Markov Chains, 1960.",
		Order:   "target, tier, share descending, unknown last, then company",
		Needs: func(l *graph.Lens) {
			l.Classes = l.Classes.With(graph.Pays, graph.Supplies)
		},
		Native: native,
		Finish: finish,
		Charts: charts,
	})
}

func finish(in queries.Scope, p Params, facts iter.Seq[Fact]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	firms := map[string]bool{}
	others := map[string]int{}
	for f := range facts {
		if f.Path == nil {
			others[f.Target] = f.Others
			continue
		}
		r := Row{Company: f.Company, Target: f.Target, Tier: len(f.Path) - 1, Path: f.Path, Sole: slices.Sorted(slices.Values(f.Sole)), Paid: f.Paid, Legs: f.Legs}
		if f.Paid.Cents() > 0 {
			r.Share = graph.Micro(absorbing.Millionths(f.Share))
		}
		ans.Rows = append(ans.Rows, r)
		firms[f.Company] = true
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Bytes(a.Target, b.Target), a.Tier-b.Tier, queries.DescendingRatio(a.Share, b.Share), queries.Bytes(a.Company, b.Company))
	})
	ans.Summary = Summary{Targets: len(others), Firms: len(firms), ByTarget: reaches(ans.Rows, others)}
	ans.Finding = finding(ans.Summary, p, in.View.Snapshot().CompanyName)
	return ans, nil
}

// reaches counts the rows, which are in order, by target.
func reaches(rows []Row, others map[string]int) []Reach {
	var list []Reach
	for len(rows) > 0 {
		target := rows[0].Target
		r := Reach{Target: target, Others: others[target], ByTier: map[string]int{}}
		through := map[string]int{}
		for ; len(rows) > 0 && rows[0].Target == target; rows = rows[1:] {
			r.Firms++
			r.ByTier[strconv.Itoa(rows[0].Tier)]++
			for _, c := range rows[0].Sole {
				through[c]++
			}
		}
		r.Ratio = graph.Ratio(graph.USD(int64(r.Firms)), graph.USD(int64(r.Others)))
		for _, c := range slices.Sorted(maps.Keys(through)) {
			r.Through = append(r.Through, Through{c, through[c]})
		}
		slices.SortStableFunc(r.Through, func(a, b Through) int { return b.Firms - a.Firms })
		list = append(list, r)
	}
	return list
}

func finding(s Summary, p Params, name func(string) string) string {
	hops := queries.Count(p.K, "hop", "hops")
	if s.Targets == 0 {
		return "There is no company of kind foundry, memory_maker or chip_vendor in the graph, and no other target was named."
	}
	if len(s.ByTarget) == 0 {
		return fmt.Sprintf("Under this lens no firm depends on %s within %s.", map[bool]string{true: "the target", false: "any of the targets"}[s.Targets == 1], hops)
	}
	top := s.ByTarget[0]
	for _, r := range s.ByTarget {
		if r.Firms > top.Firms {
			top = r
		}
	}
	text := fmt.Sprintf("Of %s that %s on others for compute, chips or supplies, %d (%s) %s on %s within %s, %d of them directly",
		queries.Count(top.Others, "firm", "firms"), plural(top.Others, "depends", "depend"), top.Firms, top.Ratio.Percent(), plural(top.Firms, "hangs", "hang"), name(top.Target), hops, top.ByTier["1"])
	if len(top.Through) > 0 {
		t := top.Through[0]
		text += fmt.Sprintf("; for %d every such path leads through %s", t.Firms, name(t.Company))
	}
	return text + "."
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
