package main

import (
	"errors"
	"path/filepath"
	"testing"

	"roundtrip/reports"
)

func TestASchedulePutOverHTTPDeliversOnlyIntoTheDirectoriesThatAreNamed(t *testing.T) {
	root := t.TempDir()
	o := &office{folders: []string{filepath.Join(root, "out"), filepath.Join(root, "feeds")}}
	for path, allowed := range map[string]bool{
		filepath.Join(root, "out"):                   true,
		filepath.Join(root, "out", "daily"):          true,
		filepath.Join(root, "feeds", "a.xml"):        true,
		filepath.Join(root, "outside"):               false,
		filepath.Join(root, "out", "..", "else"):     false,
		filepath.Join(root, "out") + "/../../secret": false,
		"/etc/cron.d": false,
		"relative":    false,
		"":            true, // a recipient without a file
	} {
		err := o.within(&reports.Schedule{Recipients: []reports.Recipient{{Kind: "folder", Path: path}}})
		var faults reports.Faults
		if errors.As(err, &faults) == allowed {
			t.Errorf("%s: %v", path, err)
		}
		if !allowed && (len(faults) != 1 || faults[0].Location != "recipients[0].path" || faults[0].Given != path) {
			t.Errorf("%s: the fault is %+v", path, faults)
		}
	}
}
