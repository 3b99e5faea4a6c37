package scenario

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/graph/ingest"
	"roundtrip/graph/near"
	"roundtrip/graph/strictyaml"
)

// check compares what the steps made with the rules of an import, and is the
// records to put in place of the touched ones. The error is Faults where a rule
// is broken.
func (o *overlay) check() ([]graph.Record, error) {
	var made []graph.Record
	for _, c := range o.s.Companies {
		made = append(made, c)
	}
	owner := map[string]string{} // the leg of an outcome
	for _, id := range slices.Sorted(maps.Keys(o.legs)) {
		l := o.legs[id]
		if l.flow == nil {
			continue
		}
		made = append(made, l.flow)
		for _, e := range l.outcomes {
			made = append(made, e)
			owner[e.ID] = id
		}
	}
	report, batch, err := ingest.CheckRecords(o.ctx, made, nil, rest{o}, ingest.Options{Origin: "scenario"})
	if err != nil {
		return nil, fmt.Errorf("check the graph of the scenario: %w", err)
	}
	if !report.OK() {
		for _, f := range report.Faults {
			o.broken(f, owner)
		}
		if hidden := report.FaultsTotal - len(report.Faults); hidden > 0 {
			o.fault("", "", strictyaml.CodeText, "%d more faults are not shown", hidden)
		}
		return nil, o.faults.InOrder()
	}
	written := make([]graph.Record, 0, len(made))
	for r, err := range batch.Records {
		if err != nil {
			return nil, fmt.Errorf("check the graph of the scenario: %w", err)
		}
		written = append(written, r)
	}
	return written, nil
}

// broken turns a fault of a record into one of the step that made the record.
func (o *overlay) broken(f ingest.Fault, owner map[string]string) {
	kind, id, _ := strings.Cut(f.Record, "/")
	if f.Code == ingest.ReferenceUnknown {
		f.Message = o.unknownReference(kind, f)
	}
	column := ""
	if f.Column != "" {
		column = "." + f.Column
	}
	switch kind {
	case graph.CompanyKind.String():
		i := slices.IndexFunc(o.s.Companies, func(c *graph.Company) bool { return c.ID == id })
		o.fault(fmt.Sprintf("companies[%d]%s", i, column), f.Value, string(f.Code), "%s", f.Message)
		return
	case graph.OutcomeKind.String():
		if l := o.legs[owner[id]]; l != nil && o.s.Steps[l.step].Kind == Add {
			n := slices.IndexFunc(o.s.Steps[l.step].Outcomes, func(e *graph.Outcome) bool { return e.ID == id })
			o.fault(fmt.Sprintf("%s[%d]%s", o.path(l.step, ".outcomes"), n, column), f.Value, string(f.Code), "%s", f.Message)
			return
		}
		id = owner[id]
	}
	location, problem := "", fmt.Sprintf("%s: %s", f.Record, f.Message)
	if l := o.legs[id]; l != nil {
		location = o.path(l.step, "")
		if o.s.Steps[l.step].Kind == Add {
			location, problem = location+column, f.Message
		} else if column != "" {
			problem = fmt.Sprintf("makes %s of %s break a rule: %s", f.Column, f.Record, f.Message)
		}
	}
	o.fault(location, f.Value, string(f.Code), "%s", problem)
}

// unknownReference says which ids were meant, where an import would say to add
// a record.
func (o *overlay) unknownReference(kind string, f ingest.Fault) string {
	of, err := graph.ParseRecordKind(kind)
	field, ok := graph.FieldNamed(of, f.Column)
	if err != nil || !ok {
		return f.Message
	}
	var meant []string
	switch field.Refs {
	case graph.CompanyKind:
		meant = o.base.NearCompanies(f.Value)
	case graph.FlowRecord:
		meant = o.nearLegs(f.Value)
	default:
		var ids []string
		for r := range o.base.Records(field.Refs) {
			ids = append(ids, r.Key().ID)
		}
		meant = near.Names(f.Value, ids)
	}
	return fmt.Sprintf("%q is not the id of a %s of the graph%s; want one that is there", f.Value, field.Refs, strictyaml.DidYouMean(meant))
}

// rest is the graph without the legs that steps touched, as a check reads it.
type rest struct{ o *overlay }

// Revision is that of the base, and never 0, which would mean an empty graph.
func (r rest) Revision(context.Context) (graph.Revision, error) {
	rev := r.o.base.Revision()
	rev.Number = max(rev.Number, 1)
	return rev, nil
}

// Records yields what is left of the base.
func (r rest) Records(ctx context.Context, _ uint64, kinds ...graph.RecordKind) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		n := 0
		for record := range r.o.untouched(kinds...) {
			if n++; n%(1<<14) == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			if !yield(record, nil) {
				return
			}
		}
	}
}

// Get is what is left of the base under a key.
func (r rest) Get(_ context.Context, key graph.Key) (graph.Record, error) {
	if i, ok := r.o.base.FlowIndex(key.ID); ok && key.Kind == graph.FlowRecord && r.o.legs[key.ID] == nil {
		return r.o.base.Flow(i), nil
	}
	return nil, fmt.Errorf("%s: %w", key, graph.ErrNotFound)
}

// List are the legs of one deal, all on one page.
func (r rest) List(_ context.Context, q graph.ListQuery) (graph.Page, error) {
	page := graph.Page{Revision: r.o.base.Revision().Number}
	for i := range r.o.base.NumFlows() {
		if r.o.base.PlainFlow(i) {
			continue
		}
		if f := r.o.base.Flow(i); f.DealID == q.Where["deal_id"] && r.o.legs[f.ID] == nil {
			page.Records = append(page.Records, f)
		}
	}
	page.Total = len(page.Records)
	return page, nil
}
