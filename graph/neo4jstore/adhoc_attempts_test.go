package neo4jstore_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"roundtrip/graph"
	"roundtrip/graph/dataset"
	"roundtrip/graph/ingest"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
)

// attempt is one block of testdata/attempts.txt.
type attempt struct {
	what, text string
	params     map[string]any
	comes      string // rule, fault, cut or time
	says       string
}

func attempts(t *testing.T) []attempt {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "attempts.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var list []attempt
	for _, block := range strings.Split(string(b), "\n== ")[1:] {
		var a attempt
		a.what, block, _ = strings.Cut(block, "\n")
		for {
			line, rest, _ := strings.Cut(block, "\n")
			if params, ok := strings.CutPrefix(line, "$ "); ok {
				if err := json.Unmarshal([]byte(params), &a.params); err != nil {
					t.Fatalf("%s: %v", a.what, err)
				}
				for name, v := range a.params { // as whoever reads requests gives them
					if x, ok := v.(float64); ok {
						a.params[name] = int64(x)
					}
				}
			} else if comes, ok := strings.CutPrefix(line, "-> "); ok {
				a.comes, a.says, _ = strings.Cut(comes, ": ")
			} else {
				break
			}
			block = rest
		}
		a.text = strings.TrimSpace(block)
		list = append(list, a)
	}
	return list
}

// shippedStore is a store with the shipped data and a document.
func shippedStore(t *testing.T) (*neo4jstore.Store, neo4jtest.Server) {
	t.Helper()
	server := neo4jtest.Start(t)
	server.Wipe(t)
	s := openAgain(t, server, nil)
	src, err := ingest.FromFS(dataset.FS())
	if err != nil {
		t.Fatal(err)
	}
	report, batch, err := ingest.Check(t.Context(), src, s, ingest.Options{Origin: "shipped", At: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutDocument(t.Context(), graph.Document{Kind: "token", Name: "a", Body: []byte("secret")}, nil); err != nil {
		t.Fatal(err)
	}
	return s, server
}

// fingerprint is a fingerprint of all that the database holds.
func fingerprint(t *testing.T, server neo4jtest.Server) map[string]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	driver, err := neo4j.NewDriverWithContext(server.URI, neo4j.BasicAuth(server.Username, server.Password, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer driver.Close(ctx)
	found := map[string]string{}
	for name, text := range map[string]string{
		"nodes":         "MATCH (n) RETURN elementId(n), labels(n), properties(n)",
		"relationships": "MATCH ()-[r]->() RETURN elementId(r), type(r), elementId(startNode(r)), elementId(endNode(r)), properties(r)",
		"indexes":       "SHOW INDEXES YIELD name, type, labelsOrTypes, properties",
		"constraints":   "SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties",
		"labels":        "CALL db.labels()",
		"types":         "CALL db.relationshipTypes()",
		"properties":    "CALL db.propertyKeys()",
		"users":         "SHOW USERS YIELD user, passwordChangeRequired",
	} {
		result, err := neo4j.ExecuteQuery(ctx, driver, text, nil, neo4j.EagerResultTransformer, neo4j.ExecuteQueryWithDatabase(server.Database))
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, r := range result.Records {
			line, err := json.Marshal(r.Values)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, string(line))
		}
		slices.Sort(lines)
		found[name] = fmt.Sprintf("%d, %x", len(lines), sha256.Sum256([]byte(strings.Join(lines, "\n"))))
	}
	return found
}

// limits are small enough to be reached in a test.
func limits() neo4jstore.AdHocLimits {
	return neo4jstore.AdHocLimits{Text: 10_000, Rows: 1000, Bytes: 1 << 20, Time: 10 * time.Second}
}

func TestNoAttemptSucceedsAndNothingChanges(t *testing.T) {
	s, server := shippedStore(t)
	list := attempts(t)
	if len(list) < 60 {
		t.Errorf("%d attempts; want at least 60", len(list))
	}
	var asked atomic.Int64
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer web.Close()
	file := filepath.Join(t.TempDir(), "attempt.csv")
	short := limits()
	short.Time = 2 * time.Second
	before, revision := fingerprint(t, server), revisionOf(t, s)
	for _, a := range list {
		t.Run(a.what, func(t *testing.T) {
			long := "RETURN '" + strings.Repeat("x", limits().Text) + "'"
			nested := strings.Repeat("(", 1000) + "1" + strings.Repeat(")", 1000)
			doubled := strings.Repeat("WITH l + l AS l ", 60)
			sideBySide := strings.Repeat("size([x IN l WHERE x < 0]) + ", 250) + "0"
			text := strings.NewReplacer("{http}", web.URL, "{file}", file, "{long}", long, "{nested}", nested,
				"{doubled}", doubled, "{side_by_side}", sideBySide).Replace(a.text)
			if problem := a.judge(s.RunAdHoc(t.Context(), neo4jstore.AdHoc{Text: text, Params: a.params, Limits: short})); problem != "" {
				t.Errorf("%s\n%s", a.text, problem)
			}
		})
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("the network was reached %d times", n)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file was written")
	}
	after := fingerprint(t, server)
	for name, was := range before {
		if is := after[name]; is != was {
			t.Errorf("%s were %s and are %s", name, was, is)
		}
	}
	if now := revisionOf(t, s); now != revision {
		t.Errorf("the graph was %+v and is %+v", revision, now)
	}
	answer, err := s.RunAdHoc(t.Context(), neo4jstore.AdHoc{Text: "MATCH (c:Company {id: 'openai'}) RETURN c.name AS name", Limits: limits()})
	if err != nil || len(answer.Rows) != 1 || answer.Rows[0][0] != "OpenAI" {
		t.Errorf("the server does not answer any more: %v, %v", answer.Rows, err)
	}
}

func revisionOf(t *testing.T, s *neo4jstore.Store) graph.Revision {
	t.Helper()
	rev, err := s.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

// judge says what is wrong with what came of an attempt.
func (a attempt) judge(answer neo4jstore.AdHocAnswer, err error) string {
	var refused *neo4jstore.RefusedError
	var fault *neo4jstore.StatementFault
	came := "answer"
	switch {
	case errors.As(err, &refused):
		came = refused.Rule
	case errors.As(err, &fault):
		came = "fault"
	case errors.Is(err, context.DeadlineExceeded):
		came = "time"
	case err != nil:
		came = "another error"
	case answer.Cut != neo4jstore.CutNone:
		came = "cut " + string(answer.Cut)
	}
	said := ""
	if err != nil {
		said = err.Error()
	}
	if !slices.Contains(strings.Split(a.comes, " or "), came) || !strings.Contains(said, a.says) {
		return fmt.Sprintf("came to %q, %s, %d rows; want %q, %s", came, said, len(answer.Rows), a.comes, a.says)
	}
	return ""
}
