package strictyaml_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"roundtrip/graph/strictyaml"
)

// Whatever a text holds, it is read or has faults, and every place is one of the
// text.
func FuzzAnyTextIsReadOrHasFaultsWithinIt(f *testing.F) {
	for _, text := range []string{
		grown, "", "a: &x [*x]", "? [a]\n: b", "{\"name\":\"\\ud83d\\ude00\"}", "name: \"a\u2028b\" \nnote: |1-\n   x\n\r\rgate: \u0085", "--- !!map\nname: x\n...\n---\n",
		"plants: [a, a, ,]", "shed: {tools: [{kind: axe}, {kind: [hose]}, 3]}", "\"\\x\"", "a:\n\t- b", "labels: {1: [2, [3]], 1: x, [4]: ~}", "%YAML 9.9\n---\na", "[[[[{a: [", "\r\x19", "a: *b\u0085c: &d", "a: b: c",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, file := read(text)
		again, same := read(text)
		err := file.Err()
		if err == nil {
			if got.name == "" || len(got.plants) == 0 || len(got.plants) > 3 || got.beds < 1 || got.beds > 20 {
				t.Fatalf("%q is read as %+v", text, got)
			}
			return
		}
		if same.Err() == nil || same.Err().Error() != err.Error() || got.name != again.name {
			t.Fatalf("%q has the faults\n%v\nand then\n%v", text, err, same.Err())
		}
		var faults strictyaml.Faults
		if !errors.As(err, &faults) || len(faults) == 0 {
			t.Fatal(err)
		}
		lines := linesOf(text)
		for _, fault := range faults {
			if !utf8.ValidString(fault.Error()) && utf8.Valid(text) {
				t.Errorf("%q: the fault is not UTF-8: %q", text, fault)
			}
			if fault.Line == 0 && fault.Column == 0 {
				continue
			}
			if fault.Line < 1 || fault.Line > len(lines) || fault.Column < 1 || fault.Column > utf8.RuneCountInString(lines[fault.Line-1])+1 {
				t.Errorf("%q has %d lines, and a fault at %d:%d: %v", text, len(lines), fault.Line, fault.Column, fault)
			}
		}
	})
}

// linesOf are the lines of a text as YAML counts them, which knows more ends of
// a line than JSON.
func linesOf(text []byte) []string {
	s := strings.TrimPrefix(string(text), "\uFEFF")
	if !json.Valid([]byte(s)) {
		s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
	}
	return strings.Split(s, "\n")
}
