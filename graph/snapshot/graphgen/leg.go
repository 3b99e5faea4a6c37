package graphgen

import (
	"fmt"
	"slices"

	"roundtrip/graph"
)

// legIDs begin with ids whose byte order is neither their number's nor their
// order of making.
func legID(i int) string {
	switch i % 7 {
	case 3:
		return fmt.Sprintf("F%d", i)
	case 5:
		return fmt.Sprintf("f0%d", i)
	case 6:
		return fmt.Sprintf("é%d", i)
	}
	return fmt.Sprintf("f%d", i)
}

// leg makes one leg and its outcomes.
func (g *generator) leg(i int) (*graph.Flow, []*graph.Outcome) {
	f := &graph.Flow{ID: legID(i), Announced: g.date()}
	if g.options.Plain || g.oneIn(8) {
		g.transfer(f)
		return f, nil
	}
	g.kindAndParties(f)
	g.amounts(f)
	g.terms(f)
	f.InitialStatus = pick(g.chooser, graph.Signed, graph.Closed, graph.Talks, graph.LetterOfIntent, graph.PartiallyDisbursed,
		graph.InForce, graph.Stalled, graph.Paused, graph.Cancelled, graph.Superseded)
	events := g.events(f, i)
	f.Status = f.InitialStatus
	for _, o := range events {
		if o.StatusAfter != "" {
			f.Status = o.StatusAfter
		}
	}
	if len(g.legs) > 0 {
		if g.oneIn(3) {
			f.ParentFlowID = g.legs[g.below(len(g.legs))].ID
		}
		if f.Status == graph.Superseded && g.oneIn(2) {
			f.SupersededBy = g.legs[g.below(len(g.legs))].ID
		}
	}
	return f, events
}

// transfer makes the leg one of a plain transfer list.
func (g *generator) transfer(f *graph.Flow) {
	f.Kind, f.Moves, f.InitialStatus, f.Status = graph.Transfer, graph.MovesCash, graph.Closed, graph.Closed
	f.From, f.To = g.anyCompany().ID, g.anyCompany().ID
	f.Amount = g.amount()
}

func (g *generator) kindAndParties(f *graph.Flow) {
	kinds := []graph.FlowKind{
		graph.EquityInvestment, graph.ComputeCommitment, graph.Loan, graph.ComputePaymentRealised, graph.ChipPurchase, graph.Lease,
		graph.RevenueShare, graph.LicencePayment, graph.GoodsPurchase, graph.ServicePurchase,
	}
	if !g.options.Money {
		kinds = append(kinds, graph.Acquisition, graph.StakeSale, graph.PurchaseOption, graph.WarrantGrant, graph.EquityGrant, graph.BackstopGuarantee,
			graph.Supply, graph.ChipUsage, graph.Umbrella)
	}
	f.Kind = pick(g.chooser, kinds...)
	payer := g.anyCompany()
	payee := g.anyCompany()
	mayBeSelf := f.Kind == graph.Supply || f.Kind == graph.ChipUsage
	if payer == payee && !mayBeSelf {
		payee = g.other(payer)
	}
	if payer == payee && !mayBeSelf {
		f.Kind = graph.ChipUsage // a graph of one company
	}
	if f.Kind == graph.ChipPurchase && !sellsChips(payee) || f.Kind.Class() == graph.Grants && !issues(payer) {
		f.Kind = graph.ComputeCommitment
	}
	f.From, f.To = payer.ID, payee.ID
	f.Moves = g.moves(f.Kind)
	// A deal would have to say which way its warrants point.
	if len(g.deals) > 0 && f.Kind.Class() != graph.Grants && g.oneIn(2) {
		f.DealID = g.deals[g.below(len(g.deals))]
	}
}

// other is the company after the given one.
func (g *generator) other(c *graph.Company) *graph.Company {
	return g.companies[(slices.Index(g.companies, c)+1)%len(g.companies)]
}

func sellsChips(c *graph.Company) bool {
	return slices.Contains([]string{graph.KindChipVendor, graph.KindFoundry, graph.KindMemoryMaker, graph.KindAggregate, ""}, c.Kind)
}

func issues(c *graph.Company) bool {
	return slices.Contains([]string{"ai_lab", "hyperscaler", graph.KindChipVendor, "neocloud", graph.KindFoundry}, c.Kind)
}

// moves is what a leg of the kind may move.
func (g *generator) moves(k graph.FlowKind) string {
	switch k {
	case graph.EquityInvestment, graph.Loan, graph.ChipPurchase, graph.Lease:
		return pick(g.chooser, graph.MovesCash, graph.MovesPromisedCash, graph.MovesContingentCash)
	case graph.ComputeCommitment:
		return graph.MovesPromisedCash
	case graph.Acquisition, graph.StakeSale:
		return graph.MovesEquityClaim
	case graph.PurchaseOption:
		return graph.MovesContingentCash
	case graph.WarrantGrant, graph.EquityGrant:
		return graph.MovesEquityClaim
	case graph.BackstopGuarantee:
		return graph.MovesCreditSupport
	case graph.Supply, graph.ChipUsage, graph.Umbrella:
		return graph.MovesGoods
	}
	return graph.MovesCash
}

// amount is unknown one time in six, and sometimes a known zero, a few cents, or
// very large.
func (g *generator) amount() graph.Money {
	switch g.below(6) {
	case 5:
		return graph.Money{}
	case 4:
		return graph.USD(pick(g.chooser, int64(0), 1, 7, 333, graph.MaxCents))
	}
	return graph.USD(int64(1+g.below(400)) * 123_456_789)
}

// amounts keeps low <= point <= high. The point may be left out, and either end
// of the range.
func (g *generator) amounts(f *graph.Flow) {
	f.Amount = g.amount()
	f.Qualifier = pick(g.chooser, "exact", "up_to", "approx", "range", "")
	if !f.Amount.Known() && g.oneIn(2) {
		f.Qualifier = "unreported"
		return
	}
	if g.oneIn(3) {
		f.AmountLow = graph.USD(int64(g.below(5)) * f.Amount.Cents() / 4)
		if !f.Amount.Known() {
			f.AmountLow = graph.USD(int64(g.below(1000)) * 1_000_001)
		}
	}
	if g.oneIn(3) {
		f.AmountHigh = graph.USD(min(graph.MaxCents, max(f.Amount.Cents(), f.AmountLow.Cents())+int64(g.below(1000))*1_000_003))
	}
	if f.Qualifier == "range" && f.AmountLow.Known() && f.AmountHigh.Known() && g.oneIn(2) {
		f.Amount = graph.Money{}
	}
}

// figure is what had moved by some day: at most the amount, where that is known.
func (g *generator) figure(f *graph.Flow) graph.Money {
	switch g.below(4) {
	case 0:
		return graph.USD(0)
	case 1:
		if least := f.AmountLow; least.Known() {
			return least
		}
		return graph.USD(0)
	}
	if !f.Amount.Known() {
		return graph.USD(min(int64(1+g.below(50))*1_000_007, max(1, f.AmountHigh.Cents())))
	}
	return graph.USD(f.Amount.Cents() / int64(1+g.below(4)))
}

func (g *generator) terms(f *graph.Flow) {
	f.Overlaps = g.oneIn(6)
	if g.oneIn(4) {
		f.PeriodStart = g.dateFrom(first)
		f.PeriodEnd = g.dateFrom(f.PeriodStart.First())
	}
	if g.oneIn(4) {
		f.Realised, f.RealisedAsOf = g.figure(f), g.date()
	}
	if g.oneIn(3) {
		f.CapacityGW = graph.Micro(int64(g.below(10_000)) * 1000)
	}
	f.Workload = pick(g.chooser, "", "training", "inference", "training_and_inference")
	f.Chips = g.some(g.chips, 2)
	f.SourceIDs = g.some(g.sources, 2)
	f.Confidence = pick(g.chooser, "high", "medium", "low", "")
	f.Description = pick(g.chooser, "", "Reported.", "Zwei Zeilen,\n\"so\" gemeldet; später mehr.")
}

// events are the outcomes of a leg in order of date, then id; several may fall
// on one day, some change the state, some report what was paid.
func (g *generator) events(f *graph.Flow, leg int) []*graph.Outcome {
	if !g.oneIn(2) {
		return nil
	}
	var list []*graph.Outcome
	earliest := max(first, f.Announced.First())
	for k := range 1 + g.below(3) {
		o := &graph.Outcome{
			ID: fmt.Sprintf("o%d.%d", leg, k), FlowID: f.ID, Date: g.dated(earliest), Event: "reaffirmed", Confidence: pick(g.chooser, "high", ""),
			SourceIDs: g.some(g.sources, 1),
		}
		if g.oneIn(2) {
			o.StatusAfter = pick(g.chooser, graph.Statuses()...)
		}
		if g.oneIn(2) {
			o.PaidToDate = g.figure(f)
		}
		if g.oneIn(3) {
			o.Amount = g.amount()
		}
		list = append(list, o)
	}
	slices.SortFunc(list, outcomesByDate)
	return list
}
