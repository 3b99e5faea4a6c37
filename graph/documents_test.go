package graph

import (
	"errors"
	"strings"
	"testing"
)

func TestNamesAndSizesOfDocumentsAreChecked(t *testing.T) {
	fine := Document{Kind: "scenario", Name: "chips-arrive_late-2", Body: make([]byte, MaxDocumentBody), By: strings.Repeat("é", 100)}
	if err := fine.Check(); err != nil {
		t.Error(err)
	}
	if err := (Document{Kind: "q", Name: strings.Repeat("z", 80)}).Check(); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		d           Document
		field, want string
	}{
		{Document{Name: "a"}, "kind", `the kind of the document: "" is not allowed; want 1 to 80 lower-case letters, digits, - and _`},
		{Document{Kind: "a"}, "name", `the name of the document: "" is not allowed; want 1 to 80 lower-case letters, digits, - and _`},
		{Document{Kind: "a", Name: strings.Repeat("z", 81)}, "name", "want 1 to 80"},
		{Document{Kind: "a", Name: strings.Repeat("z", 1000)}, "name", `zzz..." is not allowed`},
		{Document{Kind: "Scenario", Name: "a"}, "kind", `"Scenario" is not allowed`},
		{Document{Kind: "a", Name: "a/b"}, "name", `"a/b" is not allowed`},
		{Document{Kind: "a", Name: "../b"}, "name", `"../b" is not allowed`},
		{Document{Kind: "a", Name: "a b"}, "name", `"a b" is not allowed`},
		{Document{Kind: "a", Name: "a.b"}, "name", `"a.b" is not allowed`},
		{Document{Kind: "a", Name: "zürich"}, "name", `"zürich" is not allowed`},
		{Document{Kind: "a", Name: "a\x00"}, "name", "is not allowed"},
		{Document{Kind: "a", Name: "b", Body: make([]byte, MaxDocumentBody+1)}, "body", "the body of the document: it has 1048577 bytes; want at most 1048576"},
		{Document{Kind: "a", Name: "b", By: strings.Repeat("é", 101)}, "by", "at most 200 bytes"},
		{Document{Kind: "a", Name: "b", By: "\xff"}, "by", "want a text"},
	} {
		err := c.d.Check()
		var bad *DocumentError
		if !errors.As(err, &bad) || bad.Field != c.field || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q, %q: %v; want one of the %s with %q", c.d.Kind, c.d.Name, err, c.field, c.want)
		}
	}
}

func TestAConflictNamesBothVersions(t *testing.T) {
	d := Document{Kind: "scenario", Name: "late"}
	base := func(n uint64) *uint64 { return &n }
	for _, c := range []struct {
		base *uint64
		at   uint64
		want string
	}{
		{nil, 0, ""},
		{nil, 3, ""},
		{base(0), 0, ""},
		{base(3), 3, ""},
		{base(0), 3, "document scenario/late exists already, at version 3"},
		{base(2), 3, "document scenario/late is at version 3; the change was made to version 2"},
		{base(2), 0, "document scenario/late does not exist any more; the change was made to version 2"},
	} {
		err := d.CheckBase(c.base, c.at)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%v at %d: %v", c.base, c.at, err)
		case c.want != "" && (!errors.Is(err, ErrConflict) || err.Error() != c.want):
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}
