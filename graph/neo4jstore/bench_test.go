package neo4jstore_test

import (
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
	"roundtrip/graph/storetest"
)

// BenchmarkImport imports plain transfers into an empty database and reads them
// out again. Run it with -benchtime 1x.
func BenchmarkImport(b *testing.B) {
	server := neo4jtest.Start(b)
	server.Wipe(b)
	c := configOf(server)
	c.ChunkRows = 0
	s, err := neo4jstore.Open(b.Context(), c)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close(b.Context())
	const legs = 100_000
	for i := range b.N + 1 {
		if i == 1 { // the first one warms the server up
			b.ResetTimer()
		}
		start := time.Now()
		got, err := s.Apply(b.Context(), graph.Batch{Records: storetest.Transfers(string(rune('a'+i)), legs, 0)})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(legs/time.Since(start).Seconds(), "legs-written/s")
		start = time.Now()
		n := 0
		for _, err := range s.Records(b.Context(), got.Revision) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		b.ReportMetric(float64(n)/time.Since(start).Seconds(), "records-read/s")
	}
}

// BenchmarkSmallWrite changes one curated leg of the shipped data at a time.
func BenchmarkSmallWrite(b *testing.B) {
	server := neo4jtest.Start(b)
	server.Wipe(b)
	s, err := neo4jstore.Open(b.Context(), configOf(server))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close(b.Context())
	if _, err := s.Apply(b.Context(), shipped(b, s)); err != nil {
		b.Fatal(err)
	}
	for i := range 20 + b.N {
		if i == 20 {
			b.ResetTimer()
		}
		f := loan("small", "amazon", "openai")
		f.Amount, f.SourceIDs = graph.USD(int64(i)), []string{"tpd_122"}
		if _, err := s.Apply(b.Context(), graph.Batch{Records: one(f)}); err != nil {
			b.Fatal(err)
		}
	}
}
