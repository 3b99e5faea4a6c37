package ingest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"roundtrip/graph"
)

// finish checks what needs all of the batch and the store.
func (c *checker) finish(ctx context.Context) error {
	if err := c.loadStored(ctx); err != nil {
		return err
	}
	if err := c.loadStoredFlows(ctx); err != nil {
		return err
	}
	c.references()
	c.companyRules()
	c.flowRules()
	created := 0
	for i := range c.parties.list {
		if c.parties.state[i] == named {
			created++
		}
	}
	if created > 0 {
		c.count(graph.CompanyKind).Created = created
	}
	if n := len(c.createdDeals()); n > 0 {
		c.count(graph.DealKind).Created = n
	}
	return nil
}

// references faults what points at nothing.
func (c *checker) references() {
	for _, key := range c.waiting {
		p := c.pending[key]
		if p == nil || c.ids.has(key.Kind, key.ID) || c.blind[key.Kind] {
			continue
		}
		if key.Kind == graph.CompanyKind {
			if i := c.parties.named(key.ID); i >= 0 && c.parties.state[i] != 0 {
				continue
			}
		}
		if _, ok := c.deals[key.ID]; ok && key.Kind == graph.DealKind {
			continue
		}
		code, problem := ReferenceUnknown, "is not the id of a known "+key.Kind.String()
		if c.deleted[key] {
			code, problem = ReferenceDeleted, "is to be deleted"
		}
		for _, r := range p.from {
			c.fault(r.at, r.record, r.column, key.ID, code, problem, "")
		}
		c.faults.total += p.more
	}
	if len(c.deleted) == 0 {
		return
	}
	for _, f := range c.flows { // the ends and the deal of a leg, which refer leaves out
		if f.at.file == storeFile {
			continue
		}
		for _, end := range []struct {
			column string
			key    graph.Key
		}{
			{"from", graph.Key{Kind: graph.CompanyKind, ID: c.partyID(f.from)}},
			{"to", graph.Key{Kind: graph.CompanyKind, ID: c.partyID(f.to)}},
			{"deal_id", graph.Key{Kind: graph.DealKind, ID: f.deal}},
		} {
			if c.deleted[end.key] {
				c.fault(f.at, "flow/"+f.id, end.column, end.key.ID, ReferenceDeleted, "is to be deleted", "")
			}
		}
	}
}

func (c *checker) partyID(i int32) string {
	if i < 0 {
		return ""
	}
	return c.parties.list[i].id
}

// companyRules checks parents.
func (c *checker) companyRules() {
	parent := func(i int32) int32 {
		if p := c.parties.list[i]; p.info != nil && p.info.parent != "" {
			if j := c.parties.named(p.info.parent); j >= 0 {
				return j
			}
		}
		return -1
	}
	for i := range c.parties.list {
		p := &c.parties.list[i]
		j := parent(int32(i))
		if j < 0 || c.parties.list[j].info == nil || c.parties.list[j].info.kind != graph.KindAggregate {
			continue
		}
		switch up := c.parties.list[j].info.at; {
		case p.info.at.file != storeFile:
			c.fault(p.info.at, "company/"+p.id, "parent_id", p.info.parent, ParentIsAggregate, "is an aggregate", "")
		case up.file != storeFile:
			c.fault(up, "company/"+c.parties.list[j].id, "kind", graph.KindAggregate, ParentIsAggregate, "is the parent of the stored company "+p.id, "")
		}
	}
	for _, ring := range cycles(len(c.parties.list), parent) {
		c.ringFault(ring, "company", "parent_id", CompanyCycle, func(i int32) (string, string, place) {
			return c.parties.list[i].id, c.parties.list[i].info.parent, c.parties.list[i].info.at
		})
	}
}

// flowRules checks parts, successors and the parties of legs.
func (c *checker) flowRules() {
	follow := func(id func(flowInfo) string) func(int32) int32 {
		return func(i int32) int32 {
			if j, ok := c.flowAt[id(c.flows[i])]; ok {
				return int32(j)
			}
			return -1
		}
	}
	whole := func(f flowInfo) string { return f.parent }
	next := func(f flowInfo) string { return f.next }
	for _, ring := range cycles(len(c.flows), follow(whole)) {
		c.ringFault(ring, "flow", "parent_flow_id", FlowCycle, func(i int32) (string, string, place) {
			return c.flows[i].id, c.flows[i].parent, c.flows[i].at
		})
	}
	for _, ring := range cycles(len(c.flows), follow(next)) {
		c.ringFault(ring, "flow", "superseded_by", SuccessorCycle, func(i int32) (string, string, place) {
			return c.flows[i].id, c.flows[i].next, c.flows[i].at
		})
	}
	c.partyRules()
}

// ringFault faults a ring once, at its first member of the batch; rings of the
// store alone are not the fault of the import.
func (c *checker) ringFault(ring []int32, kind, column string, code Code, of func(int32) (id, value string, at place)) {
	ids := make([]string, 0, len(ring)+1)
	first := -1
	var best place
	for n, i := range ring {
		id, _, at := of(i)
		ids = append(ids, id)
		if at.file != storeFile && (first < 0 || at.file < best.file || at.file == best.file && at.row < best.row) {
			first, best = n, at
		}
	}
	if first < 0 {
		return
	}
	ids = append(slices.Clone(ids[first:]), append(ids[:first:first], ids[first])...)
	const most = 8
	if len(ids) > most {
		ids = append(ids[:most-1], "...", ids[len(ids)-1])
	}
	id, value, at := of(ring[first])
	c.fault(at, kind+"/"+id, column, value, code, "leads back: "+strings.Join(ids, " -> "), "")
}

// cycles are the rings of a graph in which every node has at most one
// successor (-1 for none).
func cycles(n int, next func(int32) int32) [][]int32 {
	var rings [][]int32
	mark := make([]int32, n) // 0: not seen, else the walk that saw it
	for start := range int32(n) {
		walk := start + 1
		i := start
		for i >= 0 && mark[i] == 0 {
			mark[i] = walk
			i = next(i)
		}
		if i < 0 || mark[i] != walk {
			continue
		}
		ring := []int32{i}
		for j := next(i); j != i; j = next(j) {
			ring = append(ring, j)
		}
		rings = append(rings, ring)
	}
	return rings
}

// partyRules checks that the kind of a leg fits its parties.
func (c *checker) partyRules() {
	makers := map[int32]bool{}
	for _, chip := range c.chips {
		if i := c.parties.named(chip.vendor); i >= 0 {
			makers[c.top(i)] = true
		}
	}
	for _, leg := range c.payees {
		c.payee(leg, makers)
	}
	for _, f := range c.flows {
		if f.from >= 0 && f.to >= 0 {
			c.payee(f, makers)
		}
	}
	c.grantDirections()
}

// changed tells whether the batch brings what is known of a company.
func (c *checker) changed(i int32) bool {
	info := c.parties.list[i].info
	return info != nil && info.at.file != storeFile
}

func (c *checker) payee(f flowInfo, makers map[int32]bool) {
	kindOf := func(i int32) string {
		if info := c.parties.list[i].info; info != nil {
			return info.kind
		}
		return ""
	}
	key := ""
	if f.id != "" {
		key = "flow/" + f.id
	}
	switch f.kind {
	case graph.ChipPurchase:
		kind := kindOf(f.to)
		if kind == "" || kind == graph.KindAggregate || slices.Contains(chipSellers(), kind) || makers[c.top(f.to)] {
			return
		}
		if f.at.file == storeFile && !c.changed(f.to) && !c.chipsChanged() {
			return
		}
		c.fault(f.at, key, "to", c.partyID(f.to), ChipSeller, fmt.Sprintf("is %s and the maker of no chip", article(kind)), "")
	case graph.WarrantGrant, graph.EquityGrant:
		kind := kindOf(f.from)
		never := kind == graph.KindAggregate || kind == "government" || kind == "financier" && f.kind == graph.WarrantGrant
		if !never || f.at.file == storeFile && !c.changed(f.from) {
			return
		}
		c.fault(f.at, key, "from", c.partyID(f.from), GrantIssuer, fmt.Sprintf("is %s and does not grant its own shares", article(kind)), "")
	}
}

func article(kind string) string {
	if strings.ContainsRune("aeiou", rune(kind[0])) {
		return "an " + kind
	}
	return "a " + kind
}

func (c *checker) chipsChanged() bool {
	if c.tally[graph.ChipKind] != nil {
		return true
	}
	for key := range maps.Keys(c.deleted) {
		if key.Kind == graph.ChipKind {
			return true
		}
	}
	return false
}

// chipSellers are the kinds of companies that sell chips.
func chipSellers() []string {
	return []string{graph.KindChipVendor, graph.KindFoundry, graph.KindMemoryMaker, "server_maker"}
}

// top is the ultimate parent of a company; on a ring of parents, some member.
func (c *checker) top(i int32) int32 {
	const deepest = 1000 // a ring of parents is faulted elsewhere
	for range deepest {
		info := c.parties.list[i].info
		if info == nil || info.parent == "" {
			return i
		}
		j := c.parties.named(info.parent)
		if j < 0 {
			return i
		}
		i = j
	}
	return i
}

// grantDirections compares warrants with the legs of their deals.
func (c *checker) grantDirections() {
	granted := map[string]bool{}
	for _, f := range c.flows {
		if f.kind == graph.WarrantGrant && f.deal != "" {
			granted[f.deal] = true
		}
	}
	type way struct {
		deal     string
		from, to int32
	}
	given := map[way]bool{}
	for _, f := range c.flows {
		if granted[f.deal] && f.from >= 0 && f.to >= 0 && paidFor(f.kind) {
			given[way{f.deal, c.top(f.from), c.top(f.to)}] = true
		}
	}
	for _, f := range c.flows {
		if f.kind != graph.WarrantGrant || f.deal == "" || f.from < 0 || f.to < 0 || f.at.file == storeFile {
			continue
		}
		issuer, holder := c.top(f.from), c.top(f.to)
		if given[way{f.deal, issuer, holder}] && !given[way{f.deal, holder, issuer}] {
			c.fault(f.at, "flow/"+f.id, "from", c.partyID(f.from), GrantDirection, fmt.Sprintf("gives money or a guarantee to %s in deal %s and gets none", c.partyID(f.to), f.deal), "")
		}
	}
}

// paidFor tells whether warrants are given for a leg of that kind.
func paidFor(k graph.FlowKind) bool {
	return k.Class() == graph.Funds || k.Class() == graph.Backs || k == graph.ComputeCommitment || k == graph.ChipPurchase
}
