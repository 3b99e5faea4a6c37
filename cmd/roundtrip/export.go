package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"roundtrip/graph/ingest"
)

func newExport(s *streams) *cobra.Command {
	var revision uint64
	c := &cobra.Command{
		Use:   "export PATH",
		Short: "Write all records as CSV files to a folder, or to a zip",
		Long:  "Write all records as CSV files to a folder, or to a zip when PATH ends in .zip. Importing them gives the same content hash.",
		Args:  cobra.ExactArgs(1),
	}
	c.Flags().Uint64Var(&revision, "revision", 0, "an earlier revision; the current one when not given")
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		l, err := settings(c, s)
		if err != nil {
			return err
		}
		store, err := openStore(c.Context(), l.Config, newLogger(l.Log, s.err))
		if err != nil {
			return err
		}
		defer store.closeAfter(&err)
		rev, err := store.Revision(c.Context())
		if err != nil {
			return err
		}
		if revision > rev.Number {
			return usage("", "--revision %d: the store is at revision %d", revision, rev.Number)
		}
		if revision == 0 {
			revision = rev.Number
		}
		if strings.HasSuffix(args[0], ".zip") {
			err = writeWhole(args[0], func(f *os.File) error { return ingest.WriteZip(c.Context(), f, store, revision) })
		} else {
			err = ingest.WriteDir(c.Context(), args[0], store, revision)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("write %s", args[0]), err)
		}
		_, err = fmt.Fprintf(s.out, "wrote revision %d to %s\n", revision, args[0])
		return err
	}
	return c
}
