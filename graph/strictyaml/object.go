package strictyaml

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Object is a mapping whose keys are declared.
type Object struct {
	of      Value
	keys    []Key
	values  map[string]Value // by declared name
	written []Value
}

// Object reads a mapping with the keys that its own key declares. Keys that are
// not declared, are given twice, are missing or are for another kind are faults.
func (v Value) Object() Object { return v.ObjectOf(v.key.Keys) }

// ObjectOf reads a mapping with these keys.
func (v Value) ObjectOf(keys []Key) Object {
	o := Object{of: v, keys: keys, values: map[string]Value{}}
	if v.node == nil {
		return o
	}
	if !v.IsMapping() {
		v.misshapen("the keys " + strings.Join(Names(keys), ", "))
		return o
	}
	asWritten := map[string]string{}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		name := v.nameOf(v.node.Content[i])
		if name.node == nil {
			continue
		}
		text := name.node.Value
		k := slices.IndexFunc(keys, func(k Key) bool { return k.Name == text || k.Alias != "" && k.Alias == text })
		if k < 0 {
			name.Fault(text, CodeUnknownKey, "no such key%s; allowed are %s", v.file.near(text, Names(keys)), strings.Join(Names(keys), ", "))
			continue
		}
		key := &keys[k]
		if before, twice := asWritten[key.Name]; twice && before == text {
			name.Fault(text, CodeKeyTwice, "is given twice; want it once")
			continue
		} else if twice {
			name.Fault(text, CodeKeyTwice, "is another name of %s, which is given as well; want one of them", before)
			continue
		}
		asWritten[key.Name] = text
		x := v.inner(v.node.Content[i+1], key, join(v.path, key.Name))
		if !x.Given() {
			x.node = nil
		}
		o.values[key.Name] = x
		o.written = append(o.written, x)
	}
	o.complete()
	return o
}

// complete faults what is missing and what is for another kind.
func (o Object) complete() {
	kind := ""
	if i := slices.IndexFunc(o.keys, func(k Key) bool { return k.Name == "kind" }); i >= 0 {
		if k := o.At("kind"); k.isOne() && slices.Contains(o.keys[i].Allowed, k.node.Value) {
			kind = k.node.Value
		}
	}
	for i := range o.keys {
		k := &o.keys[i]
		v := o.At(k.Name)
		switch mine := slices.Contains(k.For, kind); {
		case len(k.For) == 0 && k.Required && !v.Given():
			v.Fault("", CodeMissing, "is missing; want %s", k.want())
		case len(k.For) == 0 || kind == "":
		case mine && k.Required && !v.Given():
			v.Fault("", CodeMissing, "is missing; %s needs it", oneOf(kind))
		case !mine && v.Given():
			v.Fault("", CodeNotAllowed, "is not for %s", oneOf(kind))
		}
	}
}

// oneOf is a noun with its article.
func oneOf(kind string) string {
	if strings.ContainsAny(kind[:1], "aeiou") {
		return "an " + kind
	}
	return "a " + kind
}

// At is the value of a declared key. One that is empty counts as not there.
func (o Object) At(name string) Value {
	if v, ok := o.values[name]; ok {
		return v
	}
	i := slices.IndexFunc(o.keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		panic("strictyaml: the key " + name + " is not declared")
	}
	return Value{file: o.of.file, key: &o.keys[i], path: join(o.of.path, name), at: o.of.at}
}

// Written are the values of the declared keys that stand in the text, in its
// order, those that are empty too.
func (o Object) Written() []Value { return o.written }

// Entries are the values of a mapping whose keys are free, in the order of the
// text, each declared like the given key. want says for people what should be
// there, such as "arguments by name".
func (v Value) Entries(want string, each Key) []Value {
	if v.node == nil {
		return nil
	}
	if !v.IsMapping() {
		v.misshapen(want)
		return nil
	}
	var list []Value
	seen := map[string]bool{}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		name := v.nameOf(v.node.Content[i])
		if name.node == nil {
			continue
		}
		key := each
		key.Name = name.node.Value
		if seen[key.Name] {
			name.Fault(key.Name, CodeKeyTwice, "is given twice; want it once")
			continue
		}
		seen[key.Name] = true
		list = append(list, v.inner(v.node.Content[i+1], &key, name.path))
	}
	return list
}

// nameOf is a key of a mapping as a value; not given, and a fault of the mapping,
// when it is no text.
func (v Value) nameOf(n *yaml.Node) Value {
	name := Value{v.file, v.key, n, v.path, placeOf(n)}
	if !name.isOne() || n.Value == "" {
		name.Fault("", CodeShape, "has a key that %s; want a text", name.form())
		name.node = nil
		return name
	}
	name.path = join(v.path, Shown(n.Value))
	return name
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
