package cycles

import (
	"slices"

	"roundtrip/graph"
	"roundtrip/queries"
)

// filter keeps the loops that the parameters ask for.
type filter struct {
	p              Params
	through, avoid []string
}

func newFilter(in queries.Scope, p Params) (filter, error) {
	through, err := vertices(in, "through", p.Through)
	if err != nil {
		return filter{}, err
	}
	avoid, err := vertices(in, "avoid", p.Avoid)
	names := func(vs []int32) []string {
		var ids []string
		for _, v := range vs {
			ids = append(ids, in.View.Companies()[v])
		}
		return ids
	}
	return filter{p, names(through), names(avoid)}, err
}

// vertices maps companies that a parameter names, each once.
func vertices(in queries.Scope, argument string, ids []string) ([]int32, error) {
	var list []int32
	for _, id := range ids {
		v, err := queries.CompanyArg(in.View, argument, id)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list, nil
}

func (f filter) passes(r Ring, kind string, bottleneck graph.Money) bool {
	p := f.p
	if p.Kind != "" && kind != p.Kind {
		return false
	}
	if p.MinBottleneck.Known() && (!bottleneck.Known() || bottleneck.Cents() < p.MinBottleneck.Cents()) {
		return false
	}
	on := func(id string) bool { return slices.ContainsFunc(r, func(h *Hop) bool { return h.Payer == id }) }
	for _, id := range f.through {
		if !on(id) {
			return false
		}
	}
	if slices.ContainsFunc(f.avoid, on) {
		return false
	}
	if p.MinRetention.Known() {
		if ret := r.retention(bottleneck); !ret.Known() || ret.Micro() < p.MinRetention.Micro() {
			return false
		}
	}
	return timely(r, p.WindowMonths, p.Ordered)
}

// timely tells whether there is one choice of a dated leg per hop whose dates
// lie within so many months (0: any time) and, when ordered, from some funding
// hop on never go back.
func timely(r Ring, months int, ordered bool) bool {
	if months == 0 && !ordered {
		return true
	}
	for start, h := range r {
		if ordered && !funding(h.Class) {
			continue
		}
		for _, first := range h.Days {
			if fits(r, start, first, months, ordered) {
				return true
			}
		}
	}
	return false
}

// fits tries the leg of that first day on hop start. When the order counts,
// every next hop takes its earliest day that is not before the one taken last;
// else each takes any day from first to the end of the window.
func fits(r Ring, start int, first graph.Day, months int, ordered bool) bool {
	taken, end := first, graph.Day(1<<31-1)
	if months > 0 {
		end = monthsAfter(first, months)
	}
	for i := 1; i < len(r); i++ {
		days := r[(start+i)%len(r)].Days
		at, _ := slices.BinarySearch(days, taken)
		if at == len(days) || days[at] > end {
			return false
		}
		if ordered {
			taken = days[at]
		}
	}
	return true
}

// monthsAfter is the same day so many calendar months later; the 31st stands
// for the last day of a shorter month.
func monthsAfter(d graph.Day, months int) graph.Day {
	t := d.Time()
	later := t.AddDate(0, months, 0)
	if later.Day() != t.Day() {
		later = later.AddDate(0, 0, -later.Day())
	}
	return graph.DayOf(later)
}
