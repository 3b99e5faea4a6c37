package queries

import (
	"reflect"
	"slices"
)

// CheckArgs is what can be said of arguments without a graph and before all of
// them are there: names, forms and limits, and parameters that do not fit each
// other. Required parameters may be missing; whether ids are known and a scenario
// exists is found by Prepare. lens, params and rest are the three parts of a
// request; the faults of each come back in order of names.
func (a *Analysis) CheckArgs(lens, params, rest Args) (ofLens, ofParams, ofRest ArgumentErrors) {
	l := a.Lens
	ofLens = fill(LensParams(), reflect.ValueOf(&l).Elem(), lens, Names(LensParams()))
	_, ofParams = a.run.newParams(params, Names(a.Params))
	missing := func(e ArgumentError) bool {
		_, given := params[e.Name]
		return !given && slices.ContainsFunc(a.Params, func(p Param) bool { return p.Name == e.Name && p.Required })
	}
	ofParams = slices.DeleteFunc(ofParams, missing)
	var x asked
	v := reflect.ValueOf(&x).Elem()
	setDefaults(RequestParams(), v)
	ofRest = fill(RequestParams(), v, rest, Names(RequestParams()))
	return ofLens, ofParams, ofRest
}
