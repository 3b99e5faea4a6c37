package ingest

import (
	"fmt"
	"slices"
	"strings"

	"roundtrip/graph"
)

// complete fills in the defaults of a leg that depend on other fields and on
// the outcomes of the leg.
func (c *checker) complete(f *graph.Flow) {
	firm := graph.Signed
	if f.Kind == graph.Transfer {
		firm = graph.Closed
		if f.Moves == "" {
			f.Moves = graph.MovesCash
		}
	}
	if f.Status == "" {
		f.Status = firm
	}
	if f.InitialStatus == "" {
		f.InitialStatus = firm
		if _, changes := c.lastState(f.ID); !changes {
			f.InitialStatus = f.Status
		}
	}
}

// lastState is the last outcome of a leg that has a status_after.
func (c *checker) lastState(flow string) (outcomeInfo, bool) {
	for _, o := range slices.Backward(c.outcomes[flow]) {
		if o.after != "" {
			return o, true
		}
	}
	return outcomeInfo{}, false
}

// plainLeg tells whether nothing of a leg matters to other records.
func plainLeg(f *graph.Flow) bool {
	return !pickyKind(f.Kind) && f.DealID == "" && f.ParentFlowID == "" && f.SupersededBy == ""
}

func (c *checker) addFlow(f *graph.Flow, at place, whole bool) {
	i := flowInfo{id: f.ID, deal: f.DealID, parent: f.ParentFlowID, next: f.SupersededBy, from: -1, to: -1, kind: f.Kind, at: at}
	if f.From != "" {
		i.from = c.parties.add(f.From)
		c.parties.state[i.from] |= named
	}
	if f.To != "" {
		i.to = c.parties.add(f.To)
		c.parties.state[i.to] |= named
	}
	if f.DealID != "" {
		c.dealNamed(f.DealID, named)
	}
	if c.transfers.clashes(f.ID) {
		c.fault(at, f.Key().String(), "id", f.ID, IDTwice, "is the id of an earlier flow of the import", "")
	}
	if len(c.deleted) > 0 || !plainLeg(f) {
		c.flowAt[f.ID] = len(c.flows)
		c.flows = append(c.flows, i)
	}
	if !whole {
		return
	}
	given := *f
	c.complete(f)
	key := f.Key().String()
	fault := func(column, value string, code Code, problem string) {
		c.fault(at, key, column, value, code, problem, "")
	}
	amountOrder(f, fault)
	if f.PeriodStart.Known() && f.PeriodEnd.Known() && f.PeriodStart.First() > f.PeriodEnd.Last() {
		fault("period_end", f.PeriodEnd.String(), PeriodOrder, fmt.Sprintf("is before period_start %s", f.PeriodStart))
	}
	if f.StatusAsOf.Known() && f.Announced.Known() && f.StatusAsOf.Last() < f.Announced.First() {
		fault("status_as_of", f.StatusAsOf.String(), StatusDateOrder, fmt.Sprintf("is before announced_date %s", f.Announced))
	}
	if f.From == f.To {
		switch {
		case f.Kind == graph.Transfer:
			c.warnings.add(SelfTransfer, f.ID)
		case f.Kind.Class() != graph.Supplies:
			fault("to", f.To, SelfLeg, "is also the company that the leg comes from")
		}
	}
	if allowed := movesOf(f.Kind); f.Moves != "" && !slices.Contains(allowed, f.Moves) {
		c.fault(at, key, "moves", f.Moves, MovesClass, "does not fit the kind "+string(f.Kind), "want one of "+strings.Join(allowed, ", "))
	}
	c.states(f, &given, at)
	c.soften(f)
}

func amountOrder(f *graph.Flow, fault func(column, value string, c Code, problem string)) {
	low, point, high := f.AmountLow, f.Amount, f.AmountHigh
	if low.Known() && point.Known() && low.Cents() > point.Cents() {
		fault("amount_low_usd", low.String(), AmountOrder, fmt.Sprintf("is above amount_usd %s", point))
	}
	if point.Known() && high.Known() && point.Cents() > high.Cents() {
		fault("amount_high_usd", high.String(), AmountOrder, fmt.Sprintf("is below amount_usd %s", point))
	}
	if low.Known() && high.Known() && !point.Known() && low.Cents() > high.Cents() {
		fault("amount_high_usd", high.String(), AmountOrder, fmt.Sprintf("is below amount_low_usd %s", low))
	}
}

// movesOf are the things that a leg of that kind may move.
func movesOf(k graph.FlowKind) []string {
	money := []string{graph.MovesCash, graph.MovesPromisedCash, graph.MovesContingentCash}
	switch k {
	case graph.ComputePaymentRealised:
		return money[:1]
	case graph.Umbrella:
		return append(money, graph.MovesGoods, graph.MovesEquityClaim, graph.MovesCreditSupport)
	}
	switch k.Class() {
	case graph.Acquires:
		return append(money, graph.MovesEquityClaim)
	case graph.Grants:
		return []string{graph.MovesEquityClaim}
	case graph.Backs:
		return []string{graph.MovesCreditSupport, graph.MovesContingentCash}
	case graph.Supplies:
		return []string{graph.MovesGoods}
	default:
		return money
	}
}

// states compares the states of a leg with its outcomes. given is the leg as
// the file has it, f with defaults. A leg of the batch is faulted at its own
// row, a stored one at the outcome of the batch.
func (c *checker) states(f, given *graph.Flow, at place) {
	list := c.outcomes[f.ID]
	if slices.ContainsFunc(list, func(o outcomeInfo) bool { return o.broken }) || c.blind[graph.OutcomeKind] {
		return
	}
	key := f.Key().String()
	assumed := func(value graph.Status) string {
		if value == "" {
			return "(the cell is empty) "
		}
		return ""
	}
	last, changes := c.lastState(f.ID)
	switch {
	case changes && last.after != f.Status:
		spot, record, problem := at, key, fmt.Sprintf("%sis not the status_after of the last outcome, %s of %s, which is %s", assumed(given.Status), last.id, last.date, last.after)
		if at.file == storeFile && last.at.file != storeFile {
			spot, record = last.at, "outcome/"+last.id
			c.fault(spot, record, "status_after", string(last.after), StatusOutcome, fmt.Sprintf("is not the status of the stored leg %s, which is %s", f.ID, f.Status), "write the leg with its new status in the same import")
			break
		}
		c.fault(spot, record, "status", string(f.Status), StatusOutcome, problem, "")
	case !changes && f.InitialStatus != f.Status:
		c.fault(at, key, "initial_status", string(f.InitialStatus), StatusInitial, fmt.Sprintf("is not the status, %s, and no outcome changes it", f.Status), "")
	}
	for _, o := range list {
		if o.date.Known() && f.Announced.Known() && o.date.Last() < f.Announced.First() && (at.file != storeFile || o.at.file != storeFile) {
			if o.at.file != storeFile {
				c.fault(o.at, "outcome/"+o.id, "date", o.date.String(), OutcomeDateOrder, fmt.Sprintf("is before the leg %s was announced, %s", f.ID, f.Announced), "")
			} else {
				c.fault(at, key, "announced_date", f.Announced.String(), OutcomeDateOrder, fmt.Sprintf("is after the stored outcome %s of %s", o.id, o.date), "")
			}
		}
	}
}

// soften counts the soft rules that a leg breaks.
func (c *checker) soften(f *graph.Flow) {
	if f.Kind == graph.Transfer && len(f.SourceIDs) == 0 {
		if !f.Amount.Known() {
			c.warnings.add(NoAmount, f.ID)
		}
		if !f.Announced.Known() {
			c.warnings.add(UndatedLeg, f.ID)
		}
		return
	}
	switch len(f.SourceIDs) {
	case 0:
		c.warnings.add(NoSource, f.ID)
	case 1:
		c.warnings.add(SingleSource, f.ID)
	}
	if len(f.SourceIDs) > 0 && !slices.ContainsFunc(f.SourceIDs, func(id string) bool { return !c.weak[id] }) {
		c.warnings.add(WeakSources, f.ID)
	}
	if !f.Amount.Known() && !(f.AmountLow.Known() && f.AmountHigh.Known()) {
		c.warnings.add(NoAmount, f.ID)
	}
	if !f.Announced.Known() {
		c.warnings.add(UndatedLeg, f.ID)
	}
	if f.Realised.Cents() > 0 && !f.RealisedAsOf.Known() {
		c.warnings.add(UndatedRealised, f.ID)
	}
	if f.Status == graph.Superseded && f.SupersededBy == "" {
		c.warnings.add(NoSuccessor, f.ID)
	}
	if f.Status != graph.Superseded && f.SupersededBy != "" {
		c.warnings.add(SuccessorOfLive, f.ID)
	}
}
