package scenario_test

import (
	"testing"
)

func TestSmoke(t *testing.T) {
	base := shipped(t)
	after, effect := apply(t, `
name: smoke
as_of: 2025-12-16
steps:
  - add: {id: new, from: openai, to: aws, kind: compute_commitment, moves: promised_cash, amount: 10bn, announced_date: 2025-12-16, status: signed}
  - remove: {legs: [f_oai_ms_revshare]}
  - scale: {payer: openai, kinds: compute_commitment, factor: 0.5}
  - delay: {kinds: [chip_purchase], months: 12}
  - set_status: {payer: openai, class: pays, status: cancelled}
`, base)
	t.Log(effect, effect.Steps)
	for _, c := range append(effect.Added, effect.Changed...) {
		t.Log(c.ID, c.Fields())
	}
	for _, c := range effect.Removed {
		t.Log(c.ID)
	}
	if hash(after) == hash(base) {
		t.Error("same")
	}
}
