package ingest

import (
	"maps"
	"strings"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
)

func shippedData(t testing.TB) *Source {
	t.Helper()
	src, err := FromFS(dataset.FS())
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestTheShippedDataHasNoFaultsAndItsKnownWarnings(t *testing.T) {
	report, batch, err := Check(t.Context(), shippedData(t), nil, Options{Origin: "the shipped data"})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	// The README of the data set states the first three counts.
	want := `the shipped data: 424 sources, 74 companies, 18 chips, 98 deals (created), 251 flows, 63 outcomes, 153 metrics
no faults
warnings:
   35  single_source: Legs that rest on one page; a second page makes them firmer (f_aws_oai_usage, f_nv_oai_2024, f_sb_oai_2024, f_ms_cw_lapsed, f_ant_amzn_gp, ...)
   43  weak_sources: Legs that rest on aggregators or blogs only; a page of a better tier makes them firmer (f_oai_ms_infer_2024, f_oai_ms_infer_9m25, f_oai_ms_2025_paid, f_aws_oai_usage, f_nv_oai_2024, ...)
  103  no_amount: Legs of unknown amount: no amount_usd, and not both ends of a range; unknown amounts are never counted as zero (f_ms_oai_recap, f_oai_ms_revshare, f_ms_oai_revshare_back, f_ms_oai_2026round, f_aws_oai_usage, ...)
    5  undated_leg: Legs without announced_date; undated legs count as known at any date (f_nv_lambda_eq, f_nv_mistral, f_mistral_nv, f_ms_g42, f_ms_cw)
`
	if text.String() != want {
		t.Errorf("report\n got %s\nwant %s", text.String(), want)
	}
	if batch.Base != nil {
		t.Error("a batch that was checked against no store has a base")
	}
	got := map[graph.RecordKind]int{}
	for r, err := range batch.Records {
		if err != nil {
			t.Fatal(err)
		}
		got[r.Key().Kind]++
		if f, ok := r.(*graph.Flow); ok && f.ID == "f_amzn_oai_talks10" {
			line := string(graph.AppendCanonical(nil, f))
			want := `{"id":"f_amzn_oai_talks10","deal_id":"d_amzn_oai","from":"amazon","to":"openai","kind":"equity_investment","moves":"promised_cash","amount_usd":"10000000000"`
			if !strings.HasPrefix(line, want) {
				t.Errorf("Amazon's ten billions read %s", line)
			}
		}
	}
	counts := map[graph.RecordKind]int{
		graph.SourceKind: 424, graph.CompanyKind: 74, graph.ChipKind: 18, graph.DealKind: 98,
		graph.FlowRecord: 251, graph.OutcomeKind: 63, graph.MetricKind: 153,
	}
	if !maps.Equal(got, counts) {
		t.Errorf("the batch holds %v, want %v", got, counts)
	}
}

func TestTheShippedDataComesBackFromAnExportByteForByte(t *testing.T) {
	store := &memoryStore{}
	_, batch, err := Check(t.Context(), shippedData(t), store, Options{})
	if err != nil {
		t.Fatal(err)
	}
	store.apply(t, batch)
	dir := t.TempDir()
	if err := WriteDir(t.Context(), dir, store, 1); err != nil {
		t.Fatal(err)
	}
	src, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	report, batch, err := Check(t.Context(), src, store, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	again := &memoryStore{}
	again.apply(t, batch)
	if len(again.records) != len(store.records) {
		t.Fatalf("%d records came back of %d", len(again.records), len(store.records))
	}
	for i, r := range store.records {
		if !graph.Same(r, again.records[i]) {
			t.Errorf("%s came back as\n%s, it was\n%s", r.Key(), graph.AppendCanonical(nil, again.records[i]), graph.AppendCanonical(nil, r))
		}
	}
}
