package adhoc

import (
	"strings"
	"testing"
	"time"

	"roundtrip/graph"
	"roundtrip/queries"
)

// node shows itself as Cypher writes it.
type node struct {
	ID string `json:"id"`
}

func (n node) String() string { return "(:Company " + n.ID + ")" }

// day is a value that is as good as its text.
type day string

func (d day) String() string { return string(d) }
func (d day) Plain() string  { return string(d) }

func answerOf(rows ...[]any) Answer {
	return Answer{Columns: []string{"who", "cents", "when"}, Rows: rows, Graph: &graph.Revision{Number: 3}, Elapsed: 7 * time.Millisecond}
}

func written(t *testing.T, format string, a Answer) string {
	t.Helper()
	for _, f := range Formats() {
		if f.Name == format {
			var b strings.Builder
			if err := f.Write(&b, a); err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
	}
	t.Fatalf("there is no format %s", format)
	return ""
}

func TestATableAlignsNumbersAndShowsNothingThatSteersATerminal(t *testing.T) {
	a := answerOf(
		[]any{node{"openai"}, int64(3_800_000_000_000), day("2025-12-16")},
		[]any{"a\x1b[31m\u202e" + strings.Repeat("x", 80), nil, []any{"p", int64(2), node{"b"}}},
	)
	a.Truncated = queries.Truncation{Is: true, Reason: "rows: these are the first 2"}
	a.Notices = []Notice{{Message: "no node has it", Line: 1, Column: 10}, {Message: "slow"}}
	want := "" +
		"who                                                                   cents  when\n" +
		"(:Company openai)                                             3800000000000  2025-12-16\n" +
		"a [31m " + strings.Repeat("x", 52) + "…              -  [p, 2, (:Company b)]\n" +
		"\nCut short: rows: these are the first 2\nNotice: no node has it (line 1, column 10)\nNotice: slow\n2 rows, revision 3, 7 ms\n"
	if got := written(t, "table", a); got != want {
		t.Errorf("the table is\n%s\nwant\n%s", got, want)
	}
}

func TestCSVKeepsTextsAndWritesTheRestAsJSON(t *testing.T) {
	got := written(t, "csv", answerOf([]any{node{"<a>"}, 1.5, day("2025-12-16")}, []any{"x,\"y\"", nil, []any{true, map[string]any{"k": nil}}}))
	want := "who,cents,when\n" + `"{""id"":""<a>""}",1.5,2025-12-16` + "\n" + `"x,""y""",,"[true,{""k"":null}]"` + "\n"
	if got != want {
		t.Errorf("the CSV is\n%s\nwant\n%s", got, want)
	}
}

func TestAPlanIsIndented(t *testing.T) {
	a := Answer{Plan: &PlanStep{Operator: "ProduceResults", Details: "a,\n  b", Rows: 17.6, Children: []PlanStep{{Operator: "NodeByLabelScan", Rows: 18, Details: "a:Company"}}}}
	want := "ProduceResults, about 18 rows: a, b\n  NodeByLabelScan, about 18 rows: a:Company\n\n0 ms\n"
	for _, format := range []string{"table", "csv"} {
		if got := written(t, format, a); got != want {
			t.Errorf("as %s the plan is\n%s\nwant\n%s", format, got, want)
		}
	}
	if got := written(t, "json", a); !strings.Contains(got, `"plan":{"operator":"ProduceResults","details":"a,\n  b","estimated_rows":17.6,"children":[{`) || !strings.Contains(got, `"columns":[],"rows":[]`) {
		t.Errorf("as JSON it is\n%s", got)
	}
}

func TestNoRowsAreALineThatSaysSo(t *testing.T) {
	if got, want := written(t, "table", answerOf()), "who  cents  when\n\n0 rows, revision 3, 7 ms\n"; got != want {
		t.Errorf("the table is\n%q, want\n%q", got, want)
	}
}
