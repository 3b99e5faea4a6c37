package strictyaml_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"roundtrip/graph/strictyaml"
)

// A garden has a key of each type.
func garden() strictyaml.Form {
	return strictyaml.Form{What: "garden", Holds: "name and plants", MaxBytes: 64 << 10, Keys: []strictyaml.Key{
		{Name: "name", Type: "id", Required: true, Doc: "What it is called."},
		{Name: "plants", Alias: "plant", Type: "list", Required: true, Most: 3, Doc: "What grows in it."},
		{Name: "note", Type: "text", Doc: "More."},
		{Name: "soil", Type: "list", Allowed: []string{"CLAY", "SAND"}, Fold: true, Doc: "What it grows in."},
		{Name: "gate", Type: "text", Allowed: []string{"open", "shut"}, Doc: "The state of the gate."},
		{Name: "public", Type: "flag", Doc: "Whether anybody may enter."},
		{Name: "beds", Type: "integer", Default: "4", Minimum: "1", Maximum: "20", Doc: "How many beds it has."},
		{Name: "steps", Type: "integer", Minimum: "0", Doc: "Down to the pond."},
		{Name: "size", Type: "number", Minimum: "0.5", Maximum: "99", Default: "as it was bought", Doc: "In acres."},
		{Name: "worth", Type: "money", Default: "1k", Doc: "What it would fetch."},
		{Name: "since", Type: "date", Doc: "When it was laid out."},
		{Name: "shed", Type: "record", Doc: "The shed.", Keys: []strictyaml.Key{
			{Name: "colour", Type: "text", Required: true, Doc: "Its colour."},
			{Name: "tools", Type: "records", Most: 2, Doc: "What hangs in it.", Keys: []strictyaml.Key{
				{Name: "kind", Type: "text", Required: true, Allowed: []string{"axe", "hose"}, Doc: "What it is."},
				{Name: "edge", Type: "text", Required: true, For: []string{"axe"}, Doc: "How sharp it is."},
				{Name: "length", Type: "integer", For: []string{"hose"}, Doc: "In feet."},
			}},
		}},
		{Name: "labels", Type: "arguments", Doc: "Texts by name."},
	}}
}

// Everything is what a text says, as it was read.
type everything struct {
	name, note, gate     string
	plants, soil         []string
	public               bool
	beds, steps          int
	size, worth, since   string
	colour, tools, label string
}

func read(text []byte) (everything, *strictyaml.File) {
	f := strictyaml.Read("g.yaml", text, garden())
	o := f.Root().Object()
	e := everything{
		name: o.At("name").ID("name", 10), note: o.At("note").Text(), gate: o.At("gate").Choice(),
		plants: o.At("plants").List(), soil: o.At("soil").Choices(), public: o.At("public").Flag(),
		beds: o.At("beds").Whole(" of beds"), steps: o.At("steps").Whole(""),
		size: o.At("size").Number().String(), worth: o.At("worth").Money().String(), since: o.At("since").Date().String(),
	}
	shed := o.At("shed").Object()
	e.colour = shed.At("colour").Text()
	for _, item := range shed.At("tools").Items() {
		tool := item.Object()
		e.tools += fmt.Sprintf("%s %s %d;", tool.At("kind").Choice(), tool.At("edge").Text(), tool.At("length").Whole(""))
	}
	for _, label := range o.At("labels").Entries("labels by name", strictyaml.Key{Most: 2}) {
		e.label += label.Name() + "=" + strings.Join(label.List(), "+") + ";"
	}
	return e, f
}

const grown = `name: kew # the one
plants: [oak, fern]
note: |
  Two
  lines.
soil: sand
gate: shut
public: yes
beds: 7
steps: 39
size: 12.5
worth: 1.5m
since: 1759-08
shed:
  colour: null
  colour: green
`

func TestATextIsReadWithItsTypes(t *testing.T) {
	yaml := strings.Replace(grown, "  colour: null\n", "", 1) + "  tools: [{kind: axe, edge: keen}, {kind: hose, length: 30}]\nlabels: {b: [1, 2], a: x}\n"
	json := `{"name": "kew", "plants": ["oak", "fern"], "note": "Two\nlines.\n", "soil": "Sand", "gate": "shut", "public": true, "beds": 7, "steps": 39,
		"size": 12.5, "worth": "1.5m", "since": "1759-08", "shed": {"colour": "green", "tools": [{"kind": "axe", "edge": "keen"}, {"kind": "hose", "length": 30}]},
		"labels": {"b": [1, 2], "a": "x"}}`
	want := everything{
		name: "kew", plants: []string{"oak", "fern"}, note: "Two\nlines.\n", soil: []string{"SAND"}, gate: "shut", public: true, beds: 7, steps: 39,
		size: "12.5", worth: "1500000", since: "1759-08", colour: "green", tools: "axe keen 0;hose  30;", label: "b=1+2;a=x;",
	}
	for _, text := range []string{yaml, json, "\xEF\xBB\xBF" + yaml, "\xEF\xBB\xBF" + json, strings.ReplaceAll(yaml, "\n", "\r\n")} {
		got, f := read([]byte(text))
		if err := f.Err(); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q is read as\n%+v\nwant\n%+v\n%v", text, got, want, err)
		}
	}
	got, f := read([]byte("name: kew\nplant: oak\nnote: ~\nbeds:\n"))
	if err := f.Err(); err != nil || fmt.Sprint(got) != fmt.Sprint(everything{name: "kew", plants: []string{"oak"}, beds: 4, worth: "1000"}) {
		t.Errorf("the smallest garden is %+v, %v", got, err)
	}
}

// with is a text that is fine, and more.
func with(lines ...string) string {
	return "name: kew\nplants: oak\n" + strings.Join(lines, "\n") + "\n"
}

const allowed = "name, plants, note, soil, gate, public, beds, steps, size, worth, since, shed, labels"

func TestABadTextIsRefusedWithPlaceAndRule(t *testing.T) {
	for _, c := range []struct {
		says, text string
		want       []string
	}{
		{"nothing", "", []string{`g.yaml: is empty; want a garden with name and plants`}},
		{"a comment", "# later\n", []string{`g.yaml: is empty; want a garden with name and plants`}},
		{"null", "--- ~\n", []string{`g.yaml: is empty; want a garden with name and plants`}},
		{"an empty text in JSON", `""`, []string{`g.yaml: is empty; want a garden with name and plants`}},
		{"too much", strings.Repeat(" ", 64<<10) + "1", []string{`g.yaml: has 65537 bytes; at most 65536 are allowed`}},
		{"another encoding", "name: K\xE4the\n", []string{`g.yaml: is not valid UTF-8; save it as UTF-8`}},
		{"not YAML", "name: kew\nplants: [oak\nbeds: 3\n", []string{`g.yaml:2:1: is not YAML or JSON: did not find expected ',' or ']'`}},
		{"not YAML from the first line on", "name: [kew", []string{`g.yaml:1:1: is not YAML or JSON: did not find expected ',' or ']'`}},
		{"a tab", "name: kew\nshed:\n\tcolour: red\n", []string{`g.yaml:3:1: is not YAML or JSON: found character that cannot start any token`}},
		{"a key without its value", "name: kew\nplants\nbeds: 3\n", []string{`g.yaml:2:1: is not YAML or JSON: could not find expected ':'`}},
		{"a key out of line", "name: kew\nplants: oak\n  beds: 3\n", []string{`g.yaml:3:1: is not YAML or JSON: mapping values are not allowed in this context`}},
		{"a key out of line after a list", "name: kew\nplants:\n  - oak\n beds: 3\n", []string{`g.yaml:4:1: is not YAML or JSON: did not find expected key`}},
		{"two values on the first line", "name: a: b\n", []string{`g.yaml:1:1: is not YAML or JSON: mapping values are not allowed in this context`}},
		{"a control character", "name: kew\nnote: ö\x08\n", []string{`g.yaml:2:8: is not YAML or JSON: control characters are not allowed`}},
		{"an alias to nothing", "name: x # *\nnote: ö *kew2\nplants: *kew\n", []string{`g.yaml:3:9: is not YAML or JSON: unknown anchor 'kew' referenced`}},
		{"two documents", "name: kew\n---\nname: wisley\n", []string{`g.yaml: holds more than one document; want one garden`}},
		{"a list", "- name: kew\n", []string{`g.yaml:1:1: is a list; want the keys ` + allowed}},
		{"a text", "kew", []string{`g.yaml:1:1: "kew" is one value; want the keys ` + allowed}},
		{"anchors and aliases, of which all are told", "name: &n kew\nplants: [*n, &m {}]\nnote: *n\n", []string{
			`g.yaml:1:7: uses an anchor or an alias of YAML; write the value out`,
			`g.yaml:2:10: uses an anchor or an alias of YAML; write the value out`,
			`g.yaml:2:14: uses an anchor or an alias of YAML; write the value out`,
			`g.yaml:3:7: uses an anchor or an alias of YAML; write the value out`,
		}},
		{"a merge", with("<<: {beds: 3}"), []string{`g.yaml:3:1: <<: no such key; allowed are ` + allowed}},
		{"tags", with("note: !!null five", "beds: !int 3", "shed: !!set {x}"), []string{
			`g.yaml:3:7: carries the tag !!null of YAML; write the value without it`,
			`g.yaml:4:7: carries the tag !int of YAML; write the value without it`,
			`g.yaml:5:7: carries the tag !!set of YAML; write the value without it`,
		}},
		{"too deep", with("labels: " + strings.Repeat("[", 31) + "[]" + strings.Repeat("]", 31)), []string{`g.yaml:3:40: is nested more than 32 deep`}},
		{"too deep in JSON", strings.Repeat("[", 33) + strings.Repeat("]", 33), []string{`g.yaml:1:33: is nested more than 32 deep`}},
		{"nothing that is required", "note: x\n", []string{
			`g.yaml:1:1: name: is missing; want what it is called`,
			`g.yaml:1:1: plants: is missing; want what grows in it`,
		}},
		{"required and empty", "name: ''\nplants:\n", []string{
			`g.yaml:1:7: name: is missing; want what it is called`,
			`g.yaml:2:8: plants: is missing; want what grows in it`,
		}},
		{"unknown keys, the last too long to be meant", with("bed: 3", "colour: red", strings.Repeat("n", 201)+": x"), []string{
			`g.yaml:3:1: bed: no such key; did you mean beds?; allowed are ` + allowed,
			`g.yaml:4:1: colour: no such key; allowed are ` + allowed,
			`g.yaml:5:1: ` + strings.Repeat("n", 80) + `...: no such key; allowed are ` + allowed,
		}},
		{"keys that are no texts", with("[a]: b", "~: c", "'': d", "{}: e", "labels: {[x]: y, null: z}"), []string{
			`g.yaml:3:1: has a key that is a list; want a text`,
			`g.yaml:4:1: ~: no such key; allowed are ` + allowed,
			`g.yaml:5:1: has a key that is empty; want a text`,
			`g.yaml:6:1: has a key that is a mapping; want a text`,
			`g.yaml:7:10: labels: has a key that is a list; want a text`,
		}},
		{"keys twice", with("note: a", "note: b", "note:", "plant: fern", "labels: {a: 1, a: 2}"), []string{
			`g.yaml:4:1: note: is given twice; want it once`,
			`g.yaml:5:1: note: is given twice; want it once`,
			`g.yaml:6:1: plant: is another name of plants, which is given as well; want one of them`,
			`g.yaml:7:16: labels.a: is given twice; want it once`,
		}},
		{"one value where others are wanted", with("shed: green", "labels: red"), []string{
			`g.yaml:3:7: shed: "green" is one value; want the keys colour, tools`,
			`g.yaml:4:9: labels: "red" is one value; want labels by name`,
		}},
		{"others where one value is wanted", with("note: [a]", "gate: {}", "public: []", "beds: [3]", "size: {a: 1}", "since: [2020]"), []string{
			`g.yaml:3:7: note: is a list; want one value`,
			`g.yaml:4:7: gate: is a mapping; want one value`,
			`g.yaml:5:9: public: is a list; want one value`,
			`g.yaml:6:7: beds: is a list; want one value`,
			`g.yaml:7:7: size: is a mapping; want one value`,
			`g.yaml:8:8: since: is a list; want one value`,
		}},
		{"values that are not allowed", with("gate: shutt", "public: maybe", "beds: 0", "steps: -1", "size: 0.25", "worth: -1", "since: 2020-13"), []string{
			`g.yaml:3:7: gate: "shutt" is not allowed; did you mean shut?; want one of open, shut`,
			`g.yaml:4:9: public: "maybe" is not allowed; want true or false`,
			`g.yaml:5:7: beds: "0" is not allowed; want a whole number of beds from 1 to 20`,
			`g.yaml:6:8: steps: "-1" is not allowed; want a whole number of at least 0`,
			`g.yaml:7:7: size: "0.25" is not allowed; want a number from 0.5 to 99`,
			`g.yaml:8:8: worth: "-1" is negative; an amount is zero or more, its direction is from payer to payee`,
			`g.yaml:9:8: since: "2020-13" is not a date; want YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ`,
		}},
		{"values that are no numbers", with("beds: 1.5", "steps: 99999999999999999999", "size: big", "worth: much"), []string{
			`g.yaml:3:7: beds: "1.5" is not allowed; want a whole number of beds from 1 to 20`,
			`g.yaml:4:8: steps: "99999999999999999999" is not allowed; want a whole number of at least 0`,
			`g.yaml:5:7: size: "big" is not a number; want one from 0.5 to 99 with at most six decimal places, such as 0.5`,
			`g.yaml:6:8: worth: "much" is not an amount in dollars: want digits with an optional point, such as 1200 or 1200.50 (k, m, bn or tn may follow: 38.5m, 10bn)`,
		}},
		{"a bad name", "name: Kew Gardens\nplants: [oak]\n", []string{
			`g.yaml:1:7: name: "Kew Gardens" is not a name; want at most 10 lower-case letters, digits and hyphens between them`,
		}},
		{"an empty list and a mapping for one", "name: kew\nplants: []\nsoil: {a: b}\n", []string{
			`g.yaml:2:9: plants: is an empty list; want at least one value, or leave it out`,
			`g.yaml:3:7: soil: is a mapping; want a list of values`,
		}},
		{"a list with too much", "name: kew\nplants: [a, b, c, d]\nlabels: {x: [1, 2, 3]}\nshed: {colour: red, tools: [~, ~, ~]}\n", []string{
			`g.yaml:2:9: plants: has 4 values; at most 3 are allowed`,
			`g.yaml:3:13: labels.x: has 3 values; at most 2 are allowed`,
			`g.yaml:4:28: shed.tools: has 3 tools; at most 2 are allowed`,
		}},
		{"bad items", "name: kew\nplants: [oak, '', oak]\nsoil: [clay, Clay, loam, [sand]]\nlabels: {x: }\n", []string{
			`g.yaml:2:15: plants[1]: is empty; want a value`,
			`g.yaml:2:19: plants[2]: "oak" is named twice; want it once`,
			`g.yaml:3:14: soil[1]: "CLAY" is named twice; want it once`,
			`g.yaml:3:20: soil[2]: "loam" is not allowed; want one of CLAY, SAND`,
			`g.yaml:3:26: soil[3]: is a list; want one value`,
			`g.yaml:4:13: labels.x: is empty; want a value`,
		}},
		{"keys of another kind", with("shed:", "  colour: red", "  tools:", "    - {kind: axe, length: 3}", "    - {kind: hose, edge: keen}"), []string{
			`g.yaml:6:7: shed.tools[0].edge: is missing; an axe needs it`,
			`g.yaml:6:27: shed.tools[0].length: is not for an axe`,
			`g.yaml:7:26: shed.tools[1].edge: is not for a hose`,
		}},
		{"a kind that there is not, and an empty item", with("shed: {colour: red, tools: [{kind: ax, edge: keen, length: 3}, null]}"), []string{
			`g.yaml:3:36: shed.tools[0].kind: "ax" is not allowed; did you mean axe?; want one of axe, hose`,
			`g.yaml:3:64: shed.tools[1]: is empty; want the keys kind, edge, length`,
		}},
		{"columns count characters", "name: kew\nplants: [öööö, öööö]\n", []string{`g.yaml:2:16: plants[1]: "öööö" is named twice; want it once`}},
		{"columns of JSON count characters", "{\"name\":\"kew\",\r\n\t\"plants\": [\"öööö\", \"öööö\" , \"öööö\"]\n}", []string{
			`g.yaml:2:21: plants[1]: "öööö" is named twice; want it once`,
			`g.yaml:2:30: plants[2]: "öööö" is named twice; want it once`,
		}},
		{"JSON with a comma too much is read as YAML", "{\"name\": \"kew\", \"plants\": [1, 1,],}", []string{`g.yaml:1:31: plants[1]: "1" is named twice; want it once`}},
		{"a long value is shortened", with("gate: " + strings.Repeat("ö", 100)), []string{`g.yaml:3:7: gate: "` + strings.Repeat("ö", 80) + `..." is not allowed; want one of open, shut`}},
	} {
		t.Run(c.says, func(t *testing.T) {
			_, f := read([]byte(c.text))
			err := f.Err()
			var faults strictyaml.Faults
			if !errors.As(err, &faults) || err.Error() != strings.Join(c.want, "\n") {
				t.Errorf("%s\ngives\n%v\nwant\n%s", c.text, err, strings.Join(c.want, "\n"))
			}
			for _, f := range faults {
				if f.Code == "" || f.Problem == "" || f.File != "g.yaml" {
					t.Errorf("a fault lacks code, problem or file: %+v", f)
				}
			}
		})
	}
}

func TestAtMostAHundredFaultsAreTold(t *testing.T) {
	text := with()
	for i := range 250 {
		text += fmt.Sprintf("note%d: x\n", i)
	}
	_, f := read([]byte(text))
	var faults strictyaml.Faults
	if !errors.As(f.Err(), &faults) || len(faults) != 101 || !strings.HasSuffix(faults[99].Error(), allowed) || faults[100].Error() != "g.yaml: 150 more faults are not shown" {
		t.Errorf("there are %d faults, the last\n%v", len(faults), faults[len(faults)-1])
	}
	if again := f.Err(); again.Error() != faults.Error() {
		t.Errorf("asked again they are\n%v", again)
	}
}

func TestAFaultThatIsFoundLaterHasThePlaceOfTheValueAround(t *testing.T) {
	_, f := read([]byte("name: kew\nplant: oak\nshed:\n  colour: red\n  tools:\n  - {kind: axe, edge: keen}\nlabels: {a.b: 1}\n"))
	if f.Err() != nil {
		t.Fatal(f.Err())
	}
	for location, want := range map[string]string{
		"plants":             "g.yaml:2:8: plants: is 7",
		"plants[0]":          "g.yaml:2:8: plants[0]: is 7",
		"shed":               "g.yaml:4:3: shed: is 7",
		"shed.tools[0].edge": "g.yaml:6:23: shed.tools[0].edge: is 7",
		"shed.tools[0].gone": "g.yaml:6:5: shed.tools[0].gone: is 7",
		"shed.tools[5].kind": "g.yaml:6:3: shed.tools[5].kind: is 7",
		"labels.a.b":         "g.yaml:7:15: labels.a.b: is 7",
		"nowhere":            "g.yaml: nowhere: is 7",
		"":                   "g.yaml: is 7",
	} {
		fault := f.Places().Fault(location, "given", strictyaml.CodeNotAllowed, "is %d", 7)
		if fault.Error() != want || fault.Given != "given" || fault.Code != strictyaml.CodeNotAllowed {
			t.Errorf("%s: %+v, want %s", location, fault, want)
		}
	}
	if got := (strictyaml.Places{}).Fault("a.b", "", "x", "is bad").Error(); got != "a.b: is bad" {
		t.Error(got)
	}
}

func TestAFaultMayStandAtAWordOfTheValue(t *testing.T) {
	_, f := read([]byte("# $x\nname: kew\nplants: oak\nnote: |\n  $xy ö $x\nlabels: {a: $z}\n"))
	note := f.Root().Object().At("note")
	for word, want := range map[string]string{"$x": "5:9", "$xy": "5:3", "$z": "6:13", "kew": "4:7"} {
		_, f := read([]byte("# $x\nname: kew\nplants: oak\nnote: |\n  $xy ö $x\nlabels: {a: $z}\n"))
		f.Root().Object().At("note").FaultAtWord(word, word, strictyaml.CodeUnknownKey, "is not known")
		if got := f.Err().Error(); got != "g.yaml:"+want+": note: is not known" {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
	if note.Line() != 4 || note.Len() != 0 || !note.Given() || note.IsList() || note.IsMapping() {
		t.Error("the note is not one value on line 4")
	}
}

func TestTheKeysOfAMappingAreKnownAsWritten(t *testing.T) {
	_, f := read([]byte("plant: oak\nname: kew\nnote:\n"))
	root := f.Root()
	var got []string
	for _, v := range root.Object().Written() {
		got = append(got, fmt.Sprintf("%s:%t", v.Name(), v.Given()))
	}
	if !slices.Equal(got, []string{"plants:true", "name:true", "note:false"}) || root.Len() != 3 {
		t.Errorf("the keys are %v", got)
	}
	defer func() {
		if r := recover(); r != "strictyaml: the key pond is not declared" {
			t.Errorf("asking for a key that is not declared gives %v", r)
		}
	}()
	root.Object().At("pond")
}

func TestATextIsToldAsATreeOfTexts(t *testing.T) {
	for _, text := range []string{
		"a: 1\nb: [x, true, ~, {c: 2026-01-02, d: ''}]\n",
		`{"a": 1, "b": ["x", true, null, {"c": "2026-01-02", "d": ""}]}`,
	} {
		const want = `map[string]interface {}{"a":"1", "b":[]interface {}{"x", "true", interface {}(nil), map[string]interface {}{"c":"2026-01-02", "d":""}}}`
		if got := fmt.Sprintf("%#v", strictyaml.Read("", []byte(text), strictyaml.Form{}).Root().Tree()); got != want {
			t.Errorf("%s is\n%s\nwant\n%s", text, got, want)
		}
	}
	for _, text := range []string{"", "a: &x [*x]", "a: 1\n---\nb: 2\n", "a: [{[b]: c}]"} {
		if got := strictyaml.Read("", []byte(text), strictyaml.Form{}).Root().Tree(); got != nil {
			t.Errorf("%q, which cannot be told, is %v", text, got)
		}
	}
}
