package saved_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"roundtrip/graph/scenario"
	"roundtrip/queries/library"
	"roundtrip/queries/saved"
)

// Whatever a file holds, it is read or has faults; what is read is written and
// read back the same, as YAML and as JSON.
func FuzzAnyTextIsReadOrHasFaults(f *testing.F) {
	f.Add([]byte(payments))
	for _, name := range []string{"../../graph/dataset/queries/trainium-stand-off.yaml", "testdata/payments-of.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{
		"name: [a]\ntags: {}\ncypher: [x]\nparameters: {a: b}", "name: a\ncypher: $x\nparameters: [{name: x, type: text, default: {a: 1}}, 3, [], {name: x, type: list, default: [a, [b]]}]",
		`{"name":"a","cypher":"RETURN '\u0000\ud83d\ude00'\n "}`, "name: a\nrequest: 7", "name: a\nrequest: {analysis: [cycles], lens: 3, params: [], draws: {}}", "name: a\ncypher: \"RETURN \\t1 \\n\\n\"\nnote: ' x '",
	} {
		f.Add([]byte(text))
	}
	catalogue := library.All()
	f.Fuzz(func(t *testing.T, text []byte) {
		q, err := saved.Parse(catalogue, "f", text)
		var faults scenario.Faults
		if errors.As(err, &faults) && len(faults) > 0 {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		j, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, again := range [][]byte{q.YAML(), j} {
			back, err := saved.Parse(catalogue, "f", again)
			if err != nil {
				t.Fatalf("%q\nis written as\n%s\nand is not read back: %v", text, again, err)
			}
			if k, err := json.Marshal(back); err != nil || !bytes.Equal(j, k) {
				t.Fatalf("%q\nis written as\n%s\nand read back as\n%s", text, again, k)
			}
		}
	})
}
