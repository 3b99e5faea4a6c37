package realisation

import "roundtrip/queries"

// charts show what became of all headlines, and of the largest ones.
func charts(in queries.Scope, p Params, rows []Row, s Summary) []queries.Chart {
	t := s.Totals
	all := queries.Chart{
		Kind: queries.Bars, Title: "From headline to payment", Unit: queries.MoneyUnit, Series: []queries.Series{{}},
		Note: "Lost, soft and signed add up to the headline. Settled is realised and closed cash legs without a figure.",
	}
	all.Add("Headline", t.Headline)
	all.Add("Lost", t.Lost)
	all.Add("Soft", t.Soft)
	all.Add("Signed", t.Signed)
	all.Add("Settled", t.Settled)
	all.Add("Realised", t.Realised)
	by := map[By]string{ByLeg: "legs", ByDeal: "deals", ByVendor: "vendors", ByYear: "years"}[p.By]
	shown, note := queries.Drawn(rows, by)
	parts := queries.Chart{
		Kind: queries.Stacked, Title: "What the headlines of the largest " + by + " consist of", Unit: queries.MoneyUnit, Note: note,
		Series: []queries.Series{{Name: "Signed"}, {Name: "Soft"}, {Name: "Lost"}},
	}
	name := func(key string) string { return key }
	if p.By == ByVendor {
		name = in.View.Snapshot().CompanyName
	}
	for _, r := range shown {
		remark := ""
		if r.Realised.Known() {
			remark = "(realised " + r.Realised.Short() + ")"
		}
		parts.Add(name(r.Key), r.Signed, r.Soft, r.Lost)
		parts.Remarks = append(parts.Remarks, remark)
	}
	return []queries.Chart{all, parts}
}
