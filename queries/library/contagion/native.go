package contagion

import (
	"context"
	"fmt"
	"math/big"
	"runtime"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/algo/clearing"
	"roundtrip/queries/algo/debtrank"
)

// After so many rounds a spread goes over to the limit of all rounds: firms that
// live off each other alone pass a small loss on for very long.
const maxRounds = 10_000

func native(ctx context.Context, in queries.Scope, p Params, yield func(Solution) bool) (queries.Truncation, error) {
	x := int32(-1)
	s := Solution{Exact: true}
	if p.Firm != "" {
		vertex, err := queries.CompanyArg(in.View, "firm", p.Firm)
		if err != nil {
			return queries.Truncation{}, err
		}
		x, s.X = vertex, in.View.Companies()[vertex]
	}
	net, err := build(in, p)
	if err != nil {
		return queries.Truncation{}, err
	}
	if x >= 0 {
		x = net.place[x] // -1 for a company that nobody pays and that pays nobody
	}
	s.Firms, s.Receipts, s.Unknown = net.firms, net.total, net.unknown
	cut, err := net.distress(ctx, p, x, &s)
	if err == nil && !p.Rank {
		err = net.clear(ctx, p, x, &s)
	}
	if err != nil {
		return queries.Truncation{}, fmt.Errorf("contagion: %w", err)
	}
	yield(s)
	if cut {
		return queries.Truncation{Is: true, Reason: fmt.Sprintf("rounds: distress still rose after %d rounds; h and dr are at least", maxRounds)}, nil
	}
	return queries.Truncation{}, nil
}

// distress finds levels and DebtRank; cut tells that a limit ended a spread.
func (net *network) distress(ctx context.Context, p Params, x int32, s *Solution) (cut bool, err error) {
	n := len(net.firms)
	links, values := make([]debtrank.Link, 0, len(net.debts)), make([]float64, n)
	for _, d := range net.debts {
		if d.Amount > 0 {
			share := min(1, float64(d.Amount)/float64(net.firms[d.Creditor].Buffer))
			links = append(links, debtrank.Link{From: d.Debtor, To: d.Creditor, Share: share})
		}
	}
	for i, due := range net.due {
		if due > 0 {
			values[i] = float64(due) / float64(net.total)
		}
	}
	spread, err := debtrank.New(links, values)
	if err != nil {
		return false, err
	}
	if !p.Rank {
		s.Hits = make([]Hit, n)
	}
	if x >= 0 {
		level, impact, err := spread.Shock(ctx, x, p.Shock.Float(), maxRounds)
		if err != nil {
			return false, err
		}
		s.OfX = Impact{impact.Rank, impact.Rounds}
		s.Endless = impact.Cut
		if impact.Cut && n <= debtrank.MaxSolved {
			limit, err := spread.Solve(ctx, net.spare())
			if err != nil {
				return false, err
			}
			if level, s.OfX.DR, err = limit.Shock(x, p.Shock.Float()); err != nil {
				return false, err
			}
		}
		if !p.Rank {
			for i, h := range level {
				s.Hits[i].Level = h
			}
			return s.Endless && n > debtrank.MaxSolved, nil
		}
	}
	if !p.Rank {
		return false, nil
	}
	return net.rank(ctx, p, spread, s)
}

// rank finds the DebtRank of all: where the rounds end, or in a network too large
// to be solved what so many rounds come to.
func (net *network) rank(ctx context.Context, p Params, spread *debtrank.Network, s *Solution) (cut bool, err error) {
	size, workers := p.Shock.Float(), runtime.GOMAXPROCS(0)
	s.Ranked = make([]float64, len(net.firms))
	if len(net.firms) <= debtrank.MaxSolved {
		limit, err := spread.Solve(ctx, net.spare())
		if err != nil {
			return false, err
		}
		s.Ranked, err = limit.Rank(ctx, size, workers)
		return false, err
	}
	all, err := spread.Rank(ctx, size, maxRounds, workers)
	for i, a := range all {
		s.Ranked[i] = a.Rank
		cut = cut || a.Cut
	}
	return cut, err
}

// spare is the part of each buffer that no payment tracked here stands for.
func (net *network) spare() []float64 {
	spare := make([]float64, len(net.firms))
	for i, f := range net.firms {
		if spare[i] = 1; f.Buffer > 0 {
			spare[i] = float64(f.Buffer-net.due[i]) / float64(f.Buffer)
		}
	}
	return spare
}

// clear finds the payments before and after the shock.
func (net *network) clear(ctx context.Context, p Params, x int32, s *Solution) error {
	external := make([]int64, len(net.firms))
	for i, f := range net.firms {
		external[i] = f.External
	}
	system, err := clearing.New(external, net.debts)
	if err != nil {
		return err
	}
	before, err := system.Greatest(ctx)
	if err != nil {
		return err
	}
	after := before
	if x >= 0 {
		const whole = 1_000_000 // millionths
		after, err = system.Greatest(ctx, clearing.Cut{Member: x, Num: whole - p.Shock.Micro(), Den: whole})
		if err != nil {
			return err
		}
	}
	s.Exact = before.Exact && after.Exact
	then, now := system.Received(before), system.Received(after)
	had, has := new(big.Rat), new(big.Rat)
	one := big.NewRat(1, 1)
	for i, owed := range system.Owed() {
		h := &s.Hits[i]
		whole := new(big.Rat).SetInt64(owed)
		h.PaidBefore = halfUp(new(big.Rat).Mul(before.Part[i], whole))
		h.PaidAfter = halfUp(new(big.Rat).Mul(after.Part[i], whole))
		h.Loss = halfUp(new(big.Rat).Sub(then[i], now[i]))
		h.ShortBefore, h.Short = before.Part[i].Cmp(one) < 0, after.Part[i].Cmp(one) < 0
		if owed > 0 {
			h.Recovery = graph.Quotient(after.Part[i].Num(), after.Part[i].Denom())
		}
		had.Add(had, then[i])
		has.Add(has, now[i])
	}
	s.PaidBefore, s.PaidAfter = halfUp(had), halfUp(has)
	s.Loss = halfUp(new(big.Rat).Sub(had, has))
	return nil
}
