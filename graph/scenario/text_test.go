package scenario_test

import (
	"testing"

	"roundtrip/graph/scenario"
)

func TestOtherFilesAreReadAsStrictlyAsScenarios(t *testing.T) {
	keys := []scenario.Key{
		{Name: "name", Type: "text", Required: true, Doc: "The name of it."},
		{Name: "on", Type: "flag", Doc: "Whether."},
		{Name: "of", Type: "list", Doc: "Which."},
		{Name: "kind", Type: "text", Allowed: []string{"loan", "lease"}, Doc: "What."},
	}
	text, root := scenario.ReadText("f.yaml", "thing", "a name", []byte("nam: a\non: maybe\nof: [x, x]\nkind: laon\n"))
	got := text.Object(root, keys)
	text.Flag(got["on"])
	text.Choice(got["kind"], keys[3])
	if list := text.List(got["of"]); len(list) != 1 || list[0] != "x" || !got["of"].IsList() || got["of"].Line() != 3 {
		t.Errorf("the list is %v at line %d", list, got["of"].Line())
	}
	text.FaultAt(got["of"], 3, 9, "x", scenario.CodeNotAllowed, "is the second")
	const want = "f.yaml:1:1: nam: no such key; did you mean name?; allowed are name, on, of, kind\n" +
		"f.yaml:1:1: name: is missing; want the name of it\n" +
		`f.yaml:2:5: on: "maybe" is not allowed; want true or false` + "\n" +
		`f.yaml:3:9: of[1]: "x" is named twice; want it once` + "\n" +
		"f.yaml:3:9: of: is the second\n" +
		`f.yaml:4:7: kind: "laon" is not allowed; did you mean loan?; want one of loan, lease`
	if err := text.Err(); err == nil || err.Error() != want {
		t.Errorf("the faults are\n%v\nwant\n%s", err, want)
	}
	text, root = scenario.ReadText("", "thing", "a name", nil)
	if err := text.Err(); root.Given() || err == nil || err.Error() != "is empty; want a thing with a name" {
		t.Errorf("an empty text is %v", err)
	}
	for name, want := range map[string]bool{"": false, "a-b2": true, "-a": false, "A": false, "a_b": false} {
		if scenario.ValidName(name) != want {
			t.Errorf("%q is a name: %v", name, !want)
		}
	}
}
