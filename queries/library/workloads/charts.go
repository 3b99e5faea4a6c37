package workloads

import (
	"fmt"

	"roundtrip/queries"
)

// charts show what the largest customers, and the largest vendors, use and sell
// compute for.
func charts(in queries.Scope, _ Params, rows []Row, _ Summary) []queries.Chart {
	name := in.View.Snapshot().CompanyName
	var list []queries.Chart
	for _, side := range [...]Side{Customer, Vendor} {
		var of []Row
		for _, r := range rows {
			if r.Side == side {
				of = append(of, r)
			}
		}
		shown, note := queries.Drawn(of, string(side)+"s")
		c := queries.Chart{
			Kind: queries.Stacked, Title: "Computing and chips by workload and " + string(side), Unit: queries.MoneyUnit, Note: note,
			Series: []queries.Series{{Name: "Training"}, {Name: "Inference"}, {Name: "Both"}, {Name: "Workload unknown"}},
		}
		for _, r := range shown {
			remark := ""
			if r.NoAmount > 0 && r.Total.Known() {
				remark = fmt.Sprintf("+ %d unknown", r.NoAmount)
			}
			if !r.Total.Known() { // a workload that is not met is 0, which is no part of an unknown total
				r.Training, r.Inference, r.Both, r.Unknown = r.Total, r.Total, r.Total, r.Total
			}
			c.Add(name(r.Company), r.Training, r.Inference, r.Both, r.Unknown)
			c.Remarks = append(c.Remarks, remark)
		}
		list = append(list, c)
	}
	return list
}
