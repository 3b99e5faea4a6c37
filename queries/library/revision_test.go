package library_test

import (
	"testing"
	"testing/fstest"

	"roundtrip/queries"
	"roundtrip/queries/casetest"
)

func TestAnEarlierRevisionAnswersAsItDidThen(t *testing.T) {
	store, _ := embedded().New(t)
	runner := newRunner(store, nil)
	write := func(amount string) {
		flows := "id,from,to,kind,announced_date,amount_usd\nx,a,b,loan,2025-01-01," + amount + "\ny,b,a,lease,2025-01-01,4\n"
		casetest.Import(t, store, fstest.MapFS{"flows.csv": {Data: []byte(flows)}})
	}
	write("10")
	then, err := runner.Run(t.Context(), queries.Request{Analysis: "roundtrips"})
	if err != nil {
		t.Fatal(err)
	}
	write("2")
	for range 2 { // the second from memory
		again, err := runner.Run(t.Context(), queries.Request{Analysis: "roundtrips", Revision: 1})
		if err != nil {
			t.Fatal(err)
		}
		if again.Finding != then.Finding || again.Revision.Number != then.Revision.Number || again.Revision.Hash != then.Revision.Hash {
			t.Errorf("got %q of revision %v, want %q of %v", again.Finding, again.Revision, then.Finding, then.Revision)
		}
	}
	now, err := runner.Run(t.Context(), queries.Request{Analysis: "roundtrips"})
	if err != nil || now.Finding == then.Finding || now.Revision.Number != 2 {
		t.Errorf("the current answer is %q of revision %v: %v", now.Finding, now.Revision, err)
	}
	_, err = runner.Run(t.Context(), queries.Request{Analysis: "roundtrips", Revision: 3})
	if err == nil || err.Error() != "revision=3: there is no such revision; want 1 to 2" {
		t.Errorf("error is %v", err)
	}
}
