package library_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
	"roundtrip/queries/library/viewtest"
)

// memory is a graph that is only records.
type memory []graph.Record

func (m memory) Revision(context.Context) (graph.Revision, error) {
	return graph.Revision{Number: 1}, nil
}

func (m memory) Records(context.Context, uint64, ...graph.RecordKind) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		for _, r := range m {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// rows asks the native engine and prints the rows, leaving columns out.
func rows(t *testing.T, records []graph.Record, name string, params queries.Args, money func(graph.Money) graph.Money, without ...string) string {
	t.Helper()
	runner := queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(memory(records)), Now: casetest.Now})
	res, err := runner.Run(t.Context(), queries.Request{Analysis: name, Lens: queries.Args{"classes": "value"}, Params: params, Engine: queries.Native})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, row := range res.Rows {
		for i, c := range res.Columns {
			value := row.Values[i]
			switch x := value.(type) {
			case graph.Money:
				value = money(x)
			case []graph.Money:
				all := make([]graph.Money, len(x))
				for k := range x {
					all[k] = money(x[k])
				}
				value = all
			}
			if !slices.Contains(without, c.Name) {
				fmt.Fprintf(&out, "%s=%s ", c.Name, queries.CellText(value))
			}
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func same(m graph.Money) graph.Money { return m }

// plain is a random graph of legs with points only, so that a factor on every
// amount is one on every sum.
func plain(seed uint64) (records []graph.Record, companies []string) {
	all, _ := viewtest.Random(seed)
	for _, r := range all {
		switch x := r.(type) {
		case *graph.Company:
			companies = append(companies, x.ID)
		case *graph.Flow:
			x.AmountLow, x.AmountHigh = graph.Money{}, graph.Money{}
		}
		records = append(records, r)
	}
	return records, companies
}

// each runs a test for every analysis that answers without more arguments than a
// pair of firms, on several graphs.
func each(t *testing.T, test func(t *testing.T, name string, params queries.Args, records func() []graph.Record)) {
	t.Helper()
	for _, name := range []string{"cycles", "roundtrips", "coverage", "vendors", "customers", "leverage", "standoff", "vendor-financing", "lookthrough", "upstream", "contagion", "criticality", "exposure", "paths"} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(40) {
				_, companies := plain(seed)
				params := queries.Args{}
				switch name {
				case "standoff", "vendors":
					params["scope"] = "all"
				case "cycles":
					params["limit"] = "100000"
				case "contagion":
					params["firm"] = companies[int(seed)%len(companies)]
				case "upstream":
					params["target"] = companies[int(seed)%len(companies)]
				case "paths":
					params["from"], params["to"] = companies[0], companies[len(companies)-1]
					parent := map[string]string{}
					all, _ := plain(seed)
					for _, r := range all {
						if c, ok := r.(*graph.Company); ok {
							parent[c.ID] = c.ParentID
						}
					}
					head := func(id string) string {
						for parent[id] != "" {
							id = parent[id]
						}
						return id
					}
					if head(companies[0]) == head(companies[len(companies)-1]) {
						continue
					}
				}
				test(t, name, params, func() []graph.Record {
					records, _ := plain(seed)
					return records
				})
			}
		})
	}
}

func TestScalingEveryAmountScalesMoneyAndLeavesRatios(t *testing.T) {
	each(t, func(t *testing.T, name string, params queries.Args, records func() []graph.Record) {
		t.Helper()
		if name == "coverage" || name == "contagion" {
			return // cents of largest remainders do not scale, nor do rounded ones
		}
		const factor = 7
		scaled := records()
		for _, r := range scaled {
			switch x := r.(type) {
			case *graph.Flow:
				if x.Amount.Known() {
					x.Amount = graph.USD(x.Amount.Cents() * factor)
				}
			case *graph.Metric:
				if x.Unit == "USD" {
					x.Value = graph.Micro(x.Value.Micro() * factor)
				}
			}
		}
		down := func(m graph.Money) graph.Money {
			if !m.Known() {
				return m
			}
			if m.Cents()%factor != 0 {
				t.Errorf("%s is no multiple of %d", m, factor)
			}
			return graph.USD(m.Cents() / factor)
		}
		// The payers of lookthrough are objects with amounts inside.
		want, got := rows(t, records(), name, params, same, "payers"), rows(t, scaled, name, params, down, "payers")
		if got != want {
			t.Fatalf("scaled rows are\n%s\nwant\n%s", got, want)
		}
	})
}

func TestRenamingCompaniesChangesOnlyIds(t *testing.T) {
	each(t, func(t *testing.T, name string, params queries.Args, records func() []graph.Record) {
		t.Helper()
		const mark = "renamed-" // keeps the byte order
		to := func(id string) string {
			if id == "" {
				return ""
			}
			return mark + id
		}
		renamed := records()
		for _, r := range renamed {
			switch x := r.(type) {
			case *graph.Company:
				x.ID, x.ParentID = to(x.ID), to(x.ParentID)
			case *graph.Flow:
				x.From, x.To = to(x.From), to(x.To)
			case *graph.Metric:
				x.CompanyID, x.Counterparty = to(x.CompanyID), to(x.Counterparty)
			case *graph.Chip:
				x.VendorID, x.FoundryID, x.DesignerID = to(x.VendorID), to(x.FoundryID), to(x.DesignerID)
				x.CodesignerIDs, x.UserIDs = nil, nil
				x.MemorySupplierIDs = slices.Clone(x.MemorySupplierIDs)
				for i, id := range x.MemorySupplierIDs {
					x.MemorySupplierIDs[i] = to(id)
				}
			}
		}
		marked := queries.Args{}
		for k, v := range params {
			marked[k] = v
			if k == "from" || k == "to" || k == "target" || k == "firm" {
				marked[k] = to(v.(string))
			}
		}
		lines := func(text string) string { // ids of paths are hashes of ids, and break ties
			list := strings.Split(strings.ReplaceAll(text, mark, ""), "\n")
			if name == "paths" || name == "cycles" {
				slices.Sort(list)
			}
			return strings.Join(list, "\n")
		}
		want, got := lines(rows(t, records(), name, params, same, "id")), lines(rows(t, renamed, name, marked, same, "id"))
		if got != want {
			t.Fatalf("renamed rows are\n%s\nwant\n%s", got, want)
		}
	})
}

func TestADisconnectedFirmChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, name string, params queries.Args, records func() []graph.Record) {
		t.Helper()
		alone := append(records(), &graph.Company{ID: "0-alone", Kind: "ai_lab"})
		want, got := rows(t, records(), name, params, same), rows(t, alone, name, params, same)
		if got != want {
			t.Fatalf("rows with a firm that nobody deals with are\n%s\nwant\n%s", got, want)
		}
	})
}
