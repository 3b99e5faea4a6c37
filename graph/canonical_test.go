package graph

import "testing"

func TestARecordSurvivesItsCanonicalForm(t *testing.T) {
	amount, _ := ParseMoney("10bn")
	date, _ := ParseDate("2025-12")
	in := &Flow{ID: "f\"1", From: "Ünit", To: "b", Kind: Loan, Amount: amount, Announced: date, Chips: []string{"x", "y"}, Overlaps: true}
	b := AppendCanonical(nil, in)
	want := `{"id":"f\"1","from":"Ünit","to":"b","kind":"loan","amount_usd":"10000000000","count_in_totals":"no","announced_date":"2025-12","chips":["x","y"]}`
	if string(b) != want {
		t.Fatalf("canonical form\n got %s\nwant %s", b, want)
	}
	out, err := ParseCanonical(FlowRecord, b)
	if err != nil {
		t.Fatal(err)
	}
	if !Same(in, out) {
		t.Fatalf("came back as %s", AppendCanonical(nil, out))
	}
}

func TestAnEmptyListIsAnAbsentOne(t *testing.T) {
	if a, b := Digest(&Company{ID: "a", Aliases: []string{}}), Digest(&Company{ID: "a"}); a != b {
		t.Errorf("digests are %s and %s", a, b)
	}
}

func TestHashDoesNotDependOnOrderAndSubtractionUndoesAddition(t *testing.T) {
	a, b := Digest(&Company{ID: "a"}), Digest(&Company{ID: "b"})
	if a.Plus(b) != b.Plus(a) {
		t.Error("order matters")
	}
	if a.Plus(b).Minus(b) != a {
		t.Error("minus does not undo plus")
	}
	back, err := ParseHash(a.String())
	if err != nil || back != a {
		t.Errorf("hash %s came back as %s, %v", a, back, err)
	}
}

func TestMoneyReadsDollarsAndSuffixes(t *testing.T) {
	for text, want := range map[string]Money{
		"": {}, "0": USD(0), "10bn": USD(1e12), "38.5m": USD(3850e6), "1200.50": USD(120050), "2TN": USD(2e14), "7k": USD(7e5), "0.01": USD(1),
	} {
		got, err := ParseMoney(text)
		if err != nil || got != want {
			t.Errorf("%q reads as %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"-1", "1,000", "1e9", "abc", "0.001", "10tn", " 5", "+5", ".5", "5.", "bn"} {
		if got, err := ParseMoney(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

func TestShortMoneyReadsAsInANote(t *testing.T) {
	for want, m := range map[string]Money{
		"$38.0bn": USD(3800000000000), "$1.2tn": USD(120000000000000), "$250.0m": USD(25000000000), "unknown": {}, "$0.00": USD(0), "$1.0bn": USD(99999999999),
	} {
		if got := m.Short(); got != want {
			t.Errorf("%v cents read %q, want %q", m.Cents(), got, want)
		}
	}
}

func TestRatiosRoundHalfUpToSixPlaces(t *testing.T) {
	for _, c := range []struct {
		num, den int64
		want     string
	}{{10, 38, "0.263158"}, {20, 48, "0.416667"}, {1, 2000000, "0.000001"}, {-1, 2000000, "0"}, {3, 1, "3"}, {0, 5, "0"}} {
		if got := Ratio(USD(c.num), USD(c.den)).String(); got != c.want {
			t.Errorf("%d/%d is %s, want %s", c.num, c.den, got, c.want)
		}
	}
	if Ratio(USD(1), USD(0)).Known() || Ratio(Money{}, USD(1)).Known() {
		t.Error("a ratio over zero or of an unknown is unknown")
	}
}

func TestDatesKeepTheirPrecision(t *testing.T) {
	for text, last := range map[string]string{"2024": "2024-12-31", "2024-02": "2024-02-29", "2025-12-16": "2025-12-16"} {
		d, err := ParseDate(text)
		if err != nil || d.String() != text || d.Last().String() != last {
			t.Errorf("%s reads as %s (last day %s), %v", text, d, d.Last(), err)
		}
	}
	for _, text := range []string{"2025-02-30", "2025-13", "0000", "16.12.2025", "2025-1-1", "20251216"} {
		if d, err := ParseDate(text); err == nil {
			t.Errorf("%q was read as %s", text, d)
		}
	}
	d, err := ParseDate("2025-12-16T09:30:00.25+01:00")
	if err != nil || d.String() != "2025-12-16T08:30:00.25Z" {
		t.Errorf("an instant reads as %s, %v", d, err)
	}
}
