package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"roundtrip/graph"
	"roundtrip/graph/strictyaml"
)

// Scenarios, saved queries and schedules are files that are kept under names. What
// their routes share is here.

// file is the body of a write, and whether it is only to be checked.
func (c *call) file(types ...string) (text []byte, dry bool, err error) {
	if err := wantType(c, types...); err != nil {
		return nil, false, err
	}
	if dry, err = c.dryRun(); err != nil {
		return nil, false, err
	}
	if text, err = io.ReadAll(c.r.Body); err != nil {
		return nil, false, readFault(err)
	}
	return text, dry, nil
}

// named refuses a file with another name than that in the path.
func (c *call) named(name string) error {
	if want := c.path("name"); name != want {
		return arguments(Entry{Location: "body.name", Value: name, Message: fmt.Sprintf("is not the name in the path, %q", want)})
	}
	return nil
}

// written is the reply to a write, which was the first of that name at version 1.
func (a reply) written(version uint64, tag string) reply {
	a.etag = tag
	if version == 1 {
		a.status = http.StatusCreated
	}
	return a
}

// fileFault gives what is wrong with a file its public face; at is where it stands
// in the request. A fault of one file among several names that file.
func fileFault(at string, err error) error {
	var faults strictyaml.Faults
	if !errors.As(err, &faults) {
		return err
	}
	entries := make([]Entry, len(faults))
	for i, f := range faults {
		where, message := joined(".", at, f.Location), f.Problem
		switch {
		case f.File != "" && f.Line > 0:
			where = fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
			if f.Location != "" {
				message = f.Location + ": " + message
			}
		case f.File != "":
			where = joined(":", f.File, f.Location)
		case f.Line > 0:
			message = fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, message)
		}
		entries[i] = Entry{Location: where, Value: f.Given, Message: message, Code: f.Code}
	}
	return arguments(entries...)
}

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
