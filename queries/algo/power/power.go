// Package power computes the Shapley-Shubik index of weighted majority games: of
// all orders in which the players may join, the share in which a player is the
// one that turns a losing coalition into a winning one. A coalition wins when its
// weight is more than half of the sum. See Shapley and Shubik, A Method for
// Evaluating the Distribution of Power in a Committee System, 1954.
package power

import (
	"context"
	"fmt"
	"math/big"
	"math/bits"
	"math/rand/v2"
)

// MaxExact is the largest number of players of positive weight that Exact takes.
const MaxExact = 20

// positive are the players that have a weight; the others are never the one that
// turns a coalition.
func positive(weights []int64) (players []int, sum int64, err error) {
	for i, w := range weights {
		switch {
		case w < 0:
			return nil, 0, fmt.Errorf("power: weight of player %d is %d, allowed is 0 or more", i, w)
		case w > 0:
			players = append(players, i)
			if sum += w; sum < 0 {
				return nil, 0, fmt.Errorf("power: the sum of the weights does not fit 64 bits")
			}
		}
	}
	return players, sum, nil
}

// Players is the number of players of positive weight.
func Players(weights []int64) int {
	n := 0
	for _, w := range weights {
		if w > 0 {
			n++
		}
	}
	return n
}

// Exact is the index of every player in the order of the weights; the numbers
// add up to 1, or are all 0 when no weight is positive. It looks at each of the
// 2^n coalitions of the n players of positive weight once. More than MaxExact of
// them, a negative weight and a sum beyond 64 bits are errors; so is the end of
// the context.
func Exact(ctx context.Context, weights []int64) ([]*big.Rat, error) {
	index := make([]*big.Rat, len(weights))
	for i := range index {
		index[i] = new(big.Rat)
	}
	players, sum, err := positive(weights)
	if err != nil {
		return nil, err
	}
	n := len(players)
	if n > MaxExact {
		return nil, fmt.Errorf("power: %d players have a weight, exact are up to %d", n, MaxExact)
	}
	if n == 0 {
		return index, nil
	}
	// wins[k] counts the winning coalitions of k players, with[i][k] those of
	// them that i is in.
	var wins [MaxExact + 1]int64
	var with [MaxExact][MaxExact + 1]int64
	coalition, weight := uint32(0), int64(0)
	for step := uint32(1); step < 1<<n; step++ {
		if step&0xffff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		turned := bits.TrailingZeros32(step) // Gray code: one player enters or leaves
		coalition ^= 1 << turned
		if coalition&(1<<turned) != 0 {
			weight += weights[players[turned]]
		} else {
			weight -= weights[players[turned]]
		}
		if weight <= sum-weight {
			continue
		}
		k := bits.OnesCount32(coalition)
		wins[k]++
		for c := coalition; c != 0; c &= c - 1 {
			with[bits.TrailingZeros32(c)][k]++
		}
	}
	all := factorial(n)
	for i, player := range players {
		orders := new(big.Int)
		for k := range n {
			// Coalitions of k without i that lose and win with i: those of k+1
			// that win with i in them, less those of k that win without it.
			turns := big.NewInt(with[i][k+1] - (wins[k] - with[i][k]))
			turns.Mul(turns, factorial(k)).Mul(turns, factorial(n-1-k))
			orders.Add(orders, turns)
		}
		index[player].SetFrac(orders, all)
	}
	return index, nil
}

func factorial(n int) *big.Int { return new(big.Int).MulRange(1, int64(n)) }

// Sample estimates the index from so many random orders: the share of them in
// which a player turns the coalition. The same weights, orders and seed give the
// same numbers; their standard error is at most 1/(2 sqrt(orders)). Errors are
// those of Exact, and fewer than one order.
func Sample(ctx context.Context, weights []int64, orders int, seed uint64) ([]*big.Rat, error) {
	if orders < 1 {
		return nil, fmt.Errorf("power: %d orders, allowed is 1 or more", orders)
	}
	players, sum, err := positive(weights)
	if err != nil {
		return nil, err
	}
	turns := make([]int64, len(weights))
	random := rand.New(rand.NewPCG(seed, uint64(len(players))))
	for order := range orders {
		if order&0xff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		weight := int64(0)
		for k := range players { // a shuffle that ends where the coalition turns
			j := k + random.IntN(len(players)-k)
			players[k], players[j] = players[j], players[k]
			weight += weights[players[k]]
			if weight > sum-weight {
				turns[players[k]]++
				break
			}
		}
	}
	index := make([]*big.Rat, len(weights))
	for i := range index {
		index[i] = big.NewRat(turns[i], int64(orders))
	}
	return index, nil
}
