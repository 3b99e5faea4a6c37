package snapshot

import "roundtrip/graph"

// merge makes the edges of the legs that passed: three stable counting sorts,
// by class, payee and payer, leave the legs of an edge in order of date and id.
func (v *View) merge() {
	n, nv := len(v.leg), len(v.vertices)
	s := v.s
	payers, payees, classes := make([]int32, n), make([]int32, n), make([]graph.Class, n)
	for k, i := range v.leg {
		payers[k], payees[k], classes[k] = v.vertexOf[s.from[i]], v.vertexOf[s.to[i]], s.shapes[s.shape[i]].class
	}
	spare := identity(n)
	v.legs = make([]int32, n)
	countingSort(spare, v.legs, int(graph.Supplies)+1, func(i int32) int32 { return int32(classes[i]) })
	countingSort(v.legs, spare, nv, func(i int32) int32 { return payees[i] })
	countingSort(spare, v.legs, nv, func(i int32) int32 { return payers[i] })

	edges := 0
	differs := func(k int) bool {
		a, b := v.legs[k-1], v.legs[k]
		return payers[a] != payers[b] || payees[a] != payees[b] || classes[a] != classes[b]
	}
	for k := range n {
		if k == 0 || differs(k) {
			edges++
		}
	}
	v.payer, v.payee, v.class = make([]int32, 0, edges), make([]int32, 0, edges), make([]graph.Class, 0, edges)
	v.sum, v.partial, v.legEnd = make([]int64, 0, edges), make([]bool, 0, edges), make([]int32, 0, edges)
	for k, end := 0, 0; k < n; k = end {
		sum, missing := unknown, false
		for end = k; end < n && (end == k || !differs(end)); end++ {
			switch a := v.amount[v.legs[end]]; {
			case a == unknown:
				missing = true
			case sum == unknown:
				sum = a
			default:
				sum += a
			}
		}
		first := v.legs[k]
		v.payer, v.payee, v.class = append(v.payer, payers[first]), append(v.payee, payees[first]), append(v.class, classes[first])
		v.sum, v.partial = append(v.sum, sum), append(v.partial, missing && sum != unknown)
		v.legEnd = append(v.legEnd, int32(end))
		switch {
		case sum == unknown:
			v.nUnknown++
		case missing:
			v.nPartial++
		}
	}
	v.indexEdges(nv)
}

// indexEdges finds the edges of every vertex in both directions.
func (v *View) indexEdges(vertices int) {
	edges := identity(len(v.payer))
	v.in = make([]int32, len(edges))
	v.inEnd = countingSort(edges, v.in, vertices, func(e int32) int32 { return v.payee[e] })
	v.outEnd = make([]int32, vertices)
	for _, u := range v.payer {
		v.outEnd[u]++
	}
	for u := 1; u < vertices; u++ {
		v.outEnd[u] += v.outEnd[u-1]
	}
}

// countingSort writes src to dst in order of key (0 to n-1), equal keys in the
// order of src, and returns where each key ends.
func countingSort(src, dst []int32, n int, key func(int32) int32) []int32 {
	end := make([]int32, n)
	for _, x := range src {
		end[key(x)]++
	}
	for k := 1; k < n; k++ {
		end[k] += end[k-1]
	}
	for i := len(src) - 1; i >= 0; i-- {
		k := key(src[i])
		end[k]--
		dst[end[k]] = src[i]
	}
	// Each end[k] has moved to where k starts, which is where k-1 ends.
	if n > 0 {
		copy(end, end[1:])
		end[n-1] = int32(len(src))
	}
	return end
}
