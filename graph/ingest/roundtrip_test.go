package ingest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"roundtrip/graph"
)

// nastyText is free text that CSV has to work for.
func nastyText() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.OneOf(
		rapid.SampledFrom([]rune("\"\"',;|\n\r\t =\\.-\u00a0\u2028\ufeff\U0001F600éß漢")),
		rapid.RuneFrom([]rune("abcXYZ019")),
	), 0, 30, -1)
}

// drawnID is an id with signs and letters of any script.
func drawnID(t *rapid.T, label string) string {
	return rapid.StringMatching(`[a-zA-Z0-9_éß漢"'=.-][a-zA-Z0-9_éß漢"'=. -]{0,6}[a-z0-9é"]`).Draw(t, label)
}

// drawnRecord fills every field of a kind; ids are drawn among those known.
func drawnRecord(t *rapid.T, kind graph.RecordKind, id string, known map[graph.RecordKind][]string) graph.Record {
	r := graph.NewRecord(kind)
	for _, f := range graph.Fields(kind) {
		if f.Derived {
			continue
		}
		label := f.Name
		cell := ""
		switch {
		case f.Name == "id":
			cell = id
		case f.Type == graph.ListField:
			if f.Refs != graph.NoKind {
				if ids := known[f.Refs]; len(ids) > 0 {
					f.SetList(r, rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 0, 2, rapid.ID).Draw(t, label))
				}
				continue
			}
			items := rapid.SliceOfNDistinct(nastyText().Filter(func(s string) bool {
				return listProblem([]string{s}) == ""
			}), 0, 3, rapid.ID).Draw(t, label)
			f.SetList(r, items)
			continue
		case f.Refs != graph.NoKind:
			if ids := known[f.Refs]; len(ids) > 0 && (f.Required || rapid.Bool().Draw(t, label+" given")) {
				cell = rapid.SampledFrom(ids).Draw(t, label)
			}
		case len(f.Allowed) > 0:
			cell = rapid.SampledFrom(f.Allowed).Draw(t, label)
		case f.Type == graph.MoneyField:
			cell = rapid.SampledFrom([]string{"", "0", "1", "0.01", "1200.50", "9000000000000"}).Draw(t, label)
		case f.Type == graph.NumberField:
			cell = rapid.SampledFrom([]string{"", "0", "-1.5", "0.000001", "12"}).Draw(t, label)
		case f.Type == graph.DateField:
			cell = rapid.SampledFrom([]string{"", "2024", "2024-02", "2024-02-29", "2024-02-29T12:30:00.5Z"}).Draw(t, label)
		default:
			cell = nastyText().Draw(t, label)
			if f.Required && cell == "" {
				cell = "x"
			}
		}
		if err := f.Set(r, cell); err != nil {
			t.Fatalf("field %s takes no %q: %v", f.Name, cell, err)
		}
	}
	return r
}

// fitting changes a drawn record so that it keeps the rules across fields.
func fitting(r graph.Record) {
	switch r := r.(type) {
	case *graph.Company:
		r.ParentID = ""
	case *graph.Flow:
		r.Kind, r.Moves = graph.Loan, graph.MovesCash
		r.AmountLow, r.AmountHigh = r.Amount, r.Amount
		r.PeriodEnd, r.StatusAsOf = r.PeriodStart, graph.Date{}
		r.InitialStatus = r.Status
		r.ParentFlowID, r.SupersededBy = "", ""
	case *graph.Outcome:
		d, _ := graph.ParseDate("2025")
		r.Date, r.StatusAfter = d, ""
	}
}

func TestAnExportReadsBackAsTheSameRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		known := map[graph.RecordKind][]string{}
		store := &memoryStore{revision: 1}
		for _, kind := range graph.RecordKinds() {
			ids := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) string { return drawnID(t, "id") }), 2, 4, rapid.ID).Draw(t, kind.String())
			for _, id := range ids {
				r := drawnRecord(t, kind, id, known)
				fitting(r)
				if f, ok := r.(*graph.Flow); ok && f.From == f.To {
					f.To = fmt.Sprintf("%s 2", f.From)
					if !containsCompany(store.records, f.To) {
						store.records = append(store.records, &graph.Company{ID: f.To})
					}
				}
				store.records = append(store.records, r)
			}
			known[kind] = ids
		}
		var z bytes.Buffer
		if err := WriteZip(t.Context(), &z, store, 1); err != nil {
			t.Fatal(err)
		}
		src, err := FromZip(bytes.NewReader(z.Bytes()), int64(z.Len()))
		if err != nil {
			t.Fatal(err)
		}
		report, batch, err := Check(t.Context(), src, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !report.OK() {
			var text strings.Builder
			_ = report.WriteText(&text)
			t.Fatal(text.String())
		}
		want := map[graph.Key]graph.Record{}
		for _, r := range store.records {
			want[r.Key()] = r
		}
		n := 0
		for r, err := range batch.Records {
			if err != nil {
				t.Fatal(err)
			}
			n++
			if w := want[r.Key()]; w == nil || !graph.Same(w, r) {
				t.Fatalf("%s came back as\n%q", r.Key(), graph.AppendCanonical(nil, r))
			}
		}
		if n != len(want) {
			t.Fatalf("%d records came back of %d", n, len(want))
		}
	})
}

func containsCompany(records []graph.Record, id string) bool {
	for _, r := range records {
		if r.Key() == (graph.Key{Kind: graph.CompanyKind, ID: id}) {
			return true
		}
	}
	return false
}
