package absorbing

// Hitting is by vertex the probability that a walker who starts there ever meets
// the target: the least solution without negative numbers of h(target) = 1 and
// h(v) = sum of the probability of stepping from v to x times h(x). It writes
// them to into, which has one place for each vertex, and takes time in proportion
// to the entries of the factors, those of the vertices included.
//
// A target that walkers may leave is met with the probability N(v,t)/N(t,t), N
// being the expected numbers of visits; one of a closed class is met by all that
// enter the class.
func (f *Factored) Hitting(target int32, into []float64) {
	clear(into)
	class := f.closed[target]
	if class == transient {
		into[target] = 1
	} else {
		for _, x := range f.into[class] {
			into[x.at] = x.weight
		}
	}
	for _, k := range f.order {
		if into[k] == 0 || f.pivot[k] == 0 {
			continue
		}
		into[k] /= f.pivot[k]
		for _, x := range f.lower[k] {
			into[x.at] += float64(x.weight * into[k]) // rounded here on every machine: never fused
		}
	}
	for i := len(f.order) - 1; i >= 0; i-- {
		k := f.order[i]
		sum := into[k]
		for _, x := range f.upper[k] {
			sum += float64(x.weight * into[x.at])
		}
		into[k] = sum
	}
	if class != transient {
		for _, v := range f.members[class] {
			into[v] = 1
		}
		for _, v := range f.order {
			into[v] = min(1, into[v])
		}
		return
	}
	visits := into[target]
	for _, v := range f.order {
		if into[v] > 0 {
			into[v] = min(1, into[v]/visits)
		}
	}
	into[target] = 1
}

// Entries is the number of entries of the factors: what one call of Hitting
// costs.
func (f *Factored) Entries() int {
	n := len(f.order)
	for _, k := range f.order {
		n += len(f.lower[k]) + len(f.upper[k])
	}
	return n
}
