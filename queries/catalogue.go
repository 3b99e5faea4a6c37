package queries

import (
	"fmt"
	"reflect"
	"slices"
)

// Catalogue is the analyses in the order in which they are shown.
type Catalogue []*Analysis

// Names are the names of the analyses in order.
func (c Catalogue) Names() []string {
	names := make([]string, len(c))
	for i, a := range c {
		names[i] = a.Name
	}
	return names
}

// Find returns the analysis of that name, or an error that wraps
// ErrUnknownAnalysis and names the nearest.
func (c Catalogue) Find(name string) (*Analysis, error) {
	i := slices.IndexFunc(c, func(a *Analysis) bool { return a.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("%w %s%s", ErrUnknownAnalysis, name, didYouMean(name, c.Names()))
	}
	return c[i], nil
}

// allowed are the names that a flat request may use.
func (a *Analysis) allowed() []string {
	return Names(slices.Concat(LensParams(), a.Params, RequestParams()))
}

// LensDefault is the default of one field of the lens, as a text.
type LensDefault struct{ Name, Value string }

// LensDefaults are the defaults of the lens for this analysis, in declared
// order; as_of, which defaults to today, is left out.
func (a *Analysis) LensDefaults() []LensDefault {
	var list []LensDefault
	v := reflect.ValueOf(a.Lens)
	for _, p := range LensParams() {
		if p.Name != "as_of" {
			list = append(list, LensDefault{p.Name, CellText(v.Field(p.index).Interface())})
		}
	}
	return list
}
