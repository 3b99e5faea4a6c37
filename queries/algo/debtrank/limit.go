package debtrank

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
)

// MaxSolved is the number of vertices up to which a network can be solved; it
// takes time in their third power and room in their second.
const MaxSolved = 2000

// Limit is what shocks end at when the rounds never end, for networks in which
// the shares into a vertex add up to 1 at most.
//
// There levels end at the least solution of h = min(1, s + Lh), with s the shock
// and L the shares, and only the vertex X that was hit can meet the cap: h is a
// multiple of the chance with which a walk against the links, which at vertex i
// goes to j with probability L(i,j) and else ends, comes to X. With N the inverse
// of I - L, that chance is N(i,X)/N(X,X), and h(X) = min(1, size N(X,X)).
//
// I - L is taken apart after W. K. Grassmann, M. I. Taksar and D. P. Heyman,
// "Regenerative Analysis and Steady State Distributions for Markov Chains",
// Operations Research 33 (1985): no two numbers are ever subtracted, so the
// solution is accurate to the last few digits however long the rounds would go on.
type Limit struct {
	n      int
	value  []float64
	a      []float64 // row by row: multipliers below the diagonal, what is left above
	pivot  []float64
	weight []float64 // values times N, by column
}

// least is what the spare of a vertex counts as when there is none: so little
// that no walk ends there, and no walk is endless.
const least = 1e-18

// Solve prepares the limit of shocks. Spare is, by vertex, 1 less the sum of the
// shares into it, given by itself because that difference would lose its digits.
// More than MaxSolved vertices, a spare below 0 or that does not fit the shares,
// and the end of the context are errors.
func (net *Network) Solve(ctx context.Context, spare []float64) (*Limit, error) {
	n := len(net.value)
	if n > MaxSolved || len(spare) != n {
		return nil, fmt.Errorf("debtrank: %d vertices and %d spares given, allowed are up to %d and as many", n, len(spare), MaxSolved)
	}
	l := &Limit{n: n, value: net.value, a: make([]float64, n*n), pivot: make([]float64, n)}
	into := make([]float64, n)
	for from := range n {
		for k := net.first[from]; k < net.first[from+1]; k++ {
			to := int(net.to[k])
			into[to] += net.share[k]
			l.a[to*n+from] += net.share[k]
		}
	}
	end := make([]float64, n)
	for v, s := range spare {
		if !(s >= 0) || math.Abs(s+into[v]-1) > 1e-9 {
			return nil, fmt.Errorf("debtrank: spare of vertex %d is %g and the shares into it add up to %g, want 1 together", v, s, into[v])
		}
		end[v] = max(s, least)
	}
	if err := l.factor(ctx, end); err != nil {
		return nil, err
	}
	l.weigh()
	return l, nil
}

// factor eliminates vertex after vertex: walks that pass it go on at once to
// where it leads.
func (l *Limit) factor(ctx context.Context, end []float64) error {
	n := l.n
	for k := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := l.a[k*n : k*n+n]
		d := end[k]
		for _, x := range row[k+1:] {
			d += x
		}
		l.pivot[k] = d
		for i := k + 1; i < n; i++ {
			other := l.a[i*n : i*n+n]
			if other[k] == 0 {
				continue
			}
			f := other[k] / d
			other[k] = f
			end[i] += float64(f * end[k])
			for j := k + 1; j < n; j++ {
				other[j] += float64(f * row[j])
			}
		}
	}
	return nil
}

// weigh finds the values times N: first through the upper factor, then through
// the lower.
func (l *Limit) weigh() {
	n := l.n
	w := make([]float64, n)
	copy(w, l.value)
	for k := range n {
		w[k] /= l.pivot[k]
		row := l.a[k*n : k*n+n]
		for j := k + 1; j < n; j++ {
			w[j] += float64(w[k] * row[j])
		}
	}
	for i := n - 1; i >= 0; i-- {
		row := l.a[i*n : i*n+n]
		for k := range i {
			w[k] += float64(w[i] * row[k])
		}
	}
	l.weight = w
}

// column is N(i,X) for all i from the given one on; the others are not set.
func (l *Limit) column(x, from int, c []float64) {
	n := l.n
	clear(c)
	c[x] = 1
	for i := x + 1; i < n; i++ {
		row, sum := l.a[i*n+x:i*n+i], 0.0
		for k, f := range row {
			sum += float64(f * c[x+k])
		}
		c[i] = sum
	}
	for i := n - 1; i >= from; i-- {
		row, sum := l.a[i*n+i+1:i*n+n], c[i]
		for k, p := range row {
			sum += float64(p * c[i+1+k])
		}
		c[i] = sum / l.pivot[i]
	}
}

// Shock is where the levels end after a shock of that size, from 0 to 1, to one
// vertex, and the DebtRank. A vertex outside and a size outside are errors.
func (l *Limit) Shock(vertex int32, size float64) (level []float64, rank float64, err error) {
	if vertex < 0 || int(vertex) >= l.n || !(size >= 0 && size <= 1) {
		return nil, 0, fmt.Errorf("debtrank: shock of %g to vertex %d, allowed are 0 to 1 and vertices 0 to %d", size, vertex, l.n-1)
	}
	c := make([]float64, l.n)
	l.column(int(vertex), 0, c)
	own := c[vertex]
	top := min(1, float64(size*own))
	for i := range c {
		c[i] = min(top, float64(c[i]/own*top))
		if i == int(vertex) {
			rank += float64(l.value[i] * (c[i] - size))
		} else {
			rank += float64(l.value[i] * c[i])
		}
	}
	return c, rank, nil
}

// Rank is the DebtRank of the same shock to each vertex in turn, by vertex. So
// many workers share the work, at least one; their number changes nothing in the
// answer. A size outside 0 to 1 and the end of the context are errors.
func (l *Limit) Rank(ctx context.Context, size float64, workers int) ([]float64, error) {
	if !(size >= 0 && size <= 1) {
		return nil, fmt.Errorf("debtrank: shock of %g, allowed is 0 to 1", size)
	}
	ranks := make([]float64, l.n)
	var next atomic.Int64
	var wait sync.WaitGroup
	for range max(1, min(workers, l.n)) {
		wait.Go(func() {
			c := make([]float64, l.n)
			for ctx.Err() == nil {
				x := int(next.Add(1) - 1)
				if x >= l.n {
					return
				}
				l.column(x, x, c)
				top := min(1, float64(size*c[x]))
				ranks[x] = max(0, float64(l.weight[x]/c[x]*top)-float64(l.value[x]*size))
			}
		})
	}
	wait.Wait()
	return ranks, ctx.Err()
}
