package scenario

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"roundtrip/graph"
	"roundtrip/graph/snapshot"
	"roundtrip/graph/strictyaml"
)

// Apply makes the snapshot that the scenario asks about: that of base with the
// steps done in order, of the same revision. base does not change; it is itself
// the answer when the steps change nothing in the end. The error is Faults when
// a step names what is not there, chooses nothing, or leads to records that an
// import would refuse.
func (s *Scenario) Apply(ctx context.Context, base *snapshot.Snapshot) (*snapshot.Snapshot, *Effect, error) {
	o := &overlay{ctx: ctx, s: s, base: base, legs: map[string]*leg{}, effect: &Effect{Steps: []StepEffect{}, Added: []Change{}, Removed: []Change{}, Changed: []Change{}}}
	o.declared()
	for i := range s.Steps {
		if err := ctx.Err(); err != nil {
			return nil, nil, fmt.Errorf("apply %s of the scenario: %w", stepPath(i), err)
		}
		o.step(i)
	}
	if len(o.faults) > 0 {
		return nil, nil, o.faults.InOrder()
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, fmt.Errorf("apply the scenario: %w", err)
	}
	o.forgetUnchanged()
	if len(o.legs)+len(s.Companies) == 0 {
		return base, o.effect, nil
	}
	written, err := o.check()
	if err != nil {
		return nil, nil, err
	}
	changed, err := o.build(written)
	if err != nil {
		return nil, nil, fmt.Errorf("build the graph of the scenario: %w", err)
	}
	o.listEffect(written)
	return changed, o.effect, nil
}

// overlay is the graph while the steps are done: the base and the legs that
// differ from it.
type overlay struct {
	ctx    context.Context
	s      *Scenario
	base   *snapshot.Snapshot
	legs   map[string]*leg // every leg that a step touched, by id
	faults Faults
	effect *Effect

	outcomeIDs map[string]bool // of the base, made when first asked for
}

// leg is a leg that a step touched. Its records are copies.
type leg struct {
	flow     *graph.Flow      // nil when it was taken away
	outcomes []*graph.Outcome // by date, then id
	step     int              // the last step that touched it
	at       int              // its index in the base, -1 where that has none
}

func stepPath(i int) string { return fmt.Sprintf("steps[%d]", i) }

// path is the location of a key of step i.
func (o *overlay) path(i int, key string) string {
	return stepPath(i) + "." + o.s.Steps[i].Kind + key
}

func (o *overlay) fault(location, given, code, format string, args ...any) {
	o.faults = append(o.faults, o.s.places.Fault(location, given, code, format, args...))
}

// declared checks the companies that the scenario brings.
func (o *overlay) declared() {
	for i, c := range o.s.Companies {
		if _, ok := o.base.Company(c.ID); ok {
			o.fault(fmt.Sprintf("companies[%d].id", i), c.ID, CodeKnownID, "%q is the id of a company that the graph has; leave it out", strictyaml.Shown(c.ID))
		}
	}
}

func (o *overlay) company(id string) bool {
	if _, ok := o.base.Company(id); ok {
		return true
	}
	return slices.ContainsFunc(o.s.Companies, func(c *graph.Company) bool { return c.ID == id })
}

func (o *overlay) step(i int) {
	step := &o.s.Steps[i]
	done := StepEffect{Step: i, Kind: step.Kind}
	switch step.Kind {
	case Add:
		o.add(i, step)
		done.Legs, done.Changed = 1, 1
	case Remove:
		ids := o.choose(i, step.Select)
		done.Legs = len(ids)
		done.Changed = o.remove(i, ids)
	case Scale, Delay, SetStatus:
		ids := o.choose(i, step.Select)
		done.Legs = len(ids)
		for _, id := range ids {
			if o.change(i, step, o.touch(id, i)) {
				done.Changed++
			}
		}
	}
	o.effect.Steps = append(o.effect.Steps, done)
}

// touch is the leg with that id as the steps before left it, ready to change.
func (o *overlay) touch(id string, step int) *leg {
	l, ok := o.legs[id]
	if !ok {
		l = o.original(id)
		o.legs[id] = l
	}
	l.step = step
	return l
}

// original is a copy of a leg of the base; nil when it has none.
func (o *overlay) original(id string) *leg {
	i, ok := o.base.FlowIndex(id)
	if !ok {
		return nil
	}
	f := o.base.Flow(i)
	if !o.base.PlainFlow(i) { // that of a plain leg is made anew
		shared := *f
		f = &shared
	}
	l := &leg{flow: f, at: i}
	for _, event := range o.base.Outcomes(i) {
		e := *event
		l.outcomes = append(l.outcomes, &e)
	}
	return l
}

func (o *overlay) add(i int, step *Step) {
	f := *step.Leg
	if f.ID == "" || f.From == "" || f.To == "" {
		return // faulted by Parse
	}
	if l, ok := o.legs[f.ID]; ok && l.flow != nil || !ok && o.inBase(f.ID) {
		o.fault(o.path(i, ".id"), f.ID, CodeKnownID, "%q is the id of a leg that is there; want a new id, or scale, delay or set_status to change it", strictyaml.Shown(f.ID))
		return
	}
	for _, end := range []struct{ key, id string }{{".from", f.From}, {".to", f.To}} {
		if !o.company(end.id) {
			o.fault(o.path(i, end.key), end.id, CodeUnknownID, "%q is not a company of the graph%s; declare a new one under companies", strictyaml.Shown(end.id), strictyaml.DidYouMean(o.base.NearCompanies(end.id)))
		}
	}
	l := &leg{flow: &f, step: i, at: o.at(f.ID)}
	for n, event := range step.Outcomes {
		if o.outcomeKnown(event.ID) {
			o.fault(fmt.Sprintf("%s[%d].id", o.path(i, ".outcomes"), n), event.ID, CodeKnownID, "%q is the id of an outcome that is there; want a new id", strictyaml.Shown(event.ID))
		}
		e := *event
		l.outcomes = append(l.outcomes, &e)
	}
	sortOutcomes(l.outcomes)
	last, changes := lastState(l.outcomes)
	if f.Status == "" {
		f.Status = cmp.Or(last, f.InitialStatus, firm(f.Kind))
	}
	if f.InitialStatus == "" {
		if f.InitialStatus = f.Status; changes {
			f.InitialStatus = firm(f.Kind)
		}
	}
	o.legs[f.ID] = l
}

// firm is the state of a leg that gives none.
func firm(k graph.FlowKind) graph.Status {
	if k == graph.Transfer {
		return graph.Closed
	}
	return graph.Signed
}

// at is the index of a leg in the base, -1 where that has none.
func (o *overlay) at(id string) int {
	if l, ok := o.legs[id]; ok {
		return l.at
	}
	if i, ok := o.base.FlowIndex(id); ok {
		return i
	}
	return -1
}

func (o *overlay) inBase(id string) bool { return o.at(id) >= 0 }

// outcomeKnown tells whether an outcome of the base has that id.
func (o *overlay) outcomeKnown(id string) bool {
	if o.outcomeIDs == nil {
		o.outcomeIDs = map[string]bool{}
		for r := range o.base.Records(graph.OutcomeKind) {
			o.outcomeIDs[r.Key().ID] = true
		}
	}
	return o.outcomeIDs[id]
}

// remove takes legs away with their parts, and the pointers of those that they
// superseded. It returns how many legs went.
func (o *overlay) remove(i int, ids []string) int {
	gone := map[string]bool{}
	for _, id := range ids {
		gone[id] = true
	}
	parts, olds := o.pointers()
	for queue := slices.Clone(ids); len(queue) > 0; queue = queue[1:] {
		for _, part := range parts[queue[0]] {
			if !gone[part] {
				gone[part] = true
				queue = append(queue, part)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(gone)) {
		for _, old := range olds[id] {
			if !gone[old] {
				o.touch(old, i).flow.SupersededBy = ""
			}
		}
		o.legs[id] = &leg{step: i, at: o.at(id)}
	}
	return len(gone)
}

// pointers are the parts of each whole and the legs that each leg superseded.
func (o *overlay) pointers() (parts, olds map[string][]string) {
	parts, olds = map[string][]string{}, map[string][]string{}
	note := func(f *graph.Flow) {
		if f.ParentFlowID != "" {
			parts[f.ParentFlowID] = append(parts[f.ParentFlowID], f.ID)
		}
		if f.SupersededBy != "" {
			olds[f.SupersededBy] = append(olds[f.SupersededBy], f.ID)
		}
	}
	for i := range o.base.NumFlows() {
		if !o.base.PlainFlow(i) && o.legs[o.base.FlowID(i)] == nil {
			note(o.base.Flow(i))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(o.legs)) {
		if l := o.legs[id]; l.flow != nil {
			note(l.flow)
		}
	}
	return parts, olds
}

// forgetUnchanged drops the legs that are in the end what they were.
func (o *overlay) forgetUnchanged() {
	for id, l := range o.legs {
		if l.at < 0 && l.flow == nil || l.at >= 0 && l.flow != nil && sameLeg(l, o.base.Flow(l.at), o.base.Outcomes(l.at)) {
			delete(o.legs, id)
		}
	}
}

func sameLeg(l *leg, f *graph.Flow, outcomes []*graph.Outcome) bool {
	return l.flow.Amount == f.Amount && len(l.outcomes) == len(outcomes) && graph.Same(l.flow, f) &&
		slices.EqualFunc(l.outcomes, outcomes, func(a, b *graph.Outcome) bool { return graph.Same(a, b) })
}

// build puts the records written in the place of the touched legs. New
// companies renumber all others, so they take a new snapshot from the start.
func (o *overlay) build(written []graph.Record) (*snapshot.Snapshot, error) {
	if len(o.s.Companies) > 0 {
		return snapshot.Build(o.base.Revision(), o.records(written))
	}
	var touched []string
	for id, l := range o.legs {
		if l.at >= 0 {
			touched = append(touched, id)
		}
	}
	return o.base.Replace(touched, written)
}

// records are those of the base that no step touched, then those written.
func (o *overlay) records(written []graph.Record) iter.Seq2[graph.Record, error] {
	return func(yield func(graph.Record, error) bool) {
		n := 0
		for r := range o.untouched() {
			if n++; n%(1<<14) == 0 && o.ctx.Err() != nil {
				yield(nil, o.ctx.Err())
				return
			}
			if !yield(r, nil) {
				return
			}
		}
		for _, r := range written {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// untouched are the records of the base without the touched legs and their
// outcomes.
func (o *overlay) untouched(kinds ...graph.RecordKind) iter.Seq[graph.Record] {
	return func(yield func(graph.Record) bool) {
		for r := range o.base.Records(kinds...) {
			id := ""
			switch r := r.(type) {
			case *graph.Flow:
				id = r.ID
			case *graph.Outcome:
				id = r.FlowID
			}
			if id != "" && o.legs[id] != nil {
				continue
			}
			if !yield(r) {
				return
			}
		}
	}
}
