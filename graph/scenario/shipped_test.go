package scenario_test

import (
	"io/fs"
	"path"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
	"roundtrip/graph/snapshot"
)

func ready(t *testing.T, name string) *scenario.Scenario {
	t.Helper()
	text, err := fs.ReadFile(dataset.Scenarios(), name+".yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Parse(name+".yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// beforeAndAfter are the shipped data and what a ready scenario makes of them.
func beforeAndAfter(t *testing.T, name string) (base, after *snapshot.Snapshot, effect *scenario.Effect) {
	t.Helper()
	base = shipped(t)
	after, effect, err := ready(t, name).Apply(t.Context(), base)
	if err != nil {
		t.Fatal(err)
	}
	return base, after, effect
}

func lensOn(t *testing.T, day string) graph.Lens {
	t.Helper()
	l := graph.DefaultLens()
	d, err := graph.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	l.AsOf = d
	return l
}

// wantSum fails unless the known amounts from one company to another in a class
// add up to that many million dollars; payee "" stands for all.
func wantSum(t *testing.T, s *snapshot.Snapshot, lens graph.Lens, payer, payee string, class graph.Class, millions int64) {
	t.Helper()
	v, err := s.View(t.Context(), lens)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for i := range v.NumLegs() {
		l := v.Leg(i)
		if v.Companies()[l.Payer] == payer && (payee == "" || v.Companies()[l.Payee] == payee) && l.Class == class {
			sum += l.Amount.Cents()
		}
	}
	if sum != millions*1e8 {
		t.Errorf("%s to %q in %s on %s under basis %s: %s, want %s", payer, payee, class, lens.AsOf, lens.Basis, graph.USD(sum).Dollars(), graph.USD(millions*1e8).Dollars())
	}
}

func TestReadyScenariosAreNamedAfterTheirFilesAndApply(t *testing.T) {
	base := shipped(t)
	files, err := fs.ReadDir(dataset.Scenarios(), ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 5 {
		t.Errorf("%d ready scenarios, want 5", len(files))
	}
	for _, f := range files {
		s := ready(t, f.Name()[:len(f.Name())-len(path.Ext(f.Name()))])
		if s.Name+".yaml" != f.Name() || s.Title == "" || s.Question == "" || s.Note == "" || !s.AsOf.Known() {
			t.Errorf("%s has the name %q, or no title, question, note or as_of", f.Name(), s.Name)
		}
		if _, _, err := s.Apply(t.Context(), base); err != nil {
			t.Errorf("%s: %v", f.Name(), err)
		}
	}
}

// In December 2025 nothing of Amazon's is signed, so tied coverage of the $38bn
// is 0 of 38; with the deal it is 10 of 38, and the shares of the vendors stay.
func TestWhenTheAmazonDealClosesTenOfThirtyEightAreFunded(t *testing.T) {
	base, after, effect := beforeAndAfter(t, "amazon-closes")
	signed := lensOn(t, "2025-12-16")
	signed.Basis = graph.SignedBy
	wantSum(t, base, signed, "amazon", "openai", graph.Funds, 0)
	wantSum(t, after, signed, "amazon", "openai", graph.Funds, 10_000)
	for _, day := range []string{"2025-12-16", "2026-06-30"} { // the agreement of February does not come on top
		lens := lensOn(t, day)
		wantSum(t, after, lens, "amazon", "openai", graph.Funds, 10_000)
		wantSum(t, after, lens, "openai", "amazon", graph.Pays, 38_000)
	}
	for _, s := range []*snapshot.Snapshot{base, after} { // 250 and 3.8 paid, 300, 38, 11.9 + 4 + 6.5
		lens := lensOn(t, "2025-12-16")
		lens.Kinds = []graph.FlowKind{graph.ComputeCommitment, graph.ComputePaymentRealised, graph.Lease}
		wantSum(t, s, lens, "openai", "microsoft", graph.Pays, 253_800)
		wantSum(t, s, lens, "openai", "oracle", graph.Pays, 300_000)
		wantSum(t, s, lens, "openai", "coreweave", graph.Pays, 22_400)
		wantSum(t, s, lens, "openai", "", graph.Pays, 614_200)
	}
	if got := effect.String(); got != "1 leg added, 3 removed, 1 changed" {
		t.Errorf("the effect is %q", got)
	}
	if i, _ := after.FlowIndex("f_amzn_oai_talks10"); after.StateOn(i, lensOn(t, "2025-12-15").AsOf.Last()) != graph.Talks || after.StateOn(i, lensOn(t, "2027").AsOf.Last()) != graph.Closed {
		t.Error("the talks are not talks before the day and closed from it on")
	}
}

// The purchase lifts AWS from 38 of 614.2 (6.2 %) to 138 of 714.2 (19.3 %), over
// the tenth at which a vendor counts in a stand-off.
func TestWithAPurchaseOfTrainiumAWSCountsAsAVendor(t *testing.T) {
	base, after, _ := beforeAndAfter(t, "amazon-closes-with-trainium")
	lens := lensOn(t, "2025-12-16")
	lens.Kinds = []graph.FlowKind{graph.ComputeCommitment, graph.ComputePaymentRealised, graph.Lease}
	wantSum(t, base, lens, "openai", "amazon", graph.Pays, 38_000)
	wantSum(t, after, lens, "openai", "amazon", graph.Pays, 138_000)
	wantSum(t, after, lens, "openai", "", graph.Pays, 714_200)
}

// OpenAI's promises of known amount on 2026-06-30: 250 Azure, 300 Oracle, 38 and
// 100 AWS, 11.9, 4 and 6.5 CoreWeave, 20 Cerebras. Paid before: 3.8 and 17.2
// for Azure, 0.4938 of shared revenue.
func TestWhenOpenAIStopsPayingOnlyWhatItPaidIsLeft(t *testing.T) {
	base, after, effect := beforeAndAfter(t, "openai-stops-paying")
	lens := lensOn(t, "2026-06-30")
	const promised, paid = 250_000 + 300_000 + 138_000 + 22_400 + 20_000, 3_800 + 17_200
	lens.Kinds = []graph.FlowKind{graph.ComputeCommitment}
	wantSum(t, base, lens, "openai", "", graph.Pays, promised)
	wantSum(t, after, lens, "openai", "", graph.Pays, 0)
	lens.Kinds = []graph.FlowKind{graph.ComputePaymentRealised}
	wantSum(t, after, lens, "openai", "", graph.Pays, paid)
	before := lensOn(t, "2026-06-29")
	before.Kinds = []graph.FlowKind{graph.ComputeCommitment}
	wantSum(t, after, before, "openai", "", graph.Pays, promised)
	lens.Kinds = nil
	wantSum(t, after, lens, "nvidia", "openai", graph.Funds, 30_000) // what was put in stays
	if len(effect.Added)+len(effect.Removed) != 0 {
		t.Errorf("the effect is %q", effect)
	}
}

func TestWhenChipsAreAYearLateTermsEndAYearLater(t *testing.T) {
	_, after, effect := beforeAndAfter(t, "chips-a-year-late")
	for id, want := range map[string]string{
		"f_meta_amd_6gw": "2027-07-01 2032",    // from 2026-07-01 to 2031
		"f_oai_orcl300":  "2028 2033",          // from 2027 to 2032
		"f_oai_aws38":    "2025-11-03 2033-11", // has begun
		"f_ant_avgo_21":  "2025-09 2027-12-31", // has begun
		"f_oai_amd_1gw":  "2027-07-01 ",        // no end reported
	} {
		f := flow(t, after, id)
		if got := f.PeriodStart.String() + " " + f.PeriodEnd.String(); got != want {
			t.Errorf("the term of %s is %q, want %q", id, got, want)
		}
	}
	for _, c := range effect.Changed {
		for _, f := range c.Fields() {
			if f.Field != "period_start" && f.Field != "period_end" && f.Field != "date" {
				t.Errorf("%s of %s changes from %q to %q", f.Field, c.ID, f.Before, f.After)
			}
		}
	}
}

// Amazon to OpenAI 15 + 35, to Anthropic 8 + 5 + 20; Google to Anthropic
// 3 + 10 + 30.
func TestWithoutTheConditionalPartsTheFirmOnesAreLeft(t *testing.T) {
	base, after, effect := beforeAndAfter(t, "conditional-falls-away")
	lens := lensOn(t, "2026-06-30")
	wantSum(t, base, lens, "amazon", "openai", graph.Funds, 50_000)
	wantSum(t, after, lens, "amazon", "openai", graph.Funds, 15_000)
	wantSum(t, base, lens, "amazon", "anthropic", graph.Funds, 33_000)
	wantSum(t, after, lens, "amazon", "anthropic", graph.Funds, 13_000)
	wantSum(t, base, lens, "google", "anthropic", graph.Funds, 43_000)
	wantSum(t, after, lens, "google", "anthropic", graph.Funds, 13_000)
	wantSum(t, after, lens, "microsoft", "anthropic", graph.Funds, 5_000) // paid in part
	if len(effect.Changed) != 16 {
		t.Errorf("%d legs change, want the 19 conditional ones less 1 superseded and 2 paid in part", len(effect.Changed))
	}
	lens.Classes = graph.Classes(graph.Backs)
	wantSum(t, after, lens, "google", "terawulf", graph.Backs, 0)
}
