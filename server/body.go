package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"roundtrip/queries"
)

// object is a JSON object as it came, its members in order.
type object struct {
	at      string // body, body.lens ...
	members []member
}

type member struct {
	name  string
	value json.RawMessage
}

// readJSON reads the body of a request as one JSON object; no body at all is an
// empty one.
func readJSON(c *call) (object, error) {
	if err := wantType(c, jsonType); err != nil {
		return object{}, err
	}
	b, err := io.ReadAll(c.r.Body)
	if err != nil {
		return object{}, readFault(err)
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return object{at: "body"}, nil
	}
	return parseObject("body", b)
}

// wantType is a fault unless the body is of one of those media types and is not
// encoded any further.
func wantType(c *call, allowed ...string) error {
	given := c.r.Header.Get("Content-Type")
	if e := c.r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return &fault{kind: badMedia, detail: fmt.Sprintf("the body is encoded as %q; send it as it is", e)}
	}
	for _, a := range allowed {
		if mediaType(given) == a {
			return nil
		}
	}
	if given == "" && c.r.ContentLength == 0 {
		return nil
	}
	return &fault{kind: badMedia, detail: fmt.Sprintf("the body is of type %q; want %s", given, strings.Join(allowed, " or "))}
}

// readFault is the fault of a body that could not be read to its end.
func readFault(err error) error {
	if f := faultOf(err); f.kind != internal {
		return err
	}
	return &fault{kind: badRequest, detail: "the body could not be read to its end", cause: err}
}

// parseObject reads one JSON object. Names that come twice are a fault, as it
// would be unclear which one counts.
func parseObject(at string, b []byte) (object, error) {
	o := object{at: at}
	d := json.NewDecoder(bytes.NewReader(b))
	token, err := d.Token()
	if err != nil {
		return o, syntaxFault(at, d, err)
	}
	if token != json.Delim('{') {
		return o, arguments(Entry{Location: at, Value: shown(b), Message: "want a JSON object"})
	}
	seen := map[string]bool{}
	var twice []Entry
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return o, syntaxFault(at, d, err)
		}
		m := member{name: token.(string)} // the decoder gives texts as names
		if err := d.Decode(&m.value); err != nil {
			return o, syntaxFault(at, d, err)
		}
		if seen[m.name] {
			twice = append(twice, Entry{Location: at + "." + m.name, Value: shown(m.value), Message: "is given twice; want it once"})
		}
		seen[m.name] = true
		o.members = append(o.members, m)
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return o, syntaxFault(at, d, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return o, &fault{kind: badRequest, detail: fmt.Sprintf("%s goes on behind the end of its JSON object, at byte %d", at, d.InputOffset())}
	}
	if len(twice) > 0 {
		return o, arguments(twice...)
	}
	return o, nil
}

func syntaxFault(at string, d *json.Decoder, err error) error {
	return &fault{kind: badRequest, detail: fmt.Sprintf("%s is not well-formed JSON, at byte %d", at, d.InputOffset()), cause: err}
}

// args reads a member that is an object of arguments. An argument is a text, a
// number, true, false or a list of those; one that is null is as if it were not
// there. Faults are added to bad.
func (o object) args(m member, bad *[]Entry) queries.Args {
	at := o.at + "." + m.name
	if string(m.value) == "null" {
		return nil
	}
	inner, err := parseObject(at, m.value)
	if err != nil {
		*bad = append(*bad, faultOf(err).entries...)
		return nil
	}
	args := queries.Args{}
	for _, x := range inner.members {
		value, ok := argValue(x.value)
		if !ok {
			*bad = append(*bad, Entry{Location: at + "." + x.name, Value: shown(x.value), Message: "want a text, a number, true, false or a list of those"})
			continue
		}
		if value != nil {
			args[x.name] = value
		}
	}
	return args
}

// scalar reads a member that is a text, a number or a flag; false where it is
// null or something else, which is added to bad.
func (o object) scalar(m member, bad *[]Entry) (any, bool) {
	value, ok := argValue(m.value)
	if _, list := value.([]any); !ok || list {
		*bad = append(*bad, Entry{Location: o.at + "." + m.name, Value: shown(m.value), Message: "want a text, a number, true or false"})
		return nil, false
	}
	return value, value != nil
}

func argValue(raw json.RawMessage) (value any, ok bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return nil, false
	}
	switch v := value.(type) {
	case map[string]any:
		return nil, false
	case json.Number:
		return v.String(), true
	case []any:
		items := make([]any, len(v))
		for i, x := range v {
			switch x := x.(type) {
			case json.Number:
				items[i] = x.String()
			case string:
				if strings.Contains(x, ",") {
					return nil, false // a comma would make two items of it
				}
				items[i] = x
			case bool:
				items[i] = x
			default:
				return nil, false
			}
		}
		return items, true
	}
	return value, true
}

// shown is a given value as a problem repeats it, shortened.
func shown(value []byte) string {
	const most = 80
	text := strings.ToValidUTF8(string(value), "\uFFFD")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
