package ingest

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"roundtrip/graph"
)

// WriteCSV writes records as the files of an import, one for each kind
// (sources.csv, companies.csv ...), those without records included. Records
// gives the records of a kind; create opens the file of that name, as
// zip.Writer.Create does. The same records in the same order give the same
// bytes, and reading the files gives the same records.
func WriteCSV(ctx context.Context, records func(graph.RecordKind) iter.Seq2[graph.Record, error], create func(name string) (io.Writer, error)) error {
	for _, kind := range graph.RecordKinds() {
		name := kind.Plural() + ".csv"
		w, err := create(name)
		if err != nil {
			return fmt.Errorf("create %s: %w", name, err)
		}
		if err := WriteKind(ctx, w, kind, records(kind)); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// WriteKind writes records of one kind as a CSV file with all of its columns.
func WriteKind(ctx context.Context, w io.Writer, kind graph.RecordKind, records iter.Seq2[graph.Record, error]) error {
	out := csv.NewWriter(w)
	fields := graph.Fields(kind)
	row := make([]string, len(fields))
	for i, f := range fields {
		row[i] = f.Name
	}
	if err := out.Write(row); err != nil {
		return err
	}
	n := 0
	for r, err := range records {
		if err != nil {
			return err
		}
		if n++; n&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for i, f := range fields {
			if problem := listProblem(f.List(r)); problem != "" {
				return fmt.Errorf("%s: the list %s %s and cannot be written as CSV", r.Key(), f.Name, problem)
			}
			row[i] = f.Text(r)
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// WriteZip writes the stored records at a revision as a zip of CSV files.
func WriteZip(ctx context.Context, w io.Writer, from Existing, revision uint64) error {
	z := zip.NewWriter(w)
	return errors.Join(WriteCSV(ctx, recordsAt(ctx, from, revision), z.Create), z.Close())
}

// WriteDir writes the stored records at a revision as CSV files of a folder,
// which is made where it is missing. Files of those names are replaced one by
// one, each as a whole.
func WriteDir(ctx context.Context, dir string, from Existing, revision uint64) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("make the folder of an export: %w", err)
	}
	records := recordsAt(ctx, from, revision)
	for _, kind := range graph.RecordKinds() {
		if err := writeFile(ctx, filepath.Join(dir, kind.Plural()+".csv"), kind, records(kind)); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(ctx context.Context, name string, kind graph.RecordKind, records iter.Seq2[graph.Record, error]) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return fmt.Errorf("write an export: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	b := bufio.NewWriterSize(f, 256<<10)
	err = WriteKind(ctx, b, kind, records)
	const readable = 0o644
	if err = errors.Join(err, b.Flush(), f.Chmod(readable), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err = os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func recordsAt(ctx context.Context, from Existing, revision uint64) func(graph.RecordKind) iter.Seq2[graph.Record, error] {
	return func(kind graph.RecordKind) iter.Seq2[graph.Record, error] {
		return from.Records(ctx, revision, kind)
	}
}
