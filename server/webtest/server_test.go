package webtest

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"testing"
	"time"

	"roundtrip/graph/dataset"
	"roundtrip/graph/ingest"
	"roundtrip/graph/scenario"
	"roundtrip/graph/sqlitestore"
	"roundtrip/queries"
	"roundtrip/queries/library"
	"roundtrip/queries/saved"
	"roundtrip/server"
	"roundtrip/server/web"
)

// serve starts the server with the shipped data and the committed page on a
// free port and returns its address.
func serve(t *testing.T) string {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	src, err := ingest.FromFS(dataset.FS())
	if err != nil {
		t.Fatal(err)
	}
	report, batch, err := ingest.Check(t.Context(), src, store, ingest.Options{Origin: "shipped data set", At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Apply(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	shelf, err := scenario.NewShelf(dataset.Scenarios(), store)
	if err != nil {
		t.Fatal(err)
	}
	named, err := saved.NewShelf(library.All(), dataset.Queries(), store)
	if err != nil {
		t.Fatal(err)
	}
	listening := make(chan net.Addr, 1)
	s, err := server.New(server.Options{
		Address: "127.0.0.1:0", Store: store, Scenarios: shelf, Queries: named, Page: web.Files(), Version: "test", Listening: func(a net.Addr) { listening <- a },
		Runner: queries.NewRunner(queries.Options{Catalogue: library.All(), Live: queries.NewLive(store), Now: time.Now}),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("stop the server: %v", err)
		}
	})
	select {
	case a := <-listening:
		return "http://" + a.String()
	case err := <-done:
		done <- nil
		t.Fatalf("the server did not start: %v", err)
	case <-time.After(patience):
		t.Fatal("the server did not listen in time")
	}
	return ""
}

// ask gets an answer of the API, the measure of what the page shows.
func ask[T any](t *testing.T, base, path string) T {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/v1"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, res.Status)
	}
	var v T
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

type drawing struct {
	Nodes []struct {
		ID string `json:"id"`
	} `json:"nodes"`
	Edges []edge `json:"edges"`
}

type edge struct {
	Payer  string   `json:"payer"`
	Payee  string   `json:"payee"`
	Class  string   `json:"class"`
	Signed bool     `json:"signed"`
	Legs   []string `json:"legs"`
}

type loops struct {
	Finding string `json:"finding"`
	Rows    []struct {
		ID      string   `json:"id"`
		Ring    []string `json:"ring"`
		Classes []string `json:"classes"`
		Hops    int      `json:"hops"`
	} `json:"rows"`
}

// keys are the edges of a loop as the page names them.
func (l loops) keys(i int) []string {
	row := l.Rows[i]
	keys := make([]string, len(row.Ring))
	for j, payer := range row.Ring {
		keys[j] = payer + "~" + row.Ring[(j+1)%len(row.Ring)] + "~" + row.Classes[j]
	}
	return keys
}

type analyses struct {
	Analyses []struct {
		Name     string `json:"name"`
		Question string `json:"question"`
	} `json:"analyses"`
}
