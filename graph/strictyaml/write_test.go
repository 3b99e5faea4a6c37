package strictyaml_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"roundtrip/graph/strictyaml"
)

func TestAMappingIsWrittenForPeople(t *testing.T) {
	var inner, item, m strictyaml.Mapping
	inner.Plain("as_of", "2025-12-16")
	inner.Plain("empty", "")
	inner.List("of", []string{"a", "b: c", "", "null"})
	item.Text("name", "first")
	m.Text("title", "true")
	m.Text("nothing", "")
	m.Text("note", "two\nlines\n")
	m.Plain("flag", "true")
	m.Mapping("inner", &inner)
	m.Mappings("items", []*strictyaml.Mapping{&item, {}})
	const want = `title: "true"
note: |
  two
  lines
flag: true
inner:
  as_of: 2025-12-16
  empty: ""
  of: [a, 'b: c', "", "null"]
items:
  - name: first
  - {}
`
	if got := string(m.YAML()); got != want || got != string(m.YAML()) {
		t.Errorf("it is written as\n%s\nwant\n%s", got, want)
	}
}

// written is a value that is drawn, and what reading it should give.
type written struct {
	key  strictyaml.Key
	add  func(*strictyaml.Mapping)
	read func(strictyaml.Value) string
	want string
}

func drawnText(t *rapid.T) string {
	odd := rapid.SampledFrom([]string{"null", "~", "true", "1e3", "<<", "- a", "? b", "a: b", " # c", "|", ">-", "&x", "*x", "!!int 3", "%", "@", "`", "\t", "  lead", "trail  ", "\n", "a\n\n", "\n  b\n", "a\r\nb", "\u0085", "\u2028", "\ufeff", "\x00", "'", "\"", "\\", "{", "]", ",", "---", "...", "\U0001F600", "ö"})
	parts := rapid.SliceOfN(rapid.OneOf(odd, rapid.String(), rapid.StringMatching(`[a-z \n:#-]{1,12}`)), 1, 4).Draw(t, "parts")
	text := ""
	for _, p := range parts {
		text += p
	}
	return text
}

func drawn(t *rapid.T, name string, depth int) written {
	w := written{key: strictyaml.Key{Name: name}}
	kinds := []string{"text", "plain", "list"}
	if depth < 3 {
		kinds = append(kinds, "mapping", "mappings")
	}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case "text", "plain":
		text := drawnText(t)
		w.want = text
		w.add = func(m *strictyaml.Mapping) { m.Text(name, text) }
		if kind == "plain" {
			w.add = func(m *strictyaml.Mapping) { m.Plain(name, text) }
		}
		w.read = strictyaml.Value.Text
	case "list":
		var list []string
		for range rapid.IntRange(1, 4).Draw(t, "items") {
			if text := drawnText(t); text != "" && !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
		if len(list) == 0 {
			list = []string{"x"}
		}
		w.want = fmt.Sprintf("%q", list)
		w.add = func(m *strictyaml.Mapping) { m.List(name, list) }
		w.read = func(v strictyaml.Value) string { return fmt.Sprintf("%q", v.List()) }
	case "mapping":
		inner := drawnMapping(t, depth+1)
		w.key.Keys, w.want, w.read = inner.key.Keys, inner.want, inner.read
		w.add = func(m *strictyaml.Mapping) {
			var of strictyaml.Mapping
			inner.add(&of)
			m.Mapping(name, &of)
		}
	case "mappings":
		inner := drawnMapping(t, depth+1)
		n := rapid.IntRange(1, 3).Draw(t, "mappings")
		w.key.Keys = inner.key.Keys
		for range n {
			w.want += inner.want
		}
		w.read = func(v strictyaml.Value) (all string) {
			for _, item := range v.Items() {
				all += inner.read(item)
			}
			return all
		}
		w.add = func(m *strictyaml.Mapping) {
			list := make([]*strictyaml.Mapping, n)
			for i := range list {
				list[i] = &strictyaml.Mapping{}
				inner.add(list[i])
			}
			m.Mappings(name, list)
		}
	}
	return w
}

func drawnMapping(t *rapid.T, depth int) written {
	var all written
	var parts []written
	for i := range rapid.IntRange(1, 4).Draw(t, "keys") {
		part := drawn(t, fmt.Sprintf("k%d", i), depth)
		parts = append(parts, part)
		all.key.Keys = append(all.key.Keys, part.key)
		all.want += fmt.Sprintf("%s=%q;", part.key.Name, part.want)
	}
	all.add = func(m *strictyaml.Mapping) {
		for _, part := range parts {
			part.add(m)
		}
	}
	all.read = func(v strictyaml.Value) (got string) {
		o := v.Object()
		for _, part := range parts {
			got += fmt.Sprintf("%s=%q;", part.key.Name, part.read(o.At(part.key.Name)))
		}
		return got
	}
	return all
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawnMapping(t, 0)
		var m strictyaml.Mapping
		w.add(&m)
		text := m.YAML()
		f := strictyaml.Read("", text, strictyaml.Form{What: "text", Holds: "keys", Keys: w.key.Keys})
		if got := w.read(f.Root()); got != w.want || f.Err() != nil {
			t.Fatalf("what is written as\n%s\nis read back as\n%s\nwant\n%s\n%v", text, got, w.want, f.Err())
		}
	})
}
