package report_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/reports/report"
)

// named is a report on two deals, one of which has no title, and a chip.
func named(t *testing.T) *report.Report {
	store := newStore(t)
	casetest.Import(t, store, fstest.MapFS{
		"companies.csv": {Data: []byte("id,name,kind\nopenai,OpenAI,ai_lab\norcl,Oracle,hyperscaler\nnvda,Nvidia,chip_vendor\n")},
		"chips.csv":     {Data: []byte("id,name,vendor_id\nb_1,Blackwell One,nvda\n")},
		"flows.csv": {Data: []byte("id,deal_id,from,to,kind,amount_usd,announced_date,status,chips\n" +
			"f_1,d_1,openai,orcl,compute_commitment,30000000000,2025-01-15,signed,b_1\n" +
			"f_2,d_1,openai,orcl,lease,,2025-01-15,signed,\n" +
			"f_3,,orcl,openai,equity_investment,5000000000,2025-01-16,signed,\n")},
	})
	in := input(store, "2026-01-31")
	for _, analysis := range []string{"coverage", "chips", "realisation"} {
		in.Asks = append(in.Asks, report.Ask{Analysis: analysis})
	}
	in.Asks = append(in.Asks, report.Ask{Analysis: "contagion", Params: queries.Args{"firm": "openai"}}, report.Ask{Analysis: "circularity"})
	return build(t, in)
}

func TestPeopleReadNamesOfLegsDealsChipsAndCompaniesWithTheIdsBesideThem(t *testing.T) {
	r := named(t)
	html, md := string(written(t, r, "html")), string(written(t, r, "md"))
	for _, want := range []string{
		`<td>OpenAI → Oracle, compute commitment <span class="id">f_1</span></td>`,
		`<td>OpenAI → Oracle, compute commitment and 1 more leg <span class="id">d_1</span></td>`,
		`<td>Blackwell One <span class="id">b_1</span></td>`,
		`<dt>Firm</dt><dd>OpenAI</dd>`,
		`<dt>Circularity index</dt><dd>28.6 %</dd>`, // 10 of 35
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page does not hold %s", want)
		}
	}
	for _, want := range []string{
		`| OpenAI → Oracle, compute commitment (f\_1) |`,
		`| OpenAI → Oracle, compute commitment and 1 more leg (d\_1) |`,
		`| Blackwell One (b\_1) |`,
		"- Firm: OpenAI\n",
	} {
		if !strings.Contains(md, want) {
			t.Errorf("the note does not hold %s", want)
		}
	}
}

func TestProgramsReadIds(t *testing.T) {
	r := named(t)
	if json := string(written(t, r, "json")); !strings.Contains(json, `"commitment":"f_1"`) || !strings.Contains(json, `"key":"d_1"`) || strings.Contains(json, "OpenAI → Oracle, compute") {
		t.Error("the document names what it should give by id")
	}
	b := written(t, r, "csv")
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"answers/coverage.csv": "openai,f_1,", "answers/realisation.csv": "d_1,", "answers/chips.csv": "b_1,"} {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s has no %q: %s %v", name, want, text, err)
		}
	}
}
