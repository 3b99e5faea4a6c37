package graph

// The declarations of all records. This is the one place where a field is
// described; CSV, JSON, stores, hashes and the data dictionary follow it.
var schema = [...][]Field{
	SourceKind: {
		{Name: "id", Type: IDField, Required: true, Doc: "Id of the page.", ref: as(func(r *Source) any { return &r.ID })},
		{Name: "publisher", Doc: "Who published it.", ref: as(func(r *Source) any { return &r.Publisher })},
		{Name: "tier", Allowed: []string{"primary", "established", "trade", "aggregator", "blog"}, Doc: "How close to the facts: a filing or statement of a party is primary.", ref: as(func(r *Source) any { return &r.Tier })},
		{Name: "url", Doc: "Address of the page.", ref: as(func(r *Source) any { return &r.URL })},
		{Name: "date", Type: DateField, Doc: "Date of the page.", ref: as(func(r *Source) any { return &r.Date })},
		{Name: "title", Doc: "What the page says, in few words.", ref: as(func(r *Source) any { return &r.Title })},
	},
	CompanyKind: {
		{Name: "id", Type: IDField, Required: true, Doc: "Slug, case-sensitive.", ref: as(func(r *Company) any { return &r.ID })},
		{Name: "name", Doc: "Name as people write it.", ref: as(func(r *Company) any { return &r.Name })},
		{Name: "kind", Doc: "ai_lab, hyperscaler, neocloud, chip_vendor, foundry, memory_maker, investor, financier ...; aggregate stands for unnamed parties.", ref: as(func(r *Company) any { return &r.Kind })},
		{Name: "country", Doc: "Two letters.", ref: as(func(r *Company) any { return &r.Country })},
		{Name: "ticker", Doc: "Stock ticker.", ref: as(func(r *Company) any { return &r.Ticker })},
		{Name: "aliases", Type: ListField, Doc: "Other names.", ref: as(func(r *Company) any { return &r.Aliases })},
		{Name: "parent_id", Type: IDField, Refs: CompanyKind, Doc: "The firm that this is a part of, the same for all dates.", ref: as(func(r *Company) any { return &r.ParentID })},
		{Name: "source_ids", Type: ListField, Refs: SourceKind, Doc: "Pages.", ref: as(func(r *Company) any { return &r.SourceIDs })},
		{Name: "note", Doc: "Free text.", ref: as(func(r *Company) any { return &r.Note })},
	},
	ChipKind: {
		{Name: "id", Type: IDField, Required: true, Doc: "Slug.", ref: as(func(r *Chip) any { return &r.ID })},
		{Name: "name", Doc: "Name as people write it.", ref: as(func(r *Chip) any { return &r.Name })},
		{Name: "family", Doc: "Product line.", ref: as(func(r *Chip) any { return &r.Family })},
		{Name: "vendor_id", Type: IDField, Refs: CompanyKind, Doc: "The maker: whose chip it is.", ref: as(func(r *Chip) any { return &r.VendorID })},
		{Name: "designer_id", Type: IDField, Refs: CompanyKind, Doc: "Who designs it.", ref: as(func(r *Chip) any { return &r.DesignerID })},
		{Name: "codesigner_ids", Type: ListField, Refs: CompanyKind, Doc: "Who helps to design it.", ref: as(func(r *Chip) any { return &r.CodesignerIDs })},
		{Name: "foundry_id", Type: IDField, Refs: CompanyKind, Doc: "Who makes the wafers.", ref: as(func(r *Chip) any { return &r.FoundryID })},
		{Name: "memory_supplier_ids", Type: ListField, Refs: CompanyKind, Doc: "Who makes its memory.", ref: as(func(r *Chip) any { return &r.MemorySupplierIDs })},
		{Name: "main_workload", Doc: "training, inference, training_and_inference, inference_led.", ref: as(func(r *Chip) any { return &r.MainWorkload })},
		{Name: "available", Doc: "When it can be had, as reported.", ref: as(func(r *Chip) any { return &r.Available })},
		{Name: "user_ids", Type: ListField, Refs: CompanyKind, Doc: "Who is reported to run on it.", ref: as(func(r *Chip) any { return &r.UserIDs })},
		{Name: "source_ids", Type: ListField, Refs: SourceKind, Doc: "Pages.", ref: as(func(r *Chip) any { return &r.SourceIDs })},
		{Name: "note", Doc: "Free text.", ref: as(func(r *Chip) any { return &r.Note })},
	},
	DealKind: {
		{Name: "id", Type: IDField, Required: true, Doc: "Id of the deal.", ref: as(func(r *Deal) any { return &r.ID })},
		{Name: "title", Doc: "What it is, in few words.", ref: as(func(r *Deal) any { return &r.Title })},
		{Name: "source_ids", Type: ListField, Refs: SourceKind, Doc: "Pages.", ref: as(func(r *Deal) any { return &r.SourceIDs })},
		{Name: "note", Doc: "Free text.", ref: as(func(r *Deal) any { return &r.Note })},
	},
	FlowRecord: {
		{Name: "id", Type: IDField, Required: true, Doc: "Id of the leg.", ref: as(func(r *Flow) any { return &r.ID })},
		{Name: "deal_id", Type: IDField, Refs: DealKind, Doc: "The deal that the leg belongs to; deals named only here are created.", ref: as(func(r *Flow) any { return &r.DealID })},
		{Name: "from", Type: IDField, Required: true, Refs: CompanyKind, Doc: "Payer, investor, issuer, guarantor, maker or host; companies named only here are created.", ref: as(func(r *Flow) any { return &r.From })},
		{Name: "to", Type: IDField, Required: true, Refs: CompanyKind, Doc: "Payee, investee, holder, the helped, user.", ref: as(func(r *Flow) any { return &r.To })},
		{Name: "kind", Required: true, Allowed: flowKindNames(), Doc: "What the leg is; its class follows from it.", ref: as(func(r *Flow) any { return &r.Kind })},
		{Name: "moves", Allowed: []string{MovesCash, MovesPromisedCash, MovesContingentCash, MovesGoods, MovesEquityClaim, MovesCreditSupport}, Default: "cash for a transfer", Doc: "What moves; contingent_cash and credit_support make the leg conditional.", ref: as(func(r *Flow) any { return &r.Moves })},
		{Name: "amount_usd", Type: MoneyField, Doc: "The headline amount; blank is unknown.", ref: as(func(r *Flow) any { return &r.Amount })},
		{Name: "amount_low_usd", Type: MoneyField, Doc: "Lower bound of a reported range.", ref: as(func(r *Flow) any { return &r.AmountLow })},
		{Name: "amount_high_usd", Type: MoneyField, Doc: "Upper bound of a reported range.", ref: as(func(r *Flow) any { return &r.AmountHigh })},
		{Name: "amount_qualifier", Allowed: []string{"exact", "approx", "up_to", "at_least", "range", "derived", "analyst_estimate", "unreported"}, Doc: "How the amount was reported; up_to is an upper bound.", ref: as(func(r *Flow) any { return &r.Qualifier })},
		{Name: "amount_note", Doc: "What the amount means or how it was derived.", ref: as(func(r *Flow) any { return &r.AmountNote })},
		{Name: "count_in_totals", Type: FlagField, Allowed: []string{"yes", "no"}, Default: "yes", Doc: "no marks a leg that overlaps others.", ref: as(func(r *Flow) any { return (*noFlag)(&r.Overlaps) })},
		{Name: "announced_date", Type: DateField, Doc: "When it became known; stands for its first day.", ref: as(func(r *Flow) any { return &r.Announced })},
		{Name: "date_precision", Derived: true, Allowed: []string{"unknown", "year", "month", "day", "instant"}, Doc: "The precision of announced_date; a file that gives it must agree with the date.", ref: as(func(r *Flow) any { return r.Announced.Precision() })},
		{Name: "period_start", Type: DateField, Doc: "Start of the term; stands for its first day.", ref: as(func(r *Flow) any { return &r.PeriodStart })},
		{Name: "period_end", Type: DateField, Doc: "End of the term; stands for its last day.", ref: as(func(r *Flow) any { return &r.PeriodEnd })},
		{Name: "initial_status", Allowed: statusNames(), Default: "status where no outcome changes it; else signed, closed for a transfer", Doc: "State from the announcement to the first outcome.", ref: as(func(r *Flow) any { return &r.InitialStatus })},
		{Name: "status", Allowed: statusNames(), Default: "signed; closed for a transfer", Doc: "Latest state.", ref: as(func(r *Flow) any { return &r.Status })},
		{Name: "status_as_of", Type: DateField, Doc: "When the latest state was reported.", ref: as(func(r *Flow) any { return &r.StatusAsOf })},
		{Name: "conditions", Doc: "What the leg depends on.", ref: as(func(r *Flow) any { return &r.Conditions })},
		{Name: "capacity_gw", Type: NumberField, Doc: "Power of the computing, in GW.", ref: as(func(r *Flow) any { return &r.CapacityGW })},
		{Name: "chip_count", Type: NumberField, Doc: "Number of chips.", ref: as(func(r *Flow) any { return &r.ChipCount })},
		{Name: "workload", Allowed: []string{"training", "inference", "training_and_inference"}, Doc: "What the computing is for.", ref: as(func(r *Flow) any { return &r.Workload })},
		{Name: "chips", Type: ListField, Refs: ChipKind, Doc: "Chips that the leg is about.", ref: as(func(r *Flow) any { return &r.Chips })},
		{Name: "instrument", Doc: "Loan, share class, warrant terms ...", ref: as(func(r *Flow) any { return &r.Instrument })},
		{Name: "parent_flow_id", Type: IDField, Refs: FlowRecord, Doc: "The leg that this is a part of.", ref: as(func(r *Flow) any { return &r.ParentFlowID })},
		{Name: "superseded_by", Type: IDField, Refs: FlowRecord, Doc: "The leg that took its place.", ref: as(func(r *Flow) any { return &r.SupersededBy })},
		{Name: "realised_usd", Type: MoneyField, Doc: "Amount that has really moved, in total, by realised_as_of.", ref: as(func(r *Flow) any { return &r.Realised })},
		{Name: "realised_as_of", Type: DateField, Doc: "Date of the realised amount; stands for its last day.", ref: as(func(r *Flow) any { return &r.RealisedAsOf })},
		{Name: "description", Doc: "One sentence.", ref: as(func(r *Flow) any { return &r.Description })},
		{Name: "source_ids", Type: ListField, Refs: SourceKind, Doc: "Pages.", ref: as(func(r *Flow) any { return &r.SourceIDs })},
		{Name: "confidence", Allowed: confidences(), Doc: "How sure the row is.", ref: as(func(r *Flow) any { return &r.Confidence })},
		{Name: "confidence_note", Doc: "Why.", ref: as(func(r *Flow) any { return &r.ConfidenceNote })},
	},
	OutcomeKind: {
		{Name: "id", Type: IDField, Required: true, Doc: "Id of the event.", ref: as(func(r *Outcome) any { return &r.ID })},
		{Name: "flow_id", Type: IDField, Required: true, Refs: FlowRecord, Doc: "The leg it happened to.", ref: as(func(r *Outcome) any { return &r.FlowID })},
		{Name: "date", Type: DateField, Required: true, Doc: "When; stands for its first day.", ref: as(func(r *Outcome) any { return &r.Date })},
		{Name: "event", Doc: "announced, closed, tranche_paid, expanded, downgraded, delayed, replaced, cancelled ...", ref: as(func(r *Outcome) any { return &r.Event })},
		{Name: "amount_usd", Type: MoneyField, Doc: "What the report said; information only, never changes the leg's amount.", ref: as(func(r *Outcome) any { return &r.Amount })},
		{Name: "paid_to_date_usd", Type: MoneyField, Doc: "Total paid by then.", ref: as(func(r *Outcome) any { return &r.PaidToDate })},
		{Name: "status_after", Allowed: statusNames(), Doc: "The state of the leg from that day on; blank leaves it.", ref: as(func(r *Outcome) any { return &r.StatusAfter })},
		{Name: "source_ids", Type: ListField, Refs: SourceKind, Doc: "Pages.", ref: as(func(r *Outcome) any { return &r.SourceIDs })},
		{Name: "confidence", Allowed: confidences(), Doc: "How sure the row is.", ref: as(func(r *Outcome) any { return &r.Confidence })},
		{Name: "note", Doc: "Free text.", ref: as(func(r *Outcome) any { return &r.Note })},
	},
	MetricKind: {
		{Name: "id", Type: IDField, Required: true, Doc: "Id of the figure.", ref: as(func(r *Metric) any { return &r.ID })},
		{Name: "company_id", Type: IDField, Required: true, Refs: CompanyKind, Doc: "Whose figure it is; never that of its units.", ref: as(func(r *Metric) any { return &r.CompanyID })},
		{Name: "metric", Required: true, Doc: "revenue_annual, revenue_run_rate, rpo, capex_quarter, cash, revenue_share_of_customer ...", ref: as(func(r *Metric) any { return &r.Metric })},
		{Name: "value", Type: NumberField, Doc: "May be negative.", ref: as(func(r *Metric) any { return &r.Value })},
		{Name: "unit", Doc: "USD or fraction.", ref: as(func(r *Metric) any { return &r.Unit })},
		{Name: "as_of", Type: DateField, Doc: "Stands for its last day.", ref: as(func(r *Metric) any { return &r.AsOf })},
		{Name: "counterparty", Type: IDField, Refs: CompanyKind, Doc: "The other company, where the figure is about two.", ref: as(func(r *Metric) any { return &r.Counterparty })},
		{Name: "source_ids", Type: ListField, Refs: SourceKind, Doc: "Pages.", ref: as(func(r *Metric) any { return &r.SourceIDs })},
		{Name: "confidence", Allowed: confidences(), Doc: "How sure the row is.", ref: as(func(r *Metric) any { return &r.Confidence })},
		{Name: "note", Doc: "Free text.", ref: as(func(r *Metric) any { return &r.Note })},
	},
}

func statusNames() []string {
	names := make([]string, 0, len(Statuses()))
	for _, s := range Statuses() {
		names = append(names, string(s))
	}
	return names
}

func confidences() []string { return []string{"high", "medium", "low"} }

func as[T any](get func(*T) any) func(Record) any {
	return func(r Record) any { return get(any(r).(*T)) }
}
