package server

import (
	"errors"
	"fmt"
	"strconv"

	"roundtrip/graph"
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

// basedOn is the version that a write is based on, from If-Match, which may hold
// either tag; nil where there is no such header. what and name are for people; now
// is the file as it is, graph.ErrNotFound where there is none.
func basedOn(c *call, what, name string, now func() (version uint64, text []byte, err error)) (*uint64, error) {
	header := c.r.Header.Get("If-Match")
	if header == "" {
		return nil, nil
	}
	version, text, err := now()
	if err != nil && !errors.Is(err, graph.ErrNotFound) {
		return nil, err
	}
	if err != nil || !tagMatches(header, fileTag(version, text)) && !tagMatches(header, infoTag(version, text)) {
		return nil, &fault{kind: preconditionFail, detail: fmt.Sprintf("the %s %q is not the one that If-Match names any more; get it again", what, name)}
	}
	return &version, nil
}
