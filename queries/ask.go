package queries

import (
	"reflect"
	"slices"

	"roundtrip/graph/scenario"
)

// asked is what a request may name beside the lens and the parameters.
type asked struct {
	Engine   Engine `json:"engine" enum:"native,cypher" doc:"What finds the facts; cypher where the store is Neo4j. The program chooses when not given."`
	Revision int    `json:"revision" default:"0" min:"0" doc:"An earlier revision of the graph, as listed with the imports; 0 is the current one."`
	Scenario string `json:"scenario" doc:"A what-if that changes the graph for this answer: the name of a scenario."`
	Draws    int    `json:"draws" default:"0" min:"0" max:"100000" doc:"How often the numbers of the summary are found anew, each leg alive with the probability of its state and its amount drawn between low and high."`
	Seed     int    `json:"seed" default:"1" min:"0" doc:"Chooses the random numbers of the draws; the same seed gives the same answer."`
}

// RequestParams are the arguments that every request takes beside the lens and
// the parameters of its analysis, in declared order.
func RequestParams() []Param { return paramsOf(reflect.TypeFor[asked]()) }

// Names are the names of the parameters, in order.
func Names(params []Param) []string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	return names
}

// Read sorts arguments that came in one flat space, flags or query keys, into a
// request. Unknown names end up among the parameters, where Prepare refuses them.
// find reads the scenario of a name; its error is that of the scenario argument.
func (a *Analysis) Read(flat Args, find func(name string) (*scenario.Scenario, error)) (Request, error) {
	req := Request{Analysis: a.Name, Lens: Args{}, Params: Args{}}
	rest := Args{}
	for name, value := range flat {
		switch {
		case slices.Contains(Names(LensParams()), name):
			req.Lens[name] = value
		case slices.Contains(Names(RequestParams()), name):
			rest[name] = value
		default:
			req.Params[name] = value
		}
	}
	return req, req.Fill(rest, find)
}

// Fill sets what a request names beside the lens and the parameters.
func (req *Request) Fill(args Args, find func(name string) (*scenario.Scenario, error)) error {
	var x asked
	v := reflect.ValueOf(&x).Elem()
	setDefaults(RequestParams(), v)
	bad := fill(RequestParams(), v, args, Names(RequestParams()))
	req.Engine, req.Revision, req.Draws, req.Seed = x.Engine, uint64(max(x.Revision, 0)), x.Draws, uint64(max(x.Seed, 0))
	if x.Scenario != "" && len(bad) == 0 {
		var err error
		if req.Scenario, err = find(x.Scenario); err != nil {
			return err
		}
	}
	if len(bad) > 0 {
		return bad
	}
	return nil
}
