package snapshot

import (
	"runtime"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/snapshot/graphgen"
)

func million(t testing.TB) *Snapshot {
	t.Helper()
	s, err := Build(graph.Revision{Number: 1}, graphgen.Transfers(1, 100_000, 1_000_000))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func live() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestAPlainTransferCostsAtMost64Bytes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds 200,000 legs")
	}
	before := live()
	const legs = 200_000
	s, err := Build(graph.Revision{Number: 1}, graphgen.Transfers(1, 20_000, legs))
	if err != nil {
		t.Fatal(err)
	}
	if each := (live() - before) / legs; each > 64 {
		t.Errorf("a leg costs %d bytes with its id and its share of the companies", each)
	}
	runtime.KeepAlive(s)
}

// The generator itself takes part of this time; BenchmarkTransfers says how much.
func BenchmarkBuildAMillionTransfers(b *testing.B) {
	for b.Loop() {
		before := live()
		s := million(b)
		b.ReportMetric(float64(live()-before)/1e6, "bytes/leg")
		runtime.KeepAlive(s)
	}
}

func BenchmarkTransfers(b *testing.B) {
	for b.Loop() {
		for _, err := range graphgen.Transfers(1, 100_000, 1_000_000) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkViewOfAMillionTransfers(b *testing.B) {
	s := million(b)
	lens := lensOn("2027-01-01")
	b.ReportAllocs()
	before := live()
	v := look(b, s, lens)
	each := float64(live()-before) / 1e6
	for b.Loop() {
		v = look(b, s, lens)
	}
	b.ReportMetric(each, "bytes/leg")
	if v.NumLegs() < 990_000 {
		b.Fatal("legs are missing")
	}
}

func BenchmarkRandomCuratedGraph(b *testing.B) {
	records := graphgen.Random(1, graphgen.Options{Companies: 75, Legs: 250})
	s := build(b, records...)
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			build(b, records...)
		}
	})
	b.Run("view", func(b *testing.B) {
		lens := lensOn("2027-01-01")
		for b.Loop() {
			look(b, s, lens)
		}
	})
}
