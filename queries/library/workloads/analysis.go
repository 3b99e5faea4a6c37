// Package workloads declares the analysis of what bought computing is for:
// training, inference, both or unknown.
package workloads

import (
	_ "embed"
	"fmt"
	"iter"
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/library/vendors"
)

//go:embed query.cypher
var text string

// Params has no parameters beside the lens.
type Params struct{}

// Leg is the fact: one leg of the scope.
type Leg struct {
	Customer string      `json:"customer"`
	Vendor   string      `json:"vendor"`
	Workload string      `json:"workload"` // training, inference, training_and_inference, or ""
	ID       string      `json:"leg"`
	Amount   graph.Money `json:"amount_cents"`
}

// Side tells whether a company is looked at as a customer or as a vendor.
type Side string

// The sides.
const (
	Customer Side = "customer"
	Vendor   Side = "vendor"
)

// Row is one company on one side.
type Row struct {
	Side           Side          `json:"side" key:"true" title:"Side" doc:"Whether the company pays (customer) or is paid (vendor)."`
	Company        string        `json:"company" key:"true" title:"Company" type:"company" doc:"The customer or the vendor."`
	Training       graph.Money   `json:"training_cents" title:"Training" doc:"Legs for training only."`
	Inference      graph.Money   `json:"inference_cents" title:"Inference" doc:"Legs for inference only."`
	Both           graph.Money   `json:"both_cents" title:"Both" doc:"Legs for training and inference; how they divide was not reported."`
	Unknown        graph.Money   `json:"unknown_cents" title:"Workload unknown" doc:"Legs whose workload was not reported."`
	Total          graph.Money   `json:"total_cents" title:"Total" doc:"Known amounts of the company's legs in the scope on this side."`
	TrainingShare  graph.Decimal `json:"training_share" title:"Training share" doc:"Training divided by the total."`
	InferenceShare graph.Decimal `json:"inference_share" title:"Inference share" doc:"Inference divided by the total."`
	BothShare      graph.Decimal `json:"both_share" title:"Share of both" doc:"Both divided by the total."`
	UnknownShare   graph.Decimal `json:"unknown_share" title:"Unknown share" doc:"Workload unknown divided by the total."`
	NoAmount       int           `json:"n_unknown_legs" title:"Amounts unknown" doc:"Legs of which no amount is known; they count in no dollar column."`
	Legs           []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"The legs, by date, then id."`
}

// Summary adds up all legs, each once.
type Summary struct {
	Totals Totals `json:"totals" doc:"Sums over all legs of the scope, each leg once."`
}

// Totals are the dollars and shares of all legs.
type Totals struct {
	Training       graph.Money   `json:"training_cents"`
	Inference      graph.Money   `json:"inference_cents"`
	Both           graph.Money   `json:"both_cents"`
	Unknown        graph.Money   `json:"unknown_cents" title:"workload unknown"`
	Total          graph.Money   `json:"total_cents"`
	TrainingShare  graph.Decimal `json:"training_share"`
	InferenceShare graph.Decimal `json:"inference_share"`
	BothShare      graph.Decimal `json:"both_share"`
	UnknownShare   graph.Decimal `json:"unknown_share"`
	NoAmount       int           `json:"n_unknown_legs" title:"amounts unknown"`
}

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Leg, Row, Summary]{
		Name:     "workloads",
		Title:    "Training and inference",
		Question: "How much of the computing that is bought is for training, how much for inference?",
		Method: "PAYS legs of scope compute (compute_commitment, compute_payment_realised, lease) and chips (chip_purchase) are added up by the workload that their sources report: training, inference, both, or unknown. " +
			"Every leg counts in full in one of the four, once for its customer and once for its vendor; a leg for both is not divided, because no source says how. " +
			"A share is a workload's known amount divided by the company's known amounts on that side; legs of unknown amount are counted beside the dollars. " +
			"What a chip is mainly made for is not taken as the workload of a leg, and margins are not in the graph.",
		Formula: "share of a workload = dollars of legs with that workload / dollars of all legs",
		Origin:  "The definition is that of this project.",
		Order:   "side (customer, vendor), total descending, unknown last, then company",
		Native:  native,
		Twin: &queries.Twin[Params, Leg]{Text: text, Shown: shown, Args: func(queries.Scope, Params) map[string]any {
			var kinds []string
			for _, k := range scope() {
				kinds = append(kinds, string(k))
			}
			return map[string]any{"scope_kinds": kinds}
		}},
		Finish: finish,
		Charts: charts,
	})
}

// scope is the kinds of legs that buy computing or chips.
func scope() []graph.FlowKind {
	return slices.Concat(vendors.Scope("compute").Kinds(), vendors.Scope("chips").Kinds())
}

// workloads are the values of a leg in the order of the columns.
var workloads = [...]string{"training", "inference", "training_and_inference", ""}

// book adds up the legs of one company on one side. An empty sum is zero, a sum
// of unknown terms only is unknown.
type book struct {
	sum      [len(workloads)]graph.Money
	met      [len(workloads)]bool
	noAmount int
	legs     []string
}

func (b *book) add(l Leg) {
	i := slices.Index(workloads[:], l.Workload)
	if i < 0 { // an import refuses any other word
		i = len(workloads) - 1
	}
	b.sum[i], b.met[i] = b.sum[i].Plus(l.Amount), true
	b.legs = append(b.legs, l.ID)
	if !l.Amount.Known() {
		b.noAmount++
	}
}

func (b *book) totals() Totals {
	var total graph.Money
	sum := b.sum
	for i := range sum {
		total = total.Plus(sum[i])
		if !b.met[i] {
			sum[i] = graph.USD(0)
		}
	}
	if len(b.legs) == 0 {
		total = graph.USD(0)
	}
	return Totals{
		Training: sum[0], Inference: sum[1], Both: sum[2], Unknown: sum[3], Total: total,
		TrainingShare: graph.Ratio(sum[0], total), InferenceShare: graph.Ratio(sum[1], total),
		BothShare: graph.Ratio(sum[2], total), UnknownShare: graph.Ratio(sum[3], total), NoAmount: b.noAmount,
	}
}

func finish(in queries.Scope, _ Params, facts iter.Seq[Leg]) (queries.Answer[Row, Summary], error) {
	ans := queries.Answer[Row, Summary]{Legs: func(r Row) []string { return r.Legs }}
	type at struct {
		side    Side
		company string
	}
	books := map[at]*book{}
	var all book
	for l := range facts {
		all.add(l)
		for _, k := range [...]at{{Customer, l.Customer}, {Vendor, l.Vendor}} {
			if books[k] == nil {
				books[k] = &book{}
			}
			books[k].add(l)
		}
	}
	for k, b := range books {
		t := b.totals()
		ans.Rows = append(ans.Rows, Row{
			Side: k.side, Company: k.company, Training: t.Training, Inference: t.Inference, Both: t.Both, Unknown: t.Unknown, Total: t.Total,
			TrainingShare: t.TrainingShare, InferenceShare: t.InferenceShare, BothShare: t.BothShare, UnknownShare: t.UnknownShare,
			NoAmount: t.NoAmount, Legs: in.InOrder(b.legs),
		})
	}
	slices.SortFunc(ans.Rows, func(a, b Row) int {
		return queries.Order(queries.Bytes(string(a.Side), string(b.Side)), queries.Descending(a.Total, b.Total), queries.Bytes(a.Company, b.Company))
	})
	ans.Summary.Totals = all.totals()
	ans.Finding = finding(ans.Summary.Totals, len(all.legs))
	return ans, nil
}

func finding(t Totals, legs int) string {
	switch {
	case legs == 0:
		return "Under this lens no company buys computing or chips."
	case !t.Total.Known():
		return fmt.Sprintf("%s for computing or chips, none of known amount.", queries.Count(legs, "leg pays", "legs pay"))
	}
	text := fmt.Sprintf("Of the %s paid or promised for computing and chips, %s (%s) is for training, %s (%s) for inference and %s (%s) for both; of %s (%s) the workload is not reported.",
		t.Total.Short(), short(t.Training), share(t.TrainingShare), short(t.Inference), share(t.InferenceShare), short(t.Both), share(t.BothShare), short(t.Unknown), share(t.UnknownShare))
	if t.NoAmount > 0 {
		text += fmt.Sprintf(" %s of unknown amount.", queries.Count(t.NoAmount, "leg more is", "legs more are"))
	}
	return text
}

// short is an amount in a sentence, where one that is not known is said in words.
func short(m graph.Money) string {
	if !m.Known() {
		return "an unknown amount"
	}
	return m.Short()
}

func share(d graph.Decimal) string {
	if !d.Known() {
		return "unknown share"
	}
	return d.Percent()
}
