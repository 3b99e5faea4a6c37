package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"roundtrip/browserkit"
	"roundtrip/queries/library"
)

func newBrowserKit(s *streams) *cobra.Command {
	var out, base string
	c := &cobra.Command{
		Use:   "browser-kit --out DIR",
		Short: "Write what people load into Neo4j Browser",
		Long: "Write a folder with what people load into Neo4j Browser to explore a graph that is kept in Neo4j:\n" +
			"a style, saved scripts for every analysis that has Cypher, two guides, a picture of the model, and a README.md\n" +
			"that tells how to use them. It needs no database. The service serves the same files under /browser-kit/.",
		Args: cobra.NoArgs,
	}
	c.Flags().StringVar(&out, "out", "", "folder to write to; made when it is not there, files of the same names are replaced")
	c.Flags().StringVar(&base, "base", browserkit.DefaultBase, "address under which the files are served, which the guides name")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if out == "" {
			return usage("", "--out names the folder to write to")
		}
		if !strings.HasPrefix(base, "http://") && !strings.HasPrefix(base, "https://") {
			return usage("", "--base %s: want an address that begins with http:// or https://", base)
		}
		kit, err := browserkit.New(c.Context(), library.All())
		if err != nil {
			return err
		}
		files, err := kit.Files(strings.TrimSuffix(base, "/") + "/")
		if err != nil {
			return err
		}
		for _, f := range files {
			path := filepath.Join(out, filepath.FromSlash(f.Name))
			err := os.MkdirAll(filepath.Dir(path), 0o755)
			if err == nil {
				err = os.WriteFile(path, f.Body, 0o644)
			}
			if err != nil {
				return errors.Join(fmt.Errorf("write the kit to %s", out), err)
			}
		}
		_, err = fmt.Fprintf(s.out, "wrote %d files to %s; %s there tells how to use them\n", len(files), out, browserkit.ReadmeFile)
		return err
	}
	return c
}
