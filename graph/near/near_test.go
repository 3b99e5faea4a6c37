package near

import (
	"slices"
	"testing"
)

func TestTheNearestNamesComeFirstAndFarOnesNot(t *testing.T) {
	known := []string{"coverage", "cycles", "roundtrips", "vendorfinancing", "vendors"}
	for given, want := range map[string][]string{
		"cycel":     {"cycles"},
		"CYCLES":    {"cycles"},
		"cylces":    {"cycles"},
		"vendor":    {"vendors", "vendorfinancing"}, // one letter more, and begins with it
		"roundtrip": {"roundtrips"},
		"ven":       {"vendorfinancing", "vendors"},
		"weather":   {},
		"":          {},
		"cyclev":    {"cycles"}, // not what is one farther as well
	} {
		if got := Names(given, known); !slices.Equal(got, want) {
			t.Errorf("near %q are %q, want %q", given, got, want)
		}
		first := ""
		if len(want) > 0 {
			first = want[0]
		}
		if got := Name(given, known); got != first {
			t.Errorf("nearest to %q is %q, want %q", given, got, first)
		}
	}
	if got := Names("a1", []string{"a5", "a4", "a3", "a2"}); !slices.Equal(got, []string{"a2", "a3", "a4"}) {
		t.Errorf("of four equally near names %q are told", got)
	}
}

func TestSomethingIsAsNearAsTheNearestTextItGoesBy(t *testing.T) {
	m := To("micorsoft")
	m.Offer("msft", "msft")
	m.Offer("msft", "Microsoft Corporation")
	m.Offer("msft", "Microsoft")
	m.Offer("amd", "Advanced Micro Devices")
	if got := m.Names(); !slices.Equal(got, []string{"msft"}) {
		t.Errorf("near are %q", got)
	}
}

// TestDistanceAgreesWithItsRecursiveDefinition compares with optimal string
// alignment as it is defined, on all pairs of short words.
func TestDistanceAgreesWithItsRecursiveDefinition(t *testing.T) {
	var defined func(a, b string) int
	defined = func(a, b string) int {
		if a == "" || b == "" {
			return len(a) + len(b)
		}
		x, y := len(a)-1, len(b)-1
		change := 1
		if a[x] == b[y] {
			change = 0
		}
		d := min(defined(a[:x], b)+1, defined(a, b[:y])+1, defined(a[:x], b[:y])+change)
		if x > 0 && y > 0 && a[x] == b[y-1] && a[x-1] == b[y] {
			d = min(d, defined(a[:x-1], b[:y-1])+1)
		}
		return d
	}
	words := []string{""}
	for i := 0; len(words[i]) < 4; i++ {
		words = append(words, words[i]+"a", words[i]+"b")
	}
	for _, a := range words[1:] {
		for _, b := range words[1:] {
			want := defined(a, b)
			got, ok := distance(a, b)
			most := max(1, (len(a)+1)/3)
			if len(a) >= 3 && len(b) >= len(a) && b[:len(a)] == a {
				want = min(want, len(a)/3)
			}
			if ok != (want <= most) || ok && got != want {
				t.Errorf("from %s to %s are %d, %t, want %d", a, b, got, ok, want)
			}
		}
	}
}
