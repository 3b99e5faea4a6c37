package sqlitestore

import (
	"strings"

	"roundtrip/graph"
)

// decode is graph.ParseCanonical, several times as fast for the records that
// need no unescaping, which is nearly all of them.
func decode(kind graph.RecordKind, body []byte) (graph.Record, error) {
	if r, ok := decodePlain(kind, string(body)); ok {
		return r, nil
	}
	return graph.ParseCanonical(kind, body)
}

// decodePlain reads a canonical form without a backslash. It is not ok for any
// other text, nor for a value that its field refuses.
func decodePlain(kind graph.RecordKind, body string) (r graph.Record, ok bool) {
	if len(body) < 2 || body[0] != '{' || body[len(body)-1] != '}' || strings.IndexByte(body, '\\') >= 0 {
		return nil, false
	}
	r = graph.NewRecord(kind)
	fields := graph.Fields(kind) // names come in declared order
	rest := body[1 : len(body)-1]
	for first := true; rest != ""; first = false {
		if !first {
			if rest, ok = strings.CutPrefix(rest, ","); !ok {
				return nil, false
			}
		}
		var name string
		if name, rest, ok = quoted(rest); !ok {
			return nil, false
		}
		for len(fields) > 0 && fields[0].Name != name {
			fields = fields[1:]
		}
		if rest, ok = strings.CutPrefix(rest, ":"); !ok || len(fields) == 0 {
			return nil, false
		}
		if rest, ok = setPlain(r, fields[0], rest); !ok {
			return nil, false
		}
	}
	return r, true
}

// setPlain sets the field from the value that the text begins with.
func setPlain(r graph.Record, f graph.Field, text string) (rest string, ok bool) {
	if f.Type != graph.ListField {
		cell, rest, ok := quoted(text)
		return rest, ok && f.Set(r, cell) == nil
	}
	var items []string
	for open := "["; !strings.HasPrefix(text, "]"); open = "," {
		if text, ok = strings.CutPrefix(text, open); !ok {
			return "", false
		}
		var item string
		if item, text, ok = quoted(text); !ok {
			return "", false
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		return "", false
	}
	f.SetList(r, items)
	return text[1:], true
}

// quoted cuts a text in quotes off the front.
func quoted(text string) (inside, rest string, ok bool) {
	if text == "" || text[0] != '"' {
		return "", "", false
	}
	return strings.Cut(text[1:], `"`)
}
