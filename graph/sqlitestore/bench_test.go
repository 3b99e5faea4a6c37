package sqlitestore_test

import (
	"iter"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/sqlitestore"
	"roundtrip/graph/storetest"
)

const benchTransfers = 200_000

func transfers(b *testing.B) []graph.Record {
	b.Helper()
	records := make([]graph.Record, 0, benchTransfers)
	for r, err := range storetest.Transfers("t", benchTransfers, 0) {
		if err != nil {
			b.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func yielding(records []graph.Record) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func open(b *testing.B) *sqlitestore.Store {
	b.Helper()
	s, err := sqlitestore.Open(b.Context(), b.TempDir(), sqlitestore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkImport imports 200,000 plain transfers, that are in memory, into a
// new store and waits until they are on the disk.
func BenchmarkImport(b *testing.B) {
	records := transfers(b)
	for b.Loop() {
		b.StopTimer()
		s := open(b)
		b.StartTimer()
		if _, err := s.Apply(b.Context(), graph.Batch{Records: yielding(records)}); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N)*benchTransfers/b.Elapsed().Seconds(), "legs/s")
}

// BenchmarkImportAgain imports the same transfers into a store that has them.
func BenchmarkImportAgain(b *testing.B) {
	records := transfers(b)
	s := open(b)
	for range 2 {
		if _, err := s.Apply(b.Context(), graph.Batch{Records: yielding(records)}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := s.Apply(b.Context(), graph.Batch{Records: yielding(records)}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*benchTransfers/b.Elapsed().Seconds(), "legs/s")
	if err := s.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRecords reads 200,000 transfers of the current revision and of an
// earlier one of which no version is current any more.
func BenchmarkRecords(b *testing.B) {
	s := open(b)
	for salt := range 2 {
		if _, err := s.Apply(b.Context(), graph.Batch{Records: storetest.Transfers("t", benchTransfers, salt)}); err != nil {
			b.Fatal(err)
		}
	}
	for revision, name := range []string{1: "earlier", 2: "current"} {
		if revision == 0 {
			continue
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n := 0
				for _, err := range s.Records(b.Context(), uint64(revision)) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != benchTransfers {
					b.Fatal(n)
				}
			}
			b.ReportMetric(float64(b.N)*benchTransfers/b.Elapsed().Seconds(), "legs/s")
		})
	}
	if err := s.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkUndo undoes a change of 200,000 transfers and undoes the undo.
func BenchmarkUndo(b *testing.B) {
	s := open(b)
	var last graph.Applied
	for salt := range 2 {
		var err error
		if last, err = s.Apply(b.Context(), graph.Batch{Records: storetest.Transfers("t", benchTransfers, salt)}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		var err error
		if last, err = s.Undo(b.Context(), last.ID, last.At); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*benchTransfers/b.Elapsed().Seconds(), "legs/s")
	if err := s.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkList reads the first page of the largest amounts among 200,000.
func BenchmarkList(b *testing.B) {
	s := open(b)
	if _, err := s.Apply(b.Context(), graph.Batch{Records: storetest.Transfers("t", benchTransfers, 0)}); err != nil {
		b.Fatal(err)
	}
	for name, q := range map[string]graph.ListQuery{
		"byID":     {Kind: graph.FlowRecord, Limit: 100},
		"byAmount": {Kind: graph.FlowRecord, Limit: 100, Sort: "amount_usd", Desc: true},
		"ofPayer":  {Kind: graph.FlowRecord, Limit: 100, Where: map[string]string{"from": "c7"}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.List(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	if err := s.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}
