package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"roundtrip/graph"
)

// CheckRecords compares records that come one by one, such as those of an API
// call, and deletions with the same rules as a file. Each record replaces what
// is stored under its id as a whole. When the report is OK the batch is ready
// for Store.Apply; its records are copies with the defaults filled in, and
// companies and deals that only legs name are created. Faults name the record
// in place of a file and a line.
func CheckRecords(ctx context.Context, records []graph.Record, deletes []graph.Key, existing Existing, opts Options) (*Report, graph.Batch, error) {
	c := newChecker(existing, opts.withDefaults("records"))
	for _, key := range deletes {
		if c.deleted[key] {
			continue
		}
		c.deleted[key] = true
		c.count(key.Kind).Deleted++
	}
	if err := c.loadBefore(ctx, false); err != nil {
		return nil, graph.Batch{}, err
	}
	copies := make([]graph.Record, 0, len(records))
	for _, kind := range []graph.RecordKind{graph.SourceKind, graph.CompanyKind, graph.ChipKind, graph.DealKind, graph.OutcomeKind, graph.FlowRecord, graph.MetricKind} {
		for i, r := range records {
			if r.Key().Kind != kind {
				continue
			}
			at := place{file: -1, row: int32(i + 1)}
			fresh, whole := c.copied(r, at)
			c.add(fresh, at, whole)
			copies = append(copies, fresh)
		}
	}
	if err := c.finish(ctx); err != nil {
		return nil, graph.Batch{}, err
	}
	for i, key := range deletes {
		if c.stored(key) || slices.Contains(deletes[:i], key) {
			continue
		}
		c.fault(place{file: -1, row: int32(len(records) + i + 1)}, key.String(), "", key.ID, DeleteUnknown, "is not the id of a stored "+key.Kind.String(), "")
	}
	report := c.report()
	if !report.OK() {
		return report, graph.Batch{}, nil
	}
	for _, r := range copies {
		if f, is := r.(*graph.Flow); is {
			c.complete(f)
		}
	}
	for id := range c.createdCompanies() {
		copies = append(copies, &graph.Company{ID: id})
	}
	for _, id := range c.createdDeals() {
		copies = append(copies, &graph.Deal{ID: id})
	}
	slices.SortStableFunc(copies, func(a, b graph.Record) int { return int(a.Key().Kind) - int(b.Key().Kind) })
	return report, graph.Batch{
		Origin: c.opts.Origin, At: c.opts.At, Base: c.base, Deletes: deletedKeys(deletes),
		Records: func(yield func(graph.Record, error) bool) {
			for _, r := range copies {
				if !yield(r, nil) {
					return
				}
			}
		},
	}, nil
}

func deletedKeys(keys []graph.Key) []graph.Key {
	var once []graph.Key
	for _, k := range keys {
		if !slices.Contains(once, k) {
			once = append(once, k)
		}
	}
	return once
}

// copied checks the fields of a record and copies it.
func (c *checker) copied(r graph.Record, at place) (graph.Record, bool) {
	key := r.Key()
	fresh := graph.NewRecord(key.Kind)
	ok := true
	for _, f := range graph.Fields(key.Kind) {
		if f.Derived {
			continue
		}
		text := f.Text(r)
		fault := func(code Code, problem, want string) {
			c.fault(at, key.Kind.String()+"/"+shown(key.ID), f.Name, text, code, problem, want)
			ok = false
		}
		if code, problem := textProblem(text); code != "" {
			fault(code, problem, "")
			continue
		}
		if len(text) > maxCellBytes {
			fault(CellTooLong, fmt.Sprintf("has %d bytes", len(text)), fmt.Sprintf("at most %d", maxCellBytes))
			continue
		}
		if problem := listProblem(f.List(r)); problem != "" {
			fault(ListMalformed, problem, "")
			continue
		}
		if code, problem, want := setField(f, fresh, text); code != "" {
			fault(code, problem, want)
		}
	}
	return fresh, ok
}

// listProblem tells why a list cannot be written to a file and read back.
func listProblem(items []string) string {
	for i, s := range items {
		switch {
		case strings.TrimSpace(s) == "":
			return "has an empty item"
		case strings.TrimSpace(s) != s:
			return fmt.Sprintf("has the item %q that begins or ends with a blank", s)
		case strings.Contains(s, ";"):
			return fmt.Sprintf("has the item %q with a semicolon", s)
		case slices.Contains(items[:i], s):
			return fmt.Sprintf("names %q twice", s)
		}
	}
	return ""
}
