package browserkit

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"roundtrip/graph/dataset"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/queries/render"
)

// find is what the program finds.
func (n native) find(ctx context.Context, runner *queries.Runner) (string, error) {
	if n.scenario != "" {
		text, err := fs.ReadFile(dataset.Scenarios(), n.scenario+".yaml")
		if err != nil {
			return "", err
		}
		req := n.request
		if req.Scenario, err = scenario.Parse(n.scenario, text); err != nil {
			return "", err
		}
		c, err := runner.Compare(ctx, req)
		if err != nil {
			return "", err
		}
		return c.Delta.Finding, nil
	}
	res, err := runner.Run(ctx, n.request)
	if err != nil || n.spread == "" {
		if err != nil {
			return "", err
		}
		return res.Finding, nil
	}
	if res.Uncertainty == nil {
		return "", fmt.Errorf("%s was not drawn", n.request.Analysis)
	}
	i := slices.IndexFunc(res.Uncertainty.Fields, func(f queries.Spread) bool { return f.Name == n.spread })
	if i < 0 {
		return "", fmt.Errorf("the draws have no figure %s", n.spread)
	}
	f := res.Uncertainty.Fields[i]
	return fmt.Sprintf("%s In nine of ten of %s draws the %s lies between %s and %s.", res.Finding, render.Thousands(int64(res.Uncertainty.Draws)),
		strings.ToLower(f.Title), render.People(f.P5, f.Column), render.People(f.P95, f.Column)), nil
}
