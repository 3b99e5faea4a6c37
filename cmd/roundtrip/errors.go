package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"roundtrip/queries"
)

// argumentFaults turns what the one door says of arguments into the flags that
// a person typed.
func argumentFaults(analysis string, err error) error {
	var args queries.ArgumentErrors
	switch {
	case errors.As(err, &args):
		lines := make([]string, len(args))
		for i, a := range args {
			lines[i] = fmt.Sprintf("%s: %s", strings.TrimSpace("--"+flagName(a.Name)+" "+a.Given), a.Problem)
		}
		return usage("See roundtrip analyze "+analysis+" --help", "%s", strings.Join(lines, "\n"))
	case errors.Is(err, queries.ErrEngine):
		return usage("", "--engine: %w", err)
	}
	return err
}

// writeWhole writes a file beside its place, flushes it and renames it, so that
// the name never holds half a file.
func writeWhole(name string, write func(*os.File) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = errors.Join(write(f), f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
