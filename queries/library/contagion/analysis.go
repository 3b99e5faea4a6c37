// Package contagion declares the analysis of who falls when a company stops
// paying: what distress reaches, and who can still pay whom.
package contagion

import (
	"roundtrip/graph"
	"roundtrip/queries"
)

// Assets says what companies have beside what they are paid in the graph.
type Assets string

// The choices: enough that all can pay before the shock, or reported money alone.
const (
	Solvent  Assets = "solvent"
	Reported Assets = "reported"
)

// Params choose the shock and what companies can bear.
type Params struct {
	Firm    string        `json:"firm" refs:"company" doc:"The company X that stops paying; without one there is no shock."`
	Shock   graph.Decimal `json:"shock" default:"1" min:"0" max:"1" doc:"How much of its means X loses: 1 is all of them."`
	Horizon graph.Decimal `json:"horizon_years" default:"5" min:"0" max:"100" doc:"So many years of reported revenue stand behind a company."`
	Assets  Assets        `json:"assets" default:"solvent" enum:"solvent,reported" doc:"External assets: solvent takes funding and money from outside the graph, and where that is too little as much as lets the company pay in full before the shock; reported takes funding alone."`
	Cash    bool          `json:"cash" default:"false" doc:"With assets=reported, the latest reported cash counts as well."`
	Rank    bool          `json:"rank" default:"false" doc:"List the DebtRank of every company as X instead of what one shock does."`
}

// Firm is a company with a PAYS edge before any shock.
type Firm struct {
	ID         string
	Owed       graph.Money // zero where it pays nobody, unknown where no amount is known
	Receivable graph.Money // likewise
	Buffer     int64
	BufferFrom string // receipts, or the metric of the revenue
	Revenue    bool   // one is reported
	External   int64
	Assumed    int64    // of External, beyond what is reported
	Legs       []string // by date, then id
}

// Hit is what the shock does to a firm.
type Hit struct {
	Level       float64
	PaidBefore  int64 // cents, each figure rounded by itself
	PaidAfter   int64
	Loss        int64
	Recovery    graph.Decimal
	Short       bool // pays less than it owes after the shock
	ShortBefore bool
}

// Impact is the DebtRank of one firm.
type Impact struct {
	DR     float64
	Rounds int
}

// Solution is the one fact.
type Solution struct {
	Firms []Firm // by id
	X     string // id of the company that is hit, "" for none
	// Hits are by firm; nil when firms are ranked.
	Hits []Hit
	// Ranked is by firm; nil when they are not ranked.
	Ranked     []float64
	OfX        Impact // zero without a firm
	Endless    bool   // the rounds of X were ended, and levels taken from their limit
	Receipts   int64
	PaidBefore int64 // sums, rounded once
	PaidAfter  int64
	Loss       int64
	Exact      bool
	Unknown    int // edges that count as zero
}

// Row is one firm.
type Row struct {
	Company    string        `json:"company" key:"true" title:"Company" type:"company" doc:"A company that pays or is paid."`
	H          graph.Decimal `json:"h" title:"Distress" when:"!rank" doc:"Its level of distress h at the end, from 0 to 1; null when rank is true."`
	Owed       graph.Money   `json:"owed_cents" title:"Owes" doc:"Known amounts of its PAYS edges out: what it owes others."`
	PaidBefore graph.Money   `json:"paid_before_cents" title:"Pays before" when:"!rank" doc:"What it pays in the greatest clearing vector without the shock."`
	PaidAfter  graph.Money   `json:"paid_after_cents" title:"Pays after" when:"!rank" doc:"What it pays with the shock."`
	Loss       graph.Money   `json:"loss_cents" title:"Loses" when:"!rank" doc:"Receipts before less receipts after the shock; of X itself, what others no longer pay it."`
	Recovery   graph.Decimal `json:"recovery" title:"Recovery" when:"!rank" doc:"The part of what it owes that it pays after the shock; null where it owes nothing known."`
	DR         graph.Decimal `json:"dr" title:"DebtRank" when:"rank" doc:"DebtRank of the company as X; null unless rank is true."`
	Shortfall  graph.Money   `json:"shortfall_cents" title:"Short by" when:"!rank" detail:"true" doc:"What it owes less what it pays after the shock."`
	Receivable graph.Money   `json:"receivable_cents" title:"Is owed" doc:"Known amounts of its PAYS edges in: tracked receipts."`
	Buffer     graph.Money   `json:"buffer_cents" title:"Buffer" doc:"What it can lose until its distress is 1: the larger of tracked receipts and horizon_years of reported revenue."`
	BufferFrom string        `json:"buffer_from" title:"Buffer from" detail:"true" doc:"What the buffer is: receipts, or the metric of the revenue (revenue_annual, revenue_run_rate)."`
	External   graph.Money   `json:"external_cents" title:"External assets" when:"!rank" doc:"What it has beside receipts, before the shock."`
	Assumed    graph.Money   `json:"assumed_cents" title:"Of that assumed" when:"!rank" doc:"The part of the external assets that nobody reported: as much as it needs to pay in full before the shock."`
	Legs       []string      `json:"legs" title:"Legs" type:"legs" detail:"true" doc:"Its PAYS legs and the funding it receives, by date, then id."`
}

// Summary is the network as a whole.
type Summary struct {
	DR              graph.Decimal `json:"dr" title:"DebtRank" doc:"The part of all receipts that the distress caused by X stands for; 0 without a shock, null when all are ranked and no firm is given."`
	Rounds          *int          `json:"rounds" type:"count" doc:"Rounds in which the distress of some company moved by 1e-12 or more; null when all are ranked and no firm is given."`
	Firm            *string       `json:"firm" type:"company" doc:"The company X, null without one."`
	Firms           int           `json:"firms" title:"Companies" doc:"Number of companies that pay or are paid."`
	Distressed      *int          `json:"distressed" title:"Distressed" type:"count" doc:"Companies other than X with distress above 0; null when rank is true."`
	Losers          *int          `json:"losers" title:"Losing receipts" type:"count" doc:"Companies that lose receipts through the shock; null when rank is true."`
	DefaultsBefore  *int          `json:"defaults_before" title:"Cannot pay before" type:"count" doc:"Companies that pay less than they owe without the shock; null when rank is true."`
	DefaultsAfter   *int          `json:"defaults_after" title:"Cannot pay after" type:"count" doc:"Companies that pay less than they owe with the shock, X included; null when rank is true."`
	Fallen          []string      `json:"fallen" title:"Fall with X" doc:"Companies other than X that pay in full before the shock and not after it, in the order of the rows."`
	Receipts        graph.Money   `json:"receipts_cents" title:"All receipts" doc:"Known amounts of all PAYS edges."`
	PaidBefore      graph.Money   `json:"paid_before_cents" title:"Paid before" doc:"Sum of all payments without the shock; null when rank is true."`
	PaidAfter       graph.Money   `json:"paid_after_cents" title:"Paid after" doc:"Sum of all payments with the shock; null when rank is true."`
	Loss            graph.Money   `json:"loss_cents" title:"Lost" doc:"Receipts that all lose together through the shock; null when rank is true."`
	Assumed         graph.Money   `json:"assumed_cents" title:"Assumed assets" doc:"External assets that nobody reported, of all companies together; null when rank is true."`
	WithoutRevenue  int           `json:"without_revenue" title:"Without reported revenue" doc:"Companies of which no revenue is reported: their buffer is their tracked receipts."`
	ExactToTheCents bool          `json:"exact" title:"Exact" doc:"Payments are exact fractions, rounded half up to a cent at the end; when false, some were found in floating point."`
}

// Codes of warnings.
const (
	UnknownAsZero = "unknown_as_zero"
	AssumedAssets = "assumed_assets"
	NoRevenue     = "no_reported_revenue"
	CashNotUsed   = "cash_not_used"
	NotExact      = "payments_not_exact"
	ManyRounds    = "many_rounds"
)

// Analysis is the declaration.
func Analysis() *queries.Analysis {
	return queries.Declare(queries.Definition[Params, Solution, Row, Summary]{
		Name:     "contagion",
		Title:    "Contagion",
		Question: "Who falls when a company stops paying?",
		Method: "Two measures of one shock to a company X, both over PAYS edges as what the payer owes the payee, due at once and in full whatever its years; an edge of unknown amount counts as zero. " +
			"DebtRank: a payee's distress h rises by the rise of each payer's distress times what that payer pays it divided by its buffer (at most 1), up to 1, round by round until no h moves by 1e-12; rankings, and spreads that still move after 10,000 rounds, take what the rounds come to in the end, solved for directly (to 2,000 companies). " +
			"The buffer is assumed to be the larger of tracked receipts and horizon_years of the revenue that the company itself reports (annual, else run rate); without a reported revenue it is the receipts alone. DR weighs the distress that X causes by shares of all receipts. " +
			"Clearing: each company pays in full where its external assets and what it is paid suffice, and else all that it has, in proportion to what it owes; of all such payments the greatest are taken, once without and once with the shock, which leaves X only 1 - shock of its external assets and receipts. " +
			"External assets are assumptions, and each row shows them: with assets=solvent the funding that the company receives (FUNDS, with GRANTS where the lens has them) and horizon_years of revenue beyond tracked receipts, or, where that is too little, as much as lets it pay in full before the shock; with assets=reported its funding, and with cash=true its reported cash, alone. " +
			"Payments are exact fractions and every figure is rounded half up to a cent by itself; only where more than 40 companies in default owe each other in turn are they found in floating point, and then exact is false. " +
			"Dates of payment, other debts, other income, seniority and what companies would do about it are left out. " +
			"The analysis is native only: Cypher cannot express a fixed point.",
		Formula: "L(i,j) = min(1, Buy(j->i) / buffer(i)); h_i(t+1) = min(1, h_i(t) + sum_j L(i,j) (h_j(t) - h_j(t-1))), h_X(0) = shock; DR = sum_i v(i) h_i - v(X) shock; " +
			"p(j) = min(owed(j), e(j) + sum_k p(k) Buy(k->j) / owed(k)), of X times 1 - shock; recovery = p / owed",
		Origin: "S. Battiston et al., DebtRank: Too Central to Fail?, 2012, in the linear form of M. Bardoscia et al., DebtRank: A Microscopic Foundation for Shock Propagation, 2015; " +
			"L. Eisenberg and T. H. Noe, Systemic Risk in Financial Systems, 2001.",
		Order:   "loss of receipts descending, with rank DebtRank descending; then company",
		Example: queries.Args{"firm": "openai"},
		Native:  native,
		Finish:  finish,
		Charts:  charts,
	})
}
