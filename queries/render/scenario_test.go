package render_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/queries/render"
)

func compared(t *testing.T, analysis, file string, lens queries.Args) *queries.Comparison {
	t.Helper()
	text, err := dataset.Scenarios().Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(text); err != nil {
		t.Fatal(err)
	}
	x, err := scenario.Parse(file, b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC) }
	r := queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(fixed(shipped(t))), Now: now})
	both, err := r.Compare(t.Context(), queries.Request{Analysis: analysis, Lens: lens, Scenario: x})
	if err != nil {
		t.Fatal(err)
	}
	return both
}

func TestAComparisonShowsValuesBeforeAndAfterInOneCell(t *testing.T) {
	both := compared(t, "standoff", "amazon-closes-with-trainium.yaml", queries.Args{"basis": "signed"})
	for _, format := range []string{"table", "md", "html"} {
		var b bytes.Buffer
		if err := render.WriteComparison(&b, format, both); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"48.8 % → 42.0 %", "2 → 3", "taken away", "added: amount $100.0bn; status signed"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s lacks %q", format, want)
			}
		}
	}
}

func TestAVendorKeepsItsColourBeforeAndAfter(t *testing.T) {
	both := compared(t, "vendors", "amazon-closes-with-trainium.yaml", queries.Args{"basis": "signed"})
	before, after := both.Base.Charts[0].Series, both.Scenario.Charts[0].Series
	if before[2].Name != "CoreWeave" || after[2].Name != "Amazon" {
		t.Fatalf("the third largest are %s and %s; choose another example", before[2].Name, after[2].Name)
	}
	var b bytes.Buffer
	if err := render.WriteComparison(&b, "html", both); err != nil {
		t.Fatal(err)
	}
	_, first, _ := strings.Cut(b.String(), "Before: ")
	first, second, _ := strings.Cut(first, "After: How")
	if x, y := strings.Index(first, ">CoreWeave<"), strings.Index(first, ">Amazon<"); x < 0 || x > y {
		t.Errorf("before, CoreWeave stands at %d and Amazon at %d", x, y)
	}
	if x, y := strings.Index(second, ">CoreWeave<"), strings.Index(second, ">Amazon<"); x < 0 || x > y {
		t.Errorf("after, CoreWeave stands at %d and Amazon at %d", x, y)
	}
}
