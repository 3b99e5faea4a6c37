package casetest

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"roundtrip/graph"
)

// Later is one change of the graph after its first import.
type Later struct {
	Origin string // of a further import: what its section says
	Data   fs.FS  // CSV files of the import format; nil for an undo
	Undo   string // id of the batch that is undone
}

// readLater begins a further import, or is an undo. files is where CSV files go
// from now on.
func (c *Case) readLater(section, text string) (files fstest.MapFS, err error) {
	word := strings.TrimSpace(text)
	if word == "" {
		return nil, fmt.Errorf("is empty; want where the batch comes from, or the batch to undo")
	}
	if section == "undo" {
		c.Later = append(c.Later, Later{Undo: word})
		return nil, nil
	}
	files = fstest.MapFS{}
	c.Later = append(c.Later, Later{Origin: word, Data: files})
	return files, nil
}

// Import applies the first data of the case, then what comes later, an hour after
// each other. Every batch must break no rule and change something.
func (c Case) Import(t testing.TB, store graph.Store) {
	t.Helper()
	Import(t, store, c.Data)
	for i, l := range c.Later {
		at := Now().Add(time.Duration(i+1) * time.Hour)
		if l.Data != nil {
			apply(t, store, l.Data, l.Origin, at)
			continue
		}
		if _, err := store.Undo(t.Context(), l.Undo, at); err != nil {
			t.Fatal(err)
		}
	}
}
