package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"roundtrip/graph"
)

// loadStored reads the stored records that are not legs.
func (c *checker) loadStored(ctx context.Context) error {
	kinds := []graph.RecordKind{graph.CompanyKind, graph.ChipKind}
	if len(c.deals) > 0 || len(c.pending) > 0 {
		kinds = append(kinds, graph.DealKind)
	}
	if len(c.deleted) > 0 {
		kinds = append(kinds, graph.SourceKind, graph.DealKind, graph.OutcomeKind, graph.MetricKind)
	}
	vendors := map[string]string{}
	for _, chip := range c.chips {
		vendors[chip.id] = chip.vendor
	}
	twins := c.twinCandidates()
	for r, err := range c.storedRecords(ctx, kinds...) {
		if err != nil {
			return err
		}
		key := r.Key()
		if c.ids.has(key.Kind, key.ID) {
			c.compare(r, vendors)
			continue
		}
		c.found(key)
		c.keepsReferences(r)
		switch r := r.(type) {
		case *graph.Company:
			c.storedCompany(r)
			c.twin(twins, r.ID)
		case *graph.Chip:
			c.chips = append(c.chips, chipInfo{r.ID, r.VendorID})
		case *graph.Deal:
			if _, ok := c.deals[r.ID]; ok {
				c.deals[r.ID] |= kept
			}
		}
	}
	for i := range c.parties.list {
		if c.parties.state[i]&inBatch != 0 {
			c.twin(twins, c.parties.list[i].id)
		}
	}
	return nil
}

func (c *checker) storedCompany(r *graph.Company) {
	i := c.parties.named(r.ID)
	if i < 0 {
		if r.Kind == "" && r.ParentID == "" {
			return
		}
		i = c.parties.add(r.ID)
	}
	c.parties.state[i] |= kept
	c.parties.list[i].info = &companyInfo{kind: r.Kind, parent: r.ParentID, at: place{file: storeFile}}
}

// twinCandidates are the companies that legs may have misspelt, by lower-case
// id; nil where legs name so many that nobody would read the warnings.
func (c *checker) twinCandidates() map[string]string {
	const most = 10_000
	twins := map[string]string{}
	for i := range c.parties.list {
		if c.parties.state[i] != named {
			continue
		}
		if len(twins) == most {
			return nil
		}
		twins[strings.ToLower(c.parties.list[i].id)] = c.parties.list[i].id
	}
	return twins
}

func (c *checker) twin(twins map[string]string, id string) {
	if twin, ok := twins[strings.ToLower(id)]; ok && twin != id {
		c.warnings.add(CaseTwin, twin)
	}
}

// found drops what points at a stored record from what is still unknown.
func (c *checker) found(key graph.Key) { delete(c.pending, key) }

// keepsReferences faults a stored record that points at one to be deleted.
func (c *checker) keepsReferences(r graph.Record) {
	if len(c.deleted) == 0 {
		return
	}
	for _, f := range graph.Fields(r.Key().Kind) {
		if f.Refs == graph.NoKind {
			continue
		}
		ids := f.List(r)
		if f.Type == graph.IDField {
			ids = []string{f.Text(r)}
		}
		for _, id := range ids {
			if c.deleted[graph.Key{Kind: f.Refs, ID: id}] {
				c.fault(place{file: storeFile}, r.Key().String(), f.Name, id, ReferenceDeleted, "is to be deleted", "")
			}
		}
	}
}

// compare notes whether the new version of a stored company or chip may make a
// stored leg break a rule. New companies and chips cannot: what stored legs
// point at is stored, and a new chip only makes one more seller.
func (c *checker) compare(r graph.Record, vendors map[string]string) {
	switch r := r.(type) {
	case *graph.Company:
		info := c.parties.list[c.parties.named(r.ID)].info
		c.reaching = c.reaching || info.kind != r.Kind || info.parent != r.ParentID
	case *graph.Chip:
		c.reaching = c.reaching || vendors[r.ID] != r.VendorID
	}
}

// finder is what a store may have besides Existing, so that a small change
// does not need to read every stored leg.
type finder interface {
	Get(ctx context.Context, key graph.Key) (graph.Record, error)
	List(ctx context.Context, q graph.ListQuery) (graph.Page, error)
}

// loadStoredFlows reads the stored legs that a rule may ask for: a few of
// them one by one where the store can do that, else all.
func (c *checker) loadStoredFlows(ctx context.Context) error {
	if c.existing == nil || *c.base == 0 {
		return nil
	}
	var deals []string
	var legs []string
	for _, f := range c.flows {
		if f.kind == graph.WarrantGrant && f.deal != "" && !slices.Contains(deals, f.deal) {
			deals = append(deals, f.deal)
		}
		legs = append(legs, f.parent, f.next)
	}
	for key := range c.pending {
		if key.Kind == graph.FlowRecord {
			legs = append(legs, key.ID)
		}
	}
	for id := range c.touched {
		legs = append(legs, id)
	}
	legs = slices.DeleteFunc(legs, func(id string) bool { return id == "" || c.ids.has(graph.FlowRecord, id) })
	all := c.reaching || len(c.deleted) > 0
	if !all && len(legs)+len(deals) == 0 {
		return nil
	}
	const few = 1000
	if f, ok := c.existing.(finder); ok && !all && len(legs)+len(deals) <= few {
		return c.findStoredFlows(ctx, f, legs, deals)
	}
	for r, err := range c.storedRecords(ctx, graph.FlowRecord) {
		if err != nil {
			return err
		}
		if f, ok := r.(*graph.Flow); ok {
			c.storedFlow(f)
		}
	}
	return nil
}

// findStoredFlows reads the legs of some ids, what they are parts of and
// superseded by, and the legs of some deals.
func (c *checker) findStoredFlows(ctx context.Context, store finder, ids, deals []string) error {
	slices.Sort(ids)
	seen := map[string]bool{}
	for len(ids) > 0 {
		id := ids[0]
		ids = ids[1:]
		if seen[id] || id == "" {
			continue
		}
		seen[id] = true
		r, err := store.Get(ctx, graph.Key{Kind: graph.FlowRecord, ID: id})
		if errors.Is(err, graph.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read the store: %w", err)
		}
		if f, ok := r.(*graph.Flow); ok {
			c.storedFlow(f)
			ids = append(ids, f.ParentFlowID, f.SupersededBy)
		}
	}
	for _, deal := range deals {
		q := graph.ListQuery{Kind: graph.FlowRecord, Where: map[string]string{"deal_id": deal}, Limit: 500}
		for {
			page, err := store.List(ctx, q)
			if err != nil {
				return fmt.Errorf("read the store: %w", err)
			}
			for _, r := range page.Records {
				if f, ok := r.(*graph.Flow); ok && !seen[f.ID] {
					seen[f.ID] = true
					c.storedFlow(f)
				}
			}
			if q.After = page.Next; q.After == "" {
				break
			}
		}
	}
	return nil
}

// storedFlow notes a stored leg that the batch does not write.
func (c *checker) storedFlow(f *graph.Flow) {
	if c.ids.has(graph.FlowRecord, f.ID) {
		return
	}
	if len(c.pending) > 0 {
		c.found(f.Key())
	}
	c.keepsReferences(f)
	at := place{file: storeFile}
	if c.touched[f.ID] {
		c.states(f, f, at)
	}
	if plainLeg(f) {
		return
	}
	c.flowAt[f.ID] = len(c.flows)
	c.flows = append(c.flows, flowInfo{
		id: f.ID, deal: f.DealID, parent: f.ParentFlowID, next: f.SupersededBy,
		from: c.parties.add(f.From), to: c.parties.add(f.To), kind: f.Kind, at: at,
	})
}
