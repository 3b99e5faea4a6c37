package maxflow

import (
	"fmt"

	"roundtrip/queries/algo/wide"
)

// Verify tells why f is not a maximum flow of the graph, or nil: amounts lie
// between 0 and the capacity, what enters a vertex leaves it again, and the cut
// around the source side has the value of the flow. It shares no code with
// Solve.
func Verify(n int, arcs []Arc, source, sink int32, f Flow) error {
	if len(f.Of) != len(arcs) || len(f.SourceSide) != n {
		return fmt.Errorf("maxflow: the flow has %d arcs and %d vertices, the graph %d and %d", len(f.Of), len(f.SourceSide), len(arcs), n)
	}
	if !f.SourceSide[source] || f.SourceSide[sink] {
		return fmt.Errorf("maxflow: the cut does not part source %d from sink %d", source, sink)
	}
	surplus := make([]wide.Int, n) // what enters, less what leaves
	var cut wide.Int
	for i, a := range arcs {
		if f.Of[i] < 0 || f.Of[i] > a.Cap {
			return fmt.Errorf("maxflow: arc %d carries %d, its capacity is %d", i, f.Of[i], a.Cap)
		}
		surplus[a.Head] = surplus[a.Head].Plus(f.Of[i])
		surplus[a.Tail] = surplus[a.Tail].Plus(-f.Of[i])
		if f.SourceSide[a.Tail] && !f.SourceSide[a.Head] {
			cut = cut.Plus(a.Cap)
		}
	}
	for v, s := range surplus {
		want := int64(0)
		switch int32(v) {
		case source:
			want = -f.Value
		case sink:
			want = f.Value
		}
		if got, ok := s.Int64(); !ok || got != want {
			return fmt.Errorf("maxflow: vertex %d keeps %s, want %d", v, s, want)
		}
	}
	if got, ok := cut.Int64(); !ok || got != f.Value {
		return fmt.Errorf("maxflow: the flow is %d, its cut %s", f.Value, cut)
	}
	return nil
}
