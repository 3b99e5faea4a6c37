package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roundtrip/graph"
)

func recordsOf(t *testing.T, b graph.Batch) []graph.Record {
	t.Helper()
	var records []graph.Record
	for r, err := range b.Records {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func TestDefaultsOfALegAreFilledIn(t *testing.T) {
	batch := mustCheck(t, texts{
		"flows.csv": "id,deal_id,from,to,kind,status,initial_status\n" +
			"f1,d1,a,b,loan,,\nf2,,a,b,transfer,,\nf3,,b,c,lease,in_force,\nf4,,b,c,lease,closed,\nf5,,c,a,transfer,cancelled,\nf6,,b,c,lease,closed,talks\n",
		"outcomes.csv":  "id,flow_id,date,status_after\no4,f4,2025,closed\no5,f5,2025,cancelled\no6,f6,2025,closed\no7,f6,2026,\n",
		"companies.csv": "id\na\n",
	}, nil)
	got := canonical(recordsOf(t, batch))
	want := []string{
		`company/a {"id":"a"}`, `company/b {"id":"b"}`, `company/c {"id":"c"}`, `deal/d1 {"id":"d1"}`,
		`flow/f1 {"id":"f1","deal_id":"d1","from":"a","to":"b","kind":"loan","initial_status":"signed","status":"signed"}`,
		`flow/f2 {"id":"f2","from":"a","to":"b","kind":"transfer","moves":"cash","initial_status":"closed","status":"closed"}`,
		`flow/f3 {"id":"f3","from":"b","to":"c","kind":"lease","initial_status":"in_force","status":"in_force"}`,
		`flow/f4 {"id":"f4","from":"b","to":"c","kind":"lease","initial_status":"signed","status":"closed"}`,
		`flow/f5 {"id":"f5","from":"c","to":"a","kind":"transfer","moves":"cash","initial_status":"closed","status":"cancelled"}`,
		`flow/f6 {"id":"f6","from":"b","to":"c","kind":"lease","initial_status":"talks","status":"closed"}`,
		`outcome/o4 {"id":"o4","flow_id":"f4","date":"2025","status_after":"closed"}`,
		`outcome/o5 {"id":"o5","flow_id":"f5","date":"2025","status_after":"cancelled"}`,
		`outcome/o6 {"id":"o6","flow_id":"f6","date":"2025","status_after":"closed"}`,
		`outcome/o7 {"id":"o7","flow_id":"f6","date":"2026"}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("records\n got %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestABatchCarriesTheRevisionItWasCheckedAgainst(t *testing.T) {
	store := storeOf(t, texts{"companies.csv": "id\na\n"})
	batch := mustCheck(t, texts{"flows.csv": oneFlow}, store)
	if batch.Base == nil || *batch.Base != 1 {
		t.Errorf("base is %v, want 1", batch.Base)
	}
}

func TestAnOutcomeIsCheckedAgainstTheStoredLeg(t *testing.T) {
	store := storeOf(t, texts{"flows.csv": "id,from,to,kind,status,initial_status\nf1,a,b,loan,talks,\n"})
	batch := mustCheck(t, texts{"outcomes.csv": "id,flow_id,date,status_after\no1,f1,2025,talks\n"}, store)
	store.apply(t, batch)
	// The leg may follow its outcome only together with it.
	batch = mustCheck(t, texts{
		"flows.csv":    "id,from,to,kind,status,initial_status\nf1,a,b,loan,closed,talks\n",
		"outcomes.csv": "id,flow_id,date,status_after\no2,f1,2026,closed\n",
	}, store)
	if got := len(recordsOf(t, batch)); got != 2 {
		t.Errorf("the batch has %d records, want the leg and the outcome", got)
	}
}

func TestAFileThatChangesBetweenTheReadingsEndsTheImport(t *testing.T) {
	for name, change := range map[string]string{
		"flows.csv":     "id,from,to,kind\nf1,a,c,transfer\n",
		"transfers.csv": "from,to,amount,timestamp\na,b,2,2025-01-01\n",
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		text := oneFlow
		if name == "transfers.csv" {
			text = "from,to,amount,timestamp\na,b,1,2025-01-01\n"
		}
		write := func(text string) {
			t.Helper()
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write(text)
		src, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		_, batch, err := Check(t.Context(), src, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		write(change)
		var last error
		for _, err := range batch.Records {
			last = err
		}
		want := name + " has changed since it was checked; nothing of the import is kept"
		if last == nil || last.Error() != want {
			t.Errorf("the second reading ended with %v, want %s", last, want)
		}
	}
}

func TestABatchMayBeReadTwiceAndLeftEarly(t *testing.T) {
	list := "from,to,amount,timestamp\n" + strings.Repeat("a,b,1,2025-01-01\n", 5000)
	_, batch, err := Check(t.Context(), FromReader("transfers.csv", strings.NewReader(list)), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, few := range []int{1, 100} {
		n := 0
		for _, err := range batch.Records {
			if n++; err != nil || n == few {
				break
			}
		}
	}
	first := canonical(recordsOf(t, batch))
	if second := canonical(recordsOf(t, batch)); !slices.Equal(first, second) || len(first) != 5002 {
		t.Errorf("two readings give %d and %d records, want 5002 equal ones", len(first), len(second))
	}
}

func TestACheckStopsWhenItsContextDoes(t *testing.T) {
	for name, text := range map[string]string{
		"flows.csv":     "id,from,to,kind\n" + strings.Repeat("f,a,b,loan\n", 5000),
		"transfers.csv": "from,to,amount,timestamp\n" + strings.Repeat("a,b,1,2025-01-01\n", 5000),
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := Check(ctx, FromReader(name, strings.NewReader(text)), nil, Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("the check of %s ended with %v", name, err)
		}
	}
}

func TestAllFaultsAreCountedAndTheFirstShown(t *testing.T) {
	rows := "id,parent_id\n" + strings.Repeat("a|b,\n", 5000) + "c,nobody\n"
	report, _, err := Check(t.Context(), FromReader("companies.csv", strings.NewReader(rows)), nil, Options{MaxFaults: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Faults) != 2 || report.FaultsTotal != 5001 || report.Faults[1].Line != 3 {
		t.Errorf("shown %v of %d", report.Faults, report.FaultsTotal)
	}
	var text strings.Builder
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	want := "and 4999 more faults not shown\ncompanies.csv: 5001 companies\n5001 faults; nothing is kept\n"
	if !strings.HasSuffix(text.String(), want) {
		t.Errorf("report\n%s\nwant at its end\n%s", text.String(), want)
	}
}

func TestAReportIsJSON(t *testing.T) {
	report, _, err := Check(t.Context(), FromReader("flows.csv", strings.NewReader("id,from,to,kind,amount_usd\nf1,a,b,loan,-5\n")), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"origin":"flows.csv","faults":[{"file":"flows.csv","line":2,"column":"amount_usd","record":"flow/f1","value":"-5","code":"amount_negative",` +
		`"message":"\"-5\" is negative; an amount is zero or more; its direction is from payer to payee"}],"faults_total":1,"warnings":[],` +
		`"counts":[{"kind":"companies","rows":0,"created":2},{"kind":"flows","rows":1,"created":0}],"bytes":42}`
	if string(got) != want {
		t.Errorf("report\n got %s\nwant %s", got, want)
	}
}

func TestOpenTakesFoldersZipsAndFiles(t *testing.T) {
	dir := t.TempDir()
	z := texts{"data/flows.csv": oneFlow, "data/README.md": "read me", "__MACOSX/data/._flows.csv": "x", "data/": ""}
	delete(z, "data/")
	packed, err := io.ReadAll(z.zip(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"a.zip": packed, "my-flows.csv": []byte(oneFlow), "folder/flows.csv": []byte(oneFlow), "folder/notes.txt": nil, "folder/old/flows.csv": nil, "x.gz": nil} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a.zip", "my-flows.csv", "folder"} {
		src, err := Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		report, batch, err := Check(t.Context(), src, nil, Options{})
		if err != nil || !report.OK() {
			t.Fatalf("%s: %v %v", name, report, err)
		}
		if got := len(recordsOf(t, batch)); got != 3 || report.Origin != name {
			t.Errorf("%s gives %d records from %q, want 3", name, got, report.Origin)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"x.gz", "nothing"} {
		if _, err := Open(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s could be opened", name)
		}
	}
}

func TestRecordsAndDeletionsGoThroughTheRulesOfFiles(t *testing.T) {
	store := storeOf(t, texts{
		"flows.csv":    "id,deal_id,from,to,kind,initial_status,status\nf1,d1,a,b,loan,talks,signed\n",
		"outcomes.csv": "id,flow_id,date,status_after\no1,f1,2025,signed\n",
	})
	leg := &graph.Flow{ID: "f2", DealID: "d2", From: "a", To: "c", Kind: graph.Loan}
	report, batch, err := CheckRecords(t.Context(), []graph.Record{leg, &graph.Flow{ID: "f1", From: "a", To: "b", Kind: graph.Loan, Status: graph.Talks}},
		[]graph.Key{{Kind: graph.OutcomeKind, ID: "o1"}, {Kind: graph.DealKind, ID: "d1"}, {Kind: graph.OutcomeKind, ID: "o1"}}, store, Options{Origin: "api"})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	if leg.Status != "" {
		t.Error("the caller's record was changed")
	}
	got := canonical(recordsOf(t, batch))
	want := []string{
		`company/c {"id":"c"}`, `deal/d2 {"id":"d2"}`,
		`flow/f2 {"id":"f2","deal_id":"d2","from":"a","to":"c","kind":"loan","initial_status":"signed","status":"signed"}`,
		`flow/f1 {"id":"f1","from":"a","to":"b","kind":"loan","initial_status":"talks","status":"talks"}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("records\n got %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if keys := []graph.Key{{Kind: graph.OutcomeKind, ID: "o1"}, {Kind: graph.DealKind, ID: "d1"}}; !slices.Equal(batch.Deletes, keys) || batch.Origin != "api" || *batch.Base != 1 {
		t.Errorf("the batch of %s deletes %v at %d, want %v", batch.Origin, batch.Deletes, *batch.Base, keys)
	}
}
