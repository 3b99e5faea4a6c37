package graph

import (
	"fmt"
	"slices"
	"strings"
)

// Class groups the kinds of legs by what moves. It is the relationship type of
// a leg in Neo4j.
type Class uint8

// The classes. NoClass is that of an umbrella: shown, never computed with.
const (
	NoClass  Class = iota
	Funds          // capital that the payee can spend
	Pays           // payment for something
	Acquires       // price of ownership, paid to sellers, not to the firm
	Grants         // equity claims given, no cash
	Backs          // credit support, contingent
	Supplies       // goods, chips or chip-hours, no money
)

// AllClasses are the classes in their declared order, without NoClass.
func AllClasses() []Class { return []Class{Funds, Pays, Acquires, Grants, Backs, Supplies} }

var classNames = [...]string{"", "FUNDS", "PAYS", "ACQUIRES", "GRANTS", "BACKS", "SUPPLIES"}

// String is the relationship type: FUNDS, PAYS ...; "" for NoClass.
func (c Class) String() string { return classNames[c] }

// ParseClass reads a class by its name, in either case.
func ParseClass(name string) (Class, error) {
	for c := Funds; c <= Supplies; c++ {
		if strings.EqualFold(name, classNames[c]) {
			return c, nil
		}
	}
	return NoClass, fmt.Errorf("%q is not a class; want one of %s", name, strings.Join(classNames[1:], ", "))
}

// FlowKind is what a leg is: an equity investment, a compute commitment ...
type FlowKind string

// The kinds of legs.
const (
	EquityInvestment       FlowKind = "equity_investment"
	Loan                   FlowKind = "loan"
	ComputeCommitment      FlowKind = "compute_commitment"
	ComputePaymentRealised FlowKind = "compute_payment_realised"
	ChipPurchase           FlowKind = "chip_purchase"
	Lease                  FlowKind = "lease"
	RevenueShare           FlowKind = "revenue_share"
	LicencePayment         FlowKind = "licence_payment"
	GoodsPurchase          FlowKind = "goods_purchase"
	ServicePurchase        FlowKind = "service_purchase"
	Transfer               FlowKind = "transfer"
	Acquisition            FlowKind = "acquisition"
	StakeSale              FlowKind = "stake_sale"
	PurchaseOption         FlowKind = "purchase_option"
	WarrantGrant           FlowKind = "warrant_grant"
	EquityGrant            FlowKind = "equity_grant"
	BackstopGuarantee      FlowKind = "backstop_guarantee"
	Supply                 FlowKind = "supply"
	ChipUsage              FlowKind = "chip_usage"
	Umbrella               FlowKind = "umbrella"
)

// KindInfo tells what a kind of leg means.
type KindInfo struct {
	Kind    FlowKind
	Class   Class
	Promise bool   // a promise to pay, which coverage asks the funding of
	Doc     string // direction and meaning, one sentence
}

var flowKinds = []KindInfo{
	{EquityInvestment, Funds, false, "Investor puts money into a firm for shares of it."},
	{Loan, Funds, false, "Lender lends money to borrower."},
	{ComputeCommitment, Pays, true, "Customer promises to buy computing from a cloud or host."},
	{ComputePaymentRealised, Pays, false, "Customer has paid for computing."},
	{ChipPurchase, Pays, true, "Buyer buys chips from a firm that sells chips."},
	{Lease, Pays, true, "Lessee leases data centres or machines from their owner."},
	{RevenueShare, Pays, false, "Firm passes on a share of its revenue."},
	{LicencePayment, Pays, true, "Licensee pays for the use of rights."},
	{GoodsPurchase, Pays, true, "Buyer buys goods other than chips."},
	{ServicePurchase, Pays, true, "Buyer buys a service other than computing."},
	{Transfer, Pays, false, "A payment of a plain transfer list."},
	{Acquisition, Acquires, false, "Buyer takes over a firm; the price goes to its owners."},
	{StakeSale, Acquires, false, "Buyer pays a holder for shares that it holds."},
	{PurchaseOption, Acquires, false, "Holder of an option may buy ownership."},
	{WarrantGrant, Grants, false, "Issuer grants warrants on its own shares to their holder."},
	{EquityGrant, Grants, false, "Issuer gives its own shares without cash."},
	{BackstopGuarantee, Backs, false, "Guarantor stands behind the obligations of the helped."},
	{Supply, Supplies, false, "Maker supplies goods to a user; no money is meant."},
	{ChipUsage, Supplies, false, "Host or maker lets a user run on a chip; no money is meant."},
	{Umbrella, NoClass, false, "An announced envelope whose parts are other legs."},
}

// FlowKinds are all kinds of legs in their declared order.
func FlowKinds() []KindInfo { return slices.Clone(flowKinds) }

// Info tells what the kind means; false when it is not a kind.
func (k FlowKind) Info() (KindInfo, bool) {
	for _, i := range flowKinds {
		if i.Kind == k {
			return i, true
		}
	}
	return KindInfo{}, false
}

// Class is the class of the kind, NoClass for an umbrella or an unknown kind.
func (k FlowKind) Class() Class {
	i, _ := k.Info()
	return i.Class
}

// Promise tells whether a leg of this kind is a promise to pay.
func (k FlowKind) Promise() bool {
	i, _ := k.Info()
	return i.Promise
}

func flowKindNames() []string {
	names := make([]string, len(flowKinds))
	for i, k := range flowKinds {
		names[i] = string(k.Kind)
	}
	return names
}

// Status is the state of a leg.
type Status string

// The states, from a rumour to an end.
const (
	Talks              Status = "talks"
	LetterOfIntent     Status = "letter_of_intent"
	Signed             Status = "signed"
	PartiallyDisbursed Status = "partially_disbursed"
	Closed             Status = "closed"
	InForce            Status = "in_force"
	Stalled            Status = "stalled"
	Paused             Status = "paused"
	Cancelled          Status = "cancelled"
	Superseded         Status = "superseded"
)

// Statuses are all states in their declared order.
func Statuses() []Status {
	return []Status{Talks, LetterOfIntent, Signed, PartiallyDisbursed, Closed, InForce, Stalled, Paused, Cancelled, Superseded}
}

// Dead tells whether the state ends the leg under every basis that reads
// states: cancelled or superseded.
func (s Status) Dead() bool { return s == Cancelled || s == Superseded }

// Firm tells whether the leg counts under basis signed.
func (s Status) Firm() bool {
	return s == Signed || s == PartiallyDisbursed || s == Closed || s == InForce
}

// What a leg moves.
const (
	MovesCash           = "cash"
	MovesPromisedCash   = "promised_cash"
	MovesContingentCash = "contingent_cash"
	MovesGoods          = "goods_or_service"
	MovesEquityClaim    = "equity_claim"
	MovesCreditSupport  = "credit_support"
)

// Company kinds that rules and analyses ask about.
const (
	KindAggregate   = "aggregate"
	KindChipVendor  = "chip_vendor"
	KindFoundry     = "foundry"
	KindMemoryMaker = "memory_maker"
)
