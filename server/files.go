package server

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/graph/strictyaml"
)

// fileTag names a file that is kept under a name: a scenario, a saved query, a
// schedule, as it was written.
func fileTag(version uint64, text []byte) string {
	return quotedDigest(append(strconv.AppendUint(nil, version, 10), text...))
}

// infoTag names the same as JSON with what is known about it. It is not the tag of
// the file, or a browser that has one would take it for the other.
func infoTag(version uint64, text []byte) string {
	return quotedDigest(append(strconv.AppendUint(nil, version, 10), "info "+string(text)...))
}

// ifNew is the header of a write that wants that there is no file of the name.
func ifNew() *huma.Param {
	return &huma.Param{
		Name: "If-None-Match", In: "header", Schema: &huma.Schema{Type: huma.TypeString},
		Description: "With * the write is of a new file; 412 when there is one of that name.",
	}
}

// basedOn is the version that a write is based on, from If-Match, which may hold
// either tag, or none from If-None-Match: *; nil where there is no such header.
// what and name are for people; now is the file as it is, graph.ErrNotFound where
// there is none.
func basedOn(c *call, what, name string, now func() (version uint64, text []byte, err error)) (*uint64, error) {
	header, fresh := c.r.Header.Get("If-Match"), c.r.Header.Get("If-None-Match") == "*"
	if header == "" && !fresh {
		return nil, nil
	}
	version, text, err := now()
	if err != nil && !errors.Is(err, graph.ErrNotFound) {
		return nil, err
	}
	if fresh {
		if err == nil {
			return nil, &fault{kind: preconditionFail, detail: fmt.Sprintf("the %s %q is there already, and If-None-Match wants that there is none", what, name)}
		}
		return new(uint64), nil
	}
	if err != nil || !tagMatches(header, fileTag(version, text)) && !tagMatches(header, infoTag(version, text)) {
		return nil, &fault{kind: preconditionFail, detail: fmt.Sprintf("the %s %q is not the one that If-Match names any more; get it again", what, name)}
	}
	return &version, nil
}

// fileKeys are the keys of a YAML or JSON file with its values as texts, lists and
// keys, for forms; nil where it is not a file of keys or cannot be read.
func fileKeys(text []byte) map[string]any {
	keys, _ := strictyaml.Read("", text, strictyaml.Form{}).Root().Tree().(map[string]any)
	return keys
}
