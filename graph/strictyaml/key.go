package strictyaml

import (
	"slices"
	"strings"
)

// Key declares one key of a mapping: what the reader accepts, and what schemas,
// forms and documentation show.
type Key struct {
	Name     string   `json:"name"`
	Alias    string   `json:"alias,omitempty"` // a second name that is read as well
	Type     string   `json:"type"`            // text, id, list, money, number, integer, date, flag, records, steps
	Required bool     `json:"required,omitempty"`
	Default  string   `json:"default,omitempty"` // in words where it depends on others
	Allowed  []string `json:"enum,omitempty"`    // of a list: of its items
	Minimum  string   `json:"minimum,omitempty"`
	Maximum  string   `json:"maximum,omitempty"`
	Refs     string   `json:"refs,omitempty"` // what the ids name: flow, deal, company, chip, source
	Doc      string   `json:"description"`
	Keys     []Key    `json:"keys,omitempty"` // of the mapping, or of the items where the type is records
	For      []string `json:"for,omitempty"`  // the values of the key kind beside it that it is for; empty for all
	Most     int      `json:"-"`              // items of a list, 0 for any number
	Fold     bool     `json:"-"`              // Allowed is read in capitals and small letters alike
}

// allowed is the allowed value that a text stands for.
func (k *Key) allowed(text string) (string, bool) {
	i := slices.IndexFunc(k.Allowed, func(a string) bool { return a == text || k.Fold && strings.EqualFold(a, text) })
	if i < 0 {
		return "", false
	}
	return k.Allowed[i], true
}

// within says in words what a number may be, " from 0 to 100".
func (k *Key) within() string {
	switch {
	case k.Minimum != "" && k.Maximum != "":
		return " from " + k.Minimum + " to " + k.Maximum
	case k.Minimum != "":
		return " of at least " + k.Minimum
	case k.Maximum != "":
		return " of at most " + k.Maximum
	}
	return ""
}

// want is the sentence of a key as the end of another.
func (k *Key) want() string {
	doc := strings.TrimSuffix(k.Doc, ".")
	if doc == "" {
		return "a value"
	}
	return strings.ToLower(doc[:1]) + doc[1:]
}

// Names are the names of keys in their order.
func Names(keys []Key) []string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.Name
	}
	return list
}
