package circulation

import ("testing";"syscall";"time";"roundtrip/queries/algo/csr";"roundtrip/queries/algo/gen")
func cpu() time.Duration { var u syscall.Rusage; syscall.Getrusage(0,&u); return time.Duration(u.Utime.Nano()+u.Stime.Nano()) }
func wt(arcs []csr.Arc, seed uint64) []Arc {
	list := make([]Arc, len(arcs)); sizes := gen.Times(len(arcs), 1_000_000_000, seed)
	for i, a := range arcs { list[i] = Arc{a.Tail,a.Head, 1 + sizes[i]>>(sizes[i]%30)} }
	return list
}
func TestZZ(t *testing.T) {
	for _, x := range []struct{name string; n int; a []Arc}{
		{"uni10k",10000,wt(gen.Uniform(10_000,100_000,1,42),1)},
		{"pow10k",10000,wt(gen.PowerLaw(10_000,100_000,1,2.5,42),1)},
		{"uni50k",50000,wt(gen.Uniform(50_000,100_000,1,42),1)},
	} {
		t0 := cpu()
		comp, _, _ := components(x.n, x.a)
		s := newSolver(x.n, x.a, comp)
		tb := cpu()-t0
		var reach, lev, blk time.Duration
		phases, levels := 0, 0
		for {
			a := cpu(); ok := s.reach(); reach += cpu()-a
			if !ok { break }
			phases++
			for { a := cpu(); ok := s.level(); lev += cpu()-a; levels++
				if !ok {break}
				a = cpu(); s.block(t.Context()); blk += cpu()-a }
		}
		t.Log(x.name, "build", tb, "phases", phases, "levels", levels, reach, lev, blk, "sent", s.sent, "buckets", len(s.buckets))
		sol, _ := Maximum(t.Context(), x.n, x.a)
		a := cpu(); Verify(x.n, x.a, sol.Of, sol.Potential); t.Log("verify", cpu()-a)
		for _, w := range []int{0, 1_000_000, 5_000_000, shortestWork} {
		a = cpu(); l, _ := cyclesWithin(t.Context(), x.n, x.a, sol.Of, w)
		hops := 0; for _, c := range l { hops += len(c.Arcs)}
		t.Log("cycles", w, cpu()-a, len(l), "mean hops", float64(hops)/float64(len(l)))
		}
	}
}
