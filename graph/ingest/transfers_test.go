package ingest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"roundtrip/graph"
)

func readTransferList(t testing.TB, text string, existing Existing) []graph.Record {
	t.Helper()
	report, batch, err := Check(t.Context(), FromReader("list.csv", strings.NewReader(text)), existing, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	var records []graph.Record
	for r, err := range batch.Records {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func legsOf(records []graph.Record) (ids []string) {
	for _, r := range records {
		if f, ok := r.(*graph.Flow); ok {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// documentedID is the id by the words of the documentation.
func documentedID(from, to, amount, timestamp, kind string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%s|%s|%s|%d", from, to, amount, timestamp, kind, n))
	return fmt.Sprintf("t_%x", sum[:8])
}

func TestATransferHasTheFieldsOfItsRowAndTheDefaultsOfATransfer(t *testing.T) {
	got := canonical(readTransferList(t, "timestamp,to,from,amount,kind\n2025-03-01T10:20:30Z,b,a,12.5,\n1740823200,\"the \"\"é\"\" firm\",a,1k,loan\n", nil))
	want := []string{
		`company/a {"id":"a"}`, `company/b {"id":"b"}`, `company/the "é" firm {"id":"the \"é\" firm"}`,
	}
	for _, leg := range []string{
		documentedID("a", "b", "12.50", "2025-03-01T10:20:30Z", "transfer", 1) + `","from":"a","to":"b","kind":"transfer","moves":"cash","amount_usd":"12.50","announced_date":"2025-03-01T10:20:30Z","initial_status":"closed","status":"closed"}`,
		documentedID("a", `the "é" firm`, "1000", "2025-03-01T10:00:00Z", "loan", 1) + `","from":"a","to":"the \"é\" firm","kind":"loan","amount_usd":"1000","announced_date":"2025-03-01T10:00:00Z","initial_status":"signed","status":"signed"}`,
	} {
		want = append(want, "flow/"+leg[:18]+` {"id":"`+leg)
	}
	if !slices.Equal(got, want) {
		t.Errorf("records\n got %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// canonical are records as "kind/id canonical form".
func canonical(records []graph.Record) []string {
	lines := make([]string, 0, len(records))
	for _, r := range records {
		lines = append(lines, r.Key().String()+" "+string(graph.AppendCanonical(nil, r)))
	}
	return lines
}

func TestIDsOfTransfersFollowTheirDocumentation(t *testing.T) {
	list := "from,to,amount,timestamp\na,b,10,2025-03-01\na,b,10.00,2025-03-01\na,b,10,2025-03-02\na,b,10k,1740823200\na,b,,2025-03\na,b,10,2025-03-01\na,b,0.5,2025-03-01T10:00:00.250+01:00\nb,a,10,2025-03-01\n"
	got := legsOf(readTransferList(t, list, nil))
	want := []string{
		documentedID("a", "b", "10", "2025-03-01", "transfer", 1),
		documentedID("a", "b", "10", "2025-03-01", "transfer", 2),
		documentedID("a", "b", "10", "2025-03-02", "transfer", 1),
		documentedID("a", "b", "10000", "2025-03-01T10:00:00Z", "transfer", 1),
		documentedID("a", "b", "", "2025-03", "transfer", 1),
		documentedID("a", "b", "10", "2025-03-01", "transfer", 3),
		documentedID("a", "b", "0.50", "2025-03-01T09:00:00.25Z", "transfer", 1),
		documentedID("b", "a", "10", "2025-03-01", "transfer", 1),
	}
	if !slices.Equal(got, want) {
		t.Errorf("ids\n got %q\nwant %q", got, want)
	}
	if again := legsOf(readTransferList(t, list, nil)); !slices.Equal(again, want) {
		t.Errorf("the second import gives other ids: %q", again)
	}
	longer := legsOf(readTransferList(t, list+"a,b,10,2025-03-01\n", nil))
	want = append(want, documentedID("a", "b", "10", "2025-03-01", "transfer", 4))
	if !slices.Equal(longer, want) {
		t.Errorf("with one row more the ids are\n%q, want\n%q", longer, want)
	}
}

func TestCompaniesThatTheStoreKnowsAreNotWrittenAgain(t *testing.T) {
	store := storeOf(t, texts{"companies.csv": "id,name\na,The A\n"})
	records := readTransferList(t, "from,to,amount,timestamp\na,b,1,2025-01-01\n", store)
	if records[0].Key() != (graph.Key{Kind: graph.CompanyKind, ID: "b"}) || len(records) != 2 {
		t.Errorf("the batch holds %v", records)
	}
}

// transferList is a list of n rows among few companies, in order of time.
func transferList(n int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	b.WriteString("from,to,amount,timestamp\n")
	for i := range n {
		fmt.Fprintf(&b, "acct%06d,acct%06d,%d.%02d,%d\n", rng.IntN(100_000), rng.IntN(100_000), rng.IntN(100_000), rng.IntN(100), 1_700_000_000+i)
	}
	return b.Bytes()
}

func BenchmarkTransferList(b *testing.B) {
	const rows = 1_000_000
	list := transferList(rows)
	for _, reading := range []string{"check", "check and yield"} {
		b.Run(reading, func(b *testing.B) {
			b.SetBytes(int64(len(list)))
			b.ReportAllocs()
			for b.Loop() {
				report, batch, err := Check(b.Context(), FromReader("transfers.csv", bytes.NewReader(list)), nil, Options{})
				if err != nil || !report.OK() {
					b.Fatal(report, err)
				}
				if reading == "check" {
					continue
				}
				for _, err := range batch.Records {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "legs/s")
		})
	}
}

// endlessList is a transfer list that is made while it is read, so that no
// copy of it lies in memory.
type endlessList struct {
	rows, next int
	rest       []byte
}

func (l *endlessList) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		if l.next > l.rows {
			return 0, io.EOF
		}
		if l.next == 0 {
			l.rest = []byte("from,to,amount,timestamp\n")
		} else {
			l.rest = fmt.Appendf(l.rest[:0], "company%04d,company%04d,%d.50,%d\n", l.next%5000, l.next*7%4999, l.next, 1_600_000_000+l.next)
		}
		l.next++
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

func (l *endlessList) Seek(offset int64, whence int) (int64, error) {
	if offset == 0 && whence == io.SeekStart {
		*l = endlessList{rows: l.rows}
	}
	return 0, nil
}

func TestALongTransferListDoesNotLieInMemory(t *testing.T) {
	const rows = 1_200_000 // about 55 MB
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	peak, read := uint64(0), int64(0)
	watch := func(p Progress) {
		if p.Rows%(1<<18) == 0 {
			peak = max(peak, heap())
		}
		read = p.Bytes
	}
	report, batch, err := Check(t.Context(), FromReader("transfers.csv", &endlessList{rows: rows}), nil, Options{Progress: watch})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	legs := 0
	for r, err := range batch.Records {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := r.(*graph.Flow); ok {
			if legs++; legs%(1<<18) == 0 {
				peak = max(peak, heap())
			}
		}
	}
	const limit = 32 << 20
	if used := peak - before; read < 50<<20 || legs != rows || used > limit {
		t.Errorf("%d legs of %d bytes took %d bytes of memory at most, want %d legs and less than %d bytes", legs, read, used, rows, limit)
	}
}
