package neo4jstore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTokensLeaveOutBlanksAndComments(t *testing.T) {
	list, err := tokens("MATCH /* a */ (n:`A``b`) // c\n WHERE n.x='it\\'s' RETURN 12")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range list {
		got = append(got, x.text)
	}
	if want := "MATCH|(|n|:|A`b|)|WHERE|n|.|x|=|'it\\'s'|RETURN|12"; strings.Join(got, "|") != want {
		t.Errorf("tokens are %s, want %s", strings.Join(got, "|"), want)
	}
}

func TestTheDocsNameEveryProcedureThatIsAllowed(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "neo4j.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range allowedProcedures() {
		if !strings.Contains(strings.ToLower(string(b)), "`"+name+"`") {
			t.Errorf("docs/neo4j.md does not name %s", name)
		}
	}
}

// FuzzARefusalAlwaysSaysWhy also holds that no text makes the rules panic or run
// on, and that blanks and comments between tokens change nothing.
func FuzzARefusalAlwaysSaysWhy(f *testing.F) {
	for _, text := range []string{
		"MATCH (n:Company) RETURN n", "RETURN range(1, size([1]) - 1) AS l", "RETURN range(1, ", "CALL db.", "CALL", "RETURN size(", "RETURN $(", "SHOW",
		"RETURN CASE WHEN true THEN COLLECT { RETURN 1 } END", "RETURN [[[({)]}", "RETURN `", "RETURN a.b.c(", "; ; ;", "LOAD CSV", "RETURN 1 /* */ // ",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := checkText(text, nil)
		var refused *RefusedError
		if err != nil && (!errors.As(err, &refused) || refused.Rule == "" || refused.Detail == "" || !utf8.ValidString(refused.Detail)) {
			t.Fatalf("%q: %#v", text, err)
		}
		list, err := tokens(text)
		if err != nil {
			return
		}
		var spread strings.Builder
		for _, x := range list {
			piece := x.text
			if x.kind == quotedToken {
				piece = "`" + strings.ReplaceAll(piece, "`", "``") + "`"
			}
			spread.WriteString(" /* x */ " + piece + " // y\n")
		}
		again, err := tokens(spread.String())
		if err != nil || len(again) != len(list) {
			t.Fatalf("%q is %d tokens, spread out %d, %v", text, len(list), len(again), err)
		}
	})
}
