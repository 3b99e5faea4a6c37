package queries

import (
	"context"
	"fmt"
	"math/big"
	"reflect"
	"runtime"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"roundtrip/graph"
)

// MaxDraws is the largest number of draws that a request may ask for.
const MaxDraws = 100_000

// Uncertainty is how the numbers of a summary spread when amounts and states are
// drawn at random: in each draw a leg lives with the probability of its state, and
// its amount is uniform between low and high.
type Uncertainty struct {
	Draws  int
	Seed   uint64
	Fields []Spread
}

// Spread is one number of the summary over all draws. Money is in cents; counts
// and ratios have up to six places.
type Spread struct {
	Column
	Known              int // draws in which the number is known
	Mean, P5, P50, P95 ChartValue
}

// drawFaults finds what is wrong with the draws of a request.
func (req Request) drawFaults(a *Analysis) ArgumentErrors {
	switch {
	case req.Draws < 0 || req.Draws > MaxDraws:
		return ArgumentErrors{{Name: "draws", Given: strconv.Itoa(req.Draws), Problem: fmt.Sprintf("want a whole number from 0 to %d", MaxDraws)}}
	case req.Draws > 0 && len(a.scalars()) == 0:
		return ArgumentErrors{{Name: "draws", Given: strconv.Itoa(req.Draws), Problem: a.Name + " has no number in its summary"}}
	case req.Draws > 0 && req.Engine == Cypher:
		return ArgumentErrors{{Name: "draws", Given: strconv.Itoa(req.Draws), Problem: "draws need the native engine; leave engine out"}}
	}
	return nil
}

// scalars are the fields of the summary that are one number each, by index.
func (a *Analysis) scalars() []int {
	var list []int
	for i, c := range a.Summary {
		if slices.Contains([]string{"money", "ratio", "count", "number"}, c.Type) {
			list = append(list, i)
		}
	}
	return list
}

// draw finds the summary once for each draw, on as many workers as there are
// processors, and tells how its numbers spread.
func (p *Prepared) draw(ctx context.Context) (*Uncertainty, error) {
	scalars := p.Analysis.scalars()
	values := make([][]draws, len(scalars)) // by field, then draw
	for f := range values {
		values[f] = make([]draws, p.Draws)
	}
	group, ctx := errgroup.WithContext(ctx)
	workers := min(runtime.GOMAXPROCS(0), p.Draws)
	for w := range workers {
		group.Go(func() error {
			for n := w; n < p.Draws; n += workers {
				lens := p.view.Lens()
				lens.Draw = &graph.Draw{Seed: p.Seed, Number: n}
				v, err := p.view.Snapshot().View(ctx, lens)
				if err != nil {
					return err
				}
				ans, err := p.Analysis.run.native(ctx, Scope{View: v, Lens: lens, Past: p.runner.o.Live}, p.Params)
				if err != nil {
					return err
				}
				fields := summaryFields(ans.summary)
				for f, i := range scalars {
					values[f][n] = drawn(fields[i])
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("drawing %s: %w", p.Analysis.Name, err)
	}
	u := &Uncertainty{Draws: p.Draws, Seed: p.Seed}
	for f, i := range scalars {
		u.Fields = append(u.Fields, spread(p.Analysis.Summary[i], values[f]))
	}
	return u, nil
}

// summaryFields are the values of a summary in the order of its columns.
func summaryFields(summary any) []any {
	v := reflect.ValueOf(summary)
	var list []any
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("json") != "-" {
			list = append(list, pointedAt(v.Field(i)))
		}
	}
	return list
}

// draws is a number in one draw: cents, or millionths.
type draws struct {
	n     int64
	known bool
}

func drawn(value any) draws {
	switch x := value.(type) {
	case graph.Money:
		return draws{x.Cents(), x.Known()}
	case graph.Decimal:
		return draws{x.Micro(), x.Known()}
	}
	if v := reflect.ValueOf(value); v.IsValid() && v.CanInt() {
		return draws{v.Int() * 1_000_000, true}
	}
	return draws{}
}

// spread takes the mean, rounded half up, and the percentiles by nearest rank:
// the least value that at least so many per cent of the known ones do not exceed.
func spread(c Column, values []draws) Spread {
	sum := new(big.Int)
	var known []int64
	for _, v := range values {
		if v.known {
			known = append(known, v.n)
			sum.Add(sum, big.NewInt(v.n))
		}
	}
	slices.Sort(known)
	of := func(n int64) ChartValue {
		if c.Type == "money" {
			return graph.USD(n)
		}
		return graph.Micro(n)
	}
	s := Spread{Column: c, Known: len(known)}
	if len(known) == 0 {
		none := ChartValue(graph.Decimal{})
		if c.Type == "money" {
			none = graph.Money{}
		}
		s.Mean, s.P5, s.P50, s.P95 = none, none, none, none
		return s
	}
	count := big.NewInt(int64(len(known)))
	mean := new(big.Int).Lsh(sum, 1)
	mean.Add(mean, count).Div(mean, new(big.Int).Lsh(count, 1))
	rank := func(percent int) ChartValue { return of(known[(percent*len(known)+99)/100-1]) }
	s.Mean, s.P5, s.P50, s.P95 = of(mean.Int64()), rank(5), rank(50), rank(95)
	return s
}
