package storetest

import (
	"fmt"
	"iter"
	"strconv"

	"roundtrip/graph"
)

func company(id string) *graph.Company { return &graph.Company{ID: id, Name: "Name of " + id} }

// leg is a loan of that many dollars, of unknown amount when dollars is
// negative.
func leg(id string, dollars int64) *graph.Flow {
	f := &graph.Flow{ID: id, From: "a", To: "b", Kind: graph.Loan, Status: graph.Signed}
	if dollars >= 0 {
		f.Amount = graph.USD(dollars * 100)
	}
	return f
}

func id(prefix string, n int) string { return prefix + strconv.Itoa(n) }

// full is a record of the kind with a value in every field that the kind
// declares. The variant is part of every value that may be any text.
func full(k graph.RecordKind, variant string) graph.Record {
	r := graph.NewRecord(k)
	for i, f := range graph.Fields(k) {
		cell := fmt.Sprintf("%s %s", f.Name, variant)
		switch {
		case i == 0:
			cell = variant
		case len(f.Allowed) > 0:
			cell = f.Allowed[len(f.Allowed)-1]
		case f.Type == graph.ListField:
			cell = fmt.Sprintf("z %s;a %s", variant, variant)
		case f.Type == graph.MoneyField:
			cell = fmt.Sprintf("%d.05", 1000+i)
		case f.Type == graph.NumberField:
			cell = fmt.Sprintf("%d.000001", i)
		case f.Type == graph.DateField:
			cell = [...]string{"2025", "2025-12", "2025-12-16", "2025-12-16T09:30:00.25Z"}[i%4]
		}
		if err := f.Set(r, cell); err != nil {
			panic("storetest: the declaration of " + f.Name + " refuses a sample: " + err.Error())
		}
	}
	return r
}

// Transfers yields n plain payments with ids prefix0000000 and on, between a
// thousand companies that are not among the records. The salt moves amounts.
func Transfers(prefix string, n, salt int) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		for f := range payments(prefix, n, salt) {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func payments(prefix string, n, salt int) iter.Seq[*graph.Flow] {
	return func(yield func(*graph.Flow) bool) {
		const firstDay, perDay = 20_000, 24 * 60 * 60
		for i := range n {
			f := &graph.Flow{
				ID:     fmt.Sprintf("%s%07d", prefix, i),
				From:   id("c", i*7919%1000),
				To:     id("c", (i*104729+1)%1000),
				Kind:   graph.Transfer,
				Moves:  graph.MovesCash,
				Amount: graph.USD(int64(i%100_000)*101 + int64(salt)),
				Status: graph.Closed, InitialStatus: graph.Closed,
				Announced: graph.On(graph.Day(firstDay + i/perDay)),
			}
			if !yield(f) {
				return
			}
		}
	}
}
