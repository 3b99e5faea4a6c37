package sqlitestore

import (
	"bytes"
	"testing"

	"roundtrip/graph"
)

// FuzzDecodeReadsWhatParseCanonicalReads compares the quick way with the plain
// one: what the quick way takes, it takes the same.
func FuzzDecodeReadsWhatParseCanonicalReads(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"id":"a"}`, `{"id":"a","from":"Ü"}`, `{"id":"a\"b","from":"b"}`, `{"id":"a","amount_usd":"10.50","chips":["x","y"],"workload":"training"}`,
		`{"from":"b","id":"a"}`, `{"id":"a","id":"b"}`, `{"id":"a",}`, `{"id":"a"} `, `{"id":"a"}}`, `{"id":["a"]}`, `{"id":"a","chips":[]}`, `{"id":"a","chips":["x",]}`,
		`{"id":"a","chips":"x"}`, `{"id":"a","amount_usd":"-1"}`, `{"id":"a","amount_usd":"x"}`, `{"id":"a","colour":"red"}`, `{"id":"a","count_in_totals":"no"}`,
		`{"id":"a","announced_date":"2025-12"}`, `{,}`, `{"id"}`, `{"id":"a" "from":"b"}`, `[]`, ``, `{`, `}`, "{\"id\":\"a\nb\"}", "{\"id\":\"\xff\"}",
	} {
		for _, k := range graph.RecordKinds() {
			f.Add(uint8(k), []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		k := graph.RecordKinds()[int(kind)%len(graph.RecordKinds())]
		quick, err := decode(k, body)
		want, wantErr := graph.ParseCanonical(k, body)
		if wantErr != nil {
			// Texts that JSON does not allow are never stored; the quick way may take them.
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		a, b := graph.AppendCanonical(nil, quick), graph.AppendCanonical(nil, want)
		if bytes.Equal(b, body) && !bytes.Equal(a, b) {
			t.Fatalf("%s reads as\n%s, want\n%s", body, a, b)
		}
	})
}
