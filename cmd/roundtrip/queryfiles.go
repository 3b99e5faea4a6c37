package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"roundtrip/queries/saved"
)

func newQueryImport(s *streams) *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use:   "import PATH",
		Short: "Keep the queries of a folder, a zip or a file",
		Long: "Keep the queries of the YAML files of a folder and the folders in it, of a zip, or of one file: all of them or none.\n" +
			"Saved queries that are not among them stay.",
		Args: cobra.ExactArgs(1),
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only check, and tell what would change")
	c.RunE = func(c *cobra.Command, args []string) error {
		files, err := queryFiles(args[0])
		if err != nil {
			return queryFaults(err)
		}
		return withQueries(c, s, func(ctx context.Context, p *querying) error {
			got, err := p.shelf.Import(ctx, files, time.Now().UTC(), dry)
			if err != nil {
				return queryFaults(err)
			}
			return counted(s.out, map[string][]string{"new": got.New, "changed": got.Changed, "unchanged": got.Unchanged})
		})
	}
	return c
}

// queryFiles are the files of a folder, a zip, or a file. Faults name them by
// paths that can be opened.
func queryFiles(path string) ([]saved.File, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, usage("", "%w", err)
	case info.IsDir():
		files, err := saved.ReadFiles(os.DirFS(path))
		for i := range files {
			files[i].Name = filepath.Join(path, filepath.FromSlash(files[i].Name))
		}
		return files, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usage("", "%w", err)
	}
	if strings.EqualFold(filepath.Ext(path), ".zip") {
		return saved.ReadZip(bytes.NewReader(text), int64(len(text)))
	}
	return []saved.File{{Name: path, Text: text}}, nil
}

// export writes the saved queries to their files. Files that hold the same bytes
// already are left alone.
func (p *querying) export(ctx context.Context, dir string) error {
	files, err := p.shelf.Files(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	groups := map[string][]string{}
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		there, err := os.ReadFile(path)
		group := "changed"
		switch {
		case err == nil && bytes.Equal(there, f.Text):
			groups["unchanged"] = append(groups["unchanged"], f.Name)
			continue
		case errors.Is(err, fs.ErrNotExist):
			group = "new"
		case err != nil:
			return err
		}
		write := func(file *os.File) error { _, err := file.Write(f.Text); return err }
		if err := writeWhole(path, write); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		groups[group] = append(groups[group], f.Name)
	}
	if len(files) == 0 {
		_, err := fmt.Fprintln(p.s.out, "no query is saved")
		return err
	}
	return counted(p.s.out, groups)
}
