package snapshot

import (
	"reflect"
	"testing"
)

func checkEdges(t *testing.T, v *View, want []Edge) {
	t.Helper()
	var got []Edge
	for e := range v.NumEdges() {
		got = append(got, v.EdgeAt(e))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("edges are\n%v, want\n%v", got, want)
	}
	for i, e := range want {
		if at, ok := v.Edge(e.Payer, e.Payee, e.Class); !ok || at != i {
			t.Errorf("edge %v is found at %d, %v; want %d", e, at, ok, i)
		}
	}
}
