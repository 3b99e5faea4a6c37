package graphgen

import (
	"cmp"
	"fmt"
	"slices"

	"roundtrip/graph"
)

// generator keeps what later records refer to.
type generator struct {
	chooser
	options   Options
	records   []graph.Record
	companies []*graph.Company
	chips     []string
	sources   []string
	deals     []string
	legs      []*graph.Flow
}

func generate(c chooser, o Options) []graph.Record {
	g := &generator{chooser: c, options: o}
	if !o.Plain {
		g.addSources()
	}
	for i := range o.Companies {
		g.addCompany(i)
	}
	if !o.Plain {
		g.addChips()
		g.addDeals()
	}
	var outcomes []graph.Record
	for i := range o.Legs {
		f, events := g.leg(i)
		g.legs = append(g.legs, f)
		g.records = append(g.records, f)
		for _, e := range events {
			outcomes = append(outcomes, e)
		}
	}
	g.records = append(g.records, outcomes...)
	if !o.Plain {
		g.addMetrics()
	}
	return g.records
}

func (g *generator) addSources() {
	for i := range g.below(4) {
		s := &graph.Source{
			ID: fmt.Sprintf("s%d", i), Publisher: "Paper", Tier: pick(g.chooser, "primary", "established", "trade", "aggregator", "blog"),
			URL: fmt.Sprintf("https://example.org/%d", i), Date: g.date(), Title: pick(g.chooser, "", "A deal", "Ein Geschäft, \"gemeldet\""),
		}
		g.sources = append(g.sources, s.ID)
		g.records = append(g.records, s)
	}
}

// The first ids are awkward: case twins, digits whose byte order is not their
// number's, letters beyond ASCII.
var companyIDs = [...]string{"b", "B", "a", "c10", "c2", "é", "z-1", "z.1"}

func companyID(i int) string {
	if i < len(companyIDs) {
		return companyIDs[i]
	}
	return fmt.Sprintf("n%d", i)
}

func (g *generator) addCompany(i int) {
	c := &graph.Company{ID: companyID(i)}
	if !g.options.Plain {
		c.Name = "Firm " + c.ID
		c.Kind = pick(g.chooser, "ai_lab", "hyperscaler", "chip_vendor", "neocloud", "investor", "foundry", "financier", "memory_maker", "", graph.KindAggregate)
		c.Country = pick(g.chooser, "", "US", "DE")
		c.SourceIDs = g.some(g.sources, 2)
		parents := slices.DeleteFunc(slices.Clone(g.companies), (*graph.Company).Aggregate)
		if !c.Aggregate() && len(parents) > 0 && g.oneIn(3) {
			c.ParentID = parents[g.below(len(parents))].ID
		}
	}
	g.companies = append(g.companies, c)
	g.records = append(g.records, c)
}

func (g *generator) addChips() {
	for i := range g.below(4) {
		c := &graph.Chip{
			ID: fmt.Sprintf("x%d", i), Name: fmt.Sprintf("Chip %d", i), VendorID: g.anyCompany().ID, FoundryID: pick(g.chooser, "", g.anyCompany().ID),
			MemorySupplierIDs: g.some(g.companyIDs(), 2), UserIDs: g.some(g.companyIDs(), 2), SourceIDs: g.some(g.sources, 1),
			MainWorkload: pick(g.chooser, "", "training", "inference_led"),
		}
		g.chips = append(g.chips, c.ID)
		g.records = append(g.records, c)
	}
}

func (g *generator) addDeals() {
	for i := range g.below(4) {
		d := &graph.Deal{ID: fmt.Sprintf("d%d", i), Title: fmt.Sprintf("Deal %d", i), SourceIDs: g.some(g.sources, 2)}
		g.deals = append(g.deals, d.ID)
		g.records = append(g.records, d)
	}
}

func (g *generator) addMetrics() {
	for i := range g.below(6) {
		m := &graph.Metric{
			ID: fmt.Sprintf("m%d", i), CompanyID: g.anyCompany().ID, Metric: pick(g.chooser, "revenue_annual", "revenue_run_rate", "cash", "free_cash_flow"),
			Value: graph.Micro(int64(g.below(2_000_000)-500_000) * 1_000_000), Unit: "USD", AsOf: g.date(), SourceIDs: g.some(g.sources, 1),
		}
		if g.oneIn(4) {
			m.Metric, m.Value, m.Unit = pick(g.chooser, "rpo_share_of_customer", "revenue_share_of_customer"), graph.Micro(int64(g.below(1_000_001))), "fraction"
			m.Counterparty = g.anyCompany().ID
		}
		g.records = append(g.records, m)
	}
}

func (g *generator) anyCompany() *graph.Company { return g.companies[g.low(len(g.companies))] }

func (g *generator) companyIDs() []string {
	ids := make([]string, len(g.companies))
	for i, c := range g.companies {
		ids[i] = c.ID
	}
	return ids
}

// first and span are the days that the dates of a graph lie in: 2024 to 2026.
const (
	first = graph.Day(19723)
	span  = 1096
)

// date has any precision; once in a while there is none.
func (g *generator) date() graph.Date { return g.dateFrom(first) }

// dateFrom has any precision, and a first day not before the given one.
func (g *generator) dateFrom(earliest graph.Day) graph.Date {
	if g.oneIn(10) {
		return graph.Date{}
	}
	return g.dated(earliest)
}

// dated is dateFrom and always a date. Few days are in use, so that dates tie.
func (g *generator) dated(earliest graph.Day) graph.Date {
	day := graph.Day(int(first) + g.below(span/30)*30)
	if day < earliest {
		day = earliest + graph.Day(g.below(4)*15)
	}
	text := day.String()
	rough := pick(g.chooser, text, text, text[:7], text[:4], text+"T12:30:00.250Z")
	d, err := graph.ParseDate(rough)
	if err != nil || d.First() < earliest {
		return graph.On(day)
	}
	return d
}

// outcomesByDate orders events by date, then id.
func outcomesByDate(x, y *graph.Outcome) int {
	return cmp.Or(x.Date.Compare(y.Date), cmp.Compare(x.ID, y.ID))
}
