package snapshot

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"roundtrip/graph"
	"roundtrip/graph/near"
)

// ErrSumTooLarge says that the amounts under a lens add up to more than 64 bits
// of cents hold.
var ErrSumTooLarge = errors.New("the sum of the amounts is too large")

// LensError says which field of a lens cannot be used, what was given and what
// is allowed.
type LensError struct {
	Field string   // name of the field: as_of, companies ...
	Given string   // "" when it is missing
	Want  string   // what is allowed
	Near  []string // allowed values much like the given one, nearest first
}

// Error is one sentence.
func (e *LensError) Error() string {
	text := fmt.Sprintf("lens field %s: %q is not allowed; want %s", e.Field, e.Given, e.Want)
	if len(e.Near) > 0 {
		text += "; did you mean " + strings.Join(e.Near, ", ") + "?"
	}
	return text
}

// View looks at the graph through a lens: steps 1 to 6 of the specification in
// that order. It is a *LensError when a field of the lens is missing or not
// allowed or names a company that is not there, and ErrSumTooLarge when the
// known amounts of the legs that pass do not add up in 64 bits of cents.
func (s *Snapshot) View(ctx context.Context, lens graph.Lens) (*View, error) {
	g, err := s.grind(lens)
	if err != nil {
		return nil, err
	}
	v := &View{s: s, lens: g.lens, day: g.day, vertices: g.vertices, vertexOf: g.vertexOf, aggregate: g.aggregate}
	if err := g.look(ctx, v); err != nil {
		return nil, err
	}
	v.merge()
	return v, nil
}

// glass is a lens made ready for one snapshot.
type glass struct {
	s         *Snapshot
	lens      graph.Lens
	day       graph.Day
	minCents  int64
	kept      []bool            // by shape: umbrellas, conditional, classes and kinds of step 6
	among     []bool            // by vertex: the companies of step 6, nil when all are
	counts    [numStates]bool   // the states of the basis, where it reads states
	weight    [numStates]uint64 // basis points
	vertices  []string
	vertexOf  []int32
	aggregate []bool
}

// grind checks the fields of a lens and prepares what a leg is asked.
func (s *Snapshot) grind(lens graph.Lens) (*glass, error) {
	g := &glass{s: s, lens: lens, day: lens.AsOf.Last(), minCents: lens.MinAmount.Cents()}
	switch {
	case !lens.AsOf.Known():
		return nil, &LensError{Field: "as_of", Want: "a date"}
	case !slices.Contains([]graph.Basis{graph.Headline, graph.SignedBy, graph.Expected, graph.Settled, graph.Realised, graph.AnyState}, lens.Basis):
		return nil, &LensError{Field: "basis", Given: string(lens.Basis), Want: "headline, signed, expected, settled or realised"}
	case !slices.Contains([]graph.AmountRule{graph.Point, graph.Low, graph.High}, lens.Amount):
		return nil, &LensError{Field: "amount", Given: string(lens.Amount), Want: "point, low or high"}
	case !slices.Contains([]graph.ConditionalRule{graph.ConditionalKept, graph.ConditionalOut, graph.ConditionalOnly}, lens.Conditional):
		return nil, &LensError{Field: "conditional", Given: string(lens.Conditional), Want: "true, false or only"}
	case len(lens.Classes.List()) == 0:
		return nil, &LensError{Field: "classes", Given: lens.Classes.String(), Want: "money, value, all or a list of classes"}
	case g.minCents < 0:
		return nil, &LensError{Field: "min_amount", Given: lens.MinAmount.String(), Want: "zero or more dollars"}
	}
	for _, p := range lens.Probabilities {
		st, ok := stateOf(p.Status)
		if !ok || p.BasisPoints < 0 || p.BasisPoints > 10000 {
			return nil, &LensError{Field: "probabilities", Given: fmt.Sprintf("%s=%d", p.Status, p.BasisPoints), Want: "a status and 0 to 10000 basis points"}
		}
		g.weight[st] = uint64(lens.Probabilities.Of(p.Status))
	}
	for st, status := range stateNames {
		g.counts[st] = lens.Basis == graph.AnyState || !status.Dead() && (lens.Basis != graph.SignedBy || status.Firm())
	}
	if err := g.chooseKinds(); err != nil {
		return nil, err
	}
	g.chooseVertices()
	return g, g.chooseCompanies()
}

func (g *glass) chooseKinds() error {
	for _, k := range g.lens.Kinds {
		if _, ok := k.Info(); ok {
			continue
		}
		var names []string
		for _, i := range graph.FlowKinds() {
			names = append(names, string(i.Kind))
		}
		return &LensError{Field: "kinds", Given: string(k), Want: "kinds of legs: " + strings.Join(names, ", "), Near: near.Names(string(k), names)}
	}
	g.kept = make([]bool, len(g.s.shapes))
	for i, sh := range g.s.shapes {
		g.kept[i] = sh.class != graph.NoClass && g.lens.Classes.Has(sh.class) &&
			(len(g.lens.Kinds) == 0 || slices.Contains(g.lens.Kinds, sh.key.kind)) &&
			(g.lens.Conditional == graph.ConditionalKept || sh.conditional == (g.lens.Conditional == graph.ConditionalOnly))
	}
	return nil
}

func (g *glass) chooseVertices() {
	s := g.s
	if g.lens.Rollup {
		g.vertices, g.vertexOf = s.heads, s.headRank
	} else {
		g.vertices, g.vertexOf = s.ids, identity(len(s.ids))
	}
	g.aggregate = make([]bool, len(g.vertices))
	for i, f := range s.flags {
		if !g.lens.Rollup || s.head[i] == int32(i) {
			g.aggregate[g.vertexOf[i]] = f&isAggregate != 0
		}
	}
}

func (g *glass) chooseCompanies() error {
	if len(g.lens.Companies) == 0 {
		return nil
	}
	g.among = make([]bool, len(g.vertices))
	var mapped []string
	for _, id := range g.lens.Companies {
		i, ok := g.s.company(id)
		if !ok {
			return &LensError{Field: "companies", Given: id, Want: "ids of companies", Near: g.s.NearCompanies(id)}
		}
		if v := g.vertexOf[i]; !g.among[v] {
			g.among[v] = true
			mapped = append(mapped, g.vertices[v])
		}
	}
	g.lens.Companies = mapped
	return nil
}

// cancelEvery is the number of legs between two looks at the context.
const cancelEvery = 1 << 14

// look asks every leg and writes those that pass to v.
func (g *glass) look(ctx context.Context, v *View) error {
	s := g.s
	gone := g.parts()
	undatedLegs, nextDetail, nextMember := 0, 0, 0
	sum := uint64(0)
	for i := range int32(len(s.from)) {
		if i%cancelEvery == 0 {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("look through the lens: %w", err)
			}
		}
		var d *detail
		if nextDetail < len(s.special) && s.special[nextDetail] == i {
			d = &s.details[nextDetail]
			nextDetail++
		}
		part := false
		if nextMember < len(s.family) && s.family[nextMember].leg == i {
			part = gone[nextMember]
			nextMember++
		}
		if part || !g.kept[s.shape[i]] {
			continue
		}
		r, ok := g.read(i, d)
		if !ok || !g.keeps(i, d, r) {
			continue
		}
		v.leg = append(v.leg, i)
		v.amount = append(v.amount, r.amount)
		v.state = append(v.state, r.state)
		v.met[r.state]++
		if s.date[i] == undated {
			undatedLegs++
		}
		t := &v.totals[s.shapes[s.shape[i]].class]
		t.legs++
		if r.amount != unknown {
			if sum += uint64(r.amount); sum > math.MaxInt64 {
				return fmt.Errorf("%w: the known amounts under this lens add up to more than $%s; choose fewer legs with as_of, classes, kinds, companies or min_amount",
					ErrSumTooLarge, graph.USD(math.MaxInt64).Dollars())
			}
			t.cents += r.amount
			t.known = true
		}
	}
	v.leg, v.amount, v.state = slices.Clone(v.leg), slices.Clone(v.amount), slices.Clone(v.state) // without the room for more
	if undatedLegs > 0 {
		v.warnings = append(v.warnings, Warning{
			Code: UndatedLegs, Count: undatedLegs,
			Message: legs(undatedLegs) + " without an announcement date counted as known on every date",
		})
	}
	return nil
}

func legs(n int) string {
	if n == 1 {
		return "1 leg"
	}
	return strconv.Itoa(n) + " legs"
}

// reading is a leg after steps 1 to 4.
type reading struct {
	state  state
	amount int64 // cents, or unknown
	figure int64 // what had really moved, or unknown
}

// read takes a leg through steps 1 to 4: known, state, basis, amount. It is
// false when the leg does not pass.
func (g *glass) read(i int32, d *detail) (reading, bool) {
	s := g.s
	if k := s.date[i]; k != undated && k.firstDay() > g.day {
		return reading{}, false
	}
	r := reading{state: s.stateOn(i, d, g.day), figure: d.figureOn(g.day)}
	settled := g.lens.Basis == graph.Settled
	if g.lens.Basis == graph.Realised || settled && r.figure != unknown {
		r.amount = r.figure
		return r, r.figure > 0
	}
	r.amount = g.rule(g.lens.Amount, s.amount[i], d, r)
	if settled {
		if g.lens.Draw != nil {
			r.amount = g.drawAmount(g.luck(i), i, d, r)
		}
		return r, r.state.status() == graph.Closed && s.shapes[s.shape[i]].cash
	}
	if g.lens.Draw != nil {
		luck := g.luck(i)
		r.amount = g.drawAmount(luck, i, d, r)
		return r, g.counts[r.state] && (g.lens.Basis == graph.AnyState || luck.lives(g.weight[r.state]))
	}
	if g.lens.Basis == graph.Expected {
		r.amount = weigh(r.amount, g.weight[r.state])
	}
	return r, g.counts[r.state]
}

// rule chooses the amount of step 4.
func (g *glass) rule(rule graph.AmountRule, reported int64, d *detail, r reading) int64 {
	if d == nil || d.flow == nil {
		return reported
	}
	low, high := cents(d.flow.AmountLow), cents(d.flow.AmountHigh)
	switch {
	case rule == graph.Low && low != unknown:
		return low
	case rule == graph.Low && d.flow.Qualifier == "up_to" && r.state.status() != graph.Closed && (reported != unknown || high != unknown):
		return max(r.figure, 0)
	case rule == graph.High && high != unknown:
		return high
	case reported == unknown && low != unknown && high != unknown:
		return low + (high-low)/2
	}
	return reported
}

// weigh is the amount times basis points, rounded half up to a cent.
func weigh(amount int64, basisPoints uint64) int64 {
	if amount == unknown {
		return unknown
	}
	const whole = 10000
	hi, lo := bits.Mul64(uint64(amount), basisPoints)
	lo, carry := bits.Add64(lo, whole/2, 0)
	q, _ := bits.Div64(hi+carry, lo, whole)
	return int64(q)
}

// parts says which members of families step 5 takes away.
func (g *glass) parts() []bool {
	s := g.s
	gone := make([]bool, len(s.family))
	if g.lens.Parts {
		return gone
	}
	passed := make([]bool, len(s.family))
	read := make([]reading, len(s.family))
	for k, m := range s.family {
		if s.shapes[s.shape[m.leg]].key.kind != graph.Umbrella {
			read[k], passed[k] = g.read(m.leg, s.detail(m.leg))
		}
	}
	if g.lens.Basis == graph.Realised || g.lens.Basis == graph.Settled {
		for k, m := range s.family {
			if !passed[k] || read[k].figure <= 0 {
				continue
			}
			for p := m.parent; p >= 0; p = s.family[p].parent {
				gone[p] = true
			}
		}
	}
	// A leg that a remaining ancestor takes away has that ancestor in common with
	// its own parts, so it makes no difference in which order these go.
	remaining := slices.Clone(gone)
	for k, m := range s.family {
		for p := m.parent; p >= 0 && !gone[k]; p = s.family[p].parent {
			gone[k] = !remaining[p] && passed[p] && read[p].amount != unknown
		}
	}
	return gone
}

// keeps asks what is left of step 6 after the shape of the leg was asked.
func (g *glass) keeps(i int32, d *detail, r reading) bool {
	s := g.s
	payer, payee := g.vertexOf[s.from[i]], g.vertexOf[s.to[i]]
	switch {
	case d != nil && d.flow != nil && d.flow.Overlaps && !g.lens.Overlaps:
	case payer == payee && !g.lens.Loops:
	case !g.lens.Aggregates && (g.aggregate[payer] || g.aggregate[payee]):
	case g.among != nil && (!g.among[payer] || !g.among[payee]):
	case g.minCents > 0 && r.amount < g.minCents: // an unknown amount is below every least amount
	default:
		return true
	}
	return false
}
